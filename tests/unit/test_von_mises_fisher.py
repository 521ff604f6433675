"""The von Mises-Fisher family and its Bessel ratio, against mpmath, the von Mises family and closed forms."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from numerics import bessel_ratio_order as order
from numerics.bessel_ratio import bessel_ratio, bessel_ratio_complement, log_bessel_i0
from numerics.families.von_mises_fisher import VonMisesFisher
from numerics.geometry import geometry
from properties.compilation import optimised_jit


@pytest.fixture(autouse=True)
def strict():
    with (
        jax.enable_x64(True),
        jax.numpy_dtype_promotion("strict"),
        jax.numpy_rank_promotion("raise"),
        mpmath.workdps(90),
    ):
        yield


def ratio(p, k):
    """A by Bessel functions, and from 1e4 on by the asymptotic series, whose coefficients the Riccati equation gives."""
    if k < 1e4:
        return mpmath.besseli(mpmath.mpf(p) / 2, k) / mpmath.besseli(mpmath.mpf(p) / 2 - 1, k)
    a = [mpmath.mpf(1)]
    for n in range(1, 30):
        a.append(-((p - n) * a[n - 1] + mpmath.fsum(a[i] * a[n - i] for i in range(1, n))) / 2)
    return mpmath.fsum(c / k**n for n, c in enumerate(a))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("p", [4, 20])
def test_bessel_ratio_of_every_order(p, dtype):
    """Within 20 epsilons from 1e-8 to 1e8: ratio, complement and slope."""
    plan, eps = order._plan(p, np.dtype(dtype).name), float(np.finfo(dtype).eps)
    ends = plan.near * np.array([0.99, 1.01, 2]), plan.far * np.array([0.6, 0.99, 1.01])
    kappa = np.concatenate([np.logspace(-8, 8, 17), *ends])
    square = jnp.asarray(kappa * kappa, dtype)
    functions = optimised_jit(lambda y: (order.mean_over_argument(y, p), order.slope(y, p), order.complement(y, p)))
    values = functions(square)
    for y, over, slope, rest in zip(np.asarray(square), *map(np.asarray, values), strict=True):
        k = mpmath.sqrt(mpmath.mpf(float(y)))
        A = ratio(p, k)
        for found, exact in ((over, A / k), (slope, 1 - (p - 1) * A / k - A * A), (rest, 1 - A)):
            assert abs(float((mpmath.mpf(float(found)) - exact) / exact)) < 20 * eps


@optimised_jit
def circle(kappa):
    """Pairs of values that agree."""
    y = kappa * kappa
    return (
        (kappa * order.mean_over_argument(y, 2), bessel_ratio(kappa)),
        (order.slope(y, 2), bessel_ratio(kappa, 1)),
        (kappa * order.slope_bend(y, 2), bessel_ratio(kappa, 2)),
        (order.complement(y, 2), bessel_ratio_complement(kappa)),
        (order.log_mean_exponential(y, 2), log_bessel_i0(kappa)),
    )


def test_agrees_with_the_circle():
    for found, expected in circle(jnp.asarray(np.logspace(-8, 8, 60))):
        np.testing.assert_allclose(found, expected, rtol=4e-15)


def test_agrees_with_closed_forms_on_the_sphere():
    kappa = np.array([1e-8, 0.3, 2.0, 20.0, 1e3, 1e8])
    functions = (order.mean_over_argument, order.log_mean_exponential, order.negative_entropy)
    found = optimised_jit(lambda y: jnp.stack([f(y, 3) for f in functions], axis=-1))(jnp.asarray(kappa * kappa))
    for values, k in zip(np.asarray(found), kappa, strict=True):
        exact = mpmath.mpf(float(k))
        langevin, total = mpmath.coth(exact) - 1 / exact, mpmath.log(mpmath.sinh(exact) / exact)
        np.testing.assert_allclose(
            values, [float(v) for v in (langevin / exact, total, exact * langevin - total)], rtol=4e-15
        )


def test_outside_the_domain():
    assert np.isnan(order.slope(jnp.asarray(-1.0), 3))
    with pytest.raises(TypeError, match="int"):
        order.slope(jnp.asarray(1), 3)


@jax.jit
def at_zero(eta):
    family = VonMisesFisher(3)
    return {
        "covariance": family.covariance(eta),
        "precision": family.precision(eta) / 9,
        "hessian": jax.hessian(family.log_partition)(eta),
        "third": jax.jacfwd(family.covariance)(eta),
        "fourth": jax.jacfwd(family.third_cumulants)(eta),
        "curvature": family.invariant_curvature(eta),
        "back": family.from_expectation(eta),
    }


def test_the_natural_chart_is_regular_at_zero():
    values = at_zero(jnp.zeros(3))
    for name in ("covariance", "precision", "hessian"):
        np.testing.assert_allclose(values[name], np.eye(3) / 3, rtol=1e-15)
    for name in ("third", "curvature", "back"):
        np.testing.assert_allclose(values[name], 0.0, atol=1e-15)
    unit = np.eye(3)
    pairs = sum(np.einsum(f"ij,kl->{order_}", unit, unit) for order_ in ("ijkl", "ikjl", "iklj"))
    # kappa_4 of a coordinate of a uniform unit vector is -6 / (p^2 (p + 2)).
    np.testing.assert_allclose(values["fourth"], -2 / 45 * pairs, rtol=1e-14)


@pytest.mark.parametrize("kappa", [1e-8, 0.7, 30.0, 1e8])
def test_charts_there_and_back(kappa):
    usual = geometry("von_mises_fisher", dimension=4)
    theta = np.array([kappa, 0.7, 2.0, -1.0])
    for chart, allowed in (("natural", 4e-15), ("expectation", 4e-15 * max(1.0, kappa))):
        x = usual.convert(theta, chart)
        back = geometry("von_mises_fisher", dimension=4, chart=chart).convert(x, "usual")
        np.testing.assert_allclose(back, theta, rtol=allowed)
    assert np.isnan(geometry("von_mises_fisher", dimension=4, chart="expectation").entropy(np.ones(4))).all()


@pytest.mark.slow
def test_divergence_of_high_concentrations():
    usual = geometry("von_mises_fisher", dimension=3)
    first, second = np.array([1e8, 1.0, 0.5]), np.array([1.1e8, 1.0 + 1e-5, 0.5])
    a, b, turn = mpmath.mpf(1e8), mpmath.mpf(1.1e8), mpmath.mpf(float(second[1])) - 1
    exact = mpmath.log(b / a) * -1 + (b - a) / a + (1 - 1 / a) * b * (1 - mpmath.cos(turn))
    np.testing.assert_allclose(usual.kl(first, second), float(exact), rtol=1e-9)
    density = usual.log_density(np.asarray(_direction(1.0, 0.5)), first)
    np.testing.assert_allclose(density, np.log(1e8 / (2 * np.pi)), rtol=1e-12)


def _direction(theta, phi):
    return np.array([np.cos(theta), np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi)])


@pytest.mark.slow
@pytest.mark.parametrize(("dimension", "kappa"), [(2, 0.5), (4, 1e8)])
def test_samples(dimension, kappa):
    usual, number = geometry("von_mises_fisher", dimension=dimension), 4000
    theta = np.array([kappa, *np.linspace(0.4, 1.3, dimension - 1)])
    x = np.asarray(usual.sample(jax.random.key(11), theta, (number,)))
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1.0, rtol=1e-14)
    m, eta = np.asarray(usual.convert(theta, "expectation")), np.asarray(usual.convert(theta, "natural"))
    metric = np.asarray(geometry("von_mises_fisher", dimension=dimension, chart="natural").metric(eta))
    assert np.all(np.abs(x.mean(axis=0) - m) < 5 * np.sqrt(np.diag(metric) / number))
    # Along the mean direction, where all the spread is that of the concentration.
    lack = 0.5 * np.sum((x - eta / kappa) ** 2, axis=1)
    both = optimised_jit(lambda y: (order.slope(y, dimension), order.complement(y, dimension)))
    slope, rest = map(float, both(jnp.asarray(kappa**2)))
    assert abs(lack.mean() - rest) < 5 * np.sqrt(slope / number)


def test_bad_sizes():
    with pytest.raises(ValueError, match="at least 2"):
        geometry("von_mises_fisher", dimension=1)
    with pytest.raises(TypeError):
        geometry("von_mises_fisher", dimension=2.5)


@pytest.mark.slow
def test_geodesics():
    """On the circle against the von Mises family; through the uniform law in the natural chart; there and back."""
    usual, circle = geometry("von_mises_fisher", dimension=2), geometry("von_mises")
    x, y = np.array([1.2, 0.3]), np.array([4.0, 1.5])
    np.testing.assert_allclose(usual.distance(x, y), circle.distance(x[::-1], y[::-1]), rtol=1e-10)
    natural = geometry("von_mises_fisher", dimension=3, chart="natural")
    end = np.array([0.0, -2.0, 0.0])
    velocity = natural.log(np.array([0.0, 3.0, 0.0]), end)
    np.testing.assert_allclose(natural.exp(np.array([0.0, 3.0, 0.0]), velocity), end, atol=1e-9)
    np.testing.assert_allclose(velocity[np.array([0, 2])], 0.0, atol=1e-12)
