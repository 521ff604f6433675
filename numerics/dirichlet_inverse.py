"""The parameters of a Dirichlet family with given expectation parameters.

``alpha_i = psi^-1(m_i + psi(a))`` with the sum a at the zero of ``f(a) = sum alpha_i - a``, which is concave because
``1/psi_1`` is convex: Newton's method from the right converges monotonically. A few Newton steps in all parameters, with
the inverse metric in closed form, remove what cancels in f.
"""

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import digamma

from numerics.arrays import Point, Scalar
from numerics.dirichlet import expectation, precision
from numerics.polygamma import trigamma_reciprocal

_INVERSE_STEPS = 5
_SUM_STEPS = 60
_STEPS = 60
_EULER = 0.5772156649015329


@jax.custom_jvp
@jax.jit
def inverse_digamma(y: Array) -> Array:
    """``x > 0`` with ``psi(x) = y``, elementwise, by Newton's method (Minka 2000, Estimating a Dirichlet distribution)."""
    is_high = y >= -2.22
    x = jnp.where(is_high, jnp.exp(jnp.where(is_high, y, 0.0)) + 0.5, -1.0 / jnp.where(is_high, -1.0, y + _EULER))
    return jax.lax.fori_loop(0, _INVERSE_STEPS, lambda _, x: x - (digamma(x) - y) * trigamma_reciprocal(x), x)


@inverse_digamma.defjvp
def _inverse_digamma_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    x = inverse_digamma(*primals)
    return x, trigamma_reciprocal(x) * tangents[0]


@jax.custom_jvp
@jax.jit
def from_expectation(m: Point) -> Point:
    """The parameters with ``E log x_i = m_i``, shape (n,); NaN unless ``sum exp(m_i) < 1``."""
    alpha = _polished(m, inverse_digamma(m + digamma(_total(m))))
    return jnp.where(_missing(m) > 0, alpha, jnp.nan)


@from_expectation.defjvp
def _from_expectation_jvp(primals: tuple[Point], tangents: tuple[Point]) -> tuple[Point, Point]:
    alpha = from_expectation(*primals)
    return alpha, jnp.matmul(precision(alpha), tangents[0], precision="highest")


def _missing(m: Point) -> Scalar:
    """``1 - sum exp(m_i)``, the largest subtracted first."""
    position = jnp.argmax(m)
    others = jnp.where(jnp.arange(m.shape[0]) != position, jnp.exp(m), 0.0)
    return -jnp.expm1(m[position]) - jnp.sum(others)


def _total(m: Point) -> Scalar:
    """The sum of the parameters, as far as f can tell."""
    missing = _missing(m)
    # psi^-1(y) <= exp(y) + 1/2 and psi(a) <= log a bound the zero from the right.
    start = 0.5 * m.shape[0] / jnp.where(missing > 0, missing, 1.0)
    eps = jnp.finfo(m.dtype).eps

    def improve(state: tuple[Scalar, Scalar, Array]) -> tuple[Scalar, Scalar, Array]:
        total, _, count = state
        alpha = inverse_digamma(m + digamma(total))
        slope = jnp.sum(trigamma_reciprocal(alpha)) / trigamma_reciprocal(total) - 1.0
        step = (jnp.sum(alpha) - total) / jnp.where(slope < 0, slope, -1.0)
        after = jnp.clip(total - step, 1e-3 * total, total)
        return after, total - after, count + 1

    def unfinished(state: tuple[Scalar, Scalar, Array]) -> Array:
        total, step, count = state
        return (count < _SUM_STEPS) & (step > 8.0 * eps * total)

    return jax.lax.while_loop(unfinished, improve, (start, start, jnp.zeros((), jnp.int32)))[0]


def _polished(m: Point, alpha: Point) -> Point:
    """Newton's method, until steps are small and its decrement no longer falls; NaN where that takes too long."""
    State = tuple[Point, Scalar, Scalar, Scalar, Array]

    def improve(state: State) -> State:
        alpha, decrement, _, _, count = state
        residual = m - expectation(alpha)
        step = jnp.matmul(precision(alpha), residual, precision="highest")
        after = jnp.vdot(step, residual, precision="highest")
        moved = alpha + jnp.clip(step, -0.75 * alpha, 3.0 * alpha)
        return moved, after, decrement, jnp.max(jnp.abs(step) / alpha), count + 1

    def unfinished(state: State) -> Array:
        _, decrement, before, change, count = state
        return (count < _STEPS) & (decrement > 0) & ((change > 1e-2) | (decrement < 0.25 * before))

    infinite = jnp.full((), jnp.inf, m.dtype)
    alpha, decrement, *_ = jax.lax.while_loop(
        unfinished, improve, (alpha, infinite, infinite, infinite, jnp.zeros((), jnp.int32))
    )
    return jnp.where(decrement < 1e-2, alpha, jnp.nan)
