"""The Fisher-Rao geometry of a family: tensors, geodesics, divergences and charts behind one object."""

import functools
import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import derivations.families
import numerics.families
from numerics import supports
from numerics.arrays import as_floating, as_point
from numerics.chart_functions import functions
from numerics.charts import CHARTS, Tensors, chart_of
from numerics.generated_family import GeneratedFamily
from numerics.riemannian import RiemannianManifold
from numerics.statistical_family import StatisticalFamily

if TYPE_CHECKING:
    from derivations.family import Family


class Geometry(RiemannianManifold):
    """The Fisher-Rao geometry of a parametric family, in one of its charts.

    Every method takes points of shape (d,), float32 or float64, is jitted and composes with ``jit``, ``vmap``,
    ``grad`` and ``jacfwd``. Points outside the domain give NaN; a wrong shape raises ValueError, a wrong dtype
    TypeError. Charts, log-partition, entropy and the like raise NotImplementedError for a family that does not state
    what they need.

    Attributes:
        name: of the family.
        index: its sizes, by name.
        chart: ``"usual"``, ``"natural"`` or ``"expectation"``.
        coordinates: the names of the d coordinates.
        domain: conditions such as ``"0 < sigma < inf"``.
    """

    dimension: int

    def __init__(
        self,
        name: str,
        family: StatisticalFamily,
        chart: str = "usual",
        index: Mapping[str, object] = {},
    ):
        self.name, self.family, self.chart, self.index = name, family, chart, dict(index or {})
        self._chart = chart_of(family, chart)
        self.dimension = family.parameters.size
        letter = {"natural": "eta", "expectation": "m"}.get(chart)
        self.coordinates: tuple[str, ...] = family.parameters.coordinates
        self.domain: tuple[str, ...] = family.parameters.domain
        if letter:
            self.coordinates = tuple(f"{letter}_{i + 1}" for i in range(self.dimension))
            self.domain = (f"{chart} parameters of a point with {', '.join(self.domain)}",)
        super().__init__(self._functions()["metric"])

    def __repr__(self) -> str:
        parts = [repr(self.name), *(f"{key}={value!r}" for key, value in self.index.items())]
        parts += [f"chart={self.chart!r}"] if self.chart != "usual" else []
        parts += [f"coordinates=({', '.join(self.coordinates)})", f"domain=({', '.join(self.domain)})"]
        return f"Geometry({', '.join(parts)})"

    def convert(self, theta: Array, chart: str) -> Array:
        """The coordinates of a point of this chart in another, shape (d,).

        Raises:
            ValueError: for an unknown chart.
        """
        if chart not in CHARTS:
            raise ValueError(f"no chart is called {chart!r}; there are {', '.join(CHARTS)}")
        return self._function(chart)(self._point(theta))

    def tensors(self, theta: Array) -> Tensors:
        """All tensors at once; in charts whose points take an iteration to find, for the price of one.

        Returns:
            ``metric``, ``inverse_metric``, ``skewness``, ``christoffel``, ``riemann``, ``ricci`` and ``scalar_curvature`` as
            a named tuple.
        """
        return self._function("tensors")(self._point(theta))

    def skewness(self, theta: Array) -> Array:
        """The skewness (Amari-Chentsov) tensor ``T_ijk``, shape (d, d, d)."""
        return self._function("skewness")(self._point(theta))

    def log_partition(self, theta: Array) -> Array:
        """The log-partition ``psi``, a scalar: the potential of the metric in the natural chart."""
        return self._function("log_partition")(self._point(theta))

    def dual_potential(self, theta: Array) -> Array:
        """The Legendre dual ``phi = eta . m - psi``, a scalar: the potential of the metric in the expectation chart."""
        return self._function("dual_potential")(self._point(theta))

    def entropy(self, theta: Array) -> Array:
        """The entropy in nats, a scalar: differential for densities, Shannon's for discrete laws."""
        return self._function("entropy")(self._point(theta))

    def natural_gradient(self, theta: Array, gradient: Array) -> Array:
        """The gradient of a function in the Fisher metric, ``g^ij d_j f``, from its derivatives, shape (d,)."""
        return self._function("natural_gradient")(*self._pair(theta, gradient, "gradient"))

    def distance_bounds(self, theta: Array, other: Array) -> tuple[Array, Array]:
        """A lower and an upper bound of the distance by closed forms, two scalars, valid up to rounding.

        Raises:
            NotImplementedError: for a family without.
        """
        lower, upper = self._jitted["distance_bounds"](*self._pair(theta, other, "other"))
        return lower, upper

    def kl(self, theta: Array, other: Array) -> Array:
        """The Kullback-Leibler divergence ``KL(theta || other)`` in nats, a scalar."""
        return self._function("kl")(*self._pair(theta, other, "other"))

    def alpha_divergence(self, theta: Array, other: Array, alpha: float | Array) -> Array:
        """Amari's alpha-divergence, a scalar (Amari & Nagaoka 2000, section 3.2).

        At -1 it is ``KL(theta || other)``, at 1 ``KL(other || theta)``, and at 0 four times ``1 - int sqrt(p q)``, the
        squared Hellinger distance.
        """
        first, second = self._pair(theta, other, "other")
        return self._function("alpha_divergence")(first, second, jnp.asarray(alpha, first.dtype))

    def statistics(self, x: Array) -> Array:
        """The sufficient statistics of one observation, shape (d,)."""
        return self._function("statistics")(self._observation(x))

    def log_density(self, x: Array, theta: Array) -> Array:
        """The logarithm of the density, or of the probability, of one observation; ``-inf`` outside the support."""
        return self._function("log_density")(self._observation(x), self._point(theta))

    def sample(self, key: Array, theta: Array, shape: tuple[int, ...] = ()) -> Array:
        """Independent observations: an array of ``shape`` followed by the shape of one observation.

        Args:
            key: a key of ``jax.random``.
            theta: the point, shape (d,).
            shape: how many.
        """
        return self._sampler(tuple(shape))(key, self._point(theta))

    def point(self, **parameters: Array) -> Array:
        """The point of this chart with usual parameters given by name, such as ``mean=..., covariance=...``.

        A matrix that is not symmetric gives NaN.

        Raises:
            TypeError: for missing or unknown names, naming those there are.
            ValueError: for a wrong shape.
        """
        theta = self.family.parameters.point(parameters)
        return theta if self.chart == "usual" else self._function("of_usual")(theta)

    def parameters(self, theta: Array) -> dict[str, Array]:
        """The usual parameters of a point by name, vectors and symmetric matrices in their shapes."""
        return self.family.parameters.named(self.convert(theta, "usual"))

    def from_unconstrained(self, free: Array) -> Array:
        """A smooth map from all of R^d onto the domain, for optimisers: exponentials, logistics, Cholesky factors."""
        return self._function("from_unconstrained")(self._point(free, "free"))

    def validate(self, theta: Array | Sequence[float]) -> Array:
        """The point as an array, if it lies in the domain.

        Raises:
            ValueError: naming coordinate, value and domain, or the wrong shape.
            TypeError: for a dtype other than float32 and float64.
        """
        array = as_point(theta, self.dimension, "theta")
        host = np.asarray(array)
        if self.chart == "usual":
            fault = self.family.parameters.fault(host)
        else:
            infinite = [n for n, value in zip(self.coordinates, host, strict=True) if not np.isfinite(value)]
            is_inside = not infinite and bool(self._function("is_inside")(array))
            named = f"{infinite[0]} is not finite in " if infinite else ""
            fault = None if is_inside else f"{named}({', '.join(self.coordinates)}) = {host}; {self.domain[0]}"
        if fault:
            raise ValueError(fault)
        return array

    def _functions(self) -> dict[str, Callable[..., Array]]:
        return functions(self._chart)

    def _function(self, name: str) -> Callable[..., Any]:
        if name not in self._jitted:
            raise NotImplementedError(f"{self.name}: a family that is given by its density has no {name}")
        return self._jitted[name]

    @functools.cache  # noqa: B019  a geometry lives as long as the process
    def _sampler(self, shape: tuple[int, ...]) -> Callable[[Array, Array], Array]:
        @jax.jit
        def draw(key: Array, theta: Array) -> Array:
            is_inside = self._jitted["is_inside"](theta)
            # Drawing by rejection would go on for ever outside the domain.
            inner = self.family.lift(self.family.parameters.constrain(jnp.zeros_like(theta)))
            point = jnp.where(is_inside, self._chart.point(theta), inner)
            drawn = jax.vmap(lambda k: self.family.sample(k, point))(jax.random.split(key, int(np.prod(shape))))
            drawn = jnp.where(is_inside, drawn, jnp.nan)
            return drawn.reshape(*shape, *drawn.shape[1:])

        return draw

    def _observation(self, x: Array) -> Array:
        array, wanted = as_floating(x, "x"), supports.event_shape(self.family.support)
        if array.shape != wanted:
            raise ValueError(f"x has shape {array.shape}; it must be {wanted}, one observation: use jax.vmap for more")
        return array


