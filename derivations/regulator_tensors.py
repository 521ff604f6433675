r"""What of a regulator is a tensor: its mass tensor M, its exponents along directions, its deviation from the Fisher metric F.

The means ``w_e`` of the sufficient statistics of an exponential family are functions on it, and ``M = sum_e dw_e dw_e`` is a
tensor. J is the Jacobian ``dx/dy`` of a change of chart, primes are components in y; matrices are written out for two
parameters. The extreme eigenvalues of F in natural parameters are l and L.

Source: Zhuravlev 2026 (arXiv 2603.09067).
"""

import sympy as sp

from derivations.derivation import Derivation

LEAST, LARGEST, WEIGHT = sp.symbols("l L beta", positive=True)
_EXCESS, _REST = sp.symbols("h k", positive=True)
BEYOND = {LARGEST: LEAST + _EXCESS}


def mass_tensor(excess: int = 1) -> Derivation:
    """``M = F^2`` in natural parameters; in other charts ``M' = J^T F^2 J``, which is not the square of F'.

    Args:
        excess: the claimed factor of the difference ``F'^2 - M'``; 0 claims that it vanishes.
    """
    derivation = Derivation("The mass tensor")
    derivation.given("dw", "F", "in natural parameters the means are the slopes of psi, whose Hessian is F")
    F, J = _symmetric("F"), _square("J")
    mass = F.T * F
    derivation.equal("dw^T dw - F^2", sp.Integer(0), "F is symmetric", value=mass - F * F)
    there, slope = J.T * F * J, F * J
    derivation.equal(
        r"dw'^T dw' - J^T M J",
        sp.Integer(0),
        "by the chain rule: the law of a tensor",
        value=slope.T * slope - J.T * mass * J,
    )
    derivation.equal(
        r"F'^2 - M' - J^T F (J J^T - 1) F J", sp.Integer(0), "the square of F' is another matrix unless J is orthogonal",
        value=there * there - J.T * mass * J - excess * J.T * F * (J * J.T - sp.eye(2)) * F * J,
    )  # fmt: skip
    inverse = F.adjugate() / F.det()
    derivation.equal(
        r"M'", sp.eye(2), "in expectation parameters, J = F^-1, where F' = F^-1", value=inverse.T * mass * inverse
    )
    return derivation


def squares_in_charts(claimed: sp.Expr | None = None) -> Derivation:
    """Reading ``M = F^2`` in every chart, the threshold and the exponent are whatever the chart makes of them.

    Args:
        claimed: the condition number claimed for the chart with Jacobian diag(p, q); that of F by default times ``(q/p)^2``.
    """
    p, q, c = sp.symbols("p q c", positive=True)
    derivation = Derivation("The threshold in other charts, with the square of F in each")
    fisher, J = sp.diag(LEAST, LARGEST), sp.diag(p, q)
    derivation.given(
        "(F, J)", f"({sp.latex(fisher)}, {sp.latex(J)})", "in the eigenvectors of F, with the units of each changed"
    )
    there = J.T * fisher * J
    condition = LARGEST / LEAST * q**2 / p**2 if claimed is None else claimed
    derivation.equal(r"F'_{22}/F'_{11}", condition, "as large or small as one likes", value=there[1, 1] / there[0, 0])
    white = {p: 1 / sp.sqrt(LEAST), q: 1 / sp.sqrt(LARGEST)}
    derivation.equal(
        r"F'", sp.eye(2), "in a chart that whitens F: cond(F') = 1, so alpha* = 0", value=there.subs(white)
    )
    scaled = there.subs({p: sp.sqrt(c), q: sp.sqrt(c)})
    derivation.equal(
        r"\beta^{*\prime}", c * (LARGEST - 2 * LEAST),
        "in common units for all parameters: the threshold stays, the exponent does not", value=scaled[1, 1] - 2 * scaled[0, 0],
    )  # fmt: skip
    return derivation


