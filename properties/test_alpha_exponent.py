"""Claims about the exponent alpha between metric and gradient noise."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from derivations import alpha_exponent, madelung
from numerics import alpha_exponent as numeric
from properties.checks import agree, decided, derived, fact, table
from properties.claims import claim
from properties.flows import BATCH, positive
from properties.simulation import means_agree

SEEDS = st.integers(0, 2**32 - 1)
HALF = sp.Rational(1, 2)


@claim(
    "alpha-einstein", evidence="exact", order=2, falsifiers={"once": {"order": 1}, "without the metric": {"order": 0}}
)
def test_noise_and_mobility(order):
    derived(alpha_exponent.einstein(order))


@claim(
    "alpha-einstein", evidence="exact", temperature=HALF,
    falsifiers={"temperature gamma": {"temperature": sp.Integer(1)}, "half of it": {"temperature": HALF / 2}},
)  # fmt: skip
def test_law_of_gibbs(temperature):
    derived(alpha_exponent.stationary(temperature))


@claim(
    "alpha-einstein",
    evidence="property",
    given={"d": st.integers(2, 5), "seed": SEEDS},
    alpha=1.0,
    temperature=0.5,
    falsifiers={"alpha 0": {"alpha": 0.0}, "alpha 1/2": {"alpha": 0.5}, "temperature gamma": {"temperature": 1.0}},
)
def test_stationary_laws_at_alpha_one(d, seed, alpha, temperature):
    """Random curvature and noise, which do not commute: ``H Sigma`` is a multiple of the identity."""
    hessian, noise, rate = _drawn(d, seed)
    covariance = np.asarray(_stationary(hessian, noise, alpha, rate))
    expected = temperature * rate[:, None, None] * np.linalg.inv(hessian)
    # The worst of 128000 laws: 2e-13.
    agree(covariance, expected, tolerance=3e-12, scale=_size(expected))


@claim(
    "alpha-detailed-balance", evidence="exact", exponent=1,
    falsifiers={"kappa squared": {"exponent": 2}, "no kappa": {"exponent": 0}},
)  # fmt: skip
def test_detailed_balance(exponent):
    derived(alpha_exponent.detailed_balance(exponent))


@claim("alpha-detailed-balance", evidence="exact", falsifiers={"identity": {"entry": 0}}, entry=1)
def test_reference_numbers(entry):
    derived(alpha_exponent.reference())
    hessian, noise = np.diag([1.0, 3.0]), np.array([[2.0, 1.0], [1.0, 1.0]])
    found = [float(numeric.circulation(hessian, noise, alpha)[0, entry]) for alpha in (0.0, 0.5, 1.0)]
    agree(found, [-1.0, -0.447213595500, 0.0], tolerance=1e-12, scale=1.0)


@claim(
    "alpha-detailed-balance",
    evidence="property",
    given={"d": st.integers(2, 5), "seed": SEEDS, "alpha": st.floats(-1, 2)},
    is_commuting=True,
    shift=0.0,
    falsifiers={
        "other principal directions": {"is_commuting": False},
        "alpha 1.2": {"shift": 0.2, "is_commuting": False},
    },
)
def test_entropy_production_vanishes(d, seed, alpha, is_commuting, shift):
    """At alpha = 1 for all curvatures and noises, at other exponents for those that commute; else entropy is produced."""
    hessian, noise, rate = _drawn(d, seed)
    ones = np.full(BATCH, 1.0 + shift)
    agree(
        _production(hessian, noise, ones, rate),
        np.zeros(BATCH),
        tolerance=1e-22,
        scale=_rate(hessian, noise, ones, rate),
    )
    if is_commuting:
        values, frame = np.linalg.eigh(hessian)
        noise = np.einsum("nia,na,nja->nij", frame, np.roll(values, 1, axis=1), frame)
    powers = np.full(BATCH, alpha)
    agree(
        _production(hessian, noise, powers, rate),
        np.zeros(BATCH),
        tolerance=1e-22,
        scale=_rate(hessian, noise, powers, rate),
    )


@claim(
    "alpha-detailed-balance",
    evidence="property",
    given={"d": st.integers(1, 5), "seed": SEEDS, "alpha": st.floats(-1, 2)},
    exponent=1.0,
    falsifiers={"another exponent": {"exponent": 1.01}},
)
def test_stationary_covariances(d, seed, alpha, exponent):
    """In closed form against a Schur method for Lyapunov's equation."""
    hessian, noise, rate = (a[:8] for a in _drawn(d, seed))
    found = np.asarray(_stationary(hessian, noise, exponent * alpha + (exponent - 1), rate))
    for h, k, g, covariance in zip(hessian, noise, rate, found, strict=True):
        drift, diffusion = g * _power(k, -alpha) @ h, g**2 / 2 * _power(k, 1 - 2 * alpha)
        expected = solve_continuous_lyapunov(drift, 2 * diffusion)
        agree(covariance, expected, tolerance=1e-12, scale=np.abs(expected).max())


