"""Gamma, beta, exponential, Laplace, Pareto and inverse Gaussian laws: densities, entropies, observations, charts."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy import stats

from numerics.elementary import ratio_divergence
from numerics.exponential_integral import scaled_exponential_integral
from numerics.geometry import geometry

pytestmark = pytest.mark.slow

LAWS = {
    "beta": lambda t: stats.beta(*t),
    "exponential": lambda t: stats.expon(scale=1 / t[0]),
    "gamma": lambda t: stats.gamma(t[0], scale=1 / t[1]),
    "inverse_gaussian": lambda t: stats.invgauss(t[0] / t[1], scale=t[1]),
    "laplace": lambda t: stats.laplace(scale=t[0]),
    "pareto": lambda t: stats.pareto(t[0]),
}
POINTS = {
    "beta": [[0.6, 2.5], [7.0, 3.0]], "exponential": [[0.3], [20.0]], "gamma": [[0.6, 2.5], [7.0, 0.3]],
    "inverse_gaussian": [[0.6, 2.5], [7.0, 0.3]], "laplace": [[0.3], [20.0]], "pareto": [[0.7], [20.0]],
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_density_entropy_and_observations(name):
    shown = geometry(name)
    for theta in POINTS[name]:
        law, point = LAWS[name](theta), jnp.asarray(theta)
        x = law.ppf(np.linspace(0.05, 0.95, 9))
        np.testing.assert_allclose(
            jax.vmap(shown.log_density, (0, None))(x, point), law.logpdf(x), rtol=1e-11, atol=1e-12
        )
        np.testing.assert_allclose(shown.entropy(point), law.entropy(), rtol=1e-8)
        drawn = np.asarray(shown.sample(jax.random.key(0), point, (2000,)))
        # Fails for one key in a thousand; this key is fixed.
        assert stats.kstest(drawn, law.cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", LAWS)
def test_charts_lead_back(name):
    for theta in POINTS[name]:
        for chart in ("natural", "expectation"):
            moved = geometry(name).convert(jnp.asarray(theta), chart)
            np.testing.assert_allclose(geometry(name, chart=chart).convert(moved, "usual"), theta, rtol=1e-12)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_divergence_of_neighbours_is_half_the_squared_length(name, dtype):
    shown, step = geometry(name), 1e-6 if dtype == "float64" else 1e-3
    for theta in POINTS[name]:
        x = jnp.asarray(theta, dtype)
        y = x * jnp.asarray([1 + step, 1 - 2 * step][: len(theta)], dtype)
        length = float((y - x) @ shown.metric(0.5 * (x + y)) @ (y - x))
        assert shown.kl(x, y).dtype == dtype
        np.testing.assert_allclose(shown.kl(x, y), length / 2, rtol=20 * step)
        assert shown.kl(x, x) == 0


@pytest.mark.parametrize("name", ["exponential", "laplace", "pareto"])
def test_scale_families_are_lines(name):
    shown, x, y = geometry(name), jnp.asarray([0.3]), jnp.asarray([7.0])
    np.testing.assert_allclose(shown.distance(x, y), np.log(7.0 / 0.3), rtol=1e-14)
    np.testing.assert_allclose(shown.exp(x, shown.log(x, y)), y, rtol=1e-14)


def test_geodesics_of_the_inverse_gaussian():
    """Closed forms of the exponential map and the distance against the integrated geodesic equation."""
    shown, x, v = geometry("inverse_gaussian"), jnp.asarray([0.6, 2.5]), jnp.asarray([0.3, -0.5])
    end = shown.exp(x, v)
    np.testing.assert_allclose(end, jax.jit(shown.family._integrated["exp"])(x, v), rtol=1e-10)
    np.testing.assert_allclose(shown.log(x, end), v, rtol=1e-10)
    np.testing.assert_allclose(shown.distance(x, end), np.sqrt(v @ shown.metric(x) @ v), rtol=1e-12)


def test_the_inverse_gaussian_family_is_half_a_plane():
    """Towards mu = infinity the edge is at a finite distance, and beyond there is nothing."""
    shown, x = geometry("inverse_gaussian"), jnp.asarray([1.0, 0.1])
    assert shown.distance(x, jnp.asarray([1e300, 0.1])) < 1
    assert np.isfinite(shown.exp(x, jnp.asarray([1.0, 0.0]))).all()
    assert np.isnan(shown.exp(x, jnp.asarray([9.0, 0.0]))).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_scaled_exponential_integral(dtype):
    z = np.concatenate([np.logspace(-12, 12, 13), np.linspace(0.3, 2.0, 10), [0.5, 0.49999]]).astype(dtype)
    value, slope = jax.jit(jax.vmap(jax.value_and_grad(scaled_exponential_integral)))(z)
    with mpmath.workdps(40):
        for c, d, x in zip(value, slope, map(mpmath.mpf, map(float, z)), strict=True):
            exact = mpmath.exp(x) * mpmath.e1(x)
            assert abs(float(c) / float(exact) - 1) < 8 * np.finfo(dtype).eps
            assert abs(float(d) / float(exact - 1 / x) - 1) < 8 * np.finfo(dtype).eps
    assert np.isnan(scaled_exponential_integral(jnp.asarray([0.0, -1.0, np.nan], dtype))).all()


def test_mean_logarithm_of_the_inverse_gaussian():
    mu, lam = mpmath.mpf("1.3"), mpmath.mpf("0.7")

    def density(x):
        return mpmath.sqrt(lam / (2 * mpmath.pi * x**3)) * mpmath.exp(-lam * (x - mu) ** 2 / (2 * mu**2 * x))

    mean = mpmath.quad(lambda x: mpmath.log(x) * density(x), [0, 0.1, 0.5, 1, 2, 5, 20, 100])
    exact = -1.5 * float(mean) - 0.5 * np.log(2 * np.pi)
    computed = geometry("inverse_gaussian").family.mean_log_base_measure(jnp.asarray([1.3, 0.7]))
    np.testing.assert_allclose(computed, exact, rtol=1e-8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ratio_divergence(dtype):
    a = np.asarray([1.0, 1.0, 1.0, 1e-20, 3.0, 1.29, 1.31], dtype)
    b = np.asarray([1.0 + 1e-6, 0.9, 1e20, 1.0, 3.0, 1.0, 1.0], dtype)
    for x, y, value in zip(a, b, ratio_divergence(jnp.asarray(a), jnp.asarray(b), jnp.asarray(a - b)), strict=True):
        with mpmath.workdps(40):
            r = mpmath.mpf(float(x)) / mpmath.mpf(float(y))
            exact = r - 1 - mpmath.log(r)
            assert abs(float(value) - float(exact)) <= 16 * np.finfo(dtype).eps * float(exact)


@pytest.mark.parametrize("name", ["inverse_gaussian", "laplace"])
def test_strict_promotion(name):
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        shown, points = geometry(name), jnp.asarray(POINTS[name], "float32")
        assert jax.vmap(shown.entropy)(points).dtype == "float32"
        assert jax.vmap(jax.grad(lambda x: shown.kl(x, points[0])))(points).dtype == "float32"
        assert shown.sample(jax.random.key(1), points[0], (3,)).dtype == "float32"
