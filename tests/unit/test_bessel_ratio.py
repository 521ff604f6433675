"""The von Mises primitives against ball arithmetic at the exact machine input, in both dtypes."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb, ctx
from jax import Array

from numerics.balls import ulps, von_mises_balls
from numerics.bessel_ratio import (
    bessel_ratio,
    bessel_ratio_complement,
    bessel_ratio_intercept,
    bessel_ratio_quotient,
    bessel_ratio_reciprocal_slope,
    log_bessel_i0,
)
from numerics.fit_bessel_ratio import OUTPUT, generated_source
from numerics.generated.bessel_coefficients import BOUNDARY, CURVATURE_MINIMUM, LATE_BOUNDARY
from numerics.rational_fit import fit_quality, fit_rational
from numerics.von_mises_curvature import von_mises_scalar_curvature
from properties.compilation import optimised_jit

pytestmark = pytest.mark.slow

Function = Callable[[Array], Array]

DTYPES = ("float32", "float64")
FUNCTIONS: dict[str, Function] = {
    "derivative_0": bessel_ratio,
    "derivative_1": lambda kappa: bessel_ratio(kappa, 1),
    "derivative_2": lambda kappa: bessel_ratio(kappa, 2),
    "complement": bessel_ratio_complement,
    "quotient_2_1": lambda kappa: bessel_ratio_quotient(kappa, 2, 1),
    "quotient_1_0": lambda kappa: bessel_ratio_quotient(kappa, 1, 0),
    "quotient_0_1": lambda kappa: bessel_ratio_quotient(kappa, 0, 1),
    "intercept": bessel_ratio_intercept,
    "reciprocal_slope": bessel_ratio_reciprocal_slope,
    "log_bessel_i0": log_bessel_i0,
    "scalar_curvature_0": von_mises_scalar_curvature,
}
# Derivatives of the functions above, as JAX takes them, and what they must equal.
DERIVATIVES: dict[str, Callable[[arb, Mapping[str, arb]], arb]] = {
    "derivative_0": lambda _, b: b["derivative_1"],
    "derivative_1": lambda _, b: b["derivative_2"],
    "complement": lambda _, b: -b["derivative_1"],
    "quotient_1_0": lambda _, b: (
        (b["derivative_2"] * b["derivative_0"] - b["derivative_1"] ** 2) / b["derivative_0"] ** 2
    ),
    "quotient_0_1": lambda _, b: 1 - b["derivative_0"] * b["derivative_2"] / b["derivative_1"] ** 2,
    "intercept": lambda kappa, b: -kappa * b["derivative_2"],
    "reciprocal_slope": lambda _, b: -b["derivative_2"] / b["derivative_1"] ** 2,
    "log_bessel_i0": lambda _, b: b["derivative_0"],
    "scalar_curvature_0": lambda _, b: b["scalar_curvature_1"],
}
SIZED = {  # quantities that cross zero: name -> (function, next derivative)
    "derivative_3": (lambda kappa: bessel_ratio(kappa, 3), "derivative_4"),
    "derivative_4": (lambda kappa: bessel_ratio(kappa, 4), "derivative_5"),
    "derivative_5": (jax.grad(lambda kappa: bessel_ratio(kappa, 4)), "derivative_6"),
    "scalar_curvature_2": (jax.grad(jax.grad(von_mises_scalar_curvature)), "scalar_curvature_3"),
}
NEEDED = {*FUNCTIONS, *SIZED, "scalar_curvature_1", "scalar_curvature_3", "derivative_6"}


@pytest.fixture(autouse=True)
def _strict() -> Iterator[None]:
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


@cache
def _points(dtype: str) -> np.ndarray:
    """Log-uniform points, more of them where the pieces meet, and the boundaries with their neighbours."""
    generator = np.random.default_rng(20240607)
    spread = np.exp(generator.uniform(np.log(1e-8), np.log(1e8), 1500))
    middle = np.exp(generator.uniform(0, np.log(40), 1500))
    special = [BOUNDARY[dtype], LATE_BOUNDARY[dtype], CURVATURE_MINIMUM[dtype][0], 1e-8, 1e8, 1.0]
    kind = np.dtype(dtype).type
    neighbours = [np.nextafter(kind(x), kind(way)) for x in special for way in (0, x, np.inf)]
    return np.concatenate([spread.astype(dtype), middle.astype(dtype), np.array(neighbours, dtype)])


@cache
def _balls(dtype: str) -> list[dict[str, arb]]:
    return [von_mises_balls(float(kappa), NEEDED) for kappa in _points(dtype)]


def _worst(computed: Array, expected: list[arb], dtype: str) -> tuple[float, str]:
    """The largest error in epsilons and a description of where it is."""
    assert computed.dtype == dtype
    values = np.asarray(computed, np.float64)
    errors = [ulps(float(value), ball, dtype) for value, ball in zip(values, expected, strict=True)]
    worst = int(np.argmax(errors))
    where = (
        f"{errors[worst]:.2f} epsilons at kappa = {_points(dtype)[worst]!r}: {values[worst]!r}, not {expected[worst]}"
    )
    return errors[worst], where


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_accurate_to_a_few_epsilons(name: str, dtype: str) -> None:
    computed = optimised_jit(FUNCTIONS[name])(jnp.asarray(_points(dtype)))
    error, where = _worst(computed, [balls[name] for balls in _balls(dtype)], dtype)
    assert error < (6 if name == "scalar_curvature_0" else 4), where


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_are_as_accurate_as_functions(name: str, dtype: str) -> None:
    computed = optimised_jit(jax.vmap(jax.grad(FUNCTIONS[name])))(jnp.asarray(_points(dtype)))
    with ctx.workprec(300):
        pairs = zip(_points(dtype), _balls(dtype), strict=True)
        expected = [DERIVATIVES[name](arb(float(kappa)), balls) for kappa, balls in pairs]
    error, where = _worst(computed, expected, dtype)
    assert error < (32 if name == "scalar_curvature_0" else 8), where


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SIZED)
def test_quantities_that_cross_zero_are_accurate_for_their_size(name: str, dtype: str) -> None:
    function, following = SIZED[name]
    points = _points(dtype)
    computed = np.asarray(optimised_jit(jax.vmap(function))(jnp.asarray(points)), np.float64)
    epsilon, tiny = float(jnp.finfo(dtype).eps), float(jnp.finfo(dtype).tiny)
    errors = []
    for kappa, value, balls in zip(points, computed, _balls(dtype), strict=True):
        size = abs(float(balls[name])) + float(kappa) * abs(float(balls[following])) + tiny / epsilon
        errors.append(abs(float(arb(float(value)) - balls[name])) / size / epsilon)
    worst = int(np.argmax(errors))
    limit = 64 if name == "scalar_curvature_2" else 4
    assert errors[worst] < limit, f"{errors[worst]:.1f} at kappa = {points[worst]!r}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_accuracy_check_rejects_the_textbook_formula(dtype: str) -> None:
    kappa = jnp.asarray(_points(dtype))
    ratio = jax.scipy.special.i1e(kappa) / jax.scipy.special.i0e(kappa)
    error, _ = _worst(1 - ratio / kappa - ratio**2, [balls["derivative_1"] for balls in _balls(dtype)], dtype)
    assert error > 1e4


LIMITS = {  # at zero and at infinity
    "derivative_0": (0, 1),
    "derivative_1": (0.5, 0),
    "derivative_2": (0, 0),
    "complement": (1, 0),
    "quotient_2_1": (0, 0),
    "quotient_1_0": (np.inf, 0),
    "quotient_0_1": (0, np.inf),
    "intercept": (0, 1),
    "reciprocal_slope": (2, np.inf),
    "log_bessel_i0": (0, np.inf),
    "scalar_curvature_0": (0, -1),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_limits_and_the_edge_of_the_domain(name: str, dtype: str) -> None:
    kappa = jnp.asarray([0, np.inf, -0.0, -1e-30, -3, -np.inf, np.nan], dtype)
    at_zero, at_infinity = LIMITS[name]
    expected = [at_zero, at_infinity, at_zero, *[np.nan] * 4]
    for function in (FUNCTIONS[name], jax.jit(FUNCTIONS[name])):
        np.testing.assert_array_equal(np.abs(function(kappa)), np.abs(np.array(expected, dtype)))
    slopes = jax.jit(jax.vmap(jax.grad(FUNCTIONS[name])))(kappa[3:])
    assert bool(jnp.isnan(slopes).all())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["derivative_0", "complement", "derivative_1", "derivative_2", "scalar_curvature_0"])
def test_two_derivatives_are_finite_at_the_extremes(name: str, dtype: str) -> None:
    kappa = jnp.asarray([0, jnp.finfo(dtype).tiny, 1e30], dtype)
    function = FUNCTIONS[name]
    for derivative in (function, jax.grad(function), jax.grad(jax.grad(function))):
        values = jax.jit(jax.vmap(derivative))(kappa)
        assert bool(jnp.isfinite(values).all()), values


def test_every_derivative_ends_in_nan_outside_and_finite_inside() -> None:
    for function in (lambda kappa: bessel_ratio(kappa, 4), jax.grad(von_mises_scalar_curvature)):
        values = jax.jit(jax.vmap(jax.grad(jax.grad(function))))(
            jnp.asarray([0, 1e-30, 3, 30, 1e30, -1, np.nan], "float32")
        )
        np.testing.assert_array_equal(np.isfinite(values), [True] * 5 + [False] * 2)


@pytest.mark.parametrize(
    ("name", "kappa"),
    [
        ("quotient_2_1", 1e30),
        ("quotient_2_1", 1e-30),
        ("quotient_1_0", 1e18),
        ("quotient_1_0", 1e-37),
        ("quotient_0_1", 1e19),
        ("reciprocal_slope", 1e19),
        ("complement", 1e36),
        ("log_bessel_i0", 1e38),
    ],
)
def test_float32_is_right_wherever_the_result_is_representable(name: str, kappa: float) -> None:
    argument = np.float32(kappa)
    computed = float(FUNCTIONS[name](jnp.asarray(argument)))
    assert ulps(computed, von_mises_balls(float(argument), [name])[name], "float32") < 4


def test_slopes_whose_parts_overflow_are_right() -> None:
    slope = jax.grad(bessel_ratio_reciprocal_slope)(jnp.float32(1e30))
    assert float(slope) == pytest.approx(4e30, rel=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_transformations_agree(name: str) -> None:
    function = FUNCTIONS[name]
    kappa = jnp.asarray([[0.3, 2.0, 9.0], [17.9, 18.0, 400.0]])
    value = function(kappa)
    assert value.shape == kappa.shape

    @jax.jit
    def bundle(points: Array) -> list[Array]:  # one compilation for all
        transforms = (jax.jacfwd(function), jax.jacrev(function), jax.hessian(function), jax.grad(jax.grad(function)))
        return [function(points), *(jax.vmap(jax.vmap(transformed))(points) for transformed in (function, *transforms))]

    jitted, batched, forward, reverse, hessian, twice = bundle(kappa)
    np.testing.assert_allclose(jitted, value, rtol=1e-14)
    np.testing.assert_allclose(batched, value, rtol=1e-14)
    np.testing.assert_allclose(forward, reverse, rtol=1e-14)
    np.testing.assert_allclose(hessian, twice, rtol=1e-12)


BAD_INPUTS = [3, True, jnp.int32(1), jnp.float16(1), jnp.bfloat16(1), jnp.complex64(1), np.arange(3)]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kappa", BAD_INPUTS, ids=lambda bad: str(jnp.asarray(bad).dtype))
def test_other_dtypes_are_refused(name: str, kappa: object) -> None:
    with pytest.raises(TypeError, match="kappa"):
        FUNCTIONS[name](kappa)
    with pytest.raises(TypeError, match="kappa"):
        jax.jit(FUNCTIONS[name])(kappa)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_python_floats_follow_the_default_float(name: str) -> None:
    assert FUNCTIONS[name](2.5).dtype == jnp.float64
    with jax.enable_x64(False):
        assert FUNCTIONS[name](2.5).dtype == jnp.float32


@pytest.mark.parametrize("order", [-1, 5, 1.0, True, None])
def test_orders_out_of_range_are_refused(order: object) -> None:
    with pytest.raises(ValueError, match="order"):
        bessel_ratio(1.0, order)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="denominator"):
        bessel_ratio_quotient(1.0, 1, order)  # type: ignore[arg-type]


def test_quotients_of_any_orders_exist() -> None:
    kappa = jnp.asarray([0.7, 5.0, 60.0])
    for above in range(5):
        for below in range(5):
            expected = bessel_ratio(kappa, above) / bessel_ratio(kappa, below)
            np.testing.assert_allclose(bessel_ratio_quotient(kappa, above, below), expected, rtol=1e-12)


def test_coefficients_are_what_the_script_writes() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == generated_source()


def test_a_rational_function_is_its_own_fit() -> None:
    with ctx.workprec(420):
        fit = fit_rational(lambda v: (2 + 3 * v) / (1 + v / 5), arb(2), arb(4), (1, 1))
        assert abs(fit.numerator[1] - 3) < 1e-60
        assert abs(fit.denominator[1] - arb(1) / 5) < 1e-60
        poor = fit_rational(lambda v: v.exp(), arb(1), arb(4), (2, 1))
        assert 1e-4 < fit_quality(poor, lambda v: v.exp(), arb(4), 50)[0] < 1e-1


def test_importing_leaves_the_configuration_alone_and_needs_no_flint() -> None:
    source = (
        "import jax, sys; before = dict(jax.config.values); import numerics.bessel_ratio, numerics.von_mises_curvature;"
        "assert dict(jax.config.values) == before; assert not {'flint', 'sympy', 'scipy.special'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", source], check=True)
