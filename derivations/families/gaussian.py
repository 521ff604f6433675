"""The univariate Gaussian N(mu, sigma^2)."""

import sympy as sp

from derivations.draws import Draw
from derivations.elementary import GaussianDivergence, logarithmic
from derivations.family import Family, prime
from derivations.model_spaces import Isometry

mu = sp.Symbol("mu", real=True)
sigma = sp.Symbol("sigma", positive=True)
x = sp.Symbol("x", real=True)
first, second = sp.symbols("eta_1 eta_2", real=True)

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
    forms={"kl": GaussianDivergence(mu - prime(mu), sigma, prime(sigma))},
    rewrite=logarithmic,
    from_natural=sp.Lambda((first, second), (-first / (2 * second), 1 / sp.sqrt(-2 * second))),
    from_expectation=sp.Lambda((first, second), (first, sp.sqrt(second - first**2))),
    isometry=Isometry(
        "hyperbolic",
        image=(mu / sp.sqrt(2), sigma),
        preimage=sp.Lambda((first, second), (sp.sqrt(2) * first, second)),
        scale=sp.sqrt(2),
    ),
    draw=mu + sigma * Draw("normal"),
)
