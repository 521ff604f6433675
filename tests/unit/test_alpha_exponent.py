"""Stationary laws of learning with a power of the noise covariance: domain, dtypes, transformations, shapes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import thermogeometry as tg
from numerics.alpha_exponent import circulation, diffusion, drift, entropy_production_rate

H, K = np.array([[1.0, 0.2], [0.2, 3.0]]), np.array([[2.0, 1.0], [1.0, 1.0]])


def test_the_covariance_solves_its_equation():
    for alpha in (-0.5, 0.0, 0.3, 1.0, 2.0):
        covariance, a = tg.stationary_covariance(H, K, alpha, 0.7), drift(H, K, alpha, 0.7)
        np.testing.assert_allclose(
            a @ covariance + covariance @ a.T, 2 * diffusion(K, alpha, 0.7), rtol=1e-12, atol=1e-13
        )


def test_entropy_production_by_its_definition():
    covariance, a, d = (f(H, K, 0.3) for f in (tg.stationary_covariance, drift, lambda _, k, p: diffusion(k, p)))
    velocity = d @ np.linalg.inv(covariance) - a
    expected = np.trace(velocity.T @ np.linalg.inv(d) @ velocity @ covariance)
    np.testing.assert_allclose(entropy_production_rate(H, K, 0.3), expected, rtol=1e-12)
    assert expected > 0.01
    np.testing.assert_allclose(circulation(H, K, 0.3), -circulation(H, K, 0.3).T)


def test_transformations():
    alphas = jnp.linspace(0, 1, 5)
    found = jax.vmap(lambda alpha: tg.stationary_covariance(H, K, alpha))(alphas)
    assert found.shape == (5, 2, 2)
    slope = jax.grad(lambda alpha: tg.stationary_covariance(H, K, alpha)[0, 0])(0.4)
    ends = [float(tg.stationary_covariance(H, K, 0.4 + s)[0, 0]) for s in (1e-5, -1e-5)]
    np.testing.assert_allclose(slope, (ends[0] - ends[1]) / 2e-5, rtol=1e-7)
    assert tg.stationary_covariance(H.astype(np.float32), K.astype(np.float32), 0.5).dtype == jnp.float32


@pytest.mark.parametrize(
    ("hessian", "noise", "alpha", "rate"),
    [
        (-H, K, 0.5, 1.0), (np.diag([1.0, 0.0]), K, 0.5, 1.0), (H, -K, 0.5, 1.0), (H, np.diag([1.0, 0.0]), 0.5, 1.0),
        (H, K, np.nan, 1.0), (H, K, 0.5, -1.0), (H, K, 0.5, 0.0), (H * np.nan, K, 0.5, 1.0),
    ],
)  # fmt: skip
def test_outside_the_domain(hessian, noise, alpha, rate):
    assert np.isnan(tg.stationary_covariance(hessian, noise, alpha, rate)).all()


def test_wrong_shapes_and_dtypes():
    with pytest.raises(ValueError, match=r"hessian has shape \(2,\)"):
        tg.stationary_covariance(np.ones(2), K, 0.5)
    with pytest.raises(ValueError, match=r"noise \(3, 3\)"):
        tg.stationary_covariance(H, np.eye(3), 0.5)
    with pytest.raises(ValueError, match=r"alpha has shape \(2,\)"):
        tg.stationary_covariance(H, K, np.ones(2))
    with pytest.raises(TypeError, match="hessian has dtype int64"):
        tg.stationary_covariance(np.eye(2, dtype=int), K, 0.5)
