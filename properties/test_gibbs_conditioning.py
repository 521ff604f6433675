"""Claims about draws, given that their type lies in a set of laws."""

import math
from fractions import Fraction
from functools import cache
from itertools import product

import hypothesis.strategies as st
import numpy as np
import sympy as sp
from scipy.special import rel_entr

from derivations import gibbs_conditioning
from numerics.sanov import half_space
from numerics.types import conditioned
from properties.checks import agree, at_most, decided, derived, fact, table
from properties.claims import claim

# Law, and the least mean of the letters 0, 1, ... in fifths.
EXAMPLES = {"two letters": ((0.6, 0.4), 3), "three letters": ((0.5, 0.3, 0.2), 6)}
DRAWS = (80, 160, 320, 640, 1280)


@claim(
    "gibbs-conditioning",
    evidence="exact",
    information=sp.Integer(1),
    falsifiers={"independent draws": {"information": sp.Integer(0)}},
)
def test_convex_set(information):
    derived(gibbs_conditioning.convex_set(information))


@claim(
    "gibbs-conditioning",
    evidence="property",
    given={"letters": st.integers(2, 4), "draws": st.integers(2, 40), "seed": st.integers(0, 2**32 - 1)},
    pairs=lambda draws: draws // 2,
    tilt=1.0,
    falsifiers={"all pairs of draws": {"pairs": lambda draws: math.comb(draws, 2)}, "the law itself": {"tilt": 0.0}},
)
def test_divergence_from_the_nearest_law(letters, draws, seed, pairs, tilt):
    """Random half-spaces: divergences of one draw and of two draws against what the probability allows."""
    random = np.random.default_rng([seed, letters, draws])
    law = random.dirichlet(np.ones(letters)) * 0.95 + 0.05 / letters
    law /= law.sum()
    statistic = random.normal(size=letters)
    bound = random.uniform(law @ statistic, statistic.max())
    nearest = half_space(law, statistic, bound)
    found = conditioned(law, draws, lambda counts: counts @ statistic >= draws * bound)
    one = tilt * nearest.law + (1 - tilt) * law
    allowed = -found.log_probability - draws * nearest.rate
    at_most(draws * rel_entr(found.letter, one).sum(), allowed, slack=1e-12)
    at_most(pairs(draws) * rel_entr(found.pair, np.outer(one, one)).sum(), allowed, slack=1e-12)


@claim(
    "gibbs-conditioning",
    evidence="property",
    letters=(0.0, 0.5, 0.5),
    falsifiers={"the other letter too": {"letters": (0.02, 0.49, 0.49)}},
)
def test_equality(letters):
    """Where only two letters are left, the draws are independent from them and the probability allows no divergence."""
    law, statistic = (0.5, 0.25, 0.25), np.array([0, 1, 1])
    nearest = half_space(law, statistic, 1.0)
    agree(nearest.law, letters, tolerance=1e-14, scale=1.0)
    for draws in (2, 9, 60):
        found = conditioned(law, draws, lambda counts, n=draws: counts @ statistic >= n)
        agree(-found.log_probability, draws * nearest.rate, tolerance=1e-13)
        agree(found.letter, letters, tolerance=1e-13, scale=1.0)
        agree(found.pair, np.outer(letters, letters), tolerance=1e-13, scale=1.0)


@claim(
    "gibbs-conditioning-rate",
    evidence="exact",
    change={},
    falsifiers={
        "no skewness": {"change": {"skewness": sp.Integer(0)}},
        "no overshoot": {"change": {"overshoot": sp.Integer(0)}},
    },
)
def test_first_order(change):
    derived(gibbs_conditioning.first_order(**change))


@cache
def _given_the_mean(name):
    law, fifths = EXAMPLES[name]
    letters = np.arange(len(law))
    nearest = half_space(law, letters, fifths / 5)
    found = [conditioned(law, n, lambda counts, n=n: 5 * (counts @ letters) >= fifths * n) for n in DRAWS]
    return letters - fifths / 5, nearest, found


def _first_order(u, nearest, skewness, overshoot):
    """``s a(u)`` of the derivation, shape (k,)."""
    variance, third = nearest.law @ u**2, nearest.law @ u**3
    mean = overshoot / math.expm1(nearest.tilt)
    return nearest.law * (0.5 - u**2 / (2 * variance) + u * (mean / variance + skewness * third / (2 * variance**2)))


