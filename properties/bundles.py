"""Everything there is to compare about a family, compiled once per family and chart and evaluated on batches of points."""

from collections.abc import Callable, Mapping
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.geometry import Geometry
from numerics.radial_geodesics import RadialSpace
from properties.subjects import geometry_of

_FIVE = ("metric", "inverse_metric", "christoffel", "skewness", "scalar_curvature")
ONE_POINT = {"usual": _FIVE, "natural": _FIVE, "expectation": ("metric",)}

STEP = 1e-4
"""The length of the short step of :func:`geodesic_values`."""

_INTEGRATED = 1

Values = Mapping[str, np.ndarray]


@cache
def _compiled(name: str, what: str, chart: str) -> Callable[..., dict[str, Array]]:
    parts: dict[str, Callable[..., dict[str, Array]]] = {
        "chart": _chart,
        "potential": _potential,
        "pair": _pair,
        "geodesic": _geodesic,
    }
    one = parts[what]
    usual, other = geometry_of(name), geometry_of(name, chart)
    return jax.jit(jax.vmap(lambda *points: one(usual, other, *points)))


def chart_values(name: str, chart: str, theta: np.ndarray) -> Values:
    """Tensors in a chart at points given in the usual one, with their derivatives there.

    ``metric_slope[..., k]`` and ``christoffel_slope[..., l]`` are derivatives by the coordinates of the chart;
    ``jacobian`` is that of the chart's coordinates by the usual ones.
    """
    return _numpy(_compiled(name, "chart", chart)(theta))


def tensor_values(name: str, chart: str, x: np.ndarray) -> Values:
    """Tensors at points given in a chart, in the dtype of the points."""
    return _numpy(_tensors(name, chart)(x))


@cache
def _tensors(name: str, chart: str) -> Callable[..., dict[str, Array]]:
    geometry = geometry_of(name, chart)

    def chosen(x: Array) -> dict[str, Array]:
        tensors = geometry.tensors(x)
        return {tensor: getattr(tensors, tensor) for tensor in ONE_POINT[chart]}

    return jax.jit(jax.vmap(chosen))


def potential_values(name: str, theta: np.ndarray) -> Values:
    """Both potentials, their gradients by automatic differentiation, and what these should be."""
    return _numpy(_compiled(name, "potential", "natural")(theta))


def pair_values(name: str, theta: np.ndarray, other: np.ndarray) -> Values:
    """Divergences of pairs of points, and the terms of their Bregman form."""
    return _numpy(_compiled(name, "pair", "natural")(theta, other))


def geodesic_values(name: str, theta: np.ndarray, other: np.ndarray, third: np.ndarray) -> Values:
    """Distances between three points, a point halfway and one a short step away; the logarithm and where it ends.

    Where geodesics are integrated, which costs a thousand times more, only the first points of the batch are looked at.
    """
    isometry = geometry_of(name).family.isometry
    is_closed = isometry is not None and not isinstance(isometry.space, RadialSpace)
    number = len(theta) if is_closed else _INTEGRATED
    compiled = _compiled(name, "geodesic", "usual")
    return _numpy(compiled(*(points[:number] for points in (theta, other, third))))


def _numpy(values: Mapping[str, Array]) -> Values:
    return {key: np.asarray(value) for key, value in values.items()}


def _chart(usual: Geometry, geometry: Geometry, theta: Array) -> dict[str, Array]:
    x = usual.convert(theta, geometry.chart)

    def differentiated(x: Array) -> tuple[tuple[Array, Array], dict[str, Array]]:
        tensors = geometry.tensors(x)
        return (tensors.metric, tensors.christoffel), tensors._asdict()

    (metric_slope, christoffel_slope), values = jax.jacfwd(differentiated, has_aux=True)(x)
    return values | {
        "metric_slope": metric_slope,
        "christoffel_slope": christoffel_slope,
        "back": geometry.convert(x, "usual"),
        "jacobian": jax.jacfwd(lambda t: usual.convert(t, geometry.chart))(theta),
    }