def _drawn(d, seed):
    random = np.random.default_rng([seed, d])
    return positive(random, d, 2.0), positive(random, d, 2.0), np.exp(random.uniform(-1, 1, BATCH))


def _power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**exponent) @ vectors.T


def _size(matrices):
    return np.abs(matrices).max(axis=(1, 2), keepdims=True)


_stationary = jax.jit(jax.vmap(numeric.stationary_covariance, (0, 0, None, 0)))
_entropy_production = jax.jit(jax.vmap(numeric.entropy_production_rate))


def _production(hessian, noise, alpha, rate):
    return np.asarray(_entropy_production(hessian, noise, alpha, rate))


@jax.jit
@jax.vmap
def _rate(hessian, noise, alpha, rate):
    """The rate at which members forget: the trace of the drift."""
    return jnp.trace(numeric.drift(hessian, noise, alpha, rate))


@claim(
    "alpha-zero-gibbs", evidence="exact", temperature=HALF, falsifiers={"temperature gamma": {"temperature": sp.Integer(1)}}
)  # fmt: skip
def test_gibbs_needs_isotropic_noise(temperature):
    derived(alpha_exponent.stationary(temperature))


@claim(
    "alpha-zero-gibbs",
    evidence="property",
    anisotropy=1.0,
    falsifiers={"noise four times as large along one axis": {"anisotropy": 4.0}},
)
def test_isotropic_noise_at_alpha_zero(anisotropy):
    """Curvatures 1 and 2: the covariance times the curvature, which the law of Gibbs makes a multiple of the identity."""
    hessian, noise = np.diag([1.0, 2.0]), np.diag([1.0, anisotropy])
    found = np.asarray(numeric.stationary_covariance(hessian, noise, 0.0)) @ hessian
    fact("temperatures along the two axes", ", ".join(f"{value:.3f}" for value in np.diag(found)))
    agree(found, 0.5 * np.eye(2), tolerance=1e-14, scale=1.0)


@claim("alpha-whitening", evidence="exact", order=2, falsifiers={"once": {"order": 1}})
def test_whitened_noise(order):
    derived(alpha_exponent.einstein(order))


@claim(
    "alpha-whitening",
    evidence="property",
    given={"d": st.integers(2, 5), "seed": SEEDS},
    alpha=0.5,
    falsifiers={"alpha 1": {"alpha": 1.0}, "alpha 0.49": {"alpha": 0.49}},
)
def test_diffusion_at_alpha_one_half(d, seed, alpha):
    """The diffusion is the same in all directions, for every noise."""
    _, noise, rate = _drawn(d, seed)
    found = np.asarray(jax.vmap(numeric.diffusion, (0, None, 0))(noise, alpha, rate))
    expected = rate[:, None, None] ** 2 / 2 * np.eye(d)
    agree(found, expected, tolerance=1e-13, scale=_size(expected))


@claim("alpha-covariant", evidence="exact", power=HALF, falsifiers={"alpha 1": {"power": sp.Integer(1)}})
def test_power_in_other_units(power):
    derived(alpha_exponent.not_a_tensor(power))


@claim("alpha-covariant", evidence="counterexample", alpha=0.5, falsifiers={"alpha 1": {"alpha": 1.0}})
def test_learning_in_other_units(alpha):
    """The stationary law of the same learner, computed in units of which one is four times larger, and changed back."""
    hessian, noise, scale = np.array([[1.0, 0.5], [0.5, 2.0]]), np.array([[2.0, 1.0], [1.0, 1.0]]), np.diag([4.0, 1.0])
    here = np.asarray(numeric.stationary_covariance(hessian, noise, alpha))
    there = np.asarray(numeric.stationary_covariance(scale @ hessian @ scale, scale @ noise @ scale, alpha))
    back = scale @ there @ scale
    fact("variance along the first axis, in both units", f"{here[0, 0]:.6f}, {back[0, 0]:.6f}")
    decided(bool(abs(back[0, 0] / here[0, 0] - 1) > 0.1), "the two differ by more than a tenth")


@claim(
    "alpha-half-singled-out", evidence="exact", constant=HALF,
    falsifiers={"g = gamma H": {"constant": sp.Integer(1)}, "a quarter": {"constant": HALF / 2}},
)  # fmt: skip
def test_noise_that_the_learner_makes(constant):
    derived(alpha_exponent.closed_loop(constant))


