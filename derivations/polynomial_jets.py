"""Exact tensors: polynomials over the rationals in the entries of a jet and in ``u = 1/det g``.

Every tensor of a metric is a polynomial in its jet and u. Two such polynomials are the same rational function exactly
if they leave the same remainder on division by ``u det g - 1``: one polynomial is a Groebner basis of its ideal.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from derivations.index_notation import Tensors
from derivations.jets import Element, Make, contract, filled, names

Jet = Callable[[Make], dict[str, np.ndarray]]
METHOD = "every component is the zero polynomial modulo u det g = 1"


class PolynomialJet:
    """The arithmetic of polynomials in the entries of a jet.

    Args:
        jet: from a function that makes elements to the arrays of the jet, ``g__`` among them.
    """

    def __init__(self, jet: Jet):
        self._context = flint.fmpq_mpoly_ctx.get(["u", *names(jet)], flint.Ordering.degrevlex)
        elements = dict(zip(self._context.names(), self._context.gens(), strict=True))
        elements |= {"0": self._context.constant(0), "1": self._context.constant(1)}
        self.given: dict[str, Any] = jet(lambda name: elements[name])
        metric = self.given["g__"]
        determinant = _determinant(metric)
        self._relation = elements["u"] * determinant - 1
        adjugate = _adjugate(metric)
        self.given["g^^"] = self._reduced(filled(metric.shape, lambda index: adjugate[index] * elements["u"]))

    def tensors(self, definitions: Iterable[str], **values: int) -> Tensors:
        """The tensors that the definitions make of the jet; ``values`` gives further scalars."""
        scalars = {name: _scalar(self._context.constant(value)) for name, value in values.items()}
        return Tensors(self, self.given | scalars, definitions)

    def contract(self, subscripts: str, operands: Sequence[Any]) -> Any:
        """A sum of products, reduced."""
        return contract(subscripts, operands, self._reduced)

    def combine(self, terms: Sequence[tuple[Fraction, Any]]) -> Any:
        """A linear combination."""
        total = sum(np.asarray(value, object) * flint.fmpq(c.numerator, c.denominator) for c, value in terms)
        return self._reduced(total)

    def equal(self, tensors: Tensors, left: str, right: str) -> bool:
        """Whether both sides are the same rational functions of the jet."""
        return not any(bool(entry) for entry in np.ravel(tensors.difference(left, right)))

    def _reduced(self, array: Any) -> Any:
        if not isinstance(array, np.ndarray):
            return _scalar(array % self._relation)
        return filled(array.shape, lambda index: array[index] % self._relation)


def _scalar(element: Element) -> np.ndarray:
    return filled((), lambda _: element)


def _minor(matrix: np.ndarray, row: int, column: int) -> np.ndarray:
    return np.delete(np.delete(matrix, row, axis=0), column, axis=1)


def _determinant(matrix: np.ndarray) -> Element:
    """By the first row; the matrices are small."""
    if len(matrix) == 1:
        return matrix[0, 0]
    return sum((-1) ** k * matrix[0, k] * _determinant(_minor(matrix, 0, k)) for k in range(len(matrix)))


def _adjugate(matrix: np.ndarray) -> np.ndarray:
    if len(matrix) == 1:
        return filled((1, 1), lambda _: matrix[0, 0] ** 0)
    return filled(matrix.shape, lambda ij: (-1) ** sum(ij) * _determinant(_minor(matrix, ij[1], ij[0])))
