r"""The Dirichlet family in closed forms without cancellation; with two categories this is the beta family.

With ``w = 1/psi_1``, ``q = w'`` and ``k = -psi_1/psi_2`` of each parameter, and of their sum (index 0), the metric is a
diagonal less a constant, and (Sherman & Morrison 1950; :mod:`derivations.dirichlet`)::

    g^ij = w_i d_ij + w_i w_j / D                      D = w_0 - sum w_i > 0
    G^i_jk = -(r_i d_ijk + w_i ((r_j - r_0) d_jk - r_0 (1 - d_jk)) / D) / 2     r = 1/k
    R = -(q_0 (k_0 - sum k_i) e_2(q) + sum_l (q_0 - q_l) k_l e_2(q without l)) / (2 D^2)

Every term of R has one sign, because w is convex and k superadditive. Written like this nothing cancels but D and ``k_0 - sum
k_i``, which have functions of their own (:mod:`numerics.polygamma_excess`).
"""

import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.polygamma import (
    log_gamma_remainder,
    log_minus_digamma,
    polygamma_difference,
    tetragamma,
    trigamma,
    trigamma_reciprocal,
)
from numerics.polygamma_excess import (
    polygamma_quotient,
    polygamma_quotient_excess,
    trigamma_reciprocal_excess,
    trigamma_reciprocal_slope,
    trigamma_reciprocal_slope_increase,
)
from numerics.sums import sum_of_pairs, sums_of_other_pairs, sums_of_others


def expectation(alpha: Point) -> Point:
    """``E log x_i = psi(alpha_i) - psi(alpha_0)``."""
    return polygamma_difference(alpha, sums_of_others(alpha), 0)


def covariance(alpha: Point) -> Matrix:
    """A diagonal less a constant, shape (n, n)."""
    return _diagonal_less_constant(
        alpha, polygamma_difference(alpha, sums_of_others(alpha), 1), trigamma(jnp.sum(alpha))
    )


def third_cumulants(alpha: Point) -> Array:
    """A diagonal less a constant, shape (n, n, n)."""
    n = alpha.shape[0]
    entries = polygamma_difference(alpha, sums_of_others(alpha), 2)
    index = jnp.arange(n)
    constant = jnp.broadcast_to(-tetragamma(jnp.sum(alpha)), (n, n, n))
    return constant.at[index, index, index].set(entries)


def precision(alpha: Point) -> Matrix:
    """The inverse of the covariance, shape (n, n), with positive entries."""
    w = trigamma_reciprocal(alpha)
    return jnp.diag(w) + w[:, None] * (w / trigamma_reciprocal_excess(alpha))[None, :]


def christoffel(alpha: Point) -> Array:
    """The Christoffel symbols ``Gamma^i_jk``, shape (n, n, n)."""
    n, total = alpha.shape[0], jnp.sum(alpha)
    others = sums_of_others(alpha)
    w, r_total = trigamma_reciprocal(alpha), 1.0 / polygamma_quotient(total)
    # r_j - r_0 = -(psi_2(alpha_j) - psi_2(alpha_0) + r_0 (psi_1(alpha_j) - psi_1(alpha_0))) / psi_1(alpha_j).
    steps = polygamma_difference(alpha, others, 2) + r_total * polygamma_difference(alpha, others, 1)
    pairs = _diagonal_less_constant(alpha, -w * steps, r_total)
    index = jnp.arange(n)
    own = jnp.zeros((n, n, n), alpha.dtype).at[index, index, index].set(1.0 / polygamma_quotient(alpha))
    return -0.5 * (own + (w / trigamma_reciprocal_excess(alpha))[:, None, None] * pairs[None, :, :])


def scalar_curvature(alpha: Point) -> Scalar:
    """The scalar curvature, negative."""
    # Everything at the same points, where the compiler sees that it is the same and computes it once.
    ends = jnp.append(alpha, jnp.sum(alpha))
    q, spread = trigamma_reciprocal_slope(ends), trigamma_reciprocal_excess(alpha)
    # Over D once each, so that nothing underflows where all parameters are small.
    whole, q = q[-1] * (polygamma_quotient_excess(alpha) / spread), q[:-1]
    single = trigamma_reciprocal_slope_increase(alpha) * (polygamma_quotient(ends)[:-1] / spread)
    return -0.5 * (sum_of_pairs(q) / spread * whole + jnp.sum(sums_of_other_pairs(q) / spread * single))


def dual_potential(alpha: Point) -> Scalar:
    """``eta . m - psi``, from the slowly varying parts of log-gamma and digamma."""
    total = jnp.sum(alpha)
    # L(alpha_i) - L(alpha_0) is weighted with alpha_i; the sum of the weights is alpha_0.
    tilt = jnp.sum(alpha * log_minus_digamma(alpha)) - total * log_minus_digamma(total)
    return log_gamma_remainder(total) - jnp.sum(log_gamma_remainder(alpha)) - tilt


def _diagonal_less_constant(alpha: Point, diagonal: Array, constant: Array) -> Matrix:
    return jnp.where(jnp.eye(alpha.shape[0], dtype=bool), diagonal[:, None], -constant)
