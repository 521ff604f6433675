"""Moments of the score of a family that is given by its density alone, integrated exactly over its support."""

import itertools
from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from derivations.riemannian import Array

if TYPE_CHECKING:
    from derivations.family import Family


class NoClosedForm(ValueError):
    """An integral over the density has no closed form that SymPy finds."""


class Density:
    """What the density of a family determines.

    Raises:
        NoClosedForm: when an integral cannot be done.
        ValueError: when the density does not integrate to 1.
    """

    kl = None

    def __init__(self, family: "Family"):
        self.family, self.field = family, family.field

    @cached_property
    def score(self) -> tuple[sp.Expr, ...]:
        """``d_a log p``."""
        return tuple(sp.diff(self.family.log_density, c) for c in self.family.coordinates)

    @cached_property
    def metric(self) -> sp.Matrix:
        """``E[score_a score_b]``, shape (d, d)."""
        return sp.Matrix(self._moment(2).tolist())

    @cached_property
    def skewness(self) -> Array:
        """``E[score_a score_b score_c]``, shape (d, d, d)."""
        return self._moment(3)

    @cached_property
    def _density(self) -> sp.Expr:
        density = sp.exp(sp.expand_log(self.family.log_density, force=True)).simplify()
        total = self._integral(density)
        if not self.field.is_zero(total - 1):
            raise ValueError(f"family {self.family.name!r}: the density integrates to {total}, not to 1")
        return density

    def _moment(self, order: int) -> Array:
        d = self.family.dimension
        unique = {
            index: self.field.factored(
                self._integral(sp.cancel(sp.Mul(*(self.score[i] for i in index))) * self._density)
            )
            for index in itertools.combinations_with_replacement(range(d), order)
        }
        return Array([unique[tuple(sorted(i))] for i in itertools.product(range(d), repeat=order)], (d,) * order)

    def _integral(self, integrand: sp.Expr) -> sp.Expr:
        lower, upper = self.family.support or (-sp.oo, sp.oo)
        value = sp.integrate(sp.simplify(integrand), (self.family.variable, lower, upper))
        if value.has(sp.Integral) or value.has(sp.Piecewise):
            raise NoClosedForm(
                f"family {self.family.name!r}: SymPy does not find the integral of {integrand} over the support; "
                "positive symbols and a log_partition help"
            )
        return value
