r"""Sanov's bounds on a finite alphabet: how improbable it is that the type of n draws lies in a set of laws.

``L_n`` is the vector of counts divided by n, p the law of the letters, ``D*`` the least ``KL(q || p)`` over the set E and s
the law where it is attained. Sources: Csiszar 1984, Sanov property, generalized I-projection and a conditional limit theorem,
for convex sets; Cover & Thomas 2006, chapter 11, for types; Dembo & Zeitouni 1998, theorem 3.7.4, for the constant.
"""

import sympy as sp

from derivations.derivation import Derivation

LETTERS = 3
LAW, NEAREST, OTHER = (sp.symbols(f"{name}_1:{LETTERS + 1}", positive=True) for name in ("p", "s", "q"))
_COUNTS = sp.symbols(f"c_1:{LETTERS + 1}", positive=True)
_N, _X = sp.symbols("n x", positive=True)
# The tilts of the examples: letters 0, 1 with the mean 3/5, and letters 0, 1, 2 with the mean 6/5.
TWO, THREE = sp.Rational(9, 4), (3 + sp.sqrt(969)) / 16
_EXAMPLES = (
    ((sp.Rational(3, 5), sp.Rational(2, 5)), sp.Rational(3, 5), "0.08109302162163287639560262309286"),
    (
        (sp.Rational(1, 2), sp.Rational(3, 10), sp.Rational(1, 5)),
        sp.Rational(6, 5),
        "0.19127465948094540999695068989966",
    ),
)


def convex_set(weight: sp.Expr = sp.Integer(1), power: sp.Expr = sp.Integer(1)) -> Derivation:
    """``P(L_n in E) <= exp(-n D*)`` for convex E, here with three letters.

    Args:
        weight: the claimed factor of ``D*``.
        power: the claimed power of the likelihood ratio whose mean is 1.
    """
    t = sp.Symbol("t", positive=True)
    segment = tuple((1 - t) * s + t * q for s, q in zip(NEAREST, OTHER, strict=True))
    slope = sp.diff(divergence(segment, LAW), t).subs(t, 0)
    height = sum(q * (sp.log(s) - sp.log(p)) for q, s, p in zip(OTHER, NEAREST, LAW, strict=True))
    derivation = Derivation("A convex set has no factor")
    derivation.given("D^*", r"\mathrm{KL}(s \,\|\, p)", "s is the law of E that is nearest to p, and q any law of E")
    derivation.equal(
        r"\left.\frac{d}{dt}\mathrm{KL}((1-t) s + t q \,\|\, p)\right|_{t=0} - \sum_i q_i \ln\frac{s_i}{p_i} + D^*",
        sp.Integer(0), "all laws add up to 1",
        value=on_simplex(slope - height + weight * divergence(NEAREST, LAW)),
    )  # fmt: skip
    derivation.stated(
        r"\sum_i q_i \ln\frac{s_i}{p_i} \ge D^*",
        "the segment lies in E and begins at its nearest law, so the derivative is not negative; in particular no law of E "
        "has letters that s has not",
    )
    derivation.equal(
        r"E\left[\frac{s_{x}}{p_{x}}\right]", sp.Integer(1), "a likelihood ratio, for one draw x from p",
        value=on_simplex(sum(p * (s / p) ** power for s, p in zip(NEAREST, LAW, strict=True))),
    )  # fmt: skip
    derivation.stated(
        r"1 = E\left[\prod_{m=1}^n \frac{s_{x_m}}{p_{x_m}}\right] = E\left[e^{n \sum_i L_{n,i} \ln(s_i/p_i)}\right]"
        r" \ge e^{n D^*} P(L_n \in E)",
        "the draws are independent; where the type is in E the exponent is at least n D^*",
    )
    return derivation


def every_set(letters: int = LETTERS) -> Derivation:
    """``(n+1)^-(k-1) exp(-n D) <= P(type) <= exp(-n D)`` for one type, here of three letters, and what follows for every set.

    Args:
        letters: the claimed k in the exponent.
    """
    total = sum(_COUNTS)
    share = tuple(c / total for c in _COUNTS)
    derivation = Derivation("One type and every set")
    logs = sum(c * (sp.log(p) - sp.log(s)) for c, p, s in zip(_COUNTS, LAW, share, strict=True))
    derivation.equal(
        r"\ln\frac{P_p(T_c)}{P_{c/n}(T_c)}", -total * divergence(share, LAW),
        "n = c_1 + c_2 + c_3 draws with the counts c; the multinomial coefficients cancel", value=logs,
    )  # fmt: skip
    derivation.stated(r"P_p(T_c) \le e^{-n \mathrm{KL}(c/n \,\|\, p)}", "a probability is at most 1")
    derivation.stated(
        r"\frac{P_{c/n}(T_d)}{P_{c/n}(T_c)} = \prod_i \frac{c_i!}{d_i!} \left(\frac{c_i}{n}\right)^{d_i - c_i}"
        r" \le \prod_i n^{c_i - d_i} = 1",
        "d!/c! is at least c to the power d - c, whichever is larger: under its own law no type is more probable than c",
    )
    derivation.positive(
        rf"(n+1)^{{{letters - 1}}} - \binom{{n+2}}{{2}}", (_N + 1) ** (letters - 1) - (_N + 1) * (_N + 2) / 2,
        "so many types there are at most (for k letters the binomial coefficient has factors (n + i)/i), and the most probable "
        "has at least its share",
    )  # fmt: skip
    derivation.stated(r"(n+1)^{-(k-1)}\, e^{-n \mathrm{KL}(c/n \,\|\, p)} \le P_p(T_c)", "by the first line")
    derivation.stated(
        r"(n+1)^{-(k-1)}\, e^{-n D_n} \le P(L_n \in E) \le (n+1)^{k-1}\, e^{-n D_n}",
        "D_n is the least divergence of a type in E, at least D^*",
    )
    derivation.stated(
        r"-\tfrac1n \ln P(L_n \in E) \to D^*",
        "types become dense and the divergence is continuous: D_n tends to D^* where E is the closure of its interior",
    )
    return derivation


