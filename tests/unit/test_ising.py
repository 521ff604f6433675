"""Ising models on graphs: names, refusals, strong couplings, and the way back from the mean products."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.geometry import geometry

PATH = ((0, 1), (1, 2))


@pytest.fixture(autouse=True)
def strict():
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


def test_names():
    ising = geometry("ising", edges=PATH, fields=True)
    assert ising.coordinates == ("field_0", "field_1", "field_2", "coupling_0_1", "coupling_1_2")
    assert geometry("ising", edges=[[0, 1]]).coordinates == ("coupling_0_1",)


def test_strong_couplings_keep_the_digits_of_rare_states():
    """At J = 30 the variance of a product is ``1 / cosh(J)^2 = 4e-26``, far below the rounding of its mean."""
    ising, couplings = geometry("ising", edges=PATH), np.array([30.0, -25.0])
    expected = 1 / np.cosh(couplings) ** 2
    np.testing.assert_allclose(np.diag(ising.metric(couplings)), expected, rtol=1e-14)
    skewness = np.einsum("iii->i", np.asarray(ising.skewness(couplings)))
    np.testing.assert_allclose(skewness, -2 * np.tanh(couplings) * expected, rtol=1e-13)


def test_divergence_of_close_points():
    ising, theta = geometry("ising", edges=((0, 1), (1, 2), (0, 2))), np.array([0.3, -0.2, 0.5])
    other = theta + 1e-9 * np.array([1.0, 2.0, -1.0])
    step = other - theta
    np.testing.assert_allclose(ising.kl(theta, other), 0.5 * step @ ising.metric(theta) @ step, rtol=1e-7)
    far = np.array([-3.0, 9.0, 2.0])
    mean = np.asarray(ising.convert(theta, "expectation"))
    plain = ising.log_partition(far) - ising.log_partition(theta) - (far - theta) @ mean
    np.testing.assert_allclose(ising.kl(theta, far), plain, rtol=1e-13)


@pytest.mark.parametrize("gap", [1e-1, 1e-6, 1e-9])
def test_mean_products_near_the_edge_of_the_polytope(gap):
    """Newton's method finds the couplings of mean products within ``gap`` of 1."""
    expectation = geometry("ising", chart="expectation", edges=PATH)
    m = np.array([1 - gap, -1 + 2 * gap])
    found = np.asarray(expectation.convert(m, "usual"))
    # The rounding of m itself moves the couplings by eps / gap.
    np.testing.assert_allclose(found, np.arctanh(m), rtol=1e-12 + 1e-15 / gap)


def test_mean_products_of_no_law():
    expectation = geometry("ising", chart="expectation", edges=((0, 1), (1, 2), (0, 2)))
    assert np.isnan(expectation.entropy(np.array([-0.9, -0.9, -0.9])))


def test_samples():
    ising, theta, number = geometry("ising", edges=PATH, fields=True), np.array([0.1, -0.3, 0.2, 0.5, -0.4]), 4000
    x = ising.sample(jax.random.key(3), theta, (number,))
    assert set(np.unique(x)) == {-1.0, 1.0}
    found = np.mean(np.asarray(jax.vmap(ising.family.statistics)(x)), axis=0)
    deviation = np.sqrt(np.diag(np.asarray(ising.metric(theta))) / number)
    assert np.all(np.abs(found - np.asarray(ising.convert(theta, "expectation"))) < 5 * deviation)
    assert ising.log_density(jnp.ones(3), theta) > -np.inf
    assert ising.log_density(jnp.zeros(3), theta) == -np.inf


@pytest.mark.parametrize(
    ("edges", "error", "message"),
    [
        ((), ValueError, "empty"),
        (((0, 0),), ValueError, "itself"),
        (((0, 1), (1, 0)), ValueError, "twice"),
        (((1, 2),), ValueError, "spin 0 has no edge"),
        (((0, 1.5),), TypeError, "whole number"),
        ((3,), TypeError, "pairs"),
        (tuple((i, i + 1) for i in range(16)), ValueError, "131072"),
    ],
)
def test_refused_graphs(edges, error, message):
    with pytest.raises(error, match=message):
        geometry("ising", edges=edges)
