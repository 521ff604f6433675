"""The comparison of penalties on real data: what the archived runs show, and a spot check of them."""

from functools import cache
from itertools import pairwise

import numpy as np

from properties import archive
from properties.checks import agree, archived, decided, fact, table
from properties.claims import claim
from properties.experiments import belief_regularisation as experiment
from properties.experiments import belief_tables as tables
from properties.experiments.belief_tables import NAMES, descents, difference, of
from properties.experiments.belief_tasks import TASKS
from properties.experiments.intervals import of_mean

# Archives keep nine digits; the rest is for other compilers and hardware.
AGAIN = 1e-6
ALARMS = 0.05
PENALTIES = ("Fisher-Rao", "KL to", "KL from")


@cache
def _again(task, method, strength):
    return experiment.refitted(task, method, experiment.SEEDS[0], strength)


@cache
def _descended_again(method, strength):
    return experiment.descended(method, experiment.DESCENT_SEEDS[0], strength)


@claim(
    "belief-regularisation",
    evidence="simulated",
    best="weight decay",
    gain=0.0,
    margin=0.06,
    efficient="weight decay",
    beliefs=("none", "weight decay", "Fisher-Rao"),
    falsifiers={
        "the squared distance is best": {"best": "Fisher-Rao"},
        "a divergence is best": {"best": "KL to"},
        "penalties gain a tenth of a nat on the digits": {"gain": 0.1},
        "squared distance and divergences are one": {"margin": 0.01},
        "the squared distance is efficient": {"efficient": "Fisher-Rao"},
        "beliefs move straight under the penalty": {"beliefs": ("Fisher-Rao", "weight decay", "none")},
    },
)
def test_regularisation_of_beliefs(best, gain, margin, efficient, beliefs):
    """Twenty seeds; splits of one data set overlap, so that intervals are about splits of these data, not about others."""
    found = archive.read(experiment.NAME)
    archived(found["made"], recomputed="two of the networks, and one ensemble, with the first seed.")
    for title, columns, rows in tables.of_comparison(found):
        table(title, columns, rows)
    fact("confidence of intervals in tables and pictures", "95 %, by Student's quantile over seeds")
    losing = [method for method in experiment.METHODS[1:] if method != best]
    decisions = [
        (task, best, other, name, sign)
        for task in TASKS
        for other in losing
        for name, sign in (("log_likelihood", 1), ("error", -1))
    ]
    decisions += [(task, best, "none", "error", -1) for task in TASKS]
    decisions += [("digits", best, "none", "log_likelihood", 1)]
    within = [(task, "Fisher-Rao", other, 0.0) for task in TASKS for other in ("KL to", "KL from")]
    within += [("digits", method, "none", gain) for method in PENALTIES]
    order = list(pairwise(beliefs))
    number = len(decisions) + len(within) + len(order)
    confidence = 1 - ALARMS / number
    fact(
        f"probability that one of {number} decisions errs, each at {100 * confidence:.2f} %",
        f"at most {100 * ALARMS:.0f} %",
    )
    for method in experiment.METHODS[1:]:
        gained = difference(found, "diabetes", method, "none", "log_likelihood")
        decided(bool((gained > 1).all()), f"diabetes: {NAMES[method]} gains more than 1 nat in every seed")
    for task, method, other, name, sign in decisions:
        mean, half = of_mean(difference(found, task, method, other, name), confidence)
        word = "more" if sign > 0 else "less"
        decided(
            sign * mean > half,
            f"{task}: {tables.SCORES[name]} with {NAMES[method]} is {word} than with {NAMES[other]}, {mean:.4f} ± {half:.4f}",
        )
    for task, method, other, expected in within:
        mean, half = of_mean(difference(found, task, method, other, "log_likelihood"), confidence)
        decided(
            abs(mean - expected) + half < margin,
            f"{task}: {NAMES[method]} less {NAMES[other]} is {mean:.4f} ± {half:.4f}, within {margin} of {expected:g}",
        )
    least = np.array([one["efficiency"]["lower"] for one in descents(found, efficient)])
    for method in PENALTIES if efficient not in PENALTIES else ("weight decay",):
        most = np.array([one["efficiency"]["upper"] for one in descents(found, method)])
        decided(
            bool((least > most).all()),
            f"ensembles: {NAMES[efficient]} is more efficient than {NAMES[method]}, in every seed",
        )
    for method, other in order:
        of_beliefs = (np.array([one["belief_efficiency"] for one in descents(found, m)]) for m in (method, other))
        mean, half = of_mean(np.subtract(*of_beliefs), confidence)
        decided(mean > half, f"beliefs: {NAMES[method]} is more efficient than {NAMES[other]}, {mean:.4f} ± {half:.4f}")
    decided(all(one["verdict"] != "rejected" for one in found["descents"]), "no audit rejects the speed limit")
    for task, method in (("diabetes", "Fisher-Rao"), ("digits", "KL to")):
        then = {key: of(found, task, method, key)[0] for key in ("strength", "log_likelihood", "error", "calibration")}
        again = _again(task, method, float(then["strength"]))
        for name in ("log_likelihood", "error", "calibration"):
            agree(again[name], then[name], tolerance=AGAIN)
    then, again = descents(found, "KL from")[0], _descended_again("KL from", found["strengths"]["KL from"])
    agree(again["belief_efficiency"], then["belief_efficiency"], tolerance=AGAIN)
    agree(again["production"]["estimate"], then["production"]["estimate"], tolerance=AGAIN)
