r"""Slow processes: the friction tensor of a trap, and what it says about work.

A trap ``k (x - c)^2 / 2`` with friction gamma at the temperature T; ``kappa = k / gamma`` is the rate at which it relaxes.

Source: Sivak & Crooks 2012 for the friction tensor; the claims are those of Caraffa 2026.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.riemannian import RiemannianGeometry

C = sp.Symbol("c", real=True)
K, GAMMA, T = sp.symbols("k gamma T", positive=True)
FRICTION = sp.diag(GAMMA, GAMMA * T / (4 * K**3))
FISHER = sp.diag(K / T, 1 / (2 * K**2))


def friction(rate: int = 2) -> Derivation:
    """The friction tensor as the integral of correlations of the conjugate forces; it is gamma times the Wasserstein metric.

    Args:
        rate: the claimed rate, in units of kappa, at which the correlation of squares decays.
    """
    y, start, noise = sp.symbols("y z xi", real=True)
    kappa, t = sp.symbols("kappa t", positive=True)
    variance = T / K
    derivation = Derivation("The friction tensor of a trap")
    derivation.equal(r"X = -\left(\partial_c, \partial_k\right) \tfrac{k}{2}(x - c)^2", [K * y, -(y**2) / 2],
                     "the forces conjugate to centre and stiffness, with y = x - c",
                     value=[-sp.diff(K * (y - C) ** 2 / 2, C).subs(C, 0), -sp.diff(K * y**2 / 2, K)])  # fmt: skip
    left = sp.exp(-kappa * t)
    derivation.given("y_t", left * start * sp.sqrt(variance) + sp.sqrt(1 - left**2) * noise * sp.sqrt(variance),
                     "the Ornstein-Uhlenbeck process from its law at rest, N(0, T/k); z and xi standard normal")  # fmt: skip
    derivation.equal(
        r"(\partial_t E[y_t | y_0] + \kappa E[y_t | y_0],\ \partial_t V + 2\kappa (V - T/k))", sp.zeros(1, 2),
        "its conditional mean and variance V obey the equations of motion",
        value=[sp.diff(left, t) + kappa * left, sp.diff(1 - left**2, t) * variance - 2 * kappa * variance * left**2],
    )  # fmt: skip
    w = sp.Symbol("w", positive=True)  # the part of the start that is left
    now, then = sp.sqrt(variance) * start, sp.sqrt(variance) * (w * start + sp.sqrt(1 - w**2) * noise)
    forces = [lambda v: K * v, lambda v: (variance - v**2) / 2]
    correlations = sp.Matrix(2, 2, lambda i, j: _expectation(forces[i](then) * forces[j](now), start, noise))
    decays = correlations.subs(w, left)
    derivation.equal(
        r"\langle \delta X(t)\, \delta X(0) \rangle", sp.diag(K * T * left, T**2 / (2 * K**2) * sp.exp(-rate * kappa * t)),
        "by the moments of the normal law: E z^2 = 1, E z^4 = 3", value=decays,
    )  # fmt: skip
    derivation.equal(r"\tfrac1{T^2} \langle \delta X(0)\, \delta X(0) \rangle", FISHER, "at t = 0: the Fisher metric",
                     value=correlations.subs(w, 1) / T**2)  # fmt: skip
    integrals = decays.applyfunc(lambda e: sp.integrate(e, (t, 0, sp.oo))).subs(kappa, K / GAMMA)
    derivation.equal(r"\zeta = \tfrac1T \int_0^\infty \langle \delta X(t)\, \delta X(0) \rangle\, dt", FRICTION,
                     "the friction tensor", value=integrals / T)  # fmt: skip
    m, s = sp.symbols("m s", positive=True)
    mean, deviation = sp.symbols("mprime sprime", positive=True)
    derivation.equal(r"E(m + s z - m' - s' z)^2", (m - mean) ** 2 + (s - deviation) ** 2,
                     "the squared Wasserstein distance of normal laws on the line: quantiles are joined",
                     value=_expectation((m + s * start - mean - deviation * start) ** 2, start, noise))  # fmt: skip
    stretch = sp.Matrix([C, sp.sqrt(T / K)]).jacobian([C, K])
    derivation.equal(r"\gamma\, (dm^2 + ds^2)", FRICTION, "of N(c, T/k): the same tensor",
                     value=GAMMA * stretch.T * stretch)  # fmt: skip
    return derivation


def overdamped(weight: sp.Expr = sp.Integer(1)) -> Derivation:
    """On the line friction is gamma times the Wasserstein metric for every objective, not for the trap alone.

    Args:
        weight: the claimed factor of ``T/gamma`` in the flux.
    """
    x = sp.Symbol("x", real=True)
    energy, answer, density = (sp.Function(name, real=True)(x) for name in ("H", "h", "p"))
    derivation = Derivation("Friction and transport on the line")
    derivation.given("L h", r"\tfrac{T}{\gamma} h'' - \tfrac1\gamma H' h'",
                     "how the mean of a function h changes, from x on, under the objective H")  # fmt: skip
    flux = weight * T / GAMMA * density * sp.diff(answer, x)
    slope = {sp.diff(density, x): -density * sp.diff(energy, x) / T}
    derivation.equal(
        r"\tfrac{T}{\gamma} (\pi h')'", density * (T * sp.diff(answer, x, 2) - sp.diff(energy, x) * sp.diff(answer, x)) / GAMMA,
        "with the Gibbs law, pi' = -pi H'/T: it is pi L h", value=sp.diff(flux, x).subs(slope),
    )  # fmt: skip
    derivation.stated(
        r"\zeta_{ij} = \tfrac1T \langle \delta X_i\, h_j \rangle,\quad L h_j = -\delta X_j",
        "the integral over time of exp(L t) delta X is h; and delta X = T d ln pi",
    )
    derivation.stated(
        r"\pi h_j' = -\gamma\, \partial_j F",
        "integrated once, with the distribution function F, as (T/gamma)(pi h')' = -T d pi; no flux at the ends",
    )
    first, second, p = sp.symbols("F_i F_j p", positive=True)
    derivation.equal(r"-\partial_i F\, h_j' = \gamma\, \pi v_i v_j", GAMMA * p * (first / p) * (second / p),
                     "by parts, the integrand of zeta; v = -dF/pi is the velocity that carries the laws",
                     value=-first * (-GAMMA * second / p))  # fmt: skip
    derivation.stated(r"\zeta_{ij} = \gamma \int v_i v_j\, \pi\, dx",
                      "gamma times the Wasserstein metric; in more dimensions the same, Zhong & DeWeese 2024")  # fmt: skip
    return derivation


def curvatures(flat: sp.Expr = sp.Integer(0), times: tuple[int, int] = (1, 2)) -> Derivation:
    """Friction is flat and Fisher is not; they differ by relaxation times.

    Args:
        flat: the claimed Gaussian curvature of the friction tensor.
        times: the claimed rates of relaxation of the two forces in units of kappa.
    """
    derivation = Derivation("Friction and Fisher metric of a trap")
    for name, metric, value in ((r"\zeta", FRICTION, flat), ("F", FISHER, sp.Rational(-1, 2))):
        derivation.given(name, metric, "in the coordinates c and k")
        geometry = RiemannianGeometry((C, K), metric)
        derivation.equal("K", value, "its Gaussian curvature, R/2", value=geometry.scalar_curvature / 2)
    scale = sp.diag(*[GAMMA / (K * n) for n in times])
    derivation.equal(
        r"\zeta", T * scale * FISHER,
        "T F times a relaxation time: gamma/k of the centre and gamma/(2k) of the stiffness", value=FRICTION,
    )  # fmt: skip
    derivation.differs(
        r"\zeta_{cc} / F_{cc}", FRICTION[1, 1] / FISHER[1, 1], "so no function of the state relates them, still less a number",
        value=FRICTION[0, 0] / FISHER[0, 0],
    )  # fmt: skip
    tau, covariance = sp.Symbol("tau_r", positive=True), sp.Symbol("F_ij", real=True)
    t = sp.Symbol("t", positive=True)
    derivation.equal(
        r"\tfrac1T \int_0^\infty T^2 F_{ij}\, e^{-t/\tau_r}\, dt", T * tau * covariance,
        "with one relaxation time for all forces it is proportional to F, by a constant if the time is the same everywhere",
        value=T * covariance * sp.integrate(sp.exp(-t / tau), (t, 0, sp.oo)),
    )  # fmt: skip
    ratio, length = sp.symbols("r l", positive=True)
    fisher, root = sp.sqrt(FISHER[1, 1]), sp.sqrt(FRICTION[1, 1])
    fisher_length, friction_length = (
        sp.integrate(f.subs(K, ratio), (ratio, length, 4 * length)) for f in (fisher, root)
    )
    derivation.equal(r"L_F(l, 4l)", sp.sqrt(2) * sp.log(2), "the Fisher length from stiffness l to 4 l, for every l",
                     value=fisher_length)  # fmt: skip
    derivation.equal(r"L_\zeta(l, 4l)^2", GAMMA * T / (4 * length),
                     "the squared friction length: from 4 to 16 it is a quarter of that from 1 to 4",
                     value=friction_length**2)  # fmt: skip
    return derivation


def slow_work(power: int = 3) -> Derivation:
    """The excess work of a slow protocol, from the moments, without linear response.

    Args:
        power: the claimed power of k in the friction of the stiffness.
    """
    eps = sp.Symbol("epsilon", positive=True)
    centre_speed, stiffness_speed = sp.symbols("c_1 k_1", real=True)
    y1, y2, v1, v2, dy1, dv1 = sp.symbols("y_1 y_2 v_1 v_2 y_1' v_1'", real=True)
    derivation = Derivation("The work of a slow protocol")
    derivation.given(
        r"(\dot y, \dot v)", r"\left(-\tfrac{k}{\gamma} y - \dot c,\ -2\tfrac{k}{\gamma} v + \tfrac{T}{k^2}\dot k\right)",
        "of the mean y of x - c and the excess v of the variance over T/k",
    )  # fmt: skip
    derivation.given(
        r"\dot W_{\mathrm{ex}}", r"\tfrac12 \dot k\,(v + y^2) - k \dot c\, y",
        "the mean of the rate at which the objective changes, less its value at equilibrium",
    )  # fmt: skip
    lag, excess = -GAMMA / K * centre_speed, GAMMA * T / (2 * K**3) * stiffness_speed
    mean, variance = eps * y1 + eps**2 * y2, eps * v1 + eps**2 * v2
    residual = [
        eps**2 * dy1 + K / GAMMA * mean + eps * centre_speed,
        eps**2 * dv1 + 2 * K / GAMMA * variance - T / K**2 * eps * stiffness_speed,
    ]
    found = {y1: lag, v1: excess}
    derivation.equal(
        r"(\dot y + \tfrac{k}{\gamma} y + \dot c,\ \dot v + 2\tfrac{k}{\gamma} v - \tfrac{T}{k^2}\dot k)", sp.zeros(1, 2),
        "to first order, for speeds of order epsilon, with y = -gamma c'/k and v = gamma T k'/(2 k^3)",
        value=[sp.expand(r).coeff(eps, 1).subs(found) for r in residual],
    )  # fmt: skip
    power_input = sp.expand(eps * stiffness_speed / 2 * (variance + mean**2) - K * eps * centre_speed * mean)
    derivation.equal(
        r"\dot W_{\mathrm{ex}}", eps**2 * (GAMMA * centre_speed**2 + GAMMA * T / (4 * K**power) * stiffness_speed**2),
        "to second order: the friction tensor, twice contracted with the speed",
        value=eps**2 * power_input.coeff(eps, 2).subs(found),
    )  # fmt: skip
    derivation.stated(
        r"\tau\, W_{\mathrm{ex}} \to \int_0^1 \zeta(\lambda', \lambda')\, ds \ge L_\zeta^2",
        "for a protocol of the part s = t/tau of the duration; Cauchy and Schwarz, equality at constant speed",
    )
    return derivation


def drag(kept: sp.Expr = sp.Integer(1)) -> Derivation:
    """A trap that is moved at constant speed takes less than ``L^2/tau``, and the best protocol still less.

    Args:
        kept: the claimed factor of what the relaxation at the beginning saves.
    """
    speed, t, tau, a, distance = sp.symbols("v t tau a D", positive=True)
    rate = K / GAMMA
    lag = -speed / rate * (1 - sp.exp(-rate * t))
    derivation = Derivation("A trap that is moved at constant speed")
    derivation.equal(r"\dot y + \tfrac{k}{\gamma} y + v", sp.Integer(0), "y = -(gamma v/k)(1 - exp(-k t/gamma)) begins at 0",
                     value=sp.diff(lag, t) + rate * lag + speed)  # fmt: skip
    derivation.positive(r"(1 - e^{-a})/a", (1 - sp.exp(-a)) / a, "for every a > 0, with exp(-a) = 1/(1 + b)",
                        positive={sp.exp(-a): 1 / (1 + sp.Symbol("b", positive=True))})  # fmt: skip
    work = sp.integrate(sp.expand(-K * speed * lag), (t, 0, tau)).subs(speed, distance / tau).subs(tau, a / rate)
    bound = (GAMMA * distance**2 / tau).subs(tau, a / rate)
    derivation.equal(
        r"W_{\mathrm{ex}} \Big/ \frac{\gamma D^2}{\tau}", 1 - kept * (1 - sp.exp(-a)) / a,
        "over the distance D, with a = k tau/gamma: less than 1 for every duration", value=work / bound,
    )  # fmt: skip
    u = sp.Symbol("u", real=True)
    best = GAMMA * u**2 * tau + K * (distance - u * tau) ** 2 / 2
    optimum = K * distance / (2 * GAMMA + K * tau)
    derivation.given("W(u)", best, "the mean moves at the speed u, jumps of the centre at both ends included")
    derivation.equal("W'(u)", sp.Integer(0), "at u = D/(tau + 2 gamma/k)", value=sp.diff(best, u).subs(u, optimum))
    derivation.equal(
        r"W \Big/ \frac{\gamma D^2}{\tau}", a / (a + 2), "there: Schmiedl and Seifert's optimum, still less",
        value=(best.subs(u, optimum) / (GAMMA * distance**2 / tau)).subs(tau, a / rate),
    )  # fmt: skip
    derivation.stated(
        r"W_{\mathrm{ex}} = \Sigma + T\,\mathrm{KL}(q_\tau \,\|\, \pi_\tau) \ge \frac{\gamma}{\tau} W_2(q_0, q_\tau)^2 + "
        r"T\,\mathrm{KL}(q_\tau \,\|\, \pi_\tau)",
        "what holds at every duration: the speed limit, with the laws q that the protocol reaches; pi is that of the last trap",
    )
    return derivation


def _expectation(polynomial: sp.Expr, *standard: sp.Symbol) -> sp.Expr:
    """Of a polynomial in independent standard normal variables, by ``E z^(2n) = (2n - 1)!!``."""
    return sum(
        c * sp.prod([sp.factorial2(n - 1) if n % 2 == 0 else 0 for n in powers])
        for powers, c in sp.Poly(polynomial, *standard).terms()
    )
