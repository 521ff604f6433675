r"""Two functions of the trigamma function that grow faster than linearly, and by how much.

``w = 1/psi_1`` and ``k = -psi_1/psi_2`` rise from 0 like ``x^2`` and ``x/2`` and end as ``x - 1/2``: the excess ``f(sum x_i) -
sum f(x_i)`` is positive. Where all arguments are small or one is much larger than the rest, what is subtracted is nearly equal,
so the largest argument is moved by the sum of the others, and the smooth remainders ``x - w``, ``x - k`` and ``k - x/2``
take the place of the functions.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.polygamma import polygamma_difference, trigamma_excess, trigamma_excess_product_slope
from numerics.sums import sums_of_others


def trigamma_reciprocal_slope(x: Array) -> Array:
    """``q = w' = -psi_2 / psi_1^2``, elementwise: from ``2 x`` at 0 to 1 at infinity."""
    excess = trigamma_excess(x, 0)
    return (1.0 + excess - x * trigamma_excess(x, 1)) / (1.0 + excess) / (1.0 + excess)


def polygamma_quotient(x: Array) -> Array:
    """``k = -psi_1 / psi_2``, elementwise."""
    excess = trigamma_excess(x, 0)
    return x * ((1.0 + excess) / (1.0 + excess - x * trigamma_excess(x, 1)))


def trigamma_reciprocal_slope_increase(x: Point) -> Point:
    """``q(sum x) - q(x_i) > 0``, shape (n,)."""
    is_small, ends = x < 1.0, _with_sum(x)
    # 1 - q, which is 1/(12 x^2) at infinity.
    large = jnp.maximum(ends, 1.0)
    excess = trigamma_excess(large, 0)
    complement = (trigamma_excess_product_slope(large) + excess * excess) / (1.0 + excess) / (1.0 + excess)
    slope = trigamma_reciprocal_slope(ends)
    return jnp.where(is_small, slope[-1] - slope[:-1], complement[:-1] - complement[-1])


@jax.custom_jvp
@jax.jit
def trigamma_reciprocal_excess(x: Point) -> Scalar:
    """``w(sum x) - sum w(x_i)`` for two or more numbers ``x_i > 0``, shape (n,), to a few tens of epsilons."""
    ends, position = _with_sum(x), jnp.argmax(x)
    excess = trigamma_excess(ends, 0)
    w = ends / (1.0 + excess)
    # How far w is below x: for large arguments this is what counts.
    below = w * excess
    largest, rest = x[position], sums_of_others(x)[position]
    increase = (polygamma_difference(largest, rest, 1) * w[position]) * w[-1]
    growth = jnp.where(rest < 1.0, rest - increase, below[-1] - below[position])
    return jnp.where(largest < 1.0, increase - _without(position, w[:-1]), _without(position, below[:-1]) - growth)


@trigamma_reciprocal_excess.defjvp
def _trigamma_reciprocal_excess_jvp(primals: tuple[Point], tangents: tuple[Point]) -> tuple[Scalar, Scalar]:
    slope = trigamma_reciprocal_slope_increase(*primals)
    return trigamma_reciprocal_excess(*primals), jnp.vdot(slope, tangents[0], precision="highest")


@jax.custom_jvp
@jax.jit
def polygamma_quotient_excess(x: Point) -> Scalar:
    """``k(sum x) - sum k(x_i)`` for two or more numbers ``x_i > 0``, shape (n,), to a few tens of epsilons."""
    ends, position = _with_sum(x), jnp.argmax(x)
    largest, rest = x[position], sums_of_others(x)[position]
    points = jnp.stack([ends, 1.0 + ends])
    # One after the other: at the ends the compiler has them from elsewhere.
    one = 1.0 + jnp.stack([trigamma_excess(part, 0) for part in (ends, 1.0 + ends)])
    steep = -points * jnp.stack([trigamma_excess(part, 1) for part in (ends, 1.0 + ends)])
    two = one + steep
    first, second = one / points, two / points / points  # psi_1 and -psi_2
    starts, steps = jnp.stack([largest, 1.0 + largest]), jnp.stack([rest, rest])
    lost, fallen = polygamma_difference(starts, steps, 1), -polygamma_difference(starts, steps, 2)
    # For large x, k falls short of x by at most 1/2.
    below = ends * (steep[0] / two[0])
    increase = (first[0, -1] * fallen[0] - second[0, -1] * lost[0]) / second[0, position] / second[0, -1]
    growth = jnp.where(rest < 1.0, rest - increase, below[-1] - below[position])
    by_distance = _without(position, below[:-1]) - growth
    # For small x, k = x/2 + x^3 T / 2 with T in psi_1 and psi_2 at 1 + x.
    cubes, end = ends**3, ends[-1]
    denominator = 1.0 + 0.5 * cubes * second[1]
    t = (first[1] - 0.5 * ends * second[1]) / denominator
    cube_increase = rest * (3.0 * largest * end + rest * rest)
    up = -lost[1] - 0.5 * (rest * second[1, -1] - largest * fallen[1])
    down = 0.5 * (cube_increase * second[1, -1] - cubes[position] * fallen[1])
    t_increase = (up - t[-1] * down) / denominator[position]
    by_cubes = cube_increase * t[-1] + cubes[position] * t_increase - _without(position, (cubes * t)[:-1])
    return jnp.where(largest < 1.0, 0.5 * by_cubes, by_distance)


@polygamma_quotient_excess.defjvp
def _polygamma_quotient_excess_jvp(primals: tuple[Point], tangents: tuple[Point]) -> tuple[Scalar, Scalar]:
    (x,) = primals
    slope = jax.vmap(jax.grad(polygamma_quotient))(_with_sum(x))
    return polygamma_quotient_excess(x), jnp.vdot(slope[-1] - slope[:-1], tangents[0], precision="highest")


def trigamma_reciprocal_excess_of_two(a: Array, b: Array) -> Array:
    """:func:`trigamma_reciprocal_excess` of pairs, elementwise."""
    return _of_pairs(trigamma_reciprocal_excess, a, b)


def polygamma_quotient_excess_of_two(a: Array, b: Array) -> Array:
    """:func:`polygamma_quotient_excess` of pairs, elementwise."""
    return _of_pairs(polygamma_quotient_excess, a, b)


def _of_pairs(function: Callable[[Point], Scalar], a: Array, b: Array) -> Array:
    return jnp.vectorize(function, signature="(n)->()")(jnp.stack(jnp.broadcast_arrays(a, b), axis=-1))


def _with_sum(x: Point) -> Point:
    return jnp.append(x, jnp.sum(x))


def _without(position: Array, values: Point) -> Scalar:
    """The sum of all others."""
    return jnp.sum(jnp.where(jnp.arange(values.shape[0]) == position, 0.0, values))
