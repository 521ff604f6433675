"""Slow processes: the friction tensor of a trap, and the excess work of a protocol.

A trap is the objective ``k (x - c)^2 / 2`` with centre c and stiffness k; ``(c, k)`` is called a control. A law in it obeys
``gamma dx/dt = -k (x - c) + noise`` at a temperature T and settles at ``N(c, T/k)``. Protocols are functions of the part of
the way, from 0 to 1, that JAX can differentiate; everything composes with ``jit`` and ``vmap``.

Source: Sivak & Crooks 2012.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar, agreeing
from numerics.path_efficiency import Path, start_of

_STEPS = 2**16


class Drive(NamedTuple):
    """What a protocol took, and the law of x at its end.

    Attributes:
        excess_work: the work beyond the difference of the equilibrium free energies, in units of energy, a scalar.
        mean: a scalar.
        variance: a scalar.
    """

    excess_work: Scalar
    mean: Scalar
    variance: Scalar


def friction_tensor(control: Point, friction: Scalar | float = 1.0, temperature: Scalar | float = 1.0) -> Matrix:
    """The friction tensor ``diag(gamma, gamma T / (4 k^3))`` of a trap in the coordinates (c, k), shape (2, 2).

    It is gamma times the Wasserstein metric of the laws that the trap holds.

    Args:
        control: centre and stiffness k > 0, shape (2,).
        friction: gamma > 0, force per speed.
        temperature: T > 0, in units of energy.

    Returns:
        The tensor; NaN outside the domain.

    Raises:
        TypeError: for dtypes that are not floating, or not the same.
        ValueError: for wrong shapes.
    """
    control, friction, temperature = _numbers(control, "control", friction=friction, temperature=temperature)
    is_valid = (control[1] > 0) & (friction > 0) & (temperature > 0)
    stiffness = jnp.where(is_valid, control[1], jnp.nan)
    tensor = jnp.diag(jnp.stack([friction, 0.25 * friction * temperature / stiffness**3]))
    return jnp.where(is_valid, tensor, jnp.nan)


def held_law(control: Point, temperature: Scalar | float = 1.0) -> Point:
    """Mean and standard deviation ``(c, sqrt(T/k))`` of the law that a trap holds, shape (2,); NaN outside the domain.

    Args:
        control: centre and stiffness k > 0, shape (2,).
        temperature: T > 0.
    """
    control, temperature = _numbers(control, "control", temperature=temperature)
    is_valid = (control[1] > 0) & (temperature > 0)
    return jnp.stack([control[0], jnp.sqrt(temperature / jnp.where(is_valid, control[1], jnp.nan))])


def holding_trap(law: Point, temperature: Scalar | float = 1.0) -> Point:
    """Centre and stiffness ``(mu, T/sigma^2)`` of the trap that holds a normal law, shape (2,); NaN outside the domain.

    Args:
        law: mean and standard deviation > 0, shape (2,).
        temperature: T > 0.
    """
    law, temperature = _numbers(law, "law", temperature=temperature)
    return jnp.stack([law[0], temperature / jnp.where((law[1] > 0) & (temperature > 0), law[1], jnp.nan) ** 2])


def drive(
    protocol: Path,
    duration: Scalar | float,
    friction: Scalar | float = 1.0,
    temperature: Scalar | float = 1.0,
) -> Drive:
    """Drive a trap from the law that it holds, and measure the work.

    The moments are exact; their equations are integrated with a relative tolerance of 1e-11 (1e-5 in float32), in a time that
    grows with ``duration k / gamma``.

    Args:
        protocol: the part of the duration, from 0 to 1, to the control (centre, stiffness > 0), shape (2,), without jumps.
        duration: tau > 0.
        friction: gamma > 0, force per speed.
        temperature: T > 0, in units of energy.

    Returns:
        Excess work and final moments; NaN outside the domain.

    Raises:
        ValueError: if the protocol gives another shape.
    """
    import diffrax

    start = start_of(protocol, "protocol(0)")
    if start.shape != (2,):
        raise ValueError(f"protocol(0) has shape {start.shape}; it must be (2,), centre and stiffness")
    dtype = start.dtype
    duration, friction, temperature = (jnp.asarray(v, dtype) for v in (duration, friction, temperature))
    start = protocol(jnp.zeros((), dtype))
    is_valid = (duration > 0) & (friction > 0) & (temperature > 0)
    duration = jnp.where(is_valid, duration, jnp.nan)

    def field(part: Any, state: Array, _: object) -> Array:
        # Lag of the mean, excess of the variance and excess work, each times the duration: they stay finite for slow protocols.
        (_, stiffness), (moved, stiffened) = jax.jvp(protocol, (part,), (jnp.ones_like(part),))
        lag, excess, _ = state
        stiffness = jnp.where(stiffness > 0, stiffness, jnp.nan)
        rate = duration * stiffness / friction
        return jnp.stack(
            [
                -rate * lag - duration * moved,
                -2.0 * rate * excess + duration * temperature * stiffened / stiffness**2,
                0.5 * stiffened * (excess + lag * lag / duration) - stiffness * moved * lag,
            ]
        )

    unit, time = jnp.sqrt(temperature / start[1]), friction / start[1]
    units = time * jnp.stack([unit, unit * unit, temperature])
    tolerance = 1e-11 if dtype == jnp.float64 else 1e-5
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(field), diffrax.Dopri8(), t0=jnp.zeros((), dtype), t1=jnp.ones((), dtype), dt0=None,
            y0=jnp.zeros(3, dtype),
            stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=1e-2 * tolerance * units),
            adjoint=diffrax.ForwardMode(), max_steps=_STEPS, throw=False,
        )  # fmt: skip
    lag, excess, work = jnp.where(solution.result == diffrax.RESULTS.successful, solution.ys[0], jnp.nan) / duration
    end = protocol(jnp.ones((), dtype))
    return Drive(work, end[0] + lag, temperature / end[1] + excess)


def _numbers(point: Point, name: str, **numbers: Scalar | float) -> tuple[Array, ...]:
    """A point of shape (2,) and numbers of its dtype."""
    point, *rest = agreeing((point, *numbers.values()), (name, *numbers))
    if point.shape != (2,):
        raise ValueError(f"{name} has shape {point.shape}; it must be (2,)")
    for key, value in zip(numbers, rest, strict=True):
        if value.shape != ():
            raise ValueError(f"{key} has shape {value.shape}; it must be a number")
    return point, *rest
