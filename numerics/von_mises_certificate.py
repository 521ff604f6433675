r"""Certified signs, on the whole half line, of polynomials in the concentration ``kappa`` and ``A = I1/I0``.

Every geometric quantity of the von Mises family is rational in ``(kappa, A)``, because ``A' = 1 - A/kappa - A**2``. So
a statement such as "the curvature is negative" is the sign of a polynomial ``F(kappa, A(kappa))``, and "has exactly one
critical point" counts the sign changes of another. :func:`certify_signs` proves such statements in ball arithmetic:

* on ``(0, b]`` and ``[c, inf)``, with ``t = kappa`` or ``1/kappa``, ``F`` is (up to a positive power of ``t``) a
  polynomial in ``t`` plus a ball times ``t**N``. The coefficients below ``t**N`` are exact rationals, so the
  cancellations at the two ends are exact too, and the leading one decides the sign at the end itself;
* on ``[b, c]`` a Taylor model of ``F`` about the midpoint of each subinterval encloses it.

An interval is bisected until the enclosure of ``F`` excludes zero, or until the enclosure of its derivative does and
``F`` has opposite signs at the two ends: then there is exactly one root, which bisection with certified signs narrows.
``numerics/von_mises_enclosures.py`` says why the enclosures of ``A`` are rigorous.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import count, groupby
from numbers import Rational

from flint import arb, arb_poly, ctx, fmpq, fmpq_poly

from numerics.certificate import Certificate, Endpoint, Region, Root, Undecided
from numerics.von_mises_enclosures import (
    INFINITY_REACH,
    PRECISION,
    TAYLOR_ORDER,
    ZERO_REACH,
    SeriesEnclosure,
    TaylorModel,
    bessel_ratio,
    close,
    enclosure_near_infinity,
    enclosure_near_zero,
    exact,
    interval,
)

_HIGHEST_PRECISION = 1 << 13
_ROOT_WIDTH = Fraction(1, 1 << 120)
_LARGEST_COUNT = 4000

_Enclosing = Callable[[Fraction, Fraction], arb]
"""Maps an interval of the local variable ``t`` to a ball containing ``F`` times a positive function of ``t``."""


class _Polynomial:
    """``F = sum(columns[j](kappa) A**j)`` with exact rational coefficients."""

    def __init__(self, terms: Mapping[tuple[int, int], Rational | int]) -> None:
        self.terms: dict[tuple[int, int], fmpq] = {}
        for (i, j), coefficient in terms.items():
            if i < 0 or j < 0:
                raise ValueError(f"exponents must not be negative, got kappa**{i} A**{j}")
            if not isinstance(coefficient, Rational):
                raise TypeError(f"coefficients must be exact rationals, got {coefficient!r} for kappa**{i} A**{j}")
            if coefficient != 0:
                self.terms[i, j] = fmpq(int(coefficient.numerator), int(coefficient.denominator))
        self.degree = max((i for i, _ in self.terms), default=0)
        self.columns = [fmpq_poly([])] * (1 + max((j for _, j in self.terms), default=0))
        for (i, j), value in self.terms.items():
            self.columns[j] += fmpq_poly([0] * i + [value])

    def __str__(self) -> str:
        return " + ".join(f"({value}) kappa**{i} A**{j}" for (i, j), value in sorted(self.terms.items()))

    def total_derivative(self) -> "_Polynomial":
        """``kappa dF/dkappa`` along the Riccati equation: a polynomial again, with the sign of the derivative."""
        result: dict[tuple[int, int], fmpq] = {}
        for (i, j), value in self.terms.items():
            # kappa**i A**j -> i kappa**i A**j + j kappa**i A**(j-1) (kappa - A - kappa A**2)
            for power, factor in (((i, j), i - j), ((i + 1, j - 1), j), ((i + 1, j + 1), -j)):
                if factor:
                    result[power] = result.get(power, fmpq(0)) + factor * value
        return _Polynomial({power: Fraction(int(value.p), int(value.q)) for power, value in result.items()})

    def sign_at(self, kappa: Fraction) -> int:
        """Certified sign at one rational point; 0 only if ``kappa - point`` divides ``F``, which is decided exactly."""
        if self.vanishes_at(kappa):
            return 0
        precision = PRECISION
        while precision <= _HIGHEST_PRECISION:
            ratio = bessel_ratio(kappa, precision)
            with ctx.workprec(precision):
                value = arb(0)
                for column in reversed(self.columns):
                    value = value * ratio + arb(column(exact(kappa)))
                if sign := _sign(value):
                    return sign
            precision *= 2
        raise Undecided(f"zero to {_HIGHEST_PRECISION} bits at a point", kappa, kappa)

    def vanishes_at(self, kappa: Fraction) -> bool:
        """Whether ``F(kappa, .)`` is the zero polynomial, so that this rational point is a root."""
        return all(column(exact(kappa)) == 0 for column in self.columns)


def _sign(ball: arb) -> int:
    """Sign of every number in the ball, 0 if the ball contains zero."""
    return 1 if ball > 0 else -1 if ball < 0 else 0


def _taylor(polynomial: _Polynomial) -> _Enclosing:
    """``F`` itself on intervals of ``t = kappa > 0``, by Taylor models."""

    def compose(kappa: arb_poly, ratio: arb_poly) -> arb_poly:
        result = arb_poly([])
        for column in reversed(polynomial.columns):
            result = (result * ratio).truncate(TAYLOR_ORDER + 1) + arb_poly(column)(kappa)
        return result

    def enclose(lower: Fraction, upper: Fraction) -> arb:
        model = TaylorModel.on(lower, upper)
        at_centre = compose(arb_poly([model.centre, 1]), model.centre_jet)
        over_whole = compose(arb_poly([model.whole, 1]), model.whole_jet)
        return close(at_centre, over_whole)(model.radius)

    return enclose


def _series(polynomial: _Polynomial, enclosure: SeriesEnclosure) -> _Enclosing:
    """``F`` divided by its leading power of ``t``, on intervals of ``[0, reach]`` that may begin at ``t = 0``.

    The terms below ``t**N`` do not involve the remainder of ``A`` and are computed exactly, so the order of vanishing
    is known and not estimated. Every higher term is ``t**N`` times a number in a ball, because ``0 <= t <= reach``.
    """
    order, reach = enclosure.order, exact(enclosure.reach)
    partial_sum, model = fmpq_poly(list(enclosure.coefficients)), enclosure.model()

    @cache
    def expansion() -> arb_poly:
        certain, complete = fmpq_poly([]), arb_poly([])
        for column in reversed(polynomial.columns):
            # At infinity F is multiplied by t**degree, which makes it a polynomial in t = 1 / kappa and A.
            powers = column.coeffs() + [fmpq(0)] * (polynomial.degree + 1 - column.length())
            in_t = fmpq_poly(powers[::-1] if enclosure.reciprocal else powers)
            certain = (certain * partial_sum + in_t).truncate(order)
            complete = complete * model + arb_poly(in_t)
        leading = next((power for power, value in enumerate(certain.coeffs()) if value != 0), None)
        if leading is None:
            ends = (1 / enclosure.reach, math.inf) if enclosure.reciprocal else (Fraction(0), enclosure.reach)
            raise Undecided(f"vanishes at the end of the half line at least to order {order}", *ends)
        tail = arb(0)
        for power in range(order, complete.length()):
            tail += complete[power] * arb(0).union(arb(reach ** (power - order)))
        return arb_poly([*(certain[power] for power in range(leading, order)), tail])

    def enclose(lower: Fraction, upper: Fraction) -> arb:
        middle = (lower + upper) / 2
        return expansion()(arb_poly([exact(middle), 1]))(interval(lower - middle, upper - middle))

    return enclose


@dataclass(frozen=True)
class _Chart:
    """A part of the half line: the local variable there, and enclosures of ``F`` and of ``kappa F'`` in it."""

    method: str
    reciprocal: bool
    function: _Enclosing
    derivative: _Enclosing

    def kappa(self, lower: Fraction, upper: Fraction) -> tuple[Endpoint, Endpoint]:
        """Translate an interval of ``t`` to an interval of ``kappa``."""
        if self.reciprocal:
            return 1 / upper, 1 / lower if lower else math.inf
        return lower, upper


