"""Geodesics by integration of their equation, and the logarithm by shooting.

The geodesic equation ``x''^i + Gamma^i_jk x'^j x'^k = 0`` (conventions of :mod:`derivations.riemannian`) is integrated
over unit time by an adaptive eighth-order Runge-Kutta method. Errors are measured in *units*: the change of each coordinate
that has about length 1. The logarithm solves ``exp(x, v) = y`` for the initial
velocity by Newton's method, with the target moved from x to y in steps of controlled length, so that each solve starts
close to its solution.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar

Acceleration = Callable[[Point, Point], Point]
"""Position and velocity of a geodesic, both of shape (d,), to its coordinate acceleration."""

Units = Callable[[Point], Point]
"""A position to how much each of its coordinates changes over about length 1, shape (d,)."""

_FIRST_STEP = 0.25
_SMALLEST_STEP = 2.0**-12
_NEWTON_STEPS = 8
_INTEGRATION_STEPS = 1024
_INTERMEDIATE_TOLERANCE = 1e-5


def acceleration_from(christoffel: Callable[[Point], Array]) -> Acceleration:
    """The geodesic acceleration ``-Gamma^i_jk v^j v^k`` of a connection."""

    def acceleration(position: Point, velocity: Point) -> Point:
        return -jnp.einsum("ijk,j,k->i", christoffel(position), velocity, velocity, precision="highest")

    return acceleration


def units_from(metric: Callable[[Point], Matrix]) -> Units:
    """The units ``1 / sqrt(g_ii)`` of a metric."""
    return lambda position: 1.0 / jnp.sqrt(jnp.diagonal(metric(position)))


def tolerance(dtype: jnp.dtype) -> float:
    """The relative tolerance of the integration: 1e-12 in float64, 1e-6 in float32."""
    return 1e-12 if dtype == jnp.float64 else 1e-6


def flow(
    acceleration: Acceleration,
    units: Units,
    start: Point,
    velocity: Point,
    metric: Callable[[Point], Matrix] | None = None,
) -> Point:
    """The end of the geodesic from ``start`` with initial ``velocity`` after unit time, shape (d,).

    NaN if the integration fails, or if a ``metric`` is given and shows that the arithmetic has lost the geodesic.
    Differentiable in forward mode, and in reverse mode through the explicit Jacobian of the flow, but not by
    parameters that ``acceleration`` closes over.
    """

    @jax.custom_jvp
    def end(start: Point, velocity: Point) -> Point:
        state = _integrate(acceleration, units, start, velocity, tolerance(start.dtype))
        return _trusted(metric, units, start, velocity, state)

    @end.defjvp
    def _(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
        state, by_start, by_velocity = _flow_and_jacobians(acceleration, units, *primals, tolerance(primals[0].dtype))
        return _trusted(metric, units, *primals, state), by_start @ tangents[0] + by_velocity @ tangents[1]

    return end(start, velocity)


def _trusted(
    metric: Callable[[Point], Matrix] | None, units: Units, start: Point, velocity: Point, state: Array
) -> Point:
    """The position of the final state; NaN where the metric shows that the arithmetic has lost the geodesic."""
    position, speed = state[: start.shape[0]], state[start.shape[0] :]
    if metric is None:
        return position
    # Geodesics keep their speed, and the rounding of the start must not be a visible distance at the end.
    before, after = length(metric(start), velocity), length(metric(position), speed)
    kept = jnp.abs(after - before) <= 1e3 * tolerance(start.dtype) * before
    blur = length(metric(position), _resolution(units, start, velocity))
    return jnp.where(kept & (blur < 1e-3), position, jnp.nan)


def _flow_and_jacobians(
    acceleration: Acceleration, units: Units, start: Point, velocity: Point, allowed: Scalar | float
) -> tuple[Array, Matrix, Matrix]:
    """The final state, and the derivatives of its position by both arguments."""

    def position_and_state(start: Point, velocity: Point) -> tuple[Point, Array]:
        state = _integrate(acceleration, units, start, velocity, allowed)
        return state[: start.shape[0]], state

    (by_start, by_velocity), state = jax.jacfwd(position_and_state, argnums=(0, 1), has_aux=True)(start, velocity)
    return state, by_start, by_velocity


def _integrate(
    acceleration: Acceleration, units: Units, start: Point, velocity: Point, allowed: Scalar | float
) -> Array:
    import diffrax

    dimension, resolution = start.shape[0], _resolution(units, start, velocity)

    def field(_: object, state: Array, __: object) -> Array:
        position, speed = state[:dimension], state[dimension:]
        return jnp.concatenate([speed, acceleration(position, speed)])

    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(field),
            diffrax.Dopri8(),
            t0=jnp.zeros((), start.dtype),
            t1=jnp.ones((), start.dtype),
            dt0=None,
            y0=jnp.concatenate([start, velocity]),
            stepsize_controller=diffrax.PIDController(rtol=allowed, atol=jnp.concatenate([resolution, resolution])),
            adjoint=diffrax.ForwardMode(),
            max_steps=_INTEGRATION_STEPS,
            throw=False,
        )
    end = solution.ys[0]
    return jnp.where(solution.result == diffrax.RESULTS.successful, end, jnp.nan)


def _resolution(units: Units, start: Point, velocity: Point) -> Point:
    """What rounding leaves of each component of position and velocity, shape (d,)."""
    unit = units(start)
    reach = jnp.max(jnp.abs(velocity) / unit)
    eps = jnp.finfo(start.dtype).eps
    return jax.lax.stop_gradient(eps * (jnp.abs(start) + (reach + eps) * unit))


def shoot(acceleration: Acceleration, units: Units, start: Point, target: Point) -> Point:
    """The initial velocity whose geodesic reaches ``target`` from ``start`` in unit time, shape (d,).

    Args:
        acceleration: of the geodesics in the chart of the points.
        units: in that chart.
        start: shape (d,).
        target: shape (d,).

    Returns:
        The velocity; NaN where Newton's method does not converge (points further apart than the arithmetic can
        resolve, or no joining geodesic inside the chart). Differentiable in both points, in forward and reverse mode.
    """

    @jax.custom_jvp
    def solve(start: Point, target: Point) -> Point:
        return _follow(acceleration, units, start, target)

    @solve.defjvp
    def _(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
        # Implicit function theorem on flow(start, velocity) = target.
        velocity = solve(*primals)
        allowed = tolerance(velocity.dtype)
        _, by_start, by_velocity = _flow_and_jacobians(acceleration, units, primals[0], velocity, allowed)
        return velocity, jnp.linalg.solve(by_velocity, tangents[1] - by_start @ tangents[0])

    return solve(start, target)


def _follow(acceleration: Acceleration, units: Units, start: Point, target: Point) -> Point:
    """Move the goal from start to target; halve the step where Newton's method fails, double it where it succeeds."""
    final = tolerance(start.dtype)
    # An epsilon of each component of the whole way.
    resolution = _resolution(units, start, target - start) + jnp.finfo(start.dtype).eps * jnp.abs(target)

    def newton(goal: Point, guess: Point, allowed: Scalar) -> Point:
        accepted = 100.0 * allowed / jnp.finfo(start.dtype).eps

        def improve(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            velocity, _, count = state
            state_after, _, jacobian = _flow_and_jacobians(acceleration, units, start, velocity, allowed)
            error = state_after[: start.shape[0]] - goal
            # The step after the accepted residual is taken too: it squares the error that is left.
            return velocity - jnp.linalg.solve(jacobian, error), jnp.max(jnp.abs(error) / resolution), count + 1

        def unfinished(state: tuple[Array, Array, Array]) -> Array:
            _, error, count = state
            return (count < _NEWTON_STEPS) & (error > accepted)

        infinite = jnp.full((), jnp.inf, start.dtype)
        velocity, error, _ = jax.lax.while_loop(unfinished, improve, (guess, infinite, jnp.zeros((), jnp.int32)))
        return jnp.where(error <= accepted, velocity, jnp.nan)

    def advance(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        velocity, reached, step = state
        wanted = jnp.minimum(reached + step, 1.0)
        # For a short way the logarithm is nearly proportional to the fraction of the way.
        guess = jnp.where(reached > 0, velocity * (wanted / jnp.where(reached > 0, reached, 1.0)), wanted * velocity)
        allowed = jnp.where(wanted < 1.0, _INTERMEDIATE_TOLERANCE, final)
        found = newton(start + wanted * (target - start), guess, allowed)
        succeeded = jnp.all(jnp.isfinite(found))
        return (
            jnp.where(succeeded, found, velocity),
            jnp.where(succeeded, wanted, reached),
            jnp.where(succeeded, 2.0 * step, 0.5 * step),
        )

    def unreached(state: tuple[Array, Array, Array]) -> Array:
        _, reached, step = state
        return (reached < 1.0) & (step > _SMALLEST_STEP)

    first = (target - start, jnp.zeros((), start.dtype), jnp.full((), _FIRST_STEP, start.dtype))
    velocity, reached, _ = jax.lax.while_loop(unreached, advance, first)
    return jnp.where(reached < 1.0, jnp.nan, velocity)


def length(metric: Matrix, vector: Point) -> Scalar:
    """``sqrt(g_ij v^i v^j)``, with the gradient 0 at the zero vector."""
    square = jnp.einsum("ij,i,j->", metric, vector, vector, precision="highest")
    positive = square > 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, square, 1.0)), square)
