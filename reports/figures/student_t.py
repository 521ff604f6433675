"""Pictures of field lines: how data become noise in the field of PFGM++, for few and for many additional dimensions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.special import ndtri

from reports.figures.drawing import INK, SERIES, Figure, drawing

_DATA = np.array([-1.0, 1.0])


def _slope(sigma: float, x: np.ndarray, freedom: float) -> np.ndarray:
    weights = (1 + (x[:, None] - _DATA) ** 2 / (freedom * sigma**2)) ** (-(1 + freedom) / 2)
    return (x - weights @ _DATA / weights.sum(axis=1)) / sigma


def _lines(_: Mapping[str, Any]) -> list[Figure]:
    # Symmetric pairs around each point, where the noise is still small.
    start = 0.02
    x = (_DATA[:, None] + start * ndtri(np.arange(1, 8) / 8)).reshape(-1)
    sigma = np.geomspace(start, 2.0, 200)
    with drawing("field-lines") as picture:
        axes = picture.axes
        for index, freedom in enumerate((1, 64)):
            lines = solve_ivp(_slope, (start, sigma[-1]), x, t_eval=sigma, rtol=1e-8, args=(freedom,)).y
            labels = [f"D = {freedom}"] + ["_"] * (len(x) - 1)
            axes.plot(sigma, lines.T, "--" if index else "-", color=SERIES[index], linewidth=1.2, label=labels)
        axes.plot(np.zeros(2), _DATA, "o", color=INK, markersize=4)
        axes.set(xlabel=r"noise $\sigma = r/\sqrt{D}$", ylabel="x", xlim=(-0.05, 2), ylim=(-4, 4))
        axes.legend(loc="upper left")
    return [
        Figure(
            picture.svg,
            "Field lines from two data points",
            r"Lines $\frac{dx}{d\sigma} = \frac{1}{\sigma}(x - E[y|x])$ that leave the points $-1$ and 1 in the same "
            r"directions. The kernel of $D = 1$ has the tails of a Cauchy law: the lines of one point feel the other one early "
            r"and turn away from it. Those of $D = 64$ are close to the lines of a diffusion model.",
            "Two fans of lines that open from the points -1 and 1; those of D = 1 and of D = 64 part where the fans meet.",
        )
    ]


CLAIMS = {"student-t-field-lines": _lines}
