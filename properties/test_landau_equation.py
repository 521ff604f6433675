"""Claims about the Landau equation for Maxwell molecules and its BKW solution."""

from functools import cache, partial
from itertools import product

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from derivations import landau_equation as derivation
from numerics.landau_equation import bkw_density, bkw_fisher_information, bkw_relative_entropy, bkw_score, bkw_width
from properties.checks import agree, at_most, derived, fact
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
DIMENSIONS = (2, 3)
BATCH = 16


@claim(
    "landau-bkw",
    evidence="exact",
    change={},
    falsifiers={
        "the rate of two dimensions in both": {"change": {"rate": 2}},
        "the constant of three dimensions in both": {"change": {"correction": 3}},
        "no z z^T in the kernel": {"change": {"cross": 0}},
    },
)
def test_solution(change):
    for d in DIMENSIONS:
        derived(derivation.solution(d, **change))


@cache
def _sides(d):
    """Both sides of the equation at (v, t), with Gauss-Hermite nodes of degree 15 in every direction of w."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    w = np.array(list(product(nodes, repeat=d)))
    weight = np.prod(np.array(list(product(weights / np.sqrt(2 * np.pi), repeat=d))), axis=1)

    def flux(v, width, strength, cross):
        f, slope = jax.value_and_grad(bkw_density)(v, width)

        def one(place, share):
            there = jnp.sqrt(width) * place
            normal = jnp.exp(-0.5 * jnp.sum(place**2)) * (2 * np.pi * width) ** (-0.5 * d)
            value, slope_there = jax.value_and_grad(bkw_density)(there, width)
            z, difference = v - there, value * slope - f * slope_there
            return share / normal * strength * (jnp.dot(z, z) * difference - cross * z * jnp.dot(z, difference))

        return jnp.sum(jax.vmap(one)(w, weight), axis=0)

    @jax.jit
    @partial(jax.vmap, in_axes=(0, 0, 0, 0, None, None))
    def both(v, t, begin, strength, rate, cross):
        def density(time):
            return bkw_density(v, bkw_width(time, d, begin, strength))

        width = bkw_width(t, d, begin, strength)
        slope = rate * jax.grad(density)(t)
        return (
            slope,
            jnp.trace(jax.jacfwd(flux)(v, width, strength, cross)),
            strength * bkw_density(0 * v, 1.0 + 0 * width),
        )

    return both


@claim(
    "landau-bkw",
    evidence="property",
    given={"d": st.sampled_from(DIMENSIONS), "seed": SEEDS},
    rate=1.0,
    cross=1.0,
    falsifiers={
        "twice the rate": {"rate": 2.0},
        "half the rate": {"rate": 0.5},
        "no z z^T in the kernel": {"cross": 0.0},
    },
)
def test_both_sides_of_the_equation(d, seed, rate, cross):
    """The collision integral by quadrature of the whole kernel, its divergence and the change in time by differentiation."""
    random = np.random.default_rng([seed, d])
    begin, strength = random.uniform(d / (d + 2), 1, BATCH), np.exp(random.uniform(-3, 3, BATCH))
    t = random.exponential(0.3, BATCH) / strength
    v = random.normal(size=(BATCH, d)) * 1.5
    slope, divergence, scale = _sides(d)(v, t, begin, strength, rate, cross)
    agree(slope, divergence, tolerance=3e-14, scale=scale)


@claim(
    "landau-bkw-density",
    evidence="exact",
    change={},
    falsifiers={"the constant of three dimensions in both": {"change": {"correction": 3}}},
)
def test_invariants(change):
    for d in DIMENSIONS:
        derived(derivation.invariants(d, **change))


@claim(
    "landau-radial-linear",
    evidence="exact",
    count=None,
    falsifiers={"one direction more": {"count": 3}, "the rate of two dimensions in both": {"count": 1}},
)
def test_radial(count):
    for d in DIMENSIONS:
        derived(derivation.radial(d, count))


@claim(
    "landau-entropy",
    evidence="exact",
    half=sp.Rational(1, 2),
    falsifiers={"every pair twice": {"half": sp.Integer(1)}, "a quarter": {"half": sp.Rational(1, 4)}},
)
def test_dissipation(half):
    for d in DIMENSIONS:
        derived(derivation.dissipation(d, half))


@claim(
    "landau-entropy",
    evidence="exact",
    order=2,
    falsifiers={"of first order": {"order": 1}, "of third order": {"order": 3}},
)
def test_last_rate(order):
    for d in DIMENSIONS:
        derived(derivation.last_rate(d, order))


@cache
def _entropies(d):
    def one(t, begin, strength):
        def entropy(time):
            return bkw_relative_entropy(bkw_width(time, d, begin, strength), d)

        value, slope = jax.value_and_grad(entropy)(t)
        information = bkw_fisher_information(bkw_width(t, d, begin, strength), d)
        return value, -slope, strength * information, entropy(0.0 * t)

    return jax.jit(jax.vmap(one))


@cache
def _pairs(d):
    """Nodes and weights of the radii and of the angle between two velocities of unit normal laws."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    place = (1 + nodes) / 2
    radius = 12 * place**2
    share = 12 * place * weights * radius ** (d - 1) * np.exp(-(radius**2) / 2)
    angle, of_angle = (np.polynomial.chebyshev.chebgauss, np.polynomial.legendre.leggauss)[d - 2](8)
    return radius, share / share.sum(), angle, of_angle / of_angle.sum()


