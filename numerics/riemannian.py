"""Riemannian geometry of any metric that JAX can differentiate; also the oracle for the generated formulas.

Index order and signs are those of :mod:`derivations.riemannian`.
"""

from collections.abc import Callable
from functools import cached_property

import jax
import jax.numpy as jnp
from jax import Array

from numerics import geodesics
from numerics.arrays import as_floating
from numerics.linear_algebra import inverse

PointFunction = Callable[[Array], Array]


class RiemannianManifold:
    """A metric and what follows from it, each a jitted function of one point of shape (d,).

    Everything composes with ``jit``, ``vmap``, ``grad`` and ``jacfwd`` and follows the dtype of its input. Where the
    metric is not positive definite the results are NaN.

    Args:
        metric_function: a point of shape (d,) to a symmetric matrix of shape (d, d).
    """

    dimension: int | None = None

    def __init__(self, metric_function: PointFunction):
        self._metric = lambda theta: jnp.asarray(metric_function(theta)).astype(theta.dtype)

    def metric(self, theta: Array) -> Array:
        """The metric ``g_ij``, shape (d, d)."""
        return self._jitted["metric"](self._point(theta))

    def inverse_metric(self, theta: Array) -> Array:
        """The inverse metric ``g^ij``, shape (d, d)."""
        return self._jitted["inverse_metric"](self._point(theta))

    def christoffel(self, theta: Array) -> Array:
        """The Christoffel symbols ``Gamma^i_jk``, shape (d, d, d)."""
        return self._jitted["christoffel"](self._point(theta))

    def riemann(self, theta: Array) -> Array:
        """The Riemann tensor ``R_ijkl``, shape (d, d, d, d)."""
        return self._jitted["riemann"](self._point(theta))

    def ricci(self, theta: Array) -> Array:
        """The Ricci tensor ``R_jl``, shape (d, d)."""
        return self._jitted["ricci"](self._point(theta))

    def scalar_curvature(self, theta: Array) -> Array:
        """The scalar curvature ``R``, a scalar; the unit sphere has ``R = 2``."""
        return self._jitted["scalar_curvature"](self._point(theta))

    def exp(self, theta: Array, v: Array) -> Array:
        """The end after unit time of the geodesic from ``theta`` with initial velocity ``v``, shape (d,)."""
        return self._jitted["exp"](*self._pair(theta, v, "v"))

    def log(self, theta: Array, other: Array) -> Array:
        """The initial velocity of the geodesic from ``theta`` that reaches ``other`` in unit time, shape (d,).

        NaN where no such geodesic is found.
        """
        return self._jitted["log"](*self._pair(theta, other, "other"))

    def distance(self, theta: Array, other: Array) -> Array:
        """The length of the geodesic from ``theta`` to ``other``, a scalar, with the gradient 0 where they meet."""
        return self._jitted["distance"](*self._pair(theta, other, "other"))

    def _functions(self) -> dict[str, Callable[..., Array]]:
        functions = from_metric(self._metric)
        return functions | from_christoffel(self._metric, functions["christoffel"])

    @cached_property
    def _jitted(self) -> dict[str, Callable[..., Array]]:
        return {name: jax.jit(function) for name, function in self._functions().items()}

    def _point(self, value: Array, name: str = "theta") -> Array:
        array = as_floating(value, name)
        wanted = "(d,)" if self.dimension is None else f"({self.dimension},)"
        if array.ndim != 1 or self.dimension not in (None, array.shape[0]):
            raise ValueError(f"{name} has shape {array.shape}; it must be {wanted}: use jax.vmap for a batch of points")
        return array

    def _pair(self, theta: Array, other: Array, name: str) -> tuple[Array, Array]:
        first, second = self._point(theta), self._point(other, name)
        if first.shape != second.shape:
            raise ValueError(f"theta has shape {first.shape} and {name} {second.shape}; they must agree")
        if first.dtype != second.dtype:
            raise TypeError(f"theta has dtype {first.dtype} and {name} {second.dtype}; they must agree")
        return first, second


def riemannian(metric_function: PointFunction) -> RiemannianManifold:
    """The Riemannian geometry of a metric by automatic differentiation.

    Args:
        metric_function: maps a point of shape (d,) to a symmetric positive definite matrix of shape (d, d), in JAX.

    Returns:
        An object with ``metric``, ``inverse_metric``, ``christoffel``, ``riemann``, ``ricci``, ``scalar_curvature``,
        ``exp``, ``log`` and ``distance``.

    Raises:
        TypeError: if ``metric_function`` is not callable.
    """
    if not callable(metric_function):
        raise TypeError(f"metric_function must be callable, not {type(metric_function).__name__}")
    return RiemannianManifold(metric_function)


def from_metric(metric: PointFunction) -> dict[str, Callable[..., Array]]:
    """The tensors of a metric by automatic differentiation."""

    def inverse_metric(x: Array) -> Array:
        return inverse(metric(x))

    def christoffel(x: Array) -> Array:
        slope = jax.jacfwd(metric)(x)  # slope[i, j, k] = d_k g_ij
        lowered = 0.5 * (jnp.swapaxes(slope, 1, 2) + slope - jnp.transpose(slope, (2, 0, 1)))
        return _contract("im,mjk->ijk", inverse_metric(x), lowered)

    def riemann(x: Array) -> Array:
        symbols = christoffel(x)
        slope = jax.jacfwd(christoffel)(x)  # slope[i, j, k, l] = d_l Gamma^i_jk
        half = jnp.transpose(slope, (0, 2, 3, 1)) + _contract("ikm,mlj->ijkl", symbols, symbols)
        return _contract("in,njkl->ijkl", metric(x), half - jnp.swapaxes(half, 2, 3))

    def ricci(x: Array) -> Array:
        return _contract("ik,ijkl->jl", inverse_metric(x), riemann(x))

    def scalar_curvature(x: Array) -> Array:
        return _contract("jl,jl->", inverse_metric(x), ricci(x))

    return {
        "metric": metric,
        "inverse_metric": inverse_metric,
        "christoffel": christoffel,
        "riemann": riemann,
        "ricci": ricci,
        "scalar_curvature": scalar_curvature,
    }


def from_christoffel(metric: PointFunction, christoffel: PointFunction) -> dict[str, Callable[..., Array]]:
    """Exponential map, logarithm and distance by integration of the geodesic equation."""
    # Traced once, for all the places where an integrator needs it.
    acceleration, units = jax.jit(geodesics.acceleration_from(christoffel)), geodesics.units_from(metric)

    def exp(x: Array, v: Array) -> Array:
        return geodesics.flow(acceleration, units, x, v, metric)

    def log(x: Array, y: Array) -> Array:
        return geodesics.shoot(acceleration, units, x, y)

    def distance(x: Array, y: Array) -> Array:
        return geodesics.length(metric(x), log(x, y))

    return {"exp": exp, "log": log, "distance": distance}


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
