"""The binomial family: the number of successes in independent trials."""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.families.multinomial import Multinomial
from numerics.parameters import Interval, Parameters
from numerics.supports import Counts


class Binomial(Multinomial):
    """The number x of successes in N trials: the multinomial family with two outcomes.

    The parameter is the probability p of success, the natural one ``log(p / (1 - p))``; a point is ``(p, 1 - p)``. One trial
    is the Bernoulli family.

    Args:
        trials: how many, at least 1.
    """

    title = "Binomial"
    source = "Amari & Nagaoka 2000, section 2.3"
    formulas: ClassVar[Mapping[str, str]] = {
        "Probability": r"P(x) = \binom{n}{x} p^x (1-p)^{n-x}",
        "Natural and expectation parameter": r"\eta = \ln\frac{p}{1-p}, \qquad m = n p",
        "Log-partition function": r"\psi = -n \ln(1-p) = n \ln(1 + e^{\eta})",
        "Fisher metric": r"g = \frac{n}{p(1-p)}",
        "Distance": r"d = 2\sqrt{n}\,\left|\arcsin\sqrt{p} - \arcsin\sqrt{p'}\right|",
    }
    example: ClassVar[Mapping[str, object]] = {"trials": 7}

    def __init__(self, trials: int):
        super().__init__(trials, 2)
        self.parameters = Parameters(Interval("p", (), 0.0, 1.0))
        self.support = Counts(0, self.trials)

    def statistics(self, x: Array) -> Point:
        """The count."""
        return jnp.reshape(x, (1,))

    def log_base_measure(self, x: Array) -> Scalar:
        """The logarithm of the binomial coefficient."""
        return super().log_base_measure(self._outcomes(x))

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``, without the cancellation of factorials."""
        return super().log_density(self._outcomes(x), point)

    def sample(self, key: Array, point: Point) -> Array:
        """Counted from the side on which there are fewer."""
        rare = jnp.min(point)
        number = jax.random.binomial(key, jnp.asarray(self.trials, point.dtype), rare, dtype=point.dtype)
        return jnp.where(point[0] <= point[1], number, self.trials - number)

    def _outcomes(self, x: Array) -> Array:
        return jnp.stack([x, self.trials - x])
