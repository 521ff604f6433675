"""Claims about the von Mises-Fisher family in any dimension."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from derivations import von_mises_fisher
from derivations.von_mises_fisher import p
from numerics.families.von_mises_fisher import VonMisesFisher
from properties.checks import agree, at_most, derived
from properties.claims import claim

_ARGUMENTS = (von_mises_fisher.kappa, von_mises_fisher.ratio, p)
RADIAL = sp.lambdify(_ARGUMENTS, von_mises_fisher.radial_curvature())


@pytest.mark.slow
@claim(
    "von-mises-fisher-ends",
    evidence="exact",
    at_origin=sp.Integer(0),
    radial_limit=-1 / (2 * (p - 1)),
    falsifiers={
        "-1/2 in every dimension": {"radial_limit": -sp.Rational(1, 2)},
        "p for p - 1": {"radial_limit": -1 / (2 * p)},
        "curved at the origin": {"at_origin": -sp.Rational(1, 16)},
    },
)
def test_curvature_at_both_ends(at_origin, radial_limit):
    derived(von_mises_fisher.limits(at_origin, radial_limit))


@claim(
    "von-mises-fisher-ends",
    evidence="property",
    given={"dimension": st.integers(2, 12)},
    offset=1,
    falsifiers={"p for p - 1": {"offset": 0}, "p - 2 for p - 1": {"offset": 2.0 - 1e-3}},
)
def test_curvature_at_both_ends_in_balls(dimension, offset):
    """The radial curvature from Bessel functions of order p/2 - 1 and p/2, as balls at kappa = 1e-4 and 1e6."""
    small, large = (_radial_curvature(dimension, value) for value in ("1e-4", "1e6"))
    # K is of order kappa^2 at 0, and 1/kappa away from its limit at infinity, with coefficients of order p.
    at_most(abs(small), 1e-8, slack=1e-12)
    at_most(abs(large + 1 / (2 * (dimension - offset))), dimension * 1e-6, slack=1e-12)


@cache
def _compiled(dimension):
    family = VonMisesFisher(dimension)
    return jax.jit(
        lambda kappa: (*family.sectional_curvatures(kappa), family.invariant_curvature(_along(kappa, dimension)))
    )


def _along(kappa, dimension):
    return jnp.where(jnp.arange(dimension) == 0, kappa, 0.0)


@pytest.mark.slow
@claim(
    "von-mises-fisher-ends",
    evidence="property",
    given={"dimension": st.sampled_from((2, 3, 5, 12)), "decade": st.floats(-8, 8)},
    offset=1,
    origin=0.0,
    planes=2,
    falsifiers={
        "p for p - 1": {"offset": 0},
        "curved at the origin": {"origin": -1 / 16},
        "planes with the radius counted once": {"planes": 1},
    },
)
def test_curvature_of_the_family_at_both_ends(dimension, decade, offset, origin, planes):
    """The sectional curvatures that are evaluated in floating point: signs, both limits, and their sum over planes."""
    kappa = 10.0**decade
    radial, tangential, scalar = map(float, _compiled(dimension)(jnp.asarray(kappa)))
    at_most([radial, tangential], 0.0, slack=1e-300)
    sides = dimension - 1
    agree(scalar, sides * (planes * radial + (sides - 1) * tangential), tolerance=1e-13)
    # Of order kappa^2 / p^2 at 0, and p / kappa off the limit at infinity.
    low, high = (np.array([float(v) for v in _compiled(dimension)(jnp.asarray(end))[:2]]) for end in (1e-8, 1e8))
    at_most(np.abs(low - origin), 1e-15, slack=1e-16)
    at_most(np.abs(high + 1 / (2 * (dimension - offset))), dimension * 1e-7, slack=1e-9)


def _radial_curvature(dimension: int, concentration: str) -> float:
    with ctx.workprec(1000):
        k = arb(concentration)
        half = arb(dimension) / 2
        ratio = k.bessel_i(half, scaled=True) / k.bessel_i(half - 1, scaled=True)
        return float(RADIAL(k, ratio, arb(dimension)).mid())
