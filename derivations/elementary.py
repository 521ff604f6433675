"""Elementary functions that need a name of their own to be evaluated without cancellation."""

import sympy as sp
from sympy.core.function import ArgumentIndexError


class Log1pmx(sp.Function):
    """``log(1 + x) - x``, which is about ``-x**2 / 2`` near 0."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """``-x / (1 + x)``."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return -self.args[0] / (1 + self.args[0])


def logarithmic(expression: sp.Expr) -> sp.Expr:
    """Rewrite the functions of this module by logarithms, for zero-tests."""
    return expression.replace(Log1pmx, lambda x: sp.log(1 + x) - x)