def tensors_in_charts(sign: int = 1) -> Derivation:
    """Carrying M along as a tensor, the optimum depends on the chart all the same, and is gone in expectation parameters.

    Args:
        sign: the claimed sign of the slope of the convergence time in expectation parameters.
    """
    derivation = Derivation("The optimum in other charts, with M as a tensor")
    fisher = sp.diag(LEAST, LARGEST)
    metric = fisher**2 + WEIGHT * fisher
    derivation.given("g", metric, "in natural parameters, in the eigenvectors of F")
    there = fisher.inv() * metric * fisher.inv()
    derivation.equal(r"g'", sp.eye(2) + WEIGHT * fisher.inv(), "in expectation parameters, J = F^-1", value=there)
    derivation.positive(
        r"g'_{11} - g'_{22}", there[0, 0] - there[1, 1], "for L = l + h: their order is reversed", BEYOND
    )
    derivation.positive(
        r"\partial_\beta\, \mathrm{cond}(g')\,\rho(g')", sign * sp.diff(there[0, 0] ** 2 / there[1, 1], WEIGHT),
        "so the convergence time grows: alpha* = 0 for every observer", BEYOND,
    )  # fmt: skip
    root = sp.diag(1 / sp.sqrt(LEAST), 1 / sp.sqrt(LARGEST))
    white = root * metric * root
    derivation.equal(r"g'", fisher + WEIGHT * sp.eye(2), "in a chart that whitens F, J = F^-1/2", value=white)
    derivation.equal(
        r"\frac{\mathrm{cond}(g)\,\rho(g)}{\mathrm{cond}(g')\,\rho(g')}", LARGEST**2 / LEAST,
        "the convergence time is the same up to a factor without beta: beta* stays",
        value=metric[1, 1] ** 2 / metric[0, 0] * white[0, 0] / white[1, 1] ** 2,
    )  # fmt: skip
    return derivation


def invariants(side: int = 1) -> Derivation:
    """The spectrum of ``F^-1 M`` is the same in every chart; another choice of statistics changes it.

    Args:
        side: how often the Jacobian is claimed to act on M.
    """
    derivation = Derivation("What does not depend on the chart")
    F, J, M = _symmetric("F"), _square("J"), _symmetric("M")
    there = (J.T * F * J).adjugate() / (J.T * F * J).det() * J.T * M * J**side
    here = F.adjugate() / F.det() * M
    derivation.equal(
        r"(\mathrm{tr}, \det)(F'^{-1} M') - (\mathrm{tr}, \det)(F^{-1} M)", [sp.Integer(0), sp.Integer(0)],
        "the eigenvalues of F^-1 M, and with them the spectrum of F^-1 g, are invariant",
        value=[there.trace() - here.trace(), there.det() - here.det()],
    )  # fmt: skip
    p, q = sp.symbols("p q", positive=True)
    fisher, weights = sp.diag(LEAST, LARGEST), sp.diag(p, q)
    derivation.equal(
        r"F^{-1} M", sp.diag(p**2 * LEAST, q**2 * LARGEST), "but with the statistics p w_1 and q w_2 counted they are others",
        value=fisher.inv() * (weights * fisher).T * weights * fisher,
    )  # fmt: skip
    return derivation


def path(order: int = 1) -> Derivation:
    """Three spins in a path with couplings ln 2 and ln 4, in natural and expectation parameters and in a chart that whitens F.

    Args:
        order: the claimed power of ``1/cosh J`` in the slope of the chart that whitens F.
    """
    derivation = Derivation("An observer in three charts")
    laws = {(a, b): sp.Integer(2) ** a * sp.Integer(4) ** b for a in (1, -1) for b in (1, -1)}
    total = sum(laws.values())
    means = [sum(w * x[i] for x, w in laws.items()) / total for i in (0, 1)]
    fisher = sp.Matrix(2, 2, lambda i, j: sum(w * x[i] * x[j] for x, w in laws.items()) / total - means[i] * means[j])
    derivation.computed("F", fisher, "in natural parameters: the products of spins along the edges, over all states")
    derivation.equal(r"\beta^* = L - 2 l", sp.Rational(1424, 7225), "above 0", value=fisher[0, 0] - 2 * fisher[1, 1])
    derivation.equal(
        r"\beta^{*\prime} = 1/l - 2/L", sp.Rational(89, 64), "in expectation parameters, where F' = F^-1",
        value=1 / fisher[1, 1] - 2 / fisher[0, 0],
    )  # fmt: skip
    t = sp.Symbol("t", positive=True)
    slope = ((1 - t**2) / (1 + t**2)) ** order
    derivation.given("(u, t)", r"(2 \arctan t,\; \tanh(J/2))", "the Gudermannian of a coupling: du/dJ = 1/cosh J")
    derivation.equal(
        r"F_{JJ} - (du/dJ)^2", sp.Integer(0), "F_JJ = 1 - tanh^2 J on a tree, and tanh J = 2 t/(1 + t^2)",
        value=1 - (2 * t / (1 + t**2)) ** 2 - slope**2,
    )  # fmt: skip
    derivation.stated(r"F' = 1", "in u on every tree, for all couplings: cond(F') = 1, alpha* = 0")
    return derivation


