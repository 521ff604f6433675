"""Flows of normal laws against matrix exponentials, an ODE solver, mpmath and POT; their domain, dtypes and shapes."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import ot
import pytest
from scipy.integrate import quad, solve_ivp
from scipy.linalg import expm

import thermogeometry as tg
from numerics.bures_wasserstein import squared_distance
from numerics.gaussian_flow import validate_gaussian_flow


def law(seed, d, spread=2.0):
    random = np.random.default_rng([seed, d])

    def positive():
        frame, _ = np.linalg.qr(random.normal(size=(d, d)))
        return (frame * np.exp(random.uniform(-spread, spread, d))) @ frame.T

    return {
        "A": positive(), "b": random.normal(size=d), "temperature": 0.6, "mean": random.normal(size=d),
        "covariance": positive(), "mobility": positive(),
    }  # fmt: skip


def test_the_reference_case():
    one = jnp.ones((1, 1))
    flow = tg.gaussian_flow(1.5 * one, jnp.zeros(1), 0.8, jnp.ones(1), 0.25 * one)
    found = [flow.free_energy(0.0), flow.free_energy(0.7), flow.entropy_production(0.7), flow.transport_cost(0.7)]
    np.testing.assert_allclose(found, [0.3568669179, -0.3909800122, 0.7478469301, 0.4650756939], atol=1e-10)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_moments_solve_their_equations(d):
    parts = law(1, d)
    A, b, T, m, S, M = parts.values()
    flow = tg.gaussian_flow(**parts)
    for t in (0.0, 0.3, 2.0):
        left = expm(-t * M @ A)
        rest = T * np.linalg.inv(A)
        np.testing.assert_allclose(flow.mean(t), b + left @ (m - b), rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(flow.covariance(t), rest + left @ (S - rest) @ left.T, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("curvature", [np.diag([1.0, -0.5]), np.zeros((2, 2))], ids=["saddle", "flat"])
def test_flows_without_equilibrium(curvature):
    """The entropy production is the integral along the moments, and the drop of the free energy."""
    S, m, T, M = np.array([[0.5, 0.1], [0.1, 0.2]]), np.array([1.0, 2.0]), 0.3, np.diag([1.0, 2.0])
    flow = tg.gaussian_flow(curvature, np.zeros(2), T, m, S, M)

    def rates(_, state):
        mean, covariance = state[:2], state[2:6].reshape(2, 2)
        slope = T * np.linalg.inv(covariance) - curvature
        force = -curvature @ mean
        production = force @ M @ force + np.trace(slope @ M @ slope @ covariance)
        spread = M @ slope @ covariance
        return np.concatenate([M @ force, (spread + spread.T).reshape(-1), [production]])

    start = np.concatenate([m, S.reshape(-1), [0.0]])
    end = solve_ivp(rates, (0, 1.5), start, rtol=1e-11, atol=1e-12).y[:, -1]
    np.testing.assert_allclose(flow.mean(1.5), end[:2], rtol=1e-9)
    np.testing.assert_allclose(flow.covariance(1.5), end[2:6].reshape(2, 2), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(flow.entropy_production(1.5), end[6], rtol=1e-9)
    np.testing.assert_allclose(flow.free_energy(0.0) - flow.free_energy(1.5), end[6], rtol=1e-9)


@pytest.mark.parametrize("d", [1, 3, 5])
def test_transport_cost_against_pot(d):
    parts = law(2, d)
    flow, root = tg.gaussian_flow(**parts), np.linalg.cholesky(parts["mobility"])
    for is_weighted in (False, True):
        frame = np.linalg.inv(root) if is_weighted else np.eye(d)
        ends = [(frame @ flow.mean(t), frame @ flow.covariance(t) @ frame.T) for t in (0.0, 0.8)]
        (m0, S0), (m1, S1) = [[np.asarray(a) for a in end] for end in ends]
        expected = ot.gaussian.bures_wasserstein_distance(m0, m1, S0, S1) ** 2
        np.testing.assert_allclose(flow.transport_cost(0.8, is_weighted=is_weighted), expected, rtol=1e-9)


@pytest.mark.parametrize("d", [1, 2, 4])
def test_path_length_against_adaptive_quadrature(d):
    """Of the speed by the moments: ``E|v|^2 = |M A (m - b)|^2 + tr(V S V^T)`` with ``V = M (T S^-1 - A)``."""
    parts = law(6, d)
    A, b, T, _, _, M = parts.values()
    flow = tg.gaussian_flow(**parts)

    def speed(t, weight):
        mean, covariance = np.asarray(flow.mean(t)), np.asarray(flow.covariance(t))
        drift, slope = M @ A @ (mean - b), M @ (T * np.linalg.inv(covariance) - A)
        return (drift @ weight @ drift + np.trace(slope.T @ weight @ slope @ covariance)) ** 0.5

    for is_weighted, weight in ((False, np.eye(d)), (True, np.linalg.inv(M))):
        # In the logarithm of the time: the speed falls within a hundredth.
        expected = quad(
            lambda u, weight=weight: np.exp(u) * speed(np.expm1(u) * 1e-3, weight) * 1e-3, 0, np.log1p(800.0),
            epsabs=0, epsrel=1e-11, limit=400,
        )[0]  # fmt: skip
        np.testing.assert_allclose(flow.path_length(0.8, is_weighted=is_weighted), expected, rtol=1e-9)


def test_path_length_of_known_paths():
    """A mean that relaxes alone is straight; equilibrium stays, with a finite gradient; parts of a path add up."""
    one = jnp.ones((1, 1))
    flow = tg.gaussian_flow(one, jnp.zeros(1), 1.0, jnp.ones(1), one)
    np.testing.assert_allclose(flow.path_length(2.0), -np.expm1(-2.0), rtol=1e-14)
    fast = tg.gaussian_flow(one, jnp.zeros(1), 1.0, jnp.ones(1), one, 4.0)
    np.testing.assert_allclose(fast.path_length(0.5), -np.expm1(-2.0), rtol=1e-14)
    np.testing.assert_allclose(fast.path_length(0.5, is_weighted=True), -0.5 * np.expm1(-2.0), rtol=1e-14)
    rest = tg.gaussian_flow(one, jnp.zeros(1), 1.0, jnp.zeros(1), one)
    assert rest.path_length(1.0) == 0
    assert jax.grad(rest.path_length)(1.0) == 0
    parts = law(7, 3)
    whole = tg.gaussian_flow(**parts)
    later = tg.gaussian_flow(**parts | {"mean": whole.mean(0.3), "covariance": whole.covariance(0.3)})
    np.testing.assert_allclose(whole.path_length(0.3) + later.path_length(0.6), whole.path_length(0.9), rtol=1e-10)


@pytest.mark.parametrize("step", [1e-12, 1e-6, 1e-2, 1.0, 50.0])
def test_distance_of_close_covariances_keeps_its_digits(step):
    """Against the closed form of diagonal covariances, rotated: ``sum (sqrt(s + c) - sqrt(s))^2``."""
    spread, change = np.array([3.0, 0.2, 40.0]), step * np.array([0.5, -0.003, 7.0])
    with mpmath.workdps(50):
        pairs = [(mpmath.mpf(s), mpmath.mpf(c)) for s, c in zip(spread, change, strict=True)]
        exact = float(sum((mpmath.sqrt(s + c) - mpmath.sqrt(s)) ** 2 for s, c in pairs))
    frame, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    found = squared_distance(jnp.zeros(3), jnp.asarray(frame * spread @ frame.T), jnp.asarray(frame * change @ frame.T))
    np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_entropy_production_near_equilibrium_keeps_its_digits():
    """Where the drop of the free energy is rounding: ``A d^2 (1 - E^2)/2`` for a displacement d = 1e-9 of the mean."""
    flow = tg.gaussian_flow(jnp.full((1, 1), 2.0), jnp.zeros(1), 0.5, jnp.full(1, 1e-9), jnp.full((1, 1), 0.25))
    np.testing.assert_allclose(flow.entropy_production(0.4), -np.expm1(-1.6) * 1e-18, rtol=1e-12)


def test_batches_gradients_and_dtypes():
    parts = law(4, 2)
    flows = jax.vmap(tg.gaussian_flow)(*[jnp.stack([jnp.asarray(value)] * 3) for value in parts.values()])
    batch = jax.vmap(lambda flow, t: flow.entropy_production(t))(flows, jnp.array([0.1, 0.2, 0.3]))
    alone = tg.gaussian_flow(**parts)
    np.testing.assert_allclose(batch, [alone.entropy_production(t) for t in (0.1, 0.2, 0.3)], rtol=1e-12)
    slope = jax.grad(alone.entropy_production)(0.2)
    rise = (alone.entropy_production(0.2 + 1e-5) - alone.entropy_production(0.2 - 1e-5)) / 2e-5
    np.testing.assert_allclose(slope, rise, rtol=1e-7)
    single = tg.gaussian_flow(**{key: np.asarray(value, np.float32) for key, value in parts.items()})
    for name in ("mean", "covariance", "free_energy", "entropy_production", "transport_cost", "path_length"):
        value, double = getattr(single, name)(0.3), getattr(alone, name)(0.3)
        assert value.dtype == getattr(single, name)(jnp.float32(0.3)).dtype == jnp.float32
        np.testing.assert_allclose(value, double, rtol=2e-4, atol=2e-4)


@pytest.mark.parametrize(
    "change",
    [{"temperature": -0.1}, {"covariance": -np.eye(2)}, {"mobility": np.diag([1.0, -1.0])}, {"mobility": 0.0},
     {"A": np.full((2, 2), np.nan)}, {"mean": np.array([np.nan, 0.0])}],
    ids=str,
)  # fmt: skip
def test_what_is_no_flow_is_nan(change):
    flow = tg.gaussian_flow(**(law(5, 2) | change))
    for name in ("mean", "covariance", "free_energy", "entropy_production", "transport_cost", "path_length"):
        assert np.isnan(getattr(flow, name)(0.5)).all(), name


def test_times_before_the_start_are_nan():
    flow = tg.gaussian_flow(**law(5, 2))
    assert np.isnan(flow.entropy_production(-0.1))
    assert np.isnan(flow.mean(-0.1)).all()


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        ({"b": np.zeros(3)}, ValueError, "b has shape"),
        ({"covariance": np.eye(3)}, ValueError, "covariance has shape"),
        ({"A": 1.0}, ValueError, "A has shape"),
        ({"mobility": np.ones(2)}, ValueError, "mobility has shape"),
        ({"temperature": np.ones(2)}, ValueError, "temperature has shape"),
        ({"mean": np.zeros(2, int)}, TypeError, "mean"),
        ({"mean": np.zeros(2, np.float32)}, TypeError, "must agree"),
    ],
)
def test_wrong_shapes_and_dtypes_raise(change, error, named):
    with pytest.raises(error, match=named):
        tg.gaussian_flow(**(law(5, 2) | change))


def test_what_is_a_flow_is_valid():
    for d in (1, 2, 4):
        validate_gaussian_flow(**law(5, d))
        validate_gaussian_flow(**{key: np.asarray(value, np.float32) for key, value in law(5, d).items()})
    validate_gaussian_flow(np.diag([1.0, -1.0]), np.zeros(2), 0.0, np.ones(2), np.eye(2), 3.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": -0.1}, r"temperature = -0\.1; its domain is temperature >= 0"),
        ({"temperature": np.inf}, "temperature = inf; its domain is finite numbers"),
        ({"temperature": np.nan}, "temperature = nan; its domain is finite numbers"),
        ({"A": np.array([[1.0, 0.5], [0.4, 1.0]])}, r"A = \[\[1\.0, 0\.5\], \[0\.4, 1\.0\]\]; .* symmetric matrices"),
        ({"A": np.full((2, 2), np.nan)}, r"A = .*nan.*; its domain is finite numbers"),
        ({"b": np.array([0.0, np.inf])}, r"b = \[0\.0, inf\]; its domain is finite numbers"),
        ({"mean": np.array([np.nan, 0.0])}, r"mean = \[nan, 0\.0\]; its domain is finite numbers"),
        ({"covariance": np.array([[1.0, 0.5], [0.4, 1.0]])}, "covariance = .* symmetric matrices"),
        ({"covariance": -np.eye(2)}, "covariance = .* has the eigenvalue -1.0; .* positive definite matrices"),
        ({"covariance": np.ones((2, 2))}, "covariance = .* positive definite matrices|what float64 can represent"),
        ({"mobility": np.array([[1.0, 0.5], [0.4, 1.0]])}, "mobility = .* symmetric matrices"),
        ({"mobility": np.diag([1.0, 0.0])}, "mobility = .* has the eigenvalue 0.0; .* positive definite matrices"),
        ({"mobility": 0.0}, r"mobility = 0\.0; its domain is mobility > 0"),
        ({"A": np.full((2, 2), 1e300), "mobility": 1e300}, "A = .*; their domain is what float64 can represent"),
    ],
)
def test_values_outside_the_domain_raise(change, message):
    parts = law(5, 2) | change
    with pytest.raises(ValueError, match=message):
        validate_gaussian_flow(**parts)
    is_asymmetric = any(np.ndim(v) == 2 and not np.allclose(v, v.T, equal_nan=True) for v in parts.values())
    # An asymmetric matrix has its lower triangle read.
    assert is_asymmetric or np.isnan(tg.gaussian_flow(**parts).entropy_production(0.5))


def test_validate_checks_shapes_and_dtypes():
    with pytest.raises(ValueError, match="b has shape"):
        validate_gaussian_flow(**law(5, 2) | {"b": np.zeros(3)})
    with pytest.raises(TypeError, match="mean"):
        validate_gaussian_flow(**law(5, 2) | {"mean": np.zeros(2, int)})
