r"""The Bessel ratio A = I1/I0 and its relatives as symbolic functions.

Everything about them follows from one differential equation, the Riccati equation ``A' = 1 - A/kappa - A**2`` with
``A(0) = 0``: :func:`riccati` rewrites each of them as a rational function of ``kappa`` and ``A``, where zero-tests are
polynomial arithmetic. They exist as functions of their own because those rational forms lose all their digits in
floating point; the numerics evaluate them by name.

Source: Mardia & Jupp 2000, section 3.5.4 and appendix 1; NIST DLMF 10.29 for the recurrences behind the equation.
"""

from functools import cache

import sympy as sp
from sympy.core.function import ArgumentIndexError
from sympy.printing.latex import LatexPrinter

_kappa = sp.Symbol("kappa")
_ratio = sp.Symbol("A")


class BesselRatio(sp.Function):
    """``BesselRatio(n, kappa)``: the n-th derivative of ``A = I1/I0``."""

    nargs = 2

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The next derivative."""
        if argindex != 2:
            raise ArgumentIndexError(self, argindex)
        order, kappa = self.args
        return BesselRatio(order + 1, kappa)

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        order, _ = self.args
        name = "A" + "'" * int(order) if order <= 3 else f"A^{{({order})}}"
        if exp is None:
            return name
        return rf"\left({name}\right)^{{{exp}}}" if order else f"{name}^{{{exp}}}"


class _ClosedForm(sp.Function):
    """A function of kappa that is rational in kappa and A."""

    def closed_form(self) -> sp.Expr:
        """The function in terms of kappa and Bessel ratios."""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative of the closed form."""
        if argindex != self.nargs.args[-1]:
            raise ArgumentIndexError(self, argindex)
        return sp.diff(self.closed_form(), self.args[-1])

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        body = rf"\left({printer.doprint(self.closed_form())}\right)"
        return body if exp is None else f"{body}^{{{exp}}}"


class BesselRatioComplement(_ClosedForm):
    """``1 - A``."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """``1 - A``."""
        return 1 - BesselRatio(0, self.args[0])


class BesselRatioQuotient(_ClosedForm):
    """``BesselRatioQuotient(kappa, m, n)``: the quotient of the m-th and the n-th derivative of A."""

    nargs = 3

    def closed_form(self) -> sp.Expr:
        """The quotient, spelled out."""
        kappa, numerator, denominator = self.args
        return BesselRatio(numerator, kappa) / BesselRatio(denominator, kappa)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative of the quotient."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return sp.diff(self.closed_form(), self.args[0])


class BesselRatioIntercept(_ClosedForm):
    """``A - kappa A'``, where the tangent of A at kappa meets the axis."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """``A - kappa A'``."""
        kappa = self.args[0]
        return BesselRatio(0, kappa) - kappa * BesselRatio(1, kappa)


class BesselRatioMeanSlope(_ClosedForm):
    """``A / kappa``, with the value 1/2 at 0."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """``A / kappa``."""
        return BesselRatio(0, self.args[0]) / self.args[0]


class BesselRatioMeanSlopeDecrease(_ClosedForm):
    """``-(A / kappa)' = (A - kappa A') / kappa^2``, with the value 0 at 0."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """``(A - kappa A') / kappa^2``."""
        kappa = self.args[0]
        return (BesselRatio(0, kappa) - kappa * BesselRatio(1, kappa)) / kappa**2


class BesselRatioSlopeReciprocal(_ClosedForm):
    """``1 / A'``."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """``1 / A'``."""
        return 1 / BesselRatio(1, self.args[0])


class VonMisesScalarCurvature(_ClosedForm):
    """Twice the Gaussian curvature of the von Mises family, in its closed form."""

    nargs = 1

    def closed_form(self) -> sp.Expr:
        """The closed form of theory section 1.2, doubled."""
        kappa = self.args[0]
        return 2 * gaussian_curvature(kappa, BesselRatio(0, kappa))

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        return "R" if exp is None else f"R^{{{exp}}}"


class LogBesselI0(sp.Function):
    """``log I0(kappa)``; its derivative is A."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """``I0' = I1``, so the logarithmic derivative is A."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return BesselRatio(0, self.args[0])

    def _latex(self, printer: LatexPrinter, exp: str | None = None) -> str:
        body = rf"\ln I_0\left({printer.doprint(self.args[0])}\right)"
        return body if exp is None else rf"\left({body}\right)^{{{exp}}}"


class LogBesselI0Divergence(_ClosedForm):
    """The Bregman divergence ``log I0(b) - log I0(a) - A(a) (b - a)`` of ``log I0``."""

    nargs = 2

    def closed_form(self) -> sp.Expr:
        """The divergence, spelled out."""
        a, b = self.args
        return LogBesselI0(b) - LogBesselI0(a) - BesselRatio(0, a) * (b - a)

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        """The derivative of the closed form by either argument."""
        return sp.diff(self.closed_form(), self.args[argindex - 1])


def gaussian_curvature(kappa: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    """The closed form of the von Mises curvature K as a rational function of kappa and A."""
    gap = kappa * ratio**2 + ratio - kappa
    return (gap + ratio) * (kappa * ratio**4 + 2 * ratio - kappa) / (4 * ratio**2 * gap**2)


def riccati_derivative(expression: sp.Expr, kappa: sp.Symbol = _kappa, ratio: sp.Symbol = _ratio) -> sp.Expr:
    """The total derivative by kappa of an expression in kappa and A, where ``A' = 1 - A/kappa - A**2``."""
    slope = 1 - ratio / kappa - ratio**2
    return sp.diff(expression, kappa) + sp.diff(expression, ratio) * slope


@cache
def ratio_derivative(order: int) -> sp.Expr:
    """The derivative of A of the given order as a rational function of the symbols kappa and A."""
    if order == 0:
        return _ratio
    return sp.cancel(riccati_derivative(ratio_derivative(order - 1)))


def riccati(expression: sp.Expr) -> sp.Expr:
    """Rewrite every function of this module (but ``log I0``) as a rational function of kappa and ``A``."""
    expression = sp.sympify(expression)
    while closed := expression.atoms(_ClosedForm):
        expression = expression.xreplace({function: function.closed_form() for function in closed})

    def rational(function: BesselRatio) -> sp.Expr:
        order, kappa = function.args
        return ratio_derivative(int(order)).xreplace({_kappa: kappa, _ratio: BesselRatio(0, kappa)})

    return expression.xreplace({f: rational(f) for f in expression.atoms(BesselRatio) if f.args[0] != 0})
