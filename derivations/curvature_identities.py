"""Definitions and identities of Riemannian and Hessian geometry, in index notation.

Each is stated once here and evaluated exactly, modulo a prime and in floating point. Conventions are those of
:mod:`derivations.riemannian`; ``T`` and ``Q`` are third and fourth derivatives of the log-partition function
psi (third and fourth cumulants), and a Hessian metric is written in affine (natural) coordinates, where ``g = ∂∂ψ``.
"""

# From the derivatives of a metric at a point to the derivatives of its Riemann tensor.
DEFINITIONS = (
    "Γ_mjk = 1/2 ∂g_jmk + 1/2 ∂g_kmj - 1/2 ∂g_mjk",
    "∂Γ_lmjk = 1/2 ∂∂g_ljmk + 1/2 ∂∂g_lkmj - 1/2 ∂∂g_lmjk",
    "∂∂Γ_plmjk = 1/2 ∂∂∂g_pljmk + 1/2 ∂∂∂g_plkmj - 1/2 ∂∂∂g_plmjk",
    "∂g_l^ij = - g^ia ∂g_lab g^bj",
    "∂∂g_pl^ij = - g^ia ∂∂g_plab g^bj - ∂g_p^ia ∂g_lab g^bj - g^ia ∂g_lab ∂g_p^bj",
    "Γ^i_jk = g^im Γ_mjk",
    "∂Γ_l^i_jk = g^im ∂Γ_lmjk + ∂g_l^im Γ_mjk",
    "∂∂Γ_pl^i_jk = g^im ∂∂Γ_plmjk + ∂g_p^im ∂Γ_lmjk + ∂g_l^im ∂Γ_pmjk + ∂∂g_pl^im Γ_mjk",
    "R^i_jkl = ∂Γ_k^i_lj - ∂Γ_l^i_kj + Γ^i_km Γ^m_lj - Γ^i_lm Γ^m_kj",
    "∂R_p^i_jkl = ∂∂Γ_pk^i_lj - ∂∂Γ_pl^i_kj + ∂Γ_p^i_km Γ^m_lj + Γ^i_km ∂Γ_p^m_lj"
    " - ∂Γ_p^i_lm Γ^m_kj - Γ^i_lm ∂Γ_p^m_kj",
    "R_ijkl = g_im R^m_jkl",
    "∂R_pijkl = g_im ∂R_p^m_jkl + ∂g_pim R^m_jkl",
    "∇R_pijkl = ∂R_pijkl - Γ^m_pi R_mjkl - Γ^m_pj R_imkl - Γ^m_pk R_ijml - Γ^m_pl R_ijkm",
    "Ric_jl = g^ik R_ijkl",
    "∂Ric_pjl = g^ik ∂R_pijkl + ∂g_p^ik R_ijkl",
    "∇Ric_pjl = ∂Ric_pjl - Γ^m_pj Ric_ml - Γ^m_pl Ric_jm",
    "R = g^jl Ric_jl",
    "∂R_p = g^jl ∂Ric_pjl + ∂g_p^jl Ric_jl",
    "∇g_kij = ∂g_kij - Γ^m_ki g_mj - Γ^m_kj g_im",
    "∇v_l^i = ∂v_l^i + Γ^i_lm v^m",
    "∂∇v_kl^i = ∂∂v_kl^i + ∂Γ_k^i_lm v^m + Γ^i_lm ∂v_k^m",
    "∇∇v_kl^i = ∂∇v_kl^i + Γ^i_km ∇v_l^m - Γ^m_kl ∇v_m^i",
    "∇w_lj = ∂w_lj - Γ^m_lj w_m",
    "∂∇w_klj = ∂∂w_klj - ∂Γ_k^m_lj w_m - Γ^m_lj ∂w_km",
    "∇∇w_klj = ∂∇w_klj - Γ^m_kj ∇w_lm - Γ^m_kl ∇w_mj",
)

