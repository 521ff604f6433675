"""Exact tensors at one point: rational numbers in place of symbols, for counterexamples."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod
from typing import Any

import sympy as sp

from derivations.index_notation import Tensors
from derivations.jets import contract, filled


class Rationals:
    """The arithmetic of arrays of fractions."""

    def contract(self, subscripts: str, operands: Sequence[Any]) -> Any:
        """A sum of products."""
        return contract(subscripts, operands, lambda array: array)

    def combine(self, terms: Sequence[tuple[Fraction, Any]]) -> Any:
        """A linear combination."""
        return sum(value * factor for factor, value in terms)


def finite_family(
    probabilities: Sequence[Fraction], statistics: Sequence[Sequence[Fraction | int]], definitions: Iterable[str]
) -> Tensors:
    """The tensors of an exponential family on a finite set, in natural coordinates, at one of its points.

    Args:
        probabilities: of the letters, adding up to 1.
        statistics: one row of values per statistic.
        definitions: of the tensors, in index notation.

    Raises:
        ValueError: if the probabilities do not add up to 1, or a statistic has another number of letters.
    """
    if sum(probabilities) != 1:
        raise ValueError(f"the probabilities add up to {sum(probabilities)}; they must add up to 1")
    if any(len(row) != len(probabilities) for row in statistics):
        raise ValueError(f"every statistic must have {len(probabilities)} values, one per letter")
    means = [sum(p * q for p, q in zip(probabilities, row, strict=True)) for row in statistics]
    centred = [[q - mean for q in row] for row, mean in zip(statistics, means, strict=True)]

    def moment(index: tuple[int, ...]) -> Fraction:
        terms = (p * prod(centred[i][x] for i in index) for x, p in enumerate(probabilities))
        return sum(terms, Fraction(0))

    def fourth(index: tuple[int, ...]) -> Fraction:
        i, j, k, m = index
        pairs = (((i, j), (k, m)), ((i, k), (j, m)), ((i, m), (j, k)))
        return moment(index) - sum(moment(a) * moment(b) for a, b in pairs)

    n = len(statistics)
    metric, third, last = filled((n,) * 2, moment), filled((n,) * 3, moment), filled((n,) * 4, fourth)
    inverse = sp.Matrix(n, n, [sp.Rational(q.numerator, q.denominator) for q in metric.flat]).inv()
    raised = filled((n, n), lambda index: Fraction(int(inverse[index].p), int(inverse[index].q)))
    given = {"g_ij": metric, "g^ij": raised, "T_ijk": third, "∂T_lijk": last, "Q_ijkl": last}
    return Tensors(Rationals(), given, definitions)
