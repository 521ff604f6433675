"""Claims about the curvature of the critical Ising model on a torus."""

from functools import cache

import numpy as np
import pytest

from properties import archive, ising_torus_study
from properties.checks import agree, archived, fact, table
from properties.claims import claim

# Found by enumeration of all states.
ENUMERATED = -105.6418495655


@cache
def recomputed(size):
    """By free fermions."""
    return ising_torus_study.of_curvature(size)["scalar_curvature"]


@pytest.mark.slow
@claim(
    "curvature-window",
    evidence="property",
    exponent=1.1115,
    falsifiers={"10/9, which theory expects": {"exponent": 10 / 9}, "linear in n": {"exponent": 1.0}},
)
def test_slope_in_the_published_window(exponent):
    """A least-squares line through four exact curvatures."""
    stored = archive.read(ising_torus_study.NAME)
    rows = {row["size"]: row for row in stored["sizes"]}
    agree(rows[3]["scalar_curvature"], ENUMERATED, tolerance=1e-12)
    agree(recomputed(6), rows[6]["scalar_curvature"], tolerance=1e-12)
    archived(stored["made"], "the curvature at 6 spins a side")
    sizes = np.arange(6, 10)
    values = np.array([rows[size]["scalar_curvature"] for size in sizes])
    slope, _ = np.polyfit(2 * np.log(sizes), np.log(-values), 1)
    shown = [
        [size, *(f"{rows[size][name]:.10f}" for name in ("scalar_curvature", "skewness_squared", "trace_squared"))]
        for size in sizes
    ]
    table("Critical Ising tori, exactly", ["L", "R", "$|T|^2$", "$|\\mathrm{tr}\\,T|^2$"], shown)
    fact("slope", f"{slope:.6f}")
    agree(slope, exponent, tolerance=2e-4, scale=1.0)
