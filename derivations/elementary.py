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


def logarithmic(expression: sp.Expr) -> sp.Expr:
    """Rewrite the functions of this module by logarithms, for zero-tests."""
    return expression.replace(GaussianDivergence, lambda *arguments: GaussianDivergence(*arguments).closed_form())
