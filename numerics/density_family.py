"""Families that are given by their density alone: the geometry by quadrature over the support.

Metric and skewness are moments of the score, Christoffel symbols and curvature follow from the metric by automatic
differentiation at fixed nodes. The nodes are placed by zooming in on the largest weight; a density whose sum over them is not 1
within the tolerance gives NaN, so that mass that was missed is never a plausible number.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
from jax import Array, lax

from numerics import hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.generated_family import bounded
from numerics.parameters import Parameters
from numerics.riemannian import from_metric
from numerics.statistical_family import StatisticalFamily
from numerics.supports import Counts, Line

if TYPE_CHECKING:
    from derivations.family import Family

_ZOOMS, _COARSE, _FINE, _EDGE = 8, 129, 1001, 129
_TERMS = 4096


class DensityFamily(StatisticalFamily):
    """A family with one observed variable and a density ``p(x; theta)`` in JAX.

    Args:
        name: of the family.
        parameters: with their domains.
        log_density: ``log p`` as a function of x and theta, differentiable in theta.
        support: an interval or the integers of one.
        own_kl: the divergence in closed form, if it is known.
    """

    support: Line | Counts

    def __init__(
        self,
        name: str,
        parameters: Parameters,
        log_density: Callable[[Array, Point], Scalar],
        support: Line | Counts,
        own_kl: Callable[[Point, Point], Scalar] | None = None,
    ):
        self.title = name  # type: ignore[misc]
        self.parameters, self.support = parameters, support
        self._log_density, self._own_kl = log_density, own_kl
        self._tensors = from_metric(self.metric)

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``."""
        return self._log_density(x, point)

    def metric(self, theta: Point) -> Matrix:
        """``E[score score]``, shape (d, d)."""
        weights, score = self._weights_and_score(theta)
        return jnp.einsum("n,na,nb->ab", weights, score, score, precision="highest")

    def skewness(self, theta: Point) -> Array:
        """``E[score score score]``, shape (d, d, d)."""
        weights, score = self._weights_and_score(theta)
        return jnp.einsum("n,na,nb,nc->abc", weights, score, score, score, precision="highest")

    def christoffel(self, theta: Point) -> Array:
        """The Christoffel symbols."""
        return self._tensors["christoffel"](theta)

    def curvature(self, theta: Point) -> hessian_geometry.Curvature:
        """Riemann tensor, Ricci tensor and scalar curvature."""
        return hessian_geometry.Curvature(
            *(self._tensors[name](theta) for name in ("riemann", "ricci", "scalar_curvature"))
        )

    def scalar_curvature(self, theta: Point) -> Scalar:
        """The scalar curvature."""
        return self._tensors["scalar_curvature"](theta)

    def kl(self, point: Point, other: Point) -> Scalar:
        """``KL(point || other)``, by its closed form or by quadrature: ``E[r - 1 - log r]`` with ``r = q / p``."""
        if self._own_kl is not None:
            return self._own_kl(point, other)
        x, measure = self._nodes(point)
        log_p, log_q = (jax.vmap(self.log_density, (0, None))(x, theta) for theta in (point, other))
        weights = self._checked(jnp.exp(log_p) * measure)
        ratio = log_q - log_p
        # q itself may have its mass elsewhere; -log r is right then, as the rest adds up to 0.
        near = jnp.abs(ratio) < 1.0
        excess = jnp.where(near, jnp.expm1(jnp.where(near, ratio, 0.0)) - ratio, -ratio)
        return jnp.where(jnp.all(near | (weights == 0)), jnp.sum(weights * excess), -jnp.sum(_times(weights, ratio)))

    def entropy(self, point: Point) -> Scalar:
        """``-E log p``, by quadrature."""
        x, measure = self._nodes(point)
        log_p = jax.vmap(self.log_density, (0, None))(x, point)
        return -jnp.sum(_times(self._checked(jnp.exp(log_p) * measure), log_p))

    def _weights_and_score(self, theta: Point) -> tuple[Array, Array]:
        x, measure = self._nodes(theta)
        log_p = jax.vmap(self.log_density, (0, None))(x, theta)
        score = jax.vmap(jax.jacfwd(self.log_density, argnums=1), (0, None))(x, theta)
        weights = self._checked(jnp.exp(log_p) * measure)
        return weights, jnp.where(weights[:, None] > 0, score, 0.0)

    def _checked(self, weights: Array) -> Array:
        """The weights; NaN if they do not add up to 1."""
        allowed = 1e-9 if weights.dtype == jnp.float64 else 1e-4
        return jnp.where(jnp.abs(jnp.sum(weights) - 1.0) < allowed, weights, jnp.nan)

    def _nodes(self, theta: Point) -> tuple[Array, Array]:
        fixed = lax.stop_gradient(theta)
        support = self.support
        if isinstance(support, Counts):
            return self._integers(fixed, support)
        outward, slope = _substitution(support)
        reach = _reach(support, theta.dtype)
        if math.isinf(support.lower) and math.isinf(support.upper):
            # Around the largest density, so that a narrow one far from 0 is resolved as well as its numbers allow.
            rough = self._exponent(fixed, outward, jnp.ones_like)
            mode = _mode(rough, *reach, theta.dtype)
            lower, upper = _edges(rough, mode, *reach, drop=2.0)
            centre, width = outward(mode), 0.25 * (outward(upper) - outward(lower))
            outward, slope = (lambda t: centre + width * jnp.sinh(t)), (lambda t: width * jnp.cosh(t))
            exponent = self._exponent(fixed, outward, slope)
            lower, upper = _edges(exponent, jnp.zeros((), theta.dtype), *reach)
        else:
            exponent = self._exponent(fixed, outward, slope)
            lower, upper = _edges(exponent, _mode(exponent, *reach, theta.dtype), *reach)
        t = lower + (upper - lower) * jnp.linspace(0.0, 1.0, _FINE, dtype=theta.dtype)
        x, usable = outward(t), exponent(t) > -jnp.inf
        # A node in the middle stands in for those that rounding put on an end of the support, with weight 0.
        x = jnp.where(usable, x, outward(0.5 * (lower + upper)))
        return x, jnp.where(usable, slope(t) * (t[1] - t[0]), 0.0)

    def _exponent(
        self, theta: Point, outward: Callable[[Array], Array], slope: Callable[[Array], Array]
    ) -> Callable[[Array], Array]:
        """The logarithm of the weight in the free variable, over an array; minus infinity where it cannot be computed."""

        def exponent(t: Array) -> Array:
            value = jax.vmap(self.log_density, (0, None))(outward(t), theta) + jnp.log(slope(t))
            return jnp.where(jnp.isnan(value), -jnp.inf, value)

        return exponent

    def _integers(self, theta: Point, support: Counts) -> tuple[Array, Array]:
        """Integers from where to where the terms are negligible.

        A law that is too wide for all of them is summed over every second, third, ... term, which is as accurate.
        """
        first, last = 0.0, math.log(min(support.upper - support.lower + 1.0, 2.0**40))

        def exponent(s: Array) -> Array:
            value = jax.vmap(self.log_density, (0, None))(support.lower + jnp.floor(jnp.exp(s)) - 1.0, theta)
            return jnp.where(jnp.isnan(value), -jnp.inf, value)

        lower, upper = _edges(exponent, _mode(exponent, first, last, theta.dtype), first, last)
        start = jnp.maximum(jnp.floor(jnp.exp(lower)) - 16.0, 0.0)
        stride = jnp.maximum(jnp.ceil((jnp.exp(upper) - start + 16.0) / _TERMS), 1.0)
        x = support.lower + start + stride * jnp.arange(_TERMS, dtype=theta.dtype)
        usable = x <= support.upper
        return jnp.where(usable, x, float(support.lower)), jnp.where(usable, stride, 0.0)


