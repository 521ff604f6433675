r"""The curvature of an exponential family from its metric and third cumulants, in any chart.

``R_ijkl = (g^mn / 4) (T_ilm T_jkn - T_ikm T_jln)`` and ``R = (|T|^2 - |tr T|^2) / 4``
(:mod:`derivations.hessian_geometry`): no derivative of the metric is needed. Index order as in
:mod:`derivations.riemannian`.
"""

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.scipy.linalg import solve_triangular

from numerics.arrays import Matrix, Scalar
from numerics.linear_algebra import inverse, inverse_factor

_UNROLLED = 8


class Curvature(NamedTuple):
    """Riemann tensor (d, d, d, d), Ricci tensor (d, d) and scalar curvature."""

    riemann: Array
    ricci: Array
    scalar: Array


def frame(metric: Matrix) -> Matrix:
    """``W`` with ``W g W^T = 1``, lower triangular: its rows are an orthonormal frame; NaN unless g is definite."""
    if metric.shape[0] <= _UNROLLED:
        return inverse_factor(metric)
    # Scaled to a unit diagonal first: the coordinates may have very different units.
    scale = 1.0 / jnp.sqrt(jnp.diagonal(metric))
    factor = jnp.linalg.cholesky(scale[:, None] * metric * scale[None, :])
    return solve_triangular(factor, jnp.diag(scale), lower=True)


def inverse_metric(metric: Matrix) -> Matrix:
    """The inverse of a metric, shape (d, d); NaN unless it is positive definite."""
    if metric.shape[0] <= _UNROLLED:
        return inverse(metric)
    rows = frame(metric)
    return _contract("ai,aj->ij", rows, rows)


def in_frame(tensor: Array, rows: Matrix) -> Array:
    """A tensor of third order with lower indices, in the frame given by rows."""
    return _contract("ai,ijk->ajk", rows, _contract("bj,ijk->ibk", rows, _contract("ck,ijk->ijc", rows, tensor)))


def scalar_curvature(metric: Matrix, skewness: Array) -> Scalar:
    """The scalar curvature ``R``; 0 in one dimension.

    Args:
        metric: shape (d, d), positive definite.
        skewness: the tensor ``T_ijk`` in the same chart, shape (d, d, d).
    """
    whitened = in_frame(skewness, frame(metric))
    trace = jnp.einsum("aab->b", whitened)
    return 0.25 * (jnp.sum(whitened * whitened) - jnp.sum(trace * trace))


def curvature(inverse: Matrix, skewness: Array) -> Curvature:
    """Riemann tensor, Ricci tensor and scalar curvature.

    Args:
        inverse: the inverse metric, shape (d, d).
        skewness: the tensor ``T_ijk`` in the same chart, shape (d, d, d).
    """
    raised = _contract("mn,jkn->jkm", inverse, skewness)
    pairs = _contract("ilm,jkm->ijkl", skewness, raised)
    riemann = 0.25 * (pairs - jnp.swapaxes(pairs, 2, 3))
    ricci = _contract("ik,ijkl->jl", inverse, riemann)
    return Curvature(riemann, ricci, _contract("jl,jl->", inverse, ricci))


def constant_curvature(metric: Matrix, sectional: float) -> Curvature:
    """The curvature of a space in which every plane has the same one: ``R_ijkl = K (g_ik g_jl - g_il g_jk)``.

    Args:
        metric: shape (d, d).
        sectional: the curvature K of the planes.
    """
    d = metric.shape[0]
    pairs = _contract("ik,jl->ijkl", metric, metric)
    scalar = jnp.full((), sectional * d * (d - 1), metric.dtype)
    return Curvature(sectional * (pairs - jnp.swapaxes(pairs, 2, 3)), sectional * (d - 1) * metric, scalar)


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
