"""Nearest laws of half-spaces, against closed forms and outside their domain."""

import math

import numpy as np
import pytest

from numerics.sanov import half_space, lattice_prefactor


def test_half_spaces():
    nearest = half_space((0.5, 0.3, 0.2), (0, 1, 2), 1.2)
    root = 969**0.5
    np.testing.assert_allclose(
        nearest.law, [(169 - 3 * root) / 310, (3 * root - 45) / 155, (231 - 3 * root) / 310], rtol=1e-13
    )
    np.testing.assert_allclose(math.exp(nearest.tilt), (3 + root) / 16, rtol=1e-13)
    inside = half_space((0.5, 0.3, 0.2), (0, 1, 2), 0.7)
    assert (inside.rate, inside.tilt) == (0.0, 0.0)
    edge = half_space((0.5, 0.25, 0.25), (0, 1, 1), 1.0)
    assert edge.tilt == math.inf
    np.testing.assert_allclose(edge.law, [0, 0.5, 0.5])
    np.testing.assert_allclose(edge.rate, math.log(2))
    near = half_space((0.5, 0.3, 0.2), (0, 1e-6, 2e-6), 2e-6 * (1 - 1e-12))
    np.testing.assert_allclose(near.rate, -math.log(0.2), rtol=1e-9)


@pytest.mark.parametrize(
    ("statistic", "bound", "named"),
    [((0, 1), 2.0, r"bound = 2.0; its domain is bound <= 1.0"), ((0, 1), np.nan, "bound = nan"),
     ((0, 1, 2), 0.5, "statistic = "), ((0, np.inf), 0.5, "statistic = ")],
)  # fmt: skip
def test_half_spaces_outside_the_domain_raise(statistic, bound, named):
    with pytest.raises(ValueError, match=named):
        half_space((0.5, 0.5), statistic, bound)


def test_factors_outside_the_domain_raise():
    nearest = half_space((0.5, 0.5), (0, 2), 1.5)
    for statistic, named in (((0, 2), "statistic"), ((0.0, 1.0), "statistic")):
        with pytest.raises(ValueError, match=named):
            lattice_prefactor(nearest, statistic)
    with pytest.raises(ValueError, match="tilt = 0"):
        lattice_prefactor(half_space((0.5, 0.5), (0, 1), 0.5), (0, 1))
