"""Pictures of the exponents of critical Potts tori: exact and simulated, beside the published ones."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from properties.growth_laws import exponents
from reports.figures import table_of
from reports.figures.drawing import MUTED, SERIES, Figure, drawing

# By the number of states: the published exponent, and that of n chi without logarithms.
PUBLISHED, BY_DUALITY = {3: ("33/29", 33 / 29), 4: ("22/19", 22 / 19)}, {3: ("6/5", 6 / 5), 4: ("3/2", 3 / 2)}
_NAMES = {3: "three", 4: "four"}


def _figures(claim: Mapping[str, Any]) -> list[Figure]:
    found = []
    for states in PUBLISHED:
        exact = table_of(claim, f"Exact exponents of {states} states")
        simulated = table_of(claim, f"Simulations of {states} states in 2 dimensions")
        if exact and simulated:
            found.append(_exponents(states, np.array(exact, dtype=float), simulated))
    return found


def _exponents(states: int, exact: np.ndarray, simulated: list[list[str]]) -> Figure:
    sizes = np.array([float(row[0]) for row in simulated])
    curvatures, errors = np.array([[abs(float(part)) for part in row[1].split(" ± ")] for row in simulated]).T
    local = exponents(sizes, curvatures, 2)
    shares = errors / curvatures
    spread = np.hypot(shares[1:], shares[:-1]) / np.diff(2 * np.log(sizes))
    larger = sizes[:-1] >= 8
    middle = np.sqrt(sizes[:-1] * sizes[1:])
    with drawing(f"potts{states}") as picture:
        axes = picture.axes
        for (label, value), dashes in ((PUBLISHED[states], ":"), (BY_DUALITY[states], "--")):
            axes.axhline(value, color=MUTED, linewidth=1.2, linestyle=dashes)
            axes.annotate(label, (5.1, value + 0.004), color=MUTED, fontsize=9)
        shown = exact[:, 0] >= 5
        axes.plot(
            np.sqrt(exact[shown, 0] * exact[shown, 1]),
            exact[shown, 2],
            "o",
            color=SERIES[0],
            label="exact",
            markersize=5,
        )
        axes.errorbar(middle[larger], local[larger], spread[larger], fmt="s", color=SERIES[1], label="simulated",
                      markersize=4.5, capsize=2.5, elinewidth=1.2)  # fmt: skip
        axes.set(xscale="log", xlabel="$L$", ylabel=r"$d\ln|R|\,/\,d\ln n$", xlim=(5, 42))
        axes.set_xticks([5, 8, 12, 16, 24, 32, 40], ["5", "8", "12", "16", "24", "32", "40"])
        axes.minorticks_off()
        axes.legend(loc="best")
    return Figure(
        picture.svg,
        f"Exponents of {_NAMES[states]} states",
        f"Between neighbouring sizes, with standard errors. Dotted: as published. Dashed: of $n\\chi$, which duality leads to"
        f"{', without its logarithms' if states == 4 else ''}.",
        f"Points between {min(exact[shown, 2].min(), local[larger].min()):.3f} and {local[larger].max():.3f}, all above the "
        f"published {PUBLISHED[states][0]}.",
    )


CLAIMS = {"potts-curvature-exponents": _figures}
