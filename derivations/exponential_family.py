r"""Moments of the score of an exponential family, from derivatives of its log-partition function.

With natural parameters eta and log-partition psi (Amari & Nagaoka 2000, sections 2.2 and 3.5)::

    m = grad_eta psi                                   expectation parameters
    g_ab  = d_a eta_i d_b m_i                          Fisher metric
    T_abc = d_a (d m_i / d eta_j) d_b eta_i d_c eta_j  skewness (Amari-Chentsov) tensor, E[score_a score_b score_c]
    KL(theta || theta') = (eta - eta') . m - psi + psi'
"""

from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from derivations.riemannian import Array

if TYPE_CHECKING:
    from derivations.family import Family


class ExponentialFamily:
    """What the log-partition function of a family determines.

    Raises:
        ValueError: if the natural parameters do not determine the coordinates.
    """

    def __init__(self, family: "Family"):
        self.family, self.field = family, family.field

    @cached_property
    def natural_jacobian(self) -> sp.Matrix:
        """``d eta_i / d theta_a`` in row i and column a."""
        return sp.Matrix(self.family.natural).jacobian(self.family.coordinates)

    @cached_property
    def expectation(self) -> sp.Matrix:
        """The expectation parameters m, from ``d psi = m . d eta``."""
        slope = sp.Matrix([self.family.log_partition]).jacobian(self.family.coordinates).T
        return self._solve(self.natural_jacobian.T, slope).applyfunc(self.field.factored)

    @cached_property
    def metric(self) -> sp.Matrix:
        """The Fisher metric, shape (d, d)."""
        return (self.natural_jacobian.T * self._expectation_jacobian).applyfunc(self.field.factored)

    @cached_property
    def skewness(self) -> Array:
        """The skewness tensor, shape (d, d, d)."""
        jacobian = self.natural_jacobian
        covariance = self._solve(jacobian.T, self._expectation_jacobian.T).applyfunc(self.field.factored)
        slices = [
            (jacobian.T * covariance.diff(coordinate) * jacobian).applyfunc(self.field.factored).tolist()
            for coordinate in self.family.coordinates
        ]
        return Array(slices)

    @cached_property
    def kl(self) -> sp.Expr:
        """``KL(theta || theta')``."""
        family = self.family
        natural = sp.Matrix(family.natural)
        difference = (natural - natural.applyfunc(family.at_other)).T
        return (difference * self.expectation)[0] - family.log_partition + family.at_other(family.log_partition)

    @cached_property
    def _expectation_jacobian(self) -> sp.Matrix:
        return self.expectation.jacobian(self.family.coordinates)

    def _solve(self, matrix: sp.Matrix, right: sp.Matrix) -> sp.Matrix:
        if self.field.is_zero(matrix.det()):
            raise ValueError(f"family {self.family.name!r}: the natural parameters do not determine the coordinates")
        return matrix.inv(method="ADJ") * right
