"""How often the bounds of an audit hold: simulated ensembles whose distance and entropy production are known.

Members relax in ``sum a x^2 / 2`` for a time of 0.7 from a law with independent coordinates, normal or not; every curvature a
is one of four. ``python -m properties.audit_coverage`` makes the archive.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.stats import norm

from numerics.audit import Audit, audit
from numerics.wasserstein_line import squared_distance
from properties import archive

NAME = "audit_coverage"
SIZES, MEMBERS = (2, 10, 100, 1000), (10, 20, 50, 100, 256)
LAWS, TEMPERATURES = ("normal", "bimodal", "skewed"), (0.0, 0.5)
ENSEMBLES, CONFIDENCE = 400, 0.95
_CURVATURES, _TIME, _STEP = np.array([0.5, 1.0, 1.5, 2.0]), 0.7, 0.01
_MEAN, _DEVIATION, _HUMP = 0.5, 0.5, 0.9
_GRID = np.linspace(-4.0, 6.0, 4001)


@dataclass(frozen=True)
class Cell:
    """One setting of the study."""

    law: str
    temperature: float
    size: int
    members: int
    entropy: str = "gaussian"

    @property
    def curvatures(self) -> np.ndarray:
        """Of every coordinate, shape (d,)."""
        return np.resize(_CURVATURES, self.size)

    def draw(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The members before and after, each of shape (N, d)."""
        shape = (self.members, self.size)
        left = np.exp(-self.curvatures * _TIME)
        x = _MEAN + _DEVIATION * _standard(self.law, random, shape)
        noise = np.sqrt(self.temperature / self.curvatures * (1 - left**2))
        return x, left * x + noise * random.normal(size=shape)

    def truth(self) -> tuple[float, float]:
        """Squared distance and entropy production."""
        parts = [_of_coordinate(self.law, self.temperature, float(a)) for a in self.curvatures[: len(_CURVATURES)]]
        counts = [len(self.curvatures[i :: len(_CURVATURES)]) for i in range(len(parts))]
        distance, production = (sum(n * part[i] for n, part in zip(counts, parts, strict=True)) for i in (0, 1))
        return distance, production

    def audited(self, random: np.random.Generator) -> Audit:
        """The audit of one ensemble."""
        x, y = self.draw(random)
        energy = np.stack([0.5 * (z * z) @ self.curvatures for z in (x, y)])
        return audit(
            {0: x, round(_TIME / _STEP): y}, learning_rate=_STEP, energy=energy, temperature=self.temperature,
            optimiser="langevin" if self.temperature else "gradient_descent", confidence=CONFIDENCE, entropy=self.entropy,
            initial_entropy=self.size * _entropy(self.law),
        )  # fmt: skip


def measure(cell: Cell, ensembles: int = ENSEMBLES) -> dict[str, Any]:
    """Shares of ensembles in which each bound holds, and how close the bounds are; None for what is not estimated."""
    random = np.random.default_rng([LAWS.index(cell.law), int(10 * cell.temperature), cell.size, cell.members])
    distance, production = cell.truth()
    found = [cell.audited(random) for _ in range(ensembles)]
    lower, upper, most, estimate = (
        np.array([np.nan if value is None else value for value in values])
        for values in zip(
            *(
                (
                    a.squared_distance.lower,
                    a.squared_distance.upper,
                    a.entropy_production.upper,
                    a.entropy_production.estimate,
                )
                for a in found
            ),
            strict=True,
        )
    )
    empirical = np.array([a.empirical_squared_distance for a in found])
    return {
        "law": cell.law,
        "temperature": cell.temperature,
        "entropy": cell.entropy if cell.temperature else "none",
        "size": cell.size,
        "members": cell.members,
        "ensembles": ensembles,
        "efficiency": distance / (_TIME * production),
        "distance_lower_holds": _share(lower <= distance),
        "distance_upper_holds": _share(upper >= distance),
        "empirical_below": _share(empirical <= distance),
        "lower_over_truth": float(np.mean(lower) / distance),
        "empirical_over_truth": float(np.mean(empirical) / distance),
        "production_upper_holds": None if np.isnan(most).any() else _share(most >= production),
        "production_over_truth": None if np.isnan(estimate).any() else float(np.mean(estimate) / production),
        "rejected": _share([a.verdict == "rejected" for a in found]),
        "consistent": _share([a.verdict == "consistent" for a in found]),
    }


