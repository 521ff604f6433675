"""Cumulants of the bonds of a torus by axes and distances, put together from layers across several directions."""

import itertools
import math

import numpy as np

Triple = tuple[int, int, int]


class Blocks:
    """What layers of several directions have found, by axes and by distances from a bond c at the origin."""

    def __init__(self, shape: tuple[int, ...]):
        self.shape, self.axes = shape, range(len(shape))
        self._third: dict[Triple, np.ndarray] = {}
        self._metric: dict[tuple[int, int], np.ndarray] = {}

    def add(self, direction: int, special: int, third: np.ndarray, metric: np.ndarray) -> None:
        """Put in what the layers across a direction have found with a bond of the axis ``special`` at the origin.

        Args:
            direction: the axis across which layers lie.
            special: the axis of the bond at the origin.
            third: by layer and bond inside it, of two bonds, shape (length, bonds, length, bonds).
            metric: likewise of one, shape (length, bonds).
        """
        inside = [axis for axis in self.axes if axis != direction]
        sides = [self.shape[axis] for axis in inside]
        full = (self.shape[direction], len(inside), *sides)
        # The layer is the coordinate along the direction.
        order = [1, *(0 if axis == direction else 2 + inside.index(axis) for axis in self.axes)]
        ordered = metric.reshape(full).transpose(order)
        number = math.prod(self.shape)
        both = third.reshape(full * 2).transpose([*order, *(len(order) + i for i in order)])
        both = both.reshape(len(inside), number, len(inside), number)
        for i, alpha in enumerate(inside):
            self._metric[alpha, special] = ordered[i]
            for j, beta in enumerate(inside):
                self._third[alpha, beta, special] = both[i, :, j]

    def metric(self) -> np.ndarray:
        """Shape (m, m)."""
        number, axes = math.prod(self.shape), len(self.shape)
        found = np.empty((axes, number, axes, number))
        for alpha, gamma in itertools.product(self.axes, repeat=2):
            is_known = (alpha, gamma) in self._metric
            block = self._metric[alpha, gamma] if is_known else _opposite(self._metric[gamma, alpha])
            for site, shift in enumerate(np.ndindex(self.shape)):
                found[alpha, :, gamma, site] = np.roll(block, shift, tuple(self.axes)).reshape(-1)
        return found.reshape(axes * number, axes * number)

    def third(self) -> np.ndarray:
        """Shape (m, m, axes)."""
        number, axes = math.prod(self.shape), len(self.shape)
        found = np.empty((axes, number, axes, number, axes))
        for alpha, beta, gamma in itertools.product(self.axes, repeat=3):
            found[alpha, :, beta, :, gamma] = self._block(alpha, beta, gamma)
        return found.reshape(axes * number, axes * number, axes)

    def _block(self, alpha: int, beta: int, gamma: int) -> np.ndarray:
        """Bonds of the axes alpha and beta at all sites, of the axis gamma at the origin, shape (number, number)."""
        if (alpha, beta, gamma) in self._third:
            return self._third[alpha, beta, gamma]
        if (alpha, gamma, beta) in self._third:
            # All three moved by the site of the second.
            known = self._third[alpha, gamma, beta].reshape(self.shape * 2)
            found = np.empty_like(known)
            for site in np.ndindex(self.shape):
                away = tuple(-x % side for x, side in zip(site, self.shape, strict=True))
                where = (slice(None),) * len(self.shape)
                found[(*where, *site)] = np.roll(known[(*where, *away)], site, tuple(self.axes))
            return found.reshape(math.prod(self.shape), -1)
        return self._block(beta, alpha, gamma).T


def _opposite(values: np.ndarray) -> np.ndarray:
    """At the opposite sites."""
    axes = tuple(range(values.ndim))
    return np.roll(np.flip(values, axes), 1, axes)
