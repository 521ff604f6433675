r"""Chentsov's theorem: Markov invariance leaves one metric on the open simplices, up to a factor.

The steps are: permutations pin the metric at the centre, equal splitting pins its scale, unequal splitting pins it at
rational points, continuity everywhere. That reparametrisation alone pins nothing is shown by ``F + dH (x) dH``.

Source: Chentsov 1982, theorem 11.1; Amari & Nagaoka 2000, section 2.2. The counterexample is about caraffa-2026.
"""

from collections.abc import Callable

import sympy as sp

from derivations import markov
from derivations.derivation import Derivation

LARGEST = 5


def symmetric_forms(largest: int = LARGEST, dimension: int = 1) -> Derivation:
    """At the centre, invariance under permutations leaves one number: ``a_n sum u_i^2`` on tangent vectors.

    Args:
        largest: number of outcomes up to which the linear equations are solved; beyond, the argument in words.
        dimension: how many independent invariant forms are claimed on tangent vectors.
    """
    derivation = Derivation("Metrics at the centre of the simplex")
    derivation.stated(
        r"B(u, v) \mapsto B(Pu, Pv),\quad P = 1 - J/n",
        "permutations are congruent embeddings, so the form at the centre is invariant under them; this extends it from "
        "tangent vectors to all vectors, as P commutes with permutations (J is the matrix of ones)",
    )
    derivation.stated(
        r"B_{ij} = a\,\delta_{ij} + b",
        "transpositions carry every diagonal entry to every other, and every pair i != j to every other pair",
    )
    for n in range(2, largest + 1):
        forms = _invariant_forms(n)
        derivation.holds(
            rf"\dim \{{B : P_\pi^{{T}} B P_\pi = B\}} = 2,\quad n = {n}",
            len(forms) == 2 and _spans(forms, [sp.eye(n), sp.ones(n, n)]),
            "spanned by the unit matrix and the matrix of ones",
            "exact null space of the linear equations",
        )
        tangent = sp.Matrix(n, n - 1, lambda i, j: (i == j) - (i == j + 1))
        restricted = sp.Matrix([list(tangent.T * form * tangent) for form in forms])
        derivation.holds(
            rf"\dim \{{B|_{{\sum u = 0}}\}} = {dimension},\quad n = {n}",
            restricted.rank() == dimension,
            "the matrix of ones vanishes on tangent vectors",
            "exact rank",
        )
    return derivation


def uniqueness(exponent: sp.Expr = sp.Integer(1), scale: Callable[[sp.Expr], sp.Expr] | None = None) -> Derivation:
    """From the centre to every rational point: ``g_p(u, u) = c sum u_i^2 / p_i``.

    Args:
        exponent: s of the claimed ``c sum u_i^2 p_i^(-s)``.
        scale: the claimed a_n as a function of n, ``c n`` if not given.
    """
    c, N = sp.symbols("c N", positive=True)
    n, m = sp.symbols("n m", positive=True, integer=True)
    k, u = sp.symbols("k1:4", positive=True, integer=True), sp.symbols("u1:4", real=True)
    scale = (lambda number: c * number) if scale is None else scale
    derivation = Derivation("Chentsov's theorem")
    derivation.include(symmetric_forms())
    a_n, a_m, square, a_nm = sp.Symbol("a_n"), sp.Symbol("a_m"), sp.Symbol("S"), sp.Symbol("a_nm")
    derivation.equal(
        r"a_{nm} \textstyle\sum_i m \left(\frac{u_i}{m}\right)^2", a_nm * square / m,
        "each of n equal outcomes split into m equal ones; S is the sum of squares", value=a_nm * m * square / m**2,
    )  # fmt: skip
    derivation.stated(r"a_{nm} = m\, a_n", "invariance: the same number is a_n S, and S is not 0")
    solved = sp.solve([a_nm - m * a_n, a_nm - n * a_m], [a_nm, a_n], dict=True)
    derivation.equal(
        r"\frac{a_n}{n}", a_m / m, "the same with n and m exchanged: the quotient is one constant c",
        value=solved[0][a_n] / n,
    )  # fmt: skip
    derivation.equal("a_n", scale(n), "its value", value=c * n)
    derivation.equal(r"a_{nm}", m * scale(n), "and indeed it solves the equation", value=scale(n * m))
    derivation.given(r"p", sp.Matrix([[part / N for part in k]]), "a rational point: N is the sum of the k_i")
    derivation.stated(
        r"u_i \mapsto \left(\tfrac{u_i}{k_i}, \dots, \tfrac{u_i}{k_i}\right)",
        "split outcome i into k_i equal ones: p goes to the centre of the simplex with N outcomes",
    )
    derivation.equal(
        r"a_N\, k_i \left(\frac{u_i}{k_i}\right)^2",
        [c * v**2 / (part / N) ** exponent for part, v in zip(k, u, strict=True)],
        "the contribution of each outcome, as a function of p_i = k_i/N: invariance pins g_p at every rational point",
        value=[scale(N) * part * (v / part) ** 2 for part, v in zip(k, u, strict=True)],
    )
    derivation.stated(
        r"g_p(u, u) = c \sum_i \frac{u_i^2}{p_i}",
        "rational points are dense in the open simplex and the metric is continuous; c > 0 as it is positive definite",
    )
    derivation.include(markov.splitting())
    return derivation


