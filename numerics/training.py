"""How an ensemble was trained, as an audit has to know it: every entry checked, with the clock that it sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numerics import entropy_estimates
from numerics.checkpoints import Checkpoints
from numerics.transport_estimates import FEWEST_MEMBERS


@dataclass(frozen=True)
class Optimiser:
    """What the speed limit needs to know of an optimiser.

    Attributes:
        is_noisy: whether its steps contain noise.
        has_limit: whether the speed limit is a theorem for it, for short steps.
        caution: what to know before reading an audit of it.
    """

    is_noisy: bool
    has_limit: bool
    caution: str = ""


OPTIMISERS = {
    "gradient_descent": Optimiser(False, True),
    "langevin": Optimiser(True, True),
    "sgd": Optimiser(
        True, False, "The noise of batches is not thermal: it depends on place and direction, and the drop of the free "
        "energy is then not the entropy production."
    ),
    "momentum": Optimiser(
        False, False, "Momentum has the mobility 1/(1 - beta) for short steps only; its limit is no bound."
    ),
    "adam": Optimiser(
        False, False, "Adam preconditions by the history of each member; its mobility is not known, and the one given is "
        "taken on trust."
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How an ensemble was trained.

    Attributes:
        learning_rate: a number, or one for every optimiser step, shape (steps,).
        energy: the objective of every member at every checkpoint, shape (K, N), if known.
        optimiser: a key of ``OPTIMISERS``.
        decay: beta of momentum, 0 <= beta < 1.
        mobility: a positive number, or one for every parameter, shape (d,), in the order of the checkpoints' arrays; what the
            optimiser multiplies gradients with besides the learning rate.
        temperature: T >= 0 of the noise, in units of energy: steps add noise of variance ``2 eta mobility T``.
        work: what moving the objective did, ``int dPhi/dt dt`` along every member, shape (N,).
        is_objective_fixed: whether the objective stayed the same.
        smoothness: L if the objective is L-smooth; gradient descent then has an exact limit for steps below 2/L.
        entropy: how to estimate the change of entropy at a temperature above 0: ``gaussian`` for laws that are close to
            normal, ``nearest-neighbour`` in up to four dimensions, ``maximum`` for an upper bound that holds for every law.
        initial_entropy: in nats, at the first checkpoint, as known from how members were drawn; ``maximum`` needs it.
        confidence: of every bound, one-sided, 0.5 <= confidence < 1.
    """

    learning_rate: Any = None
    energy: Any = None
    optimiser: str = "gradient_descent"
    decay: float = 0.0
    mobility: Any = 1.0
    temperature: float = 0.0
    work: Any = None
    is_objective_fixed: bool = True
    smoothness: float | None = None
    entropy: str = "gaussian"
    initial_entropy: float | None = None
    confidence: float = 0.95


FROM_FILE = ("learning_rate", "energy", "mobility", "temperature", "work", "smoothness", "decay", "initial_entropy")


@dataclass(frozen=True)
class Schedule:
    """A training that fits its checkpoints.

    Attributes:
        training: as given, with arrays of float64.
        kind: the optimiser.
        clock: ``int mu dt`` from the first checkpoint to each, shape (K,).
        weights: what to multiply coordinates with so that the mobility is a number, one array for each part; None for 1.
        shortness: what the drop is to be divided by where steps are long: ``1 - L eta/2`` of the longest.
    """

    training: Training
    kind: Optimiser
    clock: np.ndarray
    weights: list[np.ndarray] | None = field(default=None)
    shortness: float = 1.0


