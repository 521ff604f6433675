r"""The curvature of the gamma family is negative.

With ``E = alpha psi_1 - 1`` the scalar curvature is ``E' / (2 E^2)``, and E is the Laplace transform of a positive function, so
that ``E > 0 > E'``. Source: NIST DLMF 5.9.12 and 5.15.1 for the integral of the trigamma function.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.families.gamma import alpha, family
from derivations.polygamma import TrigammaExcess

t = sp.Symbol("t", positive=True)
EXCESS, SLOPE = TrigammaExcess(0, alpha), TrigammaExcess(1, alpha)
CURVATURE = SLOPE / (2 * EXCESS**2)
WEIGHT = t / (1 - sp.exp(-t)) - 1


def negative_curvature(curvature: sp.Expr = CURVATURE, weight: sp.Expr = WEIGHT) -> Derivation:
    """``R < 0`` for every shape and rate.

    Args:
        curvature: the claimed scalar curvature.
        weight: the claimed function w with ``E = int_0^inf alpha exp(-alpha t) w(t) dt``.
    """
    derivation = Derivation("The curvature of the gamma family is negative", family.field)
    derivation.given("E", r"\alpha \psi_1(\alpha) - 1", "definition")
    derivation.equal("R", curvature, "from the Fisher metric in shape and rate", value=family.geometry.scalar_curvature)
    kernel = t / (1 - sp.exp(-t)) * sp.exp(-alpha * t)
    derivation.given(r"\psi_1(\alpha)", sp.Integral(kernel, (t, 0, sp.oo)), "NIST DLMF 5.9.12, differentiated")
    derivation.equal(
        r"\alpha \left(\frac{t}{1 - e^{-t}} - 1\right) e^{-\alpha t}", alpha * weight * sp.exp(-alpha * t),
        "alpha psi_1 less 1, which is the integral of alpha exp(-alpha t): E is the integral of this",
        value=alpha * kernel - alpha * sp.exp(-alpha * t),
    )  # fmt: skip
    rise = sp.diff(weight, t)
    derivation.equal(
        r"\alpha w e^{-\alpha t}", rise * sp.exp(-alpha * t) - sp.diff(weight * sp.exp(-alpha * t), t),
        "product rule", value=alpha * weight * sp.exp(-alpha * t),
    )  # fmt: skip
    derivation.holds(
        r"w(0) = 0, \quad w e^{-\alpha t} \to 0 \text{ at infinity}",
        sp.limit(weight, t, 0) == 0 and sp.limit(weight / t, t, sp.oo) == 1,
        "so E is the integral of exp(-alpha t) w'(t), and E' that of -t exp(-alpha t) w'(t)",
        "limits: w is 0 at 0 and of the order t at infinity",
    )
    gap = sp.exp(t) - 1 - t
    derivation.equal("w'", gap * sp.exp(t) / (sp.exp(t) - 1) ** 2, "derivative", value=rise)
    derivation.holds(
        r"e^t - 1 - t = 0 \text{ and } \frac{d}{dt}(e^t - 1 - t) = 0 \text{ at } t = 0",
        gap.subs(t, 0) == 0 and sp.diff(gap, t).subs(t, 0) == 0,
        "where the convexity below starts from",
        "substitution",
    )
    derivation.positive(
        r"\frac{d^2}{dt^2}(e^t - 1 - t)", sp.diff(gap, t, 2), "so exp(t) - 1 - t > 0 and w' > 0 for t > 0"
    )
    derivation.stated(r"E > 0 > E', \quad R = \frac{E'}{2 E^2} < 0", "both integrands have one sign")
    return derivation
