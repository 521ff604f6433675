"""Projections in the Kullback-Leibler divergence on a finite set: onto given means, and onto an exponential family.

The tilts of a law p by statistics f are ``p exp(lambda . f - psi)``. Among all laws q with the means c the one closest to p,
``min KL(q || p)``, is the tilt with these means. Everything composes with ``jit`` and ``vmap`` and follows the dtype of its
input.

Source: Csiszar 1975, for what Balsubramani 2024 uses.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from numerics import log_ratios
from numerics.arrays import Matrix, Point, Scalar, agreeing

_STEPS = 200
_HALVINGS = 50
_REACH = 20.0
# In place of log 0 where differences must be numbers.
_NEVER = -1e4


class Projection(NamedTuple):
    """A tilt of a law.

    Attributes:
        law: its probabilities q, shape (n,).
        multipliers: lambda, shape (k,); the shortest ones where the statistics are dependent.
        log_partition: ``psi = log E_p exp(lambda . f)``, a scalar.
        divergence: ``KL(q || p)`` in nats, a scalar, accurate also where it is small.
    """

    law: Point
    multipliers: Point
    log_partition: Scalar
    divergence: Scalar


def information_projection(base: Array, statistics: Array, means: Array) -> Projection:
    """The law q closest to a law p, ``min KL(q || p)``, among all whose statistics have given means.

    By Newton's method on the convex dual problem, ``min psi(lambda) - lambda . c``. On the edge of the possible means the law
    is the projection too, to rounding, while the multipliers have run off to where it no longer moves. First derivatives,
    by all three arguments, are those of the implicit function; higher ones are not to be used.

    Args:
        base: the probabilities p, at least 0, or numbers in proportion to them, shape (n,). States of probability 0 keep it.
        statistics: f, a row for each state, shape (n, k).
        means: c, shape (k,).

    Returns:
        The projection; NaN where no law on the support of p has these means.

    Raises:
        ValueError: for wrong shapes, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    base, statistics, means = agreeing((base, statistics, means), ("base", "statistics", "means"))
    check_shapes(base, statistics)
    if means.shape != statistics.shape[1:]:
        raise ValueError(f"means has shape {means.shape}; it must be {statistics.shape[1:]}, one for each statistic")
    return _project(base, statistics, means)


