"""Truncated power series, and the series of the Bessel ratios that their Riccati equation determines.

The ratio ``A = I_{p/2} / I_{p/2-1}`` of the von Mises-Fisher family in dimension p satisfies
``A' = 1 - (p-1) A / kappa - A**2`` (Mardia & Jupp 2000, appendix 1). At 0 it has one solution that is regular, an odd
power series; at infinity one formal solution in ``1/kappa`` with limit 1, the asymptotic series of A.
"""

import sympy as sp


def at_zero(terms: int, kappa: sp.Symbol, dimension: sp.Expr = sp.Integer(2)) -> sp.Expr:
    """The series of A up to ``kappa**(2 terms - 1)``."""
    coefficients: list[sp.Expr] = []
    for n in range(terms):
        square = sum(coefficients[i] * coefficients[n - 1 - i] for i in range(n))
        coefficients.append(sp.cancel(((1 if n == 0 else 0) - square) / (2 * n + dimension)))
    return sum(c * kappa ** (2 * n + 1) for n, c in enumerate(coefficients))


def at_infinity(terms: int, inverse: sp.Symbol, dimension: sp.Expr = sp.Integer(2)) -> sp.Expr:
    """The asymptotic series of A up to ``inverse**terms``, where ``inverse = 1/kappa``."""
    coefficients: list[sp.Expr] = [sp.Integer(1)]
    for n in range(1, terms + 1):
        # The coefficient of inverse**n in -inverse**2 dA/dinverse - 1 + (p-1) inverse A + A**2 vanishes.
        square = sum(coefficients[i] * coefficients[n - i] for i in range(1, n))
        known = -(n - 1) * coefficients[n - 1] + (dimension - 1) * coefficients[n - 1] + square
        coefficients.append(sp.cancel(-known / 2))
    return sum(c * inverse**n for n, c in enumerate(coefficients))


def vanishes_to_order(expression: sp.Expr, variable: sp.Symbol, order: int) -> bool:
    """Whether a polynomial in the variable has no term below ``variable**order``."""
    polynomial = sp.Poly(sp.expand(expression), variable)
    return all(degree >= order or sp.cancel(coefficient) == 0 for (degree,), coefficient in polynomial.terms())


def lowest_degree(expression: sp.Expr, variable: sp.Symbol) -> int:
    """The degree of the leading term of a polynomial as the variable goes to 0."""
    terms = sp.Poly(sp.expand(expression), variable).terms()
    return min(degree for (degree,), coefficient in terms if sp.cancel(coefficient) != 0)
