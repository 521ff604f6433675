"""The Dirichlet family on probability vectors."""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import gammaln

from numerics import dirichlet, dirichlet_inverse
from numerics.arrays import Matrix, Point, Scalar
from numerics.dirichlet_divergence import dirichlet_divergence
from numerics.exponential_family import ExponentialFamily
from numerics.parameters import Interval, Parameters
from numerics.sizes import whole_number
from numerics.supports import Probabilities


class Dirichlet(ExponentialFamily):
    """Density proportional to ``prod x_i^(alpha_i - 1)``; closed forms without cancellation (:mod:`numerics.dirichlet`).

    Args:
        categories: how many probabilities, at least 2.
    """

    title = "Dirichlet"
    source = "Amari & Nagaoka 2000, section 2.3; Le Brigant, Preston & Puechmel 2021"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": (
            r"p(x) = \frac{\Gamma(\alpha_0)}{\prod_i \Gamma(\alpha_i)} \prod_i x_i^{\alpha_i "
            r"- 1}, \qquad \alpha_0 = \sum_i \alpha_i"
        ),
        "Natural and expectation parameters": r"\eta_i = \alpha_i, \qquad m_i = \psi_0(\alpha_i) - \psi_0(\alpha_0)",
        "Log-partition function": r"\psi = \sum_i \ln\Gamma(\alpha_i) - \ln\Gamma(\alpha_0)",
        "Fisher metric": r"g_{ij} = \psi_1(\alpha_i)\,\delta_{ij} - \psi_1(\alpha_0)",
        "Skewness tensor": r"T_{ijk} = \psi_2(\alpha_i)\,\delta_{ijk} - \psi_2(\alpha_0)",
    }
    example: ClassVar[Mapping[str, object]] = {"categories": 3}

    def __init__(self, categories: int):
        number = whole_number(categories, "categories", 2)
        self.parameters = Parameters(Interval("alpha", (number,), lower=0.0))
        self.support = Probabilities(number)

    def natural(self, point: Point) -> Point:
        """The parameters themselves."""
        return point

    def from_natural(self, eta: Point) -> Point:
        """The parameters themselves."""
        return eta

    def log_partition(self, point: Point) -> Scalar:
        """``sum log Gamma(alpha_i) - log Gamma(sum alpha)``."""
        return jnp.sum(gammaln(point)) - gammaln(jnp.sum(point))

    def statistics(self, x: Array) -> Point:
        """``log x_i``."""
        return jnp.log(x)

    def log_base_measure(self, x: Array) -> Scalar:
        """``-sum log x_i``."""
        return -jnp.sum(jnp.log(x))

    def expectation(self, point: Point) -> Point:
        """``E log x_i``."""
        return dirichlet.expectation(point)

    def from_expectation(self, m: Point) -> Point:
        """Newton's method; NaN unless ``sum exp(m_i) < 1``."""
        return dirichlet_inverse.from_expectation(m)

    def covariance(self, point: Point) -> Matrix:
        """A diagonal less a constant."""
        return dirichlet.covariance(point)

    def precision(self, point: Point) -> Matrix:
        """The inverse of the covariance."""
        return dirichlet.precision(point)

    def third_cumulants(self, point: Point) -> Array:
        """A diagonal less a constant."""
        return dirichlet.third_cumulants(point)

    def metric(self, theta: Point) -> Matrix:
        """The covariance: the parameters are natural."""
        return dirichlet.covariance(theta)

    def inverse_metric(self, theta: Point) -> Matrix:
        """The inverse of the covariance."""
        return dirichlet.precision(theta)

    def skewness(self, theta: Point) -> Array:
        """The third cumulants."""
        return dirichlet.third_cumulants(theta)

    def christoffel(self, theta: Point) -> Array:
        """The Christoffel symbols."""
        return dirichlet.christoffel(theta)

    def invariant_curvature(self, point: Point) -> Scalar:
        """The scalar curvature, negative."""
        return dirichlet.scalar_curvature(point)

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """Less the sum of the expectation parameters."""
        return -jnp.sum(dirichlet.expectation(point))

    def dual_potential(self, point: Point) -> Scalar:
        """The dual potential, without the cancellation of large parameters."""
        return dirichlet.dual_potential(point)

    def kl(self, point: Point, other: Point) -> Scalar:
        """The divergence, without the cancellation of large parameters and of points close together."""
        return dirichlet_divergence(point, other)

    def sample(self, key: Array, point: Point) -> Array:
        """Gamma variates over their sum."""
        return jax.random.dirichlet(key, point, dtype=point.dtype)
