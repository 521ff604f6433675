"""The tensors of the multivariate normal laws at the standard one, exact: the metric to second order, and loops of indices."""

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp

p = sp.Symbol("p", positive=True, integer=True)


@dataclass(frozen=True)
class AtStandard:
    """Metric and Riemann tensor ``R_ijkl`` at ``(0, 1)`` in mean and lower triangle, entries rational."""

    metric: np.ndarray
    riemann: np.ndarray

    @property
    def scalar(self) -> sp.Rational:
        """The scalar curvature; the metric is diagonal here."""
        inverse = np.array([1 / entry for entry in np.diagonal(self.metric)], dtype=object)
        sectional = np.einsum("ijij->ij", self.riemann)
        return sp.Rational(inverse @ sectional @ inverse)

    def sectional(self, i: int, j: int) -> sp.Rational:
        """The curvature of a plane of two coordinates."""
        return sp.Rational(self.riemann[i, j, i, j] / (self.metric[i, i] * self.metric[j, j]))


def basis(size: int) -> list[sp.Matrix]:
    """The symmetric matrices with one entry of the lower triangle 1."""
    return [
        sp.Matrix(size, size, lambda r, c, i=i, j=j: int((r, c) in ((i, j), (j, i))))
        for i in range(size)
        for j in range(i + 1)
    ]


@functools.cache
def at_standard(size: int) -> AtStandard:
    """By the definition of the Riemann tensor from the metric and its first two derivatives.

    To second order ``(1 + D)^-1 = 1 - D + D^2``, so the metric is ``a^T (1 - D + D^2) a + tr(B B - 2 B B D + 2 B B D^2 + B D B
    D) / 2`` on ``(a, B)``; only derivatives along D occur.
    """
    matrices = [np.array(matrix.tolist(), dtype=object) for matrix in basis(size)]
    d = size + len(matrices)
    E = np.array(matrices)
    two = np.einsum("aij,bjk->abik", E, E)
    three = np.einsum("abij,cjk->abcik", two, E)
    metric = np.full((d, d), 0, dtype=object)
    slope = np.full((d, d, d), 0, dtype=object)  # d_k g_ij at [k, i, j]
    bend = np.full((d, d, d, d), 0, dtype=object)  # d_k d_l g_ij at [k, l, i, j]
    mean, rest = slice(0, size), slice(size, d)
    half = sp.Rational(1, 2)
    metric[mean, mean] = np.array(np.eye(size, dtype=int), dtype=object)
    metric[rest, rest] = half * np.einsum("abii->ab", two)
    slope[rest, mean, mean] = -E
    bend[rest, rest, mean, mean] = two + np.swapaxes(two, 0, 1)
    # tr(P B P B') with P = 1 - D + D^2: first order -tr(D B B') - tr(B D B').
    cubic = np.einsum("abcii->abc", three)
    slope[rest, rest, rest] = -half * (cubic + np.swapaxes(cubic, 1, 2))
    quartic = np.einsum("abij,cdji->abcd", two, two)
    # Second derivatives along C and D of tr(P B P B'): the words C D B B', D C B B', B C D B', B D C B', C B D B', D B C B'.
    words = (
        quartic
        + np.transpose(quartic, (1, 0, 2, 3))
        + np.einsum("bcda->cdba", quartic)
        + np.einsum("bdca->cdba", quartic)
        + np.einsum("cbda->cdba", quartic)
        + np.einsum("dbca->cdba", quartic)
    )
    bend[rest, rest, rest, rest] = half * words
    inverse = np.array([1 / sp.Rational(entry) for entry in np.diagonal(metric)], dtype=object)
    # Gamma_ijk, first index lowered.
    lowered = half * (np.einsum("jik->ijk", slope) + np.einsum("kij->ijk", slope) - slope)
    seconds = half * (
        np.einsum("jkil->ijkl", bend)
        + np.einsum("iljk->ijkl", bend)
        - np.einsum("jlik->ijkl", bend)
        - np.einsum("ikjl->ijkl", bend)
    )
    flat = lowered.reshape(d, d * d)
    pairs = (flat.T * inverse) @ flat
    pairs = pairs.reshape(d, d, d, d)  # Gamma_m,ab g^mn Gamma_n,cd
    riemann = seconds + np.einsum("jkil->ijkl", pairs) - np.einsum("jlik->ijkl", pairs)
    return AtStandard(metric, riemann)


def loops(word: str) -> sp.Expr:
    """A sum of products of an orthonormal basis F of the symmetric matrices, ``tr F F' = 2 delta``, as a polynomial in p.

    Each factor is a letter for the basis matrix, which occurs in two factors, and two for its indices; a letter of an
    index may occur anywhere twice. ``sum F_ij F_kl = delta_ik delta_jl + delta_il delta_jk`` turns the sum into p to the
    number of loops.

    Args:
        word: such as ``"aij aij"`` for ``sum F_ij F_ij``.
    """
    factors = word.split()
    pairs = [[f[1:] for f in factors if f[0] == name] for name in sorted({f[0] for f in factors})]
    letters = sorted({letter for f in factors for letter in f[1:]})
    choices = [[list(zip(a, b, strict=True)), list(zip(a, reversed(b), strict=True))] for a, b in pairs]
    return sum(p ** _components(letters, [*itertools.chain(*chosen)]) for chosen in itertools.product(*choices))


def _components(letters: Sequence[str], joined: Sequence[tuple[str, str]]) -> int:
    parts = {letter: {letter} for letter in letters}
    for a, b in joined:
        union = parts[a] | parts[b]
        for letter in union:
            parts[letter] = union
    return len({id(part) for part in parts.values()})


def traces(expression: sp.Expr) -> sp.Expr:
    """Products of non-commuting symmetric matrices as their traces: up to rotation and reversal of the order."""
    total = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(expression)):
        numbers, factors = term.args_cnc()
        powers = [factor.as_base_exp() for factor in factors]
        names = [base.name for base, power in powers for _ in range(int(power))]
        turned = [names[i:] + names[:i] for i in range(len(names))]
        least = min(turned + [word[::-1] for word in turned], default=[])
        total += sp.Mul(*numbers) * sp.Symbol(rf"\operatorname{{tr}}({' '.join(least)})")
    return total
