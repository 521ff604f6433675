"""Claims about the length of a path of laws, straightness and pace."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from derivations import path_length
from numerics.gaussian_flow import gaussian_flow
from properties.checks import agree, at_most, derived
from properties.claims import claim
from properties.flows import flows, positive

# That of the quadrature, for which the entropy production and the distance are exact.
ROUNDING = 1e-10
# That of 128 chords in place of a curve: the worst of 4000 flows is off by 6e-4.
TOLERANCE = 4e-3
_NUMBER = 4
_GRID = np.linspace(0.0, 1.0, 129)


@claim(
    "path-length",
    evidence="exact",
    power=1,
    falsifiers={"pace forgotten": {"power": 0}, "pace twice": {"power": 2}},
)
def test_reparametrisation(power):
    derived(path_length.reparametrisation(power))


@claim("path-length", evidence="exact", pace=sp.Integer(1), falsifiers={"twice the pace": {"pace": sp.Integer(2)}})
def test_efficiency(pace):
    derived(path_length.efficiency(pace))


@claim(
    "path-length",
    evidence="property",
    given={"drawn": flows()},
    mobility=1.0,
    length=1.0,
    falsifiers={
        "clock without mobility": {"mobility": 0.0},
        "a tenth longer": {"length": 1.1},
        "a tenth shorter": {"length": 0.9},
    },
)
def test_straightness_and_pace_of_flows(drawn, mobility, length):
    """``W2 <= L`` and ``L^2 <= S Sigma`` for random flows of normal laws in up to five dimensions."""
    found, clock = drawn.results, drawn.mobility**mobility * drawn.duration
    path = length * np.asarray(_length(jax.vmap(gaussian_flow)(*drawn.problem), drawn.duration))
    at_most(found["cost"] / path**2, 1.0, slack=ROUNDING)
    at_most(path**2 / (clock * found["production"]), 1.0, slack=ROUNDING)


@jax.jit
@jax.vmap
def _length(flow, t):
    return flow.path_length(t)


@claim(
    "path-length",
    evidence="property",
    given={"d": st.sampled_from([1, 3]), "seed": st.integers(0, 2**32 - 1)},
    pace=2.0,
    invariant="length",
    even=1.0,
    falsifiers={
        "entropy production invariant": {"invariant": "production"},
        "straight": {"invariant": "distance"},
        "least production a hundredth less": {"even": 0.99},
    },
)
def test_the_same_path_at_another_pace(d, seed, pace, invariant, even):
    """The laws of a flow at the times ``tau s^2`` and at even speed: chords between them against integrals along the flow."""
    random = np.random.default_rng([seed, d])
    mobility, duration = np.exp(random.uniform(-1, 1, _NUMBER)), np.exp(random.uniform(-1, 0.5, _NUMBER))
    vectors = random.normal(size=(2, _NUMBER, d))
    matrices = [positive(random, d, 1.0)[:_NUMBER] for _ in range(2)]
    problem = (matrices[0], vectors[0], np.exp(random.uniform(-2, 1, _NUMBER)))
    flow = jax.vmap(gaussian_flow)(*problem, vectors[1], matrices[1], mobility)
    length, production, distance = (np.asarray(a) for a in _results(flow, duration))
    clock = mobility * duration
    times = duration[:, None] * _GRID**pace
    chords = np.asarray(_chords(problem, flow, mobility, times))
    run_length, run_production = _run(chords, clock)
    stays = {"length": length, "production": length * run_production / production, "distance": distance}
    agree(run_length, stays[invariant], tolerance=TOLERANCE)
    at_most(run_length**2, clock * run_production, slack=1e-12, scale=length**2)
    # Times at which equal parts of the length are behind.
    behind = np.pad(np.cumsum(chords, axis=1), ((0, 0), (1, 0)))
    times = [np.interp(_GRID * b[-1], b, t) for b, t in zip(behind, times, strict=True)]
    even_length, even_production = _run(np.asarray(_chords(problem, flow, mobility, np.array(times))), clock)
    agree(even_length, length, tolerance=TOLERANCE)
    agree(even_production, even * length**2 / clock, tolerance=TOLERANCE)


def _run(chords, clock):
    """Length and entropy production of geodesics of given lengths, each run in the same part of the clock."""
    return chords.sum(axis=1), (chords**2).sum(axis=1) * chords.shape[1] / clock


@jax.jit
@jax.vmap
def _results(flow, t):
    return flow.path_length(t), flow.entropy_production(t), jnp.sqrt(flow.transport_cost(t))


@jax.jit
@jax.vmap
def _chords(problem, flow, mobility, times):
    def chord(begin, end):
        later = gaussian_flow(*problem, flow.mean(begin), flow.covariance(begin), mobility)
        return jnp.sqrt(later.transport_cost(end - begin))

    return jax.vmap(chord)(times[:-1], times[1:])
