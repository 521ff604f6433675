"""Residuals of curvature identities: small for correct metrics, of order one for wrong ones, and clear errors."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.curvature_identities import IDENTITIES, curvature_identities, geometry_at

X = np.array([0.7, 1.1, 0.3])


def sphere(x):
    first, second = jnp.sin(x[0]) ** 2, jnp.sin(x[0]) ** 2 * jnp.sin(x[1]) ** 2
    return jnp.diag(jnp.stack([jnp.ones_like(x[0]), first, second]))


def hyperbolic(x):
    return jnp.eye(3, dtype=x.dtype) / x[2] ** 2


def flat_in_spherical_coordinates(x):
    return jnp.diag(jnp.stack([jnp.ones_like(x[0]), x[0] ** 2, x[0] ** 2 * jnp.sin(x[1]) ** 2]))


def constant(x):
    return jnp.asarray([[2.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]], x.dtype)


def not_symmetric(x):
    return hyperbolic(x) + jnp.zeros((3, 3), x.dtype).at[0, 1].set(0.1 * x[0] * x[1])


@jax.custom_jvp
def winding(x, y):
    """A value whose stated derivative is not a gradient."""
    return x * y


winding.defjvp(lambda primals, tangents: (winding(*primals), primals[1] * tangents[0] - primals[0] * tangents[1]))


def not_a_gradient(x):
    return 2 * jnp.eye(3, dtype=x.dtype) + jnp.zeros((3, 3), x.dtype).at[2, 2].set(winding(x[0], x[1]))


SPACES = (sphere, hyperbolic, flat_in_spherical_coordinates, constant, not_symmetric, not_a_gradient)


@cache
def computed():
    """The residuals of all spaces, and the Riemann tensor of the sphere and of its negative; compiled together."""

    def at(x, which):
        def metric(y):
            return jnp.stack([space(y) for space in SPACES])[which]

        here = geometry_at(metric, x)
        curvature = [here.residual("R_ijkl", right) for right in ("g_ik g_jl - g_il g_jk", "g_il g_jk - g_ik g_jl")]
        return {name: here.residual(*sides) for name, sides in IDENTITIES.items()}, curvature

    batched = jax.vmap(at, in_axes=(None, 0))
    compiled = jax.jit(batched, compiler_options={"xla_backend_optimization_level": 0})
    residuals, curvature = compiled(X, np.arange(len(SPACES)))
    return {name: np.asarray(value) for name, value in residuals.items()}, [np.asarray(value) for value in curvature]


def largest(residuals, index=...):
    return max(float(np.max(np.abs(array[index]))) for array in residuals.values())


@pytest.mark.slow
@pytest.mark.parametrize("space", range(4), ids=[space.__name__ for space in SPACES[:4]])
def test_correct_metrics_leave_rounding(space):
    # These four leave 1e-16.
    assert largest(computed()[0], space) < 2e-15


def test_residuals_have_an_axis_for_every_free_index():
    residuals = computed()[0]
    assert set(residuals) == set(IDENTITIES)
    assert residuals["second_bianchi"][0].shape == (3,) * 5
    assert residuals["contracted_bianchi"][0].shape == (3,)


def test_curvature_of_the_sphere_is_the_stated_one():
    right, wrong = computed()[1]
    assert np.max(np.abs(right[0])) < 1e-15
    assert np.max(np.abs(wrong[0])) > 0.1


def test_a_metric_that_is_not_symmetric_is_noticed():
    assert np.max(np.abs(computed()[0]["metric_compatibility"][4])) > 1e-3


def test_derivatives_that_do_not_commute_are_noticed():
    assert largest(computed()[0], 5) > 1e-3


def half_plane(x):
    return jnp.eye(2, dtype=x.dtype) / x[1] ** 2


@pytest.mark.slow
def test_batches_in_float32_with_a_field_of_ones_own():
    residuals = curvature_identities(half_plane, lambda x: x**2 - jnp.roll(x, 1))
    batch = jax.vmap(residuals)(np.array([[0.3, 1.2], [1.3, 2.2]], np.float32))
    assert batch["commutator_of_vectors"].shape == (2, 2, 2, 2)
    assert all(array.dtype == jnp.float32 for array in batch.values())
    assert largest(batch) < 1e-6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: curvature_identities(3), TypeError, "metric_function must be callable, not int"),
        (lambda: curvature_identities(sphere, field=3), TypeError, "field must be callable"),
        (lambda: curvature_identities(sphere)(np.ones((2, 3))), ValueError, r"x has shape \(2, 3\)"),
        (lambda: curvature_identities(lambda x: x)(X), ValueError, "metric_function returns shape"),
        (lambda: curvature_identities(sphere, lambda x: x[:2])(X), ValueError, "field returns shape"),
    ],
)
def test_errors_name_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()
