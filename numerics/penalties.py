"""Penalties that draw a belief towards a reference: the squared Fisher-Rao distance and the Kullback-Leibler divergence.

Both are invariant: they depend on the two laws, not on the coordinates that a model outputs. To second order about the
reference both are a multiple of the Fisher metric g, ``g_ij v^i v^j`` for the squared distance and half of it for either
divergence; farther away they differ, and neither is singled out (claim ``squared-distance-optimal``).

Sources: Amari & Nagaoka 2000, sections 2.2 and 3.2. For categorical laws and a uniform reference the divergence to the
reference is the confidence penalty, and the one from it label smoothing (Pereyra et al. 2017, arXiv 1701.06548).
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics import log_ratios, squared_distances
from numerics.arrays import Point, Scalar, as_point
from numerics.charts import Chart, chart_of
from numerics.families.multinomial import Multinomial
from numerics.geometry import Geometry, example, families, geometry

Penalty = Callable[[Array], Scalar]
Comparison = Callable[[Point, Point], Scalar]
DIRECTIONS = ("to_reference", "from_reference")


def fisher_rao_penalty(family: str, reference: Any, chart: str = "usual", **index: Any) -> Penalty:
    """The squared Fisher-Rao distance to a reference, as a function of one point.

    At the reference its gradient is 0 and its Hessian ``2 g``, in float32 too. Errors of values stay within 20 epsilons, those
    of gradients within 20 epsilons of ``2 d sqrt(g_ii)``, for ``gaussian``, ``diagonal_normal`` and ``von_mises`` in the usual
    chart, and for ``categorical`` in the natural chart with logits between -30 and 30; in other charts and for other
    families the rounding of the way to the usual parameters comes on top.

    ::

        penalty = fisher_rao_penalty("gaussian", [0.0, 1.0])
        loss = jnp.mean(losses) + strength * jnp.mean(jax.vmap(penalty)(points))

    Args:
        family: the name of a family whose distance has a closed form, and ``von_mises``.
        reference: the coordinates of a point of the chart, shape (d,).
        chart: of the reference and of the points. In the ``natural`` chart of ``categorical`` points are logits relative to
            the last, shape (n - 1,).
        index: the sizes of a family that has them, such as ``categories=10``.

    Returns:
        A function of a point of shape (d,), float32 or float64, to a scalar >= 0 in its dtype. It composes with ``jit``,
        ``vmap``, ``grad`` and ``hessian``; outside the domain value and gradient are NaN. Beyond distances of about 120 for
        float32, where ``cosh`` of them overflows, it is infinite.

    Raises:
        NotImplementedError: for a family whose distance has no closed form.
        TypeError: for a reference that is traced or neither float32 nor float64, and for missing or unknown sizes.
        ValueError: for an unknown family or chart, and a reference of another shape or outside the domain.
    """
    here = geometry(family, chart, **index)
    if not squared_distances.has_closed_form(here.family):
        known = [name for name in families() if _is_known(name)]
        raise NotImplementedError(
            f"{here.name}: the distance has no closed form; there are Fisher-Rao penalties for {', '.join(known)}, and "
            "kl_penalty for every family"
        )
    return _penalty(here, reference, squared_distances.squared_distance(chart_of(here.family, here.chart)))


def kl_penalty(
    family: str, reference: Any, direction: str = "to_reference", chart: str = "usual", **index: Any
) -> Penalty:
    """The Kullback-Leibler divergence between a belief and a reference in nats, as a function of the belief.

    At the reference its gradient is 0 and its Hessian g, for either direction. Errors of values stay within 20 epsilons (60 for
    ``von_mises``), those of gradients within 20 epsilons of its length in the metric times ``sqrt(g_ii)``, for the same
    families and charts as those of :func:`fisher_rao_penalty`.

    Args:
        family: the name of any family.
        reference: the coordinates of a point of the chart, shape (d,).
        direction: ``"to_reference"`` for ``KL(belief || reference)``, ``"from_reference"`` for ``KL(reference || belief)``.
        chart: of the reference and of the points.
        index: the sizes of a family that has them.

    Returns:
        A function of a point of shape (d,), as :func:`fisher_rao_penalty` returns it.

    Raises:
        TypeError: for a reference that is traced or neither float32 nor float64, and for missing or unknown sizes.
        ValueError: for an unknown family, chart or direction, and a reference of another shape or outside the domain.
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction = {direction!r}; there are {', '.join(DIRECTIONS)}")
    here = geometry(family, chart, **index)
    return _penalty(here, reference, divergence(chart_of(here.family, here.chart), direction))


def divergence(chart: Chart, direction: str) -> Comparison:
    """The divergence of two points of a chart, as a function of their coordinates, both of shape (d,).

    The second point is the reference, of one of the ``DIRECTIONS``, and counts as a constant in derivatives.
    """
    family, is_forward = chart.family, direction == "to_reference"
    if isinstance(family, Multinomial) and chart.name == "natural":
        of_logits, logits = log_ratios.kl if is_forward else log_ratios.reverse_kl, squared_distances.logits
        return lambda x, y: family.trials * of_logits(logits(x), logits(y))

    def value(x: Point, y: Point) -> Scalar:
        point, other = chart.point(x), chart.point(jax.lax.stop_gradient(y))
        # A compiler may round the same coordinates in two ways.
        off = jnp.where(jnp.all(x == y), other - point, jnp.zeros_like(point))
        point = point + jax.lax.stop_gradient(off)
        return family.kl(point, other) if is_forward else family.kl(other, point)

    return value


def _penalty(here: Geometry, reference: Any, compare: Comparison) -> Penalty:
    """The function of one point that compares it with the reference, checked and compiled."""
    if isinstance(reference, jax.core.Tracer):
        raise TypeError("reference is traced; it must be known when the penalty is made")
    # Penalties may be made inside of a function that is being compiled.
    with jax.ensure_compile_time_eval():
        at = np.asarray(here.validate(reference))
    chart = chart_of(here.family, here.chart)

    @jax.jit
    def compared(theta: Point) -> Scalar:
        other = jax.lax.stop_gradient(jnp.asarray(at, theta.dtype))
        is_inside = jnp.all(jnp.isfinite(theta)) & chart.family.inside(chart.point(theta))
        # A summand, not a choice, so that gradients are NaN too.
        outside = jnp.where(is_inside, jnp.zeros((), theta.dtype), jnp.nan)
        return compare(theta, other) + jnp.sum(outside * theta)

    def penalty(theta: Array) -> Scalar:
        """The penalty of one point, shape (d,)."""
        return compared(as_point(theta, here.dimension, "theta"))

    return penalty


def _is_known(name: str) -> bool:
    return squared_distances.has_closed_form(geometry(name, **example(name)).family)
