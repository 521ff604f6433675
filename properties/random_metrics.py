"""Random smooth metrics and random Hessian metrics, their tensors at batches of points, and identities held to rounding."""

import operator
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, reduce
from types import MappingProxyType

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
from hypothesis.extra.numpy import arrays

from derivations import curvature_identities as identities
from derivations.index_notation import Tensors
from numerics.curvature_identities import CANCELLING, geometry_at
from numerics.riemannian import from_metric
from properties.checks import agree

DIMENSIONS = (3, 4)
POINTS = 4


class Batch:
    """Arithmetic of arrays whose first axis numbers the points; ``absolute`` adds sizes where the sum may cancel."""

    def __init__(self, absolute: bool = False):
        self._absolute = absolute

    def contract(self, subscripts: str, operands: Sequence[np.ndarray]) -> np.ndarray:
        """The sum of products at every point."""
        inputs, output = subscripts.split("->")
        batched = ",".join("..." + letters for letters in inputs.split(","))
        return np.einsum(f"{batched}->...{output}", *operands, optimize=True)

    def combine(self, terms: Sequence[tuple[Fraction, np.ndarray]]) -> np.ndarray:
        """The linear combination at every point."""
        return reduce(operator.add, (float(abs(c) if self._absolute else c) * value for c, value in terms))


