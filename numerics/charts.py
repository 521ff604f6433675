"""Coordinates of a family: its usual parameters, and the natural and expectation parameters of an exponential one.

In the natural chart the metric is the covariance C of the statistics and ``Gamma_ijk = T_ijk / 2`` with the third cumulants
T; in the expectation chart the metric is the inverse of C, T is raised by it, and ``Gamma_ijk = -T_ijk / 2``: the connections
with alpha = 1 and -1 are flat there (Amari & Nagaoka 2000, section 3.3).
"""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import jax.numpy as jnp
from jax import Array

from numerics import hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.statistical_family import StatisticalFamily


class Tensors(NamedTuple):
    """The tensors at one point, in the index order of :mod:`derivations.riemannian`: a scalar, (d, d), ... (d, d, d, d)."""

    metric: Matrix
    inverse_metric: Matrix
    skewness: Array
    christoffel: Array
    riemann: Array
    ricci: Matrix
    scalar_curvature: Scalar


class Chart(ABC):
    """Coordinates x of a family, shape (d,), and the components of its tensors by them.

    The components are functions of the point, not of x: finding the point may take an iteration, and is done once for all
    of them.
    """

    name: ClassVar[str]
    family: StatisticalFamily

    @abstractmethod
    def point(self, x: Point) -> Point:
        """The point with coordinates x; NaN or outside the domain where there is none."""

    @abstractmethod
    def of_point(self, point: Point) -> Point:
        """The coordinates of a point."""

    @abstractmethod
    def metric(self, point: Point) -> Matrix:
        """The Fisher metric, shape (d, d)."""

    @abstractmethod
    def inverse_metric(self, point: Point) -> Matrix:
        """Its inverse, shape (d, d)."""

    @abstractmethod
    def skewness(self, point: Point) -> Array:
        """The skewness tensor, shape (d, d, d)."""

    @abstractmethod
    def christoffel(self, point: Point) -> Array:
        """The Christoffel symbols, shape (d, d, d)."""

    @abstractmethod
    def curvature(self, point: Point) -> hessian_geometry.Curvature:
        """Riemann tensor, Ricci tensor and scalar curvature."""

    @abstractmethod
    def scalar_curvature(self, point: Point) -> Scalar:
        """The scalar curvature."""

    def tensors(self, point: Point) -> Tensors:
        """All of them."""
        curvature = self.curvature(point)
        return Tensors(
            self.metric(point),
            self.inverse_metric(point),
            self.skewness(point),
            self.christoffel(point),
            curvature.riemann,
            curvature.ricci,
            self.scalar_curvature(point),
        )

    def from_usual(self, theta: Point) -> Point:
        """The coordinates of the point with these usual parameters."""
        return self.of_point(self.family.lift(theta))

    def to_usual(self, x: Point) -> Point:
        """The usual parameters of the point with these coordinates."""
        return self.family.drop(self.point(x))


class Usual(Chart):
    """The parameters that people use."""

    name = "usual"

    def __init__(self, family: StatisticalFamily):
        self.family = family

    def point(self, x: Point) -> Point:
        """Lifted."""
        return self.family.lift(x)

    def of_point(self, point: Point) -> Point:
        """Dropped."""
        return self.family.drop(point)

    def metric(self, point: Point) -> Matrix:
        """That of the family."""
        return self.family.metric(self.family.drop(point))

    def inverse_metric(self, point: Point) -> Matrix:
        """That of the family."""
        return self.family.inverse_metric(self.family.drop(point))

    def skewness(self, point: Point) -> Array:
        """That of the family."""
        return self.family.skewness(self.family.drop(point))

    def christoffel(self, point: Point) -> Array:
        """Those of the family."""
        return self.family.christoffel(self.family.drop(point))

    def curvature(self, point: Point) -> hessian_geometry.Curvature:
        """That of the family."""
        return self.family.curvature(self.family.drop(point))

    def scalar_curvature(self, point: Point) -> Scalar:
        """That of the family."""
        return self.family.scalar_curvature(self.family.drop(point))


class Natural(Chart):
    """The natural parameters eta."""

    name = "natural"

    def __init__(self, family: ExponentialFamily):
        self.family: ExponentialFamily = family

    def point(self, x: Point) -> Point:
        """By the family's way back."""
        return self.family.from_natural(x)

    def of_point(self, point: Point) -> Point:
        """The natural parameters."""
        return self.family.natural(point)

    def metric(self, point: Point) -> Matrix:
        """The covariance of the statistics."""
        return self.family.covariance(point)

    def inverse_metric(self, point: Point) -> Matrix:
        """The inverse of the covariance."""
        return self.family.precision(point)

    def skewness(self, point: Point) -> Array:
        """The third cumulants of the statistics."""
        return self.family.third_cumulants(point)

    def christoffel(self, point: Point) -> Array:
        """Half of T with an index raised."""
        return 0.5 * _contract("im,mjk->ijk", self.inverse_metric(point), self.skewness(point))

    def curvature(self, point: Point) -> hessian_geometry.Curvature:
        """By the Hessian identities."""
        return hessian_geometry.curvature(self.inverse_metric(point), self.skewness(point))

    def scalar_curvature(self, point: Point) -> Scalar:
        """That of the point, whatever the chart."""
        return self.family.invariant_curvature(point)


class Expectation(Natural):
    """The expectation parameters m."""

    name = "expectation"

    def point(self, x: Point) -> Point:
        """By the family's way back."""
        return self.family.from_expectation(x)

    def of_point(self, point: Point) -> Point:
        """The expectation parameters."""
        return self.family.expectation(point)

    def metric(self, point: Point) -> Matrix:
        """The inverse of the covariance of the statistics."""
        return self.family.precision(point)

    def inverse_metric(self, point: Point) -> Matrix:
        """The covariance of the statistics."""
        return self.family.covariance(point)

    def skewness(self, point: Point) -> Array:
        """The third cumulants with all indices raised."""
        return hessian_geometry.in_frame(self.family.third_cumulants(point), self.metric(point))

    def christoffel(self, point: Point) -> Array:
        """Less half of T with an index raised; the covariance that raises it has been divided out."""
        raised = self.metric(point)
        return -0.5 * _contract("bj,ck,ibc->ijk", raised, raised, self.family.third_cumulants(point))


CHARTS = ("usual", "natural", "expectation")


def chart_of(family: StatisticalFamily, name: str) -> Chart:
    """The chart of a family by its name, one of :data:`CHARTS`.

    Raises:
        ValueError: for an unknown name.
        NotImplementedError: for the natural or the expectation chart of a family that does not state them.
    """
    if name not in CHARTS:
        raise ValueError(f"no chart is called {name!r}; there are {', '.join(CHARTS)}")
    if name == "usual":
        return Usual(family)
    if not (isinstance(family, ExponentialFamily) and family.has_charts):
        raise NotImplementedError(
            f"family {family.title!r} has no {name} chart: state its log_partition and from_natural"
        )
    return Natural(family) if name == "natural" else Expectation(family)


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
