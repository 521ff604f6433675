"""Claims about Newton-Schulz iterations: what the cubic one and that of Muon do to singular values."""

from functools import cache
from itertools import pairwise

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp
from flint import arb, ctx

from derivations import newton_schulz as derivation
from numerics.newton_schulz import CUBIC, MUON, newton_schulz
from properties.checks import agree, at_most, decided, derived, fact
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.sampled_from([(4, 3), (2, 5)])
BATCH = 16


@claim(
    "newton-schulz-polar",
    evidence="exact",
    first=sp.Rational(3, 2),
    falsifiers={"Muon's first coefficient": {"first": derivation.MUON[0]}, "another": {"first": sp.Rational(5, 4)}},
)
def test_cubic(first):
    derived(derivation.cubic(first))


@cache
def _iterated(steps, coefficients):
    return jax.jit(jax.vmap(lambda G: newton_schulz(G, steps, coefficients)))


def _spectra(random, shape):
    """Random matrices with singular values over three orders of magnitude, and their decompositions."""
    rank = min(shape)
    left, right = (np.linalg.qr(random.normal(size=(BATCH, d, rank)))[0] for d in shape)
    values = np.exp(random.uniform(-7, 0, (BATCH, rank)))
    return left, values / np.linalg.norm(values, axis=1, keepdims=True), right


@claim(
    "newton-schulz-polar",
    evidence="property",
    given={"shape": SHAPES, "seed": SEEDS},
    coefficients=CUBIC,
    falsifiers={"Muon's coefficients": {"coefficients": MUON}, "a sign": {"coefficients": (1.5, 0.5, 0.0)}},
)
def test_iterations_reach_the_polar_factor(shape, seed, coefficients):
    """Thirty steps: values of 1e-3 need nineteen to come near 1."""
    left, values, right = _spectra(np.random.default_rng([seed, *shape]), shape)
    found = _iterated(30, coefficients)(np.einsum("nia,na,nja->nij", left, values, right))
    agree(np.nan_to_num(np.asarray(found), nan=9.0), np.einsum("nia,nja->nij", left, right), tolerance=1e-12, scale=1.0)


@claim(
    "muon-quintic-band",
    evidence="exact",
    change={},
    falsifiers={
        "a fixed point at 1": {"change": {"at_one": sp.Integer(1)}},
        "the other fixed point": {"change": {"sign": 1}},
    },
)
def test_quintic(change):
    derived(derivation.quintic(**change))


@claim(
    "muon-quintic-band",
    evidence="enclosed",
    band=(0.681831, 1.134358),
    cycle=1.046907,
    reached=0.001506,
    falsifiers={
        "the band of the note": {"band": (0.5, 1.5)},
        "from 0.7 to 1.2": {"band": (0.7, 1.2)},
        "a value of the cycle off by 1e-3": {"cycle": 1.047907},
        "smaller values reach the band": {"reached": 0.0015},
    },
)
def test_band(band, cycle, reached):
    """In balls of 200 bits: turning points, their images, and what p does on each piece between them."""
    before, ctx.prec = ctx.prec, 200
    try:
        _enclose(band, cycle, reached)
    finally:
        ctx.prec = before


def _enclose(band, cycle, reached):
    a, b, c = (arb(str(x)) for x in MUON)

    def p(x):
        return x * (a + b * x**2 + c * x**4)

    root = (9 * b**2 - 20 * a * c).sqrt()
    first, second = (((-3 * b + sign * root) / (10 * c)).sqrt() for sign in (-1, 1))
    low, highest = p(second), p(first)
    top = p(low)
    lower, upper = (((-b + sign * (b**2 - 4 * c * (a - 1)).sqrt()) / (2 * c)).sqrt() for sign in (-1, 1))
    fact("band", f"[{low.str(12, radius=False)}, {top.str(12, radius=False)}]")
    decided(bool(abs(low - band[0]) < 1e-6) and bool(abs(top - band[1]) < 1e-6), f"the band is {band} within 1e-6")
    order = [arb(0), first, low, lower, second, top, highest, upper]
    decided(all(bool(x < y) for x, y in pairwise(order)), "p rises to x_1, falls to x_2 and rises again")
    decided(
        bool(low**2 < -b / (2 * c)) and bool(p(low) / low > 1),
        "values below the band grow by a factor of p(low)/low or more",
    )
    decided(
        bool(p(highest) < top) and bool(p(highest) > low), "from x_1 on all images, then their images, are in the band"
    )
    decided(
        bool(p(top) < top),
        "the band is mapped into itself, and onto: from x_2 comes its lower end, from that its upper end",
    )
    # The mean value theorem: four steps on a ball, by their slope on it and their value at its centre.
    radius, centre = arb("1e-5"), arb(str(cycle))
    around, at, slope = arb(str(cycle), "1e-5"), centre, arb(1)
    for _ in range(4):
        slope, around, at = slope * (a + 3 * b * around**2 + 5 * c * around**4), p(around), p(at)
    is_inside = bool(abs(at - centre) + abs(slope) * radius < radius)
    decided(is_inside and bool(abs(slope) < 1), f"an attracting cycle of four within 1e-5 of {cycle}")
    values = [arb(str(reached)), arb("0.001505")]
    for _ in range(5):
        values = [p(x) for x in values]
    decided(bool(values[0] > low) and bool(values[1] < low), f"five steps take {reached} into the band, 0.001505 not")


@claim(
    "muon-quintic-band",
    evidence="property",
    given={"shape": SHAPES, "seed": SEEDS},
    band=(0.681831, 1.134358),
    falsifiers={"from 0.7 on": {"band": (0.7, 1.134358)}, "up to 1.1": {"band": (0.681831, 1.1)}},
)
def test_singular_values_end_in_the_band(shape, seed, band):
    """After fifteen steps from singular values over three orders of magnitude, with the vectors that they began with."""
    left, values, right = _spectra(np.random.default_rng([seed, *shape]), shape)
    found = np.asarray(_iterated(15, MUON)(np.einsum("nia,na,nja->nij", left, values, right)))
    inside = np.einsum("nia,nij,njb->nab", left, found, right)
    end = np.diagonal(inside, axis1=1, axis2=2)
    at_most(band[0], end, slack=1e-12)
    at_most(end, band[1], slack=1e-12)
    agree(found, np.einsum("nia,na,nja->nij", left, end, right), tolerance=1e-12, scale=1.0)
