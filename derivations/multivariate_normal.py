r"""The normal laws on R^p: their curvature, and the families inside.

A vector tangent to the laws is ``(a, B)``, a change of mean and of covariance; P is the inverse covariance.
Sources: Skovgaard 1984; the claim "Gaussian => hyperbolic" is caraffa-2026. Distances: :mod:`derivations.normal_distance`.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.model_spaces import Isometry
from derivations.normal_tensors import at_standard, basis, loops, p
from derivations.riemannian import RiemannianGeometry

PLANE_CURVATURE = sp.Rational(1, 4)
SCALAR_CURVATURE = -p * (p + 1) ** 2 / 4
ISOTROPIC_CURVATURE = -1 / (2 * p)
_METRIC = r"g\big((a, B), (a', B')\big)"
_VALUE = r"a^T P a' + \tfrac12 \operatorname{tr} P B P B'"


def metric(size: int = 2, spread: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """The Fisher metric ``a . P a' + tr(P B P B') / 2`` as the Hessian of the Kullback-Leibler divergence.

    Args:
        size: p.
        spread: the factor of the second term.
    """
    means = [sp.Symbol(f"mu_{i + 1}", real=True) for i in range(size)]
    entries = [sp.Symbol(f"s_{i + 1}{j + 1}", real=True) for i in range(size) for j in range(i + 1)]
    others = [sp.Symbol(f"{symbol.name}prime", real=True) for symbol in (*means, *entries)]
    covariance = sum((s * m for s, m in zip(entries, basis(size), strict=True)), sp.zeros(size))
    other = covariance.subs(dict(zip(entries, others[size:], strict=True)))
    shift = sp.Matrix(means) - sp.Matrix(others[:size])
    inverse, precision = other.inv(method="ADJ"), covariance.inv(method="ADJ")
    divergence = ((inverse * covariance).trace() + (shift.T * inverse * shift)[0] + sp.log(other.det())) / 2
    hessian = sp.hessian(divergence, others).subs(dict(zip(others, (*means, *entries), strict=True)))
    changes = [(sp.eye(size).col(i), sp.zeros(size)) for i in range(size)]
    changes += [(sp.zeros(size, 1), matrix) for matrix in basis(size)]

    def claimed(i: int, j: int) -> sp.Expr:
        (a, b), (other_a, other_b) = changes[i], changes[j]
        return (a.T * precision * other_a)[0] + spread * (precision * b * precision * other_b).trace()

    derivation = Derivation(f"The Fisher metric of the normal laws, p = {size}")
    derivation.given(
        r"\operatorname{KL}(\theta \Vert \theta')",
        r"\tfrac12 \left(\operatorname{tr} P' \Sigma + \delta^T P' \delta - p - \ln\det P' \Sigma\right)",
        "with delta = mu - mu', from the Gaussian density",
    )
    derivation.equal(
        rf"\partial'_i \partial'_j \operatorname{{KL}}\big|_{{\theta' = \theta}} - \big({_VALUE}\big)_{{ij}}",
        sp.Integer(0),
        "the metric is the Hessian of the divergence; all entries, on the coordinate vectors",
        value=hessian - sp.Matrix(len(changes), len(changes), claimed),
    )
    return derivation


def plane_curvature(size: int | None = None, claimed: sp.Expr = PLANE_CURVATURE) -> Derivation:
    """The curvature of the plane of two means at ``(0, 1)``: by definition for one p, by third cumulants for every ``p >= 2``.

    Args:
        size: p; None for any.
        claimed: the curvature.
    """
    derivation = Derivation(f"The curvature of the plane of two means, p = {size or 'any'}")
    derivation.given(_METRIC, _VALUE, "the Fisher metric")
    if size:
        here = at_standard(size)
        derivation.computed(
            r"(R_{1212}, g_{11}, g_{22})",
            sp.Matrix([[sp.Rational(x) for x in (here.riemann[0, 1, 0, 1], here.metric[0, 0], here.metric[1, 1])]]),
            "definition of the Riemann tensor at (0, 1), with P = 1 - D + D^2 to second order in the change D",
        )
        derivation.equal(r"K(\mu_1, \mu_2)", claimed, "R_1212 / (g_11 g_22)", value=here.sectional(0, 1))
        return derivation
    _cumulants(derivation)
    # Two unit vectors among the means: the index letters i and j are held fixed and different, so no sum is left.
    derivation.given(
        "R_{1212}",
        r"\tfrac14 \sum_F \big(F_{12} F_{12} - F_{11} F_{22}\big)",
        "R_ijkl = g^mn (T_ilm T_jkn - T_ikm T_jln) / 4 (curvature-from-third-cumulants); only m, n among the F contribute",
    )
    one, two = sp.Integer(0), sp.Integer(1)
    delta = sp.KroneckerDelta
    completed = [delta(one, one) * delta(two, two) + delta(one, two) * delta(two, one), 2 * delta(one, two)]
    derivation.equal(
        r"\Big(\sum_F F_{12} F_{12},\ \sum_F F_{11} F_{22}\Big)", sp.Matrix([[1, 0]]), "completeness", value=completed
    )
    derivation.equal(r"K(\mu_1, \mu_2)", claimed, "both vectors have length 1", value=(completed[0] - completed[1]) / 4)
    return derivation


def scalar_curvature(size: int | None = None, claimed: sp.Expr = SCALAR_CURVATURE) -> Derivation:
    """The scalar curvature: at one p by the definition, for every p by third cumulants.

    Args:
        size: p; None for any.
        claimed: the curvature, in :data:`derivations.normal_tensors.p`.
    """
    derivation = Derivation(f"The scalar curvature of the normal laws, p = {size or 'any'}")
    derivation.given(_METRIC, _VALUE, "the Fisher metric")
    derivation.stated(
        r"(\mu, \Sigma) \mapsto (L \mu + c, L \Sigma L^T) \text{ keeps } g",
        "a -> L a, B -> L B L^T, P -> L^-T P L^-1, and the trace is cyclic; any law is taken to (0, 1), so R is a constant",
    )
    if size:
        value = at_standard(size).scalar
        reason = "trace of the Riemann tensor at (0, 1), from the metric to second order by its definition"
        derivation.equal("R", sp.sympify(claimed).subs(p, size), reason, value=value)
        return derivation
    _cumulants(derivation)
    square = 3 * loops("aij aij") + loops("aij bjk cki alm bmn cnl")
    derivation.equal(
        r"|T|^2 = 3 \sum_F F_{ij} F_{ij} + \sum_{F, G, H} (\operatorname{tr} F G H)^2",
        p * (p**2 + 6 * p + 7),
        "completeness, each sum p to the number of its loops of indices",
        value=square,
    )
    trace = loops("aii ajj") + 2 * loops("aii bjk bkl alj") + loops("bij bjk aki clm cmn anl")
    derivation.equal(
        r"|\operatorname{tr} T|^2 = \sum_F \Big(F_{ii} + \sum_G \operatorname{tr} G G F\Big)^2",
        2 * p * (p + 2) ** 2,
        "the same; the trace has no component along the means",
        value=trace,
    )
    derivation.equal(
        "R", claimed, "R = (|T|^2 - |tr T|^2) / 4 (curvature-from-third-cumulants)", value=(square - trace) / 4
    )
    return derivation


def isotropic(claimed: sp.Expr = ISOTROPIC_CURVATURE, spread: sp.Expr = 2 * p) -> Derivation:
    """The isotropic normal laws are hyperbolic, for every p.

    Args:
        claimed: the sectional curvature.
        spread: the coefficient of ``dsigma^2`` in the metric.
    """
    sigma = sp.Symbol("sigma", positive=True)
    variance = sp.Symbol("v", positive=True)
    means = sp.symbols("mu_1:5", real=True)
    derivation = Derivation("The isotropic normal laws, any p")
    # psi'' of one parameter: |x - mu|^2 has the log-partition -(p/2) log(-eta), eta = -1/(2 sigma^2).
    eta = sp.Symbol("eta", negative=True)
    second = sp.diff(-p / 2 * sp.log(-eta), eta, 2).subs(eta, -1 / (2 * sigma**2))
    derivation.equal(
        r"\operatorname{Var} |x - \mu|^2", 2 * p * sigma**4, "the second derivative of -p/2 log(-eta)", value=second
    )
    pulled = second * sp.diff(-1 / (2 * sigma**2), sigma) ** 2
    derivation.equal(r"g_{\sigma\sigma}", spread / sigma**2, "with eta = -1/(2 sigma^2)", value=pulled)
    derivation.given(
        r"g_{\mu_i \mu_j}, g_{\mu_i \sigma}", r"\delta_{ij}/\sigma^2, 0", "x - mu is even and of variance sigma^2"
    )
    coordinates = (*means, sigma)
    fisher = sp.diag(*[1 / sigma**2] * 4, spread / sigma**2)
    root = sp.sqrt(spread)
    isometry = Isometry("hyperbolic", (*(m / root for m in means), sigma), sp.Lambda(variance, variance), root)
    derivation.equal(
        "g", isometry.pulled_back(coordinates), "2p times the metric of the upper half-space at (mu / sqrt(2p), sigma)",
        value=fisher,
    )  # fmt: skip
    geometry = RiemannianGeometry(coordinates, fisher)
    g = geometry.metric
    constant = [
        geometry.riemann[i, j, k, m] - claimed * (g[i, k] * g[j, m] - g[i, m] * g[j, k])
        for i in range(5) for j in range(5) for k in range(5) for m in range(5)
    ]  # fmt: skip
    derivation.equal(
        r"R_{ijkl} - K (g_{ik} g_{jl} - g_{il} g_{jk})",
        sp.Integer(0),
        f"with K = {claimed}: a component meets four means at most, and sums over the others vanish, since g has no mean in it",
        value=constant,
    )
    return derivation


def diagonal(claimed: sp.Expr = sp.Rational(-1, 2), mixed: sp.Expr = sp.Integer(0)) -> Derivation:
    """The laws of diagonal covariance are a product of planes of curvature -1/2.

    Args:
        claimed: the curvature of the plane of one entry.
        mixed: that of the planes across entries.
    """
    means, sigmas = sp.symbols("mu_1 mu_2", real=True), sp.symbols("sigma_1 sigma_2", positive=True)
    derivation = Derivation("The normal laws of diagonal covariance")
    derivation.given(
        "g",
        r"\sum_i \frac{d\mu_i^2 + 2\, d\sigma_i^2}{\sigma_i^2}",
        "the entries are independent, so the metrics add up; each is that of one Gaussian (gaussian-metric)",
    )
    coordinates = (means[0], sigmas[0], means[1], sigmas[1])
    geometry = RiemannianGeometry(coordinates, sp.diag(*[c / s**2 for s in sigmas for c in (1, 2)]))
    unit = sp.eye(4)
    for first, second, expected, name in ((0, 1, claimed, "one entry"), (2, 3, claimed, "the other entry")):
        value = geometry.sectional_curvature(list(unit.row(first)), list(unit.row(second)))
        derivation.equal("K", expected, f"the plane of {name}", value=value)
    across = [geometry.sectional_curvature(list(unit.row(i)), list(unit.row(j))) for i in (0, 1) for j in (2, 3)]
    derivation.equal(
        "K", mixed, "the planes across the entries: two entries are all that a plane can meet", value=across
    )
    derivation.equal("R", 4 * claimed + 8 * mixed, "twice the sum over the planes", value=geometry.scalar_curvature)
    return derivation


def _cumulants(derivation: Derivation) -> None:
    """T at the standard law, and completeness of the basis."""
    derivation.given(
        r"T",
        r"a^T B a' \text{ on } (a, a', B),\quad \operatorname{tr} B B' B'' \text{ on } (B, B', B''),\quad 0 \text{ else}",
        "third cumulants of the score a . z + tr B(z z^T - 1)/2 at (0, 1), by Wick's theorem",
    )
    i, j, k, m = sp.symbols("i j k l", integer=True)
    delta = sp.KroneckerDelta
    derivation.given(
        r"\sum_F F_{ij} F_{kl}",
        delta(i, k) * delta(j, m) + delta(i, m) * delta(j, k),
        "F runs over a basis of the symmetric matrices, orthonormal in the metric tr F F'/2",
    )
    size = 3
    root = sp.sqrt(2)
    frame = [matrix * (root if matrix.trace() else 1) for matrix in basis(size)]
    indices = [(a, b, c, d) for a in range(size) for b in range(size) for c in range(size) for d in range(size)]
    derivation.equal(
        r"\sum_F F_{ij} F_{kl} - \delta_{ik} \delta_{jl} - \delta_{il} \delta_{jk}",
        sp.Integer(0),
        "checked for p = 3; two pairs of indices see no more than one basis matrix",
        value=[
            sum(f[a, b] * f[c, d] for f in frame) - delta(a, c) * delta(b, d) - delta(a, d) * delta(b, c)
            for a, b, c, d in indices
        ],
    )
