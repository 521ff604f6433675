"""Families of any size, one file each; the file name is the family's name and its class is that name in capitals."""

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numerics.exponential_family import ExponentialFamily


def names() -> tuple[str, ...]:
    """The names of the families, without importing any."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> "type[ExponentialFamily]":
    """The class of a family; raises ValueError for an unknown name."""
    if name not in names():
        raise ValueError(f"no family is called {name!r}; there are {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    return getattr(module, name.title().replace("_", ""))


def create(name: str, **index: object) -> "ExponentialFamily":
    """A family with its sizes.

    Raises:
        TypeError: for missing or unknown sizes, naming those it takes.
        ValueError: for sizes out of range.
    """
    family = load(name)
    signature = inspect.signature(family)
    try:
        signature.bind(**index)
    except TypeError as error:
        takes = ", ".join(signature.parameters) or "no sizes"
        raise TypeError(f"family {name!r} takes {takes}: {error}") from None
    return family(**index)
