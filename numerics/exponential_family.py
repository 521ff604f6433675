r"""Exponential families ``p(x) = h(x) exp(eta . s(x) - psi)``: one description, from which the geometry follows.

A family states its usual parameters, its natural parameters eta and the way back, and the log-partition psi. Everything else
has a default that is right for every family, by automatic differentiation, the Hessian identities and Newton's method; a
family overrides it where a closed form is faster or more accurate.

Source: Amari & Nagaoka 2000, sections 2.2, 3.3 and 3.5.
"""

from abc import abstractmethod

import jax
import jax.numpy as jnp
from jax import Array

from numerics import divergences, hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.legendre import maximise_dual
from numerics.statistical_family import StatisticalFamily


class ExponentialFamily(StatisticalFamily):
    """An exponential family of dimension d, described in its usual chart."""

    has_charts = True

    @abstractmethod
    def natural(self, point: Point) -> Point:
        """The natural parameters eta, shape (d,)."""

    @abstractmethod
    def from_natural(self, eta: Point) -> Point:
        """The point with natural parameters eta; outside the domain for eta outside the natural domain."""

    @abstractmethod
    def log_partition(self, point: Point) -> Scalar:
        """The log-partition psi."""

    @abstractmethod
    def statistics(self, x: Array) -> Point:
        """The sufficient statistics of one observation, shape (d,)."""

    def log_base_measure(self, x: Array) -> Scalar:
        """``log h(x)``; 0 if not given."""
        return jnp.zeros((), x.dtype)

    @abstractmethod
    def sample(self, key: Array, point: Point) -> Array:
        """One observation, in the dtype of the point."""

    def expectation(self, point: Point) -> Point:
        """The expectation parameters ``m = E s = d psi / d eta``."""
        return jax.grad(self._natural_log_partition)(self.natural(point))

    def covariance(self, point: Point) -> Matrix:
        """The covariance of the statistics, which is the metric in the natural chart, shape (d, d)."""
        return jax.hessian(self._natural_log_partition)(self.natural(point))

    def third_cumulants(self, point: Point) -> Array:
        """The third cumulants of the statistics, which are the skewness tensor in the natural chart, shape (d, d, d)."""
        return jax.jacfwd(lambda eta: self.covariance(self.from_natural(eta)))(self.natural(point))

    def precision(self, point: Point) -> Matrix:
        """The inverse of :meth:`covariance`, which is the metric in the expectation chart, shape (d, d)."""
        return hessian_geometry.inverse_metric(self.covariance(point))

    def from_expectation(self, m: Point) -> Point:
        """The point with expectation parameters m; outside the domain or NaN for m that no point has."""
        return maximise_dual(self, m)

    def metric(self, theta: Point) -> Matrix:
        """The Fisher metric in the usual chart, shape (d, d)."""
        jacobian = jax.jacfwd(self._natural_of)(theta)
        return _contract("ia,ij,jb->ab", jacobian, self.covariance(self.lift(theta)), jacobian)

    def skewness(self, theta: Point) -> Array:
        """The skewness tensor in the usual chart, shape (d, d, d)."""
        return hessian_geometry.in_frame(self.third_cumulants(self.lift(theta)), jax.jacfwd(self._natural_of)(theta).T)

    def christoffel(self, theta: Point) -> Array:
        """The Christoffel symbols ``Gamma^i_jk`` in the usual chart, shape (d, d, d).

        They are ``d theta^i / d eta_a  d^2 eta_a / d theta^j d theta^k + g^im T_mjk / 2``.
        """
        jacobian = jax.jacfwd(self._natural_of)(theta)
        bend = jax.jacfwd(jax.jacfwd(self._natural_of))(theta)
        flat = jnp.linalg.solve(jacobian, bend.reshape(theta.shape[0], -1)).reshape(bend.shape)
        return flat + 0.5 * _contract("im,mjk->ijk", self.inverse_metric(theta), self.skewness(theta))

    def curvature(self, theta: Point) -> hessian_geometry.Curvature:
        """Riemann tensor, Ricci tensor and scalar curvature in the usual chart."""
        return hessian_geometry.curvature(self.inverse_metric(theta), self.skewness(theta))

    def scalar_curvature(self, theta: Point) -> Scalar:
        """The scalar curvature at a point of the usual chart."""
        return self.invariant_curvature(self.lift(theta))

    def invariant_curvature(self, point: Point) -> Scalar:
        """The scalar curvature, which needs no chart."""
        return hessian_geometry.scalar_curvature(self.covariance(point), self.third_cumulants(point))

    def kl(self, point: Point, other: Point) -> Scalar:
        """``KL(point || other)`` in nats: the Bregman divergence of psi, without cancellation for points close together."""
        return divergences.bregman(self, point, other)

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """``E log h(x)``; 0 where h is 1.

        Raises:
            NotImplementedError: where it has no closed form.
        """
        if type(self).log_base_measure is ExponentialFamily.log_base_measure:
            return jnp.zeros((), point.dtype)
        raise NotImplementedError(f"{self.title}: the entropy is not known in closed form")

    def dual_potential(self, point: Point) -> Scalar:
        """The Legendre dual ``phi = eta . m - psi`` of the log-partition: the negative entropy relative to h."""
        product = jnp.vdot(self.natural(point), self.expectation(point), precision="highest")
        return product - self.log_partition(point)

    def entropy(self, point: Point) -> Scalar:
        """The entropy ``-E log p`` in nats: differential for a density, Shannon's for counts."""
        return -self.dual_potential(point) - self.mean_log_base_measure(point)

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``: of the density, or of the probability of counts."""
        exponent = jnp.vdot(self.natural(point), self.statistics(x), precision="highest")
        return exponent + self.log_base_measure(x) - self.log_partition(point)

    def _natural_of(self, theta: Point) -> Point:
        return self.natural(self.lift(theta))

    def _natural_log_partition(self, eta: Point) -> Scalar:
        return self.log_partition(self.from_natural(eta))


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
