"""Functions of symmetric matrices that can be differentiated where eigenvalues meet.

The derivative is the Daleckii-Krein formula: divided differences of the function in the frame of the eigenvectors (Bhatia
2007, Positive Definite Matrices, theorem 2.3.1).
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Scalar
from numerics.linear_algebra import norm


def exp_symmetric(matrix: Matrix) -> Matrix:
    """The exponential of a symmetric matrix, shape (d, d)."""
    return _spectral(jnp.exp, jnp.exp, matrix)


def log_symmetric(change: Matrix) -> Matrix:
    """``log(1 + change)`` of a symmetric matrix with eigenvalues above -1, shape (d, d); NaN for others."""
    return _spectral(jnp.log1p, lambda x: 1.0 / (1.0 + x), change)


def arcsinh_symmetric(matrix: Matrix) -> Matrix:
    """``arsinh`` of a symmetric matrix, shape (d, d)."""
    return _spectral(jnp.arcsinh, lambda x: 1.0 / jnp.sqrt(1.0 + x * x), matrix)


def spread(change: Matrix) -> Scalar:
    """The norm of ``log(1 + change)``: its value by eigenvalues alone, its gradient 0 at 0."""

    @jax.custom_jvp
    def value(change: Matrix) -> Scalar:
        return norm(jnp.log1p(jnp.linalg.eigvalsh(change)))

    @value.defjvp
    def _(primals: tuple[Matrix], tangents: tuple[Matrix]) -> tuple[Scalar, Scalar]:
        (change,), (tangent,) = primals, tangents
        eigenvalues, vectors = jnp.linalg.eigh(change)
        logarithms = jnp.log1p(eigenvalues)
        length = norm(logarithms)
        diagonal = jnp.einsum("ia,ij,ja->a", vectors, tangent, vectors, precision="highest")
        slope = jnp.sum(logarithms / (1.0 + eigenvalues) * diagonal)
        return length, jnp.where(length > 0, slope / jnp.where(length > 0, length, 1.0), 0.0)

    return value(change)


def _spectral(function: Callable[[Array], Array], slope: Callable[[Array], Array], matrix: Matrix) -> Matrix:
    @jax.custom_jvp
    def value(matrix: Matrix) -> Matrix:
        eigenvalues, vectors = jnp.linalg.eigh(matrix)
        return jnp.einsum("ia,a,ja->ij", vectors, function(eigenvalues), vectors, precision="highest")

    @value.defjvp
    def _(primals: tuple[Matrix], tangents: tuple[Matrix]) -> tuple[Matrix, Matrix]:
        (matrix,), (tangent,) = primals, tangents
        eigenvalues, vectors = jnp.linalg.eigh(matrix)
        values = function(eigenvalues)
        gap = eigenvalues[:, None] - eigenvalues[None, :]
        middle = 0.5 * (eigenvalues[:, None] + eigenvalues[None, :])
        # Below this gap the difference of the values is rounding, and the slope in the middle is as good.
        is_apart = jnp.abs(gap) > jnp.finfo(gap.dtype).eps ** (1 / 3) * (1.0 + jnp.abs(middle))
        quotients = (values[:, None] - values[None, :]) / jnp.where(is_apart, gap, 1.0)
        quotients = jnp.where(is_apart, quotients, slope(middle))
        inner = jnp.einsum("ia,ij,jb->ab", vectors, tangent, vectors, precision="highest")
        change = jnp.einsum("ia,ab,jb->ij", vectors, quotients * inner, vectors, precision="highest")
        return jnp.einsum("ia,a,ja->ij", vectors, values, vectors, precision="highest"), change

    return value(matrix)
