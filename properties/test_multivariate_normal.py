"""Claims about the curvature of normal laws on R^p, and of the families inside."""

from collections.abc import Callable
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations import multivariate_normal
from derivations.normal_tensors import p
from numerics.riemannian import from_metric
from properties.checks import agree, derived, fact
from properties.claims import claim
from properties.normals import BATCH, batched, normal, points, units


@cache
def oracle(name: str, size: int) -> Callable[[np.ndarray], dict[str, np.ndarray]]:
    """Riemann tensor and scalar curvature by automatic differentiation of the metric."""
    functions = from_metric(normal(name, size).metric)
    return jax.jit(jax.vmap(lambda theta: {key: functions[key](theta) for key in ("riemann", "scalar_curvature")}))


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


@pytest.mark.slow
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


@pytest.mark.slow
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
