"""The Ising model on small graphs: enumeration against closed forms."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np

from numerics.geometry import geometry
from properties.checks import agree
from properties.claims import claim

EDGE = ((0, 1),)
PATH = ((0, 1), (1, 2), (2, 3))
TRIANGLE = ((0, 1), (1, 2), (0, 2))
RINGS = {n: tuple((i, (i + 1) % n) for i in range(n)) for n in (3, 4, 5)}
COUPLINGS = st.lists(st.floats(-2, 2, width=32), min_size=3, max_size=3).map(np.array)


@cache
def _compiled(edges, name):
    ising = geometry("ising", edges=edges)
    functions = {"hessian": jax.hessian(ising.log_partition), "mean": lambda t: ising.convert(t, "expectation")}
    return functions.get(name) or getattr(ising, name)


@claim(
    "ising-closed-forms",
    evidence="property",
    given={"couplings": COUPLINGS},
    factor=1.0,
    mean=np.tanh,
    falsifiers={
        "metric doubled": {"factor": 2.0},
        "J for tanh J": {"mean": lambda J: J},
        "tanh 2 J": {"mean": lambda J: np.tanh(2 * J)},
    },
)
def test_edges_of_a_tree_are_independent(couplings, factor, mean):
    """On a path the products along edges are independent with mean tanh J; the metric is the Hessian of psi."""
    theta = jnp.asarray(couplings)
    agree(_compiled(PATH, "mean")(theta), mean(couplings), tolerance=1e-12, scale=1.0)
    metric = np.asarray(_compiled(PATH, "metric")(theta))
    agree(metric, factor * np.diag(1 / np.cosh(couplings) ** 2), tolerance=1e-12, scale=1.0)
    agree(metric, factor * np.asarray(_compiled(PATH, "hessian")(theta)), tolerance=1e-12, scale=1.0)
    psi = 4 * np.log(2) + np.sum(np.log(np.cosh(couplings)))
    agree(_compiled(PATH, "log_partition")(theta), psi, tolerance=1e-13)


@claim(
    "ising-closed-forms",
    evidence="property",
    given={"coupling": st.floats(-2, 2, width=32), "spins": st.sampled_from(tuple(RINGS))},
    sign=1.0,
    shift=1,
    falsifiers={"open chain": {"sign": 0.0}, "other boundary": {"sign": -1.0}, "once too far round": {"shift": 0}},
)
def test_ring(coupling, spins, sign, shift):
    """``E s_i s_j = (t + t^(n-1)) / (1 + t^n)`` with ``t = tanh J`` on a ring of n spins."""
    t = np.tanh(coupling)
    expected = (t + sign * t ** (spins - shift)) / (1 + sign * t**spins)
    found = _compiled(RINGS[spins], "mean")(jnp.full((spins,), coupling))
    agree(found, np.full(spins, expected), tolerance=1e-12, scale=1.0)


@claim(
    "ising-closed-forms",
    evidence="property",
    given={"couplings": COUPLINGS},
    curvature=1.5,
    falsifiers={
        "hyperbolic": {"curvature": -1.5},
        "flat": {"curvature": 0.0},
        "curvature 1/2": {"curvature": 3.0},
    },
)
def test_triangle_is_the_simplex_of_four_outcomes(couplings, curvature):
    agree(_compiled(TRIANGLE, "scalar_curvature")(jnp.asarray(couplings)), curvature, tolerance=1e-8, scale=1.0)
