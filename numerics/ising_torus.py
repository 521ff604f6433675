r"""The scalar curvature of the Ising model on a torus, one coupling for each bond, exactly: ``R = (|T|^2 - |tr T|^2)/4``.

By translation invariance the third cumulants T are a block of 2 x 2 x 2 for each pair of momenta; for a fixed first one they
are correlations over a fermion's momentum, by fast Fourier transforms. Memory is that of one first momentum.

Source: the claim ``ricci-split`` for R; Zhuravlev 2026 (arXiv 2603.07651).
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.sharding import Mesh, PartitionSpec

from numerics.ising_fermions import AXIS, IS_SECOND, LEGS, Fermions, Sector, end_of, joined
from numerics.lattice_contractions import Contractions

Progress = Callable[[int, int], None]
# First momenta of a device between two reports of progress.
_CHUNK = 32
# Bytes for each site: of the solved model on the host and the device, and of each first momentum at work.
_MODEL_BYTES, _MOMENTUM_BYTES = 13_500, 4_200


def curvature(
    model: Fermions,
    progress: Progress | None = None,
    at_once: int = 1,
    devices: Sequence[jax.Device] | None = None,
) -> Contractions:
    """Sum over all pairs of momenta; first momenta that a symmetry of the lattice takes to each other count once.

    Args:
        model: the solved model.
        progress: called with how many first momenta are done and how many there are.
        at_once: first momenta that a device takes together; one is best for the caches of a CPU.
        devices: that share the first momenta; all that there are if none is named.
    """
    size = model.size
    is_square = bool(model.z[0] == model.z[1])
    orbits = _orbits(size, is_square)
    mesh = Mesh(np.array(jax.devices() if devices is None else devices), ("momenta",))
    step = mesh.size * min(max(_CHUNK, at_once), -(-len(orbits) // mesh.size))
    # The last chunk is filled up with momenta that count 0 times, so that all have one shape.
    filled = orbits + [((0, 0), 0)] * (-len(orbits) % step)
    momenta, counts = np.array([k for k, _ in filled]), np.array([c for _, c in filled], dtype=np.float64)
    squares, traces = [], []
    with jax.enable_x64(True):
        table = _table(model)
        for begin in range(0, len(filled), step):
            square, trace = _contracted(table, jnp.asarray(momenta[begin : begin + step]), mesh, at_once)
            squares.append(np.asarray(square))
            traces.append(np.asarray(trace))
            if progress is not None:
                progress(min(begin + step, len(orbits)), len(orbits))
    skewness_squared = float(counts @ np.concatenate(squares)) / size**2
    trace = counts @ np.concatenate(traces) / size**2
    if is_square:
        trace = np.full(2, trace.mean())
    trace_squared = _trace_squared(model, trace)
    return Contractions((skewness_squared - trace_squared) / 4, skewness_squared, trace, trace_squared)


def trace(model: Fermions) -> tuple[np.ndarray, float]:
    """``t_c = g^ab T_abc`` of a bond of each axis, shape (2,), and ``|tr T|^2``, in the time of some Fourier transforms.

    The sum over all first momenta needs the third cumulants of one bond of momentum 0 with all others only.
    """
    with jax.enable_x64(True):
        found = np.asarray(_traced(_table(model)))
    return found, _trace_squared(model, found)


def memory(size: int, at_once: int = 1) -> int:
    """Bytes that the model and its curvature take, from above.

    Args:
        size: L.
        at_once: first momenta that a device takes together.
    """
    return size**2 * (_MODEL_BYTES + at_once * _MOMENTUM_BYTES)


def _trace_squared(model: Fermions, trace: np.ndarray) -> float:
    return float(model.size**2 * trace @ np.linalg.solve(model.metric[0, 0].real, trace))


def _orbits(size: int, is_square: bool) -> list[tuple[tuple[int, int], int]]:
    """One momentum of each class under reflections, and the exchange of the axes of a square lattice, with its size."""
    found = []
    for i in range(size // 2 + 1):
        for j in range(i + 1 if is_square else size // 2 + 1):
            pairs = [(i, j), (j, i)] if is_square else [(i, j)]
            found.append(
                ((i, j), len({(s * a % size, t * b % size) for a, b in pairs for s in (1, -1) for t in (1, -1)}))
            )
    return found


def _table(model: Fermions) -> dict[str, Any]:
    """What does not depend on the first momentum, as a pytree."""
    z, product, mean = model.z, model.mean_product, model.mean
    slope = 1 - z**2
    square = 1 - mean**2
    # Three times the same bond: the cumulant, less what the general formula and the three pairs give there.
    thrice = -2 * mean * square - 2 * (slope * product) ** 3 + 6 * z * square
    return {
        "metric": jnp.asarray(model.metric),
        "inverse": jnp.asarray(np.linalg.inv(model.metric).swapaxes(-1, -2)),
        "slopes": jnp.asarray(np.einsum("a,b,c->abc", slope, slope, slope)),
        "z": jnp.asarray(z),
        "thrice": jnp.asarray(thrice),
        "lattice": jnp.exp(2j * np.pi * jnp.arange(model.size) / model.size),
        "sectors": [_prepared(sector) for sector in model.sectors],
    }


def _prepared(sector: Sector) -> dict[str, Any]:
    along = sector.phases[..., AXIS]
    end = jnp.asarray(end_of(sector.inverse, along))
    ready = {
        "weight": jnp.asarray(sector.weight), "along": jnp.asarray(along), "inverse": jnp.asarray(sector.inverse),
        "end": end, "excess": jnp.asarray(sector.excess), "covariance": jnp.asarray(sector.covariance),
    }  # fmt: skip
    if sector.pole is None:
        return ready | {"transformed": jnp.fft.fft2(end, axes=(0, 1))}
    return ready | {
        "pole": jnp.asarray(sector.pole, dtype=complex), "pole_mean": jnp.asarray(sector.pole_mean),
        "pole_end": jnp.asarray(end_of(sector.pole, np.ones(4)), dtype=complex),
        "pole_covariance": jnp.asarray(sector.pole_covariance),
    }  # fmt: skip


@partial(jax.jit, static_argnames=("mesh", "at_once"))
def _contracted(table: dict[str, Any], momenta: Array, mesh: Mesh, at_once: int) -> tuple[Array, Array]:
    """For each first momentum its part of ``|T|^2``, and of the trace, times the number of sites."""
    shared, whole = PartitionSpec("momenta"), PartitionSpec()

    def part(table: dict[str, Any], momenta: Array) -> tuple[Array, Array]:
        return jax.lax.map(partial(_of_momentum, table), momenta, batch_size=at_once if at_once > 1 else None)

    return jax.shard_map(part, mesh=mesh, in_specs=(whole, shared), out_specs=shared, check_vma=False)(table, momenta)


@jax.jit
def _traced(table: dict[str, Any]) -> Array:
    third = _third(table, jnp.zeros(2, int))
    return jnp.einsum("xyabc,xycb->a", third, _reversed(table["inverse"])).real / third[..., 0, 0, 0].size


def _of_momentum(table: dict[str, Any], k: Array) -> tuple[Array, Array]:
    inverse, third = table["inverse"], _third(table, k)
    raised = jnp.einsum("xyabc,ad->xydbc", third, inverse[k[0], k[1]])
    raised = jnp.einsum("xydbc,xybe->xydec", raised, _shifted(inverse, -k))
    raised = jnp.einsum("xydec,xycf->xydef", raised, _reversed(inverse))
    square = jnp.sum(raised.real * third.real + raised.imag * third.imag)
    trace = jnp.einsum("abc,ab->c", third[0, 0], inverse[k[0], k[1]]).real
    return square, trace


def _third(table: dict[str, Any], k: Array) -> Array:
    """Third cumulants of a bond of momentum k with all others, shape (L, L, 2, 2, 2).

    The other momenta are q - k and -q, with q in the place of an entry.
    """
    metric = table["metric"]
    third = sum(_of_sector(sector, table["lattice"], k) for sector in table["sectors"]) * table["slopes"]
    of_first, of_second = metric[k[0], k[1]], _shifted(metric, -k)
    for axis in (0, 1):
        pair = -2.0 * table["z"][axis]
        third = third.at[:, :, axis, axis, :].add(pair * metric[:, :, axis, :])
        third = third.at[:, :, :, axis, axis].add(pair * of_first[:, axis])
        third = third.at[:, :, axis, :, axis].add(pair * of_second[:, :, :, axis])
        third = third.at[:, :, axis, axis, axis].add(table["thrice"][axis])
    return third


def _of_sector(sector: dict[str, Any], lattice: Array, k: Array) -> Array:
    """The sector's third moments about the means of the model, by the momentum q of the first two bonds together."""
    number = sector["inverse"].shape[0] * sector["inverse"].shape[1]
    excess, covariance = sector["excess"], sector["covariance"]
    middle = partial(_middle, sector["along"], lattice, k)
    if "pole" not in sector:
        left = jnp.fft.ifft2(middle(sector["inverse"], sector["inverse"]), axes=(0, 1)) * number
        found = jnp.fft.ifft2(joined(left, sector["transformed"][:, :, None], jnp), axes=(0, 1)) / number
        found = found + _disconnected(excess, covariance, k, number)
        return sector["weight"] * found.at[0, 0].add(
            _at_origin(k, number) * jnp.einsum("a,b,c->abc", excess, excess, excess)
        )
    # Linear in the pole, which is at momentum 0 in one of the three places.
    inverse, end, pole = sector["inverse"], sector["end"], sector["pole"]
    lone = jnp.zeros_like(inverse).at[0, 0].set(pole)
    first = middle(lone, inverse)[0, 0]
    second = middle(inverse, lone)[-k[0], -k[1]]
    last = _reversed(middle(inverse, inverse))
    found = joined(first[None, None], end[:, :, None], jnp)
    found = found + joined(second[None, None], _shifted(end, -k)[:, :, None], jnp)
    found = (found + joined(last, sector["pole_end"][None, None, None], jnp)) / number
    slope = sector["pole_mean"]
    found = (
        found
        + _disconnected(slope, covariance, k, number)
        + _disconnected(excess, sector["pole_covariance"], k, number)
    )
    thrice = [jnp.einsum("a,b,c->abc", *(slope if i == j else excess for j in range(3))) for i in range(3)]
    return sector["weight"] * found.at[0, 0].add(_at_origin(k, number) * sum(thrice))


