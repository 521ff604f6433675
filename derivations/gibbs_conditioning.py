r"""Gibbs conditioning: the draws, given that their type lies in a set E, are nearly independent draws from its nearest law s.

Sources: Csiszar 1984, Sanov property, generalized I-projection and a conditional limit theorem; Cover & Thomas 2006, section
11.6. The first order in 1/n is ours.
"""

import sympy as sp

from derivations import sanov
from derivations.derivation import Derivation
from derivations.sanov import LAW, NEAREST

_N, _P = sp.symbols("n P_E", positive=True)
_SIGMA, _X = sp.symbols("sigma x", positive=True)
_KAPPA, _U, _V = sp.symbols("kappa u v", real=True)
# The exponential of the tilt of the uniform law on -1, 0, 1 with the mean 1/2.
TILT = (1 + sp.sqrt(13)) / 2


def convex_set(information: sp.Expr = sp.Integer(1)) -> Derivation:
    """``n KL(law of one draw || s) <= -log P(E) - n D*`` for convex E.

    Args:
        information: the claimed factor of the mutual information in the chain rule.
    """
    counts = sp.symbols("c_1:4", positive=True)
    derivation = Derivation("Draws given a convex set")
    derivation.include(sanov.convex_set())
    derivation.equal(
        r"\ln\frac{P(x_1, \ldots, x_n \mid E)}{s_{x_1} \cdots s_{x_n}}",
        -sp.log(_P) - sum(c * (sp.log(s) - sp.log(p)) for c, s, p in zip(counts, NEAREST, LAW, strict=True)),
        "for a sequence with the counts c, if their type is in E; P_E is the probability of that",
        value=sp.expand_log(sp.log(sp.Mul(*((p / s) ** c for c, s, p in zip(counts, NEAREST, LAW, strict=True))) / _P)),
    )  # fmt: skip
    derivation.stated(
        r"\mathrm{KL}(P(\cdot \mid E) \,\|\, s^n) \le -\ln P_E - n D^*",
        "the mean of that line: on E the sum is at least n D^*, as above",
    )
    joint = sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"r_{i + 1}{j + 1}", positive=True))
    rows, columns = [sum(joint[i, :]) for i in (0, 1)], [sum(joint[:, i]) for i in (0, 1)]
    pairs = [(i, j) for i in (0, 1) for j in (0, 1)]
    together = sum(joint[i, j] * sp.log(joint[i, j]) - joint[i, j] * sp.log(NEAREST[i]) for i, j in pairs)
    together -= sum(joint[i, j] * sp.log(NEAREST[j]) for i, j in pairs)
    mutual = sum(joint[i, j] * (sp.log(joint[i, j]) - sp.log(rows[i]) - sp.log(columns[j])) for i, j in pairs)
    alone = sum(a * (sp.log(a) - sp.log(s)) for law in (rows, columns) for a, s in zip(law, NEAREST, strict=False))
    derivation.equal(
        r"\mathrm{KL}(r \,\|\, s \otimes s) - \mathrm{KL}(r_1 \,\|\, s) - \mathrm{KL}(r_2 \,\|\, s) - I", sp.Integer(0),
        "for a joint law r with the marginal laws r_1 and r_2, here of two letters; I = KL(r || r_1 x r_2) is at least 0",
        value=together - alone - information * mutual,
    )  # fmt: skip
    derivation.stated(
        r"n\, \mathrm{KL}(P(x_1 \mid E) \,\|\, s) \le -\ln P_E - n D^*",
        "the marginal laws of the n draws are all the same; draw by draw, the divergences add up to at most that of all",
    )
    derivation.stated(
        r"\lfloor n/2 \rfloor\, \mathrm{KL}(P(x_1, x_2 \mid E) \,\|\, s \otimes s) \le -\ln P_E - n D^*",
        "pair by pair, so that also pairs become independent; and likewise blocks of any fixed length",
    )
    derivation.stated(r"-\tfrac1n \ln P_E - D^* \to 0", "Sanov's limit, for a set that is the closure of its interior")
    return derivation


