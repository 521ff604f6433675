"""Statistical tests of simulated ensembles: means of many members against exact values, with false alarms and power stated."""

from collections.abc import Mapping

import numpy as np
from scipy.stats import norm

from properties.checks import Inconclusive, agree, at_most, fact

Means = Mapping[str, float]


def means_agree(
    samples: Mapping[str, np.ndarray],
    claimed: Means,
    truth: Means,
    rivals: Mapping[str, Means],
    false_alarm: float = 1e-6,
    least_power: float = 0.99,
) -> None:
    """Claim that independent samples have the claimed means: a z-test of each at one joint rate of false alarms.

    The threshold is Bonferroni's. Means of ten thousands of members are taken to be normal.

    Args:
        samples: by the name of a quantity its value for every member, shape (N,).
        claimed: the means under test, by the same names.
        truth: the means of the true statement, which is the claimed one but for falsifiers; for the power.
        rivals: by the name of a false statement its means; the power is that against the one that is hardest to tell apart.
        false_alarm: the probability that a true statement is rejected.
        least_power: the probability with which every false one must be rejected.

    Raises:
        Inconclusive: if the members are too few for that power.
        Violation: if a mean is too far from the claimed one.
    """
    names = sorted(samples)
    threshold = float(norm.isf(false_alarm / (2 * len(names))))
    number = len(samples[names[0]])
    errors = {name: float(np.std(samples[name], ddof=1)) / number**0.5 for name in names}
    missed = {
        rival: min(float(norm.cdf(threshold - abs(means[name] - truth[name]) / errors[name])) for name in names)
        for rival, means in rivals.items()
    }
    hardest = max(missed, key=lambda rival: missed[rival])
    fact("members", number)
    fact(
        "false alarms", f"{false_alarm:g} for {len(names)} means together, each within {threshold:.2f} standard errors"
    )
    fact("power", f"1 - {missed[hardest]:.2g} or more against every falsifier; the hardest: {hardest}")
    if missed[hardest] > 1 - least_power:
        raise Inconclusive(
            f"{number} members reject {hardest!r} with the probability {1 - missed[hardest]:.3g} only; take more members"
        )
    scores = [(float(np.mean(samples[name])) - claimed[name]) / errors[name] for name in names]
    agree(scores, np.zeros(len(names)), tolerance=threshold, scale=1.0)


def mean_exceeds(
    samples: np.ndarray, bound: float, expected: float, false_alarm: float = 1e-6, least_power: float = 0.99
) -> None:
    """Claim that the mean of independent samples is above a bound: a one-sided z-test.

    Args:
        samples: one value for every member, shape (N,).
        bound: what the mean is claimed to exceed.
        expected: the mean for which the power is computed, above the bound.
        false_alarm: the probability of passing where the mean is the bound.
        least_power: the probability with which the expected mean must pass.

    Raises:
        Inconclusive: if the members are too few for that power.
        Violation: if the lower confidence bound of the mean is not above the bound.
    """
    threshold, error = float(norm.isf(false_alarm)), float(np.std(samples, ddof=1)) / len(samples) ** 0.5
    missed = float(norm.cdf(threshold - (expected - bound) / error))
    fact("samples", len(samples))
    fact("false alarms", f"{false_alarm:g} where the mean is {bound:g}")
    fact("power", f"1 - {missed:.2g} where the mean is {expected:g}")
    if missed > 1 - least_power:
        raise Inconclusive(
            f"{len(samples)} samples tell {expected:g} from {bound:g} with the probability {1 - missed:.3g} only"
        )
    lower = float(np.mean(samples)) - threshold * error
    at_most(bound, lower, slack=1e-9, scale=error)


def bias_is_small(bias: Means, samples: Mapping[str, np.ndarray], share: float = 0.1) -> None:
    """Refuse to decide where an algorithm's own bias is not small against the standard errors.

    Args:
        bias: of each mean, by name, measured without noise.
        samples: by name the values of all members.
        share: of a standard error that is allowed.

    Raises:
        Inconclusive: if the bias of a mean is larger.
    """
    sizes = {name: abs(bias[name]) / (np.std(v, ddof=1) / len(v) ** 0.5) for name, v in samples.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    fact("largest bias left by the step size, in standard errors", f"{sizes[largest]:.3f} ({largest})")
    if sizes[largest] > share:
        raise Inconclusive(f"the bias of {largest!r} is {sizes[largest]:.3g} standard errors; take shorter steps")
