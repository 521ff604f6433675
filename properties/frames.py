"""Components in units of the coordinates, so that tolerances mean the same in every chart."""

import numpy as np


def units(metric: np.ndarray) -> np.ndarray:
    """The coordinate steps of unit length, ``1 / sqrt(g_ii)``, shape (n, d) for metrics (n, d, d)."""
    return 1 / np.sqrt(np.einsum("nii->ni", np.asarray(metric)))


def in_units(tensor: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """A tensor with lower indices, for unit steps of the coordinates."""
    value = np.asarray(tensor)
    for axis in range(1, value.ndim):
        shape = [len(unit)] + [1] * (value.ndim - 1)
        shape[axis] = unit.shape[1]
        value = value * unit.reshape(shape)
    return value


def condition(metric: np.ndarray) -> np.ndarray:
    """The condition number of each metric in these units, shape (n,)."""
    metric = np.asarray(metric)
    return np.linalg.cond(in_units(metric, units(metric)))
