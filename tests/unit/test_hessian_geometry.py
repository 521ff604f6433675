"""Settings of tensor identities and jets: what is symmetric, what is independent, what is refused."""

from functools import partial

import numpy as np
import pytest

from derivations.derivation import StepFailed
from derivations.hessian_cumulants import divergence_expansion
from derivations.hessian_geometry import alpha_connections, ricci_halves
from derivations.jets import field_jet, hessian_jet, metric_jet, names
from derivations.polynomial_jets import PolynomialJet
from derivations.tensor_identities import HESSIAN, METRIC, definition, setting


def test_a_jet_has_as_many_independent_entries_as_monomials():
    assert len(names(partial(hessian_jet, 3, 4))) == 6 + 10 + 15
    assert len(names(partial(metric_jet, 3, 3))) == 6 * (1 + 3 + 6 + 10)
    assert len(names(partial(field_jet, "v", True, 3))) == 3 * (1 + 3 + 6)


def test_derivatives_are_symmetric():
    jet = metric_jet(2, 2, lambda name: name)
    assert jet["∂∂g____"][0, 1, 0, 1] == jet["∂∂g____"][1, 0, 1, 0] == "g_12,12"
    assert field_jet("v", True, 2, lambda name: name)["∂∂v__^"][1, 0, 1] == "v_2,12"


def test_normal_coordinates():
    jet = metric_jet(2, 2, lambda name: name, normal=True)
    assert jet["g__"].tolist() == [["1", "0"], ["0", "1"]]
    assert set(jet["∂g___"].flat) == {"0"}
    arithmetic = PolynomialJet(lambda make: metric_jet(3, 2, make, normal=True))
    tensors = arithmetic.tensors((definition("Γ_mjk"), definition("Γ^i_jk")))
    assert arithmetic.equal(tensors, "Γ^i_jk", "0 Γ^i_jk")


def test_the_inverse_metric_is_an_inverse():
    arithmetic = PolynomialJet(partial(hessian_jet, 3, 2))
    tensors = arithmetic.tensors(())
    product = tensors.value("g_ij g^jk", "ik")
    assert np.array_equal(np.vectorize(int)(product == 1), np.eye(3))


@pytest.mark.parametrize("dimension", [None, 2])
def test_identities_of_hessian_metrics_fail_for_other_metrics(dimension):
    """Γ_ijk is symmetric in all indices for a Hessian metric only."""
    for kind, holds in ((HESSIAN, True), (METRIC, False)):
        here = setting(kind, dimension)
        assert here.arithmetic.equal(here.tensors, "Γ_ijk", "Γ_jik") is holds


def test_in_two_dimensions_more_holds_than_in_every_dimension():
    """Every surface satisfies Ric = R g / 2, and the contractions know that this is no identity."""
    for dimension, holds in ((2, True), (3, False), (None, False)):
        here = setting(METRIC, dimension)
        assert here.arithmetic.equal(here.tensors, "Ric_jl", "1/2 R g_jl") is holds


def test_an_undefined_tensor():
    with pytest.raises(KeyError, match="S_ij is not defined"):
        definition("S_ij")


def test_false_statements_fail_with_their_statement():
    with pytest.raises(StepFailed, match=r"R_3 = - \\tfrac\{1\}\{2\} R_1 fails"):
        ricci_halves(None, {"R3": "- 1/2 R1"})
    with pytest.raises(StepFailed, match="every Hessian metric, in dimension 2"):
        alpha_connections(2, half="1")
    with pytest.raises(StepFailed, match="divisible"):
        divergence_expansion(reverse=0)
