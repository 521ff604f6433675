"""Random directions of the von Mises-Fisher law, and its concentration from the mean resultant length."""

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.bessel_ratio_order import complement, mean_over_argument, slope
from numerics.linear_algebra import norm

_NEWTON_STEPS = 8


def sample_direction(key: Array, eta: Point) -> Point:
    """A unit vector with density proportional to ``exp(eta . x)``, shape (p,).

    Rejection from the law of a transformed beta variate (Ulrich 1984, Applied Statistics 33; Wood 1994, Communications in
    Statistics 23), with ``1 - t`` in place of the cosine t, which is all but 1 for high concentrations.
    """
    p, kappa = eta.shape[0], norm(eta)
    half = jnp.asarray(0.5 * (p - 1), eta.dtype)
    b = (p - 1) / (2.0 * kappa + jnp.hypot(2.0 * kappa, 2.0 * half))
    gap = 2.0 * b / (1.0 + b)

    def propose(state: tuple[Array, Scalar, Array]) -> tuple[Array, Scalar, Array]:
        key, first, second = jax.random.split(state[0], 3)
        beta = jax.random.beta(first, half, half, dtype=eta.dtype)
        lack = 2.0 * b * beta / (1.0 - (1.0 - b) * beta)
        # log of the density over that of the proposals, less its largest value, at the cosine 1 - gap.
        height = kappa * (gap - lack) + 2.0 * half * jnp.log((gap + (1.0 - gap) * lack) / (gap * (2.0 - gap)))
        level = -jax.random.exponential(second, dtype=eta.dtype)
        # What is not a number is taken, so that the proposals end.
        return key, lack, ~(height < level)

    start = (key, jnp.zeros_like(kappa), jnp.zeros((), bool))
    key, lack, _ = jax.lax.while_loop(lambda state: ~state[2], propose, start)
    first_axis = jnp.arange(p) == 0
    mean = jnp.where(kappa > 0, eta / jnp.where(kappa > 0, kappa, 1.0), jnp.where(first_axis, 1.0, 0.0))
    side = jax.random.normal(key, (p,), eta.dtype)
    side = side - mean * jnp.vdot(mean, side, precision="highest")
    x = (1.0 - lack) * mean + jnp.sqrt(lack * (2.0 - lack)) * (side / norm(side))
    return x / norm(x)


def concentration(length: Scalar, dimension: int) -> Scalar:
    """``A/k`` where ``A = length``, for a mean resultant length in [0, 1); NaN for others.

    Newton's method from the start of Sra 2012 (Computational Statistics 27), whose error is a few percent.
    """
    p = dimension
    is_inside = (length >= 0) & (length < 1)
    length = jnp.where(is_inside, length, 0.5)
    rest = 1.0 - length
    # k / A, so that nothing is divided by a small length.
    start = (p - length * length) / (rest * (1.0 + length))

    def improve(_: int, ratio: Scalar) -> Scalar:
        square = (ratio * length) ** 2
        over = mean_over_argument(square, p)
        # A - length; the complements are more accurate where both are nearly 1.
        excess = jnp.where(length < 0.5, length * (ratio * over - 1.0), rest - complement(square, p))
        step = excess / (jnp.where(length > 0, length, 1.0) * slope(square, p))
        return jnp.where(length > 0, ratio - jnp.clip(step, -0.5 * ratio, 0.5 * ratio), ratio)

    ratio = jax.lax.fori_loop(0, _NEWTON_STEPS, improve, start)
    return jnp.where(is_inside, 1.0 / ratio, jnp.nan)
