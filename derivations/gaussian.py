r"""The univariate Gaussian N(mu, sigma^2): a hyperbolic plane of curvature -1/2.

Source: Amari & Nagaoka 2000, chapters 2 and 3; the claim "Gaussian => hyperbolic" is caraffa-2026.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.families.gaussian import family, mu, sigma, x
from derivations.fields import Field

METRIC = sp.Matrix([[1 / sigma**2, 0], [0, 2 / sigma**2]])
CURVATURE = sp.Rational(-1, 2)


def metric_from_density(metric: sp.Matrix = METRIC) -> Derivation:
    """The Fisher metric as the covariance of the score, by moments of the standard normal law."""
    z, n = sp.Symbol("z", real=True), sp.Symbol("n", positive=True, integer=True)
    derivation = Derivation("The Fisher metric of the Gaussian from its density")
    log_density = -((x - mu) ** 2) / (2 * sigma**2) - sp.log(sigma) - sp.log(2 * sp.pi) / 2
    derivation.given(r"\ln p(x)", log_density, "the density of N(mu, sigma^2)")
    score = sp.Matrix([sp.diff(log_density, c) for c in family.coordinates])
    standard = score.subs(x, mu + sigma * z)
    derivation.equal(
        r"\left(\partial_\mu \ln p,\ \partial_\sigma \ln p\right)",
        sp.Matrix([z / sigma, (z**2 - 1) / sigma]),
        "the score at x = mu + sigma z, where z is standard normal",
        value=standard,
    )
    weight = sp.exp(-(z**2) / 2)
    derivation.equal(
        r"\frac{d}{dz}\, z^{n} e^{-z^2/2}",
        (n * z ** (n - 1) - z ** (n + 1)) * weight,
        "product rule; the left side integrates to 0, so E[z^(n+1)] = n E[z^(n-1)]",
        value=sp.diff(z**n * weight, z),
    )
    moments = _standard_moments(4)
    derivation.equal(
        r"\left(E z, E z^2, E z^3, E z^4\right)",
        sp.Matrix([[0, 1, 0, 3]]),
        "from E[1] = 1 and E[z] = 0 by that recursion",
        value=sp.Matrix([moments[1:]]),
    )
    covariance = (standard * standard.T).applyfunc(lambda entry: _expectation(entry, z, moments))
    derivation.equal("g", metric, "the expectation of the products of the score", value=covariance)
    derivation.equal("g", family.metric, "the same metric as the pulled-back Hessian of psi", value=metric)
    return derivation


def curvature(gaussian_curvature: sp.Expr = CURVATURE) -> Derivation:
    """Christoffel symbols, Riemann tensor, K and R of the Fisher metric."""
    geometry = family.geometry
    derivation = Derivation("The curvature of the Gaussian", family.field)
    derivation.given("g", METRIC, "the Fisher metric in (mu, sigma)")
    derivation.equal(r"\Gamma^{\mu}", sp.Matrix([[0, -1 / sigma], [-1 / sigma, 0]]), "Levi-Civita",
                     value=geometry.christoffel[0, :, :])  # fmt: skip
    derivation.equal(r"\Gamma^{\sigma}", sp.diag(1 / (2 * sigma), -1 / sigma), "Levi-Civita",
                     value=geometry.christoffel[1, :, :])  # fmt: skip
    determinant = METRIC.det()
    riemann = geometry.riemann[0, 1, 0, 1]
    derivation.equal(r"R_{\mu\sigma\mu\sigma}", -1 / sigma**4, "definition of the Riemann tensor", value=riemann)
    derivation.equal("K", gaussian_curvature, "R_1212 / det g", value=riemann / determinant)
    derivation.equal("R", 2 * gaussian_curvature, "the trace of the Ricci tensor", value=geometry.scalar_curvature)
    return derivation


def alpha_curvature(claimed: sp.Expr | None = None) -> Derivation:
    """The curvature of the alpha-connections, flat at alpha = 1 and -1."""
    alpha = sp.Symbol("alpha", real=True)
    claimed = -(1 - alpha**2) / 2 if claimed is None else claimed
    geometry = family.geometry
    derivation = Derivation("The alpha-connections of the Gaussian", family.field)
    derivation.equal(
        r"(T_{\mu\mu\sigma}, T_{\sigma\sigma\sigma})",
        sp.Matrix([[2 / sigma**3, 8 / sigma**3]]),
        "third derivatives of psi, pulled back; the entries with an odd number of mu vanish",
        value=[family.skewness[0, 0, 1], family.skewness[1, 1, 1]],
    )
    derivation.given(r"\Gamma^{(\alpha)}", r"\Gamma^{(0)} - \tfrac{\alpha}{2} T", "definition of the alpha-connection")
    connection = geometry.alpha_connection(family.skewness, alpha)
    lowered = geometry.lower_first(geometry.curvature(connection))
    derivation.equal(
        r"K^{(\alpha)}", claimed, "R^(alpha)_1212 / det g", value=lowered[0, 1, 0, 1] / geometry.metric.det()
    )
    for flat in (1, -1):
        derivation.equal(
            rf"R^{{({flat})}}_{{ijkl}}",
            sp.Integer(0),
            f"all 16 components vanish at alpha = {flat}: dually flat",
            value=lowered.subs(alpha, flat),
        )
    return derivation


def geodesics(width: sp.Expr = sp.sqrt(2)) -> Derivation:
    """Half-ellipses and vertical lines satisfy the geodesic equation at unit speed.

    Args:
        width: ratio of the half-axis in mu to the one in sigma.
    """
    s, c = sp.symbols("s c", real=True)
    r = sp.Symbol("r", positive=True)
    derivation = Derivation("The geodesics of the Gaussian", Field())
    a = s / sp.sqrt(2)
    curves = {
        "half-ellipse": (c + width * r * sp.tanh(a), r * sp.sech(a)),
        "vertical line": (c, r * sp.exp(a)),
    }
    for name, curve in curves.items():
        derivation.given(r"(\mu(s), \sigma(s))", sp.Matrix([curve]), f"{name}, with s the arc length")
        velocity = [sp.diff(component, s) for component in curve]
        here = dict(zip(family.coordinates, curve, strict=True))
        metric = family.geometry.metric.subs(here, simultaneous=True)
        derivation.equal(
            "g(\\dot\\gamma, \\dot\\gamma)",
            sp.Integer(1),
            "unit speed",
            value=(sp.Matrix(velocity).T * metric * sp.Matrix(velocity))[0],
        )
        christoffel = family.geometry.christoffel.subs(here)
        acceleration = [
            sp.diff(velocity[i], s)
            + sum(christoffel[i, j, k] * velocity[j] * velocity[k] for j in range(2) for k in range(2))
            for i in range(2)
        ]
        derivation.equal(
            r"\ddot\gamma^i + \Gamma^i_{jk} \dot\gamma^j \dot\gamma^k",
            sp.Integer(0),
            "the geodesic equation",
            value=acceleration,
        )
    return derivation


def distance(cosh_distance: sp.Expr | None = None) -> Derivation:
    """The distance formula gives the arc length between any two points of any geodesic.

    Args:
        cosh_distance: what is claimed for ``cosh(d / sqrt 2)``, in the coordinates and ``family.others``.
    """
    mu_other, sigma_other = family.others
    claimed = cosh_of_distance() if cosh_distance is None else cosh_distance
    s, t, c = sp.symbols("s t c", real=True)
    r = sp.Symbol("r", positive=True)
    derivation = Derivation("The distance between two Gaussians", Field())
    derivation.given(r"\cosh\frac{d}{\sqrt{2}}", claimed, "the claim")
    root = sp.sqrt(2)
    ellipse = [(c + root * r * sp.tanh(u / root), r * sp.sech(u / root)) for u in (s, t)]
    line = [(c, r * sp.exp(u / root)) for u in (s, t)]
    for name, (here, there) in {"half-ellipse": ellipse, "vertical line": line}.items():
        points = dict(zip((mu, sigma, mu_other, sigma_other), (*here, *there), strict=True))
        derivation.equal(
            claimed,
            sp.cosh((s - t) / root),
            f"at the points s and t of a {name}, where the arc length is |s - t|",
            value=claimed.subs(points, simultaneous=True),
        )
    derivation.holds(
        r"\text{any two points lie on exactly one such curve}",
        _joining_ellipse_is_unique(),
        "the centre solves one linear equation when mu differs; a vertical line joins points of equal mu",
        "the linear equation has the coefficient 2 (mu - mu')",
    )
    derivation.given(
        r"d(\theta, \theta')", r"|s - t|", "geodesics minimise length: complete, simply connected, K < 0 (Hadamard)"
    )
    return derivation


def cosh_of_distance() -> sp.Expr:
    """``cosh(d / sqrt 2)`` as a function of two points."""
    mu_other, sigma_other = family.others
    return 1 + ((mu - mu_other) ** 2 / 2 + (sigma - sigma_other) ** 2) / (2 * sigma * sigma_other)


def _joining_ellipse_is_unique() -> bool:
    c = sp.Symbol("c", real=True)
    mu_other, sigma_other = family.others
    equation = (mu - c) ** 2 / 2 + sigma**2 - (mu_other - c) ** 2 / 2 - sigma_other**2
    polynomial = sp.Poly(equation, c)
    return polynomial.degree() == 1 and Field().is_zero(polynomial.LC() + mu - mu_other)


def _standard_moments(order: int) -> list[sp.Expr]:
    moments = [sp.Integer(1), sp.Integer(0)]
    for n in range(1, order):
        moments.append(n * moments[n - 1])
    return moments


def _expectation(polynomial: sp.Expr, z: sp.Symbol, moments: list[sp.Expr]) -> sp.Expr:
    return sum(c * moments[degree] for (degree,), c in sp.Poly(polynomial, z).terms())