class Differentiated(ABC):
    """Tensors of a metric at a batch of points, by pattern, and identities between them.

    Attributes:
        hessian: whether the metric is the Hessian of a function psi.
    """

    hessian: bool

    @property
    @abstractmethod
    def differentiated(self) -> Mapping[str, np.ndarray]:
        """What automatic differentiation gives; the first axis numbers the points."""

    def size(self, name: str) -> np.ndarray:
        """What the rounding of a tensor's components is relative to."""
        return np.abs(self.differentiated[name])

    def tensors(
        self,
        definitions: Sequence[str] = (),
        scalars: Mapping[str, float] = MappingProxyType({}),
        absolute: bool = False,
    ) -> Tensors:
        """The tensors at the points; those that automatic differentiation gives are not computed by definition."""
        given = dict(self.differentiated)
        number = len(given["g_ij"])
        if absolute:
            given = {name: self.size(name) for name in given if name not in CANCELLING}
        given = given | {name: np.full(number, value) for name, value in scalars.items()}
        shared = (*identities.DEFINITIONS, *(identities.HESSIAN_DEFINITIONS if self.hessian else ()))
        return Tensors(Batch(absolute), given, (*shared, *definitions))

    def holds(
        self,
        left: str,
        right: str,
        tolerance: float,
        definitions: Sequence[str] = (),
        scalars: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Claim ``left = right`` at every point, relative to the largest size of the terms."""
        self.all_hold([(left, right)], tolerance, definitions, scalars)

    def all_hold(
        self,
        equations: Iterable[tuple[str, str]],
        tolerance: float,
        definitions: Sequence[str] = (),
        scalars: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Claim several equations."""
        tensors, sizes = (self.tensors(definitions, scalars, absolute) for absolute in (False, True))
        for left, right in equations:
            difference, size = tensors.difference(left, right), np.abs(sizes.difference(left, right))
            largest = size.reshape(len(size), -1).max(axis=1).reshape(-1, *[1] * (difference.ndim - 1))
            # Where all terms are zero, so is their sum, exactly.
            agree(difference, np.zeros_like(difference), tolerance, scale=np.where(largest == 0, 1, largest))


class OfPotential(Differentiated):
    """The Hessian metric of any function, by its tensors.

    Args:
        tensors: by pattern.
        floors: the least sizes of components that rounding is relative to, by pattern; 0 if not given.
    """

    hessian = True

    def __init__(self, tensors: Mapping[str, np.ndarray], floors: Mapping[str, np.ndarray] = MappingProxyType({})):
        self._tensors = tensors
        self._floors = floors

    def size(self, name: str) -> np.ndarray:
        """At least the floor."""
        return np.maximum(super().size(name), self._floors.get(name, 0.0))

    @property
    def differentiated(self) -> Mapping[str, np.ndarray]:
        """As they were given."""
        return self._tensors


@dataclass(frozen=True)
class Drawn(Differentiated):
    """A random metric at random points.

    Attributes:
        hessian: whether it is the Hessian of a function psi.
        coefficients: of the metric or of psi, shape (3, d, d).
        points: shape (POINTS, d).
    """

    hessian: bool
    coefficients: np.ndarray
    points: np.ndarray

    @cached_property
    def differentiated(self) -> Mapping[str, np.ndarray]:
        """By automatic differentiation of polynomials and waves."""
        tensors = _compiled(self.hessian)(self.coefficients, self.points)
        return {name: np.asarray(value) for name, value in tensors.items()}

    def curvature(self) -> float:
        """The largest component of the Riemann tensor where it is smallest, relative to its terms."""
        value, size = (np.abs(self.differentiated[name]).max(axis=(1, 2, 3, 4)) for name in ("R_ijkl", "∂Γ_l^i_jk"))
        return float(np.min(value / np.where(size == 0, np.inf, size)))


def drawn(hessian: bool) -> st.SearchStrategy[Drawn]:
    """Random metrics in dimension 3 and 4 that are curved at the drawn points."""

    def of_dimension(d: int) -> st.SearchStrategy[Drawn]:
        unit = st.floats(-1, 1, width=32)
        shapes = st.tuples(arrays(np.float64, (3, d, d), elements=unit), arrays(np.float64, (POINTS, d), elements=unit))
        return shapes.map(lambda pair: Drawn(hessian, *pair))

    return st.sampled_from(DIMENSIONS).flatmap(of_dimension).filter(lambda metric: metric.curvature() > 1e-3)


def smooth_metric(x: jax.Array, coefficients: jax.Array) -> jax.Array:
    """``A(x) A(x)^T + 1`` with polynomial and trigonometric entries; curved also for coefficients 0."""
    constant, waves, squares = coefficients
    d = len(x)
    i, j = jnp.arange(d)[:, None], jnp.arange(d)[None, :]
    phase = (i + 1) * x[:, None] - x[None, :] + 1.0 * j
    root = constant + (1 + waves) * jnp.sin(phase) + squares * jnp.roll(x, 1)[:, None] * x[None, :]
    return root @ root.T + jnp.eye(d)


def potential(x: jax.Array, coefficients: jax.Array) -> jax.Array:
    """The logarithm of a sum of exponentials of affine functions, plus ``|x|^2 / 2``: convex."""
    offsets, first, second = coefficients
    d = len(x)
    statistics = jnp.concatenate([2 * jnp.eye(d) + first, second - jnp.eye(d), jnp.zeros((1, d))])
    weights = jnp.concatenate([offsets[0], offsets[1], jnp.zeros(1)])
    return jax.nn.logsumexp(statistics @ x + weights) + 0.5 * x @ x


@cache
def _compiled(hessian: bool) -> jax.stages.Wrapped:
    tensors = _of_potential if hessian else _of_metric
    # Compilation dwarfs the evaluation, so it is kept short.
    return jax.jit(jax.vmap(tensors, in_axes=(None, 0)), compiler_options={"xla_backend_optimization_level": 0})


def _of_metric(coefficients: jax.Array, x: jax.Array) -> dict[str, jax.Array]:
    here = geometry_at(lambda y: smooth_metric(y, coefficients), x)
    first, second, third = 1 + coefficients[:, 0]
    orders = [(first, second, third), (second, third, first), (third, first, second)]
    cyclic = sum(jnp.einsum("i,j,k->ijk", *vectors) for vectors in orders)
    # Some symmetric tensor, which the metric does not determine.
    return here.given | {"T_ijk": cyclic + jnp.swapaxes(cyclic, 1, 2)}


def _of_potential(coefficients: jax.Array, x: jax.Array) -> dict[str, jax.Array]:
    metric = jax.hessian(lambda y: potential(y, coefficients))
    functions, skewness = from_metric(metric), jax.jacfwd(metric)
    fourth = jax.jacfwd(skewness)(x)
    return {
        "g_ij": metric(x),
        "g^ij": functions["inverse_metric"](x),
        "T_ijk": skewness(x),
        "∂T_lijk": fourth,
        "Q_ijkl": fourth,
        "Γ^i_jk": functions["christoffel"](x),
        "∂Γ_l^i_jk": jnp.moveaxis(jax.jacfwd(functions["christoffel"])(x), -1, 0),
        "R_ijkl": functions["riemann"](x),
        "R": functions["scalar_curvature"](x),
    }
