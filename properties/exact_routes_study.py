"""The curvature of critical spin models on tori by every exact route that reaches them, each torus in a process of its own.

``python -m properties.exact_routes_study`` makes the archive; with a route, a model, the states of a spin and sides behind it
(``enumeration potts 3 4x4``) it prints one entry.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from numerics.ising_fermions import fermions
from numerics.ising_torus import curvature
from numerics.lattice_contractions import contracted
from numerics.lattices import torus
from numerics.spin_enumeration import cumulants as enumerated
from numerics.spin_models import critical_potts_coupling
from numerics.transfer_matrix import cumulants as transferred
from properties import archive

NAME = "exact_routes"
COMMAND = "python -m properties.exact_routes_study"
ROUTES = ("free fermions", "transfer matrix", "enumeration")
# Of the simple cubic lattice, as the source gives it.
CUBIC_COUPLING = 0.2216546
Cell = tuple[str, str, int, tuple[int, ...]]


def cells() -> list[Cell]:
    """Route, model, states and sides of each entry; what takes longest comes last."""
    found: list[Cell] = [("free fermions", "ising", 2, (size, size)) for size in range(3, 13)]
    found += [("transfer matrix", "ising", 2, (size, size)) for size in range(3, 12)]
    found += [("transfer matrix", "potts", 3, (size, size)) for size in range(3, 8)]
    found += [("transfer matrix", "potts", 4, (size, size)) for size in range(3, 7)]
    found += [("transfer matrix", "ising", 2, (3, 3, 3))]
    found += [("enumeration", "ising", 2, (size, size)) for size in (3, 4, 5)]
    found += [("enumeration", "potts", 3, (size, size)) for size in (3, 4)]
    found += [("enumeration", "potts", 4, (3, 3)), ("transfer matrix", "potts", 3, (8, 8))]
    found += [("transfer matrix", "ising", 2, (12, 12)), ("transfer matrix", "potts", 4, (7, 7))]
    return [*found, ("enumeration", "ising", 2, (3, 3, 3)), ("transfer matrix", "potts", 3, (9, 9))]


def coupling_of(model: str, states: int, shape: tuple[int, ...]) -> float:
    """The critical coupling of the infinite lattice."""
    if len(shape) == 3:
        return CUBIC_COUPLING
    return critical_potts_coupling(states) / (2 if model == "ising" else 1)


def measure(route: str, model: str, states: int, shape: tuple[int, ...]) -> dict[str, Any]:
    """The contractions, and the seconds of processor time that they took."""
    coupling, start = coupling_of(model, states, shape), time.process_time()
    if route == "free fermions":
        found: Any = curvature(fermions(shape[0], (coupling, coupling)))
    else:
        lattice = torus(shape)
        if route == "transfer matrix":
            of_bonds = transferred(lattice, coupling, model, states)
        else:
            of_bonds = enumerated(lattice, coupling, model, states, representatives=lattice.representatives)
        found = contracted(lattice, of_bonds.metric, of_bonds.third)
    return {
        "route": route,
        "model": model,
        "states": states,
        "shape": list(shape),
        "coupling": coupling,
        "scalar_curvature": found.scalar_curvature,
        "skewness_squared": found.skewness_squared,
        "trace_squared": found.trace_squared,
        "seconds": round(time.process_time() - start, 2),
    }


def peak_memory() -> float:
    """The most that this process has held, in GiB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 2**20


def relative_difference(entry: dict[str, Any], entries: list[dict[str, Any]]) -> float | None:
    """Of the scalar curvature, to that by free fermions of the same torus; None where there is none."""
    for other in entries:
        if other["route"] == ROUTES[0] and (other["model"], other["shape"]) == (entry["model"], entry["shape"]):
            return abs(entry["scalar_curvature"] / other["scalar_curvature"] - 1)
    return None


def _in_a_process(cell: Cell) -> dict[str, Any]:
    route, model, states, shape = cell
    command = [
        sys.executable,
        "-m",
        "properties.exact_routes_study",
        route,
        model,
        str(states),
        "x".join(map(str, shape)),
    ]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        route, model, states, sides = sys.argv[1:]
        entry = measure(route, model, int(states), tuple(map(int, sides.split("x"))))
        print(json.dumps(entry | {"peak_memory": round(peak_memory(), 3)}))
        sys.exit()
    entries: list[dict[str, Any]] = []
    for cell in cells():
        entry = _in_a_process(cell)
        entries.append(entry | {"relative_difference": relative_difference(entry, entries)})
        # After every entry: the last ones take long.
        print(archive.write(NAME, COMMAND, {"entries": entries}), *cell, entry["scalar_curvature"], entry["seconds"])
