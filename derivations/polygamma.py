r"""Polygamma functions in combinations that must be evaluated by name, without cancellation.

Each has a closed form in polygamma functions; :func:`in_polygammas` writes them out for zero-tests, where polygamma
functions of different orders or arguments count as independent. Source: NIST DLMF 5.15.
"""

import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.printing.latex import LatexPrinter

from derivations.elementary import logarithmic


class _Combination(sp.Function):
    """A function given by its closed form."""

    def closed_form(self) -> sp.Expr:
        """The function in polygamma functions."""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative of the closed form."""
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        dummies = [sp.Dummy(positive=True) for _ in self.args]
        slope = sp.diff(self.func(*dummies).closed_form(), dummies[argindex - 1])
        return slope.xreplace(dict(zip(dummies, self.args, strict=True)))

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.closed_form()._eval_evalf(prec)

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        body = rf"\left({printer.doprint(self.closed_form())}\right)"
        return body if exp is None else f"{body}^{{{exp}}}"


class TrigammaExcess(_Combination):
    """``TrigammaExcess(n, x)``: the n-th derivative of ``E = x psi_1(x) - 1``."""

    nargs = 2

    def closed_form(self) -> sp.Expr:
        """``n psi_n + x psi_{n+1}``, less 1 for n = 0."""
        order, x = self.args
        return order * sp.polygamma(order, x) + x * sp.polygamma(order + 1, x) - (1 if order == 0 else 0)

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The next derivative."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        order, x = self.args
        return TrigammaExcess(order + 1, x)


class PolygammaDifference(_Combination):
    """``PolygammaDifference(n, x, y)``: ``psi_n(x) - psi_n(x + y)``."""

    nargs = 3

    def closed_form(self) -> sp.Expr:
        """The difference, spelled out."""
        order, x, y = self.args
        return sp.polygamma(order, x) - sp.polygamma(order, x + y)

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The derivative by one of the arguments."""
        order, x, y = self.args
        if argindex not in (2, 3):
            raise ArgumentIndexError(self, argindex)
        return PolygammaDifference(order + 1, x, y) if argindex == 2 else -sp.polygamma(order + 1, x + y)


class TrigammaReciprocalExcess(_Combination):
    """``w(a + b) - w(a) - w(b)`` for ``w = 1/psi_1``."""

    nargs = 2

    def closed_form(self) -> sp.Expr:
        """The excess, spelled out."""
        a, b = self.args
        return 1 / sp.polygamma(1, a + b) - 1 / sp.polygamma(1, a) - 1 / sp.polygamma(1, b)


class PolygammaQuotientExcess(_Combination):
    """``k(a + b) - k(a) - k(b)`` for ``k = -psi_1/psi_2``."""

    nargs = 2

    def closed_form(self) -> sp.Expr:
        """The excess, spelled out."""
        a, b = self.args
        return polygamma_quotient(a) + polygamma_quotient(b) - polygamma_quotient(a + b)


class LogMinusDigamma(_Combination):
    """``log x - psi(x)``."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """The difference, spelled out."""
        return sp.log(self.args[0]) - sp.polygamma(0, self.args[0])


class GammaShapeDivergence(_Combination):
    """``GammaShapeDivergence(a, b)``: the divergence of gamma laws of shapes a and b with the same mean."""

    nargs = 2

    def closed_form(self) -> sp.Expr:
        """The Bregman divergence of ``log Gamma(x) - x log x + x``."""
        a, b = self.args
        return sp.loggamma(b) - sp.loggamma(a) - (b - a) * sp.polygamma(0, a) + b * sp.log(a / b) + b - a


class BetaDivergence(_Combination):
    """``BetaDivergence(a, b, c, d)``: the divergence of the beta law (a, b) from the beta law (c, d)."""

    nargs = 4

    def closed_form(self) -> sp.Expr:
        """The Bregman divergence of the log-partition."""
        a, b, c, d = self.args

        def potential(x: sp.Expr, y: sp.Expr) -> sp.Expr:
            return sp.loggamma(x) + sp.loggamma(y) - sp.loggamma(x + y)

        slopes = [sp.polygamma(0, x) - sp.polygamma(0, a + b) for x in (a, b)]
        return potential(c, d) - potential(a, b) - slopes[0] * (c - a) - slopes[1] * (d - b)


def polygamma_quotient(x: sp.Expr) -> sp.Expr:
    """``psi_1 / psi_2``."""
    return sp.polygamma(1, x) / sp.polygamma(2, x)


def trigamma(x: sp.Expr) -> sp.Expr:
    """``psi_1`` as a sum of positive terms."""
    return (1 + TrigammaExcess(0, x)) / x


def tetragamma(x: sp.Expr) -> sp.Expr:
    """``psi_2`` as a sum of negative terms."""
    return -(1 + TrigammaExcess(0, x) - x * TrigammaExcess(1, x)) / x**2


def in_polygammas(expression: sp.Expr) -> sp.Expr:
    """Write out the functions of this module and of :mod:`derivations.elementary`, for zero-tests."""
    expression = sp.sympify(expression).replace(sp.UnevaluatedExpr, lambda inner: inner)
    while named := expression.atoms(_Combination):
        expression = expression.xreplace({function: function.closed_form() for function in named})
    return logarithmic(expression)
