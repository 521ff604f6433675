"""The parts of the estimator of the curvature on exact moments and small states, its errors, and whole runs."""

import itertools
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from numerics.autocorrelation import autocorrelation_time
from numerics.bond_moments import BondMoments, by_orbit, orbits, waves
from numerics.curvature_monte_carlo import Measured, _two_way_error, estimate, trace_parts
from numerics.ising_fermions import critical_coupling, fermions
from numerics.skewness_pairs import _inverse, _mean_cube
from numerics.swendsen_wang import Potts, agreements

MODEL, CENTRE = Potts(2, 3, 2, 2 * critical_coupling()), 0.8


@cache
def enumerated():
    """Bonds of all states less CENTRE, shape (512, 18), and the probabilities of the states."""
    spins = np.array(list(itertools.product((0, 1), repeat=9)), dtype=np.int8)
    bonds = np.asarray(agreements(MODEL, spins)).reshape(512, 18).astype(float)
    weights = np.exp(MODEL.coupling * bonds.sum(axis=1))
    return bonds - CENTRE, weights / weights.sum()


def exact_moments():
    x, weights = enumerated()
    energy = x.sum(axis=1)
    fields = x.reshape(-1, 2, 3, 3)
    # Averages over all places of the second bond, as the products of transforms are.
    products = [
        [
            np.mean(np.roll(fields[:, a], (-i, -j), (1, 2)) * fields[:, b], axis=(1, 2))
            for i in range(3)
            for j in range(3)
        ]
        for a, b in ((0, 0), (0, 1), (1, 1))
    ]
    products = np.array(products).reshape(3, 3, 3, 512)
    means = [by_orbit(MODEL, (products @ (weights * factor))[None]) for factor in (1.0, energy)]
    return BondMoments((weights @ energy)[None], (weights @ energy**2)[None], *means)


def reflected(bond, axis, size):
    """Both ends of a bond under the reflection of an axis."""
    return frozenset(tuple(-x % size if i == axis else x for i, x in enumerate(site)) for site in bond)


def exchanged(bond, axis):
    order = {axis: axis + 1, axis + 1: axis}
    return frozenset(tuple(site[order.get(i, i)] for i in range(len(site))) for site in bond)


@pytest.mark.parametrize(("size", "d"), [(3, 1), (4, 2), (3, 3), (5, 3)])
def test_orbits_are_those_of_pairs_of_bonds(size, d):
    """Images of pairs of bonds, as pairs of sites, are in the orbit; and there are no fewer orbits than distances ask for."""
    table, random = orbits(size, d), np.random.default_rng(size)

    def bond(site, axis):
        return frozenset([tuple(site % size), tuple((site + np.eye(d, dtype=int)[axis]) % size)])

    def described(first, second):
        """The entry of a pair of bonds."""
        (x, a), (y, b) = (
            next((np.array(s), axis) for s in e for axis in range(d) if bond(np.array(s), axis) == e)
            for e in (first, second)
        )
        return table[(a, b, *((x - y) % size))]

    for _ in range(60):
        first, second = (bond(random.integers(0, size, d), random.integers(d)) for _ in range(2))
        here = described(first, second)
        assert described(second, first) == here
        for axis in range(d):
            assert described(reflected(first, axis, size), reflected(second, axis, size)) == here
        for axis in range(d - 1):
            assert described(exchanged(first, axis), exchanged(second, axis)) == here
    parallel, crossed = table[0, 0], table[0, min(1, d - 1)]
    distances = np.minimum(np.indices(parallel.shape), size - np.indices(parallel.shape))
    classes = {(along, *sorted(across)) for along, *across in distances.reshape(d, -1).T.tolist()}
    assert len(np.unique(parallel)) == len(classes)
    assert d == 1 or not set(parallel.flat) & set(crossed.flat)


