"""Named parameters with their domains, laid out one after the other in a point of shape (d,)."""

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Matrix, Point, agreeing


def lower_indices(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the entries of a lower triangle, row by row: 11, 21, 22, 31, ..."""
    return np.tril_indices(size)


@functools.cache
def _positions(size: int) -> np.ndarray:
    """For each entry of a symmetric matrix its position in the lower triangle, shape (size, size)."""
    rows, columns = lower_indices(size)
    positions = np.zeros((size, size), dtype=np.int32)
    positions[rows, columns] = positions[columns, rows] = np.arange(len(rows))
    return positions


def symmetric(entries: Array, size: int) -> Matrix:
    """The symmetric matrix of a lower triangle, shape (size (size + 1) / 2,) to (size, size)."""
    return entries[_positions(size)]


def lower(matrix: Matrix) -> Array:
    """The lower triangle of a matrix, row by row, shape (size (size + 1) / 2,)."""
    return matrix[lower_indices(matrix.shape[0])]


Entries = Array | np.ndarray
"""Coordinates, of a traced point or of one on the host."""


class Block(ABC):
    """One parameter: a name, a shape and a domain.

    Attributes:
        name: an identifier.
        shape: of the parameter.
        coordinates: the names of the coordinates that it takes in a point.
    """

    name: str
    shape: tuple[int, ...]
    coordinates: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many coordinates the parameter takes."""
        return len(self.coordinates)

    @property
    @abstractmethod
    def domain(self) -> tuple[str, ...]:
        """The domain in words, one condition per entry."""

    @abstractmethod
    def inside(self, entries: Entries) -> Array:
        """Whether the coordinates lie in the domain."""

    @abstractmethod
    def fault(self, entries: np.ndarray) -> str | None:
        """What is wrong with coordinates of the host, naming parameter, value and domain; None if nothing is."""

    @abstractmethod
    def constrain(self, free: Array) -> Array:
        """A smooth bijection from all of R^size onto the domain."""

    def shaped(self, entries: Array) -> Array:
        """The parameter in its shape."""
        return jnp.reshape(entries, self.shape)

    def flat(self, parameter: Array) -> Array:
        """The coordinates of the parameter; NaN for a value that has none."""
        return jnp.reshape(parameter, (self.size,))


@dataclass(frozen=True)
class Interval(Block):
    """A number, or a vector of numbers, between two bounds.

    Attributes:
        lower: excluded unless closed.
        upper: excluded unless closed.
        closed: whether finite bounds belong to the domain.
        labels: of the entries of a vector; numbered from 1 if not given.
    """

    name: str
    shape: tuple[int, ...] = ()
    lower: float = -math.inf
    upper: float = math.inf
    closed: bool = False
    labels: tuple[str, ...] = ()

    @functools.cached_property
    def coordinates(self) -> tuple[str, ...]:  # type: ignore[override]
        """The name, with a label for each entry of a vector."""
        labels = self.labels or tuple(str(i + 1) for i in range(math.prod(self.shape)))
        return tuple(f"{self.name}_{label}" for label in labels) if self.shape else (self.name,)

    @property
    def domain(self) -> tuple[str, ...]:
        """One condition for each coordinate, such as ``0 < sigma < inf``."""
        return tuple(self._condition(name) for name in self.coordinates)

    def _condition(self, name: str) -> str:
        def sign(bound: float) -> str:
            return "<=" if self.closed and math.isfinite(bound) else "<"

        return f"{self.lower:g} {sign(self.lower)} {name} {sign(self.upper)} {self.upper:g}"

    def inside(self, entries: Entries) -> Array:
        """Whether every entry lies between the bounds."""
        within = (self.lower < entries) & (entries < self.upper)
        if self.closed:
            ends = [bound for bound in (self.lower, self.upper) if math.isfinite(bound)]
            within = functools.reduce(jnp.logical_or, [entries == bound for bound in ends], within)
        return jnp.all(within)

    def fault(self, entries: np.ndarray) -> str | None:
        """The first entry outside the bounds."""
        for name, value in zip(self.coordinates, entries, strict=True):
            if not self.inside(np.asarray([value])):
                return f"{name} = {float(value)}; its domain is {self._condition(name)}"
        return None

    def constrain(self, free: Array) -> Array:
        """Exponential or logistic, or nothing where there is no bound."""
        if math.isfinite(self.lower) and math.isfinite(self.upper):
            return self.lower + (self.upper - self.lower) * jax.nn.sigmoid(free)
        if math.isfinite(self.lower):
            return self.lower + jnp.exp(free)
        return self.upper - jnp.exp(free) if math.isfinite(self.upper) else free


@dataclass(frozen=True)
class PositiveDefinite(Block):
    """A symmetric positive definite matrix, of which the lower triangle is kept."""

    name: str
    rows: int

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        """Square."""
        return (self.rows, self.rows)

    @functools.cached_property
    def coordinates(self) -> tuple[str, ...]:  # type: ignore[override]
        """Row and column of each entry of the lower triangle."""
        gap = "" if self.rows < 10 else "_"
        return tuple(f"{self.name}_{i + 1}{gap}{j + 1}" for i, j in zip(*lower_indices(self.rows), strict=True))

    @property
    def domain(self) -> tuple[str, ...]:
        """The one condition."""
        return (f"{self.name} positive definite",)

    def inside(self, entries: Entries) -> Array:
        """Whether a Cholesky factorisation exists, after scaling to a unit diagonal."""
        matrix = symmetric(jnp.asarray(entries), self.rows)
        diagonal = jnp.diagonal(matrix)
        scale = 1.0 / jnp.sqrt(jnp.where(diagonal > 0, diagonal, jnp.nan))
        factor = jnp.linalg.cholesky(scale[:, None] * matrix * scale[None, :])
        return jnp.all(jnp.isfinite(factor)) & jnp.all(jnp.isfinite(entries))

    def fault(self, entries: np.ndarray) -> str | None:
        """The smallest eigenvalue, where no factorisation exists."""
        matrix = np.asarray(entries, np.float64)[_positions(self.rows)]
        if not np.isfinite(matrix).all():
            return f"{self.name} = {matrix.tolist()}; its entries must be finite"
        if bool(self.inside(entries)):
            return None
        # Only for the message: eigenvalues that are far apart lose the small one.
        smallest = float(np.linalg.eigvalsh(matrix)[0])
        return f"{self.name} = {matrix.tolist()} has the eigenvalue {smallest}; it must be positive definite"

    def constrain(self, free: Array) -> Array:
        """``L L^T`` with the exponential on the diagonal of L."""
        factor = jnp.tril(symmetric(free, self.rows))
        factor = jnp.where(jnp.eye(self.rows, dtype=bool), jnp.exp(factor), factor)
        return lower(jnp.matmul(factor, factor.T, precision="highest"))

    def shaped(self, entries: Array) -> Array:
        """The full matrix."""
        return symmetric(entries, self.rows)

    def flat(self, parameter: Array) -> Array:
        """The lower triangle; NaN for a matrix that is not symmetric."""
        allowed = 1e3 * jnp.finfo(parameter.dtype).eps * jnp.max(jnp.abs(parameter))
        is_symmetric = jnp.all(jnp.abs(parameter - parameter.T) <= allowed)
        return jnp.where(is_symmetric, lower(0.5 * (parameter + parameter.T)), jnp.nan)


@dataclass(frozen=True)
class Simplex(Block):
    """The first n of n + 1 positive numbers that add up to 1."""

    name: str
    number: int

    @property
    def shape(self) -> tuple[int, ...]:  # type: ignore[override]
        """A vector."""
        return (self.number,)

    @functools.cached_property
    def coordinates(self) -> tuple[str, ...]:  # type: ignore[override]
        """Numbered from 1."""
        return tuple(f"{self.name}_{i + 1}" for i in range(self.number))

    @property
    def domain(self) -> tuple[str, ...]:
        """Positive, with a sum below 1."""
        return (*(f"0 < {name} < 1" for name in self.coordinates), f"{' + '.join(self.coordinates)} < 1")

    def inside(self, entries: Entries) -> Array:
        """Whether all are positive and leave something."""
        return jnp.all(entries > 0) & (rest(jnp.asarray(entries)) > 0)

    def fault(self, entries: np.ndarray) -> str | None:
        """The first that is not positive, or the sum."""
        for name, value in zip(self.coordinates, entries, strict=True):
            if not 0 < value < 1:
                return f"{name} = {float(value)}; its domain is 0 < {name} < 1"
        if not bool(self.inside(entries)):
            return f"{' + '.join(self.coordinates)} = {math.fsum(entries.tolist())}; the sum must be below 1"
        return None

    def constrain(self, free: Array) -> Array:
        """The softmax with a zero for the last."""
        return jax.nn.softmax(jnp.append(free, jnp.zeros((), free.dtype)))[:-1]


def rest(probabilities: Array) -> Array:
    """What the largest subtracted first leaves of 1: ``1 - sum``, with one rounding per step on ever smaller numbers."""
    ordered = -jnp.sort(-probabilities)
    left = jnp.ones((), probabilities.dtype)
    for index in range(probabilities.shape[0]):
        left = left - ordered[index]
    return left


class Parameters:
    """Blocks of parameters one after the other in a point.

    Args:
        blocks: in their order in the point.
    """

    def __init__(self, *blocks: Block):
        self.blocks = blocks
        self.coordinates = tuple(name for block in blocks for name in block.coordinates)
        self.size = len(self.coordinates)
        self.domain = tuple(text for block in blocks for text in block.domain)

    def _parts(self, theta: Entries) -> list[tuple[Block, Any]]:
        ends = np.cumsum([0, *(block.size for block in self.blocks)])
        return [(b, theta[i:j]) for b, i, j in zip(self.blocks, ends, ends[1:], strict=False)]

    def split(self, theta: Point) -> list[Array]:
        """The parameters in a point, each in its own shape."""
        return [block.shaped(part) for block, part in self._parts(theta)]

    def join(self, *parameters: Array) -> Point:
        """The point with these parameters, which are trusted to have their shapes."""
        return jnp.concatenate(
            [
                lower(p) if isinstance(b, PositiveDefinite) else jnp.reshape(p, (b.size,))
                for b, p in zip(self.blocks, parameters, strict=True)
            ]
        )

    def named(self, theta: Point) -> dict[str, Array]:
        """The parameters in a point by name."""
        return dict(zip((block.name for block in self.blocks), self.split(theta), strict=True))

    def point(self, parameters: Mapping[str, object]) -> Point:
        """The point with parameters given by name; a matrix that is not symmetric gives NaN.

        Raises:
            TypeError: for missing and unknown names, and for dtypes that are no float or disagree.
            ValueError: for a wrong shape.
        """
        names = [block.name for block in self.blocks]
        if set(parameters) != set(names):
            raise TypeError(f"the parameters are {', '.join(names)}, not {', '.join(map(str, parameters)) or 'none'}")
        arrays = agreeing([parameters[name] for name in names], names)
        for block, array in zip(self.blocks, arrays, strict=True):
            if array.shape != block.shape:
                raise ValueError(f"{block.name} has shape {array.shape}; it must be {block.shape}")
        return jnp.concatenate([block.flat(array) for block, array in zip(self.blocks, arrays, strict=True)])

    def inside(self, theta: Point) -> Array:
        """Whether the point lies in the domain."""
        return functools.reduce(jnp.logical_and, [block.inside(part) for block, part in self._parts(theta)])

    def fault(self, theta: np.ndarray) -> str | None:
        """What is wrong with a point of the host; None if it lies in the domain."""
        faults: Sequence[str | None] = [block.fault(part) for block, part in self._parts(theta)]
        return next((fault for fault in faults if fault), None)

    def constrain(self, free: Point) -> Point:
        """A smooth bijection from R^d onto the domain."""
        return jnp.concatenate([block.constrain(part) for block, part in self._parts(free)])
