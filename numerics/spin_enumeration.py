"""Cumulants of the bonds of a spin model on any graph, by a sum over all states, in blocks of chosen memory.

One spin is held in one state: the others of its states follow by the global symmetry. Two passes are made, the second about
the means of the first, and sums over blocks are compensated, so that digits do not go down with the number of states.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.lattices import Lattice
from numerics.spin_models import bond_values, checked_couplings

Progress = Callable[[int, int], None]
_MOST_STATES = 2**26
_LARGEST_BLOCK = 2**14


@dataclass(frozen=True)
class Cumulants:
    """Of the statistics phi of all bonds.

    Attributes:
        mean: shape (m,).
        metric: covariances, shape (m, m).
        third: third cumulants T_abc, with the representatives as last index, shape (m, m, k).
        representatives: bonds c of the last index of ``third``, shape (k,).
    """

    mean: np.ndarray
    metric: np.ndarray
    third: np.ndarray
    representatives: np.ndarray


def cumulants(
    lattice: Lattice,
    couplings: float | np.ndarray,
    model: str = "ising",
    states: int = 2,
    representatives: Sequence[int] | np.ndarray | None = None,
    memory: float = 2**30,
    progress: Progress | None = None,
) -> Cumulants:
    """Means, covariances and third cumulants of all bonds.

    Args:
        lattice: spins and bonds.
        couplings: one for all bonds or one for each, finite.
        model: ``"ising"`` or ``"potts"``.
        states: of a spin.
        representatives: bonds c for which ``T_abc`` is wanted; all, if None.
        memory: what may be used, in bytes.
        progress: called with how many states of both passes are done and how many there are.

    Raises:
        ValueError: outside the domain, and for more than 2^26 states or more memory than allowed.
    """
    table = bond_values(model, states)
    number, bonds = lattice.spins, len(lattice.bonds)
    weights = checked_couplings(couplings, bonds, "bonds")
    wanted = np.arange(bonds) if representatives is None else np.asarray(representatives)
    if wanted.ndim != 1 or not np.issubdtype(wanted.dtype, np.integer) or not np.isin(wanted, range(bonds)).all():
        raise ValueError(f"representatives = {representatives}; their domain is bonds from 0 to {bonds - 1}")
    total = states ** (number - 1)
    if total > _MOST_STATES:
        raise ValueError(
            f"{lattice.name}: {states}^{number - 1} = 10^{(number - 1) * math.log10(states):.1f} states with one spin held; "
            "at most 2^26 are enumerated"
        )
    size = _block(lattice, table, len(wanted), memory)
    passes = _Passes(lattice, table, weights, size, total, progress)
    mean, top, scale = passes.first()
    metric, third = passes.second(mean, top, scale, wanted)
    return Cumulants(mean, metric, third, wanted)


class _Passes:
    """Both sums over all states, block by block."""

    def __init__(
        self, lattice: Lattice, table: np.ndarray, couplings: np.ndarray, block: int, total: int, progress: Progress | None
    ):  # fmt: skip
        self.lattice, self.table, self.couplings, self.progress = lattice, table, couplings, progress
        self.size, self.total, self.done = block, total, 0
        # The spins that run inside a block; the first of all is held.
        self.inner = round(math.log(block, len(table)))
        self.digits = np.stack([(np.arange(block) // len(table) ** k) % len(table) for k in range(self.inner)])

    def first(self) -> tuple[np.ndarray, float, float]:
        """Means, the largest exponent, and the sum of all weights relative to it."""
        top, sums = -np.inf, _Sum((len(self.couplings) + 1,))
        for values in self._blocks():
            exponents = self.couplings @ values
            higher = max(top, float(exponents.max()))
            sums.scale(np.exp(top - higher))
            top = higher
            weights = np.exp(exponents - top)
            sums.add(np.concatenate([values @ weights, [weights.sum()]]))
        return sums.value[:-1] / sums.value[-1], top, float(sums.value[-1])

    def second(self, mean: np.ndarray, top: float, scale: float, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Covariances and third cumulants about the means."""
        bonds = len(mean)
        metric, third = _Sum((bonds, bonds)), _Sum((len(wanted), bonds, bonds))
        is_full = len(wanted) == bonds and bool((wanted == np.arange(bonds)).all())
        found = np.zeros((len(wanted), bonds, bonds))
        for values in self._blocks():
            centred = values - mean[:, None]
            weighted = centred * (np.exp(self.couplings @ values - top) / scale)
            metric.add(weighted @ centred.T)
            for k, bond in enumerate(wanted):
                # All bonds wanted: those before c are known by symmetry.
                rows = slice(bond if is_full else 0, None)
                found[k, rows, rows] = (weighted[rows] * centred[bond]) @ centred[rows].T
            third.add(found)
        if is_full:
            a, b, c = np.sort(np.indices((bonds,) * 3).reshape(3, -1), axis=0)
            return metric.value, third.value[a, b, c].reshape((bonds,) * 3)
        return metric.value, np.moveaxis(third.value, 0, -1)

    def _blocks(self) -> Iterator[np.ndarray]:
        """The statistics of all bonds in the states of a block, shape (m, block)."""
        first, second = self.lattice.bonds.T
        spins = np.zeros((self.lattice.spins, self.size), dtype=np.int64)
        spins[1 : 1 + self.inner] = self.digits
        for begin in range(0, self.total, self.size):
            rest = begin // self.size
            for spin in range(1 + self.inner, self.lattice.spins):
                rest, spins[spin] = divmod(rest, len(self.table))
            yield self.table[spins[first], spins[second]]
            self.done += self.size
            if self.progress is not None:
                self.progress(self.done, 2 * self.total)


class _Sum:
    """A compensated sum of arrays (Neumaier)."""

    def __init__(self, shape: tuple[int, ...]):
        self._sum, self._rest = np.zeros(shape), np.zeros(shape)

    @property
    def value(self) -> np.ndarray:
        return self._sum + self._rest

    def add(self, part: np.ndarray) -> None:
        total = self._sum + part
        is_larger = np.abs(self._sum) >= np.abs(part)
        self._rest += np.where(is_larger, (self._sum - total) + part, (part - total) + self._sum)
        self._sum = total

    def scale(self, factor: float) -> None:
        self._sum, self._rest = self._sum * factor, self._rest * factor


def _block(lattice: Lattice, table: np.ndarray, wanted: int, memory: float) -> int:
    """How many states to take at once: a power of q, all but the held spin at most."""
    bonds, states = len(lattice.bonds), len(table)
    # The sum, its compensation and a few parts of the same size; and of each state spins, statistics and their products.
    fixed = 8 * bonds**2 * (6 * wanted + 6)
    each = 8 * (lattice.spins + 6 * bonds)
    if fixed + each * states > memory:
        raise ValueError(
            f"{lattice.name}: {wanted} x {bonds}^2 third cumulants take {(fixed + each * states) / 2**30:.2g} GiB; "
            f"memory = {memory / 2**30:.2g} GiB. Ask for fewer representatives, or allow more"
        )
    most = min(_LARGEST_BLOCK, (memory - fixed) // each)
    return states ** min(lattice.spins - 1, int(math.log(most, states) + 1e-9))
