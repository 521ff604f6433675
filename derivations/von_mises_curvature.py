r"""Sign, series and limits of the curvature of the von Mises family, and of its relatives on higher spheres.

Source: theory of the claim "the von Mises manifold is hyperbolic" (caraffa-2026); Amos 1974 for bounds of the ratio A;
the comparison argument below is elementary.
"""

import sympy as sp

from derivations.bessel import gaussian_curvature, riccati_derivative
from derivations.derivation import Derivation
from derivations.families.von_mises import family, kappa
from derivations.power_series import at_infinity, at_zero, lowest_degree, vanishes_to_order
from derivations.von_mises import CURVATURE, A

B, C, b, c = sp.symbols("B C b c", positive=True)

SERIES_AT_ZERO = -(kappa**2) / 16 + kappa**6 / 2304
SERIES_AT_INFINITY = -sp.Rational(1, 2) - sp.Rational(3, 8) / kappa**3 - sp.Rational(9, 4) / kappa**4

# kappa as a function of the upper barrier B and of the lower barrier C.
UPPER_BARRIER = 2 * B / (1 - B**4)
LOWER_BARRIER = 2 * C / (1 - C**2)


def series(zero: sp.Expr = SERIES_AT_ZERO, infinity: sp.Expr = SERIES_AT_INFINITY) -> Derivation:
    """The expansions of K at 0 and at infinity, from those of A."""
    derivation = Derivation("The curvature of the von Mises family at both ends")
    ratio, inverse = sp.Symbol("a"), sp.Symbol("x", positive=True)
    numerator, denominator = sp.fraction(gaussian_curvature(kappa, ratio))
    small = at_zero(8, kappa)
    derivation.holds(
        f"A = {sp.latex(at_zero(4, kappa))} + O(\\kappa^9)",
        vanishes_to_order(_riccati_residual(small, kappa) * kappa, kappa, 16),
        "the only odd power series that satisfies the Riccati equation",
        "all coefficients of its residual below kappa^15 vanish",
    )
    residual = (numerator - zero * denominator).subs(ratio, small)
    order = lowest_degree(denominator.subs(ratio, small), kappa) + 8
    derivation.holds(
        f"K = {sp.latex(zero)} + O(\\kappa^8)",
        vanishes_to_order(residual, kappa, order),
        "the closed form of K, the series of A inserted",
        f"numerator - series * denominator = O(kappa^{order}), the denominator is of order kappa^{order - 8}",
    )
    large = at_infinity(8, inverse)
    rational = sp.together((numerator - infinity * denominator).subs(kappa, 1 / inverse))
    residual, scale = sp.fraction(rational)
    leading = sp.fraction(sp.together(denominator.subs(kappa, 1 / inverse)))
    order = (
        5
        + lowest_degree(leading[0].subs(ratio, large), inverse)
        + (lowest_degree(scale, inverse) - lowest_degree(leading[1], inverse))
    )
    derivation.holds(
        f"A = {sp.latex(at_infinity(4, 1 / kappa))} + O(\\kappa^{{-5}})",
        vanishes_to_order(_riccati_residual_at_infinity(large, inverse), inverse, 9),
        "the asymptotic series in x = 1/kappa (DLMF 10.40.1); the Riccati equation determines its coefficients",
        "all coefficients of its residual up to x^8 vanish",
    )
    derivation.holds(
        f"K = {sp.latex(infinity)} + O(\\kappa^{{-5}})",
        vanishes_to_order(residual.subs(ratio, large), inverse, order),
        "the closed form of K, the series of A inserted",
        f"numerator - series * denominator = O(x^{order}), five orders above the denominator",
    )
    return derivation


