"""Elementary functions without cancellation."""

import jax.numpy as jnp
from jax import Array


def log1pmx(x: Array) -> Array:
    """``log(1 + x) - x``, elementwise, relative accuracy near 0 included.

    Args:
        x: any shape, float32 or float64, ``> -1``.

    Returns:
        The difference, in shape and dtype of ``x``; about ``-x**2 / 2`` near 0, ``-inf`` at -1, NaN below.
    """
    is_near = jnp.abs(x) < 0.3
    near = jnp.where(is_near, x, 0.0)
    far = jnp.where(is_near, 1.0, x)
    # With r = x / (2 + x), log(1 + x) = 2 artanh(r) and x = 2 r / (1 - r), so the difference is
    # 2 (r^3/3 + r^5/5 + ...) - x r; |r| < 0.18 makes twelve terms enough for float64.
    r = near / (2.0 + near)
    square = r * r
    tail = jnp.zeros_like(r)
    for k in range(12, 0, -1):
        tail = (tail + 1.0 / (2 * k + 1)) * square
    series = r * (2.0 * tail - near)
    # XLA's float64 log1p is off by up to 120 epsilons near -0.41; away from 0 the plain logarithm is better.
    return jnp.where(is_near, series, jnp.log(1.0 + far) - far)
