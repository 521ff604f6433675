"""Transfer matrices against enumeration, free fermions, closed forms and the values of the sources; refusals."""

import itertools

import numpy as np
import pytest

from numerics.lattice_contractions import contracted, translated
from numerics.lattices import chain, ring, torus
from numerics.spin_enumeration import cumulants as enumerated
from numerics.spin_models import critical_potts_coupling
from numerics.transfer_matrix import cumulants, operations

CRITICAL = critical_potts_coupling(2) / 2
# Of L x L tori by free fermions at the critical coupling, from L = 3 on; tests/unit/test_ising_torus.py checks these.
FERMIONS = (
    -105.6418495655404, -265.3121427935, -446.2377606735, -671.2472387143, -945.5316188761, -1272.1419408545, -1653.3402125366,
)  # fmt: skip


def curvature(shape, couplings, model="ising", states=2):
    lattice = torus(shape)
    found = cumulants(lattice, couplings, model, states)
    return contracted(lattice, found.metric, found.third).scalar_curvature


def agree(lattice, couplings, model="ising", states=2):
    """All means, covariances and third cumulants, those of all bonds by translation."""
    found = cumulants(lattice, couplings, model, states)
    strengths = np.repeat(np.broadcast_to(couplings, len(lattice.shape)), lattice.spins)
    expected = enumerated(lattice, strengths, model, states)
    np.testing.assert_allclose(found.mean, expected.mean, atol=1e-13)
    np.testing.assert_allclose(found.metric, expected.metric, atol=1e-13)
    np.testing.assert_allclose(translated(lattice, found.third), expected.third, atol=1e-13)


@pytest.mark.parametrize(
    ("shape", "couplings", "model", "states"),
    [
        ((3, 3), CRITICAL, "ising", 2),
        ((3, 3), (0.2, -0.5), "ising", 2),
        ((3, 4), (0.6, 0.1), "ising", 2),
        ((5, 3), (0.0, 0.7), "ising", 2),
        ((3, 3), critical_potts_coupling(3), "potts", 3),
        ((3, 3), (1.4, -0.3), "potts", 3),
        ((3, 3), (0.5, 0.9), "potts", 4),
        ((4, 3), (0.9, 0.4), "potts", 3),
        ((5,), 0.7, "ising", 2),
        ((4,), -0.4, "potts", 3),
        ((3,), 1.1, "potts", 5),
    ],
)
def test_against_enumeration(shape, couplings, model, states):
    agree(torus(shape), couplings, model, states)


def test_four_by_four_against_enumeration():
    agree(torus([4, 4]), (0.4, 0.5))


def test_three_dimensions_by_derivatives():
    """Third cumulants of all pairs of bonds and all axes, summed over the bonds of one, by differences of fourth order."""
    lattice, step = torus([3, 3, 3]), 3e-4
    couplings = np.array([0.1, 0.25, 0.4])
    found = cumulants(lattice, couplings)
    third, metric = found.third.reshape(3, 27, 3, 27, 3), found.metric.reshape(3, 27, 3, 27)
    for axis in range(3):
        sides = [cumulants(lattice, couplings + k * step * np.eye(3)[axis]) for k in (-2, -1, 1, 2)]
        means, metrics = (
            np.tensordot([1 / 12, -2 / 3, 2 / 3, -1 / 12], [getattr(one, name) for one in sides], 1) / step
            for name in ("mean", "metric")
        )
        np.testing.assert_allclose(metric[:, 0, axis].sum(axis=1), means[::27], atol=1e-9)
        np.testing.assert_allclose(third[:, :, axis].sum(axis=2), metrics.reshape(3, 27, 3, 27)[..., 0], atol=1e-9)


