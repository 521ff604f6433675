"""Residuals of the identities that every Riemannian metric satisfies, for a metric of your own in JAX.

A residual of order one points to a matrix that is not symmetric, to derivatives that do not commute (a derivative rule that
is not the gradient of anything), or to a point where the metric is not smooth. What the identities cannot see is a metric
whose derivatives are those of another metric: all commuting derivatives satisfy them.

Index order and signs are those of :mod:`derivations.riemannian`, the identities those of
:mod:`derivations.curvature_identities`, where they are also proved.
"""

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from derivations import curvature_identities as identities
from derivations.index_notation import Tensors
from numerics.arrays import as_floating
from numerics.riemannian import PointFunction, from_metric

IDENTITIES = {
    "metric_compatibility": identities.METRIC_COMPATIBILITY,
    "pair_symmetry": identities.PAIR_SYMMETRY,
    "first_bianchi": identities.FIRST_BIANCHI,
    "second_bianchi": identities.SECOND_BIANCHI,
    "contracted_bianchi": identities.CONTRACTED_BIANCHI,
    "commutator_of_vectors": identities.COMMUTATOR_OF_VECTORS,
    "commutator_of_covectors": identities.COMMUTATOR_OF_COVECTORS,
}


# Their terms may cancel (they do where the space is flat), so their sizes follow from the connection.
CANCELLING = ("R_ijkl", "R^i_jkl", "Ric_jl", "R")


class _Floating:
    """Arithmetic of JAX arrays; ``absolute`` adds sizes where the sum itself may cancel."""

    def __init__(self, absolute: bool):
        self._absolute = absolute

    def contract(self, subscripts: str, operands: Sequence[Array]) -> Array:
        return _contract(subscripts, *operands)

    def combine(self, terms: Sequence[tuple[Fraction, Array]]) -> Array:
        factors = [float(abs(factor) if self._absolute else factor) for factor, _ in terms]
        return functools.reduce(operator.add, [f * value for f, (_, value) in zip(factors, terms, strict=True)])


class GeometryAtPoint(NamedTuple):
    """The tensors of a metric at one point, and the sizes of what they were added up from.

    Attributes:
        given: the arrays that automatic differentiation gave, by pattern.
        tensors: by pattern, ``tensors["∇R_pijkl"]``; see :data:`derivations.curvature_identities.DEFINITIONS`.
        sizes: the same with absolute values of all terms; rounding errors are relative to these.
    """

    given: dict[str, Array]
    tensors: Tensors
    sizes: Tensors

    def residual(self, left: str, right: str) -> Array:
        """``left - right``, indices in alphabetical order, over the largest entry of the terms' sizes.

        Args:
            left: a sum in index notation (:mod:`derivations.index_notation`).
            right: another with the same free indices.

        Returns:
            The residuals, one axis per free index; zero where all terms are zero.
        """
        difference = self.tensors.difference(left, right)
        size = jnp.max(jnp.abs(self.sizes.difference(left, right)))
        return jnp.where(size == 0, 0, difference / jnp.where(size == 0, 1, size))


def geometry_at(metric_function: PointFunction, x: Array, field: PointFunction | None = None) -> GeometryAtPoint:
    """The tensors that enter the identities, by automatic differentiation (third derivatives of the metric).

    Args:
        metric_function: a point of shape (d,) to a symmetric positive definite matrix of shape (d, d).
        x: the point, shape (d,).
        field: a point to the components of a vector field, and, read as lower components, of a covector field, both of
            shape (d,); a trigonometric field if not given.
    """
    functions = from_metric(metric_function)
    given = _with_derivatives(functions, x) | _field_derivatives(field or _trigonometric, x)
    sizes = {name: jnp.abs(value) for name, value in given.items() if name not in CANCELLING}
    return GeometryAtPoint(
        given,
        Tensors(_Floating(False), given, identities.DEFINITIONS),
        Tensors(_Floating(True), sizes, identities.DEFINITIONS),
    )


