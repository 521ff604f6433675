"""The Ising model on a torus by free fermions, against enumeration of all states and against derivatives of the metric."""

import itertools
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh

from numerics import ising_torus
from numerics.ising_fermions import critical_coupling, fermions
from numerics.ising_torus import curvature, trace
from numerics.lattice_contractions import contracted as contracted_on
from numerics.lattices import torus
from numerics.transfer_matrix import cumulants as transferred

CRITICAL = critical_coupling()
COUPLINGS = [(CRITICAL, CRITICAL), (0.3, 0.3), (0.2, 0.5), (0.6, 0.6), (0.3, np.arctanh(np.exp(-0.6)))]


@cache
def enumerated(size, couplings):
    """Mean, metric and third cumulants of all bonds, those along x first; one spin is held."""
    spins = np.array(list(itertools.product((1, -1), repeat=size**2 - 1)), dtype=np.int8)
    spins = np.concatenate([np.ones((len(spins), 1), np.int8), spins], axis=1).reshape(-1, size, size)
    bonds = (
        np.stack([spins * np.roll(spins, -1, axis) for axis in (1, 2)], axis=1).reshape(len(spins), -1).astype(float)
    )
    number = size**2
    exponent = couplings[0] * bonds[:, :number].sum(axis=1) + couplings[1] * bonds[:, number:].sum(axis=1)
    weights = np.exp(exponent - exponent.max())
    weights /= weights.sum()
    mean = weights @ bonds
    centred = bonds - mean
    weighted = centred * weights[:, None]
    third = np.stack([(weighted * centred[:, [c]]).T @ centred for c in range(2 * number)], axis=2)
    return mean, weighted.T @ centred, third


def contracted(metric, third):
    inverse = np.linalg.inv(metric)
    raised = np.einsum("abc,ai,bj,ck->ijk", third, inverse, inverse, inverse, optimize=True)
    trace = np.einsum("ab,abc->c", inverse, third)
    return np.sum(raised * third), trace, trace @ inverse @ trace


@pytest.mark.parametrize("couplings", COUPLINGS, ids=str)
def test_means_and_metric_against_enumeration(couplings):
    model, (mean, metric, _) = fermions(3, couplings), enumerated(3, couplings)
    np.testing.assert_allclose(model.mean, mean[[0, -1]], rtol=1e-12)
    transform = np.exp(-2j * np.pi * np.outer(np.arange(3), np.arange(3)) / 3)
    blocks = metric.reshape(2, 3, 3, 2, 3, 3)
    found = np.einsum("axybuv,kx,ly,ku,lv->klab", blocks, transform, transform, transform.conj(), transform.conj()) / 9
    np.testing.assert_allclose(model.metric, found, atol=1e-12)


@pytest.mark.parametrize("couplings", COUPLINGS, ids=str)
def test_contractions_against_enumeration(couplings):
    found, (_, metric, third) = curvature(fermions(3, couplings)), enumerated(3, couplings)
    square, trace, trace_square = contracted(metric, third)
    np.testing.assert_allclose(found.skewness_squared, square, rtol=1e-11)
    np.testing.assert_allclose(found.trace, trace[[0, -1]], rtol=1e-11)
    np.testing.assert_allclose(found.trace_squared, trace_square, rtol=1e-11)
    np.testing.assert_allclose(found.scalar_curvature, (square - trace_square) / 4, rtol=1e-11)


@pytest.mark.slow
def test_four_by_four_against_enumeration():
    """32768 states, 32 couplings."""
    _, metric, third = enumerated(4, (CRITICAL, CRITICAL))
    square, _, trace_square = contracted(metric, third)
    found = curvature(fermions(4, (CRITICAL, CRITICAL)))
    np.testing.assert_allclose([found.skewness_squared, found.trace_squared], [square, trace_square], rtol=1e-11)


@pytest.mark.parametrize("size", [5, 12])
def test_trace_by_the_logarithm_of_the_determinant(size):
    """``2 L^2 t = d(ln det g)/dJ`` along equal couplings, by differences of eighth order."""
    coupling, step = 0.35, 2e-3

    def logarithm(J):
        return float(np.sum(np.linalg.slogdet(fermions(size, (J, J)).metric)[1]))

    weights = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    slope = (
        sum(w * (logarithm(coupling + k * step) - logarithm(coupling - k * step)) for k, w in weights.items()) / step
    )
    found = curvature(fermions(size, (coupling, coupling)))
    np.testing.assert_allclose(2 * size**2 * found.trace[0], slope, rtol=1e-9)


