"""The gamma family: its expectation chart, and its entropy without cancellation, in (alpha, beta), shape and rate."""

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.polygamma import log_gamma_remainder, log_minus_digamma, trigamma_excess

_STEPS = 4


def from_expectation(m: Point) -> Point:
    """The point with ``E log x = m_1`` and ``E x = m_2``, shape (2,); NaN unless ``m_1 < log m_2``."""
    alpha = shape_from_gap(jnp.log(m[1]) - m[0])
    return jnp.stack([alpha, alpha / m[1]])


def dual_potential(theta: Point) -> Scalar:
    """``eta . m - psi``, which is ``-alpha (log alpha - digamma(alpha))`` less the slow part of log-gamma."""
    alpha = theta[0]
    return -alpha * log_minus_digamma(alpha) - log_gamma_remainder(alpha)


@jax.custom_jvp
@jax.jit
def shape_from_gap(gap: Array) -> Array:
    """The shape with ``log alpha - digamma(alpha) = gap``, elementwise; NaN unless the gap is positive and finite.

    Newton's method for the logarithms, which depend on each other almost linearly, from the approximation of Minka
    (2002, Estimating a gamma distribution), which is right to 1.5 percent.
    """
    is_inside = (gap > 0) & (gap < jnp.inf)
    s = jnp.where(is_inside, gap, 1.0)
    # (3 - s + sqrt((s - 3)^2 + 24 s)) / (12 s), for large s without cancellation and overflow.
    root = jnp.hypot(s - 3.0, jnp.sqrt(24.0 * s))
    alpha = jnp.where(s < 3.0, (3.0 - s + root) / (12.0 * s), 2.0 / jnp.where(s < 3.0, 1.0, root + s - 3.0))

    def improve(_: Array, alpha: Array) -> Array:
        value = log_minus_digamma(alpha)
        return alpha * jnp.exp((value / trigamma_excess(alpha, 0)) * jnp.log(value / s))

    return jnp.where(is_inside, jax.lax.fori_loop(0, _STEPS, improve, alpha), jnp.nan)


@shape_from_gap.defjvp
def _shape_from_gap_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    alpha = shape_from_gap(*primals)
    return alpha, -alpha / trigamma_excess(alpha, 0) * tangents[0]
