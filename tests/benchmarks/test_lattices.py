"""The curvature of the critical Ising torus: transfer matrices against free fermions, and what free fermions take by size."""

import json
import subprocess
import sys
import time

import pytest
from benchmarks.tables import load_line

from numerics.ising_fermions import critical_coupling, fermions
from numerics.ising_torus import curvature
from numerics.lattice_contractions import contracted
from numerics.lattices import torus
from numerics.transfer_matrix import cumulants

SIZES, LARGE_SIZES = range(3, 10), (8, 16, 32, 64)
PROGRAM = '''
import json, sys, time
from numerics.ising_fermions import critical_coupling, fermions
from numerics.ising_torus import curvature

def peak():
    """Of this process, in GiB; that of getrusage begins with what its parent held."""
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) / 2**20

seconds, before = [], peak()
for _ in range(2):
    start = time.perf_counter()
    found = curvature(fermions(int(sys.argv[1]), (critical_coupling(),) * 2))
    seconds.append(time.perf_counter() - start)
print(json.dumps([*seconds, before, peak(), found.scalar_curvature]))
'''


class Summary:
    """A table for the end of the run."""

    def __init__(self, title, head):
        self._title, self._head, self.rows = title, head, []

    def pytest_terminal_summary(self, terminalreporter):
        if self.rows:
            terminalreporter.section(self._title)
            for line in (self._head, *self.rows, load_line()):
                terminalreporter.write_line(line)


@pytest.fixture(scope="module")
def routes(pytestconfig):
    """Rows of both routes."""
    head = f"{'L':>4}{'transfer s':>12}{'fermions s':>12}{'compile s':>11}{'ratio':>9}"
    found = Summary(
        "critical Ising tori: transfer matrices, and the time of free fermions as a multiple of theirs", head
    )
    pytestconfig.pluginmanager.register(found)
    return found.rows


@pytest.fixture(scope="module")
def sizes(pytestconfig):
    """Rows of free fermions by size."""
    head = f"{'L':>4}{'couplings':>11}{'s':>9}{'compile s':>11}{'GiB more':>10}{'peak GiB':>10}"
    found = Summary("critical Ising tori by free fermions", head)
    pytestconfig.pluginmanager.register(found)
    return found.rows


def by_transfer(size):
    lattice = torus([size, size])
    found = cumulants(lattice, critical_coupling())
    return contracted(lattice, found.metric, found.third).scalar_curvature


def by_fermions(size):
    return curvature(fermions(size, (critical_coupling(),) * 2)).scalar_curvature


@pytest.mark.parametrize("size", SIZES)
def test_transfer_matrix_against_free_fermions(benchmark, routes, size):
    benchmark.group = "critical Ising tori by transfer matrices"
    start = time.perf_counter()
    expected = by_fermions(size)
    first = time.perf_counter() - start
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        by_fermions(size)
        seconds.append(time.perf_counter() - start)
    found = benchmark.pedantic(by_transfer, (size,), rounds=5, iterations=1, warmup_rounds=1)
    assert found == pytest.approx(expected, rel=1e-11)
    ours, theirs = benchmark.stats.stats.median, sorted(seconds)[2]
    routes.append(f"{size:>4}{ours:>12.4f}{theirs:>12.4f}{first - theirs:>11.1f}{theirs / ours:>7.2g} x")


@pytest.mark.parametrize("size", LARGE_SIZES)
def test_free_fermions_by_size(sizes, size):
    """In a process of its own."""
    run = subprocess.run([sys.executable, "-c", PROGRAM, str(size)], capture_output=True, text=True, check=True)
    first, second, before, peak, value = json.loads(run.stdout)
    sizes.append(f"{size:>4}{2 * size**2:>11}{second:>9.2f}{first - second:>11.1f}{peak - before:>10.3f}{peak:>10.2f}")
    assert value < 0
