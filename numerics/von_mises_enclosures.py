r"""Rigorous enclosures of the mean resultant length ``A = I1(kappa) / I0(kappa)`` on the half line ``kappa > 0``.

Everything rests on four facts. With ``I0' = I1`` and ``I1' = I0 - I1 / kappa`` (DLMF 10.29.3, 10.29.2),

    (R)  ``A' = 1 - A / kappa - A**2``,  A continuous on [0, inf), A(0) = 0  (the Riccati equation; Amos 1974);
    (M)  ``A = E cos`` and ``A' = Var cos`` under the von Mises density (DLMF 10.32.1), so ``0 < A < 1`` and ``A' > 0``;
    (C)  comparison: let ``U`` be smooth and bounded, ``D = U - A`` and ``r = U' - 1 + U / kappa + U**2`` its residual.
         Subtracting (R), ``D' + (1 / kappa + U + A) D = r``, hence with ``P' = U + A``
         ``(kappa exp(P) D)' = kappa exp(P) r``.  Near 0 the bracket vanishes at ``kappa = 0``, so ``r >= 0`` on
         ``(0, T]`` gives ``U >= A`` there without any seed; on ``[T, inf)`` the same follows once ``U(T) >= A(T)``.
         Reversed inequalities give lower barriers;
    (B)  Arb's Bessel functions return balls that contain the value (Johansson 2017, IEEE Trans. Comput. 66:1281).

Near 0 and near infinity (:class:`SeriesEnclosure`) the power series of ``A`` in ``t = kappa`` or ``t = 1 / kappa`` is
cut off and closed by an interval coefficient; its two ends are verified to be barriers in the sense of (C), with exact
rational arithmetic. How the coefficients were found is therefore irrelevant to the proof: a wrong one fails the
verification. In between (:class:`TaylorModel`) ``A`` is expanded by (R) about the midpoint of an interval, with the
Lagrange remainder enclosed over the whole interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache

from flint import arb, arb_poly, ctx, fmpq, fmpq_poly

PRECISION = 320
"""Working precision in bits of all enclosures over intervals."""

ZERO_REACH, ZERO_ORDER = Fraction(1), 61
INFINITY_REACH, INFINITY_ORDER = Fraction(1, 40), 36
TAYLOR_ORDER = 32


class EnclosureError(ArithmeticError):
    """A truncated series that was to bound ``I1 / I0`` is not verified to be a barrier of the Riccati equation."""


def exact(value: Fraction | int) -> fmpq:
    """Return ``value`` as FLINT's rational."""
    return fmpq(value.numerator, value.denominator)


def interval(lower: Fraction, upper: Fraction) -> arb:
    """Return a ball that contains ``[lower, upper]`` at the current precision."""
    return arb(exact(lower)).union(arb(exact(upper)))


@lru_cache(maxsize=64)
def bessel_ratio(kappa: Fraction, precision: int = PRECISION) -> arb:
    """Return a ball that contains ``I1(kappa) / I0(kappa)``, from Arb's Bessel functions at one exact point."""
    with ctx.workprec(precision):
        point = arb(exact(kappa))
        return point.bessel_i(1) / point.bessel_i(0)


