"""The layers of a torus across one direction: powers of their transfer matrix, a few rows at a time, and what follows."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from numerics.torus_blocks import Blocks


@dataclass
class Layers:
    """The layers across one direction; see :mod:`numerics.transfer_matrix`.

    Attributes:
        shape: sides of the torus.
        direction: the axis across which layers lie.
        couplings: of each axis.
        table: the statistic of a bond, by the states of its spins, shape (q, q).
        memory: for the rows, in bytes.
        mean: of a bond of each axis inside the layers, once solved.
    """

    shape: tuple[int, ...]
    direction: int
    couplings: np.ndarray
    table: np.ndarray
    memory: float
    mean: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        states, self.length = len(self.table), self.shape[self.direction]
        self.inside = [axis for axis in range(len(self.shape)) if axis != self.direction]
        self.sides = tuple(self.shape[axis] for axis in self.inside)
        sites = np.arange(math.prod(self.sides)).reshape(self.sides)
        self.size = states**sites.size
        width = self._width(sites.size)
        spins = np.indices((states,) * sites.size, dtype=np.int16).reshape(sites.size, -1)
        # phi of the bonds inside a layer, shape (bonds, size): in the order of axes, then sites.
        self.values = np.concatenate(
            [self.table[spins, spins[np.roll(sites, -1, axis).reshape(-1)]] for axis in range(sites.ndim)]
        )
        exponents = np.repeat(self.couplings[self.inside], sites.size) @ self.values
        self.root = np.exp((exponents - exponents.max()) / 2)
        exponent = self.couplings[self.direction] * self.table
        self.weight = np.exp(exponent - exponent.max())
        self.halves = (sites.size // 2, sites.size - sites.size // 2)
        self.factors = (_power(self.weight, self.halves[0]), _power(self.weight, self.halves[1]))
        # So that the sums of rows of V are 1 at most.
        self.root /= np.sqrt(self._applied(np.ones((1, self.size)), self.factors).max())
        rows, multiplicity = _classes(spins, states)
        self.chunks = [(rows[i : i + width], multiplicity[i : i + width]) for i in range(0, len(rows), width)]

    def solve(self) -> None:
        """The partition function and the means of the bonds inside."""
        diagonal = np.zeros(len(self.values) + 1)
        for rows, multiplicity in self.chunks:
            powers = self._powers(rows, self.length - self.length // 2)
            returns = multiplicity * np.sum(powers[self.length // 2] * powers[-1], axis=1)
            diagonal += np.concatenate([self.values[:, rows] @ returns, [returns.sum()]])
            powers.clear()
        self.partition = diagonal[-1]
        means = diagonal[:-1].reshape(len(self.inside), -1).mean(axis=1) / self.partition
        self.mean = dict(zip(self.inside, map(float, means), strict=True))

    def correlate(self, special: int, mean: np.ndarray, blocks: Blocks) -> Iterator[None]:
        """Moments of one bond of the axis ``special`` and of all bonds inside layers; yields after every chunk of rows."""
        is_across = special == self.direction
        centred = self.values - np.repeat(mean[self.inside], self.size_of_layer)[:, None]
        # The statistic is in a power of V of its own if its bond leads to the next layer.
        total = self.length - 1 if is_across else self.length
        first = 1 if is_across else 0
        altered = self._altered(mean[special])
        reference = None if is_across else centred[self.inside.index(special) * self.size_of_layer]
        shape = (self.length, len(centred))
        third, metric = np.zeros(shape * 2), np.zeros(shape)
        for rows, multiplicity in self.chunks:
            powers = self._powers(rows, total)
            behind = centred[:, rows] * multiplicity
            for u in range(0 if is_across else 1, total + 1):
                here = self._applied(powers[u], altered) if reference is None else powers[u] * reference
                for r in range(total - u + 1):
                    t = total - u - r
                    joined = here * powers[t]
                    a, b = (first + r) % self.length, (first + r + t) % self.length
                    third[a, :, b] += (behind @ (joined @ centred.T)).T
                    if r == 0:
                        metric[b] += behind @ joined.sum(axis=1)
                    if t:
                        here = self._applied(here, self.factors)
            # Or they would be held until those of the next rows are there.
            powers.clear()
            yield
        swapped = third.transpose(2, 3, 0, 1)
        # Of two layers one order was summed; inside a layer both are the same.
        for a, b in itertools.combinations(range(self.length), 2):
            pair = third[a, :, b] + swapped[a, :, b]
            third[a, :, b], third[b, :, a] = pair, pair.T
        blocks.add(self.direction, special, third / self.partition, metric / self.partition)

    @property
    def size_of_layer(self) -> int:
        """Spins of a layer."""
        return math.prod(self.sides)

    def _width(self, spins: int) -> int:
        """How many rows to take at once: powers of V and some parts of the same size, beside what all rows share."""
        shared, each = 8.0 * self.size * spins * (2 * len(self.inside) + 1), 8.0 * self.size * (self.length + 8)
        if shared + each > self.memory:
            raise ValueError(
                f"layers of {spins} spins have {len(self.table)}^{spins} = {self.size} states, which take "
                f"{(shared + each) / 2**30:.2g} GiB at least; memory = {self.memory / 2**30:.2g} GiB"
            )
        return int((self.memory - shared) // each)

    def _powers(self, rows: np.ndarray, most: int) -> list[np.ndarray]:
        """Rows of ``V^0`` to ``V^most``."""
        begin = np.zeros((len(rows), self.size))
        begin[np.arange(len(rows)), rows] = 1.0
        found = [begin]
        for _ in range(most):
            found.append(self._applied(found[-1], self.factors))
        return found

    def _applied(self, rows: np.ndarray, factors: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Rows times ``D (first x second) D``."""
        left, right = factors
        split = (rows * self.root).reshape(-1, len(left), len(right))
        return (np.matmul(left, split @ right)).reshape(rows.shape) * self.root

    def _altered(self, mean: float) -> tuple[np.ndarray, np.ndarray]:
        """The factors of W with the centred statistic of the bond of the first spin in its place."""
        special = self.weight * (self.table - mean)
        return np.kron(special, _power(self.weight, self.halves[0] - 1)), self.factors[1]


def _power(matrix: np.ndarray, number: int) -> np.ndarray:
    """The Kronecker product of so many copies."""
    found = np.ones((1, 1))
    for _ in range(number):
        found = np.kron(found, matrix)
    return found


def _classes(spins: np.ndarray, states: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the states of a layer, one for each class under permutations of the states of a spin, and the size of its class.

    Kept are those in which states of spins come for the first time in their order.
    """
    highest = np.maximum.accumulate(spins, axis=0)
    is_first = (spins[0] == 0) & np.all(np.diff(highest, axis=0) <= 1, axis=0)
    rows = np.flatnonzero(is_first)
    used = highest[-1, rows] + 1
    return rows, np.array([math.perm(states, int(k)) for k in range(states + 1)], dtype=np.float64)[used]
