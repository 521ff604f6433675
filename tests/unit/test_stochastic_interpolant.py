"""Interpolants between mixtures of normal laws against single normal laws and SciPy; their domain, dtypes and shapes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from numerics.stochastic_interpolant import Mixture, conditional_means, log_density, score, velocity


def normal(mean, covariance, dtype="float64"):
    return Mixture(*(jnp.asarray(part, dtype) for part in ([1.0], [mean], [covariance])))


FIRST = normal([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]])
LAST = normal([1.0, -2.0], [[2.0, 0.5], [0.5, 1.0]])
COEFFICIENTS, RATES, X = jnp.array([0.7, 0.4, 0.3]), jnp.array([-1.0, 1.0, 0.2]), jnp.array([0.3, 0.1])


@jax.jit
def fields(first, last, coefficients, rates, x):
    """Log-density, conditional means, score and velocity."""
    at = first, last, coefficients
    return log_density(*at, x), conditional_means(*at, x), score(*at, x), velocity(*at, rates, x)


def test_normal_ends():
    covariance = 0.49 * np.eye(2) + 0.16 * np.array([[2.0, 0.5], [0.5, 1.0]]) + 0.09 * np.eye(2)
    density, means, slope, flow = fields(FIRST, LAST, COEFFICIENTS, RATES, X)
    np.testing.assert_allclose(density, multivariate_normal([0.4, -0.8], covariance).logpdf(np.asarray(X)), rtol=1e-13)
    np.testing.assert_allclose(slope, -np.linalg.solve(covariance, X - np.array([0.4, -0.8])), rtol=1e-13)
    np.testing.assert_allclose(COEFFICIENTS @ means, X, rtol=1e-13)
    np.testing.assert_allclose(flow, RATES @ means, rtol=1e-13)


def test_components_that_are_alike_are_one():
    twice = Mixture(jnp.array([0.25, 0.75]), jnp.tile(LAST.means, (2, 1)), jnp.tile(LAST.covariances, (2, 1, 1)))
    for found, expected in zip(
        fields(FIRST, twice, COEFFICIENTS, RATES, X), fields(FIRST, LAST, COEFFICIENTS, RATES, X), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_single_precision_stays():
    single = jax.tree.map(lambda part: part.astype("float32"), (FIRST, LAST, COEFFICIENTS, RATES, X))
    exact = fields(FIRST, LAST, COEFFICIENTS, RATES, X)
    for found, expected in zip(fields(*single), exact, strict=True):
        assert found.dtype == jnp.float32
        np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_outside_the_domain_is_nan():
    for gamma in (0.0, -0.1):
        assert np.isnan(fields(FIRST, LAST, COEFFICIENTS.at[2].set(gamma), RATES, X)[0])


def test_shapes_and_dtypes():
    with pytest.raises(ValueError, match=r"x has shape \(2, 2\)"):
        log_density(FIRST, LAST, COEFFICIENTS, jnp.ones((2, 2)))
    with pytest.raises(ValueError, match="last has parts of shapes"):
        log_density(FIRST, normal([0.0], [[1.0]]), COEFFICIENTS, X)
    with pytest.raises(ValueError, match=r"coefficients has shape \(2,\)"):
        log_density(FIRST, LAST, COEFFICIENTS[:2], X)
    with pytest.raises(ValueError, match=r"rates has shape \(2,\)"):
        velocity(FIRST, LAST, COEFFICIENTS, RATES[:2], X)
    with pytest.raises(TypeError, match="float32"):
        score(FIRST, LAST, COEFFICIENTS, X.astype("float32"))
