"""Curriculum against standard training: the order of the examples, at the same clock and for the same objective at the end.

The objective grows: it counts a third of the examples for a third of the clock, then two thirds, then all. In every order a
seed has the same members, data and clock, so that orders are compared seed by seed.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from numerics.audit import Audit, audit
from numerics.update_rules import UpdateRule, gradient_descent
from properties import archive
from properties.experiments import network
from properties.experiments.intervals import rounded
from properties.experiments.network import Examples, Trained

NAME = "curriculum"
# Examples come in the order of their margin, large ones first or last, or in a random order; ``standard`` has all at once.
ORDERS = ("standard", "easy first", "hard first", "random")
STAGES = 3
# The sum of the learning rates, with a checkpoint after every INTERVALS-th of it.
CLOCK = 48.0
INTERVALS = 48
RATE = 0.1
# The seeds before these were looked at when the claim was written; it is decided by fresh ones.
SEEDS = range(20, 60)
# At other rates, to see what is of the order of the step size.
OTHER_RATES = (0.2, 0.05)
OTHER_SEEDS = SEEDS[:10]
CURVES = ("objective_so_far", "action_so_far", "length_so_far")


def run(seeds: Sequence[int] = SEEDS, other_seeds: Sequence[int] = OTHER_SEEDS) -> dict[str, Any]:
    """Train in every order, at every rate, with every seed.

    Returns:
        ``runs``: one entry for each; ``curves``: means over the seeds at the rate ``RATE``, at the checkpoints.
    """
    runs = [one for seed in seeds for one in compared(RATE, seed)]
    curves = {order: _mean_curves([one for one in runs if one["order"] == order]) for order in ORDERS}
    runs += [one for rate in OTHER_RATES for seed in other_seeds for one in compared(rate, seed)]
    return {
        "clock": CLOCK,
        "runs": [{key: value for key, value in one.items() if key not in CURVES} for one in runs],
        "curves": curves,
    }


def compared(rate: float, seed: int) -> list[dict[str, Any]]:
    """All orders with one seed, and what each spent to reach the objective at which the worst of them ends."""
    runs = [measured(order, rate, seed) for order in ORDERS]
    level = max(one["final_objective"] for one in runs)
    clock = np.linspace(0.0, CLOCK, INTERVALS + 1)
    for one in runs:
        for name, spent in (("action_to_level", one["action_so_far"]), ("clock_to_level", clock)):
            one[name] = spent_to_reach(level, one["objective_so_far"], spent)
    return runs


def measured(order: str, rate: float, seed: int) -> dict[str, Any]:
    """What one ensemble comes to in one order."""
    random = np.random.default_rng(seed)
    places, labels = network.half_circles(random, network.EXAMPLES)
    test = network.examples(*network.half_circles(random, network.TEST_EXAMPLES))
    members = network.beginning(_rule(), random)
    told = stages(order, places, labels, random)
    whole = network.examples(places, labels)
    trained = network.train(_rule(), members, rate, round(CLOCK / INTERVALS / rate), told)
    found = audit(
        trained.parameters, learning_rate=rate, energy=trained.energy, work=trained.work, is_objective_fixed=False
    )
    objective = np.array([network.energies(these, whole).mean() for these in trained.parameters.values()])
    return {"order": order, "rate": rate, "seed": seed} | _numbers(trained, found) | {
        "final_objective": float(objective[-1]),
        "test_accuracy": float(network.accuracies(trained.last, test).mean()),
        "objective_so_far": objective,
        "action_so_far": trained.action.mean(axis=1),
        "length_so_far": trained.length,
    }  # fmt: skip


def stages(order: str, places: np.ndarray, labels: np.ndarray, random: np.random.Generator) -> list[Examples]:
    """The examples that count in each interval; of each class the same number."""
    if order == "standard":
        return [network.examples(places, labels)] * INTERVALS
    ease = network.margins(places, labels)
    keys = {"easy first": -ease, "hard first": ease, "random": random.uniform(size=len(labels))}
    rank = np.zeros(len(labels))
    for label in (-1.0, 1.0):
        of_class = labels == label
        rank[of_class] = np.argsort(np.argsort(keys[order][of_class])) / of_class.sum()
    parts = [network.examples(places, labels, rank * STAGES < stage + 1) for stage in range(STAGES)]
    return [parts[index * STAGES // INTERVALS] for index in range(INTERVALS)]


def spent_to_reach(level: float, objective: np.ndarray, spent: np.ndarray) -> float:
    """What was spent when an objective first fell to a level, between checkpoints by linear interpolation; NaN if never.

    Args:
        level: of the objective.
        objective: at the checkpoints.
        spent: until each checkpoint.
    """
    below = np.flatnonzero(objective <= level)
    if not len(below):
        return float("nan")
    last = int(below[0])
    if last == 0:
        return float(spent[0])
    part = (objective[last - 1] - level) / (objective[last - 1] - objective[last])
    return float(spent[last - 1] + part * (spent[last] - spent[last - 1]))


def _numbers(trained: Trained, found: Audit) -> dict[str, Any]:
    action, length = float(trained.action[-1].mean()), float(trained.length[-1])
    coupling, distance = float(found.path.displacement[-1]), found.squared_distance
    assert found.drop.estimate is not None
    return {
        "drop": found.drop.estimate,
        "work": float(trained.work.mean()),
        "production": found.entropy_production.estimate,
        "action": action,
        "length": length,
        "pace": length**2 / (CLOCK * action),
        "distance_lower": distance.lower,
        "coupling": coupling,
        "straightness_lower": (distance.lower or 0.0) / length**2,
        "straightness_coupling": coupling / length**2,
        "efficiency_coupling": coupling / (CLOCK * action),
        "verdict": found.verdict,
        "warnings": sorted(found.warnings),
    }


def _mean_curves(runs: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {name: np.mean([one[name] for one in runs], axis=0) for name in CURVES}


@cache
def _rule() -> UpdateRule:
    # Compiled functions are kept by the rule.
    return gradient_descent()


def main() -> None:
    """Write the archive."""
    import jax

    jax.config.update("jax_enable_x64", True)
    archive.write(NAME, "python -m properties.experiments.curriculum", rounded(run()))


if __name__ == "__main__":
    main()
