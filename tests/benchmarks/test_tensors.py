"""Metric and Christoffel symbols at a million points, against a copy of the same bytes and against peers."""

import jax
import jax.numpy as jnp
import pytest
from benchmarks import peers
from benchmarks.conftest import POINTS, batched, points

from thermogeometry import geometry

FAMILIES = ("gaussian", "von_mises")
ENTRIES = {"metric": 4, "christoffel": 8}


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(params=ENTRIES)
def tensor(request):
    return request.param


@pytest.fixture(autouse=True)
def grouped(benchmark, family, tensor, dtype):
    benchmark.group = f"{tensor} of {family}, {dtype.name}, {POINTS:,} points"


def test_copy_of_the_same_bytes(measure, family, tensor, dtype):
    """Reads the points and writes as many numbers as the tensor has, in an array of the same shape."""
    copies = ENTRIES[tensor] // 2
    measure(lambda x: jnp.broadcast_to(x.T[None], (copies, *x.T.shape)) + jnp.ones((), dtype), points(family, dtype))


def test_thermogeometry(measure, family, tensor, dtype):
    measure(batched(getattr(geometry(family), tensor)), points(family, dtype))


@pytest.mark.parametrize("peer", [peers.automatic, peers.sympy_lambdify, peers.sympy2jax_module])
def test_peer(measure, benchmark, family, tensor, dtype, peer):
    theta = points(family, dtype)
    try:
        function = peer(family, tensor)
        function(theta[0])
    except NameError as error:
        pytest.skip(f"{peer.__name__} cannot evaluate it: {error}")
    wrong = _share_of_wrong_digits(function, family, tensor, theta[:: POINTS // 500])
    measure(batched(function), theta)
    benchmark.extra_info["wrong"] = wrong


def _share_of_wrong_digits(function, family, tensor, theta):
    """The share of points at which some component is off by more than 1e-3, relative, or not finite."""
    exact = jax.vmap(getattr(geometry(family), tensor))(theta)
    found = jax.vmap(function)(theta).reshape(exact.shape)
    error = jnp.abs(found - exact) / jnp.where(exact == 0, 1, jnp.abs(exact))
    return float(jnp.mean(jnp.any(~(error < 1e-3), axis=tuple(range(1, error.ndim)))))
