"""The curvature of lattices by every route, and what is refused."""

import numpy as np
import pytest

from numerics.lattice_curvature import lattice_curvature

TRIANGLE_WITH_A_TAIL = [(0, 1), (1, 2), (0, 2), (2, 3)]


@pytest.mark.parametrize(
    "question",
    [
        {"size": 3},
        {"size": 3, "coupling": (0.2, 0.5)},
        {"size": 3, "model": "potts", "states": 2},
        {"size": 3, "model": "potts", "states": 3, "coupling": 0.7},
        {"size": 5, "dimension": 1, "coupling": 0.4},
    ],
    ids=str,
)
def test_exact_methods_agree(question):
    one, other = (lattice_curvature(**question, method=method) for method in ("transfer-matrix", "enumeration"))
    for name in ("scalar_curvature", "skewness_squared", "trace_squared"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-10, atol=1e-10)
    assert (one.method, other.method) == ("transfer-matrix", "enumeration")
    assert one.standard_errors == {}
    if question.get("model") != "potts" and "dimension" not in question:
        best = lattice_curvature(**question)
        assert best.method == "free-fermions"
        np.testing.assert_allclose(best.scalar_curvature, one.scalar_curvature, rtol=1e-11)


def test_the_two_conventions_of_two_states_agree():
    """R does not depend on the scale of the couplings."""
    ising, potts = (lattice_curvature(model, 4, states=2, method="transfer-matrix") for model in ("ising", "potts"))
    np.testing.assert_allclose(ising.couplings[0] * 2, potts.couplings[0], rtol=1e-15)
    np.testing.assert_allclose(ising.scalar_curvature, potts.scalar_curvature, rtol=1e-11)


@pytest.mark.parametrize(
    ("question", "expected", "bonds"),
    [
        ({"size": 3, "lattice": "ring", "coupling": 0.4}, 1.5, 3),
        ({"size": 3, "lattice": "ring", "coupling": (0.4, -0.2, 0.9)}, 1.5, 3),
        ({"size": 5, "lattice": "chain", "coupling": (0.4, 0.2, 0.9, 0.1)}, 0.0, 4),
        ({"size": 2, "lattice": "grid", "dimension": 1, "coupling": 0.3}, 0.0, 1),
        ({"lattice": TRIANGLE_WITH_A_TAIL, "coupling": 0.4}, 1.5, 4),
        ({"size": 3, "lattice": "complete", "coupling": -0.4}, 1.5, 3),
        ({"size": 3, "dimension": 3, "model": "ising"}, -262.9073834, 81),
    ],
    ids=str,
)
def test_graphs(question, expected, bonds):
    found = lattice_curvature(**question)
    np.testing.assert_allclose(found.scalar_curvature, expected, rtol=1e-9, atol=1e-11)
    assert found.bonds == bonds


def test_couplings_of_their_own_on_a_ring_are_no_translations():
    """All six bonds are then representatives."""
    couplings = (0.1, 0.5, 0.2, 0.9, 0.3, 0.7)
    ring = [(i, (i + 1) % 6) for i in range(6)]
    one, other = (
        lattice_curvature(coupling=couplings, size=6, lattice="ring"),
        lattice_curvature(coupling=couplings, lattice=ring),
    )
    np.testing.assert_allclose(one.scalar_curvature, other.scalar_curvature, rtol=1e-12)


@pytest.mark.slow
def test_monte_carlo_has_standard_errors():
    found = lattice_curvature("ising", 4, method="monte-carlo", chains=16, sweeps=2048, seed=3)
    error = found.standard_errors["scalar_curvature"]
    assert 0 < error < 30
    # With 16 chains errors have about 15 degrees of freedom; seven of them are beyond any reasonable chance.
    assert abs(found.scalar_curvature + 265.3121427935) < 7 * error


@pytest.mark.parametrize(
    ("question", "error", "pattern"),
    [
        ({"size": 2}, ValueError, "size = 2; its domain is size >= 3"),
        ({}, ValueError, "size is missing"),
        ({"size": 4.0}, TypeError, "size must be a whole number"),
        ({"size": 4, "coupling": np.nan}, ValueError, "coupling = nan; its domain is finite"),
        ({"size": 4, "coupling": (0.3, np.inf)}, ValueError, "its domain is finite"),
        ({"size": 4, "coupling": (0.3, 0.2, 0.1)}, ValueError, "couplings have the shape"),
        ({"size": 4096}, ValueError, "GiB are needed; memory_limit = 8 GiB"),
        ({"size": 3, "memory_limit": 0.0}, ValueError, "memory_limit = 0"),
        ({"size": 8, "model": "potts"}, ValueError, "states is missing"),
        ({"size": 40, "model": "potts", "states": 3}, ValueError, "states"),
        ({"size": 8, "model": "xy"}, ValueError, "model = 'xy'"),
        ({"size": 8, "lattice": "kagome"}, ValueError, "lattice = 'kagome'"),
        ({"size": 8, "lattice": "ring"}, ValueError, "critical"),
        ({"size": 8, "lattice": "chain"}, ValueError, "a chain of 8 has no critical one"),
        ({"size": 8, "method": "magic"}, ValueError, "method = 'magic'"),
        ({"size": 3, "dimension": 3, "method": "free-fermions"}, ValueError, "its domain is the Ising model on square"),
        ({"size": 3, "lattice": "grid", "coupling": 0.1, "method": "monte-carlo"}, ValueError, "its domain is tori"),
        ({"size": 8, "lattice": TRIANGLE_WITH_A_TAIL, "coupling": 0.1}, ValueError, "size = 8; edges have a size"),
        ({"lattice": [(0, 0)], "coupling": 0.1}, ValueError, "joins a spin to itself"),
        ({"size": 6, "method": "enumeration"}, ValueError, "at most 2\\^26"),
    ],
    ids=str,
)
def test_refusals(question, error, pattern):
    with pytest.raises(error, match=pattern):
        lattice_curvature(**question)
