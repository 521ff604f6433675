"""Exponential families as a textbook has them, and their geometry by automatic differentiation of the log-partition.

Natural parameters are those of efax, in the order in which it lays them out, so that its Fisher matrices can be compared.
"""

# ruff: noqa: ARG005  every law is handed its sizes, also where it finds them in the point

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln, logsumexp

from numerics.riemannian import from_christoffel, from_metric


def coordinates(case, theta):
    """The natural parameters of a point of the usual chart, shape (d,)."""
    return _NATURAL[case.name](theta, **dict(case.sizes))


def log_partition(case, eta):
    """The log-partition, without terms that do not depend on eta."""
    return _LOG_PARTITION[case.name](eta, **dict(case.sizes))


@functools.cache
def automatic(case):
    """The functions of the usual chart, for one point or two, by name."""
    natural = functools.partial(coordinates, case)
    potential = functools.partial(log_partition, case)

    def metric(theta):
        jacobian = jax.jacfwd(natural)(theta)
        return jacobian.T @ jax.hessian(potential)(natural(theta)) @ jacobian

    def kl(theta, other):
        first, second = natural(theta), natural(other)
        value, slope = jax.value_and_grad(potential)(first)
        return potential(second) - value - slope @ (second - first)

    functions = from_metric(metric)
    return functions | from_christoffel(metric, functions["christoffel"]) | {"kl": kl}


def _upper(matrix):
    """The upper triangle, row by row."""
    return matrix[np.triu_indices(matrix.shape[0])]


def from_lower(entries, dimension):
    """The symmetric matrix of a lower triangle, row by row."""
    matrix = jnp.zeros((dimension, dimension), entries.dtype).at[np.tril_indices(dimension)].set(entries)
    return matrix + matrix.T - jnp.diag(jnp.diagonal(matrix))


def _from_upper(entries, dimension):
    matrix = jnp.zeros((dimension, dimension), entries.dtype).at[np.triu_indices(dimension)].set(entries)
    return matrix + matrix.T - jnp.diag(jnp.diagonal(matrix))


def _centred(theta, dimension):
    return _upper(-0.5 * jnp.linalg.inv(from_lower(theta, dimension)))


def _normal(theta, dimension):
    precision = jnp.linalg.inv(from_lower(theta[dimension:], dimension))
    return jnp.concatenate([precision @ theta[:dimension], _upper(-0.5 * precision)])


def _diagonal_normal(theta, dimension):
    mean, precision = theta[:dimension], theta[dimension:] ** -2
    return jnp.concatenate([mean * precision, -0.5 * precision])


def _isotropic_normal(theta, dimension):
    return jnp.append(theta[:-1] / theta[-1] ** 2, -0.5 / theta[-1] ** 2)


def _half_log_determinant(eta, dimension):
    return -0.5 * jnp.linalg.slogdet(-_from_upper(eta, dimension))[1]


def _normal_potential(eta, dimension):
    matrix = _from_upper(eta[dimension:], dimension)
    first = eta[:dimension]
    return -0.25 * first @ jnp.linalg.solve(matrix, first) + _half_log_determinant(eta[dimension:], dimension)


def _direction(theta, dimension):
    """``kappa mu`` on the sphere of R^3."""
    kappa, polar, azimuth = theta
    sine = jnp.sin(polar)
    return kappa * jnp.stack([jnp.cos(polar), sine * jnp.cos(azimuth), sine * jnp.sin(azimuth)])


def _sphere_potential(eta, dimension):
    kappa = jnp.sqrt(eta @ eta)
    return kappa + jnp.log(-jnp.expm1(-2 * kappa) / kappa)


def _log_odds(theta, trials=1, categories=2):
    return jnp.log(theta / (1 - jnp.sum(theta)))


def _softplus(eta, trials=1, categories=2):
    return trials * logsumexp(jnp.append(eta, 0.0))


def _log_gammas(eta, categories=2):
    return jnp.sum(gammaln(eta + 1)) - gammaln(jnp.sum(eta + 1))


_NATURAL = {
    "gaussian": lambda t: jnp.stack([t[0] / t[1] ** 2, -0.5 / t[1] ** 2]),
    "beta": lambda t: t - 1,
    "gamma": lambda t: jnp.stack([-t[1], t[0] - 1]),
    "inverse_gaussian": lambda t: jnp.stack([-0.5 * t[1] / t[0] ** 2, -0.5 * t[1]]),
    "exponential": lambda t: -t,
    "poisson": jnp.log,
    "geometric": lambda t: jnp.log1p(-t),
    "negative_binomial": lambda t, successes: jnp.log1p(-t),
    "binomial": _log_odds,
    "categorical": _log_odds,
    "multinomial": _log_odds,
    "dirichlet": lambda t, categories: t - 1,
    "isotropic_normal": _isotropic_normal,
    "diagonal_normal": _diagonal_normal,
    "fixed_mean_normal": _centred,
    "multivariate_normal": _normal,
    "von_mises_fisher": _direction,
}
_LOG_PARTITION = {
    "gaussian": lambda e: -0.25 * e[0] ** 2 / e[1] - 0.5 * jnp.log(-e[1]),
    "beta": _log_gammas,
    "gamma": lambda e: gammaln(e[1] + 1) - (e[1] + 1) * jnp.log(-e[0]),
    "inverse_gaussian": lambda e: -0.5 * jnp.log(-e[1]) - 2 * jnp.sqrt(e[0] * e[1]),
    "exponential": lambda e: -jnp.log(-e[0]),
    "poisson": lambda e: jnp.exp(e[0]),
    "geometric": lambda e: -jnp.log1p(-jnp.exp(e[0])),
    "negative_binomial": lambda e, successes: -successes * jnp.log1p(-jnp.exp(e[0])),
    "binomial": _softplus,
    "categorical": _softplus,
    "multinomial": _softplus,
    "dirichlet": _log_gammas,
    "isotropic_normal": lambda e, dimension: (
        -0.25 * e[:-1] @ e[:-1] / e[-1] - 0.5 * dimension * jnp.log(-e[-1] / math.pi)
    ),
    "diagonal_normal": lambda e, dimension: jnp.sum(
        -0.25 * e[:dimension] ** 2 / e[dimension:] - 0.5 * jnp.log(-e[dimension:])
    ),
    "fixed_mean_normal": _half_log_determinant,
    "multivariate_normal": _normal_potential,
    "von_mises_fisher": _sphere_potential,
}
