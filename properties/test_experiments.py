"""The experiments that the summary of Okanohara 2026 proposes: what the archived runs show, and a spot check of each."""

from functools import cache

import numpy as np
from scipy.stats import binom

from properties import archive
from properties.checks import agree, archived, at_most, decided, fact, table
from properties.claims import claim
from properties.experiments import curriculum, gaussian_toy, learning_rates, tables
from properties.experiments.intervals import detectable, of_mean, written
from properties.experiments.tables import errors, excess, of

# Archives keep nine digits; the rest is for other compilers and hardware.
AGAIN = 1e-7
ALARMS = 0.05


@cache
def _toy_again(index):
    return gaussian_toy.measured(index, 0)


@claim(
    "gaussian-toy",
    evidence="simulated",
    has_entropy=True,
    below="lower bound",
    clock=1.0,
    turned=-0.16,
    falsifiers={
        "entropy left out": {"has_entropy": False},
        "displacement of members for a lower bound": {"below": "coupling"},
        "half the clock": {"clock": 0.5},
        "turned axes do not matter": {"turned": 0.0},
    },
)
def test_gaussian_toy(has_entropy, below, clock, turned):
    """Fifty ensembles for each of eight settings; one-sided bounds of 95 % may miss as often as chance lets them."""
    found = archive.read(gaussian_toy.NAME)
    archived(found["made"], recomputed="one ensemble of 64 members at each temperature.")
    for title, columns, rows in tables.of_toy(found):
        table(title, columns, rows)
    number = sum(len(setting["verdict"]) for setting in found["settings"]) // len(gaussian_toy.TEMPERATURES)
    missed = _missed(found, has_entropy, below, clock)
    rows = [
        [f"{key[0]:g}", key[1].replace("_", " "), key[2], f"{misses} of {number}"] for key, misses in missed.items()
    ]
    table("Bounds that missed the exact value", ["temperature", "quantity", "bound", "missed"], rows)
    allowed = int(binom.ppf(1 - ALARMS / len(missed), number, 0.05))
    fact("probability to accuse a bound if all miss 1 in 20 times", f"at most {ALARMS * 100:.0f} %")
    for times in (10, 6):
        power = f"{binom.sf(allowed, number, 1 / times) * 100:.3g} %"
        fact(f"probability to accuse a bound that misses 1 in {times} times", power)
    shadow = max(abs(s["shadow"][name] / s["exact"][name] - 1) for s in found["settings"] for name in s["exact"])
    fact("what steps of finite size change of the exact values", f"at most {shadow * 100:.2f} %")
    for (temperature, name, side), misses in missed.items():
        what = f"the {side} bound of {name.replace('_', ' ')} at temperature {temperature:g}"
        decided(misses <= allowed, f"{what} missed {misses} of {number} times; {allowed} are allowed")
    for setting in found["settings"]:
        _right_on_the_mean(setting, turned)
    for index in (0, 4):
        setting, again = found["settings"][index], _toy_again(index)
        for name in ("squared_distance", "entropy_production"):
            then = [setting[name][side][0] for side in ("lower", "estimate", "upper")]
            agree(list(again[name].values()), then, tolerance=AGAIN)
        agree(again["pace"], setting["pace"][0], tolerance=AGAIN)


def _missed(found, has_entropy, below, clock):
    """How often bounds missed exact values, as the audit gives them or as a false variant has them."""
    missed = {}
    for setting in found["settings"]:
        for name in ("squared_distance", "entropy_production", "efficiency"):
            lower, upper = (np.array(setting[name][side]) for side in ("lower", "upper"))
            if name == "entropy_production" and not has_entropy:
                change = np.array(setting[name]["estimate"]) - setting["energy_drop"]
                lower, upper = lower - change, upper - change
            elif name == "squared_distance" and below == "coupling":
                lower = np.array(setting["coupling"])
            elif name == "efficiency":
                lower, upper = lower / clock, upper / clock
            exact = setting["exact"][name]
            for side, misses in (("lower", lower > exact), ("upper", upper < exact)):
                key = setting["temperature"], name, side
                missed[key] = missed.get(key, 0) + int(misses.sum())
    return missed


def _right_on_the_mean(setting, turned):
    is_along, is_quiet = setting["axes"] == "along the parameters", setting["temperature"] == 0
    means = {name: errors(setting, name).mean() for name in setting["exact"]}
    agree(means["entropy_production"], 0.0, tolerance=0.05, scale=1.0)
    for name in ("squared_distance", "efficiency", *(["straightness"] if is_quiet else [])):
        agree(means[name], 0.0 if is_along else turned, tolerance=0.05 if is_along else 0.06, scale=1.0)
    if is_quiet:
        agree(means["pace"], 0.0, tolerance=0.02, scale=1.0)
    elif setting["members"] == 64:
        decided(means["pace"] < -0.1, "with noise, 64 members show a pace that is more than 10 % too low")


@cache
def _sweep_again():
    return learning_rates.measured(0.3, 0)


