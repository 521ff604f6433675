r"""The natural gradient ``v = g^-1 dL``: its flow knows no chart, its steps do, and it is not the only such rule.

Conventions as in :mod:`derivations.reparametrisation`: ``x = phi(y)`` with Jacobian J and second derivatives H at the
point. A rule gives the velocity ``-v``; a step of size h in a chart adds ``-h v`` to the coordinates.

Source: Amari 1998 (Neural Computation 10); the claim of uniqueness is zhuravlev-2026-regulator.
"""

import sympy as sp

from derivations.derivation import Derivation


def flow(with_metric: bool = True) -> Derivation:
    """The natural gradient is a vector field: its flow is the same curve in every chart.

    Args:
        with_metric: False leaves the metric out, which is the Euclidean gradient.
    """
    derivation = Derivation("The natural gradient in another chart")
    derivation.given(r"(g', dL')", r"(J^{T} g J,\; J^{T} dL)", "covariant tensor and covector")
    for d in (2, 3):
        J, g, slope = _jacobian(d), _metric(d), _covector(d)
        v = sp.Matrix(sp.symbols(f"v1:{d + 1}", real=True))
        there, here = (J.T * g * J, g) if with_metric else (sp.eye(d), sp.eye(d))
        derivation.equal(
            r"(g' v' - dL') - J^{T} (g\, J v' - dL)", sp.Integer(0),
            f"in dimension {d}: v' solves g' v' = dL' exactly if v = J v' solves g v = dL",
            value=there * v - J.T * slope - J.T * (here * J * v - slope),
        )  # fmt: skip
    J, g, slope = _jacobian(2), _metric(2), _covector(2)
    derivation.equal(
        r"J\, g'^{-1} dL' - g^{-1} dL", sp.Integer(0), "the law of a vector, with both inverses written out",
        value=J * (J.T * g * J).inv(method="ADJ") * J.T * slope - g.inv(method="ADJ") * slope,
    )  # fmt: skip
    derivation.stated(
        r"\dot y = -v'(y) \iff \dot x = -v(x)", "the chain rule: the solution in y is the solution in x, seen in y"
    )
    return derivation


