"""Cluster updates of Potts models against enumeration; their limits, keys, dtypes and domain."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2, ncx2

from numerics.swendsen_wang import Chains, Potts, advance, agreements, device_mesh, energies, start

CHAINS, SWEEPS, FALSE_ALARM = 20_000, 12, 1e-6


def law_of_energy(model, coupling):
    """The probability of each number of bonds of equal states, by enumeration."""
    states = np.array(list(itertools.product(range(model.states), repeat=model.sites)), dtype=np.int8)
    counts = np.asarray(energies(model, states))
    weights = np.exp(coupling * (counts - model.bonds))
    return np.bincount(counts, weights=weights / weights.sum(), minlength=model.bonds + 1)


def misfit(found, law):
    """Chi-squared of counts against a law, and its degrees of freedom; rare values are put together."""
    expected = law * found.sum()
    is_common = expected >= 10
    seen, due = (np.append(values[is_common], values[~is_common].sum()) for values in (found, expected))
    seen, due = seen[due > 0], due[due > 0]
    return np.sum((seen - due) ** 2 / due), len(due) - 1


def power(law, rival, freedom):
    """The probability that counts of one law are rejected as those of another."""
    distance = CHAINS * np.sum((law - rival)[rival > 0] ** 2 / rival[rival > 0])
    return ncx2.sf(chi2.isf(FALSE_ALARM, freedom), freedom, distance)


@pytest.mark.parametrize(("states", "size", "dimension", "coupling"), [(2, 3, 2, 2 * 0.44), (3, 5, 1, 1.2)])
def test_the_law_of_the_energy(states, size, dimension, coupling):
    """Of many short chains, half of which begin ordered. A coupling that is off by 7 per cent is rejected.

    Each site has every state with the same probability.
    """
    model = Potts(states, size, dimension, coupling)
    ends = advance(model, device_mesh(), start(model, CHAINS, jax.random.key(size)), SWEEPS)
    found = np.bincount(np.asarray(energies(model, ends.spins)), minlength=model.bonds + 1)
    law = law_of_energy(model, coupling)
    square, freedom = misfit(found, law)
    assert square < chi2.isf(FALSE_ALARM, freedom)
    for factor in (0.93, 1.07):
        rival = law_of_energy(model, factor * coupling)
        assert power(law, rival, freedom) > 0.999
        square, freedom = misfit(found, rival)
        assert square > chi2.isf(FALSE_ALARM, freedom), factor
    counts = [np.bincount(site, minlength=states) for site in np.asarray(ends.spins).T]
    worst = max(misfit(count, np.full(states, 1 / states))[0] for count in counts)
    assert worst < chi2.isf(FALSE_ALARM / model.sites, states - 1)


def test_strong_couplings():
    """States that are all alike stay so, and change together."""
    model = Potts(4, 4, 2, 60.0)
    ends = advance(model, device_mesh(), start(model, 20, jax.random.key(3)), 3)
    spins = np.asarray(ends.spins)[1::2]
    assert np.all(spins == spins[:, :1])
    assert len(np.unique(spins)) == 4


def test_agreements_by_hand():
    model = Potts(3, 3, 2, 1.0)
    spins = np.array([[0, 0, 1], [2, 0, 1], [2, 0, 2]])
    found = np.asarray(agreements(model, jnp.asarray(spins.reshape(1, 9), jnp.int8))).reshape(2, 3, 3)
    np.testing.assert_array_equal(found[0], spins == np.roll(spins, -1, 0))
    np.testing.assert_array_equal(found[1], spins == np.roll(spins, -1, 1))


def test_chains_do_not_depend_on_others():
    model, mesh = Potts(2, 3, 2, 0.5), device_mesh()
    everyone = start(model, 6, jax.random.key(5))
    assert everyone.spins.dtype == jnp.int8
    some = Chains(everyone.spins[2:5], everyone.keys[2:5])
    together, apart = (advance(model, mesh, chains, 7) for chains in (everyone, some))
    assert together.spins.dtype == jnp.int8
    np.testing.assert_array_equal(together.spins[2:5], apart.spins)
    np.testing.assert_array_equal(advance(model, mesh, apart, 0).spins, apart.spins)


@pytest.mark.parametrize(
    ("arguments", "error", "named"),
    [
        ((1, 4, 2, 1.0), ValueError, "states = 1"),
        ((128, 4, 2, 1.0), ValueError, "states = 128"),
        ((2, 2, 2, 1.0), ValueError, "size = 2"),
        ((2, 4, 0, 1.0), ValueError, "dimension = 0"),
        ((2, 4.5, 2, 1.0), TypeError, "size must be a whole number"),
        ((2, 4, 2, -0.1), ValueError, "coupling = -0.1"),
        ((2, 4, 2, np.nan), ValueError, "coupling = nan"),
    ],
)
def test_refusals(arguments, error, named):
    with pytest.raises(error, match=named):
        Potts(*arguments)
