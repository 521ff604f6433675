r"""Duality of the Potts model on planar graphs, and what it says of its cumulants at the self-dual point.

Bonds have the statistic ``delta(s_i, s_j)`` and a coupling J each, ``v = e^J - 1``. The dual graph has a vertex for each
face and a bond across each bond, of ``v* = q/v``.

Sources: Fortuin & Kasteleyn 1972 and Wu 1982 (Rev. Mod. Phys. 54) for partition functions; the cumulants are ours.
"""

from collections.abc import Mapping
from itertools import chain, combinations, combinations_with_replacement
from typing import Any

import sympy as sp

from derivations.derivation import Derivation

Q, V = sp.symbols("q v", positive=True)
# The square root of q, which is v at the self-dual point.
ROOT = sp.Symbol("r", positive=True)
TETRAHEDRON = ((0, 1), (2, 3), (0, 2), (1, 3), (0, 3), (1, 2))
# Each bond of a tetrahedron is dual to the opposite one.
OPPOSITE = (1, 0, 3, 2, 5, 4)

_DUAL_COUPLING, _REMAINDER = sp.log(1 + Q / V), sp.log(V)


def partition_functions(excess: sp.Expr = sp.Integer(0)) -> Derivation:
    """Duality of partition functions: in general by Euler's formula, on the tetrahedron by expansion.

    Args:
        excess: added to the exponent of q.
    """
    v = sp.symbols("v_1:7", positive=True)
    dual = tuple(Q / v[opposite] for opposite in OPPOSITE)
    derivation = Derivation("Duality of partition functions")
    derivation.given(
        r"Z_G(v)", r"\sum_{A \subseteq E} q^{k(A)} \prod_{e\in A} v_e", "Fortuin and Kasteleyn; k counts components"
    )
    derivation.stated(
        r"Z_G(v) = q^{1 - |V^*|} \left(\prod_e v_e\right) Z_{G^*}(q / v)",
        "planar graphs: Euler's formula for A and the bonds of the dual graph that cross none of A",
    )
    derivation.equal(
        r"Z(v) - q^{-3} \left(\prod_e v_e\right) Z(q/v)", sp.Integer(0), "on the tetrahedron, its own dual, with six couplings",
        value=_partition_function(v) - Q ** (-3 + excess) * sp.prod(v) * _partition_function(dual),
    )  # fmt: skip
    return derivation


def cumulants(second: sp.Expr = sp.Integer(2), sign: int = -1) -> Derivation:
    """Cumulants at the self-dual point ``v^2 = q`` of all bonds.

    Args:
        second: the claimed factor of ``1/sqrt(q)`` in the second derivative of the dual coupling.
        sign: the claimed sign of the dual third cumulants.
    """
    derivation = Derivation("Cumulants at the self-dual point")
    derivation.given(
        r"\psi(J) - \psi^*(J^*)", r"\sum_e \ln v_e + \mathrm{const}, \qquad J^* = \ln(1 + q/v), \quad J = \ln(1 + v)",
        "the logarithm of the duality",
    )  # fmt: skip
    slopes = [_slope(_DUAL_COUPLING, order) for order in (1, 2, 3)]
    rests = [_slope(_REMAINDER, order) for order in (1, 2, 3)]
    derivation.equal(
        r"\left(\frac{d J^*}{dJ}, \frac{d^2 J^*}{dJ^2}\right)", [sp.Integer(-1), second / ROOT], "at v = r, the root of q",
        value=slopes[:2],
    )  # fmt: skip
    mean, means = (1 + ROOT) / (2 * ROOT), sp.symbols("m^*_1:4")
    metric = {pair: sp.Symbol(f"g^*_{pair[0]}{pair[1]}") for pair in combinations_with_replacement((1, 2, 3), 2)}
    third = {ijk: sp.Symbol("T^*_{}{}{}".format(*ijk)) for ijk in combinations_with_replacement((1, 2, 3), 3)}
    x = sp.symbols("x_1:4")
    y = [sum(s * u**k / sp.factorial(k) for k, s in enumerate(slopes, 1)) for u in x]
    rise = _polynomial(means, metric, third, y)
    rise += sum(r * u**k / sp.factorial(k) for u in x for k, r in enumerate(rests, 1))

    def derivative(*bonds: int) -> sp.Expr:
        return sp.diff(rise, *(x[i - 1] for i in bonds)).subs(dict.fromkeys(x, 0))

    derivation.equal("m_1 + m^*_1", 2 * mean, "one bond", value=derivative(1) + means[0])
    centre = {means[0]: mean, means[1]: mean, means[2]: mean}
    derivation.equal(
        "(g_{11}, g_{12})", [metric[1, 1], metric[1, 2]], "where the two means are equal, so are the metrics",
        value=[derivative(1, 1).subs(centre), derivative(1, 2)],
    )  # fmt: skip
    derivation.equal("T_{123}", sign * third[1, 2, 3], "three different bonds", value=derivative(1, 2, 3))
    derivation.equal(
        "T_{112}", sign * third[1, 1, 2] - second / ROOT * metric[1, 2], "two of them equal", value=derivative(1, 1, 2)
    )
    derivation.equal(
        "T_{111}", sign * third[1, 1, 1] - 3 * second / ROOT * metric[1, 1] + contact_of_three(), "all equal",
        value=derivative(1, 1, 1).subs(centre),
    )  # fmt: skip
    return derivation


