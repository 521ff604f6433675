r"""Scalings that converge to an information projection, on a finite set.

Identities are sums over states of terms that know nothing of each other: four states and two statistics show them.

Source: Darroch & Ratcliff 1972; Csiszar 1975 for the convergence.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.information_projection import divergence

_STATES = 4
_Q, _S = (sp.symbols(f"{name}_1:{_STATES + 1}", positive=True) for name in "qs")
_F = sp.symbols(f"f_1:{_STATES + 1}", real=True)
_LOG_TOTAL = sp.Symbol("z", real=True)


def step(power: sp.Expr = sp.Integer(1)) -> Derivation:
    """How much closer to every law of the linear family a step of iterative scaling gets.

    Args:
        power: the claimed factor of ``KL(c || m)``.
    """
    derivation = Derivation("A step of iterative scaling")
    rows = [_F, tuple(1 - f for f in _F)]
    targets, means = ([sp.Add(*(a * f for a, f in zip(law, row, strict=True))) for row in rows] for law in (_Q, _S))
    logs = sp.symbols("l_1:3", real=True)
    derivation.given(
        "s'_i", r"\frac{s_i}{Z'} \prod_j \left(\frac{c_j}{m_j}\right)^{f_{ji}}",
        "c the means asked for, m those of s; the statistics are at least 0 and add up to 1",
    )  # fmt: skip
    change = [sp.Add(*(row[i] * log for row, log in zip(rows, logs, strict=True))) - _LOG_TOTAL for i in range(_STATES)]
    total = sp.Add(*_Q)
    derivation.equal(
        r"\mathrm{KL}(q\|s) - \mathrm{KL}(q\|s') + \ln Z' \sum_i q_i",
        power * sp.Add(*(c * log for c, log in zip(targets, logs, strict=True))),
        "with l = log(c/m) and the means c of q: KL(c || m)", value=divergence(_Q, change) + _LOG_TOTAL * total,
    )  # fmt: skip
    derivation.equal(
        r"\sum_i s_i \sum_j f_{ji} \frac{c_j}{m_j}", sp.Add(*targets), "the total of c, which is 1",
        value=sp.Add(*(
            s * sp.Add(*(row[i] * c / m for row, c, m in zip(rows, targets, means, strict=True))) for i, s in enumerate(_S)
        )),
    )  # fmt: skip
    derivation.stated(
        r"Z' \le \sum_i s_i \sum_j f_{ji} \frac{c_j}{m_j} = 1",
        "geometric and arithmetic mean; equality where every statistic is 0 or 1, as for the margins of a table",
    )
    derivation.stated(
        r"\mathrm{KL}(q\|s') \le \mathrm{KL}(q\|s) - \mathrm{KL}(c\|m)", "for every law q of the linear family"
    )
    derivation.stated(
        r"\sum_t \mathrm{KL}(c\|m_t) \le \mathrm{KL}(q\|p) < \infty",
        "if the linear family has a law q on the support of p: so the means converge to c",
    )
    derivation.stated(
        r"\mathrm{KL}(q\|p) = \mathrm{KL}(q\|s) + \sum_t \left(\mathrm{KL}(c\|m_t) - \ln Z'_t\right)",
        "for a limit s of the laws: in the linear family, and positive where q is, for no step leads away from q",
    )
    derivation.stated(
        r"\mathrm{KL}(q\|p) = \mathrm{KL}(q\|s) + \mathrm{KL}(s\|p)",
        "the sum does not depend on q, and q = s shows what it is: s is the projection, and the only limit",
    )
    return derivation