@claim(
    "alpha-half-singled-out",
    evidence="counterexample",
    alphas=(0.25, 0.5, 1.0),
    factor=0.5,
    falsifiers={"g = gamma H": {"factor": 1.0}},
)
def test_fixed_points_at_several_exponents(alphas, factor):
    """``kappa = (gamma/2 H)^(1/alpha)`` and the covariance that it makes: stationary under the noise ``H Sigma H``."""
    hessian, rate = np.array([[1.0, 0.5], [0.5, 2.0]]), 0.7
    inverse = np.linalg.inv(hessian)
    for alpha in alphas:
        noise = _power(factor * rate * hessian, 1 / alpha)
        covariance = inverse @ noise @ inverse
        agree(_power(noise, alpha), factor * rate * hessian, tolerance=1e-12, scale=1.0)
        agree(
            numeric.stationary_covariance(hessian, noise, alpha, rate),
            covariance,
            tolerance=1e-11,
            scale=np.abs(covariance).max(),
        )


@claim(
    "madelung-wave", evidence="exact", factor=sp.Integer(4),
    falsifiers={"two": {"factor": sp.Integer(2)}, "the other sign": {"factor": -sp.Integer(4)}},
)  # fmt: skip
def test_quantum_potential(factor):
    derived(madelung.quantum_potential(factor))


@claim(
    "madelung-wave", evidence="exact", is_proportional=True, falsifiers={"another metric": {"is_proportional": False}}
)  # fmt: skip
def test_wave_equation(is_proportional):
    derived(madelung.wave_equation(is_proportional))


_ALPHAS = (0.0, 0.5, 1.0)
_STEP, _STEPS, _MEMBERS = 0.05, 200, 30_000
_HESSIAN, _NOISE = np.diag([1.0, 3.0]), np.array([[2.0, 1.0], [1.0, 1.0]])


@claim(
    "alpha-detailed-balance",
    evidence="simulated",
    shift=0.0,
    falsifiers={"exponents a tenth larger": {"shift": 0.1}},
)
def test_simulated_learners(shift):
    """30000 learners at alpha = 0, 1/2 and 1 in steps of 0.05, against the exact stationary covariance of these steps."""
    samples, expected, rival = {}, {}, {}
    for alpha in _ALPHAS:
        x = _simulated(alpha)
        for change, found in ((shift, expected), (0.1, rival)):
            law = _of_steps(alpha + change)
            found |= {f"{i + 1}{j + 1} at alpha {alpha}": law[i, j] for i in (0, 1) for j in range(i, 2)}
        samples |= {f"{i + 1}{j + 1} at alpha {alpha}": x[:, i] * x[:, j] for i in (0, 1) for j in range(i, 2)}
    truth = {
        f"{i + 1}{j + 1} at alpha {alpha}": _of_steps(alpha)[i, j]
        for alpha in _ALPHAS
        for i in (0, 1)
        for j in range(i, 2)
    }
    continuous = [np.asarray(numeric.stationary_covariance(_HESSIAN, _NOISE, alpha)) for alpha in _ALPHAS]
    rows = [
        [alpha, *(f"{v:.4f}" for v in (c[0, 0], c[0, 1], c[1, 1]))]
        for alpha, c in zip(_ALPHAS, continuous, strict=True)
    ]
    table("Stationary covariances for short steps", ["alpha", "11", "12", "22"], rows)
    means_agree(samples, expected, truth, {"exponents a tenth larger": rival})


def _of_steps(alpha):
    """The stationary covariance of ``q' = q - eta A q + noise`` of variance ``2 eta D``."""
    drift, diffusion = _power(_NOISE, -alpha) @ _HESSIAN, _power(_NOISE, 1 - 2 * alpha) / 2
    return solve_discrete_lyapunov(np.eye(2) - _STEP * drift, 2 * _STEP * diffusion)


@cache
def _simulated(alpha):
    """Where the learners are at the end, shape (members, 2)."""
    return np.asarray(_learned(alpha))


@jax.jit
def _learned(alpha):
    drift, spread = numeric.drift(_HESSIAN, _NOISE, alpha), numeric.diffusion(_NOISE, alpha)
    root = jnp.linalg.cholesky(2 * _STEP * spread)

    def step(x, key):
        return x - _STEP * x @ drift.T + jax.random.normal(key, x.shape) @ root.T, None

    keys = jax.random.split(jax.random.key(0), _STEPS)
    return jax.lax.scan(step, jnp.zeros((_MEMBERS, 2)), keys)[0]
