"""Tensor identities in every dimension at once: sums of complete contractions, without components.

A value is a sum of products of basic tensors (the jet of a metric, its inverse) whose indices are free or summed over.
Summed indices have no names of their own, symmetric indices no order, and ``g_ab g^bc`` is the identity. Each product is
brought into a canonical form under these rules, so a difference that cancels to nothing vanishes for every metric of
every dimension. The converse fails in low dimensions, where further identities hold.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from derivations.index_notation import Tensors

METHOD = "both sides have the same contractions with the same factors, in every dimension"

_SUMMED = 100  # Indices from here on are summed over; smaller ones are the axes of the value.
_IDENTITY = "δ"

Factor = tuple[str, tuple[tuple[int, ...], ...]]
Product = tuple[Factor, ...]
Basic = dict[str, tuple[str, Sequence[Sequence[int]]]]


@dataclass(frozen=True)
class Contraction:
    """A sum of products of basic tensors with rational factors; the axes are the free indices 0, 1, ..."""

    terms: Mapping[Product, Fraction]


class Contractions:
    """The arithmetic of sums of contractions.

    Args:
        basic: by key, the name of a basic tensor and its groups of symmetric axes; tensors with one name are equal.
    """

    def __init__(self, basic: Mapping[str, tuple[str, Sequence[Sequence[int]]]]):
        self._given = {
            key: Contraction({((name, tuple(map(tuple, groups))),): Fraction(1)})
            for key, (name, groups) in basic.items()
        }

    def tensors(self, definitions: Iterable[str], **values: int) -> Tensors:
        """The tensors that the definitions make of the basic ones; ``values`` gives further scalars."""
        scalars = {name: Contraction({(): Fraction(value)}) for name, value in values.items()}
        return Tensors(self, self._given | scalars, definitions)

    def contract(self, subscripts: str, operands: Sequence[Contraction]) -> Contraction:
        """A sum of products, in the notation of ``numpy.einsum``."""
        inputs, output = subscripts.split("->")
        summed = sorted(set(inputs) - set(output) - {","})
        index = {letter: axis for axis, letter in enumerate(output)}
        index |= {letter: _SUMMED + k for k, letter in enumerate(summed)}
        terms: dict[Product, Fraction] = {}
        for choice in itertools.product(*(operand.terms.items() for operand in operands)):
            fresh = _SUMMED + len(summed)
            factors: list[Factor] = []
            coefficient = Fraction(1)
            for letters, (product, factor) in zip(inputs.split(","), choice, strict=True):
                names = {axis: index[letter] for axis, letter in enumerate(letters)}
                for own in sorted(_indices(product) - set(names)):
                    names[own], fresh = fresh, fresh + 1
                factors += _renamed(product, names)
                coefficient *= factor
            _add(terms, _canonical(_without_identities(factors)), coefficient)
        return Contraction(terms)

    def combine(self, terms: Sequence[tuple[Fraction, Contraction]]) -> Contraction:
        """A linear combination; products that cancel are gone."""
        total: dict[Product, Fraction] = {}
        for factor, value in terms:
            for product, coefficient in value.terms.items():
                _add(total, product, factor * coefficient)
        return Contraction(total)

    def equal(self, tensors: Tensors, left: str, right: str) -> bool:
        """Whether both sides are the same sum."""
        return not tensors.difference(left, right).terms


def hessian() -> Contractions:
    """The jet of a Hessian metric: all derivatives of psi are symmetric."""
    basic: Basic = {"g__": ("g", [(0, 1)]), "g^^": ("g⁻¹", [(0, 1)]), "∂∂∂g_____": ("P", [(0, 1, 2, 3, 4)])}
    basic |= dict.fromkeys(("∂g___", "T___"), ("T", [(0, 1, 2)]))
    basic |= dict.fromkeys(("∂∂g____", "∂T____", "Q____"), ("Q", [(0, 1, 2, 3)]))
    return Contractions(basic | {"α": ("α", [])})


def metric() -> Contractions:
    """The jet of any metric, a symmetric tensor T, and the jets of a vector field and a covector field."""
    basic: Basic = {"g^^": ("g⁻¹", [(0, 1)])}
    for order in range(4):
        front, last = tuple(range(order)), (order, order + 1)
        basic["∂" * order + "g" + "_" * (order + 2)] = ("∂" * order + "g", [front, last] if front else [last])
    for order in range(3):
        front, own = tuple(range(order)), (order,)
        for name, place in (("v", "^"), ("w", "_")):
            groups = [front, own] if front else [own]
            basic["∂" * order + name + "_" * order + place] = ("∂" * order + name, groups)
    return Contractions(basic | {"T___": ("T", [(0, 1, 2)]), "α": ("α", [])})


def _add(terms: dict[Product, Fraction], product: Product, coefficient: Fraction) -> None:
    total = terms.pop(product, Fraction(0)) + coefficient
    if total:
        terms[product] = total


def _indices(product: Iterable[Factor]) -> set[int]:
    return {index for _, groups in product for group in groups for index in group}


def _renamed(product: Iterable[Factor], names: Mapping[int, int]) -> list[Factor]:
    return [(name, tuple(tuple(sorted(names.get(i, i) for i in g)) for g in groups)) for name, groups in product]


def _without_identities(factors: list[Factor]) -> Product:
    """Every metric that meets an inverse metric becomes the identity, and summed indices pass through it."""
    while (met := _meeting(factors)) is not None:
        first, second, index = met
        (a,) = _others(first, index)
        (b,) = _others(second, index)
        factors = _without(factors, first, second)
        if max(a, b) < _SUMMED or a == b:
            factors.append((_IDENTITY, (tuple(sorted((a, b))),)))
        else:
            factors = _renamed(factors, {max(a, b): min(a, b)})
    return tuple(factors)


def _meeting(factors: Sequence[Factor]) -> tuple[Factor, Factor, int] | None:
    for first in factors:
        for second in factors:
            if first[0] == "g" and second[0] == "g⁻¹":
                for index in set(first[1][0]) & set(second[1][0]):
                    if index >= _SUMMED:
                        return first, second, index
    return None


def _others(factor: Factor, index: int) -> tuple[int, ...]:
    group = list(factor[1][0])
    group.remove(index)
    return tuple(group)


def _without(factors: Sequence[Factor], *gone: Factor) -> list[Factor]:
    rest = list(factors)
    for factor in gone:
        rest.remove(factor)
    return rest


def _canonical(product: Product) -> Product:
    order = dict.fromkeys(i for _, groups in product for group in groups for i in group if i >= _SUMMED)
    return _least(tuple(_renamed(product, {index: _SUMMED + k for k, index in enumerate(order)})))


@cache
def _least(product: Product) -> Product:
    """The least product that renaming the summed indices gives; only indices that look alike are exchanged."""
    summed = sorted(index for index in _indices(product) if index >= _SUMMED)
    looks = {index: 0 if index >= _SUMMED else index - _SUMMED for index in _indices(product)}
    for _ in summed:
        seen = {index: (looks[index], _surroundings(product, index, looks)) for index in summed}
        ranks = {look: rank for rank, look in enumerate(sorted(set(seen.values())))}
        looks |= {index: ranks[seen[index]] for index in summed}
    alike = [[index for index in summed if looks[index] == look] for look in sorted({looks[i] for i in summed})]
    candidates = []
    for orders in itertools.product(*map(itertools.permutations, alike)):
        names = {index: _SUMMED + k for k, index in enumerate(itertools.chain(*orders))}
        candidates.append(tuple(sorted(_renamed(product, names))))
    return min(candidates)


def _surroundings(product: Product, index: int, looks: Mapping[int, int]) -> tuple[object, ...]:
    return tuple(
        sorted(
            (name, position, group.count(index), tuple(tuple(sorted(looks[i] for i in g)) for g in groups))
            for name, groups in product
            for position, group in enumerate(groups)
            if index in group
        )
    )
