"""Pictures of the entropy as an approximation of the logarithm of a number of arrangements."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reports.figures import table_of
from reports.figures.drawing import MUTED, SERIES, Figure, drawing

# Of the check, whose tables these pictures show.
ERRORS, CROSSINGS = "Errors relative to the entropy", "Where the correction begins to help"
_OF_PAPER = "exponential quantiles"
_LETTERS = "50000"


def _figures(claim: Mapping[str, Any]) -> list[Figure]:
    rows, crossings = table_of(claim, ERRORS), table_of(claim, CROSSINGS)
    if not rows or not crossings:
        return []
    at = {row[0]: float(row[2]) for row in crossings if row[1] == _LETTERS}
    return [_errors(rows, at[_OF_PAPER]), _ratios(rows, at)]


def _curve(rows: Sequence[Sequence[str]], law: str) -> np.ndarray:
    """Columns n/D, error before, error after, in the order of n/D."""
    return np.array(sorted([float(cell) for cell in row[1:]] for row in rows if row[0] == law)).T


def _errors(rows: Sequence[Sequence[str]], crossing: float) -> Figure:
    ratio, before, after = _curve(rows, _OF_PAPER)
    with drawing("errors") as picture:
        axes = picture.axes
        axes.loglog(ratio, before, label="entropy")
        axes.loglog(ratio, after, label="with the correction")
        axes.axvline(crossing, color=MUTED, linewidth=1.2, linestyle="--")
        axes.annotate(f"{crossing:.4f}", (crossing * 1.08, after.min() * 1.5), color=MUTED, fontsize=9)
        axes.set(xlabel="draws per letter $n/D$", ylabel="error relative to $H$")
        axes.legend()
    five = int(np.flatnonzero(ratio == 5.0)[0])
    return Figure(
        picture.svg,
        "The entropy and its correction",
        r"Errors of $H$ and of the corrected entropy as approximations of $\frac1n\ln N$, for 50000 letters with "
        r"$P_i \propto -\ln(1 - (i - \tfrac12)/D)$ and interpolated counts. Left of the dashed line the correction hurts.",
        f"Two falling curves that cross at {crossing:.4f}. At five draws per letter the upper one, of the entropy, is at "
        f"{before[five]:.3g} and the lower one, with the correction, at {after[five]:.3g}; at {ratio[0]:g} draws per letter "
        f"the correction takes the error from {before[0]:.2g} to {after[0]:.2g}.",
    )


def _ratios(rows: Sequence[Sequence[str]], crossings: Mapping[str, float]) -> Figure:
    with drawing("gain") as picture:
        axes = picture.axes
        for index, law in enumerate(crossings):
            ratio, before, after = _curve(rows, law)
            style = {"color": SERIES[index % len(SERIES)], "linestyle": "-" if index < len(SERIES) else ":"}
            axes.loglog(ratio, after / before, label=law, **style)
        axes.axhline(1.0, color=MUTED, linewidth=1.2, linestyle="--")
        axes.set(xlabel="draws per letter $n/D$", ylabel="error after, in units of that before")
        axes.legend()
    return Figure(
        picture.svg,
        "Where the correction helps",
        "What the correction makes of the error, for five laws of 50000 letters. Above the dashed line it hurts.",
        "Five falling curves, which cross 1 at "
        + ", ".join(f"{at:.4f} ({law})" for law, at in crossings.items())
        + " draws per letter.",
    )


CLAIMS = {"entropy-correction": _figures}
