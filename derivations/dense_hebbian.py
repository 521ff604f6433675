r"""Hebbian networks as machines with hidden units: the Gaussian integral behind their duality.

N spins of ``+-1``, K patterns xi, overlaps ``m = sum_i xi_i sigma_i / N`` with each; hidden units z with normal prior.

Source: Barra, Bernacchia, Santucci & Contucci 2012 for two-body couplings; Agliari et al. 2022 for P-body ones.
"""

import sympy as sp

from derivations.derivation import Derivation

BETA, N = sp.symbols("beta N", positive=True)


def completed_square() -> Derivation:
    """``int exp(-z^2/2 + b z) dz / sqrt(2 pi) = exp(b^2/2)``."""
    z, b = sp.symbols("z b", real=True)
    derivation = Derivation("The Gaussian integral")
    derivation.equal(
        r"b z - \tfrac12 z^2", b**2 / 2 - (z - b) ** 2 / 2, "so given the spins a hidden unit is normal with mean b",
        value=b * z - z**2 / 2,
    )  # fmt: skip
    derivation.stated(
        r"\int \frac{dz}{\sqrt{2\pi}}\, e^{b z - z^2/2} = e^{b^2/2}", "for every b, as the normal law has mass 1"
    )
    return derivation


def duality(root: sp.Expr = sp.Rational(1, 2), size: int = 1, sign: int = 1) -> Derivation:
    """The Hopfield model is the law of the spins of a machine with one Gaussian hidden unit per pattern; here three spins.

    Args:
        root: the claimed power of beta in the coupling.
        size: the claimed power of 1/N in the square of the coupling.
        sign: of the claimed energy.
    """
    spins, pattern = sp.symbols("sigma_1:4", real=True), sp.symbols("xi_1:4", real=True)
    field = BETA**root * N ** -sp.Rational(size, 2) * sum(x * s for x, s in zip(pattern, spins, strict=True))
    derivation = Derivation("The duality of two-body couplings")
    derivation.include(completed_square())
    derivation.given(
        "b", r"\sqrt{\beta/N}\, \sum_i \xi_i \sigma_i", "coupling of the hidden unit of one pattern to each spin"
    )
    pairs = sum(pattern[i] * pattern[j] * spins[i] * spins[j] / N for i in range(3) for j in range(i + 1, 3))
    diagonal = sum((x * s) ** 2 for x, s in zip(pattern, spins, strict=True)) / (2 * N)
    derivation.equal(
        r"\tfrac12 b^2 - \beta \sum_{i<j} J_{ij}\, \sigma_i \sigma_j - \frac{\beta}{2N} \sum_i \xi_i^2 \sigma_i^2",
        sp.Integer(0), "with J = xi_i xi_j/N: minus beta times the energy, and the terms with i = j",
        value=field**2 / 2 - sign * BETA * pairs - BETA * diagonal,
    )  # fmt: skip
    derivation.stated(
        r"\frac{\beta}{2N} \sum_i \xi_i^2 \sigma_i^2 = \frac{\beta}{2}",
        "for spins and patterns of +-1; in any case a constant, as the squares of spins are 1",
    )
    derivation.stated(
        r"\sum_\sigma \int \prod_\mu \frac{dz_\mu}{\sqrt{2\pi}}\, e^{-z_\mu^2/2 + b_\mu z_\mu} = e^{\beta K/2}\,"
        r" \sum_\sigma e^{\beta \sum_{i<j} J_{ij} \sigma_i \sigma_j}",
        "K patterns: hidden units integrate one by one, and every state has the same constant, so the laws are equal",
    )
    return derivation


def dense(order: int = 4, power: int | None = None) -> Derivation:
    """P-body couplings are those of hidden units that couple to ``m^(P/2)``, not to single spins.

    Args:
        order: P, even.
        power: the claimed power of the overlap in the coupling.
    """
    a, m = sp.symbols("a m", positive=True)
    total = sp.Symbol("M", real=True)
    derivation = Derivation(f"The duality of {order}-body couplings")
    derivation.include(completed_square())
    coupled = order // 2 if power is None else power
    field = sp.sqrt(2 * a * BETA * N) * m**coupled
    derivation.given(
        "b", rf"\sqrt{{2 a \beta N}}\, m^{{{order // 2}}}", f"the hidden unit couples to {order // 2} spins at a time"
    )
    derivation.equal(
        r"\tfrac12 b^2", a * BETA * N * m**order, f"minus beta times the energy - a N m^{order}", value=field**2 / 2
    )
    if order != 4:
        return derivation
    derivation.given(
        r"(M, e_2, e_4)", r"(\sum_i s_i,\; \sum_{i<j} s_i s_j,\; \sum_{i<j<k<l} s_i s_j s_k s_l)", "with s = xi sigma = +-1"
    )  # fmt: skip
    # Newton's identities with power sums N, M, N, M, ... of numbers +-1.
    sums = {1: total, 2: N, 3: total, 4: N}
    elementary = [sp.Integer(1)]
    for k in range(1, 5):
        elementary.append(sp.expand(sum((-1) ** (i - 1) * elementary[k - i] * sums[i] for i in range(1, k + 1)) / k))
    derivation.equal(
        r"M^4 - 24\, e_4 - (12 N - 16)\, e_2", 3 * N**2 - 2 * N,
        "by Newton's identities: indices that agree leave pairs as well as a constant",
        value=total**4 - 24 * elementary[4] - (12 * N - 16) * elementary[2],
    )  # fmt: skip
    derivation.positive(
        r"\frac{24\, a \beta}{N^3}",
        24 * a * BETA / N**3,
        "the four-body coupling of one pattern, a beta N/N^4 times 24",
    )
    loads = sp.symbols("w_1:5", real=True)
    spins = sp.symbols("s_1:5", real=True)
    square = sp.Poly(sum(w * s for w, s in zip(loads, spins, strict=True)) ** 2 / 2, *spins)
    derivation.equal(
        r"\mathrm{coefficient\ of}\ s_1 s_2 s_3 s_4\ \mathrm{in}\ \tfrac12 \left(\sum_i w_i s_i\right)^2", sp.Integer(0),
        "for any weights: hidden units that couple to single spins have pairs only, so no machine of theirs has this law",
        value=square.coeff_monomial(sp.prod(spins)),
    )  # fmt: skip
    return derivation
