"""Write ``numerics/generated/bessel_coefficients.py``: run ``python -m numerics.fit_bessel_ratio``.

Every function ``f(kappa)`` is cut once. Below, ``f = kappa^near * P(t)/Q(t)``, ``t = (kappa/8)^2``: ``A / kappa`` is
a Stieltjes function of ``kappa^2``, which is why ``P`` and ``Q`` come out positive and lose nothing when evaluated.
Above, ``f = kappa^-far * P(1/kappa)``: there the best rational fits have alternating denominators with large
coefficients, which rounding destroys, while polynomials are as well conditioned as the asymptotic series (DLMF 10.40).
The lowest degrees that meet the target are searched for, so the output depends on nothing but this file.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flint import arb, ctx

from numerics.balls import von_mises_ball
from numerics.rational_fit import FIT_PRECISION, fit_quality, fit_rational

OUTPUT = Path(__file__).parent / "generated" / "bessel_coefficients.py"
# Scaling by a power of two is exact and keeps the coefficients of high powers far from the underflow threshold.
SCALE = 8
BOUNDARY = {"float32": 11, "float64": 18}
# The derivatives of the curvature rise too steeply in 1/kappa for a well conditioned polynomial from there on.
LATE_BOUNDARY = {"float32": 14, "float64": 22}
EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
# A fit may be wrong by this many machine epsilons: small against the two or three that evaluating it costs.
TARGET = 0.1
LOWEST_DEGREE = {"float32": 4, "float64": 9}
VALUE_BITS = 300
GRID = 120


@dataclass(frozen=True)
class Shape:
    """How a function behaves at both ends: ``near_value * kappa^near`` at 0, ``far_value / kappa^far`` at infinity."""

    near: int
    near_value: tuple[int, int]
    far: int
    far_value: tuple[int, int]
    even: bool = True
    late: bool = False
    conditioning: float = 1.3
    target: float = TARGET


SHAPES = {
    "derivative_0": Shape(1, (1, 2), 0, (1, 1)),
    "derivative_1": Shape(0, (1, 2), 2, (1, 2)),
    "derivative_2": Shape(1, (-3, 8), 3, (-1, 1)),
    "derivative_3": Shape(0, (-3, 8), 4, (3, 1), conditioning=30.0),
    "derivative_4": Shape(1, (5, 4), 5, (-12, 1), conditioning=30.0),
    "derivative_5": Shape(0, (5, 4), 6, (60, 1), conditioning=30.0, target=1.0),
    "complement": Shape(0, (1, 1), 1, (1, 2), even=False, conditioning=2.5),
    "quotient_2_1": Shape(1, (-3, 4), 1, (-2, 1)),
    "quotient_1_0": Shape(-1, (1, 1), 2, (1, 2)),
    "intercept": Shape(3, (1, 8), 0, (1, 1)),
    "log_bessel_i0": Shape(2, (1, 4), 1, (1, 8)),
    "scalar_curvature_0": Shape(2, (-1, 8), 0, (-1, 1)),
    "scalar_curvature_1": Shape(1, (-1, 4), 4, (9, 4), late=True, conditioning=6.0),
    "scalar_curvature_2": Shape(0, (-1, 4), 5, (-9, 1), late=True, conditioning=100.0, target=1.0),
}


def rounder(dtype: str) -> Callable[[arb], float]:
    """To the nearest number of the dtype, as a Python float."""
    if dtype == "float64":
        return float
    return lambda value: struct.unpack("f", struct.pack("f", float(value)))[0]


def curvature_minimum() -> arb:
    """Where the scalar curvature is lowest: the zero of its derivative near 5.18, by bisection."""
    low, high = arb(5), arb(6)
    for _ in range(160):
        middle = ((low + high) / 2).mid()
        if von_mises_ball(middle, "scalar_curvature_1", 40) < 0:
            low = middle
        else:
            high = middle
    return ((low + high) / 2).mid()


class Pieces:
    """The two scaled functions of one quantity, with their values remembered."""

    def __init__(self, name: str, shape: Shape, minimum: arb) -> None:
        self.name, self.shape, self.minimum = name, shape, minimum
        self.seen: dict[tuple[str, str], arb] = {}

    def _remembered(self, side: str, variable: arb, compute: Callable[[arb], arb]) -> arb:
        key = (side, variable.str(40, radius=False))
        if key not in self.seen:
            self.seen[key] = compute(variable)
        return self.seen[key]

    def _near(self, variable: arb) -> arb:
        kappa = SCALE * variable.sqrt().mid() if self.shape.even else variable
        value = von_mises_ball(kappa, self.name, VALUE_BITS) / kappa**self.shape.near
        # Factoring the zero out keeps the relative accuracy up to the minimum of the curvature.
        return value / (kappa**2 - self.minimum**2) if self.name == "scalar_curvature_1" else value

    def _far(self, variable: arb) -> arb:
        kappa = (1 / variable).mid()
        value = von_mises_ball(kappa, self.name, VALUE_BITS)
        if self.name == "log_bessel_i0":
            value += (2 * arb.pi() * kappa).log() / 2 - kappa
        return value * kappa**self.shape.far

    def near(self, variable: arb) -> arb:
        """Evaluate what ``P/Q`` is fitted to, without the power of ``kappa``."""
        return self._remembered("near", variable, self._near)

    def far(self, variable: arb) -> arb:
        """Evaluate what the polynomial in ``1/kappa`` is fitted to, without the power of ``kappa``."""
        return self._remembered("far", variable, self._far)


def smallest_fit(
    function: Callable[[arb], arb],
    value_at_zero: arb,
    upper: arb,
    candidates: list[tuple[int, int]],
    *,
    dtype: str,
    shape: Shape,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Numerator and denominator, rounded to the dtype, of the first of ``candidates`` that meets the target.

    Raises:
        ArithmeticError: when none does.

    """
    for degrees in candidates:
        fit = fit_rational(function, value_at_zero, upper, degrees)
        error, condition = fit_quality(fit, function, upper, GRID)
        if error < shape.target * EPSILON[dtype] and condition < shape.conditioning:
            round_coefficient = rounder(dtype)
            return tuple(map(round_coefficient, fit.numerator)), tuple(map(round_coefficient, fit.denominator))
    raise ArithmeticError("no candidate degrees meet the target")


