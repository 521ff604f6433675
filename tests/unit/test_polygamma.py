"""Polygamma functions and their relatives against mpmath at the exact machine input, with derivatives."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mpf
from unit.polygamma_oracle import DIGITS, epsilons, psi

from derivations import polygamma as symbolic
from derivations.fields import Field
from numerics import polygamma, polygamma_excess
from numerics.gamma import shape_from_gap
from numerics.gamma_divergence import gamma_shape_divergence
from numerics.lambdify import lambdify
from properties.compilation import optimised_jit

pytestmark = pytest.mark.slow
DTYPES = ("float32", "float64")


@pytest.fixture(autouse=True)
def _digits():
    with mpmath.workdps(DIGITS):
        yield


def arguments(dtype):
    """All sizes, and both sides of where the series take over."""
    return np.concatenate([np.logspace(-8, 8, 25), np.linspace(0.3, 13.0, 14), [6.0, 5.9999, 12.0, 11.9999]]).astype(
        dtype
    )


def exactly(values):
    return [mpf(float(v)) for v in values]


EXCESS = {
    0: lambda x: x * psi(1, x) - 1,
    1: lambda x: psi(1, x) + x * psi(2, x),
    2: lambda x: 2 * psi(2, x) + x * psi(3, x),
    3: lambda x: 3 * psi(3, x) + x * psi(4, x),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", EXCESS)
def test_trigamma_excess_and_its_derivatives(dtype, order):
    x = arguments(dtype)
    computed = optimised_jit(polygamma.trigamma_excess, static_argnums=1)(jnp.asarray(x), order)
    assert computed.dtype == dtype
    assert epsilons(computed, map(EXCESS[order], exactly(x)), dtype) < 8


@pytest.mark.parametrize("dtype", DTYPES)
def test_functions_of_one_argument(dtype):
    x = arguments(dtype)
    for function, exact, bound in (
        (polygamma.trigamma, lambda v: psi(1, v), 4),
        (polygamma.tetragamma, lambda v: psi(2, v), 4),
        (polygamma.trigamma_reciprocal, lambda v: 1 / psi(1, v), 4),
        (polygamma.log_minus_digamma, lambda v: mpmath.log(v) - psi(0, v), 20),
        (polygamma_excess.polygamma_quotient, lambda v: -psi(1, v) / psi(2, v), 6),
        (polygamma_excess.trigamma_reciprocal_slope, lambda v: -psi(2, v) / psi(1, v) ** 2, 8),
    ):
        computed = optimised_jit(function)(jnp.asarray(x))
        assert epsilons(computed, map(exact, exactly(x)), dtype) < bound, function.__name__


@pytest.mark.parametrize("dtype", DTYPES)
def test_log_gamma_remainder_is_right_absolutely(dtype):
    x = arguments(dtype)
    exact = [mpmath.loggamma(v) - v * mpmath.log(v) + v for v in exactly(x)]
    size = [float(1 + abs(e)) for e in exact]
    computed = np.asarray(optimised_jit(polygamma.log_gamma_remainder)(jnp.asarray(x)), np.float64)
    error = np.abs(computed - [float(e) for e in exact])
    assert np.max(error / size) < 10 * np.finfo(dtype).eps


def pairs(dtype):
    random = np.random.default_rng(3)
    x = 10 ** random.uniform(-8, 8, 45)
    y = np.concatenate([10 ** random.uniform(-8, 8, 30), -x[30:] * random.uniform(0.01, 0.99, 15)])
    return x.astype(dtype), y.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", range(4))
def test_polygamma_difference(dtype, order):
    x, y = pairs(dtype)
    exact = [psi(order, a) - psi(order, a + b) for a, b in zip(exactly(x), exactly(y), strict=True)]
    computed = optimised_jit(polygamma.polygamma_difference, static_argnums=2)(jnp.asarray(x), jnp.asarray(y), order)
    # A negative step leads to x + y, which is rounded before anything is computed.
    assert epsilons(computed[:30], exact[:30], dtype) < 8
    assert np.all(np.sign(computed) == [int(mpmath.sign(e)) for e in exact])


def test_polygamma_difference_for_negative_steps():
    for a, b in ((3.0, -1.0), (1e5, -1.0), (0.5, -0.25)):
        for order in range(3):
            exact = psi(order, mpf(a)) - psi(order, mpf(a) + mpf(b))
            difference = optimised_jit(polygamma.polygamma_difference, static_argnums=2)
            assert epsilons([difference(jnp.float64(a), jnp.float64(b), order)], [exact], "float64") < 8


@pytest.mark.parametrize(
    ("function", "slopes", "point"),
    [
        (lambda x: polygamma.trigamma_excess(x[0], 1), (EXCESS[2],), (0.7,)),
        (lambda x: polygamma.log_minus_digamma(x[0]), (lambda x: 1 / x - psi(1, x),), (3.1,)),
        (lambda x: polygamma.log_gamma_remainder(x[0]), (lambda x: psi(0, x) - mpmath.log(x),), (0.2,)),
        (
            lambda x: polygamma.polygamma_difference(x[0], x[1], 1),
            (lambda x, y: psi(2, x) - psi(2, x + y), lambda x, y: -psi(2, x + y)),
            (0.4, 1e-7),
        ),
        (
            lambda x: gamma_shape_divergence(x[0], x[1]),
            (
                lambda a, b: (1 / a - psi(1, a)) * (b - a),
                lambda a, b: psi(0, b) - mpmath.log(b) - psi(0, a) + mpmath.log(a),
            ),
            (2.0, 3.0),
        ),
        (
            polygamma_excess.trigamma_reciprocal_excess,
            [lambda a, b: psi(2, a) / psi(1, a) ** 2 - psi(2, a + b) / psi(1, a + b) ** 2] * 2,
            (2.5, 2.5),
        ),
    ],
)
def test_gradients(function, slopes, point):
    gradient = optimised_jit(jax.grad(function))(jnp.asarray(point))
    assert epsilons(gradient, [slope(*exactly(point)) for slope in slopes], "float64") < 20


@pytest.mark.parametrize("dtype", DTYPES)
def test_excesses_of_many_numbers(dtype):
    random, w = np.random.default_rng(4), lambda x: 1 / psi(1, x)
    k = lambda x: -psi(1, x) / psi(2, x)  # noqa: E731
    batch = [
        10 ** random.uniform(-6, 6, (16, 3)),
        10 ** random.uniform(-6, 0, (8, 3)),
        10 ** random.uniform(-1, 1, (8, 3)),
    ]
    batch += [np.array([[1e-6, 1e-6, 1e-6], [1e6, 1e6, 1e6], [1e-6, 1e6, 1e-6], [1.0, 1e-6, 1e-6], [0.999, 0.9, 1e-5]])]
    for x in np.concatenate(batch).astype(dtype):
        exact = exactly(x)
        for function, of in (
            (polygamma_excess.trigamma_reciprocal_excess, w), (polygamma_excess.polygamma_quotient_excess, k),
        ):  # fmt: skip
            true = of(mpmath.fsum(exact)) - mpmath.fsum(map(of, exact))
            assert epsilons([_jitted(function)(jnp.asarray(x))], [true], dtype) < 32, (function.__name__, x)


_KNOWN = {}


def _jitted(function):
    return _KNOWN.setdefault(function, optimised_jit(function))


@pytest.mark.parametrize("dtype", DTYPES)
def test_shape_from_gap_inverts(dtype):
    shape = np.logspace(-8, 8, 33).astype(dtype)
    gap = np.array([float(mpmath.log(v) - psi(0, v)) for v in exactly(shape)]).astype(dtype)
    # To first order, what the rounding of the gap does to the shape.
    exact = [
        a - (s - mpmath.log(a) + psi(0, a)) / (psi(1, a) - 1 / a)
        for a, s in zip(exactly(shape), exactly(gap), strict=True)
    ]
    assert epsilons(optimised_jit(shape_from_gap)(jnp.asarray(gap)), exact, dtype) < 20
    assert np.isnan(shape_from_gap(jnp.asarray([0.0, -1.0, np.inf, np.nan], dtype))).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_divergence_of_shapes_is_accurate_near_and_far(dtype):
    random = np.random.default_rng(5)
    a = (10 ** random.uniform(-6, 6, 30)).astype(dtype)
    near, middle, far = random.uniform(-6, -1, 10), random.uniform(-1, 1, 10), random.uniform(-6, 6, 10)
    ratio = np.concatenate([1 + 10**near, 10**middle, 10**far])
    b = (a * ratio).astype(dtype)
    b = np.where(a == b, 2 * a, b)
    slow = lambda x: mpmath.loggamma(x) - x * mpmath.log(x) + x  # noqa: E731
    exact = [
        slow(y) - slow(x) + (mpmath.log(x) - psi(0, x)) * (y - x) for x, y in zip(exactly(a), exactly(b), strict=True)
    ]
    assert epsilons(optimised_jit(gamma_shape_divergence)(jnp.asarray(a), jnp.asarray(b)), exact, dtype) < 32


@pytest.mark.parametrize("x", [0.0, -1.0, np.nan])
def test_outside_the_domain_is_nan(x):
    x = jnp.float64(x)
    assert np.isnan(polygamma.trigamma_excess(x, 0))
    assert np.isnan(polygamma.polygamma_difference(x, jnp.float64(1.0), 0))
    assert np.isnan(polygamma.log_minus_digamma(x))
    assert np.isnan(polygamma.log_gamma_remainder(x))


a, b = sp.symbols("a b", positive=True)
NAMED = (
    symbolic.TrigammaExcess(0, a), symbolic.TrigammaExcess(2, a), symbolic.PolygammaDifference(1, a, b),
    symbolic.TrigammaReciprocalExcess(a, b), symbolic.PolygammaQuotientExcess(a, b), symbolic.LogMinusDigamma(a),
    symbolic.GammaShapeDivergence(a, b),
)  # fmt: skip


@pytest.mark.parametrize("function", NAMED, ids=str)
def test_names_stand_for_their_closed_forms(function):
    point = {a: 0.7, b: 2.3}
    computed = lambdify(function, (a, b))(jnp.asarray([0.7]), jnp.asarray([2.3]))
    assert computed.shape == (1,)
    np.testing.assert_allclose(computed[0], float(function.closed_form().subs(point)), rtol=1e-13)
    for symbol in (a, b):
        slope = sp.diff(function, symbol) - sp.diff(function.closed_form(), symbol)
        assert Field(symbolic.in_polygammas).is_zero(slope)
    assert function.subs(point).evalf() == pytest.approx(float(computed[0]))
