"""Claims about energy, entropy and free energy of a finite system."""

import hypothesis.strategies as st
import mpmath
import numpy as np
from scipy.special import logsumexp, rel_entr, softmax

from derivations import thermal_ensemble as derivation
from properties.checks import agree, at_most, derived, sampled
from properties.claims import claim

BATCH, STATES = 64, 8
SEEDS = st.integers(0, 2**32 - 1)
IN_BITS = 1 / np.log(2)
# The worst of 2e5 systems: 9e-16, and 3e-14 for derivatives.
TOLERANCE, OF_DERIVATIVES = 1e-14, 3e-13


def _drawn(seed):
    """Energies of a size around 1, and temperatures from 1/20 to 20."""
    random = np.random.default_rng(seed)
    return random, random.normal(size=(BATCH, STATES)), np.exp(random.uniform(-3, 3, (BATCH, 1)))


def free_energy(energies, temperature):
    return -temperature * logsumexp(-energies / temperature, axis=1, keepdims=True)


@claim(
    "gibbs-variational-principle",
    evidence="exact",
    change={},
    falsifiers={"no temperature before the divergence": {"change": {"temperature": 1}}},
)
def test_variational_principle(change):
    derived(derivation.variational_principle(**change))


@claim(
    "gibbs-variational-principle",
    evidence="property",
    given={"seed": SEEDS},
    power=1,
    unit=1.0,
    falsifiers={
        "no temperature before the divergence": {"power": 0},
        "entropy in bits": {"unit": IN_BITS},
        "the divergence over the temperature": {"power": -1},
    },
)
def test_free_energy_of_any_law(seed, power, unit):
    """Eight states at temperatures from 1/20 to 20; laws near the Gibbs law and far from it."""
    random, energies, temperature = _drawn(seed)
    least = free_energy(energies, temperature)[:, 0]
    gibbs = softmax(-energies / temperature, axis=1)
    for q in (
        gibbs,
        softmax(np.log(gibbs) + 0.01 * random.normal(size=gibbs.shape), axis=1),
        softmax(energies, axis=1),
    ):
        entropy = -unit * np.sum(q * np.log(q), axis=1)
        mean, heat = np.sum(q * energies, axis=1), temperature[:, 0]
        excess = mean - heat * entropy - least
        size = 1 + np.abs(least) + heat
        agree(excess, heat**power * rel_entr(q, gibbs).sum(axis=1), tolerance=TOLERANCE, scale=size)
        at_most(-excess, 0.0, slack=TOLERANCE, scale=size)


@claim(
    "heat-capacity",
    evidence="exact",
    change={},
    falsifiers={
        "entropy of the other sign": {"change": {"sign": 1}},
        "variance over the temperature": {"change": {"power": 1}},
    },
)
def test_derivatives(change):
    derived(derivation.derivatives(**change))


@claim(
    "heat-capacity",
    evidence="property",
    given={"seed": SEEDS},
    sign=-1.0,
    power=2,
    falsifiers={"entropy of the other sign": {"sign": 1.0}, "variance over the temperature": {"power": 1}},
)
def test_derivatives_by_temperature(seed, sign, power):
    """By complex steps, which have no error of differences."""
    _, energies, temperature = _drawn(seed)
    heat, step = temperature[:, 0], 1e-30
    # Counted from the ground state, so that nothing overflows.
    ground = energies.min(axis=1)
    weights = np.exp(-(energies - ground[:, None]) / (temperature + 1j * step))
    total = weights.sum(axis=1)
    energy = np.sum(weights * energies, axis=1) / total
    potential = ground - (heat + 1j * step) * np.log(total)
    entropy = (energy - potential) / (heat + 1j * step)
    law = softmax(-energies / temperature, axis=1)
    shannon, mean = -np.sum(law * np.log(law), axis=1), np.sum(law * energies, axis=1)
    variance = np.sum(law * (energies - mean[:, None]) ** 2, axis=1)
    agree(potential.imag / step, sign * shannon, tolerance=OF_DERIVATIVES, scale=1.0)
    agree(energy.imag / step, variance / heat**power, tolerance=OF_DERIVATIVES, scale=1.0)
    agree(entropy.imag / step * heat, variance / heat**power, tolerance=OF_DERIVATIVES, scale=1.0)


@claim(
    "third-law",
    evidence="exact",
    change={},
    falsifiers={
        "no entropy left, whatever the degeneracy": {"change": {"residual": 0}},
        "twice the linear term": {"change": {"linear": 2}},
        "no linear term": {"change": {"linear": 0}},
    },
)
def test_third_law(change):
    derived(derivation.third_law(**change))


def _excess(energies, degeneracy, temperature):
    """``S - log g`` and ``E_0 - T log g - F``, from the probabilities, with sixty digits; and the bounds."""
    with mpmath.workdps(60):
        heat = mpmath.mpf(float(temperature))
        levels = [mpmath.mpf(float(e)) for e in energies]
        total = mpmath.fsum(mpmath.exp(-e / heat) for e in levels)
        law = [mpmath.exp(-e / heat) / total for e in levels]
        entropy = -mpmath.fsum(p * mpmath.log(p) for p in law)
        logarithm = mpmath.log(degeneracy)
        return float(entropy - logarithm), float(levels[0] - heat * logarithm + heat * mpmath.log(total))


@claim(
    "third-law",
    evidence="property",
    linear=1.0,
    gap=1.0,
    residual=1,
    falsifiers={
        "no entropy left, whatever the degeneracy": {"residual": 0},
        "no linear term": {"linear": 0.0},
        "a gap a hundredth wider": {"gap": 1.01},
    },
)
def test_entropy_at_low_temperatures(linear, gap, residual):
    """Twelve systems of one to three ground states at eight temperatures; tight where all other states are at the gap."""
    random = np.random.default_rng(6)
    least = np.inf
    for number in range(12):
        degeneracy = 1 + number % 3
        width = float(np.exp(random.uniform(-1, 1)))
        above = width * (1 + (number >= 6) * random.exponential(size=STATES - degeneracy - 1))
        energies = np.concatenate([np.zeros(degeneracy), [width], above])
        for temperature in width / np.array([0.1, 0.5, 1, 2, 5, 10, 20, 40]):
            entropy, potential = _excess(energies, degeneracy if residual else 1, temperature)
            ratio = gap * width / temperature
            share = (STATES - degeneracy) / degeneracy * np.exp(-ratio)
            at_most([-entropy, -potential], 0.0, slack=1e-300)
            at_most(entropy / ((1 + linear * ratio) * share), 1.0, slack=1e-12)
            at_most(potential / (temperature * share), 1.0, slack=1e-12)
            least = min(least, 1 - entropy / ((1 + linear * ratio) * share))
    sampled(96)
    at_most(least, 0.0, slack=1e-10)
