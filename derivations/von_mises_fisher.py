r"""The von Mises-Fisher family on the sphere in p dimensions: sectional curvatures for every p at once.

The Fisher metric is rotationally symmetric, ``A' dkappa^2 + kappa A dOmega^2`` with ``A = I_{p/2} / I_{p/2-1}`` and
``A' = 1 - (p-1) A / kappa - A**2``. A warped product ``ds^2 + f(s)^2 dOmega^2`` has the curvature ``-f''/f`` in planes
that contain the radius and ``(1 - f'^2)/f^2`` in planes tangent to the sphere (Petersen 2016, section 4.2.3).

Source: Mardia & Jupp 2000, section 9.3.2 and appendix 1.
"""

from functools import cache

import sympy as sp

from derivations.derivation import Derivation
from derivations.power_series import at_infinity, at_zero

p = sp.Symbol("p", positive=True)
kappa = sp.Symbol("kappa", positive=True)
ratio = sp.Symbol("A", positive=True)

SLOPE = 1 - (p - 1) * ratio / kappa - ratio**2


def total(expression: sp.Expr) -> sp.Expr:
    """The total derivative by kappa under the Riccati equation."""
    return sp.diff(expression, kappa) + sp.diff(expression, ratio) * SLOPE


def radial_curvature() -> sp.Expr:
    """``-f''/f`` for ``f = sqrt(kappa A)`` and arc length ``ds = sqrt(A') dkappa``, as a function of kappa, A and p."""
    warp = kappa * ratio
    first, second = total(warp), total(total(warp))
    return -(second - first**2 / (2 * warp) - first * total(SLOPE) / (2 * SLOPE)) / (2 * SLOPE * warp)


def tangential_curvature() -> sp.Expr:
    """``(1 - f'^2)/f^2``; there are tangential planes for p >= 3."""
    warp = kappa * ratio
    return (1 - total(warp) ** 2 / (4 * warp * SLOPE)) / warp


def limits(at_origin: sp.Expr = sp.Integer(0), radial_limit: sp.Expr | None = None) -> Derivation:
    """Both curvatures vanish at kappa = 0 for every p; the radial one tends to ``-1/(2 (p-1))`` at infinity."""
    claimed = -1 / (2 * (p - 1)) if radial_limit is None else radial_limit
    derivation = Derivation("The curvature of the von Mises-Fisher family at both ends, for every dimension p")
    derivation.given("A'", SLOPE, "the Riccati equation in dimension p")
    derivation.given(r"K_{\text{rad}}", r"-f''/f,\quad f = \sqrt{\kappa A}", "warped product over the arc length")
    small = at_zero(5, kappa, p)
    derivation.holds(
        f"A = {sp.latex(at_zero(2, kappa, p))} + O(\\kappa^5)",
        _order_of_residual(small) >= 9,
        "the regular solution at 0",
        "all coefficients of the residual below kappa^9 vanish",
    )
    for name, curvature in (("rad", radial_curvature()), ("tan", tangential_curvature())):
        derivation.equal(
            rf"K_{{\text{{{name}}}}}(0)",
            at_origin,
            "the series at 0 inserted" + (" (tangential planes exist for p >= 3)" if name == "tan" else ""),
            value=_value_at_zero(curvature, kappa, small, kappa),
        )
    inverse = sp.Symbol("x", positive=True)
    large = at_infinity(8, inverse, p)
    derivation.given("A", at_infinity(2, 1 / kappa, p), "the first terms at infinity, x = 1/kappa (DLMF 10.40.1)")
    derivation.equal(
        r"\lim_{\kappa\to\infty} K_{\text{rad}}",
        claimed,
        "the series at infinity inserted",
        value=_value_at_zero(radial_curvature(), 1 / inverse, large, inverse),
    )
    return derivation


@cache
def _order_of_residual(series: sp.Expr) -> int:
    """The lowest power of kappa that is left of the Riccati equation."""
    residual = sp.expand(SLOPE.subs(ratio, series) - sp.diff(series, kappa))
    terms = sp.Poly(residual, kappa).terms()
    return min((degree for (degree,), coefficient in terms if sp.cancel(coefficient) != 0), default=10**9)


@cache
def _value_at_zero(curvature: sp.Expr, place: sp.Expr, of_ratio: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    """The value at 0 of a fraction in kappa and A, with kappa by the variable and a truncated series for A.

    Leading coefficients decide.
    """
    domain = sp.QQ.frac_field(p)
    fraction = sp.fraction(sp.cancel(curvature.subs(kappa, place)))
    series = sp.Poly(of_ratio, variable, domain=domain)
    leading = []
    for part in fraction:
        value = sp.Poly(0, variable, domain=domain)
        for (power,), coefficient in sp.Poly(part, ratio).terms():
            value += sp.Poly(coefficient, variable, domain=domain) * series**power
        order, coefficient = min(value.terms(), key=lambda term: term[0])
        if order[0] > series.degree():
            raise ArithmeticError(f"the series is too short: the leading order {order[0]} lies beyond its truncation")
        leading.append((order, coefficient))
    (top, above), (bottom, below) = leading
    if top < bottom:
        raise ZeroDivisionError(f"{curvature} has a pole at {variable} = 0")
    return sp.Integer(0) if top > bottom else sp.cancel(above / below)
