"""Claims about learning in steps: the Langevin algorithm and gradient descent."""

import hypothesis.strategies as st
import jax
import numpy as np
import ot
import sympy as sp

from derivations import langevin
from numerics.gaussian_flow import gaussian_flow
from properties.checks import agree, at_most, decided, derived, fact
from properties.claims import claim
from properties.flows import BATCH, positive

SEEDS = st.integers(0, 2**32 - 1)


@claim(
    "langevin-shadow",
    evidence="exact",
    half=sp.Rational(1, 2),
    falsifiers={"no correction": {"half": sp.Integer(0)}, "twice the correction": {"half": sp.Integer(1)}},
)
def test_shadow(half):
    derived(langevin.shadow(half))


@claim(
    "langevin-shadow",
    evidence="property",
    given={"d": st.integers(1, 4), "seed": SEEDS},
    half=0.5,
    constant=1.0,
    falsifiers={"no correction": {"half": 0.0}, "two times the bound": {"constant": 2.0}},
)
def test_steps_are_the_flow_of_the_shadow(d, seed, half, constant):
    """Moments after up to 40 steps against the exact flow of the shadow; the limit of its matrix mobility holds."""
    random = np.random.default_rng([seed, d])
    curvature, covariance, mean = positive(random, d), positive(random, d), random.normal(size=(BATCH, d))
    values, vectors = np.linalg.eigh(curvature)
    temperature, number = np.exp(random.uniform(-3, 1, BATCH)), random.integers(1, 41, BATCH)
    step = random.uniform(0.02, 0.95, BATCH) / values[:, -1]
    h = step[:, None] * values
    shadow = values * (1 - half * h)
    curvature_there, mobility = (
        np.einsum("nia,na,nja->nij", vectors, v, vectors) for v in (shadow, -np.log1p(-h) / (step[:, None] * shadow))
    )
    flow = jax.vmap(gaussian_flow)(curvature_there, np.zeros((BATCH, d)), temperature, mean, covariance, mobility)
    duration = step * number
    left = np.einsum("nia,na,nja->nij", vectors, (1 - h) ** number[:, None], vectors)
    # The sum of a geometric series.
    added = 2 * step[:, None] * temperature[:, None] * (1 - (1 - h) ** (2 * number[:, None])) / (1 - (1 - h) ** 2)
    expected = np.einsum("nij,njk,nlk->nil", left, covariance, left) + np.einsum(
        "nia,na,nja->nij", vectors, added, vectors
    )
    size = np.abs(expected).max(axis=(1, 2))
    agree(_at(flow, "mean", duration), np.einsum("nij,nj->ni", left, mean), tolerance=1e-11, scale=1.0)
    agree(_at(flow, "covariance", duration), expected, tolerance=1e-11, scale=(size + 1)[:, None, None])
    cost, production = _cost(flow, duration), _at(flow, "entropy_production", duration)
    at_most(constant * cost / (duration * production), 1.0, slack=1e-9)


def _at(flow, name, duration):
    return np.asarray(jax.vmap(lambda one, t: getattr(one, name)(t))(flow, duration))


def _cost(flow, duration):
    return np.asarray(jax.vmap(lambda one, t: one.transport_cost(t, is_weighted=True))(flow, duration))


@claim(
    "negative-entropy-production",
    evidence="exact",
    half=sp.Rational(1, 2),
    falsifiers={"step size left out": {"half": sp.Integer(0)}, "the other sign": {"half": -sp.Rational(1, 2)}},
)
def test_free_energy_rises(half):
    derived(langevin.rise(half))


@claim(
    "negative-entropy-production",
    evidence="counterexample",
    step=0.5,
    falsifiers={"no step": {"step": 0.0}, "a short step": {"step": 0.01}},
)
def test_rise_in_numbers(step):
    """Phi = x^2/2, T = 1, from N(0, 1), 200 steps: the variance by its recursion."""
    variance = 1.0
    for _ in range(200):
        variance = (1 - step) ** 2 * variance + 2 * step
    drop = 0.5 * (1 - variance) + 0.5 * np.log(variance)
    fact("drop of the free energy", repr(float(drop)))
    decided(bool(drop < -0.02), "the free energy has risen by more than 0.02, in exact arithmetic of moments")


@claim(
    "gradient-descent-limit",
    evidence="exact",
    half=sp.Rational(1, 2),
    falsifiers={"no correction": {"half": sp.Integer(0)}, "quarter": {"half": sp.Rational(1, 4)}},
)
def test_descent(half):
    derived(langevin.descent(half))


@claim(
    "gradient-descent-limit",
    evidence="property",
    given={"seed": SEEDS},
    half=0.5,
    constant=1.0,
    falsifiers={"no correction": {"half": 0.0}, "two times the bound": {"constant": 2.0}},
)
def test_descent_of_ensembles(seed, half, constant):
    """Sixteen ensembles of eight members in two dimensions, on quadratic and on rough objectives."""
    random = np.random.default_rng(seed)
    for _ in range(16):
        descent(random, half, constant)


def descent(random, half, constant):
    """Of one ensemble; the distance by linear programming."""
    roughness = random.choice([0.0, 1.0])
    curvature = np.exp(random.uniform(-1, 1, 2))
    # Phi = sum c x^2/2 + r cos x has second derivatives of at most c + r.
    smoothness = curvature.max() + roughness
    x = random.normal(size=(8, 2)) * 2
    eta, number = random.uniform(0.02, 1.9) / smoothness, int(random.integers(1, 20))

    def objective(y):
        return np.mean(np.sum(0.5 * curvature * y**2 + roughness * np.cos(y), axis=1))

    end = x
    for _ in range(number):
        end = end - eta * (curvature * end - roughness * np.sin(end))
    cost = ot.emd2([], [], ot.dist(x, end))
    bound = constant * (1 - half * smoothness * eta) * cost / (number * eta)
    at_most(bound, objective(x) - objective(end), slack=1e-12, scale=1 + abs(objective(x)))