@claim(
    "gibbs-conditioning-rate",
    evidence="property",
    skewness=1.0,
    overshoot=1.0,
    order=-1.0,
    falsifiers={
        "no skewness": {"skewness": 0.0},
        "no overshoot": {"overshoot": 0.0},
        "the order of one over the root of n": {"order": -0.5},
    },
)
def test_total_variation_by_enumeration(skewness, overshoot, order):
    """80 to 1280 draws: n times the distance against its limit, and the slope of its logarithm by log n."""
    rows = []
    for name in EXAMPLES:
        u, nearest, found = _given_the_mean(name)
        limit = _first_order(u, nearest, skewness, overshoot)
        distances = np.array([0.5 * np.abs(one.letter - nearest.law).sum() for one in found])
        slopes = np.diff(np.log(distances)) / math.log(2)
        for n, one in zip(DRAWS, found, strict=True):
            # The next order: 11.8/n at most.
            agree(n * (one.letter - nearest.law), limit, tolerance=15 / n, scale=1.0)
        # 10.3/n at most.
        agree(slopes, np.full(len(slopes), order), tolerance=1.0, scale=12 / np.array(DRAWS[:-1]))
        fact(f"limit of n times the total variation, {name}", f"{0.5 * np.abs(limit).sum():.9f}")
        rows += [
            [name, n, f"{distance:.8f}", f"{n * distance:.6f}"] for n, distance in zip(DRAWS, distances, strict=True)
        ]
    table("Total variation from the nearest law", ["law", "draws", "total variation", "times n"], rows)


@claim(
    "gibbs-conditioning-rate",
    evidence="property",
    correlation=-1.0,
    falsifiers={"independent draws": {"correlation": 0.0}, "positive correlation": {"correlation": 1.0}},
)
def test_pairs_by_enumeration(correlation):
    """The difference, times n, between the law of a pair and the product of its marginal laws."""
    for name in EXAMPLES:
        u, nearest, found = _given_the_mean(name)
        s = nearest.law
        limit = correlation * np.outer(s * u, s * u) / (s @ u**2)
        for n, one in zip(DRAWS, found, strict=True):
            dependence = n * (one.pair - np.outer(one.letter, one.letter))
            # The next order: 1.4/n at most.
            agree(dependence, limit, tolerance=2 / n, scale=1.0)
        fact(f"limit of n times the total variation from independent draws, {name}", f"{0.5 * np.abs(limit).sum():.9f}")


@claim(
    "gibbs-conditioning-any-set",
    evidence="exact",
    weight=sp.Rational(1, 2),
    falsifiers={"one side": {"weight": sp.Integer(1)}, "a third": {"weight": sp.Rational(1, 3)}},
)
def test_two_sides(weight):
    derived(gibbs_conditioning.two_sides(weight))


def _sequences(draws, least):
    """Moments of the first two of n uniform draws from -1, 0, 1, given a sum of at least so much, in rational numbers."""
    inside = [x for x in product((-1, 0, 1), repeat=draws) if any(2 * sum(x) * sign >= draws for sign in least)]
    mean = Fraction(sum(x[0] for x in inside), len(inside))
    return mean, Fraction(sum(x[0] * x[1] for x in inside), len(inside))


@claim(
    "gibbs-conditioning-any-set",
    evidence="counterexample",
    sides=(1, -1),
    falsifiers={"one side, a convex set": {"sides": (1,)}},
)
def test_two_sides_in_numbers(sides):
    """All sequences of up to nine draws in rational numbers; 400 draws by types."""
    for draws in (6, 8, 9):
        mean, together = _sequences(draws, sides)
        fact(f"{draws} draws", f"E[x1] = {mean}, E[x1 x2] = {together}")
        decided(mean == 0, "the mean of a draw is 0, while it is 1/2 under the nearest laws")
        decided(
            together >= Fraction(draws - 4, 4 * (draws - 1)) > 0, f"E[x1 x2] = {together} >= (n - 4)/(4 (n - 1)) > 0"
        )
    letters, root = np.array([-1, 0, 1]), math.sqrt(13)
    found = conditioned([1 / 3] * 3, 400, lambda counts: 2 * np.abs(counts @ letters) >= 400)
    limit = np.array([8 - root, 2 * root - 4, 8 - root]) / 12
    # Both are of order 1/n: 0.05/n and 0.28/n.
    agree(found.letter, limit, tolerance=0.1 / 400, scale=1.0)
    agree(letters @ found.pair @ letters, 0.25, tolerance=0.6 / 400, scale=1.0)
