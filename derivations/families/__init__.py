"""The shipped families, one file each; the file name is the family's name."""

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivations.family import Family


def names() -> tuple[str, ...]:
    """The names of the shipped families, without importing any."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> "Family":
    """The shipped family of this name; raises ValueError for another."""
    if name not in names():
        raise ValueError(f"no family is called {name!r}; there are {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}").family