def barriers(upper: sp.Expr = UPPER_BARRIER, lower: sp.Expr = LOWER_BARRIER) -> Derivation:
    """``C < A < B``: the two barrier curves of the Riccati equation, each given by kappa as a function of it."""
    derivation = Derivation("Barriers of the Bessel ratio")
    into_unit = {B: b / (1 + b), C: c / (1 + c)}
    for name, symbol, curve, sign in (("super", B, upper, 1), ("sub", C, lower, -1)):
        letter = symbol.name
        derivation.given(r"\kappa", curve, f"the curve {letter}(kappa), 0 < {letter} < 1, from 0 to 1")
        derivation.positive(
            rf"\frac{{d\kappa}}{{d{letter}}}", sp.diff(curve, symbol), f"{letter} increases with kappa", into_unit
        )
        excess = 1 / sp.diff(curve, symbol) - (1 - symbol / curve - symbol**2)
        relation = rf"{letter}' - (1 - {letter}/\kappa - {letter}^2)"
        derivation.positive(
            relation if sign > 0 else f"-[{relation}]",
            sign * excess,
            f"{letter} is a {name}solution of the Riccati equation of A",
            into_unit,
        )
        # Reversion of the curve at 0: both start like kappa/2, the next term decides the order near 0.
        expansion = _reversion(curve, symbol, 4)
        gap = sp.Poly(sp.expand(sign * (expansion - at_zero(3, kappa))), kappa)
        leading = gap.coeff_monomial(kappa**3)
        derivation.holds(
            rf"{letter} - A = {sp.latex(sign * leading * kappa**3)} + O(\kappa^4)",
            gap.coeff_monomial(kappa) == 0 and leading > 0,
            f"{letter} starts {'above' if sign > 0 else 'below'} A",
            "series at 0, exact coefficients",
        )
    derivation.stated(
        "C < A < B",
        "near 0 by the series; at a first contact the difference would have a derivative of the wrong sign",
    )
    return derivation


def negative_curvature(
    closed_form: sp.Expr = CURVATURE, upper: sp.Expr = UPPER_BARRIER, lower: sp.Expr = LOWER_BARRIER
) -> Derivation:
    """``K < 0`` for every ``kappa > 0``, from the barriers."""
    derivation = Derivation("The von Mises family is negatively curved", family.field)
    derivation.include(barriers(upper, lower))
    derivation.equal("K", closed_form, "the closed form", value=CURVATURE)
    # Between the barriers kappa is a weighted mean of 2A/(1-A^4) and 2A/(1-A^2); both bounds increase with A.
    ratio, u = sp.symbols("A u", positive=True)
    between = (upper.subs(B, ratio) + u * lower.subs(C, ratio)) / (1 + u)
    derivation.given(r"\kappa", between, "for some u > 0: what C < A < B says about kappa, as B and C increase with it")
    algebra = Derivation(derivation.title)
    into_unit = {ratio: b / (1 + b)}
    free = closed_form.xreplace({A: ratio})
    algebra.positive("-K", -free.subs(kappa, between), "so K < 0 at every point between the barriers", into_unit)
    slope = (1 - ratio / kappa - ratio**2).subs(kappa, between)
    algebra.positive("A'", slope, "so the denominator of K is not 0", into_unit)
    derivation.include(algebra)
    return derivation


def ends(limit: sp.Expr = -sp.Rational(1, 2)) -> Derivation:
    """K tends to 0 at kappa = 0 and to -1/2 from below at infinity: neither constant nor monotone nor above -1/2.

    Args:
        limit: the claimed limit at infinity.
    """
    derivation = Derivation("The curvature of the von Mises family is not constant and passes below its limit")
    derivation.include(series())
    derivation.equal(r"\lim_{\kappa \to 0} K", sp.Integer(0), "the series at 0", value=SERIES_AT_ZERO.subs(kappa, 0))
    inverse = sp.Symbol("x", positive=True)
    tail = sp.expand(SERIES_AT_INFINITY.subs(kappa, 1 / inverse))
    derivation.equal(r"\lim_{\kappa \to \infty} K", limit, "the series at infinity", value=tail.subs(inverse, 0))
    leading = sp.Poly(tail - limit, inverse).terms()[-1]
    derivation.holds(
        rf"K + \tfrac12 = {sp.latex(leading[1])}\, \kappa^{{-{leading[0][0]}}} + \dots < 0 \quad (\kappa \to \infty)",
        leading[1] < 0,
        "the leading term decides for large kappa",
        "sign of one rational number",
    )
    derivation.stated(
        r"K(0) > -\tfrac12 > K(\kappa_1) \text{ for some } \kappa_1, \quad K \to -\tfrac12",
        "K starts above -1/2, falls below it and has to rise again: not constant, not monotone, not above -1/2",
    )
    return derivation


