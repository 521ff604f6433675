"""The Laplace law with known location 0."""

import sympy as sp

from derivations.draws import Draw
from derivations.elementary import RatioDivergence, logarithmic
from derivations.family import Family, prime
from derivations.model_spaces import Isometry

scale = sp.Symbol("scale", positive=True)
x = sp.Symbol("x", real=True)
argument = sp.Symbol("t", real=True)

family = Family(
    name="laplace",
    title="Laplace with known location",
    source="Kotz, Kozubowski & Podgorski 2001, The Laplace Distribution and Generalizations, section 2.1",
    coordinates=(scale,),
    domain={scale: (0, sp.oo)},
    natural=(-1 / scale,),
    log_partition=sp.log(2 * scale),
    variable=x,
    support=(-sp.oo, sp.oo),
    statistics=(sp.Abs(x),),
    forms={"kl": RatioDivergence(scale, prime(scale), scale - prime(scale))},
    rewrite=logarithmic,
    from_natural=sp.Lambda(argument, (-1 / argument,)),
    from_expectation=sp.Lambda(argument, (argument,)),
    isometry=Isometry("euclidean", image=(sp.log(scale),), preimage=sp.Lambda(argument, (sp.exp(argument),))),
    draw=scale * Draw("laplace"),
)
