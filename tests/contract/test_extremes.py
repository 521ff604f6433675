"""The von Mises geometry at the ends of its domain: finite wherever the result is representable."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from thermogeometry import geometry

DTYPES = ("float32", "float64")


def at(kappa, dtype):
    return jnp.asarray([0.3, kappa], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("method", ["metric", "scalar_curvature"])
def test_values_and_two_derivatives_are_finite(method, dtype):
    function = getattr(geometry("von_mises"), method)
    all_three = jax.jit(lambda t: (function(t), jax.jacfwd(function)(t), jax.jacfwd(jax.jacfwd(function))(t)))
    for kappa in (0.0, float(jnp.finfo(dtype).tiny), 1e30):
        for order, value in enumerate(all_three(at(kappa, dtype))):
            assert np.isfinite(value).all(), (kappa, order)


@pytest.mark.parametrize("dtype", DTYPES)
def test_christoffel_symbols_are_ratios_not_quotients_of_underflowed_numbers(dtype):
    """At 1e30 the slope A' is 0 in float32, yet ``Gamma^k_kk = A''/(2A') -> -1/kappa`` and ``Gamma^m_mk -> 1/(2 kappa)``."""
    large = geometry("von_mises").christoffel(at(1e30, dtype))
    np.testing.assert_allclose([large[1, 1, 1], large[0, 0, 1]], [-1e-30, 5e-31], rtol=1e-6)
    tiny = float(jnp.finfo(dtype).tiny)
    np.testing.assert_allclose(geometry("von_mises").christoffel(at(tiny, dtype))[0, 0, 1], 1 / tiny, rtol=1e-6)


@pytest.mark.parametrize("kappa", [1e-19, 1e18])
def test_the_inverse_metric_survives_where_the_metric_underflows(kappa):
    inverse = np.asarray(geometry("von_mises").inverse_metric(at(kappa, "float32")), dtype=np.float64)
    kappa = float(np.float32(kappa))
    expected = [2 / kappa**2, 2.0] if kappa < 1 else [1 / kappa, 2 * kappa**2]
    np.testing.assert_allclose(np.diag(inverse), expected, rtol=1e-6)
