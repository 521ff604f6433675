r"""Penalties at their reference: the squared Fisher-Rao distance and the Kullback-Leibler divergence to second order.

Source: Amari & Nagaoka 2000, sections 2.2 and 3.2; do Carmo 1992, Riemannian Geometry, chapter 3, for geodesics.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.families.gaussian import family as gaussian
from derivations.gaussian import METRIC, cosh_of_distance

_U = sp.symbols("u_1:3", real=True)
_AT_REFERENCE = dict.fromkeys(_U, 0)


def squared_distance(bend: sp.Expr = sp.Rational(1, 2), factor: sp.Expr = sp.Integer(2)) -> Derivation:
    r"""``d_a d_b d^2 = 2 g_ab`` at the reference, on every Riemannian manifold, here with two coordinates.

    Args:
        bend: the claimed factor of ``Gamma(u, u)`` in the logarithm.
        factor: the claimed factor of g.
    """
    first, second = sp.symbols("g_11 g_22", positive=True)
    metric = sp.Matrix([[first, sp.Symbol("g_12", real=True)], [sp.Symbol("g_12", real=True), second]])
    christoffel = [_symmetric(f"Gamma^{i}_") for i in (1, 2)]
    v, u = sp.Matrix(sp.symbols("v_1:3", real=True)), sp.Matrix(_U)
    derivation = Derivation("The square of a distance")
    derivation.given(
        r"\exp(v)^i - x^i", r"v^i - \tfrac12 \Gamma^i_{jk} v^j v^k + O(|v|^3)", "the geodesic equation, from the reference x"
    )  # fmt: skip
    log = u + sp.Matrix([bend * (u.T * gamma * u)[0] for gamma in christoffel])
    back = [
        log[i] - (v.T * gamma * v)[0].subs(dict(zip(v, log, strict=True))) / 2 for i, gamma in enumerate(christoffel)
    ]
    derivation.equal(
        r"\left(\partial_a, \partial_a \partial_b\right) \left(\exp(\log u) - x - u\right)", sp.Integer(0),
        "at u = 0, with log(u) = u + Gamma(u, u)/2 + ...: its inverse to second order",
        value=[d.subs(_AT_REFERENCE) for b, c in zip(back, u, strict=True) for d in _derivatives(b - c)],
    )  # fmt: skip
    square = (log.T * metric * log)[0]
    derivation.given(r"d^2", r"g_{ij} \log(u)^i \log(u)^j", "the length of a shortest geodesic is that of its velocity")
    derivation.equal(r"\partial_a d^2", [sp.Integer(0)] * 2, "at the reference",
                     value=[sp.diff(square, c).subs(_AT_REFERENCE) for c in u])  # fmt: skip
    derivation.equal(r"\partial_a \partial_b d^2", factor * metric, "at the reference; third orders of log(u) do not enter",
                     value=sp.hessian(square, list(u)).subs(_AT_REFERENCE))  # fmt: skip
    return derivation


def divergences(forward: sp.Expr = sp.Integer(1), third: sp.Expr = sp.Integer(2)) -> Derivation:
    """The divergence of an exponential family in either direction, in natural parameters, here two of them.

    Args:
        forward: the claimed factor of g in the divergence to the reference.
        third: the claimed factor of T in its third derivatives.
    """
    u = sp.Matrix(_U)
    metric, means = _symmetric("g_"), sp.Matrix(sp.symbols("m_1:3", real=True))
    cubic = {key: sp.Symbol(f"T_{key}", real=True) for key in ("111", "112", "122", "222")}
    tensor = cubic["111"] * u[0] ** 3 + 3 * cubic["112"] * u[0] ** 2 * u[1]
    tensor += 3 * cubic["122"] * u[0] * u[1] ** 2 + cubic["222"] * u[1] ** 3
    rise = (means.T * u)[0] + (u.T * metric * u)[0] / 2 + tensor / 6
    derivation = Derivation("Divergences to second order")
    derivation.given(
        r"\psi(\eta_0 + u) - \psi(\eta_0)", rise, "to third order: m, g and T are its derivatives at the reference"
    )
    slope = sp.Matrix([sp.diff(rise, c) for c in u])
    there = (u.T * slope)[0] - rise
    back = rise - (u.T * means)[0]
    for name, divergence in ((r"\mathrm{KL}(\eta \,\|\, \eta_0)", there), (r"\mathrm{KL}(\eta_0 \,\|\, \eta)", back)):
        derivation.equal(rf"\partial_a {name}", [sp.Integer(0)] * 2, "at the reference",
                         value=[sp.diff(divergence, c).subs(_AT_REFERENCE) for c in u])  # fmt: skip
        factor = forward if divergence is there else sp.Integer(1)
        derivation.equal(rf"\partial_a \partial_b {name}", factor * metric, "at the reference",
                         value=sp.hessian(divergence, list(u)).subs(_AT_REFERENCE))  # fmt: skip
        count = third if divergence is there else sp.Integer(1)
        derivation.equal(rf"\partial_1^3 {name}", count * cubic["111"], "where the directions part",
                         value=sp.diff(divergence, u[0], 3).subs(_AT_REFERENCE))  # fmt: skip
    return derivation


def squared_angle(slope: sp.Expr = sp.Integer(2)) -> Derivation:
    """``F(x) = arccosh(1 + x)^2`` as an analytic function, and what it makes of Gaussian and categorical laws.

    Args:
        slope: the claimed F'(0).
    """
    y, x = sp.symbols("y x", positive=True)
    k = sp.Symbol("k", positive=True, integer=True)
    derivation = Derivation("The square of an angle is analytic")
    derivation.given("x", sp.cosh(y) - 1, "with F = y^2; for negative x, y is imaginary")
    first = sp.diff(y**2, y) / sp.sinh(y)
    second = sp.diff(first, y) / sp.sinh(y)
    derivation.equal("x (2 + x) F'' + (1 + x) F'", sp.Integer(2), "derivatives by x are those by y over sinh y",
                     value=(sp.cosh(y) ** 2 - 1) * second + sp.cosh(y) * first)  # fmt: skip
    g = [sp.Symbol(f"F^{{(k+{i})}}", real=True) for i in range(4)]
    line = x * (2 + x) * g[2] + (2 * k + 1) * (1 + x) * g[1] + k**2 * g[0]
    differentiated = sp.diff(line, x) + sum(sp.diff(line, g[i]) * g[i + 1] for i in range(3))
    derivation.equal(
        r"x (2 + x) F^{(k+3)} + (2k + 3)(1 + x) F^{(k+2)} + (k + 1)^2 F^{(k+1)}", sp.Integer(0),
        "the k-th derivative of that line, differentiated once more; it begins with k = 0, where 2 is gone",
        value=x * (2 + x) * g[3] + (2 * k + 3) * (1 + x) * g[2] + (k + 1) ** 2 * g[1] - differentiated,
    )  # fmt: skip
    derivation.equal("F'(0)", slope, "at x = 0, where a solution that is analytic has no other choice",
                     value=sp.limit(first, y, 0))  # fmt: skip
    at = [slope]
    for n in (1, 2):
        at.append(-sp.Rational(n * n, 2 * n + 1) * at[-1])
    series = sum(value * x ** (n + 1) / sp.factorial(n + 1) for n, value in enumerate(at))
    derivation.equal(
        "F(x)", 2 * x - x**2 / 3 + sp.Rational(4, 45) * x**3, "to third order, by those lines at x = 0", value=series
    )
    mu, sigma = gaussian.coordinates
    same = dict(zip(gaussian.others, (mu, sigma), strict=True))
    derivation.equal(
        r"\partial_a \partial_b\, 2 F(x)", 2 * METRIC, "at the reference; d^2 of normal laws, with x = cosh(d / sqrt 2) - 1",
        value=2 * slope * sp.hessian(cosh_of_distance() - 1, (mu, sigma)).subs(same),
    )  # fmt: skip
    p, q = sp.symbols("p_1:4", positive=True), sp.symbols("q_1:4", positive=True)
    hellinger = 1 - sum(sp.sqrt(a * b) for a, b in zip(p, q, strict=True))
    gap = sp.hessian(hellinger, p).subs(dict(zip(q, p, strict=True)))
    free = sp.Matrix([[1, 0], [0, 1], [-1, -1]])
    derivation.equal(
        r"\partial_a \partial_b\, (-4 F(-x))", 2 * (sp.diag(1 / p[0], 1 / p[1]) + sp.ones(2) / p[2]),
        "at the reference; d^2 of laws of three outcomes, with x = 1 - sum sqrt(p q) and a total that stays 1",
        value=4 * slope * free.T * gap * free,
    )  # fmt: skip
    return derivation


def _symmetric(name: str) -> sp.Matrix:
    entry = {pair: sp.Symbol(f"{name}{pair[0]}{pair[1]}", real=True) for pair in ((1, 1), (1, 2), (2, 2))}
    return sp.Matrix(2, 2, lambda i, j: entry[min(i, j) + 1, max(i, j) + 1])


def _derivatives(expression: sp.Expr) -> list[sp.Expr]:
    first = [sp.diff(expression, c) for c in _U]
    return first + [sp.diff(one, c) for one in first for c in _U]
