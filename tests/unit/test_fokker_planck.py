"""Finite volumes on the line, and the distance of laws on cells."""

import jax
import jax.numpy as jnp
import numpy as np
import ot
import pytest
from scipy.linalg import expm
from scipy.stats import norm

import thermogeometry as tg
from numerics.fokker_planck import FokkerPlanck
from numerics.wasserstein_line import squared_distance


def cells(number=60, reach=4.0, temperature=0.5):
    edges = jnp.linspace(-reach, reach, number + 1)
    middles = 0.5 * (edges[1:] + edges[:-1])
    return FokkerPlanck(edges, 0.5 * middles**2, jnp.asarray(temperature), jnp.asarray(2.0))


def test_the_gibbs_law_stays_to_rounding():
    line = cells()
    gibbs = jax.nn.softmax(-line.objective / line.temperature)
    np.testing.assert_allclose(line.propagator(0.7) @ gibbs, gibbs, rtol=1e-11)
    np.testing.assert_allclose(line.flux(gibbs), 0.0, atol=1e-14)


@pytest.mark.parametrize("t", [0.0, 1e-3, 0.4, 30.0])
def test_propagators_are_exponentials_of_the_generator(t):
    line = cells(30)
    propagator = np.asarray(line.propagator(t))
    assert (propagator >= 0).all()
    np.testing.assert_allclose(propagator.sum(axis=0), 1.0, rtol=1e-13)
    np.testing.assert_allclose(propagator, expm(t * np.asarray(line.generator())), atol=1e-12)


def test_a_law_in_one_cell_stays_positive():
    line = cells()
    law = line.propagator(1e-4) @ jnp.zeros(60).at[7].set(1.0)
    assert (law >= 0).all()
    assert float(law[59]) < 1e-90


def test_normal_laws_relax_as_they_do_exactly():
    """Free energy and distance against the exact flow: the error falls by four with half the width."""
    one = jnp.ones((1, 1))
    exact = tg.gaussian_flow(one, jnp.zeros(1), 0.5, jnp.full(1, 0.7), 0.2 * one, 2.0)
    drop = exact.free_energy(0.0) - exact.free_energy(0.3)
    errors = []
    for number in (100, 200):
        line = cells(number)
        start = jnp.asarray(np.diff(norm.cdf(np.asarray(line.edges), 0.7, 0.2**0.5)))
        end = line.propagator(0.3) @ start
        found = (line.free_energy(start) - line.free_energy(end), squared_distance(line.edges, start, end))
        errors.append([abs(float(found[0] - drop)), abs(float(found[1] - exact.transport_cost(0.3)))])
    first, second = np.array(errors)
    assert (second < 2e-4).all()
    assert (first > 3 * second).all()


def test_what_is_no_flow_is_nan():
    assert np.isnan(cells().propagator(-1.0)).all()
    assert np.isnan(cells(temperature=-0.5).propagator(1.0)).all()
    assert np.isnan(squared_distance(jnp.arange(3.0), jnp.asarray([1.5, -0.5]), jnp.asarray([0.5, 0.5])))


def test_distance_on_the_line_against_pot():
    """Cells cut into many atoms."""
    random = np.random.default_rng(0)
    first, second = random.dirichlet(np.ones(6)), random.dirichlet(np.ones(6))
    second[2] = 0.0
    second /= second.sum()
    parts = 2000
    atoms = (np.arange(6 * parts) + 0.5) / parts
    weights = [np.repeat(p / parts, parts) for p in (first, second)]
    expected = ot.wasserstein_1d(atoms, atoms, *weights, p=2)
    found = squared_distance(jnp.arange(7.0), jnp.asarray(first), jnp.asarray(second))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_distance_of_laws_that_are_shifted():
    law = jnp.asarray([0.2, 0.3, 0.5, 0.0, 0.0])
    found = squared_distance(jnp.arange(6.0) / 2, law, jnp.roll(law, 2))
    np.testing.assert_allclose(found, 1.0, rtol=1e-14)
