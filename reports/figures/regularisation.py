"""Pictures of penalties, over the standard deviation of a normal law."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reports.figures.drawing import MUTED, SERIES, Figure, drawing


def _ticks(axes: Any, ticks: Mapping[str, float]) -> None:
    axes.set_xticks(list(ticks.values()), list(ticks))
    axes.minorticks_off()


def _weight_decay(_: Mapping[str, Any]) -> list[Figure]:
    sigma = np.geomspace(0.2, 4, 200)
    penalties = {r"$\sigma^2$": lambda s: s**2, r"$(\ln\sigma)^2$": lambda s: np.log(s) ** 2}
    with drawing("weight-decay") as picture:
        axes = picture.axes
        for (label, penalty), colour in zip(penalties.items(), SERIES, strict=False):
            axes.semilogx(sigma, penalty(sigma), label=label, color=colour)
            ends = np.array([0.25, 2.0])
            axes.plot(ends, penalty(ends), "o--", color=colour, markersize=5, linewidth=1)
        _ticks(axes, {"1/4": 0.25, "1/2": 0.5, "1": 1.0, "2": 2.0, "4": 4.0})
        axes.set(xlabel=r"standard deviation $\sigma$", ylabel="penalty", ylim=(-0.15, 5))
        axes.legend()
    return [
        Figure(
            picture.svg,
            "Two laws, two orders",
            r"The square of the parameter in two charts, with the laws $\sigma = \tfrac14$ and $\sigma = 2$ marked: in "
            r"$\sigma$ the second is penalised more, in $\ln\sigma$ the first.",
            "One curve rises over the standard deviation, the other falls to 0 at 1 and rises again; the lines between their "
            "marked points slope in opposite directions.",
        )
    ]


def _penalties(_: Mapping[str, Any]) -> list[Figure]:
    sigma = np.geomspace(0.36, 3, 300)
    penalties = {
        r"$\frac{1}{2}\,d^2$": lambda s: np.log(s) ** 2,
        r"$\mathrm{KL}(p\,\|\,q)$": lambda s: (s**2 - 1) / 2 - np.log(s),
        r"$\mathrm{KL}(q\,\|\,p)$": lambda s: (s**-2 - 1) / 2 + np.log(s),
        r"$H^2$": lambda s: 4 - 4 / np.sqrt(np.cosh(np.log(s))),
    }
    with drawing("penalties") as picture:
        axes = picture.axes
        for place in (5 / 11, 2.0):
            axes.axvline(place, color=MUTED, linewidth=1, linestyle=":")
        for (label, penalty), colour in zip(penalties.items(), SERIES, strict=True):
            axes.semilogx(sigma, penalty(sigma), label=label, color=colour)
            ends = np.array([5 / 11, 2.0])
            axes.plot(ends, penalty(ends), "o", color=colour, markersize=4)
        _ticks(axes, {"5/11": 5 / 11, "1": 1.0, "2": 2.0})
        axes.set(xlabel=r"standard deviation $\sigma$ of $p = N(0, \sigma^2)$", ylabel=r"penalty against $q = N(0, 1)$")
        axes.set(xlim=(0.36, 3), ylim=(0, 1.6))
        axes.legend()
    return [
        Figure(
            picture.svg,
            "Penalties with one Hessian",
            r"At $\sigma = 1$ all four have the same value, slope and curvature. Of the marked laws, $\sigma = \tfrac5{11}$ "
            r"and 2, half the squared distance takes the first for further off, as do $\mathrm{KL}(q\,\|\,p)$ and $H^2$; "
            r"$\mathrm{KL}(p\,\|\,q)$ takes the second.",
            "Four curves that touch at standard deviation 1 and part on both sides; one is lower than the others on the left "
            "and higher on the right.",
        )
    ]


CLAIMS = {"weight-decay-not-invariant": _weight_decay, "squared-distance-optimal": _penalties}
