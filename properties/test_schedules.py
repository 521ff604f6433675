"""The free-energy identity and the speed limit where objective, temperature and mobility follow schedules."""

import numpy as np

from properties.checks import agree, at_most
from properties.claims import claim
from properties.schedules import schedules


@claim(
    "free-energy-identity",
    evidence="property",
    given={"drawn": schedules()},
    work=1.0,
    heating=1.0,
    falsifiers={"objective fixed": {"work": 0.0}, "temperature constant": {"heating": 0.0}},
)
def test_drop_under_schedules(drawn, work, heating):
    """Normal laws in four stretches of other objectives, temperatures and mobilities: the drop with all its terms."""
    found = drawn.results
    size = 1 + sum(np.abs(found[name]) for name in ("begin", "end", "work", "heating", "production"))
    drop = found["begin"] - found["end"] + work * found["work"] - heating * found["heating"]
    # The worst of 51200 schedules: 4.5e-15.
    agree(drop, found["production"], tolerance=1e-13, scale=size)


@claim(
    "speed-limit",
    evidence="property",
    given={"drawn": schedules()},
    constant=1.0,
    falsifiers={"two times the bound": {"constant": 2.0}},
)
def test_limit_under_schedules(drawn, constant):
    """The limit asks for nothing of objective and temperature: ``W2^2 / int mu dt`` at most Sigma, work included."""
    found = drawn.results
    at_most(constant * found["cost"] / (found["clock"] * found["production"]), 1.0, slack=1e-11)
