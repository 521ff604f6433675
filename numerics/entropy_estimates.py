"""How much the differential entropy of an ensemble has changed between two times, with a standard error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

_NEIGHBOUR = 3
_BLOCK = 4096
# In more dimensions the bias of nearest neighbours outweighs what they measure at the sizes that ensembles have.
MOST_DIMENSIONS_OF_NEIGHBOURS = 4
ESTIMATORS = ("gaussian", "nearest-neighbour", "maximum")


@dataclass(frozen=True)
class EntropyChange:
    """``H_end - H_begin`` in nats.

    Attributes:
        value: of all members.
        parts: one number for every member, shape (N,), whose mean is about the value and whose scatter is its error.
    """

    value: float
    parts: np.ndarray


def is_possible(estimator: str, members: int, size: int) -> bool:
    """Whether the ensemble is large enough for the estimator."""
    if estimator == "maximum":
        return True
    if estimator == "gaussian":
        return members >= size + 3
    return size <= MOST_DIMENSIONS_OF_NEIGHBOURS and members > 4 * _NEIGHBOUR


def change(begin: np.ndarray, end: np.ndarray, estimator: str) -> EntropyChange:
    """Compare the entropies of two checkpoints of the same members.

    ``gaussian`` takes half the change of the logarithm of the determinant of the covariance: exact for normal laws, where
    the bias of both determinants is the same and cancels. It never sees less entropy than there is, so that for laws that
    become more normal the change comes out too small. ``nearest-neighbour`` is that of Kozachenko and Leonenko 1987, for
    any law with a density, in few dimensions.

    Args:
        begin: shape (N, d).
        end: the same members later.
        estimator: ``gaussian`` or ``nearest-neighbour``; for ``maximum`` see :func:`maximum`.
    """
    if estimator == "gaussian":
        (first, left), (last, later) = (_log_determinants(x) for x in (begin, end))
        n = len(begin)
        return EntropyChange(0.5 * (last - first), 0.5 * (n * (last - first) - (n - 1) * (later - left)))
    parts = begin.shape[1] * (_log_distance(end) - _log_distance(begin))
    return EntropyChange(float(parts.mean()), parts)


def maximum(parts: Sequence[np.ndarray], initial: float) -> EntropyChange:
    """An upper bound of the change from an entropy that is known: to that of independent normals of the same variances.

    No law with these variances has more entropy. The logarithms of the variances are jackknifed, which takes the first order
    of their bias away.

    Args:
        parts: the members at the end, arrays of shape (N, parameters of the part).
        initial: the entropy at the beginning, in nats.
    """
    n, whole, left, size = len(parts[0]), 0.0, np.zeros(len(parts[0])), 0
    for part in parts:
        for place in range(0, part.shape[1], _BLOCK):
            block = np.asarray(part[:, place : place + _BLOCK], dtype=np.float64)
            squares = (block - block.mean(axis=0)) ** 2
            total = squares.sum(axis=0)
            with np.errstate(divide="ignore"):
                whole += 0.5 * float(np.sum(np.log(total / (n - 1))))
                left += 0.5 * np.sum(np.log(np.maximum(total - squares * n / (n - 1), 0.0) / (n - 2)), axis=1)
            size += block.shape[1]
    pseudo = n * whole - (n - 1) * left + 0.5 * size * np.log(2 * np.pi * np.e) - initial
    return EntropyChange(float(pseudo.mean()), pseudo)


def entropy(points: np.ndarray) -> float:
    """Of the normal law with the covariance of the members, in nats."""
    return 0.5 * (points.shape[1] * np.log(2 * np.pi * np.e) + _log_determinants(points)[0])


def _log_determinants(points: np.ndarray) -> tuple[float, np.ndarray]:
    """Of the covariance of all members, and of all but each one, by the rank-one formula."""
    n, d = points.shape
    centred = points - points.mean(axis=0)
    q, r = np.linalg.qr(centred)
    whole = 2 * float(np.sum(np.log(np.abs(np.diagonal(r))))) - d * np.log(n - 1)
    leverage = np.minimum(n / (n - 1) * np.sum(q * q, axis=1), 1.0 - 1e-12)
    return whole, whole + d * np.log((n - 1) / (n - 2)) + np.log1p(-leverage)


def _log_distance(points: np.ndarray) -> np.ndarray:
    distances = cKDTree(points).query(points, k=_NEIGHBOUR + 1)[0][:, -1]
    return np.log(np.maximum(distances, np.finfo(float).tiny))
