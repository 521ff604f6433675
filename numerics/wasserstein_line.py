"""The Wasserstein distance on the line, exactly, of laws that are uniform on cells."""

import jax.numpy as jnp
from jax import Array

from numerics.arrays import Scalar


def squared_distance(edges: Array, first: Array, second: Array) -> Scalar:
    """``W2^2 = int_0^1 (Q(u) - Q'(u))^2 du`` by the quantile functions Q, which are linear between their joint levels.

    Args:
        edges: of n cells, increasing, shape (n + 1,).
        first: probabilities of the cells, shape (n,), >= 0, with sum 1.
        second: those of the other law, shape (n,).

    Returns:
        The squared distance; NaN for negative probabilities.
    """
    zero = jnp.zeros(1, first.dtype)
    cumulated = [jnp.concatenate([zero, jnp.cumsum(p)]) for p in (first, second)]
    levels = jnp.sort(jnp.concatenate([c / c[-1] for c in cumulated]))
    low, high = levels[:-1], levels[1:]
    # Both ends of every piece, each on its own side of a jump over empty cells.
    middle, width = 0.5 * (low + high), high - low
    gaps = []
    for shift in (-0.5, 0.5):
        # The piece is linear: its ends follow from two points inside it.
        inside = [jnp.interp(middle + 0.5 * shift * width, c / c[-1], edges) for c in cumulated]
        gaps.append(inside[0] - inside[1])
    begin, end = gaps[0] + 0.5 * (gaps[0] - gaps[1]), gaps[1] + 0.5 * (gaps[1] - gaps[0])
    is_valid = jnp.all(first >= 0) & jnp.all(second >= 0)
    return jnp.where(is_valid, 1.0, jnp.nan) * jnp.sum(width * (begin * begin + begin * end + end * end)) / 3.0
