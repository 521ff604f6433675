r"""The number of arrangements of n draws with the counts c: its logarithm, the entropy, and Stirling's correction.

The counts are ``c_i = n P_i`` for a law P of D letters, positive real numbers; factorials are Gamma functions. Sources:
Robbins 1955, A Remark on Stirling's Formula, for integers; Balsubramani 2024, figure 1, for the approximation.
"""

import sympy as sp

from derivations.derivation import Derivation

_X, _K = sp.symbols("x k", positive=True)
_COUNTS = sp.symbols("c_1:4", positive=True)
_REMAINDERS = sp.symbols("r_1:4", positive=True)
_R = sp.Symbol("r", positive=True)
# So many terms of the series decide the lower bound for all positive x; five do not.
_TERMS = 6


def stirling(shift: sp.Expr = sp.Integer(1), third: sp.Expr = sp.Rational(1, 3)) -> Derivation:
    """``1/(12 x + 1) < r(x) < 1/(12 x)`` for all positive x, and r decreases.

    Args:
        shift: the claimed 1 in the lower bound.
        third: the claimed factor of the geometric series above.
    """
    y = 2 * _X + 1
    gamma = sp.Symbol("G", real=True)
    derivation = Derivation("Stirling's formula with bounds")
    derivation.given(
        "r(x)", r"\ln\Gamma(x+1) - x \ln x + x - \tfrac12 \ln(2\pi x)", "tends to 0 for large x: Stirling's formula"
    )
    here = _stirling_rest(gamma, _X)
    there = _stirling_rest(gamma + sp.log(_X + 1), _X + 1)
    derivation.equal(
        "r(x) - r(x+1)", (_X + sp.Rational(1, 2)) * (sp.log(_X + 1) - sp.log(_X)) - 1, "by Gamma(x + 2) = (x + 1) Gamma(x + 1)",
        value=here - there,
    )  # fmt: skip
    derivation.given(
        r"\frac{y}{2} \ln\frac{y+1}{y-1} - 1", r"\sum_{k\ge1} \frac{1}{(2k+1) y^{2k}}",
        "the same with y = 2x + 1: the series of artanh(1/y); every term is positive and decreases in x",
    )  # fmt: skip
    derivation.equal(
        r"\sum_{k\ge1} \frac{1}{3 y^{2k}}", 1 / (12 * _X) - 1 / (12 * (_X + 1)), "a geometric series, above that one",
        value=third / (y**2 - 1),
    )  # fmt: skip
    lower = 1 / (12 * _X + shift) - 1 / (12 * (_X + 1) + shift)
    derivation.positive(
        rf"\sum_{{k=1}}^{{{_TERMS}}} \frac{{1}}{{(2k+1) y^{{2k}}}} - \frac{{1}}{{12 x + 1}} + \frac{{1}}{{12 (x+1) + 1}}",
        sum(1 / ((2 * k + 1) * y ** (2 * k)) for k in range(1, _TERMS + 1)) - lower, "and this is below it",
    )  # fmt: skip
    derivation.stated(
        r"\frac{1}{12 x + 1} < r(x) < \frac{1}{12 x}", "the sum over x, x + 1, x + 2, ...; likewise r decreases"
    )
    return derivation


