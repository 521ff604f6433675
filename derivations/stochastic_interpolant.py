r"""Stochastic interpolants ``x_t = w_t + gamma z``: their score, velocity and Fokker-Planck equations.

``w_t`` is any smooth way between a pair ``(x_0, x_1)``, such as ``alpha x_0 + beta x_1``; z is ``N(0, I)`` and independent of
the pair; ``gamma > 0`` depends on the time. The density rho of x is the mean over w of the kernel k, the density of
``N(w, gamma^2 I)``. What is linear in the kernel for every w therefore holds for the mean, whatever the law of the pair.
Here in two dimensions.

Source: Albergo, Boffi and Vanden-Eijnden 2023.
"""

import sympy as sp

from derivations.derivation import Derivation

_D = 2
X = sp.Matrix(sp.symbols(f"x1:{_D + 1}", real=True))
W = sp.Matrix(sp.symbols(f"w1:{_D + 1}", real=True))
DW = sp.Matrix(sp.symbols(f"w'1:{_D + 1}", real=True))
GAMMA, DGAMMA = sp.Symbol("gamma", positive=True), sp.Symbol(r"\gamma'", real=True)
Z = (X - W) / GAMMA
LOG_KERNEL = -(Z.T * Z)[0] / 2 - _D * sp.log(GAMMA) - _D * sp.log(2 * sp.pi) / 2


def _gradient(expression: sp.Expr) -> sp.Matrix:
    return sp.Matrix([sp.diff(expression, x) for x in X])


def _divergence(field: sp.Matrix) -> sp.Expr:
    return sp.Add(*(sp.diff(component, x) for component, x in zip(field, X, strict=True)))


def score(sign: int = -1, power: int = 1) -> Derivation:
    """``grad log rho(x) = -E[z | x] / gamma``.

    Args:
        sign: the claimed sign.
        power: the claimed power of gamma.
    """
    derivation = Derivation("The score of an interpolant")
    derivation.given(r"\rho(x)", r"E_w[k(x; w)]", "k is the density of N(w, gamma^2 I), and z = (x - w)/gamma")
    derivation.equal(
        r"\frac{1}{k}\nabla k",
        sign * Z / GAMMA**power,
        "the kernel's own score, for every w",
        value=_gradient(LOG_KERNEL),
    )
    derivation.stated(
        r"\nabla\rho = -\frac{1}{\gamma} E_w[z\,k] = -\frac{1}{\gamma}\,\rho\,E[z | x]",
        "the mean over w; what is weighted by k/rho is conditional on x",
    )
    return derivation


def transport(latent: sp.Expr = sp.Integer(1)) -> Derivation:
    r"""``d rho/dt + div(b rho) = 0`` with ``b = E[dx_t/dt | x]``.

    Args:
        latent: the claimed factor of ``gamma' z`` in the velocity.
    """
    derivation = Derivation("The transport equation of an interpolant")
    velocity = DW + latent * DGAMMA * Z
    in_time = (_of_w(LOG_KERNEL).T * DW)[0] + sp.diff(LOG_KERNEL, GAMMA) * DGAMMA
    derivation.given(r"\dot x_t", r"\dot w + \dot\gamma\, z", "where x_t = x, z is (x - w)/gamma")
    derivation.equal(
        r"\frac{1}{k}\left(\partial_t k + \nabla\cdot(\dot x_t\, k)\right)", sp.Integer(0), "for every w and dw/dt",
        value=in_time + _divergence(velocity) + (velocity.T * _gradient(LOG_KERNEL))[0],
    )  # fmt: skip
    derivation.stated(
        r"\partial_t\rho + \nabla\cdot(b\,\rho) = 0,\quad b = E[\dot x_t | x]", "the mean over w and dw/dt together"
    )
    derivation.equal(
        r"\dot x_t - \dot w", -DGAMMA * GAMMA * _gradient(LOG_KERNEL),
        "so that b = E[dw/dt | x] - gamma' gamma s, by the score s", value=velocity - DW,
    )  # fmt: skip
    return derivation


