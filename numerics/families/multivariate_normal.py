"""The family of all normal laws on R^p."""

import math
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from numerics import normal_bounds, normal_geodesics
from numerics.arrays import Matrix, Point, Scalar
from numerics.hessian_geometry import frame
from numerics.linear_algebra import cholesky
from numerics.model_spaces import Hyperbolic, Isometry
from numerics.normal_frame import (
    NormalFamily,
    congruence,
    log_determinant,
    mixed,
    solve,
    spread_divergence,
    standard_normal,
)
from numerics.parameters import Interval, Parameters, PositiveDefinite, lower, symmetric
from numerics.sizes import whole_number
from numerics.supports import Vectors


class MultivariateNormal(NormalFamily):
    """``N(mean, covariance)`` in mean and lower triangle of the covariance; statistics x and the lower triangle of x x^T.

    For p > 1 it is homogeneous, of scalar curvature ``-p (p + 1)^2 / 4``, but not of constant sectional curvature. Accuracy
    of the tensors: see :mod:`numerics.normal_frame`.

    Args:
        dimension: p, at least 1.
    """

    title = "Multivariate normal"
    source = "Skovgaard 1984; Calvo & Oller 1990"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": r"p(x) = \det(2\pi\Sigma)^{-1/2} \exp\left(-\tfrac12 (x-\mu)^{\mathsf T} \Sigma^{-1} (x-\mu)\right)",
        "Natural parameters": (
            r"\eta = \left(\Sigma^{-1}\mu,\; -\tfrac12\Sigma^{-1}\right), \quad \text{off "
            r"the diagonal } -\Sigma^{-1}_{ij}"
        ),
        "Log-partition function": r"\psi = \tfrac12 \mu^{\mathsf T}\Sigma^{-1}\mu + \tfrac12 \ln\det(2\pi\Sigma)",
        "Fisher metric": (
            r"ds^2 = d\mu^{\mathsf T}\Sigma^{-1} d\mu + \tfrac12 \operatorname{tr}\left(\Sigma^{-1} "
            r"d\Sigma\right)^2"
        ),
        "Curvature": r"R = -\frac{p\,(p+1)^2}{4}",
    }
    example: ClassVar[Mapping[str, object]] = {"dimension": 2}

    def __init__(self, dimension: int):
        self.size = size = whole_number(dimension, "dimension", 1)
        self.parameters = Parameters(Interval("mean", (size,)), PositiveDefinite("covariance", size))
        self.support = Vectors(size)
        self.standard = standard_normal(size)
        self.constant_curvature = -size * (size + 1) ** 2 / 4
        if size == 1:
            self.isometry = Isometry(Hyperbolic(), _half_plane, _from_half_plane, math.sqrt(2.0))

    def natural(self, point: Point) -> Point:
        """``P mu`` and the lower triangle of ``-P``, halved on the diagonal, with ``P = Sigma^-1``."""
        mean, covariance = self.parameters.split(point)
        rows = frame(covariance)
        whitened = jnp.matmul(rows, mean, precision="highest")
        first = jnp.matmul(rows.T, whitened, precision="highest")
        return jnp.concatenate([first, lower(-_halved(jnp.matmul(rows.T, rows, precision="highest")))])

    def from_natural(self, eta: Point) -> Point:
        """``Sigma = P^-1`` and ``mu = Sigma eta``."""
        precision = _doubled(-symmetric(eta[self.size :], self.size))
        columns = frame(precision).T
        mean = jnp.matmul(columns, jnp.matmul(columns.T, eta[: self.size], precision="highest"), precision="highest")
        return jnp.concatenate([mean, lower(jnp.matmul(columns, columns.T, precision="highest"))])

    def log_partition(self, point: Point) -> Scalar:
        """``(mu . P mu + log det 2 pi Sigma) / 2``."""
        mean, covariance = self.parameters.split(point)
        factor = cholesky(covariance)
        whitened = solve(factor, mean)
        return 0.5 * (jnp.sum(whitened**2) + log_determinant(factor) + self.size * math.log(2 * math.pi))

    def expectation(self, point: Point) -> Point:
        """``mu`` and ``Sigma + mu mu^T``."""
        mean, covariance = self.parameters.split(point)
        return jnp.concatenate([mean, lower(covariance + jnp.outer(mean, mean))])

    def from_expectation(self, m: Point) -> Point:
        """``Sigma = E x x^T - mu mu^T``."""
        mean = m[: self.size]
        return jnp.concatenate([mean, m[self.size :] - lower(jnp.outer(mean, mean))])

    def rows(self, theta: Point) -> Matrix:
        """``W`` on the mean, ``B = W dSigma W^T`` on the covariance."""
        whiten = frame(self.parameters.split(theta)[1])
        return _blocks(whiten, None, congruence(whiten))

    def columns(self, theta: Point) -> Matrix:
        """The same with L."""
        factor = cholesky(self.parameters.split(theta)[1])
        return _blocks(factor, None, congruence(factor))

    def moments(self, point: Point) -> Matrix:
        """From ``x x^T - mu mu^T = mu (L z)^T + L z mu^T + L z z^T L^T``."""
        mean, covariance = self.parameters.split(point)
        factor = cholesky(covariance)
        return _blocks(factor, mixed(mean, factor), congruence(factor))

    def inverse_moments(self, point: Point) -> Matrix:
        """From ``z z^T = W (x x^T - mu mu^T) W^T - ...`` in the same way."""
        mean, covariance = self.parameters.split(point)
        whiten = frame(covariance)
        shifted = jnp.matmul(congruence(whiten), mixed(mean, jnp.eye(self.size, dtype=mean.dtype)), precision="highest")
        return _blocks(whiten, -shifted, congruence(whiten))

    def kl(self, point: Point, other: Point) -> Scalar:
        """Half the squared Mahalanobis distance of the means, and that of the covariances."""
        (mean, covariance), (other_mean, other_covariance) = self.parameters.split(point), self.parameters.split(other)
        shift = solve(cholesky(other_covariance), mean - other_mean)
        return 0.5 * jnp.sum(shift**2) + spread_divergence(covariance, other_covariance)

    def entropy(self, point: Point) -> Scalar:
        """``log det(2 pi e Sigma) / 2``."""
        factor = cholesky(self.parameters.split(point)[1])
        return 0.5 * (log_determinant(factor) + self.size * (1.0 + math.log(2 * math.pi)))

    def statistics(self, x: Array) -> Point:
        """``x`` and the lower triangle of ``x x^T``."""
        return jnp.concatenate([x, lower(jnp.outer(x, x))])

    def log_density(self, x: Array, point: Point) -> Scalar:
        """By the whitened difference from the mean, where the statistics would cancel."""
        mean, covariance = self.parameters.split(point)
        factor = cholesky(covariance)
        residual = jnp.sum(solve(factor, x - mean) ** 2)
        return -0.5 * (residual + log_determinant(factor) + self.size * math.log(2 * math.pi))

    def sample(self, key: Array, point: Point) -> Array:
        """``mu + L z``."""
        mean, covariance = self.parameters.split(point)
        noise = jax.random.normal(key, (self.size,), point.dtype)
        return mean + jnp.matmul(cholesky(covariance), noise, precision="highest")

    def exp(self, theta: Point, v: Point) -> Point:
        """See :func:`numerics.normal_geodesics.exp`."""
        return super().exp(theta, v) if self.isometry else normal_geodesics.exp(theta, v, self.size)

    def log(self, theta: Point, other: Point) -> Point:
        """See :func:`numerics.normal_geodesics.log`."""
        return super().log(theta, other) if self.isometry else normal_geodesics.log(theta, other, self.size)

    def distance(self, theta: Point, other: Point) -> Scalar:
        """The length of :meth:`log`."""
        return super().distance(theta, other) if self.isometry else normal_geodesics.distance(theta, other, self.size)

    def distance_bounds(self, theta: Point, other: Point) -> Array:
        """See :mod:`numerics.normal_bounds`."""
        return normal_bounds.bounds(theta, other, self.size)


def _half_plane(theta: Point) -> Point:
    return jnp.stack([theta[0] / math.sqrt(2.0), jnp.sqrt(theta[1])])


def _from_half_plane(image: Point) -> Point:
    return jnp.stack([math.sqrt(2.0) * image[0], image[1] ** 2])


def _halved(matrix: Matrix) -> Matrix:
    return matrix - 0.5 * jnp.diag(jnp.diagonal(matrix))


def _doubled(matrix: Matrix) -> Matrix:
    return matrix + jnp.diag(jnp.diagonal(matrix))


def _blocks(first: Array, corner: Array | None, last: Array) -> Array:
    """``[[first, 0], [corner, last]]``."""
    zero = jnp.zeros((first.shape[0], last.shape[1]), first.dtype)
    corner = zero.T if corner is None else corner
    return jnp.concatenate([jnp.concatenate([first, zero], axis=1), jnp.concatenate([corner, last], axis=1)])
