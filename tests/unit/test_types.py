"""Types: against rational arithmetic, and outside their domain."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from numerics.types import (
    MOST_TYPES,
    conditioned,
    log_event_probability,
    log_probabilities,
    number_of_types,
    types,
)

LAWS = {
    2: (Fraction(3, 5), Fraction(2, 5)),
    3: (Fraction(1, 2), Fraction(3, 10), Fraction(1, 5)),
    4: (Fraction(1, 100), Fraction(2, 10), Fraction(3, 10), Fraction(49, 100)),
}


def probability(law, counts):
    """As a rational number."""
    ways = math.factorial(sum(counts))
    for count in counts:
        ways //= math.factorial(count)
    return ways * math.prod(p**count for p, count in zip(law, counts, strict=True))


def everything(draws, letters):
    return np.concatenate(list(types(draws, letters, block=17)))


def high_mean(counts):
    """Sums of letters, in integers."""
    letters = counts.shape[1]
    return 3 * (counts @ np.arange(letters)) >= 2 * (letters - 1) * counts.sum(axis=1)


@pytest.mark.parametrize(("draws", "letters"), [(1, 2), (7, 2), (9, 3), (6, 4), (4, 6)])
def test_all_types_once(draws, letters):
    found = everything(draws, letters)
    assert len(found) == len({tuple(row) for row in found.tolist()}) == number_of_types(draws, letters)
    assert found.min() == 0
    assert (found.sum(axis=1) == draws).all()


@pytest.mark.parametrize(("draws", "letters"), [(1, 3), (60, 2), (25, 3), (12, 4)])
def test_probabilities_against_rational_arithmetic(draws, letters):
    law, counts = LAWS[letters], everything(draws, letters)
    exact = [probability(law, row) for row in counts.tolist()]
    found = np.exp(log_probabilities([float(p) for p in law], counts))
    np.testing.assert_allclose(found, [float(p) for p in exact], rtol=1e-12)
    inside = [p for p, row in zip(exact, counts, strict=True) if high_mean(row[None])[0]]
    event = log_event_probability([float(p) for p in law], draws, high_mean)
    np.testing.assert_allclose(math.exp(event), float(sum(inside)), rtol=1e-12)


@pytest.mark.parametrize("draws", [1000, 3000])
def test_tails_of_many_draws(draws):
    exact = sum(math.comb(draws, j) * 2**j * 3 ** (draws - j) for j in range(3 * draws // 5, draws + 1))
    with mpmath.workdps(40):
        expected = float(mpmath.log(exact) - draws * mpmath.log(5))
    found = log_event_probability((0.6, 0.4), draws, lambda counts: 5 * counts[:, 1] >= 3 * draws)
    assert abs(found - expected) < 1e-12


def test_laws_given_an_event_against_all_sequences():
    law = LAWS[3]
    for draws in (1, 4):
        sequences = np.stack(np.meshgrid(*[range(3)] * draws, indexing="ij"), axis=-1).reshape(-1, draws)
        counts = np.stack([(sequences == letter).sum(axis=1) for letter in range(3)], axis=1)
        weights = np.array([float(math.prod(law[x] for x in row)) for row in sequences]) * high_mean(counts)
        found = conditioned([float(p) for p in law], draws, high_mean)
        letter = np.bincount(sequences[:, 0], weights, minlength=3) / weights.sum()
        np.testing.assert_allclose(found.letter, letter, rtol=1e-13)
        np.testing.assert_allclose(math.exp(found.log_probability), weights.sum(), rtol=1e-13)
        if draws == 1:
            assert np.isnan(found.pair).all()
            continue
        pair = np.bincount(3 * sequences[:, 0] + sequences[:, 1], weights, minlength=9).reshape(3, 3)
        np.testing.assert_allclose(found.pair, pair / weights.sum(), rtol=1e-13, atol=1e-16)


def test_impossible_events():
    assert log_event_probability((0.5, 0.5), 3, lambda counts: counts[:, 0] > 3) == -math.inf
    with pytest.raises(ValueError, match="event contains no type of 3 draws"):
        conditioned((0.5, 0.5), 3, lambda counts: counts[:, 0] > 3)


def test_too_many_types_are_refused_with_their_number():
    number = number_of_types(1000, 4)
    assert number == math.comb(1003, 3) > MOST_TYPES
    with pytest.raises(ValueError, match=f"1000 draws from 4 letters have {number} types"):
        types(1000, 4)
    with pytest.raises(ValueError, match=f"{number}"):
        log_event_probability([0.25] * 4, 1000, high_mean)


@pytest.mark.parametrize(
    ("law", "counts", "error", "named"),
    [
        ((0.5, 0.6), [[1, 1]], ValueError, r"law = \[0.5, 0.6\]"),
        ((1.0, 0.0), [[1, 1]], ValueError, "law = "),
        ((0.5, np.nan), [[1, 1]], ValueError, "law = "),
        ((1.0,), [[1]], ValueError, "law has shape"),
        ((0.5, 0.5), [[1.0, 1.0]], TypeError, "counts have dtype float64"),
        ((0.5, 0.5), [[1, 1, 1]], ValueError, "counts have shape"),
        ((0.5, 0.5), [[2, -1]], ValueError, "counts have the least entry -1"),
        ((0.5, 0.5), [[0, 0]], ValueError, "least total 0"),
    ],
)
def test_what_is_no_law_or_no_counts_raises(law, counts, error, named):
    with pytest.raises(error, match=named):
        log_probabilities(law, np.array(counts))


@pytest.mark.parametrize(
    ("draws", "letters", "error", "named"),
    [(0, 2, ValueError, "draws = 0"), (3, 1, ValueError, "letters = 1"), (3, 7, ValueError, "letters = 7"),
     (3.0, 2, TypeError, "draws = 3.0"), (True, 2, TypeError, "draws = True")],
)  # fmt: skip
def test_numbers_outside_the_domain_raise(draws, letters, error, named):
    with pytest.raises(error, match=named):
        number_of_types(draws, letters)
