"""Graphs of spins: tori, rings, chains, grids, complete graphs and others, by their bonds."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from numerics.sizes import whole_number

Edge = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Lattice:
    """Spins, numbered from 0, and the bonds between them.

    Attributes:
        name: for tables and messages.
        spins: how many.
        bonds: pairs of spins, shape (m, 2), no pair twice.
        shape: sides of a torus; empty for other graphs. Its spins are numbered in the order of an array of this shape (the
            last coordinate runs fastest), and bond ``axis * spins + x`` joins spin x to the next one along the axis.
    """

    name: str
    spins: int
    bonds: np.ndarray
    shape: tuple[int, ...] = ()

    @property
    def axes(self) -> np.ndarray:
        """The axis of each bond of a torus, shape (m,)."""
        return np.repeat(np.arange(len(self.shape)), self.spins)

    @property
    def representatives(self) -> np.ndarray:
        """Bonds that translations take to all others: of a torus one for each axis, of other graphs all bonds."""
        return np.arange(len(self.shape)) * self.spins if self.shape else np.arange(len(self.bonds))


def torus(shape: Sequence[int]) -> Lattice:
    """A grid that is periodic in every direction.

    Args:
        shape: its sides, 3 at least: on smaller ones two bonds join the same spins.
    """
    sides = _sides(shape, 3, "on smaller ones two bonds join the same spins")
    sites = np.arange(math.prod(sides)).reshape(sides)
    pairs = [np.stack([sites.reshape(-1), np.roll(sites, -1, axis).reshape(-1)], axis=1) for axis in range(sites.ndim)]
    return Lattice(f"torus {_product(sides)}", sites.size, np.concatenate(pairs), sides)


def ring(spins: int) -> Lattice:
    """A torus of one dimension, of 3 spins at least."""
    (number,) = _sides([spins], 3, "on smaller ones two bonds join the same spins")
    return Lattice(f"ring of {number}", number, torus([number]).bonds, (number,))


def chain(spins: int) -> Lattice:
    """Two spins or more in a row, its ends open."""
    (number,) = _sides([spins], 2, "a chain has one bond at least")
    return Lattice(f"chain of {number}", number, grid([number]).bonds)


def grid(shape: Sequence[int]) -> Lattice:
    """A grid with open ends in every direction, with two spins at least."""
    sides = _sides(shape, 1, "sides count spins")
    sites = np.arange(math.prod(sides)).reshape(sides)
    if sites.size < 2:
        raise ValueError(f"shape = {sides}; a grid has one bond at least")
    pairs = []
    for axis in range(sites.ndim):
        along = np.moveaxis(sites, axis, 0)
        pairs.append(np.stack([along[:-1].reshape(-1), along[1:].reshape(-1)], axis=1))
    return Lattice(f"grid {_product(sides)}", sites.size, np.concatenate(pairs))


def complete(spins: int) -> Lattice:
    """Two spins or more, each joined to every other."""
    (number,) = _sides([spins], 2, "a graph has one bond at least")
    return Lattice(f"complete graph of {number}", number, np.stack(np.triu_indices(number, 1), axis=1))


def graph(edges: Iterable[Edge], name: str = "graph") -> Lattice:
    """Any graph, by its edges.

    Args:
        edges: pairs (i, j) of different spins, numbered from 0 without gaps; no pair occurs twice.
        name: for tables and messages.
    """
    pairs: list[Edge] = []
    for edge in edges:
        if not isinstance(edge, tuple | list | np.ndarray) or len(edge) != 2:
            raise TypeError(f"edges must be pairs of spins, not {edge!r}")
        i, j = (whole_number(spin, "spin", 0) for spin in edge)
        if i == j:
            raise ValueError(f"edge ({i}, {j}) joins a spin to itself")
        pairs.append((i, j))
    if not pairs:
        raise ValueError("edges is empty; a graph has one edge at least")
    seen: set[frozenset[int]] = set()
    for pair in pairs:
        if frozenset(pair) in seen:
            raise ValueError(f"edge {pair} occurs twice")
        seen.add(frozenset(pair))
    number = 1 + max(map(max, pairs))
    if bare := set(range(number)) - {spin for pair in pairs for spin in pair}:
        raise ValueError(f"spin {min(bare)} has no edge; spins are numbered from 0 without gaps")
    return Lattice(name, number, np.array(pairs))


def _sides(shape: Sequence[int], least: int, why: str) -> tuple[int, ...]:
    if isinstance(shape, str) or not isinstance(shape, Sequence) or not shape:
        raise TypeError(f"shape must be a sequence of whole numbers, not {shape!r}")
    sides = tuple(whole_number(side, "side", 1) for side in shape)
    if min(sides) < least:
        raise ValueError(f"side = {min(sides)}; it must be at least {least}: {why}")
    return sides


def _product(sides: Sequence[int]) -> str:
    return " x ".join(map(str, sides))
