r"""Stochastic interpolants between mixtures of normal laws, in closed form: density, score and velocity.

``x = alpha x_0 + beta x_1 + gamma z`` with independent ends and noise; at a time the interpolant is its coefficients
``(alpha, beta, gamma)`` and their rates. Given which component either end came from, everything is normal.

Source: Albergo, Boffi and Vanden-Eijnden 2023.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar, agreeing


class Mixture(NamedTuple):
    """A mixture of k normal laws in d dimensions.

    Attributes:
        weights: positive, of sum 1, shape (k,).
        means: shape (k, d).
        covariances: symmetric positive definite, shape (k, d, d).
    """

    weights: Array
    means: Array
    covariances: Array


def log_density(first: Mixture, last: Mixture, coefficients: Array, x: Point) -> Scalar:
    """``log rho(x)``; NaN unless gamma is positive.

    Args:
        first: the law of ``x_0``.
        last: the law of ``x_1``, in as many dimensions.
        coefficients: alpha, beta and gamma, shape (3,).
        x: shape (d,).

    Raises:
        TypeError: for arrays that are not floating, or of different dtypes.
        ValueError: for wrong shapes, naming the argument.
    """
    return jax.nn.logsumexp(_parts(first, last, coefficients, x)[0])


def conditional_means(first: Mixture, last: Mixture, coefficients: Array, x: Point) -> Array:
    """``E[x_0 | x]``, ``E[x_1 | x]`` and ``E[z | x]``, shape (3, d); arguments as for :func:`log_density`."""
    logs, means = _parts(first, last, coefficients, x)
    return jnp.einsum("k,kcd->cd", jax.nn.softmax(logs), means, precision="highest")


def score(first: Mixture, last: Mixture, coefficients: Array, x: Point) -> Point:
    """``grad log rho(x) = -E[z | x] / gamma``, shape (d,)."""
    return -conditional_means(first, last, coefficients, x)[2] / coefficients[2]


def velocity(first: Mixture, last: Mixture, coefficients: Array, rates: Array, x: Point) -> Point:
    """``b(x) = E[alpha' x_0 + beta' x_1 + gamma' z | x]``, shape (d,), for the rates of the coefficients, shape (3,)."""
    coefficients, rates, x = agreeing((coefficients, rates, x), ("coefficients", "rates", "x"))
    if rates.shape != (3,):
        raise ValueError(f"rates has shape {rates.shape}; it must be (3,)")
    return jnp.einsum("c,cd->d", rates, conditional_means(first, last, coefficients, x), precision="highest")


def _parts(first: Mixture, last: Mixture, coefficients: Array, x: Point) -> tuple[Array, Array]:
    """For every pair of components its log weight times density at x, shape (k,), and the conditional means, (k, 3, d)."""
    names = ("first.weights", "first.means", "first.covariances", "last.weights", "last.means", "last.covariances")
    *parts, coefficients, x = agreeing((*first, *last, coefficients, x), (*names, "coefficients", "x"))
    first, last = Mixture(*parts[:3]), Mixture(*parts[3:])
    if x.ndim != 1:
        raise ValueError(f"x has shape {x.shape}; it must be (d,)")
    d = x.shape[0]
    for name, law in (("first", first), ("last", last)):
        k = law.weights.shape[0] if law.weights.ndim == 1 else 0
        if k == 0 or law.means.shape != (k, d) or law.covariances.shape != (k, d, d):
            shapes = [part.shape for part in law]
            raise ValueError(f"{name} has parts of shapes {shapes}; they must be (k,), (k, {d}) and (k, {d}, {d})")
    if coefficients.shape != (3,):
        raise ValueError(f"coefficients has shape {coefficients.shape}; it must be (3,)")
    alpha, beta, gamma = coefficients
    gamma = jnp.where(gamma > 0, gamma, jnp.nan)
    unit = jnp.eye(d, dtype=x.dtype)

    def pair(weight: Scalar, means: Array, covariances: Array) -> tuple[Scalar, Array]:
        law = alpha**2 * covariances[0] + beta**2 * covariances[1] + gamma**2 * unit
        factor = jnp.linalg.cholesky(law)
        away = x - alpha * means[0] - beta * means[1]
        solved = jax.scipy.linalg.cho_solve((factor, True), away)
        log = jnp.log(weight) - 0.5 * jnp.vdot(away, solved) - jnp.sum(jnp.log(jnp.diagonal(factor)))
        mixed = jnp.stack([alpha * covariances[0], beta * covariances[1], gamma * unit])
        start = jnp.concatenate([means, jnp.zeros((1, d), x.dtype)])
        return log - 0.5 * d * math.log(2.0 * math.pi), start + jnp.einsum(
            "cij,j->ci", mixed, solved, precision="highest"
        )

    def paired(one: Array, other: Array) -> Array:
        """All pairs of components, shape (k, 2, ...)."""
        shape = (one.shape[0], other.shape[0], *one.shape[1:])
        both = jnp.broadcast_to(one[:, None], shape), jnp.broadcast_to(other[None], shape)
        return jnp.stack(both, axis=2).reshape(-1, 2, *one.shape[1:])

    weights = jnp.prod(paired(first.weights, last.weights), axis=1)
    return jax.vmap(pair)(weights, paired(first.means, last.means), paired(first.covariances, last.covariances))
