r"""Duality of entropy and log-partition on a finite set, log-loss, and the game between a forecaster and nature.

The expected log-loss of a forecast q under a law r is ``E_r[-log(q/p)]``, relative to a law or measure p; p = 1 gives the
plain log-loss and Shannon's entropy. Sums over states have terms that know nothing of each other: four states show them.

Source: Grunwald & Dawid 2004 and Topsoe 1979, for what Balsubramani 2024 uses.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.information_projection import LOG_PARTITION, MULTIPLIERS, STATES, VALUES, divergence, tilt

_P, _Q, _R = (sp.symbols(f"{name}_1:{STATES + 1}", positive=True) for name in "pqr")


def duality(sign: int = 1) -> Derivation:
    """``KL(q || p) - (lambda . c - psi(lambda)) = KL(q || p_lambda)`` for every lambda and every law q with the means c.

    Args:
        sign: the claimed sign of the log-partition in the dual function.
    """
    derivation = Derivation("Duality of divergence and log-partition")
    closed = _closed(_Q)
    means = [divergence(closed, row) for row in VALUES]
    dual = sp.Add(*(m * c for m, c in zip(MULTIPLIERS, means, strict=True))) - sign * LOG_PARTITION
    to_base = [sp.log(q / p) for q, p in zip(closed, _P, strict=True)]
    to_tilt = [ratio - t for ratio, t in zip(to_base, tilt(), strict=True)]
    derivation.given(r"\ln\frac{p_{\lambda,i}}{p_i}", r"\lambda\cdot f_i - \psi(\lambda)", "a tilt of p")
    derivation.equal(
        r"\mathrm{KL}(q\|p) - \left(\lambda\cdot c - \psi(\lambda)\right)", divergence(closed, to_tilt),
        "the divergence of q from the tilt", value=divergence(closed, to_base) - dual,
    )  # fmt: skip
    derivation.stated(
        r"\min_q \mathrm{KL}(q\|p) \ge \sup_\lambda \left(\lambda\cdot c - \psi(\lambda)\right)",
        "no divergence is negative; both sides are equal where a tilt has the means c: no gap",
    )
    derivation.stated(
        r"\lambda_t\cdot c - \psi(\lambda_t) \to \mathrm{KL}(q\|p)",
        "on the edge of the possible means, along tilts that tend to the law q of the edge: no gap, and no maximum",
    )
    return derivation


def log_loss(entropy: sp.Expr = sp.Integer(1)) -> Derivation:
    """The regret of a forecast in expected log-loss is a divergence, round by round too.

    Args:
        entropy: the claimed factor of the entropy.
    """
    derivation = Derivation("The regret of log-loss")
    loss, entropies = ([-sp.log(x) for x in law] for law in (_Q, _R))
    ratios = [sp.log(r / q) for r, q in zip(_R, _Q, strict=True)]
    derivation.equal(
        r"E_r[-\ln q] - H(r)", divergence(_R, ratios), "KL(r || q)",
        value=divergence(_R, loss) - entropy * divergence(_R, entropies),
    )  # fmt: skip
    first = {name: sp.symbols(f"{name}_1:3", positive=True) for name in "qr"}
    then = {n: [part for a in sp.symbols(f"{n}'_1:3", positive=True) for part in (a, 1 - a)] for n in "qr"}
    pairs = [(i, j) for i in (0, 1) for j in (0, 1)]
    joint = {n: [first[n][i] * _second(then[n], i)[j] for i, j in pairs] for n in "qr"}
    rounds = sp.Add(*(
        first["r"][i] * _second(then["r"], i)[j] * -(sp.log(first["q"][i]) + sp.log(_second(then["q"], i)[j])) for i, j in pairs
    ))  # fmt: skip
    own = -sp.Add(*(a * sp.log(a) for a in joint["r"]))
    one = sp.Add(*(a * sp.log(a / b) for a, b in zip(first["r"], first["q"], strict=True)))
    two = sp.Add(*(
        first["r"][i] * a * sp.log(a / b)
        for i in (0, 1) for a, b in zip(_second(then["r"], i), _second(then["q"], i), strict=True)
    ))  # fmt: skip
    derivation.equal(
        r"E_r[-\ln q(x) - \ln q(y|x)] - H(r)", one + two,
        "two rounds: KL of the first, and the mean KL of the second, given the first", value=rounds - entropy * own,
    )  # fmt: skip
    derivation.equal(
        r"\sum r \ln\frac{r(x) r(y|x)}{q(x) q(y|x)}", one + two, "which is KL of the laws of both rounds together",
        value=sp.Add(*(a * sp.log(a / b) for a, b in zip(joint["r"], joint["q"], strict=True))),
    )  # fmt: skip
    return derivation


def robust_bayes(loss: sp.Expr = sp.Integer(1)) -> Derivation:
    """The projection to the means c is the best forecast against every law with these means, and the worst such law.

    Args:
        loss: the claimed factor of the multipliers in the loss of the projection.
    """
    derivation = Derivation("Maximum entropy is robust Bayes")
    closed = _closed(_R)
    means = [divergence(closed, row) for row in VALUES]
    value = LOG_PARTITION - loss * sp.Add(*(m * c for m, c in zip(MULTIPLIERS, means, strict=True)))
    derivation.given(r"\ln\frac{q^*_i}{p_i}", r"\lambda\cdot f_i - \psi", "the tilt of p with the means c")
    derivation.equal(
        r"E_r\left[-\ln\frac{q^*}{p}\right]", value, "psi - lambda . c: the same for every law r with the means c",
        value=-divergence(closed, tilt()),
    )  # fmt: skip
    derivation.stated(
        r"E_r\left[-\ln\frac{q^*}{p}\right] = E_{q^*}\left[-\ln\frac{q^*}{p}\right] = -\mathrm{KL}(q^*\|p)",
        "an equaliser, at the entropy of the projection",
    )
    ratios = [sp.log(q / p) for q, p in zip(_Q, _P, strict=True)]
    own = [sp.log(r / p) for r, p in zip(_R, _P, strict=True)]
    across = [sp.log(r / q) for r, q in zip(_R, _Q, strict=True)]
    derivation.equal(
        r"E_r\left[-\ln\frac{q}{p}\right] + \mathrm{KL}(r\|p)", divergence(_R, across),
        "KL(r || q): against r no forecast is better than r itself", value=-divergence(_R, ratios) + divergence(_R, own),
    )  # fmt: skip
    derivation.stated(
        r"\max_r \min_q E_r\left[-\ln\frac{q}{p}\right] = \min_q \max_r E_r\left[-\ln\frac{q}{p}\right] = -\mathrm{KL}(q^*\|p)",
        "left, the least divergence; right, q* reaches it, and any q loses KL(q* || q) more against q*",
    )
    return derivation


def inequality(base: sp.Rational = sp.Rational(1, 2)) -> Derivation:
    """On 0, 1, 2 with a mean of at most 4/7 the law of maximum entropy is no equaliser.

    Args:
        base: the claimed exponential of its multiplier.
    """
    q = [sp.Rational(4, 7), sp.Rational(2, 7), sp.Rational(1, 7)]
    k, log_partition = (0, 1, 2), sp.log(sp.Rational(7, 4))
    derivation = Derivation("An inequality is no equaliser")
    derivation.equal(
        r"\ln q^*_k", [sp.log(base) * i - log_partition for i in k], "q* = (4, 2, 1)/7, a tilt of the uniform law",
        value=[sp.log(a) for a in q],
    )  # fmt: skip
    entropy = -sp.Add(*(a * sp.log(a) for a in q))
    derivation.equal(r"E_{q^*} k", sp.Rational(4, 7), "on the edge of the set", value=divergence(q, k))
    derivation.equal(
        r"H(q^*)",
        sp.log(7) - sp.Rational(10, 7) * sp.log(2),
        "the most entropy: the multiplier is negative",
        value=entropy,
    )
    derivation.equal(
        r"H(q^*) - E_r[-\ln q^*]", sp.Rational(4, 7) * sp.log(2),
        "for the law r that is always 0, of mean 0: its loss is smaller", value=entropy - log_partition,
    )  # fmt: skip
    return derivation


def _closed(law: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    return (*law[:-1], 1 - sp.Add(*law[:-1]))


def _second(conditional: list[sp.Expr], first: int) -> list[sp.Expr]:
    return conditional[2 * first : 2 * first + 2]
