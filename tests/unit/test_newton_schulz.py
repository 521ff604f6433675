"""Newton-Schulz iterations: their action on singular values, extreme sizes, dtypes, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.newton_schulz import CUBIC, MUON, newton_schulz
from numerics.structured_momentum import polar_factor


def matrix(m, n):
    return np.random.default_rng([m, n]).normal(size=(m, n))


@pytest.mark.parametrize(("shape", "coefficients"), [((6, 4), MUON), ((3, 5), (2, -1.5, 0.5))], ids=str)
def test_iterations_act_on_singular_values(shape, coefficients):
    G = matrix(*shape)
    left, values, right = np.linalg.svd(G, full_matrices=False)
    expected = values / np.linalg.norm(values)
    a, b, c = coefficients
    for _ in range(3):
        expected = a * expected + b * expected**3 + c * expected**5
    np.testing.assert_allclose(newton_schulz(G, 3, coefficients), left * expected @ right, atol=1e-13)
    np.testing.assert_allclose(newton_schulz(G, 0), G / np.linalg.norm(G), rtol=1e-14)


def test_cubic_iteration_reaches_the_polar_factor():
    G = matrix(8, 5)
    np.testing.assert_allclose(newton_schulz(G, 30, CUBIC), polar_factor(G), atol=1e-13)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_iterations_of_extreme_sizes(size):
    G = matrix(3, 2)
    np.testing.assert_allclose(newton_schulz(size * G), newton_schulz(G), rtol=1e-12)


def test_zero_and_values_that_are_not_finite():
    np.testing.assert_array_equal(newton_schulz(jnp.zeros((3, 2))), np.zeros((3, 2)))
    for value in (np.nan, np.inf):
        G = matrix(3, 2)
        G[0, 1] = value
        assert np.isnan(newton_schulz(G)).all()


def test_batches_gradients_and_dtypes():
    G = np.stack([matrix(3, 2), matrix(3, 2) ** 2])
    np.testing.assert_allclose(jax.jit(jax.vmap(newton_schulz))(G), [newton_schulz(one) for one in G], rtol=1e-12)
    step = 1e-5 * np.random.default_rng(1).normal(size=(3, 2))
    gradient = jax.grad(lambda one: jnp.sum(newton_schulz(one) ** 3))(jnp.asarray(G[0]))
    rise = np.sum(newton_schulz(G[0] + step) ** 3) - np.sum(newton_schulz(G[0] - step) ** 3)
    np.testing.assert_allclose(np.sum(gradient * step), rise / 2, rtol=1e-6)
    assert newton_schulz(G[0].astype(np.float32)).dtype == jnp.float32


def test_wrong_arguments_raise():
    G = matrix(3, 2)
    for steps in (-1, 2.0, True):
        with pytest.raises(ValueError, match="steps = "):
            newton_schulz(G, steps)
    with pytest.raises(ValueError, match="coefficients = "):
        newton_schulz(G, 5, (1.5, -0.5))
    with pytest.raises(ValueError, match="matrix has shape"):
        newton_schulz(G[None])
    with pytest.raises(TypeError, match="matrix has dtype"):
        newton_schulz(np.ones((3, 2), int))
