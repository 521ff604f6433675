r"""Identities of every Hessian metric at once, exact: the derivatives of psi at a point are independent.

The metric ``g = ∂∂ψ`` of an exponential family in natural coordinates is Hessian, with the third cumulants T and the
fourth cumulants Q as its first and second derivatives. No normal form is chosen for g. Each derivation runs for
components in a given dimension, or for contractions in every dimension at once.

Sources: Amari & Nagaoka 2000, sections 2.3, 3.2 and 3.3; Shima, The Geometry of Hessian Structures (2007), chapters 2
and 3.
"""

from collections.abc import Mapping
from functools import partial

from derivations import curvature_identities as identities
from derivations.derivation import Derivation
from derivations.tensor_identities import HESSIAN, STATISTICAL, define, definition, setting

_SPREAD = "- 1/2 g^ia T_kab g^bm T_mlj + 1/2 g^ia T_lab g^bm T_mkj"
_NATURAL = "each part depends on the chart; these are natural coordinates"


def riemann_from_third_cumulants(
    dimension: int | None = None,
    riemann: str = identities.RIEMANN_FROM_CUMULANTS[1],
    scalar: str = identities.SCALAR_FROM_CUMULANTS[1],
) -> Derivation:
    """Riemann tensor and scalar curvature from the definition; the fourth cumulants cancel.

    Args:
        dimension: number of natural parameters; None for any.
        riemann: what is claimed for ``R_ijkl``.
        scalar: what is claimed for ``R``.
    """
    here = setting(HESSIAN, dimension)
    derivation = _begin(f"Curvature from third cumulants: {here.where}")
    reason = "Levi-Civita: the three derivatives of the metric are equal"
    here.check(derivation, "Γ_ijk", "1/2 T_ijk", reason)
    reason = "product rule, with ∂g^-1 = - g^-1 ∂g g^-1"
    here.check(derivation, "∂Γ_l^i_jk", "1/2 g^im Q_lmjk - 1/2 g^ia T_lab g^bm T_mjk", reason)
    reason = "the fourth cumulants are symmetric and cancel"
    here.check(derivation, "∂Γ_k^i_lj - ∂Γ_l^i_kj", _SPREAD, reason)
    define(derivation, definition("R^i_jkl"), "definition of the Riemann tensor, its first index lowered below")
    here.check(derivation, "R_ijkl", riemann, "the products of Christoffel symbols take back half of it")
    define(derivation, definition("|T|²"), "square of the third cumulants")
    define(derivation, definition("|trT|²"), "square of their trace")
    here.check(derivation, "R", scalar, "the trace of the Ricci tensor")
    return derivation


def ricci_split(
    dimension: int | None = None,
    parts: Mapping[str, str] = identities.RICCI_SPLIT,
    total: str = identities.SUM_OF_PARTS[1],
) -> Derivation:
    """The four parts of the scalar curvature in natural coordinates, fourth cumulants included.

    Args:
        dimension: number of natural parameters; None for any.
        parts: what is claimed for ``R1`` to ``R4``.
        total: what is claimed for ``R1 + R2``.
    """
    here = setting(HESSIAN, dimension)
    derivation = _begin(f"The four parts of R: {here.where}")
    _squares(derivation)
    for name in parts:
        define(derivation, definition(name), _NATURAL)
    here.check(derivation, "R", "R1 + R2 + R3 + R4", "the parts add up to the scalar curvature")
    for name, text in parts.items():
        here.check(derivation, name, text, "Christoffel symbols and their derivatives inserted")
    here.check(derivation, "R1 + R2", total, "the fourth cumulants cancel in the sum, not in the parts")
    return derivation


def ricci_halves(dimension: int | None = None, halves: Mapping[str, str] = identities.CORRECTED_HALVES) -> Derivation:
    """``R3`` from ``R1`` and ``R4`` from ``R2``, with the fourth cumulants that the published form omits."""
    here = setting(HESSIAN, dimension)
    derivation = _begin(f"The halves of the Ricci parts: {here.where}")
    _squares(derivation)
    for name in identities.RICCI_SPLIT:
        define(derivation, definition(name), _NATURAL)
    for name, text in halves.items():
        here.check(derivation, name, text, "for every log-partition function, critical or not")
    return derivation


def alpha_connections(
    dimension: int | None = None, curvature: str = identities.ALPHA_CURVATURE[1], half: str = identities.HALF
) -> Derivation:
    """The curvature of the alpha-connections of a Hessian metric; dually flat at alpha = 1 and -1.

    Args:
        dimension: number of natural parameters; None for any.
        curvature: what is claimed for ``Rα_ijkl``.
        half: the factor of ``α T`` in the connection.
    """
    definitions = identities.alpha_definitions(half)
    here = setting(HESSIAN, dimension, definitions)
    derivation = _begin(f"The curvature of the alpha-connections: {here.where}")
    define(derivation, definitions[0], "definition of the alpha-connection")
    define(derivation, definition("Rα^i_jkl", definitions), "its Riemann tensor, the first index lowered below")
    here.check(derivation, "Rα_ijkl", curvature, "1 - alpha^2 times the curvature of the metric")
    for alpha in (1, -1):
        flat = setting(HESSIAN, dimension, definitions, α=alpha)
        vanishes = partial(flat.arithmetic.equal, flat.tensors, "Rα_ijkl", "0")
        derivation.holds(f"R^{{({alpha})}}_{{ijkl}} = 0", vanishes, f"flat at alpha = {alpha}", flat.method)
    return derivation


def duality(
    dimension: int | None = None, right: str = identities.DUALITY[1], half: str = identities.HALF
) -> Derivation:
    """The connections of alpha and -alpha are dual, for every metric and every symmetric tensor T, in every chart.

    Args:
        dimension: of the manifold; None for any.
        right: what is claimed for ``∂g_kij``.
        half: the factor of ``α T`` in the connections.
    """
    definitions = identities.alpha_definitions(half)
    here = setting(STATISTICAL, dimension, definitions)
    derivation = Derivation(f"Duality of the alpha-connections: {here.where}")
    derivation.given(r"T_{ijk}", r"T_{(ijk)}", "any symmetric tensor; the metric need not be Hessian")
    for text in definitions[:2]:
        define(derivation, text, "definition of the alpha-connection and of its dual")
    here.check(derivation, "∂g_kij", right, "the terms with T cancel; the first index of the connections is lowered")
    return derivation


def _begin(title: str) -> Derivation:
    derivation = Derivation(title)
    derivation.given("g_{ij}", r"\partial_i \partial_j \psi", "the metric of an exponential family, natural parameters")
    derivation.given("T_{ijk}", r"\partial_i \partial_j \partial_k \psi", "third cumulants")
    derivation.given("Q_{ijkl}", r"\partial_i \partial_j \partial_k \partial_l \psi", "fourth cumulants")
    return derivation


def _squares(derivation: Derivation) -> None:
    define(derivation, definition("Q"), "trace of the fourth cumulants")
    define(derivation, definition("|T|²"), "square of the third cumulants")
    define(derivation, definition("|trT|²"), "square of their trace")
