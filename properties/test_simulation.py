"""Simulated ensembles of Langevin dynamics, with and without momentum, against the laws that the claims are about."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import norm

from numerics.ensembles import advance, ensemble
from numerics.fokker_planck import FokkerPlanck
from numerics.update_rules import langevin, underdamped_langevin
from properties.checks import Inconclusive, Violation, fact, recording
from properties.claims import claim
from properties.simulation import bias_is_small, means_agree

TIMES = (1, 2, 4)
# Independent learners of one parameter each, 64 to an array.
SHAPE = (1024, 64)
START = -0.8, 0.3
QUANTITIES = {
    "objective": lambda x: (x * x - 1) ** 2,
    "right of 0": lambda x: 0.5 * (1 + np.sign(x)),
    "square": lambda x: x * x,
}


def simulated(rule, objective, mean, deviation, step):
    """Positions of all learners at the times, by time, from a normal law."""
    start, key = jax.random.split(jax.random.key(2026))
    members = ensemble(rule, mean + deviation * jax.random.normal(start, SHAPE), key)
    step_sizes = jnp.full(round(1 / step), step)
    passed = {}
    for time in range(1, TIMES[-1] + 1):
        members = advance(rule, objective, members, step_sizes)
        passed[time] = np.asarray(members.parameters).reshape(-1)
    return {time: passed[time] for time in TIMES}


def double_well(x, data):
    return jnp.sum((x * x - 1) ** 2)


@cache
def _double_well_samples(step):
    positions = simulated(langevin(0.4), double_well, *START, step)
    return {f"{name} at {t}": f(x) for t, x in positions.items() for name, f in QUANTITIES.items()}


@cache
def double_well_law(mobility=1.0, temperature=0.4, tilt=0.0):
    """Means at the times in the objective ``(x^2 - 1)^2 + tilt x``, by finite volumes."""
    edges = np.linspace(-3.0, 3.0, 401)
    middles = 0.5 * (edges[1:] + edges[:-1])
    objective = (middles**2 - 1) ** 2 + tilt * middles
    cells = FokkerPlanck(
        jnp.asarray(edges), jnp.asarray(objective), jnp.asarray(temperature), jnp.asarray(float(mobility))
    )
    start = np.diff(norm.cdf(edges, *START))
    return _followed(np.asarray(cells.propagator(1.0)), start / start.sum(), middles)


def _followed(transition, law, x):
    """Means at the times of a law on the points x, by its transitions over one unit of time."""
    means = {}
    for time in range(1, TIMES[-1] + 1):
        law = transition @ law
        means |= {f"{name} at {time}": float(law @ f(x)) for name, f in QUANTITIES.items() if time in TIMES}
    return means


@cache
def _algorithm_in_the_double_well(step):
    """Means of the law that steps of this size lead to, without noise: by the trapezoidal rule for their transitions."""
    x = np.linspace(-2.6, 2.6, 521)
    width = x[1] - x[0]
    transition = norm.pdf(x[:, None], x - step * 4 * x * (x * x - 1), (2 * step * 0.4) ** 0.5) * width
    return _followed(np.linalg.matrix_power(transition, round(1 / step)), norm.pdf(x, *START) * width, x)


WELL_FALSIFIERS = {
    "mobility a tenth larger": {"mobility": 1.1},
    "temperature a tenth lower": {"temperature": 0.36},
    "a tilted well": {"tilt": 0.1},
}


@pytest.mark.slow
@claim(
    "free-energy-identity",
    evidence="simulated",
    law={},
    falsifiers={name: {"law": change} for name, change in WELL_FALSIFIERS.items()},
)
def test_langevin_dynamics_in_a_double_well(law):
    """65536 learners from ``N(-0.8, 0.3^2)`` at temperature 0.4 in ``(x^2 - 1)^2`` against the law of the finite volumes.

    Shorter steps than 1/128 cost too much, and with these the algorithm is off by up to six standard errors. Its own law,
    without noise, says by how much: halving the step gives the part of first order, which is added to the law of the
    finite volumes. What that leaves is small.
    """
    step = 1 / 128
    samples, truth = _double_well_samples(step), double_well_law()
    whole, half = _algorithm_in_the_double_well(step), _algorithm_in_the_double_well(step / 2)
    shift = {name: 2 * (whole[name] - half[name]) for name in whole}
    fact("bias of the objective at the last time, by halving the step", f"{shift['objective at 4']:.5f}")
    bias_is_small({name: whole[name] - shift[name] - truth[name] for name in truth}, samples)

    def shifted(means):
        return {name: mean + shift[name] for name, mean in means.items()}

    rivals = {name: shifted(double_well_law(**change)) for name, change in WELL_FALSIFIERS.items()}
    means_agree(samples, shifted(double_well_law(**law)), shifted(truth), rivals)


OSCILLATOR = {"stiffness": 2.0, "mass": 1.5, "friction": 0.8, "temperature": 0.5}
OSCILLATOR_START = 1.5, 0.4


def parabola(x, data):
    return jnp.sum(OSCILLATOR["stiffness"] * x * x / 2)


@cache
def _oscillator_samples(step):
    rule = underdamped_langevin(*(OSCILLATOR[name] for name in ("temperature", "friction", "mass")))
    positions = simulated(rule, parabola, *OSCILLATOR_START, step)
    return {f"{name} at {t}": x**power for t, x in positions.items() for name, power in (("mean", 1), ("square", 2))}


def oscillator_law(propagate, temperature, mass):
    """Mean and mean square of the position at the times; a momentum in equilibrium at the start.

    Args:
        propagate: the matrix for position and momentum, and the covariance that noise adds, over one unit of time.
        temperature: for the start.
        mass: for the start.
    """
    (left, added), means = propagate, {}
    mean, covariance = (
        np.array([OSCILLATOR_START[0], 0.0]),
        np.diag([OSCILLATOR_START[1] ** 2, mass * temperature]),
    )
    for time in range(1, TIMES[-1] + 1):
        mean, covariance = left @ mean, left @ covariance @ left.T + added
        if time in TIMES:
            means |= {f"mean at {time}": mean[0], f"square at {time}": covariance[0, 0] + mean[0] ** 2}
    return means


def exactly(stiffness, mass, friction, temperature):
    """Of the stochastic equation."""
    left = expm(np.array([[0.0, 1 / mass], [-stiffness, -friction]]))
    rest = np.diag([temperature / stiffness, mass * temperature])
    return oscillator_law((left, rest - left @ rest @ left.T), temperature, mass)


def in_steps(step, stiffness, mass, friction, temperature):
    """Of the algorithm: half a drift, half a kick, friction and noise, half a kick, half a drift."""
    drift, kick = np.array([[1.0, step / 2 / mass], [0.0, 1.0]]), np.array([[1.0, 0.0], [-stiffness * step / 2, 1.0]])
    rub = np.diag([1.0, np.exp(-friction * step)])
    one = drift @ kick @ rub @ kick @ drift
    noise = (drift @ kick)[:, 1] * ((1 - np.exp(-2 * friction * step)) * mass * temperature) ** 0.5
    left, added = np.eye(2), np.zeros((2, 2))
    for _ in range(round(1 / step)):
        left, added = one @ left, one @ added @ one.T + np.outer(noise, noise)
    return oscillator_law((left, added), temperature, mass)


OSCILLATOR_FALSIFIERS = {
    "friction a tenth lower": {"friction": 0.72},
    "mass a tenth larger": {"mass": 1.65},
    "temperature a tenth lower": {"temperature": 0.45},
}


@claim(
    "momentum-speed-limit",
    evidence="simulated",
    law={},
    falsifiers={name: {"law": change} for name, change in OSCILLATOR_FALSIFIERS.items()},
)
def test_underdamped_dynamics_in_a_quadratic_objective(law):
    """65536 learners with momentum from ``N(1.5, 0.4^2)`` against the exact normal law of the position.

    In steps of 1/32 the algorithm's own moments, which obey a linear recursion, are close enough to it.
    """
    step = 1 / 32
    samples, truth, own = _oscillator_samples(step), exactly(**OSCILLATOR), in_steps(step, **OSCILLATOR)
    bias_is_small({name: own[name] - truth[name] for name in truth}, samples)
    rivals = {name: exactly(**OSCILLATOR | change) for name, change in OSCILLATOR_FALSIFIERS.items()}
    means_agree(samples, exactly(**OSCILLATOR | law), truth, rivals)


def test_too_few_members_do_not_decide():
    """A test without power says so, one with power finds the error."""
    samples = {"x": np.random.default_rng(0).normal(size=10000)}
    few = {"x": samples["x"][:100]}
    with recording():
        with pytest.raises(Inconclusive, match="take more members"):
            means_agree(few, {"x": 0.0}, {"x": 0.0}, {"a little more": {"x": 0.1}})
        with pytest.raises(Violation):
            means_agree(samples, {"x": 0.1}, {"x": 0.0}, {"a little more": {"x": 0.1}})
        with pytest.raises(Inconclusive, match="shorter steps"):
            bias_is_small({"x": 0.02}, samples)
        means_agree(samples, {"x": 0.0}, {"x": 0.0}, {"a little more": {"x": 0.1}})
