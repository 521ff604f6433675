"""The negative binomial family: the number of failures before a number of successes."""

import math
import numbers
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import gammaln

from numerics import counts
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.families.multinomial import log_probabilities
from numerics.model_spaces import Euclidean, Isometry
from numerics.parameters import Interval, Parameters
from numerics.supports import Counts

# Below this number of successes broad laws are not bell-shaped, and the mean of log h is an integral instead of a sum.
_BELL_SHAPED = 50.0
# The integral over log t; from so far on the left nothing is left for p above 1e-36.
_EARLIEST = -120.0
_DECAYED = 45.0
_TIMES = 600


class NegativeBinomial(ExponentialFamily):
    """The number x of failures before the r-th success, with probability ``Gamma(x + r) / (x! Gamma(r)) p^r (1 - p)^x``.

    The parameter is the probability p of success, the natural one ``log(1 - p)``; a point is ``(p, 1 - p)``. With ``2
    sqrt(r) artanh sqrt(1 - p)`` as coordinate the family is the half-line of positive numbers.

    Args:
        successes: the number r, any positive number.
    """

    title = "Negative binomial"
    source = "Johnson, Kemp & Kotz 2005, Univariate Discrete Distributions, chapter 5"
    formulas: ClassVar[Mapping[str, str]] = {
        "Probability": r"P(x) = \frac{\Gamma(x+r)}{\Gamma(r)\, x!}\, p^r (1-p)^x",
        "Natural and expectation parameter": r"\eta = \ln(1-p), \qquad m = r\,\frac{1-p}{p}",
        "Log-partition function": r"\psi = -r \ln p",
        "Fisher metric": r"g = \frac{r}{p^2(1-p)}",
        "Distance": r"d = 2\sqrt{r}\,\left|\operatorname{artanh}\sqrt{1-p} - \operatorname{artanh}\sqrt{1-p'}\right|",
    }
    example: ClassVar[Mapping[str, object]] = {"successes": 2.5}

    def __init__(self, successes: float):
        self.successes = _positive(successes, "successes")
        self.parameters = Parameters(Interval("p", (), 0.0, 1.0))
        self.support = Counts()
        self.isometry = Isometry(Euclidean(), self._to_line, self._from_line)

    def lift(self, theta: Point) -> Point:
        """``(p, 1 - p)``."""
        return jnp.append(theta, 1.0 - theta)

    def drop(self, point: Point) -> Point:
        """``p``."""
        return point[:1]

    def inside(self, point: Point) -> Array:
        """Whether both are positive."""
        return jnp.all((point > 0) & (point < jnp.inf))

    def natural(self, point: Point) -> Point:
        """``log(1 - p)``."""
        return log_probabilities(point)[1:]

    def from_natural(self, eta: Point) -> Point:
        """``(1 - exp(eta), exp(eta))``."""
        return jnp.append(-jnp.expm1(eta), jnp.exp(eta))

    def log_partition(self, point: Point) -> Scalar:
        """``-r log p``."""
        return -self.successes * log_probabilities(point)[0]

    def expectation(self, point: Point) -> Point:
        """``r (1 - p) / p``."""
        return self.successes * (point[1:] / point[:1])

    def from_expectation(self, m: Point) -> Point:
        """``(r, m) / (r + m)``; outside the domain unless m is positive and finite."""
        m = jnp.where(m > 0, m, jnp.nan)
        total = self.successes + m
        return jnp.append(self.successes / total, m / total)

    def covariance(self, point: Point) -> Matrix:
        """``r (1 - p) / p^2``."""
        return (self.expectation(point) / point[:1])[:, None]

    def precision(self, point: Point) -> Matrix:
        """``p^2 / (r (1 - p))``."""
        return (point[:1] * (point[:1] / point[1:]) / self.successes)[:, None]

    def third_cumulants(self, point: Point) -> Array:
        """``r (1 - p) (2 - p) / p^3``."""
        return (self.expectation(point) / point[:1] * ((1.0 + point[1:]) / point[:1]))[:, None, None]

    def metric(self, theta: Point) -> Matrix:
        """``r / (p^2 (1 - p))``."""
        return (self.successes / (theta * theta * (1.0 - theta)))[:, None]

    def inverse_metric(self, theta: Point) -> Matrix:
        """``p^2 (1 - p) / r``."""
        return (theta * theta * (1.0 - theta) / self.successes)[:, None]

    def skewness(self, theta: Point) -> Array:
        """``-r (2 - p) / (p^3 (1 - p)^2)``."""
        failure = 1.0 - theta
        return (-self.successes * (1.0 + failure) / (theta * theta * theta * failure * failure))[:, None, None]

    def christoffel(self, theta: Point) -> Array:
        """``(3 p - 2) / (2 p (1 - p))``."""
        return ((1.5 * theta - 1.0) / (theta * (1.0 - theta)))[:, None, None]

    def kl(self, point: Point, other: Point) -> Scalar:
        """``(r / p) KL`` of the Bernoulli laws with these probabilities."""
        is_small = point[0] <= 0.5
        # The smaller of both probabilities is the one whose difference is accurate.
        step = jnp.where(is_small, point[0] - other[0], other[1] - point[1])
        terms = counts.divergence(point, other, jnp.stack([step, -step]))
        return self.successes * (jnp.sum(terms) / point[0])

    def dual_potential(self, point: Point) -> Scalar:
        """``r (log p + (1 - p) / p log(1 - p))``."""
        logarithms = log_probabilities(point)
        return self.successes * (logarithms[0] + point[1] / point[0] * logarithms[1])

    def entropy(self, point: Point) -> Scalar:
        """``-E log p(x)`` for 50 successes and more, the general formula for fewer.

        Within 100 epsilons for 1e-12 < p < 1 - 1e-12.
        """
        if self.successes < _BELL_SHAPED:
            return -self.dual_potential(point) - self.mean_log_base_measure(point)
        nodes, logarithms = self._nodes(point)
        return -jnp.vdot(nodes.weights(logarithms), logarithms, precision="highest")

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """``E log(Gamma(x + r) / (x! Gamma(r)))``: a sum over counts, or for few successes an integral.

        By Malmsten's formula for log Gamma it is ``int (1 - G) (e^-t - e^-rt) / (1 - e^-t) dt / t`` over t > 0, with the
        generating function ``G = (p / (1 - (1 - p) e^-t))^r``; the integrand has one sign.
        """
        if self.successes >= _BELL_SHAPED:
            nodes, logarithms = self._nodes(point)
            return jnp.vdot(nodes.weights(logarithms), self.log_base_measure(nodes.x), precision="highest")
        r = self.successes
        slow = min(r, 1.0)
        latest = math.log(_DECAYED / slow)
        t = jnp.exp(jnp.linspace(_EARLIEST, latest, _TIMES, dtype=point.dtype))
        # -log G = r log(1 + (1 - p)/p (1 - e^-t)).
        gap = -jnp.expm1(-r * jnp.log1p(point[1] / point[0] * -jnp.expm1(-t)))
        is_normal = t > jnp.finfo(t.dtype).tiny
        t = jnp.where(is_normal, t, 1.0)
        kernel = jnp.where(is_normal, jnp.exp(-slow * t) * jnp.expm1(-abs(r - 1.0) * t) / jnp.expm1(-t), 0.0)
        return math.copysign((latest - _EARLIEST) / (_TIMES - 1), r - 1.0) * jnp.sum(gap * kernel)

    def statistics(self, x: Array) -> Point:
        """The count."""
        return jnp.reshape(x, (1,))

    def log_base_measure(self, x: Array) -> Scalar:
        """``log(Gamma(x + r) / (x! Gamma(r)))``."""
        r = jnp.asarray(self.successes, x.dtype)
        return gammaln(x + r) - gammaln(r) - counts.log_factorial(x)

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``, for many successes without the cancellation of factorials."""
        if self.successes < _BELL_SHAPED:
            return super().log_density(x, point)
        return self._log_probability(x, point, x - self.expectation(point)[0])

    def sample(self, key: Array, point: Point) -> Array:
        """Poisson with a rate from the gamma law; counts up to 2^31 unless JAX has x64 enabled."""
        first, second = jax.random.split(key)
        draw = jax.random.gamma(first, jnp.asarray(self.successes, point.dtype), dtype=point.dtype)
        return jax.random.poisson(second, draw * (point[1] / point[0])).astype(point.dtype)

    def _nodes(self, point: Point) -> tuple[counts.Window, Array]:
        mean = self.expectation(point)[0]
        nodes = counts.window(mean, jnp.sqrt(mean / point[0]))
        return nodes, self._log_probability(nodes.x, point, nodes.step)

    def _log_probability(self, x: Array, point: Point, step: Array) -> Array:
        """That of r successes in ``r + x`` trials, times ``r / (r + x)``, with ``step = x - mean``."""
        r = jnp.asarray(self.successes, x.dtype)
        total = r + x
        excess = point[0] * step
        exponent = counts.divergence(x, total * point[1], excess) + counts.divergence(r, total * point[0], -excess)
        rest = counts.log_factorial_rest(total) - counts.log_factorial_rest(r) - counts.log_factorial_rest(x)
        return rest - exponent - jnp.log1p(x / r)

    def _to_line(self, point: Point) -> Point:
        root = jnp.sqrt(point[1:])
        return 2.0 * math.sqrt(self.successes) * (jnp.log1p(root) - 0.5 * log_probabilities(point)[:1])

    def _from_line(self, x: Point) -> Point:
        y = jnp.where(x > 0, x, jnp.nan) * (0.5 / math.sqrt(self.successes))
        root, small = jnp.tanh(y), jnp.exp(-2.0 * y)
        return jnp.append(4.0 * small / ((1.0 + small) * (1.0 + small)), root * root)


def _positive(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    number = float(value)
    if not 0 < number < math.inf:
        raise ValueError(f"{name} = {value}; it must be positive and finite")
    return number
