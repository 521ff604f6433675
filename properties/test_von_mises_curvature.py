"""Claims about the sign and the shape of the von Mises curvature: proofs, certificates, counterexamples."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import sympy as sp
from flint import arb, ctx

from derivations import von_mises, von_mises_curvature
from derivations.bessel import gaussian_curvature
from derivations.families.von_mises import kappa
from derivations.von_mises_curvature import B, C, sign_polynomials
from numerics.balls import von_mises_ball
from numerics.certificate import Certificate
from numerics.von_mises_certificate import certify_signs
from properties.checks import at_most, decided, derived, fact, table
from properties.claims import claim
from properties.von_mises_balls import curvature_ball

K, RATIO = sp.symbols("kappa A")
POLYNOMIALS = sign_polynomials()
# Digits found independently, by root finding on the Bessel functions at 60 digits.
CROSSING = "4.241945821646527653117"
MINIMUM = "5.180156536081015456627"
LOWEST = "-0.510078290821559662304"


def around_the_dip(seed):
    """Eight concentrations, half of them where the curvature turns."""
    random = np.random.default_rng(seed)
    return [*random.uniform(3.5, 6.5, 4).tolist(), *(10.0 ** random.uniform(-2, 4, 4)).tolist()]


AROUND_THE_DIP = st.integers(0, 2**32 - 1).map(around_the_dip)
# A little above the next coefficients of the two series, 2.72e-5 and 11.4, as the remainders reach 13.7 at kappa = 31.
BOUND_AT_ZERO, BOUND_AT_INFINITY = 4e-5, 15.0


def certificate(polynomial: sp.Expr, statement: str) -> Certificate:
    """The certified sign pattern of a polynomial in kappa and A on the half-line, put on record."""
    found = certify_signs(sp.Poly(polynomial, K, RATIO).as_dict(), statement=statement)
    rows = [
        [f"({float(region.lower):.6g}, {float(region.upper):.6g})", region.method, region.sign, region.subintervals]
        for region in found.regions
    ]
    table(f"Sign of {statement} on the half-line", ["region of κ", "enclosure", "sign", "subintervals"], rows)
    return found


@claim(
    "von-mises-series",
    evidence="exact",
    zero=von_mises_curvature.SERIES_AT_ZERO,
    infinity=von_mises_curvature.SERIES_AT_INFINITY,
    falsifiers={
        "factor 2 at 0": {"zero": -(kappa**2) / 8 + kappa**6 / 2304},
        "term of fourth order at 0": {"zero": -(kappa**2) / 16 + kappa**4 / 512},
        "limit -1": {"infinity": von_mises_curvature.SERIES_AT_INFINITY - sp.Rational(1, 2)},
        "sign of the correction": {
            "infinity": -sp.Rational(1, 2) + sp.Rational(3, 8) / kappa**3 - sp.Rational(9, 4) / kappa**4
        },
    },
)
def test_series(zero, infinity):
    derived(von_mises_curvature.series(zero, infinity))


@claim(
    "von-mises-series",
    evidence="property",
    given={"exponent": st.floats(-3, -0.5)},
    sixth=sp.Rational(1, 2304),
    fourth=sp.Rational(9, 4),
    falsifiers={"sixth order forgotten": {"sixth": sp.Integer(0)}, "9/8 for 9/4": {"fourth": sp.Rational(9, 8)}},
)
def test_remainders_of_the_series(exponent, sixth, fourth):
    """In balls: the remainders over the next power of kappa stay bounded, at kappa and at 10/kappa for kappa < 0.32."""
    small, large = 10.0**exponent, 10.0 ** (1 - exponent)
    with ctx.workprec(300):
        lowest, highest = (von_mises_ball(k, "scalar_curvature_0", 250) / 2 for k in (small, large))
        at_zero = lowest + arb(small) ** 2 / 16 - _ball(sixth) * arb(small) ** 6
        at_infinity = highest + arb(1) / 2 + arb(3) / 8 / arb(large) ** 3 + _ball(fourth) / arb(large) ** 4
        at_most(abs(float((at_zero / arb(small) ** 8).mid())), BOUND_AT_ZERO, slack=1e-9)
        at_most(abs(float((at_infinity * arb(large) ** 5).mid())), BOUND_AT_INFINITY, slack=1e-9)


def _ball(number: sp.Rational) -> arb:
    return arb(number.p) / arb(number.q)


@claim(
    "von-mises-negative-curvature",
    evidence="exact",
    closed_form=von_mises.CURVATURE,
    upper=von_mises_curvature.UPPER_BARRIER,
    lower=von_mises_curvature.LOWER_BARRIER,
    falsifiers={
        "positive": {"closed_form": -von_mises.CURVATURE},
        "upper barrier of degree 2": {"upper": 2 * B / (1 - B**2)},
        "lower barrier of degree 4": {"lower": 2 * C / (1 - C**4)},
    },
)
def test_barriers_prove_negative_curvature(closed_form, upper, lower):
    """``C < A < B`` by comparison with two curves; between them K has one sign."""
    derived(von_mises_curvature.negative_curvature(closed_form, upper, lower))


@claim(
    "von-mises-negative-curvature",
    evidence="enclosed",
    shift=0,
    falsifiers={"below -1/4 everywhere": {"shift": sp.Rational(1, 4)}, "below -1/100": {"shift": sp.Rational(1, 100)}},
)
def test_negative_curvature_is_certified(shift):
    """Ball arithmetic over the whole half-line: the numerator of K (plus a shift) is negative, its denominator not 0.

    Near 0 and near infinity the series of A, closed by a remainder, are verified in exact rational arithmetic to be barriers
    of its Riccati equation; the polynomial is then a power of kappa or 1/kappa times a series whose leading coefficients are
    exact, so the ends are included. In between A is expanded along the Riccati equation on each subinterval, with the next
    coefficient over the whole subinterval as the remainder. A subinterval counts only if the ball of the polynomial excludes
    zero. The certificate checks in exact fractions that its regions cover the half-line without a gap.
    """
    gap = POLYNOMIALS["gap"]
    numerator = sp.expand(POLYNOMIALS["curvature"] + shift * 4 * RATIO**2 * gap**2)
    decided(certificate(gap, "κA² + A − κ").sign_pattern == (-1,), "the denominator of K has no zero")
    decided(certificate(numerator, "the numerator of K").sign_pattern == (-1,), "the numerator of K is negative")


@claim(
    "von-mises-crossing",
    evidence="enclosed",
    level=sp.Rational(1, 2),
    digits=CROSSING,
    falsifiers={
        "K + 1/4": {"level": sp.Rational(1, 4)},
        "last digit": {"digits": CROSSING[:-1] + "8"},
    },
)
def test_crossing_is_certified(level, digits):
    """The numerator of K + 1/2 changes its sign once, from + to -, at the stated digits.

    On the one subinterval with a change of sign the ball of the derivative excludes zero, so there is exactly one root, which
    bisection at exact rational points encloses. The rest of the half-line is covered as for the sign of K.
    """
    gap = POLYNOMIALS["gap"]
    excess = sp.expand(POLYNOMIALS["curvature"] + level * 4 * RATIO**2 * gap**2)
    found = certificate(excess, "the numerator of K + 1/2")
    decided(found.sign_pattern == (1, -1), "positive, then negative for ever")
    decided(
        found.roots[0].decimal(21) == digits, f"the crossing is at {digits}..., certified {found.roots[0].decimal(21)}"
    )
    fact("zero of K + 1/2", f"{found.roots[0].decimal(30)}…, relative width {found.roots[0].relative_width:.1e}")


@claim(
    "von-mises-crossing",
    evidence="property",
    given={"concentrations": AROUND_THE_DIP},
    crossing=Fraction(CROSSING),
    falsifiers={"later": {"crossing": 5.5}, "never": {"crossing": np.inf}},
)
def test_sign_of_the_excess_at_points(concentrations, crossing):
    """The ball of K + 1/2, from the Bessel functions, is positive before the crossing and negative after it."""
    for concentration in concentrations:
        excess = curvature_ball(concentration) + arb(1) / 2
        decided(bool(excess > 0 if concentration < crossing else excess < 0), f"the sign of K + 1/2 at {concentration}")


@claim(
    "von-mises-minimum",
    evidence="enclosed",
    pattern=(-1, 1),
    digits=MINIMUM,
    lowest=LOWEST,
    falsifiers={
        "monotone": {"pattern": (-1,)},
        "a maximum": {"pattern": (1, -1)},
        "last digit": {"digits": MINIMUM[:-1] + "8"},
        "another depth": {"lowest": "-0.510078290821559662305"},
    },
)
def test_minimum_is_certified(pattern, digits, lowest):
    """The numerator of dK/dkappa changes its sign once; K at the root follows as a ball."""
    found = certificate(POLYNOMIALS["slope"], "the numerator of dK/dκ")
    decided(found.sign_pattern == pattern, f"the sign pattern of dK/dkappa is {pattern}")
    root = found.roots[0]
    decided(root.decimal(21) == digits, f"the critical point is at {digits}..., certified {root.decimal(21)}")
    with ctx.workprec(200):
        lower, upper = (arb(end.numerator) / arb(end.denominator) for end in (root.lower, root.upper))
        point = lower.union(upper)
        depth = gaussian_curvature(point, point.bessel_i(1) / point.bessel_i(0))
        # Truncated digits: the value lies between the stated one and the next one further from zero.
        nearer, further = -arb(lowest), -arb(lowest) + arb(10) ** -21
        decided(bool(nearer < abs(depth)) and bool(abs(depth) < further), f"the minimum is {lowest}...")
    fact("critical point", f"{root.decimal(30)}…, relative width {root.relative_width:.1e}")
    fact("K there", depth.str(25))


@claim(
    "von-mises-minimum",
    evidence="property",
    given={"concentrations": AROUND_THE_DIP},
    minimum=Fraction(MINIMUM),
    falsifiers={"later": {"minimum": 6.4}, "at the crossing": {"minimum": Fraction(CROSSING)}},
)
def test_sign_of_the_slope_at_points(concentrations, minimum):
    """The ball of dK/dkappa, from the Bessel functions, is negative before the minimum and positive after it."""
    for concentration in concentrations:
        slope = von_mises_ball(concentration, "scalar_curvature_1")
        decided(bool(slope < 0 if concentration < minimum else slope > 0), f"the sign of dK/dkappa at {concentration}")
