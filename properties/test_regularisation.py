"""Claims about regularisation: weight decay, the squared distance, dropout and moving averages."""

import itertools
from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from scipy import stats

from derivations import regularisation
from derivations.families.gaussian import sigma
from properties.checks import agree, at_most, decided, derived, fact, table
from properties.claims import claim
from properties.subjects import batched, charts_of, geometry_of, is_quadratic, points, title_of

SEEDS = st.integers(0, 2**32 - 1)
_NUMBER = 32


@claim(
    "weight-decay-not-invariant",
    evidence="exact",
    second=sp.log(sigma),
    third=-1 / (2 * sigma**2),
    falsifiers={"other units": {"second": 2 * sigma}, "the variance": {"third": sigma**2}},
)
def test_order_of_the_squares(second, third):
    derived(regularisation.weight_decay(second, third))


@cache
def _in_chart(chart):
    """Points of the Gaussian's usual chart in another, and their distance from N(0, 1) there."""
    usual, other = geometry_of("gaussian"), geometry_of("gaussian", chart)

    def one(theta):
        there = usual.convert(theta, chart)
        return there, other.distance(usual.convert(jnp.array([0.0, 1.0]), chart), there)

    return jax.jit(jax.vmap(one))


@claim(
    "weight-decay-not-invariant",
    evidence="property",
    given={"seed": SEEDS},
    chart="natural",
    falsifiers={"expectation parameters": {"chart": "expectation"}, "the same chart": {"chart": "usual"}},
)
def test_natural_parameters_turn_the_order_round(seed, chart):
    """Pairs of laws N(0, s^2): the sums of squares in two charts, and the distance from N(0, 1), which is the same in both."""
    scale = np.exp(np.random.default_rng(seed).uniform(-3, 3, 2 * _NUMBER))
    laws = np.stack([0 * scale, scale], axis=-1)
    there, distance = (np.asarray(v) for v in _in_chart(chart)(laws))
    # Rounding of 64000 laws left 1.8e-15.
    agree(distance, np.sqrt(2) * np.abs(np.log(scale)), tolerance=2e-14, scale=1.0)
    orders = [np.sign(np.diff(np.sum(p**2, axis=1).reshape(2, -1), axis=0)) for p in (laws, there)]
    decided(bool((orders[0] == -orders[1]).all()), "the other chart turns the order of every pair round")


@claim(
    "squared-distance-optimal",
    evidence="exact",
    first=0,
    second=1,
    falsifiers={"the first derivative stays": {"first": 1}, "twice": {"second": 2}},
)
def test_hessian_of_every_divergence(first, second):
    derived(regularisation.hessian(first, second))


@claim(
    "squared-distance-optimal",
    evidence="exact",
    other=sp.Rational(5, 11),
    level=1,
    falsifiers={
        "the inverse scale": {"other": sp.Rational(1, 2)},
        "a much narrower law": {"other": sp.Rational(1, 4)},
        "a farther mean": {"level": 2},
    },
)
def test_orders_of_the_penalties(other, level):
    derived(regularisation.ranking(other, level))


