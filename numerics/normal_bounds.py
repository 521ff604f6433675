r"""Lower and upper bounds of the Fisher-Rao distance of multivariate normal laws, each by a closed form.

Both are exact lengths in a larger or smaller space and hold up to rounding, whatever the points; both are the distance
itself for equal means, and the upper one for p = 1 too.
"""

import math

import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.linear_algebra import cholesky, inverse, norm
from numerics.normal_exponential import times, to_frame
from numerics.normal_frame import solve
from numerics.normal_logarithm import hyperbolic_sine
from numerics.parameters import symmetric
from numerics.symmetric_functions import arcsinh_symmetric


def bounds(theta: Point, other: Point, size: int) -> Array:
    """Lower and upper bound, shape (2,)."""
    w = to_frame(cholesky(symmetric(theta[size:], size)), other - theta)
    upper = jnp.minimum(lifted_length(w, size), broken_length(w, size))
    return jnp.stack([embedded_distance(w, size), upper])


def embedded_distance(w: Point, size: int) -> Scalar:
    """The distance of ``[[Sigma + mu mu^T, mu], [mu^T, 1]]`` among positive definite matrices: a lower bound.

    The embedding keeps lengths, and geodesics outside of its image are shorter (Calvo & Oller 1990, section 2).

    Args:
        w: ``(mu, Sigma - 1)``, seen from the other law.
        size: p.
    """
    mean, change = w[:size], symmetric(w[size:], size)
    unit = jnp.eye(size, dtype=w.dtype)
    both = unit + inverse(unit + change)
    side = times(both, mean)
    # S - S^-1, with Sigma - P = (1 + P)(Sigma - 1).
    top = jnp.concatenate([times(both, change) + jnp.outer(mean, mean), side[:, None]], axis=1)
    bottom = jnp.append(side, jnp.vdot(mean, mean, precision="highest") - jnp.vdot(mean, side, precision="highest"))
    return math.sqrt(0.5) * _log_norm(0.5 * jnp.concatenate([top, bottom[None]]))


def lifted_length(w: Point, size: int) -> Scalar:
    """``|log E| / 2`` of the untwisted point over the law: an upper bound.

    It is the length of a geodesic of the symmetric space over the normal laws, and the projection shortens
    (:mod:`numerics.normal_geodesics`; Kobayashi 2023).
    """
    return 0.5 * _log_norm(hyperbolic_sine(w, jnp.zeros((size, size), w.dtype), size))


def broken_length(w: Point, size: int) -> Scalar:
    """The shorter of two paths in two pieces: to the other mean, and to the other covariance, one after the other.

    With equal covariances the laws lie in a hyperbolic plane, at ``2 sqrt(2) arsinh(m / (2 sqrt 2))`` for means m standard
    deviations apart; with equal means among positive definite matrices (Skovgaard 1984).
    """
    mean, change = w[:size], symmetric(w[size:], size)
    unit = jnp.eye(size, dtype=w.dtype)
    precision = inverse(unit + change)
    whitened = solve(cholesky(unit + change), mean)
    shift = jnp.minimum(norm(mean), norm(whitened))
    root = 2.0 * math.sqrt(2.0)
    across = root * jnp.arcsinh(shift / root)
    return across + math.sqrt(0.5) * _log_norm(0.5 * times(unit + precision, change))


def _log_norm(sine: Matrix) -> Scalar:
    """``|log S|`` from ``(S - S^-1)/2``, which keeps the digits of S near 1 and of both ends of its spectrum."""
    return norm(arcsinh_symmetric(0.5 * (sine + sine.T)).reshape(-1))
