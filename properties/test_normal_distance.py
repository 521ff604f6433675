"""Claims about distances of normal laws on R^p, and their bounds."""

from collections.abc import Callable
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from scipy.linalg import eigh

from derivations import normal_distance
from numerics.geometry import geometry
from numerics.riemannian import from_christoffel
from properties.checks import agree, at_most, derived, table
from properties.claims import claim
from properties.normals import BATCH, SIZES, batched, normal, points, units


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
