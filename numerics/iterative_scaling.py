"""Scalings that converge to an information projection: generalised iterative scaling, and fitting the margins of a table.

Both compose with ``jit`` and ``vmap`` and follow the dtype of their input.

Source: Darroch & Ratcliff 1972; Deming & Stephan 1940; convergence by Csiszar 1975.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, agreeing
from numerics.information_projection import check_shapes, is_law
from numerics.sizes import whole_number


def iterative_scaling(base: Array, statistics: Array, means: Array, steps: int) -> Matrix:
    """Generalised iterative scaling: ``q <- q prod_j (c_j / E_q f_j)^f_j``, normalised, from p on.

    It converges to the information projection if a law on the support of p has the means c. No step leads away from it.

    Args:
        base: the probabilities p, or numbers in proportion to them, shape (n,).
        statistics: f, at least 0, a row for each state that sums to 1, shape (n, k).
        means: c, at least 0, which sum to 1, shape (k,).
        steps: how many, at least 0.

    Returns:
        The laws from p on, shape (steps + 1, n); NaN outside the domain.

    Raises:
        ValueError: for wrong shapes or a negative number of steps, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    base, statistics, means = agreeing((base, statistics, means), ("base", "statistics", "means"))
    check_shapes(base, statistics)
    if means.shape != statistics.shape[1:]:
        raise ValueError(f"means has shape {means.shape}; it must be {statistics.shape[1:]}, one for each statistic")
    return _scale(base, statistics, means, whole_number(steps, "steps", 0))


def iterative_proportional_fitting(table: Array, rows: Array, columns: Array, steps: int) -> Array:
    """Scales the rows and the columns of a table in turn until they have given totals, rows first.

    Each step is an information projection. It converges to the one to both margins if a table on the support has them.

    Args:
        table: probabilities, at least 0, or numbers in proportion to them, shape (m, n).
        rows: the totals of the rows asked for, at least 0, which sum to 1, shape (m,).
        columns: those of the columns, likewise, shape (n,).
        steps: how many, of rows and of columns together, at least 0.

    Returns:
        The tables from the given one on, shape (steps + 1, m, n); NaN outside the domain.

    Raises:
        ValueError: for wrong shapes or a negative number of steps, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    table, rows, columns = agreeing((table, rows, columns), ("table", "rows", "columns"))
    if table.ndim != 2 or not table.size:
        raise ValueError(f"table has shape {table.shape}; it must be (m, n), with m and n at least 1")
    for name, margin, size in (("rows", rows, table.shape[0]), ("columns", columns, table.shape[1])):
        if margin.shape != (size,):
            raise ValueError(
                f"{name} has shape {margin.shape}; it must be {(size,)} for a table of shape {table.shape}"
            )
    return _fit(table, rows, columns, whole_number(steps, "steps", 0))


def _ratio(above: Array, below: Array) -> Array:
    """With 0/0 = 0; all NaN where something is asked for that is not there."""
    is_possible = jnp.all((above == 0) | (below > 0))
    return jnp.where(is_possible, jnp.where(above > 0, above / jnp.where(below > 0, below, 1.0), 0.0), jnp.nan)


@partial(jax.jit, static_argnums=3)
def _scale(base: Point, statistics: Array, means: Point, steps: int) -> Matrix:
    is_valid = jnp.all(base >= 0) & is_law(means) & jnp.all(jax.vmap(is_law)(statistics))

    def step(law: Point, _: None) -> tuple[Point, Point]:
        ratio = _ratio(means, jnp.matmul(law, statistics, precision="highest"))
        # 0^0 = 1.
        powers = jnp.where(statistics > 0, ratio[None, :] ** jnp.where(statistics > 0, statistics, 1.0), 1.0)
        scaled = law * jnp.prod(powers, axis=1)
        scaled = scaled / jnp.sum(scaled)
        return scaled, scaled

    start = jnp.where(is_valid, base / jnp.sum(base), jnp.nan)
    return jnp.concatenate([start[None], jax.lax.scan(step, start, None, steps)[1]])


@partial(jax.jit, static_argnums=3)
def _fit(table: Array, rows: Point, columns: Point, steps: int) -> Array:
    is_valid = jnp.all(table >= 0) & is_law(rows) & is_law(columns)

    def step(law: Array, is_for_rows: Array) -> tuple[Array, Array]:
        by_rows = law * _ratio(rows, jnp.sum(law, axis=1))[:, None]
        by_columns = law * _ratio(columns, jnp.sum(law, axis=0))[None, :]
        scaled = jnp.where(is_for_rows, by_rows, by_columns)
        return scaled, scaled

    start = jnp.where(is_valid, table / jnp.sum(table), jnp.nan)
    return jnp.concatenate([start[None], jax.lax.scan(step, start, jnp.arange(steps) % 2 == 0)[1]])
