r"""How well the entropy of a law approximates the logarithm of a number of arrangements, and what Stirling's correction adds.

n draws with the counts ``n P_i`` can be arranged in ``n! / prod_i (n P_i)!`` ways, with Gamma functions where the counts are
no integers. The logarithm, divided by n, is about the entropy H; the correction is ``log(2 pi n / prod_i 2 pi n P_i) / (2 n)``.

Source: Balsubramani 2024, figure 1.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from numerics.stirling import log_factorial_rest, remainder
from numerics.types import validated_law

_FEWEST = 2


class Errors(NamedTuple):
    """Of the approximations of the logarithm divided by n, in nats.

    Attributes:
        before: of the entropy; never negative.
        after: of the entropy with the correction; positive.
        entropy: of the law.
    """

    before: float
    after: float
    entropy: float


def errors(law: ArrayLike, draws: float) -> Errors:
    """Entropy less logarithm, and corrected entropy less logarithm, both without cancellation.

    Args:
        law: positive probabilities P, shape (D,).
        draws: n > 0, a real number.

    Raises:
        ValueError: for a law that is none, or draws outside their domain.
    """
    law, n = validated_law(law), float(draws)
    if not 0 < n < math.inf:
        raise ValueError(f"draws = {draws}; its domain is finite numbers > 0")
    counts = n * law
    before = float(np.sum(log_factorial_rest(counts))) - float(log_factorial_rest(n))
    after = float(np.sum(remainder(counts))) - float(remainder(n))
    return Errors(before / n, after / n, -float(law @ np.log(law)))


def crossing(law: ArrayLike) -> float:
    """The number of draws above which the correction brings the approximation nearer, and below which it takes it away.

    It is the n for which ``prod_i 2 pi n P_i = 2 pi n``; a real number.

    Args:
        law: positive probabilities P, shape (D,).

    Raises:
        ValueError: for a law that is none.
    """
    law = validated_law(law)
    return math.exp(-float(np.sum(np.log(law))) / (len(law) - 1)) / (2 * math.pi)


def uniform(letters: int) -> NDArray[np.float64]:
    """All letters alike, shape (letters,)."""
    return _normalised(np.ones(_checked(letters)))


def exponential_quantiles(letters: int) -> NDArray[np.float64]:
    """``P_i`` proportional to ``-log(1 - (i - 1/2)/D)``: what a uniform Dirichlet law looks like, sorted; shape (letters,)."""
    return _normalised(-np.log1p(-_midpoints(letters)))


def half_gamma_quantiles(letters: int) -> NDArray[np.float64]:
    """``P_i`` proportional to the quantiles of a gamma law of shape 1/2, as for a Dirichlet law of 1/2; shape (letters,)."""
    return _normalised(gammaincinv(0.5, _midpoints(letters)))


def zipf(letters: int) -> NDArray[np.float64]:
    """``P_i`` proportional to ``1/i``, shape (letters,)."""
    return _normalised(1 / np.arange(1, _checked(letters) + 1))


def two_levels(letters: int) -> NDArray[np.float64]:
    """Half of the letters nine times as probable as the others, shape (letters,); one more of these if D is odd."""
    return _normalised(np.where(np.arange(_checked(letters)) < letters // 2, 9.0, 1.0))


LAWS: Mapping[str, Callable[[int], NDArray[np.float64]]] = {
    "uniform": uniform, "two levels": two_levels, "exponential quantiles": exponential_quantiles,
    "half gamma quantiles": half_gamma_quantiles, "Zipf": zipf,
}  # fmt: skip


def _midpoints(letters: int) -> NDArray[np.float64]:
    return (np.arange(_checked(letters)) + 0.5) / letters


def _normalised(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return weights / np.sum(weights)


def _checked(letters: int) -> int:
    if isinstance(letters, bool) or not isinstance(letters, int | np.integer):
        raise TypeError(f"letters = {letters!r}; it must be an integer")
    if letters < _FEWEST:
        raise ValueError(f"letters = {letters}; its domain is letters >= {_FEWEST}")
    return int(letters)
