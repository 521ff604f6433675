"""Ensembles and update rules against NumPy, exact moments and themselves: on one device and on two, in pieces, in float32."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import expm, solve_discrete_lyapunov

from numerics.ensembles import advance, energies, ensemble, sharded
from numerics.update_rules import adam, gradient_descent, langevin, momentum, underdamped_langevin

RULES = {
    "gradient descent": gradient_descent(),
    "momentum": momentum(0.8),
    "Adam": adam(b1=0.7),
    "Langevin": langevin(0.5),
    "underdamped Langevin": underdamped_langevin(0.5, friction=2.0, mass=1.5),
}
SIZES = np.array([0.1, 0.3, 0.02, 0.2, 0.05])
CURVATURE = np.array([0.5, 2.0, 1.0])


def rough(x, data):
    return jnp.sum(0.5 * CURVATURE * x**2 + jnp.cos(3.0 * x))


def slope(x):
    return CURVATURE * x - 3.0 * np.sin(3.0 * x)


def starting(number=4, seed=0):
    return np.random.default_rng(seed).normal(size=(number, 3))


def after(rule, start, sizes=SIZES, objective=rough, data=None, seed=7):
    members = ensemble(rule, start, jax.random.key(seed))
    return advance(rule, objective, members, jnp.asarray(sizes), data)


def descent_steps(x):
    for eta in SIZES:
        x = x - eta * slope(x)
        yield x


def momentum_steps(x):
    p = 0.0
    for eta in SIZES:
        p = 0.8 * p + slope(x)
        x = x - eta * p
        yield x


def adam_steps(x, b1=0.7, b2=0.999):
    m = v = 0.0
    for k, eta in enumerate(SIZES, start=1):
        g = slope(x)
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        x = x - eta * (m / (1 - b1**k)) / (np.sqrt(v / (1 - b2**k)) + 1e-8)
        yield x


@pytest.mark.parametrize(
    ("name", "steps"),
    [("gradient descent", descent_steps), ("momentum", momentum_steps), ("Adam", adam_steps)],
)
def test_optimisers_against_numpy(name, steps):
    """After every step, of sizes that vary, and all at once."""
    members = ensemble(RULES[name], starting(), jax.random.key(7))
    for eta, expected in zip(SIZES, steps(starting()), strict=True):
        members = advance(RULES[name], rough, members, jnp.array([eta]))
        np.testing.assert_allclose(members.parameters, expected, rtol=0, atol=1e-12)
    assert int(members.steps) == len(SIZES)
    np.testing.assert_allclose(after(RULES[name], starting()).parameters, members.parameters, rtol=0, atol=1e-13)
    by_member = [float(rough(x, None)) for x in np.asarray(members.parameters)]
    np.testing.assert_allclose(energies(rough, members), by_member, rtol=1e-14)


def test_one_step_of_langevin():
    """Mean and covariance of many members that start together, within five standard errors; all noise is independent."""
    number, eta, temperature = 2**16, 0.2, 0.5
    start = np.tile([[0.5, -1.0, 2.0]], (number, 1))
    members = ensemble(RULES["Langevin"], start, jax.random.key(3))
    once = advance(RULES["Langevin"], rough, members, jnp.array([eta]))
    noise = np.asarray(once.parameters) - (start - eta * slope(start))
    variance = 2 * eta * temperature
    assert np.abs(noise.mean(axis=0)).max() < 5 * (variance / number) ** 0.5
    # Entries of a sample covariance have the variance v^2/N, on the diagonal twice that.
    assert np.abs(noise.T @ noise / number - variance * np.eye(3)).max() < 5 * variance * (2 / number) ** 0.5
    twice = advance(RULES["Langevin"], rough, once, jnp.array([eta]))
    middle = np.asarray(once.parameters)
    later = np.asarray(twice.parameters) - (middle - eta * slope(middle))
    assert np.abs(np.mean(noise * later, axis=0)).max() < 5 * variance / number**0.5
    assert np.abs(np.mean(noise[1:] * noise[:-1], axis=0)).max() < 5 * variance / number**0.5


def test_momentum_of_langevin_begins_in_equilibrium():
    members = ensemble(RULES["underdamped Langevin"], np.zeros((2**15, 2)), jax.random.key(5))
    momenta, variance = np.asarray(members.memory), 1.5 * 0.5
    assert np.abs(momenta.mean(axis=0)).max() < 5 * (variance / 2**15) ** 0.5
    assert np.abs(momenta.var(axis=0) - variance).max() < 5 * variance * (2 / 2**15) ** 0.5


def parabola(x, data):
    return jnp.sum(x * x)


def test_underdamped_langevin_without_noise_is_of_second_order():
    """From rest at curvature 2, against the matrix exponential: halved steps make a quarter of the error."""
    mass, friction, duration = 1.5, 0.7, 2.0
    rule = underdamped_langevin(0.0, friction, mass)
    exact = expm(duration * np.array([[0.0, 1 / mass], [-2.0, -friction]])) @ [1.0, 0.0]
    errors = []
    for number in (20, 40, 80):
        found = after(rule, np.ones((1, 1)), np.full(number, duration / number), parabola)
        errors.append(np.array([found.parameters[0, 0], found.memory[0, 0]]) - exact)
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert np.abs(errors[-1]).max() < 1e-3
    np.testing.assert_allclose(ratios, 4.0, rtol=0.05)


def test_stationary_variance_of_underdamped_langevin():
    """Of the position against that of the linear recursion of the algorithm, which is T/k up to the square of the step."""
    step, stiffness, mass, friction, temperature, number = 0.3, 2.0, 1.5, 2.0, 0.5, 2**15
    drift, kick = np.array([[1.0, step / 2 / mass], [0.0, 1.0]]), np.array([[1.0, 0.0], [-stiffness * step / 2, 1.0]])
    one = drift @ kick @ np.diag([1.0, np.exp(-friction * step)]) @ kick @ drift
    noise = (drift @ kick)[:, 1] * ((1 - np.exp(-2 * friction * step)) * mass * temperature) ** 0.5
    rest = solve_discrete_lyapunov(one, np.outer(noise, noise))
    assert 0 < abs(rest[0, 0] / (temperature / stiffness) - 1) < 0.1 * step
    start = (temperature / stiffness) ** 0.5 * np.random.default_rng(2).normal(size=(number // 8, 8))
    found = after(RULES["underdamped Langevin"], start, np.full(60, step), parabola)
    for values, variance in ((found.parameters, rest[0, 0]), (found.memory, rest[1, 1])):
        assert abs(np.var(values) - variance) < 5 * variance * (2 / number) ** 0.5


@pytest.mark.parametrize("name", RULES)
def test_steps_in_pieces_are_the_same_steps(name):
    """Twice some steps are the steps taken at once, noise included; another key gives other noise."""
    rule = RULES[name]
    whole = after(rule, starting())
    part = ensemble(rule, starting(), jax.random.key(7))
    for sizes in (SIZES[:2], SIZES[2:]):
        part = advance(rule, rough, part, jnp.asarray(sizes))
    np.testing.assert_array_equal(part.parameters, whole.parameters)
    assert int(part.steps) == len(SIZES)
    is_random = "Langevin" in name
    assert np.array_equal(after(rule, starting(), seed=8).parameters, whole.parameters) != is_random
    same = after(rule, np.tile(starting(1), (4, 1))).parameters
    assert (len(np.unique(np.asarray(same), axis=0)) == 4) == is_random


@pytest.mark.parametrize("name", ["gradient descent", "momentum", "Adam"])
def test_parameters_of_several_arrays(name):
    """A network's weights as a pytree move like the same numbers in one array."""
    start = starting()

    def split(x, data):
        return rough(jnp.concatenate([x["first"][:, 0], x["rest"]]), data)

    tree = {"first": start[:, :1, None], "rest": start[:, 1:]}
    found = after(RULES[name], tree, objective=split).parameters
    whole = after(RULES[name], start).parameters
    np.testing.assert_allclose(found["first"][:, :, 0], whole[:, :1], atol=1e-13)
    np.testing.assert_allclose(found["rest"], whole[:, 1:], atol=1e-13)


