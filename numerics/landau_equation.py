"""The BKW solution of the spatially homogeneous Landau equation for Maxwell molecules: a reference for particle methods.

``df/dt = div int A(v-w) (f(w) grad f(v) - f(v) grad f(w)) dw``, ``A(z) = c (|z|^2 1 - z z^T)``, in d >= 2 dimensions, with mass
1, momentum 0 and temperature 1. At the width K the density is ``N(v; 0, K) (((d+2) K - d)/(2 K) + (1-K)/(2 K^2) |v|^2)``.

Source: Carrillo, Hu, Wang & Wu 2020, the test cases with exact solutions.
"""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Point, Scalar, agreeing
from numerics.elementary import log1pmx

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)


def bkw_width(t: Scalar | float, dimension: int, begin: Scalar | float, strength: Scalar | float) -> Scalar:
    """The width ``K = 1 - (1 - begin) exp(-2 (d-1) c t)`` at time t; 1 is the Maxwellian.

    Args:
        t: the time, at least 0.
        dimension: d, at least 2.
        begin: the width at time 0, between ``d/(d+2)`` and 1.
        strength: c > 0, the factor of the kernel, per unit of time.

    Returns:
        The width; NaN outside these domains.

    Raises:
        TypeError: for dtypes other than float32 and float64, or two of them.
        ValueError: for a dimension that is no integer of at least 2, and for arguments that are not numbers.
    """
    _check(dimension)
    time, first, factor = _numbers((t, begin, strength), ("t", "begin", "strength"))
    width = 1.0 + (first - 1.0) * jnp.exp(-2.0 * (dimension - 1) * factor * time)
    is_inside = (time >= 0) & (factor > 0) & (first >= dimension / (dimension + 2)) & (first <= 1)
    return jnp.where(is_inside, width, jnp.nan)


@jax.jit
def bkw_density(v: Point, width: Scalar | float) -> Scalar:
    """The density at the velocity v.

    Args:
        v: shape (d,), d at least 2.
        width: K, between ``d/(d+2)`` and 1.

    Returns:
        The density, at least 0; NaN for widths outside the domain.

    Raises:
        TypeError: for dtypes other than float32 and float64, or two of them.
        ValueError: for other shapes.
    """
    v, at = _point(v, width)
    d = len(v)
    constant, slope = _prefactor(at, d)
    square = jnp.sum(v * v)
    normal = jnp.exp(-0.5 * square / at) * (2.0 * math.pi * at) ** (-0.5 * d)
    return normal * (constant + slope * square)


@jax.jit
def bkw_score(v: Point, width: Scalar | float) -> Point:
    """The score ``grad log f``, by which a particle at v moves.

    Args:
        v: shape (d,), d at least 2.
        width: K, between ``d/(d+2)`` and 1.

    Returns:
        Shape (d,); NaN for widths outside the domain, and where the density vanishes: at 0 for the least width.

    Raises:
        TypeError: for dtypes other than float32 and float64, or two of them.
        ValueError: for other shapes.
    """
    v, at = _point(v, width)
    constant, slope = _prefactor(at, len(v))
    return v * (2.0 * slope / (constant + slope * jnp.sum(v * v)) - 1.0 / at)


@partial(jax.jit, static_argnames="dimension")
def bkw_relative_entropy(width: Scalar | float, dimension: int) -> Scalar:
    """``int f log(f/M)`` in nats, M being the Maxwellian, by quadrature: relative error below 1e-11 for 1 - K above 1e-4.

    Args:
        width: K, between ``d/(d+2)`` and 1.
        dimension: d, at least 2.

    Returns:
        The relative entropy, at least 0; NaN for widths outside the domain.

    Raises:
        TypeError: for dtypes other than float32 and float64.
        ValueError: for a dimension that is no integer of at least 2, and for a width that is not a number.
    """
    square, weight, at, constant, slope = _radial(width, dimension, 1.0)
    excess = -0.5 * dimension * (1.0 - at) / at + slope * square
    # Where the density vanishes the integrand is that of f = 0.
    is_empty = constant + slope * square <= 0
    ratio = jnp.log1p(jnp.where(is_empty, 0.0, excess)) - 0.5 * dimension * jnp.log(at)
    ratio = ratio - 0.5 * square * (1.0 - at) / at
    # x log x - x + 1 for x = f/M, which is positive, in terms of y = 1/x - 1.
    return jnp.sum(weight * jnp.where(is_empty, 1.0, -jnp.exp(ratio) * log1pmx(jnp.expm1(-ratio))))


@partial(jax.jit, static_argnames="dimension")
def bkw_fisher_information(width: Scalar | float, dimension: int) -> Scalar:
    """``int f |grad log(f/M)|^2``, M being the Maxwellian: relative entropy falls at ``(d-1) c`` times this rate.

    Args:
        width: K, between ``d/(d+2)`` and 1.
        dimension: d, at least 2.

    Returns:
        The information, at least 0; NaN for widths outside the domain.

    Raises:
        TypeError: for dtypes other than float32 and float64.
        ValueError: for a dimension that is no integer of at least 2, and for a width that is not a number.
    """
    square, weight, at, constant, slope = _radial(width, dimension, None)
    # grad log(f/M) = v gap / (constant + slope |v|^2), of second order in 1 - K.
    gap = (1.0 - at) ** 2 / at**2 * (0.5 * (dimension + 2) - 0.5 * square / at)
    return jnp.sum(weight * square * gap**2 / (constant + slope * square))


def _prefactor(width: Array, d: int) -> tuple[Array, Array]:
    """The constant and the factor of ``|v|^2``; NaN outside the domain."""
    is_inside = (width >= d / (d + 2)) & (width <= 1)
    width = jnp.where(is_inside, width, jnp.nan)
    return jnp.maximum(0.5 * ((d + 2) - d / width), 0.0), 0.5 * (1.0 - width) / width**2


def _radial(width: Scalar | float, dimension: int, variance: float | None) -> tuple[Array, Array, Array, Array, Array]:
    """Nodes in ``|v|^2`` and weights of the normal law of a variance, that of the width if none is given."""
    _check(dimension)
    (at,) = _numbers((width,), ("width",))
    constant, slope = _prefactor(at, dimension)
    spread = at if variance is None else jnp.asarray(variance, at.dtype)
    # Twelve deviations, with nodes that crowd towards 0, where a density may vanish.
    place = (0.5 * (1.0 + _NODES)).astype(at.dtype)
    radius = 12.0 * place**2
    measure = 12.0 * place * _WEIGHTS.astype(at.dtype) * radius ** (dimension - 1) * jnp.exp(-0.5 * radius**2)
    size = 2.0 ** (0.5 * dimension - 1.0) * math.gamma(0.5 * dimension)
    return spread * radius**2, measure / size, at, constant, slope


def _point(v: object, width: object) -> list[Array]:
    v, width = agreeing((v, width), ("v", "width"))
    if v.ndim != 1 or len(v) < 2 or width.ndim:
        raise ValueError(f"v has shape {v.shape} and width {width.shape}; they must be (d,), d >= 2, and ()")
    return [v, width]


def _numbers(values: tuple[object, ...], names: tuple[str, ...]) -> list[Array]:
    arrays = agreeing(values, names)
    for array, name in zip(arrays, names, strict=True):
        if array.ndim:
            raise ValueError(f"{name} has shape {array.shape}; it must be one number: use jax.vmap for a batch")
    return arrays


def _check(dimension: object) -> None:
    if isinstance(dimension, bool) or not isinstance(dimension, int) or dimension < 2:
        raise ValueError(f"dimension = {dimension!r}; its domain is the integers from 2")
