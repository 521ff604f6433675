"""The Poisson family."""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from numerics import counts
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.model_spaces import Euclidean, Isometry
from numerics.parameters import Interval, Parameters
from numerics.supports import Counts


class Poisson(ExponentialFamily):
    """Counts x with probability ``exp(-rate) rate^x / x!``.

    With ``2 sqrt(rate)`` as coordinate the family is the half-line of positive numbers.
    """

    title = "Poisson"
    source = "Amari & Nagaoka 2000, example 2.4"
    formulas: ClassVar[Mapping[str, str]] = {
        "Probability": r"P(x) = e^{-\lambda} \frac{\lambda^x}{x!}",
        "Natural and expectation parameter": r"\eta = \ln\lambda, \qquad m = \lambda",
        "Log-partition function": r"\psi = \lambda = e^{\eta}",
        "Fisher metric": r"g = \frac{1}{\lambda}",
        "Distance": r"d = 2\left|\sqrt{\lambda} - \sqrt{\lambda'}\right|",
    }
    example: ClassVar[Mapping[str, object]] = {}

    def __init__(self) -> None:
        self.parameters = Parameters(Interval("rate", lower=0.0))
        self.support = Counts()
        self.isometry = Isometry(Euclidean(), lambda rate: 2.0 * jnp.sqrt(rate), _from_line)

    def natural(self, point: Point) -> Point:
        """The logarithm of the rate."""
        return jnp.log(point)

    def from_natural(self, eta: Point) -> Point:
        """The exponential."""
        return jnp.exp(eta)

    def log_partition(self, point: Point) -> Scalar:
        """The rate."""
        return point[0]

    def expectation(self, point: Point) -> Point:
        """The rate."""
        return point

    def from_expectation(self, m: Point) -> Point:
        """The mean itself."""
        return m

    def covariance(self, point: Point) -> Matrix:
        """The rate."""
        return point[:, None]

    def precision(self, point: Point) -> Matrix:
        """One over the rate."""
        return 1.0 / point[:, None]

    def third_cumulants(self, point: Point) -> Array:
        """The rate."""
        return point[:, None, None]

    def metric(self, theta: Point) -> Matrix:
        """One over the rate."""
        return 1.0 / theta[:, None]

    def inverse_metric(self, theta: Point) -> Matrix:
        """The rate."""
        return theta[:, None]

    def skewness(self, theta: Point) -> Array:
        """``1 / rate^2``."""
        return (1.0 / (theta * theta))[:, None, None]

    def christoffel(self, theta: Point) -> Array:
        """``-1 / (2 rate)``."""
        return -(0.5 / theta)[:, None, None]

    def kl(self, point: Point, other: Point) -> Scalar:
        """``rate log(rate / rate') - rate + rate'``."""
        return counts.divergence(point[0], other[0], point[0] - other[0])

    def entropy(self, point: Point) -> Scalar:
        """A sum over counts, within 30 epsilons for rates from 1e-30 to 1e12."""
        nodes, logarithms = _nodes(point[0])
        return -jnp.vdot(nodes.weights(logarithms), logarithms, precision="highest")

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """``-E log x!``, a sum over counts."""
        nodes, logarithms = _nodes(point[0])
        return -jnp.vdot(nodes.weights(logarithms), counts.log_factorial(nodes.x), precision="highest")

    def statistics(self, x: Array) -> Point:
        """The count."""
        return jnp.reshape(x, (1,))

    def log_base_measure(self, x: Array) -> Scalar:
        """``-log x!``."""
        return -counts.log_factorial(x)

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``, without the cancellation of factorials."""
        return counts.poisson_log_probability(x, point[0], x - point[0])

    def sample(self, key: Array, point: Point) -> Array:
        """Transformed rejection (Hörmann 1993), Knuth's method below 10.

        Counts go up to 2^31 unless JAX has x64 enabled; in float32 the law is blurred for rates above about 1e5, where the
        digits of ``log x!`` run out.
        """
        return jax.random.poisson(key, point[0]).astype(point.dtype)


def _nodes(rate: Scalar) -> tuple[counts.Window, Array]:
    nodes = counts.window(rate, jnp.sqrt(rate))
    return nodes, counts.poisson_log_probability(nodes.x, rate, nodes.step)


def _from_line(x: Point) -> Point:
    return jnp.where(x > 0, 0.25 * x * x, jnp.nan)
