"""Kinetic energies of paths to finite data sets against closed forms and adaptive quadrature; domains and shapes."""

import numpy as np
import pytest
from scipy.integrate import quad

from numerics.kinetic_optimal_paths import kinetic_energy, optimal_angle, optimal_path, separation


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0, 4.0, 30.0])
def test_separation_of_two_opposite_points(ratio):
    def square(z):
        return np.tanh(ratio * (ratio + z)) ** 2 * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    expected = quad(square, -9, 9, epsabs=1e-13, epsrel=1e-13, limit=500, points=[-ratio] if ratio < 9 else None)[0]
    np.testing.assert_allclose(separation([1.0, -1.0], ratio), expected, rtol=1e-12, atol=1e-13)


def test_one_point_in_many_dimensions():
    a, m = np.array([[0.3, 0.5]]), np.array([[0.7, 1.5]])
    found = kinetic_energy([np.sqrt(5.0)], a, m, 2 * a, -m, 5)
    np.testing.assert_allclose(found, (2 * a) ** 2 + m**2, rtol=1e-13)
    assert found.shape == a.shape
    np.testing.assert_allclose(optimal_angle([np.sqrt(5.0)], 5), np.pi / 2, rtol=1e-14)


def test_the_optimal_path_goes_from_noise_to_data():
    for points, d in (([1.0, -1.0], 1), ([0.0, 2.0], 2), ([3.0, -3.0], 9)):
        a, m = optimal_path(points, np.array([0.0, 0.5, 1.0]), d)
        np.testing.assert_allclose([a[0], m[0], a[2], m[2]], [0, 1, 1, 0], atol=1e-12)
        np.testing.assert_allclose(np.hypot(a[1], m[1]), np.cos(optimal_angle(points, d) / 2), rtol=1e-12)


def test_data_far_apart_are_single_points():
    """Between points 2 s apart, s noise deviations from their middle, doubt falls as exp(-s^2/2)."""
    np.testing.assert_allclose(separation([30.0, -30.0], 1.0, 900), 1.0, rtol=1e-14)
    assert optimal_angle([30.0, -30.0], 900) < np.pi / 2


def test_domains_and_shapes():
    one = np.ones(2)
    with pytest.raises(ValueError, match=r"points has shape \(0,\)"):
        kinetic_energy([], one, one, one, one)
    with pytest.raises(ValueError, match="dimension = 0; its domain"):
        separation([1.0], 1.0, 0)
    with pytest.raises(ValueError, match="must agree"):
        kinetic_energy([1.0], one, one, one, np.ones(3))
    with pytest.raises(ValueError, match=r"m = \[1.0, 0.0\]; its domain"):
        kinetic_energy([1.0], one, np.array([1.0, 0.0]), one, one)
    with pytest.raises(ValueError, match=r"mean square 4\.0; its domain is data of mean square 1"):
        optimal_angle([2.0, -2.0])
