"""The multinomial family: how often each of several outcomes occurs in independent trials."""

import math
from collections.abc import Callable, Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from numerics import counts, hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.model_spaces import Isometry, Sphere
from numerics.parameters import Parameters, Simplex, rest
from numerics.sizes import whole_number
from numerics.supports import Compositions, Support


class Multinomial(ExponentialFamily):
    """Counts x of n outcomes in N trials, shape (n,).

    The parameters are the probabilities p of all outcomes but the last. A point has all of them, so that none is lost by
    subtraction from 1; the natural parameters are ``log(p_i / p_n)``. The family is a part of the sphere of radius ``2
    sqrt(N)``, with ``2 sqrt(N p)`` as position.

    Args:
        trials: how many, at least 1.
        categories: how many outcomes, at least 2.
    """

    title = "Multinomial"
    source = "Amari & Nagaoka 2000, section 2.5"
    formulas: ClassVar[Mapping[str, str]] = {
        "Probability": r"P(x) = \frac{N!}{x_1! \cdots x_n!}\, p_1^{x_1} \cdots p_n^{x_n}",
        "Natural and expectation parameters": r"\eta_i = \ln\frac{p_i}{p_n}, \qquad m_i = N p_i",
        "Log-partition function": r"\psi = -N \ln p_n",
        "Fisher metric": r"g_{ij} = N\left(\frac{\delta_{ij}}{p_i} + \frac{1}{p_n}\right)",
        "Distance": r"d = 2\sqrt{N} \arccos \sum_{i=1}^{n} \sqrt{p_i p'_i}",
        "Curvature": r"K = \frac{1}{4N}",
    }
    example: ClassVar[Mapping[str, object]] = {"trials": 4, "categories": 3}

    def __init__(self, trials: int, categories: int):
        self.trials = whole_number(trials, "trials", 1)
        self.categories = whole_number(categories, "categories", 2)
        self.parameters = Parameters(Simplex("p", self.categories - 1))
        self.support: Support = Compositions(self.trials, self.categories)
        self.isometry = Isometry(Sphere(), jnp.sqrt, _from_sphere, 2.0 * math.sqrt(self.trials))

    def lift(self, theta: Point) -> Point:
        """All probabilities."""
        return jnp.append(theta, rest(theta))

    def drop(self, point: Point) -> Point:
        """All but the last."""
        return point[:-1]

    def inside(self, point: Point) -> Array:
        """Whether all are positive."""
        return jnp.all((point > 0) & (point < jnp.inf))

    def natural(self, point: Point) -> Point:
        """``log(p_i / p_n)``."""
        logarithms = log_probabilities(point)
        return logarithms[:-1] - logarithms[-1]

    def from_natural(self, eta: Point) -> Point:
        """The softmax, with 0 for the last."""
        return jax.nn.softmax(jnp.append(eta, jnp.zeros((), eta.dtype)))

    def log_partition(self, point: Point) -> Scalar:
        """``-N log p_n``."""
        return -self.trials * log_probabilities(point)[-1]

    def expectation(self, point: Point) -> Point:
        """``N p_i``."""
        return self.trials * point[:-1]

    def from_expectation(self, m: Point) -> Point:
        """``m_i / N``."""
        return self.lift(m / self.trials)

    def covariance(self, point: Point) -> Matrix:
        """``N (delta_ij p_i - p_i p_j)``."""
        p, others = point[:-1], complements(point)[:-1]
        diagonal = jnp.eye(p.shape[0], dtype=bool)
        return self.trials * jnp.where(diagonal, (p * others)[:, None], -p[:, None] * p[None, :])

    def precision(self, point: Point) -> Matrix:
        """``(delta_ij / p_i + 1 / p_n) / N``."""
        return (jnp.diag(1.0 / point[:-1]) + 1.0 / point[-1]) / self.trials

    def third_cumulants(self, point: Point) -> Array:
        """``N (p_i delta_ijk - delta_ij p_i p_k - ... + 2 p_i p_j p_k)``."""
        p, others = point[:-1], complements(point)[:-1]
        same = jnp.eye(p.shape[0], dtype=bool)
        first, second, third = same[:, :, None], same[None, :, :], same[:, None, :]
        product = p[:, None, None] * p[None, :, None] * p[None, None, :]
        # With two indices alike, p_i p_k (2 p_i - 1); 1 is p_i and the others.
        excess = p - others
        pair = p[:, None] * p[None, :]
        two = (
            jnp.where(first, (excess[:, None] * pair)[:, None, :], 0.0)
            + jnp.where(second, (pair * excess[None, :])[:, None, :], 0.0)
            + jnp.where(third, (excess[:, None] * pair)[:, :, None], 0.0)
        )
        value = jnp.where(first | second | third, two, 2.0 * product)
        return self.trials * jnp.where(first & second, (-excess * p * others)[:, None, None], value)

    def metric(self, theta: Point) -> Matrix:
        """``N (delta_ij / p_i + 1 / p_n)``."""
        return self.trials**2 * self.precision(self.lift(theta))

    def inverse_metric(self, theta: Point) -> Matrix:
        """``(delta_ij p_i - p_i p_j) / N``."""
        return self.covariance(self.lift(theta)) / self.trials**2

    def skewness(self, theta: Point) -> Array:
        """``N (delta_ijk / p_i^2 - 1 / p_n^2)``."""
        last = 1.0 / self.lift(theta)[-1]
        return self.trials * (_diagonal(1.0 / (theta * theta)) - last * last)

    def christoffel(self, theta: Point) -> Array:
        """``p_i g_jk / (2 N) - delta_ijk / (2 p_i)``: great circles of ``sqrt(p)``."""
        return theta[:, None, None] * (0.5 / self.trials) * self.metric(theta)[None] - _diagonal(0.5 / theta)

    def curvature(self, theta: Point) -> hessian_geometry.Curvature:
        """That of the sphere of radius ``2 sqrt(N)``."""
        return hessian_geometry.constant_curvature(self.metric(theta), 0.25 / self.trials)

    def invariant_curvature(self, point: Point) -> Scalar:
        """``(n - 1) (n - 2) / (4 N)``."""
        return jnp.full((), 0.25 * (self.categories - 1) * (self.categories - 2) / self.trials, point.dtype)

    def kl(self, point: Point, other: Point) -> Scalar:
        """``N sum p_i log(p_i / q_i)``, as a sum of terms ``p log(p/q) - p + q``, none of which is negative."""
        return self.trials * jnp.sum(counts.divergence(point, other, differences(point, other)))

    def dual_potential(self, point: Point) -> Scalar:
        """``N sum p_i log p_i``."""
        return self.trials * jnp.vdot(point, log_probabilities(point), precision="highest")

    def entropy(self, point: Point) -> Scalar:
        """A sum over the counts of each outcome, within 100 epsilons also where one outcome is nearly certain."""
        return self._mean_over_counts(point, counts.log_factorial_rest, counts.divergence)

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """``log N! - sum E log x_i!``, a sum over the counts of each outcome, within 100 epsilons of ``log N!``."""
        return -self._mean_over_counts(point, counts.log_factorial, lambda x, _mean, _step: jnp.zeros_like(x))

    def statistics(self, x: Array) -> Point:
        """All counts but the last."""
        return x[:-1]

    def log_base_measure(self, x: Array) -> Scalar:
        """``log N! - sum log x_i!``."""
        return counts.log_factorial(jnp.asarray(self.trials, x.dtype)) - jnp.sum(counts.log_factorial(x))

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``, without the cancellation of factorials."""
        mean = self.trials * point
        whole = counts.log_factorial_rest(jnp.asarray(self.trials, x.dtype))
        return whole - jnp.sum(counts.log_factorial_rest(x) + counts.divergence(x, mean, x - mean))

    def sample(self, key: Array, point: Point) -> Array:
        """One outcome after the other, each binomial given those before."""
        trials = jnp.asarray(self.trials, point.dtype)
        return jax.random.multinomial(key, trials, point, dtype=point.dtype)

    def _mean_over_counts(
        self, point: Point, function: Callable[[Array], Array], other: Callable[[Array, Array, Array], Array]
    ) -> Scalar:
        """``E sum_i (f(x_i) + g(x_i, N p_i, x_i - N p_i)) - f(N)``.

        The last term stands inside the mean over the likeliest outcome, where it cancels.
        """
        trials = jnp.asarray(self.trials, point.dtype)
        likeliest = jnp.arange(point.shape[0]) == jnp.argmax(point)

        def one(p: Scalar, q: Scalar, is_likeliest: Scalar) -> Scalar:
            # Counted from the side on which there are fewer.
            is_minor = p <= q
            rare, common = jnp.where(is_minor, p, q), jnp.where(is_minor, q, p)
            nodes = counts.window(trials * rare, jnp.sqrt(trials * rare * common), self.trials)
            log_weights = counts.binomial_log_probability(nodes.x, trials, rare, common, nodes.step)
            x = jnp.where(is_minor, nodes.x, jnp.maximum(trials - nodes.x, 0.0))
            gain = jnp.where(x == trials, 0.0, function(x) - function(trials))
            values = jnp.where(is_likeliest, gain, function(x))
            values = values + other(x, trials * p, jnp.where(is_minor, nodes.step, -nodes.step))
            return jnp.vdot(nodes.weights(log_weights), values, precision="highest")

        return jnp.sum(jax.vmap(one)(point, complements(point), likeliest))


def complements(point: Point) -> Point:
    """``1 - p_i``, as the sum of the others."""
    off_diagonal = 1.0 - jnp.eye(point.shape[0], dtype=point.dtype)
    return jnp.matmul(off_diagonal, point, precision="highest")


def log_probabilities(point: Point) -> Point:
    """``log p_i``, accurate also for p near 1."""
    is_large = point > 0.5
    near_one = jnp.log1p(-jnp.where(is_large, complements(point), 0.0))
    return jnp.where(is_large, near_one, jnp.log(jnp.where(is_large, 1.0, point)))


def differences(point: Point, other: Point) -> Point:
    """``p - q``, that of one large probability by the others, since all add up to 0.

    This is the last one, which may have come from the others by a subtraction, unless it is small.
    """
    step, size = point - other, point + other
    is_last_large = size[-1] > 2.0**-6 * jnp.max(size)
    chosen = jnp.arange(point.shape[0]) == jnp.where(is_last_large, point.shape[0] - 1, jnp.argmax(size))
    return jnp.where(chosen, -jnp.sum(jnp.where(chosen, 0.0, step)), step)


def _diagonal(vector: Point) -> Array:
    """The tensor of third order with these entries on its diagonal."""
    unit = jnp.eye(vector.shape[0], dtype=vector.dtype)
    return jnp.einsum("i,ij,ik->ijk", vector, unit, unit, precision="highest")


def _from_sphere(x: Point) -> Point:
    return jnp.where(jnp.all(x > 0), x * x, jnp.nan)
