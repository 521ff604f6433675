"""Ensembles of learners: many members that take the same kind of step, each on its own; on one device or on many."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Scalar
from numerics.update_rules import Memory, Parameters, UpdateRule

Objective = Callable[[Parameters, Any], Scalar]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Ensemble:
    """Where the members are; a pytree.

    Attributes:
        parameters: a pytree whose arrays have the members as their first axis, shape (N, ...).
        memory: what the update rule keeps of every member.
        keys: of every member, shape (N,).
        steps: how many were taken.
    """

    parameters: Parameters
    memory: Memory
    keys: Array
    steps: Array


def ensemble(rule: UpdateRule, parameters: Parameters, key: Array) -> Ensemble:
    """Members that begin at given parameters.

    Args:
        rule: how a member takes a step.
        parameters: a pytree of floating arrays of shape (N, ...), the members first.
        key: what everything random is drawn with.

    Raises:
        TypeError: for arrays that are not floating.
        ValueError: for arrays that do not agree on the number of members, or if there are none.
    """
    leaves = jax.tree.leaves(parameters)
    numbers = {leaf.shape[0] if jnp.ndim(leaf) else 0 for leaf in leaves}
    if len(numbers) != 1 or 0 in numbers:
        shapes = [jnp.shape(leaf) for leaf in leaves]
        raise ValueError(f"parameters have the shapes {shapes}; the first axis must be the same number of members")
    for leaf in leaves:
        if not jnp.issubdtype(leaf.dtype, jnp.floating):
            raise TypeError(f"parameters have dtype {leaf.dtype}; they must be floating")
    begin, later = jax.random.split(key)
    (number,) = numbers
    memory = jax.vmap(rule.start)(parameters, jax.random.split(begin, number))
    return Ensemble(jax.tree.map(jnp.asarray, parameters), memory, jax.random.split(later, number), jnp.zeros((), int))


def sharded(members: Ensemble, devices: list[jax.Device] | None = None) -> Ensemble:
    """The same members spread over devices, all that there are if none is named; :func:`advance` then runs on all of them.

    Raises:
        ValueError: if the number of members is no multiple of the number of devices.
    """
    mesh = jax.sharding.Mesh(jax.devices() if devices is None else devices, ("members",))
    if len(members.keys) % mesh.size:
        raise ValueError(f"{len(members.keys)} members do not divide among {mesh.size} devices")
    spread = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("members"))
    whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    number = len(members.keys)
    places = jax.tree.map(lambda a: spread if a.ndim and a.shape[0] == number else whole, members)
    return jax.device_put(members, places)


@partial(jax.jit, static_argnames=("rule", "objective"))
def advance(rule: UpdateRule, objective: Objective, members: Ensemble, step_sizes: Array, data: Any = None) -> Ensemble:
    """Take one step for every step size, all members at once.

    Args:
        rule: how a member takes a step; the one that the ensemble was made with.
        objective: from the parameters of one member and its data of the step to a number.
        members: where they are.
        step_sizes: the schedule of the step size, shape (K,).
        data: a pytree of arrays of shape (K, N, ...), for each step and member what its objective is told: the indices of
            a batch, a place on a curriculum. None if the objective needs nothing.

    Returns:
        Where the members are after the steps.
    """

    def one(parameters: Parameters, memory: Memory, key: Array, step_size: Scalar, datum: Any) -> Any:
        return rule.step(parameters, memory, jax.grad(lambda x: objective(x, datum)), step_size, key)

    def step(state: Ensemble, inputs: tuple[Scalar, Any]) -> tuple[Ensemble, None]:
        step_size, datum = inputs
        keys = jax.vmap(jax.random.fold_in, (0, None))(state.keys, state.steps)
        axes = (0, 0, 0, None, None if datum is None else 0)
        moved, memory = jax.vmap(one, axes)(state.parameters, state.memory, keys, step_size, datum)
        return replace(state, parameters=moved, memory=memory, steps=state.steps + 1), None

    return jax.lax.scan(step, members, (step_sizes, data))[0]


@partial(jax.jit, static_argnames="objective")
def energies(objective: Objective, members: Ensemble, data: Any = None) -> Array:
    """The objective of every member, shape (N,); all are told the same data."""
    return jax.vmap(lambda x: objective(x, data))(members.parameters)
