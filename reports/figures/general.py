"""Pictures that any family gets: the metric of a one-dimensional one, the curvature of a two-dimensional one."""

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from derivations.family import Family
from derivations.typeset import latex
from numerics.geometry import Geometry
from reports.figures.drawing import INK, SERIES, Figure, drawing

_CURVE_POINTS, _GRID_POINTS, _SPAN = 240, 48, 4.0


def figures(family: Family, geometry: Geometry) -> list[Figure]:
    """The metric over the domain in one dimension, the scalar curvature in two; nothing in more."""
    if family.dimension == 1:
        return [_metric(family, geometry)]
    return [_curvature(family, geometry)] if family.dimension == 2 else []


def axis(family: Family, index: int, points: int) -> tuple[np.ndarray, bool]:
    """Points of the domain of one coordinate, and whether they are spread logarithmically."""
    lower, upper = (float(bound) for bound in family.bounds(family.coordinates[index]))
    unit = np.linspace(0.01, 0.99, points)
    if np.isfinite(lower) and np.isfinite(upper):
        return lower + (upper - lower) * unit, False
    if np.isfinite(lower):
        return lower + np.geomspace(0.05, 50, points), lower == 0
    if np.isfinite(upper):
        return upper - np.geomspace(50, 0.05, points), False
    return np.linspace(-_SPAN, _SPAN, points), False


def _evaluate(geometry: Geometry, what: str, points: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        return np.asarray(jax.jit(jax.vmap(getattr(geometry, what)))(jnp.asarray(points, jnp.float64)))


def _metric(family: Family, geometry: Geometry) -> Figure:
    name, title = latex(family.coordinates[0]), family.title or family.name
    points, is_log = axis(family, 0, _CURVE_POINTS)
    values = _evaluate(geometry, "metric", points[:, None])[:, 0, 0]
    with drawing("metric") as picture:
        axes = picture.axes
        axes.plot(points, values)
        if is_log:
            axes.set_xscale("log")
        if np.all(values > 0) and values.max() > 100 * values.min():
            axes.set_yscale("log")
        axes.set(xlabel=f"${name}$", ylabel="Fisher metric $g$")
    return Figure(
        picture.svg,
        "Fisher metric",
        f"How much information one observation carries about ${name}$. A large value means that nearby members are easy to "
        "tell apart.",
        f"Curve of the Fisher metric of the family {title} over its coordinate.",
    )


def _curvature(family: Family, geometry: Geometry) -> Figure:
    (x, x_is_log), (y, y_is_log) = axis(family, 0, _GRID_POINTS), axis(family, 1, _GRID_POINTS)
    first, second = (latex(c) for c in family.coordinates)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    values = _evaluate(geometry, "scalar_curvature", grid.reshape(-1, 2)).reshape(grid.shape[:2])
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    is_constant = high - low < 1e-6 * max(1.0, abs(low))
    with drawing("curvature") as picture:
        axes = picture.axes
        if not is_constant:
            colours = LinearSegmentedColormap.from_list("curvature", ["#2b3f8c", "#3f8fb0", "#d9c77a"])
            mesh = axes.contourf(x, y, values, levels=12, cmap=colours)
            picture.canvas.colorbar(mesh, ax=axes, label="scalar curvature $R$")
            axes.grid(False)
        else:
            axes.axvspan(x[0], x[-1], color=SERIES[0], alpha=0.15)
            axes.text(
                0.5, 0.5, f"$R = {low:.4g}$ everywhere", transform=axes.transAxes, ha="center", color=INK, fontsize=12
            )
        if x_is_log:
            axes.set_xscale("log")
        if y_is_log:
            axes.set_yscale("log")
        axes.set(xlabel=f"${first}$", ylabel=f"${second}$", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    return Figure(
        picture.svg,
        "Scalar curvature",
        f"$R$ over part of the domain; it runs from {low:.4g} to {high:.4g}. A negative value means that neighbouring "
        "geodesics drift apart.",
        f"Map of the scalar curvature over the two coordinates, from {low:.4g} to {high:.4g}.",
    )
