"""Small symmetric positive definite matrices: unrolled, so that batches compile to elementwise code."""

from functools import partial, reduce

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar

_Rows = list[list[Array]]
_UNROLLED = 8


def product(*matrices: Array) -> Array:
    """The matrix product of two or more factors, in full precision on every device."""
    return reduce(partial(jnp.matmul, precision="highest"), matrices)


def mirrored(matrix: Matrix) -> Matrix:
    """The symmetric matrix that has the lower triangle of a matrix, shape (d, d)."""
    return jnp.tril(matrix) + jnp.tril(matrix, -1).T


def inverse(matrix: Matrix) -> Matrix:
    """The inverse of a symmetric positive definite matrix, shape (d, d), by an unrolled Cholesky factorisation.

    NaN throughout where the matrix is not positive definite.
    """
    d = matrix.shape[0]
    rows = _inverse_factor(matrix)
    entries = [sum(rows[k][i] * rows[k][j] for k in range(max(i, j), d)) for i in range(d) for j in range(d)]
    return _where_definite(rows, jnp.stack(entries).reshape(d, d))


def inverse_factor(matrix: Matrix) -> Matrix:
    """The lower triangular ``W`` with ``W matrix W^T = 1``, shape (d, d), unrolled.

    NaN throughout where the matrix is not positive definite.
    """
    d = matrix.shape[0]
    rows = _inverse_factor(matrix)
    zero = jnp.zeros_like(matrix[0, 0])
    entries = [rows[i][j] if j <= i else zero for i in range(d) for j in range(d)]
    return _where_definite(rows, jnp.stack(entries).reshape(d, d))


def cholesky(matrix: Matrix) -> Matrix:
    """The lower triangular ``L`` with ``L L^T = matrix``, shape (d, d); unrolled up to eight rows.

    NaN throughout where the matrix is not positive definite.
    """
    d = matrix.shape[0]
    if d > _UNROLLED:
        return jnp.linalg.cholesky(matrix)
    rows = _cholesky(matrix)
    zero = jnp.zeros_like(matrix[0, 0])
    entries = [rows[i][j] if j <= i else zero for i in range(d) for j in range(d)]
    return _where_definite(rows, jnp.stack(entries).reshape(d, d))


def _where_definite(rows: _Rows, value: Matrix) -> Matrix:
    diagonal = jnp.stack([row[-1] for row in rows])
    return jnp.where(jnp.all(jnp.isfinite(diagonal)), value, jnp.nan)


def _inverse_factor(matrix: Matrix) -> _Rows:
    """The rows of the inverse of the lower triangular factor, by forward substitution."""
    factor = _cholesky(matrix)
    rows: _Rows = []
    for i, row in enumerate(factor):
        last = 1.0 / row[i]
        rows.append([-sum(row[k] * rows[k][j] for k in range(j, i)) * last for j in range(i)] + [last])
    return rows


def _cholesky(matrix: Matrix) -> _Rows:
    factor: _Rows = []
    for i in range(matrix.shape[0]):
        row: list[Array] = []
        for j in range(i + 1):
            known = sum(
                (a * b for a, b in zip(row, factor[j] if j < i else row, strict=False)), start=0.0 * matrix[0, 0]
            )
            rest = matrix[i, j] - known
            row.append(jnp.sqrt(jnp.where(rest > 0, rest, jnp.nan)) if i == j else rest / factor[j][j])
        factor.append(row)
    return factor


def norm(vector: Point) -> Scalar:
    """The Euclidean norm without overflow and underflow, with the gradient 0 at 0."""
    big = jnp.max(jnp.abs(vector))
    is_positive = big > 0
    unit = vector / jax.lax.stop_gradient(jnp.where(is_positive, big, 1.0))
    square = jnp.sum(unit * unit)
    size = jax.lax.stop_gradient(big) * jnp.sqrt(jnp.where(is_positive, square, 1.0))
    return jnp.where(big == 0, 0.0, size)
