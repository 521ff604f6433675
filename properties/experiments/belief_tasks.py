"""The tasks on which ways to hold beliefs back are compared: data sets, networks with a probabilistic head, and objectives."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Scalar
from numerics.penalties import fisher_rao_penalty, kl_penalty

Parameters = list[tuple[Array, Array]]


class Examples(NamedTuple):
    """Inputs of shape (n, inputs), targets of shape (n,), and weights of sum 1; a pytree."""

    inputs: Array
    targets: Array
    weights: Array


@dataclass(frozen=True)
class Task:
    """A data set and its head.

    Attributes:
        family: of the beliefs.
        index: its sizes.
        chart: what the head says.
        reference: the marginal law of the training targets.
        layers: of the network, inputs first.
        link: from outputs to a point of the chart, for one example.
        loss: from a target and a point to minus the log-likelihood in nats.
        examples: how many are learnt from.
        steps: of the optimiser Adam, on all of them.
    """

    family: str
    index: tuple[tuple[str, int], ...]
    chart: str
    reference: tuple[float, ...]
    layers: tuple[int, ...]
    link: Callable[[Array], Array]
    loss: Callable[[Scalar, Array], Scalar]
    examples: int
    steps: int


def _normal_loss(target: Scalar, point: Array) -> Scalar:
    return 0.5 * ((target - point[0]) / point[1]) ** 2 + jnp.log(point[1]) + 0.5 * np.log(2 * np.pi)


def _categorical_loss(target: Scalar, point: Array) -> Scalar:
    return -jax.nn.log_softmax(jnp.append(point, 0.0))[target.astype(int)]


TASKS = {
    "diabetes": Task(
        "gaussian", (), "usual", (0.0, 1.0), (10, 16, 2),
        lambda z: jnp.stack([z[0], jax.nn.softplus(z[1] + 0.5413)]), _normal_loss, 120, 400,
    ),
    "digits": Task(
        "categorical", (("categories", 10),), "natural", (0.0,) * 9, (64, 16, 9), lambda z: z, _categorical_loss, 100, 500
    ),
}  # fmt: skip


def beliefs(task: str, parameters: Parameters, inputs: Array) -> Array:
    """The points that a network says, shape (n, d)."""
    values = inputs
    for weights, biases in parameters[:-1]:
        values = jnp.tanh(values @ weights + biases)
    weights, biases = parameters[-1]
    return jax.vmap(TASKS[task].link)(values @ weights + biases)


@cache
def penalty(task: str, method: str) -> Callable[[Array], Scalar]:
    """Of one belief; those that are compared agree to second order."""
    told = TASKS[task]
    arguments = (told.family, list(told.reference))
    options: dict[str, Any] = {"chart": told.chart, **dict(told.index)}
    if method == "Fisher-Rao":
        squared = fisher_rao_penalty(*arguments, **options)
        return lambda theta: 0.5 * squared(theta)
    if method in ("KL to", "KL from"):
        return kl_penalty(*arguments, method.replace("KL ", "") + "_reference", **options)
    return lambda theta: jnp.zeros((), theta.dtype)


def objective(task: str, method: str, parameters: Parameters, told: Examples, strength: Scalar) -> Scalar:
    """The weighted mean of loss and penalty, or the loss with weight decay."""
    points = beliefs(task, parameters, told.inputs)
    terms = jax.vmap(TASKS[task].loss)(told.targets, points)
    if method == "weight decay":
        squares = sum(jnp.sum(values**2) for values in jax.tree.leaves(parameters))
        return jnp.sum(told.weights * terms) + 0.5 * strength * squares
    return jnp.sum(told.weights * (terms + strength * jax.vmap(penalty(task, method))(points)))


def loss(task: str, parameters: Parameters, told: Examples) -> Scalar:
    """Minus the weighted mean of the log-likelihood, in nats."""
    return objective(task, "none", parameters, told, jnp.zeros(()))


def split(task: str, seed: int) -> tuple[np.random.Generator, Examples, Examples]:
    """Training and test examples in standard units of the training examples, and what is drawn from next."""
    random = np.random.default_rng(seed)
    inputs, targets = data(task)
    order = random.permutation(len(targets))
    if task == "digits":
        # As many of each, dealt in turn, so that folds are balanced too.
        ranks = np.zeros(len(targets), int)
        for digit in range(10):
            ranks[order[targets[order] == digit]] = np.arange(np.sum(targets == digit))
        order = order[np.argsort(ranks[order], kind="stable")]
    number = TASKS[task].examples
    train, test = order[:number], order[number:]
    mean, spread = inputs[train].mean(axis=0), inputs[train].std(axis=0)
    inputs = (inputs - mean) / np.where(spread > 0, spread, 1.0)
    if task == "diabetes":
        targets = (targets - targets[train].mean()) / targets[train].std()
    told = [
        Examples(
            jnp.asarray(inputs[part]), jnp.asarray(targets[part].astype(float)), jnp.full(len(part), 1 / len(part))
        )
        for part in (train, test)
    ]
    return random, told[0], told[1]


@cache
def data(task: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of all examples, as scikit-learn ships them."""
    from sklearn import datasets

    found = datasets.load_diabetes(scaled=False) if task == "diabetes" else datasets.load_digits()
    return found.data, found.target


def beginning(task: str, random: np.random.Generator) -> Parameters:
    """Weights drawn from ``N(0, 1/inputs of the layer)``, biases 0."""
    return [
        (jnp.asarray(random.normal(size=(inputs, units)) / np.sqrt(inputs)), jnp.zeros(units))
        for inputs, units in pairwise(TASKS[task].layers)
    ]
