r"""How much longer radii of the von Mises family are than those of a hyperbolic plane with the same circles.

In the coordinate ``rho = arsinh sqrt(kappa A / 2)`` the Fisher metric is ``2 (q^2 d rho^2 + sinh(rho)^2 d mu^2)``: the
hyperbolic plane of curvature -1/2 if q were 1. With ``C = 1 / cosh(rho)^2 = 1 / (1 + kappa A / 2)`` it is ``q = 1 + 4 w C (1 -
C)``, and w is a smooth function of C, from 1/8 at ``C = 1``, the uniform law, to 3/32 at ``C = 0``, infinite concentration.
"""

from itertools import pairwise

import jax.numpy as jnp
from jax import Array

# Polynomials by Chebyshev interpolation in 50 digits, on the intervals of C between these ends, in a variable from -1 to 1.
_ENDS = (0.0, 0.125, 0.25, 0.5, 1.0)
COEFFICIENTS = (
    (
        0.10369204271461328, 0.010798314638485854, 0.0009332615845877259, 8.555688061156051e-05,
        9.848670235451042e-06, 1.5274895993578162e-06, 3.022603185095083e-07, 7.095444141240322e-08,
        1.9129901147449985e-08, 5.900535127072277e-09, 2.1099607428820515e-09, 8.921940124669845e-10,
        4.2279588374869985e-10, 2.4065924957379585e-10, 2.530432934406202e-10, 2.2080696559284754e-10,
        -4.112546041158339e-11, -2.3476800425749405e-10, -1.0476420768247275e-10, 6.741759036741707e-11,
        5.34162709963206e-11, -4.96272539792823e-12, -8.76057164999964e-12, -7.983298445080824e-13,
    ),
    (
        0.12995350005859044, 0.01613764435370722, 0.0020170059328405363, 0.0003919050043899801,
        8.379986303989414e-05, -9.850755149034086e-06, -1.9453651457742482e-05, -4.9936600123301586e-06,
        1.7470097974109607e-06, 8.611805511695195e-07, -1.9951993985985265e-07, -9.836137575927729e-08,
        3.4265332892833404e-08, 6.989752913386557e-09, -5.534971775737634e-09, 3.327949722645543e-10,
        6.022677061256117e-10, -1.981439733351204e-10, -1.783770783975711e-11, 2.9010058946358103e-11,
        -6.088313240473526e-12, -1.5116999832589268e-12, 8.191612227712639e-13, -6.501586127296504e-14,
    ),
    (
        0.2006107865138398, 0.051737871410544645, -0.013169287981179372, -0.013332102091688561,
        0.0028564189647436325, 0.0029139072603462197, -0.0010892310582187356, -0.0004215749280435702,
        0.00031206932642607025, 1.0194304288871274e-05, -5.836493642062402e-05, 1.1240814002820685e-05,
        6.981074596511758e-06, -3.0612715575913284e-06, -5.403775933998508e-07, 5.593707320184812e-07,
        8.496624645133023e-09, -1.0119310971177073e-07, 1.6327406197736935e-08, 1.5198575450254828e-08,
        -5.38744721378169e-09, -1.189267406685813e-09, 6.42912276623673e-10, 4.52543093849188e-12,
    ),
    (
        0.1830253352696745, -0.06712001551685721, 0.0034093716753078062, 0.011408072151418838,
        -0.008526041109338621, 0.0035654815774079926, -0.0006893793593983193, -0.0003060817720906259,
        0.000396748161308091, -0.00023632567064762626, 9.16393395124468e-05, -1.6593767268594283e-05,
        -8.306531693104612e-06, 1.0390415576096151e-05, -6.268237587644322e-06, 2.490889493889797e-06,
        -4.6716913827428946e-07, -1.5146828458219525e-07, 1.7642037781131423e-07, -1.5717226924729764e-07,
        1.1483243933745362e-07, -1.8844308465380024e-08, -2.364394466206137e-08, 9.530310404794236e-09,
    ),
)  # fmt: skip
"""Of each interval, constant term first; a test compares them with the definition."""


def von_mises_stretch(complement: Array) -> Array:
    """The factor w as a function of ``C = 1 / (1 + kappa A / 2)``, elementwise, within 8 epsilons.

    Args:
        complement: C, any shape, float32 or float64, ``0 <= C <= 1``.
    """
    x = _piece(complement, [_centred(complement, a, b) for a, b in pairwise(_ENDS)])
    total = jnp.zeros_like(complement)
    for k in reversed(range(len(COEFFICIENTS[0]))):
        total = total * x + _piece(complement, [coefficients[k] for coefficients in COEFFICIENTS])
    return total


def _centred(complement: Array, start: float, end: float) -> Array:
    return (complement - 0.5 * (start + end)) * (2.0 / (end - start))


def _piece(complement: Array, choices: list) -> Array:
    """Of the choices that for the interval of C."""
    value = choices[-1]
    for end, choice in zip(reversed(_ENDS[1:-1]), reversed(choices[:-1]), strict=True):
        value = jnp.where(complement < end, choice, value)
    return value
