r"""Markov maps on finite sample spaces: what they keep and what they lose of the Fisher metric.

On the open simplex a tangent vector u at p (its entries add up to 0) has the squared Fisher norm ``sum u_i^2 / p_i``,
the variance of the score ``u_i / p_i``. A row-stochastic kernel K moves p to ``p K`` and u to ``u K``.

Source: Chentsov 1982; Amari & Nagaoka 2000, section 2.2, theorem 2.1.
"""

import itertools
from collections.abc import Sequence

import sympy as sp

from derivations.derivation import Derivation


def merging(claimed: sp.Expr | None = None) -> Derivation:
    """Merging two outcomes loses a square: the loss is a conditional variance and vanishes only at equal scores.

    Args:
        claimed: what is claimed for the loss, in the symbols of :func:`two_outcomes`.
    """
    p, u = two_outcomes()
    claimed = merging_loss() if claimed is None else claimed
    derivation = Derivation("Merging two outcomes")
    loss = u[0] ** 2 / p[0] + u[1] ** 2 / p[1] - (u[0] + u[1]) ** 2 / (p[0] + p[1])
    derivation.equal(
        r"\frac{u_1^2}{p_1} + \frac{u_2^2}{p_2} - \frac{(u_1 + u_2)^2}{p_1 + p_2}", claimed,
        "what is left of the difference; the other outcomes contribute the same before and after", value=loss,
    )  # fmt: skip
    derivation.positive(r"\frac{p_1 p_2}{p_1 + p_2}", p[0] * p[1] / (p[0] + p[1]), "probabilities are positive")
    derivation.stated(
        r"\text{loss} \ge 0,\quad = 0 \iff \frac{u_1}{p_1} = \frac{u_2}{p_2}", "a positive factor times a square"
    )
    score = [a / b for a, b in zip(u, p, strict=True)]
    weight = [b / sum(p) for b in p]
    mean = sum(w * s for w, s in zip(weight, score, strict=True))
    derivation.equal(
        r"(p_1 + p_2)\, \operatorname{Var}(u/p \mid \text{merged})", claimed, "the conditional variance of the score",
        value=sum(p) * (sum(w * s**2 for w, s in zip(weight, score, strict=True)) - mean**2),
    )  # fmt: skip
    derivation.stated(
        r"\sum_{i} \frac{u_i^2}{p_i} - \sum_{t} \frac{(\sum_{i \in t} u_i)^2}{\sum_{i \in t} p_i} \ge 0",
        "every statistic merges outcomes two at a time; in the identity (p_1, u_1) may be what was merged before. The sum "
        "of the losses is 0 exactly if u/p is constant on each fibre t",
    )
    return derivation


def three_outcomes() -> Derivation:
    """The statistic that merges two of three outcomes, on tangent vectors of the simplex."""
    p, u = two_outcomes()
    third = [1 - p[0] - p[1], -u[0] - u[1]]
    before = u[0] ** 2 / p[0] + u[1] ** 2 / p[1] + third[1] ** 2 / third[0]
    after = (u[0] + u[1]) ** 2 / ((p[0] + p[1]) * (1 - p[0] - p[1]))
    derivation = Derivation("Merging two of three outcomes")
    derivation.given(r"(p_3, u_3)", sp.Matrix([third]), "probabilities add up to 1, tangent vectors to 0")
    derivation.equal(
        r"g_p(u, u) - g_{Kp}(Ku, Ku)", merging_loss(), "the Bernoulli metric 1/(q(1 - q)) at q = p_1 + p_2 is left",
        value=before - after,
    )  # fmt: skip
    return derivation


