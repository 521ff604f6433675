"""Ball-arithmetic oracles for the von Mises family: enclosures to hold the fast float functions against.

Every value is computed from the closed forms in ``I0`` and ``I1`` (DLMF 10.25-10.41) with the Riccati equation
``A' = 1 - A/kappa - A^2``. Those formulas cancel badly, so the working precision is doubled until the enclosure is
tight: slow and certain, the opposite of ``numerics.bessel_ratio``. Needs python-flint; nothing imports it implicitly.
"""

from collections.abc import Callable, Iterable
from math import comb, factorial, isinf, isnan

from flint import arb, arb_series, ctx

HIGHEST_ORDER = 6
LARGEST_PRECISION = 1 << 16
_MACHINE_EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52}
_SMALLEST_NORMAL = {"float32": 2.0**-126, "float64": 2.0**-1022}
_LARGEST = {"float32": 2.0**128 - 2.0**104, "float64": 1.7976931348623157e308}


def _ratio_jet(kappa: arb, length: int) -> list[arb]:
    """Enclose ``[A, A', A'', ...]``: ``kappa A' = kappa - A - kappa A^2``, differentiated by Leibniz."""
    jet = [kappa.bessel_i(1, scaled=True) / kappa.bessel_i(0, scaled=True)]
    for order in range(length - 1):
        square, square_before = (
            sum((comb(n, i) * jet[i] * jet[n - i] for i in range(n + 1)), arb(0)) for n in (order, order - 1)
        )
        identity = kappa if order == 0 else arb(1) if order == 1 else arb(0)
        jet.append((identity - (order + 1) * jet[order] - kappa * square - order * square_before) / kappa)
    return jet


def _log_bessel_i0(kappa: arb, jet: list[arb]) -> arb:  # noqa: ARG001 - one signature for every oracle
    return kappa.bessel_i(0, scaled=True).log() + kappa


def _curvature(order: int) -> Callable[[arb, list[arb]], arb]:
    """Make the oracle of the ``order``-th derivative of ``R = 2 K``, by power series arithmetic at the point."""

    def value(kappa: arb, jet: list[arb]) -> arb:
        ratio = arb_series([jet[n] / factorial(n) for n in range(order + 1)], prec=order + 1)
        point = arb_series([kappa, arb(1)][: order + 1], prec=order + 1)
        squared = ratio * ratio
        numerator = (point * squared + 2 * ratio - point) * (point * squared * squared + 2 * ratio - point)
        slope = point * squared + ratio - point
        denominator = 2 * squared * slope * slope
        if denominator[0].contains(0):  # this precision cannot tell the slope from zero; the caller raises it
            return arb.nan()
        return factorial(order) * (numerator / denominator)[order]

    return value


def _derivative(order: int) -> Callable[[arb, list[arb]], arb]:
    return lambda _, jet: jet[order]


QUANTITIES: dict[str, Callable[[arb, list[arb]], arb]] = {
    **{f"derivative_{order}": _derivative(order) for order in range(HIGHEST_ORDER + 1)},
    "complement": lambda _, jet: 1 - jet[0],
    "quotient_2_1": lambda _, jet: jet[2] / jet[1],
    "quotient_1_0": lambda _, jet: jet[1] / jet[0],
    "quotient_0_1": lambda _, jet: jet[0] / jet[1],
    "intercept": lambda kappa, jet: jet[0] - kappa * jet[1],
    "reciprocal_slope": lambda _, jet: 1 / jet[1],
    "log_bessel_i0": _log_bessel_i0,
    **{f"scalar_curvature_{order}": _curvature(order) for order in range(4)},
}


def von_mises_balls(kappa: float | arb, names: Iterable[str], bits: int = 72) -> dict[str, arb]:
    """Enclose von Mises quantities at one concentration.

    Args:
        kappa: concentration, ``0 < kappa < inf``; a Python float is taken as the exact binary number it is.
        names: keys of ``QUANTITIES``. ``derivative_n`` is ``A^(n)`` for ``A = I1/I0`` and ``n`` up to 6, ``complement``
            ``1 - A``, ``quotient_m_n`` ``A^(m)/A^(n)``, ``intercept`` ``A - kappa A'``, ``reciprocal_slope`` ``1/A'``,
            ``log_bessel_i0`` ``log I0``, and ``scalar_curvature_n`` the n-th derivative of the scalar curvature
            ``R = 2 K`` of the Fisher metric ``kappa A dmu^2 + A' dkappa^2``, ``n`` up to 3.
        bits: each enclosure has a relative radius of at most ``2**-bits``.

    Returns:
        A ball for each name, holding the true value.

    Raises:
        ValueError: for an unknown name or a ``kappa`` that is not positive and finite.
        ArithmeticError: ``LARGEST_PRECISION`` bits do not suffice: a zero of the quantity, or an inexact ``kappa``.

    """
    names = list(names)
    unknown = [name for name in names if name not in QUANTITIES]
    if unknown:
        raise ValueError(f"names: no such quantity {unknown}; there are {sorted(QUANTITIES)}")
    point = arb(kappa)
    if not (point > 0 and point.is_finite()):
        raise ValueError(f"kappa = {kappa} must be positive and finite")
    results: dict[str, arb] = {}
    missing = names
    precision = max(128, bits + 64)
    while missing and precision <= LARGEST_PRECISION:
        with ctx.workprec(precision):
            # The curvature needs one more derivative of A for each of its own; the others name their order.
            orders = [int(digit) for name in missing for digit in name.split("_") if digit.isdigit()]
            jet = _ratio_jet(point, max([1, *orders]) + 1)
            for name in missing:
                results[name] = QUANTITIES[name](point, jet)
        missing = [name for name in missing if not results[name].rel_accuracy_bits() > bits]
        precision *= 2
    if missing:
        raise ArithmeticError(
            f"{missing} at kappa = {kappa}: no {bits} bits with {LARGEST_PRECISION} bits of precision"
        )
    return results


def von_mises_ball(kappa: float | arb, name: str, bits: int = 72) -> arb:
    """Enclose one quantity of `von_mises_balls`."""
    return von_mises_balls(kappa, [name], bits)[name]


def ulps(computed: float, ball: arb, dtype: str) -> float:
    """Measure the relative error of ``computed`` in machine epsilons of ``dtype``, rounded upwards.

    A true value below the smallest normal number may come out as anything up to that number, for the hardware may flush
    it to zero; one beyond the largest finite number must come out as the infinity of its sign.

    Args:
        computed: the value to judge, exactly representable as a Python float.
        ball: enclosure of the true value.
        dtype: ``"float32"`` or ``"float64"``.

    Returns:
        The error; ``inf`` when ``computed`` is NaN, or infinite where the true value is not.

    Raises:
        KeyError: for any other ``dtype``.

    """
    epsilon, tiny, largest = _MACHINE_EPSILON[dtype], _SMALLEST_NORMAL[dtype], _LARGEST[dtype]
    with ctx.workprec(256):
        if isnan(computed) or isinf(computed):
            overflows = not isnan(computed) and abs(ball) > largest * (1 - 4 * epsilon) and (ball > 0) == (computed > 0)
            return 0.0 if overflows else float("inf")
        error = abs(arb(computed) - ball)
        if abs(ball) < tiny:
            return 0.0 if abs(computed) <= tiny else float((error / (tiny * epsilon)).abs_upper())
        return float((error / (abs(ball) * epsilon)).abs_upper())
