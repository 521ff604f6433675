"""The identities of Bianchi and Ricci, exact, for every metric and for every Hessian metric.

The derivatives of the metric at a point are independent symbols; no normal coordinates are chosen. Each derivation runs
for components in a given dimension, or for contractions in every dimension at once.

Source: J. M. Lee, Introduction to Riemannian Manifolds (2018), chapters 4, 5 and 7.
"""

from collections.abc import Mapping

from derivations import curvature_identities as identities
from derivations.derivation import Derivation
from derivations.tensor_identities import FIELDS, METRIC, Setting, define, definition, setting

SYMMETRIES = {
    "antisymmetry": identities.ANTISYMMETRY,
    "pair symmetry": identities.PAIR_SYMMETRY,
    "first Bianchi identity": identities.FIRST_BIANCHI,
}
COMMUTATORS = {
    "vector fields": identities.COMMUTATOR_OF_VECTORS,
    "covector fields": identities.COMMUTATOR_OF_COVECTORS,
}


def metric_compatibility(dimension: int | None = None, left: str = identities.METRIC_COMPATIBILITY[0]) -> Derivation:
    """The covariant derivative of the metric is zero."""
    here, derivation = _begin("The Levi-Civita connection is compatible with the metric", METRIC, dimension)
    define(derivation, definition("∇g_kij"), "definition of the covariant derivative")
    here.check(derivation, left, "0", "Christoffel symbols inserted")
    return derivation


def riemann_symmetries(
    kind: str = METRIC, dimension: int | None = None, claimed: Mapping[str, tuple[str, str]] = SYMMETRIES
) -> Derivation:
    """Antisymmetry, pair symmetry and the first Bianchi identity."""
    here, derivation = _begin("The symmetries of the Riemann tensor", kind, dimension)
    for name, (left, right) in claimed.items():
        here.check(derivation, left, right, name)
    return derivation


def second_bianchi(
    kind: str = METRIC, dimension: int | None = None, left: str = identities.SECOND_BIANCHI[0]
) -> Derivation:
    """The cyclic sum of the covariant derivatives of the Riemann tensor is zero."""
    here, derivation = _begin("The second Bianchi identity", kind, dimension)
    define(derivation, definition("∇R_pijkl"), "definition of the covariant derivative")
    here.check(derivation, left, "0", "third derivatives of the metric inserted")
    return derivation


def contracted_bianchi(
    kind: str = METRIC,
    dimension: int | None = None,
    left: str = identities.CONTRACTED_BIANCHI[0],
    right: str = identities.CONTRACTED_BIANCHI[1],
) -> Derivation:
    """The divergence of the Ricci tensor is half the differential of the scalar curvature."""
    here, derivation = _begin("The contracted Bianchi identity", kind, dimension)
    define(derivation, definition("Ric_jl"), "definition of the Ricci tensor")
    define(derivation, definition("∇Ric_pjl"), "definition of the covariant derivative")
    here.check(derivation, left, right, "third derivatives of the metric inserted")
    return derivation


def ricci_identity(dimension: int | None = None, claimed: Mapping[str, tuple[str, str]] = COMMUTATORS) -> Derivation:
    """Covariant derivatives of a vector and of a covector field commute up to curvature."""
    here, derivation = _begin("The commutator of covariant derivatives", FIELDS, dimension)
    for left in ("∇v_l^i", "∇∇v_kl^i", "∇w_lj", "∇∇w_klj"):
        define(derivation, definition(left), "definition of the covariant derivative")
    for name, (left, right) in claimed.items():
        here.check(derivation, left, right, name)
    return derivation


def _begin(title: str, kind: str, dimension: int | None) -> tuple[Setting, Derivation]:
    here = setting(kind, dimension)
    derivation = Derivation(f"{title}: {here.where}")
    define(derivation, definition("Γ^i_jk"), "Levi-Civita connection, the first index raised")
    define(derivation, definition("Γ_mjk"), "in derivatives of the metric")
    define(derivation, definition("R^i_jkl"), "definition of the Riemann tensor")
    return here, derivation