def step(first: sp.Expr = sp.Integer(0), second: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    r"""A step in two charts differs by ``h^2/2 H(v', v') + O(h^3)``.

    Args:
        first: the claimed factor of ``h J v'``.
        second: the claimed factor of ``h^2 H(v', v')``.
    """
    h, d = sp.Symbol("h", real=True), range(2)
    J, v = _jacobian(2), sp.Matrix(sp.symbols("v1:3", real=True))
    H = [sp.Matrix(2, 2, sp.symbols(f"H{a}11 H{a}12 H{a}12 H{a}22", real=True)) for a in (1, 2)]
    K = [sp.Symbol(f"K{a}", real=True) for a in (1, 2)]
    derivation = Derivation("A step of the natural gradient in two charts")
    derivation.given(
        r"\varphi^a(y - h v')", r"\varphi^a(y) - h J^a_i v'^i + \tfrac{h^2}{2} H^a_{ij} v'^i v'^j - h^3 K^a",
        "Taylor's formula with remainder: K is bounded where the third derivatives are",
    )  # fmt: skip
    bend = [(v.T * H[a] * v)[0] for a in d]
    through_y = [-h * (J[a, :] * v)[0] + h**2 * bend[a] / 2 - h**3 * K[a] for a in d]
    through_x = [-h * (J[a, :] * v)[0] for a in d]
    claimed = [first * h * (J[a, :] * v)[0] + second * h**2 * bend[a] for a in d]
    derivation.equal(
        r"\varphi(y - h v') - (\varphi(y) - h v) - \tfrac{h^2}{2} H(v', v') + h^3 K",
        sp.Integer(0),
        "v = J v', so first order cancels and the second derivatives of the map remain",
        value=[a - b - c + h**3 * k for a, b, c, k in zip(through_y, through_x, claimed, K, strict=True)],
    )
    return derivation


def example(through_logarithm: sp.Expr | None = None) -> Derivation:
    """``sigma`` against ``ln sigma``: metric ``2/sigma^2``, loss ``(sigma - 3)^2/2``, start 1, step 1/10.

    Args:
        through_logarithm: what the step in ``ln sigma`` is claimed to give.
    """
    sigma, w = sp.Symbol("sigma", positive=True), sp.Symbol("w", real=True)
    size, start = sp.Rational(1, 10), {sigma: 1}
    metric, loss = 2 / sigma**2, (sigma - 3) ** 2 / 2
    velocity = sp.diff(loss, sigma) / metric
    derivation = Derivation("One step in sigma and in ln sigma")
    derivation.given("(g, L)", sp.Matrix([[metric, loss]]), "in the chart sigma")
    in_sigma = (sigma - size * velocity).subs(start)
    derivation.equal(r"\sigma - h\, g^{-1} L'", sp.Rational(11, 10), "one step from 1 with h = 1/10", value=in_sigma)
    there = {sigma: sp.exp(w)}
    metric_there, loss_there = metric.subs(there) * sp.exp(w) ** 2, loss.subs(there)
    derivation.equal("g'(w)", sp.Integer(2), "in the chart w = ln sigma", value=metric_there)
    in_logarithm = sp.exp((w - size * sp.diff(loss_there, w) / metric_there).subs(w, 0))
    claimed = sp.exp(size) if through_logarithm is None else through_logarithm
    derivation.equal(r"e^{w - h\, g'^{-1} L'}", claimed, "the same step in w, seen in sigma", value=in_logarithm)
    derivation.differs(r"e^{1/10}", sp.Rational(11, 10), "the two steps end apart", value=in_logarithm)
    return derivation


def geodesic_step(rate: sp.Expr = sp.Integer(1)) -> Derivation:
    """A second invariant rule: the geodesic step, which in the example ends at ``e^(1/10)`` in both charts.

    Args:
        rate: the claimed rate r of the geodesic ``e^(r t)`` with initial velocity 1.
    """
    t = sp.Symbol("t", real=True)
    derivation = Derivation("The geodesic step")
    derivation.stated(
        r"\exp_{\varphi(y)}(-h\, J v') = \varphi(\exp'_y(-h\, v'))",
        "geodesics are defined by the metric alone, and J maps initial velocities",
    )
    curve = sp.exp(rate * t)
    christoffel = -1 / curve
    derivation.given(r"\Gamma", r"-1/\sigma", "Levi-Civita connection of 2/sigma^2")
    derivation.equal(
        r"\ddot\sigma + \Gamma \dot\sigma^2", sp.Integer(0), "sigma = e^(r t) is a geodesic",
        value=sp.diff(curve, t, 2) + christoffel * sp.diff(curve, t) ** 2,
    )  # fmt: skip
    derivation.equal(r"(\sigma, \dot\sigma)(0)", [sp.Integer(1), sp.Integer(1)], "with the start and -v of the example",
                     value=[curve.subs(t, 0), sp.diff(curve, t).subs(t, 0)])  # fmt: skip
    derivation.equal(r"\exp_1(1/10)", sp.exp(sp.Rational(1, 10)), "so the geodesic step ends there",
                     value=curve.subs(t, sp.Rational(1, 10)))  # fmt: skip
    return derivation


def other_rules(power: int = 1) -> Derivation:
    """Rules other than the natural gradient with a covariant velocity.

    Args:
        power: how often the Jacobian is claimed to act on the velocity of the second rule.
    """
    J, g, slope = _jacobian(2), _metric(2), _covector(2)
    h = sp.Matrix(sp.symbols("h1 h2", real=True))
    derivation = Derivation("Other covariant rules")
    scalar = (slope.T * g.inv(method="ADJ") * slope)[0]
    slope_there, metric_there = J.T * slope, J.T * g * J
    derivation.equal(
        r"dL'\, g'^{-1} dL' - dL\, g^{-1} dL", sp.Integer(0), "the squared length of the gradient is a scalar s",
        value=(slope_there.T * metric_there.inv(method="ADJ") * slope_there)[0] - scalar,
    )  # fmt: skip
    derivation.stated(r"J\, (s\, v') = s\, v", "so s times the natural gradient is covariant, for every function of s")
    other, other_there = g + h * h.T, metric_there + (J.T * h) * (J.T * h).T
    derivation.equal(
        r"J\, (g' + dH' \otimes dH')^{-1} dL' - (g + dH \otimes dH)^{-1} dL", sp.Integer(0),
        "any other covariant metric gives a covariant velocity",
        value=J**power * other_there.inv(method="ADJ") * slope_there - other.inv(method="ADJ") * slope,
    )  # fmt: skip
    derivation.differs(
        r"(g + dH \otimes dH)^{-1} dL - g^{-1} dL", sp.Integer(0), "and another one than the natural gradient",
        value=(other.inv(method="ADJ") - g.inv(method="ADJ")) * slope,
    )  # fmt: skip
    return derivation


def _jacobian(d: int) -> sp.Matrix:
    return sp.Matrix(d, d, lambda a, i: sp.Symbol(f"J{a + 1}{i + 1}", real=True))


def _metric(d: int) -> sp.Matrix:
    return sp.Matrix(d, d, lambda a, b: sp.Symbol(f"g{min(a, b) + 1}{max(a, b) + 1}", real=True))


def _covector(d: int) -> sp.Matrix:
    return sp.Matrix(sp.symbols(f"L1:{d + 1}", real=True))