@dataclass(frozen=True)
class SeriesEnclosure:
    """``A = sum(c[k] t**k for k < N) + rho(t) t**N`` with ``rho(t)`` in ``[remainder]`` for all ``0 < t <= reach``.

    ``t = kappa``, or ``t = 1 / kappa`` when ``reciprocal``; ``N`` is the number of coefficients. The statement is a
    claim until :meth:`verify` has returned; the two functions that build the enclosures call it.
    """

    coefficients: tuple[fmpq, ...]
    remainder: tuple[fmpq, fmpq]
    reach: Fraction
    reciprocal: bool

    @property
    def order(self) -> int:
        """``N``, the power of ``t`` that carries the remainder."""
        return len(self.coefficients)

    def verify(self) -> None:
        """Prove by comparison (C) that both ends are barriers; :class:`EnclosureError` if one is not.

        The residual of a polynomial in ``t`` is a polynomial in ``t``. It keeps the sign of its lowest coefficient on
        ``(0, reach]`` if that coefficient outweighs the sum of the absolute values of the others times their powers of
        ``reach``, which is decided exactly in rational numbers. At infinity the comparison starts from the two strict
        inequalities at ``kappa = 1 / reach``, decided with Arb's Bessel functions (B).
        """
        for side, end in zip((-1, +1), sorted(self.remainder), strict=True):
            barrier = fmpq_poly([*self.coefficients, end])
            if _certain_sign(self._residual(barrier), self.reach) != side:
                raise EnclosureError(f"the residual of the {_name(side)} barrier has not one sign up to {self.reach}")
            if self.reciprocal:
                with ctx.workprec(PRECISION):
                    gap = arb(barrier(exact(self.reach))) - bessel_ratio(1 / self.reach)
                if not side * gap > 0:
                    raise EnclosureError(f"the {_name(side)} barrier starts on the wrong side at {1 / self.reach}")

    def _residual(self, barrier: fmpq_poly) -> fmpq_poly:
        """``r`` of comparison (C), multiplied by ``kappa`` near 0, as a polynomial in ``t``."""
        t, slope = fmpq_poly([0, 1]), barrier.derivative()
        if self.reciprocal:  # d/dkappa = -t**2 d/dt
            return -t * t * slope - 1 + t * barrier + barrier * barrier
        return t * slope - t + barrier + t * barrier * barrier

    def value(self, kappa: Fraction) -> arb:
        """Return a ball that contains ``A(kappa)``; ``ValueError`` outside the domain of the enclosure."""
        t = 1 / kappa if self.reciprocal else kappa
        if not 0 < t <= self.reach:
            raise ValueError(f"kappa = {kappa} is outside the domain: 0 < t <= {self.reach}, t = {t}")
        with ctx.workprec(PRECISION):
            return self.model()(arb(exact(t)))

    def model(self) -> arb_poly:
        """Return the enclosure as a polynomial in ``t`` whose last coefficient is the ball of the remainder."""
        low, high = self.remainder
        return arb_poly([*self.coefficients, arb(low).union(arb(high))])


def _certain_sign(polynomial: fmpq_poly, reach: Fraction) -> int:
    """Sign of ``polynomial`` on ``(0, reach]`` if its lowest term dominates there, else 0."""
    terms = [(power, coefficient) for power, coefficient in enumerate(polynomial.coeffs()) if coefficient != 0]
    if not terms:
        return 0
    (lowest, leading), rest = terms[0], terms[1:]
    others = sum((abs(value) * exact(reach) ** (power - lowest) for power, value in rest), fmpq(0))
    if abs(leading) <= others:
        return 0
    return 1 if leading > 0 else -1


def _name(side: int) -> str:
    return "upper" if side > 0 else "lower"


