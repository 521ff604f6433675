"""Driven traps against an ODE solver and closed forms; friction, efficiency and losses; their domain, dtypes and shapes."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import thermogeometry as tg
from numerics.path_efficiency import efficiency, equilibration_loss, path_energy
from numerics.quasi_static import drive, friction_tensor, held_law, holding_trap


def wave(part):
    return jnp.stack([2.0 * part - jnp.sin(jnp.pi * part), jnp.exp(0.3 - part + 0.8 * jnp.sin(jnp.pi * part))])


def dragged(part):
    return jnp.stack([4.0 * part, jnp.ones_like(part)])


driven = jax.jit(partial(drive, dragged))


@pytest.mark.parametrize("duration", [0.05, 3.0, 60.0])
def test_work_against_the_equations_of_the_moments(duration):
    """Mean and variance of x itself, and the mean of the rate of change of the objective, less the free energies."""
    friction, temperature = 0.7, 0.4
    control = jax.jit(lambda part: jax.jvp(wave, (part,), (jnp.ones(()),)))

    def rates(t, state):
        (centre, stiffness), (moved, stiffened) = np.asarray(control(jnp.asarray(t / duration)))
        mean, variance, _ = state
        work = 0.5 * stiffened * (variance + (mean - centre) ** 2) - stiffness * moved * (mean - centre)
        return [
            -stiffness / friction * (mean - centre),
            2 * (temperature - stiffness * variance) / friction,
            work / duration,
        ]

    (centre, first), (_, last) = np.asarray(wave(jnp.zeros(()))), np.asarray(wave(jnp.ones(())))
    end = solve_ivp(rates, (0, duration), [centre, temperature / first, 0.0], rtol=1e-10, atol=1e-12).y[:, -1]
    found = drive(wave, duration, friction, temperature)
    np.testing.assert_allclose([found.mean, found.variance], end[:2], rtol=1e-8)
    np.testing.assert_allclose(found.excess_work, end[2] - 0.5 * temperature * np.log(last / first), rtol=1e-7)


@pytest.mark.parametrize("duration", [1e-3, 1.0, 1e4])
def test_work_of_a_dragged_trap(duration):
    found, saved = driven(duration, 1.0, 1.0), -np.expm1(-duration) / duration
    np.testing.assert_allclose(found.excess_work * duration, 16 * (1 - saved), rtol=1e-9)
    np.testing.assert_allclose([found.mean, found.variance], [4 - 4 * saved, 1.0], rtol=1e-9)


def test_a_trap_that_stays_takes_no_work():
    found = drive(lambda part: jnp.stack([1.0 + 0.0 * part, 2.0 + 0.0 * part]), 3.0, temperature=0.5)
    np.testing.assert_allclose([found.excess_work, found.mean, found.variance], [0.0, 1.0, 0.25], atol=1e-15)


def test_friction_and_held_laws():
    control = jnp.array([0.3, 2.0])
    np.testing.assert_allclose(friction_tensor(control, 3.0, 0.5), np.diag([3.0, 3.0 * 0.5 / 32]), rtol=1e-15)
    np.testing.assert_allclose(held_law(control, 0.5), [0.3, 0.5], rtol=1e-15)
    np.testing.assert_allclose(holding_trap(held_law(control, 0.7), 0.7), control, rtol=1e-14)


def test_energy_and_efficiency_of_known_paths():
    """A quarter of a circle in polar coordinates, and the line from N(0, 1) to N(0, 4) in sigma, log sigma and sigma^2."""

    def polar(x):
        return jnp.diag(jnp.stack([jnp.ones_like(x[0]), x[0] ** 2]))

    arc = path_energy(polar, lambda part: jnp.stack([2.0 + 0.0 * part, 0.5 * jnp.pi * part]))
    np.testing.assert_allclose(arc, np.pi**2, rtol=1e-14)
    y = np.log(2) / 2
    powers = {0.0: 1.0, 1.0: (y / np.sinh(y)) ** 2, 2.0: (2 * y / np.sinh(2 * y)) ** 2}
    for power, expected in powers.items():

        def path(part, power=power):
            deviation = 2.0**part if power == 0 else (1 + part * (2.0**power - 1)) ** (1 / power)
            return jnp.stack([0.0 * part, deviation])

        np.testing.assert_allclose(efficiency(tg.geometry("gaussian"), path), expected, rtol=1e-12)


def test_loss_of_steps():
    kl = tg.geometry("poisson").kl
    rates = np.array([1.0, 2.0, 5.0])
    expected = np.sum(rates[:-1] * np.log(rates[:-1] / rates[1:]) + np.diff(rates))
    np.testing.assert_allclose(equilibration_loss(kl, jnp.asarray(rates[:, None])), expected, rtol=1e-13)


def test_batches_gradients_and_dtypes():
    works = jax.vmap(lambda duration: drive(dragged, duration).excess_work)(jnp.array([1.0, 2.0]))
    np.testing.assert_allclose(works, [drive(dragged, 1.0).excess_work, drive(dragged, 2.0).excess_work], rtol=1e-10)
    slope = jax.jacfwd(lambda duration: drive(dragged, duration).excess_work)(2.0)
    t, left = 2.0, np.exp(-2.0)
    np.testing.assert_allclose(slope, 16 * (-1 / t**2 - left / t**2 + 2 * (1 - left) / t**3), rtol=1e-8)
    single = jnp.float32(4.0)

    def path(part):
        return jnp.stack([single * part, 1 + single * part])

    found = drive(path, jnp.float32(2.0))
    assert {value.dtype for value in found} == {jnp.dtype(jnp.float32)}
    double = drive(lambda part: jnp.stack([4.0 * part, 1.0 + 4.0 * part]), 2.0)
    np.testing.assert_allclose(found, double, rtol=1e-4)
    assert path_energy(friction_tensor, path).dtype == jnp.float32
    assert efficiency(tg.geometry("gaussian"), path).dtype == jnp.float32
    assert friction_tensor(jnp.ones(2, jnp.float32)).dtype == jnp.float32


@pytest.mark.parametrize(
    "change",
    [{"duration": 0.0}, {"duration": -1.0}, {"friction": -1.0}, {"temperature": 0.0}, {"duration": np.nan}],
    ids=str,
)
def test_what_is_no_drive_is_nan(change):
    assert np.isnan(driven(**({"duration": 1.0, "friction": 1.0, "temperature": 1.0} | change))).all()


def test_traps_outside_the_domain_are_nan():
    assert np.isnan(drive(lambda part: jnp.stack([0.0 * part, 1.0 - 1.5 * part]), 1.0).excess_work)
    for control in ([0.0, 0.0], [0.0, -1.0], [0.0, np.nan]):
        assert np.isnan(friction_tensor(jnp.array(control))[1, 1])
        assert np.isnan(held_law(jnp.array(control))[1])
        assert np.isnan(holding_trap(jnp.array(control))[1])
    assert np.isnan(friction_tensor(jnp.ones(2), -1.0)).any()


@pytest.mark.parametrize(
    ("call", "error", "named"),
    [
        (lambda: drive(lambda part: part * jnp.zeros(3), 1.0), ValueError, r"protocol\(0\) has shape \(3,\)"),
        (lambda: friction_tensor(jnp.ones(3)), ValueError, "control has shape"),
        (lambda: friction_tensor(jnp.ones(2), jnp.ones(2)), ValueError, "friction has shape"),
        (lambda: held_law(jnp.ones(2, int)), TypeError, "control"),
        (lambda: equilibration_loss(tg.geometry("poisson").kl, jnp.ones(3)), ValueError, "points has shape"),
        (lambda: equilibration_loss(tg.geometry("poisson").kl, jnp.ones((1, 1))), ValueError, "points has shape"),
    ],
)
def test_wrong_shapes_and_dtypes_raise(call, error, named):
    with pytest.raises(error, match=named):
        call()
