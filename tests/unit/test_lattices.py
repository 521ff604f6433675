"""Bonds of lattices, their numbering, and refusals."""

import itertools

import numpy as np
import pytest

from numerics.families.ising import Ising
from numerics.lattice_contractions import contracted, translated
from numerics.lattices import chain, complete, graph, grid, ring, torus
from numerics.spin_models import bond_values, checked_couplings, critical_potts_coupling


def pairs(lattice):
    return {frozenset(map(int, bond)) for bond in lattice.bonds}


@pytest.mark.parametrize("shape", [(3,), (3, 4), (5, 3), (3, 4, 5)])
def test_bonds_of_a_torus(shape):
    """As many as spins for each axis, none twice, each to the next spin along its axis."""
    found = torus(shape)
    assert found.spins == np.prod(shape)
    assert len(pairs(found)) == len(found.bonds) == len(shape) * found.spins
    assert np.all(np.bincount(found.bonds.reshape(-1)) == 2 * len(shape))
    places = np.array(list(np.ndindex(shape)))
    for bond, axis in zip(found.bonds, found.axes, strict=True):
        step = (places[bond[1]] - places[bond[0]]) % shape
        np.testing.assert_array_equal(step, np.eye(len(shape), dtype=int)[axis])
    np.testing.assert_array_equal(found.axes[found.representatives], range(len(shape)))
    assert np.all(found.bonds[found.representatives, 0] == 0)


def test_other_lattices():
    assert pairs(ring(3)) == pairs(complete(3)) == {frozenset(p) for p in ((0, 1), (1, 2), (0, 2))}
    assert pairs(chain(4)) == pairs(grid([4])) == pairs(grid([1, 4, 1])) == {frozenset((i, i + 1)) for i in range(3)}
    assert pairs(grid([2, 3])) == {frozenset(p) for p in ((0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5))}
    assert pairs(complete(5)) == {frozenset(p) for p in itertools.combinations(range(5), 2)}
    assert pairs(graph([(2, 0), [0, 1]])) == {frozenset((0, 2)), frozenset((0, 1))}
    assert [lattice.spins for lattice in (ring(7), chain(4), grid([2, 3]), complete(5))] == [7, 4, 6, 5]
    assert [lattice.name for lattice in (ring(7), chain(4), grid([2, 3]), torus([3, 3]))] == [
        "ring of 7", "chain of 4", "grid 2 x 3", "torus 3 x 3",
    ]  # fmt: skip
    np.testing.assert_array_equal(grid([2, 3]).representatives, range(7))


@pytest.mark.parametrize(
    ("build", "argument", "error", "pattern"),
    [
        (torus, (3, 2), ValueError, "side = 2; it must be at least 3: on smaller ones two bonds"),
        (torus, (), TypeError, "sequence of whole numbers"),
        (torus, (3, 3.0), TypeError, "side must be a whole number"),
        (ring, 2, ValueError, "side = 2"),
        (chain, 1, ValueError, "side = 1"),
        (chain, True, TypeError, "whole number"),
        (grid, (1, 1), ValueError, "one bond at least"),
        (grid, "34", TypeError, "sequence of whole numbers"),
        (complete, 1, ValueError, "side = 1"),
    ],
)
def test_refusals(build, argument, error, pattern):
    with pytest.raises(error, match=pattern):
        build(argument)


@pytest.mark.parametrize(
    "edges", [[], [(0, 0)], [(0, 1), (1, 0)], [(0, 2)], [(0, 1.0)], [(0, 1, 2)], [(-1, 0)]], ids=str
)
def test_graphs_are_refused_as_by_the_family(edges):
    with pytest.raises((ValueError, TypeError)) as ours:
        graph(edges)
    with pytest.raises(type(ours.value)) as theirs:
        Ising(edges)
    assert str(ours.value) == str(theirs.value)


def test_statistics_of_bonds():
    np.testing.assert_array_equal(bond_values("ising"), [[1, -1], [-1, 1]])
    np.testing.assert_array_equal(bond_values("potts", 3), np.eye(3))
    for arguments, pattern in ((("xy",), "model = 'xy'"), (("ising", 3), "states = 3"), (("potts", 1), "states = 1")):
        with pytest.raises(ValueError, match=pattern):
            bond_values(*arguments)
    np.testing.assert_array_equal(checked_couplings(0.5, 3, "bonds"), [0.5] * 3)
    for couplings, pattern in (([1.0, 2.0], "one for each of 3 bonds"), (np.nan, "finite"), ([1, 2, np.inf], "finite")):
        with pytest.raises(ValueError, match=pattern):
            checked_couplings(couplings, 3, "bonds")


def invariant(shape, random):
    """A random metric and symmetric third cumulants that translations leave as they are."""
    lattice = torus(shape)
    axes, number = len(shape), lattice.spins
    metric = random.normal(size=(axes * number,) * 2)
    third = random.normal(size=(axes * number,) * 3)
    third = sum(third.transpose(order) for order in itertools.permutations(range(3)))
    where = np.concatenate([np.arange(number).reshape(shape) + axis * number for axis in range(axes)]).reshape(
        axes, *shape
    )
    moved = [np.roll(where, shift, tuple(range(1, axes + 1))).reshape(-1) for shift in np.ndindex(shape)]
    metric = sum((metric @ metric.T)[np.ix_(m, m)] for m in moved)
    return lattice, metric, sum(third[np.ix_(m, m, m)] for m in moved)


@pytest.mark.parametrize("shape", [(4,), (3, 4), (3, 3, 3)])
def test_contractions_by_translations(shape):
    """Against all indices written out."""
    lattice, metric, third = invariant(shape, np.random.default_rng(0))
    part = third[:, :, lattice.representatives]
    np.testing.assert_allclose(translated(lattice, part), third, atol=1e-10)
    inverse = np.linalg.inv(metric)
    raised = np.einsum("abc,ai,bj,ck->ijk", third, inverse, inverse, inverse, optimize=True)
    trace = np.einsum("ab,abc->c", inverse, third)
    found = contracted(lattice, metric, part)
    expected = [np.sum(raised * third), trace @ inverse @ trace]
    np.testing.assert_allclose([found.skewness_squared, found.trace_squared], expected, rtol=1e-10)
    np.testing.assert_allclose(found.trace, trace[lattice.representatives], rtol=1e-9)
    np.testing.assert_allclose(found.scalar_curvature, (expected[0] - expected[1]) / 4, rtol=1e-9)
    other = graph(lattice.bonds)
    np.testing.assert_allclose(contracted(other, metric, third).skewness_squared, expected[0], rtol=1e-10)


def test_contractions_refuse():
    lattice, metric, third = invariant((4,), np.random.default_rng(0))
    with pytest.raises(ValueError, match="4 bonds and 1 representatives"):
        contracted(lattice, metric, third)
    with pytest.raises(ValueError, match="couplings differ along an axis"):
        contracted(lattice, metric + np.diag([1.0, 0.0, 0.0, 0.0]), third[:, :, :1])
    with pytest.raises(ValueError, match="singular in double precision"):
        contracted(lattice, np.zeros((4, 4)), third[:, :, :1])


def test_critical_couplings():
    np.testing.assert_allclose(critical_potts_coupling(2, 2), np.log(1 + 2**0.5), rtol=1e-15)
    np.testing.assert_allclose(critical_potts_coupling(4, 2), np.log(3), rtol=1e-15)
    assert critical_potts_coupling(2, 3) == 2 * 0.2216546
    with pytest.raises(ValueError, match="states = 3, dimension = 3"):
        critical_potts_coupling(3, 3)
