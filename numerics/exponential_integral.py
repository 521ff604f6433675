"""The exponential integral, scaled so that it does not underflow (NIST DLMF 6.6.2 and 6.7.1)."""

import math

import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.polygamma import along_last_axis

# The trapezoidal rule in u with t = exp(u - exp(-u)), doubly exponential at both ends (Takahasi & Mori 1974): with step 1/8
# it is exact to rounding for 1 / (z + t) with z >= 0.2.
_EXPONENTIAL_STEPS = np.arange(-32, 33) / 8
_EXPONENTIAL_NODES = np.exp(_EXPONENTIAL_STEPS - np.exp(-_EXPONENTIAL_STEPS))
_EXPONENTIAL_WEIGHTS = _EXPONENTIAL_NODES * (1 + np.exp(-_EXPONENTIAL_STEPS)) * np.exp(-_EXPONENTIAL_NODES) / 8
_EXPONENTIAL_SEAM = 0.5
_EXPONENTIAL_TERMS = 15


def scaled_exponential_integral(z: Array) -> Array:
    """``exp(z) E_1(z) = int_0^inf exp(-t) / (z + t) dt``, elementwise, within 8 epsilons.

    It is about ``-log z`` near 0 and ``1/z`` at infinity.

    Args:
        z: ``> 0``, any shape, float32 or float64; NaN for others.
    """
    is_small = z < _EXPONENTIAL_SEAM
    small, large = jnp.where(is_small & (z > 0), z, 0.25), jnp.where(is_small, 1.0, z)
    series = jnp.zeros_like(small)
    for k in range(_EXPONENTIAL_TERMS, 0, -1):
        series = small * ((-1) ** (k + 1) / (k * math.factorial(k)) + series)
    near = jnp.exp(small) * (series - jnp.log(small) - float(np.euler_gamma))
    nodes, weights = (along_last_axis(part, z) for part in (_EXPONENTIAL_NODES, _EXPONENTIAL_WEIGHTS))
    far = jnp.sum(weights / (large[..., None] + nodes), axis=-1)
    return jnp.where(z > 0, jnp.where(is_small, near, far), jnp.nan)
