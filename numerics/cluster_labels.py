"""Connected components of many random graphs on the same sites at once, by hooking and pointer jumping.

Every site points to a site of its component with a smaller or equal number. In each round it hooks itself and the site that it
points to onto the smallest pointer among its neighbours, and then jumps to where its pointer points. When nothing changes, all
sites of a component point to its smallest one. On critical clusters that takes of the order of ten rounds.

Sources: Shiloach & Vishkin 1982; Zhang, Azad & Hu 2020 (FastSV, arXiv 1910.05971), whose two hookings these are; here a pointer
always jumps before the next round, so that there is one array of pointers.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array


def cluster_labels(neighbours: Any, is_open: Array) -> Array:
    """The smallest site of each site's component.

    Composes with ``jit``; all chains are one computation, without a loop over sites or chains.

    Args:
        neighbours: by slot and site a site that a bond may join it to, shape (s, n), of integers below n; every bond is
            listed at both of its ends. Sites with fewer than s bonds name themselves.
        is_open: of each chain whether these bonds are open, shape (chains, s, n); the same at both ends of a bond.

    Returns:
        Numbers of sites, shape (chains, n), int32.

    Raises:
        TypeError: for neighbours that are not integers, and bonds that are not boolean.
        ValueError: for shapes that do not agree, neighbours outside 0..n-1, or more than 2^31 sites in all chains.
    """
    table = np.asarray(neighbours)
    _check(table, is_open)
    chains, slots, number = is_open.shape
    own = jnp.arange(chains * number, dtype=jnp.int32).reshape(chains, number)
    offset = own[:, :1]
    # A closed bond leads back to the site itself, so that no case is left.
    links = [
        jnp.where(is_open[:, slot], offset + table[slot].astype(np.int32)[None], own).reshape(-1)
        for slot in range(slots)
    ]

    def is_unsettled(state: tuple[Array, Array]) -> Array:
        return state[1]

    def hook_and_jump(state: tuple[Array, Array]) -> tuple[Array, Array]:
        pointer, _ = state
        smallest = pointer
        for link in links:
            smallest = jnp.minimum(smallest, _at(pointer, link))
        hooked = smallest.at[pointer].min(smallest, mode="promise_in_bounds")
        jumped = _at(hooked, hooked)
        return jumped, jnp.any(jumped != pointer)

    pointer, _ = jax.lax.while_loop(is_unsettled, hook_and_jump, (own.reshape(-1), jnp.asarray(own.size > 0)))
    return pointer.reshape(chains, number) - offset


def _at(values: Array, places: Array) -> Array:
    return values.at[places].get(mode="promise_in_bounds")


def _check(table: np.ndarray, is_open: Array) -> None:
    if not np.issubdtype(table.dtype, np.integer):
        raise TypeError(f"neighbours has dtype {table.dtype}; it must be integer")
    if is_open.dtype != jnp.bool_:
        raise TypeError(f"is_open has dtype {is_open.dtype}; it must be bool")
    if table.ndim != 2 or is_open.ndim != 3 or is_open.shape[1:] != table.shape:
        raise ValueError(
            f"neighbours has shape {table.shape} and is_open {is_open.shape}; they must be (s, n) and (chains, s, n)"
        )
    number = table.shape[1]
    if table.size and not (table.min() >= 0 and table.max() < number):
        raise ValueError(
            f"neighbours has entries from {table.min()} to {table.max()}; their domain is 0 to {number - 1}"
        )
    if is_open.shape[0] * number >= 2**31:
        raise ValueError(f"{is_open.shape[0]} chains of {number} sites are more than 2^31 sites; take fewer chains")
