"""Claims about the mean-field approximation, on small graphs by enumeration."""

import itertools

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp
from scipy.special import entr, logsumexp

from derivations import mean_field as derivation
from numerics.information_projection import reverse_projection
from numerics.mean_field import mean_field_ascent, mean_field_bound
from properties.checks import agree, at_most, decided, derived, fact, sampled
from properties.claims import claim

BATCH, SPINS, SWEEPS = 32, 5, 60
SEEDS = st.integers(0, 2**32 - 1)
STATES = np.array(list(itertools.product((1.0, -1.0), repeat=SPINS)))
IN_BITS = 1 / np.log(2)
# The worst of 1e5 graphs: 4e-15.
TOLERANCE = 4e-14

_bound = jax.jit(jax.vmap(mean_field_bound))
_ascent = jax.jit(jax.vmap(lambda h, J, m, T: mean_field_ascent(h, J, m, T, sweeps=SWEEPS)))


def _drawn(seed):
    """Graphs of five spins with fields and couplings of either sign, a quarter of them without couplings, and means."""
    random = np.random.default_rng(seed)
    couplings = np.triu(random.normal(size=(BATCH, SPINS, SPINS)) * random.integers(0, 2, (BATCH, SPINS, SPINS)), 1)
    couplings[: BATCH // 4] = 0
    fields = random.normal(size=(BATCH, SPINS)) * random.integers(0, 2, (BATCH, 1))
    return fields, couplings, random.uniform(-0.99, 0.99, (BATCH, SPINS)), np.exp(random.uniform(-1, 2, BATCH))


def _exponents(fields, couplings, temperature):
    """``-U/T`` of all states."""
    pairs = np.einsum("bij,xi,xj->bx", couplings, STATES, STATES)
    return (fields @ STATES.T + pairs) / temperature[:, None]


def _entropy(means):
    return np.sum(entr((1 + means) / 2) + entr((1 - means) / 2), axis=-1)


@claim(
    "gibbs-bogoliubov",
    evidence="exact",
    entropies=sp.Integer(1),
    falsifiers={
        "half of the entropy": {"entropies": sp.Rational(1, 2)},
        "twice the entropy": {"entropies": sp.Integer(2)},
    },
)
def test_bound(entropies):
    derived(derivation.bound(entropies))


@claim(
    "gibbs-bogoliubov",
    evidence="property",
    given={"seed": SEEDS},
    unit=1.0,
    pairs=1.0,
    falsifiers={"entropy in bits": {"unit": IN_BITS}, "each pair counted twice": {"pairs": 2.0}},
)
def test_gap_is_a_divergence(seed, unit, pairs):
    """Against the log-partition and the divergence by all 32 states; no gap without couplings."""
    fields, couplings, means, temperature = _drawn(seed)
    exponents = _exponents(fields, couplings, temperature)
    log_partition = logsumexp(exponents, axis=1)
    product = np.prod((1 + STATES[None] * means[:, None]) / 2, axis=2)
    divergence = np.sum(product * (np.log(product) - exponents), axis=1) + log_partition
    bound = np.asarray(_bound(fields, pairs * couplings, means, temperature)) + (unit - 1) * _entropy(means)
    scale = 1 + np.abs(exponents).max(axis=1)
    agree(log_partition - bound, divergence, tolerance=TOLERANCE, scale=scale)
    at_most(bound, log_partition, slack=TOLERANCE, scale=scale)
    free = slice(0, BATCH // 4)
    best = np.asarray(_bound(fields, couplings, np.tanh(fields / temperature[:, None]), temperature))
    agree(best[free], log_partition[free], tolerance=TOLERANCE, scale=scale[free])


def _best_mean_field(strength):
    """On a triangle without fields, from four starts."""
    starts = np.array([[0.9, 0.9, 0.9], [0.9, -0.9, 0.1], [0.0, 0.0, 0.0], [-0.5, 0.4, 0.6]])
    couplings = np.full((3, 3), strength)
    ascents = [mean_field_ascent(np.zeros(3), couplings, start, sweeps=SWEEPS)[-1] for start in starts]
    return max(float(mean_field_bound(np.zeros(3), couplings, end)) for end in ascents)


def _bethe(strength):
    """At its symmetric point on a triangle without fields: ``3 log(2 cosh(J/T))``."""
    return 3 * np.log(2 * np.cosh(strength))


@claim(
    "gibbs-bogoliubov",
    evidence="property",
    approximation=_best_mean_field,
    falsifiers={"the approximation of Bethe": {"approximation": _bethe}},
)
def test_triangles(approximation):
    """Triangles without fields: log Z = log(8 cosh^3 (1 + tanh^3)) of J/T, which Bethe's approximation exceeds for J < 0."""
    for strength in np.linspace(-2, 2, 17):
        states = np.array(list(itertools.product((1, -1), repeat=3)))
        products = states[:, 0] * states[:, 1] + states[:, 1] * states[:, 2] + states[:, 0] * states[:, 2]
        log_partition = logsumexp(strength * products)
        closed = np.log(8 * np.cosh(strength) ** 3 * (1 + np.tanh(strength) ** 3))
        agree(log_partition, closed, tolerance=1e-13, scale=1.0)
        if strength == -1:
            fact("Bethe's approximation less log Z at J/T = -1", f"{_bethe(strength) - log_partition:.6f}")
        at_most(approximation(strength), log_partition, slack=TOLERANCE)
    sampled(17)


@claim(
    "mean-field-ascent",
    evidence="exact",
    direction=1,
    falsifiers={"the divergence of the new law from the old one": {"direction": -1}},
)
def test_ascent(direction):
    derived(derivation.ascent(direction))


def _one_by_one(means, felt):
    """One sweep: for each update the new means, the fields over T that they follow, and which spins have moved."""
    for spin in range(SPINS):
        moved, field = np.arange(SPINS) == spin, felt(means)
        means = np.where(moved, np.tanh(field), means)
        yield means, field, moved


def _all_at_once(means, felt):
    """As many updates of all spins."""
    for _ in range(SPINS):
        field = felt(means)
        means = np.tanh(field)
        yield means, field, np.full(SPINS, True)


@claim(
    "mean-field-ascent",
    evidence="property",
    given={"seed": SEEDS},
    update=_one_by_one,
    factor=1.0,
    falsifiers={"all spins at once": {"update": _all_at_once}, "a gain a hundredth larger": {"factor": 1.01}},
)
def test_ascent_never_falls(seed, update, factor):
    """One sweep spin by spin, where each step gains the divergence of its spin, then sixty sweeps."""
    fields, couplings, means, temperature = _drawn(seed)
    symmetric, heat = couplings + couplings.swapaxes(1, 2), temperature[:, None]
    scale = 1 + (np.abs(fields).sum(axis=1) + np.abs(couplings).sum(axis=(1, 2))) / temperature
    old, before = means, np.asarray(_bound(fields, couplings, means, temperature))
    for new, field, moved in update(means, lambda m: (fields + np.einsum("bij,bj->bi", symmetric, m)) / heat):
        after = np.asarray(_bound(fields, couplings, new, temperature))
        # By the field, which knows the rarer state also where its tanh is 1: the logarithm of (1 + tanh)/2.
        divergence = sum(
            (1 + sign * old) / 2 * np.logaddexp(0, -2 * sign * field) - entr((1 + sign * old) / 2) for sign in (1, -1)
        )
        at_most(before, after, slack=TOLERANCE, scale=scale)
        agree(after - before, factor * divergence @ moved, tolerance=TOLERANCE, scale=scale)
        old, before = new, after
    swept = np.asarray(_ascent(fields, couplings, means, temperature))
    if update is _one_by_one:
        agree(swept[:, 1], old, tolerance=TOLERANCE, scale=1.0)
    first, last = (np.asarray(_bound(fields, couplings, swept[:, k], temperature)) for k in (1, SWEEPS))
    at_most(first, last, slack=TOLERANCE, scale=scale)


@claim(
    "mean-field-means",
    evidence="exact",
    mean=sp.Rational(3, 5),
    falsifiers={"another mean": {"mean": sp.Rational(1, 2)}},
)
def test_magnetisation(mean):
    derived(derivation.magnetisation(mean))


@claim(
    "mean-field-means",
    evidence="counterexample",
    strength=5 / 3 * np.log(2),
    falsifiers={"a weaker coupling": {"strength": 0.9}},
)
def test_magnetisation_in_numbers(strength):
    """Two spins without fields: the ascent ends at the mean 3/5, and in the other direction the product law has the mean 0."""
    couplings = np.array([[0.0, strength], [0.0, 0.0]])
    states = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    gibbs = np.exp(strength * states[:, 0] * states[:, 1])
    gibbs = gibbs / gibbs.sum()
    # Product laws of two spins are the tilts of the uniform law by the spins.
    other = np.asarray(reverse_projection(gibbs, np.full(4, 0.25), states).law)
    agree(np.stack([gibbs @ states, other @ states]), np.zeros((2, 2)), tolerance=1e-14, scale=1.0)
    ends = np.asarray(mean_field_ascent(np.zeros(2), couplings, np.array([0.5, 0.5]), sweeps=400))[-1]
    bounds = [float(mean_field_bound(np.zeros(2), couplings, m)) for m in (np.zeros(2), ends)]
    fact("mean of the best product law", f"{ends[0]:.6f}, where the Gibbs law has 0")
    decided(bool(bounds[1] > bounds[0] + 0.03), "the bound is higher there than at the true means")
    agree(ends, np.full(2, 0.6), tolerance=1e-14, scale=1.0)
