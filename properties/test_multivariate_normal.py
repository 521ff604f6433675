"""Claims about normal laws on R^p: curvature, the families inside, distances and their bounds."""

from collections.abc import Callable
from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from hypothesis.extra.numpy import arrays
from scipy.linalg import eigh

from derivations import multivariate_normal, normal_distance
from derivations.normal_tensors import p
from numerics.geometry import Geometry, geometry
from numerics.riemannian import from_christoffel, from_metric
from properties.checks import agree, at_most, derived, fact, table
from properties.claims import claim

BATCH = 4
SIZES = (1, 2, 3)


@cache
def normal(name: str, size: int) -> Geometry:
    return geometry(name, dimension=size)


@cache
def batched(name: str, size: int, function: str) -> Callable[..., np.ndarray]:
    return jax.jit(jax.vmap(getattr(normal(name, size), function)))


@cache
def oracle(name: str, size: int) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Riemann tensor and scalar curvature by automatic differentiation of the metric."""
    functions = from_metric(normal(name, size).metric)
    return jax.jit(jax.vmap(lambda theta: {key: functions[key](theta) for key in ("riemann", "scalar_curvature")}))


def points(name: str, size: int, unit: np.ndarray) -> np.ndarray:
    """Points of the family from numbers between -1 and 1, shape (BATCH, at least d)."""
    free = jnp.asarray(unit[:, : normal(name, size).dimension])
    return np.asarray(batched(name, size, "from_unconstrained")(free))


def units(number: int = 9) -> st.SearchStrategy[np.ndarray]:
    # Multiples of 2^-10, so that two laws are the same or clearly different.
    numbers = arrays(np.int16, (BATCH, number), elements=st.integers(-1024, 1024))
    return numbers.map(lambda n: n.astype(np.float64) / 1024)


@claim(
    "multivariate-normal-hyperbolic",
    evidence="exact",
    curvature=multivariate_normal.PLANE_CURVATURE,
    falsifiers={
        "negative": {"curvature": sp.Rational(-1, 4)},
        "that of one Gaussian": {"curvature": sp.Rational(-1, 2)},
    },
)
def test_plane_of_two_means(curvature):
    derived(multivariate_normal.metric(2))
    for size in (2, 3, None):
        derived(multivariate_normal.plane_curvature(size, curvature))


@claim(
    "multivariate-normal-hyperbolic",
    evidence="counterexample",
    curvature=0.25,
    falsifiers={"negative": {"curvature": -0.25}, "constant": {"curvature": -0.5}},
)
def test_planes_at_the_standard_law(curvature):
    here = jnp.asarray([0.0, 0.0, 1.0, 0.0, 1.0])
    family = normal("multivariate_normal", 2)
    riemann, metric = np.asarray(family.riemann(here)), np.asarray(family.metric(here))

    def plane(i: int, j: int) -> float:
        return riemann[i, j, i, j] / (metric[i, i] * metric[j, j] - metric[i, j] ** 2)

    agree(plane(0, 1), curvature, tolerance=1e-14)
    agree(plane(0, 2), -0.5, tolerance=1e-14)
    independent = oracle("multivariate_normal", 2)(jnp.tile(here, (BATCH, 1)))["riemann"]
    agree(independent[0], riemann, tolerance=1e-13, scale=1.0)
    fact("curvature of the plane of both means", plane(0, 1))
    fact("curvature of the plane of a mean and its variance", plane(0, 2))


@claim(
    "multivariate-normal-curvature",
    evidence="exact",
    curvature=multivariate_normal.SCALAR_CURVATURE,
    falsifiers={
        "hyperbolic of the same dimension": {"curvature": -p * (p + 1) * (p + 3) / 8},
        "p (p + 1)": {"curvature": -p * (p + 1) / 2},
        "sign": {"curvature": p * (p + 1) ** 2 / 4},
    },
)
def test_scalar_curvature_of_any_size(curvature):
    derived(multivariate_normal.scalar_curvature(None, curvature))
    for size in (1, 2, 3, 4):
        derived(multivariate_normal.scalar_curvature(size, curvature))


@claim(
    "multivariate-normal-curvature",
    evidence="property",
    given={"unit": units()},
    curvature={1: -1.0, 2: -4.5},
    falsifiers={
        "p in place of p + 1": {"curvature": {1: -0.25, 2: -2.0}},
        "not doubled": {"curvature": {1: -1.0, 2: -2.25}},
    },
)
def test_scalar_curvature_by_automatic_differentiation(unit, curvature):
    for size, expected in curvature.items():
        theta = points("multivariate_normal", size, unit)
        # Two derivatives of a metric with condition numbers up to 200: 1000 examples left 8e-12.
        agree(oracle("multivariate_normal", size)(theta)["scalar_curvature"], np.full(BATCH, expected), tolerance=1e-10)
        agree(
            batched("multivariate_normal", size, "scalar_curvature")(theta), np.full(BATCH, expected), tolerance=1e-15
        )


@claim(
    "isotropic-normal-hyperbolic",
    evidence="exact",
    change={},
    falsifiers={
        "that of one Gaussian": {"change": {"claimed": sp.Rational(-1, 2)}},
        "p forgotten in the metric": {"change": {"spread": sp.Integer(2)}},
    },
)
def test_isotropic_curvature(change):
    derived(multivariate_normal.isotropic(**change))


@claim(
    "isotropic-normal-hyperbolic",
    evidence="property",
    given={"unit": units()},
    factor=1.0,
    falsifiers={"half of it": {"factor": 0.5}, "sphere": {"factor": -1.0}},
)
def test_isotropic_curvature_by_automatic_differentiation(unit, factor):
    for size in (1, 3):
        theta = points("isotropic_normal", size, unit)
        g, curvature = batched("isotropic_normal", size, "metric")(theta), -factor / (2 * size)
        pairs = np.einsum("nik,njl->nijkl", g, g)
        # Components scale with sigma^-4.
        scale = theta[:, -1].reshape(-1, 1, 1, 1, 1) ** -4
        riemann = oracle("isotropic_normal", size)(theta)["riemann"]
        agree(riemann, curvature * (pairs - np.swapaxes(pairs, 3, 4)), tolerance=1e-12, scale=scale)


@claim(
    "diagonal-normal-product",
    evidence="exact",
    change={},
    falsifiers={
        "K = -1": {"change": {"claimed": sp.Integer(-1)}},
        "hyperbolic": {"change": {"mixed": sp.Rational(-1, 2)}},
    },
)
def test_diagonal_curvature(change):
    derived(multivariate_normal.diagonal(**change))


@claim(
    "diagonal-normal-product",
    evidence="property",
    given={"first": units(), "second": units()},
    power=2,
    falsifiers={"distances added": {"power": 1}, "largest distance": {"power": 50}},
)
def test_diagonal_distance(first, second, power):
    theta, other = points("diagonal_normal", 2, first), points("diagonal_normal", 2, second)
    parts = [batched("isotropic_normal", 1, "distance")(theta[:, i::2], other[:, i::2]) for i in (0, 1)]
    expected = sum(np.asarray(part) ** power for part in parts) ** (1 / power)
    agree(batched("diagonal_normal", 2, "distance")(theta, other), expected, tolerance=1e-14, scale=1e-3 + expected)


@claim(
    "fixed-mean-distance",
    evidence="exact",
    change={},
    falsifiers={
        "factor 1/2 dropped": {"change": {"factor": sp.Integer(1)}},
        "straight lines": {"change": {"bend": sp.Integer(0)}},
    },
)
def test_fixed_mean_geodesics(change):
    derived(normal_distance.fixed_mean(**change))


@claim(
    "fixed-mean-distance",
    evidence="property",
    given={"first": units(), "second": units()},
    factor=0.5,
    falsifiers={"factor 1/2 dropped": {"factor": 1.0}, "quarter": {"factor": 0.25}},
)
def test_fixed_mean_distance_is_that_of_the_eigenvalues(first, second, factor):
    theta, other = points("fixed_mean_normal", 2, first), points("fixed_mean_normal", 2, second)
    velocity = batched("fixed_mean_normal", 2, "log")(theta, other)
    metric = batched("fixed_mean_normal", 2, "metric")(theta)
    length = np.sqrt(np.einsum("ni,nij,nj->n", velocity, metric, velocity))
    matrices = [t[:, [[0, 1], [1, 2]]] for t in (theta, other)]
    values = np.stack([eigh(b, a, eigvals_only=True) for a, b in zip(*matrices, strict=True)])
    expected = np.sqrt(factor * np.sum(np.log(values) ** 2, axis=1))
    # Eigenvalues within epsilons times condition numbers up to 200.
    agree(batched("fixed_mean_normal", 2, "distance")(theta, other), expected, tolerance=1e-12, scale=1 + expected)
    agree(length, expected, tolerance=1e-12, scale=1 + expected)
    # The geodesics of the metric, by integration of their equation, end there too.
    agree(_integrated("fixed_mean_normal", 2)(theta, velocity), other, tolerance=1e-9, scale=1.0)


@cache
def _integrated(name: str, size: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    here = normal(name, size)
    return jax.jit(jax.vmap(from_christoffel(here.metric, here.christoffel)["exp"]))


@claim(
    "fixed-covariance-distance",
    evidence="exact",
    factor=sp.Integer(1),
    falsifiers={"halved": {"factor": sp.Rational(1, 2)}, "doubled": {"factor": sp.Integer(2)}},
)
def test_fixed_covariance_is_flat(factor):
    derived(normal_distance.fixed_covariance(3, factor))


@claim(
    "fixed-covariance-distance",
    evidence="property",
    given={"first": units(), "second": units()},
    factor=2.0,
    falsifiers={"KL itself": {"factor": 1.0}, "four times": {"factor": 4.0}},
)
def test_fixed_covariance_distance_and_divergence(first, second, factor):
    here = geometry("fixed_covariance_normal", covariance=[[2.0, 0.6], [0.6, 0.5]])
    theta, other = first[:, :2], second[:, :2]
    shift = theta - other
    mahalanobis = np.einsum("ni,ij,nj->n", shift, np.linalg.inv([[2.0, 0.6], [0.6, 0.5]]), shift)
    distance, kl = (np.asarray(jax.vmap(f)(theta, other)) for f in (here.distance, here.kl))
    agree(distance**2, mahalanobis, tolerance=1e-12, scale=1e-6 + mahalanobis)
    agree(distance**2, factor * kl, tolerance=1e-12, scale=1e-6 + mahalanobis)


@claim(
    "normal-geodesics-exponential",
    evidence="property",
    given={"unit": units(), "speed": units()},
    bend=1.0,
    falsifiers={"twice the velocity": {"bend": 2.0}, "reversed": {"bend": -1.0}},
)
def test_exponential_of_a_matrix(unit, speed, bend):
    theta = points("multivariate_normal", 2, unit)
    frames = jax.vmap(normal("multivariate_normal", 2).family.columns)(theta)
    velocity = np.einsum("nij,nj->ni", frames, speed[:, :5])
    # The integrator keeps 1e-12 per step, and errors grow like exp(sqrt 2 length) < 60.
    end = batched("multivariate_normal", 2, "exp")(theta, bend * velocity)
    agree(end, _integrated("multivariate_normal", 2)(theta, velocity), tolerance=1e-9, scale=1.0)


@claim(
    "normal-distance-lower-bound",
    evidence="exact",
    change={},
    falsifiers={
        "factor 1/2 dropped": {"change": {"scale": sp.Integer(1)}},
        "mean halved": {"change": {"corner": sp.Rational(1, 2)}},
    },
)
def test_embedding_keeps_lengths(change):
    derived(normal_distance.embedding(**change))
    _show_tightness()


@claim(
    "normal-distance-upper-bound",
    evidence="exact",
    change={},
    falsifiers={
        "factor 1/2": {"change": {"scale": sp.Rational(1, 2)}},
        "sign of a": {"change": {"sign": sp.Integer(1)}},
    },
)
def test_projection_shortens(change):
    derived(normal_distance.lift(**change))
    _show_tightness()


def _bounds(first: np.ndarray, second: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    theta, other = (points("multivariate_normal", size, unit) for unit in (first, second))
    lower, upper = batched("multivariate_normal", size, "distance_bounds")(theta, other)
    return (
        np.asarray(lower),
        np.asarray(batched("multivariate_normal", size, "distance")(theta, other)),
        np.asarray(upper),
    )


@claim(
    "normal-distance-lower-bound",
    evidence="property",
    given={"first": units(), "second": units()},
    factor=1.0,
    falsifiers={"factor 1/2 dropped": {"factor": 2**0.5}, "doubled": {"factor": 2.0}},
)
def test_lower_bound(first, second, factor):
    for size in SIZES:
        lower, distance, _ = _bounds(first, second, size)
        at_most(factor * lower, distance, slack=1e-12, scale=1e-3 + distance)
        # Equal means: equality.
        start, end = (np.where(np.arange(9) < size, 0.0, unit) for unit in (first, second))
        lower, distance, _ = _bounds(start, end, size)
        agree(factor * lower, distance, tolerance=1e-11, scale=1e-3 + distance)


@claim(
    "normal-distance-upper-bound",
    evidence="property",
    given={"first": units(), "second": units()},
    factor=1.0,
    falsifiers={"halved": {"factor": 0.5}, "a tenth less": {"factor": 0.9}},
)
def test_upper_bound(first, second, factor):
    for size in SIZES:
        _, distance, upper = _bounds(first, second, size)
        at_most(distance, factor * upper, slack=1e-12, scale=1e-3 + distance)
    # One dimension, and equal means: equality.
    _, distance, upper = _bounds(first, second, 1)
    agree(factor * upper, distance, tolerance=1e-11, scale=1e-3 + distance)
    start, end = (np.where(np.arange(9) < 2, 0.0, unit) for unit in (first, second))
    _, distance, upper = _bounds(start, end, 2)
    agree(factor * upper, distance, tolerance=1e-11, scale=1e-3 + distance)


def _show_tightness() -> None:
    shifts = (4.0, 1.0, 0.1, 0.0)
    theta = jnp.tile(jnp.asarray([0.0, 0.0, 1.0, 0.0, 1.0]), (BATCH, 1))
    other = jnp.asarray([[shift, 0.0, 2.0, 1.0, 3.0] for shift in shifts])
    distance = batched("multivariate_normal", 2, "distance")(theta, other)
    bounds = batched("multivariate_normal", 2, "distance_bounds")(theta, other)
    rows = [[t, *(f"{float(b[i] / distance[i]):.9f}" for b in bounds)] for i, t in enumerate(shifts)]
    table("How tight: N((0, 0), 1) and N((t, 0), [[2, 1], [1, 3]])", ["t", "lower / d", "upper / d"], rows)