def splitting(exponent: sp.Expr = sp.Integer(1), pieces: int = 3) -> Derivation:
    """Splitting outcomes at random (a congruent embedding) keeps the Fisher metric.

    Args:
        exponent: s of the claimed invariant ``sum u_i^2 p_i^(-s)``; 1 is the Fisher metric.
        pieces: into how many one outcome is split.
    """
    p, k = sp.Symbol("p", positive=True), sp.symbols(f"k1:{pieces}", positive=True)
    u = sp.Symbol("u", real=True)
    shares = [*k, 1 - sum(k)]
    derivation = Derivation("Splitting an outcome")
    derivation.given(r"(p_j, u_j)", r"(k_j\, p, k_j\, u)",
                     "the pieces of one outcome under a congruent embedding; the shares k_j add up to 1")  # fmt: skip
    derivation.equal(
        r"\frac{(k_j u)^2}{(k_j p)^{s}}", [share * u**2 / p**exponent for share in shares],
        "each piece carries its share, so the pieces add up to what was split",
        value=[(share * u) ** 2 / (share * p) ** exponent for share in shares],
    )  # fmt: skip
    derivation.equal(r"\sum_j k_j", sp.Integer(1), "the shares", value=sum(shares))
    return derivation


def kernel(inputs: int = 3, outputs: int = 2, left_out: int = 0) -> Derivation:
    """The loss of a general kernel is a sum of squares of differences of scores: monotonicity with its equality case.

    Args:
        inputs: how many outcomes.
        outputs: how many the kernel leads to.
        left_out: how many outputs are left out of the sum over each row.
    """
    i_range, j_range = range(inputs), range(outputs)
    p = sp.symbols(f"p1:{inputs + 1}", positive=True)
    score = sp.symbols(f"l1:{inputs + 1}", real=True)
    # One output at a time, so that the entries of a row need not add up to 1 here.
    k = sp.symbols(f"k1:{inputs + 1}", positive=True)
    derivation = Derivation(f"The loss of a Markov map with {inputs} inputs")
    derivation.given(r"q_j", r"\sum_i p_i K_{ij}", "the law of the output; u_i = p_i l_i with the score l")
    joint = [a * b for a, b in zip(p, k, strict=True)]
    pairs = itertools.combinations(i_range, 2)
    squares = sum(joint[a] * joint[b] * (score[a] - score[b]) ** 2 for a, b in pairs) / sum(joint)
    derivation.equal(
        r"\sum_i p_i K_{ij} l_i^2 - \frac{(\sum_i p_i K_{ij} l_i)^2}{q_j}"
        r" - \frac{1}{q_j} \sum_{i < i'} p_i K_{ij}\, p_{i'} K_{i'j}\, (l_i - l_{i'})^2",
        sp.Integer(0),
        "Lagrange's identity for one output j",
        value=_variance(joint, score) - squares,
    )
    entries = [[sp.Symbol(f"K_{i + 1}{j + 1}", positive=True) for j in j_range[:-1]] for i in i_range]
    rows = [[*row, 1 - sum(row)] for row in entries]
    derivation.equal(
        r"\sum_{ij} p_i K_{ij} l_i^2", sum(p[i] * score[i] ** 2 for i in i_range),
        f"with {outputs} outputs: the rows add up to 1, so the first terms add up to the norm before",
        value=sum(p[i] * rows[i][j] * score[i] ** 2 for i in i_range for j in j_range[left_out:]),
    )  # fmt: skip
    derivation.stated(
        r"g_p(u, u) - g_{Kp}(Ku, Ku) = \sum_j \frac{1}{q_j} \sum_{i < i'} p_i K_{ij}\, p_{i'} K_{i'j} (l_i - l_{i'})^2"
        r" \ge 0",
        "sum over the outputs; it is 0 exactly if outcomes that can lead to one output have one score: K is sufficient "
        "for the direction u",
    )
    return derivation


def two_outcomes() -> tuple[tuple[sp.Symbol, ...], tuple[sp.Symbol, ...]]:
    """The symbols of two probabilities and of two components of a tangent vector."""
    return sp.symbols("p1:3", positive=True), sp.symbols("u1:3", real=True)


def merging_loss() -> sp.Expr:
    """``(u1/p1 - u2/p2)^2 p1 p2 / (p1 + p2)``."""
    p, u = two_outcomes()
    return p[0] * p[1] / (p[0] + p[1]) * (u[0] / p[0] - u[1] / p[1]) ** 2


def _variance(weights: Sequence[sp.Expr], values: Sequence[sp.Expr]) -> sp.Expr:
    first = sum(w * v for w, v in zip(weights, values, strict=True))
    return sum(w * v**2 for w, v in zip(weights, values, strict=True)) - first**2 / sum(weights)
