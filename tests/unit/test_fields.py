"""The exact zero-test: what is zero, what only looks like it, and what cannot be decided."""

import hypothesis.strategies as st
import pytest
import sympy as sp
from hypothesis import assume, given, settings

from derivations.fields import Field

x, y, n = sp.symbols("x y n")
a, b = sp.symbols("a b", positive=True)
r, s = sp.symbols("r s", real=True)
FIELD = Field()

ZEROS = {
    "binomial": (x + y) ** 3 - x**3 - 3 * x**2 * y - 3 * x * y**2 - y**3,
    "partial fractions": 1 / (x - 1) - 1 / (x + 1) - 2 / (x**2 - 1),
    "constants": sp.Rational(1, 3) + sp.Rational(1, 6) - sp.Rational(1, 2),
    "root of two": 1 / (1 + sp.sqrt(2)) - (sp.sqrt(2) - 1),
    "root of a symbol": (1 + sp.sqrt(x)) * (1 - sp.sqrt(x)) - (1 - x),
    "cube root": (1 + sp.cbrt(a + 1)) ** 3 - (a + 2) - 3 * sp.cbrt(a + 1) - 3 * sp.cbrt(a + 1) ** 2,
    "root of a product": sp.sqrt(a * b * (a + b)) - sp.sqrt(a) * sp.sqrt(b) * sp.sqrt(a + b),
    "root of a quotient": sp.sqrt((a + 1) / (b + 1)) - sp.sqrt(a + 1) / sp.sqrt(b + 1),
    "nested root": sp.sqrt(1 + sp.sqrt(a)) ** 4 - (1 + sp.sqrt(a)) ** 2,
    "reciprocal of a nested root": 1 / (sp.sqrt(1 + sp.sqrt(a)) - 1) - (sp.sqrt(1 + sp.sqrt(a)) + 1) / sp.sqrt(a),
    "Pythagoras": sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1,
    "Pythagoras in a denominator": sp.sin(x) ** 2 / (1 - sp.cos(x)) - 1 - sp.cos(x),
    "double angle": sp.sin(2 * x) - 2 * sp.sin(x) * sp.cos(x),
    "triple angle": sp.cos(3 * x) - 4 * sp.cos(x) ** 3 + 3 * sp.cos(x),
    "sum of angles": sp.cos(x - y) - sp.cos(x) * sp.cos(y) - sp.sin(x) * sp.sin(y),
    "tangent": sp.tan(x + y) - (sp.tan(x) + sp.tan(y)) / (1 - sp.tan(x) * sp.tan(y)),
    "exponential of a sum": sp.exp(2 * x + y) - sp.exp(x) ** 2 * sp.exp(y),
    "exponential with a number": sp.exp(x + 1) - sp.E * sp.exp(x),
    "hyperbolic Pythagoras": sp.cosh(x) ** 2 - sp.sinh(x) ** 2 - 1,
    "tanh and sech": sp.tanh(x) ** 2 + sp.sech(x) ** 2 - 1,
    "logarithm of a product": sp.log(6 * a**2 / b) - sp.log(2) - sp.log(3) - 2 * sp.log(a) + sp.log(b),
    "logarithm of a square": sp.log(a**2 + 2 * a + 1) - 2 * sp.log(a + 1),
    "symbolic exponent": x ** (n + 2) - x**2 * x**n,
    "derivative of a power": sp.diff(x**n * sp.exp(x), x) - (n * x ** (n - 1) + x**n) * sp.exp(x),
    "unknown function": sp.gamma(x) * (1 + y) - y * sp.gamma(x) - sp.gamma(x),
}  # fmt: skip

