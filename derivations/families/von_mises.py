"""The von Mises family on the circle: density proportional to exp(kappa cos(x - mu))."""

import sympy as sp

from derivations.bessel import (
    BesselRatio,
    BesselRatioIntercept,
    BesselRatioQuotient,
    BesselRatioSlopeReciprocal,
    LogBesselI0,
    LogBesselI0Divergence,
    VonMisesScalarCurvature,
    riccati,
)
from derivations.family import Family, prime

mu = sp.Symbol("mu", real=True)
kappa = sp.Symbol("kappa", nonnegative=True)
x = sp.Symbol("x", real=True)


def _well_conditioned() -> dict[str, object]:
    """The tensors in functions that are evaluated by name, without cancellation and without early underflow."""
    ratio, slope, R = BesselRatio(0, kappa), BesselRatio(1, kappa), VonMisesScalarCurvature(kappa)
    intercept, reciprocal = BesselRatioIntercept(kappa), BesselRatioSlopeReciprocal(kappa)
    metric = sp.diag(kappa * ratio, slope)
    log_slope = BesselRatioQuotient(kappa, 2, 1)
    turn = (1 / kappa + BesselRatioQuotient(kappa, 1, 0)) / 2
    push = -(kappa + BesselRatioQuotient(kappa, 0, 1)) / 2
    angle = mu - prime(mu)
    determinant = metric.det()
    plane = sp.Matrix([[0, R * determinant / 2], [-R * determinant / 2, 0]]).tolist()
    negative = (-sp.Matrix(plane)).tolist()
    zero = sp.zeros(2, 2).tolist()
    return {
        "metric": metric,
        "inverse_metric": sp.diag(1 / kappa / ratio, reciprocal),
        "christoffel": sp.ImmutableDenseNDimArray([[[0, turn], [turn, 0]], [[push, 0], [0, log_slope / 2]]]),
        "skewness": sp.ImmutableDenseNDimArray(
            [[[0, -intercept], [-intercept, 0]], [[-intercept, 0], [0, BesselRatio(2, kappa)]]]
        ),
        "riemann": sp.ImmutableDenseNDimArray([[zero, plane], [negative, zero]]),
        "ricci": R / 2 * metric,
        "scalar_curvature": R,
        "kl": LogBesselI0Divergence(kappa, prime(kappa)) + 2 * prime(kappa) * ratio * sp.sin(angle / 2) ** 2,
    }


def _rewrite(expression: sp.Expr) -> sp.Expr:
    w = sp.Wild("w")
    return riccati(sp.sympify(expression).replace(sp.sin(w / 2) ** 2, (1 - sp.cos(w)) / 2))


family = Family(
    name="von_mises",
    title="Von Mises",
    source="Mardia & Jupp 2000, section 3.5.4",
    coordinates=(mu, kappa),
    domain={kappa: (0, sp.oo)},
    closed=frozenset({kappa}),
    natural=(kappa * sp.cos(mu), kappa * sp.sin(mu)),
    log_partition=LogBesselI0(kappa) + sp.log(2 * sp.pi),
    variable=x,
    support=(-sp.pi, sp.pi),
    statistics=(sp.cos(x), sp.sin(x)),
    forms=_well_conditioned(),
    rewrite=_rewrite,
)
