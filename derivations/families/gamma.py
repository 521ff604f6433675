"""The gamma law, by shape and rate."""

import sympy as sp

from derivations.draws import Draw
from derivations.elementary import RatioDivergence
from derivations.family import Family, prime
from derivations.polygamma import (
    GammaShapeDivergence,
    LogMinusDigamma,
    TrigammaExcess,
    in_polygammas,
    tetragamma,
    trigamma,
)

alpha, beta = sp.symbols("alpha beta", positive=True)
x = sp.Symbol("x", positive=True)
first, second = sp.symbols("eta_1 eta_2", real=True)


def _well_conditioned() -> dict[str, object]:
    """The tensors in ``E = alpha psi_1(alpha) - 1 > 0`` and its derivative, without cancellation."""
    excess, slope = TrigammaExcess(0, alpha), TrigammaExcess(1, alpha)
    psi_1, psi_2 = trigamma(alpha), tetragamma(alpha)
    metric = sp.Matrix([[psi_1, -1 / beta], [-1 / beta, alpha / beta**2]])
    R = slope / excess / (2 * excess)
    plane = sp.Matrix([[0, 1], [-1, 0]]) * slope / excess / (4 * beta**2)
    turn = 1 / (2 * beta * excess)
    own_mean = sp.log(alpha / beta) - LogMinusDigamma(alpha)
    difference = (alpha - prime(alpha)) * prime(beta) + prime(alpha) * (prime(beta) - beta)
    return {
        "metric": metric,
        "inverse_metric": sp.Matrix([[alpha / excess, beta / excess], [beta / excess, beta**2 * psi_1 / excess]]),
        "christoffel": sp.ImmutableDenseNDimArray(
            [
                [[alpha * psi_2 / (2 * excess), turn], [turn, -alpha / (2 * beta**2 * excess)]],
                [
                    [beta * psi_2 / (2 * excess), psi_1 / (2 * excess)],
                    [psi_1 / (2 * excess), -(1 + 2 * excess) / (2 * beta * excess)],
                ],
            ]
        ),
        "skewness": sp.ImmutableDenseNDimArray(
            [[[psi_2, 0], [0, beta**-2]], [[0, beta**-2], [beta**-2, -2 * alpha / beta**3]]]
        ),
        "riemann": sp.ImmutableDenseNDimArray([[sp.zeros(2, 2).tolist(), plane.tolist()],
                                               [(-plane).tolist(), sp.zeros(2, 2).tolist()]]),
        "ricci": R / 2 * metric,
        "scalar_curvature": R,
        "expectation": sp.ImmutableDenseNDimArray([own_mean, alpha / beta]),
        # The law of the same mean lies between: one part for the mean, one for the shape.
        "kl": prime(alpha) * RatioDivergence(alpha * prime(beta), beta * prime(alpha), difference)
        + GammaShapeDivergence(alpha, prime(alpha)),
    }  # fmt: skip


family = Family(
    name="gamma",
    title="Gamma",
    source="Amari & Nagaoka 2000, section 2.3",
    coordinates=(alpha, beta),
    domain={alpha: (0, sp.oo), beta: (0, sp.oo)},
    natural=(alpha, -beta),
    log_partition=sp.loggamma(alpha) - alpha * sp.log(beta),
    variable=x,
    support=(0, sp.oo),
    statistics=(sp.log(x), x),
    log_base_measure=-sp.log(x),
    mean_log_base_measure=LogMinusDigamma(alpha) - sp.log(alpha / beta),
    forms=_well_conditioned(),
    rewrite=in_polygammas,
    from_natural=sp.Lambda((first, second), (first, -second)),
    draw=Draw("gamma", alpha) / beta,
)
