"""The families that are compared with peers, with their sizes and points to compare at."""

import functools
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from thermogeometry import Geometry, geometry


@dataclass(frozen=True)
class Case:
    """A family of certain sizes."""

    name: str
    sizes: tuple[tuple[str, int], ...] = ()

    def __str__(self):
        return f"{self.name}({', '.join(f'{key}={value}' for key, value in self.sizes)})" if self.sizes else self.name

    @property
    def geometry(self) -> Geometry:
        """In the usual chart."""
        return geometry(self.name, **dict(self.sizes))

    def points(self, number, seed=0):
        """Points of the domain at which nothing is badly conditioned, shape (number, d), float64."""
        return _points(self, number, seed)


def case(name, **sizes):
    return Case(name, tuple(sizes.items()))


@functools.cache
def _points(case, number, seed):
    random = np.random.default_rng([seed, *map(ord, str(case))])
    free = jnp.asarray(0.7 * random.standard_normal((number, case.geometry.dimension)))
    return jax.block_until_ready(jax.jit(jax.vmap(case.geometry.from_unconstrained))(free))


CASES = (
    case("gaussian"),
    case("beta"),
    case("gamma"),
    case("inverse_gaussian"),
    case("exponential"),
    case("poisson"),
    case("geometric"),
    case("negative_binomial", successes=3),
    case("binomial", trials=7),
    case("categorical", categories=4),
    case("multinomial", trials=4, categories=3),
    case("dirichlet", categories=5),
    case("isotropic_normal", dimension=3),
    case("diagonal_normal", dimension=2),
    case("fixed_mean_normal", dimension=2),
    case("multivariate_normal", dimension=2),
    case("von_mises_fisher", dimension=3),
)
FUNCTIONS = {"metric": 1, "christoffel": 1, "scalar_curvature": 1, "distance": 2, "kl": 2}
"""Each with the number of its points."""
