"""Arithmetic modulo a prime against fractions, and the bounds behind a stated probability of error."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from derivations.curvature_identities import DEFINITIONS, HESSIAN_DEFINITIONS
from derivations.jets import hessian_jet
from derivations.polynomial_jets import PolynomialJet
from derivations.prime_field import MERSENNE_61, Bound, BoundArithmetic, PrimeField, trial
from derivations.rational_jets import finite_family

ALL = (*DEFINITIONS, *HESSIAN_DEFINITIONS)
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def residues(array, field):
    return np.vectorize(lambda q: field.residue(Fraction(q)), otypes=[object])(array)


@pytest.mark.parametrize("name", ["g^ij", "∂Γ_l^i_jk", "R_ijkl", "R", "R1", "R4", "|T|²"])
def test_curvature_modulo_a_prime_is_the_residue_of_the_fraction(name):
    field = PrimeField()
    exact = finite_family([HALF, THIRD, Fraction(1, 12), Fraction(1, 12)], np.eye(3, 4, dtype=int).tolist(), ALL)
    given = {key: residues(exact[key], field) for key in ("g__", "T___", "∂T____", "Q____")}
    drawn = field.draw(lambda _: dict(given), ALL, seed=0)
    assert np.array_equal(drawn[name], residues(exact[name], field))


def test_a_residue_is_a_quotient():
    assert PrimeField(7).residue(Fraction(-3, 2)) == 2
    with pytest.raises(ZeroDivisionError, match="has no residue"):
        PrimeField(7).residue(Fraction(1, 14))


def test_singular_matrices_have_no_inverse():
    assert PrimeField(7).inverse(np.array([[1, 3], [5, 1]], dtype=object)) is None


def test_singular_metrics_are_drawn_again():
    field = PrimeField(2)
    for seed in range(20):
        tensors = field.draw(partial(hessian_jet, 2, 2), (), seed)
        assert np.array_equal(tensors.value("g_ij g^jk", "ik"), np.eye(2, dtype=int))


@pytest.mark.parametrize("prime", [1, 0, -7, 2**61 + 1])
def test_a_modulus_that_is_no_prime(prime):
    with pytest.raises(ValueError, match="must be a prime"):
        PrimeField(prime)


def test_a_seed_reproduces_a_trial():
    jet = partial(hessian_jet, 3, 4)
    false = trial(jet, ALL, "R3", "- 1/2 R1", seeds=[12345])
    assert not false.holds
    assert false.seeds == (12345,)
    assert trial(jet, ALL, "R3", "- 1/2 R1 + 1/4 Q", points=3).holds


def test_several_points_multiply_the_error():
    jet = partial(hessian_jet, 3, 4)
    one, two = (trial(jet, ALL, "R_ijkl", "R_klij", points=points) for points in (1, 2))
    assert two.error == pytest.approx(one.error**2)
    assert one.error == one.degree / (MERSENNE_61 - 3)


def test_a_prime_too_small_for_the_coefficients_is_refused():
    with pytest.raises(ValueError, match="larger prime"):
        trial(partial(hessian_jet, 3, 4), ALL, "R_ijkl", "R_klij", prime=101)


def test_bounds_cover_the_polynomials():
    """The degree and the coefficients of the numerators, against the polynomials themselves."""
    jet = partial(hessian_jet, 2, 4)
    bounds, exact = BoundArithmetic(2).tensors(jet, ALL), PolynomialJet(jet).tensors(ALL)
    for name in ("g^ij", "∂Γ_l^i_jk", "R_ijkl", "R"):
        bound: Bound = bounds[name]
        for entry in np.ravel(exact[name]):
            # Times det^power, a term u^k of degree m has at most the degree m - k + n (power - k).
            degrees = [sum(powers) - powers[0] + 2 * (bound.power - powers[0]) for powers in entry.monoms()]
            assert max(degrees, default=0) <= bound.degree
            assert all(abs(Fraction(int(c.p), int(c.q))) * bound.denominator <= bound.norm for c in entry.coeffs())


def test_sums_take_the_common_denominator():
    total = BoundArithmetic(3).combine([(HALF, Bound(2, 1, 5)), (Fraction(-1), Bound(4, 0, 7, 3))])
    assert total == Bound(7, 1, 5 * 3 + 7 * 2 * 6, 6)
