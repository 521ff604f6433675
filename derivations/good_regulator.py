r"""The regulator with the shortest convergence time: the weight beta of F in ``g = F^2 + beta F``.

F is the Fisher matrix of an observer, ``0 < l <= L`` its extreme eigenvalues; the convergence time is ``cond(g)^a rho(g)^b``
with the condition number and the spectral radius of g, and ``beta = alpha^2/(1 - alpha)`` for exponents alpha from 0 to 1.

Source: Zhuravlev 2026 (arXiv 2603.09067), whose convergence time has a = b = 1; other powers are ours.
"""

import itertools

import sympy as sp

from derivations.derivation import Derivation

LEAST, LARGEST, WEIGHT = sp.symbols("l L beta", positive=True)
A, B = sp.symbols("a b", positive=True)
_EXCESS, _REST = sp.symbols("h k", positive=True)
BEYOND = {LARGEST: LEAST + _EXCESS}


def optimum(multiple: sp.Expr = sp.Integer(2)) -> Derivation:
    """``cond(g) rho(g)`` is least, over all beta >= 0, at ``beta = max(0, L - 2 l)``.

    Args:
        multiple: the claimed factor of l.
    """
    derivation = Derivation("The weight of the shortest convergence time")
    derivation.include(_spectrum())
    best, time = LARGEST - multiple * LEAST, _time()
    derivation.equal(
        r"\frac{l}{L^2}\,\mathrm{cond}(g)\,\rho(g) - 4 (L - l)", (WEIGHT - best) ** 2 / (LEAST + WEIGHT),
        "a square, which is 0 at beta* = L - 2 l alone: the least value for all beta > -l",
        value=time * LEAST / LARGEST**2 - 4 * (LARGEST - LEAST),
    )  # fmt: skip
    slope = sp.diff(time, WEIGHT)
    shorter = {LARGEST: 2 * _EXCESS + _REST, LEAST: _EXCESS + _REST}
    for where, values in {"l < L < 2 l": shorter, "L = l": {LARGEST: LEAST}, "L = 2 l": {LARGEST: 2 * LEAST}}.items():
        derivation.positive(
            r"\partial_\beta\, \mathrm{cond}(g)\,\rho(g)",
            slope.xreplace(values),
            f"for {where} and beta > 0: least at beta = 0",
        )
    derivation.stated(
        r"\beta^* = \max(0, L - 2 l) > 0 \iff \mathrm{cond}(F) > 2", "both cases: the threshold is L/l = 2"
    )
    return derivation


def exponent(sign: int = 1) -> Derivation:
    """The exponent of a weight D: ``alpha = (-D + sqrt(D^2 + 4 D))/2``, without cancellation and between 0 and 1.

    Args:
        sign: the claimed sign of the root.
    """
    x, step = sp.symbols("D m", positive=True)
    derivation = Derivation("From the weight to the exponent")
    alpha = 1 / (1 + step)
    derivation.positive(
        r"\frac{d}{d\alpha}\frac{\alpha^2}{1 - \alpha}", (alpha * (2 - alpha) / (1 - alpha) ** 2),
        "for alpha = 1/(1 + m) between 0 and 1: beta grows with alpha, from 0 to infinity",
    )  # fmt: skip
    a = sp.Symbol("alpha", real=True)
    derivation.equal(
        r"\frac{d}{d\alpha}\frac{\alpha^2}{1 - \alpha}", a * (2 - a) / (1 - a) ** 2, "this derivative",
        value=sp.diff(a**2 / (1 - a), a),
    )  # fmt: skip
    root = (-x + sign * sp.sqrt(x) * sp.sqrt(x + 4)) / 2
    stable = 2 * sp.sqrt(x) / (sp.sqrt(x) + sp.sqrt(x + 4))
    derivation.equal(
        r"\frac{-D + \sqrt{D^2 + 4 D}}{2}", stable, "the same number without cancellation, positive", value=root
    )
    derivation.equal(
        r"\alpha^2 - D (1 - \alpha)", sp.Integer(0), "it solves the equation", value=root**2 - x * (1 - root)
    )
    derivation.equal(
        r"1 - \alpha",
        4 / (sp.sqrt(x) + sp.sqrt(x + 4)) ** 2,
        "which is positive: alpha lies between 0 and 1",
        value=1 - root,
    )
    return derivation