def monotonicity_implies_invariance(left_inverse: bool = True) -> Derivation:
    """A congruent embedding and the statistic that undoes it are both Markov maps, so monotone metrics are invariant.

    Args:
        left_inverse: whether merging the pieces is claimed to undo the embedding.
    """
    k, p = sp.symbols("k1:3", positive=True), sp.symbols("p1:3", positive=True)
    embedding = sp.Matrix([[k[0], 1 - k[0], 0, 0], [0, 0, k[1], 1 - k[1]]])
    statistic = sp.Matrix([[1, 0], [1, 0], [0, 1], [0, 1]])
    derivation = Derivation("Monotone metrics are invariant under congruent embeddings")
    derivation.equal(r"\text{row sums}", sp.Integer(1), "the embedding E and the statistic S are Markov maps",
                     value=[sum(row) for matrix in (embedding, statistic) for row in matrix.tolist()])  # fmt: skip
    derivation.equal("E S", sp.eye(2) if left_inverse else sp.ones(2, 2) / 2, "merging the pieces undoes the split",
                     value=embedding * statistic)  # fmt: skip
    derivation.equal("p E S", sp.Matrix([p]), "so the way there and back is the identity",
                     value=sp.Matrix([p]) * embedding * statistic)  # fmt: skip
    derivation.stated(
        r"g_p(u, u) \ge g_{pE}(uE, uE) \ge g_{pES}(uES, uES) = g_p(u, u)",
        "monotonicity twice: both inequalities are equalities, and Chentsov's theorem applies",
    )
    return derivation


