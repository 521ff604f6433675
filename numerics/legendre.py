"""The point with given expectation parameters: Newton's method on the concave dual problem."""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from numerics.arrays import Point

if TYPE_CHECKING:
    from numerics.exponential_family import ExponentialFamily

_STEPS = 200
_HALVINGS = 40


def maximise_dual(family: "ExponentialFamily", m: Point) -> Point:
    """The point with expectation parameters m.

    It maximises ``eta . m - psi(eta)``, which is concave: a damped Newton ascent from the middle of the domain, then full
    steps until they stop getting smaller. Differentiable: the derivative is that of the inverse function.

    Returns:
        The point; NaN where m has no point, which shows by no convergence within 200 steps.
    """

    @jax.custom_jvp
    def solve(m: Point) -> Point:
        return _newton(family, m)

    @solve.defjvp
    def _(primals: tuple[Point], tangents: tuple[Point]) -> tuple[Point, Point]:
        point = solve(*primals)
        change = _solve(family, point, tangents[0])
        return point, jax.jvp(family.from_natural, (family.natural(point),), (change,))[1]

    return solve(m)


def _solve(family: "ExponentialFamily", point: Point, residual: Point) -> Point:
    covariance = family.covariance(point)
    scale = 1.0 / jnp.sqrt(jnp.diagonal(covariance))
    return scale * jnp.linalg.solve(scale[:, None] * covariance * scale[None, :], scale * residual)


def _newton(family: "ExponentialFamily", m: Point) -> Point:
    eps = jnp.finfo(m.dtype).eps
    middle = family.natural(family.lift(family.parameters.constrain(jnp.zeros_like(m))))

    def objective(eta: Point) -> jax.Array:
        point = family.from_natural(eta)
        value = jnp.vdot(eta, m, precision="highest") - family.log_partition(point)
        return jnp.where(family.inside(point), value, -jnp.inf)

    def improve(state: tuple[Point, jax.Array, jax.Array, jax.Array]) -> tuple[Point, jax.Array, jax.Array, jax.Array]:
        eta, before, _, count = state
        point = family.from_natural(eta)
        residual = m - family.expectation(point)
        step = _solve(family, point, residual)
        # The Newton decrement: the square of the step's length in the metric.
        decrement = jnp.vdot(step, residual, precision="highest")
        height = objective(eta)

        def too_long(search: tuple[jax.Array, jax.Array]) -> jax.Array:
            length, halvings = search
            gain = objective(eta + length * step) - height
            # Where rounding hides the gain, a step that stays in the domain is good enough.
            is_visible = decrement > 64.0 * eps * (1.0 + jnp.vdot(jnp.abs(eta), jnp.abs(m)) + jnp.abs(height))
            accepted = jnp.where(is_visible, gain >= 0.25 * length * decrement, jnp.isfinite(gain))
            return (halvings < _HALVINGS) & ~accepted

        length, _ = jax.lax.while_loop(
            too_long, lambda s: (0.5 * s[0], s[1] + 1), (jnp.ones((), m.dtype), jnp.zeros((), jnp.int32))
        )
        return eta + length * step, decrement, before, count + 1

    def unfinished(state: tuple[Point, jax.Array, jax.Array, jax.Array]) -> jax.Array:
        _, decrement, before, count = state
        # Near an edge of the domain every step takes but a factor of e off for long; then the decrement is squared by every
        # step, until only rounding is left.
        still_falling = (decrement > jnp.sqrt(eps)) | (decrement < 0.5 * before)
        return (count < _STEPS) & (decrement > 0) & still_falling

    infinite = jnp.full((), jnp.inf, m.dtype)
    eta, decrement, _, count = jax.lax.while_loop(
        unfinished, improve, (middle, infinite, infinite, jnp.zeros((), jnp.int32))
    )
    point = family.from_natural(eta)
    # On the edge of what is possible the ascent comes to rest where the metric is no longer one.
    is_regular = jnp.all(jnp.isfinite(family.precision(point)))
    settled = (count < _STEPS) & (decrement < jnp.sqrt(eps)) & is_regular
    return jnp.where(settled, point, jnp.nan)