@pytest.mark.parametrize(("coupling", "tolerance"), [(0.02, 1e-12), (0.8, 1e-12), (1.0, 1e-10), (1.5, 2e-8)])
def test_weak_and_strong_couplings(coupling, tolerance):
    """Against transfer matrices, which lose no digits where the spins are ordered."""
    exact = transferred(torus([4, 4]), coupling)
    expected = contracted_on(torus([4, 4]), exact.metric, exact.third).scalar_curvature
    found = curvature(fermions(4, (coupling, coupling))).scalar_curvature
    np.testing.assert_allclose(found, expected, rtol=tolerance)


def test_symmetries():
    """The axes may change places, and equal couplings have equal traces however they are summed."""
    one, other = (curvature(fermions(4, pair)) for pair in ((0.2, 0.5), (0.5, 0.2)))
    np.testing.assert_allclose(one.trace, other.trace[::-1], rtol=1e-12)
    np.testing.assert_allclose(one.scalar_curvature, other.scalar_curvature, rtol=1e-11)
    almost = curvature(fermions(5, (0.3, 0.3 * (1 + 1e-15))))
    np.testing.assert_allclose(almost.scalar_curvature, curvature(fermions(5, (0.3, 0.3))).scalar_curvature, rtol=1e-11)


def test_progress_is_told():
    seen = []
    curvature(fermions(12, (0.3, 0.3)), progress=lambda done, number: seen.append((done, number)))
    assert seen[-1] == (28, 28)


@pytest.mark.parametrize(
    ("size", "couplings", "pattern"),
    [
        (2, (0.3, 0.3), "size = 2; its domain is size >= 3"),
        (4, (0.0, 0.3), "couplings = "),
        (4, (np.nan, 0.3), "couplings = "),
        (4, (0.3, np.inf), "couplings = "),
        (4, (CRITICAL + 1e-7, CRITICAL), "from the critical line"),
        (4, (2.0, 2.0), "neighbours hardly ever differ"),
        (4, (0.3, 6.0), "neighbours hardly ever differ"),
        (3, (40.0, 40.0), "neighbours hardly ever differ"),
    ],
)
def test_refusals(size, couplings, pattern):
    with pytest.raises(ValueError, match=pattern):
        fermions(size, couplings)


@pytest.mark.parametrize("couplings", [(CRITICAL, CRITICAL), (0.2, 0.5)], ids=str)
def test_trace_alone(couplings):
    """By one bond of momentum 0, instead of all first momenta."""
    model = fermions(5, couplings)
    whole, (found, square) = curvature(model), trace(model)
    np.testing.assert_allclose(found, whole.trace, rtol=1e-12)
    np.testing.assert_allclose(square, whole.trace_squared, rtol=1e-12)


def test_several_momenta_at_once():
    model = fermions(6, (0.3, 0.4))
    one, other = curvature(model), curvature(model, at_once=5)
    np.testing.assert_allclose(other.scalar_curvature, one.scalar_curvature, rtol=1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [1, 4])
def test_memory_is_bounded_from_above(at_once):
    """What the compiler plans for the device stays below what is said, without the host's part."""
    size = 24
    with jax.enable_x64(True):
        table = ising_torus._table(fermions(size, (CRITICAL, CRITICAL)))
        mesh = Mesh(np.array(jax.devices()[:1]), ("momenta",))
        compiled = ising_torus._contracted.lower(table, jnp.zeros((32, 2), int), mesh=mesh, at_once=at_once).compile()
    planned = compiled.memory_analysis()
    needed = planned.argument_size_in_bytes + planned.temp_size_in_bytes + planned.output_size_in_bytes
    assert 0.3 * ising_torus.memory(size, at_once) < needed < ising_torus.memory(size, at_once)


_ON_TWO = """
import jax
import numpy as np
jax.config.update("jax_platforms", "cpu")
from numerics.ising_fermions import critical_coupling, fermions
from numerics.ising_torus import curvature

assert len(jax.devices()) == 2
model = fermions(7, (critical_coupling(),) * 2)
one, two = curvature(model, devices=jax.devices()[:1]), curvature(model)
np.testing.assert_allclose(two.scalar_curvature, one.scalar_curvature, rtol=1e-13)
np.testing.assert_allclose(two.scalar_curvature, -945.5316188761, rtol=1e-12)
"""


@pytest.mark.slow
def test_two_devices_share_the_momenta():
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    environment = os.environ | {"XLA_FLAGS": flags, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", _ON_TWO], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
