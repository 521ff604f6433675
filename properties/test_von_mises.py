"""Claims about the von Mises family: metric, curvature in closed form, geodesics."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from derivations import von_mises
from derivations.families.von_mises import kappa
from derivations.von_mises import SLOPE, A
from numerics.balls import von_mises_ball
from numerics.bessel_ratio import bessel_ratio
from numerics.riemannian import from_metric
from properties.checks import agree, decided, derived
from properties.claims import claim
from properties.quadrature import score_moments
from properties.subjects import batched, points

CONCENTRATIONS = st.floats(-6, 6).map(lambda exponent: 10.0**exponent)

AUTOMATIC = jax.jit(
    jax.vmap(
        from_metric(lambda t: jnp.diag(jnp.stack([t[1] * bessel_ratio(t[1]), bessel_ratio(t[1], 1)])))[
            "scalar_curvature"
        ]
    )
)


@claim(
    "von-mises-riccati",
    evidence="exact",
    right=1 - A / kappa - A**2,
    falsifiers={
        "square forgotten": {"right": 1 - A / kappa},
        "of the sphere in three dimensions": {"right": 1 - 2 * A / kappa - A**2},
        "sign of the quotient": {"right": 1 + A / kappa - A**2},
    },
)
def test_riccati_equation(right):
    derived(von_mises.riccati_equation(right))


@claim(
    "von-mises-riccati",
    evidence="property",
    given={"concentration": CONCENTRATIONS},
    dimension=2,
    falsifiers={"of the sphere in three dimensions": {"dimension": 3}},
)
def test_riccati_equation_in_balls(concentration, dimension):
    """The derivative by ``I1' = (I0 + I2)/2`` against the right-hand side, both as balls of radius below 1e-60."""
    with ctx.workprec(400):
        k = arb(concentration)
        i0, i1, i2 = (k.bessel_i(n, scaled=True) for n in range(3))
        ratio = i1 / i0
        slope = (1 + i2 / i0) / 2 - ratio**2
        difference = slope - (1 - (dimension - 1) * ratio / k - ratio**2)
        decided(difference.contains(0) and float(difference.rad()) < 1e-60, f"the balls overlap at kappa = {k}")


@claim(
    "von-mises-metric",
    evidence="exact",
    metric=von_mises.METRIC,
    falsifiers={
        "kappa A with kappa dropped": {"metric": sp.diag(A, SLOPE)},
        "slope without its square": {"metric": sp.diag(kappa * A, 1 - A / kappa)},
        "entries exchanged": {"metric": sp.diag(SLOPE, kappa * A)},
    },
)
def test_metric_from_density(metric):
    derived(von_mises.metric_from_density(metric))


@claim(
    "von-mises-metric",
    evidence="property",
    given={"theta": points("von_mises", span=5.0)},
    power=1,
    falsifiers={"kappa dropped": {"power": 0}, "kappa squared": {"power": 2}},
)
def test_metric_is_the_covariance_of_the_score(theta, power):
    ratio, slope = np.asarray(bessel_ratio(theta[:, 1])), np.asarray(bessel_ratio(theta[:, 1], 1))
    for point, a, b in zip(theta, ratio, slope, strict=True):
        covariance = score_moments("von_mises", point).second
        expected = np.diag([point[1] ** power * a, b])
        # The trapezoidal sum over the circle is exact to rounding; 1000 examples left 8e-15.
        size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
        agree(covariance, expected, tolerance=1e-13, scale=size)


@claim(
    "von-mises-curvature",
    evidence="exact",
    closed_form=von_mises.CURVATURE,
    falsifiers={
        "K in place of R": {"closed_form": von_mises.CURVATURE / 2},
        "fourth power replaced by a square": {
            "closed_form": (kappa * A**2 + 2 * A - kappa) ** 2 / (4 * A**2 * (kappa * A**2 + A - kappa) ** 2)
        },
        "sign flipped": {"closed_form": -von_mises.CURVATURE},
    },
)
def test_curvature_closed_form(closed_form):
    derived(von_mises.curvature(closed_form))


@pytest.mark.slow
@claim(
    "von-mises-curvature",
    evidence="property",
    given={"theta": points("von_mises", span=3.0)},
    factor=2.0,
    falsifiers={"K in place of R": {"factor": 1.0}},
)
def test_curvature_by_automatic_differentiation(theta, factor):
    """Automatic differentiation of the metric, the generated function, and the ball of the closed form."""
    balls = [float(von_mises_ball(float(k), "scalar_curvature_0").mid()) / 2 for k in theta[:, 1]]
    gaussian_curvature = np.asarray(balls)
    # Differentiation multiplies rounding by 1/kappa^2 at the small end, where R itself is of order kappa^2.
    agree(AUTOMATIC(theta), factor * gaussian_curvature, tolerance=1e-11, scale=1.0)
    agree(batched("von_mises", "scalar_curvature")(theta), factor * gaussian_curvature, tolerance=2e-15)


@claim(
    "von-mises-clairaut",
    evidence="exact",
    momentum=kappa * A,
    falsifiers={"A dropped": {"momentum": kappa}, "flat plane": {"momentum": kappa**2}},
)
def test_clairaut_integral(momentum):
    derived(von_mises.clairaut(momentum))


@pytest.mark.slow
@claim(
    "von-mises-clairaut",
    evidence="property",
    given={"theta": points("von_mises", span=1.5), "other": points("von_mises", span=1.5)},
    momentum=lambda k: k * bessel_ratio(k),
    falsifiers={"A dropped": {"momentum": lambda k: k}, "flat plane": {"momentum": lambda k: k * k}},
)
def test_clairaut_integral_along_geodesics(theta, other, momentum):
    leaving = np.asarray(batched("von_mises", "log")(theta, other))
    arriving = -np.asarray(batched("von_mises", "log")(other, theta))
    first, last = (np.asarray(momentum(x[:, 1])) * v[:, 0] for x, v in ((theta, leaving), (other, arriving)))
    # Both logarithms solve the same geodesic, to 1e-12 per step; 1000 examples left 1.3e-13.
    agree(last, first, tolerance=1e-11, scale=np.maximum(1e-3, np.abs(first)))
