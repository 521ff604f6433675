r"""Learning with the metric ``g = kappa^alpha`` under gradient noise of covariance kappa.

``dq = -gamma g^-1 (grad L + xi) dt`` has the mobility ``gamma g^-1`` and the diffusion ``D = gamma^2/2 g^-1 kappa g^-1``: that
is ``gamma^2/2 kappa^(1 - 2 alpha)``. Near a minimum ``grad L = H q``, so that ``dq = -A q dt`` and noise, ``A = gamma g^-1 H``.
In the eigenbasis of kappa, with eigenvalues ``k_i`` and powers ``p_i = k_i^alpha``, everything is rational.

Source: Vanchurin 2025 (arXiv:2504.14728), metric and noise covariance.
"""

import sympy as sp

from derivations.derivation import Derivation

RATE = sp.Symbol("gamma", positive=True)
_D = 3


def _noise(number: int = _D) -> tuple[tuple[sp.Symbol, ...], tuple[sp.Symbol, ...]]:
    """Eigenvalues of kappa, and their powers alpha."""
    return sp.symbols(f"k1:{number + 1}", positive=True), sp.symbols(f"p1:{number + 1}", positive=True)


def _symmetric(name: str, number: int = _D) -> sp.Matrix:
    return sp.Matrix(number, number, lambda i, j: sp.Symbol(f"{name}{min(i, j) + 1}{max(i, j) + 1}", real=True))


def einstein(order: int = 2) -> Derivation:
    """Noise and mobility are in proportion for alpha = 1 alone, unless kappa is a multiple of the identity.

    Args:
        order: the claimed power of ``g^-1`` in the diffusion.
    """
    derivation = Derivation("Noise and mobility")
    k, p = _noise()
    metric = sp.diag(*p)
    diffusion = RATE**2 / 2 * metric.inv() ** order * sp.diag(*k)
    mobility = RATE * metric.inv()
    derivation.given(
        "(g, \\kappa)", rf"(\kappa^\alpha, {sp.latex(sp.diag(*k))})", "p is k to the power alpha, entry by entry"
    )
    derivation.equal(
        r"D\, M^{-1}", sp.diag(*(RATE * a / (2 * b) for a, b in zip(k, p, strict=True))),
        "M = gamma/g is the mobility: this is gamma/2 kappa^(1 - alpha)", value=diffusion * mobility.inv(),
    )  # fmt: skip
    derivation.stated(
        r"k_i^{1-\alpha} = k_j^{1-\alpha} \iff \alpha = 1 \text{ or } k_i = k_j",
        "a power with an exponent other than 0 is strictly monotone; Einstein's relation asks for a multiple of 1",
    )
    derivation.equal(
        r"D|_{p = k}", (RATE / 2 * mobility).subs(dict(zip(p, k, strict=True))), "alpha = 1: Einstein's relation",
        value=diffusion.subs(dict(zip(p, k, strict=True))),
    )  # fmt: skip
    root = {a: b**2 for a, b in zip(k, p, strict=True)}
    derivation.equal(
        r"D|_{k = p^2}", RATE**2 / 2 * sp.eye(_D), "alpha = 1/2: noise that is the same in all directions",
        value=diffusion.subs(root, simultaneous=True),
    )  # fmt: skip
    return derivation


