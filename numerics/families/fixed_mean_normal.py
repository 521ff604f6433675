"""Normal laws of mean zero, or of any one mean."""

import math
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.hessian_geometry import frame
from numerics.linear_algebra import cholesky
from numerics.model_spaces import Isometry, PositiveDefiniteMatrices
from numerics.normal_frame import (
    NormalFamily,
    congruence,
    log_determinant,
    part,
    solve,
    spread_divergence,
    standard_normal,
)
from numerics.parameters import Parameters, PositiveDefinite, lower, symmetric
from numerics.sizes import whole_number
from numerics.supports import Vectors


class FixedMeanNormal(NormalFamily):
    """``N(0, covariance)``: positive definite matrices with ``ds^2 = tr (Sigma^-1 dSigma)^2 / 2``.

    The statistics are the lower triangle of x x^T, the natural parameters that of ``-Sigma^-1``, halved on the diagonal. The
    scalar curvature is ``-p (p - 1) (p + 2) / 4``. Accuracy of the tensors: see :mod:`numerics.normal_frame`.

    Args:
        dimension: p, at least 1.
    """

    title = "Normal of fixed mean"
    source = "Skovgaard 1984, section 3; Bhatia 2007, chapter 6"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": r"p(x) = \det(2\pi\Sigma)^{-1/2} \exp\left(-\tfrac12 x^{\mathsf T} \Sigma^{-1} x\right)",
        "Fisher metric": r"ds^2 = \tfrac12 \operatorname{tr}\left(\Sigma^{-1} d\Sigma\right)^2",
        "Distance": r"d^2 = \tfrac12 \sum_i \ln^2 \lambda_i\left(\Sigma^{-1}\Sigma'\right)",
    }
    example: ClassVar[Mapping[str, object]] = {"dimension": 2}

    def __init__(self, dimension: int):
        self.size = size = whole_number(dimension, "dimension", 1)
        self.parameters = Parameters(PositiveDefinite("covariance", size))
        self.support = Vectors(size)
        self.standard = part(standard_normal(size), slice(size, None))
        self.constant_curvature = -size * (size - 1) * (size + 2) / 4
        self.isometry = Isometry(
            PositiveDefiniteMatrices(size), lambda theta: theta, lambda image: image, math.sqrt(0.5)
        )

    def natural(self, point: Point) -> Point:
        """``-Sigma^-1``, halved on the diagonal."""
        whiten = frame(symmetric(point, self.size))
        precision = jnp.matmul(whiten.T, whiten, precision="highest")
        return lower(0.5 * jnp.diag(jnp.diagonal(precision)) - precision)

    def from_natural(self, eta: Point) -> Point:
        """The inverse."""
        halved = -symmetric(eta, self.size)
        columns = frame(halved + jnp.diag(jnp.diagonal(halved))).T
        return lower(jnp.matmul(columns, columns.T, precision="highest"))

    def log_partition(self, point: Point) -> Scalar:
        """``log det(2 pi Sigma) / 2``."""
        return 0.5 * (log_determinant(self._factor(point)) + self.size * math.log(2 * math.pi))

    def expectation(self, point: Point) -> Point:
        """The covariance."""
        return point

    def from_expectation(self, m: Point) -> Point:
        """The covariance."""
        return m

    def rows(self, theta: Point) -> Matrix:
        """``B = W dSigma W^T``."""
        return congruence(frame(symmetric(theta, self.size)))

    def columns(self, theta: Point) -> Matrix:
        """``dSigma = L B L^T``."""
        return congruence(self._factor(theta))

    def moments(self, point: Point) -> Matrix:
        """From ``x x^T = L z z^T L^T``."""
        return self.columns(point)

    def inverse_moments(self, point: Point) -> Matrix:
        """The inverse."""
        return self.rows(point)

    def kl(self, point: Point, other: Point) -> Scalar:
        """``(tr S'^-1 S - p - log det S'^-1 S) / 2``."""
        return spread_divergence(symmetric(point, self.size), symmetric(other, self.size))

    def entropy(self, point: Point) -> Scalar:
        """``log det(2 pi e Sigma) / 2``."""
        return self.log_partition(point) + 0.5 * self.size

    def statistics(self, x: Array) -> Point:
        """The lower triangle of ``x x^T``."""
        return lower(jnp.outer(x, x))

    def log_density(self, x: Array, point: Point) -> Scalar:
        """By the whitened observation."""
        return -0.5 * jnp.sum(solve(self._factor(point), x) ** 2) - self.log_partition(point)

    def sample(self, key: Array, point: Point) -> Array:
        """``L z``."""
        noise = jax.random.normal(key, (self.size,), point.dtype)
        return jnp.matmul(self._factor(point), noise, precision="highest")

    def _factor(self, point: Point) -> Array:
        return cholesky(symmetric(point, self.size))