def _double_integral(width, d):
    """``int int (s - s').A(v-w)(s - s') f(v) f(w)`` at c = 1, by the whole kernel, for widths of shape (n,)."""
    radius, share, cosine, of_angle = _pairs(d)
    found = []
    for K in width:
        first = np.sqrt(K) * radius[:, None] * np.eye(d)[0]
        turned = np.stack([cosine, np.sqrt(1 - cosine**2)] + [np.zeros_like(cosine)] * (d - 2), axis=1)
        constant, factor = ((d + 2) * K - d) / (2 * K), (1 - K) / (2 * K**2)
        mass = share * (constant + factor * K * radius**2)
        scores = np.asarray(_scores(first, K))[:, 0]
        v, w = first[:, None, None], (np.sqrt(K) * radius[:, None, None] * turned)[None]
        gap = scores[:, None, None, None] * np.eye(d)[0] - (scores[:, None, None] * turned)[None]
        z = v - w
        form = np.sum(z * z, -1) * np.sum(gap * gap, -1) - np.sum(z * gap, -1) ** 2
        found.append(np.einsum("i,j,k,ijk->", mass, mass, of_angle, form))
    return np.array(found)


_scores = jax.jit(jax.vmap(bkw_score, in_axes=(0, None)))


@claim(
    "landau-entropy",
    evidence="property",
    given={"d": st.sampled_from(DIMENSIONS), "seed": SEEDS},
    half=0.5,
    directions=-1,
    faster=1.0,
    falsifiers={
        "every pair twice": {"half": 1.0},
        "a direction more": {"directions": 0},
        "decay at nine times the bound": {"faster": 9.0},
    },
)
def test_entropy_falls_at_both_rates(d, seed, half, directions, faster):
    """Its derivative against the double integral over pairs of velocities and the Fisher information, and the bound."""
    random = np.random.default_rng([seed, d])
    begin = random.uniform(d / (d + 2) + 1e-3, 0.98, BATCH)
    strength = np.exp(random.uniform(-2, 2, BATCH))
    t = random.uniform(0, 0.5, BATCH) / strength
    entropy, rate, information, at_start = map(np.asarray, _entropies(d)(t, begin, strength))
    agree(rate, (d + directions) * information, tolerance=1e-12)
    width = np.asarray(jax.vmap(bkw_width, (0, None, 0, 0))(t, d, begin, strength))[:2]
    # The kernel leaves little of scores that nearly point along v - w, close to the Maxwellian.
    agree(rate[:2], half * strength[:2] * _double_integral(width, d), tolerance=1e-13, scale=strength[:2])
    at_most(entropy, np.exp(-2 * faster * (d - 1) * strength * t) * at_start, slack=1e-12, scale=at_start)
    fact("Fisher information over twice the relative entropy at K = 0.999, d = 2", f"{_ratio():.4f}")


@cache
def _ratio():
    return float(bkw_fisher_information(0.999, 2) / bkw_relative_entropy(0.999, 2) / 2)
