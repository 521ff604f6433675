r"""Moments of the score and the expansion of the divergence, exact, for every exponential family.

``p(x; eta) = h(x) exp(eta . s(x) - psi(eta))`` with respect to any measure. At an interior point of the natural parameter
space psi is analytic and moments are derivatives of the generating function (Brown, Fundamentals of Statistical
Exponential Families, 1986, theorem 2.2); the rest is algebra of power series.

Source: Amari & Nagaoka 2000, sections 2.2, 3.2 and 3.5.
"""

import itertools
from collections.abc import Mapping, Sequence
from math import factorial, prod

import sympy as sp

from derivations.derivation import Derivation
from derivations.fields import Field

_AXES = 4
_CANONICAL = "canonical form of the difference is 0"
Index = tuple[int, ...]


def score_moments(metric_factor: int = 1, skewness_factor: int = 1, pairs: int = 1) -> Derivation:
    """Moments of the score from the log-partition function, as coefficients of a generating function.

    Four parameters suffice: a component of order four involves no more, and the others may be held fixed.

    Args:
        metric_factor: claimed ratio of ``E[u_i u_j]`` and the second derivatives.
        skewness_factor: claimed ratio of ``E[u_i u_j u_k]`` and the third derivatives.
        pairs: claimed factor of the products of second derivatives in the fourth moment.
    """
    derivation = Derivation("Moments of the score of every exponential family")
    eta, t, s = (sp.symbols(f"{name}1:{_AXES + 1}", real=True) for name in ("eta", "t", "s"))
    psi, base = sp.Function("psi"), sp.log(sp.Symbol("h", positive=True))

    def log_density(point: Sequence[sp.Expr]) -> sp.Expr:
        return base + sum(a * b for a, b in zip(point, s, strict=True)) - psi(*point)

    derivation.given(r"\ln p(x; \eta)", r"\ln h(x) + \eta \cdot s(x) - \psi(\eta)", "the density of the family")
    score = [sp.diff(log_density(eta), parameter) for parameter in eta]
    slopes = [sp.diff(psi(*eta), parameter) for parameter in eta]
    zero = all(derivation.field.is_zero(u - a + b) for u, a, b in zip(score, s, slopes, strict=True))
    derivation.holds(r"u_i := \partial_i \ln p = s_i - \partial_i \psi", zero, "the score", _CANONICAL)
    moved = [a + b for a, b in zip(eta, t, strict=True)]
    shift = log_density(eta) + sum(a * b for a, b in zip(t, score, strict=True)) - log_density(moved)
    expected = psi(*moved) - psi(*eta) - sum(a * b for a, b in zip(t, slopes, strict=True))
    derivation.holds(
        r"\ln p(x; \eta) + t \cdot u = \ln p(x; \eta + t) + \psi(\eta + t) - \psi(\eta) - t \cdot \nabla \psi(\eta)",
        derivation.field.is_zero(shift - expected),
        "a shift of the natural parameters; the difference of the densities does not depend on x",
        _CANONICAL,
    )
    derivation.stated(
        r"E_\eta[e^{t \cdot u}] = e^{\psi(\eta + t) - \psi(\eta) - t \cdot \nabla \psi(\eta)}",
        "the density at eta + t integrates to 1; moments of the score are derivatives at t = 0",
    )
    jets = {index: sp.Symbol("psi_" + "".join(str(i + 1) for i in index)) for order in (2, 3, 4)
            for index in itertools.combinations_with_replacement(range(_AXES), order)}  # fmt: skip
    moments = _moments(jets, t)
    derivation.equal("E[u_i]", sp.Integer(0), "order 1", value=[moments[i,] for i in range(_AXES)])
    claimed = {i: (metric_factor, skewness_factor, 1)[len(i) - 2] * jet + pairs * _pairs(jets, i)
               for i, jet in jets.items()}  # fmt: skip
    for order, left, right, reason in (
        (2, "E[u_i u_j]", r"\partial_i \partial_j \psi = g_{ij}", "order 2: the Fisher metric"),
        (3, "E[u_i u_j u_k]", r"\partial_i \partial_j \partial_k \psi = T_{ijk}", "order 3: the skewness tensor"),
        (4, "E[u_i u_j u_k u_l]", r"\partial_i \partial_j \partial_k \partial_l \psi + g_{ij} g_{kl} + g_{ik} g_{jl}"
            " + g_{il} g_{jk}", "order 4: the fourth derivatives are the fourth cumulants"),
    ):  # fmt: skip
        indices = [index for index in jets if len(index) == order]
        zero = all(derivation.field.is_zero(moments[index] - claimed[index]) for index in indices)
        derivation.holds(f"{left} = {right}", zero, reason, f"all {len(indices)} coefficients agree")
    return derivation


