"""The inverse Gaussian family: a half of a hyperbolic plane of curvature -1/2.

Source: Chhikara & Folks 1989 for the law; the isometry is written out here.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.families.inverse_gaussian import family, lam, mu

METRIC = sp.diag(lam / mu**3, 1 / (2 * lam**2))
CURVATURE = sp.Rational(-1, 2)
IMAGE = (sp.sqrt(2) / sp.sqrt(mu), 1 / sp.sqrt(lam))


def hyperbolic(curvature: sp.Expr = CURVATURE, image: tuple[sp.Expr, ...] = IMAGE) -> Derivation:
    """The metric, the isometry and the curvature.

    Args:
        curvature: the claimed Gaussian curvature.
        image: the claimed isometry onto the right half of the upper half-plane.
    """
    derivation = Derivation("The inverse Gaussian family is hyperbolic", family.field)
    derivation.equal("g", METRIC, "the Fisher metric in (mu, lambda)", value=family.metric)
    x, y = image
    jacobian = sp.Matrix([x, y]).jacobian(family.coordinates)
    derivation.equal(
        r"2\, \frac{dx^2 + dy^2}{y^2}", METRIC, "at x = sqrt(2/mu), y = 1/sqrt(lambda)",
        value=2 * jacobian.T * jacobian / y**2,
    )  # fmt: skip
    derivation.equal("K", curvature, "half the scalar curvature", value=family.geometry.scalar_curvature / 2)
    return derivation


def incomplete(length: sp.Expr | None = None) -> Derivation:
    """The image is the open quarter ``x > 0, y > 0``, whose edge ``x = 0`` is a geodesic at a finite distance.

    Args:
        length: the claimed length of the way from mu to infinity at constant lambda.
    """
    length = 2 * sp.sqrt(lam / mu) if length is None else length
    derivation = Derivation("The inverse Gaussian family is not complete")
    derivation.equal(
        r"-\frac{d}{d\mu} \ell",
        sp.sqrt(lam / mu**3),
        "the length element at constant lambda",
        value=-sp.diff(length, mu),
    )
    derivation.holds(
        r"\ell \to 0 \text{ for } \mu \to \infty",
        sp.limit(length, mu, sp.oo) == 0,
        "so the way to infinite mu has the finite length l",
        "limit",
    )
    x = IMAGE[0]
    derivation.holds(
        r"x \to 0 \text{ for } \mu \to \infty, \quad x > 0",
        sp.limit(x, mu, sp.oo) == 0 and bool(x.is_positive),
        "the edge that is missing is a vertical line, which is a geodesic: one of the two halves that it cuts the plane into",
        "limit and sign",
    )
    return derivation
