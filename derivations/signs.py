"""Inequalities: positivity by signs of coefficients, difference by the value at a point."""

import itertools
from collections.abc import Iterator

import sympy as sp
from sympy.core.evalf import PrecisionExhausted
from sympy.core.function import AppliedUndef

_DIGITS = 30
_AWAY = sp.Rational(1, 10**20)
_POINTS = 6


class NotShown(ValueError):
    """The inequality may hold, but this method does not show it."""


def all_signs_positive(fraction: tuple[sp.Expr, sp.Expr]) -> None:
    """Check that numerator and denominator are polynomials with coefficients of one sign in positive terms.

    Raises:
        NotShown: if they are not; the message names the term or the coefficient.
    """
    above, below = fraction
    signs = []
    for part in fraction:
        coefficients = _coefficients(part)
        positive = all(coefficient.is_positive for coefficient in coefficients)
        if not positive and not all(coefficient.is_negative for coefficient in coefficients):
            raise NotShown(f"{above / below} has a coefficient <= 0")
        signs.append(positive)
    if signs[0] != signs[1]:
        raise NotShown(f"{above / below} has a coefficient <= 0")


def point_apart(difference: sp.Expr) -> str | None:
    """Where an expression is clearly not 0, in words; None if no such point is found.

    The points are rational and satisfy the assumptions on the symbols; undefined functions take rational values there.
    """
    symbols = sorted(difference.free_symbols, key=str)
    # 7/10, 13/10, 19/10, ...: in general position, and some on either side of 1.
    numbers = (sp.Rational(n, 10) for n in itertools.count(7, 6))
    for _ in range(_POINTS):
        point = {symbol: _in_domain(symbol, next(numbers)) for symbol in symbols}
        try:
            value, chosen = _with_values(difference.xreplace(point), numbers)
            size = abs(value.evalf(_DIGITS, strict=True))
        except (PrecisionExhausted, TypeError, ValueError, ZeroDivisionError):
            continue
        if size.is_Number and size.is_finite and size > _AWAY:
            at = ", ".join(f"{name} = {number}" for name, number in (*point.items(), *chosen.items()))
            return f"at {at}" if at else f"as a number, evaluated to {_DIGITS} digits"
    return None


def _coefficients(part: sp.Expr) -> list[sp.Expr]:
    """The coefficients of a polynomial in terms that are all positive."""
    if part.is_number:
        return [part]
    try:
        terms = [term for term in sp.Poly(part).gens if not term.is_number]
        polynomial = sp.Poly(part, *terms)
    except sp.PolynomialError as error:
        raise NotShown(f"{part} is no polynomial in positive terms: {error}") from None
    for term in terms:
        if not term.is_positive:
            raise NotShown(f"{term} is not known to be positive")
    return polynomial.coeffs()


def _with_values(expression: sp.Expr, numbers: Iterator[sp.Rational]) -> tuple[sp.Expr, dict[sp.Expr, sp.Rational]]:
    """Give each undefined function a value, the same one wherever its arguments are the same numbers."""
    chosen: dict[sp.Expr, sp.Rational] = {}
    known: dict[object, sp.Rational] = {}
    while calls := expression.atoms(AppliedUndef):
        for call in sorted(calls, key=str):
            if not any(argument.has(AppliedUndef) for argument in call.args):
                key = (call.func, *(str(argument.evalf(10)) for argument in call.args))
                if key not in known:
                    known[key] = chosen[call] = next(numbers)
                expression = expression.xreplace({call: known[key]})
    return expression, chosen


def _in_domain(symbol: sp.Symbol, number: sp.Rational) -> sp.Rational:
    if symbol.is_integer:
        number = 2 * sp.ceiling(number) + (1 if symbol.is_odd else 0)
    return -number if symbol.is_nonpositive else number
