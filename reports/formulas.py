"""The geometry of a family in formulas: what a family page shows and ``derive`` prints."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from derivations.family import Family
from derivations.typeset import latex

if TYPE_CHECKING:
    from numerics.geometry import Geometry

_MOST_LINES = 24


@dataclass(frozen=True)
class Section:
    """One kind of quantity: its name, a sentence about it, and LaTeX of its lines."""

    title: str
    note: str
    lines: tuple[str, ...]


def sections(family: Family) -> tuple[Section, ...]:
    """Everything that follows from the log-partition function or the density of a family."""
    names = [latex(c) for c in family.coordinates]
    point = ", ".join(names)
    parts = [
        Section("Coordinates and domain", "", tuple(_domain(family, c) for c in family.coordinates)),
        *(_exponential(family, point) if family.log_partition is not None else [_density(family)]),
        Section(
            "Fisher metric",
            "The covariance of the score: how well nearby members can be told apart.",
            (f"g = {latex(family.metric)}",),
        ),
        Section(
            "Christoffel symbols",
            "Of the Levi-Civita connection: how geodesics bend in these coordinates.",
            _shortened(_christoffel(family, names)),
        ),
        Section(
            "Skewness tensor",
            "The third cumulant of the score (Amari–Chentsov): how the α-connections differ.",
            _shortened(_skewness(family, names)),
        ),
        Section("Curvature", "", _curvature(family)),
    ]
    return tuple(part for part in parts if part.lines)


def _exponential(family: Family, point: str) -> list[Section]:
    natural = [rf"\eta_{{{i + 1}}} = {latex(e)}" for i, e in enumerate(family.natural)]
    expectation = [rf"m_{{{i + 1}}} = {latex(e)}" for i, e in enumerate(family.expectation)]
    return [
        Section(
            "Log-partition function",
            "It normalises the density and generates everything below.",
            (rf"\psi({point}) = {latex(family.log_partition)}",),
        ),
        Section("Natural parameters", "", tuple(natural)),
        Section("Expectation parameters", "The mean of the sufficient statistics.", tuple(expectation)),
    ]


def _density(family: Family) -> Section:
    return Section("Density", "Everything below is an integral over it.", (rf"\ln p = {latex(family.log_density)}",))


def by_density(family: Family) -> tuple[Section, ...]:
    """What there is to say of a family whose integrals have no closed form that SymPy finds."""
    domain = tuple(_domain(family, c) for c in family.coordinates)
    note = "The geometry is computed by quadrature over it: its integrals have no closed form that SymPy finds."
    return (
        Section("Coordinates and domain", "", domain),
        Section("Density", note, (rf"\ln p = {latex(family.log_density)}",)),
    )


def stated(geometry: "Geometry") -> tuple[Section, ...]:
    """What a family of any size says of itself, with its coordinates at the size shown."""
    size = ", ".join(f"{key} = {value}" for key, value in geometry.index.items())
    coordinates = ", ".join(symbol(name) for name in geometry.coordinates)
    first = Section("Coordinates", f"At the size shown on this page, {size}." if size else "", (coordinates,))
    return (first, *(Section(title, "", (line,)) for title, line in geometry.family.formulas.items()))


def symbol(name: str) -> str:
    """The LaTeX of the name of a coordinate, such as ``alpha_1`` or ``covariance_21``."""
    first, *rest = name.split("_")
    if len(first) == 1 or latex(sp.Symbol(first)).startswith("\\"):
        letter, index = latex(sp.Symbol(first)), rest
    else:
        index = [part for part in rest if part.isdigit()]
        letter = rf"\text{{{' '.join([first, *(part for part in rest if not part.isdigit())])}}}"
    return rf"{letter}_{{{','.join(index)}}}" if index else letter


def document(parts: Iterable[Section]) -> str:
    """The same as LaTeX."""
    return "\n\n".join(f"% {part.title}\n" + "\n".join(rf"\[ {line} \]" for line in part.lines) for part in parts)


def _domain(family: Family, coordinate: sp.Symbol) -> str:
    lower, upper = family.bounds(coordinate)
    sign = r"\le" if coordinate in family.closed else "<"
    if lower == -sp.oo and upper == sp.oo:
        return rf"{latex(coordinate)} \in \mathbb{{R}}"
    left = f"{latex(lower)} {sign} " if lower != -sp.oo else ""
    right = f" {sign} {latex(upper)}" if upper != sp.oo else ""
    return f"{left}{latex(coordinate)}{right}"


def _christoffel(family: Family, names: list[str]) -> Iterator[str]:
    symbols, d = family.geometry.christoffel, family.dimension
    for i, (j, k) in itertools.product(range(d), itertools.combinations_with_replacement(range(d), 2)):
        if symbols[i, j, k] != 0:
            yield rf"\Gamma^{{{names[i]}}}_{{{names[j]} {names[k]}}} = {latex(symbols[i, j, k])}"


def _skewness(family: Family, names: list[str]) -> Iterator[str]:
    tensor = family.skewness
    for index in itertools.combinations_with_replacement(range(family.dimension), 3):
        if tensor[index] != 0:
            yield rf"T_{{{' '.join(names[i] for i in index)}}} = {latex(tensor[index])}"


def _curvature(family: Family) -> tuple[str, ...]:
    if family.dimension == 1:
        return (r"R = 0 \quad \text{(a curve has no curvature of its own)}",)
    scalar = family.geometry.scalar_curvature
    lines = [f"R = {latex(scalar)}"]
    if family.dimension == 2:
        lines.insert(0, rf"K = \frac{{R}}{{2}} = {latex(family.field.factored(scalar / 2))}")
    return tuple(lines)


def _shortened(lines: Iterator[str]) -> tuple[str, ...]:
    shown = list(itertools.islice(lines, _MOST_LINES + 1))
    if len(shown) > _MOST_LINES:
        shown[-1] = r"\text{and further components, which the exported module computes}"
    return tuple(shown)
