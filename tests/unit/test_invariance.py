"""Natural gradient, Markov maps and changes of chart as functions: values, other dtypes, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.markov import fisher_norm, information_loss
from numerics.natural_gradient import natural_gradient, velocity
from numerics.reparametrisation import diffeomorphism, from_divergence, pull_back

KERNEL = [[0.5, 0.5, 0.0], [0.25, 0.5, 0.25]]


def random_metric(dimension, seed, scales=0.0):
    random = np.random.default_rng(seed)
    frame = random.normal(size=(dimension, dimension))
    units = np.exp(scales * random.uniform(-1, 1, dimension))
    return (frame @ frame.T + np.eye(dimension)) * np.outer(units, units)


@pytest.mark.parametrize("dimension", [1, 2, 5, 8, 9, 20])
def test_natural_gradient_solves_the_equation(dimension):
    metric, gradient = random_metric(dimension, 0), np.random.default_rng(1).normal(size=dimension)
    v = jax.jit(natural_gradient)(jnp.asarray(metric), jnp.asarray(gradient))
    np.testing.assert_allclose(v, np.linalg.solve(metric, gradient), rtol=1e-10, atol=1e-12)


def test_natural_gradient_in_coordinates_of_very_different_scale():
    metric, gradient = random_metric(4, 2, scales=30.0), np.ones(4)
    v = np.asarray(jax.jit(natural_gradient)(jnp.asarray(metric), jnp.asarray(gradient)))
    residual = np.abs(metric @ v - gradient) / (np.abs(metric) @ np.abs(v) + np.abs(gradient))
    assert residual.max() < 1e-14


def test_natural_gradient_follows_the_dtype_and_reads_the_lower_triangle():
    metric, gradient = jnp.asarray([[2.0, 9.0], [1.0, 3.0]], jnp.float32), jnp.asarray([1.0, 0.0], jnp.float32)
    v = natural_gradient(metric, gradient)
    assert v.dtype == jnp.float32
    np.testing.assert_allclose(v, [0.6, -0.2], rtol=1e-6)


def test_natural_gradient_composes():
    batch = jnp.stack([jnp.eye(3), 2.0 * jnp.eye(3)])
    v = jax.jit(jax.vmap(natural_gradient, in_axes=(0, None)))(batch, jnp.ones(3))
    np.testing.assert_array_equal(v, [[1.0] * 3, [0.5] * 3])
    slope = jax.jit(jax.grad(lambda s: natural_gradient(s * jnp.eye(2), jnp.ones(2))[0]))(2.0)
    np.testing.assert_allclose(slope, -0.25)


@pytest.mark.parametrize("dimension", [2, 9])
def test_natural_gradient_is_nan_where_the_metric_is_not_positive_definite(dimension):
    for last in (0.0, -1.0, np.nan):
        metric = jnp.eye(dimension).at[-1, -1].set(last)
        assert np.isnan(jax.jit(natural_gradient)(metric, jnp.ones(dimension))).all()


@pytest.mark.parametrize(
    ("metric", "gradient"), [(np.eye(2), np.ones(3)), (np.ones(2), np.ones(2)), (np.eye(2)[None], np.ones((1, 2)))]
)
def test_natural_gradient_wants_one_point(metric, gradient):
    with pytest.raises(ValueError, match=r"metric has shape .* use jax\.vmap"):
        natural_gradient(metric, gradient)


def test_natural_gradient_wants_floats_of_one_kind():
    with pytest.raises(TypeError, match="metric has dtype int64"):
        natural_gradient(np.eye(2, dtype=int), np.ones(2))
    with pytest.raises(TypeError, match="must agree"):
        natural_gradient(jnp.eye(2, dtype=jnp.float32), np.ones(2))


def test_velocity_points_down():
    field = velocity(lambda _: jnp.diag(jnp.asarray([1.0, 4.0])), lambda theta: jnp.sum(theta**2))
    np.testing.assert_allclose(field(jnp.asarray([1.0, 1.0])), [-2.0, -0.5])


def test_fisher_norm_and_loss():
    p, u = np.asarray([0.25, 0.75]), np.asarray([1.0, -1.0])
    assert fisher_norm(p, u) == pytest.approx(16 / 3)
    kernel = np.asarray(KERNEL)
    lost = fisher_norm(p, u) - fisher_norm(p @ kernel, u @ kernel)
    assert information_loss(kernel, p, u) == pytest.approx(float(lost))


def test_nothing_is_lost_without_change_and_unreached_outputs_do_not_matter():
    p, u = np.asarray([0.5, 0.25, 0.25]), np.asarray([0.5, -0.25, -0.25])
    assert information_loss(np.eye(3), p, u) == 0
    assert information_loss(np.asarray([[1.0, 0, 0], [0, 1.0, 0], [0, 1.0, 0]]), p, u) == 0


@pytest.mark.parametrize("p", [[0.0, 1.0], [-0.5, 1.5], [np.nan, 0.5]])
def test_norm_and_loss_are_nan_outside_the_simplex(p):
    u = np.asarray([0.5, -0.5])
    assert np.isnan(fisher_norm(np.asarray(p), u))
    assert np.isnan(information_loss(np.asarray(KERNEL), np.asarray(p), u))


@pytest.mark.parametrize("row", [[0.5, 0.4, 0.0], [1.5, -0.5, 0.0], [np.nan, 0.5, 0.5]])
def test_loss_is_nan_for_what_is_no_markov_map(row):
    kernel = np.asarray([row, KERNEL[1]])
    assert np.isnan(information_loss(kernel, np.asarray([0.25, 0.75]), np.asarray([1.0, -1.0])))


def test_wrong_shapes_raise():
    with pytest.raises(ValueError, match=r"p has shape \(2,\) and u \(3,\)"):
        fisher_norm(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match=r"kernel has shape \(3, 2\)"):
        information_loss(np.ones((3, 2)), np.ones(2), np.ones(2))


def test_diffeomorphism_has_the_determinant_that_its_form_promises():
    y, linear = jnp.asarray([0.3, -1.2, 0.7]), jnp.asarray(random_metric(3, 5))
    waves, bends = jnp.asarray(np.random.default_rng(6).normal(size=(3, 3))), jnp.asarray([0.5, -0.9, 0.0])
    jacobian = jax.jacfwd(diffeomorphism)(y, linear, waves, bends)
    expected = np.linalg.det(linear) * np.prod(1 + bends / np.cosh(y) ** 2)
    np.testing.assert_allclose(np.linalg.det(jacobian), expected, rtol=1e-12)
    assert np.isnan(diffeomorphism(y, linear, waves, bends.at[1].set(-1.0))).all()


def test_pull_back_keeps_the_order_of_the_indices():
    random = np.random.default_rng(7)
    tensor, jacobian = random.normal(size=(2, 2, 2)), random.normal(size=(2, 2))
    expected = np.einsum("abc,ai,bj,ck->ijk", tensor, jacobian, jacobian, jacobian)
    np.testing.assert_allclose(pull_back(jnp.asarray(tensor), jnp.asarray(jacobian)), expected, rtol=1e-12)


def test_geometry_from_a_divergence():
    # KL of N(0, a^2) and N(0, b^2): g = 2/a^2, Gamma = -1/a, T = 8/a^3.
    def divergence(a, b):
        return jnp.log(b[0] / a[0]) + 0.5 * (a[0] / b[0]) ** 2 - 0.5

    metric, christoffel, skewness = jax.jit(from_divergence(divergence))(jnp.asarray([2.0]))
    np.testing.assert_allclose([metric.item(), christoffel.item(), skewness.item()], [0.5, -0.5, 1.0], rtol=1e-12)
