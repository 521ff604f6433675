"""Where random variables live: what a quadrature or an exact sum has to know about a family."""

import functools
import itertools
import math
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.parameters import PositiveDefinite, lower


@dataclass(frozen=True)
class Line:
    """An interval of real numbers; the ends are glued together where it is a circle."""

    lower: float = -math.inf
    upper: float = math.inf
    periodic: bool = False


@dataclass(frozen=True)
class Counts:
    """The integers ``lower, lower + 1, ..., upper``."""

    lower: int = 0
    upper: float = math.inf


@dataclass(frozen=True, eq=False)
class Finite:
    """Finitely many observations, along the first axis."""

    atoms: np.ndarray


class Compositions(Finite):
    """Vectors of counts that add up to a total; the atoms, which are many, are listed on demand only."""

    def __init__(self, total: int, parts: int):
        object.__setattr__(self, "total", total)
        object.__setattr__(self, "parts", parts)

    total: int
    parts: int

    @functools.cached_property
    def atoms(self) -> np.ndarray:
        """All of them, shape (number, parts)."""
        # Bars among stars: between two bars stand the counts.
        bars = itertools.combinations(range(self.total + self.parts - 1), self.parts - 1)
        ends = np.array(list(bars), dtype=np.int64).reshape(-1, self.parts - 1)
        padded = np.pad(ends, ((0, 0), (1, 1)), constant_values=(-1, self.total + self.parts - 1))
        return np.diff(padded, axis=1) - 1


@dataclass(frozen=True)
class Vectors:
    """All real vectors of this length."""

    dimension: int


@dataclass(frozen=True)
class Sphere:
    """Unit vectors of this length."""

    dimension: int


@dataclass(frozen=True)
class Probabilities:
    """Vectors of this many positive numbers that add up to 1; densities are with respect to all but the last."""

    number: int


@dataclass(frozen=True)
class Matrices:
    """Symmetric positive definite matrices; densities are with respect to the entries of the lower triangle."""

    rows: int


Support = Line | Counts | Finite | Vectors | Sphere | Probabilities | Matrices


def event_shape(support: Support) -> tuple[int, ...]:
    """The shape of one observation."""
    match support:
        case Compositions():
            return (support.parts,)
        case Finite():
            return support.atoms.shape[1:]
        case Vectors() | Sphere():
            return (support.dimension,)
        case Probabilities():
            return (support.number,)
        case Matrices():
            return (support.rows, support.rows)
        case _:
            return ()


def contains(support: Support, x: Array) -> Array:
    """Whether an observation lies in the support; for unit vectors and probabilities up to rounding."""
    rounding = 64 * jnp.finfo(x.dtype).eps
    match support:
        case Line():
            return (
                jnp.isfinite(x) & (x > support.lower) & (x < support.upper) if not support.periodic else jnp.isfinite(x)
            )
        case Counts():
            return (x >= support.lower) & (x <= support.upper) & (x == jnp.floor(x)) & jnp.isfinite(x)
        case Compositions():
            return jnp.all((x >= 0) & (x == jnp.floor(x))) & (jnp.sum(x) == support.total)
        case Finite():
            atoms = jnp.asarray(support.atoms, x.dtype)
            return jnp.any(jnp.all(jnp.reshape(atoms == x[None], (atoms.shape[0], -1)), axis=1))
        case Vectors():
            return jnp.all(jnp.isfinite(x))
        case Sphere():
            return jnp.abs(jnp.vdot(x, x, precision="highest") - 1.0) <= rounding
        case Probabilities():
            return jnp.all(x > 0) & (jnp.abs(jnp.sum(x) - 1.0) <= rounding)
        case Matrices():
            return PositiveDefinite("x", support.rows).inside(lower(x)) & jnp.all(x == x.T)


def inner_point(support: Support, x: Array) -> Array:
    """Some observation in the support, in shape and dtype of x."""
    match support:
        case Line():
            lower_end, upper_end = support.lower, support.upper
            if math.isfinite(lower_end) and math.isfinite(upper_end):
                return jnp.full_like(x, 0.5 * (lower_end + upper_end))
            inner = (
                lower_end + 1.0 if math.isfinite(lower_end) else upper_end - 1.0 if math.isfinite(upper_end) else 0.0
            )
            return jnp.full_like(x, inner)
        case Counts():
            return jnp.full_like(x, support.lower)
        case Compositions():
            return jnp.zeros_like(x).at[0].set(support.total)
        case Finite():
            return jnp.asarray(support.atoms[0], x.dtype)
        case Vectors():
            return jnp.zeros_like(x)
        case Sphere():
            return jnp.full_like(x, support.dimension**-0.5)
        case Probabilities():
            return jnp.full_like(x, 1.0 / support.number)
        case Matrices():
            return jnp.eye(support.rows, dtype=x.dtype)
