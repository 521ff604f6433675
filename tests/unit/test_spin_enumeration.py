"""Cumulants by enumeration: against the family, closed forms, derivatives of the partition function and the kernel form."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.families.ising import Ising
from numerics.lattice_contractions import contracted
from numerics.lattices import chain, complete, graph, grid, ring, torus
from numerics.spin_enumeration import cumulants
from numerics.spin_models import bond_values, critical_potts_coupling

CRITICAL = critical_potts_coupling(2) / 2
EDGES = ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2))


def all_states(lattice, model, states):
    """The statistics of all bonds in every state, none held, shape (states^n, m)."""
    spins = np.array(list(itertools.product(range(states), repeat=lattice.spins)))
    return bond_values(model, states)[spins[:, lattice.bonds[:, 0]], spins[:, lattice.bonds[:, 1]]]


def kernel_form(lattice, couplings, model, states):
    """``E[K(s,s')^3 - K(s,s) K(s,s') K(s',s')]/4`` for two independent states s and s'."""
    values = all_states(lattice, model, states)
    weights = np.exp(values @ np.broadcast_to(couplings, len(lattice.bonds)))
    weights /= weights.sum()
    centred = values - weights @ values
    kernel = centred @ np.linalg.solve((centred * weights[:, None]).T @ centred, centred.T)
    square = weights @ kernel**3 @ weights
    trace = weights @ (np.diag(kernel)[:, None] * kernel * np.diag(kernel)) @ weights
    return square, trace, (square - trace) / 4


def of(lattice, couplings, model="ising", states=2):
    found = cumulants(lattice, couplings, model, states)
    return contracted(lattice, found.metric, found.third[:, :, lattice.representatives])


@pytest.mark.parametrize("scale", [0.3, 3.0])
def test_against_the_family(scale):
    """All means, covariances and third cumulants of a graph with loops of several lengths."""
    couplings = np.random.default_rng(0).normal(size=len(EDGES)) * scale
    found, family = cumulants(graph(EDGES), couplings), Ising(EDGES)
    with jax.enable_x64(True):
        point = jnp.asarray(couplings)
        expected = [f(point) for f in (family.expectation, family.covariance, family.third_cumulants)]
    for ours, theirs in zip((found.mean, found.metric, found.third), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("model", "states"), [("ising", 2), ("potts", 2), ("potts", 3), ("potts", 4)])
def test_against_all_states(model, states):
    """With no spin held, on a grid with an open end, couplings of both signs."""
    lattice = graph([(0, 1), (1, 2), (2, 3), (3, 0), (3, 4)])
    couplings = np.array([0.4, -0.7, 1.1, 0.2, 0.9])
    values = all_states(lattice, model, states)
    weights = np.exp(values @ couplings)
    weights /= weights.sum()
    centred = values - weights @ values
    found = cumulants(lattice, couplings, model, states)
    np.testing.assert_allclose(found.mean, weights @ values, rtol=1e-13)
    np.testing.assert_allclose(found.metric, np.einsum("s,sa,sb->ab", weights, centred, centred), atol=1e-14)
    expected = np.einsum("s,sa,sb,sc->abc", weights, centred, centred, centred)
    np.testing.assert_allclose(found.third, expected, atol=1e-14)


@pytest.mark.parametrize(
    ("lattice", "couplings", "model", "states"),
    [
        (torus([3, 3]), CRITICAL, "ising", 2),
        (grid([2, 3]), 0.8, "potts", 3),
        (complete(4), np.array([0.1, -0.4, 0.9, 0.3, 0.2, 0.6]), "potts", 4),
        (ring(6), 1.2, "ising", 2),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_against_the_kernel_form(lattice, couplings, model, states):
    found, expected = of(lattice, couplings, model, states), kernel_form(lattice, couplings, model, states)
    actual = found.skewness_squared, found.trace_squared, found.scalar_curvature
    np.testing.assert_allclose(actual, expected, rtol=1e-11)


def test_values_of_the_sources():
    """Critical tori of 3 x 3 spins; couplings of a Potts model with two states are twice those of the Ising model."""
    for states, expected in ((2, -105.6418495654), (3, -79.85047842), (4, -74.88285326)):
        found = of(torus([3, 3]), critical_potts_coupling(states), "potts", states).scalar_curvature
        np.testing.assert_allclose(found, expected, rtol=2e-9)
    np.testing.assert_allclose(of(torus([3, 3]), CRITICAL).scalar_curvature, -105.6418495655404, rtol=1e-13)


@pytest.mark.parametrize("coupling", [-1.5, 0.01, 3.0])
def test_triangles_and_trees(coupling):
    """The simplex of four outcomes, R = 3/2, and bonds that are independent, R = 0."""
    np.testing.assert_allclose(of(ring(3), coupling).scalar_curvature, 1.5, rtol=1e-9)
    for model, states in (("ising", 2), ("potts", 3)):
        np.testing.assert_allclose(of(chain(5), coupling, model, states).scalar_curvature, 0.0, atol=1e-9)


def test_blocks_and_representatives():
    """Neither memory nor which bonds are asked for changes the numbers; progress is told."""
    lattice, seen = torus([3, 4]), []
    couplings = np.random.default_rng(1).normal(size=24)
    whole = cumulants(lattice, couplings, progress=lambda done, number: seen.append((done, number)))
    assert seen[-1] == (2**12, 2**12)
    part = cumulants(lattice, couplings, representatives=[5, 0, 23], memory=2**19)
    np.testing.assert_allclose(part.third, whole.third[:, :, [5, 0, 23]], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(part.metric, whole.metric, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(part.representatives, [5, 0, 23])


def test_strong_couplings():
    """Weights are relative to the likeliest state, which no bound on the exponents shows in a frustrated triangle."""
    found = cumulants(ring(3), np.array([-900.0, 900.0, 900.0]))
    np.testing.assert_allclose(found.mean, [-1 / 3, 1 / 3, 1 / 3], rtol=1e-13)


@pytest.mark.parametrize(
    ("lattice", "change", "pattern"),
    [
        (torus([3, 3, 4]), {}, r"torus 3 x 3 x 4: 2\^35 = 10\^10.5 states with one spin held; at most 2\^26"),
        (
            torus([5, 5]),
            {"memory": 2**22},
            r"torus 5 x 5: 50 x 50\^2 third cumulants take 0.0057 GiB; memory = 0.0039 GiB",
        ),
        (ring(3), {"couplings": [0.1, 0.2]}, "one for each of 3 bonds"),
        (ring(3), {"couplings": np.inf}, "finite numbers"),
        (ring(3), {"model": "xy"}, "model = 'xy'"),
        (ring(3), {"states": 3}, "states = 3"),
        (ring(3), {"representatives": [3]}, "bonds from 0 to 2"),
        (ring(3), {"representatives": [0.0]}, "bonds from 0 to 2"),
    ],
)
def test_refusals(lattice, change, pattern):
    with pytest.raises(ValueError, match=pattern):
        cumulants(lattice, **{"couplings": 0.3, **change})
