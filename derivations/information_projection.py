r"""Projections in the Kullback-Leibler divergence on a finite set.

A linear family is the set of all laws q with ``E_q f = c``, an exponential family through p the set of all tilts
``p exp(theta . f) / Z``. Every identity is a sum over states of terms that know nothing of each other, so four states show it
for any number.

Source: Csiszar 1975, and Csiszar & Shields 2004, sections 3 and 5, for what Balsubramani 2024 uses.
"""

from collections.abc import Sequence

import sympy as sp

from derivations.derivation import Derivation

STATES, STATISTICS = 4, 2
_P = sp.symbols(f"p_1:{STATES + 1}", positive=True)
_Q = sp.symbols(f"q_1:{STATES + 1}", positive=True)
_S = sp.symbols(f"s_1:{STATES + 1}", positive=True)
VALUES = [sp.symbols(f"f^{j + 1}_1:{STATES + 1}", real=True) for j in range(STATISTICS)]
MULTIPLIERS = sp.symbols(f"lambda_1:{STATISTICS + 1}", real=True)
LOG_PARTITION = sp.Symbol("psi", real=True)


def divergence(q: Sequence[sp.Expr], log_ratio: Sequence[sp.Expr]) -> sp.Expr:
    """``sum q log(q/p)`` from the law q and its log-ratios to p."""
    return sp.Add(*(a * b for a, b in zip(q, log_ratio, strict=True)))


def tilt() -> list[sp.Expr]:
    """``lambda . f - psi``, the log-ratio of a tilted law to its base, for every state."""
    return [
        sp.Add(*(m * f[i] for m, f in zip(MULTIPLIERS, VALUES, strict=True))) - LOG_PARTITION for i in range(STATES)
    ]


def pythagoras(last: sp.Expr = sp.Integer(1), normalised: bool = True) -> Derivation:
    """``KL(q || p) = KL(q || s) + KL(s || p)`` for every q of a linear family and its tilt s of p.

    Args:
        last: the claimed factor of ``KL(s || p)``.
        normalised: whether the tilt has its log-partition.
    """
    derivation = Derivation("The Pythagorean theorem of a linear family")
    derivation.given(
        r"\ln\frac{s_i}{p_i}", r"\lambda\cdot f_i - \psi", "s is the tilt of p that lies in the linear family"
    )
    to_base = tilt()
    if not normalised:
        to_base = [t + LOG_PARTITION for t in to_base]
    across = divergence(_Q, [sp.log(q / p) for q, p in zip(_Q, _P, strict=True)])
    first = divergence(_Q, [sp.log(q / p) - t for q, p, t in zip(_Q, _P, to_base, strict=True)])
    second = divergence(_S, to_base)
    gap = [sp.Add(*((q - s) * f for q, s, f in zip(_Q, _S, row, strict=True))) for row in VALUES]
    total = sp.Add(*_Q) - sp.Add(*_S)
    derivation.equal(
        r"\mathrm{KL}(q\|p) - \mathrm{KL}(q\|s) - \mathrm{KL}(s\|p)",
        sp.Add(*(m * g for m, g in zip(MULTIPLIERS, gap, strict=True))) - LOG_PARTITION * total,
        "state by state, for any numbers q and s",
        value=across - first - last * second,
    )  # fmt: skip
    derivation.stated(
        r"\mathrm{KL}(q\|p) = \mathrm{KL}(q\|s) + \mathrm{KL}(s\|p)",
        "both totals are 1 and both means are c, so the right side is 0",
    )
    derivation.stated(
        r"\mathrm{KL}(q\|p) > \mathrm{KL}(s\|p)", "for q other than s: the tilt is the projection, and the only one"
    )
    return derivation


def convexity(factor: sp.Expr = sp.Integer(1)) -> Derivation:
    """``KL(q || p) >= KL(q || s) + KL(s || p)`` for the projection s of p to a convex set and every q in it.

    Args:
        factor: the claimed factor of the slope along the segment from s to q.
    """
    t, multiplier = sp.symbols("t lambda", real=True)
    derivation = Derivation("The Pythagorean inequality of a convex set")
    closed_q, closed_s = ((*law[:-1], 1 - sp.Add(*law[:-1])) for law in (_Q, _S))
    on_the_way = [s + t * (q - s) for q, s in zip(closed_q, closed_s, strict=True)]
    along = sp.Add(*(x * sp.log(x / p) for x, p in zip(on_the_way, _P, strict=True)))
    across, first, second = (
        sp.Add(*(a * sp.log(b / c) for a, b, c in zip(x, y, z, strict=True)))
        for x, y, z in ((closed_q, closed_q, _P), (closed_q, closed_q, closed_s), (closed_s, closed_s, _P))
    )
    derivation.equal(
        r"\frac{d}{dt}\, \mathrm{KL}(s + t(q - s)\,\|\,p)", factor * (across - first - second),
        "at t = 0: KL(q || p) - KL(q || s) - KL(s || p)", value=sp.diff(along, t).subs(t, 0),
    )  # fmt: skip
    derivation.stated(
        r"\frac{d}{dt}\, \mathrm{KL}(s + t(q - s)\,\|\,p) \ge 0",
        "the segment lies in the set, where no law is closer to p than s",
    )
    derivation.given(
        r"s", r"p\, e^{\lambda f - \psi}", "for a half-space, the laws of mean at least c, with s on its edge"
    )
    ratio = [multiplier * f - LOG_PARTITION for f in VALUES[0]]
    mean, bound = (divergence(law, VALUES[0]) for law in (closed_q, closed_s))
    derivation.equal(
        r"\mathrm{KL}(q\|p) - \mathrm{KL}(q\|s) - \mathrm{KL}(s\|p)", multiplier * (mean - bound),
        "lambda (E_q f - c): 0 where q has the mean c too, as in the linear family",
        value=divergence(closed_q, ratio) - divergence(closed_s, ratio),
    )  # fmt: skip
    return derivation


