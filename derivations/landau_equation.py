r"""The BKW solution of the spatially homogeneous Landau equation for Maxwell molecules, in two and three dimensions.

``df/dt = div int A(v-w) (f(w) grad f(v) - f(v) grad f(w)) dw`` with ``A(z) = c (|z|^2 1 - z z^T)``; mass 1, momentum 0,
temperature 1.

Source: Carrillo, Hu, Wang & Wu 2020, the test cases with exact solutions; Villani 1998 for the entropy of Maxwell molecules.
"""

from functools import reduce

import sympy as sp
from sympy.polys.rings import PolyRing

from derivations.derivation import Derivation

K = sp.Symbol("K", positive=True)
C = sp.Symbol("c", positive=True)


def prefactor(d: int, square: sp.Expr, correction: int | None = None) -> sp.Expr:
    """``f`` over the normal density of variance K, as a polynomial in ``|v|^2``.

    Args:
        d: the dimension.
        square: ``|v|^2``.
        correction: the dimension in the constant term, if it shall be another.
    """
    n = d if correction is None else correction
    return ((n + 2) * K - n) / (2 * K) + (1 - K) / (2 * K**2) * square


def solution(d: int, rate: int | None = None, correction: int | None = None, cross: int = 1) -> Derivation:
    """The equation holds exactly, with ``dK/dt = 2 (d-1) c (1-K)``.

    Args:
        d: the dimension, 2 or 3.
        rate: the claimed multiple of ``c (1-K)`` in ``dK/dt``.
        correction: the dimension that the constant term is claimed to have.
        cross: the claimed factor of ``z z^T`` in A.
    """
    v, w = (sp.symbols(f"{name}_1:{d + 1}", real=True) for name in "vw")
    square = sum(x**2 for x in v)
    here = prefactor(d, square, correction)
    there = here.subs(dict(zip(v, w, strict=True)), simultaneous=True)
    growth = (2 * (d - 1) if rate is None else rate) * C * (1 - K)
    derivation = Derivation(f"The BKW solution in {d} dimensions")
    derivation.given(
        "f", rf"(2\pi K)^{{-{sp.Rational(d, 2)}}} e^{{-{{|v|}}^2/(2K)}}"
        rf" \left({sp.latex(prefactor(d, sp.Symbol('s', positive=True)))}\right)",
        "with s the square of |v|",
    )  # fmt: skip
    derivation.given(r"\frac{dK}{dt}", growth, r"so K = 1 - C exp(-2 (d-1) c t)")
    z = [x - y for x, y in zip(v, w, strict=True)]
    length = sum(x**2 for x in z)
    # f(w) grad f(v) - f(v) grad f(w) over both normal densities.
    difference = [
        there * (sp.diff(here, x) - x / K * here) - here * (sp.diff(there, y) - y / K * there)
        for x, y in zip(v, w, strict=True)
    ]
    along = sum(x * y for x, y in zip(z, difference, strict=True))
    flux = [_mean(C * (length * e - cross * x * along), w) for x, e in zip(z, difference, strict=True)]
    derivation.equal(
        r"\int A(v-w)\left(f(w)\nabla f(v) - f(v)\nabla f(w)\right) dw \Big/ g",
        [C * (d - 1) * (sp.diff(here, x) - x / K * here + x * here) for x in v],
        "by moments of the normal law g of variance K: the flux of a linear equation, c (d-1) (grad f + v f)", value=flux,
    )  # fmt: skip
    divergence = sum(sp.diff(j, x) - x / K * j for x, j in zip(v, flux, strict=True))
    slope = (sp.diff(here, K) + here * (square / (2 * K**2) - sp.Rational(d, 2) / K)) * growth
    derivation.equal(
        r"\left(\partial_t f - \nabla\cdot J\right) \Big/ g", sp.Integer(0), "with the flux J: the equation holds for every v",
        value=slope - divergence,
    )  # fmt: skip
    return derivation


