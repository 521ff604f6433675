"""The von Mises curvature as a ball, for the checks of its shape."""

from flint import arb

from numerics.balls import von_mises_ball


def curvature_ball(concentration: float) -> arb:
    """K at a concentration, as a ball of 72 bits."""
    return von_mises_ball(concentration, "scalar_curvature_0") / 2
