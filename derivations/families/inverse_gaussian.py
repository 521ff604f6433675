"""The inverse Gaussian law: when Brownian motion with drift first passes a level."""

import sympy as sp

from derivations.draws import Draw
from derivations.elementary import RatioDivergence, ScaledExponentialIntegral, logarithmic
from derivations.family import Family, prime
from derivations.model_spaces import Isometry

mu, lam = sp.symbols("mu lam", positive=True)
x = sp.Symbol("x", positive=True)
first, second = sp.symbols("eta_1 eta_2", real=True)


def _draw() -> sp.Expr:
    """Michael, Schucany & Haas 1976: the two roots of ``lam (x - mu)^2 / (mu^2 x) = z^2``, one of them chosen at random."""
    half = mu * Draw("normal") ** 2 / (2 * lam)
    stretch = 1 + half + sp.sqrt(half) * sp.sqrt(2 + half)
    return sp.Piecewise((mu / stretch, Draw("uniform") * (1 + stretch) <= stretch), (mu * stretch, True))


family = Family(
    name="inverse_gaussian",
    title="Inverse Gaussian",
    source="Chhikara & Folks 1989, The Inverse Gaussian Distribution, section 2.1",
    coordinates=(mu, lam),
    domain={mu: (0, sp.oo), lam: (0, sp.oo)},
    natural=(-lam / (2 * mu**2), -lam / 2),
    log_partition=-sp.log(lam) / 2 - lam / mu,
    variable=x,
    support=(0, sp.oo),
    statistics=(x, 1 / x),
    log_base_measure=-sp.Rational(3, 2) * sp.log(x) - sp.log(2 * sp.pi) / 2,
    # E log x = log mu - exp(z) E_1(z) with z = 2 lam / mu.
    mean_log_base_measure=sp.Rational(3, 2) * (ScaledExponentialIntegral(2 * lam / mu) - sp.log(mu))
    - sp.log(2 * sp.pi) / 2,
    forms={
        "kl": RatioDivergence(prime(lam), lam, prime(lam) - lam) / 2
        + prime(lam) * ((mu - prime(mu)) / prime(mu)) ** 2 / (2 * mu)
    },
    rewrite=logarithmic,
    from_natural=sp.Lambda((first, second), (sp.sqrt(second / first), -2 * second)),
    from_expectation=sp.Lambda((first, second), (first, first / (first * second - 1))),
    # What lies to the left of the half-plane x > 0 belongs to no inverse Gaussian law.
    isometry=Isometry(
        "hyperbolic",
        image=(sp.sqrt(2) / sp.sqrt(mu), 1 / sp.sqrt(lam)),
        preimage=sp.Lambda(
            (first, second), (sp.Piecewise((2 / first**2, first > 0)), sp.Piecewise((1 / second**2, first > 0)))
        ),
        scale=sp.sqrt(2),
    ),
    draw=_draw(),
)
