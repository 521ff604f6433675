"""Points per second of the families and of the peers, all on one core, in one run.

A peer computes in its own coordinates: geomstats in nearly the same as we, efax in natural parameters, where a Fisher matrix
takes no change of coordinates. Whether the values are the same is checked in :mod:`benchmarks.test_agreement`.
"""

import pytest
from benchmarks import textbook
from benchmarks.cases import CASES, FUNCTIONS
from benchmarks.conftest import batched, compiled_in
from benchmarks.subprocess_peers import PEERS

from numerics.radial_geodesics import RadialSpace

POINTS = 2**15
FEW_POINTS = 2**5
OURS, AUTOMATIC = "thermogeometry", "automatic differentiation"
BUDGET = 0.2


def has_closed_geodesics(geometry):
    isometry = geometry.family.isometry
    return isometry is not None and not isinstance(isometry.space, RadialSpace)


def compare(measure_compiled, throughput, case, name, who, function):
    number = FEW_POINTS if name == "distance" and not has_closed_geodesics(case.geometry) else POINTS
    points = [case.points(number, seed) for seed in range(FUNCTIONS[name])]
    compiled, seconds = compiled_in(batched(function), *points)
    throughput.add(str(case), name, who, measure_compiled(compiled, *points) / number, seconds)


@pytest.fixture(autouse=True)
def grouped(request):
    """Ours and automatic differentiation in one group."""
    if "name" in request.fixturenames and "benchmark" in request.fixturenames:
        case, name = request.getfixturevalue("case"), request.getfixturevalue("name")
        request.getfixturevalue("benchmark").group = f"{name} of {case}"


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_thermogeometry(measure_compiled, throughput, case, name):
    compare(measure_compiled, throughput, case, name, OURS, getattr(case.geometry, name))


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "distance"])
def test_automatic_differentiation(measure_compiled, throughput, case, name):
    """Without distances: they are an integration of geodesics, as are some of ours."""
    compare(measure_compiled, throughput, case, name, AUTOMATIC, textbook.automatic(case)[name])


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.title)
def test_peer(throughput, tmp_path, peer):
    answers = peer.ask(CASES, FUNCTIONS, tmp_path, number=POINTS, budget=BUDGET)
    assert answers
    for (case, name), (_, seconds) in answers.items():
        throughput.add(case, name, peer.title, float(seconds))
