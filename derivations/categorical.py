r"""The categorical family is a part of a sphere of radius 2: its metric, third cumulants, curvature and distance.

The laws p of n outcomes go to the points ``2 sqrt(p)`` of the positive orthant, whose squared length is 4. Coordinates are all
probabilities but the last.

Source: Amari & Nagaoka 2000, section 2.5.
"""

import itertools
from collections.abc import Callable

import sympy as sp

from derivations.derivation import Derivation

CURVATURE = sp.Rational(1, 4)


def affinity(p: sp.Expr, q: sp.Expr) -> sp.Expr:
    """The term of one outcome in the cosine of the angle."""
    return sp.sqrt(p) * sp.sqrt(q)


def laws(outcomes: int, name: str = "p") -> tuple[tuple[sp.Symbol, ...], list[sp.Expr]]:
    """The coordinates of a law and all its probabilities."""
    coordinates = sp.symbols(f"{name}1:{outcomes}", positive=True)
    return coordinates, [*coordinates, 1 - sum(coordinates)]


def sphere(outcomes: int, radius: sp.Expr = sp.Integer(2)) -> Derivation:
    """``2 sqrt(p)`` lies on a sphere of radius 2 and has the Fisher metric as its metric.

    Args:
        outcomes: the number n.
        radius: what is claimed for the factor of ``sqrt(p)``.
    """
    p, law = laws(outcomes)
    derivation = Derivation(f"The laws of {outcomes} outcomes as points of a sphere")
    derivation.given("p_n", law[-1], "probabilities add up to 1")
    metric = _metric(p, law)
    derivation.equal(r"E[u_i u_j]", metric, "Fisher metric: the sum over outcomes", value=_score_moment(p, law, 2))
    image = [radius * sp.sqrt(x) for x in law]
    derivation.given("z_i", rf"{sp.latex(radius)} \sqrt{{p_i}}", "the map into the sphere")
    derivation.equal("|z|^2", radius**2, "the squared length", value=sum(z**2 for z in image))
    jacobian = sp.Matrix(image).jacobian(p)
    derivation.equal(
        r"J^\top J", metric, "the metric of the surrounding space, pulled back", value=jacobian.T * jacobian
    )
    return derivation


def curvature(outcomes: int, sectional: sp.Expr = CURVATURE) -> Derivation:
    """Every plane has the curvature 1/4, from the third cumulants.

    Args:
        outcomes: the number n, at least 3: there are no planes below.
        sectional: what is claimed for the curvature.
    """
    p, law = laws(outcomes)
    d = len(p)
    derivation = Derivation(f"The curvature of the laws of {outcomes} outcomes")
    derivation.given("p_n", law[-1], "probabilities add up to 1")
    metric, last = _metric(p, law), law[-1]
    derivation.equal(r"E[u_i u_j]", metric, "Fisher metric: the sum over outcomes", value=_score_moment(p, law, 2))
    inverse = sp.Matrix(d, d, lambda i, j: p[i] * sp.KroneckerDelta(i, j) - p[i] * p[j])
    derivation.given("g^{-1}", inverse, "the covariance of the indicators")
    derivation.equal("g g^{-1}", sp.eye(d), "it is the inverse", value=metric * inverse)
    skewness = sp.Array(
        [(p[i] ** -2 if i == j == k else 0) - last**-2 for i, j, k in itertools.product(range(d), repeat=3)], (d, d, d)
    )
    derivation.equal(r"T_{ijk}", skewness, "third moments of the score", value=_score_moment(p, law, 3))
    derivation.given(r"R_{ijkl}", r"\tfrac14 g^{mn} (T_{ilm} T_{jkn} - T_{ikm} T_{jln})",
                     "curvature of an exponential family")  # fmt: skip
    planes = list(itertools.combinations(range(d), 2))
    components = [(i, j, k, m) for (i, j), (k, m) in itertools.product(planes, planes)]
    derivation.equal(
        r"R_{ijkl},\ i < j,\ k < l",
        [sectional * (metric[i, k] * metric[j, m] - metric[i, m] * metric[j, k]) for i, j, k, m in components],
        "constant curvature; the other components follow by antisymmetry",
        value=[_riemann(inverse, skewness, *component) for component in components],
    )  # fmt: skip
    derivation.equal("R", sp.Rational((outcomes - 1) * (outcomes - 2), 4), "K d (d - 1) with d = n - 1",
                     value=sectional * d * (d - 1))  # fmt: skip
    return derivation


def distance(outcomes: int, term: Callable[[sp.Expr, sp.Expr], sp.Expr] = affinity) -> Derivation:
    """``d = 2 arccos sum sqrt(p_i q_i)``: twice the angle, and the Fisher metric for close laws.

    Args:
        outcomes: the number n.
        term: what is claimed for the terms of the cosine, as a function of two probabilities.
    """
    p, first = laws(outcomes)
    q, second = laws(outcomes, "q")
    derivation = Derivation(f"The distance of two laws of {outcomes} outcomes")
    cosine = sum(term(a, b) for a, b in zip(first, second, strict=True))
    derivation.given("c", cosine, "claimed for the cosine of the angle; d = 2 arccos c on the sphere of radius 2")
    there = dict(zip(q, p, strict=True))
    derivation.equal("c(p, p)", sp.Integer(1), "a law has the distance 0 from itself", value=cosine.xreplace(there))
    slope = [sp.diff(cosine, b).xreplace(there) for b in q]
    derivation.equal(r"\partial_{q_i} c", [sp.Integer(0)] * len(q), "nearest where they meet", value=slope)
    bend = sp.hessian(-4 * cosine, q).xreplace(there)
    derivation.equal(
        r"\partial_{q_i} \partial_{q_j} \tfrac12 d^2", _metric(p, first),
        "d^2 = 8 (1 - c) up to fourth order; half its second derivative is the Fisher metric", value=bend,
    )  # fmt: skip
    inner = sum(4 * sp.sqrt(a) * sp.sqrt(b) for a, b in zip(first, second, strict=True)) / 4
    derivation.equal(r"z \cdot z' / 4", cosine, "the cosine of the angle between 2 sqrt(p) and 2 sqrt(q)", value=inner)
    return derivation


def _metric(p: tuple[sp.Symbol, ...], law: list[sp.Expr]) -> sp.Matrix:
    return sp.Matrix(len(p), len(p), lambda i, j: sp.KroneckerDelta(i, j) / p[i] + 1 / law[-1])


def _score_moment(p: tuple[sp.Symbol, ...], law: list[sp.Expr], order: int) -> sp.Array:
    """``E[u_i u_j ...]``, the sum over outcomes."""
    scores = [[sp.diff(sp.log(x), parameter) for parameter in p] for x in law]
    indices = itertools.product(range(len(p)), repeat=order)
    entries = [sum(x * sp.prod([u[i] for i in index]) for x, u in zip(law, scores, strict=True)) for index in indices]
    return sp.Array(entries, (len(p),) * order)


def _riemann(inverse: sp.Matrix, skewness: sp.Array, i: int, j: int, k: int, m: int) -> sp.Expr:
    pairs = itertools.product(range(inverse.shape[0]), repeat=2)
    terms = (
        inverse[a, b] * (skewness[i, m, a] * skewness[j, k, b] - skewness[i, k, a] * skewness[j, m, b])
        for a, b in pairs
    )
    return sum(terms, sp.Integer(0)) / 4
