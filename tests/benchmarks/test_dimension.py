"""Time to compile the scalar curvature, and its points per second on one core, from 2 to 20 parameters."""

import os

import pytest
from benchmarks.cases import case
from benchmarks.conftest import batched, compiled_in

POINTS = 2**14
CASES = (
    *(case("categorical", categories=d + 1) for d in (2, 5, 10, 20)),
    *(case("dirichlet", categories=d) for d in (2, 5, 10, 20)),
    *(case("multivariate_normal", dimension=p) for p in (1, 2, 3, 4, 5)),
)
# On a machine that does nothing else; a failure on another means little.
COMPILED_IN_SECONDS = 10.0
POINTS_PER_SECOND_OF_FIVE = 1e5
IS_BUSY = os.getloadavg()[0] > 1.5 if hasattr(os, "getloadavg") else False


@pytest.mark.parametrize("case", CASES, ids=str)
def test_scalar_curvature(measure_compiled, benchmark, dimensions, case):
    benchmark.group = f"scalar_curvature of {case.name} by dimension"
    points = case.points(POINTS)
    compiled, compilation = compiled_in(batched(case.geometry.scalar_curvature), points)
    rate = POINTS / measure_compiled(compiled, points)
    dimensions.append((str(case), case.geometry.dimension, compilation, rate))
    if IS_BUSY:
        return
    assert compilation < COMPILED_IN_SECONDS
    assert case.geometry.dimension != 5 or rate > POINTS_PER_SECOND_OF_FIVE
