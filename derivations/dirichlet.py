r"""The scalar curvature of the Dirichlet family as a sum of terms of one sign.

With ``w = 1/psi_1``, ``q = w'``, ``k = -psi_1/psi_2`` of each parameter, the same at their sum (index 0), and ``D = w_0 -
sum w_i``::

    R = -(q_0 (k_0 - sum k_i) e_2(q) + sum_l (q_0 - q_l) k_l e_2(q without l)) / (2 D^2)

The identity holds for all positive numbers in the place of polygamma functions.
"""

import itertools

import sympy as sp

from derivations.derivation import Derivation


def scalar_curvature(number: int, factor: sp.Expr = sp.Integer(1), with_rest: bool = True) -> Derivation:
    """The identity for a number of categories.

    Args:
        number: of categories, from 2.
        factor: a constant on the right-hand side.
        with_rest: whether the terms with three different indices are there.
    """
    first, second = (sp.symbols(f"{name}_0:{number + 1}", positive=True) for name in ("w", "k"))
    w0, k0, w, k = first[0], second[0], first[1:], second[1:]
    every = range(number)
    # psi_1 = 1/w and psi_2 = -psi_1/k, so q = -psi_2/psi_1^2 = w/k.
    q0, q = w0 / k0, [w[i] / k[i] for i in every]
    spread = w0 - sum(w)
    metric = sp.Matrix(number, number, lambda i, j: (1 / w[i] if i == j else 0) - 1 / w0)
    inverse = sp.Matrix(number, number, lambda i, j: (w[i] if i == j else 0) + w[i] * w[j] / spread)

    def third(i: int, j: int, m: int) -> sp.Expr:
        return (-1 / (w[i] * k[i]) if i == j == m else 0) + 1 / (w0 * k0)

    derivation = Derivation(f"The curvature of the Dirichlet family with {number} categories")
    derivation.given("g_{ij}", r"\psi_1(\alpha_i) \delta_{ij} - \psi_1(\alpha_0)", "the covariance of log x")
    derivation.given("T_{ijk}", r"\psi_2(\alpha_i) \delta_{ijk} - \psi_2(\alpha_0)", "the third cumulants of log x")
    derivation.equal(
        r"g_{im} \left(w_m \delta_{mj} + w_m w_j / D\right)", sp.eye(number),
        "the inverse metric (Sherman & Morrison 1950)", value=metric * inverse,
    )  # fmt: skip
    raised = [[[sum(inverse[i, m] * third(m, j, n) for m in every) for n in every] for j in every] for i in every]
    raised = [[[sp.cancel(entry) for entry in row] for row in plane] for plane in raised]
    square = sum(raised[i][j][m] * raised[j][i][n] * inverse[m, n] for i, j, m, n in itertools.product(every, repeat=4))
    trace = [sum(raised[i][i][m] for i in every) for m in every]
    traced = sum(trace[m] * trace[n] * inverse[m, n] for m, n in itertools.product(every, repeat=2))
    pairs = sum(q[i] * q[j] for i, j in itertools.combinations(every, 2))
    rest = sum(
        (q0 - q[n]) * k[n] * sum(q[i] * q[j] for i, j in itertools.combinations([i for i in every if i != n], 2))
        for n in every
    )
    claimed = -factor * (q0 * (k0 - sum(k)) * pairs + (rest if with_rest else 0)) / (2 * spread**2)
    derivation.equal(
        r"\tfrac14 \left(|T|^2 - |\operatorname{tr} T|^2\right)",
        claimed,
        "the scalar curvature",
        value=(square - traced) / 4,
    )
    return derivation
