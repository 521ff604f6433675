"""What every array function asks of its arguments: a floating dtype, a known shape, no silent loss of precision."""

import warnings

import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float

Scalar = Float[Array, ""]
Point = Float[Array, "d"]
Matrix = Float[Array, "d d"]


def as_floating(value: object, name: str) -> Array:
    """The value as a float32 or float64 JAX array; Python numbers take JAX's default float.

    Args:
        value: an array, a number or a nested list of numbers.
        name: of the argument, for messages.

    Raises:
        TypeError: for integer, boolean, complex and other arrays, naming argument and dtype.

    Warns:
        UserWarning: when float64 data would become float32 because x64 is not enabled in JAX.
    """
    if isinstance(value, Array):
        array = value
    else:
        host = np.asarray(value)
        if host.dtype == object:
            host = np.asarray(jnp.asarray(value))
        if isinstance(value, np.ndarray | np.generic):
            if host.dtype == np.float64 and jnp.result_type(float) == jnp.float32:
                warnings.warn(
                    f"{name} is float64, but JAX computes in float32: enable x64 with "
                    "jax.config.update('jax_enable_x64', True), or pass float32",
                    stacklevel=3,
                )
                host = host.astype(np.float32)
            array = jnp.asarray(host)
        elif host.dtype.kind in "if":
            array = jnp.asarray(host, dtype=jnp.result_type(float))
        else:
            raise TypeError(f"{name} has dtype {host.dtype}; it must be float32 or float64")
    if array.dtype not in (jnp.float32, jnp.float64):
        raise TypeError(f"{name} has dtype {array.dtype}; it must be float32 or float64")
    return array


def as_point(value: object, dimension: int, name: str) -> Array:
    """The value as a floating array of shape ``(dimension,)``; raises ValueError for another shape."""
    array = as_floating(value, name)
    if array.shape != (dimension,):
        raise ValueError(
            f"{name} has shape {array.shape}; it must be ({dimension},), one point: use jax.vmap for a batch"
        )
    return array
