r"""What an ensemble tells by where its members are: displacements measure noise, empirical distances are biased upwards.

Checkpoints are h apart; a stationary member obeys ``dx = -a x dt + sqrt(2 T) dW`` with the law ``N(0, T/a)``.

Source: Okanohara 2026, on estimating from ensembles; Villani 2009 (theorem 4.8) for the convexity of the transport cost.
"""

import sympy as sp

from derivations.derivation import Derivation

A, T, H, DURATION = sp.symbols("a T h tau", positive=True)


def noise(factor: sp.Expr = sp.Integer(2)) -> Derivation:
    """Stationary members move by ``2 T (1 - e^-ah)/a`` in the mean square between checkpoints, and dissipate nothing.

    Args:
        factor: the claimed factor of the temperature.
    """
    x, variance = sp.Symbol("x", real=True), T / A
    derivation = Derivation("Displacements of a law that stays")
    density = sp.exp(-(x**2) / (2 * variance))
    derivation.equal(
        "v", sp.Integer(0), "the velocity of the law is 0 everywhere, and so is the entropy production",
        value=-(A * x + T * sp.diff(sp.log(density), x)),
    )  # fmt: skip
    left = sp.exp(-A * H)
    derivation.given(
        "x_h", r"e^{-ah}\, x_0 + (T (1 - e^{-2ah})/a)^{1/2}\, \xi", "the process of Ornstein and Uhlenbeck, exactly"
    )
    moved = (1 - left) ** 2 * variance + variance * (1 - left**2)
    derivation.equal(
        r"E(x_h - x_0)^2", factor * T * (1 - left) / A, "per direction; for N(0, T/a) before and after", value=moved
    )
    total = DURATION / H * moved / H
    derivation.equal(
        r"\lim_{h\to 0} h \sum_k \frac{E(x_{(k+1)h} - x_{kh})^2}{h}", factor * T * DURATION,
        "over tau/h checkpoints: what would be the entropy production of a transport grows like 1/h",
        value=sp.limit(H * total, H, 0),
    )  # fmt: skip
    return derivation


def bias(share: sp.Expr = sp.Integer(1)) -> Derivation:
    """The expectation of the empirical squared distance is never below the squared distance.

    Args:
        share: the claimed sum of the weights of a mixture.
    """
    weight, n = sp.Symbol("lambda", positive=True), 3
    plans = [sp.Matrix(n, n, lambda i, j: sp.Symbol(f"{name}_{i}{j}", nonnegative=True)) for name in ("g", "k")]  # noqa: B023
    cost = sp.Matrix(n, n, lambda i, j: sp.Symbol(f"c_{i}{j}", nonnegative=True))
    one, other = weight, share - weight
    mixed = one * plans[0] + other * plans[1]
    derivation = Derivation("Empirical distances are too large")
    derivation.given(r"\gamma", r"\lambda\gamma_1 + (1 - \lambda)\gamma_2", "a mixture of two transport plans")
    ones = sp.ones(n, 1)
    for side, axis in (("first", 0), ("second", 1)):
        marginals = [(p if axis == 0 else p.T) * ones for p in (mixed, *plans)]
        derivation.equal(
            r"\textstyle\int \gamma - (\lambda \int \gamma_1 + (1 - \lambda) \int \gamma_2)", sp.Integer(0),
            f"it carries the mixture of the {side} laws, linearly",
            value=list(marginals[0] - weight * marginals[1] - (1 - weight) * marginals[2]),
        )  # fmt: skip
    costs = [sum(c * g for c, g in zip(cost, p, strict=True)) for p in (mixed, *plans)]
    derivation.equal(
        r"C(\gamma) - \lambda C(\gamma_1) - (1 - \lambda) C(\gamma_2)", sp.Integer(0), "at the mixture of the costs",
        value=costs[0] - weight * costs[1] - (1 - weight) * costs[2],
    )  # fmt: skip
    derivation.stated(
        r"W_2^2(\lambda p_1 + (1 - \lambda) p_2, \ldots) \le \lambda W_2^2(p_1, q_1) + (1 - \lambda) W_2^2(p_2, q_2)",
        "from the best plans: W2^2 is jointly convex in both laws",
    )
    derivation.stated(
        r"B^2(\lambda S_1 + (1 - \lambda) S_2, \ldots) \le \lambda B^2(S_1, R_1) + (1 - \lambda) B^2(S_2, R_2)",
        "Gelbrich: mixtures are no closer than normal laws of their covariances; so B^2, that of N(0, S) and N(0, R), is too",
    )
    derivation.stated(
        r"E\, W_2^2(P_N, Q_N) \ge W_2^2(E P_N, E Q_N) = W_2^2(P, Q)",
        "Jensen; the mean of an empirical law is the law itself, and that of an unbiased covariance the covariance",
    )
    return derivation


def two_letters(largest: int = 6, power: int = 1) -> Derivation:
    """Two samples of N fair coins: the mean of their squared distance is ``C(2N, N)/4^N``, that of the laws is 0.

    Args:
        largest: N up to which all samples are enumerated.
        power: the claimed power of ``1/4^N``.
    """
    derivation = Derivation("Two samples of one law")
    derivation.given("W_2^2(P_N, Q_N)", "|k - l|/N", "k of N and l of N members at 1, all others at 0")
    for n in range(1, largest + 1):
        weights = [sp.binomial(n, k) / sp.Integer(2) ** n for k in range(n + 1)]
        mean = sum(p * q * sp.Rational(abs(k - j), n) for k, p in enumerate(weights) for j, q in enumerate(weights))
        derivation.equal(
            rf"E\, W_2^2 \quad (N = {n})", sp.binomial(2 * n, n) / sp.Integer(4) ** (power * n),
            "all samples, by enumeration", value=mean,
        )  # fmt: skip
    return derivation


def plug_in(covariances: sp.Expr = sp.Rational(1, 4)) -> Derivation:
    """Of two samples of ``N(0, 1_d)`` the normal laws of equal moments are ``d (d + 5)/(2 N)`` apart, to leading order.

    Args:
        covariances: the claimed weight of the squared difference of two covariances near 1.
    """
    e, c, d, n = sp.symbols("e c d N", positive=True)
    derivation = Derivation("The distance of fitted normal laws")
    derivation.equal(
        r"\lim_{e\to 0} e^{-2} \operatorname{tr}(K - 1)^2", covariances * c**2,
        "along an eigenvector of C: the optimal map from 1 to 1 + e C is K = (1 + e C)^(1/2)",
        value=sp.limit((sp.sqrt(1 + e * c) - 1) ** 2 / e**2, e, 0),
    )  # fmt: skip
    derivation.given(r"E{|m - m'|}^2", 2 * d / n, "means of N members each")
    derivation.given(
        r"E{|S - S'|}^2", 2 * (d**2 + d) / n, "to leading order: Wishart, entries of variance 1/N, on the diagonal 2/N"
    )
    derivation.equal(
        r"E\, W_2^2 \approx E{|m - m'|}^2 + \tfrac14 E{|S - S'|}^2", d * (d + 5) / (2 * n),
        "at N = 10 d it is (d + 5)/20, more than 1/20 of the whole variance d",
        value=2 * d / n + covariances * 2 * (d**2 + d) / n,
    )  # fmt: skip
    return derivation
