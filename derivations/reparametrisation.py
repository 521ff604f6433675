r"""Reparametrisation: what metric, Christoffel symbols and curvature do under a change of chart.

A law at one point depends on finitely many derivatives there, so a general function or map is a polynomial whose
coefficients, its jets at the origin, are independent symbols. With ``x = phi(y)``::

    J[a, i] = d_i phi^a        H[a, i, j] = d_i d_j phi^a

Source: Amari & Nagaoka 2000, sections 1.5 to 1.7, 2.2 and 3.2.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import partial

import sympy as sp

from derivations.derivation import Derivation
from derivations.riemannian import Array, RiemannianGeometry


class Jets:
    """A general map and a general metric near one point.

    Args:
        dimension: d.
        map_order: highest order of the derivatives of the map, 1 to 3.
        metric_order: highest order of the derivatives of the metric, 0 to 2.
    """

    def __init__(self, dimension: int, map_order: int = 2, metric_order: int = 1):
        d = dimension
        self.x, self.y = sp.symbols(f"x1:{d + 1}", real=True), sp.symbols(f"y1:{d + 1}", real=True)
        orders = range(1, map_order + 1)
        self.map: list[sp.Expr] = [
            sum(_form(self.y, order, partial(_jet, "JHK"[order - 1], (a,))) for order in orders) for a in range(d)
        ]
        self.metric = sp.Matrix(
            d, d, lambda a, b: sum(
                _form(self.x, order, lambda c: _jet("g", tuple(sorted((a, b))), c))
                for order in range(metric_order + 1))
        )  # fmt: skip
        self.jacobian = sp.Matrix(d, d, lambda a, i: _jet("J", (a,), (i,)))
        self.hessian = _array(d, 3, lambda a, i, j: _jet("H", (a,), (i, j)))

    @property
    def pulled_back(self) -> sp.Matrix:
        """``J(y)^T g(phi(y)) J(y)`` as a function of y."""
        jacobian = sp.Matrix(self.map).jacobian(self.y)
        there = self.metric.subs(dict(zip(self.x, self.map, strict=True)), simultaneous=True)
        return jacobian.T * there * jacobian


def metric_law(linear_term: sp.Expr = sp.Integer(0)) -> Derivation:
    """The second derivatives of a divergence on the diagonal are a tensor, because its first ones vanish there.

    Args:
        linear_term: the first derivative of the divergence on the diagonal, which is 0.
    """
    jets, step = Jets(2), sp.symbols("w1:3", real=True)
    moved = [component.subs(dict(zip(jets.y, step, strict=True)), simultaneous=True) for component in jets.map]
    metric = _origin(jets.metric, jets.x)
    derivation = Derivation("The Fisher metric in another chart, from a divergence")
    derivation.given(
        r"D(x, x + v)", r"\tfrac12 g_{ab} v^a v^b + \tfrac16 c_{abc} v^a v^b v^c + \dots",
        "a divergence vanishes on the diagonal with its first derivatives (Amari & Nagaoka 2000, section 3.2)",
    )  # fmt: skip
    derivation.given(r"v^a", r"J^a_i w^i + \tfrac12 H^a_{ij} w^i w^j + \dots", "a general map near a point")
    quadratic = (sp.Matrix(moved).T * metric * sp.Matrix(moved))[0] / 2
    divergence = linear_term * moved[0] + quadratic + _form(moved, 3, lambda i: _jet("c", (), i))
    derivation.equal(
        r"\left.\frac{\partial^2 D}{\partial w^i \partial w^j}\right|_{w = 0} - J^a_i J^b_j\, g_{ab}",
        sp.Integer(0),
        "H and the third derivatives drop out; what is left is the law of a covariant tensor",
        value=_origin(sp.hessian(divergence, step), step) - jets.jacobian.T * metric * jets.jacobian,
    )
    return derivation


def skewness_law(covector: bool = True) -> Derivation:
    """The score is a covector, hence its second and third moments are covariant tensors.

    Args:
        covector: whether the Jacobian is claimed on every index, or transposed.
    """
    jets = Jets(2)
    score = sp.Matrix([_jet("s", (), (a,)) for a in range(2)])
    log_density = sum(_form(jets.map, order, lambda i: _jet("s", (), i)) for order in range(3))
    derivation = Derivation("Metric and skewness tensor in another chart, from the score")
    derivation.given(r"s_a", r"\partial_a \ln p", "the score in the chart x")
    moved = _origin(sp.Matrix([sp.diff(log_density, y) for y in jets.y]), jets.y)
    derivation.equal(r"s'_i", jets.jacobian.T * score, "the chain rule", value=moved)
    J = jets.jacobian if covector else jets.jacobian.T
    laws = {2: r"s'_i s'_j - J^a_i J^b_j\, s_a s_b", 3: r"s'_i s'_j s'_k - J^a_i J^b_j J^c_k\, s_a s_b s_c"}
    for rank, law in laws.items():
        product = _array(2, rank, lambda *index: sp.prod([score[a] for a in index]))
        squared = _array(2, rank, lambda *index: sp.prod([moved[i] for i in index]))
        derivation.equal(law, sp.Integer(0), "for every outcome; J is not random, so the expectations obey it too",
                         value=squared - _pulled(product, J))  # fmt: skip
    derivation.stated(r"g' = J^{T} g J,\quad T'_{ijk} = J^a_i J^b_j J^c_k\, T_{abc}", "expectation of both lines")
    return derivation


def christoffel_law(inhomogeneous: sp.Expr = sp.Integer(1), transposed: bool = False, dimension: int = 2) -> Derivation:
    """The inhomogeneous law ``J^a_i Gamma'^i_jk = Gamma^a_bc J^b_j J^c_k + H^a_jk``.

    Args:
        inhomogeneous: the factor claimed for H.
        transposed: whether the transposed Jacobian is claimed on the right.
        dimension: d.
    """
    jets, d = Jets(dimension), range(dimension)
    J, metric, H = jets.jacobian, _origin(jets.metric, jets.x), jets.hessian
    derivation = Derivation(f"The Christoffel symbols in another chart, dimension {dimension}")
    derivation.given(r"\Gamma_{ajk}", r"\tfrac12(\partial_j g_{ak} + \partial_k g_{aj} - \partial_a g_{jk})",
                     "the Christoffel symbols with the first index lowered")  # fmt: skip
    derivation.given(r"g'(y)", r"J(y)^{T} g(\varphi(y))\, J(y)", "the metric in the chart y")
    symbols, moved = (_origin(_lowered(g, at), at) for g, at in ((jets.metric, jets.x), (jets.pulled_back, jets.y)))
    claimed = J.T if transposed else J
    vector = _array(
        dimension, 3, lambda a, j, k: sum(symbols[a, b, c] * claimed[b, j] * claimed[c, k] for b in d for c in d)
        + inhomogeneous * sum(metric[a, e] * H[e, j, k] for e in d),
    )  # fmt: skip
    derivation.equal(
        r"\Gamma'_{ijk} - J^a_i \left(\Gamma_{abc} J^b_j J^c_k + g_{ad} H^d_{jk}\right)",
        sp.Integer(0),
        "product and chain rule for a general metric and a general map; the first derivatives of g and H remain",
        value=_array(dimension, 3, lambda i, j, k: moved[i, j, k] - sum(J[a, i] * vector[a, j, k] for a in d)),
    )
    derivation.stated(
        r"J^a_i\, \Gamma'^i_{jk} = \Gamma^a_{bc} J^b_j J^c_k + H^a_{jk}",
        "raise the first line by J g'^-1 = g^-1 (J^T)^-1, which is g' = J^T g J",
    )
    return derivation


def curvature_law(power: int = 2) -> Derivation:
    """The curvature of a surface: ``R'_1212 = (det J)^2 R_1212``, and ``R' = R``.

    Args:
        power: the power claimed for the determinant.
    """
    derivation = Derivation("The curvature in another chart, dimension 2")
    derivation.given(
        r"R_{1212}",
        r"\partial_1 \partial_2 g_{12} - \tfrac12 \partial_1^2 g_{22} - \tfrac12 \partial_2^2 g_{11}"
        r" + g^{pq}(\Gamma_{p12} \Gamma_{q12} - \Gamma_{p11} \Gamma_{q22})",
        "the Riemann tensor with the first index lowered",
    )
    jets, linear = Jets(2, map_order=3, metric_order=2), Jets(2, map_order=1, metric_order=2)
    derivation.stated(r"\varphi = \psi \circ J", "every map is linear, then one with the Jacobian 1 at the origin")
    jets.map = [component.subs(dict(zip(jets.jacobian, sp.eye(2), strict=True))) for component in jets.map]
    cases = (
        (linear, "J", linear.jacobian.det(), "a linear map"),
        (jets, r"\psi", sp.Integer(1), "all second and third derivatives of the map cancel"),
    )
    for case, name, determinant, reason in cases:
        here = _curvature_times_determinant(case.metric, case.x)
        there = _curvature_times_determinant(case.pulled_back, case.y)
        derivation.equal(
            rf"\det g'\, R'_{{1212}} - (\det {name})^{{{power + 2}}}\, \det g\, R_{{1212}}",
            sp.Integer(0),
            f"for a general metric: {reason}",
            value=there - determinant ** (power + 2) * here,
        )
    general = Jets(2, map_order=1, metric_order=2)
    known = _origin(RiemannianGeometry(general.x, _surface(general)).riemann[0, 1, 0, 1], general.x)
    stated = _curvature_times_determinant(_surface(general), general.x) / _origin(_surface(general).det(), general.x)
    derivation.equal(r"R_{1212}", stated, "the same by the definition, on a metric to which every term contributes",
                     value=known)  # fmt: skip
    derivation.stated(r"R' = 2 R'_{1212}/\det g' = 2 R_{1212}/\det g = R", "det g' = (det J)^2 det g")
    return derivation


def _surface(jets: Jets) -> sp.Matrix:
    """A metric with a part for every term of the formula, small enough for the general kernel."""
    a, b = jets.x
    return sp.Matrix([[1 + 2 * b**2 + 3 * b, 5 * a * b], [5 * a * b, 1 + 7 * a + 11 * b]])


def _curvature_times_determinant(metric: sp.Matrix, at: Sequence[sp.Symbol]) -> sp.Expr:
    """``det g R_1212`` at the origin, polynomial in the derivatives of the metric."""
    one, two = at
    # One derivative at a time: SymPy factors the terms of higher ones, which takes longer than everything else here.
    bends = [metric[0, 1].diff(one).diff(two), metric[1, 1].diff(one).diff(one), metric[0, 0].diff(two).diff(two)]
    bend = bends[0] - (bends[1] + bends[2]) / 2
    symbols, here = _origin(_lowered(metric, at), at), _origin(metric, at)
    adjugate = sp.Matrix([[here[1, 1], -here[0, 1]], [-here[0, 1], here[0, 0]]])
    quadratic = sum(
        adjugate[p, q] * (symbols[p, 0, 1] * symbols[q, 0, 1] - symbols[p, 0, 0] * symbols[q, 1, 1])
        for p in range(2) for q in range(2)
    )  # fmt: skip
    return here.det() * _origin(bend, at) + quadratic


def _lowered(metric: sp.Matrix, at: Sequence[sp.Symbol]) -> Array:
    return _array(
        len(at), 3, lambda i, j, k: (sp.diff(metric[i, k], at[j]) + sp.diff(metric[i, j], at[k])
                                     - sp.diff(metric[j, k], at[i])) / 2,
    )  # fmt: skip


def _pulled(tensor: Array, jacobian: sp.Matrix) -> Array:
    """A covariant tensor with the Jacobian applied to every index."""
    d, rank = jacobian.shape[0], tensor.rank()
    indices = list(itertools.product(range(d), repeat=rank))

    def entry(*index: int) -> sp.Expr:
        return sum(tensor[a] * sp.prod([jacobian[p, i] for p, i in zip(a, index, strict=True)]) for a in indices)

    return _array(d, rank, entry)


def _form(at: Sequence[sp.Expr], order: int, jet: Callable[[tuple[int, ...]], sp.Expr]) -> sp.Expr:
    """The homogeneous part of a Taylor series of which ``jet`` gives the derivatives."""
    indices = itertools.product(range(len(at)), repeat=order)
    return sum(jet(i) * sp.prod([at[k] for k in i]) for i in indices) / sp.factorial(order)


def _jet(name: str, own: tuple[int, ...], derivatives: tuple[int, ...]) -> sp.Symbol:
    """A derivative as a symbol; the order of differentiation does not matter."""
    indices = ("".join(str(i + 1) for i in group) for group in (own, sorted(derivatives)))
    return sp.Symbol(f"{name}_{','.join(filter(None, indices))}", real=True)


def _origin(value: sp.Basic, at: Sequence[sp.Symbol]) -> sp.Basic:
    return value.subs(dict.fromkeys(at, 0), simultaneous=True)


def _array(dimension: int, rank: int, entry: Callable[..., sp.Expr]) -> Array:
    indices = itertools.product(range(dimension), repeat=rank)
    return Array([entry(*index) for index in indices], (dimension,) * rank)
