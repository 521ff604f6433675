"""Claims about structured knowledge accumulation: its entropy, its action and its time."""

import hypothesis.strategies as st
import numpy as np
import sympy as sp
from scipy.special import entr, expit, rel_entr

from derivations import structured_knowledge as derivation
from properties.checks import agree, derived, fact
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
BATCH = 16


def _shannon(p):
    return entr(p) + entr(1 - p)


@claim(
    "knowledge-entropy",
    evidence="exact",
    weight=1,
    falsifiers={"the sum is exact": {"weight": 0}, "divergences twice": {"weight": 2}},
)
def test_entropy(weight):
    derived(derivation.entropy(weight))


@claim(
    "knowledge-entropy",
    evidence="property",
    given={"seed": SEEDS, "steps": st.integers(1, 40)},
    weight=1.0,
    first=1.0,
    falsifiers={
        "the sum is exact": {"weight": 0.0},
        "Shannon's entropy itself": {"first": 0.0},
    },
)
def test_sums_of_random_steps(seed, steps, weight, first):
    """Knowledge that wanders in steps of size 1; entropies in nats."""
    z = np.random.default_rng(seed).normal(size=(steps + 1, BATCH)).cumsum(axis=0)
    D = expit(z)
    found = -np.sum(z[1:] * np.diff(D, axis=0), axis=0)
    divergence = np.sum(rel_entr(D[:-1], D[1:]) + rel_entr(1 - D[:-1], 1 - D[1:]), axis=0)
    expected = _shannon(D[-1]) - first * _shannon(D[0]) - weight * divergence
    agree(found, expected, tolerance=2e-14, scale=1 + np.sum(np.abs(z[1:] * np.diff(D, axis=0)), axis=0))


@claim(
    "entropic-least-action",
    evidence="exact",
    power=1,
    falsifiers={"the square of the velocity": {"power": 2}, "its cube": {"power": 3}},
)
def test_null_lagrangian(power):
    derived(derivation.null_lagrangian(power))


PATHS = {
    "straight": (lambda t: 2 * t, lambda t: 2 + 0 * t),
    "late": (lambda t: 2 * t**8, lambda t: 16 * t**7),
    "first away": (lambda t: 2 * t - 24 * t * (1 - t), lambda t: 2 - 24 * (1 - 2 * t)),
    "to and fro": (lambda t: 2 * t + 3 * np.sin(6 * np.pi * t), lambda t: 2 + 18 * np.pi * np.cos(6 * np.pi * t)),
}


@claim(
    "entropic-least-action",
    evidence="counterexample",
    rate=lambda velocity: velocity,
    falsifiers={
        "speed for velocity": {"rate": np.abs},
        "the square of the velocity": {"rate": np.square},
    },
)
def test_paths_of_one_action(rate):
    """Four paths from z = 0 to z = 2 in unit time, by Gauss-Legendre quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    t = (1 + nodes) / 2
    expected = np.log((1 + np.exp(2)) / 2) - 2 * np.exp(2) / (1 + np.exp(2))
    actions = []
    for place, velocity in PATHS.values():
        z = place(t)
        actions.append(np.sum(-z * expit(z) * expit(-z) * rate(velocity(t)) * weights) / 2)
    fact("actions", ", ".join(f"{name}: {action:.10f}" for name, action in zip(PATHS, actions, strict=True)))
    agree(actions, np.full(len(PATHS), expected), tolerance=1e-12)


@claim(
    "characteristic-learning-time",
    evidence="exact",
    lag=sp.Integer(1),
    falsifiers={"no change of D": {"lag": sp.Integer(0)}, "twice": {"lag": sp.Integer(2)}},
)
def test_learning(lag):
    derived(derivation.learning(lag))


def _flow(z, time, steps=200):
    """The flow of the gradient by the classical Runge-Kutta method, in units of |x|^2/log 2."""
    h = time / steps

    def speed(z):
        return z * expit(z) * expit(-z)

    for _ in range(steps):
        one = speed(z)
        two = speed(z + h / 2 * one)
        three = speed(z + h / 2 * two)
        z = z + h / 6 * (one + 2 * two + 2 * three + speed(z + h * three))
    return z


def _learned(z, time, steps):
    h, before = time / steps, expit(z)
    for _ in range(steps):
        now = expit(z)
        z, before = z + h * (z * now * (1 - now) + now - before), now
    return z


@claim(
    "characteristic-learning-time",
    evidence="property",
    given={"seed": SEEDS},
    lag=1.0,
    order=1,
    falsifiers={
        "the time alone decides": {"order": 2},
        "as if the gradient had no change of D": {"lag": 0.0},
    },
)
def test_steps_are_ahead_of_the_flow(seed, lag, order):
    """Knowledge of a single decision after 128 and 256 steps, extrapolated to short ones."""
    random = np.random.default_rng(seed)
    start = random.choice([-1.0, 1.0], BATCH) * random.uniform(0.3, 3, BATCH)
    time = random.uniform(0.2, 4, BATCH)
    end = _flow(start, time)
    coarse, fine = ((_learned(start, time, n) - end) * n / time for n in (128, 256))
    slopes = [expit(z) * expit(-z) for z in (start, end)]
    ahead = end * slopes[1] * (lag * np.log(end / start) - 0.5 * np.log(end * slopes[1] / (start * slopes[0])))
    agree(2 * fine - coarse, ahead if order == 1 else 0 * ahead, tolerance=1e-4, scale=1.0)
