"""The Bregman divergence of ``log I0``, the radial part of the von Mises Kullback-Leibler divergence."""

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy import special
from numpy.polynomial.legendre import leggauss

from numerics.bessel_ratio import bessel_ratio, bessel_ratio_complement

_ABSCISSAE, _MASSES = leggauss(12)
_NODES = [float(x) for x in (1 + _ABSCISSAE) / 2]
_WEIGHTS = [float(w) for w in _MASSES / 2]


def log_bessel_i0_divergence(first: Array, second: Array) -> Array:
    """``log I0(b) - log I0(a) - A(a) (b - a)`` for ``a = first`` and ``b = second``, without cancellation.

    Neighbouring arguments use the integral remainder ``(b-a)^2 int_0^1 (1-t) A'(a + t (b-a)) dt`` by Gauss-Legendre
    quadrature with twelve nodes, others the exponentially scaled Bessel function.

    Args:
        first: concentrations ``a >= 0``, any shape, float32 or float64.
        second: concentrations ``b >= 0``, a shape that broadcasts.

    Returns:
        The divergence, ``>= 0``; NaN outside the domain.
    """
    return _divergence(*jnp.broadcast_arrays(first, second))


@jax.custom_jvp
@jax.jit
def _divergence(a: Array, b: Array) -> Array:
    is_near = _is_near(a, b)
    step = jnp.where(is_near, b - a, 0.0)
    near = step * step * _mean_slope(a, step, [w * (1.0 - t) for w, t in zip(_WEIGHTS, _NODES, strict=True)])
    far = jnp.log(special.i0e(b) / special.i0e(a)) + bessel_ratio_complement(a) * (b - a)
    return jnp.where((a >= 0) & (b >= 0), jnp.where(is_near, near, far), jnp.nan)


@_divergence.defjvp
def _divergence_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    a, b = primals
    by_second = _ratio_increase(a, b) * tangents[1]
    by_first = -bessel_ratio(a, 1) * (b - a) * tangents[0]
    return _divergence(a, b), by_first + by_second


def _ratio_increase(a: Array, b: Array) -> Array:
    """``A(b) - A(a)``, without cancellation where the arguments are close."""
    is_near = _is_near(a, b)
    step = jnp.where(is_near, b - a, 0.0)
    far = bessel_ratio_complement(a) - bessel_ratio_complement(b)
    return jnp.where(is_near, step * _mean_slope(a, step, _WEIGHTS), far)


def _mean_slope(a: Array, step: Array, weights: object) -> Array:
    return sum(w * bessel_ratio(a + t * step, 1) for w, t in zip(weights, _NODES, strict=True))  # type: ignore


def _is_near(a: Array, b: Array) -> Array:
    return jnp.abs(b - a) <= 0.5 * (1.0 + jnp.minimum(a, b))
