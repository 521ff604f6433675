r"""Penalties that regularise: which depend on the chart, what they share to second order, and how they rank laws.

Laws are compared with a reference, N(0, 1) in the examples. ``D_f(p || q) = E_q f(p/q)`` with f smooth and ``f(1) = 0``.

Source: the claims are those of Caraffa 2026; Wager, Wang & Liang 2013 for dropout as a weighted ridge.
"""

import itertools

import sympy as sp

from derivations.derivation import Derivation
from derivations.families.gaussian import family, mu, sigma
from derivations.gaussian import cosh_of_distance

_LOG2 = sp.log(2)
_RATIO = sp.Symbol("u", positive=True)
FUNCTIONS = {
    r"\mathrm{KL}(p \,\|\, q)": _RATIO * sp.log(_RATIO),
    r"\mathrm{KL}(q \,\|\, p)": -sp.log(_RATIO),
    r"H^2": 4 * (1 - sp.sqrt(_RATIO)),
    r"\tfrac12\chi^2": (_RATIO - 1) ** 2 / 2,
}
"""Divergences by the function ``f(u)`` of ``u = p/q``, with ``f''(1) = 1``; ``H^2`` is the alpha-divergence of alpha 0."""


def weight_decay(second: sp.Expr | None = None, third: sp.Expr = -1 / (2 * sigma**2)) -> Derivation:
    """The square of a parameter ranks laws by the chart.

    Args:
        second: a chart in which two laws change places, ``ln sigma`` if not given.
        third: a chart in which every pair does.
    """
    derivation = Derivation("Weight decay in several charts")
    second = sp.log(sigma) if second is None else second
    example = [sp.Integer(2), sp.Rational(1, 4)]
    derivation.given("y(\\sigma)", sp.Matrix([[sigma, second, third]]), "three charts of the laws N(0, sigma^2)")
    derivation.equal(r"\sigma^2", [sp.Integer(4), sp.Rational(1, 16)], "the penalty in sigma, at 2 and at 1/4",
                     value=[s**2 for s in example])  # fmt: skip
    derivation.equal(r"(\ln\sigma)^2", [_LOG2**2, 4 * _LOG2**2], "the penalty in the second chart: in the other order",
                     value=[second.subs(sigma, s) ** 2 for s in example])  # fmt: skip
    derivation.equal(r"d^2", [2 * _LOG2**2, 8 * _LOG2**2], "the squared distance from N(0, 1), the same in every chart",
                     value=[2 * sp.log(s) ** 2 for s in example])  # fmt: skip
    small, more = sp.symbols("a h", positive=True)
    derivation.positive(
        r"(a + h)^2 - a^2", (small + more) ** 2 - small**2, "of every pair the wider law is penalised more in sigma ..."
    )
    derivation.positive(
        r"y(a)^2 - y(a + h)^2", third.subs(sigma, small) ** 2 - third.subs(sigma, small + more) ** 2,
        "... and less in the third chart, that of the natural parameter",
    )  # fmt: skip
    return derivation


