"""Means over independent seeds, with intervals of 95 %, and how they are written."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.stats import t as student

CONFIDENCE = 0.95
_POWER = 0.8
_DIGITS = 9


def of_mean(values: Iterable[float], confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The mean of independent values, and half the width of its two-sided interval by Student's quantile."""
    array = np.asarray(list(values), dtype=np.float64)
    half = student.ppf(0.5 + 0.5 * confidence, len(array) - 1) * array.std(ddof=1) / math.sqrt(len(array))
    return float(array.mean()), float(half)


def written(values: Iterable[float]) -> str:
    """Mean and half width, to two digits of the half width: ``0.362 ± 0.012``."""
    mean, half = of_mean(values)
    if half == 0:
        return f"{mean:g}"
    places = min(max(1 - math.floor(math.log10(half)), 0), 9)
    # Spaces that do not break.
    return f"{mean:.{places}f}\u00a0±\u00a0{half:.{places}f}"


def detectable(values: Iterable[float]) -> float:
    """The size of a mean whose interval leaves 0 out with a probability of 80 %, given the scatter of these values."""
    array = np.asarray(list(values), dtype=np.float64)
    freedom = len(array) - 1
    quantiles = student.ppf(0.5 + 0.5 * CONFIDENCE, freedom) + student.ppf(_POWER, freedom)
    return float(quantiles * array.std(ddof=1) / math.sqrt(len(array)))


def rounded(value: Any) -> Any:
    """Numbers to nine digits, all through lists and dictionaries, so that archives stay small."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{value:.{_DIGITS - 1}e}")
    return value
