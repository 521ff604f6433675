"""Newton-Schulz iterations, which orthogonalise a matrix by products of matrices.

Source: Higham 2008, Functions of Matrices, section 8.3, for the cubic iteration; Jordan et al. 2024 for Muon's quintic one.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from numerics.arrays import as_floating
from numerics.linear_algebra import norm, product

Rectangle = Float[Array, "m n"]
Coefficients = tuple[float, float, float]

MUON: Coefficients = (3.4445, -4.7750, 2.0315)
CUBIC: Coefficients = (1.5, -0.5, 0.0)


def newton_schulz(matrix: Rectangle, steps: int = 5, coefficients: Coefficients = MUON) -> Rectangle:
    """The iteration ``X -> a X + b X X^T X + c X X^T X X^T X``, from the matrix divided by its Frobenius norm.

    With ``CUBIC`` it converges to the polar factor; with ``MUON`` the singular values end between 0.6818 and 1.1344.

    Args:
        matrix: shape (m, n).
        steps: how many, at least 0.
        coefficients: a, b and c.

    Returns:
        The last iterate, shape (m, n); 0 for the matrix 0, NaN throughout where an entry is not finite.

    Raises:
        TypeError: for dtypes other than float32 and float64.
        ValueError: for other shapes, a number of steps that is no integer of at least 0, and other than three coefficients.
    """
    matrix = as_floating(matrix, "matrix")
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"matrix has shape {matrix.shape}; it must be (m, n), one matrix: use jax.vmap for a batch")
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
        raise ValueError(f"steps = {steps!r}; its domain is the integers from 0")
    if len(coefficients) != 3:
        raise ValueError(f"coefficients = {coefficients!r}; they are three numbers")
    return _newton_schulz(matrix, steps, tuple(map(float, coefficients)))


@partial(jax.jit, static_argnames=("steps", "coefficients"))
def _newton_schulz(matrix: Array, steps: int, coefficients: Coefficients) -> Array:
    if matrix.shape[0] < matrix.shape[1]:
        return _newton_schulz(matrix.T, steps, coefficients).T
    size = norm(matrix.reshape(-1))
    first, third, fifth = coefficients

    def step(_: int, iterate: Array) -> Array:
        square = product(iterate.T, iterate)
        return first * iterate + product(iterate, third * square + fifth * product(square, square))

    return jax.lax.fori_loop(0, steps, step, matrix / jnp.where(size == 0, 1.0, size))
