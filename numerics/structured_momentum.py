"""Steps that orthogonalise a gradient: that of Muon, and its form for a Fisher metric of Kronecker factors.

Source: Xu, Yan & Zhang 2026 for the step with Fisher factors; Jordan et al. 2024 for Muon.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from numerics.arrays import agreeing
from numerics.linear_algebra import cholesky, mirrored, product

Gradient = Float[Array, "m n"]
Factor = Float[Array, "k k"]


def structured_step(gradient: Gradient, rows: Factor, columns: Factor) -> Gradient:
    """``P^-1/2 polar(P^-1/2 G Q^-1/2) Q^-1/2``: steepest ascent where steps X are measured by ``|P^1/2 X Q^1/2|``.

    Its inner product with the gradient is the largest that a step of operator norm 1 in these coordinates has. Subtract a
    multiple of it to descend. With unit factors it is Muon's orthogonalised gradient.

    Args:
        gradient: G, shape (m, n); the momentum takes its place in an optimiser. In a basis of rows and columns that changes by
            ``W -> A W B`` it becomes ``A^-T G B^-T``.
        rows: P, the Fisher factor of the rows, shape (m, m), symmetric positive definite; becomes ``A^-T P A^-1``.
        columns: Q, that of the columns, shape (n, n), symmetric positive definite; becomes ``B^-1 Q B^-T``.

    Returns:
        The step, shape (m, n), which becomes ``A X B``; NaN throughout where a factor is not positive definite or an entry is
        not finite. Directions in which the gradient vanishes are left out. Only the lower triangles of the factors are read.

    Raises:
        TypeError: for dtypes other than float32 and float64, or two of them.
        ValueError: for other shapes.
    """
    gradient, rows, columns = agreeing((gradient, rows, columns), ("gradient", "rows", "columns"))
    _check_shape(gradient)
    for name, factor, size in (("rows", rows, gradient.shape[0]), ("columns", columns, gradient.shape[1])):
        if factor.shape != (size, size):
            raise ValueError(
                f"{name} has shape {factor.shape}; it must be {(size, size)} for a gradient {gradient.shape}"
            )
    return _structured_step(gradient, rows, columns)


def polar_factor(matrix: Gradient) -> Gradient:
    """``U V^T`` for ``U S V^T``, the factor of the polar decomposition, by singular values.

    Args:
        matrix: shape (m, n).

    Returns:
        The nearest matrix with orthonormal columns (or rows), shape (m, n). Where singular values vanish it is the partial
        isometry, 0 in their directions, and has no derivative there. NaN throughout where an entry is not finite.

    Raises:
        TypeError: for dtypes other than float32 and float64.
        ValueError: for other shapes.
    """
    (matrix,) = agreeing((matrix,), ("matrix",))
    _check_shape(matrix, "matrix")
    return _polar(matrix)


def _check_shape(matrix: Array, name: str = "gradient") -> None:
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"{name} has shape {matrix.shape}; it must be (m, n), one matrix: use jax.vmap for a batch")


@jax.jit
def _structured_step(gradient: Array, rows: Array, columns: Array) -> Array:
    # Every root of a factor gives the same step, and triangular ones are the cheapest.
    left, right = cholesky(mirrored(rows)), cholesky(mirrored(columns))
    solve = partial(jax.scipy.linalg.solve_triangular, lower=True)
    whitened = solve(right, solve(left, gradient).T).T
    polar = _polar(whitened)
    return solve(right, solve(left, polar, trans="T").T, trans="T").T


@jax.custom_jvp
def _polar(matrix: Array) -> Array:
    left, values, right = _singular(matrix)
    return product(left * (values > 0), right)


@_polar.defjvp
def _polar_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (matrix,), (change,) = primals, tangents
    if matrix.shape[0] < matrix.shape[1]:
        value, slope = jax.jvp(_polar, (matrix.T,), (change.T,))
        return value.T, slope.T
    # No differences of singular values in the denominator, unlike in the derivative of the decomposition.
    left, values, right = _singular(matrix)
    inside = product(left.T, change, right.T)
    turn = (inside - inside.T) / (values[:, None] + values[None, :])
    outside = product(change, right.T) - product(left, inside)
    slope = product(product(left, turn) + outside / values, right)
    return product(left * (values > 0), right), slope


def _singular(matrix: Array) -> tuple[Array, Array, Array]:
    """Singular vectors and values, 0 for values that are rounding."""
    is_finite = jnp.all(jnp.isfinite(matrix))
    left, values, right = jnp.linalg.svd(jnp.where(is_finite, matrix, 0.0), full_matrices=False)
    least = max(matrix.shape) * jnp.finfo(matrix.dtype).eps * values[0]
    values = jnp.where(values > least, values, 0.0)
    return jnp.where(is_finite, left, jnp.nan), values, right
