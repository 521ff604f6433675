"""Canonical forms: the exact zero-test on which every derivation stands.

An expression is read as an element of ``QQ(x1, ..., xn)``, the rational functions over the rationals, possibly modulo
algebraic relations such as ``sin(x)**2 + cos(x)**2 = 1`` or ``r**2 = 2``. Whatever SymPy cannot take apart by field
operations (a symbol, ``pi``, ``polygamma(1, a)``) becomes a generator. If the canonical numerator is zero, the
expression is zero. The converse holds as well when the generators obey no relation but the ones listed here, which is
why functions with relations of their own (Bessel ratios) are first rewritten to generators that have none.
"""

from collections.abc import Callable

import sympy as sp
from sympy.polys.fields import FracElement
from sympy.polys.rings import PolyElement

Rewrite = Callable[[sp.Expr], sp.Expr]


class Field:
    """The field in which the expressions of one derivation live.

    Args:
        rewrite: applied to every expression first; expresses functions that are not independent of each other through
            ones that are.
    """

    def __init__(self, rewrite: Rewrite = lambda expression: expression):
        self._rewrite = rewrite

    def is_zero(self, expression: sp.Expr) -> bool:
        """Whether the expression is the zero of the field."""
        numerator, _, _ = self._fraction(expression)
        return not numerator

    def normal(self, expression: sp.Expr) -> sp.Expr:
        """The canonical fraction: numerator and denominator coprime and reduced by the relations."""
        numerator, denominator, names = self._fraction(expression)
        if not numerator:
            return sp.Integer(0)
        fraction = numerator.as_expr() / denominator.as_expr()
        return _restore(fraction, names)

    def numerator(self, expression: sp.Expr) -> sp.Expr:
        """The numerator of the canonical fraction."""
        numerator, _, names = self._fraction(expression)
        return _restore(numerator.as_expr(), names)

    def factored(self, expression: sp.Expr) -> sp.Expr:
        """The canonical fraction with numerator and denominator factored, the form people read."""
        numerator, denominator, names = self._fraction(expression)
        return _restore(sp.factor(numerator.as_expr()) / sp.factor(denominator.as_expr()), names)

    def _fraction(self, expression: sp.Expr) -> tuple[PolyElement, PolyElement, dict[sp.Dummy, sp.Expr]]:
        generators = _Generators()
        rational = generators.rational(self._rewrite(sp.sympify(expression)))
        relations = generators.relations
        # Lexicographic order with the algebraic generators first, so that each relation's leading term is their power
        # and the relations are a Groebner basis as they stand.
        algebraic = list(reversed(relations))
        transcendental = sorted((d for d in generators.names if d not in relations), key=lambda d: str(d.name))
        ordered = [*algebraic, *transcendental]
        if not ordered:
            ordered = [sp.Dummy("unused")]
        field = sp.QQ.frac_field(*ordered)
        element: FracElement = field.from_sympy(rational)
        ring = element.numer.ring
        basis = [ring.from_expr(polynomial) for polynomial in relations.values()]
        if basis:
            numerator, denominator = element.numer.rem(basis), element.denom.rem(basis)
            if not denominator:
                raise ZeroDivisionError(f"the denominator of {expression} is zero in its field")
            element = field.field.raw_new(*numerator.cancel(denominator)) if numerator else field.zero
        return element.numer, element.denom, generators.names


def _restore(expression: sp.Expr, names: dict[sp.Dummy, sp.Expr]) -> sp.Expr:
    # Later generators can stand inside earlier ones (a root of a sum), never the other way round.
    return expression.xreplace(names)