def nonconvex(multiplier: sp.Expr = sp.Integer(0)) -> Derivation:
    """Laws on -1, 0, 1 whose mean is at least 3/7 in size, seen from the uniform law p: the inequality fails.

    Args:
        multiplier: the claimed value of ``KL(q || p) - KL(s || p)``.
    """
    s, p = (tuple(sp.Rational(a, sum(law)) for a in law) for law in ((1, 2, 4), (1, 1, 1)))
    q = s[::-1]
    derivation = Derivation("A set that is not convex")
    derivation.equal(
        r"(E_s x, E_q x)", [sp.Rational(3, 7), -sp.Rational(3, 7)], "with s = (1, 2, 4)/7 and q = (4, 2, 1)/7",
        value=[law[2] - law[0] for law in (s, q)],
    )  # fmt: skip
    across, first, second = (
        sp.Add(*(a * sp.log(a / b) for a, b in zip(x, y, strict=True))) for x, y in ((q, p), (q, s), (s, p))
    )
    derivation.equal(
        r"\ln s - \ln p - x \ln 2", [sp.log(sp.Rational(6, 7))] * 3, "s is a tilt of p: the projection to mean 3/7 or more",
        value=[sp.log(a / b) - x * sp.log(2) for a, b, x in zip(s, p, (-1, 0, 1), strict=True)],
    )  # fmt: skip
    derivation.stated(
        r"\mathrm{KL}(s\|p) = \mathrm{KL}(q\|p)",
        "q is its mirror image; no law of the set is closer to p than these two",
    )
    derivation.equal(r"\mathrm{KL}(q\|p) - \mathrm{KL}(s\|p)", multiplier, "as computed", value=across - second)
    derivation.equal(
        r"\mathrm{KL}(q\|p) - \mathrm{KL}(q\|s) - \mathrm{KL}(s\|p)", -sp.Rational(6, 7) * sp.log(2),
        "below 0: the inequality fails by this", value=across - first - second,
    )  # fmt: skip
    return derivation


def reverse(slope: sp.Expr = sp.Integer(1)) -> Derivation:
    """The member of an exponential family closest to r, ``min KL(r || q_theta)``, has the means of r.

    Args:
        slope: the claimed factor of the means of the member in the slope.
    """
    theta, other = sp.symbols("theta theta'", real=True)
    number = 3
    f, r, p = VALUES[0][:number], _Q[:number], _P[:number]
    weights = [a * sp.exp(theta * b) for a, b in zip(p, f, strict=True)]
    total = sp.Add(*weights)
    law = [w / total for w in weights]
    mean = divergence(law, f)
    derivation = Derivation("The reverse projection")
    derivation.given(r"\mathrm{KL}(r\|q_\theta)", r"\sum_i r_i \ln\frac{r_i}{q_i},\; q_i = p_i e^{\theta f_i}/Z(\theta)",
                     "r any law")  # fmt: skip
    closed = (*r[:-1], 1 - sp.Add(*r[:-1]))
    loss = -divergence(closed, [sp.log(a) + theta * b for a, b in zip(p, f, strict=True)]) + sp.log(total)
    derivation.equal(
        r"\partial_\theta\, \mathrm{KL}(r\|q_\theta)", slope * mean - divergence(closed, f),
        "E_theta f - E_r f, which is 0 where the means agree", value=sp.diff(loss, theta),
    )  # fmt: skip
    pairs = [(i, j) for i in range(number) for j in range(i)]
    derivation.equal(
        r"\partial_\theta^2\, \mathrm{KL}(r\|q_\theta)",
        sp.Add(*(law[i] * law[j] * (f[i] - f[j]) ** 2 for i, j in pairs)),
        "the variance of f: convex, so that there it is least", value=sp.diff(loss, theta, 2),
    )  # fmt: skip
    there = [w.subs(theta, other) for w in weights]
    derivation.equal(
        r"\ln\frac{q_\theta}{q_{\theta'}} - (\theta - \theta') f", [sp.log(sp.Add(*there)) - sp.log(total)] * number,
        "members are tilts of each other, so the theorem of the linear family holds with any of them in place of p",
        value=[
            sp.log(a) - sp.log(b) + sp.log(sp.Add(*there)) - sp.log(total) - (theta - other) * c
            for a, b, c in zip(weights, there, f, strict=True)
        ],
    )  # fmt: skip
    derivation.stated(
        r"\mathrm{KL}(r\|q_{\theta'}) = \mathrm{KL}(r\|q_\theta) + \mathrm{KL}(q_\theta\|q_{\theta'})",
        "with the means of r at theta: one law is both projections",
    )
    return derivation
