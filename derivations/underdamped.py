r"""Learning with momentum: positions x and momenta p of mass m, with friction ``-gamma p`` and noise of temperature T.

Source: Okanohara 2026, the epistemic speed limit, read for underdamped dynamics.
"""

import sympy as sp

from derivations.derivation import Derivation


def limit(friction: int = 1, mass: int = 1) -> Derivation:
    """Temperature times entropy production is at least ``gamma m W2^2 / tau``, W2 between the laws of the positions.

    Args:
        friction: the claimed power of gamma.
        mass: that of the mass.
    """
    gamma, m, production, speed = sp.symbols("gamma m W U", positive=True)
    cross = sp.Symbol("C", real=True)
    derivation = Derivation("The speed limit with momentum")
    derivation.given("w", r"p + m T\, \partial_p \log q", "what friction and noise make of the momentum")
    derivation.given(r"\sigma", r"\tfrac{\gamma}{m} E{|w|}^2", "temperature times the rate of entropy production")
    derivation.given(r"u(x)", r"E[p \mid x] / m", "the velocity that transports the law of the positions")
    derivation.stated(
        r"E[w \mid x] = m u", "the integral of the derivative of q by p is 0; hence C = E[w . u] = m U, with U = E|u|^2"
    )
    square = production - 2 * m * cross + m**2 * speed
    derivation.equal(
        r"E{|w|}^2 - m^2 E{|u|}^2", square.subs(cross, m * speed), "which is E|w - m u|^2, at least 0",
        value=production - m**2 * speed,
    )  # fmt: skip
    derivation.equal(
        r"\sigma - \gamma m\, E{|u|}^2", gamma**friction * m**mass * (production / m**2 - speed),
        "a positive multiple of it", value=gamma / m * production - gamma * m * speed,
    )  # fmt: skip
    derivation.stated(r"\int_0^\tau E{|u|}^2 dt \ge W_2^2 / \tau", "the speed limit of a path of laws of positions")
    return derivation
