"""Claims about the von Mises manifold as a whole: what it is not, and that it is complete."""

import numpy as np
import pytest
import sympy as sp
from flint import arb

from derivations import von_mises_curvature
from derivations.von_mises_curvature import B
from properties.checks import agree, decided, derived, fact
from properties.claims import claim
from properties.subjects import batched, points
from properties.von_mises_balls import curvature_ball


@claim(
    "von-mises-hyperbolic",
    evidence="exact",
    limit=-sp.Rational(1, 2),
    falsifiers={"constant zero": {"limit": sp.Integer(0)}, "limit -1": {"limit": sp.Integer(-1)}},
)
def test_curvature_at_the_ends_differs(limit):
    derived(von_mises_curvature.ends(limit))


@claim(
    "von-mises-hyperbolic",
    evidence="counterexample",
    first=1.0,
    second=5.0,
    falsifiers={"one and the same point": {"second": 1.0}},
)
def test_curvature_at_two_points_differs(first, second):
    a, b = curvature_ball(first), curvature_ball(second)
    decided(not a.overlaps(b), f"K({first}) and K({second}) differ")
    fact(f"K({first})", a.str(20))
    fact(f"K({second})", b.str(20))


@claim(
    "von-mises-above-minus-half",
    evidence="exact",
    limit=-sp.Rational(1, 2),
    falsifiers={"limit -3/4": {"limit": -sp.Rational(3, 4)}},
)
def test_curvature_approaches_its_limit_from_below(limit):
    derived(von_mises_curvature.ends(limit))


@claim(
    "von-mises-above-minus-half",
    evidence="counterexample",
    concentration=5.0,
    falsifiers={"before the crossing": {"concentration": 4.0}},
)
def test_curvature_below_minus_half(concentration):
    value = curvature_ball(concentration)
    decided(bool(value < arb(-1) / 2), f"K({concentration}) < -1/2")
    fact(f"K({concentration})", value.str(20))


@claim(
    "von-mises-monotone",
    evidence="exact",
    limit=-sp.Rational(1, 2),
    falsifiers={"limit -3/4": {"limit": -sp.Rational(3, 4)}},
)
def test_curvature_has_to_rise_again(limit):
    derived(von_mises_curvature.ends(limit))


@claim(
    "von-mises-monotone",
    evidence="counterexample",
    concentrations=(1.0, 5.0, 50.0),
    falsifiers={"three points before the minimum": {"concentrations": (1.0, 2.0, 3.0)}},
)
def test_curvature_falls_and_rises(concentrations):
    first, second, third = map(curvature_ball, concentrations)
    decided(bool(first > second) and bool(second < third), "K falls and then rises")
    for concentration, value in zip(concentrations, (first, second, third), strict=True):
        fact(f"K({concentration})", value.str(20))


@claim(
    "von-mises-complete",
    evidence="exact",
    lower=1 / (4 * (1 - B)),
    falsifiers={
        "integrable bound": {"lower": sp.Rational(1, 4)},
        "bound too large": {"lower": 4 / (1 - B)},
        "pole cancelled": {"lower": (1 - B) / (4 * (1 - B))},
    },
)
def test_completeness(lower):
    derived(von_mises_curvature.completeness(lower))


@pytest.mark.slow
@claim(
    "von-mises-complete",
    evidence="property",
    given={"theta": points("von_mises", span=1.5), "other": points("von_mises", span=1.5)},
    period=2 * np.pi,
    falsifiers={"half the period": {"period": np.pi}, "wrong period": {"period": 6.0}},
)
def test_logarithm_and_exponential_are_inverse(theta, other, period):
    """Shooting finds a geodesic between any two points, and the exponential map retraces it; angles are modulo 2 pi."""
    velocity = np.asarray(batched("von_mises", "log")(theta, other + np.array([period, 0.0])))
    end = np.asarray(batched("von_mises", "exp")(theta, velocity))
    scale = np.maximum(1.0, other[:, 1])
    # Integration error 1e-12 per step, amplified by at most exp(distance / sqrt 2) < 400; 1000 examples left 5e-13.
    agree(end[:, 1] * np.cos(end[:, 0]), other[:, 1] * np.cos(other[:, 0]), tolerance=1e-10, scale=scale)
    agree(end[:, 1] * np.sin(end[:, 0]), other[:, 1] * np.sin(other[:, 0]), tolerance=1e-10, scale=scale)
    forth, back = batched("von_mises", "distance")(theta, other), batched("von_mises", "distance")(other, theta)
    agree(forth, back, tolerance=1e-11, scale=1.0)