def first_order(skewness: sp.Expr = sp.Integer(1), overshoot: sp.Expr = 1 / (_X - 1)) -> Derivation:
    """The term of order 1/n for the laws with a mean of at least b of integer letters, where n b is an integer.

    Args:
        skewness: the claimed factor of the third cumulant.
        overshoot: the claimed mean of what the sum exceeds n b by.
    """
    epsilon, j = sp.symbols("epsilon j", positive=True)
    constant, m = sp.symbols("h m", real=True)

    def local(deviation: sp.Expr) -> sp.Expr:
        return constant - deviation**2 / (2 * _SIGMA**2) - _KAPPA * deviation / (2 * _SIGMA**4)

    def ratio(letters: int, deviation: sp.Expr) -> sp.Expr:
        left = 1 - letters * epsilon
        return (1 + epsilon / left * local(j - deviation)) / (sp.sqrt(left) * (1 + epsilon * local(j)))

    def slope(letters: int, deviation: sp.Expr) -> sp.Expr:
        return sp.diff(ratio(letters, deviation), epsilon).subs(epsilon, 0)

    one = sp.Rational(1, 2) - _U**2 / (2 * _SIGMA**2)
    one += _U * (m / _SIGMA**2 + skewness * _KAPPA / (2 * _SIGMA**4))
    derivation = Derivation("One draw and two draws to first order")
    derivation.given(
        r"\sqrt{2\pi\sigma^2 n}\, P_s(S_n = n b + y)",
        r"1 + \frac1n \left(h - \frac{y^2}{2\sigma^2} - \frac{\kappa y}{2\sigma^4}\right) + O(n^{-2})",
        "the local limit theorem with its next term, at the mean b of s; sigma^2 and kappa are its second and third cumulant",
    )
    derivation.given(
        r"\frac{P(x_1 = b + u \mid S_n = n b + j)}{s(b + u)}",
        r"\frac{P_s(S_{n-1} = (n-1) b + j - u)}{P_s(S_n = n b + j)}", "draws given their sum are those from s",
    )  # fmt: skip
    derivation.equal(
        r"\left.\frac{d}{d(1/n)} \frac{P_s(S_{n-1} = (n-1) b + j - u)}{P_s(S_n = n b + j)}\right|_{n = \infty}",
        one.subs(m, j), "by that expansion", value=slope(1, _U),
    )  # fmt: skip
    derivation.equal(
        r"E[j]", overshoot, "P(j) is (1 - 1/x) x^{-j} in the limit, x = exp(lambda); by the derivative of ln sum x^{-j}",
        value=-_X * sp.diff(-sp.log(1 - 1 / _X), _X),
    )  # fmt: skip
    derivation.stated(
        rf"n \left(\frac{{P(x_1 = b + u \mid E)}}{{s(b + u)}} - 1\right) \to a(u) = {sp.latex(one)}",
        "the mean over j, given E: to this order only its mean m = E[j] counts",
    )
    expanded = sp.Poly(one, _U)
    moments = {0: sp.Integer(1), 1: sp.Integer(0), 2: _SIGMA**2, 3: _KAPPA}
    derivation.equal(
        r"E_s[a(u)]", sp.Integer(0), "so that probabilities add up to 1",
        value=sum(c * moments[k] for (k,), c in expanded.terms()),
    )  # fmt: skip
    derivation.equal(
        r"E_s[u\, a(u)]", m, "draws are exchangeable: the mean of one exceeds b by E[j]/n",
        value=sum(c * moments[k + 1] for (k,), c in expanded.terms()),
    )  # fmt: skip
    derivation.equal(
        r"a(u, v) - a(u) - a(v)", -_U * _V / _SIGMA**2, "a(u, v) is the term of two draws: they depend on each other",
        value=slope(2, _U + _V) - slope(1, _U) - slope(1, _V),
    )  # fmt: skip
    return derivation


def two_sides(weight: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """The uniform law on -1, 0, 1, given a mean of at least 1/2 or at most -1/2.

    Args:
        weight: the claimed probability of the upper side.
    """
    letters = (-1, 0, 1)
    up = [TILT**i for i in letters]
    total = sum(up)
    up = [sp.radsimp(w / total) for w in up]
    down = up[::-1]
    derivation = Derivation("A set of two sides")
    derivation.equal(
        r"\sum_i i\, s^+_i", sp.Rational(1, 2), f"for s^+ proportional to x^i, with x = {TILT}",
        value=sum(i * q for i, q in zip(letters, up, strict=True)),
    )  # fmt: skip
    derivation.computed(
        r"s^+", sp.Matrix([up]), "for the letters -1, 0, 1; s^- is its mirror image, at the same divergence"
    )
    derivation.stated(
        r"P(\cdot \mid E) = \tfrac12 P(\cdot \mid E^+) + \tfrac12 P(\cdot \mid E^-)",
        "the sides are mirror images without a common law; each is convex, and its draws tend to those from its nearest law",
    )
    mixture = [weight * a + (1 - weight) * b for a, b in zip(up, down, strict=True)]
    root = sp.sqrt(13)
    limit = [(8 - root) / 12, (root - 2) / 6, (8 - root) / 12]
    derivation.equal(r"\lim P(x_1 \mid E)", sp.Matrix([limit]), "the mixture", value=sp.Matrix([mixture]))
    derivation.equal(
        r"\mathrm{TV}(\lim P(x_1 \mid E), s^+)", sp.Rational(1, 4), "half the sum of (1/4, 0, 1/4)",
        value=((limit[0] - up[0]) + (up[2] - limit[2])) / 2,
    )  # fmt: skip
    product = [[weight * up[i] * up[k] + (1 - weight) * down[i] * down[k] for k in range(3)] for i in range(3)]
    derivation.equal(
        r"\lim E[x_1 x_2 \mid E]", sp.Rational(1, 4), "while both have the mean 0: they do not become independent",
        value=sum(letters[i] * letters[k] * product[i][k] for i in range(3) for k in range(3)),
    )  # fmt: skip
    derivation.given(
        r"n(n-1) E[x_1 x_2 \mid E]", r"E[S_n^2 - \sum_m x_m^2 \mid E]", "exchangeable draws with the sum S_n"
    )
    derivation.equal(
        r"\frac{(n/2)^2 - n}{n (n-1)}", (_N - 4) / (4 * (_N - 1)),
        "on E the square of the sum is at least (n/2)^2: for n > 4 any two draws are correlated, by at least this",
        value=(_N**2 / 4 - _N) / (_N * (_N - 1)),
    )  # fmt: skip
    return derivation
