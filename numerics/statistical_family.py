"""What every parametric family of probability distributions offers, however it is given."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from numerics import hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.model_spaces import Isometry
from numerics.parameters import Parameters
from numerics.riemannian import from_christoffel
from numerics.supports import Support


class StatisticalFamily(ABC):
    """A family of dimension d in its usual chart.

    *theta* are the usual parameters, shape (d,); *a point* is theta unless the family lifts it to a redundant description
    without cancellation, such as all probabilities in place of all but the last. Points are taken to lie inside the domain;
    :class:`numerics.geometry.Geometry` checks, masks and compiles.

    Attributes:
        title: what people call it.
        source: where it is defined.
        example: sizes for which the checks and the report show it.
        formulas: LaTeX by title, for the report.
        parameters: the usual parameters and their domains; set by ``__init__``, which takes the sizes as keywords.
        support: where the random variable lives.
        isometry: from points onto a space with closed forms of exp, log and distance, if there is one.
        has_charts: whether the natural and the expectation chart are known.
        has_density: whether the density of an observation is known.
    """

    title: ClassVar[str]
    source: ClassVar[str] = ""
    example: ClassVar[Mapping[str, object]] = {}
    formulas: ClassVar[Mapping[str, str]] = {}
    parameters: Parameters
    support: Support
    isometry: Isometry | None = None
    has_charts: bool = False
    has_density: bool = True

    def lift(self, theta: Point) -> Point:
        """The point with these usual parameters."""
        return theta

    def drop(self, point: Point) -> Point:
        """The usual parameters of a point."""
        return point

    def inside(self, point: Point) -> Array:
        """Whether a point lies in the domain."""
        return self.parameters.inside(point)

    @abstractmethod
    def log_density(self, x: Array, point: Point) -> Scalar:
        """``log p(x)``: of the density, or of the probability of counts."""

    def sample(self, key: Array, point: Point) -> Array:
        """One observation, in the dtype of the point.

        Raises:
            NotImplementedError: where the family does not say how to draw.
        """
        raise NotImplementedError(f"{self.title}: how to draw is not known")

    @abstractmethod
    def metric(self, theta: Point) -> Matrix:
        """The Fisher metric in the usual chart, shape (d, d)."""

    def inverse_metric(self, theta: Point) -> Matrix:
        """The inverse of :meth:`metric`, shape (d, d)."""
        return hessian_geometry.inverse_metric(self.metric(theta))

    @abstractmethod
    def skewness(self, theta: Point) -> Array:
        """The skewness tensor in the usual chart, shape (d, d, d)."""

    @abstractmethod
    def christoffel(self, theta: Point) -> Array:
        """The Christoffel symbols ``Gamma^i_jk`` in the usual chart, shape (d, d, d)."""

    @abstractmethod
    def curvature(self, theta: Point) -> hessian_geometry.Curvature:
        """Riemann tensor, Ricci tensor and scalar curvature in the usual chart."""

    @abstractmethod
    def scalar_curvature(self, theta: Point) -> Scalar:
        """The scalar curvature at a point of the usual chart."""

    @abstractmethod
    def kl(self, point: Point, other: Point) -> Scalar:
        """``KL(point || other)`` in nats."""

    @abstractmethod
    def entropy(self, point: Point) -> Scalar:
        """The entropy ``-E log p`` in nats: differential for a density, Shannon's for counts."""

    def exp(self, theta: Point, v: Point) -> Point:
        """The exponential map in the usual chart, shape (d,)."""
        isometry = self._usual_isometry
        return isometry.exp(theta, v) if isometry else self._integrated["exp"](theta, v)

    def log(self, theta: Point, other: Point) -> Point:
        """The logarithm in the usual chart, shape (d,)."""
        isometry = self._usual_isometry
        return isometry.log(theta, other) if isometry else self._integrated["log"](theta, other)

    def distance(self, theta: Point, other: Point) -> Scalar:
        """The Fisher-Rao distance of two points of the usual chart."""
        isometry = self._usual_isometry
        return isometry.distance(theta, other) if isometry else self._integrated["distance"](theta, other)

    def distance_bounds(self, theta: Point, other: Point) -> Array:
        """A lower and an upper bound of :meth:`distance` by closed forms, shape (2,).

        Raises:
            NotImplementedError: where none is known and the distance has no closed form either.
        """
        if self.isometry is None:
            raise NotImplementedError(f"{self.title}: no bounds of the distance are known")
        return jnp.repeat(self.distance(theta, other), 2)

    @property
    def _usual_isometry(self) -> Isometry | None:
        return self.isometry.after(self.lift, self.drop) if self.isometry else None

    @cached_property
    def _integrated(self) -> dict[str, Callable[..., Array]]:
        return from_christoffel(self.metric, self.christoffel)
