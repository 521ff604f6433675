"""The natural gradient: the gradient of a loss with its index raised by a metric.

Source: Amari 1998, Natural gradient works efficiently in learning, Neural Computation 10.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import agreeing
from numerics.linear_algebra import inverse, mirrored

# Up to this size unrolled code compiles fast and runs faster than a factorisation routine.
_UNROLLED = 8


def natural_gradient(metric: Array, gradient: Array) -> Array:
    """The solution v of ``metric @ v = gradient``.

    Composes with ``jit``, ``vmap``, ``grad`` and ``jacfwd`` and follows the dtype of its input.

    Args:
        metric: symmetric positive definite, shape (d, d); only its lower triangle is read.
        gradient: the derivatives of a loss, shape (d,).

    Returns:
        The natural gradient, shape (d,), with a residual of a few roundings after one step of refinement; NaN where
        the metric is not positive definite.

    Raises:
        ValueError: if the shapes are not (d, d) and (d,).
        TypeError: for a dtype other than float32 and float64, or two different ones.
    """
    metric, gradient = agreeing((metric, gradient), ("metric", "gradient"))
    if gradient.ndim != 1 or metric.shape != (*gradient.shape, *gradient.shape):
        raise ValueError(
            f"metric has shape {metric.shape} and gradient {gradient.shape}; they must be (d, d) and (d,): "
            "use jax.vmap for a batch"
        )
    metric = mirrored(metric)
    solve = _solver(metric)
    first = solve(gradient)
    return first + solve(gradient - _apply(metric, first))


def velocity(metric: Callable[[Array], Array], loss: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The velocity ``-g^-1 dL`` of the natural-gradient flow as a function of a point of shape (d,).

    Args:
        metric: a point to a matrix of shape (d, d).
        loss: a point to a scalar, in JAX.
    """
    return lambda theta: -natural_gradient(metric(theta), jax.grad(loss)(theta))


def _solver(metric: Array) -> Callable[[Array], Array]:
    if metric.shape[0] <= _UNROLLED:
        inverted = inverse(metric)
        return lambda right: _apply(inverted, right)
    # The factor is NaN where the metric is not positive definite.
    factor = jnp.linalg.cholesky(metric)
    return lambda right: jax.scipy.linalg.cho_solve((factor, True), right)


def _apply(matrix: Array, vector: Array) -> Array:
    return jnp.einsum("ij,j->i", matrix, vector, precision="highest")
