"""Stirling remainders and approximations of entropies: against other arithmetic, and outside their domains."""

import math

import mpmath
import numpy as np
import pytest

from numerics import stirling
from numerics.entropy_approximation import LAWS, crossing, errors
from reports.figures import entropy_approximation as figure


def test_stirling_remainder_against_mpmath():
    x = np.array([1e-8, 1e-3, 0.1, 0.5, 1.0, 3.7, 9.99, 10.0, 47.0, 1e4, 1e9])
    with mpmath.workdps(60):
        exact, rest = (
            [
                float(mpmath.loggamma(v + 1) - v * mpmath.log(v) + v - half * mpmath.log(2 * mpmath.pi * v) / 2)
                for v in map(mpmath.mpf, x.tolist())
            ]
            for half in (1, 0)
        )
    found = stirling.remainder(x)
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-14)
    np.testing.assert_allclose(stirling.log_factorial_rest(x), rest, rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(stirling.remainder([0.0, -1.0, np.nan, np.inf]), [np.nan, np.nan, np.nan, 0.0])
    np.testing.assert_array_equal(stirling.log_factorial_rest([0.0, -1.0, np.nan]), [0.0, np.nan, np.nan])


@pytest.mark.parametrize("draws", [1e-3, 0.7, 12.0, 3e4])
@pytest.mark.parametrize("name", LAWS)
def test_errors_against_mpmath(name, draws):
    law = LAWS[name](7)
    found = errors(law, draws)
    with mpmath.workdps(50):
        n, weights = mpmath.mpf(draws), [mpmath.mpf(x) for x in law.tolist()]
        # Probabilities of float64 add up to 1 only up to rounding, which counts here.
        p = [x / sum(weights) for x in weights]
        entropy = -sum(x * mpmath.log(x) for x in p)
        logarithm = (mpmath.loggamma(n + 1) - sum(mpmath.loggamma(n * x + 1) for x in p)) / n
        two_pi = 2 * mpmath.pi
        change = (mpmath.log(two_pi * n) - sum(mpmath.log(two_pi * n * x) for x in p)) / (2 * n)
        expected = [float(entropy - logarithm), float(entropy + change - logarithm), float(entropy)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_errors_of_a_type():
    """Ten draws with the counts 5, 3, 2: 2520 arrangements."""
    found = errors([0.5, 0.3, 0.2], 10)
    np.testing.assert_allclose(found.entropy - found.before, math.log(2520) / 10, rtol=1e-13)


@pytest.mark.parametrize("name", LAWS)
def test_laws(name):
    for letters in (2, 3, 1000):
        law = LAWS[name](letters)
        assert law.shape == (letters,)
        assert (law > 0).all()
        np.testing.assert_allclose(law.sum(), 1, rtol=1e-14)
    with pytest.raises(ValueError, match="letters = 1; its domain is letters >= 2"):
        LAWS[name](1)
    with pytest.raises(TypeError, match=r"letters = 2\.0"):
        LAWS[name](2.0)


def test_crossing():
    np.testing.assert_allclose(crossing([0.5, 0.5]), 4 / (2 * math.pi))
    law = [0.7, 0.2, 0.1]
    at, above, below = (errors(law, factor * crossing(law)) for factor in (1.0, 1.01, 0.99))
    np.testing.assert_allclose(at.before, at.after, rtol=1e-12)
    assert above.after < above.before
    assert below.after > below.before


@pytest.mark.parametrize("draws", [0.0, -1.0, math.inf, math.nan])
def test_draws_outside_the_domain_raise(draws):
    with pytest.raises(ValueError, match=f"draws = {draws}"):
        errors([0.5, 0.5], draws)


def test_what_is_no_law_raises():
    for function in (crossing, lambda law: errors(law, 1.0)):
        with pytest.raises(ValueError, match=r"law = \[0.5, 0.4\]"):
            function([0.5, 0.4])


def test_pictures_without_tables_are_none():
    (draw,) = figure.CLAIMS.values()
    assert draw({"checks": [{"tables": []}]}) == []
