"""How far an ensemble of N members has moved: estimates of the squared Wasserstein distance between its laws at two times.

All sums run over blocks of parameters, so that memory is what the two checkpoints take. Sources: Kantorovich duality for the
lower bound; the map of every coordinate, a shift and a stretch, is that of Gelbrich 1990 for independent coordinates.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import skew
from scipy.stats import t as student

_BLOCK = 4096
_LEAST_SKEWNESS = 1e-6
# Two folds, each with enough members for a jackknife of a ratio of deviations.
FEWEST_MEMBERS = 8

Parts = Sequence[np.ndarray]


@dataclass(frozen=True)
class Movement:
    """What two checkpoints of the same members show without a fit to one half of them.

    Attributes:
        displacements: squared displacement of every member, shape (N,). Their mean is an unbiased estimate of what the
            coupling by members costs, which is at least the squared distance; noise that the optimiser adds is in it.
        shift: an unbiased estimate of the squared shift of the mean; it may be negative.
        stretch: an estimate of the squared changes of the standard deviations of the coordinates, from products of two
            halves of the members; it may be negative.
    """

    displacements: np.ndarray
    shift: float
    stretch: float

    @property
    def squared_distance(self) -> float:
        """Shift and stretch: an estimate of a lower bound of the squared distance, equality for shifts and stretches."""
        return self.shift + self.stretch


@dataclass(frozen=True)
class Bound:
    """A one-sided confidence bound of a mean.

    Attributes:
        estimate: of the mean.
        value: the bound.
    """

    estimate: float
    value: float


def movement(begin: Parts, end: Parts, weights: Parts | None = None) -> Movement:
    """Compare two checkpoints.

    Args:
        begin: arrays of shape (N, parameters of the part), the same members in the same order as in ``end``.
        end: the same arrays later.
        weights: factors of the coordinates, shape (parameters of the part,) each; 1 if not given.
    """
    members = len(begin[0])
    displacements, shift, stretch = np.zeros(members), 0.0, 0.0
    halves = _halves(members)
    for x, y in _blocks(begin, end, weights):
        d = y - x
        squares = np.einsum("ij,ij->i", d, d)
        displacements += squares
        total = d.sum(axis=0)
        shift += (total @ total - squares.sum()) / (members * (members - 1))
        first, second = ((y[half].std(axis=0, ddof=1) - x[half].std(axis=0, ddof=1)) for half in halves)
        stretch += float(first @ second)
    return Movement(displacements, float(shift), stretch)


def lower_bound(begin: Parts, end: Parts, confidence: float, weights: Parts | None = None) -> Bound:
    """A lower confidence bound of the squared distance, by cross-fitted Kantorovich duality.

    A shift and a stretch of every coordinate, fitted to one half of the members and shrunk by how much of them is noise
    there, give a pair of potentials whose mean over the laws is never above the squared distance; the other half of the
    members estimates that mean. Both ways are averaged, with the average of both standard errors, which is right however
    they depend on each other. For few members in many dimensions the bound is low; it is not too high.

    Args:
        begin: arrays of shape (N, parameters of the part), N >= 8.
        end: the same members later.
        confidence: of the bound, between 0.5 and 1.
        weights: as for :func:`movement`.
    """
    first, second = _halves(len(begin[0]))
    means, errors = [], []
    for fitted, held in ((first, second), (second, first)):
        gains = _gains(begin, end, weights, fitted, held)
        means.append(gains.mean())
        errors.append(gains.std(ddof=1) / np.sqrt(len(held)))
    quantile = student.ppf(confidence, min(len(first), len(second)) - 1)
    estimate = float(np.mean(means))
    return Bound(estimate, max(0.0, estimate - float(quantile * np.mean(errors))))


def upper_bound_of_mean(values: np.ndarray, confidence: float) -> Bound:
    """The mean of independent values, and an upper confidence bound of what it estimates.

    Student's quantile, with the cubic transformation by which Hall 1992 (On the removal of skewness by transformation) takes
    the skewness of the values into account; energies are skewed, and for ten of them the bound would else be too low.
    """
    n, mean = len(values), float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(n)
    quantile = -float(student.ppf(confidence, n - 1))
    skewness = float(skew(values, bias=False)) / math.sqrt(n) if error > 0 else 0.0
    if abs(skewness) > _LEAST_SKEWNESS:
        quantile = 3.0 / skewness * float(np.cbrt(1.0 + skewness * (quantile - skewness / 6.0)) - 1.0)
    return Bound(mean, mean - error * quantile)


def empirical_squared_distance(begin: Parts, end: Parts, weights: Parts | None = None) -> float:
    """The squared distance between the two empirical measures, by linear programming; biased up.

    Args:
        begin: arrays of shape (N, parameters of the part).
        end: arrays of shape (N', parameters of the part).
        weights: as for :func:`movement`.
    """
    import ot

    cost = np.zeros((len(begin[0]), len(end[0])))
    for x, y in _blocks(begin, end, weights):
        a, b = x - x.mean(axis=0), y - x.mean(axis=0)
        cost += np.sum(a * a, axis=1)[:, None] + np.sum(b * b, axis=1) - 2.0 * (a @ b.T)
    return float(ot.emd2([], [], np.maximum(cost, 0.0)))


def _gains(begin: Parts, end: Parts, weights: Parts | None, fitted: np.ndarray, held: np.ndarray) -> np.ndarray:
    """What the potentials fitted to some members come to on others, shape (members held,)."""
    moved = noise_of_shift = stretched = noise_of_stretch = 0.0
    for x, y in _blocks(begin, end, weights):
        mean, shift, excess, spread = _fit(x[fitted], y[fitted])
        moved += float(shift @ shift)
        noise_of_shift += float(np.sum((y - x)[fitted].var(axis=0, ddof=1))) / len(fitted)
        stretched += float(np.sum((spread * excess) ** 2))
        noise_of_stretch += float(np.sum(spread**2 * _jackknife_of_ratio(x[fitted], y[fitted])))
    keep_shift, keep_stretch = _kept(moved, noise_of_shift), _kept(stretched, noise_of_stretch)
    gains = np.zeros(len(held))
    for x, y in _blocks(begin, end, weights):
        mean, shift, excess, _ = _fit(x[fitted], y[fitted])
        shift, stretch = keep_shift * shift, 1.0 + keep_stretch * excess
        a, b = x[held] - mean, y[held] - (mean + shift)
        # |x|^2 - 2 u(x) + |y|^2 - 2 u*(y) for u(x) = k (x - m)^2/2 + (m + shift) x, each coordinate of its own.
        gains += (a * a) @ (1.0 - stretch) + (b * b) @ (1.0 - 1.0 / stretch) + 2.0 * (b - a) @ shift + shift @ shift
    return gains


def _fit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean, shift of the mean, excess of the ratio of deviations over 1, and deviation, of every coordinate."""
    mean, before, after = x.mean(axis=0), x.std(axis=0, ddof=1), y.std(axis=0, ddof=1)
    return mean, y.mean(axis=0) - mean, _ratio(after, before) - 1.0, before


def _ratio(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Of deviations, 1 where one of them is 0: a stretch must be positive."""
    is_usable = (before > 0) & (after > 0)
    return np.where(is_usable, after, 1.0) / np.where(is_usable, before, 1.0)


def _jackknife_of_ratio(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The variance of the ratio of deviations of every coordinate, by leaving one member out at a time."""
    n = len(x)
    left = []
    for values in (y, x):
        squares = (values - values.mean(axis=0)) ** 2
        rest = squares.sum(axis=0) - squares * n / (n - 1)
        left.append(np.sqrt(np.maximum(rest, 0.0) / (n - 2)))
    ratios = _ratio(*left)
    return (n - 1) * ratios.var(axis=0)


def _kept(square: float, noise: float) -> float:
    """The factor by which to shrink what was measured, given the part of its square that is noise."""
    return max(0.0, 1.0 - noise / square) if square > 0 else 0.0


def _halves(members: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(0, members, 2), np.arange(1, members, 2)


def _blocks(begin: Parts, end: Parts, weights: Parts | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Blocks of both checkpoints in float64, weighted."""
    for index, (x, y) in enumerate(zip(begin, end, strict=True)):
        for place in range(0, x.shape[1], _BLOCK):
            columns = slice(place, place + _BLOCK)
            block = [np.asarray(values[:, columns], dtype=np.float64) for values in (x, y)]
            if weights is not None:
                block = [values * weights[index][columns] for values in block]
            yield block[0], block[1]
