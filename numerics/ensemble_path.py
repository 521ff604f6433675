"""An ensemble along its checkpoints, read one at a time: how far it moved, and its energy and entropy."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics import entropy_estimates, transport_estimates
from numerics.checkpoints import Checkpoints
from numerics.training import Schedule
from numerics.transport_estimates import Bound, Parts

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class EnsemblePath:
    """What the checkpoints show; lengths are weighted by the inverse mobility where that is not a number.

    Attributes:
        displacement: mean squared displacement of the members since the first checkpoint, shape (K,).
        shifted: estimate of that part of the squared distance since then which is shift and stretch, shape (K,).
        lower: lower confidence bound of the squared distance since then, shape (K,).
        upper: upper confidence bound of it, by the coupling of members, shape (K,).
        steps_displacement: mean squared displacement over each interval, shape (K - 1,).
        steps_shifted: shift and stretch over each interval, shape (K - 1,).
        pairs: over every two intervals, displacement or, where there is noise, shift and stretch, shape (K - 2,).
        entropy: of the normal law with the members' covariance, shape (K,); None for too few members.
        entropy_change: from the first to the last checkpoint; None for too few members.
        empirical: squared distance of the first to the last empirical measure.
        twins: members that begin or end at the same place as another one.
    """

    displacement: np.ndarray
    shifted: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    steps_displacement: np.ndarray
    steps_shifted: np.ndarray
    pairs: np.ndarray
    entropy: np.ndarray | None
    entropy_change: entropy_estimates.EntropyChange | None
    empirical: float
    twins: int


def follow(checkpoints: Checkpoints, plan: Schedule, progress: Progress | None = None) -> EnsemblePath:
    """Read the checkpoints in their order; at most four are held at a time.

    Args:
        checkpoints: of the ensemble.
        plan: how it was trained.
        progress: called with the number of checkpoints read and of all.
    """
    confidence, weights = plan.training.confidence, plan.weights
    number = len(checkpoints.steps)
    has_entropy = entropy_estimates.is_possible("gaussian", checkpoints.members, checkpoints.size)
    begin = checkpoints.read(0)
    earlier: deque[Parts] = deque([begin], maxlen=2)
    entropies = [entropy_estimates.entropy(_joined(begin))] if has_entropy else []
    since: list[tuple[float, float, Bound, Bound]] = [(0.0, 0.0, Bound(0.0, 0.0), Bound(0.0, 0.0))]
    over: list[transport_estimates.Movement] = []
    pairs: list[float] = []
    _tell(progress, 1, number)
    for index in range(1, number):
        now = checkpoints.read(index)
        over.append(transport_estimates.movement(earlier[-1], now, weights))
        whole = over[-1] if index == 1 else transport_estimates.movement(begin, now, weights)
        lower = transport_estimates.lower_bound(begin, now, confidence, weights)
        upper = transport_estimates.upper_bound_of_mean(whole.displacements, confidence)
        since.append((float(whole.displacements.mean()), whole.squared_distance, lower, upper))
        if index > 1:
            pair = whole if index == 2 else transport_estimates.movement(earlier[0], now, weights)
            pairs.append(pair.squared_distance if plan.kind.is_noisy else float(pair.displacements.mean()))
        if has_entropy:
            entropies.append(entropy_estimates.entropy(_joined(now)))
        earlier.append(now)
        _tell(progress, index + 1, number)
    end = earlier[-1]
    return EnsemblePath(
        displacement=np.array([s[0] for s in since]),
        shifted=np.array([s[1] for s in since]),
        lower=np.array([s[2].value for s in since]),
        upper=np.array([s[3].value for s in since]),
        steps_displacement=np.array([m.displacements.mean() for m in over]),
        steps_shifted=np.array([m.squared_distance for m in over]),
        pairs=np.array(pairs),
        entropy=np.array(entropies) if has_entropy else None,
        entropy_change=_entropy_change(begin, end, checkpoints, plan),
        empirical=transport_estimates.empirical_squared_distance(begin, end, weights),
        twins=max(_twins(begin), _twins(end)),
    )


def _entropy_change(
    begin: Parts, end: Parts, checkpoints: Checkpoints, plan: Schedule
) -> entropy_estimates.EntropyChange | None:
    training = plan.training
    is_possible = entropy_estimates.is_possible(training.entropy, checkpoints.members, checkpoints.size)
    if training.temperature == 0 or not is_possible:
        return None
    if training.entropy == "maximum":
        assert training.initial_entropy is not None
        return entropy_estimates.maximum(end, training.initial_entropy)
    return entropy_estimates.change(_joined(begin), _joined(end), training.entropy)


def _joined(parts: Parts) -> np.ndarray:
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts], axis=1)


def _twins(parts: Parts) -> int:
    """How many members lie where an earlier one does."""
    members = range(len(parts[0]))
    return len(members) - len({tuple(hash(part[member].tobytes()) for part in parts) for member in members})


def _tell(progress: Progress | None, done: int, number: int) -> None:
    if progress is not None:
        progress(done, number)