@dataclass(frozen=True)
class _Piece:
    """One decided interval of ``kappa``."""

    lower: Endpoint
    upper: Endpoint
    method: str
    sign: int
    margin: float
    root: Root | None = None


def _pieces(polynomial: _Polynomial, chart: _Chart, lower: Fraction, upper: Fraction, depth: int) -> Iterator[_Piece]:
    """Decide an interval of ``t``, in pieces if need be, in increasing order of ``t``."""
    pending, tried = [(lower, upper, depth)], 0
    while pending:
        lower, upper, depth = pending.pop()
        start, end = chart.kappa(lower, upper)
        if (tried := tried + 1) > _LARGEST_COUNT:
            raise Undecided(f"more than {_LARGEST_COUNT} subintervals", start, end)
        ball = chart.function(lower, upper)
        if sign := _sign(ball):
            yield _Piece(start, end, chart.method, sign, _margin(ball))
            continue
        if isinstance(start, Fraction) and isinstance(end, Fraction) and start > 0:
            before, after = polynomial.sign_at(start), polynomial.sign_at(end)
            if before * after < 0 and _sign(slope := chart.derivative(lower, upper)):
                root = _narrow(polynomial, Root(start, end, before, after))
                yield _Piece(start, end, chart.method, 0, _margin(slope), root)
                continue
        if depth == 0:
            raise Undecided("no more bisections; a multiple root, or a sign beyond the working precision", start, end)
        middle = _split(polynomial, lower, upper, reciprocal=chart.reciprocal)
        pending += [(middle, upper, depth - 1), (lower, middle, depth - 1)]


