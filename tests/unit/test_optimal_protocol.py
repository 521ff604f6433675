"""The optimal protocol: closed forms in one dimension, laws that stay, and its domain."""

import jax.numpy as jnp
import numpy as np
import pytest

from numerics.optimal_protocol import optimal_protocol

ONE = jnp.ones((1, 1))
LINE = {
    "mean": jnp.zeros(1), "covariance": ONE, "end_mean": jnp.ones(1), "end_covariance": 4.0 * ONE,
    "temperature": 0.5, "mobility": 2.0, "duration": 3.0,
}  # fmt: skip


def test_a_line():
    """The deviation grows evenly from 1 to 2 and the mean from 0 to 1: ``W2^2 = 2``."""
    protocol = optimal_protocol(**LINE)
    np.testing.assert_allclose(protocol.entropy_production(), 2 / 6, rtol=1e-14)
    for t in (0.0, 1.5, 3.0):
        deviation, pace = 1 + t / 3, 1 / 6
        curvature = 0.5 / deviation**2 - pace / deviation
        np.testing.assert_allclose(protocol.curvature(t), [[curvature]], rtol=1e-13)
        np.testing.assert_allclose(protocol.force(t), [curvature * t / 3 + pace], rtol=1e-13)


def test_a_law_that_stays_is_held_by_its_own_objective():
    covariance = jnp.asarray([[2.0, 0.3], [0.3, 0.5]])
    mean = jnp.asarray([1.0, -2.0])
    protocol = optimal_protocol(mean, covariance, mean, covariance, 0.7, 1.0, 1.0)
    np.testing.assert_allclose(protocol.curvature(0.4), 0.7 * np.linalg.inv(covariance), rtol=1e-12)
    np.testing.assert_allclose(protocol.entropy_production(), 0.0, atol=1e-28)


@pytest.mark.parametrize(
    "change", [{"temperature": -1.0}, {"mobility": 0.0}, {"duration": 0.0}, {"end_covariance": -ONE}], ids=str
)
def test_outside_the_domain_is_nan(change):
    protocol = optimal_protocol(**(LINE | change))
    assert np.isnan(protocol.entropy_production())
    assert np.isnan(protocol.force(0.5)).all()


@pytest.mark.parametrize("t", [-0.1, 3.1])
def test_times_outside_the_transport_are_nan(t):
    assert np.isnan(optimal_protocol(**LINE).force(t)).all()


def test_shapes_that_do_not_agree_raise():
    with pytest.raises(ValueError, match="must have shape"):
        optimal_protocol(**(LINE | {"end_mean": jnp.ones(2)}))