def completeness(lower: sp.Expr | None = None) -> Derivation:
    """Every geodesic can be continued for ever, and any two points are joined by exactly one.

    Args:
        lower: the claimed lower bound of ``sqrt(2) sqrt(A') d kappa / d B`` as a function of the upper barrier B.
    """
    into_unit = {B: b / (1 + b)}
    derivation = Derivation("The von Mises manifold is complete and simply connected")
    derivation.include(barriers())
    slope = 1 - B / UPPER_BARRIER - B**2
    derivation.equal(
        r"1 - \frac{B}{\kappa} - B^2", (1 - B**2) ** 2 / 2, "on the upper barrier; A' is larger, as A < B", value=slope
    )
    integrand = (1 - B**2) * sp.diff(UPPER_BARRIER, B)
    claimed = 2 / (1 - B) / 8 if lower is None else lower
    derivation.positive(
        rf"(1-B^2) \frac{{d\kappa}}{{dB}} - {sp.latex(claimed)}",
        integrand - claimed,
        "a lower bound of the length element of the radial direction, times sqrt 2",
        into_unit,
    )
    derivation.holds(
        rf"\int_0^1 {sp.latex(claimed)}\, dB = \infty",
        sp.limit((1 - B) * claimed, B, 1) > 0,
        "a pole of first order at B = 1: infinity is infinitely far away",
        "limit of (1 - B) times the bound is positive",
    )
    small = at_zero(4, kappa)
    quotient = sp.expand(small / kappa)
    derivation.holds(
        r"A/\kappa \text{ and } A' \text{ are even power series with the common value } \tfrac12",
        sp.Poly(quotient, kappa).nth(0) == sp.diff(small, kappa).subs(kappa, 0) == sp.Rational(1, 2),
        "so kappa = 0 is a regular point of the chart (kappa cos mu, kappa sin mu), which covers the plane",
        "series at 0, exact coefficients",
    )
    derivation.stated(
        r"\text{complete and simply connected, } K < 0",
        "Hopf-Rinow, then Cartan-Hadamard: any two points are joined by exactly one geodesic",
    )
    return derivation


def sign_polynomials() -> dict[str, sp.Expr]:
    """Polynomials in the symbols kappa and A whose signs on the half-line are the shape of K.

    ``curvature`` has the sign of K, ``excess`` that of K + 1/2 and ``slope`` that of dK/dkappa: each is the numerator
    of a fraction whose denominator is positive, because the squares are and ``A > 0``, ``kappa > 0``.
    """
    k, a = sp.symbols("kappa A")
    closed = gaussian_curvature(k, a)
    gap = k * a**2 + a - k
    excess = sp.numer(sp.cancel((closed + sp.Rational(1, 2)) * 4 * a**2 * gap**2))
    slope = sp.numer(sp.cancel(riccati_derivative(closed, k, a) * a**3 * gap**3))
    # gap = -kappa A' is negative, and it enters the slope to the third power.
    return {
        "gap": sp.expand(gap),
        "curvature": sp.expand((gap + a) * (k * a**4 + 2 * a - k)),
        "excess": sp.expand(excess),
        "slope": sp.expand(-slope),
    }


def _riccati_residual(ratio: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    return sp.expand(sp.diff(ratio, variable) - 1 + ratio / variable + ratio**2)


def _riccati_residual_at_infinity(ratio: sp.Expr, inverse: sp.Symbol) -> sp.Expr:
    return sp.expand(-(inverse**2) * sp.diff(ratio, inverse) - 1 + inverse * ratio + ratio**2)


def _reversion(curve: sp.Expr, symbol: sp.Symbol, order: int) -> sp.Expr:
    """The power series of the inverse of ``kappa = curve(symbol)`` at 0, up to ``kappa**order``."""
    forward = sp.series(curve, symbol, 0, order + 1).removeO()
    linear = forward.coeff(symbol, 1)
    inverse = kappa / linear
    for _ in range(order):
        error = sp.expand(forward.subs(symbol, inverse) - kappa)
        inverse -= sum(error.coeff(kappa, n) * kappa**n for n in range(order + 1)) / linear
        inverse = sp.expand(inverse)
    return inverse
