"""The beta family is the Dirichlet family with two categories: what is no formula in SymPy comes from there."""

from numerics.dirichlet import dual_potential
from numerics.dirichlet_inverse import from_expectation

__all__ = ["dual_potential", "from_expectation"]
