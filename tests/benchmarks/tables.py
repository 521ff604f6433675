"""The tables that a run ends with."""

import os
from collections import defaultdict


class Throughput:
    """Seconds per point of each function of each case by whom, and seconds of compilation."""

    def __init__(self):
        self._seconds = defaultdict(dict)

    def add(self, case, function, who, seconds, compilation=None):
        self._seconds[case, function][who] = (seconds, compilation)

    def lines(self):
        """One line for each function: our points per second, and the time of the others as multiples of ours."""
        columns = list(dict.fromkeys(who for row in self._seconds.values() for who in row))
        if not columns:
            return
        ours = columns[0]
        others = "".join(f"{title[:20]:>21}" for title in columns[1:])
        yield f"{'':<40}{'points/s':>10}{'compile s':>10}{others}"
        for (case, function), row in sorted(self._seconds.items()):
            if ours not in row:
                continue
            seconds, compilation = row[ours]
            ratios = "".join(_cell(row.get(title), seconds) for title in columns[1:])
            yield f"{f'{function} of {case}':<40}{1 / seconds:>10.2g}{compilation or 0:>10.1f}{ratios}"


def _cell(entry, ours):
    return f"{f'{entry[0] / ours:.2g} x':>21}" if entry else f"{'-':>21}"


def dimension_lines(rows):
    """One line for each family and dimension."""
    if rows:
        yield f"{'':<36}{'d':>4}{'compile s':>11}{'points/s':>12}"
    for case, dimension, compilation, rate in rows:
        yield f"{case:<36}{dimension:>4}{compilation:>11.2f}{rate:>12.2g}"


def audit_lines(rows):
    """One line for each audit; memory should not grow with the number of checkpoints."""
    if rows:
        yield f"{'members':>8}{'parameters':>12}{'checkpoints':>12}{'s':>8}{'GiB each':>10}{'peak GiB':>10}"
    for members, size, checkpoints, seconds, one, peak in rows:
        yield f"{members:>8}{size:>12}{checkpoints:>12}{seconds:>8.1f}{one:>10.3f}{peak:>10.2f}"


def load_line():
    """What else the machine did."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return f"load averages of the machine of {os.cpu_count()} cores: {load}"
