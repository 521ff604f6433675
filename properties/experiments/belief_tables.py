"""The archived comparison of penalties as tables: what its check puts on record, for readers and for the pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from properties.experiments.belief_regularisation import METHODS
from properties.experiments.belief_tasks import TASKS
from properties.experiments.intervals import written

Table = tuple[str, list[str], list[list[object]]]
Runs = Sequence[Mapping[str, Any]]

SCORES = {"log_likelihood": "log-likelihood", "error": "error", "calibration": "calibration error"}
NAMES = {"none": "none", "weight decay": "weight decay", "Fisher-Rao": "squared distance",
         "KL to": "KL to the reference", "KL from": "KL from the reference"}  # fmt: skip
PAIRS = (
    ("weight decay", "none"), ("Fisher-Rao", "none"), ("KL to", "none"), ("KL from", "none"),
    ("Fisher-Rao", "weight decay"), ("KL to", "weight decay"), ("KL from", "weight decay"),
    ("Fisher-Rao", "KL to"), ("Fisher-Rao", "KL from"),
)  # fmt: skip
LEAST, MOST, OF_BELIEFS = "efficiency, lower bound", "efficiency, upper bound", "efficiency of beliefs"
ENSEMBLES = "Ensembles of 64 networks on the diabetes data, descending for the same clock"


def scores_of(task: str) -> str:
    """The title of the table of test scores."""
    return f"{task.capitalize()}: on test examples"


def differences_of(task: str) -> str:
    """The title of the table of differences."""
    return f"{task.capitalize()}: differences, seed by seed"


def of(found: Mapping[str, Any], task: str, method: str, name: str) -> np.ndarray:
    """One number of every seed."""
    return np.array([one[name] for one in found["runs"] if (one["task"], one["method"]) == (task, method)])


def difference(found: Mapping[str, Any], task: str, method: str, other: str, name: str) -> np.ndarray:
    """Of two methods, of every seed."""
    return of(found, task, method, name) - of(found, task, other, name)


def descents(found: Mapping[str, Any], method: str) -> Runs:
    """Those of one method."""
    return [one for one in found["descents"] if one["method"] == method]


def of_comparison(found: Mapping[str, Any]) -> list[Table]:
    """Scores and their differences for each task, and the audits of the ensembles."""
    tables: list[Table] = []
    for task in TASKS:
        rows: list[list[object]] = []
        for method in METHODS:
            strengths = of(found, task, method, "strength")
            chosen = f"{np.median(strengths):.2g}" if method != "none" else "0"
            ends = "" if np.ptp(strengths) == 0 else f" ({strengths.min():.2g} to {strengths.max():.2g})"
            cells = [written(of(found, task, method, name)) for name in ("train_log_likelihood", *SCORES)]
            rows.append([NAMES[method], chosen + ends, *cells])
        columns = ["method", "strength, median and range", "training log-likelihood", *SCORES.values()]
        tables.append((scores_of(task), columns, rows))
        pairs: list[list[object]] = [
            [f"{NAMES[a]} less {NAMES[b]}", *(written(difference(found, task, a, b, name)) for name in SCORES)]
            for a, b in PAIRS
        ]
        tables.append((differences_of(task), ["difference", *SCORES.values()], pairs))
    return [*tables, _of_ensembles(found)]


def _of_ensembles(found: Mapping[str, Any]) -> Table:
    bounds = {
        "squared distance, lower bound": ("squared_distance", "lower"),
        "squared distance, upper bound": ("squared_distance", "upper"),
        "entropy production": ("production", "estimate"),
        LEAST: ("efficiency", "lower"),
        MOST: ("efficiency", "upper"),
    }
    runs = {method: descents(found, method) for method in METHODS}
    rows: list[list[object]] = [["strength", *(f"{found['strengths'][method]:.2g}" for method in METHODS)]]
    for name, (quantity, side) in bounds.items():
        rows.append([name, *(written(one[quantity][side] for one in runs[method]) for method in METHODS)])
    rows.append([OF_BELIEFS, *(written(one["belief_efficiency"] for one in runs[method]) for method in METHODS)])
    return ENSEMBLES, ["quantity", *(NAMES[method] for method in METHODS)], rows
