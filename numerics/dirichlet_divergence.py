r"""The divergence of Dirichlet laws, without the cancellation of large parameters.

With ``log Gamma(x) = f(x) + x log x - x``, the Bregman divergence of the log-partition is that of f over the parameters less
that of f at their sums (:mod:`numerics.gamma_divergence`), and ``sum alpha'`` times the divergence of the mean ``p'`` from p.
"""

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.elementary import ratio_divergence
from numerics.gamma_divergence import gamma_shape_divergence
from numerics.sums import sums_of_others


@jax.jit
def dirichlet_divergence(alpha: Point, other: Point) -> Scalar:
    """``KL(alpha || other)`` in nats.

    Relative accuracy is lost only where nearly all of the sum is one parameter that changes much: the error is a few epsilons
    of the divergence of gamma laws with that parameter as shape.
    """
    total, other_total = jnp.sum(alpha), jnp.sum(other)
    # alpha_i a' - alpha'_i a with the sums a: what is left out of both is alpha_i alpha'_i.
    increase = other - alpha
    difference = other * sums_of_others(increase) - increase * sums_of_others(other)
    scale = 1.0 / total
    means = ratio_divergence(alpha * scale * other_total, other, difference * scale)
    ends = gamma_shape_divergence(
        jnp.append(alpha, total), jnp.append(other, other_total), jnp.append(increase, jnp.sum(increase))
    )
    order = jnp.argsort(ends[:-1])
    # The largest first, which may be nearly equal to what is subtracted.
    shapes = (ends[order[-1]] - ends[-1]) + jnp.sum(ends[order[:-1]])
    value = shapes + jnp.vdot(other, means, precision="highest")
    # Rounding may leave a negative number; the derivatives are those of the value, also where it is 0.
    return value + jax.lax.stop_gradient(jnp.maximum(value, 0.0) - value)


def beta_divergence(a: Array, b: Array, other_a: Array, other_b: Array) -> Array:
    """``KL`` of the beta law (a, b) from another, in nats, elementwise."""
    first, second = (jnp.stack(jnp.broadcast_arrays(*pair), axis=-1) for pair in ((a, b), (other_a, other_b)))
    return jnp.vectorize(dirichlet_divergence, signature="(n),(n)->()")(first, second)
