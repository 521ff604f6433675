"""Peers that run in a process of their own: their coordinates, and the way to their values and times."""

import functools
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks import textbook
from benchmarks.cases import FUNCTIONS


@dataclass(frozen=True)
class Peer:
    """A peer by the name of its script and the variables of its environment."""

    title: str
    script: str
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def is_installed(self):
        """Whether its package is; requirements-bench.lock leaves out what does not run with this Python."""
        return importlib.util.find_spec(self.script.removesuffix("_worker")) is not None

    def coordinates(self, case, theta):
        """Its coordinates of a point of our usual chart."""
        if self.script == "efax_worker":
            return textbook.coordinates(case, theta)
        return _GEOMSTATS[case.name](theta, **dict(case.sizes)) if case.name in _GEOMSTATS else theta

    def ask(self, cases, functions, folder, values=2, number=None, budget=0.0):
        """Values at the first points of each case, and seconds per point if there is a budget, by case and function.

        Args:
            cases: the families.
            functions: the names of functions.
            folder: for the files.
            values: how many points to evaluate.
            number: how many points there are for the time measurement.
            budget: seconds for one measurement, about.
        """
        tasks, arrays = [], {}
        for case in cases:
            convert = jax.jit(jax.vmap(functools.partial(self.coordinates, case)))
            for function in functions:
                count = 2 if "distance" in function else FUNCTIONS.get(function, 1)
                points = [convert(case.points(number or values, seed)) for seed in range(count)]
                arrays |= {f"{len(tasks)}/{i}": np.asarray(x) for i, x in enumerate(points)}
                task = {"name": case.name, "sizes": dict(case.sizes), "function": function, "arguments": count}
                tasks.append(task | {"values": values, "budget": budget, "case": str(case)})
        source, target = Path(folder) / "points.npz", Path(folder) / "values.npz"
        np.savez(source, tasks=json.dumps(tasks), **arrays)
        script = Path(__file__).with_name(f"{self.script}.py")
        environment = os.environ | dict(self.variables)
        subprocess.run([sys.executable, "-W", "ignore", script, source, target], env=environment, check=True)
        with np.load(target) as file:
            found = dict(file)
        answers = {}
        for index, task in enumerate(tasks):
            if f"{index}/value" in found:
                answers[task["case"], task["function"]] = (found[f"{index}/value"], found.get(f"{index}/seconds"))
        return answers


_ALL = (
    Peer("geomstats, NumPy", "geomstats_worker", (("GEOMSTATS_BACKEND", "numpy"),)),
    Peer("geomstats, autograd", "geomstats_worker", (("GEOMSTATS_BACKEND", "autograd"),)),
    Peer("efax", "efax_worker", (("SCIPY_ARRAY_API", "1"),)),  # without it SciPy's logsumexp takes no JAX arrays
)
PEERS = tuple(peer for peer in _ALL if peer.is_installed)


def _probabilities(theta, trials=1, categories=2):
    return jnp.append(theta, 1 - jnp.sum(theta))


_GEOMSTATS = {
    "gamma": lambda t: jnp.stack([t[0], t[0] / t[1]]),  # shape and mean
    "categorical": _probabilities,
    "multinomial": _probabilities,
    "diagonal_normal": lambda t, dimension: jnp.append(t[:dimension], t[dimension:] ** 2),
    "fixed_mean_normal": textbook.from_lower,
    "multivariate_normal": lambda t, dimension: jnp.append(
        t[:dimension], jnp.ravel(textbook.from_lower(t[dimension:], dimension))
    ),
}
"""geomstats' coordinates where they differ from ours."""
