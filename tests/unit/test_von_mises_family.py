"""The von Mises family where kappa is 0, the way back from its expectation parameters, and its observations."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy import stats

from numerics.bessel_ratio import bessel_ratio, bessel_ratio_mean_slope, bessel_ratio_mean_slope_decrease
from numerics.geometry import geometry
from numerics.von_mises import concentration, sample

pytestmark = pytest.mark.slow
DTYPES = ("float32", "float64")
CHARTS = ("natural", "expectation")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("chart", CHARTS)
def test_the_centre_is_a_regular_point(chart, dtype):
    """The uniform law: the statistics have covariance 1/2 and no third cumulants; the curvature vanishes."""
    shown, centre = geometry("von_mises", chart=chart), jnp.zeros(2, dtype)
    scale = 0.5 if chart == "natural" else 2.0
    zero = ("skewness", "christoffel", "ricci", "scalar_curvature", "dual_potential")
    every = jax.jit(lambda x: {name: getattr(shown, name)(x) for name in ("metric", "inverse_metric", *zero)})(centre)
    assert every["metric"].dtype == dtype
    np.testing.assert_allclose(every["metric"], scale * np.eye(2), rtol=1e-6, atol=0)
    np.testing.assert_allclose(every["inverse_metric"], np.eye(2) / scale, rtol=1e-6, atol=0)
    every["dual_potential"] += np.log(2 * np.pi).astype(dtype)
    for name in zero:
        np.testing.assert_allclose(every[name], 0, atol=1e-6 if dtype == "float32" else 1e-14, err_msg=name)


@pytest.mark.parametrize("eta", [[1e-2, -2e-2], [0.3, 0.4], [-30.0, 4.0], [-1e5, 1e5]])
def test_natural_tensors_agree_with_automatic_differentiation(eta):
    shown, x = geometry("von_mises", chart="natural"), jnp.asarray(eta)
    slope = jax.jacfwd(shown.metric)(x)
    size = np.max(np.abs(slope))
    np.testing.assert_allclose(shown.skewness(x), slope, rtol=1e-9, atol=1e-9 * size + 1e-12)
    np.testing.assert_allclose(shown.inverse_metric(x) @ shown.metric(x), np.eye(2), atol=1e-10)


@pytest.mark.parametrize("dtype", DTYPES)
def test_mean_slope_of_the_bessel_ratio(dtype):
    kappa = np.concatenate([np.logspace(-8, 8, 17), [1e-30]]).astype(dtype)
    eps = np.finfo(dtype).eps
    mean, decrease = bessel_ratio_mean_slope(jnp.asarray(kappa)), bessel_ratio_mean_slope_decrease(jnp.asarray(kappa))
    slope = jax.vmap(jax.grad(bessel_ratio_mean_slope_decrease))(jnp.asarray(kappa))
    for k, b, j, d in zip(kappa, mean, decrease, slope, strict=True):
        with mpmath.workdps(80):
            x = mpmath.mpf(float(k))
            A = mpmath.besseli(1, x) / mpmath.besseli(0, x)
            A1 = 1 - A / x - A**2
            A2 = -A1 / x + A / x**2 - 2 * A * A1
            J = (A - x * A1) / x**2
            assert abs(float(b) / float(A / x) - 1) < 6 * eps
            assert abs(float(j) / float(J) - 1) < 6 * eps
            assert abs(float(d) - float(-A2 / x - 2 * J / x)) < 32 * eps * float(abs(A2 / x) + 2 * J / x)
    assert bessel_ratio_mean_slope(jnp.zeros((), dtype)) == 0.5
    assert jax.grad(bessel_ratio_mean_slope_decrease)(jnp.zeros((), dtype)) == pytest.approx(0.125)


@pytest.mark.parametrize("dtype", DTYPES)
def test_concentration_inverts_the_bessel_ratio(dtype):
    eps = float(np.finfo(dtype).eps)
    highest = 8 if dtype == "float64" else 5
    kappa = np.concatenate([np.logspace(-8, highest, 60), np.linspace(0.5, 3, 20)]).astype(dtype)
    length = np.asarray(bessel_ratio(jnp.asarray(kappa)))
    for k, r in zip(np.asarray(jax.jit(concentration)(length)), length, strict=True):
        with mpmath.workdps(40):
            x, y = mpmath.mpf(float(k)), mpmath.mpf(float(r))
            A = mpmath.besseli(1, x) / mpmath.besseli(0, x)
            # One Newton step away from the exact inverse.
            assert abs(float((A - y) / (1 - A / x - A**2) / x)) < 10 * eps, k
    assert concentration(jnp.zeros((), dtype)) == 0
    assert np.isnan(concentration(jnp.asarray([1.0, 1.5, -0.1, np.nan], dtype))).all()
    r = jnp.asarray(0.7, dtype)
    assert jax.grad(concentration)(r) == pytest.approx(float(1 / bessel_ratio(concentration(r), 1)), rel=10 * eps)


@pytest.mark.parametrize("theta", [[0.4, 0.7], [-2.5, 30.0], [1.0, 1e-6], [0.0, 1e5]])
def test_charts_lead_back(theta):
    for chart in CHARTS:
        moved = geometry("von_mises").convert(jnp.asarray(theta), chart)
        back = geometry("von_mises", chart=chart).convert(moved, "usual")
        # Near the edge the length of m determines kappa up to its rounding times kappa.
        np.testing.assert_allclose(back, theta, rtol=1e-13 * (1 + theta[1]), atol=1e-13)


@pytest.mark.parametrize("kappa", [0.0, 1e-3, 1.0, 50.0, 1e6])
@pytest.mark.parametrize("dtype", DTYPES)
def test_observations(kappa, dtype):
    theta = jnp.asarray([0.5, kappa], dtype)
    drawn = np.asarray(geometry("von_mises").sample(jax.random.key(2), theta, (4000,)), np.float64)
    assert np.all(np.abs(drawn) <= np.pi + 1e-6)
    law = stats.vonmises(kappa, loc=0.5) if kappa else stats.uniform(-np.pi, 2 * np.pi)
    centred = (drawn - 0.5 + np.pi) % (2 * np.pi) - np.pi if kappa else drawn
    exact = stats.vonmises(kappa).cdf if kappa else law.cdf
    # Fails for one key in a thousand; this key is fixed.
    assert stats.kstest(centred, exact).pvalue > 1e-3


def test_observations_keep_their_digits():
    """At kappa = 1e6 in float32 the angle is of size 1e-3; through its cosine it would have a few hundred values."""
    draw = jax.jit(jax.vmap(lambda key: sample(key, jnp.asarray([0.0, 1e6], "float32"))))
    assert len(np.unique(draw(jax.random.split(jax.random.key(3), 4000)))) > 3900


def test_nothing_is_observed_outside_the_domain():
    assert np.isnan(geometry("von_mises").sample(jax.random.key(4), jnp.asarray([0.0, -1.0]), (3,))).all()


def test_strict_promotion():
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        m = jnp.asarray([[0.3, 0.4], [0.0, 0.9]], "float32")
        shown = geometry("von_mises", chart="expectation")
        assert jax.vmap(jax.jacfwd(lambda x: shown.convert(x, "usual")))(m).dtype == "float32"
        assert jax.vmap(shown.metric)(m).dtype == "float32"
