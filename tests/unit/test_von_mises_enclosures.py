"""Enclosures of I1/I0 against Arb's Bessel functions, and their verification against every broken coefficient."""

import itertools
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq

from numerics.von_mises_enclosures import (
    PRECISION,
    TAYLOR_ORDER,
    EnclosureError,
    SeriesEnclosure,
    TaylorModel,
    bessel_ratio,
    enclosure_near_infinity,
    enclosure_near_zero,
    exact,
    riccati_jet,
)


def contains_value(ball: arb, kappa: Fraction, radius: float) -> bool:
    with ctx.workprec(PRECISION):
        assert ball.rad() < radius
        # The oracle is far narrower than the ball, so overlap means containment up to the oracle's own radius.
        return ball.overlaps(bessel_ratio(kappa, 2 * PRECISION))


@pytest.mark.parametrize("seed", range(20))
def test_enclosures_contain_the_bessel_ratio(seed: int) -> None:
    source = random.Random(seed)
    small, large = Fraction(1 - source.random()), 40 * Fraction(1 / (1 - source.random()))
    assert contains_value(enclosure_near_zero().value(small), small, radius=1e-20)
    assert contains_value(enclosure_near_infinity().value(large), large, radius=1e-25)
    lower = Fraction(source.uniform(1, 39.5))
    upper = lower + Fraction(source.uniform(0.01, 0.25))
    inside = lower + (upper - lower) * Fraction(source.random())
    assert contains_value(TaylorModel.on(lower, upper).value(inside), inside, radius=1e-15)


def test_taylor_model_with_a_wrong_seed_misses_the_bessel_ratio() -> None:
    model = TaylorModel.on(Fraction(3), Fraction(13, 4))
    wrong = replace(model, centre_jet=model.centre_jet + fmpq(1, 10**12))
    assert not contains_value(wrong.value(Fraction(49, 16)), Fraction(49, 16), radius=1e-15)


def test_values_outside_the_domain_are_refused() -> None:
    with pytest.raises(ValueError, match="domain"):
        enclosure_near_zero().value(Fraction(2))
    with pytest.raises(ValueError, match="domain"):
        enclosure_near_infinity().value(Fraction(39))
    with pytest.raises(ValueError, match="domain"):
        TaylorModel.on(Fraction(3), Fraction(4)).value(Fraction(5))


@pytest.mark.parametrize("enclosure", [enclosure_near_zero(), enclosure_near_infinity()], ids=["zero", "infinity"])
@pytest.mark.parametrize("factor", [1 + Fraction(1, 10**15), 1 - Fraction(1, 10**15)], ids=["more", "less"])
def test_every_perturbed_coefficient_fails_the_verification(enclosure: SeriesEnclosure, factor: Fraction) -> None:
    scale = fmpq(factor.numerator, factor.denominator)
    for index, coefficient in enumerate(enclosure.coefficients):
        broken = list(enclosure.coefficients)
        broken[index] = coefficient * scale if coefficient != 0 else scale - 1
        with pytest.raises(EnclosureError):
            replace(enclosure, coefficients=tuple(broken)).verify()


@pytest.mark.parametrize("enclosure", [enclosure_near_zero(), enclosure_near_infinity()], ids=["zero", "infinity"])
def test_a_small_remainder_or_a_long_reach_fails_the_verification(enclosure: SeriesEnclosure) -> None:
    low, high = enclosure.remainder
    for remainder in ((low / 3, high / 3), (fmpq(0), fmpq(0)), (-high, -low)):
        with pytest.raises(EnclosureError):
            replace(enclosure, remainder=remainder).verify()
    with pytest.raises(EnclosureError):
        replace(enclosure, reach=3 * enclosure.reach).verify()


@pytest.mark.parametrize("shift", [fmpq(1, 10**10), fmpq(-1, 10**10)], ids=["too low", "too high"])
def test_barriers_at_infinity_must_start_on_the_right_side(monkeypatch: pytest.MonkeyPatch, shift: fmpq) -> None:
    moved = bessel_ratio(Fraction(40)) + shift
    monkeypatch.setattr("numerics.von_mises_enclosures.bessel_ratio", lambda _: moved)
    with pytest.raises(EnclosureError, match="wrong side"):
        enclosure_near_infinity().verify()


@pytest.mark.parametrize("lower", [Fraction(1, 100), Fraction(1, 3), Fraction(1), Fraction(7), Fraction(39)], ids=str)
def test_taylor_remainder_contains_the_coefficients_over_the_whole_box(lower: Fraction) -> None:
    upper = lower * Fraction(11, 10)
    whole = TaylorModel.on(lower, upper).whole_jet
    # Also the corners that no point (kappa, A(kappa)) meets: there the dependency cannot hide a box that is too small.
    points = [lower + share * (upper - lower) for share in (Fraction(0), Fraction(1, 7), Fraction(1))]
    for kappa, other in itertools.product(points, points):
        with ctx.workprec(PRECISION):
            jet = riccati_jet(arb(exact(kappa)), bessel_ratio(other), TAYLOR_ORDER)
            assert all(whole[k].overlaps(jet[k]) for k in range(TAYLOR_ORDER + 1))


def test_jet_solves_the_riccati_equation() -> None:
    with ctx.workprec(PRECISION):
        kappa = arb(3)
        ratio = bessel_ratio(Fraction(3))
        first = 1 - ratio / kappa - ratio**2
        second = ratio / kappa**2 - first / kappa - 2 * ratio * first
        jet = riccati_jet(kappa, ratio, 2)
        assert all(abs(jet[k] - value) < 1e-80 for k, value in enumerate((ratio, first, second / 2)))
