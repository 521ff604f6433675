"""The von Mises curvature on the whole half line, and the machinery that proves it: does it refuse what is false?"""

import math
import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from flint import arb, ctx, fmpq

from numerics.certificate import Certificate, CoverError, Region, Root, Undecided
from numerics.von_mises_certificate import _Polynomial, _series, certify_signs
from numerics.von_mises_enclosures import (
    PRECISION,
    SeriesEnclosure,
    bessel_ratio,
    enclosure_near_zero,
    exact,
    interval,
)

KAPPA, RATIO = sympy.symbols("kappa A", positive=True)
SLOPE = 1 - RATIO / KAPPA - RATIO**2
CURVATURE = (
    (KAPPA * RATIO**2 + 2 * RATIO - KAPPA)
    * (KAPPA * RATIO**4 + 2 * RATIO - KAPPA)
    / (4 * RATIO**2 * (KAPPA * RATIO**2 + RATIO - KAPPA) ** 2)
)
# From mpmath at 60 digits, by root finding on the Bessel functions.
THRESHOLD = "4.241945821646527653117450654940"
MINIMISER = "5.180156536081015456627368928783"
LOWEST_CURVATURE = "-0.510078290821559662304224495562"


def total_derivative(expression: sympy.Expr) -> sympy.Expr:
    return sympy.diff(expression, KAPPA) + sympy.diff(expression, RATIO) * SLOPE


def terms(expression: sympy.Expr) -> dict[tuple[int, int], sympy.Rational]:
    return sympy.Poly(sympy.expand(expression), KAPPA, RATIO).as_dict()


def sign_patterns(expression: sympy.Expr) -> tuple[tuple[int, ...], list[Certificate]]:
    """Sign pattern of a rational function of (kappa, A), and a certificate for each irreducible factor that is not 1.

    At most one factor may change sign, so that the pattern of the product needs no ordering of roots.
    """
    (above, numerator), (below, denominator) = (
        sympy.factor_list(part, KAPPA, RATIO) for part in sympy.fraction(sympy.together(expression))
    )
    changing: tuple[int, ...] = (1,)
    sign, certificates = int(sympy.sign(above / below)), []
    for factor, power in [*numerator, *denominator]:
        certificates.append(certify_signs(terms(factor), statement=str(factor)))
        pattern = certificates[-1].sign_pattern
        if len(pattern) == 1:
            sign *= pattern[0] ** power
        else:
            assert changing == (1,)
            assert power == 1
            changing = pattern
    return tuple(sign * part for part in changing), certificates


def only_root(certificates: list[Certificate]) -> Root:
    (root,) = [root for certificate in certificates for root in certificate.roots]
    assert root.relative_width < 1e-30
    return root


def direct_value(polynomial: Mapping[tuple[int, int], sympy.Rational], kappa: Fraction) -> arb:
    """The polynomial at a point, from Arb's Bessel functions and nothing else."""
    with ctx.workprec(800):
        point = arb(fmpq(kappa.numerator, kappa.denominator))
        ratio = point.bessel_i(1) / point.bessel_i(0)
        return sum((fmpq(int(c.p), int(c.q)) * point**i * ratio**j for (i, j), c in polynomial.items()), arb(0))


# The three facts


def test_curvature_is_negative_everywhere() -> None:
    pattern, certificates = sign_patterns(CURVATURE)
    assert pattern == (-1,)
    assert all(len(certificate.sign_pattern) == 1 for certificate in certificates)


def test_curvature_crosses_minus_one_half_exactly_once() -> None:
    pattern, certificates = sign_patterns(CURVATURE + sympy.Rational(1, 2))
    assert pattern == (1, -1)
    assert only_root(certificates).decimal(30) == THRESHOLD


def test_curvature_has_one_critical_point_a_minimum() -> None:
    pattern, certificates = sign_patterns(total_derivative(CURVATURE))
    assert pattern == (-1, 1)
    root = only_root(certificates)
    assert root.decimal(30) == MINIMISER
    with ctx.workprec(200):
        kappa, ratio = interval(root.lower, root.upper), bessel_ratio(root.lower).union(bessel_ratio(root.upper))
        assert abs(sympy.lambdify((KAPPA, RATIO), CURVATURE, [])(kappa, ratio) - arb(LOWEST_CURVATURE)) < 1e-29