def test_trace_of_exact_moments():
    """Against all third cumulants."""
    x, weights = enumerated()
    centred = x - weights @ x
    weighted = (centred * weights[:, None]).T
    metric = weighted @ centred
    each = np.einsum("cab,ab->c", np.stack([(weighted * bond) @ centred for bond in centred.T]), np.linalg.inv(metric))
    found = trace_parts(MODEL, exact_moments())[:, 0]
    expected = [each.mean(), metric.sum() / 18, each @ np.linalg.solve(metric, each)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    # Products of spins are twice as large as agreements of states; by free fermions.
    np.testing.assert_allclose(found[[0, 2]], [-8.68408484 / 2, 838.5757256790959], rtol=1e-8)


def test_cubes_of_a_few_states():
    """Against the sum over all translations with the full matrix of covariances."""
    x, weights = enumerated()
    mean = weights @ x
    inverse = np.linalg.inv((weights[:, None] * (x - mean)).T @ (x - mean))
    random = np.random.default_rng(2)
    spins = random.integers(0, 2, (5, 9)).astype(np.int8)
    bonds = np.asarray(agreements(MODEL, spins)).reshape(5, 2, 3, 3) - CENTRE
    moved = [np.roll(bonds, shift, (2, 3)).reshape(5, 18) - mean for shift in itertools.product(range(3), repeat=2)]
    K = np.einsum("pa,ab,tqb->pqt", moved[0][:2], inverse, np.array(moved)[:, 2:])
    moments = exact_moments()
    means = (jnp.float32(moments.energy[0] / 18), jnp.asarray(moments.products[0], jnp.float32))
    states = waves(MODEL, jnp.asarray(spins), CENTRE)
    found = _mean_cube(MODEL, means, states[:2], states[2:])
    np.testing.assert_allclose(found, np.mean(K**3), rtol=1e-4)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_inverses_of_hermitian_blocks(d):
    random = np.random.default_rng(d)
    roots = random.normal(size=(20, d, 2 * d)) + 1j * random.normal(size=(20, d, 2 * d))
    blocks = roots @ roots.conj().swapaxes(1, 2)
    found = np.moveaxis(np.asarray(_inverse(jnp.moveaxis(jnp.asarray(blocks, jnp.complex64), 0, -1))), -1, 0)
    np.testing.assert_allclose(found @ blocks, np.broadcast_to(np.eye(d), blocks.shape), atol=2e-5)


def test_errors_of_tables():
    """The mean of a table of random rows, columns and entries, whose rows and columns also act by slopes."""
    random, block, repeats = np.random.default_rng(4), 20, 2000
    rows, columns, entries = (
        random.normal(size=(3, repeats, block, block)) * np.array([2.0, 1.0, 9.0])[:, None, None, None]
    )
    slopes = 3.0 * random.normal(size=(repeats, 2 * block))
    tables = rows[:, :, :1] + columns[:, :1, :] + entries
    true = 4 / block + 1 / block + 81 / block**2 + 9 / (2 * block)
    found = np.mean([_two_way_error(table, slope) ** 2 for table, slope in zip(tables, slopes, strict=True)])
    np.testing.assert_allclose(found, true, rtol=0.05)
    # Entries alone: no error is far too small.
    alone = [_two_way_error(table, np.zeros(2 * block)) ** 2 for table in entries]
    assert 1 < np.mean(alone) / (81 / block**2) < 1.3
    assert min(alone) > 0.6 * 81 / block**2


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_autocorrelation_time_of_a_first_order_process(share):
    random, steps = np.random.default_rng(5), 20_000
    series = np.zeros((steps, 8))
    for step, noise in enumerate(random.normal(size=(steps - 1, 8))):
        series[step + 1] = share * series[step] + noise
    np.testing.assert_allclose(autocorrelation_time(series), 0.5 * (1 + share) / (1 - share), rtol=0.05)
    assert np.isnan(autocorrelation_time(np.ones((5, 2))))


@pytest.mark.parametrize("series", [np.ones(5), np.ones((1, 5)), np.full((5, 2), np.nan)])
def test_what_is_no_series(series):
    with pytest.raises(ValueError, match="series has"):
        autocorrelation_time(series)


def test_a_whole_run():
    """Within five standard errors of the exact values, which the errors resolve."""
    seen = []
    found = estimate(
        2, 4, 2, chains=32, sweeps=2060, seed=1, kept=128, together=8, progress=lambda *done: seen.append(done)
    )
    assert seen == [(k + 1, 128) for k in range(128)]
    # By free fermions.
    R, square, trace_squared, trace = -265.3121427935, 451.071557332, 1512.320128506, -9.76240251 / 2
    for measured, exact, error in (
        (found.scalar_curvature, R, 12.0),
        (found.skewness_squared, square, 40.0),
        (found.trace_squared, trace_squared, 30.0),
        (found.trace, trace, 0.05),
        (found.energy_variance, 32 * trace**2 / trace_squared, 0.01),
        (found.mean, (1 + fermions(4, (critical_coupling(),) * 2).mean[0]) / 2, 0.004),
    ):
        assert isinstance(measured, Measured)
        assert abs(measured.value - exact) < 5 * measured.error
        assert 0 < measured.error < error
    assert found.sweeps == 32 * 2048
    assert found.pairs == 16**2 * 8**2
    assert 1 < found.autocorrelation_time < 4
    np.testing.assert_allclose(found.effective_samples * 2 * found.autocorrelation_time, found.sweeps)
    assert abs(found.bias) < found.skewness_squared.error


_ON_TWO = """
import jax, numpy as np
jax.config.update("jax_platforms", "cpu")
from numerics.curvature_monte_carlo import estimate
from numerics.swendsen_wang import Potts, advance, device_mesh, start
devices, model = jax.devices(), Potts(3, 3, 2, 1.0)
assert len(devices) == 2
chains = start(model, 6, jax.random.key(0))
ends = [advance(model, device_mesh(some), chains, 9) for some in (devices[:1], devices)]
assert len(ends[1].spins.sharding.device_set) == 2
np.testing.assert_array_equal(ends[0].spins, ends[1].spins)
one, two = (
    estimate(3, 3, 2, chains=16, sweeps=40, seed=1, kept=8, together=2, devices=some) for some in (devices[:1], devices)
)
for name in ("scalar_curvature", "skewness_squared", "trace_squared", "trace", "energy_variance"):
    a, b = getattr(one, name), getattr(two, name)
    np.testing.assert_allclose([a.value, a.error], [b.value, b.error], rtol=1e-4, err_msg=name)
try:
    estimate(3, 3, 2, chains=18, sweeps=40, seed=1)
except ValueError as error:
    assert "chains = 18; it must be a multiple of 4" in str(error)
else:
    raise AssertionError("eighteen chains on two devices")
"""


@pytest.mark.slow
def test_two_devices():
    """The same chains as on one device, and the same estimates but for rounding."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    environment = os.environ | {"XLA_FLAGS": flags, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", _ON_TWO], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        ({"dimension": 4, "coupling": 0.3}, ValueError, "dimension = 4; its domain is 1 to 3"),
        ({"coupling": 0.0}, ValueError, "coupling = 0.0"),
        ({"dimension": 1}, ValueError, "critical coupling is not known"),
        ({"chains": 17}, ValueError, "chains = 17; it must be a multiple of 2"),
        ({"chains": 8}, ValueError, "chains = 8"),
        ({"sweeps": 10}, ValueError, "sweeps = 10"),
        ({"together": 5}, ValueError, "together = 5; it must divide kept = 64"),
        ({"every": 0}, ValueError, "every = 0"),
        ({"warm_up": -1}, ValueError, "warm_up = -1"),
        ({"sweeps": 100.0}, TypeError, "sweeps must be a whole number"),
    ],
)
def test_refusals(change, error, named):
    with pytest.raises(error, match=named):
        estimate(**{"states": 2, "size": 3, "dimension": 2, "chains": 16, "sweeps": 100, "seed": 0} | change)
