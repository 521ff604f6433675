r"""The multivariate gamma function less its leading part, without cancellation for large arguments.

``Gamma_p(x) = pi^(p(p-1)/4) prod_j Gamma(x - j/2)``, j = 0, ..., p - 1 (Muirhead 1982, theorem 2.1.12). The excess

    phi(x) = sum_j log Gamma(x - j/2) - p (x log x - x)

is convex with ``phi' < 0``, and every derivative is a sum of terms of one sign.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from numerics.arrays import Scalar
from numerics.elementary import log1pmx
from numerics.polygamma import log_gamma_remainder, log_minus_digamma, trigamma_excess

_NEWTON_STEPS = 12
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)


@partial(jax.jit, static_argnums=(1, 2))
def excess(x: Scalar, size: int, order: int) -> Scalar:
    """The derivative of the given order, 0 to 3, of phi at ``x > (p - 1)/2``."""
    shift = 0.5 * jnp.arange(size, dtype=x.dtype)

    def term(shift: Scalar) -> Scalar:
        y = x - shift
        match order:
            case 0:
                return log_gamma_remainder(y) + x * log1pmx(-shift / x) - shift * jnp.log(y)
            case 1:
                return jnp.log1p(-shift / x) - log_minus_digamma(y)
            case 2:
                return trigamma_excess(y) / y + shift / (x * y)
            case _:
                inner = trigamma_excess(y, 1) - trigamma_excess(y) / y
                return inner / y - (shift / (x * y)) * ((x + y) / (x * y))

    return jnp.sum(jax.vmap(term)(shift))


def excess_divergence(first: Scalar, second: Scalar, size: int) -> Scalar:
    """``phi(second) - phi(first) - phi'(first) (second - first)``, ``>= 0``, without cancellation for arguments close together.

    Close together it is the integral of ``(second - u) phi''(u)`` in the logarithm of the distance from the pole of phi.
    """
    pole = 0.5 * (size - 1)
    gap = jnp.log1p((second - first) / (first - pole))
    plain = excess(second, size, 0) - excess(first, size, 0) - excess(first, size, 1) * (second - first)
    is_near = jnp.abs(gap) < 1.0
    gap = jnp.where(is_near, gap, 0.0)

    def integrand(node: Scalar) -> Scalar:
        # second - u = (first - pole) (e^gap - e^(t gap)), again without cancellation.
        u = (first - pole) * jnp.exp(node * gap)
        return gap * (u * jnp.expm1((1.0 - node) * gap)) * u * excess(pole + u, size, 2)

    nodes, weights = (jnp.asarray(part, first.dtype) for part in (0.5 + 0.5 * _NODES, 0.5 * _WEIGHTS))
    near = jnp.vdot(weights, jax.vmap(integrand)(nodes), precision="highest")
    return jnp.where(is_near, near, plain)


def inverse_excess_slope(value: Scalar, size: int) -> Scalar:
    """The x with ``phi'(x) = value``; NaN unless ``value < 0``. Differentiable."""
    pole = 0.5 * (size - 1)
    is_negative = value < 0
    target = -1.0 / jnp.where(is_negative, value, -1.0)

    # -1/phi' is nearly a straight line: slope 1 at the pole, 4 / (p (p + 1)) at infinity.
    def improve(goal: Scalar, y: Scalar) -> Scalar:
        slope = excess(pole + y, size, 1)
        step = (-1.0 / slope - goal) * slope * slope / excess(pole + y, size, 2)
        return jnp.maximum(y - step, 0.25 * y)

    @jax.custom_jvp
    def solve(target: Scalar) -> Scalar:
        return pole + jax.lax.fori_loop(0, _NEWTON_STEPS, lambda _, y: improve(target, y), target)

    @solve.defjvp
    def _(primals: tuple[Scalar], tangents: tuple[Scalar]) -> tuple[Scalar, Scalar]:
        x = solve(*primals)
        # The target is -1/phi'.
        slope = excess(x, size, 1)
        return x, tangents[0] * slope * slope / excess(x, size, 2)

    return jnp.where(is_negative, solve(target), jnp.nan)
