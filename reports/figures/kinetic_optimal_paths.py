"""Pictures of paths from noise to data: the variance of normal laws, and energies as dimensions grow."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reports.figures import table_of
from reports.figures.drawing import MUTED, SERIES, Figure, drawing


def _variances(_: Mapping[str, Any]) -> list[Figure]:
    t = np.linspace(0, 1, 201)
    with drawing("variances") as picture:
        axes = picture.axes
        for index, s in enumerate((0.5, 1.0, 2.0)):
            axes.plot(t, np.hypot(1 - t, s * t), color=SERIES[index], label=f"s = {s:g}")
            axes.plot(t, 1 + (s - 1) * t, color=SERIES[index], linestyle="--")
        axes.plot([], [], color=MUTED, linestyle="--", label="optimal")
        axes.set(xlabel="t", ylabel="standard deviation", ylim=(0, 2.05), xlim=(0, 1))
        axes.legend(loc="upper left")
    return [
        Figure(
            picture.svg,
            "Deviations on the way from noise to normal data",
            r"From $N(0,1)$ to $N(0,s^2)$: $\sqrt{v}$ along conditional optimal transport (solid) and along the optimal path "
            r"(dashed). The detour costs the energy $(2-\frac{\pi}{2})s$.",
            "Three solid curves that sag below the dashed straight lines between the same ends.",
        )
    ]


def _dimensions(claim: Mapping[str, Any]) -> list[Figure]:
    rows = table_of(claim, "Energy per dimension, two opposite points")
    if not rows:
        return []
    dimensions, transport, least = np.array(rows, float).T
    with drawing("dimensions") as picture:
        axes = picture.axes
        axes.axhline(2.0, color=MUTED, linewidth=1.2, linestyle="--", label="single point")
        axes.semilogx(dimensions, transport, "o-", label="conditional optimal transport")
        axes.semilogx(dimensions, least, "s-", label="least energy of Gaussian paths")
        axes.set(xlabel="dimensions d", ylabel="energy per dimension", ylim=(0, 2.1))
        axes.legend(loc="lower right")
    return [
        Figure(
            picture.svg,
            "The gap closes as dimensions grow",
            r"Energy per dimension of the paths from $N(0,I)$ to two opposite points of mean square 1 per dimension.",
            "; ".join(
                f"{int(d)} dimensions: {a:.5f} against {b:.5f}"
                for d, a, b in zip(dimensions, transport, least, strict=True)
            )
            + ".",
        )
    ]


CLAIMS = {"kinetic-energy-normal-path": _variances, "conditional-transport-optimal": _dimensions}