def reverse_projection(law: Array, base: Array, statistics: Array) -> Projection:
    """The member q of the exponential family through p that is closest to a law r, ``min KL(r || q)``.

    It has the means of r, so it is the information projection of p to these means. Its ``divergence`` is ``KL(q || p)``.

    Args:
        law: the probabilities r, at least 0, which sum to 1, shape (n,).
        base: the probabilities p, or numbers in proportion to them, shape (n,).
        statistics: f, a row for each state, shape (n, k).

    Returns:
        The member, on the edge of the family the law that its members tend to; NaN where r is no law or has a state that p
        has not.

    Raises:
        ValueError: for wrong shapes, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    law, base, statistics = agreeing((law, base, statistics), ("law", "base", "statistics"))
    check_shapes(base, statistics)
    if law.shape != base.shape:
        raise ValueError(f"law has shape {law.shape}; it must be {base.shape}, as base")
    is_inside = is_law(law) & jnp.all((law == 0) | (base > 0))
    means = jnp.where(is_inside, jnp.matmul(law, statistics, precision="highest"), jnp.nan)
    return _project(base, statistics, means)


def check_shapes(base: Array, statistics: Array) -> None:
    """Raise ValueError, naming the argument, unless there is a row of statistics for each state."""
    if base.ndim != 1 or not base.size:
        raise ValueError(f"base has shape {base.shape}; it must be (n,), with n at least 1: use jax.vmap for a batch")
    if statistics.ndim != 2 or statistics.shape[0] != base.shape[0] or not statistics.size:
        raise ValueError(f"statistics has shape {statistics.shape}; it must be ({base.shape[0]}, k), with k at least 1")


def is_law(weights: Array) -> Array:
    """Whether numbers are at least 0 and sum to 1 up to rounding."""
    is_normalised = jnp.abs(jnp.sum(weights) - 1.0) <= 64.0 * jnp.finfo(weights.dtype).eps * weights.size
    return jnp.all(weights >= 0) & is_normalised


@jax.jit
def _project(base: Point, statistics: Array, means: Point) -> Projection:
    is_there = base > 0
    log_base = jnp.where(is_there, jnp.log(jnp.where(is_there, base, 1.0)), -jnp.inf)
    log_base = log_base - jax.nn.logsumexp(log_base)
    # What a state without probability has as statistics does not count.
    rows = jnp.where(is_there[:, None], statistics - means[None, :], 0.0)
    solved, inverse = (jax.lax.stop_gradient(part) for part in _newton(*map(jax.lax.stop_gradient, (log_base, rows))))
    law = jax.nn.softmax(log_base + jnp.matmul(rows, solved, precision="highest"))
    # One more Newton step, whose derivative is that of the implicit function.
    multipliers = solved - jnp.matmul(inverse, jnp.matmul(law, rows, precision="highest"), precision="highest")
    logits = log_base + jnp.matmul(rows, multipliers, precision="highest")
    law, shifted = jax.nn.softmax(logits), jax.nn.logsumexp(logits)
    residual, size = jnp.abs(jnp.matmul(law, rows, precision="highest")), jnp.max(jnp.abs(rows), axis=0)
    is_met = jnp.all(residual <= 1e3 * jnp.finfo(base.dtype).eps * size) & jnp.all(base >= 0)
    # -shifted is the least value of the dual problem: its derivatives, and a value without cancellation.
    logs = (jnp.where(is_there, part, _NEVER) for part in (logits - shifted, log_base))
    accurate = jax.lax.stop_gradient(log_ratios.kl(*logs) + shifted)
    shift = jnp.vdot(multipliers, means, precision="highest")
    found = Projection(law, multipliers, shifted + shift, accurate - shifted)
    return Projection(*(jnp.where(is_met, part, jnp.nan) for part in found))


def _newton(log_base: Point, rows: Array) -> tuple[Point, Matrix]:
    """The multipliers of statistics whose means are to be 0, and the pseudo-inverse of their covariance there."""
    eps = jnp.finfo(rows.dtype).eps
    units = jnp.max(jnp.abs(rows), axis=0)
    units = jnp.where(units > 0, units, 1.0)
    scaled = rows / units[None, :]
    is_there = jnp.isfinite(log_base)
    centred = jnp.where(is_there[:, None], scaled - scaled[jnp.argmax(log_base)][None, :], 0.0)
    left, sizes, right = jnp.linalg.svd(centred, full_matrices=False)
    # Directions in which the statistics do not change: dependent statistics have such.
    is_kept = sizes > 8.0 * max(rows.shape) * eps * jnp.maximum(sizes[0], 1.0)
    back = jnp.where(is_kept[None, :], right.T / jnp.where(is_kept, sizes, 1.0)[None, :], 0.0)
    basis = jnp.matmul(scaled, back, precision="highest")

    def height(x: Point) -> Array:
        return jax.nn.logsumexp(log_base + jnp.matmul(basis, x, precision="highest"))

    def covariance_of(x: Point) -> tuple[Point, Matrix]:
        law = jax.nn.softmax(log_base + jnp.matmul(basis, x, precision="highest"))
        mean = jnp.matmul(law, basis, precision="highest")
        away = basis - mean[None, :]
        return mean, jnp.matmul((law[:, None] * away).T, away, precision="highest")

    def solve(covariance: Matrix, columns: Matrix) -> Matrix:
        spread = jnp.where(is_kept, jnp.diagonal(covariance), 1.0)
        scale = 1.0 / jnp.sqrt(jnp.where(spread > 0, spread, 1.0))
        missing = jnp.diag(jnp.where(is_kept & (spread > 0), 0.0, 1.0))
        # A touch on the diagonal keeps the descent going where the law has all but shrunk to a face.
        touch = 4.0 * eps * jnp.eye(len(scale), dtype=rows.dtype)
        matrix = scale[:, None] * covariance * scale[None, :] + missing + touch
        return scale[:, None] * jnp.linalg.solve(matrix, scale[:, None] * columns)

    def improve(state: tuple[Point, Array, Array, Array]) -> tuple[Point, Array, Array, Array]:
        x, before, _, count = state
        mean, covariance = covariance_of(x)
        step = -solve(covariance, mean[:, None])[:, 0]
        decrement, start = -jnp.vdot(step, mean, precision="highest"), height(x)

        def too_long(search: tuple[Array, Array]) -> Array:
            length, halvings = search
            gain = start - height(x + length * step)
            # Where rounding hides the gain, any finite step is good enough.
            is_visible = decrement > 64.0 * eps * (1.0 + jnp.abs(start))
            accepted = jnp.where(is_visible, gain >= 0.25 * length * decrement, jnp.isfinite(gain))
            return (halvings < _HALVINGS) & ~accepted

        reach = jnp.max(jnp.abs(jnp.matmul(basis, step, precision="highest")))
        # Beyond this change of exponents the quadratic model says nothing.
        longest = jnp.where(reach > _REACH, _REACH / reach, 1.0)
        length, _ = jax.lax.while_loop(too_long, lambda s: (0.5 * s[0], s[1] + 1), (longest, jnp.zeros((), jnp.int32)))
        return x + length * step, decrement, before, count + 1

    def unfinished(state: tuple[Point, Array, Array, Array]) -> Array:
        _, decrement, before, count = state
        # Towards an edge every step takes but a factor of e off; inside, the decrement is squared until rounding is left.
        return (
            (count < _STEPS) & (decrement > eps**3) & ((decrement > eps * jnp.sqrt(eps)) | (decrement < 0.5 * before))
        )

    infinite = jnp.full((), jnp.inf, rows.dtype)
    # The flattest of the tilts, by least squares: from a law that has all but one state rare steps go astray.
    away = jnp.where(is_there, log_base - jnp.max(log_base), 0.0)
    start = -jnp.matmul(jnp.where(is_kept[None, :], left, 0.0).T, away, precision="highest")
    x, *_ = jax.lax.while_loop(unfinished, improve, (start, infinite, infinite, jnp.zeros((), jnp.int32)))
    _, covariance = covariance_of(x)
    to_multipliers = back / units[:, None]
    inverse = jnp.matmul(to_multipliers, solve(covariance, to_multipliers.T), precision="highest")
    return jnp.matmul(to_multipliers, x, precision="highest"), inverse
