"""The geometric family: the number of failures before the first success."""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.families.multinomial import log_probabilities
from numerics.families.negative_binomial import NegativeBinomial


class Geometric(NegativeBinomial):
    """The number x = 0, 1, 2, ... of failures before the first success, with probability ``p (1 - p)^x``."""

    title = "Geometric"
    source = "Johnson, Kemp & Kotz 2005, Univariate Discrete Distributions, section 5.2"
    formulas: ClassVar[Mapping[str, str]] = {
        "Probability": r"P(x) = p\,(1-p)^x, \qquad x = 0, 1, 2, \dots",
        "Natural and expectation parameter": r"\eta = \ln(1-p), \qquad m = \frac{1-p}{p}",
        "Log-partition function": r"\psi = -\ln p",
        "Fisher metric": r"g = \frac{1}{p^2(1-p)}",
        "Distance": r"d = 2\,\left|\operatorname{artanh}\sqrt{1-p} - \operatorname{artanh}\sqrt{1-p'}\right|",
    }
    example: ClassVar[Mapping[str, object]] = {}

    def __init__(self) -> None:
        super().__init__(1.0)

    def log_base_measure(self, x: Array) -> Scalar:
        """0."""
        return jnp.zeros((), x.dtype)

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """0."""
        return jnp.zeros((), point.dtype)

    def sample(self, key: Array, point: Point) -> Array:
        """A rounded exponential variate."""
        return jnp.floor(jax.random.exponential(key, dtype=point.dtype) / -log_probabilities(point)[1])
