"""The natural gradient in two charts: its flow, its steps, and other rules that no chart can tell from it."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations import chentsov, natural_gradient
from numerics.natural_gradient import natural_gradient as raised
from numerics.natural_gradient import velocity
from numerics.reparametrisation import pull_back_metric
from properties.checks import agree, decided, derived, fact, sampled, table
from properties.claims import claim
from properties.subjects import BATCH, geometry_of
from properties.test_reparametrisation import chart, maps

SEEDS = st.integers(0, 2**32 - 1)
FAMILIES = ("gaussian", "von_mises")
STEPS = 1e-4 * 2.0 ** np.arange(4)


def losses(seed):
    """The coefficients of a batch of losses."""
    return np.random.default_rng([seed, 2]).uniform(-1, 1, (BATCH, 3))


def loss_of(coefficients):
    """A loss that grows towards both ends of the scale, so that the flow stays away from them."""
    a, b, c = coefficients

    def loss(theta):
        size = jnp.log(theta[1])
        return a * jnp.sin(theta[0]) + b * jnp.cos(theta[0]) * size + 0.5 * (size - c) ** 2

    return loss


def in_both_charts(family, coefficients, parameters, with_metric=True):
    """The map from y to theta, and the velocity in theta and in y."""
    metric, loss, phi = geometry_of(family).metric, loss_of(coefficients), chart(*parameters)
    there = pull_back_metric(metric, phi)
    if not with_metric:
        metric = there = lambda point: jnp.eye(2, dtype=point.dtype)
    return phi, velocity(metric, loss), velocity(there, lambda y: loss(phi(y)))


@cache
def flows(family, with_metric):
    """Where the flows in theta and in y arrive from the same point, seen in theta."""

    def arrive(y, linear, waves, bends, coefficients):
        phi, here, there = in_both_charts(family, coefficients, (linear, waves, bends), with_metric)
        return integrated(here, phi(y)), phi(integrated(there, y))

    return jax.jit(jax.vmap(arrive))


def integrated(field, start, time=0.25, number=512):
    """The classical fourth-order Runge-Kutta method with equal steps."""
    h = time / number

    def advance(point, _):
        k1 = field(point)
        k2 = field(point + 0.5 * h * k1)
        k3 = field(point + 0.5 * h * k2)
        k4 = field(point + h * k3)
        return point + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return jax.lax.scan(advance, start, None, length=number)[0]


@cache
def steps(family, with_metric):
    """The difference of steps of several sizes in both charts, and ``H(v', v') / 2``; velocities have length 1."""

    def differences(y, linear, waves, bends, coefficients):
        phi, here, there = in_both_charts(family, coefficients, (linear, waves, bends), with_metric)
        theta, v, v_there = phi(y), here(phi(y)), there(y)
        unit = 1 / jnp.sqrt(v @ geometry_of(family).metric(theta) @ v)
        v, v_there = unit * v, unit * v_there
        apart = jax.vmap(lambda h: phi(y + h * v_there) - (theta + h * v))(jnp.asarray(STEPS))
        bend = jnp.einsum("aij,i,j->a", jax.jacfwd(jax.jacfwd(phi))(y), v_there, v_there)
        return apart, 0.5 * bend

    return jax.jit(jax.vmap(differences))


@claim(
    "natural-gradient-flow-invariant",
    evidence="exact",
    with_metric=True,
    falsifiers={"Euclidean gradient": {"with_metric": False}},
)
def test_velocity_is_a_vector(with_metric):
    derived(natural_gradient.flow(with_metric))


@pytest.mark.slow
@claim(
    "natural-gradient-flow-invariant",
    evidence="property",
    given={"seed": SEEDS},
    with_metric=True,
    falsifiers={"Euclidean gradient": {"with_metric": False}},
)
def test_flows_in_two_charts_arrive_together(seed, with_metric):
    """Gaussian and von Mises: the flow from one point, integrated in (location, scale) and in a random chart."""
    for family in FAMILIES:
        here, there = flows(family, with_metric)(*maps(seed, 2), losses(seed))
        # Errors of the integration: 1000 examples left 6e-9, most of them 1e-12 and less.
        agree(there, here, tolerance=2e-6, scale=1 + np.abs(here))


@claim(
    "natural-gradient-step-order",
    evidence="exact",
    first=sp.Integer(0),
    second=sp.Rational(1, 2),
    falsifiers={
        "order 1": {"first": sp.Integer(1)},
        "order 3": {"second": sp.Integer(0)},
        "half dropped": {"second": sp.Integer(1)},
    },
)
def test_second_derivatives_of_the_map_remain(first, second):
    derived(natural_gradient.step(first, second))


@claim(
    "natural-gradient-step-order",
    evidence="property",
    given={"seed": SEEDS},
    factor=1.0,
    falsifiers={"half dropped": {"factor": 2.0}, "sign": {"factor": -1.0}, "order 3": {"factor": 0.0}},
)
def test_leading_term_of_the_difference(seed, factor):
    for family in FAMILIES:
        apart, bend = (np.asarray(part) for part in steps(family, True)(*maps(seed, 2), losses(seed)))
        over_square = apart / STEPS[:, None] ** 2
        # Two steps extrapolate the third order away; 1500 seeds left 5e-5.
        limit = 2 * over_square[:, 2] - over_square[:, 3]
        size = 1 + np.max(np.abs(bend), axis=1, keepdims=True)
        agree(limit, factor * bend, tolerance=5e-4, scale=size)


@claim(
    "natural-gradient-step-order",
    evidence="property",
    order=2.0,
    with_metric=True,
    falsifiers={
        "order 1": {"order": 1.0},
        "order 3": {"order": 3.0},
        "Euclidean gradient": {"with_metric": False},
    },
)
def test_measured_order(order, with_metric):
    """The slope of the logarithm of the difference on that of the step, where H(v', v') is not small."""
    rows = []
    for family in FAMILIES:
        slopes = np.concatenate([_slopes(family, seed, with_metric) for seed in range(25)])
        sampled(len(slopes))
        rows.append([family, len(slopes), *(f"{q:.5f}" for q in np.quantile(slopes, [0, 0.5, 1]))])
        # The third order bends the line: slopes of 20000 maps lay between 1.971 and 2.031.
        agree(slopes, np.full(len(slopes), order), tolerance=0.05, scale=1.0)
    table("Measured order of the difference of two steps", ["family", "maps", "least", "median", "largest"], rows)


def _slopes(family, seed, with_metric):
    apart, bend = (np.asarray(part) for part in steps(family, with_metric)(*maps(seed, 2), losses(seed)))
    size = np.linalg.norm(apart, axis=2)
    slopes = np.polyfit(np.log(STEPS), np.log(size).T, 1)[0]
    return slopes[np.linalg.norm(bend, axis=1) > 0.1]


@claim(
    "natural-gradient-step-invariant",
    evidence="exact",
    through_logarithm=None,
    rate=sp.Integer(1),
    falsifiers={
        "the same end": {"through_logarithm": sp.Rational(11, 10)},
        "twice the speed of the geodesic": {"rate": sp.Integer(2)},
    },
)
def test_one_step_in_two_charts(through_logarithm, rate):
    derived(natural_gradient.example(through_logarithm))
    derived(natural_gradient.geodesic_step(rate))


@claim(
    "natural-gradient-step-invariant",
    evidence="counterexample",
    metric_in_logarithm=2.0,
    claimed=1.10517091808,
    falsifiers={"the same end": {"claimed": 1.1}, "metric not transformed": {"metric_in_logarithm": 1.0}},
)
def test_counterexample_in_numbers(metric_in_logarithm, claimed):
    """Metric 2/sigma^2, loss (sigma - 3)^2/2, start 1, step 1/10: in sigma, and in ln sigma."""

    def loss(sigma):
        return 0.5 * (sigma[0] - 3.0) ** 2

    here = velocity(lambda sigma: 2.0 / sigma[:, None] ** 2, loss)
    there = velocity(lambda _: jnp.full((1, 1), metric_in_logarithm), lambda w: loss(jnp.exp(w)))
    in_sigma = 1.0 + 0.1 * here(jnp.ones(1))[0]
    in_logarithm = jnp.exp(0.1 * there(jnp.zeros(1))[0])
    agree(in_sigma, 1.1, tolerance=1e-15)
    agree(in_logarithm, claimed, tolerance=1e-11)
    fact("one step in sigma", repr(float(in_sigma)))
    fact("one step in ln sigma", repr(float(in_logarithm)))
    decided(bool(in_logarithm - in_sigma > 5e-3), "the steps end apart by more than 0.005")


@pytest.mark.slow
@claim(
    "natural-gradient-unique",
    evidence="exact",
    power=1,
    falsifiers={"velocity not transformed": {"power": 0}},
)
def test_other_covariant_rules(power):
    derived(natural_gradient.other_rules(power))


@claim(
    "natural-gradient-unique",
    evidence="counterexample",
    weight=1.0,
    stretch=2.0,
    falsifiers={"nothing added": {"weight": 0.0}, "nothing stretched": {"stretch": 1.0}},
)
def test_other_rules_in_numbers(weight, stretch):
    """Bernoulli law with q = 1/4 and loss q: two other rules, each the same in q and in the logit of q."""
    q, jacobian = 0.25, 0.25 * 0.75
    fisher, other = 16 / 3, 16 / 3 + weight * (float(chentsov.entropy_value()) - 16 / 3)
    here, there = (
        [_raised(g, 1.0) for g in (fisher, other)],
        [_raised(g * jacobian**2, jacobian) for g in (fisher, other)],
    )
    for v, moved in zip(here, there, strict=True):
        agree(jacobian * moved, v, tolerance=1e-15)
    # The squared length of the gradient is a scalar, so its square root times the gradient is covariant.
    scalars = [1.0 * here[0], jacobian * there[0]]
    scaled = [v * s ** (stretch - 1) for v, s in zip((here[0], jacobian * there[0]), scalars, strict=True)]
    agree(scaled[1], scaled[0], tolerance=1e-15)
    fact("natural gradient, with F + dH dH, scaled by its squared length", f"{here[0]}, {here[1]}, {scaled[0]}")
    decided(bool(abs(here[1] - here[0]) > 0.01 * here[0]), f"another metric gives another velocity at q = {q}")
    decided(bool(abs(scaled[0] - here[0]) > 0.01 * here[0]), "and so does a scalar factor")


def _raised(metric, slope):
    return float(raised(jnp.full((1, 1), metric), jnp.full(1, slope))[0])
