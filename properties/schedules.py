"""Random schedules of normal laws: objective, temperature and mobility change between stretches of time."""

from dataclasses import dataclass
from functools import cached_property

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np

from numerics import bures_wasserstein
from numerics.gaussian_flow import gaussian_flow
from properties.flows import BATCH, positive

_STRETCHES = 4


@dataclass(frozen=True)
class Schedules:
    """A batch of schedules in four stretches, and what the laws came to.

    Attributes:
        dimension: d.
        seed: what everything is drawn with.
    """

    dimension: int
    seed: int

    @cached_property
    def results(self) -> dict[str, np.ndarray]:
        """What the laws came to, each of shape (n,).

        ``begin`` and ``end`` are free energies against the first and the last objective and temperature, ``production`` the
        entropy production, ``cost`` the squared distance of the ends, ``clock`` the integral of the mobility. Between the
        stretches ``work`` adds up ``E[Phi' - Phi]``, and ``heating`` ``(T' - T) H``.
        """
        random, d = np.random.default_rng([self.seed, self.dimension]), self.dimension
        curvature = np.stack([positive(random, d, 2.0) for _ in range(_STRETCHES)], axis=1)
        centre = random.normal(size=(BATCH, _STRETCHES, d))
        temperature, mobility, duration = np.exp(random.uniform(-2, 1, (3, BATCH, _STRETCHES)))
        mean, covariance = random.normal(size=(BATCH, d)), positive(random, d, 2.0)
        found = _run(curvature, centre, temperature, mobility, duration, mean, covariance)
        return {name: np.asarray(value) for name, value in found.items()}


def schedules() -> st.SearchStrategy[Schedules]:
    """Schedules in one to five dimensions."""
    return st.builds(Schedules, st.integers(1, 5), st.integers(0, 2**32 - 1))


@jax.jit
@jax.vmap
def _run(
    curvature: jax.Array, centre: jax.Array, temperature: jax.Array, mobility: jax.Array, duration: jax.Array,
    mean: jax.Array, covariance: jax.Array,
) -> dict[str, jax.Array]:  # fmt: skip
    start = mean, covariance
    zero = jnp.zeros((), mean.dtype)
    production, work, heating, begin, end = zero, zero, zero, zero, zero
    for k in range(_STRETCHES):
        flow = gaussian_flow(curvature[k], centre[k], temperature[k], mean, covariance, mobility[k])
        here = flow.free_energy(zero)
        if k == 0:
            begin = here
        else:
            entropy = 0.5 * jnp.linalg.slogdet(2 * jnp.pi * jnp.e * covariance)[1]
            heating += (temperature[k] - temperature[k - 1]) * entropy
            work += here + temperature[k] * entropy - (end + temperature[k - 1] * entropy)
        production += flow.entropy_production(duration[k])
        end = flow.free_energy(duration[k])
        mean, covariance = flow.mean(duration[k]), flow.covariance(duration[k])
    cost = bures_wasserstein.squared_distance(mean - start[0], start[1], covariance - start[1])
    clock = jnp.sum(mobility * duration)
    return {
        "begin": begin, "end": end, "production": production, "work": work, "heating": heating, "cost": cost, "clock": clock,
    }  # fmt: skip
