"""Labels of components against SciPy, on tori and on random graphs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from numerics.cluster_labels import cluster_labels
from numerics.swendsen_wang import Potts


def by_scipy(table, is_open):
    """The smallest site of each component, shape (chains, n)."""
    found, number = [], table.shape[1]
    for chain in is_open:
        begin, end = np.broadcast_to(np.arange(number), table.shape)[chain], table[chain]
        graph = coo_array((np.ones(len(begin), dtype=np.int8), (begin, end)), shape=(number, number))
        _, component = connected_components(graph, directed=False)
        smallest = np.full(number, number)
        np.minimum.at(smallest, component, np.arange(number))
        found.append(smallest[component])
    return np.array(found)


def torus(random, size, dimension, shares):
    """Bonds that are open with the given probabilities, one chain for each."""
    table = Potts(2, size, dimension, 1.0).neighbours
    ahead = random.random((len(shares), dimension, table.shape[1])) < np.array(shares)[:, None, None]
    behind = [ahead[:, axis, table[dimension + axis]] for axis in range(dimension)]
    return table, np.concatenate([ahead, np.stack(behind, axis=1)], axis=1)


@pytest.mark.parametrize(("size", "dimension"), [(50, 1), (3, 2), (24, 2), (8, 3)])
def test_tori(size, dimension):
    """From no open bonds to all of them; in between are the critical shares 1/2 and 0.2488."""
    shares = [0.0, 0.1, 0.2488, 0.3, 0.4, 0.5, 0.6, 0.9, 0.99, 1.0]
    table, is_open = torus(np.random.default_rng(size), size, dimension, shares)
    found = jax.jit(lambda bonds: cluster_labels(table, bonds))(jnp.asarray(is_open))
    assert found.dtype == jnp.int32
    np.testing.assert_array_equal(found, by_scipy(table, is_open))
    np.testing.assert_array_equal(found[0], np.arange(table.shape[1]))
    assert not np.any(found[-1])


def test_random_graphs():
    """Sites of any degree; each chain has bonds of its own."""
    random, number, edges = np.random.default_rng(0), 200, 260
    pairs = random.integers(0, number, (edges, 2))
    share = random.random((12, edges)) < np.linspace(0.1, 1.0, 12)[:, None]
    degrees = np.bincount(pairs.reshape(-1), minlength=number)
    table, used = np.tile(np.arange(number), (degrees.max(), 1)), np.zeros(number, int)
    is_open = np.zeros((12, *table.shape), bool)
    for edge, pair in enumerate(pairs):
        for site, other in (pair, pair[::-1]):
            table[used[site], site], is_open[:, used[site], site] = other, share[:, edge]
            used[site] += 1
    found = cluster_labels(table, jnp.asarray(is_open))
    np.testing.assert_array_equal(found, by_scipy(table, is_open))


def test_a_long_path_in_the_worst_order():
    """Sites along a line numbered at random."""
    random, number = np.random.default_rng(1), 4096
    order = random.permutation(number)
    table = np.tile(np.arange(number), (2, 1))
    table[0, order[:-1]], table[1, order[1:]] = order[1:], order[:-1]
    assert not np.any(cluster_labels(table, jnp.ones((1, 2, number), bool)))


@pytest.mark.parametrize(
    ("table", "is_open", "error", "named"),
    [
        (np.zeros((2, 4)), np.ones((1, 2, 4), bool), TypeError, "neighbours has dtype float64"),
        (np.zeros((2, 4), int), np.ones((1, 2, 4)), TypeError, "is_open has dtype float"),
        (np.zeros((2, 4), int), np.ones((2, 4), bool), ValueError, r"is_open \(2, 4\)"),
        (np.zeros((2, 4), int), np.ones((1, 2, 5), bool), ValueError, r"neighbours has shape \(2, 4\)"),
        (np.full((2, 4), 4), np.ones((1, 2, 4), bool), ValueError, "their domain is 0 to 3"),
        (np.full((2, 4), -1), np.ones((1, 2, 4), bool), ValueError, "entries from -1"),
    ],
)
def test_refusals(table, is_open, error, named):
    with pytest.raises(error, match=named):
        cluster_labels(table, jnp.asarray(is_open))
