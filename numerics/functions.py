"""The table of the SymPy functions that have a counterpart in JAX."""

from dataclasses import dataclass

import sympy as sp

from derivations import bessel, elementary, polygamma

JNP = "import jax.numpy as jnp"
SPECIAL = "from jax.scipy import special"
_BESSEL = "numerics.bessel_ratio"
_CURVATURE = "numerics.von_mises_curvature"
_DIVERGENCE = "numerics.bessel_divergence"
_ELEMENTARY = "numerics.elementary"
_EXCESS = "numerics.polygamma_excess"
_POLYGAMMA = "numerics.polygamma"
HIGHEST_ORDER = 4


class UnsupportedFunction(ValueError):
    """An expression contains something the table of functions does not have."""


@dataclass(frozen=True)
class Target:
    """How a SymPy function is written in JAX.

    Attributes:
        template: a format of the printed arguments.
        imports: the line that imports the function.
        orders: the positions of arguments that are orders of derivatives, small integers known when it is printed.
    """

    template: str
    imports: str = JNP
    orders: tuple[int, ...] = ()


def _project(module: str, template: str, orders: tuple[int, ...] = ()) -> Target:
    return Target(template, f"from {module} import {template.partition('(')[0]}", orders)


FUNCTIONS: dict[type, Target] = {
    **{
        function: Target(f"jnp.{name}({{0}})")
        for function, name in {
            sp.exp: "exp", sp.log: "log", sp.Abs: "abs", sp.sign: "sign", sp.floor: "floor", sp.ceiling: "ceil",
            sp.sin: "sin", sp.cos: "cos", sp.tan: "tan", sp.asin: "arcsin", sp.acos: "arccos", sp.atan: "arctan",
            sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.asinh: "arcsinh", sp.acosh: "arccosh",
            sp.atanh: "arctanh",
        }.items()
    },
    sp.sinc: Target("jnp.sinc(({0}) / jnp.pi)"),
    sp.sech: Target("(1.0 / jnp.cosh({0}))"),
    sp.csch: Target("(1.0 / jnp.sinh({0}))"),
    sp.coth: Target("(1.0 / jnp.tanh({0}))"),
    sp.sec: Target("(1.0 / jnp.cos({0}))"),
    sp.csc: Target("(1.0 / jnp.sin({0}))"),
    sp.cot: Target("(1.0 / jnp.tan({0}))"),
    sp.atan2: Target("jnp.arctan2({0}, {1})"),
    sp.erf: Target("special.erf({0})", SPECIAL),
    sp.erfc: Target("special.erfc({0})", SPECIAL),
    sp.gamma: Target("special.gamma({0})", SPECIAL),
    sp.loggamma: Target("special.gammaln({0})", SPECIAL),
    sp.digamma: Target("special.digamma({0})", SPECIAL),
    sp.beta: Target("special.beta({0}, {1})", SPECIAL),
    elementary.GaussianDivergence: _project(_ELEMENTARY, "gaussian_divergence({0}, {1}, {2})"),
    elementary.RatioDivergence: _project(_ELEMENTARY, "ratio_divergence({0}, {1}, {2})"),
    elementary.ScaledExponentialIntegral: _project("numerics.exponential_integral", "scaled_exponential_integral({0})"),
    polygamma.TrigammaExcess: _project(_POLYGAMMA, "trigamma_excess({1}, {0})", (0,)),
    polygamma.PolygammaDifference: _project(_POLYGAMMA, "polygamma_difference({1}, {2}, {0})", (0,)),
    polygamma.LogMinusDigamma: _project(_POLYGAMMA, "log_minus_digamma({0})"),
    polygamma.TrigammaReciprocalExcess: _project(_EXCESS, "trigamma_reciprocal_excess_of_two({0}, {1})"),
    polygamma.PolygammaQuotientExcess: _project(_EXCESS, "polygamma_quotient_excess_of_two({0}, {1})"),
    polygamma.BetaDivergence: _project("numerics.dirichlet_divergence", "beta_divergence({0}, {1}, {2}, {3})"),
    polygamma.GammaShapeDivergence: _project("numerics.gamma_divergence", "gamma_shape_divergence({0}, {1})"),
    bessel.BesselRatioMeanSlope: _project(_BESSEL, "bessel_ratio_mean_slope({0})"),
    bessel.BesselRatioMeanSlopeDecrease: _project(_BESSEL, "bessel_ratio_mean_slope_decrease({0})"),
    bessel.BesselRatio: _project(_BESSEL, "bessel_ratio({1}, {0})", (0,)),
    bessel.BesselRatioComplement: _project(_BESSEL, "bessel_ratio_complement({0})"),
    bessel.BesselRatioQuotient: _project(_BESSEL, "bessel_ratio_quotient({0}, {1}, {2})", (1, 2)),
    bessel.BesselRatioIntercept: _project(_BESSEL, "bessel_ratio_intercept({0})"),
    bessel.BesselRatioSlopeReciprocal: _project(_BESSEL, "bessel_ratio_reciprocal_slope({0})"),
    bessel.LogBesselI0: _project(_BESSEL, "log_bessel_i0({0})"),
    bessel.LogBesselI0Divergence: _project(_DIVERGENCE, "log_bessel_i0_divergence({0}, {1})"),
    bessel.VonMisesScalarCurvature: _project(_CURVATURE, "von_mises_scalar_curvature({0})"),
}  # fmt: skip

# Names that printed expressions need for themselves.
RESERVED = frozenset({"jnp", "special", *(target.imports.split()[-1] for target in FUNCTIONS.values())})
