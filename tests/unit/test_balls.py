"""The oracle against values and routines that do not share its formulas, and the ulp counter against hand counts."""

import mpmath
import pytest
from flint import arb, ctx

from numerics.balls import QUANTITIES, ulps, von_mises_ball, von_mises_balls


def _mpmath_ratio(kappa: mpmath.mpf) -> mpmath.mpf:
    return mpmath.besseli(1, kappa) / mpmath.besseli(0, kappa)


def _mpmath_curvature(kappa: mpmath.mpf) -> mpmath.mpf:
    """Gauss curvature of ``kappa A dmu^2 + A' dkappa^2`` from the metric alone, doubled: no closed form of ``K``."""

    def circumference(point: mpmath.mpf) -> mpmath.mpf:
        return mpmath.sqrt(point * _mpmath_ratio(point))

    def speed(point: mpmath.mpf) -> mpmath.mpf:
        return mpmath.sqrt(mpmath.diff(_mpmath_ratio, point))

    def turning(point: mpmath.mpf) -> mpmath.mpf:
        return mpmath.diff(circumference, point) / speed(point)

    return -2 * mpmath.diff(turning, kappa) / (circumference(kappa) * speed(kappa))


@pytest.mark.parametrize("kappa", [0.25, 1.0, 5.0, 37.5])
def test_balls_hold_what_mpmath_computes(kappa: float) -> None:
    with mpmath.workdps(80):
        point = mpmath.mpf(kappa)
        ratio = [mpmath.diff(_mpmath_ratio, point, order) for order in range(5)]
        expected = {
            **{f"derivative_{order}": value for order, value in enumerate(ratio)},
            "complement": 1 - ratio[0],
            "quotient_2_1": ratio[2] / ratio[1],
            "quotient_1_0": ratio[1] / ratio[0],
            "quotient_0_1": ratio[0] / ratio[1],
            "intercept": ratio[0] - point * ratio[1],
            "reciprocal_slope": 1 / ratio[1],
            "log_bessel_i0": mpmath.log(mpmath.besseli(0, point)),
            "scalar_curvature_0": _mpmath_curvature(point),
        }
        for name, ball in von_mises_balls(kappa, expected).items():
            value = mpmath.mpf(ball.mid().str(40, radius=False))
            assert abs(value / expected[name] - 1) < mpmath.mpf(2) ** -60, (name, kappa)


@pytest.mark.parametrize("kappa", [0.3, 2.0, 11.0])
def test_derivatives_of_the_curvature_are_derivatives(kappa: float) -> None:
    step = arb(2) ** -40
    with ctx.workprec(400):
        for order in range(3):
            name = f"scalar_curvature_{order}"
            above, below = (von_mises_ball(arb(kappa) + sign * step, name, 200) for sign in (1, -1))
            difference = (above - below) / (2 * step)
            assert abs(difference / von_mises_ball(kappa, f"scalar_curvature_{order + 1}") - 1) < 1e-19


@pytest.mark.parametrize("kappa", [1e-300, 5e-324, 1e-30, 1e-8, 1.0, 1e8, 1e30, 1e300])
def test_balls_are_tight_far_out_and_leave_the_precision_alone(kappa: float) -> None:
    before = ctx.prec
    balls = von_mises_balls(kappa, QUANTITIES)
    assert ctx.prec == before
    assert min(ball.rel_accuracy_bits() for ball in balls.values()) > 70


def test_the_ends_have_their_leading_terms() -> None:
    with ctx.workprec(600):
        small, large = arb(1e-30), arb(1e30)
        assert abs(von_mises_ball(small, "intercept", 300) / (small**3 / 8) - 1) < 1e-50
        assert abs(von_mises_ball(large, "derivative_1", 300) * 2 * large**2 - 1) < 1e-29
        assert abs((von_mises_ball(large, "scalar_curvature_0", 500) + 1) * 4 * large**3 / 3 + 1) < 1e-29


@pytest.mark.parametrize("kappa", [0.0, -1.0, float("inf"), float("nan")])
def test_concentrations_without_a_ball_are_refused(kappa: float) -> None:
    with pytest.raises(ValueError, match="kappa"):
        von_mises_ball(kappa, "complement")


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="derivative_7"):
        von_mises_ball(1.0, "derivative_7")


def test_an_inexact_concentration_cannot_give_a_tight_ball() -> None:
    with pytest.raises(ArithmeticError, match="bits"):
        von_mises_ball(arb(1, 1e-10), "derivative_1")


def test_ulps_counts_machine_epsilons() -> None:
    assert ulps(1.0, arb(1), "float64") == 0
    assert ulps(1.0 + 3 * 2.0**-52, arb(1), "float64") == pytest.approx(3)
    assert ulps(1.0 - 2.0**-23, arb(1), "float32") == pytest.approx(1)
    assert ulps(-2.0, arb(2), "float32") == pytest.approx(2 * 2**23)


def test_ulps_at_the_edges_of_the_range() -> None:
    assert ulps(float("nan"), arb(1), "float64") == float("inf")
    assert ulps(float("inf"), arb(1e30), "float32") == float("inf")
    assert ulps(float("inf"), arb(1e39), "float32") == 0
    assert ulps(float("-inf"), arb(1e39), "float32") == float("inf")
    assert ulps(0.0, arb(1e-39), "float32") == 0
    assert ulps(1e-30, arb(1e-39), "float32") > 1e9
    with pytest.raises(KeyError):
        ulps(1.0, arb(1), "float16")
