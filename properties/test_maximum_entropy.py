"""Claims about log-loss, the duality of entropy and log-partition, and the game that maximum entropy solves."""

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp
from scipy.optimize import linprog, minimize
from scipy.special import logsumexp, rel_entr, softmax

from derivations import maximum_entropy as derivation
from numerics.information_projection import information_projection
from properties.checks import agree, at_most, decided, derived, fact, sampled
from properties.claims import claim
from properties.tilts import kl, log_tilt, means

BATCH, STATES, STATISTICS = 64, 6, 2
SEEDS = st.integers(0, 2**32 - 1)
IN_BITS = 1 / np.log(2)
# The worst of 2e5 problems: 4e-15.
TOLERANCE = 5e-14

_project = jax.jit(jax.vmap(information_projection))


def laws(random, *shape):
    return softmax(random.normal(size=shape), axis=-1)


def _drawn(seed):
    """Bases, statistics, laws, and the projections to the means of these, in batches."""
    random = np.random.default_rng(seed)
    base, law = laws(random, BATCH, STATES), laws(random, BATCH, STATES)
    statistics = random.normal(size=(BATCH, STATES, STATISTICS))
    asked = means(law, statistics)
    return random, base, statistics, law, asked, _project(base, statistics, asked)


def log_partition(base, statistics, multipliers):
    return logsumexp(np.log(base) + np.einsum("bnk,bk->bn", statistics, multipliers), axis=1)


def loss(log_forecast, base, law):
    """``E_law[-log(forecast/base)]``."""
    return np.sum(law * (np.log(base) - log_forecast), axis=-1)


@claim(
    "divergence-duality",
    evidence="exact",
    sign=1,
    falsifiers={"log-partition of the other sign": {"sign": -1}},
)
def test_duality(sign):
    derived(derivation.duality(sign))


@claim(
    "divergence-duality",
    evidence="property",
    given={"seed": SEEDS},
    unit=1.0,
    shift=0.0,
    falsifiers={
        "divergence in bits": {"unit": IN_BITS},
        "other means": {"shift": 0.1},
        "means off by a thousandth": {"shift": 0.001},
    },
)
def test_no_gap(seed, unit, shift):
    """The dual function at random multipliers falls short by the divergence from the tilt, at the projection's not at all."""
    random, base, statistics, law, asked, found = _drawn(seed)
    least, best = np.asarray(found.divergence), np.asarray(found.multipliers)
    for multipliers in (best, best + random.normal(size=best.shape), random.normal(size=best.shape)):
        dual = np.sum(multipliers * (asked + shift), axis=1) - log_partition(base, statistics, multipliers)
        gap = kl(log_tilt(base, statistics, best), log_tilt(base, statistics, multipliers))
        agree(unit * least - dual, gap, tolerance=TOLERANCE, scale=1 + np.abs(dual))
        at_most(dual, rel_entr(law, base).sum(axis=1), slack=TOLERANCE, scale=1 + np.abs(dual))


@claim(
    "divergence-duality",
    evidence="property",
    mass=0.3,
    falsifiers={"mass of the other state": {"mass": 0.7}},
)
def test_edge_of_the_possible_means(mass):
    """The state 0 of (0.3, 0.7) with certainty: the dual function rises to -log 0.3 and does not reach it."""
    multipliers = np.linspace(0, -30, 31)
    dual = -np.log(0.3 + 0.7 * np.exp(multipliers))
    decided(bool(np.all(np.diff(dual) > 0)), "the dual function rises all the way")
    left = -np.log(mass) - dual
    decided(bool(np.all(left > 0)), "and stays below the divergence")
    agree(left[-1] * np.exp(30), 7 / 3, tolerance=0.01)


@claim(
    "log-loss-regret",
    evidence="exact",
    entropy=sp.Integer(1),
    falsifiers={"twice the entropy": {"entropy": sp.Integer(2)}, "no entropy": {"entropy": sp.Integer(0)}},
)
def test_log_loss(entropy):
    derived(derivation.log_loss(entropy))