def cells() -> list[Cell]:
    """All settings; nearest neighbours in two dimensions only."""
    found = [Cell(law, t, d, n) for law in LAWS for t in TEMPERATURES for d in SIZES for n in MEMBERS]
    found += [Cell(law, TEMPERATURES[1], SIZES[0], n, "nearest-neighbour") for law in LAWS for n in MEMBERS[1:]]
    return found + [Cell(law, TEMPERATURES[1], d, n, "maximum") for law in LAWS for d in SIZES for n in MEMBERS]


def _share(held: Any) -> float:
    return float(np.mean(held))


def _standard(law: str, random: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Draws of mean 0 and variance 1."""
    if law == "normal":
        return random.normal(size=shape)
    if law == "bimodal":
        return random.choice([-_HUMP, _HUMP], shape) + np.sqrt(1 - _HUMP**2) * random.normal(size=shape)
    return random.exponential(size=shape) - 1.0


def _distribution(law: str, z: np.ndarray) -> np.ndarray:
    """The distribution function of what :func:`_standard` draws."""
    if law == "normal":
        return norm.cdf(z)
    if law == "bimodal":
        width = np.sqrt(1 - _HUMP**2)
        return 0.5 * (norm.cdf((z - _HUMP) / width) + norm.cdf((z + _HUMP) / width))
    return np.where(z > -1, -np.expm1(-(np.maximum(z, -1) + 1)), 0.0)


@cache
def _entropy(law: str) -> float:
    """Of one coordinate at the beginning, in nats."""
    if law == "skewed":
        return 1.0 + float(np.log(_DEVIATION))
    z = np.linspace(-9.0, 9.0, 20001)
    density = np.gradient(_distribution(law, z), z)
    logarithm = np.log(np.where(density > 0, density, 1.0))
    return float(np.log(_DEVIATION) - np.trapezoid(density * logarithm, z))


@cache
def _of_coordinate(law: str, temperature: float, curvature: float) -> tuple[float, float]:
    """Squared distance and entropy production of one coordinate, by quantiles and quadrature on a fine grid."""
    left = np.exp(-curvature * _TIME)
    first = np.diff(_distribution(law, (_GRID - _MEAN) / _DEVIATION))
    middles, width = 0.5 * (_GRID[1:] + _GRID[:-1]), _GRID[1] - _GRID[0]
    square = _MEAN**2 + _DEVIATION**2
    if temperature == 0:
        return float((1 - left) ** 2 * square), float(0.5 * curvature * (1 - left**2) * square)
    noise = temperature / curvature * (1 - left**2)
    # The law of left x + noise: a mixture of normal laws about the cells of x, each cell halved around its middle.
    later = np.zeros(len(_GRID) - 1)
    for place in np.flatnonzero(first > 1e-14):
        later += first[place] * np.diff(norm.cdf((_GRID - left * middles[place]) / np.sqrt(noise)))
    filled = later[later > 0]
    gained = -float(np.sum(filled * np.log(filled / width))) - _entropy(law)
    drop = 0.5 * curvature * (square - (left**2 * square + noise))
    distance = squared_distance(*(jnp.asarray(part) for part in (_GRID, first / first.sum(), later / later.sum())))
    return float(distance), float(drop + temperature * gained)


if __name__ == "__main__":
    from rich.progress import track

    jax.config.update("jax_enable_x64", True)
    rows = [measure(cell) for cell in track(cells(), "ensembles")]
    print(archive.write(NAME, "python -m properties.audit_coverage", {"confidence": CONFIDENCE, "cells": rows}))