def _split(polynomial: _Polynomial, lower: Fraction, upper: Fraction, *, reciprocal: bool = False) -> Fraction:
    """Return the midpoint, or another inner point if the midpoint is a rational root of ``F`` and so decides nothing.

    Rational roots come from factors ``kappa - point`` alone and are finitely many, so the search ends.
    """
    points = (lower + (upper - lower) / parts for parts in count(2))
    return next(t for t in points if not polynomial.vanishes_at(1 / t if reciprocal else t))


def _narrow(polynomial: _Polynomial, root: Root) -> Root:
    """Bisect a bracket on which ``F`` is monotone with opposite signs at the ends."""
    lower, upper = root.lower, root.upper
    while upper - lower > _ROOT_WIDTH * lower:
        middle = _split(polynomial, lower, upper)
        if polynomial.sign_at(middle) == root.before:
            lower = middle
        else:
            upper = middle
    return Root(lower, upper, root.before, root.after)


def _margin(ball: arb) -> float:
    """Return a float not above the smallest absolute value in the ball."""
    return math.nextafter(float(ball.abs_lower()), 0.0)


def certify_signs(
    polynomial: Mapping[tuple[int, int], Rational | int], *, statement: str = "", maximum_depth: int = 40
) -> Certificate:
    """Certify the sign of ``F(kappa) = sum(c * kappa**i * A(kappa)**j)``, ``A = I1/I0``, on all of ``kappa > 0``.

    ``polynomial`` maps ``(i, j)``, both at least 0, to the exact rational ``c``; of a SymPy polynomial ``p`` in the
    generators ``(kappa, A)`` that is ``p.as_dict()``. ``statement`` is carried into the certificate, and defaults to
    the polynomial in writing.

    The result lists regions that cover the half line and every sign change, each enclosed to a relative width of
    ``2**-120``. Raises :class:`~numerics.certificate.Undecided`, naming the interval, when the polynomial is zero, when
    an interval is still undecided after ``maximum_depth`` bisections (a root of even or higher multiplicity always
    is), when thousands of subintervals do not suffice, or when ``F`` vanishes at 0 or infinity beyond the order of the
    series; ``TypeError`` for coefficients that are not rational and ``ValueError`` for negative exponents. Sources:
    DLMF 10.29, 10.32, 10.40; Amos 1974; Johansson 2017.
    """
    function = _Polynomial(polynomial)
    if not function.terms:
        raise Undecided("the polynomial is identically zero", Fraction(0), math.inf)
    with ctx.workprec(PRECISION):
        derivative = function.total_derivative()
        zero, infinity = enclosure_near_zero(), enclosure_near_infinity()
        # The charts meet at 1 and 40, or at nearby points inside both end charts if F has a rational root just there.
        first = next(p for p in (ZERO_REACH / k for k in count(1)) if not function.vanishes_at(p))
        last = next(p for p in (1 / INFINITY_REACH + k for k in count(0)) if not function.vanishes_at(p))
        both = function, derivative
        charts = (
            (_Chart("Taylor barriers at 0", False, *(_series(f, zero) for f in both)), Fraction(0), first),
            (_Chart("Taylor models along the Riccati equation", False, *map(_taylor, both)), first, last),
            (
                _Chart("asymptotic barriers at infinity", True, *(_series(f, infinity) for f in both)),
                Fraction(0),
                1 / last,
            ),
        )
        pieces: list[_Piece] = []
        for chart, lower, upper in charts:
            found = list(_pieces(function, chart, lower, upper, maximum_depth))
            pieces += reversed(found) if chart.reciprocal else found
    roots = tuple(piece.root for piece in pieces if piece.root)
    return Certificate(statement or f"sign of {function}", tuple(_merged(pieces)), roots)


def _merged(pieces: list[_Piece]) -> Iterator[Region]:
    """Join neighbours of one method and one sign; a root keeps a region of its own."""
    for (method, sign, _), group in groupby(pieces, key=lambda piece: (piece.method, piece.sign, piece.root)):
        run = list(group)
        yield Region(run[0].lower, run[-1].upper, method, sign, len(run), min(piece.margin for piece in run))
