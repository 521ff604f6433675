"""The moving objective that carries one normal law to another at the least entropy production for the time.

Source: Benamou & Brenier 2000 for the path; Okanohara 2026 for the limit that it meets with equality.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from numerics import bures_wasserstein
from numerics.arrays import Matrix, Point, Scalar
from numerics.linear_algebra import inverse, product


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class OptimalProtocol:
    """``Phi_t(x) = x . curvature(t) x / 2 - force(t) . x``, under which the laws follow a Wasserstein geodesic at even pace.

    Attributes:
        mean: at time 0, shape (d,).
        covariance: at time 0, shape (d, d).
        shift: from the first mean to the last, shape (d,).
        excess: the optimal map less the identity, shape (d, d).
        temperature: T >= 0, a scalar.
        mobility: mu > 0, a scalar.
        duration: tau > 0, a scalar.
    """

    mean: Point
    covariance: Matrix
    shift: Point
    excess: Matrix
    temperature: Scalar
    mobility: Scalar
    duration: Scalar

    def curvature(self, t: Scalar) -> Matrix:
        """The curvature of the objective at ``0 <= t <= tau``, symmetric, of any sign, shape (d, d)."""
        stretch = self._stretch(t)
        precision = inverse(product(stretch, self.covariance, stretch))
        # The excess commutes with the stretch, so this is symmetric.
        slope = product(self.excess, inverse(stretch))
        return self.temperature * precision - 0.5 * (slope + slope.T) / (self.mobility * self.duration)

    def force(self, t: Scalar) -> Point:
        """The linear part of the objective at ``0 <= t <= tau``, shape (d,)."""
        mean = self.mean + t / self.duration * self.shift
        return product(self.curvature(t), mean) + self.shift / (self.mobility * self.duration)

    def entropy_production(self) -> Scalar:
        """``Sigma = W2^2 / (mu tau)``, in units of energy: that of the whole transport, the least there is."""
        cost = jnp.vdot(self.shift, self.shift)
        cost = cost + jnp.trace(product(self.excess, self.covariance, self.excess))
        return cost / (self.mobility * self.duration)

    def _stretch(self, t: Scalar) -> Matrix:
        part = t / self.duration
        # An integrator's last time may be rounded up.
        part = jnp.where((part >= 0) & (part <= 1 + 1e-6), part, jnp.nan)
        return jnp.eye(len(self.mean), dtype=self.mean.dtype) + part * self.excess


@jax.jit
def optimal_protocol(
    mean: Point,
    covariance: Matrix,
    end_mean: Point,
    end_covariance: Matrix,
    temperature: Scalar,
    mobility: Scalar,
    duration: Scalar,
) -> OptimalProtocol:
    """The protocol from ``N(mean, covariance)`` to ``N(end_mean, end_covariance)``.

    Args:
        mean: shape (d,).
        covariance: symmetric positive definite, shape (d, d).
        end_mean: shape (d,).
        end_covariance: symmetric positive definite, shape (d, d).
        temperature: >= 0, in units of energy.
        mobility: > 0; that of a schedule, on the clock ``int mu dt``, is 1.
        duration: > 0.

    Returns:
        The protocol; NaN where a covariance is not positive definite or a number outside its domain, and at times before
        the start and after the end.

    Raises:
        ValueError: for shapes that do not agree.
    """
    d = mean.shape[0]
    if end_mean.shape != (d,) or covariance.shape != (d, d) or end_covariance.shape != (d, d):
        shapes = [a.shape for a in (mean, covariance, end_mean, end_covariance)]
        raise ValueError(f"means must have shape (d,) and covariances (d, d); they have {shapes}")
    is_valid = (temperature >= 0) & (mobility > 0) & (duration > 0)
    excess = bures_wasserstein.map_excess(covariance, end_covariance - covariance)
    shift = jnp.where(is_valid, end_mean - mean, jnp.nan)
    return OptimalProtocol(mean, covariance, shift, excess, temperature, mobility, duration)
