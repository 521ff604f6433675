"""Flows of normal laws, steps of ensembles and Wasserstein distances against plain NumPy, POT and ott-jax."""

import jax
import jax.numpy as jnp
import numpy as np
import ot
import pytest
from benchmarks.conftest import compiled_in

from numerics import bures_wasserstein, ensembles, update_rules, wasserstein_line
from numerics.gaussian_flow import gaussian_flow

FLOWS, DIMENSIONS = 4096, (2, 5, 20)
MEMBERS, SIZES, STEPS = 1024, (10, 1000), 100
CELLS = (100, 10_000)


def laws(d, number=FLOWS):
    """Curvatures, means and covariances, shapes (n, d, d), (n, d), (n, d, d)."""
    random = np.random.default_rng(d)
    frames = np.linalg.qr(random.normal(size=(2, number, d, d)))[0]
    curvature, covariance = (
        np.einsum("nij,nj,nkj->nik", frame, np.exp(random.uniform(-1, 1, (number, d))), frame) for frame in frames
    )
    return curvature, random.normal(size=(number, d)), covariance


@jax.vmap
def ours(curvature, mean, covariance):
    flow = gaussian_flow(curvature, jnp.zeros_like(mean), 0.5, mean, covariance)
    return flow.entropy_production(1.0), flow.transport_cost(1.0)


def plain(curvature, mean, covariance):
    """The drop of the free energy and the distance by the textbook, which both cancel near equilibrium."""
    values, vectors = np.linalg.eigh(curvature)
    left = np.einsum("nia,na,nja->nij", vectors, np.exp(-values), vectors)
    rest = 0.5 * np.linalg.inv(curvature)
    end_mean = np.einsum("nij,nj->ni", left, mean)
    end = rest + left @ (covariance - rest) @ left

    def free_energy(m, s):
        spread = s + m[:, :, None] * m[:, None, :]
        return 0.5 * np.einsum("nij,nji->n", curvature, spread) - 0.25 * np.linalg.slogdet(s)[1]

    drop = free_energy(mean, covariance) - free_energy(end_mean, end)
    shift = mean - end_mean
    return drop, np.sum(shift**2, axis=1) + bures(covariance, end)


def bures(first, second):
    values, vectors = np.linalg.eigh(first)
    root = np.einsum("nia,na,nja->nij", vectors, np.sqrt(values), vectors)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0)).sum(axis=1)
    return np.trace(first, axis1=1, axis2=2) + np.trace(second, axis1=1, axis2=2) - 2 * cross


def timed(benchmark, action):
    benchmark.pedantic(lambda: jax.block_until_ready(action()), rounds=5, iterations=1, warmup_rounds=1)
    return benchmark.stats.stats.median


def agree(found, expected, rtol=1e-6):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol)


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("who", ["thermogeometry", "NumPy"])
def test_gaussian_flow(benchmark, throughput, d, who):
    benchmark.group, parts, compilation = f"gaussian flow, d = {d}, {FLOWS} flows", laws(d), None
    if who == "NumPy":
        seconds = timed(benchmark, lambda: plain(*parts))
    else:
        compiled, compilation = compiled_in(ours, *parts)
        agree(compiled(*parts), plain(*parts))
        seconds = timed(benchmark, lambda: compiled(*parts))
    throughput.add(f"normal laws, d = {d}", "entropy production and distance", who, seconds / FLOWS, compilation)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("who", ["thermogeometry", "NumPy"])
