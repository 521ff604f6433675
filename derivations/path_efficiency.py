r"""Steps of full equilibration along a geodesic, and the efficiency of a path in the Fisher metric.

Source: Nulton & Salamon 1985 for steps; the claims are those of Caraffa 2026.
"""

import sympy as sp

from derivations.derivation import Derivation

T = sp.Symbol("T", positive=True)


def steps(third: sp.Expr = sp.Rational(-1, 12)) -> Derivation:
    """Full equilibration at n even steps along a geodesic loses ``L^2/(2n)``, to leading order.

    Args:
        third: the claimed factor of ``T(v, v, v) h^3`` in the loss of a step.
    """
    h, size = sp.Symbol("h", positive=True), 2
    derivation = Derivation("Steps of full equilibration")
    eta, other, m = (sp.Matrix(sp.symbols(f"{name}_1:{size + 1}", real=True)) for name in ("eta", "nu", "m"))
    psi, after = sp.symbols("psi psi'", real=True)
    derivation.equal(
        r"\langle H' - H \rangle - (A' - A) - T\,\mathrm{KL}(p \,\|\, p')", sp.Integer(0),
        "the excess work of a jump from H = -T eta . s to H' and full equilibration, from the Gibbs law p to p', with the "
        "free energies A = -T psi and m = E[s]",
        value=-T * (other - eta).dot(m) + T * (after - psi) - T * (after - psi - (other - eta).dot(m)),
    )  # fmt: skip
    v = sp.Matrix(sp.symbols(f"v_1:{size + 1}", real=True))
    g = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"g_{min(i, j) + 1}{max(i, j) + 1}", real=True))

    def skew(i: int, j: int, k: int) -> sp.Symbol:
        return sp.Symbol("t_" + "".join(str(n + 1) for n in sorted((i, j, k))), real=True)

    indices = range(size)
    twice = sp.Matrix([sum(skew(i, j, k) * v[j] * v[k] for j in indices for k in indices) for i in indices])
    bend = -g.adjugate() / g.det() * twice / 2
    derivation.given(r"\eta(h)", r"\eta + h v + \tfrac{h^2}{2} a,\quad a^i = -\tfrac12 g^{ij} T_{jkl} v^k v^l",
                     "a geodesic in natural parameters, to second order: there its Christoffel symbols are T/2")  # fmt: skip
    change = h * v + h**2 / 2 * bend
    cubic = sum(skew(i, j, k) * change[i] * change[j] * change[k] for i in indices for j in indices for k in indices)
    loss = sp.expand((change.T * g * change)[0] / 2 + cubic / 6)
    straight = (v.T * g * v)[0]
    derivation.equal(
        r"\mathrm{KL}(\eta \,\|\, \eta(h)) - \tfrac{h^2}{2}\, g(v, v) + \tfrac{h^3}{12}\, T(v, v, v)", sp.Integer(0),
        "up to fourth order, from g and T, the second and third derivatives of psi",
        value=sum(h**n * loss.coeff(h, n) for n in (2, 3)) - h**2 / 2 * straight - third * h**3 * v.dot(twice),
    )  # fmt: skip
    derivation.stated(
        r"\sum_{i<n} \mathrm{KL}(p_i \,\|\, p_{i+1}) = "
        r"\frac{L^2}{2n}\left(1 - \frac{1}{6n}\int_0^L T(v,v,v)\, ds + O(n^{-2})\right)",
        "n steps of length h = L/n at unit speed; backwards the sign of the second term changes",
    )
    x = sp.Symbol("x", real=True)
    gap = x + (sp.exp(-2 * x) - 1) / 2 - x**2
    derivation.equal(
        r"\mathrm{KL}(N(0, \sigma^2) \,\|\, N(0, e^{2x}\sigma^2)) - x^2", gap,
        "a step of the length |x| times the root of 2, less half its square", value=(sp.exp(-2 * x) - 1) / 2 + x - x**2,
    )  # fmt: skip
    derivation.equal(r"(f, f', f'')(x)", [sp.Integer(0), sp.Integer(0), 2 * sp.exp(-2 * x) - 2],
                     "of that difference, f and f' at 0: f is below 0 for x > 0 and above it for x < 0",
                     value=[gap.subs(x, 0), sp.diff(gap, x).subs(x, 0), sp.diff(gap, x, 2)])  # fmt: skip
    return derivation


def efficiency(half: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """``d^2 / (tau int |v|^2 dt)`` is at most 1, and ``(y / sinh y)^2`` for a normal law whose ``sigma^q`` moves evenly.

    Args:
        half: the claimed factor in ``y = |q| ln(s) / 2``.
    """
    derivation = Derivation("The efficiency of a path")
    derivation.stated(r"\tau \int_0^\tau {|\dot\theta|}^2\, dt \ge L^2 \ge d^2",
                      "Cauchy and Schwarz, equality at constant speed; no path is shorter than the distance")  # fmt: skip
    q, ratio, r, t = (
        sp.Symbol("q", positive=True),
        sp.Symbol("s", positive=True),
        sp.Symbol("r", positive=True),
        sp.Symbol("t"),
    )
    y = half * q * sp.log(ratio)
    there = 1 + t * (r - 1)
    derivation.given(
        r"\sigma^q", there,
        "from sigma = 1 to s at fixed mean, in unit time, with r = s^q; the metric is 2 (sigma'/sigma)^2",
    )  # fmt: skip
    speed = 2 * (sp.diff(there, t) / (q * there)) ** 2
    antiderivative = -2 * (r - 1) / (q**2 * there)
    derivation.equal(r"{|\dot\theta|}^2 = 2 \left(\frac{(\sigma^q)'}{q\, \sigma^q}\right)^{2}", sp.diff(antiderivative, t),
                     "the derivative of -2 (r - 1)/(q^2 sigma^q)", value=speed)  # fmt: skip
    energy = antiderivative.subs(t, 1) - antiderivative.subs(t, 0)
    derivation.equal(
        r"\eta = 2 \ln^2 s \Big/ \int_0^1 {|\dot\theta|}^2\, dt", (y / sp.sinh(y)) ** 2, "(y / sinh y)^2 with y = |q| ln(s)/2",
        value=2 * sp.log(ratio) ** 2 / energy.subs(r, sp.exp(q * sp.log(ratio))),
    )  # fmt: skip
    derivation.equal(
        r"\int_0^1 {|\dot\theta|}^2\, dt", energy.subs(r, 1 / r), "the same for -q, where r is 1/r", value=energy
    )
    z = sp.Symbol("z", positive=True)
    derivation.equal(r"\lim_{q \to 0} \eta", sp.Integer(1), "then sigma moves as s^t: the geodesic at constant speed",
                     value=sp.limit((z / sp.sinh(z)) ** 2, z, 0))  # fmt: skip
    for power, shown in ((1, "sigma: the Wasserstein geodesic"), (2, "the variance: a line in expectation parameters")):
        derivation.equal(
            r"\eta", sp.log(ratio) ** 2 * {1: ratio / (ratio - 1) ** 2, 2: 4 * ratio**2 / (ratio**2 - 1) ** 2}[power],
            f"q = {power} and q = -{power}; {power} is {shown}",
            value=2 * sp.log(ratio) ** 2 / energy.subs({r: ratio**power, q: power}),
        )  # fmt: skip
    return derivation
