r"""The perturbation kernel of PFGM++: a Student-t law, its electric field, its Fisher metric and its Gaussian limit.

Data y in N dimensions are charges in ``N + D`` dimensions, where a point is x and D more coordinates of length r. The
kernel is ``k = r^D (|x - y|^2 + r^2)^(-(N+D)/2)``, up to a constant, with ``r = sigma sqrt(D)``. N and D are symbols;
``rho = |x - y|`` and ``R^2 = rho^2 + r^2``.

Source: Xu, Liu, Tian, Tong, Tegmark and Jaakkola 2023; the Fisher metric and the rate of the limit are ours.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.riemannian import RiemannianGeometry

N, D, SIGMA = sp.symbols("N D sigma", positive=True)
RHO, R, B = sp.symbols("rho r b", positive=True)
SQUARE = RHO**2 + R**2
LOG_KERNEL = D * sp.log(R) - (N + D) / 2 * sp.log(SQUARE)


def _beta_mean(first: int, second: int) -> sp.Expr:
    """The mean of ``b^first (1 - b)^second`` for b of the law ``Beta(N/2, D/2)``."""
    return sp.gammasimp(_beta(N / 2 + first, D / 2 + second) / _beta(N / 2, D / 2))


def _beta(x: sp.Expr, y: sp.Expr) -> sp.Expr:
    return sp.gamma(x) * sp.gamma(y) / sp.gamma(x + y)


def kernel(freedom: sp.Expr = D) -> Derivation:
    """The kernel is a multivariate Student-t law with D degrees of freedom and the scale sigma.

    Args:
        freedom: the claimed degrees of freedom, at the scale ``r / sqrt(freedom)``.
    """
    derivation = Derivation("The kernel is a Student-t law")
    ratio = sp.Symbol("s", positive=True)
    radius = R * sp.sqrt(ratio)
    mass = (N - 1) * sp.log(RHO) + LOG_KERNEL
    mass = mass.subs(sp.log(SQUARE), sp.log(R**2) + sp.log(1 + ratio)).subs(RHO, radius) + sp.log(
        sp.diff(radius, ratio)
    )
    derivation.given("s", r"\frac{\rho^2}{r^2}", "so that the square of R is r^2 (1 + s)")
    derivation.equal(
        r"\ln\left(\rho^{N-1} k \frac{d\rho}{ds}\right)",
        (N / 2 - 1) * sp.log(ratio) - (N + D) / 2 * sp.log(1 + ratio) - sp.log(2),
        "so b = s/(1 + s) has the law Beta(N/2, D/2)",
        value=sp.expand_log(mass, force=True),
    )
    area = 2 * sp.pi ** (N / 2) / sp.gamma(N / 2)
    constant = sp.pi ** (N / 2) * sp.gamma(D / 2) / sp.gamma((N + D) / 2)
    derivation.equal(
        r"\int k\,dx", constant, "the area of the unit sphere times half Euler's beta integral",
        value=area * _beta(N / 2, D / 2) / 2,
    )  # fmt: skip
    scale = R / sp.sqrt(freedom)
    student = (
        -(N + freedom) / 2 * sp.log(1 + RHO**2 / (freedom * scale**2)) - N * sp.log(scale) - N / 2 * sp.log(freedom)
    )
    derivation.equal(
        r"\partial_\rho \ln k", sp.diff(student, RHO), "of the Student-t density: one function up to a constant",
        value=sp.diff(LOG_KERNEL, RHO),
    )  # fmt: skip
    derivation.equal(
        r"\tfrac1N E\rho^2", SIGMA**2 * D / (D - 2), "the variance of a coordinate, for D > 2",
        value=D * SIGMA**2 / N * _beta_mean(1, -1),
    )  # fmt: skip
    return derivation


def field(dimension: sp.Expr = N + D, speed: sp.Expr = sp.Integer(1)) -> Derivation:
    """Along field lines ``dx/dr = (x - E[y | x])/r``, which carries the law of data under the kernel from r to r.

    Args:
        dimension: the claimed dimension in whose field the lines are.
        speed: the claimed factor of their slope.
    """
    log_potential = -(dimension - 2) / 2 * sp.log(SQUARE)
    along, away = sp.diff(log_potential, RHO), sp.diff(log_potential, R)
    derivation = Derivation("Field lines carry the kernel")
    derivation.given("G", (SQUARE) ** (-(dimension - 2) / 2), "the potential of a charge at y; its field is -grad G")
    harmonic = sp.diff(along, RHO) + along**2 + (N - 1) / RHO * along + sp.diff(away, R) + away**2 + (D - 1) / R * away
    derivation.equal(r"\frac{1}{G}\Delta G", sp.Integer(0), "in N + D dimensions, away from the charge", value=harmonic)
    derivation.equal(
        r"\frac{E_\rho}{E_r}", speed * RHO / R, "field lines of one charge are straight", value=along / away
    )
    derivation.equal(
        r"\frac{r^{D-1} E_r}{k}", N + D - 2, "the flux r^(D-1) E_r through the shell of r is the kernel, as G/k = R^2 / r^D",
        value=-away * SQUARE / R,
    )  # fmt: skip
    derivation.equal(
        r"\frac{1}{k}\left(\partial_r k + \nabla_x\cdot(k\,(x - y)/r)\right)", sp.Integer(0), "the flux is conserved",
        value=sp.diff(LOG_KERNEL, R) + N / R + RHO / R * sp.diff(LOG_KERNEL, RHO),
    )  # fmt: skip
    derivation.stated(
        r"\frac{dx}{dr} = \frac{E_x}{E_r} = \frac{x - E[y|x]}{r}",
        "sums over charges: the weights of the fields are those of y given x under the kernel",
    )
    derivation.stated(
        r"\partial_r p_r + \nabla\cdot\left(p_r \tfrac{dx}{dr}\right) = 0,\quad \frac{dx}{d\sigma} = \frac{x - E[y|x]}{\sigma}",
        "the mean over y of what holds for every y; r = sigma sqrt(D)",
    )
    return derivation


def limit(exponent: sp.Expr = N + D) -> Derivation:
    r"""The kernel tends to ``N(y, sigma^2 I)`` as D grows, with a divergence of ``N(N+6)/(4 D^2)`` to leading order.

    Args:
        exponent: the claimed exponent of the kernel, twice.
    """
    u = sp.Symbol("u", positive=True)
    logarithm = -exponent / 2 * sp.log(1 + u / D)
    derivation = Derivation("Many dimensions make the kernel normal")
    derivation.given("u", r"\rho^2 / \sigma^2", "with r = sigma sqrt(D)")
    derivation.equal(
        r"\lim_{D\to\infty} \ln\left(1 + \tfrac{u}{D}\right)^{-(N+D)/2}", -u / 2, "the exponent of N(y, sigma^2 I)",
        value=sp.limit(logarithm, D, sp.oo),
    )  # fmt: skip
    derivation.stated(
        r"\left(1 + \tfrac{u}{D}\right)^{-(N+D)/2} \le \left(1 + \tfrac{u}{D_0}\right)^{-D_0/2}",
        "for N < D_0 < D, as (1 + u/D)^D grows with D: a bound with an integral, so constants and laws converge",
    )
    excess = sp.limit(D * (logarithm + u / 2), D, sp.oo)
    derivation.equal(
        r"\delta = \lim D\left(\ln k + \tfrac{u}{2}\right)", u**2 / 4 - N * u / 2, "the next order", value=excess
    )
    moment = [sp.Mul(*(N + 2 * j for j in range(k))) for k in range(5)]
    mean = moment[2] / 4 - N * moment[1] / 2
    square = moment[4] / 16 - N * moment[3] / 4 + N**2 * moment[2] / 4
    derivation.equal(
        r"\operatorname{Var}\delta", N * (N + 6) / 2, "for u of the chi-squared law with N degrees of freedom",
        value=square - mean**2,
    )  # fmt: skip
    derivation.stated(
        r"D^2\,\mathrm{KL}(N(y, \sigma^2 I) \,\|\, k) \to \tfrac12\operatorname{Var}\delta",
        "KL is the logarithm of the mean of exp(delta/D) less the mean of delta/D, to second order",
    )
    return derivation


def fisher(correction: sp.Expr = sp.Integer(2)) -> Derivation:
    """Location and scale: the Fisher metric, and its constant curvature.

    Args:
        correction: the claimed number beside ``N + D`` in the denominators.
    """
    below = N + D + correction
    location, scale = (N + D) / below, 2 * N * D / below
    derivation = Derivation("The Fisher metric of location and scale")
    slope = sp.diff(LOG_KERNEL, RHO)
    derivation.equal(
        r"(\partial_\rho \ln k)^2", (N + D) ** 2 / R**2 * B * (1 - B), "in b = rho^2/(rho^2 + r^2)",
        value=(slope**2).subs(RHO, R * sp.sqrt(B / (1 - B))),
    )  # fmt: skip
    derivation.equal(
        r"g_{\mu\mu}", location / SIGMA**2, "its mean over Beta(N/2, D/2), for each of N coordinates, with r^2 = D sigma^2",
        value=(N + D) ** 2 / (N * D * SIGMA**2) * _beta_mean(1, 1),
    )  # fmt: skip
    rate = (R * sp.diff(LOG_KERNEL, R)).subs(RHO, R * sp.sqrt(B / (1 - B)))
    derivation.equal(
        r"\sigma\,\partial_\sigma \ln k", (N + D) * B - N, "in b: a scale of r, with r = sigma sqrt(D)", value=rate
    )
    variance = (N + D) ** 2 * _beta_mean(2, 0) - 2 * N * (N + D) * _beta_mean(1, 0) + N**2
    derivation.equal(r"\sigma^2 g_{\sigma\sigma}", scale, "the mean of its square", value=variance)
    derivation.stated(
        r"g_{\mu_i\mu_j} = g_{\mu_i\sigma} = 0", "for i other than j, as the kernel is even in each coordinate"
    )
    for number in (1, 2):
        derivation.include(
            _curvature(number, (location / SIGMA**2).subs(N, number), (scale / SIGMA**2).subs(N, number))
        )
    derivation.stated(
        r"K = -\frac{N+D+2}{2ND}",
        "for every N: with rescaled means the metric is a multiple of that of hyperbolic space",
    )
    return derivation


def _curvature(number: int, location: sp.Expr, scale: sp.Expr) -> Derivation:
    """Of all coordinate planes; the metric is diagonal."""
    geometry = RiemannianGeometry(
        [*sp.symbols(f"mu1:{number + 1}", real=True), SIGMA], sp.diag(*[location] * number, scale)
    )
    axes = sp.eye(number + 1)
    planes = [(i, j) for i in range(number + 1) for j in range(i)]
    found = [geometry.sectional_curvature(list(axes.row(i)), list(axes.row(j))) for i, j in planes]
    derivation = Derivation("Curvature")
    derivation.equal(
        rf"K_{{N={number}}}", [-(number + 2 + D) / (2 * number * D)] * len(planes), "of every coordinate plane",
        value=found,
    )  # fmt: skip
    return derivation
