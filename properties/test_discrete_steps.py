"""The limit of discrete steps, for ensembles of every update rule."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import ot
import sympy as sp

from derivations import discrete_steps
from numerics.ensembles import advance, ensemble
from numerics.update_rules import adam, gradient_descent, langevin, momentum, underdamped_langevin
from properties.checks import at_most, derived, table
from properties.claims import claim

MEMBERS, DIMENSION = 12, 2
RULES = {
    "gradient descent": gradient_descent(),
    "momentum": momentum(0.9),
    "Adam": adam(),
    "Langevin": langevin(0.3),
    "underdamped Langevin": underdamped_langevin(0.3, friction=1.0),
}


@claim(
    "discrete-steps",
    evidence="exact",
    constant=sp.Integer(1),
    falsifiers={"twice": {"constant": sp.Integer(2)}, "half": {"constant": sp.Rational(1, 2)}},
)
def test_limit(constant):
    derived(discrete_steps.limit(constant))


@claim(
    "discrete-steps",
    evidence="property",
    given={"name": st.sampled_from(sorted(RULES)), "seed": st.integers(0, 2**32 - 1)},
    constant=1.0,
    clock=np.sum,
    falsifiers={"two times the bound": {"constant": 2.0}, "mean size in place of the sum": {"clock": np.mean}},
)
def test_limit_of_ensembles(name, seed, constant, clock):
    """Twelve members in the plane, up to ten steps of varying size in a rough objective; the distance by linear programming."""
    random = np.random.default_rng(seed)
    number = int(random.integers(1, 11))
    step_sizes = np.exp(random.uniform(-3.5, 0.0, number))
    data = np.exp(random.uniform(-1, 1, DIMENSION)), random.choice([0.0, 3.0], DIMENSION)
    path = _path(name, random.normal(size=(MEMBERS, DIMENSION)), step_sizes, data, seed)
    squares = np.mean(np.sum(np.diff(path, axis=0) ** 2, axis=2), axis=1)
    cost = _cost(path)
    paid = np.sum(squares / step_sizes)
    at_most(constant * cost / clock(step_sizes), paid, slack=1e-13, scale=paid)


def _cost(path):
    """The squared Wasserstein distance of the last positions from the first."""
    return ot.emd2([], [], np.sum((path[0][:, None] - path[-1][None]) ** 2, axis=2))


def rough(x, data):
    curvature, roughness = data
    return jnp.sum(0.5 * curvature * x**2 + roughness * jnp.cos(3.0 * x))


def _path(name, start, step_sizes, data, seed):
    """The positions before and after every step, shape (K + 1, N, d)."""
    rule = RULES[name]
    members = ensemble(rule, jnp.asarray(start), jax.random.key(seed))
    whole = jax.tree.map(lambda a: jnp.broadcast_to(a, (1, MEMBERS, DIMENSION)), data)
    passed = [start]
    for step_size in step_sizes:
        members = advance(rule, rough, members, jnp.array([step_size]), whole)
        passed.append(np.asarray(members.parameters))
    return np.stack(passed)


@claim(
    "discrete-steps",
    evidence="property",
    constant=1.0,
    falsifiers={"a tenth more": {"constant": 1.1}},
)
def test_which_rules_come_close(constant):
    """The share of the limit that each rule reaches in a quadratic objective; one step of descent is all transport."""
    start = np.random.default_rng(0).normal(size=(MEMBERS, DIMENSION))
    rows, shares = [], []
    for number in (1, 10):
        for name in RULES:
            step_sizes = np.full(number, 0.05)
            path = _path(name, start, step_sizes, (np.ones(DIMENSION), np.zeros(DIMENSION)), 1)
            paid = np.sum(np.mean(np.sum(np.diff(path, axis=0) ** 2, axis=2), axis=1) / step_sizes)
            shares.append(_cost(path) / step_sizes.sum() / paid)
            rows.append([name, number, f"{shares[-1]:.4f}"])
    table("Squared distance over what the steps allow", ["rule", "steps", "share"], rows)
    at_most(constant * np.array(shares), 1.0, slack=1e-13)
