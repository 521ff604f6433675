"""Changes of chart: random smooth diffeomorphisms, pulled-back tensors, geometry from a divergence.

A map ``x = phi(y)`` pulls covariant tensors back from x to y; index order as in :mod:`derivations.riemannian`.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from numerics.linear_algebra import inverse

Map = Callable[[Array], Array]


def diffeomorphism(y: Array, linear: Array, waves: Array, bends: Array) -> Array:
    """A smooth diffeomorphism of R^d: ``x = linear @ z`` with ``z_i = y_i + bends_i tanh y_i + sum_j waves_ij sin y_j``.

    The sum is over ``j < i``, so that the Jacobian of z is triangular, with ``1 + bends_i / cosh(y_i)^2`` on its
    diagonal.

    Args:
        y: a point, shape (d,).
        linear: an invertible matrix, shape (d, d).
        waves: shape (d, d); only what is below the diagonal counts.
        bends: shape (d,), each above -1.

    Returns:
        The image, shape (d,); NaN where a bend is -1 or less.
    """
    monotone = y + jnp.where(bends > -1, bends, jnp.nan) * jnp.tanh(y)
    return _contract("ai,i->a", linear, monotone + _contract("ij,j->i", jnp.tril(waves, -1), jnp.sin(y)))


def pull_back(tensor: Array, jacobian: Array) -> Array:
    """A covariant tensor in the chart y: the Jacobian applied to every index.

    Args:
        tensor: components in the chart x, shape (d, ..., d), of any rank.
        jacobian: ``d x^a / d y^i``, shape (d, d).
    """
    for _ in range(tensor.ndim):
        # Contracts the first index and appends the new one, so after all rounds the order is the old one.
        tensor = jnp.tensordot(tensor, jacobian, axes=((0,), (0,)), precision="highest")
    return tensor


def pull_back_metric(metric: Map, phi: Map) -> Map:
    """The metric ``J(y)^T g(phi(y)) J(y)`` as a function of y, to differentiate."""
    return lambda y: pull_back(metric(phi(y)), jax.jacfwd(phi)(y))


def from_divergence(divergence: Callable[[Array, Array], Array]) -> Callable[[Array], tuple[Array, Array, Array]]:
    """Metric, Christoffel symbols and skewness tensor from the derivatives of a divergence on its diagonal.

    ``g_ij = -d_i d'_j D``; ``-d_i d_j d'_k D`` and ``-d'_i d'_j d_k D`` are the connections -1 and +1 with the index k
    lowered: their mean is the Levi-Civita connection, their difference is T.

    Args:
        divergence: of two points of shape (d,), such as the Kullback-Leibler divergence in any chart.

    Returns:
        A function of a point: ``g_ij`` (d, d), ``Gamma^i_jk`` (d, d, d) and ``T_ijk`` (d, d, d).

    Source: Amari & Nagaoka 2000, section 3.2 (Eguchi).
    """

    def tensors(y: Array) -> tuple[Array, Array, Array]:
        mixed = jax.jacfwd(jax.jacfwd(divergence, 1), 0)  # mixed[k, i] = d'_k d_i D
        metric = -mixed(y, y)
        mixture = -jax.jacfwd(mixed, 0)(y, y)  # [k, i, j]
        exponential = -jnp.swapaxes(jax.jacfwd(mixed, 1)(y, y), 0, 1)  # from [i, k, j]: d'_i d_k d'_j D
        levi_civita = _contract("ak,kij->aij", inverse(metric), 0.5 * (mixture + exponential))
        return metric, levi_civita, mixture - exponential

    return tensors


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