def curvature_identities(
    metric_function: PointFunction, field: PointFunction | None = None
) -> Callable[[Array], dict[str, Array]]:
    """The residuals of seven identities of a metric.

    Args:
        metric_function: a point of shape (d,) to a symmetric positive definite matrix of shape (d, d), in JAX.
        field: a point to d components of a vector and covector field for the commutators; one with trigonometric
            components if not given.

    Returns:
        A jitted function of one point of shape (d,) that composes with ``jax.vmap``. It returns arrays by name, each
        entry divided by the size of the terms that cancel in the identity, so that a true identity leaves some rounding
        units:

        - ``metric_compatibility`` (d, d, d): ``∇_k g_ij = 0``
        - ``pair_symmetry`` (d, d, d, d): ``R_ijkl = R_klij``
        - ``first_bianchi`` (d, d, d, d): ``R_ijkl + R_iklj + R_iljk = 0``
        - ``second_bianchi`` (d, d, d, d, d): ``∇_m R_ijkl + ∇_k R_ijlm + ∇_l R_ijmk = 0``
        - ``contracted_bianchi`` (d,): ``∇^j Ric_jl = 1/2 ∂_l R``
        - ``commutator_of_vectors`` (d, d, d): ``[∇_k, ∇_l] v^i = R^i_jkl v^j``
        - ``commutator_of_covectors`` (d, d, d): ``[∇_k, ∇_l] w_j = - R^m_jkl w_m``

    Raises:
        TypeError: if ``metric_function`` or ``field`` is not callable.
        ValueError: when called, if the point, the metric or the field is of another shape.

    Source: Lee 2018, chapters 4, 5 and 7.
    """
    for name, function in (("metric_function", metric_function), ("field", field)):
        if not (callable(function) or (function is None and name == "field")):
            raise TypeError(f"{name} must be callable, not {type(function).__name__}")

    @jax.jit
    def residuals(x: Array) -> dict[str, Array]:
        here = geometry_at(metric_function, x, field)
        return {name: here.residual(left, right) for name, (left, right) in IDENTITIES.items()}

    def at(x: Array) -> dict[str, Array]:
        x = as_floating(x, "x")
        if x.ndim != 1:
            raise ValueError(f"x has shape {x.shape}; it must be (d,): use jax.vmap for a batch of points")
        for name, function, shape in (("metric_function", metric_function, 2 * x.shape), ("field", field, x.shape)):
            if function is not None and (found := jax.eval_shape(function, x).shape) != shape:
                raise ValueError(f"{name} returns shape {found} at a point of shape {x.shape}; it must be {shape}")
        return residuals(x)

    return at


def _with_derivatives(functions: Mapping[str, PointFunction], x: Array) -> dict[str, Array]:
    """The tensors and their derivatives, each from automatic differentiation of the one before it."""

    def curvature(y: Array) -> tuple[Array, Array, Array]:
        inverse, riemann = functions["inverse_metric"](y), functions["riemann"](y)
        ricci = _contract("ik,ijkl->jl", inverse, riemann)
        return riemann, ricci, _contract("jl,jl->", inverse, ricci)

    (riemann, ricci, scalar), (d_riemann, d_ricci, d_scalar) = _value_and_slope(curvature, x)
    metric, d_metric = _value_and_slope(functions["metric"], x)
    christoffel, d_christoffel = _value_and_slope(functions["christoffel"], x)
    inverse = functions["inverse_metric"](x)
    return {
        "g_ij": metric,
        "∂g_kij": d_metric,
        "g^ij": inverse,
        "Γ^i_jk": christoffel,
        "∂Γ_l^i_jk": d_christoffel,
        "R_ijkl": riemann,
        "R^i_jkl": _contract("im,mjkl->ijkl", inverse, riemann),
        "∂R_pijkl": d_riemann,
        "Ric_jl": ricci,
        "∂Ric_pjl": d_ricci,
        "R": scalar,
        "∂R_p": d_scalar,
    }


def _field_derivatives(field: PointFunction, x: Array) -> dict[str, Array]:
    first = jax.jacfwd(field)
    values = field(x), jnp.transpose(first(x)), jnp.transpose(jax.jacfwd(first)(x), (2, 1, 0))
    names = [("v^i", "∂v_l^i", "∂∂v_kl^i"), ("w_j", "∂w_lj", "∂∂w_klj")]
    return {name: value for group in names for name, value in zip(group, values, strict=True)}


def _trigonometric(x: Array) -> Array:
    turns = jnp.arange(1, x.shape[0] + 1, dtype=x.dtype)
    return jnp.sin(turns * x) + jnp.cos(jnp.roll(x, 1) - turns)


def _value_and_slope(function: Callable[[Array], Any], x: Array) -> tuple[Any, Any]:
    """Arrays and their derivatives, the index of the coordinate first."""
    slope, value = jax.jacfwd(lambda y: (result := function(y), result), has_aux=True)(x)
    return value, jax.tree.map(lambda array: jnp.moveaxis(array, -1, 0), slope)


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
