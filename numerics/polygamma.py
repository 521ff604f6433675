r"""Polygamma functions without cancellation: what the gamma, beta and Dirichlet families are made of.

``E(x) = x psi_1(x) - 1`` is the Laplace transform of ``w'(t) > 0`` with ``w = t / (1 - exp(-t)) - 1``, so its derivatives
alternate in sign, and polygamma functions are sums of terms of one sign: ``psi_1 = (1 + E) / x``, ``-psi_2 = (1 + E - x E') /
x^2``. Small arguments are moved up by the recurrences, whose terms have one sign too, and large ones take the asymptotic
series (NIST DLMF 5.15.5, 5.15.8, 5.11.1 and 5.11.2).

Every function works elementwise on float32 or float64 of any shape, keeps the dtype, and is NaN outside ``x > 0``. Digamma and
log-gamma cross zero, where only their absolute error is small; the functions here have no zero.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

_TERMS = 12
# From here on the series of all orders in use are accurate in the dtype.
_LARGE = {"float32": 6, "float64": 12}
_HALF_LOG_TURN = 0.5 * math.log(2.0 * math.pi)


def _bernoulli(number: int) -> list[float]:
    """``B_2, B_4, ...`` by their recurrence, rounded once."""
    values = [Fraction(1)]
    for n in range(1, 2 * number + 1):
        values.append(-sum((math.comb(n + 1, k) * values[k] for k in range(n)), Fraction(0)) / (n + 1))
    return [float(value) for value in values[2::2]]


_BERNOULLI = _bernoulli(_TERMS)


def _rising(start: int, count: int) -> int:
    """``start (start + 1) ... (start + count - 1)``."""
    return math.prod(range(start, start + count))


def _horner(coefficients: Sequence[float], point: Array) -> Array:
    total = jnp.full_like(point, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total = total * point + coefficient
    return total


def _horner_difference(coefficients: Sequence[float], first: Array, second: Array) -> tuple[Array, Array]:
    """A polynomial at the first point, and its divided difference between the two."""
    total, slope = jnp.full_like(first, coefficients[-1]), jnp.zeros_like(first)
    for coefficient in coefficients[-2::-1]:
        slope = slope * second + total
        total = total * first + coefficient
    return total, slope


def _mixed_powers(first: Array, second: Array, order: int) -> Array:
    """``sum_j first^j second^(order - j)``."""
    return sum((first**j * second ** (order - j) for j in range(order + 1)), jnp.zeros_like(first))


def _moved(x: Array) -> tuple[Array, Array, Array]:
    """The numbers ``x, x + 1, ...`` along a new last axis, which of them are passed, and where the series takes over."""
    number = _LARGE[str(x.dtype)]
    passed = x[..., None] + along_last_axis(np.arange(number), x)
    is_passed = passed < number
    return passed, is_passed, x + jnp.sum(is_passed, axis=-1, dtype=x.dtype)


def along_last_axis(values: np.ndarray, like: Array) -> Array:
    """Numbers along a new last axis of an array, in its dtype."""
    return jnp.asarray(values, like.dtype).reshape((1,) * like.ndim + (-1,))


def _positive(x: Array, value: Array) -> Array:
    return jnp.where(x > 0, value, jnp.nan)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
@partial(jax.jit, static_argnums=1)
def trigamma_excess(x: Array, order: int = 0) -> Array:
    """The derivative of an order of ``E(x) = x psi_1(x) - 1``: ``(-1)^n E^(n) > 0``, within a few epsilons for n up to 3.

    ``E ~ 1/x`` at 0 and ``1/(2 x)`` at infinity.
    """
    passed, is_passed, large = _moved(x)
    u = 1.0 / large
    # The series of E for large arguments, of F = E(x) / x past the recurrence F(x) = sum 1/((x+k)^2 (x+k+1)) + F(x+n).
    far = _alternating(u, order, 0)
    a, b = 1.0 / passed, 1.0 / (passed + 1.0)

    def summed(n: int) -> Array:
        powers = sum(((j + 1) * a**j * b ** (n - j) for j in range(n + 1)), jnp.zeros_like(a))
        terms = jnp.where(is_passed, math.factorial(n) * (a * a * b) * powers, 0.0)
        # The first term is split off: times x it is 1/(x (x+1)), whose derivatives have one sign.
        return jnp.sum(terms[..., 1:], axis=-1) + _alternating(u, n, 1)

    first = math.factorial(order) * a[..., 0] * b[..., 0] * _mixed_powers(a[..., 0], b[..., 0], order)
    near = first + x * summed(order) - (order * summed(order - 1) if order else 0.0)
    return _positive(x, (-1) ** order * jnp.where(is_passed[..., 0], near, far))


@trigamma_excess.defjvp
def _trigamma_excess_jvp(order: int, primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return trigamma_excess(primals[0], order), trigamma_excess(primals[0], order + 1) * tangents[0]


def _alternating(u: Array, order: int, power: int) -> Array:
    """``(-1)^n`` times the n-th derivative of ``sum_k>0 B_k z^(-k-power)`` at ``z = 1/u``, with ``B_1 = 1/2``."""
    tail = [b * _rising(2 * m + 2 + power, order) for m, b in enumerate(_BERNOULLI)]
    head = 0.5 * _rising(1 + power, order)
    return u ** (1 + power + order) * (head + u * _horner(tail, u * u))


def trigamma_excess_product_slope(x: Array) -> Array:
    """``(x E)' = E + x E'``, from ``-1`` at 0 to ``-1/(6 x^2)`` at infinity; accurate in epsilons of E before the series."""
    is_large = x >= _LARGE[str(x.dtype)]
    u = 1.0 / jnp.where(is_large, x, jnp.inf)
    far = -u * u * _horner([(2 * m + 1) * b for m, b in enumerate(_BERNOULLI)], u * u)
    return jnp.where(is_large, far, trigamma_excess(x, 0) + x * trigamma_excess(x, 1))


def trigamma(x: Array) -> Array:
    """``psi_1``."""
    return (1.0 + trigamma_excess(x, 0)) / x


def trigamma_reciprocal(x: Array) -> Array:
    """``1 / psi_1``: ``x^2`` near 0, ``x - 1/2`` at infinity."""
    return x / (1.0 + trigamma_excess(x, 0))


def tetragamma(x: Array) -> Array:
    """``psi_2 < 0``."""
    return -(1.0 + trigamma_excess(x, 0) - x * trigamma_excess(x, 1)) / x / x


@partial(jax.custom_jvp, nondiff_argnums=(2,))
@partial(jax.jit, static_argnums=2)
def polygamma_difference(x: Array, y: Array, order: int) -> Array:
    """``psi_n(x) - psi_n(x + y)``, to a few epsilons of the difference for n up to 3.

    Args:
        x: ``> 0``.
        y: ``> -x``, of the same shape; small or large against x.
        order: n, from 0.
    """
    low, step = jnp.minimum(x, x + y), jnp.abs(y)
    passed, is_passed, large = _moved(low)
    factor = math.factorial(order)
    a, b = 1.0 / passed, 1.0 / (passed + step[..., None])
    # The step before the powers, which may be as large as the largest number.
    terms = jnp.where(is_passed, factor * (step[..., None] * b) * (a * _mixed_powers(a, b, order)), 0.0)
    u, v = 1.0 / large, 1.0 / (large + step)
    # sum_k B_k (k+n-1)!/k! (u^(k+n) - v^(k+n)), divided by u - v = step u v; for n = 0 the first term is a logarithm.
    tail = [b_k * _rising(2 * m + 3, order - 1) if order else b_k / (2 * m + 2) for m, b_k in enumerate(_BERNOULLI)]
    value, slope = _horner_difference(tail, u * u, v * v)
    series = value * _mixed_powers(u, v, order + 1) + v ** (order + 2) * (u + v) * slope
    series = series + 0.5 * factor * _mixed_powers(u, v, order)
    if order:
        series = series + math.factorial(order - 1) * _mixed_powers(u, v, order - 1)
    size = jnp.sum(terms, axis=-1) + (step * v) * (u * series)
    size = size if order else size + jnp.log1p(step * u)
    return _positive(low, (-1) ** (order + 1) * jnp.sign(y) * size)


@polygamma_difference.defjvp
def _polygamma_difference_jvp(
    order: int, primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[Array, Array]:
    x, y = primals
    by_x = polygamma_difference(x, y, order + 1)
    return polygamma_difference(x, y, order), by_x * tangents[0] - _polygamma(x + y, order + 1) * tangents[1]


def _polygamma(x: Array, order: int) -> Array:
    """``psi_n`` for ``n > 0`` by the derivatives of ``(1 + E) / x``, which have one sign."""
    n, parts = order - 1, [1.0 + trigamma_excess(x, 0)]
    parts += [(-1) ** k * trigamma_excess(x, k) for k in range(1, order)]
    total = jnp.zeros_like(x)
    for k, part in enumerate(parts):
        term = math.comb(n, k) * math.factorial(n - k) * part
        for _ in range(n - k + 1):
            term = term / x
        total = total + term
    return (-1) ** n * total


@jax.custom_jvp
@jax.jit
def log_minus_digamma(x: Array) -> Array:
    """``log x - psi(x) > 0``: ``1/x`` at 0 and ``1/(2 x)`` at infinity; to 20 epsilons."""
    passed, is_passed, large = _moved(x)
    u = 1.0 / large
    series = u * (0.5 + u * _horner([b / (2 * m + 2) for m, b in enumerate(_BERNOULLI)], u * u))
    moved = jnp.sum(jnp.where(is_passed, 1.0 / passed, 0.0), axis=-1) + jnp.log(x * u)
    return _positive(x, series + jnp.where(is_passed[..., 0], moved, 0.0))


@log_minus_digamma.defjvp
def _log_minus_digamma_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (x,) = primals
    return log_minus_digamma(x), -trigamma_excess(x, 0) / x * tangents[0]


@jax.custom_jvp
@jax.jit
def log_gamma_remainder(x: Array) -> Array:
    """``log Gamma(x) - x log x + x``, without cancellation for large x, where it is ``log(2 pi / x) / 2 + 1/(12 x)``."""
    passed, is_passed, large = _moved(x)
    u = 1.0 / large
    series = u * _horner([b / ((2 * m + 1) * (2 * m + 2)) for m, b in enumerate(_BERNOULLI)], u * u)
    far = _HALF_LOG_TURN - 0.5 * jnp.log(large) + series
    product = jnp.prod(jnp.where(is_passed, passed * u[..., None], 1.0), axis=-1)
    moved = x * -jnp.log(x * u) - jnp.sum(is_passed, axis=-1, dtype=x.dtype) - jnp.log(product)
    return _positive(x, far + jnp.where(is_passed[..., 0], moved, 0.0))


@log_gamma_remainder.defjvp
def _log_gamma_remainder_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return log_gamma_remainder(*primals), -log_minus_digamma(*primals) * tangents[0]