def finite_sample_space(letters: int = 3, metric_factor: int = 1, skewness_factor: int = 1) -> Derivation:
    """Metric and skewness of an exponential family on a finite set, with symbolic weights and two statistics.

    Args:
        letters: size of the set.
        metric_factor: claimed ratio of the covariance and the second derivatives of psi.
        skewness_factor: claimed ratio of the third central moment and the third derivatives.
    """
    derivation = Derivation(f"Metric and skewness on {letters} letters", Field())
    weights = sp.symbols(f"w1:{letters + 1}", positive=True)
    statistics = [sp.symbols(f"{name}1:{letters + 1}", real=True) for name in ("s", "r")]
    total = sum(weights)

    def slope(expression: sp.Expr, i: int) -> sp.Expr:
        return sum(q * w * sp.diff(expression, w) for q, w in zip(statistics[i], weights, strict=True))

    derivation.given("w_x", r"h(x) e^{\eta \cdot s(x)}", "weights of the letters, not normalised")
    derivation.given(r"\partial_i w_x", "s_i(x) w_x", "so that derivatives act on functions of the weights")
    probabilities = [w / total for w in weights]
    mean = [sum(p * q for p, q in zip(probabilities, statistic, strict=True)) for statistic in statistics]
    zero = all(derivation.field.is_zero(slope(sp.log(total), i) - mean[i]) for i in range(2))
    derivation.holds(
        r"\partial_i \psi = E[s_i]", zero, "the mean of the statistics, with psi = ln(sum of w)", _CANONICAL
    )
    score = [[slope(p, i) / p for p in probabilities] for i in range(2)]
    second = {(i, j): slope(mean[i], j) for i, j in ((0, 0), (0, 1), (1, 1))}
    third = {(i, j, k): slope(second[i, j], k) for i, j, k in ((0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1))}
    for name, derivatives, factor in (
        (r"\partial_i \partial_j \psi", second, metric_factor),
        (r"\partial_i \partial_j \partial_k \psi", third, skewness_factor),
    ):
        expected = [
            factor * sum(p * prod(score[i][x] for i in index) for x, p in enumerate(probabilities))
            for index in derivatives
        ]
        reason = f"the moment of order {len(next(iter(derivatives)))} of the score"
        letters_used = " ".join("u_" + "ijk"[n] for n in range(len(next(iter(derivatives)))))
        zero = all(derivation.field.is_zero(a - b) for a, b in zip(derivatives.values(), expected, strict=True))
        derivation.holds(f"{name} = E[{letters_used}]", zero, reason, _CANONICAL)
    return derivation


def divergence_expansion(third: sp.Expr = sp.Rational(1, 6), reverse: sp.Expr = sp.Rational(1, 3)) -> Derivation:
    """The Kullback-Leibler divergence to third order and its sign, from the jet of psi.

    Args:
        third: claimed coefficient of ``T(v, v, v)`` in ``KL(eta || eta + v)``.
        reverse: claimed coefficient in ``KL(eta + v || eta)``.
    """
    derivation = Derivation("The divergence of every exponential family to third order")
    r, order = sp.Symbol("r", real=True), sp.symbols("m2:5", real=True)
    derivation.given(
        r"\mathrm{KL}(\eta \| \eta')",
        r"E_\eta[\ln p(x; \eta) - \ln p(x; \eta')] = \psi(\eta') - \psi(\eta) - (\eta' - \eta) \cdot \nabla \psi(\eta)",
        "the mean of the statistics is the gradient of psi",
    )
    derivation.given(r"\psi(\eta + r v) - \psi(\eta) - r\, v \cdot \nabla \psi(\eta)",
                     r"\tfrac{r^2}{2} g(v, v) + \tfrac{r^3}{6} T(v, v, v) + O(r^4)",
                     "Taylor's formula along a line; psi is analytic")  # fmt: skip
    along = sum(m * r**k / factorial(k) for k, m in enumerate(order, start=2))
    forward, backward = along, sp.expand(r * sp.diff(along, r) - along)
    for name, divergence, coefficient in (
        (r"\mathrm{KL}(\eta \| \eta + r v)", forward, third),
        (r"\mathrm{KL}(\eta + r v \| \eta)", backward, reverse),
    ):
        rest = sp.Poly(divergence - order[0] * r**2 / 2 - coefficient * order[1] * r**3, r)
        derivation.holds(
            rf"{name} = \tfrac{{1}}{{2}} r^2 g(v, v) + {sp.latex(coefficient)} r^3 T(v, v, v) + O(r^4)",
            min(power for (power,) in rest.monoms()) >= 4,
            "coefficients compared",
            "the difference of the polynomials is divisible by r^4",
        )
    f = sp.Function("f")(r)
    derivation.equal(
        r"\frac{d}{dr}\left[(1 - r) f'(r) + f(r)\right]",
        (1 - r) * sp.diff(f, r, 2),
        "for f(r) = psi(eta + r v): integrated from 0 to 1, the left side is the divergence",
        value=sp.diff((1 - r) * sp.diff(f, r) + f, r),
    )
    derivation.stated(
        r"\mathrm{KL}(\eta \| \eta + v) = \int_0^1 (1 - r)\, E_{\eta + r v}[(v \cdot u)^2]\, dr \ge 0",
        "the second derivative of psi along v is a variance; the natural parameter space is convex",
    )
    return derivation


def _moments(jets: Mapping[Index, sp.Symbol], t: Sequence[sp.Symbol]) -> dict[Index, sp.Expr]:
    """Derivatives at 0 of the exponential of the series with these derivatives, up to fourth order."""
    parts = dict.fromkeys((2, 3, 4), sp.Integer(0))
    for index, jet in jets.items():
        monomial = prod(t[i] for i in index)
        parts[len(index)] += jet * monomial / prod(factorial(index.count(i)) for i in set(index))
    # The series begins at second order, so higher powers of it begin at sixth.
    series = sp.Poly(parts[2] + parts[3] + parts[4] + parts[2] ** 2 / 2, *t)
    coefficients = {powers: coefficient * prod(map(factorial, powers)) for powers, coefficient in series.terms()}
    indices = [i for order in (1, 2, 3, 4) for i in itertools.combinations_with_replacement(range(len(t)), order)]
    return {i: coefficients.get(tuple(i.count(k) for k in range(len(t))), sp.Integer(0)) for i in indices}


def _pairs(jets: Mapping[Index, sp.Symbol], index: Index) -> sp.Expr:
    """The three products of second derivatives in a fourth moment."""
    if len(index) < 4:
        return sp.Integer(0)
    i, j, k, m = index
    return sum(jets[a] * jets[b] for a, b in (((i, j), (k, m)), ((i, k), (j, m)), ((i, m), (j, k))))
