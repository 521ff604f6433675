"""The scalar curvature of the Dirichlet family: an identity, and its sign at all sizes."""

import hypothesis.strategies as st
import jax
import numpy as np
import pytest
import sympy as sp
from hypothesis.extra.numpy import arrays

from derivations import dirichlet
from numerics import dirichlet as numeric
from numerics import hessian_geometry
from properties.checks import agree, at_most, derived
from properties.claims import claim

CURVATURE = jax.jit(jax.vmap(numeric.scalar_curvature))
CONTRACTED = jax.jit(
    jax.vmap(lambda a: hessian_geometry.scalar_curvature(numeric.covariance(a), numeric.third_cumulants(a)))
)


def parameters(number, reach):
    exponents = arrays(np.float64, (8, number), elements=st.floats(-reach, reach, width=32))
    return exponents.map(lambda e: 10.0**e)


@pytest.mark.slow
@claim(
    "dirichlet-scalar-curvature",
    evidence="exact",
    factor=sp.Integer(1),
    with_rest=True,
    falsifiers={
        "K in place of R": {"factor": sp.Rational(1, 2)},
        "positive": {"factor": sp.Integer(-1)},
        "pairs only": {"with_rest": False},
    },
)
def test_the_identity(factor, with_rest):
    for number in (2, 3):
        derived(dirichlet.scalar_curvature(number, factor, with_rest))


@pytest.mark.slow
@claim(
    "dirichlet-scalar-curvature",
    evidence="property",
    given={"alpha": parameters(6, 1.0)},
    factor=1.0,
    falsifiers={"K in place of R": {"factor": 0.5}, "positive": {"factor": -1.0}},
)
def test_six_categories_by_contraction(alpha, factor):
    # 8000 points left 6.4e-15.
    agree(factor * CURVATURE(alpha), CONTRACTED(alpha), tolerance=1e-13)


@claim(
    "dirichlet-scalar-curvature",
    evidence="property",
    given={"alpha": parameters(4, 6.0)},
    shift=0.0,
    falsifiers={"below -1": {"shift": 1.0}},
)
def test_negative_at_all_sizes(alpha, shift):
    at_most(CURVATURE(alpha) + shift, 0.0, slack=1e-300)
