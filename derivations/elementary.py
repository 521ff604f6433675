"""Elementary functions that need a name of their own to be evaluated without cancellation."""

import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.printing.latex import LatexPrinter


class GaussianDivergence(sp.Function):
    """``GaussianDivergence(shift, s, t)``: the divergence of a Gaussian of deviation s from one of deviation t."""

    nargs = 3

    def closed_form(self) -> sp.Expr:
        """The divergence in logarithms (Cover & Thomas 2006, section 8.5)."""
        shift, first, second = self.args
        return shift**2 / (2 * second**2) + (first**2 / second**2 - 1) / 2 - sp.log(first / second)

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        shift, first, second = map(printer.doprint, self.args)
        body = rf"\mathrm{{KL}}\left({shift}, {first} \,\|\, {second}\right)"
        return body if exp is None else rf"{body}^{{{exp}}}"

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative of the closed form."""
        if not 1 <= argindex <= 3:
            raise ArgumentIndexError(self, argindex)
        return sp.diff(self.closed_form(), self.args[argindex - 1])


class RatioDivergence(sp.Function):
    """``RatioDivergence(a, b, a - b)``: ``a/b - 1 - log(a/b)``, the divergence of exponential laws of means a and b.

    The difference is an argument of its own because it may be known better than by subtraction.
    """

    nargs = 3

    def closed_form(self) -> sp.Expr:
        """The divergence in logarithms."""
        first, second, difference = self.args
        return difference / second - sp.log(first / second)

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        body = rf"\left({printer.doprint(self.closed_form())}\right)"
        return body if exp is None else rf"{body}^{{{exp}}}"

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative of the closed form."""
        if not 1 <= argindex <= 3:
            raise ArgumentIndexError(self, argindex)
        return sp.diff(self.closed_form(), self.args[argindex - 1])


class ScaledExponentialIntegral(sp.Function):
    """``exp(z) E_1(z)``."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """The product, spelled out."""
        return sp.exp(self.args[0]) * sp.expint(1, self.args[0])

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.closed_form()._eval_evalf(prec)

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        z = printer.doprint(self.args[0])
        body = rf"e^{{{z}}} E_1\left({z}\right)"
        return body if exp is None else rf"\left({body}\right)^{{{exp}}}"

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """``S' = S - 1/z``."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self - 1 / self.args[0]


def logarithmic(expression: sp.Expr) -> sp.Expr:
    """Rewrite the divergences of this module by logarithms, for zero-tests."""
    expression = sp.sympify(expression)
    for named in (GaussianDivergence, RatioDivergence):
        expression = expression.replace(named, lambda *arguments, named=named: named(*arguments).closed_form())
    return expression
