"""Random flows of normal laws, in batches."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np

from numerics.gaussian_flow import GaussianFlow, gaussian_flow

BATCH = 128
_SPREAD = 3.5
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)


@dataclass(frozen=True)
class Flows:
    """A batch of flows of normal laws, eigenvalues within ``exp(+-3.5)``, and what they came to.

    Attributes:
        dimension: d.
        seed: what everything is drawn with.
        has_matrix_mobility: whether mobilities are matrices.
    """

    dimension: int
    seed: int
    has_matrix_mobility: bool = False

    @cached_property
    def _drawn(self) -> tuple[Any, ...]:
        random, d = np.random.default_rng([self.seed, self.dimension]), self.dimension
        centre = random.normal(size=(BATCH, d))
        temperature = np.exp(random.uniform(-3, 2, BATCH))
        mean = random.normal(size=(BATCH, d)) * np.exp(random.uniform(-3, 2, (BATCH, 1)))
        mobility = positive(random, d) if self.has_matrix_mobility else np.exp(random.uniform(-2, 2, BATCH))
        return positive(random, d), centre, temperature, mean, positive(random, d), mobility

    @property
    def problem(self) -> tuple[np.ndarray, ...]:
        """The arguments of :func:`~numerics.gaussian_flow.gaussian_flow`."""
        return self._drawn

    @property
    def curvature(self) -> np.ndarray:
        """Of the objectives, positive definite, shape (n, d, d)."""
        return self._drawn[0]

    @property
    def mobility(self) -> np.ndarray:
        """Numbers, shape (n,), or positive definite matrices, shape (n, d, d)."""
        return self._drawn[-1]

    @cached_property
    def duration(self) -> np.ndarray:
        """Log-uniform within ``exp(+-3)``, shape (n,)."""
        return np.exp(np.random.default_rng([self.seed, 0]).uniform(-3, 3, BATCH))

    @cached_property
    def results(self) -> dict[str, np.ndarray]:
        """Free energy at both ends, entropy production, the integral of its rate, and squared distances, plain and weighted.

        Weights are the inverse mobility.
        """
        flow = jax.vmap(gaussian_flow)(*self._drawn)
        return {key: np.asarray(value) for key, value in _results(flow, self.duration).items()}


def flows(has_matrix_mobility: bool = False) -> st.SearchStrategy[Flows]:
    """Flows in one to five dimensions."""
    return st.builds(Flows, st.integers(1, 5), st.integers(0, 2**32 - 1), st.just(has_matrix_mobility))


def positive(random: np.random.Generator, d: int, spread: float = _SPREAD) -> np.ndarray:
    """A batch of symmetric matrices with eigenvalues log-uniform within ``exp(+-spread)``, shape (n, d, d)."""
    frame, _ = np.linalg.qr(random.normal(size=(BATCH, d, d)))
    return np.einsum("nij,nj,nkj->nik", frame, np.exp(random.uniform(-spread, spread, (BATCH, d))), frame)


def _integral(flow: GaussianFlow, duration: jax.Array) -> jax.Array:
    """Of the rate of entropy production, which falls by many exponentials: nodes in ``log(1 + t fastest)``."""
    narrowest = jnp.linalg.eigvalsh(flow.covariance_there)[0]
    fastest = jnp.max(jnp.abs(flow.rates)) + flow.temperature / narrowest
    half = 0.5 * jnp.log1p(fastest * duration)
    place = half * (_NODES + 1.0)
    rates = jax.vmap(flow.entropy_production_rate)(jnp.expm1(place) / fastest)
    return jnp.sum(half * jnp.exp(place) / fastest * _WEIGHTS * rates)


@jax.jit
@jax.vmap
def _results(flow: GaussianFlow, duration: jax.Array) -> dict[str, jax.Array]:
    return {
        "begin": flow.free_energy(0.0 * duration),
        "end": flow.free_energy(duration),
        "production": flow.entropy_production(duration),
        "integral": _integral(flow, duration),
        "cost": flow.transport_cost(duration),
        "weighted_cost": flow.transport_cost(duration, is_weighted=True),
    }
