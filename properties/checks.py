"""What a check says: helpers that count, measure and raise :class:`Violation`, and the record they write to."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import numpy as np

from derivations.derivation import Derivation, StepFailed


class Violation(AssertionError):
    """The statement is false here. Only this and a failed step count as a falsifier's death."""


class InvalidResidual(ValueError):
    """A residual is NaN or a tolerance is not positive: the check itself is broken."""


class VacuousCheck(ValueError):
    """A check ran without checking anything."""


class Inconclusive(Exception):
    """The check has not enough power to decide; never a pass."""


DEATHS = (Violation, StepFailed)


@dataclass
class Record:
    """What one run of a check showed.

    Attributes:
        checks: how many comparisons were made.
        examples: how many Hypothesis examples ran.
        worst: the largest residual over its tolerance; at most 1 in a check that passes.
        residual: the residual of that comparison.
        tolerance: the tolerance it was held to.
        facts: numbers for the reader, by label.
        derivations: titles and steps of exact derivations.
        tables: measured tables: title, column names, rows.
        archive: of evidence that is too long for every run: the command that made it, versions, date, and what this run
            recomputed of it.
    """

    checks: int = 0
    examples: int = 0
    worst: float | None = None
    residual: float | None = None
    tolerance: float | None = None
    facts: dict[str, str] = field(default_factory=dict)
    derivations: list[dict[str, object]] = field(default_factory=list)
    tables: list[dict[str, object]] = field(default_factory=list)
    archive: dict[str, str] = field(default_factory=dict)


_current: ContextVar[Record | None] = ContextVar("record", default=None)


@contextmanager
def recording() -> Iterator[Record]:
    """Collect what the checks inside show; raises :class:`VacuousCheck` if they show nothing."""
    record = Record()
    token = _current.set(record)
    try:
        yield record
    finally:
        _current.reset(token)
    if not record.checks:
        raise VacuousCheck("the check compared nothing: its domain is empty, or it never calls a helper of this module")


def agree(actual: object, expected: object, tolerance: float, scale: object = None) -> None:
    """Claim that two arrays agree: ``max |actual - expected| / scale <= tolerance``.

    Args:
        actual: numbers of any shape.
        expected: numbers of the same shape.
        tolerance: derived or measured, positive.
        scale: what the difference is relative to; ``max(|expected|, tiny)`` entrywise if not given.
    """
    a, b = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if a.shape != b.shape:
        raise InvalidResidual(f"shapes differ: {a.shape} against {b.shape}")
    if a.size == 0:
        return
    size = np.maximum(np.abs(b), np.finfo(np.float64).tiny) if scale is None else np.asarray(scale, dtype=np.float64)
    residuals = np.abs(a - b) / size
    _measure(residuals, tolerance, lambda i: f"{float(a.flat[i])!r} against {float(b.flat[i])!r}")


def at_most(value: object, bound: object, slack: float, scale: object = 1.0) -> None:
    """Claim ``value <= bound`` up to rounding: ``(value - bound) / scale <= slack``."""
    a, b = np.broadcast_arrays(np.asarray(value, dtype=np.float64), np.asarray(bound, dtype=np.float64))
    excess = (a - b) / np.asarray(scale, dtype=np.float64)
    _measure(np.where(excess < 0, 0.0, excess), slack, lambda i: f"{float(a.flat[i])!r} above {float(b.flat[i])!r}")


def decided(holds: bool, statement: str) -> None:
    """Claim something that was decided exactly, by ball arithmetic, enumeration or rational numbers."""
    if not isinstance(holds, bool | np.bool_):
        raise InvalidResidual(f"{statement}: the decision is {holds!r}, not a truth value")
    _count()
    if not holds:
        raise Violation(f"false: {statement}")


def derived(derivation: Derivation) -> None:
    """Put a derivation on record; its steps were checked when it was built."""
    record = _count(len(derivation.steps))
    steps = [{"statement": s.statement, "reason": s.reason, "method": s.method} for s in derivation.steps]
    record.derivations.append({"title": derivation.title, "steps": steps})


def sampled(number: int) -> None:
    """Count points that the check drew itself as examples."""
    _record().examples += number


def fact(label: str, value: object) -> None:
    """Put a number or sentence on record for the reader."""
    _record().facts[label] = str(value)


def table(title: str, columns: list[str], rows: list[list[object]]) -> None:
    """Put a measured table on record, in place of an earlier one of the same title."""
    record = _record()
    record.tables = [earlier for earlier in record.tables if earlier["title"] != title]
    record.tables.append({"title": title, "columns": columns, "rows": [[str(c) for c in row] for row in rows]})


def archived(made: Mapping[str, str], recomputed: str) -> None:
    """Put on record that the numbers come from an archive, and what of it this run has computed again.

    Args:
        made: how it was made, see :func:`properties.archive.read`.
        recomputed: in words; the check compares it with the archive.
    """
    _record().archive = dict(made) | {"recomputed": recomputed}


def _measure(residuals: np.ndarray, tolerance: float, describe: object) -> None:
    if not (tolerance > 0 and math.isfinite(tolerance)):
        raise InvalidResidual(f"tolerance {tolerance} is not positive")
    if np.isnan(residuals).any():
        raise InvalidResidual(f"residual is NaN at {describe(int(np.argmax(np.isnan(residuals))))}")  # type: ignore[operator]
    record = _count(residuals.size)
    index = int(np.argmax(residuals))
    worst = float(residuals.flat[index])
    if record.worst is None or worst / tolerance > record.worst:
        record.worst, record.residual, record.tolerance = worst / tolerance, worst, tolerance
    if worst > tolerance:
        raise Violation(f"{describe(index)}: residual {worst:.3g} > tolerance {tolerance:.3g}")  # type: ignore[operator]


def _count(number: int = 1) -> Record:
    record = _record()
    record.checks += number
    return record


def _record() -> Record:
    record = _current.get()
    if record is None:
        raise RuntimeError("checks run inside a @claim only")
    return record
