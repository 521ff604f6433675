"""The Pareto law of power-law tails with known minimum 1."""

import sympy as sp

from derivations.draws import Draw
from derivations.elementary import RatioDivergence, logarithmic
from derivations.family import Family, prime
from derivations.model_spaces import Isometry

exponent = sp.Symbol("exponent", positive=True)
x = sp.Symbol("x", positive=True)
argument = sp.Symbol("t", real=True)

family = Family(
    name="pareto",
    title="Pareto with known minimum",
    source="Arnold 2015, Pareto Distributions, section 1.2",
    coordinates=(exponent,),
    domain={exponent: (0, sp.oo)},
    natural=(-exponent,),
    log_partition=-sp.log(exponent),
    variable=x,
    support=(1, sp.oo),
    statistics=(sp.log(x),),
    log_base_measure=-sp.log(x),
    mean_log_base_measure=-1 / exponent,
    forms={"kl": RatioDivergence(prime(exponent), exponent, prime(exponent) - exponent)},
    rewrite=logarithmic,
    from_natural=sp.Lambda(argument, (-argument,)),
    from_expectation=sp.Lambda(argument, (1 / argument,)),
    isometry=Isometry("euclidean", image=(sp.log(exponent),), preimage=sp.Lambda(argument, (sp.exp(argument),))),
    draw=sp.exp(Draw("exponential") / exponent),
)
