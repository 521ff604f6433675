"""Laws on finite sets, their divergences and tilts, in batches: what checks of projections have in common."""

import numpy as np
from scipy.special import log_softmax


def kl(log_q: np.ndarray, log_p: np.ndarray) -> np.ndarray:
    """``KL(q || p)`` over the last axis, of laws by their logarithms: projections may have states too rare for numbers."""
    return np.sum(np.exp(log_q) * (log_q - log_p), axis=-1)


def log_tilt(base: np.ndarray, statistics: np.ndarray, multipliers: np.ndarray) -> np.ndarray:
    """The logarithm of the tilt ``p exp(lambda . f) / Z``.

    Args:
        base: p, shape (b, n).
        statistics: f, shape (b, n, k).
        multipliers: lambda, shape (b, k).
    """
    return log_softmax(np.log(base) + np.einsum("bnk,bk->bn", statistics, multipliers), axis=1)


def means(law: np.ndarray, statistics: np.ndarray) -> np.ndarray:
    """Of statistics of shape (b, n, k) under laws of shape (b, n)."""
    return np.einsum("bn,bnk->bk", law, statistics)
