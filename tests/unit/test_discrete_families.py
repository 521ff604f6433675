"""Categorical, multinomial, binomial, negative binomial, geometric and Poisson laws: accuracy at the ends against mpmath."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from numerics.geometry import geometry
from numerics.supports import Compositions

EPS = float(np.finfo(np.float64).eps)


@pytest.fixture(autouse=True)
def strict():
    with (
        jax.enable_x64(True),
        jax.numpy_dtype_promotion("strict"),
        jax.numpy_rank_promotion("raise"),
        mpmath.workdps(60),
    ):
        yield


def relative(found, expected):
    return abs(float((mpmath.mpf(float(found)) - expected) / expected))


def softmax(logits):
    weights = [mpmath.exp(mpmath.mpf(float(x))) for x in (*logits, 0.0)]
    return [w / mpmath.fsum(weights) for w in weights]


def shannon(law):
    return -mpmath.fsum(p * mpmath.log(p) for p in law if p > 0)


@pytest.mark.parametrize(("dtype", "spread"), [(np.float64, 60.0), (np.float32, 30.0)])
def test_categorical_with_logits_far_apart(dtype, spread):
    natural = geometry("categorical", chart="natural", categories=4)
    eps = float(np.finfo(dtype).eps)
    x, y = np.array([spread, 1.0, spread / 2], dtype), np.array([spread - 3, -1.0, spread / 2], dtype)
    p, q = softmax(x), softmax(y)
    cosine = mpmath.fsum(mpmath.sqrt(a * b) for a, b in zip(p, q, strict=True))
    assert relative(natural.entropy(x), shannon(p)) < 100 * eps
    assert relative(natural.kl(x, y), mpmath.fsum(a * mpmath.log(a / b) for a, b in zip(p, q, strict=True))) < 100 * eps
    # The angle is made of roots: their rounding is one part in eps of the sphere.
    assert abs(float(natural.distance(x, y)) - float(2 * mpmath.acos(cosine))) < 4 * eps
    third = p[0] * (1 - p[0]) * (1 - 2 * p[0])
    assert relative(natural.metric(x)[0, 0], p[0] * (1 - p[0])) < 100 * eps
    assert relative(natural.skewness(x)[0, 0, 0], third) < 100 * eps
    assert natural.scalar_curvature(x) == 1.5
    assert np.all(np.isfinite(natural.log(x, y)))
    assert natural.entropy(x).dtype == dtype


def test_all_charts_there_and_back():
    for name, sizes, theta in (
        ("categorical", {"categories": 4}, [0.1, 0.2, 0.3]),
        ("multinomial", {"trials": 9, "categories": 3}, [0.6, 0.1]),
        ("binomial", {"trials": 9}, [0.97]),
        ("negative_binomial", {"successes": 2.5}, [1e-3]),
        ("poisson", {}, [1e-8]),
    ):
        usual = geometry(name, **sizes)
        for chart in ("natural", "expectation"):
            x = usual.convert(np.array(theta), chart)
            back = geometry(name, chart=chart, **sizes).convert(x, "usual")
            np.testing.assert_allclose(back, theta, rtol=1e-14)


def test_outside_of_every_chart():
    assert np.isnan(geometry("categorical", categories=3).entropy(np.array([0.5, 0.5])))
    assert np.isnan(geometry("multinomial", chart="expectation", trials=3, categories=3).entropy(np.array([2.0, 1.5])))
    assert np.isnan(geometry("negative_binomial", chart="natural", successes=2).metric(np.array([0.1]))).all()
    assert np.isnan(geometry("geometric", chart="expectation").metric(np.array([-1.0]))).all()
    assert np.isnan(geometry("poisson").log_partition(np.array([0.0])))
    far = geometry("categorical", categories=3)
    assert np.isnan(far.exp(np.array([0.1, 0.1]), np.array([-3.0, 0.0]))).all()


@pytest.mark.parametrize("rate", [1e-30, 1e-8, 0.3, 20.0, 100.0, 130.0])
def test_poisson_entropy(rate):
    exact, (terms, rate_) = mpmath.mpf(0), (int(rate + 40 * rate**0.5 + 40), mpmath.mpf(rate))
    weight = mpmath.exp(-rate_)
    for k in range(terms):
        exact -= weight * (k * mpmath.log(rate_) - rate_ - mpmath.loggamma(k + 1))
        weight *= rate_ / (k + 1)
    assert relative(geometry("poisson").entropy(np.array([rate])), exact) < 30 * EPS


@pytest.mark.parametrize("rate", [1e5, 1e8, 1e12])
def test_poisson_entropy_at_high_rates(rate):
    """Evans, Boersma, Blachman & Jagers 1988: the asymptotic series."""
    r = mpmath.mpf(rate)
    exact = (
        mpmath.log(2 * mpmath.pi * mpmath.e * r) / 2 - 1 / (12 * r) - 1 / (24 * r**2) - mpmath.mpf(19) / (360 * r**3)
    )
    assert relative(geometry("poisson").entropy(np.array([rate])), exact) < 30 * EPS


def binomial_law(trials, p):
    return [mpmath.binomial(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(trials + 1)]


@pytest.mark.parametrize("trials", [7, 600])
def test_binomial_entropy_at_both_ends(trials):
    natural = geometry("binomial", chart="natural", trials=trials)
    for eta in (-69.0, -27.6, -0.3, 8.0, 69.0):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(eta)))
        assert relative(natural.entropy(np.array([eta])), shannon(binomial_law(trials, p))) < 40 * EPS


def test_binomial_distance_at_the_ends():
    natural = geometry("binomial", chart="natural", trials=5)
    x, y = np.array([60.0]), np.array([65.0])
    angles = [mpmath.atan(mpmath.exp(-mpmath.mpf(float(v[0])) / 2)) for v in (x, y)]
    assert relative(natural.distance(x, y), 2 * mpmath.sqrt(5) * (angles[0] - angles[1])) < 10 * EPS


@pytest.mark.parametrize(
    ("successes", "p"), [(0.3, 0.01), (2.5, 1 - 1e-12), (45, 0.1), (60, 0.5), (60, 0.3), (1000, 0.5)]
)
def test_negative_binomial_entropy(successes, p):
    r, p_ = mpmath.mpf(successes), mpmath.mpf(p)
    weight, logarithm, exact = p_**r, r * mpmath.log(p_), mpmath.mpf(0)
    for k in range(int(successes * (1 - p) / p + 60 * (successes * (1 - p)) ** 0.5 / p + 60)):
        exact -= weight * logarithm
        ratio = (k + r) / (k + 1) * (1 - p_)
        weight, logarithm = weight * ratio, logarithm + mpmath.log(ratio)
    assert relative(geometry("negative_binomial", successes=successes).entropy(np.array([p])), exact) < 100 * EPS


def test_negative_binomial_distance_for_tiny_probabilities():
    natural = geometry("negative_binomial", chart="natural", successes=2.5)
    x, y = np.array([-1e-30]), np.array([-1e-12])
    ends = [mpmath.atanh(mpmath.exp(mpmath.mpf(float(v[0])) / 2)) for v in (x, y)]
    assert relative(natural.distance(x, y), 2 * mpmath.sqrt(2.5) * (ends[0] - ends[1])) < 4 * EPS


def test_probabilities_add_up_to_one():
    for name, sizes, theta in (
        ("multinomial", {"trials": 6, "categories": 3}, [0.2, 0.5]),
        ("binomial", {"trials": 40}, [0.3]),
        ("negative_binomial", {"successes": 60.5}, [0.7]),
        ("poisson", {}, [9.0]),
    ):
        usual = geometry(name, **sizes)
        support = usual.family.support
        x = (
            support.atoms.astype(float)
            if isinstance(support, Compositions)
            else np.arange(min(support.upper, 200) + 1.0)
        )
        logarithms = np.asarray(jax.vmap(usual.log_density, (0, None))(x, jnp.asarray(theta)))
        np.testing.assert_allclose(np.exp(logarithms).sum(), 1.0, rtol=1e-13)
        np.testing.assert_allclose(-np.sum(np.exp(logarithms) * logarithms), usual.entropy(np.array(theta)), rtol=1e-13)


def moments(usual):
    """Mean, covariance and the log-probabilities of a sample, compiled at once."""
    family = usual.family
    return jax.jit(
        lambda x, theta: (
            family.expectation(family.lift(theta)),
            family.covariance(family.lift(theta)),
            jax.vmap(usual.log_density, (0, None))(x, theta),
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sizes", "theta"),
    [
        ("categorical", {"categories": 3}, [0.7, 0.01]),
        ("multinomial", {"trials": 50, "categories": 3}, [0.7, 0.01]),
        ("binomial", {"trials": 1000}, [0.999]),
        ("negative_binomial", {"successes": 2.5}, [0.1]),
        ("geometric", {}, [0.01]),
        ("poisson", {}, [30.0]),
    ],
)
def test_samples(name, sizes, theta):
    usual, number = geometry(name, **sizes), 4000
    x = usual.sample(jax.random.key(7), np.array(theta), (number,))
    found = np.mean(np.asarray(jax.vmap(usual.family.statistics)(x)), axis=0)
    mean, covariance, weights = moments(usual)(x, jnp.asarray(theta))
    assert np.all(np.abs(found - mean) < 5 * np.sqrt(np.diag(covariance) / number))
    assert np.all(weights > -np.inf)


@pytest.mark.parametrize(
    ("name", "sizes", "error"),
    [
        ("categorical", {"categories": 1}, ValueError),
        ("categorical", {"categories": 2.5}, TypeError),
        ("multinomial", {"trials": 0, "categories": 3}, ValueError),
        ("binomial", {}, TypeError),
        ("negative_binomial", {"successes": 0.0}, ValueError),
        ("negative_binomial", {"successes": "two"}, TypeError),
        ("poisson", {"rate": 1.0}, TypeError),
    ],
)
def test_bad_sizes(name, sizes, error):
    with pytest.raises(error):
        geometry(name, **sizes)
