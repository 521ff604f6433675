"""The mean-field approximation of spins with pairwise couplings: a lower bound of the log-partition, and the ascent to it.

Spins are +1 or -1, with energy ``-sum h_i x_i - sum_(i<j) J_ij x_i x_j`` at a temperature T, in units of energy. Everything
composes with ``jit`` and ``vmap`` and follows the dtype of its input.

Source: Balsubramani 2024; Wainwright & Jordan 2008, section 5.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import xlogy

from numerics.arrays import Matrix, Point, Scalar, agreeing
from numerics.sizes import whole_number


def mean_field_bound(fields: Array, couplings: Array, means: Array, temperature: Scalar | float = 1.0) -> Scalar:
    """The bound ``(h . m + sum_(i<j) J_ij m_i m_j) / T + sum H(m_i)`` of ``log Z`` from below, in nats, a scalar.

    It falls short by the divergence of the product law with the means m from the Gibbs law.

    Args:
        fields: h, shape (n,).
        couplings: J, shape (n, n); only what is above its diagonal is read.
        means: m, from -1 to 1, shape (n,).
        temperature: T > 0.

    Returns:
        The bound; NaN outside the domain.

    Raises:
        ValueError: for wrong shapes, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    return _bound(*_checked(fields, couplings, means, temperature))


def mean_field_ascent(
    fields: Array, couplings: Array, means: Array, temperature: Scalar | float = 1.0, *, sweeps: int
) -> Matrix:
    """Sweeps of ``m_i <- tanh((h_i + sum_j J_ij m_j) / T)``, spin by spin, none of which lowers the bound.

    They converge to a stationary point of the bound, which need not be the highest; means of 0 stay 0 without fields.

    Args:
        fields: h, shape (n,).
        couplings: J, shape (n, n); only what is above its diagonal is read.
        means: to start from, from -1 to 1, shape (n,).
        temperature: T > 0.
        sweeps: how many, at least 0.

    Returns:
        The means from the first ones on, after each sweep, shape (sweeps + 1, n); NaN outside the domain.

    Raises:
        ValueError: for wrong shapes or a negative number of sweeps, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    return _ascent(*_checked(fields, couplings, means, temperature), whole_number(sweeps, "sweeps", 0))


def _checked(fields: Array, couplings: Array, means: Array, temperature: Scalar | float) -> tuple[Array, ...]:
    names = ("fields", "couplings", "means", "temperature")
    fields, couplings, means, heat = agreeing((fields, couplings, means, temperature), names)
    if fields.ndim != 1 or not fields.size:
        raise ValueError(
            f"fields has shape {fields.shape}; it must be (n,), with n at least 1: use jax.vmap for a batch"
        )
    number = len(fields)
    for name, array, shape in (
        ("couplings", couplings, (number, number)), ("means", means, (number,)), ("temperature", heat, ()),
    ):  # fmt: skip
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}; it must be {shape} for fields of shape {fields.shape}")
    is_valid = (heat > 0) & jnp.all(jnp.abs(means) <= 1)
    above = jnp.triu(couplings, 1)
    return fields, above + above.T, jnp.where(is_valid, means, jnp.nan), heat


@jax.jit
def _bound(fields: Point, couplings: Matrix, means: Point, temperature: Scalar) -> Scalar:
    felt = fields + 0.5 * jnp.matmul(couplings, means, precision="highest")
    up, down = 0.5 * (1.0 + means), 0.5 * (1.0 - means)
    return jnp.vdot(means, felt, precision="highest") / temperature - jnp.sum(xlogy(up, up) + xlogy(down, down))


@partial(jax.jit, static_argnums=4)
def _ascent(fields: Point, couplings: Matrix, means: Point, temperature: Scalar, sweeps: int) -> Matrix:
    def update(spin: Array, now: Point) -> Point:
        felt = fields[spin] + jnp.vdot(couplings[spin], now, precision="highest")
        return now.at[spin].set(jnp.tanh(felt / temperature))

    def sweep(now: Point, _: None) -> tuple[Point, Point]:
        after = jax.lax.fori_loop(0, len(fields), update, now)
        return after, after

    return jnp.concatenate([means[None], jax.lax.scan(sweep, means, None, sweeps)[1]])