@pytest.mark.parametrize("name", ["Langevin", "underdamped Langevin"])
def test_noise_of_several_arrays_is_independent(name):
    number, both = 2**15, {"a": 0.0, "b": 0.0}
    found = after(
        RULES[name],
        {key: np.zeros(number) for key in both},
        np.array([0.1]),
        lambda x, _: 0.0 * x["a"] + 0.0 * x["b"],
    ).parameters
    assert abs(np.corrcoef(found["a"], found["b"])[0, 1]) < 5 / number**0.5


@pytest.mark.parametrize("size", [np.float32, np.float64])
@pytest.mark.parametrize("name", RULES)
def test_single_precision_stays(name, size):
    start = starting().astype(np.float32)
    found = after(RULES[name], start, SIZES.astype(size))
    floating = [a for a in jax.tree.leaves((found.parameters, found.memory)) if jnp.issubdtype(a.dtype, jnp.floating)]
    assert {a.dtype for a in floating} == {jnp.dtype(np.float32)}
    if "Langevin" not in name:
        np.testing.assert_allclose(found.parameters, after(RULES[name], starting()).parameters, atol=2e-5)


def test_numbers_of_numpy_as_temperature():
    rule = underdamped_langevin(np.float64(0.5), friction=np.float64(2.0), mass=np.float64(1.5))
    found = after(rule, starting().astype(np.float32))
    assert found.parameters.dtype == found.memory.dtype == jnp.float32
    assert after(langevin(np.float64(0.5)), starting().astype(np.float32)).parameters.dtype == jnp.float32


