r"""Gradient flow with noise that is not the same in all directions: ``dx = -grad Phi dt + sqrt(2 D) dW``, mobility 1.

The law moves by ``v = -(grad Phi + D grad log q)``. That is a flow of free energy for the mobility D, and none for an effective
temperature: noise and mobility must be in proportion, which is the relation of Einstein.

Source: Okanohara 2026, read for the noise of stochastic gradients.
"""

import sympy as sp

from derivations.derivation import Derivation

_HALF = sp.Rational(1, 2)


def rise(temperature: sp.Expr = _HALF) -> Derivation:
    """From ``N(0, T)`` in ``Phi = |x|^2/2`` the free energy at ``T = tr(D)/2`` rises, while the law moves.

    Args:
        temperature: the claimed factor of the trace.
    """
    first, second, left = sp.symbols("D_1 D_2 E", positive=True)
    derivation = Derivation("A free energy that rises under anisotropic noise")
    heat = temperature * (first + second)
    derivation.given("(D, T)", rf"(\operatorname{{diag}}(D_1, D_2), {sp.latex(heat)})", "the noise, and its mean")
    variances = [noise + (heat - noise) * left**2 for noise in (first, second)]
    derivation.equal(
        r"\dot S_i + 2 S_i", [2 * first, 2 * second], "variances from N(0, T) on, with E = exp(-t)",
        value=[-left * sp.diff(s, left) + 2 * s for s in variances],
    )  # fmt: skip
    derivation.equal(r"E[\Phi]", heat, "the mean of the objective stays", value=sum(variances) / 2)
    k, h = sp.symbols("k h", positive=True)
    unequal = {first: second + k, left: 1 / (1 + h)}
    derivation.positive(
        r"T^2 - S_1 S_2", (heat**2 - variances[0] * variances[1]).subs(unequal),
        "for D_1 > D_2: the entropy falls, so that the free energy rises by (T/2) log(T^2/(S_1 S_2))",
    )  # fmt: skip
    derivation.positive(
        r"(S_1 - T)^2 + (S_2 - T)^2", sum((s - heat) ** 2 for s in variances).subs(unequal),
        "the law moves: its squared Wasserstein distance from the start is above 0",
    )  # fmt: skip
    return derivation


def einstein(order: int = 1) -> Derivation:
    r"""Where ``D^-1 grad Phi = grad Psi`` the free energy ``E[Psi] - H``, a pure number, falls by ``int E[v . D^-1 v] dt``.

    Args:
        order: the claimed power of the resistance ``D^-1`` before ``grad Phi``.
    """
    derivation = Derivation("The free energy of anisotropic noise")
    x = sp.symbols("x1:4", real=True)
    q, psi = sp.Function("q", positive=True)(*x), sp.Function("Psi", real=True)(*x)
    noise = _symmetric("D")
    derivation.given(
        "v", r"-(\nabla\Phi + D\,\nabla\log q)", "the velocity of the law; D is constant in place and time"
    )
    derivation.given(r"\nabla\Psi", r"D^{-1}\nabla\Phi", "a gradient by assumption")
    slope, entropy = (sp.Matrix([sp.diff(f, c) for c in x]) for f in (psi, sp.log(q)))
    velocity = -(noise**order * slope + noise * entropy)
    derivation.equal(
        r"v + D\,\nabla(\Psi + \log q)", sp.Integer(0),
        "the velocity of the objective Psi at mobility D and temperature 1",
        value=list(velocity + noise * (slope + entropy)),
    )  # fmt: skip
    derivation.stated(
        r"-\frac{d}{dt}(E[\Psi] - H) = E[v\cdot D^{-1}v]", "the free-energy identity for that mobility and temperature"
    )
    derivation.stated(
        r"\int_0^\tau E[v\cdot D^{-1}v]\,dt \ge W_2(D^{-1/2}{}_\# q_0, D^{-1/2}{}_\# q_\tau)^2/\tau",
        "the speed limit of a constant matrix mobility",
    )
    return derivation


def commuting(sign: int = 1) -> Derivation:
    """For a quadratic objective ``D^-1 grad Phi`` is a gradient exactly if D commutes with the curvature.

    Args:
        sign: the claimed sign of ``D A`` in the commutator.
    """
    derivation = Derivation("When noise and curvature make a free energy")
    resistance, curvature = _symmetric("N"), _symmetric("A")
    noise = resistance.adjugate() / resistance.det()
    derivation.given("N", "D^{-1}", "symmetric, with grad Phi = A (x - b): N A is the slope of D^-1 grad Phi")
    curl = noise * (resistance * curvature - (resistance * curvature).T) * noise
    derivation.equal(
        r"D\,(N A - (N A)^T)\,D - (A D - D A)", sp.Integer(0), "its curl, between two factors D, is the commutator",
        value=curl - curvature * noise + sign * noise * curvature,
    )  # fmt: skip
    derivation.stated(r"N A = (N A)^T \iff A D = D A", "D is invertible; on R^d a field without curl is a gradient")
    return derivation


def circulation(factor: sp.Expr = sp.Integer(1)) -> Derivation:
    """Where D and the curvature do not commute the stationary law keeps moving and producing entropy.

    Args:
        factor: the claimed factor of the stationary covariance.
    """
    derivation = Derivation("A stationary law that produces entropy")
    curvature, noise = sp.diag(1, 3), sp.Matrix([[1, 1], [1, 2]])
    covariance = factor * sp.Matrix(2, 2, lambda i, j: 2 * noise[i, j] / (curvature[i, i] + curvature[j, j]))
    derivation.given(
        "(A, D)", f"({sp.latex(curvature)}, {sp.latex(noise)})", "curvature and noise, which do not commute"
    )
    derivation.equal(
        "A S + S A - 2 D", sp.Integer(0), "the stationary covariance S solves the equation of Lyapunov",
        value=curvature * covariance + covariance * curvature - 2 * noise,
    )  # fmt: skip
    precision = covariance.inv()
    slope = noise * precision - curvature
    derivation.equal(
        "D S^{-1} - A", slope, "v = (D S^-1 - A) x is not 0",
        value=sp.Matrix([[-3, 6], [-4, 3]]) / 5,
    )  # fmt: skip
    derivation.equal(
        r"S^{-1}(D S^{-1} - A) + (\ldots)^T", sp.Integer(0), "v runs along the level lines of the law, which stays",
        value=precision * slope + slope.T * precision,
    )  # fmt: skip
    derivation.equal(
        r"E[v\cdot D^{-1}v]", sp.Integer(1), "and produces entropy at a constant rate, for ever",
        value=(slope.T * noise.inv() * slope * covariance).trace(),
    )  # fmt: skip
    force = precision - noise.inv() * curvature
    derivation.equal(
        r"E[v\cdot f]", sp.Integer(1),
        "which the remaining force f = D^-1 v pays, the free energy E[Psi] - H with Psi = x . S^-1 x / 2 staying",
        value=(slope.T * force * covariance).trace(),
    )  # fmt: skip
    return derivation


def _symmetric(name: str) -> sp.Matrix:
    return sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"{name}{min(i, j) + 1}{max(i, j) + 1}", real=True))
