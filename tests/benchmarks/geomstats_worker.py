"""geomstats, in the backend that the environment variable GEOMSTATS_BACKEND names. See :mod:`benchmarks.worker`."""

import numpy as np

if not hasattr(np, "trapz"):
    vars(np)["trapz"] = np.trapezoid  # geomstats 2.8 imports it from NumPy, which has renamed it

import geomstats.backend as gs
from geomstats.information_geometry.beta import BetaDistributions
from geomstats.information_geometry.binomial import BinomialDistributions
from geomstats.information_geometry.categorical import CategoricalDistributions
from geomstats.information_geometry.dirichlet import DirichletDistributions
from geomstats.information_geometry.exponential import ExponentialDistributions
from geomstats.information_geometry.gamma import GammaDistributions
from geomstats.information_geometry.geometric import GeometricDistributions
from geomstats.information_geometry.multinomial import MultinomialDistributions
from geomstats.information_geometry.normal import NormalDistributions
from geomstats.information_geometry.poisson import PoissonDistributions
from geomstats.numerics.bvp import ScipySolveBVP
from geomstats.numerics.geodesic import LogODESolver
from worker import serve

SPACES = {
    "gaussian": lambda: NormalDistributions(1),
    "beta": BetaDistributions,
    "gamma": GammaDistributions,
    "exponential": ExponentialDistributions,
    "poisson": PoissonDistributions,
    "geometric": GeometricDistributions,
    "binomial": BinomialDistributions,
    "categorical": lambda categories: CategoricalDistributions(categories - 1),
    "multinomial": lambda trials, categories: MultinomialDistributions(categories - 1, trials),
    "dirichlet": DirichletDistributions,
    "diagonal_normal": lambda dimension: NormalDistributions(dimension, "diagonal"),
    "fixed_mean_normal": lambda dimension: NormalDistributions(dimension, "centered"),
    "multivariate_normal": NormalDistributions,
}
BY_INNER_PRODUCTS = ("diagonal_normal", "fixed_mean_normal")
WITH_CHRISTOFFEL = ("beta", "gamma", "dirichlet")
HAS_AUTODIFF = gs.__name__.endswith("autograd")


def functions(name, sizes):
    """What geomstats has for a family, in its own coordinates."""
    if name not in SPACES:
        return {}
    space = SPACES[name](*sizes.values())
    found = {"distance": space.metric.dist}
    if name in BY_INNER_PRODUCTS:
        return found | {"inner_products": lambda points: inner_products(space, points)}
    if name == "multivariate_normal":
        return found
    if name in WITH_CHRISTOFFEL:
        found["accurate_distance"] = accurately(SPACES[name](*sizes.values())).metric.dist
    found["metric"] = space.metric.metric_matrix
    if name in ("categorical", "multinomial"):
        found["sectional_curvature"] = lambda p: space.metric.sectional_curvature(p, p, p)
    if HAS_AUTODIFF or name in WITH_CHRISTOFFEL:
        found["christoffel"] = space.metric.christoffels
    if HAS_AUTODIFF:
        found["scalar_curvature"] = space.metric.scalar_curvature
    return found


def accurately(space):
    """The space with geodesics solved to ten digits, where the default is three."""
    space.metric.log_solver = LogODESolver(space, n_nodes=1000, integrator=ScipySolveBVP(tol=1e-10, max_nodes=10**5))
    return space


def inner_products(space, points):
    """The inner products of a basis at each point, for spaces without a metric matrix: that of coordinates or of 11, 21, ..."""
    if points.ndim == 2:
        basis = list(np.eye(points.shape[1]))
    else:
        size = points.shape[1]
        basis = [np.zeros((size, size)) for _ in range(size * (size + 1) // 2)]
        for matrix, i, j in zip(basis, *np.tril_indices(size), strict=True):
            matrix[i, j] = matrix[j, i] = 1.0
    product = space.metric.inner_product
    rows = [np.stack([product(a + 0 * points, b + 0 * points, points) for a in basis], -1) for b in basis]
    return np.stack(rows, -1)


if __name__ == "__main__":
    serve(functions)
