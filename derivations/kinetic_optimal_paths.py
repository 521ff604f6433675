r"""The kinetic energy of probability paths between noise and data, and which path has the least.

A path ``x_t = m_t x_0 + a_t x_1`` joins noise ``x_0`` of law ``N(0, I)`` to data ``x_1`` that do not depend on it, from
``(a, m) = (0, 1)`` to ``(1, 0)``. Its velocity is ``u_t(x) = E[dx_t/dt | x_t = x]``, its energy ``int E|u_t|^2 dt``, here per
dimension.

Source: Shaul, Chen, Nickel, Le and Lipman 2023; Benamou and Brenier 2000 for paths of any kind. The closed forms are ours.
"""

import sympy as sp

from derivations.derivation import Derivation

A, M, DA, DM, L = sp.symbols("a m a' m' lambda", real=True)


def normal_path(root: sp.Expr = sp.Integer(1)) -> Derivation:
    """``int (d sqrt(v)/dt)^2 dt`` is the energy of centred normal laws of variance v, and at least the squared distance.

    Args:
        root: the claimed factor of ``(d sqrt(v)/dt)^2``.
    """
    x, slope = sp.symbols("x v'", real=True)
    v, deviation = sp.symbols("v s", positive=True)
    log_density = -(x**2) / (2 * v) - sp.log(2 * sp.pi * v) / 2
    velocity = x * slope / (2 * v)
    derivation = Derivation("The energy of a path of normal laws")
    derivation.equal(
        r"\frac{1}{q}\left(\partial_t q + \partial_x (q u)\right)", sp.Integer(0), "for N(0, v) and u = x v' / (2 v)",
        value=sp.diff(log_density, v) * slope + sp.diff(velocity, x) + velocity * sp.diff(log_density, x),
    )  # fmt: skip
    second = sp.integrate(x**2 * sp.exp(-(x**2) / (2 * v)) / sp.sqrt(2 * sp.pi * v), (x, -sp.oo, sp.oo))
    speed = sp.diff(sp.sqrt(v), v) * slope
    derivation.equal("E u^2", root * speed**2, "the square of the rate of the deviation, sqrt(v)",
                     value=second * (slope / (2 * v)) ** 2)  # fmt: skip
    rate, gap = sp.symbols("s' Delta", real=True)
    derivation.equal(
        r"s'^2 - \Delta^2", (rate - gap) ** 2 + 2 * gap * (rate - gap),
        "with the difference Delta of the deviations: the last term integrates to 0, the square vanishes where s is linear",
        value=rate**2 - gap**2,
    )  # fmt: skip
    start = sp.Symbol("s_0", positive=True)
    derivation.equal(
        "W_2^2", (deviation - start) ** 2, "S_0 + S_1 - 2 (S_0^(1/2) S_1 S_0^(1/2))^(1/2), that of N(0, s_0^2) and N(0, s^2)",
        value=start**2 + deviation**2 - 2 * sp.sqrt(start * deviation**2 * start),
    )  # fmt: skip
    derivation.stated(
        r"\int_0^1 \sum_i (s_i')^2\,dt \ge \sum_i (s_i(1) - s_i(0))^2 = W_2^2",
        "commuting covariances have principal directions in common, along which laws and distances are products and sums",
    )
    return derivation


def separation(mixed: sp.Expr = sp.Integer(1)) -> Derivation:
    r"""The energy of Gaussian paths, in which the data are one function of ``a/m``.

    Args:
        mixed: the claimed factor of the term with the data.
    """
    derivation = Derivation("Data enter the energy by one function")
    derivation.given(
        r"\lambda(a/m)", r"\tfrac1d E{|y|}^2", "y = E[x_1 | x_t], a function of x_t/m = x_0 + (a/m) x_1; E|x_1|^2 = d"
    )
    derivation.given("u", r"\tfrac{m'}{m}\, x + \left(a' - \tfrac{m'}{m} a\right) y", "as m E[x_0 | x] = x - a y")
    derivation.given(
        r"\tfrac1d (E{|x|}^2, E[x\cdot y], E{|y|}^2)", [A**2 + M**2, A, L], "E[x . y] is E[x . x_1]: y is a projection"
    )
    rest = DA - DM * A / M
    energy = (DM / M) ** 2 * (A**2 + M**2) + 2 * (DM / M) * rest * A + rest**2 * L
    derivation.equal(
        r"\tfrac1d E{|u|}^2", DA**2 + DM**2 - mixed * (1 - L) * rest**2, "the square of u, term by term", value=energy
    )
    deviation = sp.Symbol("s", positive=True)
    of_normal = A**2 * deviation**4 / (A**2 * deviation**2 + M**2)
    variance = A**2 * deviation**2 + M**2
    slope = 2 * A * DA * deviation**2 + 2 * M * DM
    derivation.equal(
        r"s^2 a'^2 + m'^2 - (s^2 - \lambda)(a' - a m'/m)^2", slope**2 / (4 * variance),
        "for data N(0, s^2), of second moment s^2 for 1, it is the energy of the normal path of variance (s a)^2 + m^2",
        value=DA**2 * deviation**2 + DM**2 - (deviation**2 - of_normal) * rest**2,
    )  # fmt: skip
    return derivation


