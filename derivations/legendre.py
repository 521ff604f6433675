"""Legendre duality and the relation of three points, for any potential.

Source: Amari & Nagaoka 2000, sections 3.3 and 3.4.
"""

import sympy as sp

from derivations.derivation import Derivation

_SIZE = 3


def _vector(name: str) -> sp.Matrix:
    return sp.Matrix(sp.symbols(f"{name}_1:{_SIZE + 1}", real=True))


def three_points(swapped: bool = False) -> Derivation:
    """``D(p || r) - D(p || q) - D(q || r) = (eta_q - eta_r) . (m_p - m_q)`` with the Bregman form of D, for three points."""
    derivation = Derivation("Three points of a Bregman divergence")
    psi = dict(zip("pqr", sp.symbols("psi_p psi_q psi_r", real=True), strict=True))
    eta, m = ({k: _vector(f"{name}{k}") for k in "pqr"} for name in ("eta", "m"))

    def divergence(a: str, b: str) -> sp.Expr:
        return psi[b] - psi[a] - (eta[b] - eta[a]).dot(m[a])

    derivation.given(
        r"D(p \,\|\, r)", divergence("p", "r"), "the Bregman divergence of the potential, with m its gradient"
    )
    product = (m["q"] - m["r"]).dot(eta["p"] - eta["q"]) if swapped else (eta["q"] - eta["r"]).dot(m["p"] - m["q"])
    derivation.equal(r"D(p \,\|\, r) - D(p \,\|\, q) - D(q \,\|\, r)", product, "the potentials cancel",
                     value=divergence("p", "r") - divergence("p", "q") - divergence("q", "r"))  # fmt: skip
    derivation.stated(r"D(p \,\|\, r) = D(p \,\|\, q) + D(q \,\|\, r)",
                      "when the two differences are orthogonal: the Pythagorean theorem")  # fmt: skip
    return derivation


def duality(sign: int = 1) -> Derivation:
    """The dual potential has eta as its gradient and the inverse metric as its Hessian."""
    derivation = Derivation("Legendre duality")
    eta, m = _vector("eta"), _vector("m")
    metric = sp.Matrix(_SIZE, _SIZE, lambda i, j: sp.Symbol(f"g_{min(i, j) + 1}{max(i, j) + 1}", real=True))
    change = _vector("v")
    derivation.given(r"d\psi", m.dot(change), "m is the gradient of the potential, v a change of eta")
    derivation.given("dm", metric * change, "g is the Hessian of the potential")
    # d(sign (eta . m - psi)) by the product rule.
    slope = sign * (change.dot(m) + eta.dot(metric * change) - m.dot(change))
    derivation.equal(r"d(\eta \cdot m - \psi)", eta.dot(metric * change), "the product rule; m . v cancels: this is eta . dm",
                     value=slope)  # fmt: skip
    derivation.equal(r"\frac{\partial\eta}{\partial m}\,g", sp.eye(_SIZE), "so the Hessian of phi is the inverse of g",
                     value=metric.adjugate() / metric.det() * metric)  # fmt: skip
    return derivation
