"""The Fisher-Rao distance of every family: a metric in the sense of analysis, locally the Fisher norm."""

import numpy as np

from properties.bundles import STEP, geodesic_values
from properties.checks import agree, at_most
from properties.claims import claim
from properties.subjects import points

_SPAN = 0.8


def _triples(name):
    return {point: points(name, span=_SPAN) for point in ("theta", "other", "third")}


@claim(
    "fisher-rao-distance",
    evidence="property",
    per_family=True,
    given=_triples,
    factor=1.0,
    local=1.0,
    falsifiers={"distance doubled": {"factor": 2.0}, "norm of half the metric": {"local": 0.5**0.5}},
)
def test_geodesics_and_their_lengths(theta, other, third, family, factor, local):
    """The logarithm is as long as the distance and leads to the other point; a short step is as long as its Fisher norm.

    Both ways are equally long. Points that no shortest geodesic was found for are left out.
    """
    values = _found(geodesic_values(family, theta, other, third))
    scale = 1e-6 + values["distance"]
    agree(factor * values["distance"], values["speed"], tolerance=1e-8, scale=scale)
    agree(values["distance"], values["back"], tolerance=1e-8, scale=scale)
    agree(values["missed"], np.zeros_like(values["missed"]), tolerance=1e-7, scale=1 + np.abs(values["size"]))
    # The relative difference is of the order of the step.
    agree(values["short"], local * values["step"], tolerance=20 * STEP)


@claim(
    "fisher-rao-distance",
    evidence="property",
    per_family=True,
    given=_triples,
    power=1.0,
    falsifiers={"squared distance": {"power": 2.0}, "cube": {"power": 3.0}},
)
def test_triangle_inequality(theta, other, third, family, power):
    """Over three points, and over the point halfway along the geodesic, where it holds with equality."""
    values = _found(geodesic_values(family, theta, other, third))
    direct, first, second, before, after = (
        values[k] ** power for k in ("across", "distance", "beyond", "first_half", "second_half")
    )
    at_most(direct, first + second, slack=1e-8, scale=1e-6 + first + second)
    agree(before + after, first, tolerance=1e-7, scale=1e-6 + first)


def _found(values):
    is_found = np.isfinite(sum(values[key] for key in ("distance", "back", "across", "beyond", "first_half", "short")))
    return {key: value[is_found] for key, value in values.items()}
