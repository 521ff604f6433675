"""Everything there is to compare about a family, compiled once per family and chart and evaluated on batches of points."""

from collections.abc import Callable, Mapping
from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.geometry import Geometry
from numerics.radial_geodesics import RadialSpace
from properties.compilation import loop_jit
from properties.frames import units
from properties.subjects import batched, geometry_of

_FIVE = ("metric", "inverse_metric", "christoffel", "skewness", "scalar_curvature")
ONE_POINT = {"usual": _FIVE, "natural": _FIVE, "expectation": ("metric",)}

STEP = 1e-4
"""The length of the short step of :func:`geodesic_values`."""

Values = Mapping[str, np.ndarray]


@cache
def _compiled(name: str, what: str, chart: str) -> Callable[..., dict[str, Array]]:
    parts: dict[str, Callable[..., dict[str, Array]]] = {
        "chart": _chart,
        "potential": _potential,
        "pair": _pair,
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
    between = _closed_between(name) if _has_closed_geodesics(name) else _integrated_between(name)
    way = between(theta, other)
    number = len(way["distance"])
    theta, other, third = theta[:number], other[:number], third[:number]
    metric = np.asarray(batched(name, "metric")(theta))
    step = STEP * _directions(metric, other - theta)
    ways = {
        "back": (other, theta),
        "across": (theta, third),
        "beyond": (other, third),
        "first_half": (theta, way["middle"]),
        "second_half": (way["middle"], other),
        "short": (theta, theta + step),
    }
    size = np.sqrt(np.diagonal(metric, axis1=1, axis2=2))
    return {key: between(*ends)["distance"] for key, ends in ways.items()} | {
        "distance": way["distance"],
        "speed": _lengths(metric, way["velocity"]),
        "step": _lengths(metric, (theta + step) - theta),
        "missed": size * (way["end"] - other),
        "size": size * other,
    }


def _has_closed_geodesics(name: str) -> bool:
    isometry = geometry_of(name).family.isometry
    return isometry is not None and not isinstance(isometry.space, RadialSpace)


@cache
def _closed_between(name: str) -> Callable[[np.ndarray, np.ndarray], Values]:
    compiled = jax.jit(jax.vmap(partial(_between, geometry_of(name))))
    return lambda start, end: _numpy(compiled(start, end))


@cache
def _integrated_between(name: str) -> Callable[[np.ndarray, np.ndarray], Values]:
    # Thousands of steps: slow where compiled lightly.
    compiled = loop_jit(partial(_between, geometry_of(name)))
    return lambda start, end: {key: value[None] for key, value in _numpy(compiled(start[0], end[0])).items()}


def _between(usual: Geometry, start: Array, end: Array) -> dict[str, Array]:
    """The logarithm, its end, the point halfway along it, and the distance."""
    velocity = usual.log(start, end)
    # One compilation for both: integrated geodesics take seconds to compile.
    found, middle = jax.vmap(usual.exp, (None, 0))(start, jnp.stack([velocity, 0.5 * velocity]))
    return {"distance": usual.distance(start, end), "velocity": velocity, "end": found, "middle": middle}


def _lengths(metric: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ni,nij,nj->n", vectors, metric, vectors))


def _directions(metric: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Unit vectors, about along the differences, of any direction where these are 0."""
    unit = units(metric)
    free = difference / unit
    free = free / np.maximum(np.abs(free).max(axis=1, keepdims=True), 1e-30) + 1e-3
    vectors = free * unit
    return vectors / _lengths(metric, vectors)[:, None]


def _numpy(values: Mapping[str, Array]) -> Values:
    return {key: np.asarray(value) for key, value in values.items()}


def _chart(usual: Geometry, geometry: Geometry, theta: Array) -> dict[str, Array]:
    x = usual.convert(theta, geometry.chart)
    differentiated = ("metric", "christoffel", "skewness") if geometry.chart == "natural" else ("metric", "christoffel")
    return (
        geometry.tensors(x)._asdict()
        | {f"{name}_slope": jax.jacfwd(getattr(geometry, name))(x) for name in differentiated}
        | {
            "back": geometry.convert(x, "usual"),
            "jacobian": jax.jacfwd(lambda t: usual.convert(t, geometry.chart))(theta),
        }
    )


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
        "eta": eta,
        "eta_other": eta_other,
        "m": m,
        "kl": forth,
        "reverse": back,
        "itself": itself,
        "natural_kl": natural.kl(eta, eta_other),
        "bregman": after - before - jnp.vdot(eta_other - eta, m),
        "scale": jnp.abs(after) + jnp.abs(before) + jnp.vdot(jnp.abs(eta_other) + jnp.abs(eta), jnp.abs(m)),
        "hellinger": 4.0 * (1.0 - jnp.exp(middle - 0.5 * (before + after))),
        "alpha": alpha(jnp.stack([theta, other]), jnp.stack([other, theta]), alphas),
    }
