"""The categorical family: the open simplex of all laws on finitely many outcomes."""

from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.families.multinomial import Multinomial, log_probabilities
from numerics.supports import Finite


class Categorical(Multinomial):
    """One of n outcomes, as the unit vector x of shape (n,): the multinomial family with one trial.

    Args:
        categories: how many outcomes, at least 2.
    """

    title = "Categorical"
    source = "Amari & Nagaoka 2000, section 2.5"
    formulas: ClassVar[Mapping[str, str]] = {
        "Probability": r"P(x = i) = p_i, \qquad p_n = 1 - p_1 - \dots - p_{n-1}",
        "Natural and expectation parameters": r"\eta_i = \ln\frac{p_i}{p_n}, \qquad m_i = p_i",
        "Log-partition function": r"\psi = -\ln p_n = \ln\left(1 + \sum_i e^{\eta_i}\right)",
        "Fisher metric": r"g_{ij} = \frac{\delta_{ij}}{p_i} + \frac{1}{p_n}",
        "Distance": r"d = 2 \arccos \sum_{i=1}^{n} \sqrt{p_i p'_i}",
        "Curvature": r"K = \tfrac14, \qquad R = \tfrac14 (n-1)(n-2)",
    }
    example: ClassVar[Mapping[str, object]] = {"categories": 3}

    def __init__(self, categories: int):
        super().__init__(1, categories)
        self.support = Finite(np.eye(self.categories))

    def entropy(self, point: Point) -> Scalar:
        """``-sum p_i log p_i``."""
        return -self.dual_potential(point)

    def log_base_measure(self, x: Array) -> Scalar:
        """0."""
        return jnp.zeros((), x.dtype)

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """0."""
        return jnp.zeros((), point.dtype)

    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p_i``."""
        return jnp.vdot(x, log_probabilities(point), precision="highest")

    def sample(self, key: Array, point: Point) -> Array:
        """The largest of the log-probabilities with Gumbel noise."""
        index = jax.random.categorical(key, log_probabilities(point))
        return jax.nn.one_hot(index, self.categories, dtype=point.dtype)
