r"""Normal laws that relax in one dimension: closed forms of the flow, its free energy and its entropy production.

``Phi = A (x - b)^2 / 2``, temperature T, mobility mu; ``E = exp(-mu A tau)``. With them exact counterexamples to the statements
about entropy production and Wasserstein distance that leave something out.

Source: Okanohara 2026; the moments are those of an Ornstein-Uhlenbeck process.
"""

import sympy as sp

from derivations.derivation import Derivation

A, T, MU, M0, S0 = sp.symbols("A T mu m_0 S_0", positive=True)
B, TIME, X = sp.symbols("b t x", real=True)


def _mean(left: sp.Expr) -> sp.Expr:
    return B + (M0 - B) * left


def _variance(left: sp.Expr) -> sp.Expr:
    return T / A + (S0 - T / A) * left**2


def production(left: sp.Expr, curvature: sp.Expr = sp.Integer(1)) -> sp.Expr:
    """The entropy production until ``exp(-mu A tau)`` is ``left``.

    Args:
        left: ``exp(-mu A tau)``.
        curvature: a factor of the first term; 1 is right.
    """
    drop = curvature * A * (S0 - T / A + (M0 - B) ** 2) * (1 - left**2) / 2
    return drop + T / 2 * sp.log(_variance(left) / S0)


def transport_cost(left: sp.Expr) -> sp.Expr:
    """The squared Wasserstein distance between the laws at both ends."""
    return (M0 - _mean(left)) ** 2 + (sp.sqrt(S0) - sp.sqrt(_variance(left))) ** 2


