"""Normal laws with one standard deviation in every direction."""

import math
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.elementary import gaussian_divergence
from numerics.model_spaces import Hyperbolic, Isometry
from numerics.normal_frame import NormalFamily, Standard
from numerics.parameters import Interval, Parameters
from numerics.sizes import whole_number
from numerics.supports import Vectors


class IsotropicNormal(NormalFamily):
    """``N(mean, sigma^2 1)``: hyperbolic space of curvature ``-1/(2p)`` and dimension p + 1.

    The statistics are ``x`` and ``|x|^2``.

    Args:
        dimension: p, at least 1.
    """

    title = "Isotropic normal"
    source = "Skovgaard 1984; Costa, Santos & Strapasson 2015, section 2"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": r"p(x) = (2\pi\sigma^2)^{-p/2} \exp\left(-\frac{|x-\mu|^2}{2\sigma^2}\right)",
        "Log-partition function": r"\psi = \frac{|\mu|^2}{2\sigma^2} + p \ln\sigma + \frac p2 \ln 2\pi",
        "Fisher metric": r"ds^2 = \frac{|d\mu|^2 + 2p\,d\sigma^2}{\sigma^2}",
        "Curvature": r"K = -\frac{1}{2p}, \qquad R = -\frac{p+1}{2}",
        "Distance": (
            r"d = 2\sqrt{2p}\,\operatorname{arsinh}\sqrt{\frac{|\mu-\mu'|^2/(2p) + "
            r"(\sigma-\sigma')^2}{4\sigma\sigma'}}"
        ),
    }
    example: ClassVar[Mapping[str, object]] = {"dimension": 2}

    def __init__(self, dimension: int):
        self.size = size = whole_number(dimension, "dimension", 1)
        self.parameters = Parameters(Interval("mean", (size,)), Interval("sigma", lower=0.0))
        self.support = Vectors(size)
        self.standard = _standard(size)
        self.constant_curvature = -(size + 1) / 2
        root = math.sqrt(2.0 * size)
        self.isometry = Isometry(
            Hyperbolic(),
            lambda theta: theta / _scaled(theta, root, 1.0),
            lambda image: image * _scaled(image, root, 1.0),
            root,
        )

    def natural(self, point: Point) -> Point:
        """``mu / sigma^2`` and ``-1 / (2 sigma^2)``."""
        mean, sigma = point[:-1], point[-1]
        return jnp.append(mean / sigma, -0.5 / sigma) / sigma

    def from_natural(self, eta: Point) -> Point:
        """``sigma = (-2 eta)^-1/2`` of the last, and ``mu = sigma^2 eta`` of the others."""
        variance = -0.5 / eta[-1]
        return jnp.append(variance * eta[:-1], jnp.sqrt(variance))

    def log_partition(self, point: Point) -> Scalar:
        """``|mu / sigma|^2 / 2 + p log sigma + p log(2 pi) / 2``."""
        mean, sigma = point[:-1], point[-1]
        return 0.5 * jnp.sum((mean / sigma) ** 2) + self.size * (jnp.log(sigma) + 0.5 * math.log(2 * math.pi))

    def expectation(self, point: Point) -> Point:
        """``mu`` and ``|mu|^2 + p sigma^2``."""
        mean, sigma = point[:-1], point[-1]
        return jnp.append(mean, jnp.sum(mean**2) + self.size * sigma**2)

    def from_expectation(self, m: Point) -> Point:
        """``sigma^2`` is the last, less the squares of the others, over p."""
        return jnp.append(m[:-1], jnp.sqrt((m[-1] - jnp.sum(m[:-1] ** 2)) / self.size))

    def rows(self, theta: Point) -> Matrix:
        """``1 / sigma``."""
        return jnp.eye(self.size + 1, dtype=theta.dtype) / theta[-1]

    def columns(self, theta: Point) -> Matrix:
        """``sigma``."""
        return jnp.eye(self.size + 1, dtype=theta.dtype) * theta[-1]

    def moments(self, point: Point) -> Matrix:
        """From ``|x|^2 - |mu|^2 = 2 sigma mu . z + sigma^2 |z|^2``."""
        mean, sigma = point[:-1], point[-1]
        matrix = jnp.diag(jnp.append(jnp.full_like(mean, 1.0), sigma)).at[-1, :-1].set(2.0 * mean)
        return sigma * matrix

    def inverse_moments(self, point: Point) -> Matrix:
        """From ``|z|^2 = (|x|^2 - |mu|^2 - 2 mu . (x - mu)) / sigma^2``."""
        mean, sigma = point[:-1], point[-1]
        matrix = jnp.diag(jnp.append(jnp.full_like(mean, 1.0), 1.0 / sigma)).at[-1, :-1].set(-2.0 * mean / sigma)
        return matrix / sigma

    def kl(self, point: Point, other: Point) -> Scalar:
        """Half the squared difference of the means over ``sigma'^2``, and p times that of the deviations."""
        shift = (point[:-1] - other[:-1]) / other[-1]
        spread = gaussian_divergence(jnp.zeros_like(point[-1]), point[-1], other[-1])
        return 0.5 * jnp.sum(shift**2) + self.size * spread

    def entropy(self, point: Point) -> Scalar:
        """``p log(2 pi e sigma^2) / 2``."""
        return self.size * (jnp.log(point[-1]) + 0.5 * (1.0 + math.log(2 * math.pi)))

    def statistics(self, x: Array) -> Point:
        """``x`` and ``|x|^2``."""
        return jnp.append(x, jnp.sum(x**2))

    def log_density(self, x: Array, point: Point) -> Scalar:
        """By the whitened difference from the mean."""
        mean, sigma = point[:-1], point[-1]
        constant = self.size * (jnp.log(sigma) + 0.5 * math.log(2 * math.pi))
        return -0.5 * jnp.sum(((x - mean) / sigma) ** 2) - constant

    def sample(self, key: Array, point: Point) -> Array:
        """``mu + sigma z``."""
        return point[:-1] + point[-1] * jax.random.normal(key, (self.size,), point.dtype)


def _scaled(like: Array, first: float, last: float) -> Array:
    return jnp.append(jnp.full_like(like[:-1], first), jnp.asarray(last, like.dtype))


def _standard(size: int) -> Standard:
    """The frame ``(dmu, dsigma) / sigma`` with the statistics z and ``|z|^2 - p``; metric ``(dmu^2 + 2p dsigma^2)/sigma^2``."""
    d = size + 1
    skewness, christoffel = np.zeros((d, d, d)), np.zeros((d, d, d))
    unit = np.eye(size)
    skewness[:-1, :-1, -1] = skewness[:-1, -1, :-1] = skewness[-1, :-1, :-1] = 2.0 * unit
    skewness[-1, -1, -1] = 8.0 * size
    christoffel[:-1, :-1, -1] = christoffel[:-1, -1, :-1] = -unit
    christoffel[-1, :-1, :-1] = unit / (2 * size)
    christoffel[-1, -1, -1] = -1.0
    return Standard(np.ones(d), np.append(np.ones(size), 2.0 * size), skewness, christoffel)
