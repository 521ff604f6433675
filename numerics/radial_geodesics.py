r"""Geodesics of the von Mises-Fisher family, integrated in the coordinates ``w = arsinh(k) mu`` of R^p.

The Fisher metric ``A' dk^2 + k A |dmu|^2`` is regular at w = 0, where angles are not, and the radius ``r = |w|`` grows like arc
length. With ``E = A' cosh(r)^2`` and ``G = k A``, both as functions of r, a geodesic has the outward acceleration ``(G'/(2 E r)
- 1) |t|^2 / r - E'/(2 E) s^2`` and the sideways one ``(2/r - G'/G) s t``, where s is the radial speed and t the rest of the
velocity.
"""

import math
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from numerics import geodesics
from numerics.arrays import Matrix, Point, Scalar
from numerics.bessel_ratio_order import mean_over_argument, slope, slope_bend

_TERMS = 10
_ARSINH = [(-1) ** n * math.comb(2 * n, n) / (4**n * (2 * n + 1)) for n in range(_TERMS)]
_SINH = [1 / math.factorial(2 * n + 1) for n in range(_TERMS)]


def to_space(eta: Point) -> Point:
    """``arsinh(k) mu`` from ``k mu``."""
    square = jnp.vdot(eta, eta, precision="highest")
    return eta * _radial(square, 0.01, _ARSINH, jnp.arcsinh)


def from_space(w: Point) -> Point:
    """``k mu`` from ``arsinh(k) mu``."""
    return w * _radial(jnp.vdot(w, w, precision="highest"), 0.5, _SINH, jnp.sinh)


@dataclass(frozen=True)
class RadialSpace:
    """R^p with the metric of the von Mises-Fisher family.

    It is complete and simply connected, and its radial curvature is negative; geodesics lie in planes through 0.

    Attributes:
        dimension: the number p.
    """

    dimension: int

    def exp(self, x: Point, v: Point) -> Point:
        """By integration."""
        return geodesics.flow(self._acceleration, self._units, x, v, self.metric)

    def log(self, x: Point, y: Point) -> Point:
        """By shooting."""
        return geodesics.shoot(self._acceleration, self._units, x, y)

    def distance(self, x: Point, y: Point) -> Scalar:
        """The length of the logarithm."""
        return geodesics.length(self.metric(x), self.log(x, y))

    def metric(self, w: Point) -> Matrix:
        """``E`` along w and ``G / r^2`` across, shape (p, p)."""
        radius, unit = _polar(w)
        square = jnp.sinh(radius) ** 2
        along = slope(square, self.dimension) * jnp.cosh(radius) ** 2
        shrunk = jnp.where(radius > 0, jnp.sinh(radius) / jnp.where(radius > 0, radius, 1.0), 1.0)
        across = mean_over_argument(square, self.dimension) * shrunk * shrunk
        projector = unit[:, None] * unit[None, :]
        return across * (jnp.eye(w.shape[0], dtype=w.dtype) - projector) + along * projector

    def _units(self, position: Point) -> Point:
        return geodesics.units_from(self.metric)(position)

    @partial(jax.jit, static_argnums=0)
    def _acceleration(self, position: Point, velocity: Point) -> Point:
        radius, unit = _polar(position)
        is_positive = radius > 0
        radius = jnp.where(is_positive, radius, 1.0)
        k, stretch = jnp.sinh(radius), jnp.cosh(radius)
        over, along, turn = (f(k * k, self.dimension) for f in (mean_over_argument, slope, slope_bend))
        speed = jnp.vdot(unit, velocity, precision="highest")
        side = velocity - speed * unit
        growth = stretch * (over + along) / (k * over)  # G'/G
        push = 0.5 * (k / radius) * (over + along) / (along * stretch)  # G' / (2 E r)
        bend = 0.5 * stretch * k * turn / along + k / stretch  # E' / (2 E)
        outward = (push - 1.0) / radius * jnp.vdot(side, side, precision="highest") - bend * speed * speed
        sideways = (2.0 / radius - growth) * speed
        return jnp.where(is_positive, outward * unit + sideways * side, jnp.zeros_like(position))


def _polar(w: Point) -> tuple[Scalar, Point]:
    """Length and direction; the direction 0 at 0."""
    square = jnp.vdot(w, w, precision="highest")
    is_positive = square > 0
    root = jnp.sqrt(jnp.where(is_positive, square, 1.0))
    return jnp.where(is_positive, root, 0.0), jnp.where(is_positive, w / root, 0.0)


def _radial(square: Array, boundary: float, coefficients: list[float], function: "object") -> Array:
    """``f(x) / x`` as an analytic function of ``x^2``."""
    is_small = square < boundary
    small = jnp.where(is_small, square, 0.0)
    series = jnp.full_like(small, coefficients[-1])
    for c in coefficients[-2::-1]:
        series = series * small + c
    root = jnp.sqrt(jnp.where(is_small, 1.0, square))
    return jnp.where(is_small, series, function(root) / root)  # type: ignore[operator]
