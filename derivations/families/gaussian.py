"""The univariate Gaussian N(mu, sigma^2)."""

import sympy as sp

from derivations.elementary import Log1pmx, logarithmic
from derivations.family import Family, prime

mu = sp.Symbol("mu", real=True)
sigma = sp.Symbol("sigma", positive=True)
x = sp.Symbol("x", real=True)

_deviation = (sigma - prime(sigma)) / prime(sigma)
_shift = (mu - prime(mu)) / prime(sigma)

family = Family(
    name="gaussian",
    title="Univariate Gaussian",
    source="Amari & Nagaoka 2000, example 2.1",
    coordinates=(mu, sigma),
    domain={sigma: (0, sp.oo)},
    natural=(mu / sigma**2, -1 / (2 * sigma**2)),
    log_partition=mu**2 / (2 * sigma**2) + sp.log(sigma) + sp.log(2 * sp.pi) / 2,
    variable=x,
    support=(-sp.oo, sp.oo),
    statistics=(x, x**2),
    forms={"kl": _shift**2 / 2 + _deviation**2 / 2 - Log1pmx(_deviation)},
    rewrite=logarithmic,
)