def hessian(first: int = 0, second: int = 1) -> Derivation:
    """``d_a d_b D_f(p_theta || p_0) = f''(1) g_ab`` at the reference, for every f and every regular family.

    Args:
        first: the claimed factor of ``f'(1) g_ab``.
        second: the claimed factor of ``f''(1) g_ab``.
    """
    derivation = Derivation("The Hessian of an f-divergence")
    a, b, v, metric = sp.symbols("a b v g_ab", real=True)
    f1, f2, f3 = sp.symbols("f_1 f_2 f_3", real=True)
    la, lb, laa, lab, lbb = sp.symbols("l_a l_b l_aa l_ab l_bb", real=True)
    square = laa * a**2 / 2 + lab * a * b + lbb * b**2 / 2
    derivation.given(
        r"\ln\frac{p_\theta}{p_0}", la * a + lb * b + square, "to second order in two parameters, at one x"
    )
    ratio = (la * a + lb * b) + (la * a + lb * b) ** 2 / 2 + square
    at_reference = {a: 0, b: 0}
    derivation.equal(r"\partial_a \partial_b \frac{p_\theta}{p_0}", lab + la * lb, "at the reference",
                     value=sp.diff(ratio, a, b).subs(at_reference))  # fmt: skip
    derivation.stated(r"E_0[l_a] = 0,\quad E_0[l_{ab} + l_a l_b] = 0",
                      "derivatives of the total probability, which stays 1")  # fmt: skip
    derivation.given("f(1 + v)", f1 * v + f2 * v**2 / 2 + f3 * v**3 / 6, "to third order, with derivatives at 1")
    curved = sp.diff(f1 * ratio + f2 * ratio**2 / 2 + f3 * ratio**3 / 6, a, b).subs(at_reference)
    derivation.equal(r"\partial_a \partial_b f(p_\theta/p_0)", f2 * la * lb + f1 * (lab + la * lb), "at the reference",
                     value=curved)  # fmt: skip
    derivation.equal(
        r"\partial_a \partial_b D_f", (first * f1 + second * f2) * metric,
        "its expectation, with the Fisher metric g_ab = E[l_a l_b]; the third derivative does not enter",
        value=sp.expand(curved).subs({lab: -metric, la * lb: metric}),
    )  # fmt: skip
    u = _RATIO
    reverse = u * (f1 * (1 / u - 1) + f2 * (1 / u - 1) ** 2 / 2 + f3 * (1 / u - 1) ** 3 / 6)
    derivation.equal(r"\left.\tfrac{d^2}{du^2}\, u f(1/u)\right|_1", f2, "so the reverse divergence has the same Hessian",
                     value=sp.diff(reverse, u, 2).subs(u, 1))  # fmt: skip
    derivation.equal(rf"f''(1):\ {', '.join(FUNCTIONS)}", sp.Integer(1), "all of them share it",
                     value=[sp.diff(f, u, 2).subs(u, 1) for f in FUNCTIONS.values()])  # fmt: skip
    derivation.equal(r"\tfrac12 \partial_\sigma^2\, d^2", 2 / sigma**2,
                     "with half the squared distance d^2 = 2 ln^2(sigma/s): that of N(0, sigma^2) and N(0, s^2), at s = sigma",
                     value=sp.diff(sp.log(sigma / mu) ** 2, sigma, 2).subs(mu, sigma))  # fmt: skip
    return derivation


def ranking(second: sp.Expr = sp.Rational(5, 11), level: sp.Symbol | int = 1) -> Derivation:
    """The penalties rank laws differently: ``N(0, 4)`` against ``N(0, 25/121)``, and against ``N(1, 1)``.

    Args:
        second: the standard deviation that is compared with 2.
        level: the mean of the third law, of variance 1.
    """
    derivation = Derivation("Penalties of laws against N(0, 1)")
    forward, reverse = _normal_divergence((mu, sigma), (0, 1)), _normal_divergence((0, 1), (mu, sigma))
    cosh = cosh_of_distance().subs(dict(zip(family.others, (0, 1), strict=True)))
    derivation.equal(r"\mathrm{KL}(N(\mu,\sigma^2) \,\|\, N(0,1))", (mu**2 + sigma**2 - 1) / 2 - sp.log(sigma),
                     "the expectation of the difference of the log-densities", value=forward)  # fmt: skip
    derivation.given(r"\cosh\frac{d}{\sqrt2}", cosh, "the distance; so d^2 = 2 ln^2 sigma for mean 0")
    squared = 2 * sp.log(sigma) ** 2
    two, other = {mu: 0, sigma: sp.Integer(2)}, {mu: 0, sigma: second}
    derivation.positive(
        r"\mathrm{KL}(2) - \mathrm{KL}(\tfrac5{11})", forward.subs(two) - forward.subs(other),
        "3/2 - ln 2 = 0.806852819440... and ln(11/5) - 48/121 = 0.391763145488...: the divergence takes 2 for further off",
    )  # fmt: skip
    derivation.positive(
        r"d^2(\tfrac5{11}) - d^2(2)", squared.subs(other) - squared.subs(two),
        "2 ln^2(11/5) = 1.243330018... and 2 ln^2 2 = 0.960906027836...: the distance takes it for nearer",
    )  # fmt: skip
    z = sp.Symbol("z", real=True)
    total = 1 + sigma**2
    derivation.equal(
        r"\frac{(z - \mu)^2}{4\sigma^2} + \frac{z^2}{4}",
        total * (z - mu / total) ** 2 / (4 * sigma**2) + mu**2 / (4 * total),
        "the exponent of the root of p q, p = N(mu, sigma^2), q = N(0, 1): that of a normal density in z, and a constant",
        value=(z - mu) ** 2 / (4 * sigma**2) + z**2 / 4,
    )  # fmt: skip
    affinity = sp.sqrt(2 * sigma / total) * sp.exp(-(mu**2) / (4 * total))
    derivation.computed(r"\int \sqrt{p q}", affinity, "by the integral of that normal density; H^2 is 4 (1 - it)")
    derivation.equal(
        r"\left(\int \sqrt{p q}\right)^{2}", 1 / sp.cosh(sp.log(sigma)),
        "for mean 0 an even function of ln sigma: there H^2 ranks as d^2 does, and it takes a second parameter to differ",
        value=affinity.subs(mu, 0) ** 2,
    )  # fmt: skip
    third = {mu: level, sigma: 1}
    derivation.equal(r"\cosh\frac{d}{\sqrt2}", sp.Rational(5, 4),
                     "at N(0, 4) and at N(1, 1): they are equally far from N(0, 1), d^2 = 2 ln^2 2",
                     value=[cosh.subs(two), cosh.subs(third)])  # fmt: skip
    for name, penalty in ((r"\mathrm{KL}(p \,\|\, q)", forward), (r"\mathrm{KL}(q \,\|\, p)", reverse),
                          (r"\int\sqrt{pq}", affinity)):  # fmt: skip
        derivation.differs(f"{name} = {sp.latex(penalty.subs(two))}", penalty.subs(third),
                           "at N(0, 4) and at N(1, 1): not equally far", value=penalty.subs(two))  # fmt: skip
    return derivation