# Left and right side by the name of the identity; Lee 2018, chapters 4, 5 and 7.
FIRST_BIANCHI = ("R_ijkl + R_iklj + R_iljk", "0")
PAIR_SYMMETRY = ("R_ijkl", "R_klij")
ANTISYMMETRY = ("R_ijkl", "- R_jikl")
SECOND_BIANCHI = ("∇R_mijkl + ∇R_kijlm + ∇R_lijmk", "0")
CONTRACTED_BIANCHI = ("g^jm ∇Ric_mjl", "1/2 ∂R_l")
COMMUTATOR_OF_VECTORS = ("∇∇v_kl^i - ∇∇v_lk^i", "R^i_jkl v^j")
COMMUTATOR_OF_COVECTORS = ("∇∇w_klj - ∇∇w_lkj", "- R^m_jkl w_m")
METRIC_COMPATIBILITY = ("∇g_kij", "0")

# A Hessian metric in affine coordinates.
HESSIAN_DEFINITIONS = (
    "∂g_kij = T_kij",
    "∂∂g_lkij = Q_lkij",
    "|T|² = g^il g^jm g^kn T_ijk T_lmn",
    "|trT|² = g^ij g^kl g^mn T_ijm T_kln",
    "Q = g^il g^jk Q_iljk",
    "R1 = g^jk ∂Γ_i^i_jk",
    "R2 = - g^jk ∂Γ_j^i_ik",
    "R3 = g^jk Γ^i_il Γ^l_jk",
    "R4 = - g^jk Γ^i_jl Γ^l_ik",
)
RIEMANN_FROM_CUMULANTS = ("R_ijkl", "1/4 g^mn T_ilm T_jkn - 1/4 g^mn T_ikm T_jln")
SCALAR_FROM_CUMULANTS = ("R", "1/4 |T|² - 1/4 |trT|²")

# The four parts of R; the halves as published, and what is left of them for every Hessian metric.
RICCI_SPLIT = {
    "R1": "- 1/2 |trT|² + 1/2 Q",
    "R2": "1/2 |T|² - 1/2 Q",
    "R3": "1/4 |trT|²",
    "R4": "- 1/4 |T|²",
}
SUM_OF_PARTS = ("R1 + R2", "- 2 R3 - 2 R4")
PUBLISHED_HALVES = {"R3": "- 1/2 R1", "R4": "- 1/2 R2"}
CORRECTED_HALVES = {"R3": "- 1/2 R1 + 1/4 Q", "R4": "- 1/2 R2 - 1/4 Q"}

# The alpha-connections and their curvature, for any metric g and symmetric tensor T.
HALF = "1/2"
ALPHA_CURVATURE = ("Rα_ijkl", "R_ijkl - α α R_ijkl")
DUALITY = ("∂g_kij", "Γα_jki + Γ-α_ikj")


def alpha_definitions(half: str = HALF) -> tuple[str, ...]:
    """The connections of alpha and -alpha with ``half`` as the factor of ``α T``, their derivatives and curvature."""
    return (
        f"Γα^i_jk = Γ^i_jk - {half} α T^i_jk",
        f"Γ-α^i_jk = Γ^i_jk + {half} α T^i_jk",
        f"∂Γα_l^i_jk = ∂Γ_l^i_jk - {half} α ∂T_l^i_jk",
        "T^i_jk = g^im T_mjk",
        "∂T_l^i_jk = g^im ∂T_lmjk + ∂g_l^im T_mjk",
        "Γα_ijk = g_im Γα^m_jk",
        "Γ-α_ijk = g_im Γ-α^m_jk",
        "Rα^i_jkl = ∂Γα_k^i_lj - ∂Γα_l^i_kj + Γα^i_km Γα^m_lj - Γα^i_lm Γα^m_kj",
        "Rα_ijkl = g_im Rα^m_jkl",
    )