def general_optimum(threshold: sp.Expr = 1 + B / A) -> Derivation:
    r"""For ``cond(g)^a rho(g)^b`` the optimum is ``beta = max(0, (a/b)(L - l) - l)``: the threshold is ``1 + b/a``.

    Args:
        threshold: the claimed condition number of F above which beta is positive.
    """
    derivation = Derivation("Other powers of condition number and spectral radius")
    derivation.include(_spectrum())
    logarithm = A * sp.log(_condition()) + B * sp.log(_eigenvalue(LARGEST))
    best = A / B * (LARGEST - LEAST) - LEAST
    slope = sp.diff(logarithm, WEIGHT)
    derivation.equal(
        r"\partial_\beta \ln(\mathrm{cond}(g)^a \rho(g)^b)", B * (WEIGHT - best) / ((LEAST + WEIGHT) * (LARGEST + WEIGHT)),
        "with beta* = (a/b)(L - l) - l: it has the sign of beta - beta*, for powers a, b > 0", value=slope,
    )  # fmt: skip
    derivation.equal(
        r"\beta^*",
        A / B * LEAST * (LARGEST / LEAST - threshold),
        "positive exactly where cond(F) > 1 + b/a",
        value=best,
    )
    derivation.equal(
        r"\beta^*", LARGEST - 2 * LEAST, "for a = b: the threshold 2 is their ratio", value=best.subs(A, B)
    )
    reason = "without rho, b = 0, and for L > l: no least value is reached"
    derivation.positive(r"-\partial_\beta \ln \mathrm{cond}(g)", -slope.subs({A: 1, B: 0}), reason, BEYOND)
    derivation.positive(
        r"\partial_\beta \ln \rho(g)", slope.subs({A: 0, B: 1}), "without cond, a = 0: the least value is at beta = 0"
    )
    return derivation


def alternatives(sign: int = 1, inverse_radius: int = 1) -> Derivation:
    """Other convergence times are monotone in beta: they have no optimum between 0 and infinity.

    Args:
        sign: the claimed sign of the derivatives.
        inverse_radius: 1 for ``cond(g) rho(g^-1)``, -1 for ``cond(g) rho(g)`` in its place.
    """
    derivation = Derivation("Convergence times without an optimum")
    derivation.include(_spectrum())
    least, largest = _eigenvalue(LEAST), _eigenvalue(LARGEST)
    ratio = largest / least
    mixed = ratio / least if inverse_radius == 1 else ratio * largest
    least_there, largest_there = LEAST + WEIGHT, LARGEST + WEIGHT
    falling = {
        r"\mathrm{cond}(g)": ratio,
        r"1/\mu_{\min}": 1 / least,
        r"\mathrm{cond}(g)\,\rho(g^{-1})": mixed,
        r"\mathrm{cond}(F^{-1} g)": largest_there / least_there,
        r"1/\mu_{\min}(F^{-1} g)": 1 / least_there,
        r"\mathrm{cond}(F^{-1} g)\,\rho(g^{-1} F)": largest_there / least_there**2,
    }
    reason = "for L > l it falls: no least value is reached, alpha tends to 1"
    for name, value in falling.items():
        derivation.positive(rf"-\partial_\beta\, {name}", -sign * sp.diff(value, WEIGHT), reason, BEYOND)
    growing = {r"\rho(g)": largest, r"\rho(F^{-1} g)": largest_there}
    reason = "it grows: its least value is at beta = 0, alpha = 0"
    for name, value in growing.items():
        derivation.positive(rf"\partial_\beta\, {name}", sign * sp.diff(value, WEIGHT), reason)
    return derivation


def fisher_loss(power: int = 2) -> Derivation:
    """With F itself as the Hessian of the loss the spectrum of ``F^-1 g`` counts, and the optimum is the same.

    Args:
        power: the claimed power of L in the factor between the two convergence times.
    """
    derivation = Derivation("The convergence time of a loss with Hessian F")
    derivation.include(_spectrum())
    derivation.given(
        r"\mathrm{spec}(F^{-1} g)", r"\{\lambda + \beta\}", "learning with metric g and Hessian F has the inverse rates"
    )
    time = (LARGEST + WEIGHT) ** 2 / (LEAST + WEIGHT)
    derivation.equal(
        r"\frac{\mathrm{cond}(F^{-1} g)\,\rho(F^{-1} g)}{\mathrm{cond}(g)\,\rho(g)}", LEAST / LARGEST**power,
        "a factor without beta: the same beta*, the same threshold", value=time / _time(),
    )  # fmt: skip
    return derivation