@cache
def enclosure_near_zero() -> SeriesEnclosure:
    """Return the verified enclosure on ``0 < kappa <= 1``: ``A = kappa/2 - kappa**3/16 + ...``, an alternating series.

    Coefficients from (R): with ``A = sum(c[k] kappa**(2k+1))``, ``(2k+2) c[k] = [k = 0] - sum(c[i] c[k-1-i])``. The
    two barriers are consecutive partial sums.
    """
    odd: list[fmpq] = []
    for k in range((ZERO_ORDER + 1) // 2):
        odd.append((fmpq(int(k == 0)) - _convolution(odd, odd, k - 1)) / (2 * k + 2))
    coefficients = [fmpq(0)] * (2 * len(odd))
    coefficients[1::2] = odd
    low, high = sorted((fmpq(0), coefficients[ZERO_ORDER]))
    enclosure = SeriesEnclosure(tuple(coefficients[:ZERO_ORDER]), (low, high), ZERO_REACH, reciprocal=False)
    enclosure.verify()
    return enclosure


@cache
def enclosure_near_infinity() -> SeriesEnclosure:
    """Return the verified enclosure on ``kappa >= 40``: ``A = 1 - x/2 - x**2/8 - ...``, ``x = 1 / kappa``.

    The series is the quotient of DLMF 10.40.1 for orders 1 and 0 and diverges; all coefficients used are negative, so
    the partial sum is the upper barrier, and the lower one takes the first omitted term twice. Coefficients from (R):
    ``2 a[k] = (k - 2) a[k-1] - sum(a[i] a[k-i] for 0 < i < k)``.
    """
    series = [fmpq(1)]
    for k in range(1, INFINITY_ORDER + 1):
        series.append(((k - 2) * series[k - 1] - _convolution(series[1:], series[1:], k - 2)) / 2)
    low, high = sorted((fmpq(0), 2 * series[INFINITY_ORDER]))
    enclosure = SeriesEnclosure(tuple(series[:INFINITY_ORDER]), (low, high), INFINITY_REACH, reciprocal=True)
    enclosure.verify()
    return enclosure


def _convolution(left: Sequence[fmpq], right: Sequence[fmpq], total: int) -> fmpq:
    return sum((left[i] * right[total - i] for i in range(total + 1)), fmpq(0))


def riccati_jet(kappa: arb, value: arb, order: int) -> arb_poly:
    """Return balls of the Taylor coefficients ``a[0..order]`` of the solution of (R) through ``(kappa, value)``.

    Comparing powers of ``h`` in ``(kappa + h) A' = (kappa + h) (1 - A**2) - A`` gives, with ``b = A**2``,
    ``kappa (k+1) a[k+1] = kappa [k = 0] + [k = 1] - kappa b[k] - b[k-1] - (k+1) a[k]``. If ``kappa`` and ``value`` are
    balls, the result contains the jet at every point ``(kappa', A(kappa'))`` in them.
    """
    jet, squares = [value], [arb(0)]  # squares[k] is b[k-1]
    for k in range(order):
        squares.append(sum((jet[i] * jet[k - i] for i in range(k + 1)), arb(0)))
        free = kappa if k == 0 else arb(int(k == 1))
        jet.append((free - kappa * squares[k + 1] - squares[k] - (k + 1) * jet[k]) / (kappa * (k + 1)))
    return arb_poly(jet)


@dataclass(frozen=True)
class TaylorModel:
    """Taylor expansion on ``[lower, upper]``, ``lower > 0``, about the midpoint ``m``, with Lagrange remainder.

    ``centre`` and ``centre_jet`` are ``kappa = m`` and the jet of ``A`` there; ``whole`` and ``whole_jet`` the ball of
    the interval and the jet over it. For ``F`` built from ``kappa`` and ``A`` by ring operations, the coefficients
    ``f`` of ``F`` from the first pair and ``F[n]`` from the second satisfy
    ``F(m + h) in sum(f[k] h**k for k < n) + F[n] h**n`` (Taylor's theorem: the last coefficient is that of an unknown
    point of the interval, and the ball holds those of all points).
    """

    radius: arb
    centre: arb
    centre_jet: arb_poly
    whole: arb
    whole_jet: arb_poly

    @classmethod
    @lru_cache(maxsize=8)
    def on(cls, lower: Fraction, upper: Fraction) -> "TaylorModel":
        """Build the model at the working precision; ``A`` over the interval lies between its end values, by (M)."""
        middle = (lower + upper) / 2
        with ctx.workprec(PRECISION):
            centre, whole = arb(exact(middle)), interval(lower, upper)
            range_of_ratio = bessel_ratio(lower).union(bessel_ratio(upper))
            return cls(
                radius=interval(lower - middle, upper - middle),
                centre=centre,
                centre_jet=riccati_jet(centre, bessel_ratio(middle), TAYLOR_ORDER),
                whole=whole,
                whole_jet=riccati_jet(whole, range_of_ratio, TAYLOR_ORDER),
            )

    def value(self, kappa: Fraction) -> arb:
        """Return a ball that contains ``A(kappa)``; ``ValueError`` if ``kappa`` is outside the interval."""
        with ctx.workprec(PRECISION):
            offset = arb(exact(kappa)) - self.centre
            if not self.radius.contains(offset):
                raise ValueError(f"kappa = {kappa} is outside the domain {self.whole}")
            return close(self.centre_jet, self.whole_jet)(offset)


def close(series: arb_poly, remainder: arb_poly) -> arb_poly:
    """Join the Taylor coefficients below ``TAYLOR_ORDER`` and the coefficient at it, taken over the whole interval."""
    return arb_poly([*(series[k] for k in range(TAYLOR_ORDER)), remainder[TAYLOR_ORDER]])
