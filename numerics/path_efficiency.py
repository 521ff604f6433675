"""The efficiency of a path in a metric, and what steps of full equilibration along one lose.

Paths are functions of the part of the way, from 0 to 1, that JAX can differentiate; everything composes with ``jit`` and
``vmap``.

Source: Caraffa 2026 for the efficiency; Nulton & Salamon 1985 for steps.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

from numerics.arrays import Matrix, Point, Scalar, as_floating
from numerics.riemannian import RiemannianManifold

Path = Callable[[Scalar], Point]
"""The part of the way, from 0 to 1, to a point, shape (d,)."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_PIECES = 8


def path_energy(metric: Callable[[Point], Matrix], path: Path) -> Scalar:
    """``int_0^1 g(x', x') ds`` along a path; over the duration it is what friction g takes for a slow process at even time.

    By quadrature with 256 nodes; it is not below the squared length, and equal to it at constant speed.

    Args:
        metric: a point to a matrix of shape (d, d).
        path: smooth in pieces of one eighth.
    """

    def speed(part: Scalar) -> Scalar:
        point, velocity = jax.jvp(path, (part,), (jnp.ones_like(part),))
        return jnp.einsum("ij,i,j->", metric(point), velocity, velocity, precision="highest")

    parts, weights = _quadrature(path)
    return jnp.sum(weights * jax.vmap(speed)(parts))


def efficiency(manifold: RiemannianManifold, path: Path) -> Scalar:
    """``d^2 / (tau int_0^tau |x'|^2 dt)`` of a path that is run in any duration tau, a scalar at most 1.

    It is 1 exactly for the shortest geodesic at constant speed.

    Args:
        manifold: with the metric and the distance d, such as that of a family.
        path: see :func:`path_energy`.
    """
    parts, _ = _quadrature(path)
    begin, end = (path(jnp.full_like(parts[0], part)) for part in (0.0, 1.0))
    return manifold.distance(begin, end) ** 2 / path_energy(manifold.metric, path)


def equilibration_loss(kl: Callable[[Point, Point], Scalar], points: Float[Array, "n d"]) -> Scalar:
    """What is lost, in units of the temperature, by full equilibration at each of the points after the first.

    The law of each point relaxes to that of the next: ``sum KL(p_i || p_(i+1))``, the free energy that is lost on the way.

    Args:
        kl: the divergence of two points of shape (d,).
        points: at least two, shape (n + 1, d).

    Raises:
        ValueError: for another shape.
    """
    points = as_floating(points, "points")
    if points.ndim != 2 or len(points) < 2:
        raise ValueError(f"points has shape {points.shape}; it must be (n + 1, d) with n >= 1")
    return jnp.sum(jax.vmap(kl)(points[:-1], points[1:]))


def _quadrature(path: Path) -> tuple[Array, Array]:
    """Parts of the way and their weights, in the dtype of the path."""
    dtype = start_of(path, "path(0)").dtype
    parts = (np.arange(1, 2 * _PIECES, 2)[:, None] + _NODES).reshape(-1) / (2 * _PIECES)
    return jnp.asarray(parts, dtype), jnp.asarray(np.tile(_WEIGHTS / (2 * _PIECES), _PIECES), dtype)


def start_of(path: Path, name: str) -> Array:
    """The beginning of a path, in the dtype of the path's own numbers; what is not floating raises, by name."""
    # A weakly typed 0, so that the dtype is that of the path's own numbers.
    return as_floating(path(jnp.asarray(0.0)), name)
