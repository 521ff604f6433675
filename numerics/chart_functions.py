"""What there is to compute in a chart of a family, by name; NaN where a point is outside the domain."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from numerics import divergences, supports
from numerics.arrays import Point
from numerics.charts import CHARTS, Chart, Usual, chart_of
from numerics.exponential_family import ExponentialFamily
from numerics.natural_gradient import natural_gradient
from numerics.statistical_family import StatisticalFamily

Functions = dict[str, Callable[..., Array]]


def functions(chart: Chart) -> Functions:
    """The functions of one point, of two points, and of an observation."""
    one, two = _tensors(chart), _pairs(chart)
    if isinstance(chart.family, ExponentialFamily):
        one |= _potentials(chart, chart.family)
        two["alpha_divergence"] = _alpha_divergence(chart, chart.family)
    masked = {key: _masked(chart, function) for key, function in one.items()}
    masked |= {key: _masked(chart, function, both=key != "exp") for key, function in two.items()}
    return masked | _unmasked(chart)


def _tensors(chart: Chart) -> Functions:
    return {
        "metric": chart.metric,
        "inverse_metric": chart.inverse_metric,
        "christoffel": chart.christoffel,
        "skewness": chart.skewness,
        "riemann": lambda x: chart.curvature(x).riemann,
        "ricci": lambda x: chart.curvature(x).ricci,
        "scalar_curvature": chart.scalar_curvature,
        "entropy": lambda x: chart.family.entropy(chart.point(x)),
        "natural_gradient": lambda x, gradient: natural_gradient(chart.metric(x), gradient),
        "usual": chart.to_usual,
    }


def _potentials(chart: Chart, family: ExponentialFamily) -> Functions:
    found: Functions = {
        "log_partition": lambda x: family.log_partition(chart.point(x)),
        "dual_potential": lambda x: family.dual_potential(chart.point(x)),
        # From the usual chart these are known even where there is no way back.
        "natural": lambda x: family.natural(chart.point(x)),
        "expectation": lambda x: family.expectation(chart.point(x)),
    }
    for name in CHARTS:
        if family.has_charts and type(chart_of(family, name)) is type(chart):
            found[name] = lambda x: x
    return found


def _alpha_divergence(chart: Chart, family: ExponentialFamily) -> Callable[..., Array]:
    return lambda x, y, alpha: divergences.alpha_divergence(family, chart.point(x), chart.point(y), alpha)


def _pairs(chart: Chart) -> Functions:
    family = chart.family

    def kl(x: Point, y: Point) -> Array:
        return family.kl(chart.point(x), chart.point(y))

    def distance_bounds(x: Point, y: Point) -> Array:
        return family.distance_bounds(chart.to_usual(x), chart.to_usual(y))

    return _geodesics(chart) | {"kl": kl, "distance_bounds": distance_bounds}


def _geodesics(chart: Chart) -> Functions:
    family = chart.family
    is_lifted = type(family).lift is not StatisticalFamily.lift
    if family.isometry and is_lifted and type(family).distance is StatisticalFamily.distance:
        # From points, not by way of the usual chart, which may have run out of digits.
        isometry = family.isometry.after(chart.point, chart.of_point)
        return {"exp": isometry.exp, "log": isometry.log, "distance": isometry.distance}
    if isinstance(chart, Usual):
        return {"exp": family.exp, "log": family.log, "distance": family.distance}

    def exp(x: Point, v: Point) -> Point:
        return chart.from_usual(family.exp(*jax.jvp(chart.to_usual, (x,), (v,))))

    def log(x: Point, y: Point) -> Point:
        start = chart.to_usual(x)
        return jax.jvp(chart.from_usual, (start,), (family.log(start, chart.to_usual(y)),))[1]

    def distance(x: Point, y: Point) -> Array:
        return family.distance(chart.to_usual(x), chart.to_usual(y))

    return {"exp": exp, "log": log, "distance": distance}


def _unmasked(chart: Chart) -> Functions:
    family = chart.family

    def log_density(x: Array, theta: Point) -> Array:
        inside = supports.contains(family.support, x)
        safe = jnp.where(inside, x, supports.inner_point(family.support, x))
        value = jnp.where(inside, family.log_density(safe, chart.point(theta)), -jnp.inf)
        return jnp.where(chart.is_inside(theta) & ~jnp.any(jnp.isnan(x)), value, jnp.nan)

    statistics: Functions = {"statistics": family.statistics} if isinstance(family, ExponentialFamily) else {}
    return statistics | {
        "log_density": log_density,
        "of_usual": chart.from_usual,
        "is_inside": chart.is_inside,
        "from_unconstrained": lambda free: chart.from_usual(family.parameters.constrain(free)),
    }


def _masked(chart: Chart, function: Callable[..., Array], both: bool = False) -> Callable[..., Array]:
    def apply(x: Point, *rest: Array) -> Array:
        is_inside = chart.is_inside(x)
        if both:
            is_inside &= chart.is_inside(rest[0])
        return jnp.where(is_inside, function(x, *rest), jnp.nan)

    return apply