@claim(
    "squared-distance-optimal",
    evidence="counterexample",
    narrow=5 / 11,
    mean=1.0,
    falsifiers={"the inverse scale": {"narrow": 0.5}, "a nearer mean": {"mean": 0.9}},
)
def test_penalties_in_numbers(narrow, mean):
    """Against N(0, 1): the penalties of N(0, 4), N(0, 25/121) and N(1, 1), by the library and by closed forms."""
    laws = np.array([[0.0, 2.0], [0.0, narrow], [mean, 1.0]])
    reference = np.broadcast_to([0.0, 1.0], (3, 2))
    forward, reverse, distance = (
        np.asarray(v)
        for v in (
            batched("gaussian", "kl")(laws, reference),
            batched("gaussian", "kl")(reference, laws),
            batched("gaussian", "distance")(laws, reference),
        )
    )
    hellinger = np.asarray(batched("gaussian", "alpha_divergence")(laws, reference, np.zeros(3)))
    squared = distance**2
    logarithm = np.log(laws[:2, 1])
    agree(forward[:2], (laws[:2, 1] ** 2 - 1) / 2 - logarithm, tolerance=1e-14)
    agree(reverse[:2], logarithm + (laws[:2, 1] ** -2.0 - 1) / 2, tolerance=1e-14)
    agree(squared[:2], 2 * logarithm**2, tolerance=1e-14)
    agree(hellinger[:2], 4 - 4 / np.sqrt(np.cosh(logarithm)), tolerance=1e-13)
    names = ["N(0, 4)", f"N(0, {narrow:.6g}²)", f"N({mean:g}, 1)"]
    values = np.stack([squared, forward, reverse, hellinger], axis=1)
    columns = ["law p, against q = N(0, 1)", "d²", "KL(p || q)", "KL(q || p)", "H²"]
    table("Penalties", columns, [[n, *(f"{v:.12g}" for v in row)] for n, row in zip(names, values, strict=True)])
    decided(
        bool(forward[0] > 2 * forward[1] and squared[1] > 1.2 * squared[0]),
        "KL(p || q) puts N(0, 4) more than twice as far as the narrow law, d² puts it nearer",
    )
    agree(squared[2], squared[0], tolerance=1e-14)
    apart = np.abs(values[2, 1:] / values[0, 1:] - 1)
    decided(bool((apart > 0.1).all()), "the mean of 1 is as far as N(0, 4), but not so for the divergences")


def _line(low, high, number):
    return np.linspace(low, high, number), np.full(number, (high - low) / (number - 1))


def _half_line(middle, number):
    """Nodes evenly spaced in ``log x``: a power of x near 0 takes long to vanish."""
    y, width = _line(np.log(middle) - 120, np.log(middle) + 5, number)
    return np.exp(y), width * np.exp(y)


# Nodes and weights around a point, and the log-density by SciPy.
_DENSITIES = {
    "gaussian": (lambda t: _line(t[0] - 14 * t[1], t[0] + 14 * t[1], 601), lambda x, t: stats.norm.logpdf(x, *t)),
    "gamma": (lambda t: _half_line(t[0] / t[1], 2501), lambda x, t: stats.gamma.logpdf(x, t[0], scale=1 / t[1])),
    "von_mises": (
        lambda _: _line(-np.pi, np.pi - np.pi / 200, 400),
        lambda x, t: stats.vonmises.logpdf(x, t[1], loc=t[0]),
    ),
    "poisson": (lambda _: (np.arange(400.0), np.ones(400)), lambda x, t: stats.poisson.logpmf(x, t[0])),
}


def _divergence(coefficients, logarithm, weights):
    """``E_q f(p/q)`` by ``ln(p/q)`` at the nodes and their probabilities under q; f has six parts, one of them affine."""
    excess, ratio = np.expm1(logarithm), np.exp(logarithm)
    parts = [ratio * logarithm, -logarithm, -4 * np.expm1(logarithm / 2), excess**2 / 2, excess**3, excess]
    return np.sum(weights * sum(c * part for c, part in zip(coefficients, parts, strict=True)))


