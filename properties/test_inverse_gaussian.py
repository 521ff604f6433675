"""The inverse Gaussian family is a half of a hyperbolic plane."""

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp

from derivations import inverse_gaussian
from derivations.families.inverse_gaussian import lam, mu
from numerics.geometry import geometry
from numerics.riemannian import from_metric
from properties.checks import agree, derived
from properties.claims import claim
from properties.subjects import batched, points

BY_METRIC = jax.jit(jax.vmap(from_metric(geometry("inverse_gaussian").metric)["scalar_curvature"]))


@claim(
    "inverse-gaussian-hyperbolic",
    evidence="exact",
    curvature=inverse_gaussian.CURVATURE,
    image=inverse_gaussian.IMAGE,
    length=None,
    falsifiers={
        "K = -1": {"curvature": sp.Integer(-1)},
        "sphere": {"curvature": sp.Rational(1, 2)},
        "sqrt 2 forgotten": {"image": (1 / sp.sqrt(mu), 1 / sp.sqrt(lam))},
        "Gaussian coordinates": {"image": (mu / sp.sqrt(2), sp.sqrt(lam))},
        "half the length": {"length": sp.sqrt(lam / mu)},
    },
)
def test_isometry_curvature_and_edge(curvature, image, length):
    derived(inverse_gaussian.hyperbolic(curvature, image))
    derived(inverse_gaussian.incomplete(length))


@claim(
    "inverse-gaussian-hyperbolic",
    evidence="property",
    given={"theta": points("inverse_gaussian", span=2.0)},
    curvature=-1.0,
    falsifiers={"K in place of R": {"curvature": -0.5}, "flat": {"curvature": 0.0}},
)
def test_curvature_by_automatic_differentiation(theta, curvature):
    # Two nested derivatives of powers, contracted; 8000 points left 2.2e-15.
    agree(BY_METRIC(theta), np.full(len(theta), curvature), tolerance=5e-14)


@claim(
    "inverse-gaussian-hyperbolic",
    evidence="property",
    given={"theta": points("inverse_gaussian", span=3.0), "growth": st.floats(1, 12)},
    reach=2.0,
    falsifiers={"half as far": {"reach": 1.0}, "infinitely far": {"reach": 1e6}},
)
def test_the_edge_is_near(theta, growth, reach):
    """The way to ``mu 10^n`` at constant lambda is not longer than ``2 sqrt(lambda / mu)`` and comes close to it."""
    far = theta * np.array([10.0**growth, 1.0])
    distance = np.asarray(batched("inverse_gaussian", "distance")(theta, far))
    way = reach * np.sqrt(theta[:, 1] / theta[:, 0]) * (1 - 10 ** (-growth / 2))
    # The way keeps lambda and is a horocycle: its chord has the length 2 sqrt 2 arsinh(way / (2 sqrt 2)).
    agree(distance, 2 * np.sqrt(2) * np.arcsinh(way / (2 * np.sqrt(2))), tolerance=1e-14)
