r"""The part of the scalar curvature that the specific heat drives: ``|tr T|^2 = m t^2 / chi`` where all bonds are alike.

Source: the decomposition ``R = (|T|^2 - |tr T|^2)/4`` of Amari & Nagaoka 2000, section 2.3; the mechanism is ours.
"""

import sympy as sp

from derivations.derivation import Derivation


def trace_of_the_skewness(power: int = 2) -> Derivation:
    """The trace by the determinant of the metric, and its square by the variance of the energy; here with three bonds.

    Args:
        power: the claimed power of t.
    """
    J, t = sp.symbols("J t")
    derivation = Derivation("The trace of the skewness on a lattice of equal bonds")
    entries = {(i, j): sp.Symbol(f"g_{i}{j}") for i in (1, 2, 3) for j in (1, 2, 3) if i <= j}
    slopes = {(i, j): sp.Symbol(f"g'_{i}{j}") for i, j in entries}
    metric, slope = (
        sp.Matrix(3, 3, lambda i, j, table=table: table[min(i, j) + 1, max(i, j) + 1]) for table in (entries, slopes)
    )
    moved = (metric + J * slope).det()
    derivation.given(
        r"\frac{d g_{ab}}{dJ}", r"\sum_c T_{abc}", "all couplings move together: T are the derivatives of g"
    )
    derivation.given(r"t", r"g^{ab} T_{abc}", "the same for every bond c, by the symmetry of the lattice")
    derivation.equal(
        r"\frac{d \ln\det g}{dJ} - g^{ab} \frac{d g_{ab}}{dJ}", sp.Integer(0), "Jacobi's formula, here for a 3 x 3 metric",
        value=(sp.diff(moved, J).subs(J, 0) / moved.subs(J, 0)) - (metric.inv() * slope).trace(),
    )  # fmt: skip
    derivation.stated(r"\frac{d \ln\det g}{dJ} = m\, t", "summed over the m bonds c")
    a, b = sp.symbols("a b", positive=True)
    alike = sp.Matrix(3, 3, lambda i, j: a if i == j else b)
    chi = a + 2 * b
    derivation.equal(
        r"\sum_b g_{ab}", [chi] * 3, "three bonds that are alike: chi = Var(E)/m", value=alike * sp.ones(3, 1)
    )
    traces = t * sp.ones(3, 1)
    derivation.equal(
        r"|\mathrm{tr}\,T|^2", (3 * t**power / chi), r"so the constants are an eigenvector of g, with eigenvalue chi",
        value=(traces.T * alike.inv() * traces)[0],
    )  # fmt: skip
    derivation.stated(r"|\mathrm{tr}\,T|^2 = \frac{m\, t^2}{\chi}", "likewise for m bonds")
    derivation.stated(
        r"-R \le \tfrac14 |\mathrm{tr}\,T|^2 = \frac{m\, t^2}{4 \chi}",
        "as |T|^2 is not negative in R = (|T|^2 - |tr T|^2)/4",
    )
    return derivation
