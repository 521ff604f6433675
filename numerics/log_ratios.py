r"""Divergences of categorical laws by their logits, without cancellation and without underflow.

The laws p and q are given by vectors of logits, of which only differences count. Everything is a sum over the outcomes of
functions of ``delta = log(p/q)``, which is known to a few roundings of its own size even where it is small: differences of
close logits are exact, and the normalisation is subtracted in units of the outcome that is likeliest under p. Derivatives by
the logits of p have the form ``p_j (f_j - sum_i p_i f_i)``, in which a constant may be taken from f: its value at that outcome.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.elementary import log1pmx

_NEAR = 1.0
_TERMS = 22


class _Laws(NamedTuple):
    """Arrays of shape (n,), and a scalar.

    Attributes:
        p: probabilities.
        q: probabilities.
        root_p: their square roots, which underflow later.
        root_q: their square roots.
        shifted: ``delta - delta_top``.
        log_mean: ``-delta_top``, the logarithm of the mean of ``exp(shifted)`` under q.
    """

    p: Array
    q: Array
    root_p: Array
    root_q: Array
    shifted: Array
    log_mean: Scalar

    @property
    def delta(self) -> Array:
        """``log(p/q)``."""
        return self.shifted - self.log_mean

    @property
    def exchanged(self) -> "_Laws":
        """With p and q exchanged, and the same unit."""
        return _Laws(self.q, self.p, self.root_q, self.root_p, -self.shifted, -self.log_mean)


def _laws(logits: Point, other: Point) -> _Laws:
    (p, root_p), (q, root_q), log_q = _probabilities(logits), _probabilities(other), jax.nn.log_softmax(other)
    change = logits - other
    shifted = change - jax.lax.stop_gradient(change[jnp.argmax(logits)])
    is_small = shifted < 1.0
    terms = jnp.where(is_small, q * jnp.expm1(jnp.where(is_small, shifted, 0.0)), jnp.exp(log_q + shifted) - q)
    excess = jnp.sum(terms)
    # XLA's log1p is not accurate enough.
    is_near = jnp.abs(excess) < 0.3
    near = jnp.where(is_near, excess, 0.0)
    log_mean = jnp.where(is_near, near + log1pmx(near), jax.nn.logsumexp(log_q + shifted))
    return _Laws(p, q, root_p, root_q, shifted, log_mean)


def _with_gradient(
    value: Callable[[_Laws], Scalar], gradient: Callable[[_Laws], Point]
) -> Callable[[Point, Point], Scalar]:
    """The function of the logits of p and q; those of q count as constants in derivatives."""

    @jax.custom_jvp
    def function(logits: Point, other: Point) -> Scalar:
        return value(_laws(logits, other))

    @function.defjvp
    def _(primals: tuple[Point, Point], tangents: tuple[Point, Point]) -> tuple[Scalar, Scalar]:
        laws = _laws(*primals)
        return value(laws), jnp.vdot(gradient(laws), tangents[0], precision="highest")

    return lambda logits, other: function(logits, jax.lax.stop_gradient(other))


def _hellinger(laws: _Laws) -> Scalar:
    is_above = laws.delta > 0
    # The larger root times what is missing from it to the other, so that nothing overflows.
    above = laws.root_p * -jnp.expm1(-0.5 * jnp.where(is_above, laws.delta, 0.0))
    below = laws.root_q * jnp.expm1(0.5 * jnp.where(is_above, 0.0, laws.delta))
    step = jnp.where(is_above, above, below)
    return 0.5 * jnp.sum(step * step)


def _hellinger_gradient(laws: _Laws) -> Point:
    # f = -sqrt(q/p) / 2, less its value where shifted is 0.
    top = jnp.exp(0.5 * laws.log_mean)
    is_common = laws.shifted > -1.0
    common = laws.p * (top * jnp.expm1(-0.5 * jnp.where(is_common, laws.shifted, 0.0)))
    return _covariance(laws.p, -0.5 * jnp.where(is_common, common, laws.root_p * laws.root_q - laws.p * top))


def _kl(laws: _Laws) -> Scalar:
    # Terms p (exp(-delta) - 1 + delta), none of which is negative.
    is_common = laws.delta > -1.0
    common = laws.p * exponential_excess(-jnp.where(is_common, laws.delta, 0.0))
    rare = jnp.where(is_common, -1.0, laws.delta)
    return jnp.sum(jnp.where(is_common, common, laws.q * (rare * jnp.exp(rare) - jnp.expm1(rare))))


def _kl_gradient(laws: _Laws) -> Point:
    return _covariance(laws.p, laws.p * laws.shifted)


def _difference(laws: _Laws) -> Point:
    """``p - q``."""
    is_above = laws.delta > 0
    above = laws.p * -jnp.expm1(-jnp.where(is_above, laws.delta, 0.0))
    return jnp.where(is_above, above, laws.q * jnp.expm1(jnp.where(is_above, 0.0, laws.delta)))


hellinger = _with_gradient(_hellinger, _hellinger_gradient)
"""``1 - sum sqrt(p q) = sum (sqrt p - sqrt q)^2 / 2`` as a function of the logits of p and q, both of shape (n,)."""

kl = _with_gradient(_kl, _kl_gradient)
"""``KL(p || q)`` as a function of the logits of p and q, both of shape (n,)."""

reverse_kl = _with_gradient(lambda laws: _kl(laws.exchanged), _difference)
"""``KL(q || p)`` as a function of the logits of p and q, both of shape (n,)."""


@jax.custom_jvp
def exponential_excess(x: Array) -> Array:
    """``exp(x) - 1 - x``, elementwise, about ``x^2 / 2`` near 0; within 8 epsilons, any shape, float32 or float64."""
    is_near = jnp.abs(x) <= _NEAR
    near = jnp.where(is_near, x, 0.0)
    total = jnp.ones_like(x)
    for k in range(_TERMS, 2, -1):
        total = 1.0 + near / k * total
    return jnp.where(is_near, 0.5 * near * near * total, jnp.expm1(x) - x)


@exponential_excess.defjvp
def _exponential_excess_rule(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return exponential_excess(*primals), jnp.expm1(primals[0]) * tangents[0]


def _covariance(p: Point, weighted: Point) -> Point:
    """``p_j (f_j - sum_i p_i f_i)`` from ``p f``."""
    return weighted - p * jnp.sum(weighted)


def _probabilities(logits: Point) -> tuple[Point, Point]:
    """With their square roots."""
    below = logits - jax.lax.stop_gradient(jnp.max(logits))
    weights = jnp.exp(below)
    total = jnp.sum(weights)
    return weights / total, jnp.exp(0.5 * below) / jnp.sqrt(total)