def complete_graph(disjoint: int = 1) -> Derivation:
    """The Fisher matrix of equal couplings on the complete graph of n spins, edges only, for n = 3, 4, 5.

    Args:
        disjoint: the claimed sign of the covariance of two edges without a common spin in the last eigenvalue.
    """
    p, q = sp.symbols("p q", real=True)
    derivation = Derivation("Observers on complete graphs")
    derivation.given("(p, q)", r"(E[s_1 s_2],\; E[s_1 s_2 s_3 s_4])", "the means of products of two and of four spins")
    # Covariances of two edges by the number of spins that they share.
    entries = {2: 1 - p**2, 1: p - p**2, 0: q - p**2}
    derivation.given(
        r"\mathrm{Cov}", sp.Matrix([[entries[2], entries[1], entries[0]]]), "of edges with two, one and no common spins"
    )
    for n in (3, 4, 5):
        edges = list(itertools.combinations(range(n), 2))
        fisher = sp.Matrix([[entries[len({*e} & {*f})] for f in edges] for e in edges])
        values = (
            entries[2] + 2 * (n - 2) * entries[1] + sp.binomial(n - 2, 2) * entries[0],
            entries[2] + (n - 4) * entries[1] - (n - 3) * entries[0],
            entries[2] - 2 * entries[1] + disjoint * entries[0],
        )
        spaces = _edge_spaces(n, edges)
        for value, space in zip(values, spaces, strict=True):
            if space:
                vectors = sp.Matrix.hstack(*space)
                derivation.equal(
                    rf"F V - ({sp.latex(sp.expand(value))})\, V", sp.Integer(0),
                    f"{n} spins: an eigenspace of dimension {len(space)}", value=fisher * vectors - value * vectors,
                )  # fmt: skip
        derivation.holds(
            rf"\mathrm{{rank}} = {len(edges)}", sp.Matrix.hstack(*itertools.chain(*spaces)).rank() == len(edges),
            f"{n} spins: together these are all eigenvectors", "rank over the rationals",
        )  # fmt: skip
    return derivation


def triangle(crossing: sp.Expr = sp.Integer(3)) -> Derivation:
    """Equal couplings J > 0 on the triangle: ``cond(F) = 4 x/(x + 3)`` with ``x = exp(4 J)`` passes 2 at ``J = ln(3)/4``.

    Args:
        crossing: the claimed x at which the condition number is 2.
    """
    x, growth = sp.symbols("x m", positive=True)
    beyond = {x: 1 + growth}
    derivation = Derivation("The triangle")
    mean = (x - 1) / (x + 3)
    derivation.given("p", mean, "x = exp(4 J): products of two spins are 1, 1, 1 in two states and 1, -1, -1 in six")
    least, largest = 1 - mean, (1 - mean) * (1 + 3 * mean)
    derivation.positive(
        r"(1 - p)(1 + 3 p) - (1 - p)", largest - least, "for J > 0, x = 1 + m: the single one is the larger", beyond
    )
    condition = largest / least
    derivation.equal(r"\mathrm{cond}(F)", 4 * x / (x + 3), "their ratio", value=condition)
    derivation.positive(r"\partial_x\, \mathrm{cond}(F)", sp.diff(condition, x), "it grows with J, from 1 to 4")
    derivation.equal(
        r"\mathrm{cond}(F) - 2",
        2 * (x - crossing) / (x + 3),
        "so alpha > 0 exactly for J > ln(3)/4",
        value=condition - 2,
    )
    return derivation


def _edge_spaces(n: int, edges: list[tuple[int, int]]) -> list[list[sp.Matrix]]:
    """Bases of the spaces of edge functions that the permutations of n spins leave invariant."""
    constant = sp.ones(len(edges), 1)
    # x_i + x_j for x = e_0 - e_k.
    stars = [sp.Matrix([(0 in e) - (k in e) for e in edges]) for k in range(1, n)]
    # +1 and -1 along a closed walk of four edges.
    walks = []
    for i, j, k, m in itertools.permutations(range(n), 4):
        signs = {frozenset((i, j)): 1, frozenset((j, k)): -1, frozenset((k, m)): 1, frozenset((m, i)): -1}
        walks.append(sp.Matrix([signs.get(frozenset(e), 0) for e in edges]))
    independent = [walks[c] for c in sp.Matrix.hstack(*walks).rref()[1]] if walks else []
    return [[constant], stars, independent]


def _spectrum() -> Derivation:
    """The eigenvalues of g grow with those of F, so that the extreme ones belong together."""
    derivation = Derivation("The spectrum of g")
    derivation.given(
        r"\mu(\lambda)", r"\lambda (\lambda + \beta)", "the eigenvalue of g = F^2 + beta F on an eigenvector of F"
    )
    derivation.positive(
        r"\mu(L) - \mu(l)", _eigenvalue(LARGEST) - _eigenvalue(LEAST),
        "for L = l + h: it grows with lambda, so that cond(g) = mu(L)/mu(l) and rho(g) = mu(L)", BEYOND,
    )  # fmt: skip
    return derivation


def _eigenvalue(value: sp.Expr) -> sp.Expr:
    return value * (value + WEIGHT)


def _condition() -> sp.Expr:
    return _eigenvalue(LARGEST) / _eigenvalue(LEAST)


def _time() -> sp.Expr:
    return _condition() * _eigenvalue(LARGEST)
