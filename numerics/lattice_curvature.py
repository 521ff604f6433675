"""The scalar curvature of the Fisher metric of a lattice of spins, one coupling for each bond, by the best route there is."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import numpy as np

from numerics import curvature_monte_carlo, ising_torus, lattices, spin_enumeration, transfer_matrix
from numerics.ising_fermions import fermions
from numerics.lattice_contractions import Contractions, contracted
from numerics.lattices import Edge, Lattice
from numerics.sizes import whole_number
from numerics.spin_models import bond_values, checked_couplings, critical_potts_coupling

Progress = Callable[[int, int], None]
METHODS = ("free-fermions", "transfer-matrix", "enumeration", "monte-carlo")
GRAPHS = ("torus", "ring", "chain", "grid", "complete")
_GIB = 2**30
# Of first momenta, on other devices than a CPU; a choice, not a measurement.
_MOST_AT_ONCE = 64
# Of the list of bonds while it is made.
_BOND_BYTES = 64


@dataclass(frozen=True)
class LatticeCurvature:
    """What was computed, and how.

    Attributes:
        model: ``"ising"`` or ``"potts"``.
        states: of a spin.
        lattice: its name.
        spins: how many.
        bonds: how many, and so how many couplings.
        couplings: one for all bonds, one for each axis, or one for each bond.
        scalar_curvature: R.
        skewness_squared: ``|T|^2``.
        trace_squared: ``|tr T|^2``; ``R = (|T|^2 - |tr T|^2)/4``.
        method: one of ``METHODS``.
        seconds: that it took.
        standard_errors: of the three numbers by name, for Monte Carlo; empty for exact methods.
    """

    model: str
    states: int
    lattice: str
    spins: int
    bonds: int
    couplings: tuple[float, ...]
    scalar_curvature: float
    skewness_squared: float
    trace_squared: float
    method: str
    seconds: float
    standard_errors: Mapping[str, float] = field(default_factory=dict)


def lattice_curvature(
    model: str = "ising",
    size: int | None = None,
    dimension: int = 2,
    coupling: float | Sequence[float] | None = None,
    *,
    states: int | None = None,
    lattice: str | Iterable[Edge] = "torus",
    method: str | None = None,
    memory_limit: float = 8.0,
    chains: int = 32,
    sweeps: int = 4096,
    seed: int = 0,
    progress: Progress | None = None,
    devices: Sequence[jax.Device] | None = None,
) -> LatticeCurvature:
    """The scalar curvature of all couplings of a lattice of spins.

    The statistics are ``s_i s_j`` for the Ising model and ``delta(s_i, s_j)`` for the Potts model. Free fermions serve the
    Ising model on two-dimensional tori of any size, with positive couplings; transfer matrices small tori of all models;
    enumeration other graphs. Monte Carlo has to be asked for: it gives standard errors, and is not exact.

    Args:
        model: ``"ising"`` or ``"potts"``.
        size: L, spins along each side; 3 at least on a torus, whose bonds would be double below. Of a ring, a chain and a
            complete graph the number of spins. None for edges.
        dimension: of a torus or a grid.
        coupling: J of all bonds; or one for each axis of a torus; or one for each bond, by enumeration. The critical one of
            tori of two dimensions, and of the Ising model in three, if None.
        states: q of the Potts model.
        lattice: ``"torus"``, ``"ring"``, ``"chain"``, ``"grid"``, ``"complete"``, or edges ``(i, j)`` of a graph.
        method: ``"free-fermions"``, ``"transfer-matrix"``, ``"enumeration"`` or ``"monte-carlo"``; the best exact one if None.
        memory_limit: in GiB.
        chains: of Monte Carlo, independent of each other; an even number, 16 at least.
        sweeps: of Monte Carlo, of each chain after a warm-up of a fifth of it.
        seed: of Monte Carlo.
        progress: called with how many parts are done and how many there are.
        devices: that share the work of free fermions and Monte Carlo; all that there are if None.

    Raises:
        TypeError: for arguments of another type.
        ValueError: naming the argument, its value and its domain; for sizes that need more memory or time than allowed, with
            the figure.

    Source: Zhuravlev 2026 (arXiv 2603.07651); the ledger says what of it holds.
    """
    started = time.perf_counter()
    if not memory_limit > 0:
        raise ValueError(f"memory_limit = {memory_limit}; it must be above 0, in GiB")
    if model == "potts" and states is None:
        raise ValueError("states is missing; the Potts model needs q >= 2")
    number = len(bond_values(model, 2 if states is None else states))
    _refuse_too_large(model, size, dimension, lattice, method, memory_limit)
    graph = _graph(lattice, size, dimension)
    strengths = _couplings(model, number, graph, coupling)
    way = _way(model, graph, strengths, method)
    errors: Mapping[str, float] = {}
    if way == "free-fermions":
        found = _by_fermions(graph, strengths, memory_limit, progress, devices)
    elif way == "monte-carlo":
        found, errors = _by_monte_carlo(model, number, graph, strengths, chains, sweeps, seed, progress, devices)
    else:
        found = _by_cumulants(way, model, number, graph, strengths, memory_limit, progress)
    return LatticeCurvature(
        model, number, graph.name, graph.spins, len(graph.bonds), tuple(map(float, strengths)), found.scalar_curvature,
        found.skewness_squared, found.trace_squared, way, time.perf_counter() - started, errors,
    )  # fmt: skip


def _refuse_too_large(
    model: str, size: int | None, dimension: int, lattice: str | Iterable[Edge], method: str | None, memory_limit: float
) -> None:
    """Before anything is made; transfer matrices and enumeration know their own limits."""
    if lattice not in ("torus", "grid") or size is None:
        return
    spins = whole_number(size, "size", 1) ** whole_number(dimension, "dimension", 1)
    has_fermions = (model, dimension, lattice) == ("ising", 2, "torus") and method in (None, "free-fermions")
    needed = ising_torus.memory(size) if has_fermions else _BOND_BYTES * dimension * spins
    if needed > memory_limit * _GIB:
        raise ValueError(f"size = {size}: {needed / _GIB:.3g} GiB are needed; memory_limit = {memory_limit:g} GiB")


def _graph(lattice: str | Iterable[Edge], size: int | None, dimension: int) -> Lattice:
    if not isinstance(lattice, str):
        if size is not None:
            raise ValueError(f"size = {size}; edges have a size of their own")
        return lattices.graph(lattice)
    if lattice not in GRAPHS:
        raise ValueError(f"lattice = {lattice!r}; its domain is {', '.join(GRAPHS)}, or edges")
    if size is None:
        raise ValueError("size is missing; it is the number of spins along a side")
    sides = [whole_number(size, "size", 1)] * whole_number(dimension, "dimension", 1)
    if lattice == "torus" and size < 3:
        raise ValueError(f"size = {size}; its domain is size >= 3: smaller tori have two bonds between the same spins")
    makers: dict[str, Callable[[], Lattice]] = {
        "torus": lambda: lattices.torus(sides), "grid": lambda: lattices.grid(sides), "ring": lambda: lattices.ring(size),
        "chain": lambda: lattices.chain(size), "complete": lambda: lattices.complete(size),
    }  # fmt: skip
    return makers[lattice]()


def _couplings(
    model: str, states: int, graph: Lattice, coupling: float | Sequence[float] | None
) -> tuple[float, ...] | np.ndarray:
    if coupling is not None:
        given = np.asarray(coupling, dtype=np.float64)
        if not np.isfinite(given).all():
            raise ValueError(f"coupling = {coupling}; its domain is finite numbers")
        return given.reshape(-1)
    if not graph.shape:
        raise ValueError(f"coupling is missing; a {graph.name} has no critical one")
    # That of the Potts model, whose statistic is (1 + s_i s_j)/2.
    return (critical_potts_coupling(states, len(graph.shape)) / (2 if model == "ising" else 1),)


def _way(model: str, graph: Lattice, strengths: Any, method: str | None) -> str:
    has_fermions = model == "ising" and len(set(graph.shape)) == 1 and len(graph.shape) == 2
    if method is None:
        if has_fermions and min(strengths) > 0 and len(strengths) <= 2:
            return "free-fermions"
        return "transfer-matrix" if graph.shape and len(strengths) <= len(graph.shape) else "enumeration"
    if method not in METHODS:
        raise ValueError(f"method = {method!r}; its domain is {', '.join(METHODS)}")
    if method == "free-fermions" and not has_fermions:
        raise ValueError("method = 'free-fermions'; its domain is the Ising model on square tori of two dimensions")
    if method in ("transfer-matrix", "monte-carlo") and not graph.shape:
        raise ValueError(f"method = {method!r}; its domain is tori, not a {graph.name}")
    return method


def _by_fermions(
    graph: Lattice, strengths: Any, memory_limit: float, progress: Progress | None, devices: Sequence[jax.Device] | None
) -> Contractions:
    size = graph.shape[0]
    checked = checked_couplings(np.asarray(strengths) if len(strengths) > 1 else strengths[0], 2, "axes")
    needed = ising_torus.memory(size)
    room = 1 + int((memory_limit * _GIB - needed) // (ising_torus.memory(size, 2) - needed))
    is_cpu = (jax.devices() if devices is None else list(devices))[0].platform == "cpu"
    model = fermions(size, (float(checked[0]), float(checked[1])))
    return ising_torus.curvature(model, progress, 1 if is_cpu else min(room, _MOST_AT_ONCE), devices)


def _by_cumulants(
    way: str, model: str, states: int, graph: Lattice, strengths: Any, memory_limit: float, progress: Progress | None
) -> Contractions:
    couplings = np.asarray(strengths) if len(strengths) > 1 else float(strengths[0])
    if way == "transfer-matrix":
        found = transfer_matrix.cumulants(graph, couplings, model, states, memory_limit * _GIB, progress)
    else:
        if isinstance(couplings, np.ndarray) and len(couplings) == len(graph.shape):
            couplings = couplings[graph.axes]
        elif isinstance(couplings, np.ndarray):
            # With a coupling of its own for each bond translations are no symmetries.
            graph = replace(graph, shape=())
        found = spin_enumeration.cumulants(
            graph, couplings, model, states, graph.representatives, memory_limit * _GIB, progress
        )
    return contracted(graph, found.metric, found.third)


def _by_monte_carlo(
    model: str,
    states: int,
    graph: Lattice,
    strengths: Any,
    chains: int,
    sweeps: int,
    seed: int,
    progress: Progress | None,
    devices: Sequence[jax.Device] | None,
) -> tuple[Contractions, dict[str, float]]:
    if len(strengths) > 1:
        raise ValueError(f"coupling = {tuple(strengths)}; Monte Carlo takes one for all bonds")
    found = curvature_monte_carlo.estimate(
        states, graph.shape[0], len(graph.shape), float(strengths[0]) * (2 if model == "ising" else 1), chains=chains,
        sweeps=sweeps, seed=seed, progress=progress, devices=None if devices is None else list(devices),
    )  # fmt: skip
    numbers = {name: getattr(found, name) for name in ("scalar_curvature", "skewness_squared", "trace_squared")}
    # The Ising statistic is twice that of the Potts model, less 1.
    trace = np.full(len(graph.shape), found.trace.value * (2 if model == "ising" else 1))
    values = {name: number.value for name, number in numbers.items()}
    return Contractions(trace=trace, **values), {name: number.error for name, number in numbers.items()}