def optimum(weight: sp.Expr = sp.Integer(1)) -> Derivation:
    r"""The least energy of Gaussian paths is ``2 - 2 cos Phi``, with an angle Phi that is an integral over the data.

    Args:
        weight: the claimed factor of ``(1 - lambda)/cos^2`` in g.
    """
    theta, rho = sp.Symbol("theta", positive=True), sp.Symbol("rho", positive=True)
    turned, grown = sp.symbols(r"\theta' \rho'", real=True)
    polar = {A: rho * sp.sin(theta), M: rho * sp.cos(theta)}
    moved = {
        DA: grown * sp.sin(theta) + rho * sp.cos(theta) * turned,
        DM: grown * sp.cos(theta) - rho * sp.sin(theta) * turned,
    }
    energy = (DA**2 + DM**2 - (1 - L) * (DA - DM * A / M) ** 2).subs(moved).subs(polar)
    derivation = Derivation("The Gaussian path of least energy")
    derivation.given("(a, m)", r"(\rho\sin\theta, \rho\cos\theta)", "from rho = 1, theta = 0 to rho = 1, theta = pi/2")
    derivation.equal(
        r"\tfrac1d E{|u|}^2", grown**2 + rho**2 * turned**2 * (1 - weight * (1 - L) / sp.cos(theta) ** 2),
        "rho'^2 + rho^2 g theta'^2, where lambda depends on a/m = tan(theta)", value=energy,
    )  # fmt: skip
    derivation.stated(
        r"\varphi = \int_0^\theta \sqrt{g}\,d\theta,\quad 0 \le g \le 1",
        "g is an energy; lambda is at most 1. In the angle phi the energy is that of the plane: rho'^2 + rho^2 phi'^2",
    )
    angle = sp.Symbol("Phi", positive=True)
    derivation.equal(
        r"(\cos\Phi - 1)^2 + \sin^2\Phi", 2 - 2 * sp.cos(angle),
        "straight lines at constant speed have the least energy, the squared chord between two radii of length 1",
        value=(sp.cos(angle) - 1) ** 2 + sp.sin(angle) ** 2,
    )  # fmt: skip
    return derivation