def test_ensemble_step(benchmark, throughput, size, who):
    """Langevin steps of all members on a quadratic objective."""
    benchmark.group, compilation = f"Langevin, {MEMBERS} members, d = {size}, {STEPS} steps", None
    curvature, random = np.linspace(0.5, 2, size), np.random.default_rng(0)
    start, eta, temperature = random.normal(size=(MEMBERS, size)), 0.01, 0.3

    def by_numpy():
        x = start
        for _ in range(STEPS):
            x = x - eta * curvature * x + np.sqrt(2 * eta * temperature) * random.standard_normal(x.shape)
        return x

    if who == "NumPy":
        seconds = timed(benchmark, by_numpy)
    else:
        rule, rates = update_rules.langevin(temperature), jnp.full(STEPS, eta)
        members = ensembles.ensemble(rule, jnp.asarray(start), jax.random.key(0))
        weights = jnp.asarray(curvature)

        def objective(x, _):
            return 0.5 * jnp.sum(weights * x * x)

        compiled, compilation = compiled_in(lambda m, r: ensembles.advance(rule, objective, m, r), members, rates)
        found = np.asarray(compiled(members, rates).parameters)
        np.testing.assert_allclose(found.var(), by_numpy().var(), rtol=0.05)
        seconds = timed(benchmark, lambda: compiled(members, rates))
    throughput.add(f"Langevin, {MEMBERS} members, d = {size}", "step", who, seconds / STEPS / MEMBERS, compilation)


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("who", ["thermogeometry", "POT", "ott-jax", "NumPy"])
def test_distance_of_normal_laws(benchmark, throughput, d, who):
    benchmark.group, compilation = f"W2 of normal laws, d = {d}", None
    (_, mean, first), (second, other, _) = laws(d), laws(d)
    expected = np.sum((mean - 2 * other) ** 2, axis=1) + bures(first, second)
    if who == "NumPy":
        seconds = timed(benchmark, lambda: np.sum((mean - 2 * other) ** 2, axis=1) + bures(first, second)) / FLOWS
    elif who == "POT":
        few = [
            ot.gaussian.bures_wasserstein_distance(*p) ** 2
            for p in zip(mean[:9], 2 * other[:9], first[:9], second[:9], strict=True)
        ]
        np.testing.assert_allclose(few, expected[:9], rtol=1e-6)
        seconds = timed(
            benchmark, lambda: ot.gaussian.bures_wasserstein_distance(mean[0], 2 * other[0], first[0], second[0])
        )
    else:
        if who == "ott-jax":
            costs = pytest.importorskip("ott.geometry.costs")
            cost = costs.Bures(d)

            def distance(m, s, n, t):
                return cost(jnp.concatenate([m, s.reshape(-1)]), jnp.concatenate([n, t.reshape(-1)]))

        else:

            def distance(m, s, n, t):
                return bures_wasserstein.squared_distance(n - m, s, t - s)

        parts = (mean, first, 2 * other, second)
        compiled, compilation = compiled_in(jax.vmap(distance), *parts)
        agree([compiled(*parts)], [expected], rtol=1e-4 if who == "ott-jax" else 1e-8)
        seconds = timed(benchmark, lambda: compiled(*parts)) / FLOWS
    throughput.add(f"normal laws, d = {d}", "W2 squared", who, seconds, compilation)


@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("who", ["thermogeometry", "POT", "ott-jax"])
def test_distance_on_the_line(benchmark, throughput, cells, who):
    """Two laws on the same cells; the peers take their middles for points."""
    benchmark.group, compilation = f"W2 on the line, {cells} cells", None
    edges = np.linspace(-3, 3, cells + 1)
    middles = 0.5 * (edges[1:] + edges[:-1])
    first, second = (np.exp(-((middles - m) ** 2) / s) for m, s in ((-0.5, 0.5), (0.4, 0.8)))
    first, second = first / first.sum(), second / second.sum()
    expected = ot.wasserstein_1d(middles, middles, first, second, p=2)
    if who == "POT":
        seconds = timed(benchmark, lambda: ot.wasserstein_1d(middles, middles, first, second, p=2))
    else:
        if who == "ott-jax":
            univariate = pytest.importorskip("ott.solvers.linear.univariate")
            from ott.geometry import pointcloud
            from ott.problems.linear import linear_problem

            def distance(x, p, q):
                cloud = pointcloud.PointCloud(x[:, None], x[:, None])
                return univariate.quantile_solver(linear_problem.LinearProblem(cloud, a=p, b=q)).ot_costs[0]

            parts = (middles, first, second)
        else:
            distance, parts = wasserstein_line.squared_distance, (edges, first, second)
        compiled, compilation = compiled_in(distance, *parts)
        agree([compiled(*parts)], [expected], rtol=1e-3)
        seconds = timed(benchmark, lambda: compiled(*parts))
    throughput.add(f"laws on the line, {cells} cells", "W2 squared", who, seconds, compilation)
