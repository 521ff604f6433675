"""Claims about the free energy of a density that is transported."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from derivations import free_energy, gaussian_flow
from properties.checks import agree, decided, derived, fact
from properties.claims import claim
from properties.flows import BATCH, flows, positive


@claim(
    "free-energy-identity",
    evidence="exact",
    change={},
    falsifiers={
        "as published: objective fixed": {"change": {"objective": 0}},
        "as published: temperature constant": {"change": {"temperature": 0}},
        "as published: no further force": {"change": {"work": 0}},
        "production doubled": {"change": {"production": 2}},
    },
)
def test_identity(change):
    derived(free_energy.identity(**change))


@claim(
    "free-energy-identity",
    evidence="property",
    given={"drawn": flows()},
    factor=1.0,
    falsifiers={"doubled": {"factor": 2.0}, "a thousandth more": {"factor": 1.001}},
)
def test_drop_of_flows_of_normal_laws(drawn, factor):
    """The drop of the free energy against the integral of ``E[v . M^-1 v]``, over flows in up to five dimensions."""
    found = drawn.results
    drop, size = found["begin"] - found["end"], 1 + np.abs(found["begin"]) + np.abs(found["end"])
    # The worst of 1e5 flows: 2e-13.
    agree(drop, factor * found["integral"], tolerance=2e-12, scale=size)
    agree(found["production"], factor * found["integral"], tolerance=2e-12, scale=size)


@claim(
    "free-energy-identity",
    evidence="property",
    given={"d": st.integers(1, 5), "seed": st.integers(0, 2**32 - 1)},
    objective=1.0,
    temperature=1.0,
    work=1.0,
    production=1.0,
    falsifiers={
        "objective fixed": {"objective": 0.0},
        "temperature constant": {"temperature": 0.0},
        "no further force": {"work": 0.0},
        "production halved": {"production": 0.5},
    },
)
def test_all_terms(d, seed, objective, temperature, work, production):
    """Normal laws under a moving objective, a changing temperature, a rotating force and a matrix mobility."""
    rate, terms = (np.asarray(v) for v in _rates(**_drawn(d, seed)))
    factors = np.array([objective, -temperature, -production, work])
    agree(rate, terms @ factors, tolerance=1e-11, scale=1 + np.abs(terms).sum(axis=1))


def _drawn(d, seed):
    random = np.random.default_rng([seed, d])
    vectors = {name: random.normal(size=(BATCH, d)) for name in ("mean", "centre", "centre_rate", "force")}
    matrices = {name: positive(random, d) for name in ("covariance", "curvature", "mobility")}
    changes = random.normal(size=(2, BATCH, d, d))
    curvature_rate = changes[0] + changes[0].swapaxes(1, 2)
    numbers = {"heat": np.exp(random.uniform(-3, 2, BATCH)), "heat_rate": random.normal(size=BATCH)}
    return vectors | matrices | numbers | {"curvature_rate": curvature_rate, "force_slope": changes[1]}


@jax.jit
@jax.vmap
def _rates(
    *, mean, covariance, centre, centre_rate, curvature, curvature_rate, heat, heat_rate, mobility, force, force_slope
):
    """How fast the free energy changes along the moments, and the four terms that it should consist of."""
    deviation, precision = mean - centre, jnp.linalg.inv(covariance)

    def value(m, s, b, a, t):
        spread = s + jnp.outer(m - b, m - b)
        return 0.5 * jnp.trace(a @ spread) - t * _entropy(s)

    # v = M (f - A (x - b) + T S^-1 (x - m)) with f = force + slope (x - m) is linear in x.
    here = mobility @ (force - curvature @ deviation)
    slope = mobility @ (force_slope - curvature + heat * precision)
    moved = (here, slope @ covariance + covariance @ slope.T, centre_rate, curvature_rate, heat_rate)
    _, rate = jax.jvp(value, (mean, covariance, centre, curvature, heat), moved)
    resistance = jnp.linalg.inv(mobility)
    spread = covariance + jnp.outer(deviation, deviation)
    terms = (
        0.5 * jnp.trace(curvature_rate @ spread) - deviation @ curvature @ centre_rate,
        heat_rate * _entropy(covariance),
        here @ resistance @ here + jnp.trace(slope.T @ resistance @ slope @ covariance),
        here @ force + jnp.trace(slope.T @ force_slope @ covariance),
    )
    return rate, jnp.stack(terms)


def _entropy(covariance):
    return 0.5 * jnp.linalg.slogdet(2 * jnp.pi * jnp.e * covariance)[1]


@claim(
    "free-energy-identity",
    evidence="exact",
    curvature=sp.Integer(1),
    falsifiers={"curvature doubled": {"curvature": sp.Integer(2)}},
)
def test_closed_forms(curvature):
    derived(gaussian_flow.closed_forms(curvature))


@claim("moving-objective", evidence="exact", lag=sp.Integer(1), falsifiers={"twice the lag": {"lag": sp.Integer(2)}})
def test_trap_that_moves(lag):
    derived(gaussian_flow.moving_trap(lag))


@claim(
    "moving-objective",
    evidence="counterexample",
    speed=2.0,
    falsifiers={"a trap at rest": {"speed": 0.0}, "a trap that hardly moves": {"speed": 0.01}},
)
def test_work_in_a_steady_lag(speed):
    """N(-c, 1) behind a trap at 0 that moves at speed c = 2: rates of free energy and of entropy production."""
    one, none = np.ones((1, 1, 1)), np.zeros((1, 1, 1))
    rate, terms = _rates(
        mean=np.full((1, 1), -speed), covariance=one, centre=none[0], centre_rate=np.full((1, 1), speed), curvature=one,
        curvature_rate=none, heat=np.ones(1), heat_rate=np.zeros(1), mobility=one, force=none[0], force_slope=none,
    )  # fmt: skip
    rate, production = float(rate[0]), float(terms[0, 2])
    fact("rates of free energy and of entropy production", f"{rate!r}, {production!r}")
    agree(rate, 0.0, tolerance=1e-14, scale=1.0)
    decided(production > 1.0, "entropy is produced at a rate above 1 while the free energy stays")