def conditional_transport(cross: sp.Expr = sp.pi / 2) -> Derivation:
    r"""The path ``x_t = (1 - t) x_0 + t x_1`` between independent normal laws, and why it is optimal for one point only.

    Args:
        cross: the claimed factor of the product of the deviations; 2 would be the optimum.
    """
    t, s = sp.Symbol("t", positive=True), sp.Symbol("s", positive=True)
    derivation = Derivation("Conditional optimal transport is not optimal")
    variance = (1 - t) ** 2 + t**2 * s**2
    speed = sp.diff(variance, t) ** 2 / (4 * variance)
    derivation.equal(
        r"\left(\frac{d\sqrt v}{dt}\right)^2", 1 + s**2 - s**2 / variance, "with v = (1 - t)^2 + s^2 t^2", value=speed
    )
    # u = t/(1 - t) takes (0, 1) to (0, oo), dt/(1 - t)^2 = du.
    u = sp.Symbol("u", positive=True)
    derivation.equal(
        r"\frac{s^2}{v}\frac{dt}{du}", s**2 / (1 + s**2 * u**2), "with u = t/(1 - t)",
        value=(s**2 / variance).subs(t, u / (1 + u)) * sp.diff(u / (1 + u), u),
    )  # fmt: skip
    mixed = sp.integrate(s**2 / (1 + s**2 * u**2), (u, 0, sp.oo))
    derivation.equal(
        r"\int_0^1 \left(\frac{d\sqrt v}{dt}\right)^2 dt", 1 + s**2 - cross * s, "the energy from N(0,1) to N(0,s^2)",
        value=1 + s**2 - mixed,
    )  # fmt: skip
    unit = sp.integrate(speed.subs(s, 1), (t, 0, 1))
    derivation.equal(
        r"E_{s=1}", 2 - sp.pi / 2, "for data N(0,1); the path with a^2 + m^2 = 1 has v = 1 and the energy 0", value=unit
    )
    derivation.equal(
        "E - W_2^2",
        (2 - sp.pi / 2) * s,
        "above the optimum (s - 1)^2 by (2 - pi/2) s",
        value=1 + s**2 - mixed - (s - 1) ** 2,
    )
    part = u / (1 + u)
    rest = (DA - DM * A / M).subs({A: part, M: 1 - part, DA: 1, DM: -1})
    derivation.equal(
        r"(\dot a - a \dot m/m)^2 \frac{dt}{du}", sp.Integer(1), "for any data, with a = t and m = 1 - t",
        value=rest**2 * sp.diff(part, u),
    )  # fmt: skip
    derivation.stated(
        r"E = 2 - \int_0^\infty (1 - \lambda(u))\,du",
        "per dimension, for data of mean square d; 1 - lambda is the least error of an estimate of the data",
    )
    derivation.stated(
        r"\lambda_d(u) = \lambda_1(u \sqrt d)", "for two opposite points: so 2 - E falls as the inverse root of d"
    )
    derivation.include(_coupled())
    derivation.include(_one_point())
    return derivation


def _coupled() -> Derivation:
    """Independent normal laws with covariances that need not commute."""
    t, values = sp.Symbol("t", positive=True), sp.symbols("l1 l2", positive=True)
    w = sp.Matrix(2, 2, sp.symbols("w11 w12 w21 w22", real=True))
    first, second = w * w.T, w * sp.diag(*values) * w.T
    covariance, mixed = (1 - t) ** 2 * first + t**2 * second, t * second - (1 - t) * first
    rates = [1 + v - v / ((1 - t) ** 2 + t**2 * v) for v in values]
    derivation = Derivation("Independent normal laws")
    derivation.given("(S_0, S_1)", r"(W W^T, W \Lambda W^T)", "any two positive definite matrices; here of size 2")
    derivation.equal(
        r"C V^{-1} C", w * sp.diag(*rates) * w.T,
        "the second moments of u = C V^-1 x, with V = (1-t)^2 S_0 + t^2 S_1 and C = t S_1 - (1-t) S_0: as for s^2 = Lambda",
        value=mixed * covariance.adjugate() / covariance.det() * mixed,
    )  # fmt: skip
    derivation.stated(
        r"E = \operatorname{tr} S_0 + \operatorname{tr} S_1 - \tfrac{\pi}{2} \operatorname{tr}(W \Lambda^{1/2} W^T)",
        "the integral along each direction; the last matrix is the geometric mean of S_0 and S_1",
    )
    return derivation


def _one_point() -> Derivation:
    """The straight line in (a, m) is straight in the plane of phi only where g is 1."""
    t, c = sp.Symbol("t", positive=True), sp.Symbol("c", positive=True)
    square = (1 - t) ** 2 + t**2
    derivation = Derivation("When conditional optimal transport is optimal")
    derivation.equal(r"\rho^2\theta'", sp.Integer(1), "along a = t, m = 1 - t, where it is m a' - a m'",
                     value=(1 - t) * 1 - t * (-1))  # fmt: skip
    derivation.stated(
        r"\rho^2\varphi' = \sqrt{g} = c",
        "straight lines at constant speed sweep equal areas: g would be a constant c^2",
    )
    growth = sp.diff(sp.sqrt(square), t) ** 2
    derivation.equal(
        r"\rho'^2 + \frac{c^2}{\rho^2}", 2 - (1 - c**2) / square, "the squared speed, constant for c = 1 only",
        value=growth + c**2 / square,
    )  # fmt: skip
    derivation.stated(
        r"g = 1 \iff \lambda = 1 \iff x_1 = E[x_1 | x_t]",
        "where noise leaves no doubt about the data: for a single point, as every density of noise is positive everywhere",
    )
    return derivation