def correction(half: sp.Expr = sp.Rational(1, 2), draws: sp.Expr = sp.Integer(1)) -> Derivation:
    """Exactly when the correction improves the approximation, here with three letters.

    Args:
        half: the claimed factor of the logarithm in the correction.
        draws: the claimed power of ``2 pi n`` in it.
    """
    total = sum(_COUNTS)
    derivation = Derivation("What the correction leaves")
    derivation.include(stirling())
    log_number = _log_gamma(total, _R) - sum(_log_gamma(c, r) for c, r in zip(_COUNTS, _REMAINDERS, strict=True))
    entropy = -sum(c * (sp.log(c) - sp.log(total)) for c in _COUNTS)
    change = half * (draws * sp.log(2 * sp.pi * total) - sum(sp.log(2 * sp.pi * c) for c in _COUNTS))
    left = sum(_REMAINDERS) - _R
    derivation.given(
        "(e_0, e_1)",
        r"\left(H - \tfrac1n \ln N,\; H + \tfrac{1}{2n} \ln\tfrac{2\pi n}{\prod_i 2\pi c_i} - \tfrac1n \ln N\right)",
        "the errors before and after, N the number of arrangements of n = c_1 + c_2 + c_3 draws",
    )  # fmt: skip
    derivation.equal(
        "n e_1", left, "r_i = r(c_i) and r = r(n)",
        value=sp.expand_log(entropy + change - log_number),
    )  # fmt: skip
    derivation.stated("n e_1 > r_1 - r > 0", "r is positive and decreases")
    derivation.equal(
        "f''(x)", 1 / _X - sp.polygamma(1, _X + 1), "for f = x ln x - ln Gamma(x + 1)",
        value=sp.diff(_X * sp.log(_X) - sp.loggamma(_X + 1), _X, 2),
    )  # fmt: skip
    derivation.given(
        "f''(x)", r"\sum_{k\ge1} \left(\frac{1}{x+k-1} - \frac{1}{x+k} - \frac{1}{(x+k)^2}\right)",
        "the series of the trigamma function, and one that telescopes",
    )  # fmt: skip
    derivation.equal(
        r"\frac{1}{x+k-1} - \frac{1}{x+k} - \frac{1}{(x+k)^2}", 1 / ((_X + _K - 1) * (_X + _K) ** 2),
        "positive for k of at least 1, so that f is convex; and f(0) = 0",
        value=1 / (_X + _K - 1) - 1 / (_X + _K) - 1 / (_X + _K) ** 2,
    )  # fmt: skip
    derivation.stated(r"n e_0 = f(n) - \sum_i f(c_i) \ge 0", "convex functions that are 0 at 0 are superadditive")
    derivation.stated(
        r"|e_1| < |e_0| \iff e_1 < e_0 \iff \prod_i 2\pi c_i > 2\pi n",
        "neither error is negative, and they differ by the correction",
    )
    law = sp.symbols("P_1:4", positive=True)
    crossing = -sum(sp.log(p) for p in law) / (len(law) - 1)
    derivation.equal(
        r"\sum_i \ln(2\pi n P_i) - \ln(2\pi n)", sp.Integer(0), "at 2 pi n = exp(-sum of ln P_i / (D - 1)), and negative below",
        value=sum(crossing + sp.log(p) for p in law) - crossing,
    )  # fmt: skip
    derivation.stated(
        r"\prod_i 2\pi c_i \ge (2\pi)^D \max_i c_i \ge (2\pi)^D \frac{n}{D} > 2\pi n",
        "if every count is at least 1, as in every type that has all letters: there the correction always improves",
    )
    derivation.stated(
        r"0 < n^2 e_1 < \tfrac{1}{12} \sum_i P_i^{-1}, \quad e_0 = e_1 + \frac{1}{2n} \ln\frac{\prod_i 2\pi n P_i}{2\pi n}",
        "for a fixed law the entropy is the limit, with an error of order ln(n)/n; after the correction of order 1/n^2",
    )  # fmt: skip
    return derivation


def crossings(constant: sp.Expr = sp.EulerGamma) -> Derivation:
    """Where the correction begins to help for many letters: ``n/D`` for laws ``P_i = w_i/D`` of mean weight 1.

    Args:
        constant: the claimed minus mean of the logarithm of an exponential variable.
    """
    derivation = Derivation("Where the correction begins to help")
    derivation.given(
        r"\frac{n}{D}", r"\frac{1}{2\pi} e^{-\overline{\ln w}}\; (D \to \infty)",
        "the mean of ln w over the letters stays bounded"
    )  # fmt: skip
    derivation.equal(
        r"\overline{\ln w}", -constant, "for the quantiles of an exponential law: the slope of Gamma at 1",
        value=sp.digamma(1),
    )  # fmt: skip
    derivation.equal(
        r"\overline{\ln w}", -sp.EulerGamma - sp.log(2),
        "for those of a gamma law of shape 1/2, twice as large as a mean of 1 asks",
        value=sp.log(2) + sp.expand_func(sp.digamma(sp.Rational(1, 2))),
    )  # fmt: skip
    derivation.equal(
        r"\overline{\ln w}", sp.log(sp.Rational(3, 5)), "for weights 9/5 and 1/5, equally often",
        value=(sp.log(sp.Rational(9, 5)) + sp.log(sp.Rational(1, 5))) / 2,
    )  # fmt: skip
    return derivation


def _stirling_rest(log_gamma: sp.Expr, x: sp.Expr) -> sp.Expr:
    return log_gamma - x * sp.log(x) + x - (sp.log(2) + sp.log(sp.pi) + sp.log(x)) / 2


def _log_gamma(x: sp.Expr, remainder: sp.Expr) -> sp.Expr:
    """``log Gamma(x + 1)`` by its remainder."""
    return x * sp.log(x) - x + sp.log(2 * sp.pi * x) / 2 + remainder