def _potential(usual: Geometry, natural: Geometry, theta: Array) -> dict[str, Array]:
    eta, m = usual.convert(theta, "natural"), usual.convert(theta, "expectation")
    return {
        "eta": eta,
        "m": m,
        "log_partition": natural.log_partition(eta),
        "dual_potential": usual.dual_potential(theta),
        "log_partition_slope": jax.grad(natural.log_partition)(eta),
        "expectation_slope": jax.jacfwd(lambda e: natural.convert(e, "expectation"))(eta),
        "covariance": natural.metric(eta),
        "covariance_slope": jax.jacfwd(natural.metric)(eta),
        "third_cumulants": natural.skewness(eta),
    }


def _pair(usual: Geometry, natural: Geometry, theta: Array, other: Array) -> dict[str, Array]:
    eta, eta_other = usual.convert(theta, "natural"), usual.convert(other, "natural")
    m = usual.convert(theta, "expectation")
    before, after = natural.log_partition(eta), natural.log_partition(eta_other)
    middle = natural.log_partition(0.5 * (eta + eta_other))
    # One compilation for all pairs, and one for all alphas.
    forth, back, itself = jax.vmap(usual.kl)(jnp.stack([theta, other, theta]), jnp.stack([other, theta, theta]))
    alphas = jnp.asarray([-1.0, -0.5, 0.0, 0.5, 1.0], theta.dtype)
    alpha = jax.vmap(jax.vmap(usual.alpha_divergence, (None, None, 0)), (0, 0, None))
    return {
        "kl": forth,
        "reverse": back,
        "itself": itself,
        "natural_kl": natural.kl(eta, eta_other),
        "bregman": after - before - jnp.vdot(eta_other - eta, m),
        "scale": jnp.abs(after) + jnp.abs(before) + jnp.vdot(jnp.abs(eta_other) + jnp.abs(eta), jnp.abs(m)),
        "hellinger": 4.0 * (1.0 - jnp.exp(middle - 0.5 * (before + after))),
        "alpha": alpha(jnp.stack([theta, other]), jnp.stack([other, theta]), alphas),
    }


def _geodesic(usual: Geometry, _: Geometry, theta: Array, other: Array, third: Array) -> dict[str, Array]:
    metric, velocity = usual.metric(theta), usual.log(theta, other)
    # One compilation for all pairs: integrated geodesics take seconds to compile.
    end, middle = jax.vmap(usual.exp, (None, 0))(theta, jnp.stack([velocity, 0.5 * velocity]))
    moved = theta + STEP * _direction(metric, other - theta)
    ways = [
        (theta, other),
        (other, theta),
        (theta, third),
        (other, third),
        (theta, middle),
        (middle, other),
        (theta, moved),
    ]
    names = ["distance", "back", "across", "beyond", "first_half", "second_half", "short"]
    lengths = jax.vmap(usual.distance)(*(jnp.stack(side) for side in zip(*ways, strict=True)))
    step = moved - theta
    return dict(zip(names, lengths, strict=True)) | {
        "speed": jnp.sqrt(jnp.einsum("i,ij,j->", velocity, metric, velocity)),
        "step": jnp.sqrt(jnp.einsum("i,ij,j->", step, metric, step)),
        "missed": jnp.sqrt(jnp.diagonal(metric)) * (end - other),
        "size": jnp.sqrt(jnp.diagonal(metric)) * other,
    }


def _direction(metric: Array, difference: Array) -> Array:
    """A unit vector, about along the difference, of any direction where that is 0."""
    free = jnp.sqrt(jnp.diagonal(metric)) * difference
    free = free / jnp.maximum(jnp.max(jnp.abs(free)), 1e-30) + 1e-3
    vector = free / jnp.sqrt(jnp.diagonal(metric))
    return vector / jnp.sqrt(jnp.einsum("i,ij,j->", vector, metric, vector))