def fit_all() -> dict[str, dict[str, tuple[tuple[float, ...], ...]]]:
    """Per dtype and quantity: numerator and denominator below the boundary, polynomial above."""
    with ctx.workprec(FIT_PRECISION):
        rational = {dtype: [(n, m) for n in range(low, 30) for m in (n - 1, n)] for dtype, low in LOWEST_DEGREE.items()}
        polynomial = {dtype: [(n, 0) for n in range(low, 30)] for dtype, low in LOWEST_DEGREE.items()}
        minimum = curvature_minimum()
        fits: dict[str, dict[str, tuple[tuple[float, ...], ...]]] = {dtype: {} for dtype in BOUNDARY}
        for name, shape in SHAPES.items():
            pieces = Pieces(name, shape, minimum)
            for dtype in BOUNDARY:
                boundary = (LATE_BOUNDARY if shape.late else BOUNDARY)[dtype]
                near_value = arb(shape.near_value[0]) / shape.near_value[1]
                if name == "scalar_curvature_1":
                    near_value = -near_value / minimum**2
                far_value = arb(shape.far_value[0]) / shape.far_value[1]
                upper = (arb(boundary) / SCALE) ** 2 if shape.even else arb(boundary)
                fits[dtype][name] = (
                    *smallest_fit(pieces.near, near_value, upper, rational[dtype], dtype=dtype, shape=shape),
                    smallest_fit(pieces.far, far_value, 1 / arb(boundary), polynomial[dtype], dtype=dtype, shape=shape)[
                        0
                    ],
                )
        return fits


def _literal(values: tuple[float, ...]) -> list[str]:
    return ["            (", *(f"                {value!r}," for value in values), "            ),"]


def _floats(values: dict[str, int]) -> dict[str, float]:
    return {key: float(value) for key, value in values.items()}


def generated_source() -> str:
    """Fit everything and return the text of the coefficients file."""
    fits = fit_all()
    with ctx.workprec(FIT_PRECISION):
        minimum = curvature_minimum()
    lines = [
        '"""Coefficients for numerics.bessel_ratio; written by ``python -m numerics.fit_bessel_ratio``: do not edit.',
        "",
        "Per dtype and quantity: numerator and denominator of the piece below the boundary, in (kappa / SCALE)**2 or,",
        'for the complement, in kappa; then the polynomial in 1/kappa of the piece above. Constant terms first."""',
        "",
        f"SCALE = {float(SCALE)!r}",
        f"BOUNDARY = {_floats(BOUNDARY)!r}",
        f"LATE_BOUNDARY = {_floats(LATE_BOUNDARY)!r}  # for scalar_curvature_1 and _2",
        "",
        "# Exponents (near, far): f = kappa**near * P/Q below the boundary, f = kappa**-far * P above.",
        "POWERS = {",
        *(f"    {name!r}: ({shape.near}, {shape.far})," for name, shape in SHAPES.items()),
        "}",
        "",
        "# Where the scalar curvature is lowest, as an unevaluated sum of two numbers of the dtype.",
        "CURVATURE_MINIMUM = {",
    ]
    for dtype in BOUNDARY:
        high = rounder(dtype)(minimum)
        lines.append(f"    {dtype!r}: ({high!r}, {rounder(dtype)(minimum - high)!r}),")
    lines += ["}", "", "COEFFICIENTS = {"]
    for dtype, by_name in fits.items():
        lines.append(f"    {dtype!r}: {{")
        for name, polynomials in by_name.items():
            lines.append(f"        {name!r}: (")
            for values in polynomials:
                lines += _literal(values)
            lines.append("        ),")
        lines.append("    },")
    return "\n".join([*lines, "}", ""])


def main() -> None:
    """Write the file."""
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(generated_source(), encoding="utf-8")


if __name__ == "__main__":
    main()
