"""Cluster Monte Carlo of the curvature at criticality: a gate at sizes whose values are exact, and then the larger sizes.

``python -m properties.curvature_monte_carlo_study`` makes the archive, and goes on where an earlier run was stopped. The larger
sizes are simulated only if the gate is passed: pulls (estimate - exact)/error, one for each seed, against a unit normal law.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from scipy.stats import chi2, norm

from numerics.curvature_monte_carlo import CurvatureEstimate, estimate
from numerics.ising_fermions import critical_coupling as square_ising
from numerics.ising_fermions import fermions
from numerics.ising_torus import curvature
from numerics.spin_models import critical_potts_coupling
from numerics.swendsen_wang import Potts, agreements
from properties import archive

NAME, COMMAND = "curvature_monte_carlo", "python -m properties.curvature_monte_carlo_study"
SEEDS, FALSE_ALARM, POWER = 20, 0.01, 0.9
QUANTITIES = ("scalar_curvature", "skewness_squared", "trace_squared")
# Exact R at the critical coupling, in theory by enumeration of all states: Potts with 4 x 4 sites, and 3 x 3 x 3 spins.
_KNOWN = {(3, 4, 2): -208.1456831, (4, 4, 2): -200.6495027, (2, 3, 3): -262.9073834}


@dataclass(frozen=True)
class Run:
    """One simulation at the critical coupling, and what it is to cost."""

    states: int
    size: int
    dimension: int
    sweeps: int  # a multiple of ``every * kept``
    every: int = 1
    kept: int = 256
    together: int = 8
    chains: int = 64

    def found(self, seed: int) -> CurvatureEstimate:
        """The estimate of one seed; the warm-up is some twenty autocorrelation times at least."""
        return estimate(
            self.states, self.size, self.dimension, chains=self.chains, sweeps=self.sweeps, seed=seed,
            warm_up=200 + 25 * self.size, every=self.every, kept=self.kept, together=self.together,
        )  # fmt: skip

    @property
    def place(self) -> tuple[int, int, int]:
        """Which model it is of."""
        return self.states, self.size, self.dimension

    @property
    def label(self) -> dict[str, Any]:
        """For the archive."""
        coupling = critical_potts_coupling(self.states, self.dimension)
        return {"states": self.states, "size": self.size, "dimension": self.dimension, "coupling": coupling}


GATE = [
    Run(2, 4, 2, 1024), Run(2, 8, 2, 1024), Run(3, 3, 2, 1024), Run(3, 4, 2, 1024), Run(4, 3, 2, 1024), Run(4, 4, 2, 1024),
    Run(2, 3, 3, 1024),
]  # fmt: skip
_SWEEPS_3 = {4: 8192, 6: 8192, 8: 4096, 12: 4096, 16: 4096, 24: 6144, 32: 6144, 40: 8192}
_SWEEPS_4 = {4: 12288, 6: 12288, 8: 4096, 12: 6144, 16: 6144, 24: 8192, 32: 10240, 40: 12288}
_SWEEPS_CUBIC = {3: 4096, 4: 4096, 6: 4096, 8: 5120, 10: 5120, 14: 5120, 20: 5120}


def _spaced(states: int, dimension: int, sweeps: Mapping[int, int]) -> list[Run]:
    """Small lattices have rare states that take more of them; large ones move slowly, and are measured less often."""
    runs = []
    for size, number in sweeps.items():
        sites = size**dimension
        every = 1 if sites < 100 else 2 if sites < 400 else 4
        kept, together = (512, 16) if sites < 100 else (256, 8)
        runs.append(Run(states, size, dimension, number, min(every, number // kept), kept, together))
    return runs


PRODUCTION = [*_spaced(3, 2, _SWEEPS_3), *_spaced(4, 2, _SWEEPS_4), *_spaced(2, 3, _SWEEPS_CUBIC)]


@cache
def exact(states: int, size: int, dimension: int) -> dict[str, float]:
    """What is known exactly of R, ``|T|^2`` and ``|tr T|^2``, by free fermions or by enumeration."""
    if (states, dimension) == (2, 2):
        found = curvature(fermions(size, (square_ising(), square_ising())))
        return {name: getattr(found, name) for name in QUANTITIES}
    if (states, size, dimension) in _KNOWN:
        return {"scalar_curvature": _KNOWN[states, size, dimension]}
    return enumerated(Potts(states, size, dimension, critical_potts_coupling(states, dimension)))


def enumerated(model: Potts) -> dict[str, float]:
    """The same by all states of a small lattice, up to a permutation that takes the first site to the state 0."""
    number = np.arange(model.states ** (model.sites - 1))
    digits = [number // model.states**site % model.states for site in range(model.sites - 1)]
    spins = np.stack([np.zeros_like(number), *digits], axis=1).astype(np.int8)
    bonds = np.asarray(agreements(model, jnp.asarray(spins))).reshape(len(spins), -1).astype(np.float64)
    weights = np.exp(model.coupling * (bonds.sum(axis=1) - model.bonds))
    weights /= weights.sum()
    centred = bonds - weights @ bonds
    weighted = (centred * weights[:, None]).T
    inverse = np.linalg.inv(weighted @ centred)
    third = np.stack([(weighted * column) @ centred for column in centred.T])
    raised = np.einsum("abc,ai,bj,ck->ijk", third, inverse, inverse, inverse, optimize=True)
    trace = np.einsum("cab,ab->c", third, inverse)
    square, of_trace = float(np.sum(raised * third)), float(trace @ inverse @ trace)
    return dict(zip(QUANTITIES, ((square - of_trace) / 4, square, of_trace), strict=True))


def summarised(found: CurvatureEstimate) -> dict[str, Any]:
    """For the archive: numbers, and pairs of a value and its standard error."""
    measured = (*QUANTITIES, "trace", "energy_variance", "mean")
    return {name: _rounded([getattr(found, name).value, getattr(found, name).error]) for name in measured} | {
        "skewness_bias_removed": _rounded([found.bias])[0],
        "autocorrelation_time": _rounded([found.autocorrelation_time])[0],
        "effective_samples": round(found.effective_samples),
        "sweeps": found.sweeps,
        "pairs": found.pairs,
    }


def tested(pulls: Sequence[float]) -> dict[str, Any]:
    """Mean and variance about 0 of pulls, and how probable they are from a unit normal law, both sides counted.

    Errors from 64 chains make pulls a little wider, by 2 to 3 per cent in variance; the test is not corrected for that.
    """
    values = np.asarray(pulls)
    number, square = len(values), float(np.sum(values**2))
    return {
        "number": number,
        "mean": _rounded([values.mean()])[0],
        "variance": _rounded([square / number])[0],
        "p_of_mean": _rounded([2 * norm.sf(abs(values.mean()) * number**0.5)])[0],
        "p_of_chi_squared": _rounded([2 * min(chi2.cdf(square, number), chi2.sf(square, number))])[0],
    }


def gate(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The verdict on the pulls of all runs: each quantity in each system, and each quantity in all of them.

    Passed if no probability is below the rate of false alarms over the number of tests. The power is that of the test of R in
    all systems: which bias, in standard errors, and which variance it finds with the probability POWER.
    """
    tests = []
    for name in QUANTITIES:
        having = [one for one in runs if name in one["pulls"]]
        tests += [{"quantity": name, **one["model"], **tested(one["pulls"][name])} for one in having]
        tests.append({"quantity": name, **tested([pull for one in having for pull in one["pulls"][name]])})
    threshold = FALSE_ALARM / (2 * len(tests))
    smallest = min(min(one["p_of_mean"], one["p_of_chi_squared"]) for one in tests)
    number = sum(len(one["pulls"][QUANTITIES[0]]) for one in runs)
    bias = (norm.isf(threshold / 2) + norm.ppf(POWER)) / number**0.5
    variance = chi2.isf(threshold / 2, number) / chi2.isf(POWER, number)
    return {
        "seeds": SEEDS, "false_alarm": FALSE_ALARM, "threshold": threshold, "smallest_p": smallest,
        "power": POWER, "bias_found": _rounded([bias])[0], "variance_found": _rounded([variance])[0],
        "passed": bool(smallest > threshold), "tests": tests,
    }  # fmt: skip


