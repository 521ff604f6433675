"""The normal and Wishart families: accuracy where numbers get extreme, families inside each other, wrong sizes."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from numerics import multivariate_gamma, normal_geodesics
from numerics.geometry import geometry

EPS = float(np.finfo(np.float64).eps)
# Nearly parallel entries, and entries of very different sizes: both of condition number 1e8.
CORRELATED = np.array([[1.0, 1.0 - 2e-8], [1.0 - 2e-8, 1.0]])
SCALED = np.array([[1e8, 3e3], [3e3, 1.0]])


@pytest.fixture(scope="module")
def normal():
    return geometry("multivariate_normal", dimension=2)


def law(mean, covariance):
    return jnp.asarray([*mean, covariance[0][0], covariance[1][0], covariance[1][1]])


def exact_metric(covariance):
    """The metric by 60 digits, in mean and lower triangle."""
    with mpmath.workdps(60):
        precision = mpmath.matrix(covariance.tolist()) ** -1
        matrices = [mpmath.matrix(m) for m in ([[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]])]
        metric = mpmath.zeros(5)
        metric[:2, :2] = precision
        for i, first in enumerate(matrices):
            for j, second in enumerate(matrices):
                product = precision * first * precision * second
                metric[2 + i, 2 + j] = (product[0, 0] + product[1, 1]) / 2
        return np.array(metric.tolist(), dtype=np.float64)


@pytest.mark.parametrize(("covariance", "tolerance"), [(CORRELATED, 1e8 * EPS), (SCALED, 16 * EPS)])
def test_metric_keeps_what_the_correlations_allow(normal, covariance, tolerance):
    expected = exact_metric(covariance)
    size = np.sqrt(np.diagonal(expected))
    actual = np.asarray(normal.metric(law([0.3, -2.0], covariance)))
    assert np.max(np.abs(actual - expected) / np.outer(size, size)) < tolerance


@pytest.mark.parametrize(("covariance", "tolerance"), [(CORRELATED, 1e8 * EPS), (SCALED, 64 * EPS)])
@pytest.mark.parametrize("change", [1e-9, 1e-3, 3.0])
def test_divergence_against_sixty_digits(normal, covariance, tolerance, change):
    other = covariance * np.array([[1.0 + change, 1.0], [1.0, 1.0 + change]])
    theta, mean = law([0.0, 0.0], covariance), change * np.sqrt(np.diagonal(covariance))
    with mpmath.workdps(60):
        one, two = mpmath.matrix(covariance.tolist()), mpmath.matrix(other.tolist())
        shift = mpmath.matrix(mean.tolist())
        relative = two**-1 * one
        spread = relative[0, 0] + relative[1, 1] - 2 - mpmath.log(mpmath.det(relative))
        expected = float((spread + (shift.T * two**-1 * shift)[0]) / 2)
    assert abs(float(normal.kl(theta, law(mean, other))) / expected - 1) < tolerance


@pytest.mark.parametrize("covariance", [CORRELATED, SCALED])
def test_charts_agree_at_condition_number_1e8(normal, covariance):
    theta = law([0.3, -2.0], covariance)
    natural, expectation = normal.convert(theta, "natural"), normal.convert(theta, "expectation")
    by_natural = geometry("multivariate_normal", chart="natural", dimension=2)
    by_expectation = geometry("multivariate_normal", chart="expectation", dimension=2)
    # Measured where the law is standard: the distance in its own units.
    for back in (by_natural.convert(natural, "usual"), by_expectation.convert(expectation, "usual")):
        gap = back - theta
        assert float(jnp.sqrt(gap @ normal.metric(theta) @ gap)) < 16 * 1e8 * EPS
    for chart, x in ((by_natural, natural), (by_expectation, expectation)):
        assert float(chart.scalar_curvature(x)) == -4.5
        assert float(chart.entropy(x)) == pytest.approx(float(normal.entropy(theta)), rel=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["isotropic_normal", "diagonal_normal"])
def test_families_inside_have_longer_distances(normal, name):
    # Neither is totally geodesic: Sigma'' contains mu' mu'^T, which leaves them.
    inside = geometry(name, dimension=2)
    rng = np.random.default_rng(3)
    for _ in range(5):
        one, two = (inside.from_unconstrained(jnp.asarray(rng.normal(size=inside.dimension))) for _ in range(2))
        sigmas = (np.broadcast_to(np.asarray(x[2:]), 2) for x in (one, two))
        theta, other = (law(x[:2], np.diag(s**2)) for x, s in zip((one, two), sigmas, strict=True))
        distance = float(normal.distance(theta, other))
        assert distance < float(inside.distance(one, two))
        lower, upper = (float(bound) for bound in normal.distance_bounds(theta, other))
        assert lower * (1 - 1e-12) <= distance <= upper * (1 + 1e-12)


def test_geodesics_of_one_dimension_are_hyperbolic():
    here = geometry("multivariate_normal", dimension=1)
    theta, other = jnp.asarray([0.2, 0.5]), jnp.asarray([3.0, 4.0])
    velocity = jax.jit(lambda x, y: normal_geodesics.log(x, y, 1))(theta, other)
    np.testing.assert_allclose(velocity, here.log(theta, other), rtol=1e-12)


def test_short_geodesics_keep_their_digits(normal):
    theta = law([0.3, -2.0], np.array([[2.0, 0.5], [0.5, 1.0]]))
    other = theta + 1e-9 * jnp.asarray([1.0, -2.0, 0.5, 0.25, 1.0])
    gap = other - theta
    # The next term is of the relative size of the gap.
    length = float(jnp.sqrt(gap @ normal.metric(theta) @ gap))
    assert float(normal.distance(theta, other)) == pytest.approx(length, rel=1e-8)
    assert float(normal.distance(theta, theta)) == 0.0


@pytest.mark.slow
def test_gradient_of_the_distance_is_the_logarithm(normal):
    theta, other = (
        law([0.3, -2.0], np.array([[2.0, 0.5], [0.5, 1.0]])),
        law([1.0, 1.0], np.array([[1.0, -0.6], [-0.6, 3.0]])),
    )
    gradient = jax.jit(jax.grad(normal.distance))(theta, other)
    expected = -normal.metric(theta) @ normal.log(theta, other) / normal.distance(theta, other)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-12)


def test_points_out_of_reach_are_nan(normal):
    start, far = law([0.0, 0.0], np.eye(2)), law([1e8, 0.0], np.array([[1e-8, 0.0], [0.0, 1e12]]))
    assert np.isnan(float(normal.distance(start, far)))
    lower, upper = normal.distance_bounds(start, far)
    assert 20 < float(lower) < float(upper) < 100
    assert np.isnan(np.asarray(normal.distance_bounds(start, law([0.0, 0.0], -np.eye(2))))).all()


def test_families_without_bounds_say_so():
    with pytest.raises(NotImplementedError, match="no bounds"):
        geometry("wishart", dimension=1).distance_bounds(jnp.asarray([3.0, 1.0]), jnp.asarray([4.0, 1.0]))


@pytest.mark.parametrize("size", [1, 3])
def test_multivariate_gamma_against_fifty_digits(size):
    points = 0.5 * (size - 1) + np.array([1e-3, 1.0, 30.0, 1e6])
    functions = [lambda x, order=order: multivariate_gamma.excess(x, size, order) for order in range(4)]
    actual = jax.jit(jax.vmap(lambda x: jnp.stack([f(x) for f in functions])))(jnp.asarray(points))
    for row, x in zip(np.asarray(actual), points, strict=True):
        with mpmath.workdps(50):
            point = mpmath.mpf(float(x))
            ys = [point - mpmath.mpf(j) / 2 for j in range(size)]
            values = [
                sum(mpmath.loggamma(y) for y in ys) - size * (point * mpmath.log(point) - point),
                sum(mpmath.digamma(y) for y in ys) - size * mpmath.log(point),
                sum(mpmath.polygamma(1, y) for y in ys) - size / point,
                sum(mpmath.polygamma(2, y) for y in ys) + size / point**2,
            ]
        expected = np.array([float(value) for value in values])
        # Order 0 crosses zero. The distance of x from the pole is exact, so only the functions are rounded.
        scale = np.maximum(np.abs(expected), [1.0, 0.0, 0.0, 0.0])
        assert np.max(np.abs(row - expected) / scale) < 64 * EPS


@pytest.mark.parametrize(
    ("first", "second"), [(5.0, 5.0 + 1e-7), (5.0, 6.0), (2.5, 900.0), (1e9, 1e9 + 1e4), (1e9, 3e10)]
)
def test_wishart_divergence_against_fifty_digits(first, second):
    here = geometry("wishart", dimension=2)
    theta, other = jnp.asarray([first, 1.0, 0.3, 2.0]), jnp.asarray([second, 1.0, 0.3, 2.0])
    with mpmath.workdps(50):
        n, m = mpmath.mpf(first), mpmath.mpf(second)

        def log_gamma(x):
            return mpmath.loggamma(x) + mpmath.loggamma(x - 0.5)

        slope = mpmath.digamma(n / 2) + mpmath.digamma(n / 2 - 0.5)
        expected = float(log_gamma(m / 2) - log_gamma(n / 2) - (m - n) / 2 * slope)
    assert float(here.kl(theta, other)) == pytest.approx(expected, rel=1e-12)


def test_wishart_of_many_degrees_of_freedom():
    here = geometry("wishart", dimension=2)
    # N = p (p + 1)/2 = 3; the limit is approached like 1/n.
    assert float(here.scalar_curvature(jnp.asarray([1e12, 1.0, 0.3, 2.0]))) == pytest.approx(-2.0, rel=1e-11)
    theta = jnp.asarray([1e6, 1.0, 0.3, 2.0])
    inverse = here.inverse_metric(theta)
    metric = here.metric(theta)
    scale = np.sqrt(np.outer(np.diagonal(metric), np.diagonal(inverse)))
    assert np.max(np.abs(metric @ inverse - np.eye(4)) / scale) < 1e-12
    trace = float(jnp.einsum("jl,jl->", inverse, here.ricci(theta)))
    assert trace == pytest.approx(float(here.scalar_curvature(theta)), rel=1e-6)


@pytest.mark.parametrize(
    "name", ["multivariate_normal", "isotropic_normal", "diagonal_normal", "fixed_mean_normal", "wishart"]
)
def test_wrong_dimensions_raise(name):
    with pytest.raises(ValueError, match="at least 1"):
        geometry(name, dimension=0)
    with pytest.raises(TypeError, match="whole number"):
        geometry(name, dimension=1.5)
    with pytest.raises(TypeError, match="takes dimension"):
        geometry(name)


@pytest.mark.parametrize(
    ("covariance", "error"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], "positive definite"),
        ([[1.0, 0.5], [0.4, 1.0]], "symmetric"),
        ([[1.0, 0.5]], "square"),
        ([[1.0, float("nan")], [float("nan"), 1.0]], "finite"),
        ("wide", "matrix of numbers"),
    ],
)
def test_wrong_covariances_raise(covariance, error):
    with pytest.raises((ValueError, TypeError), match=error):
        geometry("fixed_covariance_normal", covariance=covariance)
