"""Pictures of the von Mises family: its curvature with the dip below -1/2, and the accuracy of its functions."""

import jax
import jax.numpy as jnp
import numpy as np

from numerics.von_mises_curvature import von_mises_scalar_curvature
from reports.figures import von_mises_accuracy
from reports.figures.drawing import INK, MUTED, SERIES, Figure, drawing

_CROSSING, _MINIMUM, _LOWEST = 4.24194582164652765, 5.18015653608101545, -0.51007829082155966


def _curvature(kappa: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        return np.asarray(von_mises_scalar_curvature(jnp.asarray(kappa, jnp.float64))) / 2


def figures() -> list[Figure]:
    """Curvature over all scales, curvature near its minimum, accuracy."""
    return [_whole(), _dip(), *von_mises_accuracy.figures()]


def _whole() -> Figure:
    kappa = np.geomspace(1e-2, 1e4, 600)
    with drawing("whole") as picture:
        axes = picture.axes
        for limit in (0, -0.5):
            axes.axhline(limit, color=MUTED, linestyle=":", linewidth=1.2)
        axes.semilogx(kappa, _curvature(kappa))
        axes.plot(_MINIMUM, _LOWEST, "o", color=SERIES[1], markersize=5)
        axes.set(xlabel=r"concentration $\kappa$", ylabel=r"Gaussian curvature $K$", ylim=(-0.56, 0.05))
        axes.text(8e3, 0.012, "0, the limit for uniform angles", color=MUTED, fontsize=9, ha="right")
        axes.text(8e3, -0.488, "−1/2, the limit for sharp angles", color=MUTED, fontsize=9, ha="right")
    return Figure(
        picture.svg,
        "Curvature over all concentrations",
        r"The von Mises family is flat where angles are uniform ($\kappa \to 0$) and approaches the hyperbolic plane of the "
        r"Gaussian ($K = -\tfrac12$) where they concentrate. It passes below that limit on the way.",
        "Curve of the Gaussian curvature over the concentration kappa on a logarithmic axis: it starts at 0, falls through "
        "minus one half near kappa = 4.24, has its minimum near kappa = 5.18 and rises towards minus one half.",
    )


def _dip() -> Figure:
    kappa = np.linspace(3.2, 20, 500)
    with drawing("dip") as picture:
        axes = picture.axes
        axes.axhline(-0.5, color=MUTED, linestyle=":", linewidth=1.2)
        axes.plot(kappa, _curvature(kappa))
        marks = (
            (_CROSSING, -0.5, r"crosses $-1/2$" "\n" r"at $\kappa = 4.2419$", (6.1, -0.4955)),
            (_MINIMUM, _LOWEST, r"lowest at $\kappa = 5.1802$" "\n" r"$K = -0.51008$", (7.6, -0.5105)),
        )
        for x, y, text, place in marks:
            axes.plot(x, y, "o", color=SERIES[1], markersize=6)
            axes.annotate(text, (x, y), place, fontsize=9, va="center", color=INK,
                          arrowprops={"arrowstyle": "-", "color": MUTED, "shrinkB": 5})  # fmt: skip
        axes.text(19.9, -0.4992, r"$-1/2$", ha="right", color=MUTED, fontsize=9)
        axes.set(xlabel=r"concentration $\kappa$", ylabel=r"Gaussian curvature $K$", ylim=(-0.5135, -0.484))
    return Figure(
        picture.svg,
        "The dip below −1/2",
        r"The same curve near its minimum: exactly one crossing of $-\tfrac12$, exactly one minimum, then a slow rise. "
        "Both points are enclosed by ball arithmetic in the claims about this family.",
        "Enlarged curve of the curvature between kappa = 3.2 and 20, with the crossing of minus one half at kappa = 4.2419 "
        "and the minimum minus 0.51008 at kappa = 5.1802 marked.",
    )
