"""Canonical forms: the exact zero-test on which every derivation stands.

An expression is read as an element of ``QQ(x1, ..., xn)``, the rational functions over the rationals, possibly modulo
algebraic relations such as ``sin(x)**2 + cos(x)**2 = 1`` or ``r**2 = 2``. Whatever SymPy cannot take apart by field
operations (a symbol, ``pi``, ``polygamma(1, a)``) becomes a generator (:mod:`derivations.generators`). If the canonical
numerator is zero, the expression is zero. The converse holds as well when the generators obey no relation but the ones
listed there, which is why functions with relations of their own (Bessel ratios) are first rewritten to generators that
have none; :meth:`derivations.derivation.Derivation.differs` does not rely on it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
from sympy.polys.fields import FracElement
from sympy.polys.rings import PolyElement

from derivations.generators import take_apart

# Bound on the terms of denominator times relation times its degree, up to which denominators are rationalised.
_CHEAP = 24

Rewrite = Callable[[sp.Expr], sp.Expr]


class Field:
    """The field in which the expressions of one derivation live.

    Every method raises ValueError for floats and for what is no number (nan, infinities), TypeError for what is no
    scalar, and ZeroDivisionError for a denominator that is zero in the field.

    Args:
        rewrite: applied to every expression first; expresses functions that are not independent of each other through
            ones that are.
    """

    def __init__(self, rewrite: Rewrite = lambda expression: expression):
        self._rewrite = rewrite

    def rewritten(self, expression: sp.Expr) -> sp.Expr:
        """The expression in functions that are independent of each other."""
        return self._rewrite(_exact(expression))

    def is_zero(self, expression: sp.Expr) -> bool:
        """Whether the expression is the zero of the field."""
        return not self._fraction(expression).numerator

    def normal(self, expression: sp.Expr) -> sp.Expr:
        """A reduced fraction without algebraic generators in its denominator, where these are cheap to remove.

        There equal elements have one normal form; in general only :meth:`is_zero` decides whether elements are equal.
        """
        fraction = self._fraction(expression).rationalised()
        return fraction.shown(fraction.numerator.as_expr() / fraction.denominator.as_expr())

    def fraction(self, expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """A reduced numerator and denominator: coprime polynomials in the generators, expanded."""
        fraction = self._fraction(expression)
        return fraction.shown(fraction.numerator.as_expr()), fraction.shown(fraction.denominator.as_expr())

    def numerator(self, expression: sp.Expr) -> sp.Expr:
        """The numerator of the reduced fraction."""
        return self.fraction(expression)[0]

    def factored(self, expression: sp.Expr) -> sp.Expr:
        """The reduced fraction with numerator and denominator factored, the form people read."""
        fraction = self._fraction(expression)
        above, below = fraction.numerator.as_expr(), fraction.denominator.as_expr()
        return fraction.shown(sp.factor(above) / sp.factor(below))

    def _fraction(self, expression: sp.Expr) -> "_Fraction":
        rational, generators = take_apart(self.rewritten(expression))
        relations = generators.relations
        # Lexicographic order with the algebraic generators first, so that each relation's leading term is their power
        # and the relations are a Groebner basis as they stand.
        algebraic = list(reversed(relations))
        transcendental = sorted((d for d in generators.names if d not in relations), key=lambda d: str(d.name))
        ordered = [*algebraic, *transcendental]
        if not ordered:
            ordered = [sp.Dummy("unused")]
        element: FracElement = sp.QQ.frac_field(*ordered).from_sympy(rational)
        ring = element.numer.ring
        basis = [ring.from_expr(polynomial) for polynomial in relations.values()]
        reduced = _reduced(element, basis)
        if reduced is None:
            raise ZeroDivisionError(f"the denominator of {expression} is zero in its field")
        return _Fraction(reduced, algebraic, [ring.from_expr(relations[r]) for r in algebraic], generators.names)


@dataclass(frozen=True)
class _Fraction:
    """An element of the field: a fraction in dummy symbols, the algebraic ones first, and what these stand for."""

    element: FracElement
    algebraic: list[sp.Dummy]
    relations: list[PolyElement]
    names: dict[sp.Dummy, sp.Expr]

    @property
    def numerator(self) -> PolyElement:
        return self.element.numer

    @property
    def denominator(self) -> PolyElement:
        return self.element.denom

    def shown(self, expression: sp.Expr) -> sp.Expr:
        """An expression in the dummy symbols, in what these stand for."""
        return expression.xreplace(self.names)

    def rationalised(self) -> "_Fraction":
        """The same element with no algebraic generator in the denominator, where the relations permit it."""
        element, field = self.element, self.element.field
        for root, relation in zip(self.algebraic, self.relations, strict=True):
            if element.denom.degree(element.numer.ring.from_expr(root)) < 1:
                continue
            if len(element.denom) * len(relation) * relation.degree() > _CHEAP:
                break
            others = [symbol for symbol in field.symbols if symbol != root]
            domain = sp.QQ.frac_field(*others) if others else sp.QQ
            below = sp.Poly(element.denom.as_expr(), root, domain=domain)
            inverse, common = below.half_gcdex(sp.Poly(relation.as_expr(), root, domain=domain))
            if common.degree() > 0:
                continue
            factor = field.from_expr(inverse.as_expr() / common.as_expr())
            multiplied = _reduced(field.from_expr(element.numer.as_expr()) * factor, self.relations)
            element = element if multiplied is None else multiplied
        return _Fraction(element, self.algebraic, self.relations, self.names)


def _reduced(element: FracElement, basis: list[PolyElement]) -> FracElement | None:
    """The element modulo the relations; None if its denominator is zero."""
    if not basis:
        return element
    numerator, denominator = element.numer.rem(basis), element.denom.rem(basis)
    if not denominator:
        return None
    field = element.field
    return field.raw_new(*numerator.cancel(denominator)) if numerator else field.zero


def _exact(expression: sp.Expr) -> sp.Expr:
    expression = sp.sympify(expression)
    if floats := expression.atoms(sp.Float):
        raise ValueError(f"a float is not exact: {', '.join(sorted(map(str, floats)))} in {expression}")
    if expression.has(sp.nan):
        raise ValueError(f"nan is no number: {expression}")
    return expression