def invariants(d: int, correction: int | None = None) -> Derivation:
    """Mass, momentum and energy stay, and f is a density for ``d/(d+2) <= K <= 1``.

    Args:
        d: the dimension.
        correction: the dimension that the constant term is claimed to have.
    """
    v = sp.symbols(f"v_1:{d + 1}", real=True)
    square = sum(x**2 for x in v)
    f = prefactor(d, square, correction)
    derivation = Derivation(f"What the BKW solution conserves in {d} dimensions")
    derivation.equal(r"\int f\, dv", sp.Integer(1), "for every K", value=_mean(f, v))
    derivation.equal(r"\int v_i f\, dv", [sp.Integer(0)] * d, "an odd integrand", value=[_mean(x * f, v) for x in v])
    derivation.equal(r"\int {|v|}^2 f\, dv", sp.Integer(d), "so the temperature is 1", value=_mean(square * f, v))
    derivation.equal(
        r"\int {|v|}^4 f\, dv", d * (d + 2) * (1 - (1 - K) ** 2), "which moves, to that of the Maxwellian",
        value=_mean(square**2 * f, v),
    )  # fmt: skip
    least, k = sp.Rational(d, d + 2), sp.Symbol("k", positive=True)
    derivation.equal(rf"f(0)\; \mathrm{{at}}\; K = {sp.latex(least)}", sp.Integer(0), "the least width",
                     value=f.subs(dict.fromkeys(v, 0)).subs(K, least))  # fmt: skip
    s = sp.Symbol("s", positive=True)
    between = {K: (least + k) / (1 + k)}
    derivation.positive(
        r"f / g", prefactor(d, s), "for widths from there up to 1, and s the square of |v|", positive=between
    )
    derivation.positive(
        "-f(0)", -prefactor(d, sp.Integer(0)), "for smaller widths: no density", positive={K: least / (1 + k)}
    )
    derivation.positive(
        r"-\lim_{s\to\infty} f / (g s)", -(1 - K) / (2 * K**2), "nor for larger ones", positive={K: 1 + k}
    )
    return derivation


def radial(d: int, count: int | None = None) -> Derivation:
    """For a radial density of temperature 1 the equation is linear: ``df/dt = c (d-1) div(grad f + v f)``.

    Args:
        d: the dimension, 2 or 3.
        count: the claimed factor of c.
    """
    v, w = (sp.symbols(f"{name}_1:{d + 1}", real=True) for name in "vw")
    f, slope = sp.symbols("f f'", real=True)
    z = [x - y for x, y in zip(v, w, strict=True)]
    kernel = sp.Matrix(d, d, lambda i, j: C * ((sum(x**2 for x in z) if i == j else 0) - z[i] * z[j]))
    derivation = Derivation(f"Radial densities in {d} dimensions")
    mean = kernel.applyfunc(lambda entry: _second_moments(entry, w))
    unit = sp.eye(d)
    point = sp.Matrix(v)
    derivation.equal(
        r"\int A(v-w) f(w)\, dw", C * ((point.dot(point) + d - 1) * unit - point * point.T),
        "mass 1, momentum 0 and second moments 1", value=mean,
    )  # fmt: skip
    drift = [-sum(sp.diff(kernel[i, j], w[j]) for j in range(d)) for i in range(d)]
    derivation.equal(
        r"\int A(v-w) \nabla f(w)\, dw", [-C * (d - 1) * x for x in v], "by parts, and by the same moments",
        value=[_second_moments(entry, w) for entry in drift],
    )  # fmt: skip
    flux = mean * (slope * point) + f * C * (d - 1) * point
    factor = d - 1 if count is None else count
    derivation.equal(
        r"\int A(v-w)\left(f(w)\nabla f(v) - f(v)\nabla f(w)\right) dw", factor * C * (slope + f) * point,
        "with grad f = f' v, which z z^T leaves alone: the flux of c (d-1) (grad f + v f)", value=flux,
    )  # fmt: skip
    return derivation


