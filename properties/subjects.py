"""The families under test, by name or file, and points of their domains."""

from collections.abc import Callable
from functools import cache

import hypothesis.strategies as st
import jax
import numpy as np
from hypothesis.extra.numpy import arrays

from derivations import families
from derivations.family import Family, load_family
from numerics.geometry import Geometry, geometry
from numerics.lambdify import lambdify

BATCH = 8
_SPAN = 4.0


@cache
def family_of(name: str) -> Family:
    """A shipped family by name, or the one in a file by path."""
    return families.load(name) if name in families.names() else load_family(name)


@cache
def geometry_of(name: str) -> Geometry:
    """The geometry of :func:`family_of`."""
    return geometry(name if name in families.names() else family_of(name))


@cache
def batched(name: str, function: str) -> Callable[..., np.ndarray]:
    """A method of the geometry over batches of points."""
    return jax.jit(jax.vmap(getattr(geometry_of(name), function)))


@cache
def compiled(name: str, what: str) -> Callable[[jax.Array], jax.Array]:
    """``log_partition`` or ``natural`` of a family as a function of one point, differentiable."""
    family = family_of(name)
    expression = family.log_partition if what == "log_partition" else list(family.natural)
    function = lambdify(expression, family.coordinates)
    return lambda theta: function(*theta)


def points(name: str, span: float = _SPAN) -> st.SearchStrategy[np.ndarray]:
    """Batches of points of a family's domain, shape (8, d); scales vary by ``exp(span)`` either way."""
    family = family_of(name)
    unit = arrays(np.float64, (BATCH, family.dimension), elements=st.floats(-1, 1, width=32))
    return unit.map(lambda u: np.stack([_into(family, i, u[:, i], span) for i in range(family.dimension)], axis=-1))


def _into(family: Family, index: int, unit: np.ndarray, span: float) -> np.ndarray:
    lower, upper = (float(bound) for bound in family.bounds(family.coordinates[index]))
    if np.isfinite(lower) and np.isfinite(upper):
        return lower + (upper - lower) * (0.5 + 0.499 * unit)
    if np.isfinite(lower):
        return lower + np.exp(span * unit)
    if np.isfinite(upper):
        return upper - np.exp(span * unit)
    return span * unit
