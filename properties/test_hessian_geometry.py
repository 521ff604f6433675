"""Hessian identities for every exponential family at once: curvature, alpha-connections, moments, divergence."""

import hypothesis.strategies as st
import pytest
import sympy as sp

from derivations import curvature_identities as identities
from derivations import hessian_cumulants, hessian_geometry
from derivations.tensor_identities import HESSIAN, STATISTICAL
from properties.checks import derived
from properties.claims import claim
from properties.random_metrics import drawn
from properties.schwartz_zippel import at_random_jets

_, RIEMANN = identities.RIEMANN_FROM_CUMULANTS
_, SCALAR = identities.SCALAR_FROM_CUMULANTS
_, ALPHA = identities.ALPHA_CURVATURE
_, DUAL = identities.DUALITY

FALSE_RIEMANN = {
    "1/2 in place of 1/4": {"riemann": "1/2 g^mn T_ilm T_jkn - 1/2 g^mn T_ikm T_jln"},
    "opposite sign": {"riemann": "1/4 g^mn T_ikm T_jln - 1/4 g^mn T_ilm T_jkn"},
    "one wrong index": {"riemann": "1/4 g^mn T_ijm T_kln - 1/4 g^mn T_ikm T_jln"},
}
FALSE_SCALAR = {
    "1/2 in R": {"scalar": "1/2 |T|² - 1/2 |trT|²"},
    "sign of the trace": {"scalar": "1/4 |T|² + 1/4 |trT|²"},
    "fourth cumulants left in R": {"scalar": "1/4 |T|² - 1/4 |trT|² + 1/2 Q"},
}
FALSE_CURVATURE = {
    "linear in alpha": {"curvature": "R_ijkl - α R_ijkl"},
    "sign of alpha squared": {"curvature": "R_ijkl + α α R_ijkl"},
    "alpha not halved in the connection": {"half": "1"},
}
FALSE_DUALITY = {
    "self-dual": {"dual": "Γα_jki + Γα_ikj"},
    "one index exchanged": {"dual": "Γα_jki + Γ-α_kij"},
    "a sign": {"dual": "Γα_jki - Γ-α_ikj"},
}


@claim(
    "curvature-from-third-cumulants",
    evidence="exact",
    riemann=RIEMANN,
    scalar=SCALAR,
    falsifiers=FALSE_RIEMANN | FALSE_SCALAR,
)
def test_curvature_of_every_exponential_family(riemann, scalar):
    """In every dimension by contractions, and in dimensions 2 and 3 once more by components."""
    for dimension in (None, 2, 3):
        derived(hessian_geometry.riemann_from_third_cumulants(dimension, riemann, scalar))


@claim(
    "curvature-from-third-cumulants",
    evidence="probabilistic",
    riemann=RIEMANN,
    scalar=SCALAR,
    falsifiers=FALSE_RIEMANN | FALSE_SCALAR,
)
def test_curvature_modulo_a_prime(riemann, scalar):
    at_random_jets(HESSIAN, (4, 5, 6), "R_ijkl", riemann)
    at_random_jets(HESSIAN, (4, 5, 6), "R", scalar)


@pytest.mark.slow
@claim(
    "curvature-from-third-cumulants",
    evidence="property",
    given={"metric": drawn(hessian=True)},
    riemann=RIEMANN,
    scalar=SCALAR,
    falsifiers=FALSE_RIEMANN | FALSE_SCALAR,
)
def test_curvature_of_random_potentials(metric, riemann, scalar):
    # Relative to the terms before they cancel; 1000 examples left 1.4e-14, of the inverse metric.
    metric.holds("R_ijkl", riemann, tolerance=1e-13)
    metric.holds("R", scalar, tolerance=1e-13)


@claim(
    "alpha-connections-dually-flat",
    evidence="exact",
    curvature=ALPHA,
    half=identities.HALF,
    falsifiers=FALSE_CURVATURE,
)
def test_alpha_curvature(curvature, half):
    for dimension in (None, 2, 3):
        derived(hessian_geometry.alpha_connections(dimension, curvature, half))


@claim("alpha-connections-dually-flat", evidence="exact", dual=DUAL, falsifiers=FALSE_DUALITY)
def test_duality(dual):
    for dimension in (None, 2, 3):
        derived(hessian_geometry.duality(dimension, dual))


@claim(
    "alpha-connections-dually-flat",
    evidence="probabilistic",
    curvature=ALPHA,
    half=identities.HALF,
    dual=DUAL,
    falsifiers=FALSE_CURVATURE | FALSE_DUALITY,
)
def test_alpha_connections_modulo_a_prime(curvature, half, dual):
    definitions = identities.alpha_definitions(half)
    at_random_jets(HESSIAN, (4, 5, 6), "Rα_ijkl", curvature, definitions)
    at_random_jets(STATISTICAL, (4, 5, 6), "∂g_kij", dual, definitions)


@claim(
    "alpha-connections-dually-flat",
    evidence="property",
    given={"metric": drawn(hessian=True), "alpha": st.floats(-3, 3).filter(lambda a: abs(a * (1 - a)) > 1e-2)},
    curvature=ALPHA,
    half=identities.HALF,
    falsifiers=FALSE_CURVATURE,
)
def test_alpha_curvature_of_random_potentials(metric, alpha, curvature, half):
    # 1000 examples left 1.3e-14, 2000 with other coefficients 4e-14.
    definitions = identities.alpha_definitions(half)
    metric.holds("Rα_ijkl", curvature, tolerance=4e-13, definitions=definitions, scalars={"α": alpha})


@pytest.mark.slow
@claim(
    "alpha-connections-dually-flat",
    evidence="property",
    given={"metric": drawn(hessian=False), "alpha": st.floats(0.1, 3)},
    dual=DUAL,
    falsifiers=FALSE_DUALITY,
)
def test_duality_on_random_metrics(metric, alpha, dual):
    # 1000 examples left 4.6e-16.
    metric.holds("∂g_kij", dual, tolerance=5e-15, definitions=identities.alpha_definitions(), scalars={"α": alpha})


@claim(
    "fisher-metric-is-hessian",
    evidence="exact",
    metric_factor=1,
    skewness_factor=1,
    pairs=1,
    falsifiers={
        "metric doubled": {"metric_factor": 2},
        "skewness of the other sign": {"skewness_factor": -1},
        "fourth derivatives taken for moments": {"pairs": 0},
    },
)
def test_moments_of_every_exponential_family(metric_factor, skewness_factor, pairs):
    derived(hessian_cumulants.score_moments(metric_factor, skewness_factor, pairs))


@pytest.mark.slow
@claim(
    "fisher-metric-is-hessian",
    evidence="exact",
    metric_factor=1,
    skewness_factor=1,
    falsifiers={"metric doubled": {"metric_factor": 2}, "skewness of the other sign": {"skewness_factor": -1}},
)
def test_moments_on_a_finite_set(metric_factor, skewness_factor):
    """Without a generating function: two statistics on three letters, their weights and values symbols."""
    derived(hessian_cumulants.finite_sample_space(3, metric_factor, skewness_factor))


@claim(
    "kl-expansion",
    evidence="exact",
    third=sp.Rational(1, 6),
    reverse=sp.Rational(1, 3),
    falsifiers={
        "coefficients exchanged": {"third": sp.Rational(1, 3), "reverse": sp.Rational(1, 6)},
        "1/6 both ways": {"reverse": sp.Rational(1, 6)},
        "third order forgotten": {"third": sp.Integer(0)},
    },
)
def test_expansion_of_every_divergence(third, reverse):
    derived(hessian_cumulants.divergence_expansion(third, reverse))