def pulled(index: int, run: Run) -> dict[str, Any]:
    """The pulls of all seeds of one system."""
    truth = exact(*run.place)
    found = [run.found(10_000 * (index + 1) + seed) for seed in range(SEEDS)]
    pulls, means = {}, {}
    for name, value in truth.items():
        measured = [getattr(one, name) for one in found]
        pulls[name] = _rounded([(one.value - value) / one.error for one in measured])
        spread = np.std([one.value for one in measured], ddof=1) / SEEDS**0.5
        means[name] = _rounded([value, np.mean([one.value for one in measured]), spread])
    return {"model": run.label, "sweeps": found[0].sweeps, "exact_mean_error": means, "pulls": pulls}


def main() -> None:
    """Run what is missing of the study, and write the archive after every system."""
    try:
        content = archive.read(NAME)
        del content["made"]
    except FileNotFoundError:
        content = {"gate_runs": [], "gate": None, "production": []}
    for index, run in enumerate(GATE):
        if run.label not in [one["model"] for one in content["gate_runs"]]:
            content["gate_runs"].append(pulled(index, run))
            archive.write(NAME, COMMAND, content)
            print(run.label, content["gate_runs"][-1]["exact_mean_error"], flush=True)
    content["gate"] = gate(content["gate_runs"])
    archive.write(NAME, COMMAND, content)
    if not content["gate"]["passed"]:
        raise SystemExit("the gate failed; nothing else is simulated")
    for index, run in enumerate(PRODUCTION):
        others = [one for one in content["production"] if one["model"] != run.label]
        # A run of another length than planned is made again.
        done = [one for one in content["production"] if one not in others and one["sweeps"] == run.chains * run.sweeps]
        if not done:
            done = [{"model": run.label, "chains": run.chains, **summarised(run.found(index))}]
            print(done[0], flush=True)
        content["production"] = [*others, *done]
        archive.write(NAME, COMMAND, content)


def _rounded(values: Sequence[float]) -> list[float]:
    return [float(f"{value:.9g}") for value in values]


if __name__ == "__main__":
    main()
