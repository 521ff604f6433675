"""The identities of Bianchi and Ricci: exact, modulo a prime, and on random metrics."""

import pytest

from derivations import bianchi
from derivations import curvature_identities as identities
from derivations.tensor_identities import FIELDS, HESSIAN, METRIC
from properties.checks import derived
from properties.claims import claim
from properties.random_metrics import drawn
from properties.schwartz_zippel import at_random_jets

# 1000 examples of each identity left at most 7.4e-16 of the size of its terms.
TOLERANCE = 7e-15

COMPATIBLE = {
    "left": identities.METRIC_COMPATIBILITY[0],
    "falsifiers": {
        "partial derivative": {"left": "∂g_kij"},
        "one index not transported": {"left": "∂g_kij - Γ^m_ki g_mj"},
        "sign of the connection": {"left": "∂g_kij + Γ^m_ki g_mj + Γ^m_kj g_im"},
        "one wrong index": {"left": "∂g_kij - Γ^m_ki g_mj - Γ^m_ij g_km"},
    },
}
PAIR, CYCLE = identities.PAIR_SYMMETRY, identities.FIRST_BIANCHI
SYMMETRIC = {
    "pair": PAIR[1],
    "cycle": CYCLE[0],
    "falsifiers": {
        "one pair exchanged with a sign": {"pair": "R_lkij"},
        "indices of different pairs exchanged": {"pair": "R_kjil"},
        "one term with the other sign": {"cycle": "R_ijkl - R_iklj + R_iljk"},
        "one transposition": {"cycle": "R_ijkl + R_iklj + R_ilkj"},
    },
}
SECOND = {
    "left": identities.SECOND_BIANCHI[0],
    "falsifiers": {
        "partial derivatives": {"left": "∂R_mijkl + ∂R_kijlm + ∂R_lijmk"},
        "one partial derivative": {"left": "∇R_mijkl + ∂R_kijlm + ∇R_lijmk"},
        "one wrong index": {"left": "∇R_mijkl + ∇R_kijlm + ∇R_lijkm"},
        "a term missing": {"left": "∇R_mijkl + ∇R_kijlm"},
    },
}
CONTRACTED = {
    "left": identities.CONTRACTED_BIANCHI[0],
    "right": identities.CONTRACTED_BIANCHI[1],
    "falsifiers": {
        "1 in place of 1/2": {"right": "∂R_l"},
        "1/4 in place of 1/2": {"right": "1/4 ∂R_l"},
        "partial derivative": {"left": "g^jm ∂Ric_mjl"},
        "sign": {"right": "- 1/2 ∂R_l"},
    },
}
VECTORS, COVECTORS = identities.COMMUTATOR_OF_VECTORS, identities.COMMUTATOR_OF_COVECTORS
COMMUTATOR = {
    "vectors": VECTORS,
    "covectors": COVECTORS,
    "falsifiers": {
        "sign for vectors": {"vectors": (VECTORS[0], "- R^i_jkl v^j")},
        "sign for covectors": {"covectors": (COVECTORS[0], "R^m_jkl w_m")},
        "the other order of indices": {"vectors": (VECTORS[0], "R^i_kjl v^j")},
        "second derivative partial": {"vectors": ("∂∇v_kl^i - ∂∇v_lk^i", VECTORS[1])},
        "factor 1/2": {"covectors": (COVECTORS[0], "- 1/2 R^m_jkl w_m")},
    },
}


@claim("metric-compatibility", evidence="exact", **COMPATIBLE)
def test_metric_compatibility(left):
    for dimension in (None, 3):
        derived(bianchi.metric_compatibility(dimension, left))


@claim("metric-compatibility", evidence="probabilistic", **COMPATIBLE)
def test_metric_compatibility_modulo_a_prime(left):
    at_random_jets(METRIC, (3, 4, 5), left, "0")


@pytest.mark.slow
@claim("metric-compatibility", evidence="property", given={"metric": drawn(hessian=False)}, **COMPATIBLE)
def test_metric_compatibility_of_random_metrics(metric, left):
    metric.holds(left, "0", TOLERANCE)


@claim("riemann-symmetries", evidence="exact", **SYMMETRIC)
def test_symmetries(pair, cycle):
    claimed = bianchi.SYMMETRIES | {"pair symmetry": (PAIR[0], pair), "first Bianchi identity": (cycle, "0")}
    for kind in (METRIC, HESSIAN):
        for dimension in (None, 3):
            derived(bianchi.riemann_symmetries(kind, dimension, claimed))


@claim("riemann-symmetries", evidence="probabilistic", **SYMMETRIC)
def test_symmetries_modulo_a_prime(pair, cycle):
    for left, right in (identities.ANTISYMMETRY, (PAIR[0], pair), (cycle, "0")):
        at_random_jets(METRIC, (3, 4, 5), left, right)


@claim("riemann-symmetries", evidence="property", given={"metric": drawn(hessian=False)}, **SYMMETRIC)
def test_symmetries_of_random_metrics(metric, pair, cycle):
    for left, right in (identities.ANTISYMMETRY, (PAIR[0], pair), (cycle, "0")):
        metric.holds(left, right, TOLERANCE)


@claim("second-bianchi", evidence="exact", **SECOND)
def test_second_bianchi(left):
    for kind, dimension in ((METRIC, None), (HESSIAN, None), (HESSIAN, 3)):
        derived(bianchi.second_bianchi(kind, dimension, left))


@claim("second-bianchi", evidence="probabilistic", **SECOND)
def test_second_bianchi_modulo_a_prime(left):
    at_random_jets(METRIC, (3, 4, 5), left, "0")
    at_random_jets(HESSIAN, (4, 5), left, "0")


@claim("second-bianchi", evidence="property", given={"metric": drawn(hessian=False)}, **SECOND)
def test_second_bianchi_of_random_metrics(metric, left):
    metric.holds(left, "0", TOLERANCE)


@claim("contracted-bianchi", evidence="exact", **CONTRACTED)
def test_contracted_bianchi(left, right):
    for kind, dimension in ((METRIC, None), (HESSIAN, None), (HESSIAN, 3)):
        derived(bianchi.contracted_bianchi(kind, dimension, left, right))


@claim("contracted-bianchi", evidence="probabilistic", **CONTRACTED)
def test_contracted_bianchi_modulo_a_prime(left, right):
    at_random_jets(METRIC, (3, 4), left, right)
    at_random_jets(HESSIAN, (4,), left, right)


@claim("contracted-bianchi", evidence="property", given={"metric": drawn(hessian=False)}, **CONTRACTED)
def test_contracted_bianchi_of_random_metrics(metric, left, right):
    metric.holds(left, right, TOLERANCE)


@claim("ricci-identity", evidence="exact", **COMMUTATOR)
def test_commutator(vectors, covectors):
    for dimension in (None, 3):
        derived(bianchi.ricci_identity(dimension, {"vector fields": vectors, "covector fields": covectors}))


@claim("ricci-identity", evidence="probabilistic", **COMMUTATOR)
def test_commutator_modulo_a_prime(vectors, covectors):
    for left, right in (vectors, covectors):
        at_random_jets(FIELDS, (3, 4, 5), left, right)


@claim("ricci-identity", evidence="property", given={"metric": drawn(hessian=False)}, **COMMUTATOR)
def test_commutator_on_random_metrics(metric, vectors, covectors):
    for left, right in (vectors, covectors):
        metric.holds(left, right, TOLERANCE)