@claim(
    "squared-distance-optimal",
    evidence="property",
    given={"seed": SEEDS},
    second=1.0,
    parts=4,
    falsifiers={
        "the metric without its half": {"second": 2.0},
        "the third derivative counts": {"parts": 5},
        "the first derivative counts": {"parts": 6},
    },
)
def test_hessian_of_random_divergences(seed, second, parts):
    """Random f, points and directions of four families: twice the divergence over the squared length tends to f''(1)."""
    random = np.random.default_rng(seed)
    for name, (nodes, log_density) in _DENSITIES.items():
        dimension = geometry_of(name).dimension
        theta = np.asarray(batched(name, "from_unconstrained")(random.uniform(-1, 1, (1, dimension))))[0]
        metric = np.asarray(batched(name, "metric")(theta[None]))[0]
        v = random.normal(size=dimension)
        v = v / np.sqrt(v @ metric @ v)
        coefficients = random.uniform(0.2, 1, 6)
        x, weights = nodes(theta)
        before = log_density(x, theta)
        # Outside the support of a float no density is left.
        probability, before = weights * np.exp(before), np.maximum(before, -700)

        def over_square(h):
            both = [np.maximum(log_density(x, theta + s * h * v), -700) - before for s in (1, -1)]  # noqa: B023
            return sum(_divergence(coefficients, log, probability) for log in both) / h**2  # noqa: B023

        # Two steps leave an error of fourth order: 1500 examples left 1.7e-7.
        found = (4 * over_square(2e-3) - over_square(4e-3)) / 3
        agree(found, second * sum(coefficients[:parts]), tolerance=2e-6, scale=1.0)


@claim(
    "dropout-incapable",
    evidence="exact",
    power=1,
    weights="diagonal",
    falsifiers={
        "not divided by q": {"power": 0},
        "plain ridge": {"weights": "identity"},
        "the whole Fisher metric": {"weights": "full"},
    },
)
def test_dropout_of_a_linear_model(power, weights):
    q = sp.Symbol("q", positive=True)
    derived(regularisation.dropout((1 - q) / q**power, weights))


@claim(
    "dropout-incapable",
    evidence="property",
    given={"seed": SEEDS, "d": st.integers(1, 7)},
    weighted=True,
    turned=True,
    falsifiers={"plain ridge": {"weighted": False}, "correlated inputs": {"turned": False}},
)
def test_penalty_over_all_masks(seed, d, weighted, turned):
    """Random data: the mean over all masks against the ridge; in other units; and along the principal axes of the inputs."""
    random = np.random.default_rng([seed, d])
    x, w, y = (
        random.normal(size=(d + 3, d)) @ random.normal(size=(d, d)),
        random.normal(size=d),
        random.normal(size=d + 3),
    )
    keep = random.uniform(0.1, 0.95)
    fisher = x.T @ x

    def penalty(x, w):
        kept = np.array(list(itertools.product((0.0, 1.0), repeat=d)))
        probability = np.prod(np.where(kept > 0, keep, 1 - keep), axis=1)
        losses = np.sum((y[:, None] - (x * w) @ (kept / keep).T) ** 2, axis=0)
        return probability @ losses - np.sum((y - x @ w) ** 2)

    excess = (1 - keep) / keep
    ridge = excess * np.sum((np.diagonal(fisher) if weighted else 1.0) * w**2)
    size = np.sum(y**2) + excess * np.sum(fisher.diagonal() * w**2) + w @ fisher @ w
    # 1000 examples left 2.7e-15.
    agree(penalty(x, w), ridge, tolerance=3e-14, scale=size)
    units = np.exp(random.uniform(-2, 2, d))
    agree(penalty(x / units, w * units), ridge, tolerance=3e-14, scale=size)
    axes = np.linalg.eigh(fisher)[1] if turned else np.eye(d)
    agree(penalty(x @ axes, axes.T @ w), excess * w @ fisher @ w, tolerance=3e-14, scale=size)


@claim(
    "moving-average-incapable",
    evidence="exact",
    first=None,
    falsifiers={"equal weights": {"first": sp.Rational(1, 3)}},
)
def test_average_minimises(first):
    derived(regularisation.moving_average(first))


@cache
def _averages(name, averaged):
    """The moving average of three laws, and the divergences from the laws and from it to another law and to it."""
    usual, chart = geometry_of(name), geometry_of(name, averaged)

    def one(laws, other, rate):
        parameters = jax.vmap(lambda law: usual.convert(law, averaged))(laws)
        average = parameters[0]
        for new in parameters[1:]:
            average = (1 - rate) * average + rate * new
        found = chart.convert(average, "usual")
        starts = jnp.concatenate([laws, laws, found[None]])
        ends = jnp.stack([other] * 3 + [found] * 3 + [other])
        return jax.vmap(usual.kl)(starts, ends)

    return jax.jit(jax.vmap(one))