def directional(power: int = 1) -> Derivation:
    """``alpha(v) = v F^2 v / (v F^2 v + beta v F v)`` is a mean of the ``alpha_k = lambda_k/(lambda_k + beta)``.

    Args:
        power: the claimed power of ``lambda_k + beta`` in the weights of the mean.
    """
    derivation = Derivation("Exponents along directions")
    values = sp.symbols("lambda_1:4", positive=True)
    shares = sp.symbols("c_1:4", real=True)
    square, plain = (sum(c**2 * x**n for c, x in zip(shares, values, strict=True)) for n in (2, 1))
    alphas = [x / (x + WEIGHT) for x in values]
    derivation.equal(r"\alpha(e_k)", alphas, "on an eigenvector", value=[x**2 / (x**2 + WEIGHT * x) for x in values])
    weights = [c**2 * x * (x + WEIGHT) ** power for c, x in zip(shares, values, strict=True)]
    derivation.equal(
        r"\alpha(v) \sum_k c_k^2 \mu_k - \sum_k c_k^2 \mu_k \alpha_k", sp.Integer(0),
        "for v = sum c_k e_k and mu_k = lambda_k (lambda_k + beta): a mean of the alpha_k, between the least and the largest",
        value=square / (square + WEIGHT * plain) * sum(weights) - sum(w * a for w, a in zip(weights, alphas, strict=True)),
    )  # fmt: skip
    derivation.positive(
        r"\alpha_{\max} - \alpha_{\min}", LARGEST / (LARGEST + WEIGHT) - LEAST / (LEAST + WEIGHT),
        "for L = l + h: alpha_k grows with lambda_k", BEYOND,
    )  # fmt: skip
    low, high = sp.symbols("r R", positive=True)
    spread = high**2 / (high**2 + WEIGHT) - low**2 / (low**2 + WEIGHT)
    derivation.equal(
        r"\frac{\sqrt L - \sqrt l}{\sqrt L + \sqrt l} - (\alpha_{\max} - \alpha_{\min})",
        (high - low) / (high + low) * (WEIGHT - low * high) ** 2 / ((low**2 + WEIGHT) * (high**2 + WEIGHT)),
        "with the roots r and R of l and L: the spread is largest at beta = sqrt(l L)",
        value=(high - low) / (high + low) - spread,
    )  # fmt: skip
    return derivation


def at_the_optimum(divisor: int = 2) -> Derivation:
    """At ``beta = L - 2 l`` the exponents along eigenvectors depend on the condition number alone.

    Args:
        divisor: the claimed divisor of the largest one.
    """
    ratio = sp.Symbol("kappa", positive=True)
    derivation = Derivation("Exponents along directions at the optimum")
    largest, best = ratio * LEAST, (ratio - 2) * LEAST
    derivation.equal(
        r"(\alpha_{\min}, \alpha_{\max})", [1 / (ratio - 1), ratio / (divisor * (ratio - 1))], "with kappa = cond(F) > 2",
        value=[LEAST / (LEAST + best), largest / (largest + best)],
    )  # fmt: skip
    derivation.positive(
        r"\alpha_{\max} - \tfrac12",
        largest / (largest + best) - sp.Rational(1, 2),
        "the largest is above 1/2",
        {ratio: 2 + _REST},
    )
    return derivation