def from_description(family: "Family") -> DensityFamily:
    """The numeric family of a symbolic description with a log-density."""
    from numerics.lambdify import lambdify

    variable, coordinates = family.variable, family.coordinates
    compiled = lambdify(family.log_density, (variable, *coordinates))
    lower, upper = (float(end) for end in family.support or (-math.inf, math.inf))
    support = Counts(int(lower), upper) if family.is_discrete else Line(lower, upper)
    own_kl = None
    if "kl" in family.forms:
        divergence = lambdify(family.forms["kl"], (*coordinates, *family.others))
        own_kl = lambda point, other: divergence(*point, *other)  # noqa: E731
    bounds = [(float(lower), float(upper)) for lower, upper in map(family.bounds, coordinates)]
    parameters = bounded([c.name for c in coordinates], bounds, [c in family.closed for c in coordinates])
    return DensityFamily(family.name, parameters, lambda x, theta: compiled(x, *theta), support, own_kl)


def _times(weights: Array, values: Array) -> Array:
    return jnp.where(weights > 0, weights * jnp.where(weights > 0, values, 0.0), weights)


def _substitution(support: Line) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """X as a function of a free variable t, and its slope; the weight falls off exponentially at least in t."""
    lower, upper = support.lower, support.upper
    if math.isfinite(lower) and math.isfinite(upper):
        width = upper - lower
        half = jnp.pi / 2

        def outward(t: Array) -> Array:
            # From the nearer end, so that no digits are lost there.
            tail = width / (1.0 + jnp.exp(2.0 * half * jnp.sinh(jnp.abs(t))))
            return jnp.where(t < 0, lower + tail, upper - tail)

        return outward, lambda t: width * 0.5 * half * jnp.cosh(t) / jnp.cosh(half * jnp.sinh(t)) ** 2
    if math.isfinite(lower):
        return lambda t: lower + jnp.exp(t), jnp.exp
    if math.isfinite(upper):
        return lambda t: upper - jnp.exp(t), jnp.exp
    return jnp.sinh, jnp.cosh


