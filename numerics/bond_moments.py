r"""Moments of all bonds of Potts chains on a torus: what depends on one bond or two, up to the symmetries of the lattice.

With ``x = phi - c`` for a constant c close to the mean, the products ``<x_a(r) x_b(0)>`` of two bonds, along the axes a and b
and r apart, are the same for all pairs that translations, reflections, exchanges of axes or the exchange of the bonds take to
each other. They are kept as one number for each such orbit, and by chain, so that errors come from independent chains.
"""

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh, PartitionSpec
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from numerics.swendsen_wang import Chains, Potts, agreements, energies, sweep


@dataclass(frozen=True)
class BondMoments:
    """Means along each chain. E is the sum of all x, P the product of two bonds.

    Attributes:
        energy: <E>, shape (chains,).
        energy_squared: <E^2>, shape (chains,).
        products: <P> by orbit, shape (chains, orbits).
        products_with_energy: <E P> by orbit, shape (chains, orbits).
    """

    energy: np.ndarray
    energy_squared: np.ndarray
    products: np.ndarray
    products_with_energy: np.ndarray

    def mean(self) -> "BondMoments":
        """Over all chains, which remain as an axis of length 1."""
        return self._map(lambda values: values.mean(axis=0, keepdims=True))

    def without_each(self) -> "BondMoments":
        """Over all chains but one, for each chain."""
        return self._map(lambda values: (values.sum(axis=0) - values) / (len(values) - 1))

    def _map(self, change: Any) -> "BondMoments":
        return BondMoments(*map(change, (self.energy, self.energy_squared, self.products, self.products_with_energy)))


@cache
def orbits(size: int, dimension: int) -> np.ndarray:
    """The number of the orbit of two bonds along the axes a and b, r apart: shape (d, d, L, ..., L), counted from 0.

    A reflection of the axis c takes the bond from x along a to the one from ``x'`` if a is another axis, ``x'`` being the
    reflected site, and to the one from ``x' - e_c`` if a is c.
    """
    d, shape = dimension, (dimension, dimension, *(size,) * dimension)
    a, b, *r = np.indices(shape)
    images = [(b, a, *(-x for x in r))]
    for c in range(d):
        images.append((a, b, *(x if axis != c else (b == c).astype(int) - (a == c) - x for axis, x in enumerate(r))))
    for c in range(d - 1):
        swapped = np.arange(d)
        swapped[[c, c + 1]] = c + 1, c
        images.append((swapped[a], swapped[b], *(r[axis] for axis in swapped)))
    number = int(np.prod(shape))
    ends = [np.ravel_multi_index(image, shape, mode="wrap").reshape(-1) for image in images]
    begins = np.tile(np.arange(number), len(ends))
    graph = coo_array((np.ones(len(begins), dtype=np.int8), (begins, np.concatenate(ends))), shape=(number, number))
    return connected_components(graph, directed=False)[1].reshape(shape)


def by_orbit(model: Potts, products: np.ndarray) -> np.ndarray:
    """Averages over orbits, shape (chains, orbits).

    Args:
        model: for the lattice.
        products: of the bonds along the axes a <= b in the order of ``np.triu_indices(d)``, shape (chains, pairs, L, ..., L).
    """
    rows, columns = np.triu_indices(model.dimension)
    places = orbits(model.size, model.dimension)[rows, columns].reshape(-1)
    flat = products.reshape(len(products), -1)
    sums = np.stack([np.bincount(places, weights=chain) for chain in flat])
    return sums / np.bincount(places)


def waves(model: Potts, spins: Array, centre: Array | float) -> Array:
    """Sums over all sites x of ``exp(-ikx)`` times the bond from x less c, at half of all momenta.

    Args:
        model: for the lattice.
        spins: shape (states, n), int8.
        centre: c.

    Returns:
        Shape (states, d, L, ..., L // 2 + 1), complex64, as of ``rfftn``.
    """
    bonds = agreements(model, spins).astype(jnp.float32) - jnp.float32(centre)
    return jnp.fft.rfftn(bonds.reshape(*bonds.shape[:2], *model.shape), axes=range(-model.dimension, 0))


@partial(jax.jit, static_argnames=("model", "mesh", "every", "number"))
def record(
    model: Potts, mesh: Mesh, chains: Chains, centre: Array, every: int, number: int
) -> tuple[Chains, Array, dict[str, Array]]:
    """Sweep, and sum up what is needed of the chains.

    Args:
        model: what is simulated.
        mesh: of devices, with the axis ``chains``.
        chains: where they are.
        centre: c, a float32 scalar.
        every: how many sweeps lie between two measurements.
        number: of measurements.

    Returns:
        The chains; how many bonds joined equal states after each sweep, shape (every * number, chains); and sums over
        measurements: ``energy`` and ``energy_squared`` of shape (chains,), and for the bonds along the axes a <= b
        ``products`` and ``products_with_energy`` at half of all momenta, shape (chains, pairs, L, ..., L // 2 + 1).
    """
    spread = PartitionSpec("chains")
    local = partial(_record, model, every, number)
    return jax.shard_map(
        local, mesh=mesh, in_specs=(spread, PartitionSpec()), out_specs=(spread, PartitionSpec(None, "chains"), spread),
        check_vma=False,
    )(chains, centre)  # fmt: skip


def _record(
    model: Potts, every: int, number: int, chains: Chains, centre: Array
) -> tuple[Chains, Array, dict[str, Array]]:
    rows, columns = np.triu_indices(model.dimension)
    count = len(chains.spins)

    def swept(state: Chains, _: None) -> tuple[Chains, Array]:
        moved = sweep(model, state)
        return moved, energies(model, moved.spins)

    def measured(carry: tuple[Chains, dict[str, Array]], _: None) -> tuple[Any, Array]:
        state, sums = carry
        state, series = jax.lax.scan(swept, state, None, length=every)
        x = waves(model, state.spins, centre)
        energy = jnp.sum(x.reshape(count, model.dimension, -1)[:, :, 0].real, axis=1)
        products = x[:, rows] * jnp.conj(x[:, columns])
        seen = {
            "energy": energy,
            "energy_squared": energy**2,
            "products": products,
            "products_with_energy": energy.astype(products.dtype).reshape(-1, *(1,) * (products.ndim - 1)) * products,
        }
        return (state, jax.tree.map(jnp.add, sums, seen)), series

    half = (count, len(rows), *model.shape[:-1], model.size // 2 + 1)
    scalar, wave = jnp.zeros(count, jnp.float32), jnp.zeros(half, jnp.complex64)
    empty = {"energy": scalar, "energy_squared": scalar, "products": wave, "products_with_energy": wave}
    (chains, sums), series = jax.lax.scan(measured, (chains, empty), None, length=number)
    return chains, series.reshape(every * number, count), sums


def averaged(model: Potts, sums: dict[str, np.ndarray], measurements: int) -> BondMoments:
    """The moments of the sums that :func:`record` returns, in float64."""
    parts = {key: np.asarray(value) / measurements for key, value in sums.items()}
    axes = tuple(range(-model.dimension, 0))
    for key in ("products", "products_with_energy"):
        parts[key] = by_orbit(model, np.fft.irfftn(parts[key], model.shape, axes=axes) / model.sites)
    return BondMoments(**parts)
