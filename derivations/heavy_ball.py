r"""Gradient descent with momentum on ``Phi = a x^2/2``: ``p' = beta p + a x``, ``x' = x - eta p'``, from ``x = 1``, ``p = 0``.

With ``h = eta a`` the positions obey ``x'' - (1 + beta - h) x' + beta x = 0``, stable for ``0 < h < 2 (1 + beta)``.

Source: Okanohara 2026, the epistemic speed limit, read for momentum; Polyak 1964 for the method.
"""

import sympy as sp

from derivations.derivation import Derivation

H, BETA, ROOT = sp.symbols("h beta r", positive=True)


def positions(step: sp.Expr, decay: sp.Expr, number: int) -> list[sp.Expr]:
    """The positions after 0, 1, ..., number steps.

    Args:
        step: ``h = eta a``.
        decay: beta.
        number: of steps.
    """
    x, p = sp.Integer(1), sp.Integer(0)
    passed = [x]
    for _ in range(number):
        p = sp.expand(decay * p + step * x)
        x = sp.expand(x - p)
        passed.append(x)
    return passed


def fails(power: int = 1) -> Derivation:
    """For ``h = 1`` two steps break ``E[Phi]_0 - E[Phi]_K >= W2^2 (1 - beta)/(K eta)``, whatever beta.

    Args:
        power: the claimed power of ``1 - beta`` in the bound.
    """
    derivation = Derivation("Heavy balls that get further than the mobility allows")
    x = positions(sp.Integer(1), BETA, 2)
    derivation.equal("(x_0, x_1, x_2)", [sp.Integer(1), sp.Integer(0), -BETA], "one member, eta a = 1", value=x)
    drop, bound = ((1 - x[2] ** 2) / 2, (1 - x[2]) ** 2 * (1 - BETA) ** power / 2)
    derivation.equal(
        r"(\Phi_0 - \Phi_2) \Big/ \frac{W_2^2 (1 - \beta)}{2\eta}", 1 / (1 + BETA), "below 1 for every beta > 0",
        value=drop / bound,
    )  # fmt: skip
    x = positions(sp.Rational(3, 2), BETA, 2)
    derivation.positive(
        r"\Phi_2 - \Phi_0", x[2] ** 2 - 1,
        "for eta a = 3/2 and 5/6 < beta < 1 the objective even rises: no positive constant in the bound helps",
        positive={BETA: sp.Rational(5, 6) + sp.Symbol("k", positive=True)},
    )  # fmt: skip
    short = positions(sp.Rational(3, 10), sp.Rational(99, 100), 5)
    derivation.positive(
        r"\Phi_5 - \Phi_0", short[5] ** 2 - 1, "so it does for eta a = 3/10 and beta = 99/100, after five steps"
    )
    return derivation


def slow_root(mobility: int = 1) -> Derivation:
    """To first order in the step size the heavy ball is the gradient flow of mobility ``1/(1 - beta)``.

    Args:
        mobility: the claimed power of ``1/(1 - beta)``.
    """
    derivation = Derivation("The heavy ball for short steps")
    polynomial = ROOT**2 - (1 + BETA - H) * ROOT + BETA
    left = 1 / (1 - BETA)
    derivation.given("p(r)", r"r^2 - (1 + \beta - h)\, r + \beta", "positions are sums of powers of its two roots")
    slow = 1 - H * left**mobility - BETA * H**2 * left**3
    remainder = sp.Poly(sp.expand(polynomial.subs(ROOT, slow)), H).all_coeffs()[::-1][:3]
    derivation.equal(
        r"p\left(1 - \frac{h}{1-\beta} - \frac{\beta h^2}{(1-\beta)^3}\right) \bmod h^3", sp.Integer(0),
        "so this is the slow root r up to O(h^3)", value=remainder,
    )  # fmt: skip
    clock = sp.Symbol("s", positive=True)
    rate = sp.series(sp.log(slow), H, 0, 3).removeO()
    derivation.equal(
        r"K \log r", -clock - clock * H * (1 + BETA) * left**2 / 2, "for K = s (1 - beta)/h steps, up to O(h^2)",
        value=sp.expand(clock / (H * left) * rate),
    )  # fmt: skip
    # From rest x_{-1} = x_0 = 1: the weights c and 1 - c of the roots r and beta/r.
    weight = ROOT * (1 - BETA / ROOT) / (ROOT - BETA / ROOT)
    weight = sp.series(weight.subs(ROOT, slow), H, 0, 2).removeO()
    derivation.equal("c", 1 + BETA * H * left**2, "the weight of the slow root, from rest, up to O(h^2)", value=weight)
    power = (1 + BETA * H * left**2) * sp.exp(-clock - clock * H * (1 + BETA) * left**2 / 2)
    derivation.equal(
        r"\frac{d}{dh}(c\, r^K)|_{h=0}", sp.exp(-clock) * (2 * BETA - (1 + BETA) * clock) * left**2 / 2,
        "what is left after K steps, to first order", value=sp.diff(power, H).subs(H, 0),
    )  # fmt: skip
    derivation.stated(
        r"x_K = e^{-s} + O(h)",
        "the fast root, near beta, is forgotten: the flow of mobility 1/(1-beta) for the time K eta, s = K h/(1-beta)",
    )
    return derivation
