"""An audit for people to read: a page that is one file, a JSON file, and a few lines in the terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from numerics.audit import Audit, Range
from properties.evidence import environment
from reports.figures.audit import figures
from reports.folder import write_whole
from reports.standalone import standalone

# Name, formula, meaning, and where it is in an audit.
_QUANTITIES: tuple[tuple[str, str, str, Callable[[Audit], Range]], ...] = (
    (
        "Efficiency", r"$W_2^2 / (S\,\Sigma)$",
        "how much of what was dissipated the shortest transport would have needed, in the same time", lambda a: a.efficiency,
    ),
    ("Straightness", r"$W_2^2 / L^2$", "how direct the way was", lambda a: a.straightness),
    ("Pace", r"$L^2 / (S A)$", "how even the pace was", lambda a: Range(estimate=a.pace)),
    ("Resolved", r"$A / \Sigma$", "how much of the dissipation the checkpoints show", lambda a: Range(estimate=a.resolved)),
    ("Squared distance", r"$W_2^2$", "between the laws at the first and the last checkpoint", lambda a: a.squared_distance),
    ("Entropy production", r"$\Sigma$", "free energy dissipated, in units of the objective", lambda a: a.entropy_production),
)  # fmt: skip
_MARKS = {"consistent": "proved", "rejected": "refuted", "inconclusive": "inconclusive"}


def page(audit: Audit, name: str) -> str:
    """The audit as one HTML file.

    Args:
        audit: what was found.
        name: of the ensemble, for the title.
    """
    return standalone(
        "audit.html", audit=audit, name=name, figures=figures(audit), mark=_MARKS[audit.verdict], rows=_checkpoints(audit),
        quantities=[(label, formula, meaning, _shown(of(audit))) for label, formula, meaning, of in _QUANTITIES],
        settings=_settings(audit), versions=environment(),
    )  # fmt: skip


def write(audit: Audit, name: str, html: Path, numbers: Path) -> None:
    """Write the page and the JSON file, each whole or not at all.

    Raises:
        OSError: if they cannot be written.
    """
    write_whole(numbers, json.dumps(audit.as_dict() | {"versions": environment()}, indent=1, allow_nan=False))
    write_whole(html, page(audit, name))


def show(audit: Audit, console: Console) -> None:
    """The main numbers, the verdict and the warnings in the terminal."""
    table = Table("", "at least", "estimate", "at most", box=None)
    for label, _, _, of in _QUANTITIES:
        table.add_row(label, *_shown(of(audit)))
    console.print(f"{audit.members} members of {audit.size} parameters at {len(audit.steps)} checkpoints", markup=False)
    console.print(table)
    console.print(f"{audit.verdict}: {audit.reason}", markup=False, soft_wrap=True)
    for warning, text in audit.warnings.items():
        console.print(f"warning, {warning}: {text}", markup=False, soft_wrap=True)


def _shown(found: Range) -> tuple[str, str, str]:
    low, middle, high = (
        "–" if value is None else f"{value:.4g}" for value in (found.lower, found.estimate, found.upper)
    )
    return low, middle, high


def _checkpoints(audit: Audit) -> list[tuple[str, ...]]:
    path = audit.path
    columns: list[Any] = [audit.steps, audit.clock, path.lower, path.shifted, path.upper, path.displacement]
    columns += [
        column if column is not None else ["–"] * len(audit.steps) for column in (audit.energy, audit.free_energy)
    ]
    return [
        tuple(
            cell if isinstance(cell, str) else f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row
        )
        for row in zip(*columns, strict=True)
    ]


def _settings(audit: Audit) -> list[tuple[str, str]]:
    training = audit.training
    rate, mobility = training.learning_rate, training.mobility
    described = [
        ("Members", str(audit.members)),
        ("Parameters", str(audit.size)),
        ("Optimiser", training.optimiser.replace("_", " ")),
        ("Learning rate", f"{rate:g}" if rate.ndim == 0 else f"a schedule from {rate.min():g} to {rate.max():g}"),
        ("Mobility", f"{mobility:g}" if mobility.ndim == 0 else "one for every parameter"),
        ("Temperature", f"{training.temperature:g}"),
        ("Objective", "fixed" if training.is_objective_fixed else "moving"),
        ("Confidence of each bound", f"{training.confidence:g}, one-sided"),
    ]
    if training.temperature > 0:
        described.append(("Entropy", f"{training.entropy} estimate"))
    return described
