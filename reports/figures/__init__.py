"""Pictures of families and claims, in modules named like the family or like the topic of the claim."""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from numerics.geometry import Geometry
from reports.figures.drawing import Figure


def of_family(name: str, geometry: Geometry, shipped: bool) -> list[Figure]:
    """The pictures of a family; every family without a module of its own gets the general ones.

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


def of_claim(claim: Mapping[str, Any]) -> list[Figure]:
    """The pictures of a claim, which ``CLAIMS`` of the module named like its topic draws from the evidence of the claim."""
    topic = claim["topic"]
    if not topic.isidentifier() or not importlib.util.find_spec(f"{__name__}.{topic}"):
        return []
    draw = getattr(importlib.import_module(f"{__name__}.{topic}"), "CLAIMS", {}).get(claim["id"])
    return [] if draw is None else draw(claim)


def table_of(claim: Mapping[str, Any], title: str) -> list[list[str]] | None:
    """The rows of a table in the evidence of a claim; None if this run has no such table."""
    for check in claim["checks"]:
        for table in check["tables"]:
            if table["title"] == title:
                return [[str(cell) for cell in row] for row in table["rows"]]
    return None
