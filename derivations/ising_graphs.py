r"""The scalar curvature of spin models on small graphs, one coupling for each bond, exactly; it has every sign.

``R = (|T|^2 - |tr T|^2)/4`` with covariances g and third cumulants T of the statistics phi of the bonds: ``phi = s s'`` of the
Ising model, ``phi = delta(s, s')`` of the Potts model with q states.

Source: Zhuravlev 2026 (arXiv 2603.07651) for the curvature and its sign.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import sympy as sp

from derivations.derivation import Derivation

Edges = Sequence[tuple[int, int]]
# A star, a chain and a fork.
TREES: tuple[Edges, ...] = (
    ((0, 1), (0, 2), (0, 3)),
    ((0, 1), (1, 2), (2, 3), (3, 4)),
    ((0, 1), (1, 2), (1, 3), (3, 4)),
)
# What a triangle of bonds adds to R without couplings, times q - 1.
TRIANGLE = Fraction(3, 2)
_T = sp.Symbol("t", positive=True)


def triangle(curvature: sp.Expr = sp.Rational(3, 2), last: int = 1) -> Derivation:
    """Three spins, each joined to each: R = 3/2 at all couplings.

    Args:
        curvature: the claimed R.
        last: the product of all three statistics in every state; -1 is impossible.
    """
    derivation = Derivation("Three spins, each joined to each")
    outcomes = sp.Matrix([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    derivation.equal(
        r"\phi_{12} \phi_{23} \phi_{13}", sp.Integer(last), "in all four outcomes; two states of the spins lead to each",
        value=[sp.prod(outcomes.row(i)) for i in range(4)],
    )  # fmt: skip
    free = sp.symbols("p1:4", positive=True)
    p = [*free, 1 - sum(free)]
    mean = sp.Matrix([sum(p[s] * outcomes[s, a] for s in range(4)) for a in range(3)])
    centred = outcomes - sp.ones(4, 1) * mean.T
    solved = outcomes.T * sp.diag(*(1 / q for q in p)) / 4
    derivation.given("p_4", p[3], "probabilities of the outcomes, whatever the couplings are")
    derivation.equal(
        r"g_{ab}\, \tfrac14 \phi_b(s) / p_s - (\phi_a(s) - m_a)", sp.Integer(0), "so that no inverse of g is needed",
        value=centred.T * sp.diag(*p) * centred * solved - centred.T,
    )  # fmt: skip
    simple = sp.diag(*(1 / q for q in p)) - sp.ones(4)
    derivation.equal(
        r"K_{sr} := (\phi(s) - m) \cdot g^{-1} (\phi(r) - m)",
        simple,
        "the kernel of all four outcomes",
        value=centred * solved,
    )
    derivation.given(r"(|T|^2, |\operatorname{tr} T|^2)", r"\sum_{sr} p_s p_r \left(K_{sr}^3, K_{ss} K_{sr} K_{rr}\right)",
                     "third cumulants are means of three centred statistics")  # fmt: skip
    pairs = list(itertools.product(range(4), repeat=2))
    square = sum(p[s] * p[r] * simple[s, r] ** 3 for s, r in pairs)
    trace = sum(p[s] * p[r] * simple[s, s] * simple[s, r] * simple[r, r] for s, r in pairs)
    derivation.equal(
        r"R", curvature, "at all couplings: a sphere of radius 2 in three dimensions", value=(square - trace) / 4
    )
    return derivation


def plane_of_a_triangle(curvature: sp.Expr = sp.Rational(1, 4), product: sp.Expr = sp.Integer(1)) -> Derivation:
    """Two bonds of a triangle in any graph, at any couplings: the plane of their couplings has sectional curvature 1/4.

    Args:
        curvature: the claimed sectional curvature.
        product: the claimed product of the three statistics.
    """
    a, b, c = sp.symbols("m_a m_b m_c", real=True)
    derivation = Derivation("A plane of positive curvature")
    derivation.given(
        r"\phi_a \phi_b",
        r"\phi_c",
        "Ising model: bonds a, b, c of a triangle, with means m; of other bonds nothing is used",
    )
    covariance = {"aa": 1 - a**2, "bb": 1 - b**2, "cc": 1 - c**2, "ab": product * c - a * b, "ac": product * b - a * c,
                  "bc": product * a - b * c}  # fmt: skip
    derivation.given(
        r"4 R_{abab}",
        r"T_{abm} g^{mn} T_{abn} - T_{aam} g^{mn} T_{bbn}",
        "from the Riemann tensor of an exponential family",
    )
    derivation.stated(
        r"(\phi_a - m_a)(\phi_b - m_b) = \phi_c - m_a \phi_b - m_b \phi_a + m_a m_b,"
        r"\; (\phi_a - m_a)^2 = -2 m_a \phi_a + 1 + m_a^2",
        "sums of statistics and numbers, so that contractions with the inverse metric are their covariances",
    )
    first = covariance["cc"] + a**2 * covariance["bb"] + b**2 * covariance["aa"]
    first += 2 * (a * b * covariance["ab"] - a * covariance["bc"] - b * covariance["ac"])
    second = 4 * a * b * covariance["ab"]
    area = covariance["aa"] * covariance["bb"] - covariance["ab"] ** 2
    derivation.equal(
        r"R_{abab} / (g_{aa} g_{bb} - g_{ab}^2)", curvature, "whatever the means are", value=(first - second) / 4 / area
    )
    return derivation


def trees(graphs: Sequence[Edges] = TREES) -> Derivation:
    """On a tree bonds are independent, so R = 0, of Ising and Potts models at all couplings.

    Args:
        graphs: claimed to be products; a graph with a loop is none.
    """
    derivation = Derivation("Trees are flat")
    x = sp.Symbol("x", positive=True)
    derivation.equal(
        r"\sum_{s'} x^{s s'}", x + 1 / x, "a spin with one bond, of weight x = exp(J): the same for s = 1 and s = -1",
        value=[x**s + x**-s for s in (1, -1)],
    )  # fmt: skip
    derivation.stated(
        r"Z = 2 \prod_b (x_b + 1/x_b)", "such a spin after the other; a tree has one, and so has what is left"
    )
    for edges in graphs:
        weights = sp.symbols(f"x1:{len(edges) + 1}", positive=True)
        number = 1 + max(map(max, edges))
        total = sum(
            sp.prod([w ** (s[i] * s[j]) for w, (i, j) in zip(weights, edges, strict=True)])
            for s in itertools.product((1, -1), repeat=number)
        )
        shown = ", ".join(f"{i + 1}{j + 1}" for i, j in edges)
        derivation.equal(
            "Z", 2 * sp.prod([w + 1 / w for w in weights]), f"all states of the tree with bonds {shown}", value=total
        )
    f = [sp.Function("f")(x).diff(x, k) for k in (2, 3)]
    derivation.stated(
        r"Z = q \prod_b (x_b + q - 1)",
        "of the Potts model, likewise: one state of the last spin weighs x, and q - 1 weigh 1",
    )
    derivation.equal(
        r"T_{bbb}^2 / g_{bb}^3 - (T_{bbb} / g_{bb})^2 / g_{bb}", sp.Integer(0),
        "what each bond adds to 4 R: metric and third cumulants of a sum of functions of one coupling each are diagonal",
        value=f[1] ** 2 / f[0] ** 3 - (f[1] / f[0]) ** 2 / f[0],
    )  # fmt: skip
    return derivation


def ring_of_four(low: sp.Expr = sp.Integer(6), middle: sp.Expr = sp.Integer(8)) -> Derivation:
    """Four spins in a ring, equal couplings: R > 0 at weak couplings, R < 0 at strong ones, with no triangle of bonds.

    Args:
        low: the claimed coefficient of ``t^2`` at weak couplings, ``t = tanh J``.
        middle: the claimed coefficient in the factor that changes its sign.
    """
    t, n = _T, 4
    derivation = Derivation("A square")
    states = list(itertools.product((1, -1), repeat=n))
    bonds = [[s[i] * s[(i + 1) % n] for i in range(n)] for s in states]
    weights = [sp.prod([1 + t * b for b in one]) for one in bonds]
    moments = [
        sp.cancel(sum(w * sp.prod(one[:k]) for w, one in zip(weights, bonds, strict=True)) / sum(weights)) for k in range(4)
    ]  # fmt: skip
    derivation.equal(
        r"E[\phi_1 \cdots \phi_k]", [(t**k + t ** (n - k)) / (1 + t**n) for k in (1, 2, 3)],
        "k = 1, 2, 3 different bonds of the ring, with weights 1 + t phi and t = tanh J", value=moments[1:],
    )  # fmt: skip
    m, two, three = moments[1:]
    variance, covariance = 1 - m**2, two - m**2
    thrice, twice = 2 * m**3 - 2 * m, 2 * m**3 - 2 * m * two
    different = three - 3 * m * two + 2 * m**3
    derivation.given(r"(T_{aaa}, T_{aab}, T_{abc})", sp.Matrix([[thrice, twice, different]]), "phi squared is 1")
    alpha = 1 / (variance - covariance)
    beta = -covariance * alpha / (variance + (n - 1) * covariance)
    derivation.equal(
        r"g (\alpha 1 + \beta e e^T)", [sp.Integer(1), sp.Integer(0)], "the inverse of g: entries on the diagonal and off it",
        value=[variance * (alpha + beta) + (n - 1) * covariance * beta,
               variance * beta + covariance * (alpha + beta) + (n - 2) * covariance * beta],
    )  # fmt: skip
    # Sums over one and two indices, and over all three.
    diagonal, beside = thrice + (n - 1) * twice, 2 * twice + (n - 2) * different
    single = diagonal + (n - 1) * beside
    squares = n * thrice**2 + 3 * n * (n - 1) * twice**2 + n * (n - 1) * (n - 2) * different**2
    once = n * diagonal**2 + n * (n - 1) * beside**2
    square = (
        alpha**3 * squares
        + 3 * alpha**2 * beta * once
        + 3 * alpha * beta**2 * n * single**2
        + beta**3 * (n * single) ** 2
    )
    trace = alpha * diagonal + beta * single
    curvature = (square - trace**2 * n * (alpha + n * beta)) / 4
    factor = t**4 - middle * t**2 + 1
    closed = low * t**2 * (1 + t**2) ** 2 * factor / ((1 - t**2) ** 2 * (t**4 + 4 * t**2 + 1) ** 2)
    derivation.equal(r"R", closed, "contracted", value=curvature)
    root = 4 - sp.sqrt(15)
    derivation.equal(
        r"t^4 - 8 t^2 + 1", (t**2 - root) * (t**2 - 1 / root), "the only factor that changes its sign, at J = 0.3728",
        value=factor,
    )  # fmt: skip
    return derivation


def without_couplings(each: Fraction = TRIANGLE, states: Sequence[int] = (2, 3, 4)) -> Derivation:
    """At vanishing couplings every triangle of bonds adds 3/2 over q - 1 to R, and nothing else does.

    Args:
        each: what a triangle is claimed to add, times q - 1.
        states: of a spin.
    """
    derivation = Derivation("Graphs without couplings")
    derivation.given(
        r"\phi_b", r"q\,\delta(s_i, s_j) - 1", "for q = 2 the product of the spins; scales of couplings do not matter"
    )
    derivation.stated(r"g = (q - 1)\, 1", "two bonds are independent, for all spins are")
    derivation.stated(
        r"T_{aab} = 0,\; T_{abc} = 0",
        "for different bonds that are no triangle, where one is independent of the others; the parts of T_aaa cancel in R",
    )
    for q in states:
        for name, number, edges in _graphs(q):
            metric, third = _uniform_cumulants(number, edges, q)
            is_unit = bool(np.array_equal(metric, (q - 1) * q**number * np.eye(len(edges), dtype=np.int64)))
            trace = np.einsum("aac->c", third)
            scale = 4 * (q - 1) ** 3 * q ** (2 * number)
            found = Fraction(int(np.sum(third**2) - np.sum(trace**2)), scale)
            triangles = sum({frozenset(e) for e in itertools.combinations(three, 2)} <= {frozenset(e) for e in edges}
                            for three in itertools.combinations(range(number), 3))  # fmt: skip
            expected = each * triangles / (q - 1)
            derivation.holds(
                f"R = {sp.latex(sp.Rational(expected.numerator, expected.denominator))}", is_unit and found == expected,
                f"{name}, q = {q}: {triangles} triangles", "sums over all states in whole numbers",
            )  # fmt: skip
    return derivation


def _graphs(states: int) -> list[tuple[str, int, Edges]]:
    """Names, numbers of spins and bonds."""
    ring = [(i, (i + 1) % 4) for i in range(4)]
    complete = [(f"complete graph of {n}", n, list(itertools.combinations(range(n), 2))) for n in (3, 4, 5)]
    across = [(3 * i + j, 3 * ((i + 1) % 3) + j) for i in range(3) for j in range(3)]
    along = [(3 * i + j, 3 * i + (j + 1) % 3) for i in range(3) for j in range(3)]
    torus = [("torus of 3 x 3", 9, across + along)] if states == 2 else []
    return [("ring of 4", 4, ring), *complete, *torus]


def _uniform_cumulants(number: int, edges: Edges, states: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums over all states of products of two and of three statistics, which have mean 0."""
    spins = np.array(list(itertools.product(range(states), repeat=number)))
    first, second = np.array(edges).T
    values = states * (spins[:, first] == spins[:, second]).astype(np.int64) - 1
    pairs = np.einsum("sa,sb->sab", values, values).reshape(len(spins), -1)
    return values.T @ values, (pairs.T @ values).reshape((len(edges),) * 3)
