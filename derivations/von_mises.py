r"""The von Mises family on the circle: metric, curvature, Clairaut integral.

With ``A = I1/I0`` and its Riccati equation every geometric quantity is a rational function of ``kappa`` and ``A``.
Signs and shape of the curvature are in :mod:`derivations.von_mises_curvature`.

Source: Mardia & Jupp 2000, section 3.5.4; the claim "circular => von Mises manifold" is caraffa-2026.
"""

import sympy as sp

from derivations.bessel import BesselRatio, LogBesselI0, gaussian_curvature, riccati
from derivations.derivation import Derivation
from derivations.families.von_mises import family, kappa, mu, x

A = BesselRatio(0, kappa)
SLOPE = BesselRatio(1, kappa)
METRIC = sp.diag(kappa * A, SLOPE)
CURVATURE = gaussian_curvature(kappa, A)


def riccati_equation(right: sp.Expr = 1 - A / kappa - A**2) -> Derivation:
    """The Riccati equation of A from the recurrences of the Bessel functions."""
    i0, i1 = sp.Function("I_0")(kappa), sp.Function("I_1")(kappa)
    derivation = Derivation("The Riccati equation of the Bessel ratio")
    derivation.given(r"(I_0', I_1')", sp.Matrix([[i1, i0 - i1 / kappa]]), "DLMF 10.29.2 and 10.29.3")
    derivation.given("A", r"I_1 / I_0", "definition")
    slopes = {sp.diff(i0, kappa): i1, sp.diff(i1, kappa): i0 - i1 / kappa}
    slope = sp.diff(i1 / i0, kappa).xreplace(slopes)
    derivation.equal("A'", right.xreplace({A: i1 / i0}), "quotient rule and the recurrences", value=slope)
    derivation.given("A'", right, "the same, with A written for I1/I0")
    return derivation


def metric_from_density(metric: sp.Matrix = METRIC) -> Derivation:
    """The Fisher metric as the covariance of the score, by integration by parts on the circle."""
    t = sp.Symbol("t", real=True)
    cosine, sine, weight = sp.cos(t), sp.sin(t), sp.exp(kappa * sp.cos(t))
    derivation = Derivation("The Fisher metric of the von Mises family from its density", family.field)
    log_density = kappa * sp.cos(x - mu) - LogBesselI0(kappa) - sp.log(2 * sp.pi)
    derivation.given(r"\ln p(x)", log_density, "the density; it is normalised by DLMF 10.32.1")
    score = [sp.diff(log_density, c).subs(x, mu + t) for c in (mu, kappa)]
    derivation.equal(
        r"(\partial_\mu \ln p, \partial_\kappa \ln p)",
        sp.Matrix([[kappa * sine, cosine - A]]),
        "the score at x = mu + t",
        value=score,
    )
    derivation.given(r"E[\cos t]", A, "I1/I0 by DLMF 10.32.3; E[sin t] = 0 because the density is even in t")
    derivation.equal(
        r"\frac{d}{dt} \left(\sin t\, e^{\kappa \cos t}\right)",
        (cosine - kappa * sine**2) * weight,
        "it integrates to 0 over the circle, so kappa E[sin^2 t] = E[cos t]",
        value=sp.diff(sine * weight, t),
    )
    sine_square = A / kappa
    cosine_square = 1 - sine_square
    derivation.equal(
        "g",
        metric,
        "E[sin^2 t] = A/kappa, E[cos^2 t] = 1 - A/kappa, E[sin t cos t] = 0 by parity; then the Riccati equation",
        value=sp.diag(kappa**2 * sine_square, cosine_square - 2 * A * A + A**2),
    )
    derivation.equal("g", family.metric, "the same metric as the pulled-back Hessian of psi", value=metric)
    return derivation


def curvature(closed_form: sp.Expr = CURVATURE) -> Derivation:
    """The Gaussian curvature in closed form."""
    derivation = Derivation("The curvature of the von Mises family", family.field)
    geometry = family.geometry
    derivation.given("g", METRIC, "the Fisher metric in (mu, kappa)")
    derivation.given("A'", 1 - A / kappa - A**2, "the Riccati equation")
    second = sp.expand(riccati(BesselRatio(2, kappa)))
    derivation.equal(BesselRatio(2, kappa), second, "its derivative", value=sp.diff(1 - A / kappa - A**2, kappa))
    derivation.equal(
        r"\Gamma^{\mu}_{\mu\kappa}",
        sp.Rational(1, 2) / kappa + SLOPE / A / 2,
        "Levi-Civita",
        value=geometry.christoffel[0, 0, 1],
    )
    derivation.equal(
        r"(\Gamma^{\kappa}_{\mu\mu}, \Gamma^{\kappa}_{\kappa\kappa})",
        sp.Matrix([[-(A + kappa * SLOPE) / SLOPE / 2, BesselRatio(2, kappa) / SLOPE / 2]]),
        "Levi-Civita; all other symbols vanish",
        value=[geometry.christoffel[1, 0, 0], geometry.christoffel[1, 1, 1]],
    )
    derivation.equal("K", closed_form, "R_1212 / det g", value=geometry.riemann[0, 1, 0, 1] / geometry.metric.det())
    derivation.equal("R", 2 * closed_form, "the trace of the Ricci tensor", value=geometry.scalar_curvature)
    return derivation


def clairaut(momentum: sp.Expr = kappa * A) -> Derivation:
    r"""The Clairaut integral: ``kappa A mu'`` is constant along geodesics.

    Args:
        momentum: the factor of ``mu'`` that is claimed to make it constant.
    """
    s = sp.Symbol("s", real=True)
    velocity, speed = sp.Symbol("mudot", real=True), sp.Symbol("kappadot", real=True)
    derivation = Derivation("The Clairaut integral of the von Mises family", family.field)
    christoffel = family.geometry.christoffel
    acceleration = -2 * christoffel[0, 0, 1] * velocity * speed
    derivation.given(r"\ddot\mu", -2 * sp.Symbol("Gamma^mu_mukappa") * velocity * speed, "geodesic equation")
    change = sp.diff(momentum, kappa) * speed * velocity + momentum * acceleration
    derivation.equal(
        rf"\frac{{d}}{{d{s}}} \left({sp.latex(momentum)}\, \dot\mu\right)",
        sp.Integer(0),
        "the chain rule, then the geodesic equation; rotations are isometries (Noether)",
        value=change,
    )
    return derivation