@claim(
    "log-loss-regret",
    evidence="property",
    given={"seed": SEEDS},
    unit=1.0,
    past=True,
    falsifiers={
        "entropy in bits": {"unit": IN_BITS},
        "forecasts that forget all but the last letter": {"past": False},
    },
)
def test_rounds_of_log_loss(seed, unit, past):
    """Four rounds with three letters, all 81 sequences; the letters and the forecasts depend on everything before."""
    random = np.random.default_rng(seed)
    letters, rounds = 3, 4
    joint, forecast, regret, cumulative = np.ones(1), np.ones(1), 0.0, np.zeros(1)
    for _ in range(rounds):
        true, told = (laws(random, len(joint), letters) for _ in range(2))
        regret += joint @ rel_entr(true, told).sum(axis=1)
        cumulative = (cumulative[:, None] - np.log(told)).reshape(-1)
        used = told if past else np.tile(told[:letters], (len(joint) // min(len(joint), letters), 1))
        joint, forecast = ((a[:, None] * b).reshape(-1) for a, b in ((joint, true), (forecast, used)))
    entropy = -unit * np.sum(joint * np.log(joint))
    agree(joint @ cumulative - entropy, regret, tolerance=TOLERANCE, scale=1 + regret)
    agree(rel_entr(joint, forecast).sum(), regret, tolerance=TOLERANCE, scale=1 + regret)


@claim(
    "maximum-entropy-robust-bayes",
    evidence="exact",
    loss=sp.Integer(1),
    falsifiers={
        "multipliers of the other sign": {"loss": sp.Integer(-1)},
        "twice the multipliers": {"loss": sp.Integer(2)},
    },
)
def test_robust_bayes(loss):
    derived(derivation.robust_bayes(loss))


@claim(
    "maximum-entropy-robust-bayes",
    evidence="property",
    given={"seed": SEEDS},
    unit=1.0,
    shift=0.0,
    member=False,
    falsifiers={
        "entropy in bits": {"unit": IN_BITS},
        "the projection to other means": {"shift": 0.01},
        "another law of these means as forecast": {"member": True},
    },
)
def test_equaliser(seed, unit, shift, member):
    """Every law of these means loses the entropy of the projection; other forecasts lose more against some law."""
    random, base, statistics, law, asked, found = _drawn(seed)
    entropy, projection = (
        -unit * np.asarray(found.divergence),
        log_tilt(base, statistics, np.asarray(found.multipliers)),
    )
    forecast = projection
    if member:
        forecast = np.log(law)
    elif shift:
        forecast = log_tilt(base, statistics, np.asarray(_project(base, statistics, asked + shift).multipliers))
    for r in (law, np.exp(projection), 0.3 * law + 0.7 * np.exp(projection)):
        agree(loss(forecast, base, r), entropy, tolerance=TOLERANCE, scale=1 + np.abs(entropy))
    other = np.log(laws(random, BATCH, STATES))
    excess = loss(other, base, np.exp(projection)) - entropy
    agree(excess, kl(projection, other), tolerance=TOLERANCE, scale=1 + np.abs(entropy))


def _worst(forecast, base, statistics, bounds, equal):
    """The largest loss over all laws whose means are the bounds, or are at most them: a linear program."""
    cost = np.log(forecast / base)
    total = np.ones((1, len(base)))
    solved = (
        linprog(cost, A_eq=np.vstack([total, statistics.T]), b_eq=np.append(1.0, bounds)) if equal
        else linprog(cost, A_eq=total, b_eq=[1.0], A_ub=statistics.T, b_ub=bounds)
    )  # fmt: skip
    assert solved.success, solved.message
    return -solved.fun


@claim(
    "maximum-entropy-robust-bayes",
    evidence="property",
    factor=1.0,
    forecaster="projection",
    falsifiers={
        "a hundredth more": {"factor": 1.01},
        "the law that was asked for as forecast": {"forecaster": "law"},
    },
)
def test_saddle_point_against_linear_programs(factor, forecaster):
    """The worst law for sixteen forecasts, and for competitors near them and far from them, by linear programming."""
    random, base, statistics, law, asked, found = _drawn(3)
    entropy, projection = -factor * np.asarray(found.divergence), np.asarray(found.law)
    for b in range(16):
        game = base[b], statistics[b], asked[b], True
        forecast = projection[b] if forecaster == "projection" else law[b]
        worst = _worst(forecast, *game)
        agree(worst, entropy[b], tolerance=1e-13, scale=1.0)
        for size in (0.01, 1.0):
            competitor = softmax(np.log(forecast) + size * random.normal(size=STATES))
            at_most(worst, _worst(competitor, *game), slack=1e-13)
    sampled(16)


@claim(
    "maximum-entropy-robust-bayes",
    evidence="property",
    unit=1.0,
    falsifiers={"entropy in bits": {"unit": IN_BITS}},
)
def test_value_against_a_convex_solver(unit):
    """The most entropy of a law with two given means, by sequential quadratic programming; the uniform law as base."""
    _, _, statistics, law, asked, _ = _drawn(4)
    base = np.full((BATCH, STATES), 1.0)
    found = _project(base, statistics, asked)
    for b in range(8):
        rows = np.vstack([np.ones(STATES), statistics[b].T])
        solved = minimize(
            lambda x: np.sum(x * np.log(x)), law[b], jac=lambda x: np.log(x) + 1, bounds=[(1e-9, 1)] * STATES, method="SLSQP",
            constraints={"type": "eq", "fun": lambda x, b=b, rows=rows: rows @ x - np.append(1.0, asked[b])},
            options={"ftol": 1e-14, "maxiter": 500},
        )  # fmt: skip
        agree(unit * (np.log(STATES) - found.divergence[b]), -solved.fun, tolerance=1e-12)
    sampled(8)


@claim(
    "equaliser-under-inequalities",
    evidence="exact",
    base=sp.Rational(1, 2),
    falsifiers={"the other sign of the multiplier": {"base": sp.Integer(2)}},
)
def test_inequality(base):
    derived(derivation.inequality(base))


@claim(
    "equaliser-under-inequalities",
    evidence="counterexample",
    law=(1, 0, 0),
    falsifiers={"a law on the edge": {"law": (5, 0, 2)}},
)
def test_inequality_in_numbers(law):
    """States 0, 1, 2 with a mean of at most 4/7: the law of most entropy is (4, 2, 1)/7."""
    r, q = np.array(law) / sum(law), np.array([4, 2, 1]) / 7
    entropy, loss_of_law = -q @ np.log(q), -r @ np.log(q)
    fact("entropy, and expected log-loss under the law", f"{entropy:.6f}, {loss_of_law:.6f}")
    decided(bool(r @ np.arange(3) <= 4 / 7 + 1e-15), "the law lies in the set")
    decided(bool(loss_of_law < entropy - 0.39), "its loss is smaller by more than 0.39 nats")


@claim(
    "equaliser-under-inequalities",
    evidence="property",
    slack=0.0,
    is_active=True,
    falsifiers={
        "the tilt on the edge though the bound is not active": {"is_active": False},
        "the projection to a smaller mean": {"slack": -0.1},
    },
)
def test_inequalities_against_linear_programs(slack, is_active):
    """One bound on a mean, active or not: the worst loss of the projection to the set is its entropy all the same."""
    random = np.random.default_rng(5)
    base, statistics = laws(random, BATCH, STATES), random.normal(size=(BATCH, STATES, 1))
    own = means(base, statistics)
    least = statistics.min(axis=1)
    # Half of the bounds lie above the mean of the base and ask for nothing.
    share = random.uniform(0.1, 0.9, (BATCH, 1))
    bounds = np.where(np.arange(BATCH)[:, None] % 2, own + share, own - share * (own - least))
    on_edge = np.minimum(bounds, own) if is_active else np.minimum(bounds, 0.9 * statistics.max(axis=1))
    found = _project(base, np.repeat(statistics, 2, axis=2), np.repeat(on_edge + slack * (own - least), 2, axis=1))
    for b in range(12):
        worst = _worst(np.asarray(found.law[b]), base[b], statistics[b], bounds[b], equal=False)
        agree(worst, -np.asarray(found.divergence[b]), tolerance=1e-13, scale=1.0)
    sampled(12)