def dissipation(d: int, half: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """The entropy production of a radial density is ``c (d-1)`` times its Fisher information relative to the Maxwellian.

    Args:
        d: the dimension, 2 or 3.
        half: the claimed factor of the double integral.
    """
    v, w = (sp.Matrix(sp.symbols(f"{name}_1:{d + 1}", real=True)) for name in "vw")
    a, b = sp.symbols("a b", real=True)
    derivation = Derivation(f"Entropy production in {d} dimensions")
    derivation.given(
        r"-\frac{d}{dt}\int f \log f", r"\tfrac12 \int\int \left(\sigma - \sigma'\right)^T A(v-w) \left(\sigma - \sigma'\right)"
        r" f(v) f(w)\, dv\, dw",
        "by parts and exchange of v and w; the scores at v and w are the gradients of log f",
    )  # fmt: skip
    z, gap = v - w, a * v - b * w
    area = v.dot(v) * w.dot(w) - v.dot(w) ** 2
    derivation.equal(
        r"\left(\sigma - \sigma'\right)^T A(v-w) \left(\sigma - \sigma'\right)"
        r" - c\, (a - b)^2 \left({|v|}^2 {|w|}^2 - (v\cdot w)^2\right)", sp.Integer(0),
        "for a radial density, whose scores are a v and b w",
        value=C * (z.dot(z) * gap.dot(gap) - z.dot(gap) ** 2) - C * (a - b) ** 2 * area,
    )  # fmt: skip
    of_score = sp.Symbol("S", positive=True)
    derivation.given(
        r"E{|\sigma|}^2,\; E[\sigma\cdot v],\; E{|v|}^2", [of_score, sp.Integer(-d), sp.Integer(d)],
        "by parts, and temperature 1; the square of v.w is on average that of |v| |w| over d",
    )  # fmt: skip
    squares = of_score * d - 2 * sp.Integer(d) ** 2 + d * of_score
    derivation.equal(
        r"-\frac{d}{dt}\int f \log f", C * (d - 1) * (of_score + 2 * sp.Integer(-d) + d),
        r"c (d-1) E|score + v|^2: the Fisher information relative to the Maxwellian, whose score is -v",
        value=half * C * (1 - sp.Rational(1, d)) * squares,
    )  # fmt: skip
    derivation.stated(
        r"\int f \log \frac{f}{M} \le e^{-2 c (d-1) t} \int f_0 \log \frac{f_0}{M}",
        "the logarithmic Sobolev inequality: twice the relative entropy is at most that information",
    )
    return derivation


def last_rate(d: int, order: int = 2) -> Derivation:
    """Near the Maxwellian the relative entropy of the BKW solution is of fourth order in ``1 - K``.

    Args:
        d: the dimension.
        order: the claimed order of ``f/M - 1``.
    """
    v, s = sp.symbols(f"v_1:{d + 1}", real=True), sp.Symbol("s", positive=True)
    ratio = prefactor(d, s) * K ** (-sp.Rational(d, 2)) * sp.exp(s / 2 - s / (2 * K))
    derivation = Derivation(f"The last rate of the BKW solution in {d} dimensions")
    derivation.given("f/M", ratio, "with s the square of |v|")
    derivation.equal(
        r"\left(f/M,\; \partial_K (f/M)\right)", [sp.Integer(1)] + [sp.Integer(0)] * (order - 1),
        "at K = 1: f/M - 1 is of second order",
        value=[sp.diff(ratio, K, n).subs(K, 1) for n in range(order)],
    )  # fmt: skip
    second = -(s**2 - 2 * (d + 2) * s + d * (d + 2)) / 4
    derivation.equal(r"\partial_K^2 (f/M)", second, "at K = 1", value=sp.diff(ratio, K, order).subs(K, 1))
    square = sum(x**2 for x in v)
    derivation.equal(
        r"\tfrac12 \int M \left(\tfrac12 \partial_K^2 (f/M)\right)^2", sp.Rational(d * (d + 2), 16),
        "so the relative entropy is this times (1-K)^4, up to higher orders: it falls like exp(-8 (d-1) c t)",
        value=_mean((second.subs(s, square) / 2) ** 2 / 2, v).subs(K, 1),
    )  # fmt: skip
    return derivation


def _mean(polynomial: sp.Expr, variables: tuple[sp.Symbol, ...]) -> sp.Expr:
    """The mean of a polynomial in independent normal variables of variance K."""

    def moment(power: int) -> sp.Expr:
        return sp.Integer(0) if power % 2 else sp.factorial2(power - 1) * K ** (power // 2)

    # Ring arithmetic expands products much faster than expressions do.
    others = sorted(polynomial.free_symbols - set(variables), key=str)
    coefficients = sp.QQ.frac_field(*others)
    terms = PolyRing(variables, coefficients).from_expr(polynomial).terms()
    return sum(
        coefficients.to_sympy(weight) * reduce(lambda x, n: x * moment(n), powers, sp.Integer(1))
        for powers, weight in terms
    )


def _second_moments(polynomial: sp.Expr, variables: tuple[sp.Symbol, ...]) -> sp.Expr:
    """The mean of a polynomial of degree 2 in variables with mean 0 and unit covariance."""
    terms = sp.Poly(polynomial, *variables).terms()
    return sum((weight for powers, weight in terms if all(n in (0, 2) for n in powers)), sp.Integer(0))
