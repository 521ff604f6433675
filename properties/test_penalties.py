"""Claims about penalties: what they are at the reference, and how accurate they are near it and far from it."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations import penalties as derivation
from numerics.charts import chart_of
from numerics.geometry import geometry
from numerics.penalties import DIRECTIONS, divergence
from numerics.squared_distances import squared_distance
from properties import penalty_oracles as oracles
from properties.checks import agree, derived, sampled, table
from properties.claims import claim

HEADS = {
    "gaussian": ("usual", {}), "diagonal_normal": ("usual", {"dimension": 2}), "von_mises": ("usual", {}),
    "categorical": ("natural", {"categories": 4}),
}  # fmt: skip
NUMBER = 64


@cache
def _head(name):
    chart, index = HEADS[name]
    return geometry(name, chart, **index)


@claim(
    "penalties-second-order",
    evidence="exact",
    change={},
    falsifiers={
        "straight lines for geodesics": {"change": {"bend": sp.Integer(0)}},
        "the metric itself": {"change": {"factor": sp.Integer(1)}},
    },
)
def test_squared_distance(change):
    derived(derivation.squared_distance(**change))


@claim(
    "penalties-second-order",
    evidence="exact",
    change={},
    falsifiers={
        "twice the metric": {"change": {"forward": sp.Integer(2)}},
        "alike to third order": {"change": {"third": sp.Integer(1)}},
    },
)
def test_divergences(change):
    derived(derivation.divergences(**change))


@claim(
    "penalties-second-order",
    evidence="exact",
    slope=sp.Integer(2),
    falsifiers={"half": {"slope": sp.Integer(1)}, "twice": {"slope": sp.Integer(4)}},
)
def test_square_of_an_angle(slope):
    derived(derivation.squared_angle(slope))


def _squared_by_differentiation(chart):
    isometry = chart.family.isometry
    return lambda x, y: isometry.distance(x, y) ** 2


@cache
def _at_the_reference(name, dtype, squared):
    """Gradients and Hessians of the penalties of a head at random references, and the metric, in its units."""
    here = _head(name)
    chart = chart_of(here.family, here.chart)
    compared = {"squared distance": squared(chart)} | {name: divergence(chart, name) for name in DIRECTIONS}

    def derivatives(f, theta):
        """Gradient and Hessian, compiled once."""

        def gradient(x):
            slope = jax.grad(f)(x, theta)
            return slope, slope

        return jax.jacfwd(gradient, has_aux=True)(theta)[::-1]

    def one(free):
        theta = here.from_unconstrained(free)
        return {kind: derivatives(f, theta) for kind, f in compared.items()}, here.metric(theta)

    free = np.random.default_rng(3).uniform(-2, 2, (NUMBER, here.dimension)).astype(dtype)
    found, metrics = jax.tree.map(lambda values: np.asarray(values, float), jax.jit(jax.vmap(one))(free))
    units = np.sqrt(np.diagonal(metrics, axis1=1, axis2=2))
    squares = units[:, :, None] * units[:, None, :]
    in_units = {kind: (gradient / units, hessian / squares) for kind, (gradient, hessian) in found.items()}
    return in_units, metrics / squares


@pytest.mark.slow
@claim(
    "penalties-second-order",
    evidence="property",
    heads=tuple(HEADS),
    squared=squared_distance,
    factors={"squared distance": 2.0, "to_reference": 1.0, "from_reference": 1.0},
    falsifiers={
        "the square of the distance, differentiated": {"heads": ("gaussian",), "squared": _squared_by_differentiation},
        "half the squared distance": {"factors": {"squared distance": 1.0, "to_reference": 1.0, "from_reference": 1.0}},
        "twice one divergence": {"factors": {"squared distance": 2.0, "to_reference": 2.0, "from_reference": 1.0}},
    },
)
def test_gradient_and_hessian_at_the_reference(heads, squared, factors):
    """Sixty-four references of four heads, in double and single precision; residuals in machine epsilons."""
    for dtype, head in ((dtype, head) for dtype in ("float64", "float32") for head in heads):
        found, metric = _at_the_reference(head, dtype, squared)
        epsilon = float(np.finfo(dtype).eps)
        sampled(len(metric))
        for kind, (gradient, hessian) in found.items():
            agree(gradient, np.zeros_like(gradient), tolerance=1.0, scale=epsilon)
            agree(hessian, factors[kind] * metric, tolerance=50.0, scale=epsilon)


def _compared(head, kind):
    here = _head(head)
    chart = chart_of(here.family, here.chart)
    return squared_distance(chart) if kind == "squared distance" else divergence(chart, kind)


def _textbook_normal(x, y):
    cosh = 1 + ((x[0] - y[0]) ** 2 / 2 + (x[1] - y[1]) ** 2) / (2 * x[1] * y[1])
    return 2 * jnp.arccosh(cosh) ** 2


def _textbook_categorical(x, y):
    p, q = (jax.nn.softmax(jnp.append(eta, jnp.zeros((), eta.dtype))) for eta in (x, y))
    return 4 * jnp.arccos(jnp.sum(jnp.sqrt(p * q))) ** 2


ORACLES = {
    ("gaussian", "squared distance"): oracles.gaussian_distance,
    ("gaussian", "to_reference"): oracles.gaussian_kl,
    ("gaussian", "from_reference"): oracles.gaussian_reverse_kl,
    ("categorical", "squared distance"): oracles.categorical_distance,
    ("categorical", "to_reference"): oracles.categorical_kl,
    ("categorical", "from_reference"): oracles.categorical_reverse_kl,
    ("von_mises", "to_reference"): oracles.von_mises_kl,
    ("von_mises", "from_reference"): oracles.von_mises_reverse_kl,
    ("von_mises", "squared distance"): None,
}


def _apart(random, number, low, high):
    """Log-uniform numbers between two powers of ten, and as many angles."""
    return 10 ** random.uniform(low, high, number), random.uniform(0, 2 * np.pi, number)


def _gaussians(random, number):
    """A third of the deviations in ratios up to a million, the rest about as far apart as the means."""
    mean, sigma = (
        random.normal(size=number) * np.exp(random.uniform(-3, 3, number)),
        np.exp(random.uniform(-3, 3, number)),
    )
    size, angle = _apart(random, number, -12, 1.5)
    ratio = np.where(random.uniform(size=number) < 1 / 3, 10 ** random.uniform(-6, 6, number),
                     np.exp(np.clip(size * np.sin(angle), -14, 14)))  # fmt: skip
    shift = np.where(random.uniform(size=number) < 0.8, size * np.cos(angle), 0.0)
    return np.stack([mean + sigma * shift, sigma * ratio], 1), np.stack([mean, sigma], 1)


def _categorical(random, number):
    reference = random.uniform(-20, 20, (number, 3)) * random.uniform(size=(number, 1))
    size, _ = _apart(random, number, -12, 1)
    return reference + size[:, None] * random.uniform(-1, 1, (number, 3)), reference


def _von_mises(random, number):
    mean, kappa = random.uniform(-3, 3, number), np.exp(random.uniform(-4, 5, number))
    size, angle = _apart(random, number, -12, 0.4)
    other = np.where(random.uniform(size=number) < 1 / 3, np.exp(random.uniform(-4, 5, number)),
                     kappa * np.exp(size * np.sin(angle)))  # fmt: skip
    return np.stack([mean + size * np.cos(angle), other], 1), np.stack([mean, kappa], 1)


DRAWN = {"gaussian": _gaussians, "categorical": _categorical, "von_mises": _von_mises}


@cache
def _errors(head, kind, dtype, penalty):
    random = np.random.default_rng(11)
    if ORACLES[head, kind] is None:
        points, references, exact = oracles.von_mises_points(random, 50, dtype)
        return oracles.errors(penalty, lambda x, y: exact[tuple(map(float, (*x, *y)))], points, references)
    points, references = (part.astype(dtype) for part in DRAWN[head](random, 300))
    apart = np.any(points != references, axis=1)
    return oracles.errors(penalty, ORACLES[head, kind], points[apart], references[apart])


_SHIPPED = {key: _compared(*key) for key in ORACLES}


@pytest.mark.slow
@claim(
    "penalties-accuracy",
    evidence="property",
    penalties=_SHIPPED,
    bound=20.0,
    falsifiers={
        "arccosh(1 + x) squared, differentiated": {"penalties": {("gaussian", "squared distance"): _textbook_normal}},
        "arccos of the overlap squared, differentiated": {
            "penalties": {("categorical", "squared distance"): _textbook_categorical}
        },
        "one epsilon": {"bound": 1.0},
    },
)
def test_errors_in_machine_epsilons(penalties, bound):
    """Pairs from a relative difference of 1e-12 to far apart, in double and single precision.

    The worst of 4000 pairs was at 10 epsilons; for von Mises divergences, which are held to three times the bound, at 38.
    """
    rows = []
    for (head, kind), penalty in penalties.items():
        row = [head.replace("_", " "), kind.replace("_", " ")]
        for dtype in ("float64", "float32"):
            values, gradients = _errors(head, kind, dtype, penalty)
            sampled(len(values))
            row += [f"{values.max():.1f}", f"{gradients.max():.1f}"]
            is_wide = head == "von_mises" and kind != "squared distance"
            agree(values, np.zeros_like(values), tolerance=3 * bound if is_wide else bound, scale=1.0)
            agree(gradients, np.zeros_like(gradients), tolerance=bound, scale=1.0)
        rows.append(row)
    columns = ["family", "penalty", "value, float64", "gradient", "value, float32", "gradient"]
    table("Worst errors in machine epsilons", columns, rows)
