"""What there is to compute in a chart of a family, by name; NaN where a point is outside the domain."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from numerics import divergences, supports
from numerics.arrays import Point
from numerics.charts import Chart, Usual
from numerics.exponential_family import ExponentialFamily
from numerics.model_spaces import Isometry
from numerics.natural_gradient import natural_gradient
from numerics.statistical_family import StatisticalFamily

Functions = dict[str, Callable[..., Any]]


def functions(chart: Chart) -> Functions:
    """The functions of one point, of two points, and of an observation."""
    one, two = _at_a_point(chart), _at_two_points(chart)
    if isinstance(chart.family, ExponentialFamily):
        one |= _potentials(chart.family)
        two["alpha_divergence"] = _alpha_divergence(chart.family)
    found = {key: _of_coordinates(chart, function) for key, function in one.items()}
    found[chart.name] = lambda x: jnp.where(_is_inside(chart, x, chart.point(x)), x, jnp.nan)
    found |= {key: _of_two_coordinates(chart, function) for key, function in two.items()}
    return found | _tangents(chart) | _unmasked(chart)


def _at_a_point(chart: Chart) -> Functions:
    return {
        "tensors": chart.tensors,
        "metric": chart.metric,
        "inverse_metric": chart.inverse_metric,
        "christoffel": chart.christoffel,
        "skewness": chart.skewness,
        "riemann": lambda point: chart.curvature(point).riemann,
        "ricci": lambda point: chart.curvature(point).ricci,
        "scalar_curvature": chart.scalar_curvature,
        "entropy": chart.family.entropy,
        "natural_gradient": lambda point, gradient: natural_gradient(chart.metric(point), gradient),
        "usual": chart.family.drop,
    }


def _potentials(family: ExponentialFamily) -> Functions:
    return {
        "log_partition": family.log_partition,
        "dual_potential": family.dual_potential,
        # From the usual chart these are known even where there is no way back.
        "natural": family.natural,
        "expectation": family.expectation,
    }


def _alpha_divergence(family: ExponentialFamily) -> Callable[..., Array]:
    return lambda point, other, alpha: divergences.alpha_divergence(family, point, other, alpha)


def _at_two_points(chart: Chart) -> Functions:
    family = chart.family

    def of_usual(function: Callable[..., Array]) -> Callable[..., Array]:
        return lambda point, other: function(family.drop(point), family.drop(other))

    isometry = _point_isometry(family)
    return {
        "kl": family.kl,
        "distance": isometry.distance if isometry else of_usual(family.distance),
        "distance_bounds": of_usual(family.distance_bounds),
    }


def _tangents(chart: Chart) -> Functions:
    """Exponential map and logarithm, of coordinates."""
    family = chart.family
    exp: Callable[..., Array]
    log: Callable[..., Array]
    if point_isometry := _point_isometry(family):
        isometry = point_isometry.after(chart.point, chart.of_point)
        exp, log = isometry.exp, isometry.log
    elif isinstance(chart, Usual):
        exp, log = family.exp, family.log
    else:

        def exp(x: Point, v: Point) -> Point:
            return chart.from_usual(family.exp(*jax.jvp(chart.to_usual, (x,), (v,))))

        def log(x: Point, y: Point) -> Point:
            start = chart.to_usual(x)
            return jax.jvp(chart.from_usual, (start,), (family.log(start, chart.to_usual(y)),))[1]

    def masked_exp(x: Point, v: Point) -> Point:
        return jnp.where(_is_inside(chart, x, chart.point(x)), exp(x, v), jnp.nan)

    def masked_log(x: Point, y: Point) -> Point:
        are_inside = _is_inside(chart, x, chart.point(x)) & _is_inside(chart, y, chart.point(y))
        return jnp.where(are_inside, log(x, y), jnp.nan)

    return {"exp": masked_exp, "log": masked_log}


def _point_isometry(family: StatisticalFamily) -> Isometry | None:
    """The isometry, if it is of points that the usual chart would take digits from."""
    is_lifted = type(family).lift is not StatisticalFamily.lift
    return family.isometry if is_lifted and type(family).distance is StatisticalFamily.distance else None


def _unmasked(chart: Chart) -> Functions:
    family = chart.family

    def log_density(x: Array, theta: Point) -> Array:
        point = chart.point(theta)
        inside = supports.contains(family.support, x)
        safe = jnp.where(inside, x, supports.inner_point(family.support, x))
        value = jnp.where(inside, family.log_density(safe, point), -jnp.inf)
        return jnp.where(_is_inside(chart, theta, point) & ~jnp.any(jnp.isnan(x)), value, jnp.nan)

    statistics: Functions = {"statistics": family.statistics} if isinstance(family, ExponentialFamily) else {}
    return statistics | {
        "log_density": log_density,
        "of_usual": chart.from_usual,
        "is_inside": lambda x: _is_inside(chart, x, chart.point(x)),
        "from_unconstrained": lambda free: chart.from_usual(family.parameters.constrain(free)),
    }


def _of_coordinates(chart: Chart, function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(x: Point, *rest: Array) -> Any:
        point = chart.point(x)
        is_inside = _is_inside(chart, x, point)
        return jax.tree.map(lambda value: jnp.where(is_inside, value, jnp.nan), function(point, *rest))

    return apply


def _of_two_coordinates(chart: Chart, function: Callable[..., Array]) -> Callable[..., Array]:
    def apply(x: Point, y: Point, *rest: Array) -> Array:
        point, other = chart.point(x), chart.point(y)
        are_inside = _is_inside(chart, x, point) & _is_inside(chart, y, other)
        return jnp.where(are_inside, function(point, other, *rest), jnp.nan)

    return apply


def _is_inside(chart: Chart, x: Point, point: Point) -> Array:
    """Whether a point has these coordinates, given what would be that point."""
    return jnp.all(jnp.isfinite(x)) & chart.family.inside(point)
