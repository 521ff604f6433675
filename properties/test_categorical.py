"""The categorical family is a part of a sphere of radius 2."""

from functools import cache

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp

from derivations import categorical
from numerics.geometry import geometry
from numerics.riemannian import riemannian
from properties.checks import agree, derived
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
OUTCOMES, BATCH = 4, 8


@cache
def _compiled(name):
    family = geometry("categorical", categories=OUTCOMES)
    functions = {"integrated": riemannian(family.metric).exp, "riemann": riemannian(family.metric).riemann}
    return jax.jit(jax.vmap(functions.get(name) or getattr(family, name)))


def laws(seed):
    """Pairs of laws, a batch of each, all probabilities of each."""
    random = np.random.default_rng(seed)
    return [random.dirichlet(np.full(OUTCOMES, 3.0), size=BATCH) * 0.9 + 0.1 / OUTCOMES for _ in range(2)]


@claim(
    "categorical-is-a-sphere",
    evidence="exact",
    radius=sp.Integer(2),
    falsifiers={"radius 1": {"radius": sp.Integer(1)}, "radius sqrt 2": {"radius": sp.sqrt(2)}},
)
def test_map_into_the_sphere(radius):
    for outcomes in (2, 3, 4, 5):
        derived(categorical.sphere(outcomes, radius))


@claim(
    "categorical-is-a-sphere",
    evidence="exact",
    sectional=categorical.CURVATURE,
    falsifiers={"hyperbolic": {"sectional": -categorical.CURVATURE}, "unit sphere": {"sectional": sp.Integer(1)}},
)
def test_curvature_from_third_cumulants(sectional):
    for outcomes in (3, 4):
        derived(categorical.curvature(outcomes, sectional))


@claim(
    "categorical-distance",
    evidence="exact",
    term=categorical.affinity,
    falsifiers={
        "p q without roots": {"term": lambda p, q: p * q},
        "arithmetic mean": {"term": lambda p, q: (p + q) / 2},
        "root of p alone": {"term": lambda p, q: sp.sqrt(p) * q},
    },
)
def test_angle(term):
    for outcomes in (2, 3, 4):
        derived(categorical.distance(outcomes, term))


@claim(
    "categorical-is-a-sphere",
    evidence="property",
    given={"seed": SEEDS},
    sectional=0.25,
    falsifiers={"hyperbolic": {"sectional": -0.25}, "unit sphere": {"sectional": 1.0}},
)
def test_constant_curvature_in_numbers(seed, sectional):
    """The Riemann tensor of the metric by automatic differentiation, in every plane."""
    law, _ = laws(seed)
    theta = law[:, :-1]
    g, riemann = np.asarray(_compiled("metric")(theta)), np.asarray(_compiled("riemann")(theta))
    planes = np.einsum("nik,njl->nijkl", g, g)
    expected = sectional * (planes - np.swapaxes(planes, 3, 4))
    # Condition numbers stay below 1e3; 3000 seeds left 1e-12.
    scale = np.abs(planes).max(axis=(1, 2, 3, 4), keepdims=True)
    agree(riemann, expected, tolerance=1e-10, scale=scale)


@claim(
    "categorical-distance",
    evidence="property",
    given={"seed": SEEDS},
    radius=2.0,
    power=0.5,
    falsifiers={
        "radius 1": {"radius": 1.0},
        "p q without roots": {"power": 1.0},
        "chord": {"radius": None},
    },
)
def test_distance_in_numbers(seed, radius, power):
    """The closed form, which is the length of a geodesic integrated numerically from the metric alone."""
    first, second = laws(seed)
    cosine = np.clip(np.sum((first * second) ** power, axis=1), 0, 1)
    expected = radius * np.arccos(cosine) if radius else 2 * np.sqrt(2 * (1 - cosine))
    found = np.asarray(_compiled("distance")(first[:, :-1], second[:, :-1]))
    # The angle from its cosine loses half the digits where laws are close; theirs are 0.05 apart and more.
    agree(found, expected, tolerance=1e-11, scale=np.maximum(expected, 1e-2))
    start = first[:2, :-1]
    velocity = np.asarray(_compiled("log")(start, second[:2, :-1]))
    speed = np.sqrt(np.einsum("ni,nij,nj->n", velocity, np.asarray(_compiled("metric")(start)), velocity))
    agree(speed, expected[:2], tolerance=1e-11, scale=np.maximum(expected[:2], 1e-2))
    agree(_compiled("integrated")(start, velocity), second[:2, :-1], tolerance=1e-9, scale=1.0)