NONZEROS = {
    "cross term": (x + y) ** 2 - x**2 - y**2,
    "tiny": sp.Rational(1, 10**60),
    "near miss": sp.sqrt(10001) - sp.Rational(100005, 1000),
    "constants that agree to ten digits": sp.exp(sp.pi * sp.sqrt(163)) - 640320**3 - 744,
    "other sign of a root": sp.sqrt(x) + sp.sqrt(y) - sp.sqrt(x + y),
    "square of the sine": sp.sin(x) ** 2 - sp.cos(x) ** 2 - 1,
    "small angle": sp.sin(x) - x + x**3 / 6,
    "exponential of a product": sp.exp(x * y) - sp.exp(x) * sp.exp(y),
    "logarithm of a sum": sp.log(a + b) - sp.log(a) - sp.log(b),
    "other exponent": x ** (n + 1) - x * x ** (n + 1),
    "two unknown functions": sp.gamma(x + 1) - sp.gamma(x),
}


@pytest.mark.parametrize("expression", ZEROS.values(), ids=ZEROS)
def test_identities_are_zero(expression):
    assert FIELD.is_zero(expression)
    assert FIELD.normal(expression) == 0
    assert FIELD.factored(expression) == 0


@pytest.mark.parametrize("expression", NONZEROS.values(), ids=NONZEROS)
def test_what_only_looks_like_an_identity_is_not_zero(expression):
    assert not FIELD.is_zero(expression)
    assert FIELD.normal(expression) != 0


# Identities between functions that a naive choice of generators takes to be independent.
RELATED = {
    "thirds in exponentials": (sp.exp(x / 3) + 1) ** 3 - (1 + 3 * sp.exp(x / 3) + 3 * sp.exp(2 * x / 3) + sp.exp(x)),
    "half angle": sp.cos(x) - 1 + 2 * sp.sin(x / 2) ** 2,
    "hyperbolic half argument": sp.cosh(x) - 1 - 2 * sp.sinh(x / 2) ** 2,
    "even exponent": (x**n + 1) ** 2 - x ** (2 * n) - 2 * x**n - 1,
    "fourth root": (a ** sp.Rational(1, 4) + 1) * (a ** sp.Rational(1, 4) - 1) - sp.sqrt(a) + 1,
    "roots of factors": sp.sqrt(a**2 - 1) - sp.sqrt(a - 1) * sp.sqrt(a + 1),
    "roots of numbers": (1 + sp.sqrt(2)) * (1 + sp.sqrt(3)) - 1 - sp.sqrt(2) - sp.sqrt(3) - sp.sqrt(6),
    "reciprocal root": sp.sqrt(1 / x) - 1 / sp.sqrt(x),
    "logarithm of a fraction": sp.log(sp.Rational(2, 3)) - sp.log(2) + sp.log(3),
    "logarithm of a factor of known sign": sp.log((1 - a) ** 2 / (1 - b)) - 2 * sp.log(1 - a) + sp.log(1 - b),
    "logarithm of a reciprocal": sp.log(1 / (1 - a)) + sp.log(1 - a),
    "logarithm of the difference either way": sp.log((1 - a) / (1 - b)) - sp.log((a - 1) / (b - 1)),
    "logarithm of an exponential": sp.log(sp.exp(x) * a) - x - sp.log(a),
    "powers of a composite number": 12**n - 2 ** (2 * n) * 3**n,
    "root in an exponent": x ** (n + sp.Rational(1, 2)) - x**n * sp.sqrt(x),
    "root of a positive factor": sp.sqrt((x - 1) * a) - sp.sqrt(a) * sp.sqrt(x - 1),
    "root of e": (sp.exp(sp.Rational(1, 2)) + 1) * (sp.exp(sp.Rational(1, 2)) - 1) - sp.E + 1,
    "thirds of angles": sp.sin(x) - 3 * sp.sin(x / 3) + 4 * sp.sin(x / 3) ** 3,
    "secant and cotangent": sp.sec(x) * sp.cot(x) * sp.sin(x) - 1,
    "imaginary unit": (1 + sp.I * x) * (1 - sp.I * x) - 1 - x**2,
    "conjugates": (1 + sp.sqrt(2 + sp.tan(x) ** 2)) * (1 - sp.sqrt(2 + sp.tan(x) ** 2)) + 1 + sp.tan(x) ** 2,
}


