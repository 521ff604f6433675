"""Claims about the eigenvalues of complex Gaussian matrices."""

from fractions import Fraction
from functools import cache
from math import comb, factorial

import numpy as np
import sympy as sp
from scipy.special import gammainc, gammaincc

from derivations import ginibre as derivation
from properties.checks import decided, derived, fact
from properties.claims import claim
from properties.simulation import means_agree

SIZE, MEMBERS = 4, 40_000
SHAPE = SIZE * (SIZE + 1) // 2
SHAPES = np.arange(1, SIZE + 1)
# Discs that hold all eigenvalues, and none, of about half of the matrices.
WIDE, NARROW = 6.0, 0.5


@claim(
    "ginibre-moduli",
    evidence="exact",
    change={},
    falsifiers={"shapes from 2 on": {"change": {"first": 2}}, "a determinant": {"change": {"signed": True}}},
)
def test_moduli(change):
    derived(derivation.moduli(**change))


@claim(
    "ginibre-cumulants",
    evidence="exact",
    change={},
    falsifiers={
        "all entries of the matrix": {"change": {"shape": derivation.N**2}},
        "pairs of eigenvalues": {"change": {"shape": derivation.N * (derivation.N - 1) / 2}},
        "q! for (q-1)!": {"change": {"factorial": 0}},
    },
)
def test_cumulants(change):
    derived(derivation.cumulants(**change))


@cache
def _moments(number, highest):
    """Moments of the sum of squared moduli, by exact integration of the density of the eigenvalues term by term."""
    radii = derivation.squared_radii(number)
    polynomial, total = sp.Poly(derivation.angular_mean(number), *radii), sp.Poly(sp.Add(*radii), *radii)
    integrals = []
    for _ in range(highest + 1):
        integrals.append(sum(int(c) * int(np.prod([factorial(p) for p in powers])) for powers, c in polynomial.terms()))
        polynomial = polynomial * total
    return [Fraction(value, integrals[0]) for value in integrals]


def _cumulants(moments):
    found = [Fraction(0)]
    for q in range(1, len(moments)):
        found.append(moments[q] - sum(comb(q - 1, j - 1) * found[j] * moments[q - j] for j in range(1, q)))
    return found[1:]


@claim(
    "ginibre-cumulants",
    evidence="exact",
    shape=lambda n: n * (n + 1) // 2,
    factor=lambda q: factorial(q - 1),
    falsifiers={
        "all entries of the matrix": {"shape": lambda n: n * n},
        "q! for (q-1)!": {"factor": factorial},
        "entries of variance 1/2": {"factor": lambda q: Fraction(factorial(q - 1), 2**q)},
    },
)
def test_moments_of_the_density(shape, factor):
    """Six cumulants for N = 1 to 4, as rational numbers."""
    for number in range(1, derivation.LARGEST + 1):
        found = _cumulants(_moments(number, 6))
        expected = [factor(q) * shape(number) for q in range(1, 7)]
        decided(found == expected, f"cumulants {', '.join(map(str, found))} for N = {number}")


def _complex(random):
    parts = random.normal(size=(2, MEMBERS, SIZE, SIZE)) / np.sqrt(2)
    return parts[0] + 1j * parts[1]


@cache
def _squared_moduli(kind):
    random = np.random.default_rng(4)
    if kind == "real":
        return np.abs(np.linalg.eigvals(random.normal(size=(MEMBERS, SIZE, SIZE)))) ** 2
    matrices = _complex(random)
    if kind == "singular":
        return np.linalg.svd(matrices, compute_uv=False) ** 2
    return np.abs(np.linalg.eigvals(matrices)) ** 2 / (SIZE if kind == "narrow" else 1)


def _means(shapes, is_mixed=False):
    """The probabilities that all moduli, and that none, are in a disc; of shapes at random if they are mixed."""
    inside, outside = gammainc(shapes, WIDE), gammaincc(shapes, NARROW)
    if is_mixed:
        return {"all inside": np.mean(inside) ** SIZE, "none inside": np.mean(outside) ** SIZE}
    return {"all inside": np.prod(inside), "none inside": np.prod(outside)}


MODULI = _means(SHAPES)
OTHER_MODULI = {
    "eigenvalues independent of each other": _means(SHAPES, is_mixed=True),
    "shapes from 2 on": _means(SHAPES + 1),
}


@claim(
    "ginibre-moduli",
    evidence="simulated",
    kind="complex",
    claimed=MODULI,
    falsifiers={name: {"claimed": means} for name, means in OTHER_MODULI.items()}
    | {"real matrices": {"kind": "real"}, "singular values": {"kind": "singular"}},
)
def test_largest_and_smallest_modulus(kind, claimed):
    """Matrices of size 4: how often all eigenvalues are in one disc, and none in another."""
    squares = _squared_moduli(kind)
    samples = {
        "all inside": (squares.max(axis=1) <= WIDE).astype(float),
        "none inside": (squares.min(axis=1) > NARROW).astype(float),
    }
    means_agree(samples, claimed, MODULI, OTHER_MODULI)


# The Laplace transform knows all cumulants: ln E exp(-S/2) = sum kappa_q (-1/2)^q / q!.
SUMS = {"sum": SHAPE, "squared deviation": SHAPE, "Laplace transform": 1.5**-SHAPE}
OTHER_SUMS = {
    "q! for (q-1)!": SUMS | {"squared deviation": 2 * SHAPE, "Laplace transform": np.exp(-SHAPE / 3)},
    "normal": SUMS | {"Laplace transform": np.exp(-SHAPE / 2 + SHAPE / 8)},
    "all entries of the matrix": {"sum": SIZE**2, "squared deviation": SIZE**2, "Laplace transform": 1.5 ** -(SIZE**2)},
}


@claim(
    "ginibre-cumulants",
    evidence="simulated",
    kind="complex",
    claimed=SUMS,
    falsifiers={name: {"claimed": means} for name, means in OTHER_SUMS.items()}
    | {
        "real matrices": {"kind": "real"},
        "singular values": {"kind": "singular"},
        "entries of variance 1/N": {"kind": "narrow"},
    },
)
def test_sum_of_squared_moduli(kind, claimed):
    """Matrices of size 4: mean and variance of the sum, and its Laplace transform at 1/2."""
    total = _squared_moduli(kind).sum(axis=1)
    fact("mean and variance", f"{total.mean():.4f}, {total.var():.4f}")
    samples = {
        "sum": total,
        "squared deviation": (total - SHAPE) ** 2,
        "Laplace transform": np.exp(-total / 2),
    }
    means_agree(samples, claimed, SUMS, OTHER_SUMS)
