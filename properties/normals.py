"""Normal families of any size as the checks use them: compiled for batches, and points of their domains."""

from collections.abc import Callable
from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
from hypothesis.extra.numpy import arrays

from numerics.geometry import Geometry, geometry

BATCH = 4
SIZES = (1, 2, 3)


@cache
def normal(name: str, size: int) -> Geometry:
    """A family of this dimension."""
    return geometry(name, dimension=size)


@cache
def batched(name: str, size: int, function: str) -> Callable[..., np.ndarray]:
    """A method of its geometry over batches of points."""
    return jax.jit(jax.vmap(getattr(normal(name, size), function)))


def points(name: str, size: int, unit: np.ndarray) -> np.ndarray:
    """Points of the family from numbers between -1 and 1, shape (BATCH, at least d)."""
    free = jnp.asarray(unit[:, : normal(name, size).dimension])
    return np.asarray(batched(name, size, "from_unconstrained")(free))


def units(number: int = 9) -> st.SearchStrategy[np.ndarray]:
    """Multiples of 2^-10 between -1 and 1, shape (BATCH, number): two laws are the same or clearly different."""
    numbers = arrays(np.int16, (BATCH, number), elements=st.integers(-1024, 1024))
    return numbers.map(lambda n: n.astype(np.float64) / 1024)