def test_data_of_every_step_and_member():
    """Each member is drawn to its own targets, another in every step."""
    targets, weights = np.random.default_rng(1).normal(size=(5, 4, 3)), np.exp(starting(5)[:, :1] + np.zeros((5, 4)))
    found = after(
        RULES["gradient descent"],
        starting(),
        objective=lambda x, data: 0.5 * data["weight"] * jnp.sum((x - data["target"]) ** 2),
        data={"target": jnp.asarray(targets), "weight": jnp.asarray(weights)},
    )
    x = starting()
    for eta, target, weight in zip(SIZES, targets, weights, strict=True):
        x = x - eta * weight[:, None] * (x - target)
    np.testing.assert_allclose(found.parameters, x, atol=1e-13)


@pytest.mark.parametrize(
    ("parameters", "error", "named"),
    [
        ({"a": np.zeros((3, 2)), "b": np.zeros((4, 2))}, ValueError, "the same number of members"),
        (np.zeros((0, 2)), ValueError, "the same number of members"),
        (np.float64(1.0), ValueError, "the same number of members"),
        ({}, ValueError, "the same number of members"),
        (np.zeros((3, 2), int), TypeError, "parameters have dtype int64"),
    ],
)
def test_what_is_no_ensemble_raises(parameters, error, named):
    with pytest.raises(error, match=named):
        ensemble(RULES["gradient descent"], parameters, jax.random.key(0))


_ON_TWO = """
import sys
import jax
import numpy as np
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
sys.path.insert(0, sys.argv[1])
import test_ensembles as unit
from numerics.ensembles import advance, ensemble, sharded

assert len(jax.devices()) == 2
for name, rule in unit.RULES.items():
    members = ensemble(rule, unit.starting(), jax.random.key(7))
    alone, spread = (advance(rule, unit.rough, m, unit.SIZES) for m in (members, sharded(members)))
    assert len(spread.parameters.sharding.device_set) == 2, name
    assert not spread.parameters.sharding.is_fully_replicated, name
    np.testing.assert_allclose(spread.parameters, alone.parameters, rtol=1e-14, atol=1e-15, err_msg=name)
try:
    sharded(ensemble(rule, unit.starting(3), jax.random.key(7)))
except ValueError as error:
    assert "3 members do not divide among 2 devices" in str(error)
else:
    raise AssertionError("three members on two devices")
"""


@pytest.mark.slow
def test_members_on_two_devices():
    """Every rule takes the same steps as on one device, and the members stay spread."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=2"
    folder = Path(__file__).parent
    environment = os.environ | {"XLA_FLAGS": flags, "PYTHONPATH": str(folder.parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", _ON_TWO, str(folder)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_members_on_one_device_are_sharded_too():
    members = sharded(ensemble(RULES["momentum"], starting(), jax.random.key(7)))
    found = advance(RULES["momentum"], rough, members, jnp.asarray(SIZES))
    np.testing.assert_array_equal(found.parameters, after(RULES["momentum"], starting()).parameters)
