"""Normal laws with independent entries."""

import math
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.elementary import gaussian_divergence
from numerics.model_spaces import Hyperbolic, Isometry, Product
from numerics.normal_frame import NormalFamily, Standard
from numerics.parameters import Interval, Parameters
from numerics.sizes import whole_number
from numerics.supports import Vectors


class DiagonalNormal(NormalFamily):
    """``N(mean, diag sigma^2)``: the product of p hyperbolic planes of curvature -1/2, of scalar curvature -p.

    The statistics are ``x_i``, then ``x_i^2``.

    Args:
        dimension: p, at least 1.
    """

    title = "Normal of diagonal covariance"
    source = "Costa, Santos & Strapasson 2015, section 3"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": (
            r"p(x) = \prod_i \frac{1}{\sqrt{2\pi}\,\sigma_i} "
            r"\exp\left(-\frac{(x_i-\mu_i)^2}{2\sigma_i^2}\right)"
        ),
        "Fisher metric": r"ds^2 = \sum_i \frac{d\mu_i^2 + 2\,d\sigma_i^2}{\sigma_i^2}",
        "Curvature": r"R = -p \quad \text{(a product of } p \text{ hyperbolic planes of curvature } -\tfrac12)",
        "Distance": (
            r"d^2 = \sum_i d_i^2, \qquad d_i = 2\sqrt2\,\operatorname{arsinh}\sqrt{\frac{(\mu_i-\mu_i')^2/2 "
            r"+ (\sigma_i-\sigma_i')^2}{4\sigma_i\sigma_i'}}"
        ),
    }
    example: ClassVar[Mapping[str, object]] = {"dimension": 2}

    def __init__(self, dimension: int):
        self.size = size = whole_number(dimension, "dimension", 1)
        self.parameters = Parameters(Interval("mean", (size,)), Interval("sigma", (size,), lower=0.0))
        self.support = Vectors(size)
        self.standard = _standard(size)
        self.constant_curvature = -float(size)
        planes = Product([(Hyperbolic(), 2, math.sqrt(2.0))] * size)
        self.isometry = Isometry(planes, self._planes, self._from_planes)

    def _planes(self, theta: Point) -> Point:
        mean, sigma = self.parameters.split(theta)
        return jnp.stack([mean / math.sqrt(2.0), sigma], axis=1).reshape(-1)

    def _from_planes(self, image: Point) -> Point:
        pairs = image.reshape(self.size, 2)
        return jnp.concatenate([math.sqrt(2.0) * pairs[:, 0], pairs[:, 1]])

    def natural(self, point: Point) -> Point:
        """``mu / sigma^2`` and ``-1 / (2 sigma^2)``."""
        mean, sigma = self.parameters.split(point)
        return jnp.concatenate([mean / sigma / sigma, -0.5 / sigma / sigma])

    def from_natural(self, eta: Point) -> Point:
        """``sigma = (-2 eta')^-1/2`` and ``mu = sigma^2 eta``."""
        first, second = self.parameters.split(eta)
        variance = -0.5 / second
        return jnp.concatenate([variance * first, jnp.sqrt(variance)])

    def log_partition(self, point: Point) -> Scalar:
        """The sum of ``(mu / sigma)^2 / 2 + log sigma + log(2 pi) / 2``."""
        mean, sigma = self.parameters.split(point)
        return jnp.sum(0.5 * (mean / sigma) ** 2 + jnp.log(sigma)) + 0.5 * self.size * math.log(2 * math.pi)

    def expectation(self, point: Point) -> Point:
        """``mu`` and ``mu^2 + sigma^2``."""
        mean, sigma = self.parameters.split(point)
        return jnp.concatenate([mean, mean**2 + sigma**2])

    def from_expectation(self, m: Point) -> Point:
        """``sigma^2 = m' - m^2``."""
        first, second = self.parameters.split(m)
        return jnp.concatenate([first, jnp.sqrt(second - first**2)])

    def rows(self, theta: Point) -> Matrix:
        """``1 / sigma``."""
        sigma = theta[self.size :]
        return jnp.diag(jnp.concatenate([1.0 / sigma, 1.0 / sigma]))

    def columns(self, theta: Point) -> Matrix:
        """``sigma``."""
        sigma = theta[self.size :]
        return jnp.diag(jnp.concatenate([sigma, sigma]))

    def moments(self, point: Point) -> Matrix:
        """From ``x^2 - mu^2 = 2 mu sigma z + sigma^2 z^2``."""
        mean, sigma = self.parameters.split(point)
        return _quarters(sigma, 2.0 * mean * sigma, sigma**2)

    def inverse_moments(self, point: Point) -> Matrix:
        """From ``z^2 = (x^2 - mu^2 - 2 mu (x - mu)) / sigma^2``."""
        mean, sigma = self.parameters.split(point)
        return _quarters(1.0 / sigma, -2.0 * mean / sigma / sigma, 1.0 / sigma / sigma)

    def kl(self, point: Point, other: Point) -> Scalar:
        """The sum over the entries."""
        (mean, sigma), (other_mean, other_sigma) = self.parameters.split(point), self.parameters.split(other)
        return jnp.sum(gaussian_divergence(mean - other_mean, sigma, other_sigma))

    def entropy(self, point: Point) -> Scalar:
        """The sum of ``log(2 pi e sigma^2) / 2``."""
        return jnp.sum(jnp.log(point[self.size :])) + 0.5 * self.size * (1.0 + math.log(2 * math.pi))

    def statistics(self, x: Array) -> Point:
        """``x`` and ``x^2``."""
        return jnp.concatenate([x, x**2])

    def log_density(self, x: Array, point: Point) -> Scalar:
        """By the whitened difference from the mean."""
        mean, sigma = self.parameters.split(point)
        return -jnp.sum(0.5 * ((x - mean) / sigma) ** 2 + jnp.log(sigma)) - 0.5 * self.size * math.log(2 * math.pi)

    def sample(self, key: Array, point: Point) -> Array:
        """``mu + sigma z``."""
        mean, sigma = self.parameters.split(point)
        return mean + sigma * jax.random.normal(key, (self.size,), point.dtype)


def _quarters(first: Array, corner: Array, last: Array) -> Matrix:
    """``[[first, 0], [corner, last]]`` of diagonal blocks."""
    top = jnp.concatenate([jnp.diag(first), jnp.diag(jnp.zeros_like(last))], axis=1)
    return jnp.concatenate([top, jnp.concatenate([jnp.diag(corner), jnp.diag(last)], axis=1)])


def _standard(size: int) -> Standard:
    """The frame ``(dmu, dsigma) / sigma`` with the statistics z and ``z^2 - 1``, each entry by itself."""
    d = 2 * size
    skewness, christoffel = np.zeros((d, d, d)), np.zeros((d, d, d))
    for i, k in zip(range(size), range(size, d), strict=True):
        skewness[i, i, k] = skewness[i, k, i] = skewness[k, i, i] = 2.0
        skewness[k, k, k] = 8.0
        christoffel[i, i, k] = christoffel[i, k, i] = christoffel[k, k, k] = -1.0
        christoffel[k, i, i] = 0.5
    return Standard(np.ones(d), np.append(np.ones(size), np.full(size, 2.0)), skewness, christoffel)
