"""Where an identity of tensors is decided: for components in one dimension, or for contractions in every dimension."""

from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol

import numpy as np

from derivations import contractions, polynomial_jets
from derivations import curvature_identities as identities
from derivations.derivation import Derivation
from derivations.index_notation import Arithmetic, Tensors, latex
from derivations.jets import Make, field_jet, filled, hessian_jet, metric_jet, symmetric

HESSIAN, METRIC = "Hessian metric", "metric"
FIELDS, STATISTICAL = "metric, vector field and covector field", "metric and symmetric tensor T"


class Exact(Arithmetic, Protocol):
    """An arithmetic with a zero-test."""

    def tensors(self, definitions: tuple[str, ...], **values: int) -> Tensors:
        """The tensors that the definitions make."""

    def equal(self, tensors: Tensors, left: str, right: str) -> bool:
        """Whether ``left = right``."""


@dataclass(frozen=True)
class Setting:
    """The tensors of an arbitrary metric, and how identities between them are decided.

    Attributes:
        where: in words, for titles.
        arithmetic: of the tensors.
        tensors: by their definitions.
        method: of the zero-test.
    """

    where: str
    arithmetic: Exact
    tensors: Tensors
    method: str

    def check(self, derivation: Derivation, left: str, right: str, reason: str) -> None:
        """Add the checked step ``left = right``, both in index notation."""
        decided = partial(self.arithmetic.equal, self.tensors, left, right)
        derivation.holds(f"{latex(left)} = {latex(right)}", decided, reason, self.method)


def define(derivation: Derivation, text: str, reason: str) -> None:
    """Add a definition ``left = right`` in index notation as a step."""
    left, right = text.split(" = ")
    derivation.given(latex(left), latex(right), reason)


def definition(left: str, texts: tuple[str, ...] = (*identities.DEFINITIONS, *identities.HESSIAN_DEFINITIONS)) -> str:
    """The definition of a tensor, by its left side; KeyError if there is none."""
    for text in texts:
        if text.split(" = ")[0] == left:
            return text
    raise KeyError(f"{left} is not defined")


def setting(kind: str, dimension: int | None, extra: tuple[str, ...] = (), **values: int) -> Setting:
    """The setting of a kind of metric.

    Args:
        kind: ``HESSIAN``, ``METRIC``, ``FIELDS`` or ``STATISTICAL``.
        dimension: of the manifold; None for every dimension at once.
        extra: further definitions.
        values: of scalars.
    """
    definitions = (*identities.DEFINITIONS, *(identities.HESSIAN_DEFINITIONS if kind == HESSIAN else ()), *extra)
    arithmetic = _arithmetic(kind, dimension)
    where = f"every {kind}, in every dimension" if dimension is None else f"every {kind}, in dimension {dimension}"
    method = contractions.METHOD if dimension is None else polynomial_jets.METHOD
    if not (extra or values):
        return Setting(where, arithmetic, _tensors(kind, dimension), method)
    return Setting(where, arithmetic, arithmetic.tensors(definitions, **values), method)


def jet(kind: str, dimension: int, make: Make) -> dict[str, np.ndarray]:
    """The derivatives at a point that enter the identities of a kind of metric, each independent element made once."""
    scalar = {"α": filled((), lambda _: make("alpha"))}
    if kind == HESSIAN:
        return hessian_jet(dimension, 5, make) | scalar
    if kind == FIELDS:
        fields = field_jet("v", True, dimension, make) | field_jet("w", False, dimension, make)
        return metric_jet(dimension, 2, make) | fields
    if kind == STATISTICAL:
        return metric_jet(dimension, 1, make) | {"T___": symmetric(dimension, 3, "T", make)} | scalar
    return metric_jet(dimension, 3, make)


@cache
def _arithmetic(kind: str, dimension: int | None) -> Exact:
    if dimension is None:
        return contractions.hessian() if kind == HESSIAN else contractions.metric()
    return polynomial_jets.PolynomialJet(partial(jet, kind, dimension))


@cache
def _tensors(kind: str, dimension: int | None) -> Tensors:
    definitions = (*identities.DEFINITIONS, *(identities.HESSIAN_DEFINITIONS if kind == HESSIAN else ()))
    return _arithmetic(kind, dimension).tensors(definitions)
