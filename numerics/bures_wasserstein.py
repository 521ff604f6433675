"""The Wasserstein distance of normal laws, in the form that does not cancel where the laws are close.

Source: Gelbrich 1990; the optimal map is ``x -> m1 + K (x - m0)`` with ``K S0 K = S1``.
"""

import jax.numpy as jnp

from numerics.arrays import Matrix, Point, Scalar
from numerics.linear_algebra import product

# The relative error of the map shrinks by its distance from 1 with each.
_CORRECTIONS = 8


def squared_distance(shift: Point, covariance: Matrix, change: Matrix) -> Scalar:
    """``W2^2`` between ``N(m, S)`` and ``N(m + shift, S + change)``: ``|shift|^2 + tr(X S X)`` with ``X = K - 1``.

    Args:
        shift: difference of the means, shape (d,).
        covariance: S, symmetric positive definite, shape (d, d).
        change: difference of the covariances, shape (d, d), which the caller may know better than by subtraction.

    Returns:
        The squared distance; NaN where one of the covariances is not positive definite.
    """
    excess = map_excess(covariance, change)
    return jnp.vdot(shift, shift) + jnp.einsum("ij,jk,ki->", excess, covariance, excess, precision="highest")


def map_excess(covariance: Matrix, change: Matrix) -> Matrix:
    """``X = K - 1`` of the optimal map from ``N(0, S)`` to ``N(0, S + change)``, symmetric, shape (d, d)."""
    values, vectors = jnp.linalg.eigh(covariance)
    values = jnp.where(values > 0, values, jnp.nan)
    root = jnp.sqrt(values)
    # In the eigenbasis of S, where S is diagonal and K = S^-1/2 (S^1/2 S1 S^1/2)^1/2 S^-1/2.
    difference = product(vectors.T, change, vectors)
    scaled = root[:, None] * difference * root[None, :] + jnp.diag(values * values)
    inner, frame = jnp.linalg.eigh(0.5 * (scaled + scaled.T))
    inner = jnp.where(inner > 0, inner, jnp.nan)
    middle = product(frame * jnp.sqrt(inner), frame.T)
    excess = middle / (root[:, None] * root[None, :]) - jnp.eye(len(values), dtype=values.dtype)
    # Close to 1 the difference has lost digits; X S + S X + X S X = change restores them.
    is_close = jnp.max(jnp.abs(excess)) < 0.1
    for _ in range(_CORRECTIONS):
        missing = difference - excess * values[None, :] - values[:, None] * excess
        missing = missing - product(excess * values, excess)
        excess = excess + jnp.where(is_close, missing / (values[:, None] + values[None, :]), 0.0)
    return product(vectors, excess, vectors.T)
