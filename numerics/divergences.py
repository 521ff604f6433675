"""Divergences between two points of an exponential family.

Source: Amari & Nagaoka 2000, sections 3.2, 3.4 and 3.5.
"""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Point, Scalar

if TYPE_CHECKING:
    from numerics.exponential_family import ExponentialFamily


def _rule(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes t and weights of ``int_0^1 (1 - t) f(t) dt``."""
    nodes, weights = np.polynomial.legendre.leggauss(number)
    t = (1 + nodes) / 2
    return t, weights / 2 * (1 - t)


def _rules(fine: int, coarse: int) -> tuple[np.ndarray, np.ndarray]:
    """The nodes of two rules, and the weights of each on all of them, shape (2, fine + coarse)."""
    (first, upper), (second, lower) = _rule(fine), _rule(coarse)
    weights = np.stack([np.append(upper, np.zeros(coarse)), np.append(np.zeros(fine), lower)])
    return np.append(first, second), weights


_NODES, _WEIGHTS = _rules(8, 5)


def bregman(family: "ExponentialFamily", point: Point, other: Point) -> Scalar:
    """``KL(point || other) = psi' - psi - (eta' - eta) . m``, a scalar ``>= 0`` up to rounding.

    For points so close that this difference cancels, it is ``int_0^1 (1 - t) v^T g(eta + t v) v dt`` with ``v = eta' -
    eta``: whichever of the two has the smaller estimate of its error is taken.
    """
    eta, v = family.natural(point), family.natural(other) - family.natural(point)
    before, after, slope = family.log_partition(point), family.log_partition(other), family.expectation(point)
    plain = after - before - jnp.vdot(v, slope, precision="highest")
    rounding = jnp.finfo(v.dtype).eps * (
        jnp.abs(after) + jnp.abs(before) + jnp.vdot(jnp.abs(v), jnp.abs(slope), precision="highest")
    )

    def speed(t: Array) -> Scalar:
        # Kept inside the domain by convexity; the point is moved, not its copy in another chart.
        return jnp.einsum("i,ij,j->", v, family.covariance(family.from_natural(eta + t * v)), v, precision="highest")

    speeds = jax.vmap(speed)(jnp.asarray(_NODES, v.dtype))
    fine, coarse = jnp.matmul(jnp.asarray(_WEIGHTS, v.dtype), speeds, precision="highest")
    is_near = jnp.abs(fine - coarse) < jnp.minimum(rounding, 1e-3 * fine)
    return jnp.where(is_near | jnp.all(v == 0), fine, plain)


def alpha_divergence(family: "ExponentialFamily", point: Point, other: Point, alpha: Array) -> Scalar:
    """``4/(1 - alpha^2) (1 - int p^((1-alpha)/2) q^((1+alpha)/2))``, a scalar; -1 gives KL(p || q), +1 KL(q || p).

    With ``c = (1 - alpha)/2`` the integral is ``exp(-J)``, ``J = c KL(r || p) + (1 - c) KL(r || q)`` with r at ``c eta + (1
    - c) eta'``: a sum of positive terms for ``|alpha| < 1``. NaN where r leaves the domain, which takes ``|alpha| > 1``.
    """
    alpha = jnp.asarray(alpha, point.dtype)
    c = 0.5 * (1.0 - alpha)
    first, second = family.natural(point), family.natural(other)
    between = family.from_natural(second + c * (first - second))
    # All divergences in one batch, so that a compiler sees the formula once.
    start, end = jnp.where(c == 1, jnp.stack([point, other]), jnp.stack([other, point]))
    starts, ends = jnp.stack([between, between, start]), jnp.stack([point, other, end])
    to_point, to_other, at_the_end = jax.vmap(family.kl)(starts, ends)
    gap = c * to_point + (1.0 - c) * to_other
    product = c * (1.0 - c)
    value = -jnp.expm1(-gap) / jnp.where(product == 0, 1.0, product)
    return jnp.where(product == 0, at_the_end, jnp.where(family.inside(between), value, jnp.nan))