def stationary(temperature: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """At alpha = 1 the stationary law is that of Gibbs, whatever H and kappa; at other exponents it need not be.

    Args:
        temperature: the claimed temperature in units of gamma.
    """
    derivation = Derivation("Stationary covariances")
    curvature, precision = _symmetric("h"), _symmetric("n")
    derivation.given("(H, \\kappa^{-1})", "(H, N)", "symmetric and positive definite, in general position")
    covariance = temperature * RATE * curvature.adjugate() / curvature.det()
    drift = RATE * precision * curvature
    derivation.equal(
        r"A \Sigma + \Sigma A^T - 2 D", sp.Integer(0),
        "alpha = 1: Sigma = gamma/2 H^-1 solves Lyapunov's equation, with A = gamma N H and D = gamma^2/2 N",
        value=drift * covariance + covariance * drift.T - RATE**2 * precision,
    )  # fmt: skip
    _, p = _noise()
    flat = sp.diag(*p).inv()
    left = RATE**2 * flat
    derivation.equal(
        r"A H^{-1} + H^{-1} A^T", 2 / RATE * left, "for every alpha: A = gamma g^-1 H",
        value=RATE * (flat * curvature) * curvature.adjugate() / curvature.det()
        + RATE * curvature.adjugate() / curvature.det() * (flat * curvature).T,
    )  # fmt: skip
    derivation.stated(
        r"\Sigma = T H^{-1} \iff 2 T \gamma\, \kappa^{-\alpha} = \gamma^2 \kappa^{1 - 2\alpha}",
        "so the stationary law is that of Gibbs exactly if kappa^(1 - alpha) is a multiple of 1: alpha = 1, or isotropic noise",
    )
    one, two = sp.diag(1, 2), sp.Matrix([[1, 0], [0, 4]])
    found = sp.diag(*(sp.Rational(1, 2) * two[i, i] / one[i, i] for i in (0, 1)))
    derivation.equal(
        r"A\Sigma + \Sigma A^T - 2D|_{\alpha = 0}", sp.Integer(0),
        "for gamma = 1, H = diag(1, 2), kappa = diag(1, 4): Sigma = diag(1/2, 1) is no multiple of H^-1",
        value=one * found + found * one - two,
    )  # fmt: skip
    return derivation


def detailed_balance(exponent: int = 1) -> Derivation:
    """``A D - D A^T`` vanishes exactly if alpha = 1 or H and kappa commute.

    Args:
        exponent: the claimed power of kappa that has to commute with H, at alpha = 0.
    """
    derivation = Derivation("Detailed balance")
    k, p = _noise()
    curvature = _symmetric("h")
    metric, noise = sp.diag(*p), sp.diag(*k)
    drift = RATE * metric.inv() * curvature
    diffusion = RATE**2 / 2 * metric.inv() * noise * metric.inv()
    power = [a**exponent / b for a, b in zip(k, p, strict=True)]
    claimed = sp.Matrix(
        _D, _D, lambda i, j: RATE**3 / 2 * curvature[i, j] * (power[j] - power[i]) / (p[i] * p[j])
    )  # fmt: skip
    derivation.equal(
        "A D - D A^T",
        claimed,
        "in the eigenbasis of kappa, with k/p = k^(1 - alpha)",
        value=drift * diffusion - diffusion * drift.T,
    )
    derivation.stated(
        r"A D = D A^T \iff \alpha = 1 \text{ or } H\kappa = \kappa H",
        "an entry vanishes if h_ij = 0 or k_i^(1 - alpha) = k_j^(1 - alpha); entries h_ij between different k_i vanish exactly "
        "if H and kappa commute",
    )
    return derivation


def reference() -> Derivation:
    """``H = diag(1, 3)``, ``kappa = ((2, 1), (1, 1))``, gamma = 1: the entry (1, 2) of ``A D - D A^T`` at three exponents."""
    derivation = Derivation("A failure of detailed balance, in numbers")
    curvature, noise = sp.diag(1, 3), sp.Matrix([[2, 1], [1, 1]])
    # The square root of a matrix of determinant 1: (kappa + 1)/sqrt(tr kappa + 2).
    root = (noise + sp.eye(2)) / sp.sqrt(5)
    derivation.equal(r"(\kappa^{1/2})^2", noise, "the root that alpha = 1/2 asks for", value=root * root)
    expected = [sp.Integer(-1), -1 / sp.sqrt(5), sp.Integer(0)]
    found = []
    for metric in (sp.eye(2), root, noise):
        drift, diffusion = metric.inv() * curvature, metric.inv() * noise * metric.inv() / 2
        found.append((drift * diffusion - diffusion * drift.T)[0, 1])
    derivation.equal(r"(A D - D A^T)_{12}|_{\alpha = 0, 1/2, 1}", expected, "-1, -0.447213595499..., 0", value=found)
    return derivation


def not_a_tensor(power: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """A change of units shows it: ``kappa^alpha`` transforms like a metric for alpha = 1 alone.

    Args:
        power: the exponent alpha.
    """
    derivation = Derivation("A power of a covariance in other units")
    chart = sp.diag(4, 1)
    noise = sp.eye(2)
    derivation.given(
        r"(\kappa, J)",
        f"({sp.latex(noise)}, {sp.latex(chart)})",
        "the first coordinate in a quarter of its unit: q = J q'",
    )
    moved = chart.T * noise * chart
    there = sp.diag(*(moved[i, i] ** power for i in (0, 1)))
    derivation.equal(
        r"\kappa' = J^T \kappa J", sp.diag(16, 1), "gradients and their covariance transform by J", value=moved
    )
    derivation.differs(
        r"(\kappa')^\alpha", chart.T * noise * chart, f"alpha = {power}: not the old metric, transformed",
        value=there,
    )  # fmt: skip
    derivation.stated(
        r"(s^2 k)^\alpha = s^2 k^\alpha \text{ for all } s \iff \alpha = 1",
        "already in one dimension, for a change of units by s",
    )
    return derivation


def closed_loop(constant: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """Where noise comes from the spread of members, ``kappa = H Sigma H``, ``g = gamma/2 H`` is a fixed point for every alpha.

    Args:
        constant: the claimed factor of ``gamma H``.
    """
    derivation = Derivation("Noise that the learner makes itself")
    curvature, covariance = _symmetric("h"), _symmetric("s")
    derivation.given(r"\kappa", r"H \Sigma H", "gradients differ because the members do: grad L = H q")
    inverse = curvature.adjugate() / curvature.det() / (constant * RATE)
    noise = curvature * covariance * curvature
    drift = RATE * inverse * curvature
    derivation.equal(
        r"A\Sigma + \Sigma A^T - \gamma^2 g^{-1}\kappa g^{-1}", sp.Integer(0),
        "g = gamma/2 H: every Sigma is stationary, drift and noise balance direction by direction",
        value=drift * covariance + covariance * drift.T - RATE**2 * inverse * noise * inverse,
    )  # fmt: skip
    derivation.stated(
        r"\kappa = (\tfrac\gamma2 H)^{1/\alpha},\quad \Sigma = H^{-1}\kappa H^{-1}",
        "then g = kappa^alpha fixes kappa and Sigma, for every alpha other than 0: no exponent is singled out",
    )
    return derivation


def attenuation(half: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """The logarithm of a variance estimated with n degrees of freedom scatters by ``psi_1(n/2)``, and slopes shrink by that.

    Args:
        half: the claimed factor of n.
    """
    derivation = Derivation("Slopes on estimated variances")
    n, t = sp.symbols("n t", positive=True)
    cumulants = sp.loggamma(n / 2 + t) - sp.loggamma(n / 2) + t * sp.log(2 / n)
    derivation.given(r"\ln E e^{t \ln(s^2/k)}", cumulants, "n s^2/k has the chi-squared law of n degrees of freedom")
    first, second = (sp.diff(cumulants, t, order).subs(t, 0) for order in (1, 2))
    derivation.equal(
        r"E \ln(s^2/k)",
        sp.digamma(n / 2) + sp.log(2 / n),
        "the first cumulant: a bias, the same for all directions",
        value=first,
    )
    derivation.equal(
        r"\operatorname{Var} \ln(s^2/k)",
        sp.polygamma(1, half * n),
        "the second, which does not depend on k",
        value=second,
    )
    alpha, spread, error = sp.symbols("alpha V u", positive=True)
    derivation.given(
        r"(y, x)", r"(\alpha\, \xi, \xi + e)", "true logarithms xi of variance V, errors e of variance u, independent"
    )
    true, wrong = sp.symbols("xi e", real=True)

    def expectation(product: sp.Expr) -> sp.Expr:
        """Of a quadratic form in the two, which are centred and independent."""
        moments = {true**2: spread, wrong**2: error, true * wrong: 0}
        return sp.expand(product).subs(moments)

    seen, told = true + wrong, alpha * true
    shared, scattered = expectation(seen * told), expectation(seen**2)
    derivation.equal(
        r"\operatorname{Cov}(x, y) / \operatorname{Var}(x)", alpha * spread / (spread + error), "the slope that is seen",
        value=shared / scattered,
    )  # fmt: skip
    derivation.equal(
        r"\operatorname{Cov}(x, y) / (\operatorname{Var}(x) - u)",
        alpha,
        "corrected",
        value=shared / (scattered - error),
    )
    return derivation
