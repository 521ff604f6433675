"""Spaces of constant curvature, and isometries of families onto them."""

from dataclasses import dataclass

import sympy as sp

SPACES = ("euclidean", "hyperbolic")


def metric(space: str, coordinates: tuple[sp.Expr, ...]) -> sp.Matrix:
    """The metric of a space at a point: the identity, or over the square of the last coordinate."""
    if space not in SPACES:
        raise ValueError(f"no space is called {space!r}; there are {', '.join(SPACES)}")
    unit = sp.eye(len(coordinates))
    return unit if space == "euclidean" else unit / coordinates[-1] ** 2


@dataclass(frozen=True)
class Isometry:
    """A family as a part of a space, with all lengths multiplied by a constant.

    Attributes:
        space: one of :data:`SPACES`; hyperbolic is the upper half-space with the height as last coordinate.
        image: the coordinates in the space, in the coordinates of the family.
        preimage: the way back.
        scale: lengths in the family over lengths in the space.
    """

    space: str
    image: tuple[sp.Expr, ...]
    preimage: sp.Lambda
    scale: sp.Expr = sp.Integer(1)

    def pulled_back(self, coordinates: tuple[sp.Symbol, ...]) -> sp.Matrix:
        """The metric of the family that the isometry says it has."""
        jacobian = sp.Matrix(self.image).jacobian(coordinates)
        return self.scale**2 * jacobian.T * metric(self.space, self.image) * jacobian
