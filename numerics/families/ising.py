"""The Ising model on a graph: spins with pairwise couplings, and fields if wanted, by enumeration of all states."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.lattices import Edge, graph
from numerics.parameters import Interval, Parameters
from numerics.supports import Finite

_MOST_SPINS = 16


class Ising(ExponentialFamily):
    """States x of n spins +1 and -1, shape (n,), with probability proportional to ``exp(sum h_i x_i + sum J_ij x_i x_j)``.

    The couplings J, one per edge, and before them the fields h, one per spin, are the natural parameters and the usual ones.
    Every function is a sum over all 2^n states; means are taken relative to the likeliest state, so that covariances are
    accurate also where the others are rare.

    Args:
        edges: pairs (i, j) of different spins, numbered from 0; each spin has one at least and no pair occurs twice.
        fields: whether there are fields.
    """

    title = "Ising model"
    source = "Amari & Nagaoka 2000, section 2.3; Ising 1925"
    formulas: ClassVar[Mapping[str, str]] = {
        "Probability": (
            r"P(s) = \exp\left(\sum_i h_i s_i + \sum_{(i,j)} J_{ij} s_i s_j - \psi\right), "
            r"\qquad s_i = \pm 1"
        ),
        "Log-partition function": r"\psi = \ln \sum_s \exp\left(\sum_i h_i s_i + \sum_{(i,j)} J_{ij} s_i s_j\right)",
        "Fisher metric": r"g_{ab} = \operatorname{Cov}(\phi_a, \phi_b), \qquad \phi = \left(s_i,\; s_i s_j\right)",
    }
    example: ClassVar[Mapping[str, object]] = {"edges": ((0, 1), (1, 2), (0, 2))}

    def __init__(self, edges: Iterable[Edge], fields: bool = False):
        pairs = _checked(edges)
        number = 1 + int(pairs.max())
        couplings = Interval("coupling", (len(pairs),), labels=tuple(f"{i}_{j}" for i, j in pairs))
        blocks = [Interval("field", (number,), labels=tuple(map(str, range(number))))] if fields else []
        self.parameters = Parameters(*blocks, couplings)
        # State k has spin i down where bit i of k is set; the first state is all up.
        states = 1.0 - 2.0 * ((np.arange(2**number)[:, None] >> np.arange(number)) & 1)
        self.support = Finite(states)
        self._states = states
        first, second = pairs.T
        products = states[:, first] * states[:, second]
        self._pairs = (first, second)
        self._has_fields = fields
        # As small integers: for 16 spins there are many.
        self._statistics = np.concatenate([states, products] if fields else [products], axis=1).astype(np.int8)

    def natural(self, point: Point) -> Point:
        """The parameters themselves."""
        return point

    def from_natural(self, eta: Point) -> Point:
        """The parameters themselves."""
        return eta

    def log_partition(self, point: Point) -> Scalar:
        """The logarithm of the sum over all states."""
        return jax.scipy.special.logsumexp(self._exponents(point))

    def expectation(self, point: Point) -> Point:
        """Mean spins and mean products."""
        probabilities, top, steps = self._around_the_top(point)
        return top + jnp.matmul(probabilities, steps, precision="highest")

    def from_expectation(self, m: Point) -> Point:
        """By Newton's method; NaN for mean products that no couplings have."""
        point = super().from_expectation(m)
        # Outside the polytope of means the parameters run off until the law no longer moves.
        is_reached = jnp.all(jnp.abs(self.expectation(point) - m) <= 1e3 * jnp.finfo(m.dtype).eps)
        return jnp.where(is_reached, point, jnp.nan)

    def covariance(self, point: Point) -> Matrix:
        """Over all states."""
        probabilities, centred = self._centred(point)
        return jnp.matmul((probabilities[:, None] * centred).T, centred, precision="highest")

    def third_cumulants(self, point: Point) -> Array:
        """Over all states."""
        probabilities, centred = self._centred(point)
        pairs = jax.vmap(lambda column: (column[:, None] * centred).T, 1)(probabilities[:, None] * centred)
        return jnp.matmul(pairs, centred, precision="highest")

    def metric(self, theta: Point) -> Matrix:
        """The covariance: the usual chart is the natural one."""
        return self.covariance(theta)

    def skewness(self, theta: Point) -> Array:
        """The third cumulants: the usual chart is the natural one."""
        return self.third_cumulants(theta)

    def christoffel(self, theta: Point) -> Array:
        """Half the third cumulants, raised."""
        inverse = self.inverse_metric(theta)
        return 0.5 * jnp.einsum("im,mjk->ijk", inverse, self.third_cumulants(theta), precision="highest")

    def kl(self, point: Point, other: Point) -> Scalar:
        """``log E exp(w)`` with ``w = (eta' - eta) . (s - m)``, whose mean is 0: no cancellation for points close together."""
        probabilities, centred = self._centred(point)
        w = jnp.matmul(centred, other - point, precision="highest")
        is_near = jnp.max(jnp.abs(w)) < 0.5
        near = jnp.where(is_near, w, 0.0)
        # exp(w) - 1 - w by its series: E w = 0 is not subtracted but left out.
        excess = jnp.zeros_like(near)
        for k in range(14, 1, -1):
            excess = (1.0 + excess) * (near / k)
        excess = excess * near
        logarithms = self._exponents(point) - self.log_partition(point)
        far = jax.scipy.special.logsumexp(jnp.where(is_near, 0.0, w) + logarithms)
        return jnp.where(is_near, jnp.log1p(jnp.vdot(probabilities, excess, precision="highest")), far)

    def dual_potential(self, point: Point) -> Scalar:
        """``sum p log p`` over all states."""
        exponents = self._exponents(point)
        logarithms = exponents - jax.scipy.special.logsumexp(exponents)
        return jnp.vdot(jnp.exp(logarithms), logarithms, precision="highest")

    def statistics(self, x: Array) -> Point:
        """Spins, if there are fields, and products along the edges."""
        products = x[self._pairs[0]] * x[self._pairs[1]]
        return jnp.concatenate([x, products]) if self._has_fields else products

    def sample(self, key: Array, point: Point) -> Array:
        """A state, drawn with its probability."""
        return jnp.asarray(self._states, point.dtype)[jax.random.categorical(key, self._exponents(point))]

    def _table(self, point: Point) -> Array:
        return jnp.asarray(self._statistics).astype(point.dtype)

    def _exponents(self, point: Point) -> Array:
        return jnp.matmul(self._table(point), point, precision="highest")

    def _around_the_top(self, point: Point) -> tuple[Array, Point, Array]:
        """Probabilities, the statistics of the likeliest state, and those of all states less these."""
        exponents, table = self._exponents(point), self._table(point)
        top = table[jnp.argmax(exponents)]
        return jax.nn.softmax(exponents), top, table - top[None, :]

    def _centred(self, point: Point) -> tuple[Array, Array]:
        probabilities, _, steps = self._around_the_top(point)
        return probabilities, steps - jnp.matmul(probabilities, steps, precision="highest")[None, :]


def _checked(edges: Iterable[Edge]) -> np.ndarray:
    lattice = graph(edges)
    if lattice.spins > _MOST_SPINS:
        raise ValueError(
            f"{lattice.spins} spins have 2^{lattice.spins} = {2**lattice.spins} states to enumerate; "
            f"at most {_MOST_SPINS} spins"
        )
    return lattice.bonds
