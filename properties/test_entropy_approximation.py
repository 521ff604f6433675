"""Claims about the entropy as an approximation of the logarithm of a number of arrangements."""

import math

import hypothesis.strategies as st
import numpy as np
import sympy as sp
from flint import arb
from scipy.optimize import brentq
from scipy.special import gammaln

from derivations import entropy_approximation as derivation
from numerics.entropy_approximation import LAWS, crossing, errors
from numerics.stirling import log_factorial_rest, remainder
from numerics.types import types
from properties.checks import agree, at_most, decided, derived, fact, sampled, table
from properties.claims import claim

LETTERS = 50000
ERRORS, CROSSINGS = "Errors relative to the entropy", "Where the correction begins to help"
RATIOS = tuple(float(f"{ratio:.3g}") for ratio in np.geomspace(0.05, 50, 16))
# For many letters, where the letters' weights have a limit.
MANY = {
    "uniform": 1 / (2 * math.pi), "two levels": 5 / (6 * math.pi), "half gamma quantiles": math.exp(np.euler_gamma) / math.pi,
    "exponential quantiles": math.exp(np.euler_gamma) / (2 * math.pi),
}  # fmt: skip


@claim(
    "entropy-leading-order",
    evidence="exact",
    change={},
    falsifiers={
        "a tighter lower bound": {"change": {"shift": sp.Rational(1, 4)}},
        "a lower upper bound": {"change": {"third": sp.Rational(1, 4)}},
    },
)
def test_stirling(change):
    derived(derivation.stirling(**change))


@claim(
    "entropy-leading-order",
    evidence="property",
    given={"letters": st.integers(2, 8), "seed": st.integers(0, 2**32 - 1)},
    shift=1.0,
    shape=1.0,
    falsifiers={"a tighter lower bound": {"shift": 0.25}, "no logarithm": {"shape": 0.0}},
)
def test_errors_within_bounds(letters, seed, shift, shape):
    """Random laws, 0.01 to 1e5 draws: errors by logarithms of Gamma functions, and between Stirling's bounds."""
    random = np.random.default_rng([seed, letters])
    law = random.dirichlet(np.ones(letters)) * 0.999 + 0.001 / letters
    law /= law.sum()
    draws = 10 ** random.uniform(-2, 5)
    found, counts = errors(law, draws), draws * law
    logarithm = (gammaln(draws + 1) - gammaln(counts + 1).sum()) / draws
    scale = 1 + math.log1p(draws) + letters / draws
    agree(found.before, found.entropy - logarithm, tolerance=1e-13, scale=scale)
    gap = 0.5 * (np.log(2 * np.pi * counts).sum() - math.log(2 * np.pi * draws)) / draws
    agree(found.before, shape * gap + found.after, tolerance=1e-13, scale=scale)
    at_most(0.0, found.before, slack=1e-15, scale=scale)
    low = np.sum(1 / (12 * counts + shift)) - 1 / (12 * draws)
    high = np.sum(1 / (12 * counts)) - 1 / (12 * draws + shift)
    at_most([low, draws * found.after], [draws * found.after, high], slack=1e-12, scale=high)


@claim(
    "entropy-correction",
    evidence="exact",
    change={},
    falsifiers={
        "twice the correction": {"change": {"half": sp.Integer(1)}},
        "without the factor of n": {"change": {"draws": sp.Integer(0)}},
    },
)
def test_correction(change):
    derived(derivation.correction(**change))


@claim(
    "entropy-correction",
    evidence="exact",
    constant=sp.EulerGamma,
    falsifiers={"no constant": {"constant": sp.Integer(0)}, "one": {"constant": sp.Integer(1)}},
)
def test_crossings_of_many_letters(constant):
    derived(derivation.crossings(constant))


