"""The von Mises family on the circle: density proportional to exp(kappa cos(x - mu))."""

import sympy as sp

from derivations.bessel import (
    BesselRatio,
    BesselRatioIntercept,
    BesselRatioMeanSlope,
    BesselRatioMeanSlopeDecrease,
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
first, second = sp.symbols("eta_1 eta_2", real=True)


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
    # The natural chart is regular at kappa = 0, where mu is not defined: nothing may be divided by kappa.
    across = BesselRatioMeanSlope(kappa)
    along, aside = sp.Array([sp.cos(mu), sp.sin(mu)]), sp.Array([-sp.sin(mu), sp.cos(mu)])
    squares = [sp.tensorproduct(v, v) for v in (along, aside)]
    covariance, precision = (
        sp.Matrix((p * squares[0] + q * squares[1]).tolist()) for p, q in ((slope, across), (reciprocal, 1 / across))
    )
    mixed = sp.tensorproduct(along, squares[1])
    mixed = mixed + sp.permutedims(mixed, (1, 0, 2)) + sp.permutedims(mixed, (2, 1, 0))
    cubes = BesselRatio(2, kappa) * sp.tensorproduct(along, squares[0]) - BesselRatioMeanSlopeDecrease(kappa) * mixed
    return {
        "covariance": covariance,
        "precision": precision,
        "third_cumulants": sp.ImmutableDenseNDimArray(cubes),
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
    from_natural=sp.Lambda((first, second), (sp.atan2(second, first), sp.sqrt(first**2 + second**2))),
)
