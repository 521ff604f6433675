"""What a reader of an audit has to be told before relying on it."""

from typing import TYPE_CHECKING

import numpy as np

from numerics.training import Schedule

if TYPE_CHECKING:
    from numerics.audit import Audit

# With ten members per dimension the eigenvalues of a covariance are known to within a factor of two.
_MEMBERS_PER_DIMENSION = 10
_SHARE_OF_NOISE = 0.5
_MISSED_BY_PAIRS = 1.1
_LOOSE = 0.1


def of(audit: "Audit", plan: Schedule) -> dict[str, str]:
    """Warnings by name, in sentences; empty if there is nothing to say."""
    found = {
        "optimiser": plan.kind.caution,
        "entropy": _entropy(audit),
        "twins": _twins(audit),
        "coarse-checkpoints": _coarse(audit, plan),
        "noise": _noise(audit, plan),
        "loose-bound": _loose(audit),
        "moving-objective": _moving(audit),
        "rising-free-energy": _rising(audit),
    }
    return {name: text for name, text in found.items() if text}


def _entropy(audit: "Audit") -> str:
    training = audit.training
    if training.temperature == 0 or training.energy is None or training.entropy == "maximum":
        return ""
    if audit.path.entropy_change is None:
        return (
            f"{audit.members} members in {audit.size} dimensions are too few to estimate the change of entropy, and with it "
            "the entropy production. Where the entropy at the beginning is known, entropy = 'maximum' gives an upper bound."
        )
    if training.entropy == "nearest-neighbour":
        return ""
    few = audit.members < _MEMBERS_PER_DIMENSION * audit.size
    start = f"{audit.members} members in {audit.size} dimensions are few, and the" if few else "The"
    return f"{start} change of entropy is estimated as that of normal laws. For others the entropy production may be higher."


def _twins(audit: "Audit") -> str:
    number = audit.path.twins
    if not number:
        return ""
    return f"{number} members lie where another one does; bounds count every member as independent."


def _coarse(audit: "Audit", plan: Schedule) -> str:
    if len(audit.steps) == 2:
        return "With two checkpoints nothing is seen of the path between them: straightness and pace mean nothing."
    pairs = np.maximum(audit.path.pairs, 0.0)
    moved = audit.path.steps_shifted if plan.kind.is_noisy else audit.path.steps_displacement
    moved, spans = np.maximum(moved, 0.0), np.diff(audit.clock)
    # Both over the intervals that pairs cover, each inner interval twice.
    fine = float(np.sum(moved[:-1] / spans[:-1] + moved[1:] / spans[1:]))
    coarse = float(np.sum(pairs / (spans[:-1] + spans[1:])))
    if fine <= _MISSED_BY_PAIRS * coarse:
        return ""
    return (
        f"Checkpoints are coarse: every second one shows {coarse / fine:.0%} of the action that all show. The path between "
        "them is longer than what was seen, and action and length are too small."
    )


def _noise(audit: "Audit", plan: Schedule) -> str:
    if not plan.kind.is_noisy:
        return ""
    raw, seen = audit.path.steps_displacement, np.maximum(audit.path.steps_shifted, 0.0)
    share = 1.0 - float(np.sum(seen)) / float(np.sum(raw)) if np.sum(raw) > 0 else 0.0
    if share <= _SHARE_OF_NOISE:
        return ""
    return (
        f"{share:.0%} of the squared displacement between checkpoints is noise, or motion that is no shift and no stretch of "
        "coordinates. Length, action, straightness and pace are those of shifts and stretches."
    )


def _loose(audit: "Audit") -> str:
    lower, upper = audit.squared_distance.lower or 0.0, audit.squared_distance.upper or 0.0
    if upper == 0 or lower > _LOOSE * upper:
        return ""
    return (
        f"The squared distance lies between {lower:.4g} and {upper:.4g}. Shifts and stretches of coordinates show little of "
        "how these members moved; efficiency and straightness are known as wide ranges only."
    )


def _moving(audit: "Audit") -> str:
    if audit.training.is_objective_fixed:
        return ""
    if audit.training.work is None:
        return (
            "The objective moved: the drop of the free energy is not the entropy production; the work on the objective, "
            "int dPhi/dt dt, is missing."
        )
    return "The objective moved: the entropy production is the drop of the free energy plus the work on the objective."


def _rising(audit: "Audit") -> str:
    if audit.drop.upper is None or audit.drop.upper >= 0:
        return ""
    return (
        "The free energy rose. This need not be an error of the estimate: long steps and moving objectives do it. The entropy "
        "production is not negative."
    )
