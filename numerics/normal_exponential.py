"""The exponential map of the multivariate normal laws from the standard one: see :mod:`numerics.normal_geodesics`."""

import math

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point
from numerics.linear_algebra import cholesky, norm
from numerics.normal_frame import solve
from numerics.parameters import lower, symmetric

_PIECES = 16
_TERMS = 24
_LONGEST = 2.0 * _PIECES


def to_frame(factor: Array, v: Point) -> Point:
    """A difference of two points, in the frame."""
    size = factor.shape[0]
    half = solve(factor, symmetric(v[size:], size))
    return jnp.concatenate([solve(factor, v[:size]), lower(solve(factor, half.T))])


def exp_standard(u: Point, size: int) -> Point:
    """``(mu, Sigma - 1)`` at the end of the geodesic from ``(0, 1)`` with velocity ``u = (a, B)``, shape (d,).

    It is run in pieces, each in the frame of its start, so that no exponential of a long way has to cancel; the change
    from 1 is kept apart from 1, so that short ways keep their digits.
    """
    mean, spread = u[:size] / _PIECES, symmetric(u[size:], size) / _PIECES
    unit = jnp.eye(size, dtype=u.dtype)

    def piece(_: Array, state: tuple[Array, ...]) -> tuple[Array, ...]:
        place, change, factor, a, b = state
        moved = _expm1(_generator(a, b))
        inner = cholesky(unit + moved[:size, :size])
        # Sigma = E_11^-1 = K K^T with K = inner^-T.
        columns = solve(inner, unit).T
        step = times(columns, times(columns.T, moved[:size, size]))
        grown = -times(columns, times(columns.T, moved[:size, :size]))
        grown = 0.5 * (grown + grown.T)
        place = place + times(factor, step)
        change = change + congruent(factor, grown)
        # Sigma^-1 mu' and Sigma^-1 (Sigma' + mu' mu^T) are conserved along a geodesic.
        kept = b - jnp.outer(a, step)
        turned = times(times(columns.T, kept), inner)
        return place, change, times(factor, columns), times(columns.T, a), 0.5 * (turned + turned.T)

    start = (jnp.zeros_like(mean), jnp.zeros_like(spread), unit, mean, spread)
    place, change, *_ = jax.lax.fori_loop(0, _PIECES, piece, start)
    is_in_reach = norm(u) < _LONGEST
    return jnp.where(is_in_reach, jnp.concatenate([place, lower(change)]), jnp.nan)


def _generator(a: Array, b: Array) -> Array:
    """``[[-b, a, 0], [a^T, 0, -a^T], [0, -a, b]]``, shape (2p + 1, 2p + 1)."""
    column, zero = a[:, None], jnp.zeros_like(b)
    middle = jnp.concatenate([a, jnp.zeros((1,), a.dtype), -a])[None]
    top = jnp.concatenate([-b, column, zero], axis=1)
    return jnp.concatenate([top, middle, jnp.concatenate([zero, -column, b], axis=1)])


def _expm1(matrix: Matrix) -> Matrix:
    """``exp(A) - 1`` by its series, for norms up to about 3; each entry relative to the size of A."""
    # Paterson and Stockmeyer: powers up to the fourth, then a polynomial in that one.
    square = times(matrix, matrix)
    powers = [jnp.eye(matrix.shape[0], dtype=matrix.dtype), matrix, square, times(square, matrix)]
    fourth = times(square, square)
    series = jnp.zeros_like(matrix)
    for start in range(_TERMS - 4, -1, -4):
        series = times(fourth, series)
        for i, power in enumerate(powers):
            series = series + power * (1 / math.factorial(start + i + 1))
    return times(matrix, series)


def times(left: Array, right: Array) -> Array:
    """The product of matrices, or of a matrix and a vector."""
    return jnp.matmul(left, right, precision="highest")


def congruent(factor: Matrix, matrix: Matrix) -> Matrix:
    """``F S F^T``."""
    return times(times(factor, matrix), factor.T)
