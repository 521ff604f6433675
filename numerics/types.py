r"""Types of samples: all count vectors of n draws from a finite alphabet, and exact probabilities of events, on the host.

The type of n draws is the vector of counts of its letters. There are ``C(n + k - 1, k - 1)`` for k letters; they are listed in
blocks, and the probability of an event is a sum over them in the scale of its largest term. The logarithm of a multinomial
probability is a sum of ``n KL(counts/n, law)`` and Stirling remainders, none of which cancel (Loader 2000, Fast and Accurate
Computation of Binomial Probabilities).

Source: Cover & Thomas 2006, section 11.1, for types.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlog1py

from numerics.stirling import log_factorial_rest

MOST_LETTERS = 6
MOST_TYPES = 50_000_000
_BLOCK = 2**16
_ROUNDING = 1e-12

Counts = NDArray[np.int64]
Event = Callable[[Counts], NDArray[np.bool_]]


def number_of_types(draws: int, letters: int) -> int:
    """``C(n + k - 1, k - 1)``.

    Raises:
        TypeError: unless both are integers.
        ValueError: unless ``draws >= 1`` and ``2 <= letters <= 6``.
    """
    for name, value, low, high in (("draws", draws, 1, math.inf), ("letters", letters, 2, MOST_LETTERS)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} = {value!r}; it must be an integer")
        if not low <= value <= high:
            raise ValueError(f"{name} = {value}; its domain is {low} <= {name} <= {high}")
    return math.comb(draws + letters - 1, letters - 1)


def types(draws: int, letters: int, block: int = _BLOCK) -> Iterator[Counts]:
    """All types, in blocks of shape (at most ``block``, letters).

    Args:
        draws: how many, n.
        letters: of the alphabet, k.
        block: how many types come at once.

    Raises:
        TypeError: unless the numbers are integers.
        ValueError: outside the domain of :func:`number_of_types`, or for more than 50 million types, naming their number.
    """
    number = number_of_types(draws, letters)
    if number > MOST_TYPES:
        raise ValueError(
            f"{draws} draws from {letters} letters have {number} types; {MOST_TYPES} can be enumerated: take fewer draws"
        )
    # Row j counts the types of 0, ..., n draws from j + 1 letters.
    sizes = np.ones((letters, draws + 1), dtype=np.int64)
    for row in range(1, letters):
        sizes[row] = np.cumsum(sizes[row - 1])

    def listed() -> Iterator[Counts]:
        for start in range(0, number, block):
            rank = np.arange(start, min(start + block, number))
            counts = np.empty((len(rank), letters), dtype=np.int64)
            left = np.full(len(rank), draws)
            for letter in range(letters - 1):
                # The combinatorial number system: of the draws left, so many go to the letters after this one.
                table = sizes[letters - 1 - letter]
                after = np.searchsorted(table, rank, side="right")
                rank = rank - np.where(after > 0, table[after - 1], 0)
                counts[:, letter] = left - after
                left = after
            counts[:, -1] = left
            yield counts

    return listed()


def log_probabilities(law: ArrayLike, counts: ArrayLike) -> NDArray[np.float64]:
    """Logarithms of multinomial probabilities.

    Args:
        law: positive probabilities of the letters, shape (k,).
        counts: integers that are not negative, shape (N, k); the rows may have different totals of at least 1.

    Returns:
        Shape (N,); for a few thousand draws with an error below ``1e-12`` where the probability is above ``1e-300``.

    Raises:
        TypeError: for counts that are not integers.
        ValueError: for a law that is none, counts below 0, or shapes that do not fit together.
    """
    law, counts = validated_law(law), np.asarray(counts)
    if not np.issubdtype(counts.dtype, np.integer):
        raise TypeError(f"counts have dtype {counts.dtype}; they must be integers")
    if counts.ndim != 2 or counts.shape[1] != len(law):
        raise ValueError(f"counts have shape {counts.shape}; it must be (N, {len(law)}), one column for each letter")
    draws = counts.sum(axis=1)
    if counts.size and (counts.min() < 0 or draws.min() < 1):
        raise ValueError(
            f"counts have the least entry {counts.min()} and the least total {draws.min()}; 0 and 1 are allowed"
        )
    return log_factorial_rest(draws) - np.sum(_deviance(counts, draws[:, None] * law), axis=1)


def log_event_probability(law: ArrayLike, draws: int, event: Event) -> float:
    """The logarithm of the probability that the type of n draws lies in an event; ``-inf`` if no type does.

    Args:
        law: positive probabilities of the letters, shape (k,).
        draws: how many, n.
        event: from counts of shape (N, k) to truth values of shape (N,).

    Raises:
        TypeError: as :func:`types`.
        ValueError: as :func:`types`, and for a law that is none.
    """
    return _summed(validated_law(law), draws, event).log_probability


@dataclass(frozen=True)
class Conditioned:
    """Independent draws, given that their type lies in an event.

    Attributes:
        log_probability: of the event.
        letter: the law of the first draw, given the event, shape (k,).
        pair: the joint law of the first two draws, given the event, shape (k, k); NaN for a single draw.
    """

    log_probability: float
    letter: NDArray[np.float64]
    pair: NDArray[np.float64]


def conditioned(law: ArrayLike, draws: int, event: Event) -> Conditioned:
    """The law of one draw and of two draws, given an event: draws are exchangeable, so they are means of counts.

    Args:
        law: positive probabilities of the letters, shape (k,).
        draws: how many, n.
        event: from counts of shape (N, k) to truth values of shape (N,).

    Raises:
        TypeError: as :func:`types`.
        ValueError: as :func:`log_event_probability`, and for an event that no type lies in.
    """
    found = _summed(validated_law(law), draws, event, with_moments=True)
    if math.isinf(found.log_probability):
        raise ValueError(f"event contains no type of {draws} draws; its domain is events of positive probability")
    return found


def validated_law(law: ArrayLike) -> NDArray[np.float64]:
    """The law as float64.

    Raises:
        ValueError: unless it is a vector of at least two positive numbers that add up to 1.
    """
    law = np.asarray(law, dtype=np.float64)
    if law.ndim != 1 or len(law) < 2:
        raise ValueError(f"law has shape {law.shape}; it must be (k,) with k >= 2")
    if not (np.all(law > 0) and abs(law.sum() - 1) <= _ROUNDING * len(law)):
        raise ValueError(f"law = {law.tolist()}; its domain is positive probabilities that add up to 1")
    return law


def _deviance(counts: NDArray[np.int64], means: NDArray[np.float64]) -> NDArray[np.float64]:
    """``log c! + m - c log m``, elementwise: minus the logarithm of a Poisson probability."""
    step = counts - means
    return log_factorial_rest(counts) + xlog1py(counts, step / means) - step


def _summed(law: NDArray[np.float64], draws: int, event: Event, with_moments: bool = False) -> Conditioned:
    letters = len(law)
    blocks = types(draws, letters)
    table = _deviance(np.arange(draws + 1)[None, :], (draws * law)[:, None])
    rest = float(log_factorial_rest(draws))
    scale, total = -math.inf, 0.0
    singles, pairs = np.zeros(letters), np.zeros((letters, letters))
    for block in blocks:
        counts = block[event(block)]
        if not len(counts):
            continue
        logs = rest - sum(table[letter, counts[:, letter]] for letter in range(letters))
        top = max(scale, float(logs.max()))
        shrunk, scale = math.exp(scale - top), top
        weights = np.exp(logs - top)
        total = total * shrunk + float(weights.sum())
        if with_moments:
            weighed = counts * weights[:, None]
            # Of ordered pairs of draws: c_i c_j, and c_i (c_i - 1) for equal letters.
            of_block = weighed.T @ counts.astype(np.float64)
            np.fill_diagonal(of_block, np.sum(weighed * (counts - 1), axis=0))
            singles, pairs = singles * shrunk + weighed.sum(axis=0), pairs * shrunk + of_block
    log_probability = scale + math.log(total) if total else -math.inf
    if not (with_moments and total):
        return Conditioned(log_probability, np.full(letters, np.nan), np.full((letters, letters), np.nan))
    pair = pairs / (total * draws * (draws - 1)) if draws > 1 else np.full_like(pairs, np.nan)
    return Conditioned(log_probability, singles / (total * draws), pair)
