"""Claims about Hebbian networks and their machines with hidden units: whole laws, by enumeration."""

from functools import cache
from itertools import product

import hypothesis.strategies as st
import numpy as np
import sympy as sp

from derivations import dense_hebbian as derivation
from properties.checks import agree, derived
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(48)
_WEIGHTS = _WEIGHTS / np.sqrt(2 * np.pi)


@cache
def _states(spins):
    return np.array(list(product([-1.0, 1.0], repeat=spins)))


def _drawn(seed, spins, patterns):
    """Patterns, shape (K, N), and an inverse temperature between exp(-2) and 2."""
    random = np.random.default_rng([seed, spins, patterns])
    return random.choice([-1.0, 1.0], (patterns, spins)), np.exp(random.uniform(-2, np.log(2)))


def _marginal(fields):
    """Weights of states after every hidden unit has been integrated by quadrature, from its fields, shape (states, K)."""
    return np.prod(np.exp(fields[:, :, None] * _NODES) @ _WEIGHTS, axis=1)


@claim(
    "hopfield-machine-duality",
    evidence="exact",
    change={},
    falsifiers={
        "beta for its root": {"change": {"root": sp.Integer(1)}},
        "1/N missing": {"change": {"size": 0}},
        "the other sign of the energy": {"change": {"sign": -1}},
    },
)
def test_duality(change):
    derived(derivation.duality(**change))


@claim(
    "hopfield-machine-duality",
    evidence="property",
    given={"spins": st.integers(2, 8), "patterns": st.integers(1, 3), "seed": SEEDS},
    root=0.5,
    size=1.0,
    sign=1.0,
    diagonal=1.0,
    falsifiers={
        "beta for its root": {"root": 1.0},
        "1/N missing": {"size": 0.0},
        "the other sign of the energy": {"sign": -1.0},
        "the terms with i = j forgotten": {"diagonal": 0.0},
    },
)
def test_partition_functions_and_laws(spins, patterns, seed, root, size, sign, diagonal):
    """Every state, hidden units by quadrature; the partition function also by summing over the spins first."""
    xi, beta = _drawn(seed, spins, patterns)
    states = _states(spins)
    couplings = xi.T @ xi / spins
    np.fill_diagonal(couplings, 0)
    boltzmann = np.exp(0.5 * sign * beta * np.einsum("si,ij,sj->s", states, couplings, states))
    coupling = beta**root / spins ** (size / 2)
    weights = _marginal(coupling * states @ xi.T)
    agree(weights / weights.sum(), boltzmann / boltzmann.sum(), tolerance=5e-14)
    factor = np.exp(diagonal * beta * patterns / 2)
    agree(weights.sum(), factor * boltzmann.sum(), tolerance=5e-14)
    # Given the hidden units the spins are independent.
    few, share = np.polynomial.hermite_e.hermegauss(32)
    hidden = np.stack(np.meshgrid(*[few] * patterns, indexing="ij"), -1).reshape(-1, patterns)
    of_hidden = np.prod(np.meshgrid(*[share / np.sqrt(2 * np.pi)] * patterns, indexing="ij"), axis=0).reshape(-1)
    machine = of_hidden @ np.prod(2 * np.cosh(coupling * hidden @ xi), axis=1)
    agree(machine, factor * boltzmann.sum(), tolerance=1e-13)


@claim(
    "dense-machine-duality",
    evidence="exact",
    change={},
    falsifiers={
        "hidden units coupled to single spins": {"change": {"power": 1}},
        "hidden units coupled to P spins": {"change": {"power": 4}},
    },
)
def test_dense(change):
    for order in (2, 4, 6):
        derived(derivation.dense(order, **change))


def _four_body(weights, states):
    """The coefficient of the product of the first four spins in the logarithm of a law."""
    return np.mean(np.log(weights) * np.prod(states[:, :4], axis=1))


@claim(
    "dense-machine-duality",
    evidence="property",
    given={
        "spins": st.integers(4, 8),
        "patterns": st.integers(1, 3),
        "order": st.sampled_from([2, 4, 6]),
        "seed": SEEDS,
    },
    half=0.5,
    factor=2.0,
    single=0.0,
    falsifiers={
        "hidden units coupled to P spins": {"half": 1.0},
        "the factor 2 under the root dropped": {"factor": 1.0},
        "single spins give four-body couplings": {"single": 24.0},
    },
)
def test_dense_laws(spins, patterns, order, seed, half, factor, single):
    """Every state at a = 1/2, and the four-body couplings of P = 4 and of hidden units that couple to single spins."""
    xi, beta = _drawn(seed, spins, patterns)
    states = _states(spins)
    overlaps = states @ xi.T / spins
    boltzmann = np.exp(0.5 * beta * spins * np.sum(overlaps**order, axis=1))
    weights = _marginal(np.sqrt(0.5 * factor * beta * spins) * overlaps ** int(order * half))
    agree(weights, boltzmann, tolerance=3e-14)
    coupled = 0.5 * beta * np.sum(np.prod(xi[:, :4], axis=1)) / spins**3
    if order == 4:
        agree(_four_body(weights, states), 24 * coupled, tolerance=1e-14, scale=1.0)
    linear = _marginal(np.sqrt(beta * spins) * overlaps)
    scale = 0.5 * beta * patterns / spins**3
    agree(_four_body(linear, states) / scale, single * coupled / scale, tolerance=1e-12, scale=1.0)