def opposite(sign: int = 1) -> Derivation:
    """The exponents along directions fall where the exponent of the observer grows.

    Args:
        sign: the claimed sign of the slope of the exponents along directions.
    """
    alpha, value, step = sp.symbols("alpha lambda m", positive=True)
    derivation = Derivation("Exponents of an observer and of its directions")
    weight = alpha**2 / (1 - alpha)
    along = value / (value + weight)
    derivation.positive(
        r"-\partial_\alpha\, \frac{\lambda}{\lambda + \beta}", -sign * sp.diff(along, alpha), "with beta = alpha^2/(1 - alpha)",
        {alpha: 1 / (1 + step)},
    )  # fmt: skip
    derivation.equal(r"\alpha_k", sp.Integer(1), "at alpha = 0, in every direction", value=along.subs(alpha, 0))
    same = alpha**3 / (1 - alpha) ** 2
    derivation.equal(
        r"\alpha_k - \alpha", sp.Integer(0), "they agree where lambda = alpha^3/(1 - alpha)^2, once for each alpha",
        value=along.subs(value, same) - alpha,
    )  # fmt: skip
    return derivation


def deviation(divisor: int = 2) -> Derivation:
    """``M - (1/d) tr(F^-1 M) F`` is a tensor without F-trace; ``M - (tr M/tr F) F`` has no trace in its own chart alone.

    Args:
        divisor: what the trace is claimed to be divided by, for d = 2.
    """
    derivation = Derivation("The deviation of M from a multiple of F")
    F, J, M = _symmetric("F"), _square("J"), _symmetric("M")
    there, mass_there = J.T * F * J, J.T * M * J
    # Positive definite for all positive values of the symbols.
    definite = {m[1, 1]: m[1, 1] + m[0, 1] ** 2 / m[0, 0] for m in (F, M)}
    plain, plain_there = (m - m.trace() / f.trace() * f for m, f in ((M, F), (mass_there, there)))
    derivation.equal(r"\mathrm{tr}(M - \tfrac{\mathrm{tr} M}{\mathrm{tr} F} F)", sp.Integer(0),
                     "in its own chart", value=plain.trace())  # fmt: skip
    derivation.differs(r"\mathrm{tr}(J^T (M - \tfrac{\mathrm{tr} M}{\mathrm{tr} F} F) J)", sp.Integer(0),
                       "carried to another chart it has a trace", value=(J.T * plain * J).trace().subs(definite))  # fmt: skip
    derivation.differs(
        r"M' - \tfrac{\mathrm{tr} M'}{\mathrm{tr} F'} F' - J^T (M - \tfrac{\mathrm{tr} M}{\mathrm{tr} F} F) J", sp.Integer(0),
        "and is not what the formula gives there", value=(plain_there - J.T * plain * J).subs(definite),
    )  # fmt: skip
    covariant, covariant_there = (
        m - (f.adjugate() * m).trace() / f.det() / divisor * f for m, f in ((M, F), (mass_there, there))
    )
    derivation.equal(
        r"\Delta' - J^T \Delta J", sp.Integer(0), "Delta = M - tr(F^-1 M) F/d obeys the law of a tensor",
        value=covariant_there - J.T * covariant * J,
    )  # fmt: skip
    derivation.equal(
        r"\mathrm{tr}(F^{-1} \Delta)",
        sp.Integer(0),
        "and has no F-trace, in any chart",
        value=(F.adjugate() * covariant).trace(),
    )
    return derivation


def deviation_of_squares() -> Derivation:
    """For ``M = F^2`` both deviations vanish for F of one eigenvalue alone, but they change sign at different eigenvalues."""
    derivation = Derivation("The deviation of the square of F")
    values = sp.symbols("lambda_1:4", positive=True)
    first, second = sum(values), sum(x**2 for x in values)
    derivation.given(
        r"(\langle\lambda\rangle, \kappa)",
        [first / 3, second / first],
        "mean of the eigenvalues, and tr F^2/tr F; d = 3",
    )
    derivation.equal(
        r"\delta_k", [x * (x - first / 3) for x in values], "the eigenvalues of F^2 - tr(F) F/d",
        value=[x**2 - first / 3 * x for x in values],
    )  # fmt: skip
    derivation.equal(
        r"\kappa - \langle\lambda\rangle", sum((x - y) ** 2 for i, x in enumerate(values) for y in values[:i]) / (3 * first),
        "for an eigenvalue between the mean and kappa the two deviations have different signs",
        value=second / first - first / 3,
    )  # fmt: skip
    return derivation


def _symmetric(name: str) -> sp.Matrix:
    return sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"{name}{min(i, j) + 1}{max(i, j) + 1}", real=True))


def _square(name: str) -> sp.Matrix:
    return sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"{name}{i + 1}{j + 1}", real=True))
