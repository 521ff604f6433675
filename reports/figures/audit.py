"""Pictures of an audit: how far, how straight and how evenly an ensemble moved; and of how good its bounds are."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from numerics.audit import Audit, Range
from properties.audit_coverage import MEMBERS
from reports.figures import table_of
from reports.figures.drawing import INK, MUTED, SERIES, Figure, drawing


def figures(audit: Audit) -> list[Figure]:
    """The pictures of one audit."""
    found = [_factors(audit), _distance(audit), _pace(audit)]
    return [*found, _energy(audit)] if audit.energy is not None else found


def _factors(audit: Audit) -> Figure:
    rows: list[tuple[str, Range]] = [("efficiency", audit.efficiency), ("straightness", audit.straightness)]
    rows += [(name, Range(estimate=value)) for name, value in (("pace", audit.pace), ("resolved", audit.resolved))]
    with drawing("factors", size=(5.2, 2.4)) as picture:
        axes = picture.axes
        for place, (_, row) in enumerate(reversed(rows)):
            colour = SERIES[0] if place == len(rows) - 1 else SERIES[1]
            if row.lower is not None or row.upper is not None:
                low, high = row.lower or 0.0, row.upper if row.upper is not None else 1.0
                axes.plot([low, high], [place, place], color=colour, linewidth=7, alpha=0.35, solid_capstyle="butt")
            if row.estimate is not None:
                axes.plot(row.estimate, place, "o", color=colour, markersize=7)
        axes.axvline(1.0, color=MUTED, linewidth=1.2, linestyle="--")
        axes.set_yticks(range(len(rows)), [name for name, _ in reversed(rows)])
        axes.set(ylim=(-0.6, len(rows) - 0.4), xlim=(0, max(1.1, axes.get_xlim()[1])), xlabel="1 is the limit")
    return Figure(
        picture.svg,
        "Where the efficiency goes",
        "Efficiency is the product of straightness, pace and the share of the dissipation that the checkpoints resolve. Dots "
        "are estimates, bands confidence bounds.",
        "Dots and bands of efficiency, straightness, pace and resolved share between 0 and 1.",
    )


def _distance(audit: Audit) -> Figure:
    path = audit.path
    with drawing("distance") as picture:
        axes = picture.axes
        axes.fill_between(audit.clock, path.lower, path.upper, color=SERIES[0], alpha=0.2, linewidth=0)
        axes.plot(audit.clock, np.maximum(path.shifted, 0.0), color=SERIES[0], label="shifts and stretches")
        axes.plot(audit.clock, path.displacement, color=SERIES[1], linestyle="--", label="displacement of members")
        axes.set(xlabel=r"clock $\int\mu\,dt$", ylabel="squared distance", ylim=(0, None))
        axes.legend()
    return Figure(
        picture.svg,
        "How far the ensemble has come",
        "Squared Wasserstein distance from the first checkpoint. The band is from the lower confidence bound, which holds for "
        "every law, to the upper one, what the coupling of each member to itself costs.",
        "A band of the squared distance against the clock, with two curves in it.",
    )


def _pace(audit: Audit) -> Figure:
    path = audit.path
    moved = path.steps_displacement if audit.is_noise_free else np.maximum(path.steps_shifted, 0.0)
    way = np.concatenate([[0.0], np.cumsum(np.sqrt(moved))])
    with drawing("pace") as picture:
        axes = picture.axes
        axes.plot(audit.clock, way, color=SERIES[0], label="way gone")
        axes.plot(
            [0, audit.clock[-1]],
            [0, way[-1]],
            color=MUTED,
            linestyle="--",
            linewidth=1.2,
            label="the same pace throughout",
        )
        axes.plot(
            audit.clock, np.sqrt(np.maximum(path.shifted, 0.0)), color=SERIES[1], label="distance from the beginning"
        )
        axes.set(xlabel=r"clock $\int\mu\,dt$", ylabel="length", ylim=(0, None))
        axes.legend()
    return Figure(
        picture.svg,
        "Way and pace",
        "The way along the path against the clock. On the dashed line the same way costs least; where the curve bends, "
        "learning was fast first and slow later. A distance below the way means detours.",
        "Two curves of length against the clock, and a straight line.",
    )


def _energy(audit: Audit) -> Figure:
    assert audit.energy is not None
    with drawing("energy") as picture:
        axes = picture.axes
        axes.plot(audit.clock, audit.energy, color=SERIES[0], label="mean objective")
        if audit.free_energy is not None and audit.training.temperature > 0:
            axes.plot(audit.clock, audit.free_energy, color=SERIES[1], label="free energy")
        axes.plot(audit.clock, audit.energy, ".", color=INK, markersize=3)
        axes.set(xlabel=r"clock $\int\mu\,dt$", ylabel="energy")
        axes.legend()
    return Figure(
        picture.svg,
        "Objective and free energy",
        "What falls is dissipated, if the objective stays the same. At temperature 0 the free energy is the mean objective.",
        "Curves of the mean objective and the free energy against the clock.",
    )


def _bounds(claim: Mapping[str, Any]) -> list[Figure]:
    """Over the number of members, for normal laws under noise, by dimension."""
    tables = {
        "lower bound": table_of(claim, "Lower bound of the squared distance over the truth"),
        "empirical measures": table_of(claim, "Squared distance of the empirical measures over the truth"),
    }
    if None in tables.values():
        return []
    with drawing("bounds") as picture:
        axes = picture.axes
        for (name, rows), style in zip(tables.items(), ("-", "--"), strict=True):
            chosen = [row for row in rows or () if row[0] == "normal" and row[1] == "temperature 0.5"]
            for row, colour in zip(chosen, SERIES, strict=False):
                values = [(n, float(cell)) for n, cell in zip(MEMBERS, row[3:], strict=True) if cell != "–"]
                axes.loglog(*zip(*values, strict=True), style, color=colour, label=f"{name}, {row[2]} parameters")
        axes.axhline(1.0, color=MUTED, linewidth=1.2)
        axes.set(xlabel="members", ylabel="squared distance over the truth", ylim=(1e-3, 10))
        axes.legend(fontsize=7, ncols=2, loc="lower right")
    return [
        Figure(
            picture.svg,
            "From below and from above",
            "Means over 400 ensembles of normal laws at temperature 0.5. The lower bound comes up to the truth as members are "
            "added; the distance of the empirical measures is far too large, and in many dimensions members hardly help it.",
            "Curves against the number of members: lower bounds that rise towards 1, empirical distances above 1.",
        )
    ]


CLAIMS = {"audit-distance": _bounds}
