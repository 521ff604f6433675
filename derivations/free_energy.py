r"""The free energy of a density that forces and diffusion transport, and how fast it falls.

The density ``q(x, t)`` moves by ``dq/dt + div(q v) = 0``. Its free energy is ``F = E[Phi] - T H`` with the entropy
``H = -E[log q]``, its entropy production ``sigma = E[v . M^-1 v]``, in units of energy. All identities are pointwise product
rules up to a divergence, whose integral vanishes for densities that decay.

Source: Okanohara 2026, the free-energy identity; the decay of the entropy production is Bakry and Emery's.
"""

from dataclasses import dataclass

import sympy as sp

from derivations.derivation import Derivation

_DIMENSIONS = (1, 2, 3)
_EVERY_DIMENSION = "no term has more than two coordinates, so what holds in two dimensions holds in all"


@dataclass(frozen=True)
class _Space:
    """Coordinates, and the operators of vector analysis."""

    x: tuple[sp.Symbol, ...]

    def gradient(self, function: sp.Expr) -> sp.Matrix:
        return sp.Matrix([sp.diff(function, x) for x in self.x])

    def divergence(self, field: sp.Matrix) -> sp.Expr:
        return sp.Add(*(sp.diff(component, x) for component, x in zip(field, self.x, strict=True)))

    def slope(self, field: sp.Matrix) -> sp.Matrix:
        return field.jacobian(self.x)


def identity(production: int = 1, objective: int = 1, temperature: int = 1, work: int = 1) -> Derivation:
    """``dF/dt = E[dPhi/dt] - T' H - sigma + E[v . f]`` for any mobility, schedule of temperature and further force f.

    Args:
        production: the claimed factor of ``sigma``.
        objective: that of the change of the objective.
        temperature: that of the change of temperature.
        work: that of the work of the further force.
    """
    derivation = Derivation("The free-energy identity")
    derivation.given(r"\partial_t q", r"-\nabla\cdot(q v)", "the density is transported")
    derivation.given("M^{-1} v", r"f - \nabla(\Phi + T \log q)", "what drives it; M may depend on place and time")
    for d in _DIMENSIONS:
        space, t = _space(d), sp.Symbol("t", real=True)
        q, objective_now, heat = _positive("q", *space.x, t), _real("Phi", *space.x, t), _real("T", t)
        v = sp.Matrix([_real(f"v{i + 1}", *space.x, t) for i in range(d)])
        resistance = sp.Matrix(d, d, lambda i, j: _real(f"N{min(i, j) + 1}{max(i, j) + 1}", *space.x, t))  # noqa: B023
        potential = objective_now + heat * sp.log(q)
        further = resistance * v + space.gradient(potential)
        moved = sp.diff(q * potential, t).subs(sp.diff(q, t), -space.divergence(q * v))
        power = (
            objective * sp.diff(objective_now, t)
            + temperature * sp.diff(heat, t) * sp.log(q)
            - production * (v.T * resistance * v)[0]
            + work * v.dot(further)
        )
        derivation.equal(
            r"\partial_t\left[q(\Phi + T\log q)\right] + \nabla\cdot\left[(\Phi + T\log q + T)\, q v\right]"
            r" - q\left[\partial_t\Phi + T' \log q - v\cdot M^{-1}v + v\cdot f\right]",
            sp.Integer(0), f"the product rule, in dimension {d}",
            value=moved + space.divergence((potential + heat) * q * v) - q * power,
        )  # fmt: skip
    derivation.stated("d > 3", _EVERY_DIMENSION)
    derivation.stated(
        r"\dot F = E[\partial_t\Phi] - T' H - \sigma + E[v\cdot f]", "integrated: the divergence leaves nothing"
    )
    return derivation


def decay(curvature: int = 2, spread: int = 2) -> Derivation:
    r"""``d/ds E|u|^2 = -2 E[u . Hess(Phi) u] - 2 T E|grad u|^2`` for ``u = -grad(Phi + T log q)`` in the clock of the mobility.

    Args:
        curvature: the claimed factor of the first expectation.
        spread: that of the second.
    """
    derivation = Derivation("How the entropy production decays")
    derivation.given("u", r"-\nabla(\Phi + T\log q)", "the velocity at mobility 1, objective and temperature fixed")
    derivation.given(r"\partial_s q", r"-\nabla\cdot(q u)", "the density is transported")
    for d in _DIMENSIONS:
        space, heat = _space(d), sp.Symbol("T", positive=True)
        q, objective = _positive("q", *space.x), _real("Phi", *space.x)
        u = -space.gradient(objective + heat * sp.log(q))
        change = -space.divergence(q * u)
        # d/ds (Phi + T log q) = T (d q / ds) / q.
        slowed = -space.gradient(heat * change / q)
        gradient = space.slope(u)
        bend = space.slope(space.gradient(objective))
        terms = curvature * (u.T * bend * u)[0] + spread * heat * sum(g**2 for g in gradient)
        derivation.equal(
            r"\partial_s(q {|u|}^2) + \nabla\cdot\left[q {|u|}^2 u - 2 T q\, (u\cdot\nabla) u\right]"
            r" + 2 q\, u\cdot\nabla^2\Phi\, u + 2 T q\, {|\nabla u|}^2",
            sp.Integer(0), f"in dimension {d}",
            value=change * u.dot(u) + 2 * q * u.dot(slowed) + q * terms
            + space.divergence(q * u.dot(u) * u - 2 * heat * q * gradient * u),
        )  # fmt: skip
    derivation.stated("d > 3", _EVERY_DIMENSION)
    derivation.stated(
        r"\frac{d}{ds} E{|u|}^2 \le -2\lambda\, E{|u|}^2",
        "integrated, where the Hessian of Phi is at least lambda: E|u|^2 e^(2 lambda s) does not increase",
    )
    return derivation


def _space(d: int) -> _Space:
    return _Space(sp.symbols(f"x1:{d + 1}", real=True))


def _positive(name: str, *arguments: sp.Symbol) -> sp.Expr:
    return sp.Function(name, positive=True)(*arguments)


def _real(name: str, *arguments: sp.Symbol) -> sp.Expr:
    return sp.Function(name, real=True)(*arguments)
