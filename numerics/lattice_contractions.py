"""The scalar curvature of all couplings of a lattice from covariances and third cumulants: ``R = (|T|^2 - |tr T|^2)/4``.

Source: the claim ``ricci-split``.
"""

from dataclasses import dataclass

import numpy as np

from numerics.lattices import Lattice


@dataclass(frozen=True)
class Contractions:
    """Of the third cumulants with the inverse metric.

    Attributes:
        scalar_curvature: R.
        skewness_squared: ``|T|^2 = T_abc T^abc``.
        trace: ``t_c = g^ab T_abc`` of the representatives, of a torus a bond of each axis.
        trace_squared: ``|tr T|^2 = t_a t^a``.
    """

    scalar_curvature: float
    skewness_squared: float
    trace: np.ndarray
    trace_squared: float


def contracted(lattice: Lattice, metric: np.ndarray, third: np.ndarray) -> Contractions:
    """Contract.

    Args:
        lattice: whose bonds these are; on a torus all couplings of an axis are equal, and translations are used.
        metric: shape (m, m).
        third: ``T_abc`` of all bonds a, b and of the lattice's representatives c, shape (m, m, k).

    Raises:
        ValueError: for other shapes, for a torus whose bonds along an axis have unequal variances, and for a metric that has no
            inverse in double precision.
    """
    bonds, number = len(lattice.bonds), len(lattice.representatives)
    if metric.shape != (bonds, bonds) or third.shape != (bonds, bonds, number):
        raise ValueError(
            f"the metric has the shape {metric.shape} and the third cumulants {third.shape}; "
            f"{lattice.name} has {bonds} bonds and {number} representatives"
        )
    variances = np.diagonal(metric).reshape(number, -1)
    if lattice.shape and not np.allclose(variances, variances[:, :1], rtol=1e-6, atol=0.0):
        raise ValueError(f"{lattice.name}: couplings differ along an axis; contract it as a graph with the same bonds")
    try:
        inverse = np.linalg.inv(metric)
    except np.linalg.LinAlgError:
        raise ValueError(
            f"{lattice.name}: the metric is singular in double precision; its couplings are too large"
        ) from None
    inverse = (inverse + inverse.T) / 2
    trace = np.einsum("ab,abc->c", inverse, third)
    square = 0.0
    for k, bond in enumerate(lattice.representatives):
        lowered = inverse @ _joined(lattice, third, inverse[bond]) @ inverse
        square += float(np.sum(lowered * third[:, :, k]))
    if lattice.shape:
        square *= lattice.spins
        traces = np.repeat(trace, lattice.spins)
    else:
        traces = trace
    trace_squared = float(traces @ inverse @ traces)
    return Contractions((square - trace_squared) / 4, square, trace, trace_squared)


def translated(lattice: Lattice, third: np.ndarray) -> np.ndarray:
    """``T_abc`` of all bonds c of a torus from those of its representatives, shape (m, m, m)."""
    axes, shape = len(lattice.shape), lattice.shape
    blocks = third.reshape(axes, *shape, axes, *shape, axes)
    found = np.empty((len(lattice.bonds), len(lattice.bonds), axes, lattice.spins))
    where = tuple(range(1, axes + 1)) + tuple(range(axes + 2, 2 * axes + 2))
    for site, shift in enumerate(np.ndindex(shape)):
        found[..., site] = np.roll(blocks, shift * 2, where).reshape(third.shape)
    return found.reshape(len(lattice.bonds), len(lattice.bonds), -1)


def _joined(lattice: Lattice, third: np.ndarray, row: np.ndarray) -> np.ndarray:
    """``sum_c row_c T_abc`` over all bonds c, shape (m, m)."""
    if not lattice.shape:
        return third @ row
    axes, shape = len(lattice.shape), lattice.shape
    blocks = third.reshape(axes, *shape, axes, *shape, axes)
    where = tuple(range(1, axes + 1)) + tuple(range(axes + 2, 2 * axes + 2))
    factors = row.reshape(axes, lattice.spins)
    found = np.zeros(blocks.shape[:-1])
    for site, shift in enumerate(np.ndindex(shape)):
        found += np.roll(blocks @ factors[:, site], shift * 2, where)
    return found.reshape(third.shape[:2])
