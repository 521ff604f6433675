"""The Fisher metric on finite sample spaces, and what a Markov map loses of it.

A probability vector p has shape (n,), a tangent vector u shape (n,) with entries that add up to 0, a Markov map K shape
(n, m) with rows that add up to 1; it maps p to ``p @ K`` and u to ``u @ K``.

Source: Amari & Nagaoka 2000, section 2.2.
"""

import jax.numpy as jnp
from jax import Array

from numerics.arrays import agreeing


def fisher_norm(p: Array, u: Array) -> Array:
    """The squared Fisher norm ``sum u_i^2 / p_i`` of a tangent vector, a scalar; NaN unless every p_i is positive.

    Raises:
        ValueError: if p and u are not of one shape (n,).
        TypeError: for a dtype other than float32 and float64.
    """
    p, u = agreeing((p, u), ("p", "u"))
    _check_vectors(p, u)
    return jnp.sum(u / jnp.where(jnp.all(p > 0), p, jnp.nan) * u)


def information_loss(kernel: Array, p: Array, u: Array) -> Array:
    """What a Markov map loses of the squared Fisher norm, a scalar: never negative, and without cancellation.

    With the score ``l_i = u_i / p_i`` it is the mean, over the outputs, of the variance of l given the output; it is 0
    exactly if outcomes that can lead to the same output have the same score.

    Args:
        kernel: entries that are not negative and rows that add up to 1, shape (n, m); NaN for any other.
        p: positive probabilities, shape (n,); NaN for any other.
        u: a tangent vector, shape (n,).

    Raises:
        ValueError: if the shapes do not fit together.
        TypeError: for a dtype other than float32 and float64.
    """
    kernel, p, u = agreeing((kernel, p, u), ("kernel", "p", "u"))
    _check_vectors(p, u)
    if kernel.ndim != 2 or kernel.shape[0] != p.shape[0]:
        raise ValueError(f"kernel has shape {kernel.shape}; it must be ({p.shape[0]}, m), one row for each entry of p")
    rounding = 8 * kernel.shape[1] * jnp.finfo(kernel.dtype).eps
    is_markov = jnp.all(kernel >= 0) & jnp.all(jnp.abs(jnp.sum(kernel, axis=1) - 1) <= rounding)
    joint = p[:, None] * kernel
    total = jnp.sum(joint, axis=0)
    reached = jnp.where(total > 0, total, 1.0)
    score = u / p
    # Conditional means relative to one score that leads to the output, so that equal scores leave exactly 0.
    reference = score[jnp.argmax(kernel > 0, axis=0)]
    apart = score[:, None] - reference
    mean = jnp.sum(joint * apart, axis=0) / reached
    loss = jnp.sum(joint * (apart - mean) ** 2)
    return jnp.where(is_markov & jnp.all(p > 0), loss, jnp.nan)


def _check_vectors(p: Array, u: Array) -> None:
    if p.ndim != 1 or p.shape != u.shape:
        raise ValueError(f"p has shape {p.shape} and u {u.shape}; both must be (n,): use jax.vmap for a batch")
