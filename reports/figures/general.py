"""Pictures that any family gets: the metric of a one-dimensional one, the curvature of a two-dimensional one."""

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from numerics.geometry import Geometry
from numerics.parameters import Interval
from reports.figures.drawing import INK, SERIES, Figure, drawing
from reports.formulas import symbol

_CURVE_POINTS, _GRID_POINTS, _SPAN, _RAYS = 240, 48, 4.0, 6


def figures(geometry: Geometry) -> list[Figure]:
    """The metric over the domain in one dimension, the scalar curvature in two; along rays of the domain in more."""
    if geometry.dimension == 1:
        return [_metric(geometry)]
    is_plane = geometry.dimension == 2 and all(isinstance(b, Interval) for b in geometry.family.parameters.blocks)
    return [_curvature(geometry) if is_plane else _rays(geometry)]


def axis(geometry: Geometry, index: int, points: int) -> tuple[np.ndarray, bool]:
    """Points of the domain of one coordinate, and whether they are spread logarithmically."""
    blocks = [block for block in geometry.family.parameters.blocks for _ in range(block.size)]
    block = blocks[index]
    lower, upper = (block.lower, block.upper) if isinstance(block, Interval) else (0.0, 1.0)
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


def _metric(geometry: Geometry) -> Figure:
    name, title = symbol(geometry.coordinates[0]), geometry.name
    points, is_log = axis(geometry, 0, _CURVE_POINTS)
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


def _curvature(geometry: Geometry) -> Figure:
    (x, x_is_log), (y, y_is_log) = axis(geometry, 0, _GRID_POINTS), axis(geometry, 1, _GRID_POINTS)
    first, second = (symbol(c) for c in geometry.coordinates)
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


def _rays(geometry: Geometry) -> Figure:
    """Curvature while one free parameter moves away from the middle of the domain and the others stay there."""
    steps, number = np.linspace(-_SPAN, _SPAN, 81), min(geometry.dimension, _RAYS)
    free = np.zeros((number, len(steps), geometry.dimension))
    for index in range(number):
        free[index, :, index] = steps
    with jax.enable_x64(True):
        points = jax.vmap(geometry.from_unconstrained)(jnp.asarray(free.reshape(-1, geometry.dimension)))
    values = _evaluate(geometry, "scalar_curvature", np.asarray(points)).reshape(number, len(steps))
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    is_constant = high - low < 1e-6 * max(1.0, abs(low))
    extent = f"It is {low:.4g} everywhere." if is_constant else f"It runs from {low:.4g} to {high:.4g}."
    with drawing("curvature") as picture:
        axes = picture.axes
        for curve, name in zip(values, geometry.coordinates, strict=False):
            axes.plot(steps, curve, label=f"${symbol(name)}$")
        if is_constant:
            axes.set_ylim(low - 1, low + 1)
        axes.set(xlabel="free parameter, 0 in the middle of the domain", ylabel="scalar curvature $R$")
        axes.legend(frameon=False, fontsize=8)
    return Figure(
        picture.svg,
        "Scalar curvature",
        f"$R$ while one parameter moves and the others stay in the middle of the domain: positive parameters as exponentials, "
        f"probabilities as a softmax, covariances by their Cholesky factor. {extent}",
        f"Curves of the scalar curvature of the family {geometry.name}, from {low:.4g} to {high:.4g}.",
    )
