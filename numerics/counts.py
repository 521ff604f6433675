r"""Laws of counts without cancellation: their probabilities, and means of functions of a count.

A log-probability is a sum of :func:`divergence` and :func:`log_factorial_rest` (Loader 2000, Fast and Accurate Computation
of Binomial Probabilities), which are small where logarithms of factorials are large. Means are sums over one fixed number of
nodes: every count of a narrow law, and equidistant real numbers under a broad one. The trapezoidal rule is exact to rounding
there: its error is that of the characteristic function at the wave numbers of the grid (Poisson's summation formula).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import gammaln

from numerics.stirling import HALF_LOG_TWO_PI, SERIES

NODES = 256
# Nodes reach from this many deviations below the mean to so many above.
_BELOW, _ABOVE = 10.5, 16.5
_SHIFT = 10


def divergence(first: Array, second: Array, step: Array) -> Array:
    """``first log(first / second) - first + second``, elementwise: KL of two Poisson laws, and ``>= 0``.

    Args:
        first: any shape, ``>= 0``.
        second: ``> 0``, a shape that broadcasts.
        step: ``first - second``, as accurate as it is known.

    Returns:
        Accurate to a few epsilons, also where the arguments are close; ``second`` where ``first`` is 0.
    """
    first, second, step = jnp.broadcast_arrays(first, second, step)
    total = first + second
    ratio = step / total
    is_near = jnp.abs(ratio) < 0.25
    near = jnp.where(is_near, ratio, 0.0)
    square = near * near
    # first log(first / second) = 2 first artanh(ratio).
    tail = jnp.zeros_like(near)
    for k in range(13, 0, -1):
        tail = (tail + 1.0 / (2 * k + 1)) * square
    series = near * (step + 2.0 * first * tail)
    apart = (first > 0) & ~is_near
    logarithm = jnp.log(jnp.where(apart, first, 1.0)) - jnp.log(jnp.where(apart, second, 1.0))
    return jnp.where(is_near, series, first * logarithm - step)


def log_factorial_rest(x: Array) -> Array:
    """``log Gamma(x + 1) - x log x + x``, elementwise, for ``x >= 0``: about ``log(2 pi x) / 2``, and 0 at 0."""
    is_small = x < _SHIFT
    is_zero = x == 0
    small = jnp.where(is_small & ~is_zero, x, 1.0)
    z = jnp.where(is_small, small + _SHIFT, x)
    inverse = 1.0 / z
    square = inverse * inverse
    series = jnp.zeros_like(z)
    for coefficient in reversed(SERIES):
        series = series * square + coefficient
    value = series * inverse + HALF_LOG_TWO_PI + 0.5 * jnp.log(z)
    # From z = x + 10 down to x by Gamma(x + 1) = x Gamma(x).
    for k in range(_SHIFT):
        step = 1.0 / (small + k)
        value = jnp.where(is_small, value + (jnp.log1p(step) / step - 1.0), value)
    return jnp.where(is_zero, 0.0, value)


class Window(NamedTuple):
    """Nodes for a mean.

    Attributes:
        x: the nodes, shape (256,).
        step: the nodes less the mean.
        inside: which of them count.
    """

    x: Array
    step: Array
    inside: Array

    def weights(self, log_probability: Array) -> Array:
        """The probabilities of the nodes, normalised: means are sums with these weights."""
        return jax.nn.softmax(jnp.where(self.inside, log_probability, -jnp.inf))


def window(mean: Array, deviation: Array, last: float = jnp.inf) -> Window:
    """Nodes that carry a law of counts with this mean, deviation and last count.

    Laws that do not fit into the first 256 counts must be bell-shaped: Poisson, binomial up to one half, negative binomial
    with 50 successes and more.
    """
    index = jnp.arange(NODES, dtype=mean.dtype)
    is_broad = jax.lax.stop_gradient(mean + _ABOVE * deviation) > NODES - 1
    shift = jax.lax.stop_gradient(deviation) * (index * ((_BELOW + _ABOVE) / (NODES - 1)) - _BELOW)
    # The nodes stand still under differentiation; the mean moves past them.
    centre = jax.lax.stop_gradient(mean)
    x = jnp.where(is_broad, centre + shift, index)
    step = jnp.where(is_broad, shift + (centre - mean), index - mean)
    inside = (x >= 0) & (x <= last)
    return Window(jnp.where(inside, x, 0.0), jnp.where(inside, step, -mean), inside)


def poisson_log_probability(x: Array, mean: Array, step: Array) -> Array:
    """``x log(mean) - mean - log x!``, elementwise, with ``step = x - mean``."""
    return -divergence(x, mean, step) - log_factorial_rest(x)


def binomial_log_probability(x: Array, trials: Array, success: Array, failure: Array, step: Array) -> Array:
    """The log-probability of x successes, elementwise, with ``step = x - trials success`` and ``failure = 1 - success``."""
    others = jnp.maximum(trials - x, 0.0)
    exponent = divergence(x, trials * success, step) + divergence(others, trials * failure, -step)
    rest = log_factorial_rest(trials) - log_factorial_rest(x) - log_factorial_rest(others)
    return rest - exponent


def log_factorial(x: Array) -> Array:
    """``log x!``, elementwise."""
    return gammaln(x + 1.0)
