"""Spaces whose geodesics are known in closed form, and isometries of families onto them.

Each space has ``exp(x, v)``, ``log(x, y)`` and ``distance(x, y)`` in coordinates of its own. Sources: Ratcliffe 2019,
Foundations of Hyperbolic Manifolds, chapters 2 and 4; Bhatia 2007, Positive Definite Matrices, chapter 6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.linear_algebra import norm
from numerics.parameters import lower, symmetric
from numerics.symmetric_functions import exp_symmetric, log_symmetric, spread


class Space(Protocol):
    """A Riemannian manifold with closed forms; points and velocities are vectors of one length."""

    def exp(self, x: Point, v: Point) -> Point:
        """The end after unit time of the geodesic from x with velocity v."""

    def log(self, x: Point, y: Point) -> Point:
        """The initial velocity of the shortest geodesic from x that reaches y in unit time."""

    def distance(self, x: Point, y: Point) -> Scalar:
        """The distance, with the gradient 0 where the points meet."""


@dataclass(frozen=True)
class Isometry:
    """A family as (an open part of) a space, with all lengths multiplied by a constant.

    Attributes:
        space: with its closed forms.
        image: a point of the family to one of the space.
        preimage: the way back; NaN or outside the family's domain for what has no preimage.
        scale: lengths in the family over lengths in the space.
    """

    space: Space
    image: Callable[[Point], Point]
    preimage: Callable[[Point], Point]
    scale: float = 1.0

    def after(self, there: Callable[[Point], Point], back: Callable[[Point], Point]) -> "Isometry":
        """The same isometry of a family in other coordinates, which ``there`` takes to the ones of this."""
        return Isometry(self.space, lambda x: self.image(there(x)), lambda y: back(self.preimage(y)), self.scale)

    def exp(self, theta: Point, v: Point) -> Point:
        """The exponential map of the family."""
        return self.preimage(self.space.exp(*jax.jvp(self.image, (theta,), (v,))))

    def log(self, theta: Point, other: Point) -> Point:
        """The logarithm of the family."""
        start = self.image(theta)
        return jax.jvp(self.preimage, (start,), (self.space.log(start, self.image(other)),))[1]

    def distance(self, theta: Point, other: Point) -> Scalar:
        """The distance of the family."""
        value = self.scale * self.space.distance(self.image(theta), self.image(other))
        # A compiler may fuse the images into their difference, which is then not 0 where the points meet.
        return jnp.where(jnp.all(theta == other), 0.0, value)


class Euclidean:
    """Flat space."""

    def exp(self, x: Point, v: Point) -> Point:
        """Straight lines."""
        return x + v

    def log(self, x: Point, y: Point) -> Point:
        """The difference."""
        return y - x

    def distance(self, x: Point, y: Point) -> Scalar:
        """The norm of the difference."""
        return norm(y - x)


class Hyperbolic:
    """The upper half-space ``y > 0`` with metric ``(|dx|^2 + dy^2) / y^2``; y is the last coordinate."""

    def exp(self, x: Point, v: Point) -> Point:
        """The half-circle or vertical line; NaN for lengths above 87 in float32 and 708 in float64, out of reach."""
        height = x[-1]
        # In the frame that moves x to height 1, with r the length of the velocity (across, along), the end is across
        # sinh(r)/r / d at the height 1/d, with d = cosh r - along sinh(r)/r.
        across, along = v[:-1] / height, v[-1] / height
        side = norm(across)
        speed = norm(jnp.stack([side, along]))
        sinh_ratio = _sinhc(0.5 * speed) * jnp.cosh(0.5 * speed)
        # d = exp(-r) + (r - along) sinh(r)/r, with r - along written without cancellation.
        total = speed + along
        gap = jnp.where(along > 0, side * side / jnp.where(total > 0, total, 1.0), speed - along)
        denominator = jnp.exp(-speed) + gap * sinh_ratio
        end = jnp.append(x[:-1] + height * across * (sinh_ratio / denominator), height / denominator)
        is_representable = speed < jnp.log(jnp.finfo(x.dtype).max) - 1
        return jnp.where(is_representable, end, jnp.nan)

    def log(self, x: Point, y: Point) -> Point:
        """By inverting the formulas of exp."""
        height = x[-1]
        across, ratio = (y[:-1] - x[:-1]) / height, y[-1] / height
        half = 0.5 * self.distance(x, y)
        scale = 1.0 / (_sinhc(half) * jnp.cosh(half))
        side = norm(across)
        along = scale * 0.5 * ((side * side + (ratio - 1.0) * (ratio + 1.0)) / ratio)
        return height * jnp.append(scale * across / ratio, along)

    def distance(self, x: Point, y: Point) -> Scalar:
        """``2 arsinh(|x - y| / (2 sqrt(y y')))`` with the Euclidean norm."""
        return 2.0 * jnp.arcsinh(norm((x - y) / (2.0 * jnp.sqrt(x[-1]) * jnp.sqrt(y[-1]))))


class Sphere:
    """Unit vectors, with the angle as distance."""

    def exp(self, x: Point, v: Point) -> Point:
        """The great circle; NaN for lengths of pi and more, where it is no longer shortest."""
        angle = norm(v)
        return jnp.where(angle < jnp.pi, jnp.cos(angle) * x + jnp.sinc(angle / jnp.pi) * v, jnp.nan)

    def log(self, x: Point, y: Point) -> Point:
        """The part of ``y - x`` across x, with the length of the angle."""
        step = y - x
        across = step - x * jnp.vdot(x, step, precision="highest")
        return across / jnp.sinc(self.distance(x, y) / jnp.pi)

    def distance(self, x: Point, y: Point) -> Scalar:
        """The angle, accurate for small and for large ones."""
        return 2.0 * jnp.arctan2(norm(x - y), norm(x + y))


@dataclass(frozen=True)
class PositiveDefiniteMatrices:
    """Lower triangles of positive definite matrices with the affine-invariant metric ``tr (S^-1 dS)^2``."""

    rows: int

    def exp(self, x: Point, v: Point) -> Point:
        """The exponential of a symmetric matrix in the frame of the start."""
        factor, speed = self._in_frame(x, v)
        return lower(_congruent(factor, exp_symmetric(speed)))

    def log(self, x: Point, y: Point) -> Point:
        """The logarithm of a symmetric matrix in the frame of the start."""
        factor, change = self._in_frame(x, y - x)
        return lower(_congruent(factor, log_symmetric(change)))

    def distance(self, x: Point, y: Point) -> Scalar:
        """The norm of the logarithms of the relative eigenvalues."""
        return spread(self._in_frame(x, y - x)[1])

    def _in_frame(self, x: Point, v: Point) -> tuple[Matrix, Matrix]:
        factor = jnp.linalg.cholesky(symmetric(x, self.rows))
        half = jax.scipy.linalg.solve_triangular(factor, symmetric(v, self.rows), lower=True)
        return factor, jax.scipy.linalg.solve_triangular(factor, half.T, lower=True)


class Product:
    """The product of spaces, each with its own multiple of its distance.

    Args:
        factors: the space, the number of its coordinates, and the scale of its lengths.
    """

    def __init__(self, factors: Sequence[tuple[Space, int, float]]):
        self._spaces = [space for space, _, _ in factors]
        self._ends = np.cumsum([size for _, size, _ in factors])[:-1]
        self._scales = [scale for _, _, scale in factors]

    def exp(self, x: Point, v: Point) -> Point:
        """Each factor by itself."""
        return jnp.concatenate([s.exp(a, b) for s, a, b in self._split(x, v)])

    def log(self, x: Point, y: Point) -> Point:
        """Each factor by itself."""
        return jnp.concatenate([s.log(a, b) for s, a, b in self._split(x, y)])

    def distance(self, x: Point, y: Point) -> Scalar:
        """The norm of the distances."""
        parts = [c * s.distance(a, b) for c, (s, a, b) in zip(self._scales, self._split(x, y), strict=True)]
        return norm(jnp.stack(parts))

    def _split(self, x: Point, y: Point) -> list[tuple[Space, Array, Array]]:
        return list(zip(self._spaces, jnp.split(x, self._ends), jnp.split(y, self._ends), strict=True))


def _congruent(factor: Matrix, matrix: Matrix) -> Matrix:
    return jnp.einsum("ia,ab,jb->ij", factor, matrix, factor, precision="highest")


def _sinhc(x: Array) -> Array:
    """``sinh(x) / x``, with the value 1 at 0."""
    is_small = jnp.abs(x) < 1e-4
    safe = jnp.where(is_small, 1.0, x)
    return jnp.where(is_small, 1.0 + x * x / 6.0, jnp.sinh(safe) / safe)
