"""The families under test, by name or file, and points of their domains."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
from hypothesis.extra.numpy import arrays

from derivations import families
from derivations.family import Family, load_family
from numerics import geometry as shipped
from numerics.charts import CHARTS
from numerics.geometry import Geometry, geometry

BATCH = 8
_SPAN = 4.0


def names() -> tuple[str, ...]:
    """The shipped families."""
    return shipped.families()


@cache
def family_of(name: str) -> Family:
    """A shipped family with a symbolic description, by name, or the one in a file, by path."""
    return families.load(name) if name in families.names() else load_family(name)


@cache
def geometry_of(name: str, chart: str = "usual") -> Geometry:
    """The geometry of a shipped family, of its example size, or of the family in a file."""
    if name in names():
        return geometry(name, chart=chart, **shipped.example(name))
    return geometry(family_of(name), chart=chart)


def charts_of(name: str) -> tuple[str, ...]:
    """The charts that a family has; only the usual one if it is given by a density or without a way back."""
    return CHARTS if geometry_of(name).family.has_charts else ("usual",)


def has_density(name: str) -> bool:
    """Whether the statistics of an observation, or its density, are known."""
    return geometry_of(name).family.has_density


@cache
def has_entropy(name: str) -> bool:
    """Whether the entropy is known; a shipped family without is an error, one in a file may leave it out."""
    usual = geometry_of(name)
    try:
        jax.eval_shape(usual.entropy, jnp.zeros(usual.dimension))
    except NotImplementedError:
        if name in names():
            raise
        return False
    return True


@cache
def is_flat(name: str) -> bool:
    """Whether the curvature vanishes at a few points; a line has none."""
    return geometry_of(name).dimension == 1 or _vanishes(name, "riemann")


@cache
def is_quadratic(name: str) -> bool:
    """Whether the skewness tensor vanishes at a few points, so that the divergence has no third order."""
    return _vanishes(name, "skewness")


def _vanishes(name: str, tensor: str) -> bool:
    free = np.random.default_rng(1).uniform(-1, 1, (BATCH, geometry_of(name).dimension))
    theta = batched(name, "from_unconstrained")(free)
    return not np.any(np.abs(np.asarray(batched(name, tensor)(theta))) > 1e-12)


def title_of(name: str) -> str:
    """What the family is called in a message."""
    return Path(name).stem


@cache
def batched(name: str, function: str, chart: str = "usual") -> Callable[..., np.ndarray]:
    """A method of the geometry over batches of points."""
    return jax.jit(jax.vmap(getattr(geometry_of(name, chart), function)))


def compiled(name: str, what: str) -> Callable[[jax.Array], jax.Array]:
    """``log_partition`` or ``natural`` of a family as a function of one point of the usual chart, differentiable."""
    usual = geometry_of(name)
    return usual.log_partition if what == "log_partition" else lambda theta: usual.convert(theta, "natural")


def points(name: str, span: float = _SPAN) -> st.SearchStrategy[np.ndarray]:
    """Batches of points of a family's usual domain, shape (8, d); free parameters reach ``span`` either way.

    All that are drawn but the last, which is the corner where all of them are largest.
    """
    constrain = batched(name, "from_unconstrained")
    dimension = geometry_of(name).dimension
    unit = arrays(np.float64, (BATCH - 1, dimension), elements=st.floats(-1, 1, width=32))
    return unit.map(lambda u: np.asarray(constrain(span * np.concatenate([u, np.ones((1, dimension))]))))