def trace(twice: sp.Expr = sp.Integer(2)) -> Derivation:
    """The trace of what duality leaves: ``t`` by the metric alone, where the lattice is its own dual with equal bonds.

    Args:
        twice: the claimed contribution of the two other pairings.
    """
    a, b, c, d, e, f = sp.symbols("g_11 g_12 g_13 g_22 g_23 g_33")
    metric = sp.Matrix([[a, b, c], [b, d, e], [c, e, f]])
    inverse = metric.inv()
    factor, point = sp.symbols("lambda mu")
    derivation = Derivation("The trace at the self-dual point")
    derivation.given(
        "T_{abc} + T^*_{abc}",
        r"\lambda (\delta_{ab} g_{ac} + \delta_{bc} g_{ab} + \delta_{ca} g_{bc}) + \mu\, \delta_{abc}",
        "from the cumulants at the self-dual point",
    )
    bonds = range(3)
    found, expected = [], []
    for k in bonds:
        diagonal = sum(inverse[i, i] * (factor * metric[i, k] + (point if i == k else 0)) for i in bonds)
        pairings = 2 * factor * sum(inverse[i, k] * metric[i, k] for i in bonds)
        found.append(diagonal + pairings)
        expected.append(factor * (sum(inverse[i, i] * metric[i, k] for i in bonds) + twice) + point * inverse[k, k])
    derivation.equal(
        r"g^{ab}(T_{abc} + T^*_{abc}) - \lambda \left(\sum_a g^{aa} g_{ac} + 2\right) - \mu\, g^{cc}", sp.Integer(0),
        "here with three bonds and any metric", value=[x - y for x, y in zip(found, expected, strict=True)],
    )  # fmt: skip
    derivation.given(
        r"g^{aa} = h, \quad \sum_a g_{ac}", r"\chi, \quad t^* = t", "equal bonds on a lattice that is its own dual"
    )
    derivation.stated(
        r"t = -\frac{1}{\sqrt q} (h \chi + 2) + \frac{\mu}{2} h, \qquad |\mathrm{tr}\,T|^2 = \frac{m\, t^2}{\chi}",
        "so that the trace grows as the variance of the energy does",
    )
    return derivation


def contact_of_three() -> sp.Expr:
    """``mu``: what duality leaves of the third cumulant of one bond, apart from the metric."""
    mean = (1 + ROOT) / (2 * ROOT)
    return sp.factor(_slope(_DUAL_COUPLING, 3) * mean + _slope(_REMAINDER, 3))


def _slope(expression: sp.Expr, order: int) -> sp.Expr:
    """The derivative by J at the self-dual point, as a rational function of the root of q."""
    for _ in range(order):
        expression = (1 + V) * sp.diff(expression, V)
    return sp.factor(expression.subs({Q: ROOT**2, V: ROOT}))


def _polynomial(
    means: tuple[sp.Symbol, ...],
    metric: Mapping[Any, sp.Symbol],
    third: Mapping[Any, sp.Symbol],
    y: list[sp.Expr],
) -> sp.Expr:
    """The dual log-partition to third order."""

    def entry(table: Mapping[Any, sp.Symbol], *bonds: int) -> sp.Symbol:
        return table[tuple(sorted(bonds))]

    bonds = (1, 2, 3)
    found = sum(means[i - 1] * y[i - 1] for i in bonds)
    found += sum(entry(metric, i, j) * y[i - 1] * y[j - 1] for i in bonds for j in bonds) / 2
    return (
        found
        + sum(entry(third, i, j, k) * y[i - 1] * y[j - 1] * y[k - 1] for i in bonds for j in bonds for k in bonds) / 6
    )


def _partition_function(v: tuple[sp.Expr, ...]) -> sp.Expr:
    subsets = chain.from_iterable(combinations(range(6), size) for size in range(7))
    return sum(Q ** _components(subset) * sp.prod([v[e] for e in subset]) for subset in subsets)


def _components(subset: tuple[int, ...]) -> int:
    labels = list(range(4))
    for bond in subset:
        i, j = (labels[vertex] for vertex in TETRAHEDRON[bond])
        labels = [i if label == j else label for label in labels]
    return len(set(labels))
