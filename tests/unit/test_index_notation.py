"""Index notation: what it accepts, prints and refuses, and one text in several arithmetics."""

from fractions import Fraction

import numpy as np
import pytest

from derivations.contractions import Contractions, hessian, metric
from derivations.curvature_identities import DEFINITIONS, HESSIAN_DEFINITIONS, alpha_definitions
from derivations.index_notation import Tensors, latex, parse
from derivations.prime_field import PrimeField
from derivations.rational_jets import Rationals, finite_family

RNG = np.random.default_rng(0)
A, B = (RNG.integers(-9, 9, (3, 3)) for _ in range(2))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("R_ijkl", "R_{ijkl}"),
        ("- 1/4 g^mn T_ilm", r"- \tfrac{1}{4} g^{mn} T_{ilm}"),
        ("∂Γ_k^i_lj", r"\partial_{k} \Gamma^{i}{}_{lj}"),
        ("∇∇v_kl^i", r"\nabla_{k} \nabla_{l} v^{i}"),
        ("R - α α R", r"R - \alpha^2 R"),
        ("R1 = - 2 |trT|²", r"R_1 = - 2 |\operatorname{tr} T|^2"),
        ("0", "0"),
    ],
)
def test_latex(text, shown):
    assert latex(text) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a_i b_i", "the index i"),
        ("a_i b^i c_i", "the index i"),
        ("a_i + b_j", "different free indices"),
        ("a_i +", "is no tensor"),
        ("a_i - 2", "has no tensor"),
        ("a_I", "is no tensor"),
        ("2 1/2 a_i", "is no tensor"),
    ],
)
def test_what_is_no_sum_of_tensors(text, message):
    with pytest.raises(ValueError, match=message):
        parse(text)


def test_sides_with_different_free_indices():
    with pytest.raises(ValueError, match="different free indices"):
        hessian().tensors(()).difference("g_ij", "T_ijk")


def test_an_unknown_tensor():
    with pytest.raises(KeyError, match="neither given nor defined"):
        hessian().tensors(())["S__"]


@pytest.mark.parametrize("arithmetic", [Rationals(), PrimeField()], ids=["rationals", "prime field"])
def test_arithmetic_agrees_with_numpy(arithmetic):
    tensors = Tensors(arithmetic, {"A_i^j": A.astype(object), "B_i^j": B.astype(object)}, ["C_i^k = A_i^j B_j^k"])
    value = tensors.value("1/2 C_i^j + 3 B_i^j - 1/2 A_i^k B_k^j", "ji")
    modulus = getattr(arithmetic, "prime", None)
    expected = 3 * B.T
    assert np.array_equal(value, expected % modulus if modulus else expected)


def test_contractions_that_are_equal_up_to_names_and_symmetry():
    tensors = hessian().tensors(())
    assert hessian().equal(tensors, "g^ia g^jb T_akb", "g^jq T_qkp g^pi")
    assert hessian().equal(tensors, "g_im g^mj T_jkl", "T_lki")
    assert not hessian().equal(tensors, "g^ia T_abj g^bk", "g^ik g^ab T_abj")


def test_contractions_keep_the_order_of_indices_that_are_not_symmetric():
    arithmetic = metric()
    tensors = arithmetic.tensors(())
    assert arithmetic.equal(tensors, "∂g_kij", "∂g_kji")
    assert not arithmetic.equal(tensors, "∂g_kij", "∂g_ikj")


def test_a_full_trace_of_the_identity_is_not_a_number_of_its_own():
    arithmetic = Contractions({"g__": ("g", [(0, 1)]), "g^^": ("g⁻¹", [(0, 1)])})
    assert arithmetic.tensors(())["g__"].terms
    assert not arithmetic.equal(arithmetic.tensors(()), "g_ij g^ij", "0")


def test_contractions_agree_with_components_at_a_point():
    """What holds without components holds with them, on a categorical family of three letters."""
    definitions = (*DEFINITIONS, *HESSIAN_DEFINITIONS, *alpha_definitions())
    point = finite_family([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)], [[1, 0, 0], [0, 1, 0]], definitions)
    assert point["R"] == Fraction(1, 2)  # a sphere of radius 2
    assert not np.any(point.difference("R_ijkl", "1/4 g_ik g_jl - 1/4 g_il g_jk"))


@pytest.mark.parametrize(
    ("probabilities", "statistics", "message"),
    [
        ([Fraction(1, 2)], [[1]], "add up to 1/2"),
        ([Fraction(1, 2), Fraction(1, 2)], [[1, 0, 0]], "must have 2 values"),
    ],
)
def test_what_is_no_finite_family(probabilities, statistics, message):
    with pytest.raises(ValueError, match=message):
        finite_family(probabilities, statistics, ())