def vertices(letters: int, factor: sp.Expr | None = None) -> Derivation:
    """All draws are alike: the set of the k vertices has the factor k, for every n.

    Args:
        letters: k.
        factor: the claimed factor.
    """
    uniform, rate = sp.Rational(1, letters), sp.log(letters)
    derivation = Derivation(f"All draws alike, from {letters} letters")
    derivation.equal("D^*", rate, "of every vertex, for the uniform law", value=-sp.log(uniform))
    derivation.equal(
        r"e^{n D^*} P(L_n \in E)", sp.Integer(letters) if factor is None else factor,
        "each of the k vertices has the probability k^{-n}", value=letters * (uniform * sp.exp(rate)) ** _N,
    )  # fmt: skip
    return derivation


def examples(two: sp.Expr = TWO, three: sp.Expr = THREE) -> Derivation:
    """The nearest laws of two half-spaces, in closed form.

    Args:
        two: the claimed exponential of the tilt for the law (3/5, 2/5) and the mean 3/5.
        three: the one for the law (1/2, 3/10, 1/5) and the mean 6/5.
    """
    derivation = Derivation("Two half-spaces")
    for x, (law, mean, digits) in zip((two, three), _EXAMPLES, strict=True):
        weights = [p * x**i for i, p in enumerate(law)]
        nearest = [w / sum(weights) for w in weights]
        derivation.equal(
            r"\sum_i i\, s_i", mean, f"the letters are 0, 1, ..., p = ({', '.join(map(str, law))}), s = p x^i / Z with x = {x}",
            value=sum(i * q for i, q in enumerate(nearest)),
        )  # fmt: skip
        derivation.computed("s", sp.Matrix([[derivation.field.normal(q) for q in nearest]]), "the tilted law")
        rate = mean * sp.log(x) - sp.log(sum(weights))
        tail = (rate - sp.Rational(digits)).evalf(20, maxn=200)
        derivation.holds(
            rf"D^* = {sp.latex(mean)} \ln x - \ln Z = {digits}\ldots",
            bool(0 <= tail < sp.Rational(1, 10 ** (len(digits) - 2))),
            "KL(s || p) in closed form", "evaluated to 50 certain digits",
        )  # fmt: skip
    return derivation


def prefactor(start: int = 0) -> Derivation:
    """``sqrt(n) exp(n D*) P(mean >= b)`` has a limit along the n for which n b is an integer, here with three letters 0, 1, 2.

    Args:
        start: the claimed first term of the geometric series.
    """
    b, sigma = sp.symbols("b sigma", positive=True)
    normal = sp.Symbol("Z", positive=True)
    excess = sp.Symbol("j", nonnegative=True)
    tilted = [p * _X**i / normal for i, p in enumerate(LAW)]
    derivation = Derivation("The factor of a half-space")
    derivation.given("s_i", r"p_i x^i / Z", "the nearest law, with the mean b; x = exp(lambda) > 1")
    logs = [sp.log(p) - sp.expand_log(sp.log(q)) for p, q in zip(LAW, tilted, strict=True)]
    counts = (_N - _COUNTS[1] - _COUNTS[2], _COUNTS[1], _COUNTS[2])
    derivation.equal(
        r"\ln\frac{P_p(T_c)}{P_s(T_c)}", _N * sp.log(normal) - (_COUNTS[1] + 2 * _COUNTS[2]) * sp.log(_X),
        "the sum of the draws is c_2 + 2 c_3", value=sum(c * one for c, one in zip(counts, logs, strict=True)),
    )  # fmt: skip
    derivation.equal(
        r"\ln\frac{P_p(T_c)}{P_s(T_c)}", -_N * (b * sp.log(_X) - sp.log(normal)) - excess * sp.log(_X),
        "with the sum n b + j; the bracket is D^*", value=_N * sp.log(normal) - (_N * b + excess) * sp.log(_X),
    )  # fmt: skip
    derivation.stated(
        r"e^{n D^*} P_p(S_n \ge n b) = \sum_{j \ge 0} x^{-j} P_s(S_n = n b + j)", "exactly, where n b is an integer"
    )
    derivation.given(
        r"\sqrt{n}\, P_s(S_n = n b + j)", r"\frac{1}{\sqrt{2 \pi \sigma^2}} + O(1/n)",
        "the local limit theorem at the mean of s, whose variance is sigma^2; bounded for all j",
    )  # fmt: skip
    derivation.equal(
        r"\lim_{n\to\infty} \sqrt{n}\, e^{n D^*} P_p(S_n \ge n b)", _X / ((_X - 1) * sp.sqrt(2 * sp.pi) * sigma),
        "a geometric series", value=_X**-start / (1 - 1 / _X) / (sp.sqrt(2 * sp.pi) * sigma),
    )  # fmt: skip
    return derivation


def divergence(q: tuple[sp.Expr, ...], p: tuple[sp.Expr, ...]) -> sp.Expr:
    """``KL(q || p)``."""
    return sum(a * (sp.log(a) - sp.log(b)) for a, b in zip(q, p, strict=True))


def on_simplex(expression: sp.Expr) -> sp.Expr:
    """The expression with the last probability of each law written as what the others leave."""
    return expression.subs({law[-1]: 1 - sum(law[:-1]) for law in (LAW, NEAREST, OTHER)})
