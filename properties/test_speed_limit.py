"""Claims about entropy production and Wasserstein distance."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations import gaussian_flow as closed
from derivations import speed_limit
from numerics.gaussian_flow import GaussianFlow, gaussian_flow
from properties.checks import agree, at_most, decided, derived, fact
from properties.claims import claim
from properties.flows import BATCH, flows, positive

# Equality holds to 1e-14; of 1e5 flows none came closer to a bound than 1e-11.
ROUNDING = 1e-11


@claim(
    "speed-limit",
    evidence="exact",
    constant=sp.Integer(1),
    falsifiers={"twice": {"constant": sp.Integer(2)}, "half": {"constant": sp.Rational(1, 2)}},
)
def test_limit(constant):
    derived(speed_limit.limit(constant))


@claim(
    "speed-limit",
    evidence="property",
    given={"drawn": flows()},
    duration=1.0,
    mobility=1.0,
    constant=1.0,
    falsifiers={
        "duration dropped": {"duration": 0.0},
        "mobility forgotten": {"mobility": 0.0},
        "two times the bound": {"constant": 2.0},
    },
)
def test_entropy_production_bounds_transport(drawn, duration, mobility, constant):
    """``W2^2 / (mu tau)`` at most Sigma, for random flows of normal laws in up to five dimensions."""
    found = drawn.results
    bound = constant * found["cost"] / (drawn.duration**duration * drawn.mobility**mobility)
    at_most(bound / found["production"], 1.0, slack=ROUNDING)


@claim(
    "speed-limit",
    evidence="property",
    constant=1.0,
    falsifiers={"a hundredth more": {"constant": 1.01}},
)
def test_limit_is_met_in_short_times(constant):
    """From an equilibrium law that moves along a direction of curvature 2 the ratio is ``tanh(tau)/tau``: 1 at the start."""
    curvature = jnp.diag(jnp.array([2.0, 0.5]))
    start = (jnp.zeros(2), 0.3, jnp.array([1.0, 0.0]), 0.3 * jnp.linalg.inv(curvature))
    flow = gaussian_flow(curvature, *start)
    duration = np.geomspace(1e-6, 10.0, 30)
    cost, production = (np.asarray(jax.vmap(f)(duration)) for f in (flow.transport_cost, flow.entropy_production))
    agree(constant * cost / (duration * production), np.tanh(duration) / duration, tolerance=1e-10)


@claim(
    "speed-limit-any-duration",
    evidence="exact",
    factor=sp.Integer(2),
    falsifiers={"one tanh": {"factor": sp.Integer(1)}},
)
def test_longer_than_the_logarithm_of_three(factor):
    derived(closed.arbitrary_duration(factor))


@claim(
    "speed-limit-any-duration",
    evidence="counterexample",
    mobility=1.0,
    duration=3.0,
    falsifiers={"before ln 3": {"duration": 1.0}, "mobility one tenth": {"mobility": 0.1}},
)
def test_a_long_relaxation(mobility, duration):
    """From N(1, 1) to N(e^-3, 1), unit constants."""
    cost, production = _relaxation(mobility, duration)
    fact("squared distance, entropy production", f"{cost!r}, {production!r}")
    decided(cost > 1.5 * production, "the squared distance is more than half again the entropy production")


@claim(
    "speed-limit-preconditioned",
    evidence="counterexample",
    mobility=4.0,
    falsifiers={"mobility 1": {"mobility": 1.0}},
)
def test_a_relaxation_at_mobility_four(mobility):
    """From N(1, 1), unit constants but the mobility, for one unit of time."""
    cost, production = _relaxation(mobility, 1.0)
    fact("squared distance, entropy production", f"{cost!r}, {production!r}")
    agree(production, (1 - np.exp(-2 * mobility)) / 2, tolerance=1e-13)
    agree(cost, (1 - np.exp(-mobility)) ** 2, tolerance=1e-13)
    decided(cost > 1.9 * production, "the squared distance per time is nearly twice the entropy production")


def _relaxation(mobility, duration):
    one = jnp.ones((1, 1))
    flow = gaussian_flow(one, jnp.zeros(1), 1.0, jnp.ones(1), one, mobility)
    return float(flow.transport_cost(duration)), float(flow.entropy_production(duration))


@claim(
    "speed-limit-preconditioned",
    evidence="exact",
    weight=sp.Integer(1),
    falsifiers={"two inverse mobilities": {"weight": sp.Integer(2)}},
)
def test_limit_of_a_matrix_mobility(weight):
    derived(speed_limit.matrix_limit(weight))


@pytest.mark.slow
@claim(
    "speed-limit-preconditioned",
    evidence="property",
    given={"drawn": flows(has_matrix_mobility=True)},
    constant=1.0,
    weighted="weighted_cost",
    largest=-1,
    falsifiers={
        "two times the bound": {"constant": 2.0},
        "plain distance": {"weighted": "cost"},
        "least mobility": {"largest": 0},
    },
)
def test_limits_of_matrix_mobilities(drawn, constant, weighted, largest):
    """The weighted distance, and the plain one over the largest mobility."""
    found = drawn.results
    largest_mobility = np.linalg.eigvalsh(drawn.mobility)[:, largest]
    at_most(constant * found[weighted] / (drawn.duration * found["production"]), 1.0, slack=ROUNDING)
    at_most(found["cost"] / (drawn.duration * largest_mobility * found["production"]), 1.0, slack=ROUNDING)


@claim(
    "strengthened-speed-limit",
    evidence="exact",
    rate=sp.Integer(1),
    falsifiers={"twice": {"rate": sp.Integer(2)}, "half": {"rate": sp.Rational(1, 2)}},
)
def test_strengthened_limit(rate):
    derived(speed_limit.strengthened(rate))


@claim(
    "strengthened-speed-limit",
    evidence="property",
    given={"drawn": flows()},
    rate=1.0,
    curvature="least",
    falsifiers={"half more": {"rate": 1.5}, "mean curvature": {"curvature": "mean"}},
)
def test_strongly_convex_learning(drawn, rate, curvature):
    """``(lambda/2) coth(lambda mu tau/2) W2^2`` at most Sigma, lambda being the least curvature."""
    found, spectrum = drawn.results, np.linalg.eigvalsh(drawn.curvature)
    convexity = spectrum[:, 0] if curvature == "least" else spectrum.mean(axis=1)
    bound = rate * _bound(convexity, drawn.mobility * drawn.duration) * found["cost"]
    at_most(bound / found["production"], 1.0, slack=ROUNDING)


@claim(
    "strengthened-speed-limit",
    evidence="property",
    along=0,
    falsifiers={"along the steepest direction": {"along": -1}},
)
def test_equality_for_equilibrium_laws_that_move(along):
    """Equilibrium covariance, the mean displaced along one eigenvector: equality along the flattest, for all durations."""
    random = np.random.default_rng(1)
    curvature, duration = positive(random, 3), np.geomspace(1e-2, 1e2, BATCH)
    values, vectors = np.linalg.eigh(curvature)
    flow = jax.vmap(gaussian_flow, (0, None, None, 0, 0))(
        curvature, np.zeros(3), 0.7, vectors[:, :, along], 0.7 * np.linalg.inv(curvature)
    )
    cost = np.asarray(jax.vmap(GaussianFlow.transport_cost)(flow, duration))
    production = np.asarray(jax.vmap(GaussianFlow.entropy_production)(flow, duration))
    agree(_bound(values[:, 0], duration) * cost, production, tolerance=1e-9)


def _bound(convexity, clock):
    return 0.5 * convexity / np.tanh(0.5 * convexity * clock)
