"""How one member of an ensemble takes a step: any optimiser of optax, and Langevin dynamics with and without momentum."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from numerics.arrays import Scalar

if TYPE_CHECKING:
    import optax

Parameters = Any
Memory = Any
Gradient = Callable[[Parameters], Parameters]


@dataclass(frozen=True)
class UpdateRule:
    """One step of one member.

    Attributes:
        start: from parameters and a key to the memory that the rule keeps between steps.
        step: from parameters, memory, the gradient as a function of the parameters, the step size and a key to parameters
            and memory after the step.
    """

    start: Callable[[Parameters, jax.Array], Memory]
    step: Callable[[Parameters, Memory, Gradient, Scalar, jax.Array], tuple[Parameters, Memory]]


def of_optax(optimiser: "optax.GradientTransformation") -> UpdateRule:
    """An optimiser of optax that was made with the learning rate 1; its updates are multiplied by the step size."""

    def step(
        parameters: Parameters, memory: Memory, gradient: Gradient, step_size: Scalar, key: jax.Array
    ) -> tuple[Parameters, Memory]:
        del key
        updates, memory = optimiser.update(gradient(parameters), memory, parameters)
        return _moved(parameters, updates, step_size), memory

    return UpdateRule(lambda parameters, _: optimiser.init(parameters), step)


def gradient_descent() -> UpdateRule:
    """``x' = x - eta grad Phi(x)``; stochastic if the objective draws a part of the data in every step."""
    import optax

    return of_optax(optax.sgd(1.0))


def momentum(decay: float) -> UpdateRule:
    """The heavy ball: ``p' = decay p + grad Phi(x)``, ``x' = x - eta p'``."""
    import optax

    return of_optax(optax.sgd(1.0, momentum=decay))


def adam(**options: Any) -> UpdateRule:
    """Adam, with the options of ``optax.adam``."""
    import optax

    return of_optax(optax.adam(1.0, **options))


def langevin(temperature: float) -> UpdateRule:
    """The unadjusted Langevin algorithm at mobility 1: ``x' = x - eta grad Phi(x) + sqrt(2 eta T) xi``.

    A step size is ``int mu dt`` over the step. Its stationary law is the Gibbs law up to terms of the order of eta.
    """

    def step(
        parameters: Parameters, memory: None, gradient: Gradient, step_size: Scalar, key: jax.Array
    ) -> tuple[Parameters, None]:
        moved = _moved(parameters, gradient(parameters), -step_size)
        return _moved(moved, _noise(parameters, key), jnp.sqrt(2.0 * step_size * temperature)), memory

    return UpdateRule(lambda *_: None, step)


def underdamped_langevin(temperature: float, friction: float, mass: float = 1.0) -> UpdateRule:
    """``dx = p/m dt``, ``dp = -grad Phi dt - gamma p dt + sqrt(2 gamma m T) dW``, in steps ABOBA of second order.

    The momentum begins in equilibrium and is the rule's memory.

    Args:
        temperature: T >= 0, in units of energy.
        friction: gamma > 0, a rate.
        mass: m > 0.
    """

    def start(parameters: Parameters, key: jax.Array) -> Parameters:
        return _scaled(_noise(parameters, key), jnp.sqrt(mass * temperature))

    def step(
        parameters: Parameters, memory: Parameters, gradient: Gradient, step_size: Scalar, key: jax.Array
    ) -> tuple[Parameters, Parameters]:
        middle = _moved(parameters, memory, 0.5 * step_size / mass)
        force = gradient(middle)
        kept = jnp.exp(-friction * step_size)
        thermal = jnp.sqrt(-jnp.expm1(-2.0 * friction * step_size) * mass * temperature)
        kicked = _scaled(_moved(memory, force, -0.5 * step_size), kept)
        memory = _moved(_moved(kicked, _noise(parameters, key), thermal), force, -0.5 * step_size)
        return _moved(middle, memory, 0.5 * step_size / mass), memory

    return UpdateRule(start, step)


def _moved(parameters: Parameters, direction: Parameters, length: Scalar) -> Parameters:
    return jax.tree.map(lambda x, v: x + jnp.asarray(length, x.dtype) * v, parameters, direction)


def _scaled(parameters: Parameters, factor: Scalar) -> Parameters:
    return jax.tree.map(lambda x: jnp.asarray(factor, x.dtype) * x, parameters)


def _noise(parameters: Parameters, key: jax.Array) -> Parameters:
    leaves, structure = jax.tree.flatten(parameters)
    keys = jax.random.split(key, len(leaves))
    noise = [jax.random.normal(k, leaf.shape, leaf.dtype) for k, leaf in zip(keys, leaves, strict=True)]
    return jax.tree.unflatten(structure, noise)
