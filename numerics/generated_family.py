"""Families whose formulas are generated from a symbolic description: :mod:`numerics.generated`, or printed on the spot."""

from collections.abc import Callable, Sequence
from types import ModuleType

import jax.numpy as jnp
from jax import Array

from numerics import divergences, hessian_geometry, model_spaces
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.model_spaces import Isometry, Space
from numerics.parameters import Interval, Parameters
from numerics.supports import Counts, Line

# What may be written by hand.
OWN = ("dual_potential", "exp", "log", "distance", "from_expectation", "sample")
_SPACES: dict[str, type[Space]] = {"euclidean": model_spaces.Euclidean, "hyperbolic": model_spaces.Hyperbolic}


def bounded(names: Sequence[str], bounds: Sequence[tuple[float, float]], closed: Sequence[bool]) -> Parameters:
    """Parameters that are numbers between bounds."""
    return Parameters(
        *(Interval(name, (), *ends, is_closed) for name, ends, is_closed in zip(names, bounds, closed, strict=True))
    )


class GeneratedFamily(ExponentialFamily):
    """A family by its generated module; what its author left out raises NotImplementedError.

    Args:
        name: of the family.
        module: the generated functions.
        own: a module with functions written by hand, of any of the names in ``OWN``; they take precedence.
    """

    def __init__(self, name: str, module: ModuleType, own: ModuleType | None = None):
        self.title = self.name = name  # type: ignore[misc]
        self.module, self.own = module, {key: getattr(own, key) for key in OWN if hasattr(own, key)}
        self.has_charts = hasattr(module, "natural") and hasattr(module, "from_natural")
        self.has_density = hasattr(module, "statistics")
        self.parameters = bounded(module.COORDINATES, module.BOUNDS, module.CLOSED)
        if module.SUPPORT is not None:
            lower, upper = module.SUPPORT
            self.support = Counts(int(lower), upper) if module.DISCRETE else Line(lower, upper)
        if hasattr(module, "image"):
            space = _SPACES[module.SPACE]()
            self.isometry = Isometry(space, module.image, module.preimage, module.SCALE)

    def inside(self, point: Point) -> Array:
        """Whether a point lies in the domain."""
        return self.module.inside(point)

    def natural(self, point: Point) -> Point:
        """The natural parameters."""
        return self._given("natural")(point)

    def from_natural(self, eta: Point) -> Point:
        """The point with natural parameters eta."""
        return self._given("from_natural")(eta)

    def log_partition(self, point: Point) -> Scalar:
        """The log-partition."""
        return self._given("log_partition")(point)

    def expectation(self, point: Point) -> Point:
        """The expectation parameters."""
        return self._given("expectation")(point)

    def covariance(self, point: Point) -> Matrix:
        """The covariance of the statistics."""
        return self._given("covariance")(point)

    def precision(self, point: Point) -> Matrix:
        """The inverse of the covariance."""
        return self._given("precision")(point)

    def third_cumulants(self, point: Point) -> Array:
        """The third cumulants of the statistics."""
        return self._given("third_cumulants")(point)

    def from_expectation(self, m: Point) -> Point:
        """The point with expectation parameters m, by its closed form if it has one."""
        default = getattr(self.module, "from_expectation", super().from_expectation)
        return self.own.get("from_expectation", default)(m)

    def statistics(self, x: Array) -> Point:
        """The sufficient statistics."""
        return self._given("statistics")(x)

    def log_base_measure(self, x: Array) -> Scalar:
        """``log h``."""
        return self._given("log_base_measure")(x)

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """``E log h``; 0 unless the author says otherwise, as the module records."""
        if hasattr(self.module, "mean_log_base_measure"):
            return self.module.mean_log_base_measure(point)
        if not self.module.UNIT_MEASURE:
            raise NotImplementedError(f"{self.name}: the entropy needs mean_log_base_measure")
        return jnp.zeros((), point.dtype)

    def sample(self, key: Array, point: Point) -> Array:
        """One observation."""
        return self.own["sample"](key, point) if "sample" in self.own else self._given("sample")(key, point)

    def metric(self, theta: Point) -> Matrix:
        """The Fisher metric."""
        return self.module.metric(theta)

    def inverse_metric(self, theta: Point) -> Matrix:
        """The inverse metric."""
        return self.module.inverse_metric(theta)

    def skewness(self, theta: Point) -> Array:
        """The skewness tensor."""
        return self.module.skewness(theta)

    def christoffel(self, theta: Point) -> Array:
        """The Christoffel symbols."""
        return self.module.christoffel(theta)

    def curvature(self, theta: Point) -> hessian_geometry.Curvature:
        """Riemann tensor, Ricci tensor and scalar curvature."""
        module = self.module
        return hessian_geometry.Curvature(module.riemann(theta), module.ricci(theta), module.scalar_curvature(theta))

    def invariant_curvature(self, point: Point) -> Scalar:
        """The scalar curvature."""
        return self.module.scalar_curvature(point)

    def kl(self, point: Point, other: Point) -> Scalar:
        """The divergence: the author's form, else the Bregman divergence of psi."""
        if self.module.OWN_KL or not self.has_charts:
            return self._given("kl")(point, other)
        return divergences.bregman(self, point, other)

    def dual_potential(self, point: Point) -> Scalar:
        """The dual potential."""
        return self.own.get("dual_potential", super().dual_potential)(point)

    def exp(self, theta: Point, v: Point) -> Point:
        """The exponential map."""
        return self.own.get("exp", super().exp)(theta, v)

    def log(self, theta: Point, other: Point) -> Point:
        """The logarithm."""
        return self.own.get("log", super().log)(theta, other)

    def distance(self, theta: Point, other: Point) -> Scalar:
        """The distance."""
        return self.own.get("distance", super().distance)(theta, other)

    def _given(self, name: str) -> Callable[..., Array]:
        if not hasattr(self.module, name):
            raise NotImplementedError(f"{self.name}: {name} is not known; its family does not state what it needs")
        return getattr(self.module, name)
