"""The mean-field bound and its ascent: one spin, two spins, domain, derivatives, dtypes and shapes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.mean_field import mean_field_ascent, mean_field_bound

FIELDS = np.array([0.3, -0.2, 0.1])
COUPLINGS = np.array([[0.0, 0.5, -0.4], [0.5, 0.0, 0.7], [-0.4, 0.7, 0.0]])
MEANS = np.array([0.2, -0.5, 0.9])


@pytest.fixture(autouse=True)
def strict():
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


def test_free_spins_are_exact():
    """``log Z = sum log(2 cosh(h/T))``, at the means ``tanh(h/T)``, after one sweep."""
    means = mean_field_ascent(FIELDS, np.zeros((3, 3)), MEANS, 0.5, sweeps=1)
    np.testing.assert_allclose(means, [MEANS, np.tanh(FIELDS / 0.5)], rtol=1e-15)
    exact = np.sum(np.log(2 * np.cosh(FIELDS / 0.5)))
    np.testing.assert_allclose(mean_field_bound(FIELDS, np.zeros((3, 3)), means[1], 0.5), exact, rtol=1e-15)


def test_two_spins_at_a_known_point():
    """J/T = (5/3) log 2 has the stationary means 3/5, where the bound is above that at 0 by log(5^10/2^23)/5."""
    fields, couplings = np.zeros(3), np.zeros((3, 3))
    couplings[0, 1] = 5 * np.log(2)
    start = np.array([1.0, 0.1, 0.0])
    means = mean_field_ascent(fields, couplings, start, 3.0, sweeps=200)
    np.testing.assert_allclose(means[-1], [0.6, 0.6, 0.0], rtol=1e-12)
    rise = mean_field_bound(fields, couplings, means[-1], 3.0) - mean_field_bound(fields, couplings, 0 * start, 3.0)
    np.testing.assert_allclose(rise, np.log(5**10 / 2**23) / 5, rtol=1e-12)


def test_only_what_is_above_the_diagonal_is_read():
    plain = mean_field_bound(FIELDS, COUPLINGS, MEANS)
    np.testing.assert_array_equal(mean_field_bound(FIELDS, np.triu(COUPLINGS, 1) + 7 * np.eye(3), MEANS), plain)


def test_certain_spins_have_no_entropy():
    up = np.ones(3)
    energy = -np.sum(FIELDS) - np.sum(np.triu(COUPLINGS, 1))
    np.testing.assert_allclose(mean_field_bound(FIELDS, COUPLINGS, up, 2.0), -energy / 2, rtol=1e-15)


def test_the_gradient_is_the_field_less_its_inverse():
    slope = jax.grad(lambda m: mean_field_bound(FIELDS, COUPLINGS, m))(jnp.asarray(MEANS))
    np.testing.assert_allclose(slope, FIELDS + COUPLINGS @ MEANS - np.arctanh(MEANS), rtol=1e-13)


@pytest.mark.parametrize(
    "change", [{"temperature": 0.0}, {"temperature": -1.0}, {"means": np.array([0.0, 1.1, 0.0])}], ids=str
)
def test_outside_the_domain_is_nan(change):
    arguments = {"fields": FIELDS, "couplings": COUPLINGS, "means": MEANS, "temperature": 1.0} | change
    assert np.isnan(mean_field_bound(**arguments))
    assert np.isnan(mean_field_ascent(**arguments, sweeps=1)[0]).all()


def test_batches_and_dtypes():
    batch = jax.vmap(lambda t: mean_field_bound(FIELDS, COUPLINGS, MEANS, t))(jnp.array([0.5, 2.0]))
    np.testing.assert_allclose(batch, [mean_field_bound(FIELDS, COUPLINGS, MEANS, t) for t in (0.5, 2.0)], rtol=1e-15)
    assert mean_field_bound(*(a.astype(np.float32) for a in (FIELDS, COUPLINGS, MEANS))).dtype == np.float32


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        ({"fields": np.ones((1, 3))}, ValueError, "fields has shape"),
        ({"couplings": np.ones(3)}, ValueError, "couplings has shape"),
        ({"means": np.ones(2)}, ValueError, "means has shape"),
        ({"temperature": np.ones(1)}, ValueError, "temperature has shape"),
        ({"means": np.array([1, 0, 0])}, TypeError, "means has dtype int"),
        ({"means": np.ones(3, np.float32)}, TypeError, "must agree"),
    ],
)
def test_wrong_shapes_and_dtypes_raise(change, error, named):
    arguments = {"fields": FIELDS, "couplings": COUPLINGS, "means": MEANS, "temperature": 1.0} | change
    with pytest.raises(error, match=named):
        mean_field_bound(**arguments)


def test_sweeps_are_counted():
    with pytest.raises(ValueError, match="sweeps = -1"):
        mean_field_ascent(FIELDS, COUPLINGS, MEANS, sweeps=-1)
