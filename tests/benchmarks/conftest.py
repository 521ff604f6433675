"""Benchmarks run alone (``make bench``), in float64 and float32, and are compared as ratios within one run."""

import jax
import jax.numpy as jnp
import pytest

POINTS = 10**6


@pytest.fixture(params=["float32", "float64"])
def dtype(request):
    return jnp.dtype(request.param)


@pytest.fixture
def measure(benchmark):
    """Compile a function, then time it on its arguments until the result is ready."""

    def run(function, *arguments):
        compiled = jax.jit(function)
        jax.block_until_ready(compiled(*arguments))
        return benchmark.pedantic(
            lambda: jax.block_until_ready(compiled(*arguments)), rounds=30, iterations=1, warmup_rounds=3
        )

    return run


def points(family, dtype):
    """A million points of a family's domain, shape (POINTS, 2)."""
    scale = jnp.exp(jnp.linspace(-6.0, 8.0, POINTS))
    return jnp.stack([jnp.linspace(-3.0, 3.0, POINTS), scale], axis=-1).astype(dtype)