class _Generators:
    """Takes an expression apart into field operations and names what is left."""

    def __init__(self) -> None:
        self.names: dict[sp.Dummy, sp.Expr] = {}
        self.relations: dict[sp.Dummy, sp.Expr] = {}
        self._dummies: dict[sp.Expr, sp.Dummy] = {}

    def rational(self, expression: sp.Expr) -> sp.Expr:
        if expression.is_Rational:
            return expression
        if expression.is_Add or expression.is_Mul:
            return expression.func(*map(self.rational, expression.args))
        if expression.is_Pow and expression.exp.is_Integer:
            return self.rational(expression.base) ** expression.exp
        if expression.is_Pow and expression.exp.is_Rational:
            return self._root(expression.base, expression.exp)
        if isinstance(expression, sp.exp):
            return self._exponential(expression.exp)
        if expression.is_Pow:
            integer, rest = expression.exp.as_coeff_Add()
            if integer.is_Integer and integer != 0:
                return self.rational(expression.base) ** integer * self._generator(expression.base**rest)
        if isinstance(expression, sp.log):
            return self._logarithm(expression.args[0])
        if isinstance(expression, sp.sin | sp.cos):
            return self._circular(expression)
        if isinstance(expression, sp.tan):
            angle = expression.args[0]
            return self._circular(sp.sin(angle)) / self._circular(sp.cos(angle))
        if isinstance(expression, sp.sinh | sp.cosh | sp.tanh | sp.sech):
            return self.rational(expression.rewrite(sp.exp))
        if not expression.is_commutative or not isinstance(expression, sp.Expr):
            raise TypeError(f"not a scalar expression: {expression}")
        return self._generator(expression)

    def _generator(self, expression: sp.Expr) -> sp.Dummy:
        if expression not in self._dummies:
            dummy = sp.Dummy(str(expression))
            self._dummies[expression] = dummy
            self.names[dummy] = expression
        return self._dummies[expression]

    def _root(self, base: sp.Expr, exponent: sp.Rational) -> sp.Expr:
        """``base**(p/q)`` as the p-th power of a generator r with r**q = base; bases are taken to be positive."""
        numerator, denominator = sp.fraction(sp.together(base))
        if denominator != 1:
            return self._root(numerator, exponent) / self._root(denominator, exponent)
        factors = sp.Mul.make_args(base) if base.is_Mul else (base,)
        if len(factors) > 1:
            return sp.Mul(*(self.rational(sp.Pow(factor, exponent)) for factor in factors))
        root = sp.Pow(base, sp.Rational(1, exponent.q))
        known = root in self._dummies
        radicand = self.rational(base)
        dummy = self._generator(root)
        if not known:
            self.relations[dummy] = dummy**exponent.q - radicand
        return dummy**exponent.p

    def _exponential(self, exponent: sp.Expr) -> sp.Expr:
        """``exp(a + 2 b)`` as exp(a) exp(b)**2, so that products of exponentials meet."""
        result = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            number, rest = term.as_coeff_Mul()
            if not number.is_Integer:
                number, rest = number.p, rest / number.q
            result *= self._generator(sp.exp(rest)) ** number
        return result

    def _logarithm(self, argument: sp.Expr) -> sp.Expr:
        """``log(a b**2 / c)`` as log(a) + 2 log(b) - log(c), the factors taken to be positive."""
        factors = sp.factor(sp.together(argument)).as_powers_dict()
        whole = [(f, n) for f, n in factors.items() if f.is_Integer and f > 1]
        for number, exponent in whole:
            del factors[number]
            for prime, multiplicity in sp.factorint(number).items():
                factors[prime] += multiplicity * exponent
        return sp.Add(*(self.rational(n) * self._generator(sp.log(f)) for f, n in factors.items() if f != 1))

    def _circular(self, expression: sp.Expr) -> sp.Expr:
        angle = sp.expand(expression.args[0])
        if angle.is_Add or (angle.is_Mul and angle.args[0].is_Integer):
            return self.rational(sp.expand_trig(expression.func(angle)))
        cosine, sine = self._generator(sp.cos(angle)), self._generator(sp.sin(angle))
        self.relations.setdefault(sine, sine**2 + cosine**2 - 1)
        return sine if isinstance(expression, sp.sin) else cosine
