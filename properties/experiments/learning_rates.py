"""The sweep of learning rates: what a fixed clock of training costs at small and at large steps.

Ensembles of small networks begin at the same places, see the same data and take steps of one size for the same clock, the sum
of the learning rates. Every seed draws parameters and data anew.
"""

from functools import cache
from typing import Any

import numpy as np

from numerics.audit import Audit, audit
from numerics.update_rules import UpdateRule, gradient_descent, langevin
from properties import archive
from properties.experiments import network
from properties.experiments.intervals import rounded
from properties.experiments.network import Trained

NAME = "learning_rates"
RATES = (3.0, 1.0, 0.3, 0.1, 0.03, 0.01)
# The sum of the learning rates, with a checkpoint after every INTERVALS-th of it: one step of the largest rate.
CLOCK = 48.0
INTERVALS = 16
# For the runs with noise, in units of the objective.
TEMPERATURE = 1e-4
NOISY_RATES = (1.0, 0.1, 0.01)
SEEDS = 10
NOISY_SEEDS = 5
CURVES = ("length_so_far", "efficiency_so_far")


def run(seeds: int = SEEDS, noisy_seeds: int = NOISY_SEEDS) -> dict[str, Any]:
    """Train and measure at every rate with every seed.

    Returns:
        ``descent``: gradient descent, and ``noise``: Langevin dynamics; of each, one entry for every rate and seed.
        ``curves``: of gradient descent by rate, means over the seeds at the checkpoints.
    """
    descent = [measured(rate, seed) for rate in RATES for seed in range(seeds)]
    noise = [measured(rate, seed, TEMPERATURE) for rate in NOISY_RATES for seed in range(noisy_seeds)]
    return {
        "clock": CLOCK,
        "temperature": TEMPERATURE,
        "descent": [_without_curves(one) for one in descent],
        "noise": [_without_curves(one) for one in noise],
        "curves": {str(rate): _mean_curves([one for one in descent if one["rate"] == rate]) for rate in RATES},
    }


def measured(rate: float, seed: int, temperature: float = 0.0) -> dict[str, Any]:
    """What one ensemble comes to: sums over all of its steps, and what the audit sees of its checkpoints."""
    random = np.random.default_rng(seed)
    data, test = (network.examples(*network.half_circles(random, n)) for n in (network.EXAMPLES, network.TEST_EXAMPLES))
    rule = _rule(temperature)
    steps = round(CLOCK / INTERVALS / rate)
    trained = network.train(rule, network.beginning(rule, random), rate, steps, [data] * INTERVALS)
    found = audit(
        trained.parameters,
        learning_rate=rate,
        energy=trained.energy,
        optimiser="langevin" if temperature > 0 else "gradient_descent",
        temperature=temperature,
    )
    drop = (trained.energy[0] - trained.energy[1:]).mean(axis=1)
    return {"rate": rate, "seed": seed, "steps": steps * INTERVALS} | _numbers(trained, found) | {
        "test_accuracy": float(network.accuracies(trained.last, test).mean()),
        "length_so_far": trained.length,
        "efficiency_so_far": found.path.displacement[1:] / (found.clock[1:] * drop),
    }  # fmt: skip


def _numbers(trained: Trained, found: Audit) -> dict[str, Any]:
    distance, production = found.squared_distance, found.entropy_production
    action, length = float(trained.action[-1].mean()), float(trained.length[-1])
    return {
        # Over all steps.
        "drop": float((trained.energy[0] - trained.energy[-1]).mean()),
        "action": action,
        "length": length,
        "pace": length**2 / (CLOCK * action),
        "final_objective": float(trained.energy[-1].mean()),
        # From the checkpoints.
        "distance_lower": distance.lower,
        "distance_estimate": distance.estimate,
        "distance_empirical": found.empirical_squared_distance,
        "coupling": float(found.path.displacement[-1]),
        "coupling_upper": distance.upper,
        "production_lower": production.lower,
        "production_upper": production.upper,
        "efficiency_lower": found.efficiency.lower,
        "efficiency_upper": found.efficiency.upper,
        "checkpoint_action": found.action,
        "checkpoint_pace": found.pace,
        "verdict": found.verdict,
        "reason": found.reason,
        "warnings": sorted(found.warnings),
    }


def _without_curves(one: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key not in CURVES}


def _mean_curves(runs: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    return {name: np.mean([one[name] for one in runs], axis=0) for name in CURVES}


@cache
def _rule(temperature: float) -> UpdateRule:
    # Compiled functions are kept by the rule.
    return langevin(temperature) if temperature > 0 else gradient_descent()


def main() -> None:
    """Write the archive."""
    import jax

    jax.config.update("jax_enable_x64", True)
    archive.write(NAME, "python -m properties.experiments.learning_rates", rounded(run()))


if __name__ == "__main__":
    main()