def closed_forms(curvature: sp.Expr = sp.Integer(1)) -> Derivation:
    """The flow solves its equation, and the entropy production is that of its velocity.

    Args:
        curvature: the claimed factor of the first term of the entropy production.
    """
    derivation = Derivation("A normal law that relaxes")
    left = sp.exp(-MU * A * TIME)
    mean, variance = _mean(left), _variance(left)
    derivation.given(r"(m, S)", sp.Matrix([[mean, variance]]), "mean and variance at time t")
    q = sp.exp(-((X - mean) ** 2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)
    velocity = -MU * (A * (X - B) - T * (X - mean) / variance)
    derivation.equal(
        r"(\partial_t q + \partial_x(q v)) / q", sp.Integer(0), "N(m, S) with v = -mu (Phi' + T (log q)') solves the equation",
        value=sp.diff(sp.log(q), TIME) + velocity * sp.diff(sp.log(q), X) + sp.diff(velocity, X),
    )  # fmt: skip
    # v is linear in x: E v^2 = v(m)^2 + S v'^2.
    rate = (velocity.subs(X, mean) ** 2 + variance * sp.diff(velocity, X) ** 2) / MU
    derivation.equal(
        r"\dot\Sigma", rate, "the time derivative of the closed form is E[v^2]/mu",
        value=sp.diff(production(left, curvature), TIME),
    )  # fmt: skip
    derivation.equal(r"\Sigma(0)", sp.Integer(0), "and it begins at 0", value=production(sp.Integer(1), curvature))
    free_energy = [A * (v + (m - B) ** 2) / 2 - T / 2 * sp.log(v) for m, v in ((M0, S0), (_mean(left), variance))]
    derivation.equal(
        r"\Sigma - (F_0 - F_\tau)", sp.Integer(0), "the free-energy identity, objective and temperature being fixed",
        value=sp.expand_log(production(left, curvature), force=True) - free_energy[0] + free_energy[1],
    )  # fmt: skip
    return derivation


def arbitrary_duration(factor: sp.Expr = sp.Integer(2)) -> Derivation:
    """``W2^2 / Sigma = 2 (1 - E)/(1 + E) = 2 tanh(tau/2)`` for unit constants from ``N(1, 1)``: above 1 from ``ln 3`` on.

    Args:
        factor: the claimed factor of tanh.
    """
    left, unit = sp.Symbol("E", positive=True), {A: 1, T: 1, MU: 1, M0: 1, S0: 1, B: 0}
    derivation = Derivation("Longer than ln 3")
    cost, dissipated = (f(left).subs(unit) for f in (transport_cost, production))
    derivation.equal(r"(W_2^2, \Sigma)", [(1 - left) ** 2, (1 - left**2) / 2], "N(1, 1) moves to N(E, 1)",
                     value=[cost, dissipated])  # fmt: skip
    derivation.equal(r"W_2^2 / \Sigma", factor * (1 - left) / (1 + left), "2 tanh(tau/2), with E = exp(-tau)",
                     value=cost / dissipated)  # fmt: skip
    derivation.equal(r"(W_2^2 / \Sigma)(\ln 3)", sp.Integer(1), "there the two are equal",
                     value=(factor * (1 - left) / (1 + left)).subs(left, sp.Rational(1, 3)))  # fmt: skip
    smaller = sp.Symbol("h", positive=True)
    derivation.positive(
        r"W_2^2 - \Sigma", (cost - dissipated) / (1 - left), "for every longer time: E = 1/(3 + h)",
        positive={left: 1 / (3 + smaller)},
    )  # fmt: skip
    return derivation


def efficiency(slow: sp.Expr = sp.Integer(1)) -> Derivation:
    """``W2^2 / (S Sigma) = tanh(S/2) / (S/2)`` on the clock ``S = mu tau``: slower learning of the same does not change it.

    Args:
        slow: the claimed factor of the efficiency of learning that is slower.
    """
    clock, c = sp.symbols("S c", positive=True)
    unit = {A: 1, T: 1, M0: 1, S0: 1, B: 0}
    derivation = Derivation("Efficiency and pace")

    def ratio(mobility: sp.Expr, duration: sp.Expr) -> sp.Expr:
        left = sp.exp(-mobility * duration)
        cost, dissipated = (f(left).subs(unit) for f in (transport_cost, production))
        return cost / (mobility * duration * dissipated)

    fast = ratio(MU, clock / MU)
    derivation.equal(
        r"\frac{W_2^2}{\mu\tau\, \Sigma}", 2 * (1 - sp.exp(-clock)) / (clock * (1 + sp.exp(-clock))),
        "at the mobility mu for the time S/mu, unit constants: tanh(S/2)/(S/2), below 1", value=fast,
    )  # fmt: skip
    derivation.equal(
        r"\frac{W_2^2}{\mu\tau\, \Sigma}\Big|_{\mu/c,\; c\tau}",
        slow * fast,
        "and c times slower",
        value=ratio(MU / c, c * clock / MU),
    )
    return derivation


def moving_trap(lag: sp.Expr = sp.Integer(1)) -> Derivation:
    """``Phi = (x - c t)^2 / 2``: in the steady lag free energy stays, entropy is produced, and the limit is met with equality.

    Args:
        lag: the claimed distance behind the trap, in units of its velocity.
    """
    c, duration = sp.symbols("c tau", positive=True)
    derivation = Derivation("A trap that moves")
    mean = c * TIME - lag * c
    derivation.equal(r"\dot m + (m - c t)", sp.Integer(0), "N(c t - c, 1) follows the trap with unit constants",
                     value=sp.diff(mean, TIME) + mean - c * TIME)  # fmt: skip
    free_energy = ((mean - c * TIME) ** 2 + 1) / 2
    derivation.equal(r"F_0 - F_\tau", sp.Integer(0), "the distance to the trap and the variance stay",
                     value=free_energy.subs(TIME, 0) - free_energy.subs(TIME, duration))  # fmt: skip
    cost = (mean.subs(TIME, duration) - mean.subs(TIME, 0)) ** 2
    dissipated = sp.integrate(sp.diff(mean, TIME) ** 2, (TIME, 0, duration))
    derivation.equal(r"(\Sigma, W_2^2/\tau)", [c**2 * duration] * 2, "all of it is work against the lag",
                     value=[dissipated, cost / duration])  # fmt: skip
    return derivation
