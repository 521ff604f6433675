"""Claims about the univariate Gaussian."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations import gaussian
from derivations.families.gaussian import family, sigma
from numerics.riemannian import from_christoffel, from_metric
from properties.checks import agree, derived
from properties.claims import claim
from properties.quadrature import score_moments
from properties.subjects import batched, geometry_of, points

METRIC = gaussian.METRIC
ALPHA = sp.Symbol("alpha", real=True)

# Metrics as functions, to integrate geodesics and differentiate independently of the generated formulas.
ORACLE = {
    name: jax.jit(jax.vmap(f)) for name, f in from_metric(lambda t: jnp.diag(jnp.stack([1.0, 2.0])) / t[1] ** 2).items()
}
GEODESICS = from_christoffel(
    lambda t: jnp.diag(jnp.stack([1.0, 2.0])) / t[1] ** 2,
    from_metric(lambda t: jnp.diag(jnp.stack([1.0, 2.0])) / t[1] ** 2)["christoffel"],
)
INTEGRATED = jax.jit(jax.vmap(GEODESICS["exp"]))


@claim(
    "gaussian-metric",
    evidence="exact",
    metric=METRIC,
    falsifiers={
        "factor 2 dropped": {"metric": sp.diag(1 / sigma**2, 1 / sigma**2)},
        "variance in place of standard deviation": {"metric": sp.diag(1 / sigma**2, 1 / (2 * sigma**4))},
        "sign flipped": {"metric": -METRIC},
    },
)
def test_metric_from_density(metric):
    derived(gaussian.metric_from_density(metric))


@claim(
    "gaussian-metric",
    evidence="property",
    given={"theta": points("gaussian")},
    factor=2.0,
    falsifiers={"factor 2 dropped": {"factor": 1.0}, "factor 4": {"factor": 4.0}},
)
def test_metric_is_the_covariance_of_the_score(theta, factor):
    for mu, scale in theta:
        covariance = score_moments("gaussian", np.array([mu, scale])).second
        # The trapezoidal sum is exact to rounding; its two thousand terms left 3e-13 in 1000 examples.
        agree(covariance * scale**2, np.diag([1.0, factor]), tolerance=3e-12, scale=1.0)


@claim(
    "gaussian-hyperbolic",
    evidence="exact",
    curvature=gaussian.CURVATURE,
    falsifiers={"K = -1": {"curvature": sp.Integer(-1)}, "positive": {"curvature": sp.Rational(1, 2)}},
)
def test_curvature_is_constant(curvature):
    derived(gaussian.curvature(curvature))


@claim(
    "gaussian-hyperbolic",
    evidence="property",
    given={"theta": points("gaussian")},
    scalar_curvature=-1.0,
    falsifiers={"K in place of R": {"scalar_curvature": -0.5}, "sphere": {"scalar_curvature": 1.0}},
)
def test_curvature_by_automatic_differentiation(theta, scalar_curvature):
    # Two nested derivatives of sigma**-2, contracted: about a hundred roundings.
    agree(ORACLE["scalar_curvature"](theta), np.full(len(theta), scalar_curvature), tolerance=2e-14)
    agree(batched("gaussian", "scalar_curvature")(theta), np.full(len(theta), scalar_curvature), tolerance=1e-15)


@claim(
    "gaussian-geodesics",
    evidence="exact",
    width=sp.sqrt(2),
    falsifiers={"circles": {"width": sp.Integer(1)}, "half-axes exchanged": {"width": 1 / sp.sqrt(2)}},
)
def test_geodesic_equation(width):
    derived(gaussian.geodesics(width))


@pytest.mark.slow
@claim(
    "gaussian-geodesics",
    evidence="property",
    given={
        "radius": st.floats(0.1, 10),
        "centre": st.floats(-5, 5),
        "start": st.floats(-2, 2),
        "length": st.floats(0.1, 4),
    },
    width=2**0.5,
    falsifiers={"circles": {"width": 1.0}, "wrong speed": {"width": 2.0}},
)
def test_geodesics_by_integration(radius, centre, start, length, width):
    def curve(s):
        return jnp.stack([centre + width * radius * jnp.tanh(s / 2**0.5), radius / jnp.cosh(s / 2**0.5)])

    begin, velocity = jax.jvp(curve, (start,), (length,))
    end = INTEGRATED(begin[None], velocity[None])[0]
    # The integrator is held to 1e-12 per step; errors grow like exp(length / sqrt 2) < 17. 1000 examples left 1.4e-12.
    agree(end, curve(start + length), tolerance=2e-11, scale=radius)


@claim(
    "gaussian-distance",
    evidence="exact",
    cosh=gaussian.cosh_of_distance(),
    falsifiers={
        "mu not halved": {
            "cosh": 1
            + ((family.coordinates[0] - family.others[0]) ** 2 + (sigma - family.others[1]) ** 2)
            / (2 * sigma * family.others[1])
        },
        "half the argument": {"cosh": (1 + gaussian.cosh_of_distance()) / 2},
    },
)
def test_distance_is_arc_length(cosh):
    derived(gaussian.distance(cosh))


@claim(
    "gaussian-distance",
    evidence="property",
    given={"theta": points("gaussian", span=1.5), "velocity": points("gaussian", span=1.0)},
    factor=1.0,
    falsifiers={"sqrt 2 dropped": {"factor": 0.5**0.5}, "doubled": {"factor": 2.0}},
)
def test_distance_by_integration(theta, velocity, factor):
    velocity = velocity * theta[:, 1:]
    speed = np.sqrt(np.einsum("ni,nij,nj->n", velocity, np.asarray(ORACLE["metric"](theta)), velocity))
    end = INTEGRATED(theta, velocity)
    measured = batched("gaussian", "distance")(theta, end)
    # Integration error 1e-12 per step; 1000 examples left 3e-13.
    agree(factor * measured, speed, tolerance=5e-12, scale=1 + speed)


@claim(
    "gaussian-alpha-curvature",
    evidence="exact",
    curvature=-(1 - ALPHA**2) / 2,
    falsifiers={
        "linear in alpha": {"curvature": -(1 - ALPHA) / 2},
        "sign of alpha squared": {"curvature": -(1 + ALPHA**2) / 2},
        "alpha not halved in the connection": {"curvature": -(1 - 4 * ALPHA**2) / 2},
    },
)
def test_alpha_curvature(curvature):
    derived(gaussian.alpha_curvature(curvature))


@pytest.mark.slow
@claim(
    "gaussian-alpha-curvature",
    evidence="property",
    given={"theta": points("gaussian", span=2.0), "alpha": st.floats(-3, 3)},
    weight=0.5,
    falsifiers={"alpha not halved in the connection": {"weight": 1.0}, "T forgotten": {"weight": 0.0}},
)
def test_alpha_curvature_by_automatic_differentiation(theta, alpha, weight):
    geometry = geometry_of("gaussian")

    def connection(x):
        raised = jnp.einsum("im,mjk->ijk", geometry.inverse_metric(x), geometry.skewness(x))
        return geometry.christoffel(x) - weight * alpha * raised

    for x in theta:
        slope, symbols = jax.jacfwd(connection)(x), connection(x)
        half = jnp.transpose(slope, (0, 2, 3, 1)) + jnp.einsum("ikm,mlj->ijkl", symbols, symbols)
        lowered = jnp.einsum("im,mjkl->ijkl", geometry.metric(x), half - jnp.swapaxes(half, 2, 3))
        sectional = lowered[0, 1, 0, 1] / jnp.linalg.det(geometry.metric(x))
        agree(sectional, -(1 - alpha**2) / 2, tolerance=1e-14, scale=1 + alpha**2)
