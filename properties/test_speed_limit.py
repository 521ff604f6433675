"""Claims about entropy production and Wasserstein distance."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize

from derivations import gaussian_flow as closed
from derivations import speed_limit
from numerics.gaussian_flow import GaussianFlow, gaussian_flow
from properties.checks import agree, at_most, decided, derived, fact, sampled, table
from properties.claims import claim
from properties.flows import BATCH, flows, positive

# Equality holds to 1e-14; of 1e5 flows none came closer to a bound than 1e-11.
ROUNDING = 1e-11
_REACH = 3.5


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


@pytest.mark.slow
@claim(
    "speed-limit",
    evidence="property",
    constant=1.0,
    falsifiers={"a hundredth more": {"constant": 1.01}},
)
def test_guided_search_for_a_violation(constant):
    """Flows in the plane for a clock of 1, led to the smallest ratio of entropy production to its bound."""
    slack, number = _smallest_slack(lambda _: 1.0)
    sampled(number)
    fact("smallest slack found, relative", f"{slack:.3g}")
    at_most(constant, 1.0 + slack, slack=ROUNDING)


def _smallest_slack(bound):
    """The least ``Sigma / (bound W2^2) - 1`` that a simplex search finds from eight starts, and how many flows it looked at."""

    def ratio(free):
        curvature, covariance = (_rotated(*free[i : i + 3]) for i in (0, 3))
        flow = gaussian_flow(curvature, jnp.zeros(2), jnp.exp(free[8]), 3.0 * free[6:8], covariance)
        convexity = jnp.exp(_REACH * jnp.minimum(jnp.tanh(free[0]), jnp.tanh(free[1])))
        return flow.entropy_production(1.0) / (bound(convexity) * flow.transport_cost(1.0))

    compiled, random = jax.jit(ratio), np.random.default_rng(0)
    found = [
        minimize(lambda x: float(compiled(x)), random.normal(size=9), method="Nelder-Mead", options={"maxiter": 1500})
        for _ in range(8)
    ]
    return min(result.fun for result in found) - 1, sum(result.nfev for result in found)


def _rotated(first, second, angle):
    """A positive definite matrix of the plane, eigenvalues within ``exp(+-3.5)``."""
    c, s = jnp.cos(angle), jnp.sin(angle)
    frame = jnp.array([[c, -s], [s, c]])
    return (frame * jnp.exp(_REACH * jnp.tanh(jnp.array([first, second])))) @ frame.T


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
    "gap-closes-as-learning-slows",
    evidence="exact",
    slow=sp.Integer(1),
    falsifiers={"half the gap": {"slow": sp.Rational(1, 2)}},
)
def test_efficiency_does_not_know_the_pace(slow):
    derived(closed.efficiency(slow))


@claim(
    "gap-closes-as-learning-slows",
    evidence="counterexample",
    clock=2.0,
    falsifiers={"for a moment": {"clock": 1e-3}, "a tenth": {"clock": 0.1}},
)
def test_efficiency_of_ever_shorter_steps(clock):
    """The Langevin algorithm from N(1, 1), unit constants, by its shadow: more and shorter steps of the same whole length."""
    rows, efficiency = [], np.nan
    for number in (4, 16, 64, 256, 1024):
        step = clock / number
        shadow = 1 - step / 2
        flow = gaussian_flow(
            jnp.full((1, 1), shadow),
            jnp.zeros(1),
            1.0,
            jnp.ones(1),
            jnp.ones((1, 1)),
            -np.log1p(-step) / (step * shadow),
        )
        weighted, production = (
            float(v) for v in (flow.transport_cost(clock, is_weighted=True), flow.entropy_production(clock))
        )
        efficiency = weighted / (clock * production)
        rows.append([number, f"{step:.4g}", f"{efficiency:.6f}"])
    table("Efficiency against the number of steps", ["steps", "step size", "squared distance over limit"], rows)
    agree(efficiency, np.tanh(clock / 2) / (clock / 2), tolerance=2e-3)
    decided(efficiency < 0.8, "in 1024 steps it is still below 0.8")


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


@pytest.mark.slow
@claim(
    "strengthened-speed-limit",
    evidence="property",
    rate=1.0,
    falsifiers={"a thousandth more": {"rate": 1.001}},
)
def test_guided_search_below_the_strengthened_bound(rate):
    """As for the plain limit; here the bound is met by flows that the search approaches."""
    slack, number = _smallest_slack(lambda convexity: 0.5 * convexity / jnp.tanh(0.5 * convexity))
    sampled(number)
    fact("smallest slack found, relative", f"{slack:.3g}")
    at_most(rate, 1.0 + slack, slack=ROUNDING)


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