def _reach(support: Line, dtype: jnp.dtype) -> tuple[float, float]:
    finite = [math.isfinite(end) for end in (support.lower, support.upper)]
    if all(finite):
        return (-3.4, 3.4) if dtype == jnp.float64 else (-2.6, 2.6)
    return (-300.0, 300.0) if dtype == jnp.float64 else (-80.0, 80.0)


def _mode(exponent: Callable[[Array], Array], lower: float, upper: float, dtype: jnp.dtype) -> Scalar:
    """Where the weight is largest, by zooming in on the best of a grid again and again."""

    def zoom(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        t = ends[0] + (ends[1] - ends[0]) * jnp.linspace(0.0, 1.0, _COARSE, dtype=dtype)
        index = jnp.argmax(exponent(t))
        return t[jnp.maximum(index - 1, 0)], t[jnp.minimum(index + 1, _COARSE - 1)]

    left, right = lax.fori_loop(0, _ZOOMS, zoom, (jnp.asarray(lower, dtype), jnp.asarray(upper, dtype)))
    return 0.5 * (left + right)


def _edges(
    exponent: Callable[[Array], Array], mode: Scalar, lower: float, upper: float, drop: float | None = None
) -> tuple[Scalar, Scalar]:
    """The ends of an interval around the mode outside which the logarithm of the weight has dropped by more than this.

    If no drop is given, to what is negligible in the dtype.
    """
    dtype = mode.dtype
    negligible = exponent(mode[None])[0] - (drop or (46.0 if dtype == jnp.float64 else 22.0))
    # Distances from the mode that grow geometrically, from rounding to the whole reach.
    steps = jnp.exp(jnp.linspace(math.log(1e-9), math.log(upper - lower), _EDGE, dtype=dtype))

    def edge(direction: float, end: float) -> Scalar:
        t = jnp.clip(mode + direction * steps, lower, upper)
        is_heavy = exponent(t) > negligible
        furthest = jnp.max(jnp.where(is_heavy, jnp.arange(_EDGE), -1))
        return jnp.where(furthest + 1 < _EDGE, t[jnp.minimum(furthest + 1, _EDGE - 1)], end)

    return edge(-1.0, lower), edge(1.0, upper)