def _laws(name):
    return {key: points(name, span=1.5) for key in ("first", "second", "third", "other")} | {
        "rate": st.floats(0.1, 0.9)
    }


@claim(
    "moving-average-incapable",
    evidence="property",
    per_family=True,
    given=_laws,
    averaged="expectation",
    forgotten=0.0,
    falsifiers={"natural parameters": {"averaged": "natural"}, "the first law forgotten": {"forgotten": 1.0}},
)
def test_average_of_expectation_parameters_minimises(first, second, third, other, rate, family, averaged, forgotten):
    """``sum w KL(p || q)`` exceeds its value at the average s by ``KL(s || q)``, which is never negative, for every q."""
    if "natural" not in charts_of(family):
        pytest.skip(f"{title_of(family)} has no natural chart")
    if is_quadratic(family):
        pytest.skip(f"{title_of(family)}: natural and expectation parameters have the same averages")
    rates = np.full(len(first), rate)
    kl = np.asarray(_averages(family, averaged)(np.stack([first, second, third], axis=1), other, rates))
    weights = np.array([(1 - forgotten) * (1 - rate) ** 2, rate * (1 - rate), rate])
    weights = weights / weights.sum()
    there, here = kl[:, :3] @ weights, kl[:, 3:6] @ weights
    # The worst of 1000 batches for each of 22 families: 2.4e-14.
    agree(there - here, kl[:, 6], tolerance=2.4e-13, scale=1e-3 + there)
    at_most(-kl[:, 6], 0.0, slack=1e-14, scale=1e-3 + there)


@claim(
    "moving-average-incapable",
    evidence="counterexample",
    averaged="expectation",
    variance=8.5,
    falsifiers={"the Fréchet mean": {"variance": 4.0}, "natural parameters": {"averaged": "natural"}},
)
def test_average_in_numbers(averaged, variance):
    """Half of N(0, 1) and half of N(0, 16): their average, what it minimises, and what the Fréchet mean minimises."""
    usual = geometry_of("gaussian")
    laws = np.array([[0.0, 1.0], [0.0, 4.0]])
    convert = jax.jit(jax.vmap(lambda law: usual.convert(law, averaged)))
    average = geometry_of("gaussian", averaged).convert(jnp.mean(convert(laws), axis=0), "usual")
    middle = usual.exp(jnp.asarray(laws[0]), 0.5 * usual.log(*jnp.asarray(laws)))
    candidates = [float(average[1]) ** 2, float(middle[1]) ** 2, 32 / 17]
    agree(candidates[:2], [variance, 4.0], tolerance=1e-14)
    rows, values = [], []
    for name, v in zip(("average of m", "Fréchet mean", "average of the precision"), candidates, strict=True):
        law = np.broadcast_to([0.0, np.sqrt(v)], (2, 2))
        means = [
            float(np.mean(p))
            for p in (batched("gaussian", "kl")(laws, law), batched("gaussian", "distance")(laws, law) ** 2)
        ]
        values.append(means)
        rows.append([name, f"{v:.9g}", *(f"{m:.9g}" for m in means)])
    table("Centres of N(0, 1) and N(0, 16)", ["centre q", "variance", "mean KL(p || q)", "mean d²"], rows)
    agree(values[0][0], np.log(8.5) / 2 - np.log(4) / 2, tolerance=1e-14)
    fact("mean divergence at the average of m", f"(ln 17/8)/2 = {values[0][0]:.12g}")
    decided(values[0][0] < 0.7 * values[1][0] and values[0][1] > 1.2 * values[1][1],
            "the average has the smaller mean divergence, the Fréchet mean the smaller mean squared distance")  # fmt: skip
