"""Generators of a field: takes an expression apart into field operations and names what is left.

Functions that obey relations are written in generators that meet: ``exp(x)`` and ``exp(x/3)`` in ``exp(x/3)``, roots
and circular functions likewise, logarithms in logarithms of primes and of irreducible factors. The arguments of
logarithms and symbols under roots about which nothing is assumed are taken to be positive.
"""

from collections.abc import Iterator

import sympy as sp
from sympy.core.numbers import ComplexInfinity, Infinity, NaN, NegativeInfinity

_NO_NUMBER = (NaN, ComplexInfinity, Infinity, NegativeInfinity, sp.AccumBounds)
_RECIPROCALS = {sp.sec: sp.cos, sp.csc: sp.sin}


def take_apart(expression: sp.Expr) -> tuple[sp.Expr, "Generators"]:
    """The expression as a fraction of polynomials in dummy symbols, and what these symbols stand for."""
    orders: dict[object, int] = {}
    signs: dict[sp.Expr, sp.Integer] = {}
    while True:
        generators = Generators(orders, signs)
        rational = generators.rational(expression)
        if not generators.outgrown:
            return rational, generators


class Generators:
    """The generators of one expression.

    Args:
        orders: by what the generator is a part of (``exp(x)``, the root of 2), into how many parts it is divided. An
            expression that needs a finer division than the one recorded so far sets :attr:`outgrown`.
        signs: of factors in logarithms that are known to be positive or negative because the logarithm is real; a new
            one sets :attr:`outgrown` as well.
    """

    def __init__(self, orders: dict[object, int], signs: dict[sp.Expr, sp.Integer]) -> None:
        self.names: dict[sp.Dummy, sp.Expr] = {}
        self.relations: dict[sp.Dummy, sp.Expr] = {}
        self.outgrown = False
        self._orders, self._signs = orders, signs
        self._dummies: dict[sp.Expr, sp.Dummy] = {}

    def rational(self, expression: sp.Expr) -> sp.Expr:
        """The expression in dummy symbols; raises ValueError for what is no number and TypeError for no scalar."""
        if expression.is_Rational:
            return expression
        if isinstance(expression, _NO_NUMBER):
            raise ValueError(f"{expression} is not a number, so it is no element of a field")
        if expression.is_Add or expression.is_Mul:
            return expression.func(*map(self.rational, expression.args))
        if expression.is_Pow:
            return self._power(expression.base, expression.exp)
        if isinstance(expression, sp.exp) or expression is sp.E:
            return self._exponential(sp.log(expression) if expression is sp.E else expression.exp)
        if isinstance(expression, sp.log):
            return self._logarithm(expression.args[0])
        if isinstance(expression, sp.sin | sp.cos):
            return self._circular(expression.func, expression.args[0])
        if isinstance(expression, sp.tan | sp.cot):
            angle = expression.args[0]
            sine, cosine = self._circular(sp.sin, angle), self._circular(sp.cos, angle)
            return _quotient(sine, cosine) if isinstance(expression, sp.tan) else _quotient(cosine, sine)
        if isinstance(expression, sp.sec | sp.csc):
            return _quotient(sp.Integer(1), self._circular(_RECIPROCALS[expression.func], expression.args[0]))
        if isinstance(expression, sp.sinh | sp.cosh | sp.tanh | sp.coth | sp.sech | sp.csch):
            return self.rational(expression.rewrite(sp.exp))
        if not expression.is_commutative or not isinstance(expression, sp.Expr):
            raise TypeError(f"not a scalar expression: {expression}")
        dummy = self._generator(expression)
        if expression is sp.I:
            self.relations.setdefault(dummy, dummy**2 + 1)
        return dummy

    def _generator(self, expression: sp.Expr) -> sp.Dummy:
        if expression not in self._dummies:
            dummy = sp.Dummy(str(expression))
            self._dummies[expression] = dummy
            self.names[dummy] = expression
        return self._dummies[expression]

    def _known(self, value: sp.Expr, kind: type[sp.Expr]) -> sp.Expr:
        """The generator of a function value, unless SymPy evaluated it to something else."""
        return self._generator(value) if isinstance(value, kind) else self.rational(value)

    def _order(self, key: object, order: int) -> int:
        known = self._orders.setdefault(key, order)
        if known % order:
            self.outgrown = True
            self._orders[key] = known = int(sp.lcm(known, order))
        return known

    def _parts(self, name: object, number: sp.Rational, rest: sp.Expr) -> tuple[int, sp.Expr]:
        """``number * rest`` as a multiple of the part into which everything called ``name`` is divided."""
        order = self._order((name, rest), int(number.q))
        return int(number * order), rest / order

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """``base**(1 + p/q + 2 n)`` as a product of an integer power, a root and powers with symbols in them."""
        if exponent.is_Integer:
            value = self.rational(base)
            return _quotient(sp.Integer(1), value**-exponent) if exponent < 0 else value**exponent
        result = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            number, rest = term.as_coeff_Mul()
            if term.is_Integer:
                result *= self._power(base, term)
            elif term.is_Rational:
                result *= self._root(base, term)
            else:
                for factor, multiplicity in _primes(base) if base.is_Rational and base else [(base, 1)]:
                    times, part = self._parts(factor, number * multiplicity, rest)
                    result *= self._generator(sp.Pow(factor, part)) ** times
        return result

    def _root(self, base: sp.Expr, exponent: sp.Rational) -> sp.Expr:
        """``base**exponent``: roots of positive factors, and one root of the factors whose sign is not known."""
        radicand = base if base.is_Rational else sp.factor(sp.together(self.rational(base)))
        if radicand == 0:
            return _quotient(sp.Integer(1), radicand) if exponent < 0 else radicand
        number, factors = radicand.as_coeff_Mul()
        result, inner = sp.Integer(1), sp.Integer(1)
        for prime, multiplicity in _primes(number):
            if prime > 0:
                result *= self._positive_root(prime, prime, multiplicity * exponent)
            else:
                inner = -inner
        for factor, power in factors.as_powers_dict().items() if factors != 1 else ():
            original = factor.xreplace(self.names)
            if _splits(original, power):
                result *= self._positive_root(original, factor, power * exponent)
            else:
                inner *= factor**power
        if inner == 1:
            return result
        # The root times the denominator d is a generator r with the polynomial relation r**q = n d**(q-1).
        above, below = sp.fraction(sp.together(inner))
        whole = inner.xreplace(self.names)
        order = self._order(("root", whole), int(exponent.q))
        dummy = self._generator(below.xreplace(self.names) * sp.Pow(whole, sp.Rational(1, order)))
        self.relations.setdefault(dummy, dummy**order - above * below ** (order - 1))
        return result * (dummy / below) ** int(exponent * order)

    def _positive_root(self, base: sp.Expr, radicand: sp.Expr, exponent: sp.Rational) -> sp.Expr:
        """``base**exponent`` of a positive base, which is ``radicand`` in the dummy symbols."""
        if isinstance(base, sp.exp):
            return self._exponential(base.exp * exponent)
        if base.is_Pow and base.exp.is_Rational and base.base.is_nonnegative:
            return self._power(base.base, base.exp * exponent)
        if exponent.is_Integer:
            return radicand**exponent
        order = self._order(("root", base), int(exponent.q))
        dummy = self._generator(sp.Pow(base, sp.Rational(1, order)))
        self.relations.setdefault(dummy, dummy**order - radicand)
        return dummy ** int(exponent * order)

    def _exponential(self, exponent: sp.Expr) -> sp.Expr:
        """``exp(a + 2 b)`` as exp(a) exp(b)**2, so that products of exponentials meet."""
        result = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(exponent)):
            times, part = self._parts("exp", *term.as_coeff_Mul())
            value = sp.exp(part)
            result *= (self._generator(value) if value is sp.E else self._known(value, sp.exp)) ** times
        return result

    def _logarithm(self, argument: sp.Expr) -> sp.Expr:
        """``log(a b**2 / c)`` as log(a) + 2 log(b) - log(c), each factor with the sign that makes it positive."""
        number, factors = sp.factor(sp.together(argument)).as_coeff_Mul()
        if number == 0:
            raise ValueError(f"the logarithm of {argument} is not a number")
        powers: dict[sp.Expr, sp.Expr] = {}
        for factor, power in factors.as_powers_dict().items() if factors != 1 else ():
            flipped = power.is_Integer and not _taken_as_positive(factor) and factor.could_extract_minus_sign()
            powers[-factor if flipped else factor] = power
            number *= (-1) ** power if flipped else 1
        odd = [factor for factor, power in powers.items() if power.is_odd and not _taken_as_positive(factor)]
        sign = sp.sign(number) * sp.Mul(*(self._signs.get(factor, 1) for factor in odd))
        fresh = [factor for factor in odd if factor not in self._signs]
        if fresh and (len(odd) == 1 or sign < 0):
            # The argument is positive, which tells the sign of a factor.
            self._signs[fresh[0]], sign, self.outgrown = sign, sp.Integer(1), True
        result = sp.Integer(0) if sign > 0 else self.rational(sp.I * sp.pi)
        for prime, multiplicity in _primes(abs(number)):
            result += multiplicity * self._generator(sp.log(prime))
        for factor, power in powers.items():
            if power.is_even and not _taken_as_positive(factor) and factor not in self._signs:
                factor, power = factor**2, power / 2  # noqa: PLW2901
            value = sp.log(self._signs.get(factor, 1) * factor)
            result += self.rational(sp.sympify(power)) * self._known(value, sp.log)
        return result

    def _circular(self, function: type[sp.Expr], angle: sp.Expr) -> sp.Expr:
        """Sine or cosine of sums and multiples in the sine and cosine of the parts."""
        value = function(angle)
        if not isinstance(value, function):
            return self.rational(value)
        angle = sp.expand(value.args[0])
        if angle.is_Add:
            one, other = angle.as_two_terms()
            (sine, cosine), (sine2, cosine2) = (
                [self._circular(f, part) for f in (sp.sin, sp.cos)] for part in (one, other)
            )
            return sine * cosine2 + cosine * sine2 if function is sp.sin else cosine * cosine2 - sine * sine2
        times, part = self._parts("angle", *angle.as_coeff_Mul())
        cosine, sine = self._known(sp.cos(part), sp.cos), self._known(sp.sin(part), sp.sin)
        if sine in self.names and cosine in self.names:
            self.relations.setdefault(sine, sine**2 + cosine**2 - 1)
        if function is sp.cos:
            return sp.chebyshevt(abs(times), cosine)
        return sp.sign(times) * sine * sp.chebyshevu(abs(times) - 1, cosine)


def _quotient(above: sp.Expr, below: sp.Expr) -> sp.Expr:
    if below == 0:
        raise ZeroDivisionError("division by an expression that is zero")
    return above / below


def _primes(number: sp.Rational) -> Iterator[tuple[sp.Integer, int]]:
    """The prime factors of a rational number that is not 0 with their exponents; -1 counts as one."""
    for prime, multiplicity in sp.factorrat(number).items():
        yield sp.Integer(prime), multiplicity


def _splits(factor: sp.Expr, power: sp.Expr) -> bool:
    """Whether the root of a product is the root of this factor times the root of the others."""
    if not power.is_Integer or factor.is_Mul:
        return False
    return _taken_as_positive(factor) and (abs(power) == 1 or factor.is_nonnegative)


def _taken_as_positive(factor: sp.Expr) -> bool:
    return bool(factor.is_nonnegative or (factor.is_Symbol and factor.is_real is None))
