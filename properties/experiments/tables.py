"""The archived experiments as tables: what the checks put on record, for readers and for the pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from properties.experiments import curriculum, gaussian_toy, learning_rates
from properties.experiments.intervals import written

Table = tuple[str, list[str], list[list[object]]]
Runs = Sequence[Mapping[str, Any]]

AT_REST, WITH_NOISE = "Estimates without noise", "Estimates with noise, at temperature 1/2"
RATES = "By learning rate"
PATHS, CLOCKS = "Share of the path behind, by clock", "Efficiency up to a clock"
EXCESS, LEAST_EFFICIENCY = "excess of the action over the drop in per cent", "lower bound of the efficiency"
OVER_DROP, OVER_ACTION = "displacement over clock and drop", "displacement over clock and action"
ORDERS, DIFFERENCES = "Four orders of the examples", "Differences, seed by seed"
PERCENTAGES = "Relative differences from standard training in per cent, seed by seed"
BALANCE, WAYS = "Excess of the action over drop and work", "Action and objective along the way"


def of(runs: Runs, name: str) -> np.ndarray:
    """One number of every run."""
    return np.array([one[name] for one in runs])


def excess(runs: Runs, name: str) -> np.ndarray:
    """By how much the action exceeds another number of the run, as a share of that."""
    return of(runs, "action") / of(runs, name) - 1.0


def by_rate(found: Mapping[str, Any]) -> dict[float, Runs]:
    """The runs of gradient descent in the sweep."""
    return {rate: [one for one in found["descent"] if one["rate"] == rate] for rate in learning_rates.RATES}


def by_order(found: Mapping[str, Any]) -> dict[tuple[float, str], Runs]:
    """The runs of the curriculum by learning rate and order."""
    keys = [(rate, order) for rate in (curriculum.RATE, *curriculum.OTHER_RATES) for order in curriculum.ORDERS]
    return {key: [one for one in found["runs"] if (one["rate"], one["order"]) == key] for key in keys}


def errors(setting: Mapping[str, Any], name: str) -> np.ndarray:
    """Relative errors of the estimates of all ensembles of the toy in one setting."""
    estimates = setting[name] if name == "pace" else setting[name]["estimate"]
    return np.array(estimates) / setting["exact"][name] - 1.0


def of_toy(found: Mapping[str, Any]) -> list[Table]:
    """Exact values and errors of the estimates."""
    columns = ["axes", "members", "quantity", "exact", "mean error", "scatter of one ensemble"]
    tables: list[Table] = []
    for title, temperature in zip((AT_REST, WITH_NOISE), gaussian_toy.TEMPERATURES, strict=True):
        rows: list[list[object]] = []
        for setting in (one for one in found["settings"] if one["temperature"] == temperature):
            for name, exact in setting["exact"].items():
                off = errors(setting, name)
                sizes = [f"{exact:.4f}", f"{100 * off.mean():+.1f} %", f"{100 * off.std(ddof=1):.1f} %"]
                rows.append([setting["axes"], setting["members"], name.replace("_", " "), *sizes])
        tables.append((title, columns, rows))
    return tables


def of_sweep(found: Mapping[str, Any]) -> list[Table]:
    """Cost, distance and path by learning rate."""
    runs = by_rate(found)
    numbers = [_by_rate(these, found["clock"]) for these in runs.values()]
    places = np.linspace(0.0, found["clock"], learning_rates.INTERVALS + 1)
    short = [rate for rate in learning_rates.RATES if rate <= 1.0]
    columns = ["clock", *(f"rate {rate:g}" for rate in short)]
    lengths = [np.array(found["curves"][str(rate)]["length_so_far"]) for rate in short]
    reached = [found["curves"][str(rate)]["efficiency_so_far"] for rate in short]
    return [
        (
            RATES,
            ["learning rate", *(f"{rate:g}" for rate in runs)],
            [["steps", *(these[0]["steps"] for these in runs.values())]]
            + [[name, *(written(one[name]) for one in numbers)] for name in numbers[0]],
        ),
        (PATHS, columns, [[f"{s:g}", *(f"{way[i] / way[-1]:.3f}" for way in lengths)] for i, s in enumerate(places)]),
        (CLOCKS, columns, [[f"{s:g}", *(f"{way[i]:.3f}" for way in reached)] for i, s in enumerate(places[1:])]),
        _with_noise(found),
    ]


def of_curriculum(found: Mapping[str, Any]) -> list[Table]:
    """What the orders come to, their differences, the balance of the free energy, and the way there."""
    runs = by_order(found)
    main = {order: runs[curriculum.RATE, order] for order in curriculum.ORDERS}
    names = {
        "production": "entropy production",
        "drop": "drop of the objective",
        "work": "work on the objective",
        "action": "action",
        "action_to_level": "action up to one objective",
        "clock_to_level": "clock up to one objective",
        "length": "length of the path",
        "distance_lower": "lower bound of the squared distance",
        "coupling": "mean squared displacement",
        "straightness_lower": "lower bound of the straightness",
        "straightness_coupling": "straightness of members",
        "pace": "pace",
        "final_objective": "objective at the end",
        "test_accuracy": "test accuracy",
    }
    relative = ["production", "action_to_level", "length", "straightness_coupling"]
    compared = [*relative, "clock_to_level", "final_objective", "test_accuracy"]
    others = curriculum.ORDERS[1:]
    pairs = [(order, "standard") for order in others] + [("easy first", "random")]
    places = np.linspace(0.0, found["clock"], curriculum.INTERVALS + 1)
    ways = [
        found["curves"][order][name] for order in curriculum.ORDERS for name in ("action_so_far", "objective_so_far")
    ]
    shown = [i for i in range(len(places)) if i % 2 == 0 or i < 4]
    return [
        (ORDERS, ["quantity", *main],
         [[text, *(written(of(these, name)) for these in main.values())] for name, text in names.items()]),
        (DIFFERENCES, ["quantity", *(f"{order} less {other}" for order, other in pairs)],
         [[names[name], *(written(of(main[order], name) - of(main[other], name)) for order, other in pairs)]
          for name in compared]),
        (PERCENTAGES, ["quantity", *others],
         [[names[name], *(written(100 * (of(main[order], name) / of(main["standard"], name) - 1)) for order in others)]
          for name in relative]),
        (BALANCE, ["learning rate", "order", "excess over drop and work in per cent", "excess over the drop alone"],
         [[f"{rate:g}", order, *(written(100 * excess(these, name)) for name in ("production", "drop"))]
          for (rate, order), these in sorted(runs.items())]),
        (WAYS, ["clock", *(f"{order}: {name}" for order in curriculum.ORDERS for name in ("action", "objective"))],
         [[f"{places[i]:g}", *(f"{way[i]:.4f}" for way in ways)] for i in shown]),
    ]  # fmt: skip


def _by_rate(runs: Runs, clock: float) -> dict[str, np.ndarray]:
    coupling = of(runs, "coupling")
    return {
        "drop of the objective": of(runs, "drop"),
        "action": of(runs, "action"),
        EXCESS: 100 * excess(runs, "drop"),
        "lower bound of the squared distance": of(runs, "distance_lower"),
        "mean squared displacement": coupling,
        LEAST_EFFICIENCY: of(runs, "efficiency_lower"),
        OVER_DROP: coupling / (clock * of(runs, "drop")),
        OVER_ACTION: coupling / (clock * of(runs, "action")),
        "straightness of members": coupling / of(runs, "length") ** 2,
        "pace": of(runs, "pace"),
        "pace seen at checkpoints": of(runs, "checkpoint_pace"),
        "action seen at checkpoints": of(runs, "checkpoint_action"),
        "objective at the end": of(runs, "final_objective"),
        "test accuracy in per cent": 100 * of(runs, "test_accuracy"),
    }


def _with_noise(found: Mapping[str, Any]) -> Table:
    names = {
        "drop": "drop of the mean objective", "action": "squared displacement of steps over rate",
        "checkpoint_action": "action of shifts and stretches", "distance_lower": "lower bound of the squared distance",
        "coupling": "mean squared displacement", "test_accuracy": "test accuracy",
    }  # fmt: skip
    rows: list[list[object]] = []
    for rate in learning_rates.NOISY_RATES:
        these = [one for one in found["noise"] if one["rate"] == rate]
        is_known = any(one["production_lower"] is not None for one in these)
        rows.append([f"{rate:g}", *(written(of(these, name)) for name in names), "known" if is_known else "not known"])
    title = f"With noise of temperature {found['temperature']:g}, which single steps show most"
    return title, ["learning rate", *names.values(), "entropy production"], rows
