"""The Fisher metric under Markov maps of finite sample spaces."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import minimize

from derivations import markov
from numerics.markov import fisher_norm, information_loss
from properties.checks import agree, at_most, derived, fact, table
from properties.claims import claim
from properties.subjects import BATCH

SEEDS = st.integers(0, 2**32 - 1)
INPUTS, OUTPUTS = 6, 4
P, U = markov.two_outcomes()
NORM = jax.jit(jax.vmap(fisher_norm))
LOSS = jax.jit(jax.vmap(information_loss))


def simplex_points(random, outcomes=INPUTS):
    """A batch of probability vectors whose entries vary by four orders of magnitude, and of tangent vectors."""
    weights = np.exp(random.uniform(-4.6, 4.6, (BATCH, outcomes)))
    p = weights / weights.sum(axis=1, keepdims=True)
    # Scores of order one with mean zero: u = p l.
    score = random.normal(size=(BATCH, outcomes))
    return p, p * (score - np.sum(p * score, axis=1, keepdims=True))


def kernels(random, inputs=INPUTS, outputs=OUTPUTS):
    """A batch of Markov maps, from nearly deterministic ones to nearly constant ones, some with zeros."""
    sharpness = np.exp(random.uniform(-2, 2, (BATCH, 1, 1)))
    weights = np.exp(sharpness * random.normal(size=(BATCH, inputs, outputs)))
    weights[random.uniform(size=weights.shape) < 0.2] = 0.0
    # Every row has an entry, and every output is reached.
    weights[:, :, 0] += 1e-3
    weights[:, 0, :] += 1e-3
    return weights / weights.sum(axis=2, keepdims=True)


def statistics(random):
    """A batch of statistics: each outcome goes to one of four values, and every value is taken."""
    values = np.stack([random.permutation([0, 1, 2, 3, 0, 1]) for _ in range(BATCH)])
    return values, np.eye(OUTPUTS)[values]


def after(kernel, vectors):
    return np.einsum("nim,ni->nm", kernel, vectors)


def fisher(p, u):
    return np.asarray(NORM(p, u))


def without_probabilities(p, u):
    return np.sum(u**2, axis=1)


@claim(
    "markov-monotonicity",
    evidence="exact",
    loss=markov.merging_loss(),
    falsifiers={
        "sign flipped": {"loss": -markov.merging_loss()},
        "nothing is lost": {"loss": 0},
        "square of the difference of u": {"loss": (U[0] - U[1]) ** 2 / (P[0] + P[1])},
        "product of the probabilities forgotten": {"loss": markov.merging_loss() / (P[0] * P[1])},
    },
)
def test_merging_loses_a_square(loss):
    derived(markov.merging(loss))


@claim(
    "markov-monotonicity",
    evidence="exact",
    outputs=2,
    left_out=0,
    falsifiers={"a row that does not add up to 1": {"left_out": 1}},
)
def test_loss_of_a_general_kernel(outputs, left_out):
    derived(markov.three_outcomes())
    derived(markov.kernel(3, outputs, left_out))


@claim(
    "markov-monotonicity",
    evidence="property",
    given={"seed": SEEDS},
    norm=fisher,
    sign=1.0,
    falsifiers={
        "reversed inequality": {"sign": -1.0},
        "sum of u^2 in place of u^2/p": {"norm": without_probabilities},
        "u^2/sqrt(p)": {"norm": lambda p, u: np.sum(u**2 / np.sqrt(p), axis=1)},
    },
)
def test_norm_does_not_grow(seed, norm, sign):
    random = np.random.default_rng(seed)
    (p, u), kernel = simplex_points(random), kernels(random)
    for map_ in (kernel, statistics(random)[1]):
        before, moved = norm(p, u), norm(after(map_, p), after(map_, u))
        at_most(sign * moved, sign * before, slack=1e-13, scale=before)


@claim(
    "markov-monotonicity",
    evidence="property",
    given={"seed": SEEDS},
    factor=1.0,
    falsifiers={"half the conditional variance": {"factor": 0.5}, "nothing is lost": {"factor": 0.0}},
)
def test_loss_is_the_conditional_variance(seed, factor):
    random = np.random.default_rng(seed)
    (p, u), kernel = simplex_points(random), kernels(random)
    before = fisher(p, u)
    lost = before - fisher(after(kernel, p), after(kernel, u))
    # Rounding of sums of six terms; 2000 seeds left 1.4e-15.
    agree(lost, factor * np.asarray(LOSS(kernel, p, u)), tolerance=1e-14, scale=before)


@claim(
    "markov-monotonicity",
    evidence="property",
    constant=1.0,
    falsifiers={"0.99 of the norm": {"constant": 0.99}, "half the norm": {"constant": 0.5}},
)
def test_the_bound_is_the_best(constant):
    """A guided search over laws, directions and kernels climbs to the bound."""
    best = [_climbed(np.random.default_rng(seed)) for seed in range(3)]
    table("Largest norm after over norm before, by ascent", ["start", "ratio"], list(enumerate(best)))
    fact("smallest slack found by guided search", f"{1 - max(best):.1e}")
    at_most(best, constant, slack=1e-13)


@claim(
    "markov-equality-is-sufficiency",
    evidence="exact",
    loss=markov.merging_loss(),
    falsifiers={
        "nothing is ever lost": {"loss": 0},
        "equality at equal u": {"loss": (U[0] - U[1]) ** 2 / (P[0] + P[1])},
    },
)
def test_equality_condition(loss):
    derived(markov.merging(loss))
    derived(markov.kernel())


@claim(
    "markov-equality-is-sufficiency",
    evidence="property",
    given={"seed": SEEDS},
    spread=0.0,
    falsifiers={"an insufficient statistic": {"spread": 0.1}, "nearly sufficient": {"spread": 1e-4}},
)
def test_sufficient_statistics_lose_nothing(seed, spread):
    random = np.random.default_rng(seed)
    p, _ = simplex_points(random)
    values, kernel = statistics(random)
    # One score for each value of the statistic; the spread makes scores differ inside the fibres.
    score = np.take_along_axis(random.normal(size=(BATCH, OUTPUTS)), values, axis=1)
    score = score + spread * random.normal(size=score.shape)
    u = p * (score - np.sum(p * score, axis=1, keepdims=True))
    before = fisher(p, u)
    # 2000 seeds left 2e-16.
    agree(fisher(after(kernel, p), after(kernel, u)), before, tolerance=2e-15, scale=before + np.max(score**2, axis=1))


@claim(
    "markov-equality-is-sufficiency",
    evidence="property",
    given={"seed": SEEDS, "spread": st.floats(1e-3, 10.0)},
    power=2,
    falsifiers={"linear in the difference": {"power": 1}, "equality for an insufficient statistic": {"power": np.inf}},
)
def test_insufficient_statistics_lose(seed, spread, power):
    """Scores that differ by a number inside one fibre cost its square times ``p_1 p_2 / (p_1 + p_2)``."""
    random = np.random.default_rng(seed)
    p, _ = simplex_points(random)
    score = np.repeat(random.normal(size=(BATCH, 3)), 2, axis=1)
    score[:, 0] += spread
    kernel = np.broadcast_to(np.repeat(np.eye(3), 2, axis=0), (BATCH, INPUTS, 3))
    u = p * (score - np.sum(p * score, axis=1, keepdims=True))
    expected = (0.0 if np.isinf(power) else spread**power) * p[:, 0] * p[:, 1] / (p[:, 0] + p[:, 1])
    actual = np.asarray(LOSS(kernel, p, u))
    # Scores that differ by a thousandth lose three digits when their mean is taken off; 2000 seeds left 2e-12.
    agree(actual, expected, tolerance=2e-11, scale=p[:, 0] * p[:, 1] / (p[:, 0] + p[:, 1]) * spread**2)


@cache
def _retained():
    """The ratio of the norms after and before as a function of free parameters, with its gradient."""

    def ratio(parameters):
        split = (INPUTS, 2 * INPUTS)
        logits, score, weights = parameters[: split[0]], parameters[split[0] : split[1]], parameters[split[1] :]
        p, kernel = jax.nn.softmax(logits), jax.nn.softmax(weights.reshape(INPUTS, OUTPUTS), axis=1)
        u = p * (score - jnp.sum(p * score))
        return -fisher_norm(p @ kernel, u @ kernel) / fisher_norm(p, u)

    return jax.jit(jax.value_and_grad(ratio))


_PATIENT = {"ftol": 1e-15, "gtol": 1e-12, "maxiter": 1000}


def _climbed(random):
    start = random.normal(size=2 * INPUTS + INPUTS * OUTPUTS)
    found = minimize(
        lambda x: [np.asarray(part) for part in _retained()(x)], start, jac=True, method="L-BFGS-B", options=_PATIENT
    )
    return -float(found.fun)
