"""Densities on an interval that relax in any objective: finite volumes that keep positivity and the law of free energy.

``dq/dt = d/dx (mu (q Phi' + T q'))`` without flux through the ends. The fluxes of Scharfetter and Gummel make the cells a
Markov process that is reversible with respect to the Gibbs law: every edge lets the free energy fall. In time the process is
solved exactly, by a matrix of positive entries.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Point, Scalar

_TERMS = 18


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class FokkerPlanck:
    """Cells of equal width and the rates between them; laws are probabilities of the cells, shape (n,).

    Attributes:
        edges: of the cells, equally spaced, shape (n + 1,).
        objective: Phi in the middle of the cells, shape (n,).
        temperature: T > 0, a scalar.
        mobility: mu > 0, a scalar. Outside these domains rates are NaN, and so is what follows from them.
    """

    edges: Array
    objective: Array
    temperature: Scalar
    mobility: Scalar

    @property
    def middles(self) -> Point:
        """The middles of the cells, shape (n,)."""
        return 0.5 * (self.edges[1:] + self.edges[:-1])

    @jax.jit
    def flux(self, law: Point) -> Point:
        """The probability per time through the inner edges, to the right, shape (n - 1,)."""
        right, left = self._rates()
        return right * law[:-1] - left * law[1:]

    @jax.jit
    def generator(self) -> Matrix:
        """The matrix of rates, columns of sum 0, shape (n, n)."""
        right, left = self._rates()
        moves = jnp.diag(right, -1) + jnp.diag(left, 1)
        return moves - jnp.diag(jnp.sum(moves, axis=0))

    @jax.jit
    def propagator(self, t: Scalar) -> Matrix:
        """The transition matrix of a time t >= 0, columns of sum 1, shape (n, n), without cancellation.

        With the largest rate c all terms of ``exp(-c s) exp((G + c) s)`` are positive; ``s = t / 2^k`` is squared k times.
        """
        generator = self.generator()
        fastest = jnp.max(-jnp.diagonal(generator))
        doublings = jnp.maximum(jnp.ceil(jnp.log2(jnp.maximum(fastest * t, 1e-30))), 0.0).astype(int)
        step = t / 2.0**doublings
        one = jnp.eye(len(self.objective), dtype=self.objective.dtype)
        positive = step * (generator + fastest * one)
        series = one
        for k in range(_TERMS, 0, -1):
            series = one + jnp.matmul(positive, series, precision="highest") / k
        series = _stochastic(series)
        return jax.lax.fori_loop(
            0, doublings, lambda _, p: _stochastic(jnp.matmul(p, p, precision="highest")), series
        ) * jnp.where(t >= 0, 1.0, jnp.nan)

    @jax.jit
    def free_energy(self, law: Point) -> Scalar:
        """``sum p (Phi + T log(p / width))``; empty cells count nothing."""
        density = law / (self.edges[1] - self.edges[0])
        logarithm = jnp.where(law > 0, jnp.log(jnp.where(law > 0, density, 1.0)), 0.0)
        return jnp.sum(law * (self.objective + self.temperature * logarithm))

    @jax.jit
    def entropy_production_rate(self, law: Point) -> Scalar:
        """How fast the free energy falls: the sum over the edges of flux times drop of ``Phi + T log p``, each >= 0.

        Infinite next to an empty cell.
        """
        potential = self.objective + self.temperature * jnp.log(law)
        flux = self.flux(law)
        return jnp.sum(jnp.where(flux == 0, 0.0, flux * (potential[:-1] - potential[1:])))

    def _rates(self) -> tuple[Point, Point]:
        """Rates to the right out of all cells but the last, and to the left out of all but the first."""
        width = self.edges[1] - self.edges[0]
        is_valid = (self.temperature > 0) & (self.mobility > 0) & (width > 0)
        scale = jnp.where(is_valid, self.mobility * self.temperature / width**2, jnp.nan)
        slope = jnp.diff(self.objective) / self.temperature
        return scale * _bernoulli(slope), scale * _bernoulli(-slope)


def _bernoulli(z: Array) -> Array:
    """``z / (exp(z) - 1)``, 1 at 0."""
    is_zero = z == 0
    return jnp.where(is_zero, 1.0, jnp.where(is_zero, 1.0, z) / jnp.expm1(jnp.where(is_zero, 1.0, z)))


def _stochastic(matrix: Matrix) -> Matrix:
    return matrix / jnp.sum(matrix, axis=0, keepdims=True)
