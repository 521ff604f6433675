"""Cluster updates of Potts models against the same with NumPy and SciPy's connected components: sites and effective samples."""

import jax
import numpy as np
import pytest
from benchmarks.conftest import compiled_in
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from numerics.autocorrelation import autocorrelation_time
from numerics.spin_models import critical_potts_coupling
from numerics.swendsen_wang import Potts, energies, start, sweep

CHAINS, SWEEPS = 32, 200
MODELS = [(3, 8, 2), (3, 32, 2), (2, 8, 3)]


def ours(model):
    """From chains to the chains after some sweeps, and the energies after each, shape (sweeps, chains)."""

    def one(chains, _):
        moved = sweep(model, chains)
        return moved, energies(model, moved.spins)

    return lambda chains: jax.lax.scan(one, chains, None, length=SWEEPS)


def plain(model, spins, sweeps, random):
    """The same, all chains as one graph, in place."""
    ahead = np.arange(len(spins))[:, None, None] * model.sites + model.neighbours[: model.dimension]
    own = np.broadcast_to(np.arange(spins.size).reshape(len(spins), 1, model.sites), ahead.shape)
    series, share = [], -np.expm1(-model.coupling)
    flat = spins.reshape(-1)
    for _ in range(sweeps):
        is_open = (flat[own] == flat[ahead]) & (random.random(ahead.shape) < share)
        begin, end = own[is_open], ahead[is_open]
        graph = coo_array((np.ones(len(begin), dtype=np.int8), (begin, end)), shape=(flat.size, flat.size))
        number, labels = connected_components(graph, directed=False)
        flat[:] = random.integers(0, model.states, number, dtype=np.int8)[labels]
        series.append((flat[own] == flat[ahead]).sum(axis=(1, 2)))
    return np.array(series)


def by_scipy(model, spins):
    """A long series, after a warm-up."""
    random = np.random.default_rng(0)
    plain(model, spins, SWEEPS, random)
    return plain(model, spins, SWEEPS, random)


def agree(first, second):
    """Both series have the same mean, within what they tell, and nearly the same autocorrelation time."""
    times = [autocorrelation_time(series) for series in (first, second)]
    errors = [
        np.std(series) * (2 * time / series.size) ** 0.5 for series, time in zip((first, second), times, strict=True)
    ]
    assert abs(first.mean() - second.mean()) < 5 * np.hypot(*errors)
    np.testing.assert_allclose(*times, rtol=0.3)


@pytest.mark.parametrize("which", MODELS, ids=str)
@pytest.mark.parametrize("who", ["thermogeometry", "SciPy"])
def test_cluster_updates(benchmark, throughput, which, who):
    model = Potts(*which, critical_potts_coupling(which[0], which[2]))
    name = f"Potts, q = {model.states}, {' x '.join([str(model.size)] * model.dimension)}"
    benchmark.group, compilation = f"{name}, {CHAINS} chains", None
    chains = start(model, CHAINS, jax.random.key(0))
    spins = np.array(chains.spins)
    if who == "SciPy":
        random, series = np.random.default_rng(1), by_scipy(model, spins)
        benchmark.pedantic(lambda: plain(model, spins, SWEEPS, random), rounds=5, iterations=1)
    else:
        compiled, compilation = compiled_in(ours(model), chains)
        chains, series = compiled(compiled(chains)[0])
        series = np.asarray(series)
        agree(series, by_scipy(model, spins))
        benchmark.pedantic(lambda: jax.block_until_ready(compiled(chains)), rounds=5, iterations=1, warmup_rounds=1)
    seconds = benchmark.stats.stats.median / SWEEPS
    throughput.add(name, "site", who, seconds / CHAINS / model.sites, compilation)
    effective = series.size / (2 * autocorrelation_time(series))
    throughput.add(name, "effective sample", who, seconds * SWEEPS / effective, compilation)
