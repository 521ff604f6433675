"""The estimator of alpha: its formula, invariances, noise that is not normal, and what it refuses."""

import numpy as np
import pytest

import thermogeometry as tg


def drawn(seed=0, samples=100, directions=20, alpha=0.5):
    random = np.random.default_rng(seed)
    logarithms = random.normal(size=directions)
    noise = random.normal(size=(samples, directions)) * np.exp(0.5 * logarithms)
    return np.exp(alpha * logarithms), noise


def test_slope_and_attenuation():
    metric, noise = drawn()
    found = tg.estimate_alpha(metric, noise)
    x, y = np.log(noise.var(axis=0, ddof=1)), np.log(metric)
    slope = np.cov(x, y)[0, 1] / np.var(x, ddof=1)
    np.testing.assert_allclose(found.uncorrected, slope, rtol=1e-12)
    # psi_1(99/2), the variance of the logarithm of a variance.
    np.testing.assert_allclose(found.attenuation, 1 - 0.0204073 / np.var(x, ddof=1), rtol=1e-5)
    assert found.lower < found.alpha < found.upper
    assert found.uncorrected < found.alpha
    assert found.directions == 20


def test_the_jackknife_leaves_directions_out():
    metric, noise = drawn(directions=8)
    found = tg.estimate_alpha(metric, noise)
    error = (1 - found.attenuation) * np.var(np.log(noise.var(axis=0, ddof=1)), ddof=1)

    def slope(kept):
        c = np.cov(np.log(noise[:, kept].var(axis=0, ddof=1)), np.log(metric[kept]))
        return c[0, 1] / (c[0, 0] - error)

    every = np.arange(8)
    expected = 8 * slope(every) - 7 * np.mean([slope(np.delete(every, k)) for k in every])
    np.testing.assert_allclose(found.alpha, expected, rtol=1e-10)


def test_units_and_frames_do_not_matter():
    metric, noise = drawn()
    frame, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(20, 20)))
    turned = (frame * metric) @ frame.T
    expected = tg.estimate_alpha(metric, noise)
    for found in (tg.estimate_alpha(turned, noise @ frame.T), tg.estimate_alpha(7 * metric, 0.1 * noise + 3)):
        np.testing.assert_allclose([found.alpha, found.lower], [expected.alpha, expected.lower], rtol=1e-9)


def test_isotropic_metrics_have_alpha_zero():
    _, noise = drawn()
    assert tg.estimate_alpha(np.eye(20), noise).alpha == pytest.approx(0.0, abs=1e-12)


def test_variances_that_do_not_differ_decide_nothing():
    noise = np.random.default_rng(2).normal(size=(50, 20))
    found = tg.estimate_alpha(np.linspace(1, 2, 20), noise)
    assert np.isnan(found.alpha)
    assert (found.lower, found.upper) == (-np.inf, np.inf)


def test_noise_with_heavy_tails():
    """Laplace noise doubles the error of a variance and more; the jackknife sees it. Mean over 200 repetitions."""
    errors = {True: [], False: []}
    for seed in range(200):
        random = np.random.default_rng(seed)
        logarithms = random.normal(size=30)
        noise = random.laplace(size=(40, 30)) * np.exp(0.5 * logarithms)
        for is_normal, found in errors.items():
            found.append(tg.estimate_alpha(np.exp(0.5 * logarithms), noise, is_normal=is_normal).alpha - 0.5)
    assert abs(np.mean(errors[False])) < 0.5 * abs(np.mean(errors[True]))


@pytest.mark.parametrize(
    ("change", "pattern"),
    [
        ({"metric": np.ones(4)}, r"metric has shape \(4,\)"),
        ({"metric": np.ones((20, 19))}, r"metric has shape \(20, 19\)"),
        ({"metric": np.full(20, -1.0)}, "eigenvalue -1.0"),
        ({"metric": np.full(20, np.nan)}, "metric has entries that are not finite"),
        ({"metric": np.eye(20) + np.eye(20, k=1)}, "metric is not symmetric"),
        ({"noise": np.ones((7, 20))}, r"noise has shape \(7, 20\)"),
        ({"noise": np.ones((30, 20))}, "no variance along direction 0"),
        ({"confidence": 1.0}, "confidence = 1.0"),
    ],
)
def test_refusals(change, pattern):
    metric, noise = drawn()
    with pytest.raises(ValueError, match=pattern):
        tg.estimate_alpha(**({"metric": metric, "noise": noise} | change))


def test_integers_are_refused():
    with pytest.raises(TypeError, match="noise has dtype int64"):
        tg.estimate_alpha(np.ones(20), np.ones((30, 20), int))