# Wrong claims are not certified


def test_false_claims_about_the_curvature_are_not_certified() -> None:
    pattern, certificates = sign_patterns(CURVATURE + sympy.Rational(1, 4))
    assert pattern == (1, -1)
    assert 2.1 < only_root(certificates).lower < 2.2
    assert sign_patterns(CURVATURE.subs(KAPPA * RATIO**4, KAPPA * RATIO**3))[0] != (-1,)


@pytest.mark.parametrize(
    "expression",
    [(RATIO - sympy.Rational(1, 2)) ** 2, (KAPPA - 2) ** 2, (KAPPA * RATIO - 3) ** 3, (KAPPA - 100) ** 2],
    ids=["double", "rational double", "triple", "double near infinity"],
)
def test_a_multiple_root_is_undecided(expression: sympy.Expr) -> None:
    with pytest.raises(Undecided, match="multiple root") as failure:
        certify_signs(terms(expression))
    lower, upper = failure.value.lower, failure.value.upper
    assert 0 < upper - lower < 1e-6
    assert expression.subs(RATIO, sympy.besseli(1, KAPPA) / sympy.besseli(0, KAPPA)).subs(KAPPA, lower).evalf() < 1e-6


def test_the_zero_polynomial_is_undecided() -> None:
    with pytest.raises(Undecided, match="identically zero"):
        certify_signs({(1, 1): 0})


def test_depth_of_bisection_is_bounded() -> None:
    with pytest.raises(Undecided, match="no more bisections"):
        certify_signs(terms((KAPPA - 2) ** 2 - sympy.Rational(1, 10**10)), maximum_depth=10)
    assert certify_signs(terms((KAPPA - 2) ** 2 - sympy.Rational(1, 10**10))).sign_pattern == (1, -1, 1)


def test_number_of_subintervals_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numerics.von_mises_certificate._LARGEST_COUNT", 10)
    with pytest.raises(Undecided, match="more than 10 subintervals"):
        certify_signs({(0, 1): 1})


def test_cancellation_beyond_the_series_is_undecided() -> None:
    partial_sum = sum(
        (sympy.Rational(int(c.p), int(c.q)) * KAPPA**k for k, c in enumerate(enclosure_near_zero().coefficients)),
        sympy.Integer(0),
    )
    with pytest.raises(Undecided, match="vanishes at the end"):
        certify_signs(terms(RATIO - partial_sum))


def test_bad_polynomials_are_refused() -> None:
    with pytest.raises(TypeError, match="exact rationals"):
        certify_signs({(0, 0): 0.5})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="negative"):
        certify_signs({(-1, 0): 1})


# Roots at awkward places, and agreement with plain evaluation


@pytest.mark.parametrize("roots", [[], [1, 40], [10**9], [Fraction(1, 10**6)], [1, 2, 3, 4, 5, 6, 7]], ids=str)
def test_known_roots_are_enclosed(roots: list[Fraction | int]) -> None:
    certificate = certify_signs(terms(sympy.prod([KAPPA - root for root in roots])))
    assert certificate.sign_pattern == tuple((-1) ** (len(roots) - n) for n in range(len(roots) + 1))
    for root, expected in zip(certificate.roots, roots, strict=True):
        assert root.lower < expected < root.upper
        assert root.relative_width < 1e-30


@pytest.mark.parametrize("seed", range(6))
def test_regions_agree_with_plain_evaluation(seed: int) -> None:
    source = random.Random(seed)
    polynomial = {
        (source.randrange(5), source.randrange(5)): sympy.Rational(source.randint(-50, 50), source.randint(1, 20))
        for _ in range(6)
    }
    certificate = certify_signs(polynomial)
    for region in certificate.regions:
        lower, upper = Fraction(region.lower), Fraction(min(region.upper, 10**5))
        for point in [lower + (upper - lower) * Fraction(1 - source.random()) for _ in range(4)]:
            assert region.sign == 0 or direct_value(polynomial, point) * region.sign > 0
    for root in certificate.roots:
        assert direct_value(polynomial, root.lower) * root.before > 0
        assert direct_value(polynomial, root.upper) * root.after > 0


