r"""``|T|^2`` of the bonds of Potts chains on a torus, from pairs of independent states.

``K(s, s') = (phi(s) - m)^T g^-1 (phi(s') - m)`` is a sum of ``x_k(s)^dagger g_k^-1 x_k(s') / n`` over momenta k, and for
independent s and s' the mean of ``K^3`` is ``T_abc g^ad g^be g^cf T_def``. By translation invariance it is averaged over all
translations of s', whose K come from one inverse Fourier transform.

The states of a pair come from two blocks of chains; g and m come from all other chains, so that no state meets its own
fluctuations in them, and the mean of K^3 is unbiased given them. What is left is the bias of an inverse: for N independent
values of d fields ``E g'^-1 = g^-1 (1 + d/N + O(1/N^2))`` at each momentum if they are normal, about 3 d/N of ``|T|^2``. In
general ``E F(g') = F(g) + b/c + O(1/c^2)`` for a smooth function F of means over c chains. The mean of F over two halves of the
chains has the bias 2 b/c; the difference, b/c, is returned.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh, PartitionSpec

from numerics.bond_moments import BondMoments, orbits, waves
from numerics.swendsen_wang import Potts

# The mean of x, and the mean products by orbit.
Means = tuple[Array, Array]


@dataclass(frozen=True)
class Pairs:
    """Means over all pairs of states of two chains, one of each block.

    Attributes:
        cubes: mean of K^3 by pair of chains, shape (chains / 2, chains / 2).
        bias: what an inverse of means over all other chains adds to their mean.
        slopes: to first order, how much the moments of each chain have moved their mean, times the number of chains; shape
            (chains,), of mean 0.
    """

    cubes: np.ndarray
    bias: float
    slopes: np.ndarray


def pairs(model: Potts, mesh: Mesh, spins: np.ndarray, centre: float, moments: BondMoments, together: int) -> Pairs:
    """Evaluate all pairs of chains, with some states of each; all states take part somewhere if the blocks are large enough.

    Memory is that of ``together^2 n`` numbers, besides the states.

    Args:
        model: what was simulated.
        mesh: of devices, with the axis ``chains``.
        spins: states, shape (chains, kept, n), int8; the first half of the chains is one block, the rest the other.
        centre: c of the moments.
        moments: of the chains.
        together: how many states of each chain a pair of chains has, a divisor of ``kept``.
    """
    count, kept = spins.shape[:2]
    means = (moments.energy / model.bonds, moments.products)
    block = count // 2
    own = tuple(jnp.asarray(value, jnp.float32) for value in means)
    half = np.arange(block) % 2
    halves = np.concatenate([half, half])
    totals = tuple(jnp.stack([value[halves == h].sum(axis=0) for h in (0, 1)]) for value in own)
    numbers = jnp.asarray(np.bincount(halves, minlength=2), jnp.float32)
    # Strides of the states, of which the pair of chains i and j has the one with the number i + j.
    strides = spins.reshape(count, together, kept // together, model.sites).swapaxes(1, 2)
    first, second = (
        (jnp.asarray(strides[part]), tuple(value[part] for value in own), jnp.arange(block))
        for part in (slice(0, block), slice(block, None))
    )
    cubes, biases, (slope, slopes) = jax.tree.map(
        np.asarray, _table(model, mesh, first, second, (totals, numbers), jnp.float32(centre))
    )
    slope, slopes = slope.mean(dtype=np.float64), slopes.mean(axis=0, dtype=np.float64)
    moved = (means[0] - means[0].mean()) * slope + (means[1] - means[1].mean(axis=0)) @ slopes
    return Pairs(cubes.astype(np.float64), float(biases.mean(dtype=np.float64)), moved)


@partial(jax.jit, static_argnames=("model", "mesh"))
def _table(model: Potts, mesh: Mesh, first: Any, second: Any, everything: Any, centre: Array) -> Any:
    """:func:`_rows`, with the chains of the first block shared among the devices."""
    spread, whole = PartitionSpec("chains"), PartitionSpec()
    return jax.shard_map(
        partial(_rows, model), mesh=mesh, in_specs=(spread, whole, whole, whole), out_specs=spread, check_vma=False
    )(first, second, everything, centre)


def _rows(
    model: Potts,
    first: tuple[Array, Means, Array],
    second: tuple[Array, Means, Array],
    everything: tuple[Means, Array],
    centre: Array,
) -> tuple[Array, Array, Means]:
    """For each chain of the first block, cubes and biases with each of the second, and slopes averaged over these."""
    totals, numbers = everything

    def cell(one: tuple[Array, Means, Array], other: tuple[Array, Means, Array]) -> tuple[Array, Array, Means]:
        (strides, own, place), (its_strides, its, its_place) = one, other
        stride = (place + its_place) % len(strides)
        left, right = (waves(model, spins[stride], centre) for spins in (strides, its_strides))
        is_in, is_its = (jnp.float32(jnp.arange(2) == i % 2) for i in (place, its_place))
        rest = jax.tree.map(lambda t, a, b: t - jnp.multiply.outer(is_in, a) - jnp.multiply.outer(is_its, b),
                            totals, own, its)  # fmt: skip
        counts = numbers - is_in - is_its
        whole = jax.tree.map(lambda r: r.sum(axis=0) / counts.sum(), rest)
        cube, slope = jax.value_and_grad(partial(_mean_cube, model))(whole, left, right)
        few, others = left[: max(1, len(left) // 2)], right[: max(1, len(right) // 2)]
        halved = [_mean_cube(model, jax.tree.map(lambda r, h=h: r[h] / counts[h], rest), few, others) for h in (0, 1)]
        return cube, 0.5 * (halved[0] + halved[1]) - _mean_cube(model, whole, few, others), slope

    def row(one: tuple[Array, Means, Array]) -> tuple[Array, Array, Means]:
        cubes, biases, slopes = jax.lax.map(partial(cell, one), second)
        return cubes, biases, jax.tree.map(lambda s: s.mean(axis=0), slopes)

    return jax.lax.map(row, first)


def _mean_cube(model: Potts, means: Means, left: Array, right: Array) -> Array:
    """The mean of K^3 over all pairs of states and all translations."""
    mean, products = means
    d, axes = model.dimension, tuple(range(-model.dimension, 0))
    metric = jnp.fft.rfftn(products[orbits(model.size, d)] - mean**2, axes=axes)
    inverse = _inverse(metric.reshape(d, d, -1))
    x, y = (
        states.reshape(len(states), d, -1).at[:, :, 0].add(-model.sites * mean.astype(states.dtype))
        for states in (left, right)
    )
    raised = jnp.einsum("abk,qbk->qak", inverse, y, precision="highest")
    product = jnp.einsum("pak,qak->pqk", jnp.conj(x), raised, precision="highest")
    K = jnp.fft.irfftn(product.reshape(len(x), len(y), *metric.shape[2:]), model.shape, axes=axes)
    return jnp.mean(K**3)


def _inverse(matrices: Array) -> Array:
    """Of the matrices along the last axis, shape (d, d, k) for d from 1 to 3, by cofactors.

    ``jnp.linalg.inv`` is slow here, and two of them at once can wait for each other for ever on a CPU with two threads: each
    waits for a thread of the pool that both run in.
    """
    if len(matrices) == 1:
        return 1 / matrices
    if len(matrices) == 2:
        (a, b), (c, d) = matrices
        return jnp.stack([jnp.stack([d, -b]), jnp.stack([-c, a])]) / (a * d - b * c)
    x, y, z = (matrices[:, column] for column in range(3))
    rows = [jnp.cross(first, second, axis=0) for first, second in ((y, z), (z, x), (x, y))]
    return jnp.stack(rows) / jnp.sum(x * rows[0], axis=0)
