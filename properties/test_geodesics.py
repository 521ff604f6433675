"""The Fisher-Rao distance of every family: a metric in the sense of analysis, locally the Fisher norm."""

import numpy as np

from properties.bundles import STEP, geodesic_values
from properties.checks import agree, at_most
from properties.claims import claim
from properties.subjects import names, points

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
    power=1.0,
    falsifiers={
        "distance doubled": {"factor": 2.0},
        "norm of half the metric": {"local": 0.5**0.5},
        "squares in the triangle inequality": {"power": 2.0},
    },
)
def test_distance_is_the_length_of_geodesics(theta, other, third, family, factor, local, power):
    """The logarithm is as long as the distance and leads to the other point; both ways are equally long.

    A short step is as long as its Fisher norm. The triangle inequality holds over three points, and with equality over
    the point halfway along the geodesic. In a family from a file, triples whose geodesics leave the chart are left out.
    """
    values = geodesic_values(family, theta, other, third)
    if family not in names():
        values = _found(values)
    scale = 1e-6 + values["distance"]
    agree(factor * values["distance"], values["speed"], tolerance=1e-8, scale=scale)
    agree(values["distance"], values["back"], tolerance=1e-8, scale=scale)
    agree(values["missed"], np.zeros_like(values["missed"]), tolerance=1e-7, scale=1 + np.abs(values["size"]))
    # The relative difference is of the order of the step.
    agree(values["short"], local * values["step"], tolerance=20 * STEP)
    direct, first, second, before, after = (
        values[k] ** power for k in ("across", "distance", "beyond", "first_half", "second_half")
    )
    at_most(direct, first + second, slack=1e-8, scale=1e-6 + first + second)
    agree(before + after, first, tolerance=1e-7, scale=1e-6 + first)


def _found(values):
    is_found = np.isfinite(sum(values[key] for key in ("distance", "back", "across", "beyond", "first_half", "short")))
    return {key: value[is_found] for key, value in values.items()}
