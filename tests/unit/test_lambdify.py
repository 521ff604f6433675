"""Printing SymPy to JAX: right numbers in both dtypes, refusals when the function is built, strict modes."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given

from derivations import bessel, elementary, polygamma
from numerics.lambdify import FUNCTIONS, UnsupportedFunction, lambdify, print_body

x, y, n = sp.symbols("x y n")
DTYPES = ("float32", "float64")

ARGUMENTS = (0.3, 0.7, 1.9, 4.1)
ABOVE_ONE, BELOW_ONE, ANY_SIGN = (1.3, 2.5, 7.0), (-0.6, 0.2, 0.8), (-2.3, -0.4, 0.6, 3.3)
SAMPLES = {
    **dict.fromkeys(FUNCTIONS, ARGUMENTS),
    **dict.fromkeys((sp.acosh,), ABOVE_ONE),
    **dict.fromkeys((sp.asin, sp.acos, sp.atanh), BELOW_ONE),
    **dict.fromkeys(
        (sp.exp, sp.Abs, sp.sign, sp.floor, sp.ceiling, sp.sin, sp.cos, sp.sinh, sp.sinc, sp.erf), ANY_SIGN
    ),
}
TWO_ARGUMENTS = (
    sp.atan2, sp.beta, bessel.LogBesselI0Divergence, polygamma.GammaShapeDivergence, polygamma.PolygammaQuotientExcess,
    polygamma.TrigammaReciprocalExcess,
)  # fmt: skip


def by_id(cases):
    return [pytest.param(*(value if isinstance(value, tuple) else (value,)), id=key) for key, value in cases.items()]


def log_i0(k):
    return mpmath.log(mpmath.besseli(0, k))


def ratio(k):
    return mpmath.besseli(1, k) / mpmath.besseli(0, k)


def ratio_derivative(order, k):
    return mpmath.diff(ratio, k, order) if order else ratio(k)


ORACLES = {
    elementary.GaussianDivergence: lambda z: mpmath.mpf(1) / 128 + (z * z / 4 - 1) / 2 - mpmath.log(z / 2),
    elementary.RatioDivergence: lambda z: z / 2 - 1 - mpmath.log(z / 2),
    elementary.ScaledExponentialIntegral: lambda z: mpmath.exp(z) * mpmath.e1(z),
    polygamma.BetaDivergence: lambda z: (
        mpmath.log(mpmath.beta(3, 1) / mpmath.beta(z, 2)) + (z - 3) * (mpmath.digamma(z) - mpmath.digamma(z + 2))
        + mpmath.digamma(2) - mpmath.digamma(z + 2)
    ),
    polygamma.TrigammaExcess: lambda z: mpmath.polygamma(1, z) + z * mpmath.polygamma(2, z),
    polygamma.PolygammaDifference: lambda z: mpmath.polygamma(1, z) - mpmath.polygamma(1, z + 2),
    bessel.BesselRatioMeanSlope: lambda k: ratio(k) / k,
    bessel.BesselRatioMeanSlopeDecrease: lambda k: (ratio(k) - k * ratio_derivative(1, k)) / k**2,
    bessel.BesselRatio: lambda k: ratio_derivative(1, k),
    bessel.BesselRatioComplement: lambda k: 1 - ratio(k),
    bessel.BesselRatioQuotient: lambda k: ratio_derivative(2, k) / ratio_derivative(1, k),
    bessel.BesselRatioIntercept: lambda k: ratio(k) - k * ratio_derivative(1, k),
    bessel.BesselRatioSlopeReciprocal: lambda k: 1 / ratio_derivative(1, k),
    bessel.LogBesselI0: log_i0,
    bessel.LogBesselI0Divergence: lambda a, b: log_i0(b) - log_i0(a) + ratio(a) * (a - b),
    bessel.VonMisesScalarCurvature: lambda k: 2 * bessel.gaussian_curvature(k, ratio(k)),
}  # fmt: skip
APPLIED = {  # functions with parameters, in one argument
    bessel.BesselRatio: lambda z: bessel.BesselRatio(1, z),
    elementary.GaussianDivergence: lambda z: elementary.GaussianDivergence(sp.Rational(1, 4), z, 2),
    elementary.RatioDivergence: lambda z: elementary.RatioDivergence(z, 2, z - 2),
    polygamma.BetaDivergence: lambda z: polygamma.BetaDivergence(z, 2, 3, 1),
    polygamma.TrigammaExcess: lambda z: polygamma.TrigammaExcess(1, z),
    polygamma.PolygammaDifference: lambda z: polygamma.PolygammaDifference(1, z, 2),
    bessel.BesselRatioQuotient: lambda z: bessel.BesselRatioQuotient(z, 2, 1),
}


def exact(function, *values):
    """The true value at the machine numbers given, to 40 digits."""
    with mpmath.workdps(60):
        if function in ORACLES:
            return ORACLES[function](*map(mpmath.mpf, values))
        return mpmath.mpf(function(*(sp.Rational(v) for v in values)).evalf(40))


def agrees(computed, expected, dtype, epsilons=200):
    expected = float(expected)
    assert computed.dtype == dtype
    assert abs(float(computed) - expected) <= epsilons * np.finfo(dtype).eps * abs(expected), (computed, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_function_of_the_table(function, dtype):
    samples = np.asarray(SAMPLES[function], dtype)
    if function in TWO_ARGUMENTS:
        pairs = [(a, b) for a in samples for b in samples[::-1]]
        computed = lambdify(function(x, y), (x, y))(*np.array(pairs, dtype).T)
    else:
        pairs = [(a,) for a in samples]
        computed = lambdify(APPLIED.get(function, function)(x), (x,))(samples)
    for value, pair in zip(computed, pairs, strict=True):
        if pair[0] != pair[-1] or function not in ORACLES or len(pair) == 1:
            agrees(value, exact(function, *map(float, pair)), dtype)


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f not in TWO_ARGUMENTS], ids=lambda f: f.__name__)
def test_the_argument_of_a_function_may_be_a_sum(function):
    apply = APPLIED.get(function, function)
    split, whole = lambdify(apply(x + y), (x, y))(1.25, 0.5), lambdify(apply(x), (x,))(1.75)
    np.testing.assert_allclose(split, whole, rtol=1e-15)


EXPRESSIONS = {
    "polygamma 0": sp.polygamma(0, x), "polygamma 1": sp.polygamma(1, x), "polygamma 3": sp.polygamma(3, x),
    "Min": sp.Min(x, y, sp.Rational(1, 2)), "Max": sp.Max(x, y, sp.Rational(1, 2)),
    "powers": x**-2 + y**3 - x**-1 * y**5, "half powers": x ** sp.Rational(-3, 2) + sp.sqrt(y),
    "other powers": x ** sp.Rational(1, 3) * y ** sp.Rational(-2, 5) + x**y + 2**x,
    "signs": -x - (-y - x * (-2)) * -3 - (y - x) / -7, "power of a negative": (-x) ** 3 + (-2 * y) ** 2,
    "constants": sp.pi * x + sp.E + sp.EulerGamma + sp.Catalan + sp.GoldenRatio + sp.sqrt(2) / 3,
    "quotients": x / y / (x + y) - (x - y) / (2 * x), "nested": sp.exp(-((x - y) ** 2) / 2) / sp.sqrt(2 * sp.pi),
    "float": sp.Float("0.1") * x, "power of a power": sp.Pow(x**2, sp.Rational(1, 3)),
    "beta": sp.beta(x, 2), "atan2": sp.atan2(x, 1), "unevaluated": 2 * sp.UnevaluatedExpr(x + y) ** 2 - x,
    "factors": sp.sqrt(2) * (x - y) + sp.log(3) * x ** sp.sqrt(3) - sp.sinh(1), "zeta": sp.zeta(3) * x,
    "quotient of long integers": sp.Rational(10**400, 3 * 10**399) * x,
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("expression", by_id(EXPRESSIONS))
def test_expressions_under_strict_promotion(expression, dtype):
    point = [float(np.dtype(dtype).type(v)) for v in (0.7, 1.9)]
    expected = expression.doit().subs({x: sp.Rational(point[0]), y: sp.Rational(point[1])}).evalf(30)
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        agrees(lambdify(expression, (x, y))(*np.asarray(point, dtype)), expected, dtype)


CONDITIONS = {
    "number": x > 1, "fraction": x > sp.Rational(1, 2), "and": (x > sp.Rational(1, 3)) & (x < y), "power": x**-2 < y,
    "or": (x < 0) | (x > y), "not": sp.Not((x > 0) & (y > 1)), "sum": x + y >= 2,
    "root": x > sp.sqrt(2), "pi": x < sp.pi, "function": sp.Abs(x) < 1, "exponential": sp.exp(x) > 2,
    "equal": sp.Eq(x, 1), "unequal": sp.Ne(x, 1), "infinity": x < sp.oo, "keyword": sp.Symbol("lambda") > 0,
    "brace": sp.Symbol("c_{1}") > 0, "inner not": sp.Not(x > 1, evaluate=False), "minus infinity": x > -sp.oo,
}  # fmt: skip


@pytest.mark.parametrize("condition", by_id(CONDITIONS))
def test_conditions_of_piecewise(condition):
    symbols = sorted({x, y} | condition.free_symbols, key=str)
    function = lambdify(sp.Piecewise((x + y, condition), (-x, True)), symbols)
    for values in ([0.4, 1.9, -1.0], [1.7, 0.6, 1.0], [-0.5, 2.0, 1.0], [1.0, 1.0, 1.0]):
        at = dict(zip(symbols, values[: len(symbols)], strict=True))
        expected = at[x] + at[y] if condition.subs(at) else -at[x]
        assert function(*at.values()) == expected


def test_conditions_that_are_shared():
    entries = [sp.Piecewise((v, (x > sp.sqrt(2)) & (y < x)), (-v, True)) for v in (x, y, x + y)]
    np.testing.assert_array_equal(lambdify(entries, (x, y))(3.0, 1.0), [3.0, 1.0, 4.0])
    np.testing.assert_array_equal(lambdify(entries, (x, y))(1.0, 0.5), [-1.0, -0.5, -1.5])


@pytest.mark.parametrize("dtype", DTYPES)
def test_pieces_that_are_numbers_or_infinite(dtype):
    step = sp.Piecewise((1, x > 0), (2, x > -1), (sp.sqrt(2), True))
    at = np.asarray([2.0, -0.5, -3.0], dtype)
    with jax.numpy_dtype_promotion("strict"):
        np.testing.assert_allclose(
            lambdify(sp.erf(step) * x, (x,))(at), sp.lambdify(x, sp.erf(step) * x)(at), rtol=2e-7
        )
        assert lambdify(sp.gamma(step) * x, (x,))(at).dtype == dtype
        logarithm = lambdify(sp.Piecewise((sp.log(x), x > 0), (-sp.oo, True)), (x,))(at)
    np.testing.assert_array_equal(logarithm, [np.log(at[0]), -np.inf, -np.inf])


F = sp.Function("f")(x)
XOR = sp.Xor(x > 0, y > 0)
UNSUPPORTED = {
    "zeta": sp.zeta(x), "besselj": sp.besselj(0, x), "besseli": sp.besseli(1, x), "LambertW": sp.LambertW(x),
    "Derivative": F.diff(x), "Integral": sp.Integral(F, x), "Sum": sp.Sum(x**n, (n, 0, y)), "acot": sp.acot(x),
    "f": F, "ImaginaryUnit": sp.I * x, "ComplexInfinity": sp.zoo, "NaN": sp.nan, "erfinv": sp.erfinv(x),
    "Mod": sp.Mod(x, 2), "factorial": sp.factorial(x), "re": sp.re(x), "polygamma": sp.polygamma(n, x),
    "uppergamma": sp.uppergamma(x, 2), "DiracDelta": sp.DiracDelta(x), "Subs": sp.Subs(F, x, 0),
    "Heaviside": sp.Heaviside(x), "TribonacciConstant": sp.TribonacciConstant * x, "Order": sp.O(x),
    "AccumulationBounds": sp.AccumBounds(0, 1), "BesselRatio": bessel.BesselRatio(5, x), "StrictLessThan": x < y,
    "BesselRatioQuotient": bessel.BesselRatioQuotient(x, 1, n), "And": (x < y) & (x > 0), "Wild": sp.Wild("w") * x,
    "q is a Symbol": sp.Symbol("q", commutative=False) * x, "Infinity": sp.oo, "NegativeInfinity": -sp.oo,
    "ITE": sp.Piecewise((x, sp.ITE(x > 0, y > 0, y < 1)), (y, True)), "acos": sp.acos(2) * x, "Not": ~sp.Symbol("b"),
    "b is": sp.Symbol("b", commutative=False), "Integer": sp.Integer(10) ** 400 * x, "Xor": sp.Piecewise((x, XOR)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "expression"), UNSUPPORTED.items(), ids=UNSUPPORTED)
def test_what_jax_cannot_evaluate_is_refused_by_name_when_built(name, expression):
    with pytest.raises(UnsupportedFunction, match=name):
        lambdify([expression], [*sorted(expression.free_symbols - {x}, key=str), x])


@pytest.mark.parametrize("power", [-7, -2, -1, 2, 3, 12])
def test_integer_powers_are_products(power):
    (entry,) = print_body([x**power]).entries
    assert "power" not in entry.replace("**", "power")
    agrees(lambdify(x**power, (x,))(np.float64(1.3)), mpmath.mpf(1.3) ** power, "float64", epsilons=8)


SHAPES = {
    "scalar": x, "list": [x, 1], "matrix": sp.Matrix([[x, 0, 1], [2, y, x]]), "constants": sp.ones(2, 2),
    "array": sp.Array([[[x], [1]]]), "constant": sp.Integer(3), "immutable": sp.ImmutableMatrix([[x, 1]]),
    "sparse": sp.SparseMatrix([[x, 0]]), "tuple": (x, 1, y), "nested": [(x, 1, 2), [y, 3, 4]], "Tuple": sp.Tuple(x, 1),
    "mutable array": sp.MutableDenseNDimArray([x, y]), "number": 2, "numpy": np.ones((2, 1)),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("one", "another", "batch"), [((), (), ()), ((4,), (4,), (4,)), ((3, 1), (4,), (3, 4)), ((0,), (), (0,))]
)
@pytest.mark.parametrize("what", [pytest.param(value, id=key) for key, value in SHAPES.items()])
def test_shape_and_dtype_follow_the_arguments(what, one, another, batch, dtype):
    result = lambdify(what, (x, y))(jnp.ones(one, dtype), jnp.full(another, 2, dtype))
    own = what.shape if hasattr(what, "shape") else np.shape(np.array(what, dtype=object))
    assert result.shape == (*batch, *own)
    assert result.dtype == dtype


def test_it_composes_with_transformations():
    function = lambdify([sp.sin(x) * y, x**-2, 1], (x, y))
    points = jnp.linspace(0.5, 2, 5)
    batch = jax.jit(jax.vmap(function, in_axes=(0, None)))(points, 3.0)
    np.testing.assert_allclose(batch, function(points, 3.0), rtol=1e-15)
    np.testing.assert_allclose(jax.jacfwd(function)(0.5, 3.0), [3 * np.cos(0.5), -2 / 0.5**3, 0], rtol=1e-15)
    np.testing.assert_allclose(jax.grad(lambda v: function(v, 3.0)[1])(0.5), -16.0, rtol=1e-15)
    np.testing.assert_allclose(jax.grad(jax.grad(lambdify(x**4, (x,))))(2.0), 48.0, rtol=1e-15)


CONSTANTS = [sp.gamma(sp.Rational(1, 3)), bessel.BesselRatio(0, sp.Integer(2)), bessel.LogBesselI0Divergence(2, x)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("constant", CONSTANTS, ids=str)
def test_functions_of_constants(constant, dtype):
    with jax.numpy_dtype_promotion("strict"):
        result = lambdify(constant * x, (x,))(jnp.full(3, 3, dtype))[1]
    function, *arguments = constant.func, *(int(a) if a.is_Integer else float(a) for a in constant.subs(x, 3).args)
    expected = ratio(2) if function is bessel.BesselRatio else exact(function, *arguments)
    agrees(result, 3 * expected, dtype)


@pytest.mark.slow
def test_constants_in_every_position():
    for first, second in ((2, x), (x, 2), (sp.sqrt(2), x), (x, sp.sqrt(2))):
        for function in TWO_ARGUMENTS:
            with jax.numpy_dtype_promotion("strict"):
                result = lambdify(function(first, second), (x,))(jnp.asarray(0.75, "float32"))
            at = [float(sp.sympify(a).subs(x, 0.75)) for a in (first, second)]
            agrees(result, exact(function, *at), "float32")


def test_constants_keep_their_digits():
    real_root = sp.cbrt(2 + 11 * sp.I) + sp.cbrt(2 - 11 * sp.I)
    for constant, expected in ((bessel.BesselRatio(3, 500), 4.8096483022021942e-11), (real_root, 4.0)):
        agrees(lambdify(constant * x, (x,))(1.0), expected, "float64", epsilons=1)


LEAVES = st.sampled_from([x, y, sp.Integer(2), sp.Rational(-3, 7), sp.Rational(1, 3)])


def combined(parts):
    pairs = st.tuples(parts, parts)
    return (
        pairs.map(lambda p: p[0] + p[1]) | pairs.map(lambda p: p[0] * p[1]) | pairs.map(lambda p: p[0] - p[1])
        | pairs.filter(lambda p: p[1] != 0).map(lambda p: p[0] / p[1]) | parts.map(sp.sin) | parts.map(sp.exp)
        | st.tuples(parts.filter(lambda e: e != 0), st.integers(-3, 3)).map(lambda p: p[0] ** p[1])
    )  # fmt: skip


@given(st.recursive(LEAVES, combined, max_leaves=6), st.floats(0.3, 2.0), st.floats(-2.0, -0.3))
def test_random_expressions(expression, first, second):
    """Against 50 digits; a perturbed evaluation says how ill-conditioned the expression is."""
    reference = sp.lambdify((x, y), expression, "mpmath")
    with mpmath.workdps(50):
        wiggled = [(first * (1 + s), second * (1 - t)) for s, t in ((0, 0), (1e-9, 0), (0, 1e-9), (1e-9, 1e-9))]
        try:
            values = [mpmath.mpf(reference(mpmath.mpf(a), mpmath.mpf(b))) for a, b in wiggled]
        except (ZeroDivisionError, OverflowError, TypeError):
            values = [0]
    assume(all(1e-30 < abs(v) < 1e30 for v in values))
    assume((worse := 1 + max(abs(v / values[0] - 1) for v in values) / 1e-9) < 1e3)
    agrees(lambdify(expression, (x, y))(first, second), values[0], "float64", epsilons=100 * float(worse))