def entropy_metric(extra: sp.Expr | None = None, moved: sp.Expr | None = None) -> Derivation:
    """``F + dH (x) dH`` is covariant and positive definite, is no multiple of F, and grows under a Markov map.

    Args:
        extra: what is added to the Bernoulli metric in q in place of ``H'(q)^2``.
        moved: the value claimed at q = 1/4 after the second outcome is split in halves.
    """
    q = sp.Symbol("q", positive=True)
    quarter, half = {q: sp.Rational(1, 4)}, {q: sp.Rational(1, 2)}
    fisher, slope = 1 / (q * (1 - q)), sp.log(1 - q) - sp.log(q)
    extra = slope**2 if extra is None else extra
    derivation = Derivation("A covariant metric that is not the Fisher metric")
    F, J = sp.Matrix(2, 2, sp.symbols("F11 F12 F12 F22")), sp.Matrix(2, 2, sp.symbols("J11 J12 J21 J22"))
    h = sp.Matrix(sp.symbols("h1 h2"))
    derivation.stated(r"dH' = J^{T} dH", "the entropy H is a function on the family, so dH is a covector (chain rule)")
    derivation.equal(
        r"F' + dH' \otimes dH' - J^{T} (F + dH \otimes dH) J", sp.Integer(0), "the sum is covariant, here in dimension 2",
        value=J.T * F * J + (J.T * h) * (J.T * h).T - J.T * (F + h * h.T) * J,
    )  # fmt: skip
    derivation.stated(r"F + dH \otimes dH > 0", "a positive definite form plus a square")
    entropy = -q * sp.log(q) - (1 - q) * sp.log(1 - q)
    derivation.equal("H'(q)", slope, "the entropy of a Bernoulli law", value=sp.diff(entropy, q))
    derivation.equal(r"F(\tfrac14)", sp.Rational(16, 3), "F = 1/(q (1 - q))", value=fisher.subs(quarter))
    derivation.equal(r"F(\tfrac14) + H'(\tfrac14)^2", entropy_value(), "the other metric at the same point",
                     value=(fisher + extra).subs(quarter))  # fmt: skip
    derivation.equal(r"F(\tfrac12) + H'(\tfrac12)^2", sp.Integer(4), "at q = 1/2 they agree: F is 4 and H' is 0",
                     value=(fisher + extra).subs(half))  # fmt: skip
    derivation.differs(r"1 + H'(\tfrac14)^2 / F(\tfrac14)", sp.Integer(1), "so the other metric is no multiple of F",
                       value=1 + (extra / fisher).subs(quarter))  # fmt: skip
    parts = [q, (1 - q) / 2, (1 - q) / 2]
    split = -sum(part * sp.log(part) for part in parts)
    derivation.equal(
        r"F + \left(\frac{dH}{dq}\right)^2 \text{ of } \left(q, \tfrac{1-q}{2}, \tfrac{1-q}{2}\right)",
        split_entropy_value() if moved is None else moved,
        "at q = 1/4, after the second outcome is split in halves, a congruent embedding",
        value=(sum(sp.diff(part, q) ** 2 / part for part in parts) + sp.diff(split, q) ** 2).subs(quarter),
    )
    derivation.equal(
        entropy_value() - split_entropy_value(), sp.log(2) * sp.log(sp.Rational(9, 2)),
        "positive: merging the halves again, a Markov map, makes the metric larger",
    )  # fmt: skip
    return derivation


def entropy_value() -> sp.Expr:
    """``16/3 + (ln 3)^2``: ``F + H'^2`` of the Bernoulli law with q = 1/4."""
    return sp.Rational(16, 3) + sp.log(3) ** 2


def split_entropy_value() -> sp.Expr:
    """``16/3 + (ln 3 - ln 2)^2``: the same after the second outcome is split in halves."""
    return sp.Rational(16, 3) + (sp.log(3) - sp.log(2)) ** 2


def _invariant_forms(n: int) -> list[sp.Matrix]:
    """A basis of the symmetric n x n matrices that are invariant under all permutations of the coordinates."""
    entries = {(i, j): sp.Symbol(f"B_{i}_{j}") for i in range(n) for j in range(i, n)}
    form = sp.Matrix(n, n, lambda i, j: entries[min(i, j), max(i, j)])
    equations = []
    for i in range(n - 1):
        exchange = sp.eye(n)
        exchange.row_swap(i, i + 1)
        equations += list(exchange.T * form * exchange - form)
    unknowns = list(entries.values())
    system, _ = sp.linear_eq_to_matrix(equations, unknowns)
    return [form.subs(dict(zip(unknowns, vector, strict=True))) for vector in system.nullspace()]


def _spans(forms: list[sp.Matrix], others: list[sp.Matrix]) -> bool:
    rows = [list(form) for form in (*forms, *others)]
    return sp.Matrix(rows).rank() == len(forms) == sp.Matrix(rows[len(forms) :]).rank()
