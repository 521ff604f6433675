"""The logarithm of the multivariate normal laws at the standard one: see :mod:`numerics.normal_geodesics`."""

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.linear_algebra import cholesky, inverse, norm
from numerics.normal_exponential import exp_standard, times, to_frame
from numerics.parameters import lower, symmetric
from numerics.symmetric_functions import arcsinh_symmetric

_MINIMISATION_STEPS = 50
_HALVINGS = 20
_POLISHING_STEPS = 10


def log_standard(w: Point, size: int) -> Point:
    """The velocity with ``exp_standard(velocity) = w``; NaN where none is found. Differentiable, by the inverse function."""

    @jax.custom_jvp
    def search(w: Point) -> Point:
        return _polished(w, _nearest(w, size), size)

    @search.defjvp
    def _(primals: tuple[Point], tangents: tuple[Point]) -> tuple[Point, Point]:
        velocity = search(*primals)
        jacobian = jax.jacfwd(lambda u: exp_standard(u, size))(velocity)
        return velocity, jnp.linalg.solve(jacobian, tangents[0])

    return search(w)


def _polished(w: Point, guess: Point, size: int) -> Point:
    """Newton's method on the exponential, as long as the residual falls; NaN if it ends visibly above rounding."""
    whiten = cholesky(jnp.eye(size, dtype=w.dtype) + symmetric(w[size:], size))
    eps = jnp.finfo(w.dtype).eps

    def value_and_jacobian(u: Point) -> tuple[Point, Matrix]:
        def twice(u: Point) -> tuple[Point, Point]:
            end = exp_standard(u, size)
            return end, end

        jacobian, end = jax.jacfwd(twice, has_aux=True)(u)
        return end, jacobian

    def improve(state: tuple[Point, Scalar, Point, Array, Array]) -> tuple[Point, Scalar, Point, Array, Array]:
        u, error, candidate, count, _ = state
        end, jacobian = value_and_jacobian(candidate)
        gap = end - w
        new_error = norm(to_frame(whiten, gap))
        is_better = new_error < error
        goes_on = is_better & (new_error > 0.5 * eps * norm(candidate))
        u, error = jnp.where(is_better, candidate, u), jnp.where(is_better, new_error, error)
        return u, error, candidate - jnp.linalg.solve(jacobian, gap), count + 1, goes_on

    def unfinished(state: tuple[Point, Scalar, Point, Array, Array]) -> Array:
        return state[4] & (state[3] < _POLISHING_STEPS)

    infinite = jnp.full((), jnp.inf, w.dtype)
    start = (guess, infinite, guess, jnp.zeros((), jnp.int32), jnp.ones((), bool))
    u, error, *_ = jax.lax.while_loop(unfinished, improve, start)
    return jnp.where(error <= jnp.sqrt(eps) * jnp.minimum(1.0, norm(u)), u, jnp.nan)


def _nearest(w: Point, size: int) -> Point:
    """The velocity of the nearest point over the target, up to rounding."""
    rows, columns = jnp.tril_indices(size, -1)
    hidden = size * (size - 1) // 2

    def twist(entries: Array) -> Matrix:
        matrix = jnp.zeros((size, size), w.dtype).at[rows, columns].set(entries)
        return matrix - matrix.T

    def logarithm(entries: Array) -> Matrix:
        return arcsinh_symmetric(hyperbolic_sine(w, twist(entries), size))

    def vertical(entries: Array) -> tuple[Array, Array]:
        matrix = logarithm(entries)
        return matrix[:size, size + 1 :][rows, columns], 0.25 * jnp.sum(matrix * matrix)

    def improve(state: tuple[Array, Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array, Array]:
        entries, slope, height, count, _ = state
        slopes = jax.jacfwd(lambda x: vertical(x)[0])(entries)
        step = _downhill(slopes, slope)

        def too_long(search: tuple[Array, Array, Array, Array]) -> Array:
            _, _, new_height, halvings = search
            return ~(new_height < height) & (halvings < _HALVINGS)

        def shorter(search: tuple[Array, Array, Array, Array]) -> tuple[Array, Array, Array, Array]:
            length, _, _, halvings = search
            return 0.5 * length, *vertical(entries + 0.5 * length * step), halvings + 1

        one = jnp.ones((), w.dtype)
        length, new_slope, new_height, _ = jax.lax.while_loop(
            too_long, shorter, (one, *vertical(entries + step), jnp.zeros((), jnp.int32))
        )
        is_lower = new_height < height
        entries = jnp.where(is_lower, entries + length * step, entries)
        slope = jnp.where(is_lower, new_slope, slope)
        return entries, slope, jnp.minimum(height, new_height), count + 1, is_lower

    def unfinished(state: tuple[Array, Array, Array, Array, Array]) -> Array:
        _, slope, height, count, is_lower = state
        return is_lower & (count < _MINIMISATION_STEPS) & (jnp.sum(slope**2) > 1e-12 * height)

    entries = jnp.zeros((hidden,), w.dtype)
    if hidden:
        state = (entries, *vertical(entries), jnp.zeros((), jnp.int32), jnp.ones((), bool))
        entries = jax.lax.while_loop(unfinished, improve, state)[0]
    matrix = logarithm(entries)
    return jnp.concatenate([matrix[:size, size], lower(-matrix[:size, :size])])


def _downhill(slopes: Matrix, vertical: Array) -> Array:
    """Newton's step, with the signs of the Hessian's eigenvalues made positive.

    The gradient of ``|log E|^2 / 4`` is ``-2 C``, so the Hessian is -2 times the slopes of C.
    """
    values, vectors = jnp.linalg.eigh(-0.5 * (slopes + slopes.T))
    size = jnp.maximum(jnp.abs(values), 1e-3 * jnp.max(jnp.abs(values)))
    return times(vectors, times(vectors.T, vertical) / size)


def hyperbolic_sine(w: Array, twist: Array, size: int) -> Array:
    """``(E - E^-1)/2`` of the point E over ``(mu, Sigma - 1) = w`` with an antisymmetric twist X.

    ``E = N diag(P, 1, Sigma) N^T`` with ``N = [[1, 0, 0], [mu^T, 1, 0], [X - mu mu^T / 2, -mu, 1]]``; the inverse is E with
    first and last blocks exchanged. Unlike E itself it keeps the digits of short ways and of both ends of long ones.
    """
    mean, change = w[:size], symmetric(w[size:], size)
    unit = jnp.eye(size, dtype=w.dtype)
    precision = inverse(unit + change)
    outer = jnp.outer(mean, mean)
    low = twist - 0.5 * outer
    moved = times(precision, low.T)
    # P - Sigma = -(P + 1)(Sigma - 1).
    corner = 0.5 * (-times(precision + unit, change) - outer - times(low, moved))
    side = 0.5 * (times(precision + unit, mean) - times(moved.T, mean))
    edge = 0.5 * (moved - moved.T)
    column = side[:, None]
    middle = jnp.concatenate([side, jnp.zeros((1,), w.dtype), -side])[None]
    top = jnp.concatenate([0.5 * (corner + corner.T), column, edge], axis=1)
    return jnp.concatenate([top, middle, jnp.concatenate([-edge, -column, -0.5 * (corner + corner.T)], axis=1)])
