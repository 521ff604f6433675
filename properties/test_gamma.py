"""The gamma family: negative curvature, proved and measured."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from hypothesis.extra.numpy import arrays

from derivations import gamma
from numerics.geometry import geometry
from numerics.riemannian import from_metric
from properties.checks import agree, at_most, derived
from properties.claims import claim

SHAPES = arrays(np.float64, 16, elements=st.floats(-8, 8, width=32)).map(lambda e: 10.0**e)
BY_METRIC = jax.jit(jax.vmap(from_metric(geometry("gamma").metric)["scalar_curvature"]))
CURVATURE = jax.jit(jax.vmap(geometry("gamma").scalar_curvature))


@claim(
    "gamma-negative-curvature",
    evidence="exact",
    curvature=gamma.CURVATURE,
    weight=gamma.WEIGHT,
    falsifiers={
        "K in place of R": {"curvature": gamma.CURVATURE / 2},
        "positive": {"curvature": -gamma.CURVATURE},
        "weight that does not vanish at 0": {"weight": gamma.WEIGHT + 1},
        "weight of the digamma function": {"weight": 1 / (1 - sp.exp(-gamma.t)) - 1 / gamma.t},
    },
)
def test_the_excess_is_a_laplace_transform(curvature, weight):
    derived(gamma.negative_curvature(curvature, weight))


@claim(
    "gamma-negative-curvature",
    evidence="property",
    given={"shape": SHAPES},
    lowest=-1.0,
    highest=-0.5,
    falsifiers={"above -3/4": {"lowest": -0.75}, "below -3/4": {"highest": -0.75}},
)
def test_curvature_at_all_sizes(shape, lowest, highest):
    """From shape 1e-8 to 1e8; between -1, the value at infinity, and -1/2, the value at 0, up to rounding."""
    R = np.asarray(CURVATURE(np.stack([shape, np.ones_like(shape)], axis=1)))
    # Within 16 epsilons of the exact value, which tests/unit/test_beta_gamma_dirichlet.py checks.
    at_most(R, highest, slack=4e-15)
    at_most(lowest, R, slack=4e-15)


@claim(
    "gamma-negative-curvature",
    evidence="property",
    given={"point": arrays(np.float64, (8, 2), elements=st.floats(-1, 1, width=32)).map(np.exp)},
    factor=1.0,
    falsifiers={"K in place of R": {"factor": 0.5}, "positive": {"factor": -1.0}},
)
def test_curvature_by_automatic_differentiation(point, factor):
    # Two nested derivatives of the metric, contracted; 8000 points left 1.3e-14.
    agree(factor * CURVATURE(jnp.asarray(point)), BY_METRIC(jnp.asarray(point)), tolerance=2e-13)
