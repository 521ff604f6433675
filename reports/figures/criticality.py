"""Pictures of the curvature of critical Ising tori: its exponent against the size, and two laws of growth."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from properties.growth_laws import EXPONENTS, HELD_OUT, VALUES, exponents, fit
from reports.figures import table_of
from reports.figures.drawing import MUTED, SERIES, Figure, drawing

PUBLISHED, WINDOW = 10 / 9, (6, 9)
_FITTED = (16, 64)
_FINE = np.exp(np.linspace(np.log(6), np.log(512), 300))
_STYLES = {"power": (SERIES[1], "--"), "logarithm": (SERIES[2], "-")}


def _figures(claim: Mapping[str, Any]) -> list[Figure]:
    values, between = table_of(claim, VALUES), table_of(claim, EXPONENTS)
    if not values or not between:
        return []
    known = [(int(row[0]), -float(row[1])) for row in values if row[1]]
    sizes, curvatures = (np.array(column) for column in zip(*known, strict=True))
    window = (sizes >= _FITTED[0]) & (sizes <= _FITTED[1])
    laws = {law: fit(law, sizes[window], curvatures[window], _FINE, 2, True).prediction for law in _STYLES}
    bounds = np.array([[float(cell) for cell in (row[0], row[1], row[3])] for row in between])
    return [_exponents(sizes, curvatures, laws, bounds), _growth(sizes, curvatures, laws)]


def _exponents(sizes: np.ndarray, curvatures: np.ndarray, laws: Mapping[str, np.ndarray], bounds: np.ndarray) -> Figure:
    local = exponents(sizes, curvatures, 2)
    shown = sizes[:-1] >= WINDOW[0]
    middle = np.sqrt(sizes[:-1] * sizes[1:])
    with drawing("exponents") as picture:
        axes = picture.axes
        axes.axvspan(*WINDOW, color=MUTED, alpha=0.15, linewidth=0)
        axes.annotate("published window", (6.1, 1.0992), color=MUTED, fontsize=8.5)
        axes.axhline(PUBLISHED, color=MUTED, linewidth=1.2, linestyle=":")
        axes.annotate("10/9", (440, PUBLISHED + 0.0006), color=MUTED, fontsize=9)
        for law, prediction in laws.items():
            colour, dashes = _STYLES[law]
            axes.plot(np.sqrt(_FINE[:-1] * _FINE[1:]), exponents(_FINE, prediction, 2), color=colour, linestyle=dashes,
                      label=f"{law}, fitted to {_FITTED[0]} to {_FITTED[1]}")  # fmt: skip
        axes.plot(middle[shown], local[shown], "o", color=SERIES[0], markersize=5, label="exact $|R|$")
        large = bounds[:, 0] >= 24
        axes.plot(np.sqrt(bounds[large, 0] * bounds[large, 1]), bounds[large, 2], "s", color=SERIES[0], markersize=4.5,
                  markerfacecolor="none", label="exact bound $mt^2/4\\chi$")  # fmt: skip
        axes.set(xscale="log", xlabel="$L$", ylabel=r"$d\ln|R|\,/\,d\ln n$", ylim=(1.075, 1.128))
        axes.set_xticks([6, 9, 16, 32, 64, 128, 256, 512], ["6", "9", "16", "32", "64", "128", "256", "512"])
        axes.minorticks_off()
        axes.legend(loc="lower left", bbox_to_anchor=(0.12, 0.0))
    return Figure(
        picture.svg,
        "The exponent against the size",
        r"Exponents of exact curvatures between neighbouring sizes, and of their bound to $L = 512$. The published window saw "
        r"1.1115 and took it for $10/9$. Both curves are laws with a correction in $1/L$; the held-out points decide.",
        f"Points that rise from {local[shown][0]:.4f} in the published window to {local.max():.4f} and fall to {local[-1]:.4f} "
        "at the largest sizes, below 10/9. The curve of the logarithm goes through them, that of the power stays above.",
    )


def _growth(sizes: np.ndarray, curvatures: np.ndarray, laws: Mapping[str, np.ndarray]) -> Figure:
    held = np.isin(sizes, HELD_OUT)
    with drawing("growth") as picture:
        axes = picture.axes
        for law, prediction in laws.items():
            colour, dashes = _STYLES[law]
            axes.plot(_FINE, prediction / _FINE**2, color=colour, linestyle=dashes, label=law)
        for chosen, face, label in ((~held, SERIES[0], "exact"), (held, "none", "exact, held out")):
            axes.plot(sizes[chosen], curvatures[chosen] / sizes[chosen] ** 2, "o", color=SERIES[0], markerfacecolor=face,
                      markersize=5, label=label)  # fmt: skip
        axes.set(xscale="log", xlabel="$L$", ylabel="$-R/n$", xlim=(5, 300), ylim=(14, 50))
        axes.set_xticks([6, 16, 32, 64, 128, 256], ["6", "16", "32", "64", "128", "256"])
        axes.minorticks_off()
        axes.legend()
    return Figure(
        picture.svg,
        "Curvature for each spin",
        r"$-R/n$ against a logarithmic scale of L: a law $a\ln L + b$ is a straight line here, a power bends upwards.",
        "Points that approach a straight line; both laws go through those they were fitted to.",
    )


CLAIMS = {"ising-curvature-exponent": _figures}
