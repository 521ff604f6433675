"""Random numbers as terms of an expression: how to draw from a family by transforming standard draws."""

import sympy as sp
from sympy.core.function import ArgumentIndexError


class Draw(sp.Function):
    """``Draw(name, *parameters)``: a draw from ``jax.random.<name>``; equal terms stand for one and the same draw.

    ``rate * Draw("gamma", shape)`` is a gamma variate. The name is a :class:`sympy.Symbol` or a string.
    """

    @classmethod
    def eval(cls, name: sp.Basic, *parameters: sp.Expr) -> None:
        """Stays as it is."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """A random number has no derivative."""
        raise ArgumentIndexError(self, argindex)

    @property
    def law(self) -> str:
        """The name of the function of ``jax.random``."""
        return str(self.args[0])

    @property
    def parameters(self) -> tuple[sp.Expr, ...]:
        """Its parameters."""
        return self.args[1:]
