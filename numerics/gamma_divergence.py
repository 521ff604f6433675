"""The divergence of gamma laws with the same mean."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.polygamma import along_last_axis, log_gamma_remainder, log_minus_digamma, trigamma_excess

_SHAPE_ABSCISSAE, _SHAPE_MASSES = np.polynomial.legendre.leggauss(20)
# Up to this ratio of the shapes the quadrature is exact to rounding; beyond, little cancels.
_SHAPE_RATIO = 4.0


def gamma_shape_divergence(first: Array, second: Array, increase: Array | None = None) -> Array:
    """``KL`` of gamma laws of shapes a and b with the same mean: the Bregman divergence of ``log Gamma(x) - x log x + x``.

    Neighbouring shapes use the integral remainder ``(b-a)^2 int_0^1 (1-t) (psi_1(x) - 1/x) dt`` at ``x = a + t (b-a)``.

    Args:
        first: shapes ``a > 0``, any shape, float32 or float64.
        second: shapes ``b > 0``, a shape that broadcasts.
        increase: ``b - a``, if the caller knows it better than by subtraction.

    Returns:
        The divergence, ``>= 0``, in nats; NaN outside the domain.
    """
    return _shape_divergence(*jnp.broadcast_arrays(first, second, second - first if increase is None else increase))


@jax.custom_jvp
@jax.jit
def _shape_divergence(a: Array, b: Array, increase: Array) -> Array:
    is_near = _shapes_are_near(a, b)
    step = jnp.where(is_near, increase, 0.0)
    near = step * _shape_quadrature(a, step, weighted=True)
    far = log_gamma_remainder(b) - log_gamma_remainder(a) + log_minus_digamma(a) * increase
    return jnp.where(is_near, near, far)


@_shape_divergence.defjvp
def _shape_divergence_jvp(
    primals: tuple[Array, Array, Array], tangents: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    a, b, increase = primals
    is_near = _shapes_are_near(a, b)
    far = log_minus_digamma(a) - log_minus_digamma(b)
    by_second = jnp.where(is_near, _shape_quadrature(a, jnp.where(is_near, increase, 0.0), weighted=False), far)
    by_first = -(trigamma_excess(a, 0) / a) * increase
    # The increase is no argument of its own: what changes it changes a or b.
    return _shape_divergence(*primals), by_first * tangents[0] + by_second * tangents[1]


def _shapes_are_near(a: Array, b: Array) -> Array:
    return jnp.maximum(a, b) <= _SHAPE_RATIO * jnp.minimum(a, b)


def _shape_quadrature(a: Array, step: Array, weighted: bool) -> Array:
    """``step int_0^1 (psi_1 - 1/x) dt``, with the weight ``1 - t`` or without."""
    t = 0.5 * (1.0 + _SHAPE_ABSCISSAE)
    weights = 0.5 * _SHAPE_MASSES * ((1.0 - t) if weighted else 1.0)
    x = a[..., None] + along_last_axis(t, a) * step[..., None]
    return jnp.sum(along_last_axis(weights, a) * (step[..., None] / x) * trigamma_excess(x, 0), axis=-1)
