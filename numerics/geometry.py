"""The Fisher-Rao geometry of a family: generated tensors, geodesics and divergence behind one object."""

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np
from jax import Array

import derivations.families
from numerics.arrays import as_point
from numerics.riemannian import RiemannianManifold, from_christoffel

if TYPE_CHECKING:
    from derivations.family import Family

_TENSORS = ("metric", "inverse_metric", "christoffel", "skewness", "riemann", "ricci", "scalar_curvature")


class Geometry(RiemannianManifold):
    """The Fisher-Rao geometry of a parametric family, in its coordinates.

    Every method takes points of shape (d,), float32 or float64, is jitted and composes with ``jit``, ``vmap``,
    ``grad`` and ``jacfwd``. Points outside the domain give NaN; a wrong shape raises ValueError, a wrong dtype
    TypeError.

    Attributes:
        name: of the family.
        coordinates: the names of the d coordinates.
        domain: one condition per coordinate, such as ``"0 < sigma < inf"``.
    """

    def __init__(self, name: str, module: ModuleType, geodesics: ModuleType | None = None):
        super().__init__(module.metric)
        self.name = name
        self.coordinates: tuple[str, ...] = module.COORDINATES
        self.domain: tuple[str, ...] = module.DOMAIN
        self.dimension = len(self.coordinates)
        self._module, self._geodesics = module, geodesics

    def __repr__(self) -> str:
        return (
            f"Geometry({self.name!r}, coordinates=({', '.join(self.coordinates)}), domain=({', '.join(self.domain)}))"
        )

    def skewness(self, theta: Array) -> Array:
        """The skewness (Amari-Chentsov) tensor ``T_ijk``, shape (d, d, d)."""
        return self._jitted["skewness"](self._point(theta))

    def kl(self, theta: Array, other: Array) -> Array:
        """The Kullback-Leibler divergence ``KL(theta || other)`` in nats, a scalar.

        Raises:
            NotImplementedError: for a family with a density and no closed form of the divergence.
        """
        if "kl" not in self._jitted:
            raise NotImplementedError(f"{self.name}: no closed form of the divergence; give forms={{'kl': ...}}")
        return self._jitted["kl"](*self._pair(theta, other, "other"))

    def validate(self, theta: Array | Sequence[float]) -> Array:
        """The point as an array, if it lies in the domain.

        Raises:
            ValueError: naming coordinate, value and domain, or the wrong shape.
            TypeError: for a dtype other than float32 and float64.
        """
        array = as_point(theta, len(self.coordinates), "theta")
        if bool(self._module.inside(array)):
            return array
        bounds = np.asarray(self._module.BOUNDS, array.dtype)
        for index, (lower, upper) in enumerate(bounds):
            value = np.asarray(array)[index]
            is_end = self._module.CLOSED[index] and np.isfinite(value) and value in (lower, upper)
            if not (lower < value < upper or is_end):
                raise ValueError(f"{self.coordinates[index]} = {float(value)}; its domain is {self.domain[index]}")
        raise ValueError(f"theta = {np.asarray(array)} is outside the domain {', '.join(self.domain)}")

    def _functions(self) -> dict[str, Callable[..., Array]]:
        names = [*_TENSORS, *(["kl"] if hasattr(self._module, "kl") else [])]
        functions = {name: getattr(self._module, name) for name in names}
        if self._geodesics is None:
            return functions | self._masked(from_christoffel(self._module.metric, self._module.christoffel))
        return functions | {name: getattr(self._geodesics, name) for name in ("exp", "log", "distance")}

    def _masked(self, functions: dict[str, Callable[..., Array]]) -> dict[str, Callable[..., Array]]:
        def masked(function: Callable[..., Array], both: bool) -> Callable[..., Array]:
            def apply(theta: Array, other: Array) -> Array:
                is_inside = self._module.inside(theta) & (self._module.inside(other) if both else True)
                return jnp.where(is_inside, function(theta, other), jnp.nan)

            return apply

        return {name: masked(function, both=name != "exp") for name, function in functions.items()}


def families() -> tuple[str, ...]:
    """The names of the shipped families."""
    return derivations.families.names()


@cache
def _shipped(name: str) -> Geometry:
    module = importlib.import_module(f"numerics.generated.{name}")
    own = f"numerics.{name}"
    return Geometry(name, module, importlib.import_module(own) if importlib.util.find_spec(own) else None)


def geometry(family: "str | Family") -> Geometry:
    """The Fisher-Rao geometry of a family.

    Args:
        family: the name of a shipped family (see :func:`families`), or a :class:`derivations.family.Family`, whose
            geometry is derived and compiled on the spot.

    Raises:
        TypeError: for what is neither.
        ValueError: for a name that no shipped family has.
        StepFailed: when one of the family's own forms differs from the derived expression that it stands for.
        UnsupportedFunction: when a family's geometry contains a function without a JAX counterpart.
    """
    if isinstance(family, str):
        if family not in families():
            raise ValueError(f"no family is called {family!r}; there are {', '.join(families())}")
        return _shipped(family)
    from derivations.family import Family
    from numerics.codegen import module_source

    if not isinstance(family, Family):
        raise TypeError(f"family must be a name or a thermogeometry.Family, not {type(family).__name__}")
    if family.forms:
        family.forms_agree()
    module = ModuleType(f"generated_{family.name}")
    exec(compile(module_source(family), f"<geometry of {family.name}>", "exec"), module.__dict__)
    return Geometry(family.name, module)
