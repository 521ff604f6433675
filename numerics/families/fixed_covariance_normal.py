"""Normal laws of one known covariance."""

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics import hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.model_spaces import Euclidean, Isometry
from numerics.parameters import Interval, Parameters
from numerics.supports import Vectors


class FixedCovarianceNormal(ExponentialFamily):
    """``N(mean, covariance)`` with a covariance that is known: flat, with the Mahalanobis distance.

    The statistics are x, the natural parameters ``covariance^-1 mean``. Constants are computed once, in float64.

    Args:
        covariance: positive definite, a nested sequence of numbers of shape (p, p).

    Raises:
        TypeError: for a covariance that is not a matrix of numbers.
        ValueError: for one that is not square, finite, symmetric and positive definite.
    """

    title = "Normal of fixed covariance"
    source = "Amari & Nagaoka 2000, section 2.3; Mahalanobis 1936"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": r"p(x) = \det(2\pi\Sigma)^{-1/2} \exp\left(-\tfrac12 (x-\mu)^{\mathsf T} \Sigma^{-1} (x-\mu)\right)",
        "Fisher metric": r"g = \Sigma^{-1} \quad \text{(flat)}",
        "Distance": r"d^2 = (\mu-\mu')^{\mathsf T} \Sigma^{-1} (\mu-\mu')",
    }
    example: ClassVar[Mapping[str, object]] = {"covariance": ((2.0, 0.6), (0.6, 0.5))}

    def __init__(self, covariance: Sequence[Sequence[float]]):
        self._covariance = _checked(covariance)
        self.size = len(self._covariance)
        self._factor = np.linalg.cholesky(self._covariance)
        self._whiten = np.linalg.solve(self._factor, np.eye(self.size))
        self._precision = self._whiten.T @ self._whiten
        self._half_log_determinant = float(np.sum(np.log(np.diagonal(self._factor))))
        self.parameters = Parameters(Interval("mean", (self.size,)))
        self.support = Vectors(self.size)
        self.isometry = Isometry(
            Euclidean(), lambda mean: _times(self._whiten, mean), lambda image: _times(self._factor, image)
        )

    def natural(self, point: Point) -> Point:
        """``P mu`` with ``P = Sigma^-1``."""
        return _times(self._precision, point)

    def from_natural(self, eta: Point) -> Point:
        """``Sigma eta``."""
        return _times(self._covariance, eta)

    def log_partition(self, point: Point) -> Scalar:
        """``mu . P mu / 2``."""
        return 0.5 * jnp.sum(_times(self._whiten, point) ** 2)

    def expectation(self, point: Point) -> Point:
        """The mean."""
        return point

    def from_expectation(self, m: Point) -> Point:
        """The mean."""
        return m

    def covariance(self, point: Point) -> Matrix:
        """The one covariance."""
        return _cast(self._covariance, point)

    def precision(self, point: Point) -> Matrix:
        """Its inverse."""
        return _cast(self._precision, point)

    def third_cumulants(self, point: Point) -> Array:
        """None."""
        return jnp.zeros((self.size,) * 3, point.dtype)

    def metric(self, theta: Point) -> Matrix:
        """The inverse of the covariance."""
        return self.precision(theta)

    def inverse_metric(self, theta: Point) -> Matrix:
        """The covariance."""
        return self.covariance(theta)

    def skewness(self, theta: Point) -> Array:
        """None."""
        return self.third_cumulants(theta)

    def christoffel(self, theta: Point) -> Array:
        """None."""
        return self.third_cumulants(theta)

    def curvature(self, theta: Point) -> hessian_geometry.Curvature:
        """None."""
        zero = jnp.zeros((self.size,) * 4, theta.dtype)
        return hessian_geometry.Curvature(zero, zero[0, 0], zero[0, 0, 0, 0])

    def invariant_curvature(self, point: Point) -> Scalar:
        """None."""
        return jnp.zeros((), point.dtype)

    def kl(self, point: Point, other: Point) -> Scalar:
        """Half the squared Mahalanobis distance."""
        return 0.5 * jnp.sum(_times(self._whiten, point - other) ** 2)

    def entropy(self, point: Point) -> Scalar:
        """``log det(2 pi e Sigma) / 2``."""
        return jnp.full((), self._half_log_determinant + 0.5 * self.size * (1 + math.log(2 * math.pi)), point.dtype)

    def statistics(self, x: Array) -> Point:
        """The observation."""
        return x

    def log_base_measure(self, x: Array) -> Scalar:
        """The log-density at mean 0."""
        return self.log_density(x, jnp.zeros_like(x))

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """Its expectation."""
        return -self.entropy(point) - self.log_partition(point)

    def log_density(self, x: Array, point: Point) -> Scalar:
        """By the whitened difference from the mean."""
        constant = self._half_log_determinant + 0.5 * self.size * math.log(2 * math.pi)
        return -0.5 * jnp.sum(_times(self._whiten, x - point) ** 2) - constant

    def sample(self, key: Array, point: Point) -> Array:
        """``mu + L z``."""
        return point + _times(self._factor, jax.random.normal(key, (self.size,), point.dtype))


def _cast(constant: np.ndarray, like: Array) -> Array:
    return jnp.asarray(constant, like.dtype)


def _times(matrix: np.ndarray, vector: Array) -> Array:
    return jnp.matmul(_cast(matrix, vector), vector, precision="highest")


def _checked(covariance: Sequence[Sequence[float]]) -> np.ndarray:
    try:
        matrix = np.asarray(covariance, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"covariance must be a matrix of numbers, not {covariance!r}") from None
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"covariance has shape {matrix.shape}; it must be square")
    if not np.isfinite(matrix).all() or not np.array_equal(matrix, matrix.T):
        raise ValueError(f"covariance = {matrix.tolist()}; it must be finite and symmetric")
    scale = 1.0 / np.sqrt(np.where(np.diagonal(matrix) > 0, np.diagonal(matrix), 1.0))
    smallest = float(np.linalg.eigvalsh(scale[:, None] * matrix * scale[None, :])[0])
    if not (np.diagonal(matrix) > 0).all() or smallest <= len(matrix) * np.finfo(np.float64).eps:
        raise ValueError(f"covariance = {matrix.tolist()}; it must be positive definite")
    return matrix
