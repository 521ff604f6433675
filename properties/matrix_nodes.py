"""Nodes for sums over positive definite matrices, in Bartlett's coordinates, in which a Wishart law is a product."""

import numpy as np

from properties.nodes import NEGLIGIBLE, LogWeight, Nodes, Unresolved

# Spacings for which the trapezoidal rule is exact to rounding: of the logarithm of a chi variate, and of a normal one.
_LOG_STEP, _NORMAL_STEP, _NORMAL_REACH = 0.11, 0.6, 9.6
_DROP = 40.0
# A matrix whose determinant is this much smaller than that of its diagonal has lost too many digits of it.
_SINGULAR = 1e-12


def matrix_nodes(observations: np.ndarray, log_weight: LogWeight) -> Nodes:
    """Matrices ``L A A^T L^T`` with lower triangular A, on a grid of ``log A_ii`` and ``A_ij``.

    Args:
        observations: a sample, shape (n, p, p); L is the Cholesky factor of its mean.
        log_weight: the logarithm of the density up to a constant.

    Raises:
        Unresolved: for more than 2 rows, and where the grid leaves out part of the density, as it does where nearly
            singular matrices matter.
    """
    p = observations.shape[1]
    if p > 2:
        raise Unresolved(f"no grid for matrices of {p} rows")
    scale = np.linalg.cholesky(observations.mean(axis=0))
    rows, columns = np.tril_indices(p)
    whitened = np.linalg.solve(scale, np.linalg.solve(scale, observations).swapaxes(1, 2))
    spread = whitened[:, rows, columns].std(axis=0)
    axes = []
    for k, (i, j) in enumerate(zip(rows, columns, strict=True)):
        if i == j:
            axes.append(_reach(scale, k, log_weight))
        else:
            axes.append(spread[k] * np.arange(-_NORMAL_REACH, _NORMAL_REACH + _NORMAL_STEP / 2, _NORMAL_STEP))
    grid = np.stack([a.reshape(-1) for a in np.meshgrid(*axes, indexing="ij")], axis=-1)
    x, log_jacobian, regularity = _matrices(scale, grid)
    ends = np.array([[axis[0], axis[-1]] for axis in axes])
    edge = np.any((grid == ends[:, 0]) | (grid == ends[:, 1]), axis=1) | (regularity < 100 * _SINGULAR)
    inside = regularity > _SINGULAR
    log_measure = log_jacobian[inside] + sum(np.log(axis[1] - axis[0]) for axis in axes)
    exponent = log_weight(x[inside]) + log_measure
    if exponent[edge[inside]].max() > exponent.max() + np.log(NEGLIGIBLE):
        raise Unresolved("the grid cuts off part of the density")
    return x[inside], log_measure


def _reach(scale: np.ndarray, k: int, log_weight: LogWeight) -> np.ndarray:
    """Where the weight matters along one logarithm, the other coordinates being 0."""
    line = np.arange(-40.0, 6.0, _LOG_STEP)
    grid = np.zeros((len(line), len(scale) * (len(scale) + 1) // 2))
    grid[:, k] = line
    x, log_jacobian, regularity = _matrices(scale, grid)
    inside = regularity > _SINGULAR
    exponent = log_weight(np.where(inside[:, None, None], x, np.eye(len(scale)))) + log_jacobian
    heavy = np.flatnonzero(inside & (exponent > exponent[inside].max() - _DROP))
    if not inside[heavy[0] - 1]:
        raise Unresolved("nearly singular matrices matter")
    return line[heavy[0] - 1 : heavy[-1] + 2]


def _matrices(scale: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The matrices, the logarithm of the Jacobian determinant, and the determinant over that of the diagonal."""
    p = len(scale)
    rows, columns = np.tril_indices(p)
    inner = np.zeros((len(grid), p, p))
    inner[:, rows, columns] = np.where(rows == columns, np.exp(np.where(rows == columns, grid, 0.0)), grid)
    factor = scale @ inner
    diagonal = np.einsum("nii->ni", factor)
    x = factor @ factor.swapaxes(1, 2)
    # d(T T^T) has the Jacobian 2^p prod T_ii^(p - i + 1), i from 1, and T = L A has prod L_ii^i; d A_ii = A_ii d log A_ii.
    log_jacobian = (
        p * np.log(2)
        + np.log(diagonal) @ np.arange(p, 0, -1)
        + np.log(np.diag(scale)) @ np.arange(1, p + 1)
        + np.log(np.einsum("nii->ni", inner)).sum(axis=1)
    )
    return x, log_jacobian, np.prod(diagonal**2 / np.einsum("nii->ni", x), axis=1)
