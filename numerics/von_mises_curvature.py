"""The scalar curvature of the von Mises manifold, fitted directly: its closed form loses everything to cancellation."""

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.bessel_ratio import as_concentration, differentiated_fit, evaluate_fit, fitted_primitive
from numerics.generated.bessel_coefficients import BOUNDARY, CURVATURE_MINIMUM, LATE_BOUNDARY


def _third_derivative(kappa: Array) -> Array:
    return differentiated_fit(kappa, "scalar_curvature_2", LATE_BOUNDARY[str(kappa.dtype)])


_second_derivative = fitted_primitive("scalar_curvature_2", _third_derivative, LATE_BOUNDARY)


@jax.custom_jvp
@jax.jit
def _first_derivative(kappa: Array) -> Array:
    boundary = LATE_BOUNDARY[str(kappa.dtype)]
    high, low = CURVATURE_MINIMUM[str(kappa.dtype)]
    inner = jnp.where(kappa < boundary, kappa, high)
    # The fit leaves out the zero at the minimum, kappa^2 - (high + low)^2, of which the first difference is exact.
    zero = (inner - high) * (inner + high) - low * (2 * high + low)
    return jnp.where(kappa < boundary, zero, 1) * evaluate_fit(kappa, "scalar_curvature_1", 0, boundary)


@_first_derivative.defjvp
def _first_derivative_rule(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return _first_derivative(*primals), _second_derivative(*primals) * tangents[0]


_scalar_curvature = fitted_primitive("scalar_curvature_0", _first_derivative, BOUNDARY)


def von_mises_scalar_curvature(kappa: ArrayLike) -> Array:
    """Evaluate the scalar curvature ``R = 2 K`` of the Fisher metric ``kappa A dmu^2 + A' dkappa^2``, ``A = I1/I0``.

    ``K = (kappa A^2 + 2A - kappa)(kappa A^4 + 2A - kappa) / (4 A^2 (kappa A^2 + A - kappa)^2)``. ``R ~ -kappa^2 / 8``
    at 0, is lowest near ``kappa = 5.18``, and ``R ~ -1 - 3 / (4 kappa^3)`` at infinity.

    Args:
        kappa: concentration, any shape, float32 or float64, ``>= 0``; negative values and NaN give NaN.

    Returns:
        ``R`` in the shape and dtype of ``kappa``, to 6 epsilons for ``1e-8 <= kappa <= 1e8``. The first derivative
        keeps its relative accuracy through its zero (32 epsilons); the second is best effort.

    Raises:
        TypeError: ``kappa`` is neither float32 nor float64.

    """
    return _scalar_curvature(as_concentration(kappa))