@pytest.mark.parametrize("expression", RELATED.values(), ids=RELATED)
def test_related_generators_meet(expression):
    assert FIELD.is_zero(expression)
    assert not FIELD.is_zero(expression + sp.Rational(1, 10**9))


@pytest.mark.parametrize(
    "expression",
    [
        sp.sqrt((x - 1) ** 2) - (x - 1),
        sp.sqrt(x**2 - 2 * x + 1) - (1 - x),
        sp.sqrt((r - 1) * (r - 2)) * sp.sqrt((r - 2) * (r - 3)) - (r - 2) * sp.sqrt((r - 1) * (r - 3)),
        sp.sqrt(r * s) * sp.sqrt(s * x) - s * sp.sqrt(r * x),
        sp.log(1 - r) - sp.log(r - 1),
    ],
    ids=str,
)
def test_the_sign_of_a_factor_under_a_root_is_not_guessed(expression):
    """Each holds on a part of the real line only."""
    assert not FIELD.is_zero(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ((x**2 - y**2) / (x**2 + 2 * x * y + y**2), (x - y) / (x + y)),
        ((sp.exp(2 * x) - 1) / (sp.exp(x) - 1), sp.exp(x) + 1),
        ((sp.log(a**2) + 2) / (sp.log(a) + 1), sp.Integer(2)),
        ((x ** (n + 1) - x**n) / x**n, x - 1),
        (sp.Rational(6, 4) * x, 3 * x / 2),
    ],
    ids=str,
)
def test_normal_form_is_a_fraction_in_lowest_terms(expression, expected):
    assert sp.expand(FIELD.normal(expression) - expected) == 0
    above, below = sp.fraction(FIELD.normal(expression))
    assert sp.gcd(above, below).is_number
    assert FIELD.normal(FIELD.normal(expression)) == FIELD.normal(expression)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        (1 / (1 + sp.sqrt(2)), sp.sqrt(2) - 1),
        ((1 - sp.cos(x) ** 2) / sp.sin(x), sp.sin(x)),
        ((x - 1) / (sp.sqrt(x) - 1), sp.sqrt(x) + 1),
        (1 / (1 + sp.cbrt(2)), (1 - sp.cbrt(2) + sp.cbrt(4)) / 3),
        (1 / (sp.sqrt(2) + sp.sqrt(a + 1)), (sp.sqrt(a + 1) - sp.sqrt(2)) / (a - 1)),
        (1 / sp.sqrt(1 + sp.sqrt(a)), sp.sqrt(1 + sp.sqrt(a)) * (1 - sp.sqrt(a)) / (1 - a)),
    ],
    ids=str,
)
def test_equal_elements_have_one_normal_form(one, another):
    assert FIELD.normal(one) == FIELD.normal(another)


def test_the_factored_form_is_factored():
    assert str(FIELD.factored((x**2 - 1) / (x**2 + 2 * x + 1))) == "(x - 1)/(x + 1)"
    assert FIELD.numerator((x**2 - 1) / (x**2 + 2 * x + 1)) == x - 1


@pytest.mark.parametrize(
    "expression",
    [
        1 / (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1),
        x / ((x + 1) ** 2 - x**2 - 2 * x - 1),
        1 / (sp.sqrt(x) ** 4 - x**2 + sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1),
        sp.tan(x) / (sp.cosh(x) - (sp.exp(x) + sp.exp(-x)) / 2),
    ],
    ids=str,
)
def test_division_by_the_zero_of_the_field_raises(expression):
    with pytest.raises(ZeroDivisionError):
        FIELD.normal(expression)


@pytest.mark.parametrize("value", [sp.nan, sp.zoo, sp.oo, x - sp.oo, sp.AccumBounds(0, 1)], ids=str)
def test_what_is_no_number_is_refused_by_name(value):
    for method in (FIELD.is_zero, FIELD.normal, FIELD.factored, FIELD.fraction):
        with pytest.raises(ValueError, match=r"(nan|zoo|oo|AccumBounds\(0, 1\)).* is (no|not a) number"):
            method(value)