@claim(
    "entropy-correction",
    evidence="counterexample",
    draws=1,
    falsifiers={"three draws for every letter": {"draws": 30}, "all letters once": {"draws": 10}},
)
def test_correction_that_hurts(draws):
    """The uniform law of ten letters, in ball arithmetic: the error of the entropy, with the correction and without."""
    letters, n, two_pi = 10, arb(draws), 2 * arb.pi()
    count = n / letters
    before = arb(letters).log() - ((n + 1).lgamma() - letters * (count + 1).lgamma()) / n
    after = before + ((two_pi * n).log() - letters * (two_pi * count).log()) / (2 * n)
    fact("errors for one draw, in nats", f"{float(before):.6f} before, {float(after):.6f} after")
    decided(bool(before > 0) and bool(after > before), "the correction takes the approximation further away")


@claim(
    "entropy-correction",
    evidence="property",
    unit=1.0,
    falsifiers={"interpolated counts, in tenths": {"unit": 0.1}},
)
def test_every_type_with_all_letters(unit):
    """Types of up to 30 draws whose counts are all at least 1: the correction improves each of them."""
    for letters, most in ((2, 30), (3, 30), (4, 20), (5, 16), (6, 14)):
        for draws in range(letters, most + 1):
            listed = np.concatenate(list(types(draws, letters)))
            counts = unit * listed[listed.min(axis=1) >= 1]
            sampled(len(counts))
            before = log_factorial_rest(counts).sum(axis=1) - log_factorial_rest(unit * draws)
            after = remainder(counts).sum(axis=1) - remainder(unit * draws)
            # The least gain is that of one draw of each of two letters: ln(2 pi / 2)/2.
            at_most(after, before - 0.5 * math.log(math.pi), slack=2e-15)


@claim(
    "entropy-correction",
    evidence="property",
    factor=1.0,
    expected={"exponential quantiles": (0.0289012719, 0.0012988398), "uniform": (0.0321662693, 0.00030767158)},
    falsifiers={"no correction": {"factor": 0.0}, "twice the correction": {"factor": 2.0}},
)
def test_figure(factor, expected):
    """Five laws of 50000 letters, with interpolated counts; five draws for every letter."""
    for name, claimed in expected.items():
        found = errors(LAWS[name](LETTERS), 5 * LETTERS)
        left = found.before - factor * (found.before - found.after)
        agree(np.array([found.before, left]) / found.entropy, claimed, tolerance=1e-7)
    rows = []
    for name, law_of in LAWS.items():
        law = law_of(LETTERS)
        for ratio in (*RATIOS, 5.0):
            found = errors(law, ratio * LETTERS)
            before, after = found.before / found.entropy, found.after / found.entropy
            rows.append([name, f"{ratio:g}", f"{before:.4e}", f"{after:.4e}"])
    table(ERRORS, ["law", "n/D", "before", "after"], rows)


@claim(
    "entropy-correction",
    evidence="property",
    power=1,
    falsifiers={"the geometric mean alone": {"power": 0}},
)
def test_crossings_by_root_finding(power):
    """Where the errors before and after are equal, for 50, 1000 and 50000 letters, against the closed form."""
    rows = []
    for name, law_of in LAWS.items():
        for letters in (50, 1000, LETTERS):
            law = law_of(letters)

            def gain(log_ratio, law=law, letters=letters):
                found = errors(law, math.exp(log_ratio) * letters)
                return (found.before - abs(found.after)) / found.before

            root = math.exp(brentq(gain, math.log(1e-2), math.log(10), xtol=1e-15, rtol=1e-15))
            exact = crossing(law) / letters
            claimed = exact if power else math.exp(-np.log(law).mean()) / (2 * math.pi * letters)
            agree(root, claimed, tolerance=1e-12)
            many = f"{MANY[name]:.8f}" if name in MANY else ""
            rows.append([name, letters, f"{root:.8f}", f"{exact:.8f}", many])
        if name in MANY:
            agree(exact, MANY[name], tolerance=1e-3)
    table(CROSSINGS, ["law", "letters", "n/D by root finding", "closed form", "many letters"], rows)
