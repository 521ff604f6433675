"""Elementary functions without cancellation."""

import jax
import jax.numpy as jnp
from jax import Array


@jax.jit
def log1pmx(x: Array) -> Array:
    """``log(1 + x) - x``, elementwise, relative accuracy near 0 included.

    Args:
        x: any shape, float32 or float64, ``> -1``.

    Returns:
        The difference, in shape and dtype of ``x``, within 16 epsilons; about ``-x**2 / 2`` near 0, ``-inf`` at -1 and at
        infinity, NaN below -1.
    """
    # A factor, not a choice: outside the domain the gradient is NaN too.
    x = x * jnp.where(x >= -1.0, 1.0, jnp.nan)
    is_near = jnp.abs(x) < 0.3
    near = jnp.where(is_near, x, 0.0)
    far = jnp.where(is_near | (x == jnp.inf), 1.0, x)
    # With r = x / (2 + x), log(1 + x) = 2 artanh(r) and x = 2 r / (1 - r), so the difference is
    # 2 (r^3/3 + r^5/5 + ...) - x r; |r| < 0.18 makes twelve terms enough for float64.
    r = near / (2.0 + near)
    square = r * r
    tail = jnp.zeros_like(r)
    for k in range(12, 0, -1):
        tail = (tail + 1.0 / (2 * k + 1)) * square
    series = r * (2.0 * tail - near)
    # XLA's float64 log1p is off by up to 120 epsilons near -0.41; away from 0 the plain logarithm is better.
    value = jnp.where(is_near, series, jnp.log(1.0 + far) - far)
    return jnp.where(x == jnp.inf, -jnp.inf, value)


@jax.jit
def ratio_divergence(first: Array, second: Array, difference: Array) -> Array:
    """``r - 1 - log r`` with ``r = first/second``, elementwise, without cancellation where the arguments are close.

    The divergence of exponential laws of these means, in nats.

    Args:
        first: ``> 0``, any shape, float32 or float64.
        second: ``> 0``, of a shape that broadcasts.
        difference: ``first - second``, which the caller may know better than by subtraction.
    """
    excess = difference / second
    is_near = jnp.abs(excess) < 0.3
    return jnp.where(is_near, -log1pmx(jnp.where(is_near, excess, 0.0)), excess - _log_ratio(first, second))


def _log_ratio(first: Array, second: Array) -> Array:
    ratio = first / second
    is_normal = (ratio >= jnp.finfo(ratio.dtype).tiny) & (ratio < jnp.inf)
    return jnp.where(is_normal, jnp.log(jnp.where(is_normal, ratio, 1.0)), jnp.log(first) - jnp.log(second))


@jax.jit
def gaussian_divergence(shift: Array, first: Array, second: Array) -> Array:
    """``KL(N(m + shift, first^2) || N(m, second^2))``, elementwise, without cancellation and early overflow.

    Args:
        shift: difference of the means, any shape, float32 or float64.
        first: standard deviations ``> 0``, of a shape that broadcasts.
        second: standard deviations ``> 0``, of a shape that broadcasts.

    Returns:
        ``(shift/second)^2 / 2 + (r^2 - 1)/2 - log r`` with ``r = first/second``, in nats; NaN where a deviation is negative.
    """
    distance, excess = shift / second, (first - second) / second
    is_near = jnp.abs(excess) < 0.3
    # (r^2 - 1)/2 - log r = x + x^2/2 - log(1 + x) with x = r - 1.
    near = 0.5 * excess * excess - log1pmx(jnp.where(is_near, excess, 0.0))
    ratio = first / second
    far = 0.5 * (ratio - 1.0) * (ratio + 1.0) - _log_ratio(first, second)
    return 0.5 * distance * distance + jnp.where(is_near, near, far)