def test_permutations_of_axes_and_bonds():
    """Third cumulants are symmetric; axes with their sides and couplings may change places."""
    lattice = torus([3, 4])
    one = translated(lattice, cumulants(lattice, (0.3, 0.6), "potts", 3).third)
    for order in itertools.permutations(range(3)):
        np.testing.assert_allclose(one, one.transpose(order), atol=1e-14)
    np.testing.assert_allclose(
        curvature([3, 4], (0.3, 0.6), "potts", 3), curvature([4, 3], (0.6, 0.3), "potts", 3), rtol=1e-12
    )
    shapes = ([3, 3, 3], (0.1, 0.2, 0.3)), ([3, 3, 3], (0.3, 0.1, 0.2))
    np.testing.assert_allclose(*(curvature(*one) for one in shapes), rtol=1e-12)


def test_against_free_fermions():
    found = [curvature([size, size], CRITICAL) for size in range(3, 10)]
    np.testing.assert_allclose(found, FERMIONS, rtol=1e-11)


def test_values_of_the_sources():
    for states, expected in ((3, (-79.85047842, -208.1456831)), (4, (-74.88285326, -200.6495027))):
        found = [curvature([size, size], critical_potts_coupling(states), "potts", states) for size in (3, 4)]
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(curvature([3, 3, 3], 0.2216546), -262.9073834, rtol=1e-9)


def test_potts_model_of_two_states():
    """Is the Ising model of half the coupling: third cumulants an eighth."""
    lattice = torus([4, 4])
    one, other = cumulants(lattice, (0.4, 0.6), "potts"), cumulants(lattice, (0.2, 0.3))
    np.testing.assert_allclose(8 * one.third, other.third, atol=1e-14)


@pytest.mark.parametrize("coupling", [-1.0, 0.0, 0.9])
def test_rings(coupling):
    """R = 3/2 for three spins; the mean of a long ring is that of a chain."""
    np.testing.assert_allclose(curvature([3], coupling), 1.5, rtol=1e-8)
    found = cumulants(ring(400), coupling)
    np.testing.assert_allclose(found.mean, np.tanh(coupling), rtol=1e-10)
    np.testing.assert_allclose(found.metric, np.eye(400) / np.cosh(coupling) ** 2, atol=1e-10)


def test_memory_changes_nothing_and_progress_is_told():
    seen = []
    whole = cumulants(torus([4, 6]), (0.3, 0.5), "potts", 3)
    part = cumulants(
        torus([4, 6]), (0.3, 0.5), "potts", 3, memory=2**20, progress=lambda done, number: seen.append((done, number))
    )
    assert seen[-1][0] == seen[-1][1] == len(seen) > 4
    np.testing.assert_allclose(part.third, whole.third, atol=1e-15)


def test_strong_couplings():
    """No weight overflows; far bonds are then as independent as near ones."""
    found = cumulants(torus([3, 4]), (800.0, -900.0))
    np.testing.assert_allclose(found.mean.reshape(2, 12)[:, 0], [1, -1], rtol=1e-13)


def test_operations():
    assert operations((4,), 3) == 0
    assert operations((3, 3), 2) < operations((4, 4), 2) < operations((4, 4), 3)
    assert operations((400, 3), 2) == np.inf


@pytest.mark.parametrize(
    ("lattice", "change", "pattern"),
    [
        (
            torus([18, 18]),
            {},
            r"torus 18 x 18: layers of 18 spins have 2\^18 = 10\^5.4 states, which take .* at most 1e\+14",
        ),
        (torus([300, 3]), {}, r"layers of 300 spins have 2\^300 = 10\^90.3 states, which take .* operations"),
        (
            torus([12, 12]),
            {"memory": 2**20},
            r"layers of 12 spins have 2\^12 = 4096 states, which take 0.0017 GiB at least",
        ),
        (chain(3), {}, "chain of 3 is no torus"),
        (torus([3, 3]), {"couplings": [0.1, 0.2, 0.3]}, "one for each of 2 axes"),
        (torus([3, 3]), {"couplings": np.nan}, "finite numbers"),
        (torus([3, 3]), {"model": "potts", "states": 1}, "states = 1"),
    ],
)
def test_refusals(lattice, change, pattern):
    with pytest.raises(ValueError, match=pattern):
        cumulants(lattice, **{"couplings": 0.3, **change})
