"""Sums that leave something out, without subtraction."""

import jax.numpy as jnp
from jax import Array


def sums_before_and_after(values: Array) -> tuple[Array, Array]:
    """For each entry of a vector the sum of those before it and of those after it."""
    zero = jnp.zeros_like(values[:1])
    before = jnp.concatenate([zero, jnp.cumsum(values)[:-1]])
    after = jnp.concatenate([jnp.cumsum(values[::-1])[::-1][1:], zero])
    return before, after


def sums_of_others(values: Array) -> Array:
    """For each entry of a vector the sum of all others."""
    before, after = sums_before_and_after(values)
    return before + after


def sum_of_pairs(values: Array) -> Array:
    """``sum_i<j q_i q_j``, a scalar."""
    return jnp.sum(values * sums_before_and_after(values)[0])


def sums_of_other_pairs(values: Array) -> Array:
    """For each entry of a vector ``sum_i<j q_i q_j`` over the pairs without it."""
    before, after = sums_before_and_after(values)
    pairs_before, _ = sums_before_and_after(values * before)
    _, pairs_after = sums_before_and_after(values * after)
    return pairs_before + pairs_after + before * after