def entries_of_file(extras: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What a file's further arrays say of the training.

    Raises:
        ValueError: for an array that says nothing known.
    """
    if unknown := sorted(set(extras) - set(FROM_FILE)):
        raise ValueError(f"the file has arrays {unknown}; beside checkpoints it may have {', '.join(FROM_FILE)}")
    return {name: array if array.ndim else array[()] for name, array in extras.items()}


def schedule(training: Training, checkpoints: Checkpoints) -> Schedule:
    """Check a training against the checkpoints that it made.

    Raises:
        TypeError: for arrays that are not numbers.
        ValueError: naming the entry, its value and its domain.
    """
    last, members, number = checkpoints.steps[-1], checkpoints.members, len(checkpoints.steps)
    _require(members >= FEWEST_MEMBERS, f"{members} members; an audit needs at least {FEWEST_MEMBERS}")
    _require(training.optimiser in OPTIMISERS, f"optimiser = {training.optimiser!r}; there are {', '.join(OPTIMISERS)}")
    _require(
        training.entropy in entropy_estimates.ESTIMATORS,
        f"entropy = {training.entropy!r}; there are {', '.join(entropy_estimates.ESTIMATORS)}",
    )
    _require(training.learning_rate is not None, "learning_rate is missing: a number, or one for every optimiser step")
    rate = _numbers(training.learning_rate, "learning_rate", {(), (last,)}, "above 0", lambda a: a > 0)
    mobility = _numbers(training.mobility, "mobility", {(), (checkpoints.size,)}, "above 0", lambda a: a > 0)
    decay = _number(training.decay, "decay", "0 <= decay < 1", lambda a: 0 <= a < 1)
    temperature = _number(training.temperature, "temperature", "temperature >= 0", lambda a: a >= 0)
    confidence = _number(training.confidence, "confidence", "0.5 <= confidence < 1", lambda a: 0.5 <= a < 1)
    kind = OPTIMISERS[training.optimiser]
    _require(training.optimiser == "momentum" or decay == 0, f"decay = {decay} belongs to the optimiser momentum")
    is_thermal = kind.is_noisy or temperature == 0
    _require(is_thermal, f"temperature = {temperature}: {training.optimiser} adds no noise; its temperature is 0")
    _require(training.optimiser != "langevin" or temperature > 0, "temperature = 0; langevin needs that of its noise")
    if training.entropy == "maximum":
        _require(
            training.initial_entropy is not None, "initial_entropy is missing, which entropy = 'maximum' starts from"
        )
        _number(training.initial_entropy, "initial_entropy", "a finite value", np.isfinite)
    energy = work = None
    if training.energy is not None:
        energy = _numbers(training.energy, "energy", {(number, members)}, "finite")
    if training.work is not None:
        work = _numbers(training.work, "work", {(members,)}, "finite")
    rates = np.broadcast_to(rate, (last,)) if last else np.zeros(0)
    passed = np.concatenate([[0.0], np.cumsum(rates)])[list(checkpoints.steps)]
    factor = (float(mobility) if mobility.ndim == 0 else 1.0) / (1.0 - decay)
    shortness = 1.0
    if training.smoothness is not None:
        smoothness = _number(training.smoothness, "smoothness", "smoothness > 0", lambda a: a > 0)
        shortness = 1.0 - 0.5 * smoothness * float(np.max(mobility)) * float(np.max(rates))
        _require(shortness > 0, f"smoothness = {smoothness}: the learning rate must stay below 2/smoothness")
    checked = Training(
        rate, energy, training.optimiser, decay, mobility, temperature, work, bool(training.is_objective_fixed),
        training.smoothness, training.entropy, training.initial_entropy, confidence,
    )  # fmt: skip
    weights = _weights(mobility, checkpoints) if mobility.ndim else None
    return Schedule(checked, kind, factor * (passed - passed[0]), weights, shortness)


def _weights(mobility: np.ndarray, checkpoints: Checkpoints) -> list[np.ndarray]:
    sizes = [int(np.prod(shape[1:])) for shape in checkpoints.parts.values()]
    return np.split(1.0 / np.sqrt(mobility), np.cumsum(sizes)[:-1])


def _numbers(value: Any, name: str, shapes: set[tuple[int, ...]], domain: str, holds: Any = np.isfinite) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} has dtype {array.dtype}; it must be numbers")
    array = array.astype(np.float64)
    _require(
        array.shape in shapes, f"{name} has shape {array.shape}; it must be {' or '.join(map(str, sorted(shapes)))}"
    )
    is_good = np.isfinite(array) & holds(array)
    if not is_good.all():
        first = float(array[~is_good].flat[0]) if array.ndim else float(array)
        raise ValueError(f"{name} = {first!r}: it must be finite and {domain}")
    return array


def _number(value: Any, name: str, domain: str, holds: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number | np.ndarray) or np.ndim(value):
        raise TypeError(f"{name} = {value!r}; it must be a number")
    number = float(value)
    _require(np.isfinite(number) and holds(number), f"{name} = {number}: it must have {domain}")
    return number


def _require(holds: Any, message: str) -> None:
    if not holds:
        raise ValueError(message)
