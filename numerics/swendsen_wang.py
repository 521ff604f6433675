"""Cluster updates of the Potts model on a torus, for many chains at once.

States s of the sites have probability proportional to ``exp(J sum delta(s_i, s_j))``, the sum being over the bonds of
neighbours. A sweep opens each bond of equal states with probability ``1 - exp(-J)``, and gives each component of open bonds a
new state, the same for all of its sites. The Ising model with coupling K is the one with two states and ``J = 2 K``.

Source: Swendsen & Wang 1987; Edwards & Sokal 1988.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh, PartitionSpec

from numerics.cluster_labels import cluster_labels
from numerics.sizes import whole_number

_MOST_STATES = 127


@dataclass(frozen=True)
class Potts:
    """The model; hashable, so that it may be a static argument.

    Attributes:
        states: q, from 2 to 127.
        size: L >= 3; smaller tori have two bonds between the same sites.
        dimension: d >= 1.
        coupling: J >= 0, in units of the temperature.

    Raises:
        TypeError: for sizes that are no whole numbers.
        ValueError: outside the domain.
    """

    states: int
    size: int
    dimension: int
    coupling: float

    def __post_init__(self) -> None:
        whole_number(self.size, "size", 3)
        whole_number(self.dimension, "dimension", 1)
        if whole_number(self.states, "states", 2) > _MOST_STATES:
            raise ValueError(f"states = {self.states}; at most {_MOST_STATES}, as they are kept as 8-bit integers")
        if not (np.isfinite(self.coupling) and self.coupling >= 0):
            raise ValueError(f"coupling = {self.coupling}; its domain is finite numbers >= 0")

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the lattice, (L, ..., L)."""
        return (self.size,) * self.dimension

    @property
    def sites(self) -> int:
        """``n = L^d``."""
        return self.size**self.dimension

    @property
    def bonds(self) -> int:
        """``m = d n``."""
        return self.dimension * self.sites

    @property
    def neighbours(self) -> np.ndarray:
        """Of each site the next one along each axis, and then the one before, shape (2 d, n)."""
        number = np.arange(self.sites).reshape(self.shape)
        moved = [np.roll(number, step, axis) for step in (-1, 1) for axis in range(self.dimension)]
        return np.stack(moved).reshape(2 * self.dimension, self.sites)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Chains:
    """Independent chains; a pytree.

    Attributes:
        spins: the state of each site, from 0 to q - 1, shape (chains, n), int8.
        keys: of every chain, shape (chains,). Chains do not depend on how many there are beside them.
    """

    spins: Array
    keys: Array


def start(model: Potts, chains: int, key: Array) -> Chains:
    """Chains that begin at random states, those with an even number, or all alike."""
    begin, later = jax.random.split(key)
    drawn = jax.random.randint(begin, (chains, model.sites), 0, model.states, jnp.int32)
    is_hot = jnp.arange(chains)[:, None] % 2 == 0
    return Chains(jnp.where(is_hot, drawn, 0).astype(jnp.int8), jax.random.split(later, chains))


def agreements(model: Potts, spins: Array) -> Array:
    """``delta(s_i, s_j)`` of the bond from each site along each axis, shape (chains, d, n), bool."""
    forward = model.neighbours[: model.dimension]
    return spins[:, None, :] == spins[:, forward]


def energies(model: Potts, spins: Array) -> Array:
    """How many bonds join equal states, shape (chains,), int32."""
    return jnp.sum(agreements(model, spins), axis=(1, 2), dtype=jnp.int32)


def sweep(model: Potts, chains: Chains) -> Chains:
    """One cluster update of all chains."""
    d, number = model.dimension, model.sites
    pairs = jax.vmap(jax.random.split)(chains.keys)
    words = jax.vmap(lambda key: jax.random.bits(key, (d + 1, number), jnp.uint32))(pairs[:, 1])
    # Compared as integers: a float32 would round the probability.
    threshold = np.uint32(min(round(-np.expm1(-model.coupling) * 2.0**32), 2**32 - 1))
    ahead = agreements(model, chains.spins) & (words[:, :d] < threshold)
    behind = [ahead[:, axis, model.neighbours[d + axis]] for axis in range(d)]
    labels = cluster_labels(model.neighbours, jnp.concatenate([ahead, jnp.stack(behind, axis=1)], axis=1))
    # Of 24 bits, so that the product with q stays below 2^32.
    drawn = ((words[:, d] >> np.uint32(8)) * np.uint32(model.states) >> np.uint32(24)).astype(jnp.int8)
    return Chains(jnp.take_along_axis(drawn, labels, axis=1, mode="promise_in_bounds"), pairs[:, 0])


def device_mesh(devices: list[jax.Device] | None = None) -> Mesh:
    """Devices that share the chains, all that there are if none is named."""
    return Mesh(jax.devices() if devices is None else devices, ("chains",))


@partial(jax.jit, static_argnames=("model", "mesh"))
def advance(model: Potts, mesh: Mesh, chains: Chains, sweeps: Array | int) -> Chains:
    """The chains after some sweeps.

    Args:
        model: what is simulated.
        mesh: of devices, see :func:`device_mesh`; their number divides that of the chains.
        chains: where they are.
        sweeps: how many; other numbers need no further compilation.
    """

    def local(state: Chains, number: Array) -> Chains:
        return jax.lax.fori_loop(0, number, lambda _, moved: sweep(model, moved), state)

    spread = PartitionSpec("chains")
    shared = jax.shard_map(local, mesh=mesh, in_specs=(spread, PartitionSpec()), out_specs=spread, check_vma=False)
    return shared(chains, jnp.asarray(sweeps, jnp.int32))
