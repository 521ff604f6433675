r"""The length of a path of laws, and how it factors the efficiency of learning into straightness and pace.

The path ``q(t)`` moves by ``dq/dt + div(q v) = 0`` at the speed ``U = (E|v|^2)^(1/2)``; its length is ``L = int U dt``. With
the scalar mobility mu the entropy production is ``Sigma = int U^2/mu dt``, and the clock is ``S = int mu dt``.

Source: Benamou & Brenier 2000 for the length; Okanohara 2026 for the entropy production.
"""

import sympy as sp

from derivations.derivation import Derivation


def reparametrisation(power: int = 1) -> Derivation:
    """The length of a path does not depend on the pace at which it is run; the entropy production does.

    Args:
        power: the claimed power of the pace ``t'(s)`` in the new velocity.
    """
    derivation = Derivation("Length and entropy production at another pace")
    s, x = sp.symbols("s x", real=True)
    pace, speed, mobility = sp.symbols("p U mu", positive=True)
    t, q, v = sp.Function("t", real=True), sp.Function("q", positive=True), sp.Function("v", real=True)
    old = sp.Symbol("u", real=True)
    derivation.given(r"\tilde q(s)", "q(t(s))", "the same laws, one after the other, with t' > 0")
    law, field = q(t(s), x), v(t(s), x)
    change = sp.diff(q(old, x), old).subs(old, t(s))
    derivation.equal(
        r"\partial_s \tilde q + \partial_x(\tilde q\, t' v) - t' (\partial_t q + \partial_x(q v))", sp.Integer(0),
        "so their velocity is t' v; along every coordinate alike",
        value=sp.diff(law, s).doit() + sp.diff(law * sp.diff(t(s), s) ** power * field, x)
        - sp.diff(t(s), s) * (change + sp.diff(law * field, x)),
    )  # fmt: skip
    derivation.equal(
        r"(E{|t' v|}^2)^{1/2}\, ds - U\, dt", sp.Integer(0), "with dt = p ds and p = t': the length is the same",
        value=sp.sqrt(pace ** (2 * power) * speed**2) - speed * pace,
    )  # fmt: skip
    derivation.equal(
        r"\frac{E{|t' v|}^2}{\mu} ds \Big/ \frac{U^2}{\mu} dt", pace,
        "at the same mobility what a piece of the path dissipates grows with the pace",
        value=(pace**power * speed) ** 2 / mobility / (speed**2 / mobility * pace),
    )  # fmt: skip
    derivation.equal(
        r"(L, \Sigma, \tilde L, \tilde\Sigma)", [sp.Integer(1), sp.Integer(1), sp.Integer(1), sp.Rational(4, 3)],
        "a law that is carried at speed 1 for a time 1 at mobility 1, and the same with t = s^2",
        value=[1, 1, *(sp.integrate((2 * s) ** (power * k), (s, 0, 1)) for k in (1, 2))],
    )  # fmt: skip
    return derivation


def efficiency(pace: sp.Expr = sp.Integer(1)) -> Derivation:
    """``Sigma S >= L^2`` with equality exactly for ``U ~ mu``, and ``W2^2/(S Sigma)`` is straightness times pace.

    Args:
        pace: the claimed factor of the pace ``L^2/(S Sigma)``.
    """
    derivation = Derivation("Straightness and pace")
    speed, mobility, c, length, clock, dissipated, distance = sp.symbols("U mu c L S Sigma W_2", positive=True)
    derivation.equal(
        r"\frac{U^2}{\mu} - 2 c\, U + c^2 \mu", (speed - c * mobility) ** 2 / mobility,
        "for every number c; 0 exactly where the speed is c mu", value=speed**2 / mobility - 2 * c * speed + c**2 * mobility,
    )  # fmt: skip
    derivation.equal(
        r"\Sigma - 2 c L + c^2 S", dissipated - pace * length**2 / clock, "its integral at c = L/S, which is not negative",
        value=(dissipated - 2 * c * length + c**2 * clock).subs(c, length / clock),
    )  # fmt: skip
    derivation.stated(r"\Sigma S \ge L^2", "with equality exactly where the speed is proportional to the mobility")
    derivation.equal(
        r"\frac{W_2^2}{L^2} \cdot \frac{L^2}{S \Sigma}", distance**2 / (clock * dissipated),
        "straightness times pace", value=(distance / length) ** 2 * (pace * length**2 / (clock * dissipated)),
    )  # fmt: skip
    derivation.stated(
        r"W_2 \le L", "Benamou and Brenier: W2 is the least length of a path; so both factors are at most 1"
    )
    return derivation
