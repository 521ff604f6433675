"""The von Mises-Fisher family on unit vectors."""

import math
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics import bessel_ratio_order as bessel
from numerics import directions, divergences
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.linear_algebra import norm
from numerics.model_spaces import Isometry
from numerics.parameters import Interval, Parameters
from numerics.radial_geodesics import RadialSpace, from_space, to_space
from numerics.sizes import whole_number
from numerics.supports import Sphere


class VonMisesFisher(ExponentialFamily):
    """Density ``exp(kappa mu . x - psi)`` of unit vectors x of length p, with respect to the area of the sphere.

    The parameters are the concentration kappa and the angles of mu, ``mu = (cos theta_1, sin theta_1 cos theta_2, ..., sin
    theta_1 ... sin theta_{p-2} (cos phi, sin phi))``. A point is ``eta = kappa mu``, and so are the natural parameters, whose
    chart is regular at 0, the uniform law.

    Args:
        dimension: the length p of the vectors, at least 2.
    """

    title = "Von Mises-Fisher"
    source = "Mardia & Jupp 2000, section 9.3.2"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": (
            r"p(x) = \frac{\kappa^{p/2-1}}{(2\pi)^{p/2} I_{p/2-1}(\kappa)}\, e^{\kappa\,\mu\cdot "
            r"x}, \qquad |x| = |\mu| = 1"
        ),
        "Natural and expectation parameters": (
            r"\eta = \kappa\mu, \qquad m = A_p(\kappa)\,\mu, \qquad A_p = "
            r"\frac{I_{p/2}}{I_{p/2-1}}"
        ),
        "Fisher metric": r"ds^2 = A_p'(\kappa)\,d\kappa^2 + \kappa A_p(\kappa)\,|d\mu|^2",
        "Riccati equation": r"A_p' = 1 - \frac{p-1}{\kappa} A_p - A_p^2",
    }
    example: ClassVar[Mapping[str, object]] = {"dimension": 3}

    def __init__(self, dimension: int):
        p = self.dimension = whole_number(dimension, "dimension", 2)
        polar = [Interval("theta", (p - 2,), 0.0, math.pi)] if p > 2 else []
        self.parameters = Parameters(Interval("kappa", lower=0.0), *polar, Interval("phi"))
        self.support = Sphere(p)
        self.isometry = Isometry(RadialSpace(p), to_space, from_space)
        self._log_area = math.log(2) + 0.5 * p * math.log(math.pi) - math.lgamma(0.5 * p)

    def lift(self, theta: Point) -> Point:
        """``kappa mu``; NaN outside the domain."""
        return jnp.where(self.parameters.inside(theta), theta[0] * _direction(theta[1:]), jnp.nan)

    def drop(self, point: Point) -> Point:
        """Length and angles; phi in (-pi, pi]."""
        polar = [jnp.arctan2(norm(point[k + 1 :]), point[k]) for k in range(self.dimension - 2)]
        return jnp.stack([norm(point), *polar, jnp.arctan2(point[-1], point[-2])])

    def inside(self, point: Point) -> Array:
        """Whether it is finite."""
        return jnp.all(jnp.isfinite(point))

    def natural(self, point: Point) -> Point:
        """The point itself."""
        return point

    def from_natural(self, eta: Point) -> Point:
        """The point itself."""
        return eta

    def log_partition(self, point: Point) -> Scalar:
        """``log (2 pi)^(p/2) I_{p/2-1}(kappa) / kappa^(p/2-1)``."""
        return bessel.log_mean_exponential(_square(point), self.dimension) + self._log_area

    def expectation(self, point: Point) -> Point:
        """``A mu``."""
        return bessel.mean_over_argument(_square(point), self.dimension) * point

    def from_expectation(self, m: Point) -> Point:
        """The direction of m, with the concentration that has ``A = |m|``; NaN for ``|m| >= 1``."""

        @jax.custom_jvp
        def solve(m: Point) -> Point:
            return m / directions.concentration(norm(m), self.dimension)

        @solve.defjvp
        def _(primals: tuple[Point], tangents: tuple[Point]) -> tuple[Point, Point]:
            point = solve(*primals)
            return point, jnp.matmul(self.precision(point), tangents[0], precision="highest")

        return solve(m)

    def covariance(self, point: Point) -> Matrix:
        """``A' mu mu^T + A/kappa (1 - mu mu^T)``."""
        square = _square(point)
        along, across = bessel.slope(square, self.dimension), bessel.mean_over_argument(square, self.dimension)
        return _symmetric_matrix(point, along, across, bessel.bend(square, self.dimension))

    def precision(self, point: Point) -> Matrix:
        """``mu mu^T / A' + kappa/A (1 - mu mu^T)``."""
        square = _square(point)
        along, across = bessel.slope(square, self.dimension), bessel.mean_over_argument(square, self.dimension)
        bend = -bessel.bend(square, self.dimension) / (along * across)
        return _symmetric_matrix(point, 1.0 / along, 1.0 / across, bend)

    def third_cumulants(self, point: Point) -> Array:
        """``C (delta_ij eta_k + delta_ik eta_j + delta_jk eta_i) + E eta_i eta_j eta_k``."""
        square = _square(point)
        bend, twist = bessel.bend(square, self.dimension), bessel.second_bend(square, self.dimension)
        unit = jnp.eye(self.dimension, dtype=point.dtype)
        pair = unit[:, :, None] * point[None, None, :]
        pairs = pair + jnp.swapaxes(pair, 1, 2) + jnp.transpose(pair, (2, 0, 1))
        cube = point[:, None, None] * point[None, :, None] * point[None, None, :]
        return bend * pairs + twist * cube

    def metric(self, theta: Point) -> Matrix:
        """``A'``, and ``kappa A`` times the metric of the unit sphere."""
        along, across, _ = self._radial(theta[0])
        return jnp.diag(jnp.append(along, across * theta[0] ** 2 * _sphere_metric(theta[1:])))

    def inverse_metric(self, theta: Point) -> Matrix:
        """One over the diagonal."""
        return jnp.diag(1.0 / jnp.diagonal(self.metric(theta)))

    def skewness(self, theta: Point) -> Array:
        """``A''`` along the radius, and ``kappa (A' - A/kappa)`` times the metric of the sphere."""
        _, _, bend = self._radial(theta[0])
        kappa = theta[0]
        along = kappa * bessel.slope_bend(kappa * kappa, self.dimension)
        value = jnp.diag(jnp.append(0.0 * kappa, kappa**3 * bend * _sphere_metric(theta[1:])))
        radial = jnp.append(jnp.ones_like(kappa), jnp.zeros_like(theta[1:]))
        pair = value[:, :, None] * radial[None, None, :]
        cube = radial[:, None, None] * radial[None, :, None] * radial[None, None, :]
        return pair + jnp.swapaxes(pair, 1, 2) + jnp.transpose(pair, (2, 0, 1)) + along * cube

    def invariant_curvature(self, point: Point) -> Scalar:
        """``(p - 1) (2 K_rad + (p - 2) K_tan)`` with the sectional curvatures of planes with and without the radius."""
        radial, tangential = self.sectional_curvatures(norm(point))
        return (self.dimension - 1) * (2.0 * radial + (self.dimension - 2) * tangential)

    def sectional_curvatures(self, kappa: Scalar) -> tuple[Scalar, Scalar]:
        """Of planes that contain the radius, and of planes across (for p >= 3).

        With ``a = T_rrr`` and ``b = T_rtt`` for unit vectors they are ``b (b - a) / 4`` and ``-b^2 / 4``.
        """
        square = kappa * kappa
        along, across, bend = self._radial(kappa)
        root = jnp.sqrt(along)
        b = kappa * bend / (across * root)
        a = kappa * bessel.slope_bend(square, self.dimension) / (along * root)
        return 0.25 * b * (b - a), -0.25 * b * b

    def kl(self, point: Point, other: Point) -> Scalar:
        """The divergence of the concentrations, and ``A kappa' (1 - mu . mu')``; for small ones the Bregman divergence."""
        first, second = norm(point), norm(other)
        is_polar = jnp.minimum(first, second) > 1.0
        a, b = jnp.where(is_polar, first, 1.0), jnp.where(is_polar, second, 1.0)
        gap = point / a - other / b
        turned = (
            bessel.mean_over_argument(a * a, self.dimension) * a * b * 0.5 * jnp.vdot(gap, gap, precision="highest")
        )
        polar = _radial_divergence(a, b, self.dimension) + turned
        return jnp.where(is_polar, polar, divergences.bregman(self, point, other))

    def dual_potential(self, point: Point) -> Scalar:
        """``kappa A - psi``."""
        return bessel.negative_entropy(_square(point), self.dimension) - self._log_area

    def statistics(self, x: Array) -> Point:
        """The vector."""
        return x

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``, by the chord between x and mu where the concentration is high."""
        square, kappa = _square(point), norm(point)
        is_polar = kappa > 1.0
        safe = jnp.where(is_polar, kappa, 1.0)
        chord = x - point / safe
        mode = bessel.negative_entropy(square, self.dimension) + safe * bessel.complement(safe * safe, self.dimension)
        polar = mode - 0.5 * safe * jnp.vdot(chord, chord, precision="highest") - self._log_area
        return jnp.where(is_polar, polar, super().log_density(x, point))

    def sample(self, key: Array, point: Point) -> Array:
        """Rejection (Wood 1994)."""
        return directions.sample_direction(key, point)

    def _radial(self, kappa: Scalar) -> tuple[Scalar, Scalar, Scalar]:
        """``A'``, ``A/kappa`` and ``(A' - A/kappa) / kappa^2``."""
        square = kappa * kappa
        p = self.dimension
        return bessel.slope(square, p), bessel.mean_over_argument(square, p), bessel.bend(square, p)


def _square(point: Point) -> Scalar:
    return jnp.vdot(point, point, precision="highest")


def _direction(angles: Point) -> Point:
    """The unit vector with these angles, one entry more."""
    sines = jnp.cumprod(jnp.sin(angles))
    return jnp.append(jnp.cos(angles), jnp.ones((), angles.dtype)) * jnp.append(jnp.ones((), angles.dtype), sines)


def _sphere_metric(angles: Point) -> Point:
    """The diagonal of the metric of the unit sphere."""
    sines = jnp.cumprod(jnp.sin(angles[:-1]))
    return jnp.append(jnp.ones((), angles.dtype), sines * sines)


def _symmetric_matrix(point: Point, along: Scalar, across: Scalar, bend: Scalar) -> Matrix:
    """``across`` times the unit matrix and ``bend eta eta^T``; for large eta as a sum without cancellation along eta."""
    square = _square(point)
    unit = jnp.eye(point.shape[0], dtype=point.dtype)
    is_large = square > 1.0
    outer = point[:, None] * point[None, :]
    projector = outer / jnp.where(is_large, square, 1.0)
    return jnp.where(is_large, across * (unit - projector) + along * projector, across * unit + bend * outer)


def _radial_divergence(a: Scalar, b: Scalar, p: int) -> Scalar:
    """``F(b) - F(a) - A(a) (b - a)`` for concentrations above 1."""
    step = b - a
    is_near = jnp.abs(step) <= 0.5 * jnp.minimum(a, b)
    near = jnp.where(is_near, step, 0.0)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    t, weights = (1 + nodes) / 2, weights / 2 * (1 - nodes) / 2
    at = a + near * jnp.asarray(t, a.dtype)
    mean = jnp.vdot(jnp.asarray(weights, a.dtype), bessel.slope(at * at, p), precision="highest")
    turn = b * (bessel.complement(a * a, p) - bessel.complement(b * b, p))
    far = bessel.negative_entropy(a * a, p) - bessel.negative_entropy(b * b, p) + turn
    return jnp.where(is_near, near * near * mean, far)
