"""Certificates of the sign of a function on the whole half line: regions, roots, and the checks that they fit together.

A certificate says, for a function ``F`` that is continuous on ``(0, inf)``: here are closed regions which cover the
half line without a gap; on each of them ``F`` was enclosed away from zero, or ``F`` is strictly monotone there with
opposite signs at the two ends and therefore has exactly one root inside. Nothing here evaluates a function: the module
that encloses ``F`` builds the regions, and this one refuses (:class:`CoverError`) what does not add up.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

Endpoint = Fraction | float
"""An exact rational, or ``math.inf``; no other float is allowed."""


class Undecided(ArithmeticError):
    """The sign of a function could not be certified: not a verdict on the sign, only the absence of a proof.

    ``lower`` and ``upper`` bound the interval on which the attempt stopped.
    """

    def __init__(self, reason: str, lower: Endpoint, upper: Endpoint) -> None:
        self.reason, self.lower, self.upper = reason, lower, upper
        super().__init__(f"sign undecided on [{_decimal(lower)}, {_decimal(upper)}]: {reason}")


class CoverError(ValueError):
    """The regions of a certificate leave a gap, overlap, or contradict one another or their roots."""


@dataclass(frozen=True)
class Root:
    """An isolated simple root: exactly one in ``[lower, upper]``, where the sign goes from ``before`` to ``after``."""

    lower: Fraction
    upper: Fraction
    before: int
    after: int

    @property
    def relative_width(self) -> float:
        """Width of the enclosure divided by its lower end."""
        return float((self.upper - self.lower) / self.lower)

    def decimal(self, digits: int = 30) -> str:
        """Return the root with ``digits`` digits after the point, every one of them certified.

        Both ends of the enclosure must agree after truncation towards zero; ``ValueError`` if they do not.
        """
        low, high = (math.floor(end * 10**digits) for end in (self.lower, self.upper))
        if low != high:
            raise ValueError(
                f"the enclosure of width {float(self.upper - self.lower):.1e} does not fix {digits} digits"
            )
        whole, fraction = divmod(low, 10**digits)
        return f"{whole}.{fraction:0{digits}d}" if digits else str(whole)


@dataclass(frozen=True)
class Region:
    """A part ``[lower, upper]`` of the half line (ends included, except 0 and infinity) and what is known there.

    ``sign`` is -1 or +1 where ``F`` has that sign throughout, and 0 where ``F`` is strictly monotone across exactly one
    root. ``method`` names how ``F`` was enclosed, ``subintervals`` counts the pieces. ``margin`` is the smallest
    certified lower bound over those pieces: of ``|F|`` if ``sign`` is -1 or +1, of ``|kappa F'|`` if it is 0; both
    divided by the leading power of the local variable in a region that reaches 0 or infinity.
    """

    lower: Endpoint
    upper: Endpoint
    method: str
    sign: int
    subintervals: int
    margin: float


@dataclass(frozen=True)
class Certificate:
    """Certified signs of ``statement`` on ``(0, inf)``: the regions in increasing order and the roots between them.

    Raises :class:`CoverError` when the regions are not a cover of the half line in order and without gaps, when
    the sign changes without a root or a root lies outside its region, or when the signs on its two sides disagree
    with it. A certificate that exists has passed these checks.
    """

    statement: str
    regions: tuple[Region, ...]
    roots: tuple[Root, ...]

    def __post_init__(self) -> None:
        self._check_cover()
        self._check_signs()

    def _check_cover(self) -> None:
        if not self.regions:
            raise CoverError("no regions at all")
        for region in self.regions:
            finite = (region.lower, region.upper) if region.upper != math.inf else (region.lower,)
            if any(not isinstance(end, Fraction) for end in finite):
                raise CoverError(f"endpoints must be exact fractions or inf: {region}")
            if not region.lower < region.upper:
                raise CoverError(f"empty region [{region.lower}, {region.upper}]")
            if region.sign not in (-1, 0, 1) or region.subintervals < 1 or not region.margin > 0:
                raise CoverError(f"a region without a certified sign: {region}")
        if self.regions[0].lower != 0:
            raise CoverError(f"nothing covers (0, {_decimal(self.regions[0].lower)})")
        if self.regions[-1].upper != math.inf:
            raise CoverError(f"nothing covers ({_decimal(self.regions[-1].upper)}, inf)")
        for left, right in pairwise(self.regions):
            if left.upper != right.lower:
                raise CoverError(f"regions do not meet: {_decimal(left.upper)} and {_decimal(right.lower)}")

    def _check_signs(self) -> None:
        crossings = [region for region in self.regions if region.sign == 0]
        if len(crossings) != len(self.roots):
            raise CoverError(f"{len(crossings)} monotone regions but {len(self.roots)} roots")
        for region, root in zip(crossings, self.roots, strict=True):
            if not region.lower <= root.lower < root.upper <= region.upper:
                raise CoverError(f"root [{_decimal(root.lower)}, {_decimal(root.upper)}] lies outside its region")
            if root.before not in (-1, 1) or root.after != -root.before:
                raise CoverError(f"a simple root changes the sign: {root}")
        # What each region says about its own two ends; neighbours share an end, so they must say the same.
        roots = iter(self.roots)
        ends = [
            (region.sign, region.sign) if region.sign else ((root := next(roots)).before, root.after)
            for region in self.regions
        ]
        for (left, right), region in zip(pairwise(ends), self.regions, strict=False):
            if left[1] != right[0]:
                raise CoverError(f"the sign changes at {_decimal(region.upper)} without a root")

    @property
    def sign_pattern(self) -> tuple[int, ...]:
        """The signs between consecutive roots, from 0 to infinity: ``(-1, +1)`` is one change from minus to plus."""
        if not self.roots:
            return (self.regions[0].sign,)
        return (self.roots[0].before, *(root.after for root in self.roots))

    @property
    def subintervals(self) -> int:
        """How many intervals were enclosed one by one."""
        return sum(region.subintervals for region in self.regions)


def _decimal(end: Endpoint) -> str:
    return f"{float(end):.12g}"
