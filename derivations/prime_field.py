"""Identities tested at random points of a prime field (Schwartz and Zippel), with the probability of an error.

Both sides of an identity, times a power of ``det g``, are polynomials in the jet. If they differ, the difference has a
total degree of at most D, and at a point drawn uniformly from ``F_p^N`` it vanishes with a probability of at most
``D/p``; points where the metric is singular (at most ``n/p`` of all, for dimension n) are drawn again. A difference
with rational coefficients cannot vanish identically modulo p as long as p exceeds the sum of the absolute values of its
integer numerators. :class:`BoundArithmetic` computes both bounds along with the tensors.

Source: R. Zippel, Probabilistic algorithms for sparse polynomials (1979); J. T. Schwartz, J. ACM 27 (1980).
"""

import random
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, lcm
from typing import Any

import numpy as np

from derivations.index_notation import Tensors
from derivations.jets import contract
from derivations.polynomial_jets import Jet

MERSENNE_61 = 2**61 - 1
MERSENNE_127 = 2**127 - 1


class PrimeField:
    """The arithmetic of arrays of residues modulo a prime, as Python integers.

    Args:
        prime: the modulus.

    Raises:
        ValueError: if it is not a prime.
    """

    def __init__(self, prime: int = MERSENNE_61):
        if not _is_prime(prime):
            raise ValueError(f"prime is {prime}; it must be a prime number")
        self.prime = prime

    def contract(self, subscripts: str, operands: Sequence[Any]) -> Any:
        """A sum of products."""
        return contract(subscripts, operands, lambda array: array % self.prime)

    def combine(self, terms: Sequence[tuple[Fraction, Any]]) -> Any:
        """A linear combination; the denominators must not be multiples of the prime."""
        return sum(value * self.residue(factor) for factor, value in terms) % self.prime

    def residue(self, number: Fraction) -> int:
        """A rational number modulo the prime; ZeroDivisionError if its denominator is a multiple of the prime."""
        if number.denominator % self.prime == 0:
            raise ZeroDivisionError(f"{number} has no residue modulo {self.prime}")
        return number.numerator * pow(number.denominator, -1, self.prime) % self.prime

    def inverse(self, matrix: np.ndarray) -> np.ndarray | None:
        """The inverse of a square matrix by Gauss and Jordan; None if it is singular."""
        n, p = len(matrix), self.prime
        rows = np.concatenate([matrix % p, np.eye(n, dtype=int).astype(object)], axis=1)
        for column in range(n):
            pivot = next((row for row in range(column, n) if rows[row, column]), None)
            if pivot is None:
                return None
            rows[[column, pivot]] = rows[[pivot, column]]
            rows[column] = rows[column] * pow(rows[column, column], -1, p) % p
            for row in range(n):
                if row != column:
                    rows[row] = (rows[row] - rows[row, column] * rows[column]) % p
        return rows[:, n:]

    def draw(self, jet: Jet, definitions: Iterable[str], seed: int) -> Tensors:
        """The tensors at a random jet with a regular metric; the seed determines it."""
        generator = random.Random(seed)
        constants = {"0": 0, "1": 1}

        def element(name: str) -> int:
            return constants[name] if name in constants else generator.randrange(self.prime)

        while True:
            given: dict[str, Any] = jet(element)
            if (inverse := self.inverse(given["g__"])) is not None:
                break
        given["g^^"] = inverse
        return Tensors(self, given, definitions)


@dataclass(frozen=True)
class Bound:
    """Bounds valid for every entry ``P / (denominator det(g)^power)`` of a tensor, P with integer coefficients.

    Attributes:
        degree: of P.
        power: of the determinant.
        norm: the sum of the absolute values of the coefficients of P.
        denominator: a positive integer.
    """

    degree: int
    power: int = 0
    norm: int = 1
    denominator: int = 1


class BoundArithmetic:
    """The arithmetic of bounds, in a dimension n: a contraction over an index has n times the norm."""

    def __init__(self, dimension: int):
        self.dimension = dimension

    def contract(self, subscripts: str, operands: Sequence[Bound]) -> Bound:
        """The bound of a sum of products."""
        inputs, output = subscripts.split("->")
        degree, power = sum(b.degree for b in operands), sum(b.power for b in operands)
        norm, denominator = self.dimension ** len(set(inputs) - set(output) - {","}), 1
        for bound in operands:
            norm, denominator = norm * bound.norm, denominator * bound.denominator
        return Bound(degree, power, norm, denominator)

    def combine(self, terms: Sequence[tuple[Fraction, Bound]]) -> Bound:
        """The bound of a linear combination, over the common denominator."""
        n = self.dimension
        power = max(bound.power for _, bound in terms)
        degree = max(bound.degree + n * (power - bound.power) for _, bound in terms)
        denominator = lcm(*(bound.denominator * factor.denominator for factor, bound in terms))
        norm = sum(
            abs(int(factor * denominator / bound.denominator)) * bound.norm * factorial(n) ** (power - bound.power)
            for factor, bound in terms
        )
        return Bound(degree, power, norm, denominator)

    def tensors(self, jet: Jet, definitions: Iterable[str]) -> Tensors:
        """The bounds of the tensors that the definitions make of a jet."""
        given: dict[str, Any] = dict.fromkeys(jet(lambda _: 0), Bound(1))
        given["g^^"] = Bound(self.dimension - 1, 1, factorial(self.dimension - 1))
        return Tensors(self, given, definitions)


@dataclass(frozen=True)
class Trial:
    """What random points of a prime field showed of an identity.

    Attributes:
        holds: whether both sides agreed at every point.
        seeds: of the points, in decimal; each reproduces its jet.
        degree: the bound of the degree of the difference.
        prime: the modulus.
        error: bound of the probability that a false identity passes all points.
    """

    holds: bool
    seeds: tuple[int, ...]
    degree: int
    prime: int
    error: float


def trial(
    jet: Jet,
    definitions: Sequence[str],
    left: str,
    right: str,
    points: int = 1,
    prime: int = MERSENNE_61,
    seeds: Sequence[int] = (),
) -> Trial:
    """Test ``left = right`` at random jets.

    Args:
        jet: makes the arrays of a jet from its elements.
        definitions: of the other tensors, in index notation.
        left: one side.
        right: the other.
        points: how many jets.
        prime: the modulus.
        seeds: of the jets, to reproduce a trial; fresh ones if empty.

    Raises:
        ValueError: if the prime is too small for the coefficients of the identity.
    """
    field = PrimeField(prime)
    dimension = len(jet(lambda _: 0)["g__"])
    bound: Bound = BoundArithmetic(dimension).tensors(jet, definitions).difference(left, right)
    if bound.norm >= prime:
        raise ValueError(f"coefficients up to {bound.norm:.3g} may vanish modulo {prime}; take a larger prime")
    seeds = tuple(seeds) or tuple(secrets.randbits(64) for _ in range(points))
    holds = all(not np.any(field.draw(jet, definitions, seed).difference(left, right)) for seed in seeds)
    return Trial(holds, seeds, bound.degree, prime, float(Fraction(bound.degree, prime - dimension)) ** len(seeds))


def _is_prime(number: int) -> bool:
    """By python-flint, which proves primality."""
    import flint

    return number > 1 and bool(flint.fmpz(number).is_prime())
