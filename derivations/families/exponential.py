"""The exponential law on the positive half-line."""

import sympy as sp

from derivations.draws import Draw
from derivations.elementary import RatioDivergence, logarithmic
from derivations.family import Family, prime
from derivations.model_spaces import Isometry

rate = sp.Symbol("rate", positive=True)
x = sp.Symbol("x", positive=True)
argument = sp.Symbol("t", real=True)

family = Family(
    name="exponential",
    title="Exponential",
    source="Amari & Nagaoka 2000, section 2.3",
    coordinates=(rate,),
    domain={rate: (0, sp.oo)},
    natural=(-rate,),
    log_partition=-sp.log(rate),
    variable=x,
    support=(0, sp.oo),
    statistics=(x,),
    forms={"kl": RatioDivergence(prime(rate), rate, prime(rate) - rate)},
    rewrite=logarithmic,
    from_natural=sp.Lambda(argument, (-argument,)),
    from_expectation=sp.Lambda(argument, (1 / argument,)),
    isometry=Isometry("euclidean", image=(sp.log(rate),), preimage=sp.Lambda(argument, (sp.exp(argument),))),
    draw=Draw("exponential") / rate,
)
