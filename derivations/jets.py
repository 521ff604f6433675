"""Jets at a point, their entries independent elements of any ring, and the arrays of such elements.

A jet of a metric is the metric and its derivatives at one point; that of a log-partition function gives a Hessian
metric. Nothing else enters curvature and its derivatives, and every symmetric jet occurs, so an identity of tensors
holds for all metrics exactly if it holds for independent symbols.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

Element = Any
Make: TypeAlias = Callable[[str], Element]


def hessian_jet(dimension: int, order: int, make: Make) -> dict[str, np.ndarray]:
    """Derivatives of psi from the second up to ``order``, as the jet of the metric ``g = ∂∂ψ`` and as cumulants.

    Args:
        dimension: number of natural parameters, at most 9.
        order: of the highest derivative of psi, at least 2.
        make: an element by its name, ``psi_112``; called once per independent derivative.
    """
    jet = {}
    for rank in range(2, order + 1):
        array = symmetric(dimension, rank, "psi", make)
        jet["∂" * (rank - 2) + "g" + "_" * rank] = array
        if rank in (3, 4):
            jet["TQ"[rank - 3] + "_" * rank] = array
            jet["∂" * (rank - 3) + "T" + "_" * rank] = array
    return jet


def metric_jet(dimension: int, order: int, make: Make, normal: bool = False) -> dict[str, np.ndarray]:
    """A metric and its derivatives up to ``order``.

    Args:
        dimension: at most 9.
        order: of the highest derivative of the metric.
        make: an element by its name, ``g_12,3``; called once per independent derivative, and with ``"0"`` and ``"1"``.
        normal: in coordinates where the metric is the identity and its first derivatives vanish at the point.
    """
    known: dict[str, Element] = {}

    def derivative(index: tuple[int, ...]) -> Element:
        slopes, (i, j) = index[:-2], sorted(index[-2:])
        name = f"g_{_digits((i, j))},{_digits(sorted(slopes))}"
        if normal and len(slopes) < 2:
            name = "1" if not slopes and i == j else "0"
        if name not in known:
            known[name] = make(name)
        return known[name]

    return {"∂" * k + "g" + "_" * (k + 2): filled((dimension,) * (k + 2), derivative) for k in range(order + 1)}


def field_jet(name: str, above: bool, dimension: int, make: Make) -> dict[str, np.ndarray]:
    """A vector field (``above``) or covector field with its first and second derivatives at a point."""
    place = "^" if above else "_"

    def derivative(index: tuple[int, ...]) -> Element:
        return known[(*sorted(index[:-1]), index[-1])]

    jet = {}
    for k in range(3):
        indices = [index for index in np.ndindex((dimension,) * (k + 1)) if list(index[:-1]) == sorted(index[:-1])]
        known = {index: make(f"{name}_{index[-1] + 1},{_digits(index[:-1])}") for index in indices}
        jet["∂" * k + name + "_" * k + place] = filled((dimension,) * (k + 1), derivative)
    return jet


def symmetric(dimension: int, rank: int, name: str, make: Make) -> np.ndarray:
    """A symmetric tensor, an element for every sorted index."""
    known: dict[str, Element] = {}

    def entry(index: tuple[int, ...]) -> Element:
        label = f"{name}_{_digits(sorted(index))}"
        if label not in known:
            known[label] = make(label)
        return known[label]

    return filled((dimension,) * rank, entry)


def names(jet: Callable[[Make], object]) -> list[str]:
    """The names of the independent entries of a jet, in the order in which it asks for them."""
    asked: list[str] = []
    jet(asked.append)
    return [name for name in dict.fromkeys(asked) if name not in ("0", "1")]


def filled(shape: tuple[int, ...], entry: Callable[[tuple[int, ...]], Element]) -> np.ndarray:
    """An array of objects, entry by entry."""
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        array[index] = entry(index)
    return array


def contract(subscripts: str, operands: Sequence[np.ndarray], reduce: Callable[[Any], Any]) -> Any:
    """A sum of products of arrays of objects, two arrays at a time, each result reduced."""
    inputs, output = subscripts.split("->")
    parts = list(zip(inputs.split(","), operands, strict=True))
    while len(parts) > 1:
        first, second = min(itertools.combinations(range(len(parts)), 2), key=lambda pair: _cost(parts, pair, output))
        (a, x), (b, y) = parts[first], parts[second]
        rest = [part for index, part in enumerate(parts) if index not in (first, second)]
        kept = _kept(a + b, [letters for letters, _ in rest], output)
        parts = [*rest, (kept, reduce(np.einsum(f"{a},{b}->{kept}", x, y)))]
    ((letters, array),) = parts
    if letters == output:
        return array
    return reduce(np.einsum(f"{letters}->{output}", array))


def _cost(parts: Sequence[tuple[str, Any]], pair: tuple[int, int], output: str) -> tuple[int, int]:
    joined = parts[pair[0]][0] + parts[pair[1]][0]
    others = [letters for index, (letters, _) in enumerate(parts) if index not in pair]
    return len(_kept(joined, others, output)), len(set(joined))


def _kept(letters: str, others: Sequence[str], output: str) -> str:
    return "".join(letter for letter in dict.fromkeys(letters) if letter in output or any(letter in o for o in others))


def _digits(indices: Sequence[int]) -> str:
    return "".join(str(index + 1) for index in indices)
