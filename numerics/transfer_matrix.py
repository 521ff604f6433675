r"""Cumulants of the bonds of a spin model on a torus, exactly, by transfer matrices.

A direction is singled out; the states of a layer across it are the rows of ``V = D W D``, W the product of the weights of the
bonds to the next layer and ``D^2`` the weights of the bonds inside a layer. Statistics of bonds inside layers are diagonal, so

.. math:: Z \operatorname{E}[\phi_a \phi_b \phi_c] = \sum_{kj} B_k (V^u C V^r)_{kj} A_j (V^t)_{jk}

gives all bonds a and b of two layers at once; C is diagonal, or a layer further V with the statistic of one bond to the next
layer in place. Two bonds along the direction are never needed: another direction has them inside its layers, and translations
and permutations give the rest. No matrix V is kept: it is a Kronecker product, applied to a few rows at a time, one row of
each class of layers under permutations of the states. Nothing is inverted, and all factors but the statistics are positive.

Sources: Kramers & Wannier 1941 for the matrix; the claim ``ricci-split`` for what the cumulants are for.
"""

import itertools
import math
from collections.abc import Callable

import numpy as np

from numerics.lattices import Lattice
from numerics.ring_cumulants import ring_cumulants
from numerics.spin_enumeration import Cumulants
from numerics.spin_models import bond_values, checked_couplings
from numerics.torus_blocks import Blocks
from numerics.torus_layers import Layers

Progress = Callable[[int, int], None]
# An hour and a half on one core.
MOST_OPERATIONS = 1e14
_MOST_BITS = 300


def cumulants(
    lattice: Lattice,
    couplings: float | np.ndarray,
    model: str = "ising",
    states: int = 2,
    memory: float = 2**30,
    progress: Progress | None = None,
) -> Cumulants:
    """Means and covariances of all bonds, and third cumulants with one bond of each axis.

    Args:
        lattice: a torus or a ring.
        couplings: one for all bonds or one for each axis, finite.
        model: ``"ising"`` or ``"potts"``.
        states: of a spin.
        memory: what the rows may take, in bytes; less takes longer.
        progress: called with how many parts are done and how many there are.

    Raises:
        ValueError: outside the domain, and for layers that take too long or more memory than allowed.
    """
    table = bond_values(model, states)
    shape = lattice.shape
    if not shape:
        raise ValueError(f"{lattice.name} is no torus; enumerate its states")
    strengths = checked_couplings(couplings, len(shape), "axes")
    if len(shape) == 1:
        return ring_cumulants(lattice, float(strengths[0]), table)
    plan = _plan(shape)
    work = operations(shape, states)
    if work > MOST_OPERATIONS:
        layer = math.prod(shape) // min(shape)
        raise ValueError(
            f"{lattice.name}: layers of {layer} spins have {states}^{layer} = 10^{layer * math.log10(states):.1f} states, "
            f"which take {work:.1e} operations; at most {MOST_OPERATIONS:.0e}"
        )
    layers = {direction: Layers(shape, direction, strengths, table, memory) for direction, _ in plan}
    chunks = sum(len(layers[direction].chunks) for direction, _ in plan)
    done = 0
    for one in layers.values():
        one.solve()
    mean = np.array([next(one.mean[axis] for one in layers.values() if axis in one.mean) for axis in range(len(shape))])
    blocks = Blocks(shape)
    for direction, special in plan:
        for _ in layers[direction].correlate(special, mean, blocks):
            done += 1
            if progress is not None:
                progress(done, chunks)
    sites = lattice.spins
    return Cumulants(np.repeat(mean, sites), blocks.metric(), blocks.third(), lattice.representatives)


def operations(shape: tuple[int, ...], states: int) -> float:
    """Floating-point operations that a torus takes, about; infinite where there is no number for them."""
    found = 0.0
    for direction, _ in _plan(shape) if len(shape) > 1 else ():
        layer = math.prod(shape) // shape[direction]
        if layer * math.log2(states) > _MOST_BITS:
            return math.inf
        size = float(states) ** layer
        halves = states ** (layer // 2) + states ** (layer - layer // 2)
        found += size**2 / math.factorial(states) * shape[direction] ** 2 * (halves + layer * len(shape))
    return found


def _plan(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    """Directions with the axis of the third bond, until every kind of three bonds has been seen; small layers first."""
    axes = range(len(shape))
    needed = set(itertools.combinations_with_replacement(axes, 3))
    found = []
    for direction in sorted(axes, key=lambda axis: -shape[axis]):
        inside = [axis for axis in axes if axis != direction]
        for special in axes:
            pairs = itertools.combinations_with_replacement(inside, 2)
            if seen := {tuple(sorted((*pair, special))) for pair in pairs} & needed:
                needed -= seen
                found.append((direction, special))
    return found