@pytest.mark.parametrize("expression", [RATIO**3, KAPPA**2 * RATIO**4 - RATIO, CURVATURE.as_numer_denom()[0]], ids=str)
def test_total_derivative_follows_the_riccati_equation(expression: sympy.Expr) -> None:
    derivative = {
        power: sympy.Rational(str(c))
        for power, c in _Polynomial(terms(expression)).total_derivative().terms.items()
        if c
    }
    assert derivative == terms(KAPPA * total_derivative(expression))


def test_expansion_at_an_end_contains_the_function_also_when_it_is_coarse() -> None:
    coarse = SeriesEnclosure((fmpq(0), fmpq(1, 2), fmpq(0)), (fmpq(-1, 16), fmpq(0)), Fraction(1), reciprocal=False)
    coarse.verify()
    polynomial = terms(2 * RATIO - RATIO**2)
    with ctx.workprec(PRECISION):
        enclose = _series(_Polynomial(polynomial), coarse)
        for kappa in (Fraction(n, 8) for n in range(1, 9)):
            ball = enclose(kappa, kappa)
            assert ball.contains(direct_value(polynomial, kappa) / exact(kappa))
            assert ball.rad() < 0.3


def test_precision_is_left_as_it_was() -> None:
    before = ctx.prec
    certify_signs({(0, 1): 1})
    with pytest.raises(Undecided):
        certify_signs(terms((KAPPA - 2) ** 2))
    assert ctx.prec == before


# A certificate checks itself


def test_a_missing_region_is_detected() -> None:
    certificate = certify_signs(terms(KAPPA - 3 + RATIO))
    assert len(certificate.regions) == 5
    for index in range(5):
        with pytest.raises(CoverError):
            replace(certificate, regions=certificate.regions[:index] + certificate.regions[index + 1 :])


def region(lower: Fraction | float, upper: Fraction | float, sign: int) -> Region:
    return Region(lower, upper, "by hand", sign, 1, 1.0)


ZERO, ONE, TWO, THREE, INF = Fraction(0), Fraction(1), Fraction(2), Fraction(3), math.inf
CROSSING = Root(Fraction(5, 4), Fraction(7, 4), -1, 1)


@pytest.mark.parametrize(
    ("regions", "roots", "message"),
    [
        ([], [], "no regions"),
        ([region(ONE, INF, 1)], [], "nothing covers"),
        ([region(ZERO, ONE, 1)], [], "nothing covers"),
        ([region(ZERO, ONE, 1), region(ONE + Fraction(1, 10**40), INF, 1)], [], "do not meet"),
        ([region(ZERO, TWO, 1), region(ONE, INF, 1)], [], "do not meet"),
        ([region(ZERO, 1.0, 1), region(ONE, INF, 1)], [], "exact fractions"),
        ([region(ZERO, ONE, 1), region(ONE, ONE, 1), region(ONE, INF, 1)], [], "empty"),
        ([replace(region(ZERO, INF, 1), margin=math.nan)], [], "without a certified sign"),
        ([region(ZERO, ONE, 1), region(ONE, INF, -1)], [], "without a root"),
        ([region(ZERO, ONE, -1), region(ONE, TWO, 0), region(TWO, INF, 1)], [], "0 roots"),
        ([region(ZERO, ONE, -1), region(ONE, TWO, 0), region(TWO, INF, -1)], [CROSSING], "without a root"),
        ([region(ZERO, ONE, 1), region(ONE, TWO, 0), region(TWO, INF, 1)], [CROSSING], "without a root"),
        ([region(ZERO, TWO, -1), region(TWO, THREE, 0), region(THREE, INF, 1)], [CROSSING], "outside"),
    ],
)
def test_inconsistent_certificates_are_refused(regions: list[Region], roots: list[Root], message: str) -> None:
    with pytest.raises(CoverError, match=message):
        Certificate("by hand", tuple(regions), tuple(roots))


def test_only_certain_digits_are_printed() -> None:
    root = Root(Fraction(1234, 1000), Fraction(12345, 10000), -1, 1)
    assert root.decimal(3) == "1.234"
    with pytest.raises(ValueError, match="digits"):
        root.decimal(4)