def _of_w(expression: sp.Expr) -> sp.Matrix:
    return sp.Matrix([sp.diff(expression, w) for w in W])


def fokker_planck(drift: int = 1) -> Derivation:
    r"""``d rho/dt + div((b + eps s) rho) = eps Laplace rho`` for every eps that depends on the time alone, of either sign.

    Args:
        drift: the claimed sign of ``eps s`` in the drift.
    """
    epsilon = sp.Symbol("epsilon", real=True)
    log_density = sp.Function("l")(*X)
    b = sp.Matrix([sp.Function(f"b{i + 1}")(*X) for i in range(_D)])
    derivation = Derivation("Fokker-Planck equations of an interpolant")
    derivation.given(
        r"(\rho, \partial_t\rho, s)", r"(e^{\ell}, -\nabla\cdot(b\,\rho), \nabla\ell)", "the transport equation"
    )

    def flow(field: sp.Matrix) -> sp.Expr:
        """``div(field rho) / rho``."""
        return _divergence(field) + (field.T * slope)[0]

    density, slope = sp.exp(log_density), _gradient(log_density)
    laplacian = sp.expand(sp.Add(*(sp.diff(density, x, 2) for x in X)) / density)
    for name, sign, reason in (
        (r"b + \epsilon s", 1, "forward, with the noise of dx = (b + eps s) dt + sqrt(2 eps) dW"),
        (r"b - \epsilon s", -1, "backward in time, with the noise of the reversed process"),
    ):
        shown = rf"\frac{{1}}{{\rho}}\left(\partial_t\rho + \nabla\cdot(({name})\rho)\right)"
        derivation.equal(
            shown, sign * epsilon * laplacian, f"times rho, eps Laplace rho: {reason}",
            value=flow(b + drift * sign * epsilon * slope) - flow(b),
        )  # fmt: skip
    return derivation


def normal_ends(latent: sp.Expr = sp.Integer(1)) -> Derivation:
    """Independent normal ends in one dimension: everything in closed form.

    Args:
        latent: the claimed factor of ``gamma gamma'`` in the covariance of ``dx/dt`` and x.
    """
    t, x = sp.symbols("t x", real=True)
    means, variances = sp.symbols("m0 m1", real=True), sp.symbols("v0 v1", positive=True)
    alpha, beta, gamma = (sp.Function(name)(t) for name in ("alpha", "beta", "gamma"))
    mean = alpha * means[0] + beta * means[1]
    variance = alpha**2 * variances[0] + beta**2 * variances[1] + gamma**2
    mixed = alpha * alpha.diff(t) * variances[0] + beta * beta.diff(t) * variances[1] + latent * gamma * gamma.diff(t)
    derivation = Derivation("An interpolant between normal laws")
    derivation.given(
        "(M, V)", sp.Matrix([[mean, variance]]), "mean and variance of x; m0, v0 and m1, v1 are those of the ends"
    )
    derivation.equal(
        r"\operatorname{cov}(\dot x_t, x_t)", variance.diff(t) / 2, "half the rate of the variance", value=mixed
    )
    velocity = mean.diff(t) + mixed / variance * (x - mean)
    latent_mean = gamma / variance * (x - mean)
    log_density = -((x - mean) ** 2) / (2 * variance) - sp.log(2 * sp.pi * variance) / 2
    derivation.equal(
        r"-\frac{1}{\gamma} E[z | x]", sp.diff(log_density, x), "z by linear regression on x: the score of N(M, V)",
        value=-latent_mean / gamma,
    )  # fmt: skip
    derivation.equal(
        r"\partial_t \ln\rho + \partial_x b + b\,\partial_x\ln\rho", sp.Integer(0),
        "with b = dM/dt + cov/V (x - M), the regression of the rate of x on x",
        value=sp.diff(log_density, t) + sp.diff(velocity, x) + velocity * sp.diff(log_density, x),
    )  # fmt: skip
    return derivation
