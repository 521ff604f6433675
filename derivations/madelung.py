r"""What the Madelung form of learning becomes: a Schroedinger equation, if a quantum potential and reversible phases are given.

A density p and a phase S on the plane, kinetic metric G (the inverse of g), and a potential of the density from
``(hbar^2/8) int grad p . K grad p / p`` with the matrix K of the diffusion.

Source: Vanchurin 2025, the wave equation of the quantum regime; Madelung 1927.
"""

import sympy as sp
from sympy.calculus.euler import euler_equations

from derivations.derivation import Derivation

_HBAR = sp.Symbol("hbar", positive=True)


def quantum_potential(factor: sp.Expr = sp.Integer(4)) -> Derivation:
    """``delta int p'^2/p = -4 (sqrt p)''/sqrt p``.

    Args:
        factor: the claimed factor.
    """
    x = sp.Symbol("x", real=True)
    root = sp.Function("R", positive=True)(x)
    p = sp.Function("p", positive=True)
    derivation = Derivation("The quantum potential")
    (equation,) = euler_equations(sp.diff(p(x), x) ** 2 / p(x), p(x), x)
    variation = equation.lhs.subs(p(x), root**2).doit()
    derivation.equal(
        r"\frac{\delta}{\delta p}\int \frac{p'^2}{p}\,dx", -factor * sp.diff(root, x, 2) / root,
        "Euler and Lagrange, with p = R^2", value=variation,
    )  # fmt: skip
    return derivation


def wave_equation(is_proportional: bool = True) -> Derivation:
    """With K = G the density and the phase make one linear equation; with another K what is left is not linear.

    Args:
        is_proportional: whether the quantum potential has the kinetic metric, as alpha = 1 makes it.
    """
    x = sp.symbols("x y", real=True)
    t = sp.Symbol("t", real=True)
    root, phase = sp.Function("R", positive=True)(*x, t), sp.Function("S", real=True)(*x, t)
    potential = sp.Function("V", real=True)(*x)
    kinetic = sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"G{min(i, j) + 1}{max(i, j) + 1}", real=True))
    quantum = (
        kinetic
        if is_proportional
        else sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"K{min(i, j) + 1}{max(i, j) + 1}", real=True))
    )
    derivation = Derivation("From density and phase to one wave")
    derivation.given(
        r"\partial_t p",
        r"-\nabla\cdot(p\, G\nabla S)",
        "the density p = R^2 is transported; this keeps the sign of time",
    )
    derivation.given(
        r"\partial_t S", r"-\tfrac12 \nabla S\cdot G\nabla S - V + \tfrac{\hbar^2}{2}\,\frac{\nabla\cdot K\nabla R}{R}",
        "an assumption, not a consequence: phases move reversibly, in V and the quantum potential of K",
    )  # fmt: skip

    def div(matrix: sp.Matrix, f: sp.Expr) -> sp.Expr:
        return sum(matrix[i, j] * sp.diff(f, x[i], x[j]) for i in (0, 1) for j in (0, 1))

    def dot(f: sp.Expr, g: sp.Expr) -> sp.Expr:
        return sum(kinetic[i, j] * sp.diff(f, x[i]) * sp.diff(g, x[j]) for i in (0, 1) for j in (0, 1))

    # psi = R e^{iS/hbar}, its equation divided by the exponential, real and imaginary part.
    root_rate = -dot(root, phase) - root * div(kinetic, phase) / 2
    phase_rate = -dot(phase, phase) / 2 - potential + _HBAR**2 / 2 * div(quantum, root) / root
    real = (
        -root * phase_rate
        + _HBAR**2 / 2 * (div(kinetic, root) - root * dot(phase, phase) / _HBAR**2)
        - potential * root
    )
    imaginary = _HBAR * root_rate + _HBAR**2 / 2 * (2 * dot(root, phase) + root * div(kinetic, phase)) / _HBAR
    derivation.equal(
        r"e^{-iS/\hbar}\left(i\hbar\,\partial_t\psi + \tfrac{\hbar^2}{2}\nabla\cdot G\nabla\psi - V\psi\right)",
        [sp.Integer(0)] * 2,
        "real and imaginary part for the wave R e^(iS/hbar), with K = G: Schroedinger's equation, linear",
        value=[real, imaginary],
    )  # fmt: skip
    derivation.stated(
        r"\tfrac{\hbar^2}{2}\,\frac{\nabla\cdot(G - K)\nabla R}{R}\,\psi",
        "is what stays on the right for another K: it depends on the modulus of the wave, so that the equation is not linear",
    )
    derivation.stated(
        r"K \propto D = \tfrac{\gamma^2}{2}\kappa^{1-2\alpha},\quad G \propto \kappa^{-\alpha}",
        "these are in proportion exactly if kappa^(1 - alpha) is a multiple of 1: alpha = 1, or isotropic noise",
    )
    return derivation
