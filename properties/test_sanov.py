"""Claims about the probability that the type of n draws lies in a set of laws."""

import math
from fractions import Fraction
from itertools import product

import hypothesis.strategies as st
import numpy as np
import sympy as sp
from scipy.optimize import minimize
from scipy.special import logsumexp, rel_entr

from derivations import sanov
from numerics.sanov import half_space, lattice_prefactor
from numerics.types import log_event_probability, log_probabilities, number_of_types, types
from properties.checks import agree, at_most, decided, derived, fact, sampled, table
from properties.claims import claim

# Law, and the least mean of the letters 0, 1, ... in fifths.
EXAMPLES = {"two letters": ((0.6, 0.4), 3), "three letters": ((0.5, 0.3, 0.2), 6)}
SEEDS = st.integers(0, 2**32 - 1)


@claim(
    "sanov-convex",
    evidence="exact",
    change={},
    falsifiers={
        "twice the divergence": {"change": {"weight": sp.Integer(2)}},
        "the square of the likelihood ratio": {"change": {"power": sp.Integer(2)}},
    },
)
def test_convex_set(change):
    derived(sanov.convex_set(**change))


def _binomial_tail(draws):
    """The probability of at least 3/5 ones among n draws from (3/5, 2/5), as a rational number."""
    p, q = Fraction(2, 5), Fraction(3, 5)
    return sum(math.comb(draws, j) * p**j * q ** (draws - j) for j in range(3 * draws // 5, draws + 1))


@claim(
    "sanov-convex",
    evidence="exact",
    fifths=1,
    factor=Fraction(1),
    falsifiers={"twice the rate": {"fifths": 2}, "a smaller factor": {"factor": Fraction(1, 4)}},
)
def test_two_letters_in_rational_numbers(fifths, factor):
    """Where 5 divides n, exp(-n D*) is (2/3)^(n/5): exact comparisons, up to 300 draws; and equality where all draws agree."""
    for draws in (5, 10, 50, 300):
        tail = _binomial_tail(draws)
        decided(
            tail <= factor * Fraction(2, 3) ** (fifths * draws // 5), f"P(mean >= 3/5) <= exp(-n D*) for n = {draws}"
        )
    nearest = half_space((0.6, 0.4), (0, 1), 1.0)
    for draws in (1, 7, 100):
        of_all = log_event_probability((0.6, 0.4), draws, lambda counts: counts[:, 0] == 0)
        agree(of_all, -draws * nearest.rate, tolerance=1e-13)


def _dual(law, statistics, bounds):
    """A lower bound of the least divergence from an intersection of half-spaces: the best that was found of the dual."""

    def negative(multipliers):
        logs = np.log(law) + multipliers @ statistics
        total = logsumexp(logs)
        return total - multipliers @ bounds, statistics @ np.exp(logs - total) - bounds

    start = np.zeros(len(bounds))
    found = minimize(negative, start, jac=True, method="L-BFGS-B", bounds=[(0, 300)] * len(bounds), tol=1e-14)
    return max(-float(found.fun), 0.0)


@claim(
    "sanov-convex",
    evidence="property",
    given={"letters": st.integers(2, 4), "draws": st.integers(1, 40), "seed": SEEDS},
    rate=1.0,
    power=0.0,
    falsifiers={"twice the rate": {"rate": 2.0}, "a factor 1/n": {"power": 1.0}},
)
def test_intersections_of_half_spaces(letters, draws, seed, rate, power):
    """Two half-spaces about a random law; every multiplier gives a bound, so the search for the best adds no error."""
    random = np.random.default_rng([seed, letters, draws])
    law, inside = random.dirichlet(np.ones(letters)) * 0.99 + 0.01 / letters, random.dirichlet(np.ones(letters))
    law /= law.sum()
    statistics = random.normal(size=(2, letters))
    bounds = statistics @ inside
    divergence = _dual(law, statistics, bounds)
    reached = log_event_probability(law, draws, lambda counts: np.all(counts @ statistics.T >= draws * bounds, axis=1))
    # Rounding of the sums over 40 draws.
    at_most(reached, -rate * draws * divergence - power * math.log(draws), slack=1e-13)


@claim(
    "sanov-any-set",
    evidence="exact",
    change={},
    falsifiers={"no factor": {"change": {"factor": sp.Integer(1)}}, "k - 1": {"change": {"factor": sp.Integer(2)}}},
)
def test_vertices(change):
    derived(sanov.vertices(3, **change))


@claim(
    "sanov-any-set",
    evidence="exact",
    letters=3,
    falsifiers={"one power less": {"letters": 2}},
)
def test_every_set(letters):
    derived(sanov.every_set(letters))


@claim(
    "sanov-any-set",
    evidence="counterexample",
    vertices=3,
    falsifiers={"a convex set: one vertex": {"vertices": 1}},
)
def test_all_draws_alike(vertices):
    """The uniform law of three letters and the set of so many vertices: all sequences of up to eight draws are counted."""
    letter = Fraction(1, 3)
    for draws in (1, 2, 5, 8):
        inside = sum(set(x) in [{v} for v in range(vertices)] for x in product(range(3), repeat=draws))
        # The divergence of each vertex is -ln(1/3).
        probability, bound = inside * letter**draws, letter**draws
        decided(probability == 3 * bound, f"P = {probability} = 3 exp(-n D*) for n = {draws}")
    fact("eight draws", f"P = {probability}, exp(-n D*) = {bound}")


@claim(
    "sanov-any-set",
    evidence="property",
    given={"letters": st.integers(2, 5), "draws": st.integers(1, 12), "seed": SEEDS},
    above=1.0,
    falsifiers={"no factor": {"above": 0.0}},
)
def test_random_sets_of_types(letters, draws, seed, above):
    """Any set of types: its probability is at most its number of types, at most (n+1)^(k-1), times exp(-n D*)."""
    random = np.random.default_rng([seed, letters, draws])
    law = random.dirichlet(np.ones(letters)) * 0.9 + 0.1 / letters
    law /= law.sum()
    counts = np.concatenate(list(types(draws, letters)))
    chosen = counts[random.uniform(size=len(counts)) < random.uniform()]
    if not len(chosen):
        chosen = counts[:1]
    divergence = rel_entr(chosen / draws, law).sum(axis=1)
    reached = float(logsumexp(log_probabilities(law, chosen)))
    at_most(reached, above * math.log(len(chosen)) - draws * divergence.min(), slack=1e-13)
    decided(number_of_types(draws, letters) <= (draws + 1) ** (letters - 1), "at most (n+1)^(k-1) types")


@claim(
    "sanov-any-set",
    evidence="property",
    each=0.5,
    beyond=3,
    falsifiers={
        "a constant factor": {"each": 0.0},
        "the number of types": {"each": 1.0, "beyond": 1},
    },
)
def test_outside_of_a_ball(each, beyond):
    """Laws whose divergence from the uniform law is at least 1/5: by which power of n the factor grows, types being coarse."""
    rows = []
    for letters, ends in ((3, (50, 400)), (4, (25, 100)), (5, (12, 48))):
        uniform = np.full(letters, 1 / letters)
        first, last = (
            log_event_probability(uniform, n, lambda c, n=n, law=uniform: rel_entr(c / n, law).sum(axis=1) >= 0.2)
            + 0.2 * n
            for n in ends
        )
        slope = (last - first) / math.log(ends[1] / ends[0])
        # 0.14 was measured; between n and 2 n the slope of few draws strays as far as 0.2.
        agree(slope, each * (letters - beyond), tolerance=0.25, scale=1.0)
        rows += [[letters, n, f"{math.exp(log):.4f}"] for n, log in zip(ends, (first, last), strict=True)]
    table("Factor outside of a ball", ["letters", "draws", "P exp(n D*)"], rows)


@claim(
    "sanov-rate",
    evidence="exact",
    change={},
    falsifiers={
        "the tilt of another law": {"change": {"two": sp.Rational(3, 2)}},
        "the tilt of the mean 1": {"change": {"three": sp.sqrt(sp.Rational(5, 2))}},
    },
)
def test_examples(change):
    derived(sanov.examples(**change))


@claim("sanov-rate", evidence="exact", letters=3, falsifiers={"one power less": {"letters": 2}})
def test_lower_bound(letters):
    derived(sanov.every_set(letters))


@claim(
    "sanov-rate",
    evidence="property",
    given={"letters": st.integers(2, 5), "draws": st.integers(1, 15), "seed": SEEDS},
    power=1.0,
    falsifiers={"no polynomial": {"power": 0.0}, "the inverse": {"power": -1.0}},
)
def test_probabilities_of_types(letters, draws, seed, power):
    """All types of n draws: probability times exp(n KL) lies between (n+1)^-(k-1) and 1, which types of one letter attain."""
    random = np.random.default_rng([seed, letters, draws])
    law = random.dirichlet(np.ones(letters)) * 0.9 + 0.1 / letters
    law /= law.sum()
    counts = np.concatenate(list(types(draws, letters)))
    weighed = log_probabilities(law, counts) + draws * rel_entr(counts / draws, law).sum(axis=1)
    sampled(len(counts))
    at_most(weighed, 0.0, slack=1e-13)
    at_most(-power * (letters - 1) * math.log(draws + 1), weighed, slack=1e-13)
    agree(weighed.max(), 0.0, tolerance=1e-13, scale=1.0)


def _half_space_of(name):
    law, fifths = EXAMPLES[name]
    letters = np.arange(len(law))

    def log_probability(draws):
        return log_event_probability(law, draws, lambda counts: 5 * (counts @ letters) >= fifths * draws)

    return half_space(law, letters, fifths / 5), letters, log_probability


@claim(
    "sanov-rate",
    evidence="property",
    rates={"two letters": 0.2 * math.log(1.5), "three letters": 0.19127465948094540999695},
    falsifiers={
        "the divergence from p to s": {"rates": {"three letters": 0.18750126549069862}},
        "half": {"rates": {"two letters": 0.1 * math.log(1.5), "three letters": 0.0956}},
    },
)
def test_rates_by_enumeration(rates):
    """-log P / n for 100 to 1600 draws, extrapolated by P exp(n D*) = C (1 + c/n + d/n^2) / sqrt(n) to the rate."""
    rows = []
    for name, claimed in rates.items():
        nearest, _, log_probability = _half_space_of(name)
        agree(nearest.rate, claimed, tolerance=1e-12)
        draws = [100, 200, 400, 800, 1600]
        logs = np.array([log_probability(k) for k in draws])
        n = np.array(draws, dtype=float)
        basis = np.stack([np.ones(5), 1 / n, 1 / n**2, 1 / n**3, n], axis=1)
        found = -np.linalg.solve(basis, logs + 0.5 * np.log(n))[-1]
        # The terms that the extrapolation leaves out; 5e-8 was measured.
        agree(found, claimed, tolerance=5e-7)
        rows += [[name, k, f"{-log / k:.8f}", f"{claimed:.8f}"] for k, log in zip(draws, logs, strict=True)]
    table("Rates of half-spaces", ["law", "draws", "-log P / n", "D*"], rows)


@claim("sanov-prefactor", evidence="exact", start=0, falsifiers={"a series from 1": {"start": 1}})
def test_prefactor(start):
    derived(sanov.prefactor(start))


@claim(
    "sanov-prefactor",
    evidence="property",
    order=-0.5,
    constant=lattice_prefactor,
    falsifiers={
        "no power of n": {"order": 0.0},
        "1/n": {"order": -1.0},
        "without the lattice": {
            "constant": lambda nearest, letters: (
                lattice_prefactor(nearest, letters) * -math.expm1(-nearest.tilt) / nearest.tilt
            )
        },
    },
)
def test_factor_by_enumeration(order, constant):
    """Slope of log(P exp(n D*)) by log n between n and 2n, and its constant, where 5 divides n."""
    rows = []
    for name, draws in (("two letters", (160, 640, 2560)), ("three letters", (160, 640, 1280))):
        nearest, letters, log_probability = _half_space_of(name)
        limit = constant(nearest, letters)
        for n in draws:
            one, two = (log_probability(k) + k * nearest.rate for k in (n, 2 * n))
            slope, factor = (two - one) / math.log(2), math.exp(one) * math.sqrt(n)
            # The next term of the factor is of order 1/n; it was at most 3.9/n.
            agree(slope, order, tolerance=5 / n, scale=1.0)
            agree(factor, limit, tolerance=5 / n)
            rows.append([name, n, f"{slope:.5f}", f"{factor:.6f}", f"{limit:.6f}"])
    table("Factor of the exponential", ["law", "draws", "slope", "sqrt(n) exp(n D*) P", "limit"], rows)
