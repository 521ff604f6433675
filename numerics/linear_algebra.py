"""Small symmetric positive definite matrices: unrolled, so that batches compile to elementwise code."""

import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix


def inverse(matrix: Matrix) -> Matrix:
    """The inverse of a symmetric positive definite matrix, shape (d, d), by an unrolled Cholesky factorisation.

    NaN throughout where the matrix is not positive definite.
    """
    d = matrix.shape[0]
    factor = _cholesky(matrix)
    # Columns of the inverse of the lower triangular factor, by forward substitution.
    lower: list[list[Array]] = [[jnp.zeros_like(matrix[0, 0])] * d for _ in range(d)]
    for j in range(d):
        for i in range(j, d):
            known = sum((factor[i][k] * lower[k][j] for k in range(j, i)), start=jnp.zeros_like(matrix[0, 0]))
            lower[i][j] = ((1.0 if i == j else 0.0) - known) / factor[i][i]
    entries = [
        sum((lower[k][i] * lower[k][j] for k in range(max(i, j), d)), start=jnp.zeros_like(matrix[0, 0]))
        for i in range(d)
        for j in range(d)
    ]
    whole = jnp.stack(entries).reshape(d, d)
    return jnp.where(jnp.all(jnp.isfinite(jnp.stack([factor[i][i] for i in range(d)]))), whole, jnp.nan)


def _cholesky(matrix: Matrix) -> list[list[Array]]:
    d = matrix.shape[0]
    factor: list[list[Array]] = [[jnp.zeros_like(matrix[0, 0])] * d for _ in range(d)]
    for j in range(d):
        rest = matrix[j, j] - sum((factor[j][k] * factor[j][k] for k in range(j)), start=jnp.zeros_like(matrix[0, 0]))
        factor[j][j] = jnp.sqrt(jnp.where(rest > 0, rest, jnp.nan))
        for i in range(j + 1, d):
            known = sum((factor[i][k] * factor[j][k] for k in range(j)), start=jnp.zeros_like(matrix[0, 0]))
            factor[i][j] = (matrix[i, j] - known) / factor[j][j]
    return factor
