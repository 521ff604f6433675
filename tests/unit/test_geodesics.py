"""Geodesics: integrated ones against spaces with known distances, closed ones against integrated ones and mpmath."""

from functools import cache

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from scipy.integrate import quad

from numerics import geodesics
from numerics.bessel_ratio import bessel_ratio
from numerics.geometry import geometry
from numerics.riemannian import riemannian
from properties.compilation import loop_jit

pytestmark = pytest.mark.slow

ROOT = 2.0**0.5
GAUSSIAN = geometry("gaussian")


def sphere_metric(x):
    return jnp.diag(jnp.stack([jnp.ones_like(x[0]), jnp.sin(x[0]) ** 2]))


def sphere_distance(x, y):
    return np.arccos(np.cos(x[0]) * np.cos(y[0]) + np.sin(x[0]) * np.sin(y[0]) * np.cos(x[1] - y[1]))


def half_plane_metric(x):
    return jnp.eye(2, dtype=x.dtype) / (x[1] * x[1])


def half_plane_distance(x, y):
    return 2 * np.arcsinh(np.hypot(x[0] - y[0], x[1] - y[1]) / (2 * np.sqrt(x[1] * y[1])))


def skew_metric(x):
    return jnp.asarray([[2.0, 0.5], [0.5, 1.0]], x.dtype)


SPACES = {
    "sphere": (sphere_metric, sphere_distance, [((1.0, 0.0), (1.0, 2.0)), ((0.3, 1.0), (2.2, 0.1))]),
    "half-plane": (half_plane_metric, half_plane_distance, [((0.0, 1.0), (3.0, 0.4)), ((5.0, 0.1), (5.1, 0.1))]),
}


def both_ways(pairs):
    """The pairs, then the same pairs reversed, as two batches of points."""
    pairs = np.asarray(pairs)
    return np.concatenate([pairs[:, 0], pairs[:, 1]]), np.concatenate([pairs[:, 1], pairs[:, 0]])


def everything(space):
    """Distance, its gradient in the second point, logarithm and its end, in one compiled function of a batch."""

    def function(pair):
        x, y = pair
        distance, gradient = jax.value_and_grad(space.distance, argnums=1)(x, y)
        v = space.log(x, y)
        return distance, gradient, v, space.exp(x, v)

    # Not by jax.vmap, under which every pair takes as many steps as the longest way.
    return loop_jit(lambda x, y: jax.lax.map(function, (x, y)))


@cache
def solved_space(name):
    metric, known, pairs = SPACES[name]
    x, y = both_ways(pairs)
    results = [np.asarray(r) for r in everything(riemannian(metric))(x, y)]
    return x, y, np.array([known(*pair) for pair in zip(x, y, strict=True)]), jax.vmap(metric)(x), *results


@pytest.fixture(params=SPACES)
def solved(request):
    return solved_space(request.param)


def test_distances_of_known_spaces_in_both_directions(solved):
    _, _, known, _, distance, *_ = solved
    np.testing.assert_allclose(distance, known, rtol=1e-10)


def test_exp_inverts_log(solved):
    _, y, *_, end = solved
    np.testing.assert_allclose(end, y, rtol=1e-9, atol=1e-10)


def test_gradient_of_the_distance_is_the_lowered_unit_vector(solved):
    """``grad_y d(x, y) = -g log_y(x) / d``; the reversed pair holds the logarithm at y."""
    _, _, _, metric, distance, gradient, log, _ = solved
    unit = -np.einsum("nij,nj->ni", metric, log) / distance[:, None]
    half = len(unit) // 2
    np.testing.assert_allclose(gradient, np.concatenate([unit[half:], unit[:half]]), rtol=1e-6, atol=1e-8)


def test_no_geodesic_in_the_chart_is_nan_not_a_longer_way():
    """Angles that differ by more than pi: the short way leaves the chart, and the long one is no distance."""
    assert np.isnan(riemannian(sphere_metric).distance([1.0, 0.0], [1.0, 6.0]))


def test_geodesics_of_a_flat_space_are_straight():
    start, velocity = np.array([1e3, -2.0]), np.array([-3.0, 0.5])
    np.testing.assert_allclose(riemannian(skew_metric).exp(start, velocity), start + velocity, rtol=1e-14)


@pytest.mark.parametrize(
    "speed",
    [30.0, 200.0, -50.0],
)
def test_vertical_geodesics_of_the_half_plane(speed):
    """``y = exp(v t)`` for the speed v; where the integrator cannot follow, the result must say so."""
    end = riemannian(half_plane_metric).exp([0.0, 1.0], [0.0, speed])
    assert np.isnan(end[1]) or abs(np.log(np.abs(float(end[1]))) / speed - 1) < 1e-9


def test_the_dtype_of_the_metric_follows_the_point():
    end = riemannian(lambda _: jnp.eye(2)).exp(jnp.zeros(2, "float32"), jnp.ones(2, "float32"))
    assert end.dtype == jnp.float32