def dropout(excess: sp.Expr | None = None, weights: str = "diagonal") -> Derivation:
    """Dropout of the inputs of a linear model is a ridge, weighted by the diagonal of the Fisher metric.

    Args:
        excess: what is claimed to multiply the ridge, ``(1 - q)/q`` if not given, with q the probability to keep an input.
        weights: ``"diagonal"`` of the Fisher metric, or ``"identity"`` or the ``"full"`` metric.
    """
    keep, y = sp.symbols("q y", positive=True)
    excess = (1 - keep) / keep if excess is None else excess
    w, x = sp.Matrix(sp.symbols("w1:4", real=True)), sp.Matrix(sp.symbols("x1:4", real=True))
    derivation = Derivation("Dropout in a linear model")
    derivation.given(r"\tilde x_j", r"m_j x_j / q", "inputs are kept (m = 1) with probability q, else left out (m = 0)")
    mean_loss = sp.Integer(0)
    for mask in itertools.product((0, 1), repeat=3):
        probability = sp.prod([keep if m else 1 - keep for m in mask])
        mean_loss += probability * (y - sum(m * a * b for m, a, b in zip(mask, w, x, strict=True)) / keep) ** 2
    chosen = {
        "diagonal": sum(a**2 * b**2 for a, b in zip(w, x, strict=True)),
        "identity": w.dot(w),
        "full": w.dot(x) ** 2,
    }
    derivation.equal(
        r"E_m (y - w \cdot \tilde x)^2", (y - w.dot(x)) ** 2 + excess * chosen[weights],
        "the sum over all eight masks of three inputs: summed over the data, a ridge with weights X^T X on the diagonal",
        value=mean_loss,
    )  # fmt: skip
    derivation.given(
        "F", r"X^T X / s^2", "the Fisher metric of w, for noise of variance s^2; so it is that of its diagonal"
    )
    c = sp.Matrix(sp.symbols("c1:4", positive=True))
    derivation.equal(r"\sum_j (c_j w_j)^2 (x_j / c_j)^2", sum(a**2 * b**2 for a, b in zip(w, x, strict=True)),
                     "other units of the inputs leave it as it is",
                     value=sum((k * a) ** 2 * (b / k) ** 2 for k, a, b in zip(c, w, x, strict=True)))  # fmt: skip
    turn, metric = sp.Matrix([[1, -1], [1, 1]]) / sp.sqrt(2), sp.diag(3, 1)
    weight = sp.Matrix([1, 0])
    there, moved = turn.T * metric * turn, turn.T * weight
    ridge = (weight.T * sp.diag(*metric.diagonal()) * weight)[0]
    derivation.equal(r"w \cdot F w", sp.Integer(3), "F = diag(3, 1) and w = (1, 0), and both turned by 45 degrees: the same",
                     value=[(weight.T * metric * weight)[0], (moved.T * there * moved)[0]])  # fmt: skip
    derivation.equal(r"w \cdot \operatorname{diag}(F)\, w", [sp.Integer(3), sp.Integer(2)], "but not what dropout penalises",
                     value=[ridge, (moved.T * sp.diag(*there.diagonal()) * moved)[0]])  # fmt: skip
    derivation.equal(r"w \cdot \operatorname{diag}(F)\, w", (weight.T * metric * weight)[0],
                     "where the inputs are uncorrelated it is the squared Fisher-Rao distance from w = 0, as F is constant",
                     value=ridge)  # fmt: skip
    return derivation


