"""efax, in its own natural parameters. See :mod:`benchmarks.worker`."""

# ruff: noqa: ARG005  every law is handed its sizes, also where it finds them in the point

import typing

import jax
import numpy as np
import typing_extensions

if not hasattr(typing, "override"):
    typing.override = typing_extensions.override  # efax imports it from typing, which has it from Python 3.12 on

import efax
import jax.numpy as jnp
from worker import serve

jax.config.update("jax_enable_x64", True)


def _matrix(entries, size):
    """Symmetric matrices from their upper triangles."""
    rows, columns = np.triu_indices(size)
    zero = jnp.zeros((*entries.shape[:-1], size, size), entries.dtype)
    return zero.at[..., rows, columns].set(entries).at[..., columns, rows].set(entries)


LAWS = {
    "gaussian": lambda x: efax.NormalNP(x[..., 0], x[..., 1]),
    "beta": efax.BetaNP,
    "gamma": lambda x: efax.GammaNP(x[..., 0], x[..., 1]),
    "inverse_gaussian": lambda x: efax.InverseGaussianNP(x[..., 0], x[..., 1]),
    "exponential": lambda x: efax.ExponentialNP(x[..., 0]),
    "poisson": lambda x: efax.PoissonNP(x[..., 0]),
    "geometric": lambda x: efax.GeometricNP(x[..., 0]),
    "negative_binomial": lambda x, successes: efax.NegativeBinomialNP(
        x[..., 0], jnp.full(x.shape[:-1], successes, jnp.int32)
    ),
    "categorical": lambda x, categories: efax.MultinomialNP(x),
    "dirichlet": lambda x, categories: efax.DirichletNP(x),
    "isotropic_normal": lambda x, dimension: efax.IsotropicNormalNP(x[..., :-1], x[..., -1]),
    "diagonal_normal": lambda x, dimension: efax.MultivariateDiagonalNormalNP(x[..., :dimension], x[..., dimension:]),
    "multivariate_normal": lambda x, dimension: efax.MultivariateNormalNP(
        x[..., :dimension], _matrix(x[..., dimension:], dimension)
    ),
    "von_mises_fisher": lambda x, dimension: efax.VonMisesFisherNP(x),
}


def functions(name, sizes):
    """Fisher matrices in efax's coordinates, which it keeps private but builds on, and divergences."""
    if name not in LAWS:
        return {}

    def law(x):
        return LAWS[name](x, **sizes)

    return {
        "metric": ready(lambda x: law(x)._fisher_information_matrix()),
        "kl": ready(lambda x, y: law(x).kl_divergence(law(y))),
    }


def ready(function):
    """Compiled, and waiting for the result."""
    compiled = jax.jit(function)
    return lambda *arguments: jax.block_until_ready(compiled(*arguments))


if __name__ == "__main__":
    serve(functions)
