r"""How much free energy a transport costs at least: entropy production against squared Wasserstein distance.

``Sigma = int sigma dt`` is the entropy production, in units of energy, of ``dq/dt + div(q v) = 0``. A scalar mobility mu sets
the clock ``ds = mu dt``, in which the velocity is ``u = v / mu`` and ``Sigma = int E|u|^2 ds``; S is the whole time on it.

Source: Okanohara 2026, the epistemic speed limit, with the constant that it needs; the strengthened limit is ours.
"""

import sympy as sp

from derivations import free_energy
from derivations.derivation import Derivation

_CLOCK = sp.Symbol("S", positive=True)


def limit(constant: sp.Expr = sp.Integer(1)) -> Derivation:
    """``Sigma >= W2^2 / int mu dt``, for every duration and every schedule of the mobility.

    Args:
        constant: the claimed factor of the bound.
    """
    sigma, mobility, c, length = sp.symbols("sigma mu c L", positive=True)
    derivation = Derivation("The speed limit")
    derivation.given("E{|v|}^2", mobility * sigma, "the entropy production of a scalar mobility is E[v . v / mu]")
    derivation.equal(
        r"\sigma - 2 c\, (E{|v|}^2)^{1/2} + c^2 \mu", (sp.sqrt(sigma) - c * sp.sqrt(mobility)) ** 2,
        "a square for every number c, which is 0 where the speed is c mu",
        value=sigma - 2 * c * sp.sqrt(mobility * sigma) + c**2 * mobility,
    )  # fmt: skip
    derivation.stated(r"\Sigma \ge 2 c L - c^2 S", "integrated, with the length L of the path and the integral S of mu")
    derivation.equal(
        r"2 c L - c^2 S", constant * length**2 / _CLOCK, "at c = L/S, where it is largest",
        value=(2 * c * length - c**2 * _CLOCK).subs(c, length / _CLOCK),
    )  # fmt: skip
    derivation.stated(
        r"L \ge W_2(q_0, q_\tau)", "Benamou and Brenier: W2 is the least length of a path, that of a geodesic"
    )
    return derivation


def matrix_limit(weight: sp.Expr = sp.Integer(1)) -> Derivation:
    """Constant matrix mobility M: the limit holds for ``M^-1/2 x``, whose mobility is 1.

    Args:
        weight: the claimed factor of ``M^-1`` in the length of a velocity.
    """
    d = 3
    root = sp.Matrix(d, d, lambda i, j: sp.Symbol(f"r{min(i, j) + 1}{max(i, j) + 1}", real=True))
    v = sp.Matrix(sp.symbols(f"v1:{d + 1}", real=True))
    derivation = Derivation("The speed limit of a matrix mobility")
    derivation.given("M", r"R^2", "with its symmetric root R, constant in place and time")
    inverse = root.adjugate() / root.det()
    inner = (inverse * v).dot(inverse * v)
    derivation.equal(
        r"v\cdot M^{-1} v - {|R^{-1} v|}^2", sp.Integer(0), "so sigma is that of y = R^-1 x at mobility 1",
        value=weight * (v.T * (root * root).adjugate() / root.det() ** 2 * v)[0] - inner,
    )  # fmt: skip
    derivation.stated(r"\Sigma \ge W_2(M^{-1/2}{}_\# q_0, M^{-1/2}{}_\# q_\tau)^2 / \tau", "the limit for y")
    return derivation


def strengthened(rate: sp.Expr = sp.Integer(1)) -> Derivation:
    r"""``Sigma >= (lambda/2) coth(lambda S/2) W2^2`` where ``Hess(Phi) >= lambda > 0``, objective and temperature being fixed.

    Args:
        rate: the claimed factor of the bound.
    """
    s, decay, left = sp.Symbol("s", real=True), sp.Symbol("lambda", positive=True), sp.Symbol("r", positive=True)
    derivation = Derivation("The strengthened speed limit")
    derivation.include(free_energy.decay())
    derivation.given("(w(s), I_k)", r"(E{|u|}^2 e^{2\lambda s},\; \int_0^S e^{-k\lambda s} ds)", "w does not increase")
    derivation.stated(
        r"L^2 \le I_1 \int_0^S w\, e^{-\lambda s} ds",
        "Cauchy and Schwarz, for the length L of the path, the integral of the root of E|u|^2",
    )
    derivation.stated(
        r"I_2 \int_0^S w\, e^{-\lambda s} ds \le I_1 \int_0^S w\, e^{-2\lambda s} ds",
        "Chebyshev: neither w nor exp(-lambda s) increases",
    )
    once, twice = (sp.integrate(sp.exp(-k * decay * s), (s, 0, _CLOCK)) for k in (1, 2))
    ratio = twice / once**2
    derivation.equal(
        r"I_2 / I_1^2",
        rate * decay * (1 + left) / (2 * (1 - left)), "with r = exp(-lambda S): this is (lambda/2) coth(lambda S/2)",
        value=ratio.subs(sp.exp(-2 * decay * _CLOCK), left**2).subs(sp.exp(-decay * _CLOCK), left),
    )  # fmt: skip
    derivation.stated(
        r"\Sigma = \int_0^S w\, e^{-2\lambda s} ds \ge \tfrac{\lambda}{2}\coth\tfrac{\lambda S}{2}\; W_2^2",
        "both together, and W2 is at most L",
    )
    return derivation