def families() -> tuple[str, ...]:
    """The names of the shipped families."""
    return tuple(sorted((*derivations.families.names(), *numerics.families.names())))


def example(name: str) -> Mapping[str, Any]:
    """Sizes for which a shipped family is shown and checked; empty for a family without."""
    return numerics.families.load(name).example if name in numerics.families.names() else {}


def geometry(family: "str | Family", chart: str = "usual", **index: Any) -> Geometry:
    """The Fisher-Rao geometry of a family.

    Args:
        family: the name of a shipped family (see :func:`families`), or a :class:`derivations.family.Family`, whose
            geometry is derived and compiled on the spot.
        chart: ``"usual"`` for the parameters people use, ``"natural"`` or ``"expectation"``.
        index: the sizes of a family that has them, such as ``dimension=3``.

    Raises:
        TypeError: for a family that is neither, and for missing or unknown sizes.
        ValueError: for a name that no shipped family has, an unknown chart, or a size out of range.
        NotImplementedError: for a chart that the family does not state.
        StepFailed: when one of the family's own forms differs from the derived expression that it stands for.
        UnsupportedFunction: when a family's geometry contains a function without a JAX counterpart.
    """
    if isinstance(family, str):
        if family not in families():
            raise ValueError(f"no family is called {family!r}; there are {', '.join(families())}")
        return _shipped(family, chart, tuple(sorted((key, _hashable(value)) for key, value in index.items())))
    from derivations.family import Family

    if not isinstance(family, Family):
        raise TypeError(f"family must be a name or a thermogeometry.Family, not {type(family).__name__}")
    if index:
        raise TypeError(f"family {family.name!r} has no sizes, not {', '.join(index)}")
    if family.log_density is None:
        return Geometry(family.name, _described(family), chart)
    from numerics.density_family import from_description

    return Geometry(family.name, from_description(family), chart)


def _described(family: "Family") -> GeneratedFamily:
    from numerics.codegen import module_source

    family.forms_agree()
    module = ModuleType(f"generated_{family.name}")
    exec(compile(module_source(family), f"<geometry of {family.name}>", "exec"), module.__dict__)
    return GeneratedFamily(family.name, module)


@functools.cache
def _shipped(name: str, chart: str, index: tuple[tuple[str, object], ...]) -> Geometry:
    if name in numerics.families.names():
        return Geometry(name, numerics.families.create(name, **dict(index)), chart, dict(index))
    if index:
        raise TypeError(f"family {name!r} has no sizes, not {', '.join(key for key, _ in index)}")
    module = importlib.import_module(f"numerics.generated.{name}")
    own = f"numerics.{name}"
    by_hand = importlib.import_module(own) if importlib.util.find_spec(own) else None
    return Geometry(name, GeneratedFamily(name, module, by_hand), chart)


def _hashable(value: object) -> object:
    """Arrays and lists among the sizes as nested tuples."""
    if isinstance(value, np.ndarray | Array):
        value = np.asarray(value).tolist()
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value