def _middle(along: Array, lattice: Array, k: Array, first: Array, second: Array) -> Array:
    """``A^-1 V_a A^-1`` for a bond of momentum k and each axis, with the phases of the vertices around it, (L, L, 2, 4, 4)."""
    shifted, later = _shifted(second, k), along * lattice[k][AXIS]
    found = []
    for r, s in LEGS:
        here = first[..., :, r, None] * later[..., r, None, None] * shifted[..., None, s, :]
        found.append(here - first[..., :, s, None] / along[..., s, None, None] * shifted[..., None, r, :])
    rows, columns = jnp.where(IS_SECOND, along, -1.0), jnp.where(IS_SECOND, -1.0 / later, 1.0)
    return jnp.stack(found, axis=2) * rows[:, :, None, :, None] * columns[:, :, None, None, :]


def _disconnected(mean: Array, covariance: Array, k: Array, number: int) -> Array:
    """Products of a mean and a covariance: where one of the three momenta is 0."""
    here = covariance[k[0], k[1]]
    found = _at_origin(k, 1) * jnp.einsum("a,xybc->xyabc", mean, covariance)
    found = found.at[0, 0].add(jnp.einsum("c,ab->abc", mean, here))
    return number * found.at[k[0], k[1]].add(jnp.einsum("b,ac->abc", mean, here))


def _at_origin(k: Array, number: int) -> Array:
    return jnp.where(jnp.all(k == 0), float(number) ** 2, 0.0)


def _shifted(values: Array, k: Array) -> Array:
    """The values at momenta larger by k."""
    return jnp.roll(values, -k, axis=(0, 1))


def _reversed(values: Array) -> Array:
    """The values at the opposite momenta."""
    return jnp.roll(jnp.flip(values, (0, 1)), (1, 1), axis=(0, 1))