@pytest.mark.parametrize("value", [sp.true, x < y, sp.eye(2), sp.Symbol("A", commutative=False)], ids=str)
def test_what_is_no_scalar_is_refused(value):
    with pytest.raises(TypeError):
        FIELD.is_zero(value)


@pytest.mark.parametrize("value", [0.5, 0.5 * x, sp.exp(0.5 * x), x**0.5, sp.gamma(1.5 * x)], ids=str)
def test_floats_are_refused(value):
    with pytest.raises(ValueError, match=r"a float is not exact: [01]\.[05]"):
        FIELD.is_zero(value)


def test_rewrite_comes_before_everything():
    field = Field(lambda e: e.replace(sp.gamma, lambda z: sp.Symbol("g") * (z - 1)))
    assert field.is_zero(sp.gamma(x) / (x - 1) - sp.Symbol("g"))


LEAVES = st.sampled_from(
    [x, y, sp.sqrt(a), sp.sin(x), sp.cos(x), sp.exp(x), sp.log(a), sp.Integer(2), sp.Rational(-1, 3)]
)


def combined(parts):
    pairs = st.tuples(parts, parts)
    return (
        pairs.map(lambda p: p[0] + p[1])
        | pairs.map(lambda p: p[0] * p[1])
        | pairs.map(lambda p: p[0] - p[1])
        | st.tuples(parts, st.integers(2, 3)).map(lambda p: p[0] ** p[1])
    )


EXPRESSIONS = st.recursive(LEAVES, combined, max_leaves=6)


@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS)
def test_rewritten_expressions_have_difference_zero(p, q, r):
    assert FIELD.is_zero(p * (q + r) - sp.expand(p * q) - r * p)
    assume(not FIELD.is_zero(q))
    assert FIELD.is_zero(p / q + r - sp.together((p + r * q) / q))
    assert FIELD.is_zero(FIELD.normal(p / q) - p / q)


# Functions that are related, of symbols that are negative at the point below where nothing else is assumed of them.
RADICANDS = (a, r * s, 1 - a, (r - 1) * (1 - a), (r - 1) * s, (1 - a) / (r - 1), a**2 - 1, r**2 - 2 * r + 1)
RELATIVES = st.sampled_from(
    [sp.sqrt(radicand) for radicand in RADICANDS]
    + [sp.cbrt(a / (r + 2)), (a * (1 + b)) ** sp.Rational(1, 4), sp.sqrt(1 + sp.sqrt(a)), sp.sqrt(6), sp.sqrt(3), sp.I]
    + [sp.exp(r / 3), sp.exp(r / 2 - 1), sp.tanh(s / 2), sp.sin(r / 2), sp.cos(r - s / 3), sp.tan(r), b ** (s / 2)]
    + [sp.log(argument) for argument in (a * b / 6, (r - 1) ** 2, 1 - r, (1 - r) / (1 - s), a / (1 - a), (s + 1) ** 2)]
    + [sp.sqrt(2 + sp.tan(r) ** 2), b**s, 6**s, a, r]
)


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.recursive(RELATIVES, combined, max_leaves=4), st.recursive(RELATIVES, combined, max_leaves=2))
def test_canonical_forms_keep_the_value(p, q):
    here = {r: sp.Rational(-7, 10), s: sp.Rational(-13, 10), a: sp.Rational(3, 10), b: sp.Rational(17, 10)}
    assume(not FIELD.is_zero(q))
    value = (p / q).xreplace(here).evalf(30)
    for form in (FIELD.normal(p / q), FIELD.factored(p / q)):
        assert abs(form.xreplace(here).evalf(30) - value) <= 1e-20 * abs(value)


@given(EXPRESSIONS, EXPRESSIONS)
def test_expressions_that_differ_at_a_point_have_a_nonzero_difference(p, q):
    here = {x: sp.Rational(7, 10), y: sp.Rational(-13, 10), a: sp.Rational(3, 10)}
    value = abs((p - q).subs(here).evalf(30))
    assert FIELD.is_zero(p - q) == bool(value < 1e-20)
