"""Sweeps over the sizes of a lattice, in a file from which an interrupted sweep goes on."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numerics.lattice_curvature import lattice_curvature
from reports.folder import write_whole

FORMAT = 1
_LARGEST_FILE = 16 * 2**20
_NUMBERS = ("scalar_curvature", "skewness_squared", "trace_squared")
Row = dict[str, Any]


class SweepError(ValueError):
    """The file is no sweep, or one of another lattice."""


def sweep(
    sizes: Sequence[int],
    question: Mapping[str, Any],
    output: Path | None = None,
    progress: Callable[[int, int, int], None] | None = None,
    **means: Any,
) -> list[Row]:
    """The curvature at each size; those that the file has are taken from there, and every new one is written at once.

    Args:
        sizes: L of each.
        question: what is asked of :func:`numerics.lattice_curvature.lattice_curvature`, apart from the size, as the file says.
        output: the file; None for none.
        progress: called with the size at work, how many of its parts are done and how many there are.
        means: arguments that do not change the answer: memory, devices.

    Raises:
        SweepError: for a file that is no sweep or asks for something else.
        TypeError, ValueError: as the function itself.
    """
    known = _read(output, question) if output is not None and output.exists() else []
    for size in sizes:
        if any(row["size"] == size for row in known):
            continue
        told = None if progress is None else (lambda done, number, size=size: progress(size, done, number))
        found = lattice_curvature(size=size, **question, **means, progress=told)
        known.append({"size": size} | asdict(found))
        if output is not None:
            content = {"format": FORMAT, "question": question, "sizes": known}
            write_whole(output, json.dumps(content, indent=1, allow_nan=False) + "\n")
    return [next(row for row in known if row["size"] == size) for size in sizes]


def shown(rows: Sequence[Row]) -> str:
    """The curvatures in aligned columns, with all their digits or with their errors, however wide that is."""
    cells = [["size", "bonds", "R", "|T|^2", "|tr T|^2", "method", "seconds"]]
    for row in rows:
        numbers = [_shown(row[name], row["standard_errors"].get(name)) for name in _NUMBERS]
        cells.append([str(row["size"]), str(row["bonds"]), *numbers, row["method"], f"{row['seconds']:.3g}"])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def _shown(value: float, error: float | None) -> str:
    return f"{value:.13g}" if error is None else f"{value:.6g} +- {error:.2g}"


def _read(path: Path, question: Mapping[str, Any]) -> list[Row]:
    if path.stat().st_size > _LARGEST_FILE:
        raise SweepError(f"{path} has {path.stat().st_size} bytes, more than {_LARGEST_FILE}: not a sweep")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SweepError(f"{path} is not JSON: {error}") from None
    rows = content.get("sizes") if isinstance(content, dict) and content.get("format") == FORMAT else None
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        raise SweepError(f"{path} is not a sweep of format {FORMAT}")
    if content.get("question") != json.loads(json.dumps(question)):
        raise SweepError(f"{path} is a sweep of {content.get('question')}, not of {dict(question)}: name another file")
    return rows


def _is_row(row: object) -> bool:
    if not isinstance(row, dict):
        return False
    has_numbers = all(isinstance(row.get(name), int | float) for name in (*_NUMBERS, "seconds", "size", "bonds"))
    return has_numbers and isinstance(row.get("standard_errors"), dict) and isinstance(row.get("method"), str)
