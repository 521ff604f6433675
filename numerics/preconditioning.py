"""The natural gradient as a transformation of optax.

Source: Amari 1998, Natural gradient works efficiently in learning, Neural Computation 10.
"""

import math
from typing import TYPE_CHECKING, Any

import jax
from jax import Array

from numerics.arrays import agreeing
from numerics.geometry import geometry

if TYPE_CHECKING:
    import optax


def scale_by_natural_gradient(family: str, chart: str = "usual", **index: Any) -> "optax.GradientTransformation":
    """Raise the index of gradients by the Fisher metric at the parameters, which are points of a family.

    ::

        optimiser = optax.chain(scale_by_natural_gradient("gaussian"), optax.scale_by_learning_rate(0.1))

    Parameters are pytrees of arrays of shape (..., d), each of one or more points of the chart; other parameters belong under
    ``optax.masked`` or ``optax.partition``. A step moves along a straight line of the chart and may leave the domain, after
    which everything is NaN: natural and expectation charts, or short steps, are the remedy.

    Args:
        family: the name of a family.
        chart: of the points.
        index: the sizes of a family that has them.

    Returns:
        A transformation without state; its ``update`` needs the parameters.

    Raises:
        TypeError: for missing or unknown sizes; in ``update``, for dtypes other than float32 and float64, or two of them.
        ValueError: for an unknown family or chart; in ``update``, without parameters and for shapes other than (..., d).
    """
    import optax

    here = geometry(family, chart, **index)

    def raised(gradient: Array, theta: Array) -> Array:
        gradient, theta = agreeing((gradient, theta), ("the gradient", "the parameter"))
        if theta.shape != gradient.shape or theta.shape[-1:] != (here.dimension,):
            raise ValueError(
                f"the parameter has shape {theta.shape} and its gradient {gradient.shape}; both must be "
                f"(..., {here.dimension}), points of {here.name}"
            )
        flat = (math.prod(theta.shape[:-1]), here.dimension)
        solved = jax.vmap(here.natural_gradient)(theta.reshape(flat), gradient.reshape(flat))
        return solved.reshape(theta.shape)

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        if params is None:
            raise ValueError("scale_by_natural_gradient needs the parameters: call update(updates, state, params)")
        return jax.tree.map(raised, updates, params), state

    return optax.GradientTransformation(lambda _: optax.EmptyState(), update)
