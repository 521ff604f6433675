"""How accurate the von Mises functions are, measured against ball arithmetic when the picture is drawn."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.ticker import MaxNLocator

from numerics import bessel_ratio as bessel
from numerics.balls import ulps, von_mises_balls
from numerics.von_mises_curvature import von_mises_scalar_curvature
from reports.figures.drawing import SERIES, Figure, drawing

_POINTS = 160
_CURVES: tuple[tuple[str, str, Callable[[jax.Array], jax.Array]], ...] = (
    ("derivative_0", r"$A$", bessel.bessel_ratio),
    ("derivative_1", r"$dA/d\kappa$", lambda kappa: bessel.bessel_ratio(kappa, 1)),
    ("complement", r"$1-A$", bessel.bessel_ratio_complement),
    ("scalar_curvature_0", r"$R$", von_mises_scalar_curvature),
)
_MARKS = "osv^"


def errors(dtype: str) -> tuple[np.ndarray, dict[str, list[float]]]:
    """Concentrations, and the errors of each function there in machine epsilons."""
    with jax.enable_x64(True):
        kappa = jnp.asarray(np.geomspace(1e-8, 1e8, _POINTS), dtype)
        computed = {name: np.asarray(function(kappa), np.float64) for name, _, function in _CURVES}
        points = np.asarray(kappa, np.float64)
    measured: dict[str, list[float]] = {name: [] for name in computed}
    for index, point in enumerate(points):
        balls = von_mises_balls(float(point), list(computed))
        for name, values in computed.items():
            measured[name].append(ulps(float(values[index]), balls[name], dtype))
    return points, measured


def figures() -> list[Figure]:
    """One picture per dtype."""
    return [_picture(dtype) for dtype in ("float64", "float32")]


def _picture(dtype: str) -> Figure:
    kappa, measured = errors(dtype)
    worst = max(max(values) for values in measured.values())
    with drawing(f"accuracy-{dtype}") as picture:
        axes = picture.axes
        for (name, label, _), colour, mark in zip(_CURVES, SERIES, _MARKS, strict=True):
            axes.semilogx(kappa, measured[name], mark, color=colour, markersize=3, label=label, linestyle="none")
        axes.set(
            xlabel=r"concentration $\kappa$",
            ylabel=r"error in units of $\varepsilon$",
            ylim=(0, max(4.0, 1.25 * worst)),
        )
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(ncols=4, loc="upper center", handletextpad=0.1, columnspacing=1.2)
    return Figure(
        picture.svg,
        f"Accuracy in {dtype}",
        rf"Relative error of the shipped functions at {_POINTS} concentrations, in units of the machine epsilon of {dtype}, "
        f"measured against ball arithmetic when this page was made. The largest is {worst:.2f}.",
        f"Scatter plot of the relative error of A, its derivative, 1 - A and the scalar curvature R in {dtype}: all below "
        f"{worst:.2f} machine epsilons between kappa = 1e-8 and 1e8.",
    )