@claim(
    "learning-rate-sweep",
    evidence="simulated",
    limit=(0.25, 0.42),
    small=(0.3, 0.1, 0.03, 0.01),
    share=0.2,
    falsifiers={
        "efficiency tends to 1": {"limit": (0.9, 1.1)},
        "the same at the largest rate": {"small": (3.0, 0.3, 0.1, 0.03, 0.01)},
        "action equal to the drop": {"share": 0.0},
        "twice the excess of the action": {"share": 0.4},
    },
)
def test_learning_rate_sweep(limit, small, share):
    """Ten seeds at six rates. Displacements of members in place of the transport make the efficiency too high, if anything."""
    found = archive.read(learning_rates.NAME)
    archived(found["made"], recomputed="the learning rate 0.3 with the first seed.")
    for title, columns, rows in tables.of_sweep(found):
        table(title, columns, rows)
    runs = tables.by_rate(found)
    efficiency = {rate: of(these, "coupling") / (found["clock"] * of(these, "drop")) for rate, these in runs.items()}
    change = efficiency[0.01] / efficiency[0.03] - 1.0
    # Errors are of the order of the step size.
    at_rate_0 = efficiency[0.01] - 0.5 * (efficiency[0.03] - efficiency[0.01])
    fact("confidence of intervals, and of each decision", "95 %, by Student's quantile over ten seeds")
    fact("displacement over clock and drop, continued to the rate 0", written(at_rate_0))
    fact(
        "its relative change from the rate 0.03 to 0.01",
        "({:.1f} ± {:.1f}) × 10⁻⁵".format(*(1e5 * v for v in of_mean(change))),
    )
    fact("a change that would have been noticed with a probability of 80 %", f"{1e5 * detectable(change):.1f} × 10⁻⁵")
    fact(
        "verdicts of audits at the rate 0.01; inconclusive: a mobility stated ten times too small would not be noticed",
        _counted(one["verdict"] for one in runs[0.01]),
    )
    for rate in small:
        mean, half = of_mean(of(runs[rate], "efficiency_upper"))
        decided(
            mean + half < 0.45, f"at the rate {rate:g} the upper bound of the efficiency is {mean:.3f} ± {half:.3f}"
        )
    at_most(abs(of_mean(change)[0]) + of_mean(change)[1], 0.001, slack=1e-12)
    mean, half = of_mean(at_rate_0)
    decided(limit[0] < mean - half and mean + half < limit[1], f"the limit {mean:.3f} ± {half:.3f} lies within {limit}")
    for rate in (0.1, 0.03, 0.01):
        agree(of_mean(excess(runs[rate], "drop") / rate)[0], share, tolerance=0.03, scale=1.0)
    decided(
        excess(runs[1.0], "drop").min() > 0.5, "at the rate 1 the action is 1.5 times the drop or more, in every seed"
    )
    for these in runs.values():
        at_most(of(these, "coupling") / (found["clock"] * of(these, "action")), 1.0, slack=1e-12)
        decided(all(one["verdict"] != "rejected" for one in these), "no audit rejects the speed limit")
    then, again = runs[0.3][0], _sweep_again()
    for name in ("drop", "action", "length", "coupling", "distance_lower", "efficiency_upper"):
        agree(again[name], then[name], tolerance=AGAIN)


def _counted(words):
    words = list(words)
    return ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))


@cache
def _curriculum_again():
    return curriculum.measured("easy first", curriculum.RATE, curriculum.SEEDS[0])


@claim(
    "curriculum",
    evidence="simulated",
    easy="easy first",
    hard="hard first",
    balance="production",
    power=1,
    falsifiers={
        "orders exchanged": {"easy": "hard first", "hard": "easy first"},
        "a random order does the same": {"easy": "random"},
        "work left out": {"balance": "drop"},
        "excess of the action whatever the step size": {"power": 0},
        "excess of the second order": {"power": 2},
    },
)
def test_curriculum(easy, hard, balance, power):
    """Forty seeds, ten of them at two other rates, the same in every order; differences are taken seed by seed."""
    found = archive.read(curriculum.NAME)
    archived(found["made"], recomputed="easy examples first, with the first seed.")
    for title, columns, rows in tables.of_curriculum(found):
        table(title, columns, rows)
    runs = tables.by_order(found)

    def difference(order, other, name):
        return of(runs[curriculum.RATE, order], name) - of(runs[curriculum.RATE, other], name)

    differs = [(easy, "standard", name, 1) for name in ("production", "action_to_level", "length")]
    differs += [(easy, "standard", name, -1) for name in ("final_objective", "straightness_coupling")]
    differs += [(easy, "random", "production", 1), (hard, "standard", "production", -1)]
    differs += [(hard, "standard", "final_objective", 1), (hard, "standard", "test_accuracy", -1)]
    confidence = 1 - ALARMS / len(differs)
    fact("confidence of intervals in tables and pictures", "95 %, by Student's quantile over forty seeds")
    fact(
        f"probability that one of {len(differs)} decisions errs, each at {confidence * 100:.1f} %",
        f"at most {ALARMS * 100:.0f} %",
    )
    noticed = [
        f"{detectable(difference(order, 'standard', 'production')):.3f}" for order in ("easy first", "hard first")
    ]
    fact("differences in entropy production that 95 % would notice with a probability of 80 %, easy and hard first",
         " and ".join(noticed))  # fmt: skip
    for order, other, name, sign in differs:
        mean, half = of_mean(difference(order, other, name), confidence)
        word, what = "larger" if sign > 0 else "smaller", name.replace("_", " ")
        decided(
            sign * mean > half, f"{order}: {what} is {word} than for {other}; the difference is {mean:.4f} ± {half:.4f}"
        )
    share = difference(easy, "standard", "production") / of(runs[curriculum.RATE, "standard"], "production")
    agree(of_mean(share)[0], 1 / 3, tolerance=0.1, scale=1.0)
    for order in curriculum.ORDERS:
        least, *others = (
            excess(runs[rate, order][: len(curriculum.OTHER_SEEDS)], balance).mean() / rate**power
            for rate in sorted((curriculum.RATE, *curriculum.OTHER_RATES))
        )
        agree(others, [least, least], tolerance=0.25)
    then, again = runs[curriculum.RATE, "easy first"][0], _curriculum_again()
    for name in ("production", "work", "action", "length", "coupling", "final_objective"):
        agree(again[name], then[name], tolerance=AGAIN)
