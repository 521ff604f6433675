"""Claims about noise that is not the same in all directions."""

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp
from scipy.linalg import solve_continuous_lyapunov

from derivations import anisotropic_noise
from numerics.gaussian_flow import gaussian_flow
from properties.checks import agree, at_most, decided, derived, fact
from properties.claims import claim
from properties.flows import BATCH, positive


@claim(
    "anisotropic-noise",
    evidence="exact",
    temperature=sp.Rational(1, 2),
    falsifiers={"the trace": {"temperature": sp.Integer(1)}, "a quarter of it": {"temperature": sp.Rational(1, 4)}},
)
def test_free_energy_rises(temperature):
    derived(anisotropic_noise.rise(temperature))


@claim(
    "anisotropic-noise",
    evidence="exact",
    order=1,
    falsifiers={"noise forgotten": {"order": 0}, "noise twice": {"order": 2}},
)
def test_relation_of_einstein(order):
    derived(anisotropic_noise.einstein(order))


@claim("anisotropic-noise", evidence="exact", sign=1, falsifiers={"the anticommutator": {"sign": -1}})
def test_noise_that_commutes_with_the_curvature(sign):
    derived(anisotropic_noise.commuting(sign))


@claim(
    "anisotropic-noise",
    evidence="exact",
    factor=sp.Integer(1),
    falsifiers={"twice the covariance": {"factor": sp.Integer(2)}, "half of it": {"factor": sp.Rational(1, 2)}},
)
def test_entropy_production_of_a_stationary_law(factor):
    derived(anisotropic_noise.circulation(factor))


@claim(
    "anisotropic-noise",
    evidence="property",
    given={"d": st.integers(2, 4), "seed": st.integers(0, 2**32 - 1)},
    is_commuting=True,
    is_effective=False,
    constant=1.0,
    falsifiers={
        "other principal directions": {"is_commuting": False},
        "effective temperature": {"is_effective": True},
        "two times the bound": {"constant": 2.0},
    },
)
def test_noise_with_the_principal_directions_of_the_curvature(d, seed, is_commuting, is_effective, constant):
    """Random normal laws: ``E[Psi] - H`` of the moments of the stochastic equation against the flow of Psi at mobility D."""
    random = np.random.default_rng([seed, d])
    curvature, begin, mean = positive(random, d, 2.0), positive(random, d, 2.0), random.normal(size=(BATCH, d))
    rates, frame = np.linalg.eigh(curvature)
    duration = np.exp(random.uniform(-2, 2, BATCH))
    noise = _turned(frame, np.exp(random.uniform(-2, 2, (BATCH, d)))) if is_commuting else positive(random, d, 0.5)
    end, end_mean = _moments(rates, frame, noise, begin, mean, duration)
    weight = np.linalg.inv(noise)
    if is_effective:
        weight = np.eye(d) / np.trace(noise, axis1=1, axis2=2)[:, None, None] * d
    slope = weight @ curvature
    psi = 0.5 * (slope + np.swapaxes(slope, 1, 2))
    drop = _free_energy(psi, begin, mean) - _free_energy(psi, end, end_mean)
    flow = jax.vmap(gaussian_flow)(psi, np.zeros((BATCH, d)), np.ones(BATCH), mean, begin, np.linalg.inv(weight))
    production, cost = (
        np.asarray(a)
        for a in jax.vmap(lambda f, t: (f.entropy_production(t), f.transport_cost(t, True)))(flow, duration)
    )
    size = 1 + np.abs(_free_energy(psi, begin, mean)) + np.abs(_free_energy(psi, end, end_mean))
    # The worst of 128000 laws: 1.9e-14.
    agree(drop, production, tolerance=2e-13, scale=size)
    at_most(constant * cost / duration, production, slack=1e-11, scale=production)


def _turned(frame, values):
    return np.einsum("nia,na,nja->nij", frame, values, frame)


def _moments(rates, frame, noise, covariance, mean, t):
    """Covariance and mean at time t of ``dx = -A x dt + sqrt(2 D) dW``."""
    left = np.exp(-rates * t[:, None])
    pairs = rates[:, :, None] + rates[:, None, :]
    there, noise_there = (np.swapaxes(frame, 1, 2) @ a @ frame for a in (covariance, noise))
    spread = -np.expm1(-pairs * t[:, None, None]) / pairs
    moved = left[:, :, None] * there * left[:, None, :] + 2 * noise_there * spread
    mean_there = left * np.einsum("nia,ni->na", frame, mean)
    return frame @ moved @ np.swapaxes(frame, 1, 2), np.einsum("nia,na->ni", frame, mean_there)


def _free_energy(psi, covariance, mean):
    energy = np.einsum("nij,nij->n", psi, covariance + mean[:, :, None] * mean[:, None, :]) / 2
    return energy - (np.linalg.slogdet(covariance)[1] + mean.shape[1] * np.log(2 * np.pi * np.e)) / 2


@claim(
    "anisotropic-noise",
    evidence="counterexample",
    second=0.25,
    falsifiers={"the same in all directions": {"second": 1.75}},
)
def test_a_law_that_widens_along_one_axis(second):
    """``Phi = |x|^2/2``, ``D = diag(7/4, 1/4)``, from N(0, 1), where the effective temperature is 1, for one unit of time."""
    noise = np.array([1.75, second])
    temperature = noise.mean()
    variances = noise + (temperature - noise) * np.exp(-2.0)
    drop = (2 * temperature - variances.sum()) / 2 + temperature / 2 * np.log(variances.prod() / temperature**2)
    cost = np.sum((np.sqrt(variances) - np.sqrt(temperature)) ** 2)
    fact("drop of the free energy, squared distance over the time", f"{float(drop)!r}, {float(cost)!r}")
    decided(bool(drop < -0.25 and cost > 0.2), "the free energy rises by more than 0.25, while the law moves")


@claim(
    "anisotropic-noise",
    evidence="counterexample",
    mixed=1.0,
    falsifiers={"noise that commutes": {"mixed": 0.0}},
)
def test_a_stationary_law_that_circulates(mixed):
    """Curvatures 1 and 3, ``D = ((1, 1), (1, 2))``: the stationary velocity and what it dissipates."""
    curvature, noise = np.diag([1.0, 3.0]), np.array([[1.0, mixed], [mixed, 2.0]])
    covariance = solve_continuous_lyapunov(curvature, 2 * noise)
    slope = noise @ np.linalg.inv(covariance) - curvature
    rate = float(np.trace(slope.T @ np.linalg.solve(noise, slope) @ covariance))
    fact("entropy production per time", repr(rate))
    decided(rate > 0.99, "the stationary law produces more than 0.99 units of entropy per unit of time")
