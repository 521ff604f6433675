r"""Geodesics of the multivariate normal laws, by matrix exponentials.

In the frame that takes the start to ``(0, 1)``, the geodesic with initial velocity ``(a, B)`` is the corner of a matrix
exponential: with

    A = [[-B, a, 0], [a^T, 0, -a^T], [0, -a, B]]    and    E = exp A,    Sigma = E_11^-1    and    mu = Sigma E_12

(Eriksen 1987; Calvo & Oller 1991). All ``E = exp [[-B, a, C], [a^T, 0, -a^T], [-C, -a, B]]`` with antisymmetric C form a
symmetric space of nonpositive curvature that lies over the normal laws: ``d <= |log E| / 2``, and the geodesics of the laws
are those with C = 0 (Kobayashi 2023). So the logarithm is the nearest E over the target: a smooth minimisation in the
``p (p - 1) / 2`` entries of C, of which the solution is polished by Newton's method on the exponential.
"""

import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.linear_algebra import cholesky, norm
from numerics.normal_exponential import congruent, exp_standard, times, to_frame
from numerics.normal_frame import standard_normal
from numerics.normal_logarithm import log_standard
from numerics.parameters import lower, symmetric


def exp(theta: Point, v: Point, size: int) -> Point:
    """The end after unit time of the geodesic from theta with velocity v, in mean and lower triangle of the covariance.

    The relative error grows like ``exp(sqrt(2) length)`` epsilons, as the distance of two geodesics does; NaN for a frame
    velocity of norm above 32.
    """
    factor = cholesky(symmetric(theta[size:], size))
    return _to_usual(theta, factor, exp_standard(to_frame(factor, v), size))


def log(theta: Point, other: Point, size: int) -> Point:
    """The initial velocity of the geodesic that reaches ``other`` in unit time; NaN where the search does not settle."""
    factor = cholesky(symmetric(theta[size:], size))
    velocity = log_standard(to_frame(factor, other - theta), size)
    return _to_usual(jnp.zeros_like(theta), factor, velocity)


def distance(theta: Point, other: Point, size: int) -> Scalar:
    """The length of the logarithm, with the gradient 0 where the points meet; NaN where the logarithm is."""
    factor = cholesky(symmetric(theta[size:], size))
    velocity = log_standard(to_frame(factor, other - theta), size)
    return norm(jnp.sqrt(jnp.asarray(standard_normal(size).metric, theta.dtype)) * velocity)


def _to_usual(start: Point, factor: Array, u: Point) -> Point:
    size = factor.shape[0]
    return start + jnp.concatenate([times(factor, u[:size]), lower(congruent(factor, symmetric(u[size:], size)))])
