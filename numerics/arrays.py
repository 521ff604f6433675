"""What every array function asks of its arguments: a floating dtype, a known shape, no silent loss of precision."""

import numbers
import warnings
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

Scalar = Float[Array, ""]
Point = Float[Array, "d"]
Matrix = Float[Array, "d d"]


def as_floating(value: object, name: str, default: DTypeLike | None = None) -> Array:
    """The value as a float32 or float64 JAX array; numbers beyond the range of the dtype become infinite.

    Args:
        value: an array, a number or a nested list of numbers or arrays.
        name: of the argument, for messages.
        default: the dtype of numbers, which have none of their own; JAX's default float if not given.

    Raises:
        TypeError: for integer, boolean, complex and other arrays, naming argument and dtype.
        ValueError: for ragged lists, naming the argument.

    Warns:
        UserWarning: when float64 data would become float32 because x64 is not enabled in JAX.
    """
    if isinstance(value, np.ndarray | np.generic):
        return _from_numpy(value, name)
    if isinstance(value, list | tuple) and any(isinstance(leaf, Array) for leaf in jax.tree.leaves(value)):
        return _stacked(value, name, default)
    if not isinstance(value, Array):
        return _from_numbers(value, name, default)
    _check_dtype(value.dtype, name)
    return value.astype(default) if default is not None and value.weak_type else value


def agreeing(values: Sequence[object], names: Sequence[str]) -> list[Array]:
    """Several arguments as arrays of one dtype: Python numbers take that of the arrays beside them.

    Raises:
        TypeError: when float32 and float64 arrays meet, naming both; and as :func:`as_floating` does.
    """
    arrays = [
        as_floating(value, name) if hasattr(value, "dtype") else value
        for value, name in zip(values, names, strict=True)
    ]
    own: dict[np.dtype, str] = {}
    for array, name in zip(arrays, names, strict=True):
        if isinstance(array, Array) and not array.weak_type:
            own.setdefault(array.dtype, name)
    if len(own) > 1:
        (first, one), (second, another) = own.items()
        raise TypeError(f"{one} has dtype {first} and {another} {second}; they must agree")
    return [as_floating(array, name, next(iter(own), None)) for array, name in zip(arrays, names, strict=True)]


def _from_numpy(value: np.ndarray | np.generic, name: str) -> Array:
    _check_dtype(value.dtype, name)
    if value.dtype == np.float64 and jnp.result_type(float) == jnp.float32:
        warnings.warn(
            f"{name} is float64, but JAX computes in float32: enable x64 with "
            "jax.config.update('jax_enable_x64', True), or pass float32",
            stacklevel=4,
        )
        return _cast(value, np.float32)
    return jnp.asarray(value)


def _from_numbers(value: object, name: str, default: DTypeLike | None) -> Array:
    try:
        leaves = np.asarray(value, dtype=object)
    except ValueError:
        raise ValueError(f"{name} is a ragged list; its parts must have one shape") from None
    for leaf in leaves.flat:
        if isinstance(leaf, list | tuple):
            raise ValueError(f"{name} is a ragged list; its parts must have one shape")
        if isinstance(leaf, bool | np.bool_ | np.longdouble) or not isinstance(leaf, numbers.Real):
            _check_dtype(np.asarray(leaf).dtype, name)
    return _cast(leaves.astype(np.float64), jnp.result_type(float) if default is None else default)


def _stacked(parts: Sequence[object], name: str, default: DTypeLike | None) -> Array:
    arrays = agreeing(parts, [f"{name}[{index}]" for index in range(len(parts))])
    if len({array.shape for array in arrays}) != 1:
        raise ValueError(f"{name} is a ragged list; its parts must have one shape")
    return as_floating(jnp.stack(arrays), name, default)


def _cast(host: np.ndarray | np.generic, dtype: DTypeLike) -> Array:
    with np.errstate(over="ignore"):
        return jnp.asarray(host.astype(dtype))


def _check_dtype(dtype: np.dtype, name: str) -> None:
    if dtype not in (np.float32, np.float64):
        raise TypeError(f"{name} has dtype {dtype}; it must be float32 or float64")


def as_point(value: object, dimension: int, name: str) -> Array:
    """The value as a floating array of shape ``(dimension,)``; raises ValueError for another shape."""
    array = as_floating(value, name)
    if array.shape != (dimension,):
        raise ValueError(
            f"{name} has shape {array.shape}; it must be ({dimension},), one point: use jax.vmap for a batch"
        )
    return array