def moving_average(first: sp.Expr | None = None) -> Derivation:
    """A moving average in expectation parameters minimises ``sum w_i KL(p_i || q)``, for every exponential family.

    Args:
        first: the claimed weight of the first law in the average, ``w_1`` if not given.
    """
    size, laws = 2, 3
    psi, w = sp.symbols(f"psi_1:{laws + 1}", real=True), sp.symbols(f"w_1:{laws}", positive=True)
    weights = [*w, 1 - sum(w)]
    natural, expected = (
        [sp.Matrix(sp.symbols(f"{name}{i}_1:{size + 1}", real=True)) for i in (*range(1, laws + 1), "q", "s")]
        for name in ("eta", "m")
    )
    potential = [*psi, *sp.symbols("psi_q psi_s", real=True)]
    expected[-1] = sum(
        (c * m for c, m in zip([first or w[0], *weights[1:]], expected, strict=False)), sp.zeros(size, 1)
    )

    def divergence(p: int, q: int) -> sp.Expr:
        return potential[q] - potential[p] - (natural[q] - natural[p]).dot(expected[p])

    derivation = Derivation("Moving averages in expectation parameters")
    derivation.given(
        r"\mathrm{KL}(p \,\|\, q)", r"\psi_q - \psi_p - (\eta_q - \eta_p)\cdot m_p", "of an exponential family"
    )
    derivation.given("m_s", r"\textstyle\sum_i w_i m_i", "the average, with weights of sum 1")
    spread = [sum(c * divergence(i, k) for i, c in enumerate(weights)) for k in (laws, laws + 1)]
    derivation.equal(
        r"\sum_i w_i \mathrm{KL}(p_i \,\|\, q) - \sum_i w_i \mathrm{KL}(p_i \,\|\, s) - \mathrm{KL}(s \,\|\, q)",
        sp.Integer(0), "for every q; and KL(s || q) is 0 only for q = s",
        value=spread[0] - spread[1] - divergence(laws + 1, laws),
    )  # fmt: skip
    rate = sp.Symbol("b", positive=True)
    derivation.equal(r"(1 - b)^3 + \sum_{k=1}^3 b (1 - b)^{3-k}", sp.Integer(1),
                     "the weights of m_k = (1 - b) m_(k-1) + b m after three steps",
                     value=(1 - rate) ** 3 + sum(rate * (1 - rate) ** (3 - k) for k in (1, 2, 3)))  # fmt: skip
    a, h = sp.symbols("a h", positive=True)
    derivation.equal(r"\tfrac12(a^2 + b^2) - a b", h**2 / 2,
                     "variances of N(0, a^2) and N(0, b^2), b = a + h: average and Fréchet mean differ at second order",
                     value=(a**2 + (a + h) ** 2) / 2 - a * (a + h))  # fmt: skip
    derivation.equal(r"\sigma^2", [sp.Rational(17, 2), sp.Integer(4), sp.Rational(32, 17)],
                     "of N(0, 1) and N(0, 16): average of m, Fréchet mean, average of eta",
                     value=[sp.Rational(1 + 16, 2), sp.exp(sp.log(16) / 2), 2 / (1 + sp.Rational(1, 16))])  # fmt: skip
    return derivation


def _normal_divergence(law: tuple[sp.Expr, sp.Expr], other: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    """The expectation of the difference of the log-densities, by ``x = mean + deviation z``, ``E z = 0``, ``E z^2 = 1``."""
    z = sp.Symbol("z", real=True)
    (mean, deviation), (mean_other, deviation_other) = law, other
    far = (mean + deviation * z - mean_other) / deviation_other
    difference = sp.Poly((far**2 - z**2) / 2, z)
    constant = sp.log(deviation_other) - sp.log(deviation)
    return constant + difference.coeff_monomial(1) + difference.coeff_monomial(z**2)