GAUSSIAN_PAIRS = [
    ((0.0, 1.0), (1.0, 2.0)), ((0.0, 1.0), (1e-6, 1.0)), ((0.0, 1.0), (0.0, 1 + 1e-6)), ((3.0, 0.01), (-3.0, 0.02)),
    ((0.0, 1.0), (0.0, 1e-6)), ((-100.0, 5.0), (100.0, 0.5)), ((0.0, 1e-8), (1.0, 1e8)), ((0.0, 1e3), (1e3, 1e-3)),
]  # fmt: skip


def exact_gaussian(theta, other):
    """Distance and logarithm of two Gaussians to 50 digits, by hyperbolic trigonometry."""
    with mpmath.workdps(50):
        (m, s), (n, t) = ([mpmath.mpf(float(c)) for c in p] for p in (theta, other))
        x, y = (n - m) / (mpmath.sqrt(2) * s), t / s
        r = mpmath.acosh(1 + (x * x + (y - 1) ** 2) / (2 * y))
        scale = r / mpmath.sinh(r) / y
        log = mpmath.sqrt(2) * s * x * scale, s * (x * x + y * y - 1) / 2 * scale
        return float(mpmath.sqrt(2) * r), [float(c) for c in log]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_closed_gaussian_geodesics_against_mpmath(dtype):
    pairs = np.asarray(GAUSSIAN_PAIRS, dtype)
    epsilon = float(np.finfo(dtype).eps)
    distance, log = (jax.jit(jax.vmap(f))(pairs[:, 0], pairs[:, 1]) for f in (GAUSSIAN.distance, GAUSSIAN.log))
    end = jax.jit(jax.vmap(GAUSSIAN.exp))(pairs[:, 0], log)
    for i, (theta, other) in enumerate(pairs):
        exact_distance, exact_log = exact_gaussian(theta, other)
        np.testing.assert_allclose(distance[i], exact_distance, rtol=8 * epsilon)
        length = np.linalg.norm(exact_log)
        np.testing.assert_allclose(log[i], exact_log, atol=60 * epsilon * length, rtol=0)
        # A relative error of epsilon in the velocity moves the end by the distance times that, in units of its sigma.
        reach = 100 * epsilon * max(1, exact_distance) * np.exp(exact_distance / ROOT)
        assert abs(end[i][1] / other[1] - 1) < reach
        assert abs(end[i][0] - other[0]) < reach * float(other[1]) + 60 * epsilon * np.abs(pairs[i, :, 0]).max()
    assert distance.dtype == log.dtype == end.dtype == dtype


def test_closed_gaussian_geodesics_against_integrated_ones():
    module = geometry("gaussian")
    integrated = riemannian(module.metric)
    pairs = np.asarray([p for p in GAUSSIAN_PAIRS if exact_gaussian(*p)[0] < 12])
    found = jax.jit(jax.vmap(integrated.distance))(pairs[:, 0], pairs[:, 1])
    np.testing.assert_allclose(found, jax.vmap(GAUSSIAN.distance)(pairs[:, 0], pairs[:, 1]), rtol=1e-7)
    velocity = 0.7 * jax.vmap(GAUSSIAN.log)(pairs[:, 0], pairs[:, 1])
    flown = jax.jit(jax.vmap(integrated.exp))(pairs[:, 0], velocity)
    np.testing.assert_allclose(flown, jax.vmap(GAUSSIAN.exp)(pairs[:, 0], velocity), rtol=1e-8, atol=1e-10)


def test_gaussian_derivatives_at_coinciding_points():
    theta = jnp.asarray([0.3, 0.7])
    np.testing.assert_allclose(jax.jacfwd(GAUSSIAN.log, argnums=1)(theta, theta), np.eye(2), atol=1e-15)
    np.testing.assert_allclose(jax.jacfwd(GAUSSIAN.exp, argnums=1)(theta, jnp.zeros(2)), np.eye(2), atol=1e-15)
    np.testing.assert_array_equal(GAUSSIAN.log(theta, theta), [0, 0])


def test_gaussian_distance_has_gradient_zero_where_the_points_meet():
    theta = jnp.asarray([0.3, 0.7])
    np.testing.assert_array_equal(jax.grad(GAUSSIAN.distance, argnums=1)(theta, theta), [0, 0])


@pytest.mark.parametrize("v", [(100.0, -100.0), (0.0, -95.0), (0.0, 100.0)], ids=str)
def test_gaussian_exp_of_long_velocities_is_nan_in_float32(v):
    """The exponentials of these lengths leave the range of float32: NaN, not a wrong number."""
    theta, scaled = jnp.asarray([0.0, 1e30], "float32"), jnp.asarray(v, "float32") * jnp.float32(1e30)
    assert np.isnan(GAUSSIAN.exp(theta, scaled)).all()


