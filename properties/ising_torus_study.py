"""The exact curvature of critical Ising tori up to 128 spins a side, and its trace part up to 512: archived, minutes to hours.

``python -m properties.ising_torus_study`` writes the archive; sizes that are in it already are not computed again.
"""

import resource
import time
from typing import Any

import numpy as np

from numerics.ising_fermions import Fermions, critical_coupling, fermions
from numerics.ising_torus import curvature, trace
from properties import archive

NAME = "ising_torus"
COMMAND = "python -m properties.ising_torus_study"
SIZES = (*range(3, 13), 16, 24, 32, 48, 64, 96, 128)
TRACE_SIZES = (192, 256, 384, 512)
# Central differences of twelfth order.
_WEIGHTS = {1: 6 / 7, 2: -15 / 56, 3: 5 / 63, 4: -1 / 56, 5: 1 / 385, 6: -1 / 5544}
# The determinant varies with the coupling on the scale of 1/L.
_STEP = 0.03


def trace_by_determinant(size: int, coupling: float | None = None) -> float:
    """``t = (d ln det g / dJ) / m`` by differences of exact determinants, at any equal couplings.

    Args:
        size: L.
        coupling: J; the critical one if none is given.
    """
    middle, step = critical_coupling() if coupling is None else coupling, _STEP / size

    def logarithm(J: float) -> float:
        return float(np.sum(np.linalg.slogdet(fermions(size, (J, J)).metric)[1]))

    slope = sum(w * (logarithm(middle + k * step) - logarithm(middle - k * step)) for k, w in _WEIGHTS.items()) / step
    return slope / (2 * size**2)


def critical(size: int) -> Fermions:
    """The critical model."""
    return fermions(size, (critical_coupling(),) * 2)


def of_metric(model: Fermions) -> dict[str, float]:
    """``chi``, the variance of the energy for each bond, and ``g^aa``, the same for every bond."""
    return {
        "energy_variance": float(np.mean(np.sum(model.metric[0, 0].real, axis=0))),
        "inverse_diagonal": float(np.mean(np.linalg.inv(model.metric)[..., 0, 0].real)),
    }


def of_trace(size: int) -> dict[str, float]:
    """What is cheap: all but ``|T|^2``, whatever the size."""
    model = critical(size)
    t, trace_squared = trace(model)
    return {"size": size, "trace": float(t.mean()), "trace_squared": trace_squared} | of_metric(model)


def of_curvature(size: int) -> dict[str, float]:
    """All of it."""
    model = critical(size)
    found = curvature(model)
    return {
        "size": size, "trace": float(found.trace[0]), "trace_squared": found.trace_squared,
        "skewness_squared": found.skewness_squared, "scalar_curvature": found.scalar_curvature,
    } | of_metric(model)  # fmt: skip


def main() -> None:
    """Compute what is missing, size after size."""
    path = archive.FOLDER / f"{NAME}.json"
    rows: list[dict[str, Any]] = archive.read(NAME)["sizes"] if path.exists() else []
    for size in (*SIZES, *TRACE_SIZES):
        if any(row["size"] == size for row in rows):
            continue
        started, worked = time.perf_counter(), time.process_time()
        row = of_curvature(size) if size in SIZES else of_trace(size)
        row |= {
            "seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - worked,
            "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            "trace_by_determinant": trace_by_determinant(size),
        }  # fmt: skip
        rows.append(row)
        archive.write(NAME, COMMAND, {"sizes": rows})
        print(row, flush=True)


if __name__ == "__main__":
    main()
