"""Claims about scalings that converge to an information projection."""

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp
from scipy.special import rel_entr

from derivations import iterative_scaling as derivation
from numerics.information_projection import information_projection
from numerics.iterative_scaling import iterative_proportional_fitting, iterative_scaling
from properties.checks import agree, at_most, decided, derived, fact
from properties.claims import claim

BATCH, STATES, STATISTICS, STEPS = 16, 6, 3, 300
ROWS, COLUMNS, SWEEPS = 3, 4, 100
SEEDS = st.integers(0, 2**32 - 1)

_project = jax.jit(jax.vmap(information_projection))
_scale = jax.jit(jax.vmap(lambda p, f, c: iterative_scaling(p, f, c, STEPS)))
_fit = jax.jit(jax.vmap(lambda p, rows, columns: iterative_proportional_fitting(p, rows, columns, SWEEPS)))
# Which cells make up each row and each column.
_MARGINS = np.concatenate(
    [np.kron(np.eye(ROWS), np.ones((1, COLUMNS))).T, np.kron(np.ones((ROWS, 1)), np.eye(COLUMNS))], axis=1
)


def kl(q, p):
    return rel_entr(q, p).sum(axis=-1)


def laws(random, number, states):
    """With all probabilities within a factor of ten."""
    weights = np.exp(random.uniform(-1.15, 1.15, (number, states)))
    return weights / weights.sum(axis=1, keepdims=True)


@claim(
    "iterative-scaling",
    evidence="exact",
    power=sp.Integer(1),
    falsifiers={"twice the divergence of the means": {"power": sp.Integer(2)}},
)
def test_step(power):
    derived(derivation.step(power))


@claim(
    "iterative-scaling",
    evidence="property",
    given={"seed": SEEDS},
    factor=1.0,
    total=1.0,
    falsifiers={
        "a gain a hundredth larger": {"factor": 1.01},
        "a projection to other means": {"total": 0.99},
    },
)
def test_margins_of_tables(seed, factor, total):
    """Tables of three rows and four columns: each step gains exactly the divergence of the margin that it mends."""
    random = np.random.default_rng(seed)
    table, asked = (laws(random, BATCH, ROWS * COLUMNS) for _ in range(2))
    margins = asked @ _MARGINS
    projection = np.asarray(_project(table, np.tile(_MARGINS, (BATCH, 1, 1)), margins).law)
    fitted = np.asarray(_fit(table.reshape(BATCH, ROWS, COLUMNS), margins[:, :ROWS], margins[:, ROWS:])).reshape(
        BATCH, SWEEPS + 1, -1
    )
    distance = kl(projection[:, None], fitted)
    now = fitted[:, :-1] @ _MARGINS
    by_rows, by_columns = (kl(margins[:, None, part], now[:, :, part]) for part in (slice(0, ROWS), slice(ROWS, None)))
    gain = np.where(np.arange(SWEEPS) % 2 == 0, by_rows, by_columns)
    agree(distance[:, :-1] - distance[:, 1:], factor * gain, tolerance=5e-15, scale=1.0)
    agree(fitted[:, -1], total * projection + (1 - total) * table, tolerance=1e-12, scale=1.0)


@claim(
    "iterative-scaling",
    evidence="property",
    given={"seed": SEEDS},
    factor=1.0,
    power=1.0,
    falsifiers={"one and a half times the gain": {"factor": 1.5}, "a step that is three times as long": {"power": 3.0}},
)
def test_generalised_iterative_scaling(seed, factor, power):
    """Three statistics on six states that add up to 1: each step gains at least the divergence of the means."""
    random = np.random.default_rng(seed)
    base, asked = (laws(random, BATCH, STATES) for _ in range(2))
    # Between a partition of the states into three pairs, for which the gain is exact, and seven tenths of it.
    share = random.uniform(0, 0.3, (BATCH, 1, 1))
    statistics = share * laws(random, BATCH * STATES, STATISTICS).reshape(BATCH, STATES, STATISTICS)
    statistics = statistics + (1 - share) * np.tile(np.eye(STATISTICS), (2, 1))
    means = np.einsum("bn,bnk->bk", asked, statistics)
    found = _project(base, statistics, means)
    projection = np.asarray(found.law)
    scaled = np.asarray(_scale(base, statistics, means))
    now = np.einsum("btn,bnk->btk", scaled[:, :-1], statistics)
    after = scaled[:, :-1] * np.prod((means[:, None] / now)[:, :, None] ** (power * statistics[:, None]), axis=3)
    after = after / after.sum(axis=2, keepdims=True)
    gain = kl(projection[:, None], scaled[:, :-1]) - kl(projection[:, None], after)
    left = kl(means[:, None], now)
    at_most(factor * left, gain, slack=6e-15)
    at_most(factor * left.sum(axis=1), np.asarray(found.divergence), slack=6e-15)
    agree(after, scaled[:, 1:], tolerance=1e-13, scale=1.0)
    agree(scaled[:, -1], projection, tolerance=1e-13, scale=1.0)


def _all_margins_at_once(table, rows, columns, steps):
    """Generalised iterative scaling: each cell lies in one row and one column, half of a statistic each."""
    lines = [
        np.kron(np.eye(len(rows)), np.ones((1, len(columns)))),
        np.kron(np.ones((1, len(rows))), np.eye(len(columns))),
    ]
    statistics = np.concatenate(lines).T / 2
    scaled = iterative_scaling(table.ravel(), statistics, np.concatenate([rows, columns]) / 2, steps)
    return scaled.reshape(-1, *table.shape)


@claim(
    "scaling-without-solution",
    evidence="counterexample",
    columns=(0.75, 0.25),
    scale=iterative_proportional_fitting,
    falsifiers={
        "margins that a table has": {"columns": (0.25, 0.75)},
        "all margins at once": {"scale": _all_margins_at_once},
    },
)
def test_margins_that_no_table_has(columns, scale):
    """A table with a zero, and margins that need mass there: rows (1/2, 1/2), columns (3/4, 1/4)."""
    table, rows = np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([0.5, 0.5])
    fitted = np.asarray(scale(table, rows, np.array(columns), 400))
    after_rows, after_columns = fitted[-2], fitted[-1]
    gap = float(np.abs(after_rows - after_columns).sum())
    fact("distance of the tables after 399 and after 400 steps", f"{gap:.6f}")
    decided(bool(gap > 0.49), "the tables go on jumping by half of their mass")
    limits = np.array([np.diag([0.5, 0.5]), np.diag([0.75, 0.25])])
    agree(np.array([after_rows, after_columns]), limits, tolerance=1e-14, scale=1.0)
    at_once = np.asarray(_all_margins_at_once(table, rows, np.array(columns), 400))[-1]
    settled = np.diag([3 - np.sqrt(3), np.sqrt(3) - 1]) / 2
    agree(at_once, settled, tolerance=1e-14, scale=1.0)
