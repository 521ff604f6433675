"""What a description of a family must fulfil before anything is derived from it."""

import keyword
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sympy as sp

from derivations.shapes import shape_of

if TYPE_CHECKING:
    from derivations.family import Family

# By the name of a form, the number of its indices.
RANKS = {
    "metric": 2,
    "inverse_metric": 2,
    "christoffel": 3,
    "skewness": 3,
    "riemann": 4,
    "ricci": 2,
    "scalar_curvature": 0,
    "kl": 0,
    "expectation": 1,
    "covariance": 2,
    "precision": 2,
    "third_cumulants": 3,
}


def check_names(family: "Family") -> None:
    """Raise ValueError unless the family and its coordinates have names of their own."""
    if not family.name.isidentifier() or keyword.iskeyword(family.name):
        raise ValueError(f"name must be an identifier, not {family.name!r}")
    coordinates = tuple(family.coordinates)
    if not coordinates:
        raise _fault(family, "coordinates is empty")
    if strange := [c for c in coordinates if not isinstance(c, sp.Symbol)]:
        raise _fault(family, f"coordinates must be symbols, not {_list(strange)}")
    names = [c.name for c in coordinates]
    if len(set(names)) < len(names):
        raise _fault(family, f"coordinates repeat: {', '.join(names)}")
    if clashes := {f"{name}prime" for name in names} & set(names):
        raise _fault(family, f"coordinates may not have the name of another at a second point: {_list(clashes)}")


def check_parts(family: "Family") -> None:
    """Raise ValueError unless the parts fit together, once they are SymPy expressions."""
    _check_functions(family)
    _check_domain(family)
    _check_statistics(family)
    for name, form in family.forms.items():
        if name not in RANKS:
            raise _fault(family, f"forms has no {name!r}; there are {', '.join(RANKS)}")
        needed, shape = (family.dimension,) * RANKS[name], shape_of(form)
        if shape != needed:
            raise _fault(family, f"forms: {name} has the shape {shape}, {needed} needed")


def _check_functions(family: "Family") -> None:
    coordinates = set(family.coordinates)
    if len(family.natural) != family.dimension:
        raise _fault(family, f"{len(family.natural)} natural parameters, {family.dimension} needed")
    if (family.log_partition is None) == (family.log_density is None):
        raise _fault(family, "give either log_partition or log_density")
    if family.log_partition is not None:
        _allow(family, "log_partition", [family.log_partition], coordinates)
    if family.log_density is not None:
        _allow(family, "log_density", [family.log_density], {*coordinates, family.variable})
    _allow(family, "natural", family.natural, coordinates)


def _check_domain(family: "Family") -> None:
    coordinates = set(family.coordinates)
    if unknown := set(family.domain) - coordinates:
        raise _fault(family, f"domain bounds {_list(unknown)}, which are no coordinates")
    if stray := family.closed - coordinates:
        raise _fault(family, f"closed has {_list(stray)}, which are no coordinates")
    for coordinate, bounds in family.domain.items():
        _check_interval(family, f"the domain of {coordinate}", bounds)


def _check_statistics(family: "Family") -> None:
    if (family.statistics or family.log_density is not None) and (family.variable is None or family.support is None):
        raise _fault(family, "statistics and log_density need variable and support")
    if family.support is not None:
        _check_interval(family, "the support", family.support)
    if family.variable in family.coordinates:
        raise _fault(family, f"variable is the coordinate {family.variable}")
    if family.statistics and len(family.statistics) != len(family.natural):
        raise _fault(family, f"{len(family.statistics)} statistics for {len(family.natural)} natural parameters")
    for name, expressions in (("statistics", family.statistics), ("log_base_measure", [family.log_base_measure])):
        if stray := set().union(*(e.free_symbols for e in expressions)) - {family.variable}:
            raise _fault(family, f"{name} has symbols other than variable: {_list(stray)}")


def _check_interval(family: "Family", name: str, bounds: tuple[sp.Expr, ...]) -> None:
    if len(bounds) != 2:
        raise _fault(family, f"{name} needs a lower and an upper bound, not {bounds}")
    if not all(bound.is_number and bound.is_extended_real for bound in bounds):
        raise _fault(family, f"{name} has bounds that are no real numbers: {_list(bounds)}")
    lower, upper = bounds
    if not lower < upper:
        raise _fault(family, f"{name} is empty: {lower} is not below {upper}")


def _allow(family: "Family", name: str, expressions: Iterable[sp.Expr], allowed: set[sp.Symbol]) -> None:
    if stray := set().union(*(expression.free_symbols for expression in expressions)) - allowed:
        raise _fault(family, f"{name} has symbols that are no coordinates: {_list(stray)}")


def _fault(family: "Family", message: str) -> ValueError:
    return ValueError(f"family {family.name!r}: {message}")


def _list(items: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, items)))
