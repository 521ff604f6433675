r"""How far an ensemble gets in steps of any kind: ``sum_k mean|Delta_k|^2/eta_k >= W2^2 / sum_k eta_k``.

Delta_k is the step k of a member, eta_k the size of the step; means are over members, W2 is between the empirical laws.

Source: Okanohara 2026, the epistemic speed limit, for steps; the inequality of Cauchy and Schwarz.
"""

import sympy as sp

from derivations.derivation import Derivation


def limit(constant: sp.Expr = sp.Integer(1)) -> Derivation:
    """The limit, member by member, for steps of any rule and any sizes.

    Args:
        constant: the claimed factor of the bound.
    """
    d = 3
    eta, whole = sp.symbols("eta S", positive=True)
    step, c, moved = (sp.Matrix(sp.symbols(f"{name}1:{d + 1}", real=True)) for name in ("Delta", "c", "m"))
    derivation = Derivation("The limit of discrete steps")
    derivation.equal(
        r"\frac{{|\Delta|}^2}{\eta} - 2\, c\cdot\Delta + {|c|}^2 \eta", (step - c * eta).dot(step - c * eta) / eta,
        "a square for every vector c, which is 0 where the step is c eta",
        value=step.dot(step) / eta - 2 * c.dot(step) + c.dot(c) * eta,
    )  # fmt: skip
    derivation.stated(
        r"\sum_k \frac{{|\Delta_k|}^2}{\eta_k} \ge 2\, c\cdot m - {|c|}^2 S",
        "summed over the steps of one member, with m the sum of its steps and S that of their sizes",
    )
    chosen = dict(zip(c, moved / whole, strict=True))
    derivation.equal(
        r"2\, c\cdot m - {|c|}^2 S", constant * moved.dot(moved) / whole, "at c = m/S, where it is largest",
        value=(2 * c.dot(moved) - c.dot(c) * whole).subs(chosen),
    )  # fmt: skip
    derivation.stated(
        r"\operatorname{mean}{|m|}^2 \ge W_2^2",
        "each member joined to itself is one way of transport, of the empirical law before to that after",
    )
    return derivation
