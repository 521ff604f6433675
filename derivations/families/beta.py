"""The beta law on the unit interval."""

import sympy as sp

from derivations.draws import Draw
from derivations.family import Family, prime
from derivations.polygamma import (
    BetaDivergence,
    PolygammaDifference,
    PolygammaQuotientExcess,
    TrigammaExcess,
    TrigammaReciprocalExcess,
    in_polygammas,
    tetragamma,
    trigamma,
)

a, b = sp.symbols("a b", positive=True)
x = sp.Symbol("x", positive=True)


def _well_conditioned() -> dict[str, object]:
    """The closed forms of the Dirichlet family with two categories, without cancellation (:mod:`numerics.dirichlet`)."""
    total, both, spread = a + b, (a, b), TrigammaReciprocalExcess(a, b)

    def w(c: sp.Expr) -> sp.Expr:
        return c / (1 + TrigammaExcess(0, c))

    def r(c: sp.Expr) -> sp.Expr:
        return -tetragamma(c) * w(c)

    def difference(n: int, i: int) -> sp.Expr:
        return PolygammaDifference(n, both[i], both[1 - i])

    def symbol(i: int, j: int, k: int) -> sp.Expr:
        others = w(both[i]) / spread
        if j != k:
            return others * r(total) / 2
        step = difference(2, j) + r(total) * difference(1, j)
        return (others * w(both[j]) * step - (r(both[i]) if i == j else 0)) / 2

    metric = sp.Matrix(2, 2, lambda i, j: difference(1, i) if i == j else -trigamma(total))
    determinant = spread * trigamma(a) * trigamma(b) * trigamma(total)
    quotient = PolygammaQuotientExcess(a, b)
    # In factors that stay in range where both parameters are small.
    R = -sp.UnevaluatedExpr(r(a) * w(a) * r(b) * w(b) / spread) * sp.UnevaluatedExpr(
        r(total) * w(total) * (quotient / spread) / 2
    )
    plane = sp.Matrix([[0, 1], [-1, 0]]) * R * determinant / 2
    zero = sp.zeros(2, 2).tolist()
    return {
        "metric": metric,
        "inverse_metric": sp.Matrix(
            2, 2, lambda i, j: (w(both[i]) if i == j else 0) + w(both[i]) * (w(both[j]) / spread)
        ),
        "christoffel": sp.ImmutableDenseNDimArray(
            [[[symbol(i, j, k) for k in range(2)] for j in range(2)] for i in range(2)]
        ),
        "skewness": sp.ImmutableDenseNDimArray(
            [
                [[difference(2, i) if i == j == k else -tetragamma(total) for k in range(2)] for j in range(2)]
                for i in range(2)
            ]
        ),
        "riemann": sp.ImmutableDenseNDimArray([[zero, plane.tolist()], [(-plane).tolist(), zero]]),
        "ricci": R / 2 * metric,
        "scalar_curvature": R,
        "kl": BetaDivergence(a, b, prime(a), prime(b)),
        "expectation": sp.ImmutableDenseNDimArray([difference(0, 0), difference(0, 1)]),
    }


family = Family(
    name="beta",
    title="Beta",
    source="Le Brigant, Preston & Puechmel 2021, The Fisher-Rao geometry of Dirichlet distributions",
    coordinates=(a, b),
    domain={a: (0, sp.oo), b: (0, sp.oo)},
    log_partition=sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b),
    variable=x,
    support=(0, 1),
    statistics=(sp.log(x), sp.log(1 - x)),
    log_base_measure=-sp.log(x) - sp.log(1 - x),
    mean_log_base_measure=-PolygammaDifference(0, a, b) - PolygammaDifference(0, b, a),
    forms=_well_conditioned(),
    rewrite=in_polygammas,
    draw=Draw("beta", a, b),
)
