"""Benchmarks run alone (``make bench``), in float64 and float32, and are compared as ratios within one run."""

import os
import time

import jax
import jax.numpy as jnp
import pytest
from benchmarks.tables import Throughput, audit_lines, dimension_lines, load_line

POINTS = 10**6
THROUGHPUT, DIMENSIONS, AUDITS = pytest.StashKey[Throughput](), pytest.StashKey[list](), pytest.StashKey[list]()
if hasattr(os, "sched_setaffinity"):
    # Before JAX counts the cores, and for the peers' processes too: ratios are of code, not of threads.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def pytest_configure(config):
    config.stash[THROUGHPUT], config.stash[DIMENSIONS], config.stash[AUDITS] = Throughput(), [], []


@pytest.fixture
def throughput(pytestconfig):
    return pytestconfig.stash[THROUGHPUT]


@pytest.fixture
def dimensions(pytestconfig):
    return pytestconfig.stash[DIMENSIONS]


@pytest.fixture
def audits(pytestconfig):
    return pytestconfig.stash[AUDITS]


def batched(function):
    """Of many points; the points are the last axis of the result, which is the fastest to write."""
    return jax.vmap(function, out_axes=-1)


def compiled_in(function, *arguments):
    """A function compiled for its arguments, and the seconds that took."""
    start = time.perf_counter()
    compiled = jax.jit(function).lower(*arguments).compile()
    return compiled, time.perf_counter() - start


@pytest.fixture
def measure_compiled(benchmark):
    """Median seconds of a compiled function, until the result is ready."""

    def run(compiled, *arguments):
        benchmark.pedantic(lambda: jax.block_until_ready(compiled(*arguments)), rounds=5, iterations=1, warmup_rounds=1)
        return benchmark.stats.stats.median

    return run


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    return jnp.dtype(request.param)


@pytest.fixture
def measure(benchmark):
    """Compile a function, then time it on its arguments until the result is ready."""

    def run(function, *arguments):
        compiled = jax.jit(function)
        jax.block_until_ready(compiled(*arguments))
        return benchmark.pedantic(
            lambda: jax.block_until_ready(compiled(*arguments)), rounds=30, iterations=1, warmup_rounds=3
        )

    return run


def points(family, dtype):
    """A million points of a family's domain, shape (POINTS, 2)."""
    scale = jnp.exp(jnp.linspace(-6.0, 8.0, POINTS))
    return jnp.stack([jnp.linspace(-3.0, 3.0, POINTS), scale], axis=-1).astype(dtype)


def pytest_terminal_summary(terminalreporter, config):
    """The tables, as ratios within this run."""
    for title, lines in (
        (
            "families and peers: our points per second, and the peers' times as multiples of ours",
            config.stash[THROUGHPUT].lines(),
        ),
        ("cost against dimension: scalar curvature", dimension_lines(config.stash[DIMENSIONS])),
        ("audits", audit_lines(config.stash[AUDITS])),
    ):
        if lines := list(lines):
            terminalreporter.section(title)
            for line in (*lines, load_line()):
                terminalreporter.write_line(line)
    _ratios_to_copies(terminalreporter, config)


def _ratios_to_copies(terminalreporter, config):
    """Each time as a ratio to the copy of the same bytes of its group, with the share of wrong answers."""
    session = getattr(config, "_benchmarksession", None)
    groups = {}
    for benchmark in session.benchmarks if session else ():
        groups.setdefault(benchmark.group, []).append(benchmark)
    for group, benchmarks in groups.items():
        copies = [b for b in benchmarks if "copy" in b.name]
        if not copies:
            continue
        terminalreporter.section(group)
        for benchmark in sorted(benchmarks, key=lambda b: b.stats.median):
            ratio = benchmark.stats.median / copies[0].stats.median
            wrong = benchmark.extra_info.get("wrong")
            remark = f"   wrong at {wrong:.0%} of the points (error above 1e-3)" if wrong else ""
            name = (
                benchmark.name.partition("[")[0].removeprefix("test_")
                if "peer" not in benchmark.name
                else (benchmark.name.rpartition("-")[2].rstrip("]"))
            )
            terminalreporter.write_line(f"{ratio:8.2f} x copy  {benchmark.stats.median * 1e3:9.2f} ms  {name}{remark}")
