"""Pictures of families. Those of one family lie in a module named like it; every other family gets the general ones."""

import importlib
import importlib.util

from numerics.geometry import Geometry
from reports.figures.drawing import Figure


def of_family(name: str, geometry: Geometry, shipped: bool) -> list[Figure]:
    """The pictures of a family.

    Args:
        name: of the family.
        geometry: its numerical geometry.
        shipped: whether it is one of the shipped families, which may have pictures of their own.
    """
    own = f"{__name__}.{name}"
    if shipped and importlib.util.find_spec(own):
        return importlib.import_module(own).figures()
    from reports.figures.general import figures

    return figures(geometry)
