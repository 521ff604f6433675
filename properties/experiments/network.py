"""A small network on two interleaved half-circles: the data, the objective, and training that accounts for every step."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Scalar
from numerics.ensembles import Ensemble, advance, ensemble
from numerics.update_rules import UpdateRule

# Two inputs, two layers of tanh units, one output: 337 parameters, which all begin as N(0, 1/inputs of their layer).
LAYERS = (2, 16, 16, 1)
MEMBERS = 64
EXAMPLES = 128
TEST_EXAMPLES = 2000
# Standard deviation of what is added to points of half-circles of radius 1.
NOISE = 0.2
WEIGHT_DECAY = 1e-3

Parameters = list[tuple[Array, Array]]


class Examples(NamedTuple):
    """What the objective is told; a pytree.

    Attributes:
        places: shape (n, 2).
        labels: 1 or -1, shape (n,).
        weights: >= 0, of sum 1, shape (n,).
    """

    places: Array
    labels: Array
    weights: Array


class Progress(NamedTuple):
    """An ensemble and what its steps came to.

    Attributes:
        members: where they are.
        action: ``sum |Delta|^2 / eta`` of every member, shape (N,).
        length: sum over the steps of the root of the mean of ``|Delta|^2``.
    """

    members: Ensemble
    action: Array
    length: Scalar


@dataclass(frozen=True)
class Trained:
    """An ensemble at the K + 1 ends of K intervals of training.

    Attributes:
        parameters: by the number of steps taken.
        begin: the objective in force, of every member at the beginning of each interval, shape (K, N).
        end: the same objective at the end of the interval, shape (K, N).
        action: of every member since the first step, shape (K + 1, N).
        length: of the path since the first step, shape (K + 1,).
    """

    parameters: dict[int, Parameters]
    begin: np.ndarray
    end: np.ndarray
    action: np.ndarray
    length: np.ndarray

    @property
    def work(self) -> np.ndarray:
        """What changes of the objective between intervals did, ``sum Phi_new - Phi_old``, shape (N,)."""
        return np.sum(self.begin[1:] - self.end[:-1], axis=0)

    @property
    def energy(self) -> np.ndarray:
        """The objective in force at the ends of intervals, shape (K + 1, N)."""
        return np.concatenate([self.begin[:1], self.end])

    @property
    def last(self) -> Parameters:
        """The parameters at the end."""
        return self.parameters[max(self.parameters)]


def half_circles(random: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Places, shape (n, 2), and labels, half of them 1 and half -1, with the middle of the figure at the origin.

    The class 1 lies about the upper half of a circle about (-1/2, -1/4); the class -1 is its reflection in the origin.
    """
    labels = np.repeat([1.0, -1.0], number // 2)
    angles = np.pi * random.uniform(size=len(labels))
    upper = np.stack([np.cos(angles) - 0.5, np.sin(angles) - 0.25], axis=1)
    return labels[:, None] * upper + NOISE * random.normal(size=upper.shape), labels


def margins(places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """How much nearer each place is to the half-circle of its own class than to the other, shape (n,); easy where large."""
    own = _distance(labels[:, None] * places)
    return _distance(-labels[:, None] * places) - own


def examples(places: np.ndarray, labels: np.ndarray, chosen: np.ndarray | None = None) -> Examples:
    """Examples of equal weight, of which only those chosen count."""
    counted = np.ones(len(labels)) if chosen is None else chosen.astype(np.float64)
    return Examples(jnp.asarray(places), jnp.asarray(labels), jnp.asarray(counted / counted.sum()))


def outputs(parameters: Parameters, places: Array) -> Array:
    """The log-odds of class 1, shape (n,)."""
    values = places
    for weights, biases in parameters[:-1]:
        values = jnp.tanh(values @ weights + biases)
    weights, biases = parameters[-1]
    return (values @ weights + biases)[:, 0]


def objective(parameters: Parameters, told: Examples) -> Scalar:
    """The weighted mean of the logistic loss, plus ``WEIGHT_DECAY/2`` times the sum of squared parameters."""
    loss = jnp.sum(told.weights * jax.nn.softplus(-told.labels * outputs(parameters, told.places)))
    return loss + 0.5 * WEIGHT_DECAY * sum(jnp.sum(values**2) for values in jax.tree.leaves(parameters))


@jax.jit
def energies(parameters: Parameters, told: Examples) -> Array:
    """The objective of every member, shape (N,)."""
    return jax.vmap(objective, (0, None))(parameters, told)


@jax.jit
def accuracies(parameters: Parameters, told: Examples) -> Array:
    """The share of examples that each member puts into the right class, shape (N,)."""
    right = jax.vmap(lambda one: told.labels * outputs(one, told.places) > 0)(parameters)
    return jnp.mean(right, axis=1)


def beginning(rule: UpdateRule, random: np.random.Generator, members: int = MEMBERS) -> Ensemble:
    """Members drawn from the normal law that training begins with."""
    parameters = []
    for inputs, units in pairwise(LAYERS):
        weights, biases = random.normal(size=(members, inputs, units)), random.normal(size=(members, units))
        parameters.append((jnp.asarray(weights / np.sqrt(inputs)), jnp.asarray(biases / np.sqrt(inputs))))
    return ensemble(rule, parameters, jax.random.key(int(random.integers(2**31))))


@partial(jax.jit, static_argnames="rule")
def follow(rule: UpdateRule, progress: Progress, step_sizes: Array, told: Examples) -> Progress:
    """Take one step for every step size, all members told the same examples, and account for each."""
    number = len(progress.action)
    data = jax.tree.map(lambda values: jnp.broadcast_to(values, (1, number, *values.shape)), told)

    def step(before: Progress, step_size: Scalar) -> tuple[Progress, None]:
        moved = advance(rule, objective, before.members, step_size[None], data)
        squares = _squared_distances(before.members.parameters, moved.parameters)
        length = before.length + jnp.sqrt(jnp.mean(squares))
        return Progress(moved, before.action + squares / step_size, length), None

    return jax.lax.scan(step, progress, step_sizes)[0]


def train(rule: UpdateRule, members: Ensemble, rate: float, steps: int, told: Sequence[Examples]) -> Trained:
    """Train through intervals.

    Args:
        rule: how members step.
        members: where they begin.
        rate: the learning rate of every step.
        steps: in each interval.
        told: the examples of the objective in each interval.
    """
    progress = Progress(members, jnp.zeros(len(members.keys)), jnp.zeros(()))
    parameters, begin, end, action, length = {0: members.parameters}, [], [], [progress.action], [progress.length]
    for index, these in enumerate(told):
        begin.append(energies(progress.members.parameters, these))
        progress = follow(rule, progress, jnp.full(steps, rate), these)
        parameters[steps * (index + 1)] = progress.members.parameters
        end.append(energies(progress.members.parameters, these))
        action.append(progress.action)
        length.append(progress.length)
    return Trained(parameters, *(np.array(values) for values in (begin, end, action, length)))


def _squared_distances(begin: Parameters, end: Parameters) -> Array:
    """Of every member, shape (N,)."""
    pairs = zip(jax.tree.leaves(begin), jax.tree.leaves(end), strict=True)
    return sum((jnp.sum((y - x) ** 2, axis=tuple(range(1, x.ndim))) for x, y in pairs), start=jnp.zeros(()))


def _distance(places: np.ndarray) -> np.ndarray:
    """To the half-circle of class 1, shape (n,)."""
    x, y = places[:, 0] + 0.5, places[:, 1] + 0.25
    to_ends = np.minimum(np.hypot(x - 1.0, y), np.hypot(x + 1.0, y))
    return np.where(y >= 0, np.abs(np.hypot(x, y) - 1.0), to_ends)
