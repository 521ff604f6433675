r"""The unadjusted Langevin algorithm on a quadratic objective, and gradient descent on a smooth one.

A step is ``x' = x - eta grad Phi(x) + sqrt(2 eta T) xi`` with standard normal noise xi.

Source: Okanohara 2026 for the statements about discrete learning; the shadow is that of backward error analysis.
"""

import sympy as sp

from derivations.derivation import Derivation

A, ETA, T = sp.symbols("a eta T", positive=True)


def shadow(half: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """Along a direction of curvature a the algorithm is a continuous flow, of another curvature and another mobility.

    Args:
        half: the claimed factor of ``eta a`` in the shadow curvature.
    """
    curvature = A * (1 - half * ETA * A)
    mobility = -sp.log(1 - ETA * A) / (ETA * curvature)
    derivation = Derivation("The shadow of the Langevin algorithm")
    derivation.given(r"(\tilde a, \tilde\mu)", sp.Matrix([[curvature, mobility]]), "for eta a < 1")
    derivation.equal(
        r"-\tilde\mu\, \tilde a\, \eta", sp.log(1 - ETA * A), "in the time eta the flow contracts by 1 - eta a, as a step does",
        value=-mobility * curvature * ETA,
    )  # fmt: skip
    derivation.equal(
        r"\frac{T}{\tilde a}\left(1 - (1 - \eta a)^2\right)", 2 * ETA * T, "and adds the variance that a step adds",
        value=T / curvature * (1 - (1 - ETA * A) ** 2),
    )  # fmt: skip
    derivation.equal(
        r"\lim_{\eta\to 0} (\tilde a, \tilde\mu)", [A, sp.Integer(1)], "for short steps it is the flow itself",
        value=[sp.limit(curvature, ETA, 0), sp.limit(mobility, ETA, 0)],
    )  # fmt: skip
    return derivation


def rise(half: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """From the Gibbs law of the objective the algorithm moves to that of the shadow: the free energy rises.

    Args:
        half: the claimed factor of ``eta a`` in the shadow curvature; 0 leaves the step size out.
    """
    x = sp.Symbol("x", positive=True)
    derivation = Derivation("A free energy that rises")
    step = sp.Symbol("h", positive=True)
    ratio = 1 / (1 - half * step)
    derivation.given(
        r"S_0, S_\infty", [T / A, T / A * ratio], "Gibbs law, and the law that the steps lead to; h = eta a"
    )
    change = A * (x * T / A) / 2 - T / 2 * sp.log(x) - T / 2
    derivation.equal(
        r"F - F_{\mathrm{Gibbs}}", T * (x - 1 - sp.log(x)) / 2, "for the variance x T/a", value=change
    )  # fmt: skip
    derivation.positive(
        r"\frac{d}{dx}(F - F_{\mathrm{Gibbs}})", sp.diff(change, x).subs(x, 1 + step), "for x > 1: it grows from 0 on"
    )
    derivation.positive(
        r"S_\infty / S_0 - 1", ratio - 1, "and the steps lead to x > 1, for 0 < h < 1",
        positive={step: 1 / (1 + sp.Symbol("k", positive=True))},
    )  # fmt: skip
    return derivation


def descent(half: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """``E[Phi]_0 - E[Phi]_K >= (1 - L eta/2) W2^2 / (K eta)`` for gradient descent on an L-smooth objective, ``eta < 2/L``.

    Args:
        half: the claimed factor of ``L eta``.
    """
    smoothness, slope = sp.symbols("L g", positive=True)
    derivation = Derivation("What gradient descent gains")
    derivation.given(
        r"\Phi(x - \eta g)",
        r"\Phi(x) - \eta |g|^2 + \tfrac{L}{2}\eta^2 |g|^2 - r",
        "L-smooth, g the gradient: with r at least 0",
    )
    gain = ETA * slope**2 - smoothness / 2 * ETA**2 * slope**2
    derivation.equal(
        r"\Phi(x) - \Phi(x - \eta g) - r", (1 - half * smoothness * ETA) * (ETA * slope) ** 2 / ETA,
        "in terms of the step, of length eta |g|", value=gain,
    )  # fmt: skip
    derivation.stated(
        r"\sum_k E{|\Delta_k|}^2 \ge \tfrac1K E{|\sum_k \Delta_k|}^2 \ge \tfrac1K W_2^2",
        "Cauchy and Schwarz over K steps; members joined to themselves are one way of transport",
    )
    return derivation
