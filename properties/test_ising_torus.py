"""Claims about the curvature of the critical Ising model on a torus."""

from functools import cache

import numpy as np
import pytest

from numerics.ising_fermions import critical_coupling, fermions
from numerics.ising_torus import curvature
from properties.checks import agree, fact, table
from properties.claims import claim

# Found by other routes; the unit tests enumerate all states for L = 3 and 4.
KNOWN = {3: -105.6418495655, 6: -671.2472387143}


@cache
def critical(size):
    """The exact curvature, by free fermions."""
    return curvature(fermions(size, (critical_coupling(),) * 2))


@pytest.mark.slow
@claim(
    "curvature-window",
    evidence="property",
    exponent=1.1115,
    falsifiers={"10/9, which theory expects": {"exponent": 10 / 9}, "linear in n": {"exponent": 1.0}},
)
def test_slope_in_the_published_window(exponent):
    """A least-squares line through four exact curvatures."""
    for size, expected in KNOWN.items():
        agree(critical(size).scalar_curvature, expected, tolerance=1e-12)
    sizes = np.arange(6, 10)
    values = np.array([critical(int(size)).scalar_curvature for size in sizes])
    slope, _ = np.polyfit(2 * np.log(sizes), np.log(-values), 1)
    rows = [
        [size, *(f"{v:.10f}" for v in (c.scalar_curvature, c.skewness_squared, c.trace_squared))]
        for size, c in ((int(size), critical(int(size))) for size in sizes)
    ]
    table("Critical Ising tori, exactly", ["L", "R", "$|T|^2$", "$|\\mathrm{tr}\\,T|^2$"], rows)
    fact("slope", f"{slope:.6f}")
    agree(slope, exponent, tolerance=2e-4, scale=1.0)