VON_MISES_PAIRS = [
    ((0.0, 0.5), (0.0, 3.0)), ((1.0, 2.0), (1.0, 1e3)), ((0.2, 1e-3), (0.2, 40.0)), ((0.0, 0.0), (1.0, 3.0)),
    ((0.0, 2.0), (np.pi, 5.0)), ((0.3, 4.0), (2.9, 6.0)), ((0.0, 1.0), (0.0, 1.0)), ((0.0, 1e4), (3.0, 1e4)),
    ((0.0, 3.0), (2.0, 0.0)), ((0.0, -1.0), (1.0, 1.0)), ((0.0, np.nan), (1.0, 1.0)),
]  # fmt: skip


@cache
def von_mises_results():
    """One compilation for all tests; the second half of each result belongs to the reversed pairs."""
    return [np.asarray(r) for r in everything(geometry("von_mises"))(*both_ways(VON_MISES_PAIRS))]


SLOPE = jax.jit(lambda k: bessel_ratio(k, 1))


def radial(k, m):
    """The length of the ray between two concentrations."""
    ends = sorted((np.log(max(k, 1e-9)), np.log(max(m, 1e-9))))
    value, _ = quad(lambda u: np.exp(u) * np.sqrt(SLOPE(np.exp(u))), *ends, epsabs=1e-12, limit=200)
    return value


@pytest.mark.parametrize("index", [0, 1, 2, 3, 8])
def test_radial_geodesics_of_von_mises(index):
    (_, k), (_, m) = VON_MISES_PAIRS[index]
    np.testing.assert_allclose(von_mises_results()[0][index], radial(k, m), rtol=1e-8)


def test_geodesics_through_the_origin_are_two_rays():
    np.testing.assert_allclose(von_mises_results()[0][4], radial(0, 2.0) + radial(0, 5.0), rtol=1e-8)
    assert von_mises_results()[0][5] < radial(0, 4.0) + radial(0, 6.0)


def test_von_mises_distance_is_symmetric_and_far_points_are_reached():
    distance, _, _, end = von_mises_results()
    forth, back = np.split(distance, 2)
    np.testing.assert_allclose(forth[:9], back[:9], rtol=1e-9)
    assert 14 < forth[7] < 15
    for i in (0, 1, 2, 4, 5, 7):
        angle, k = VON_MISES_PAIRS[i][1]
        np.testing.assert_allclose(end[i][1], k, rtol=1e-5)
        np.testing.assert_allclose(np.exp(1j * end[i][0]), np.exp(1j * angle), atol=1e-5)


@pytest.mark.parametrize(
    ("theta", "other"),
    [
        ((0.0, 1e5), (3.0, 1e6)),
        ((3.0, 1e6), (0.0, 1e5)),
    ],
)
def test_von_mises_points_twenty_apart_are_reached(theta, other):
    # Almost the two rays through the origin, for the angle is nearly pi.
    rays = radial(0, theta[1]) + radial(0, other[1])
    assert rays - 2 < geometry("von_mises").distance(theta, other) < rays


def test_von_mises_points_out_of_reach_are_nan():
    assert np.isnan(geometry("von_mises").distance([0.0, 1e300], [1.0, 1.0]))


def test_von_mises_gradient_of_the_distance_has_length_one():
    distance, gradient, _, _ = von_mises_results()
    finite = [0, 1, 2, 5, 7]
    inverse = np.array([geometry("von_mises").inverse_metric(VON_MISES_PAIRS[i][1]) for i in finite])
    np.testing.assert_allclose(np.einsum("ni,nij,nj->n", gradient[finite], inverse, gradient[finite]), 1, rtol=1e-5)
    assert distance[6] == 0
    np.testing.assert_array_equal(gradient[6], [0, 0])


def test_von_mises_out_of_domain_is_nan():
    distance, _, log, end = von_mises_results()
    for i in (9, 10):
        assert np.isnan([distance[i], distance[i + len(VON_MISES_PAIRS)], *log[i], *end[i]]).all()


def test_length_has_gradient_zero_at_zero():
    np.testing.assert_array_equal(jax.grad(geodesics.length, argnums=1)(jnp.eye(2), jnp.zeros(2)), [0, 0])
    assert geodesics.length(jnp.diag(jnp.asarray([4.0, 1.0])), jnp.asarray([1.0, 0.0])) == 2


def test_coordinates_that_stay_zero_up_to_rounding():
    """Along an axis the other coordinates are noise, which no tolerance relative to themselves can resolve."""
    space = geometry("ising", edges=((0, 1), (1, 2), (0, 2)))
    origin, on_axis = jnp.zeros(3), jnp.array([0.8, 0.0, 0.0])
    forth, back = space.distance(origin, on_axis), space.distance(on_axis, origin)
    np.testing.assert_allclose(forth, back, rtol=1e-13)
    np.testing.assert_allclose(space.exp(origin, space.log(origin, on_axis)), on_axis, atol=1e-14)
    assert space.distance(origin, origin) == 0
    np.testing.assert_array_equal(space.exp(origin, origin), origin)
