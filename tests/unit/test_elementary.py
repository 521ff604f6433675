"""log(1 + x) - x and the Bregman divergence of log I0, with gradients, against mpmath at the exact machine input."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from numerics.bessel_divergence import log_bessel_i0_divergence
from numerics.elementary import gaussian_divergence, log1pmx
from properties.compilation import optimised_jit

pytestmark = pytest.mark.slow

DTYPES = ("float32", "float64")
QUADRATURE = (
    "float32",
    "float64",
)


@pytest.fixture(autouse=True)
def _digits():
    with mpmath.workdps(70):
        yield


def ratio(k):
    return mpmath.besseli(1, k) / mpmath.besseli(0, k) if k else mpmath.mpf(0)


def slope(k):
    return 1 - ratio(k) / k - ratio(k) ** 2 if k else mpmath.mpf(1) / 2


def divergence(a, b):
    return mpmath.log(mpmath.besseli(0, b) / mpmath.besseli(0, a)) - ratio(a) * (b - a)


def epsilons(computed, exact, dtype):
    """Relative error in machine epsilons; a value whose truth is 0 has to be 0."""
    if exact == 0:
        return 0.0 if computed == 0 else np.inf
    error = abs((mpmath.mpf(float(computed)) - exact) / exact)
    return np.inf if mpmath.isnan(error) else float(error) / float(np.finfo(dtype).eps)


def worst(computed, exact, dtype):
    return max(epsilons(c, e, dtype) for c, e in zip(np.asarray(computed), exact, strict=True))


def numbers(dtype):
    """Small, moderate and large arguments of both signs, and both sides of the seam at 0.3."""
    size = np.concatenate([np.logspace(-15, 8, 120), [0.3, 0.29999, 0.30001, 0.33340571, 0.42826762]])
    both = np.concatenate([-size[size < 1], size, [0.0, -0.999, -0.999999]])
    return both.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_log1pmx_is_accurate_on_both_sides_of_zero(dtype):
    x = numbers(dtype)
    exact = [mpmath.log(1 + mpmath.mpf(float(v))) - mpmath.mpf(float(v)) for v in x]
    assert log1pmx(jnp.asarray(x)).dtype == dtype
    assert worst(optimised_jit(log1pmx)(jnp.asarray(x)), exact, dtype) < 20


@pytest.mark.parametrize("dtype", DTYPES)
def test_gradient_of_log1pmx(dtype):
    x = numbers(dtype)
    exact = [-mpmath.mpf(float(v)) / (1 + mpmath.mpf(float(v))) for v in x]
    assert worst(optimised_jit(jax.vmap(jax.grad(log1pmx)))(jnp.asarray(x)), exact, dtype) < 6


@pytest.mark.parametrize("dtype", DTYPES)
def test_second_derivative_of_log1pmx(dtype):
    x = np.asarray([-0.9, -0.29, -1e-6, 0.0, 1e-6, 0.29, 0.31, 5.0], dtype)
    exact = [-1 / (1 + mpmath.mpf(float(v))) ** 2 for v in x]
    assert worst(optimised_jit(jax.vmap(jax.grad(jax.grad(log1pmx))))(jnp.asarray(x)), exact, dtype) < 20


@pytest.mark.parametrize(("x", "expected"), [(0.0, 0.0), (-1.0, -np.inf), (-1.5, np.nan), (np.nan, np.nan)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_edges_of_log1pmx(x, expected, dtype):
    np.testing.assert_equal(float(log1pmx(jnp.asarray(x, dtype))), expected)


def test_log1pmx_at_infinity():
    assert log1pmx(jnp.float64(np.inf)) == -np.inf


def test_gradient_of_log1pmx_outside_the_domain():
    assert np.isnan(jax.grad(log1pmx)(jnp.float64(-1.5)))


def pairs(dtype):
    """First arguments of all sizes; second ones from adjacent machine numbers to far apart, the seams included."""
    rows = []
    for a in np.asarray([0.0, 1e-6, 1e-2, 0.3, 1.0, 4.0, 13.5, 30.0, 900.0, 1e5], dtype):
        near = [max(np.nextafter(a, dtype(np.inf)), dtype(1e-12)), a * dtype(1 + 1e-5), a * dtype(0.99), a + dtype(0.1)]
        seam = (1 + a) / 2
        far = [a + seam * dtype(0.999), a + seam * dtype(1.001), a * 3 + 2, a / 50, dtype(0), dtype(1e6)]
        rows += [(a, dtype(b)) for b in (*near, *far) if b != a]
    return np.array(rows, dtype)


def exact_pairs(values):
    return [(mpmath.mpf(float(a)), mpmath.mpf(float(b))) for a, b in values]


@pytest.mark.parametrize("dtype", QUADRATURE)
def test_divergence_is_accurate_for_near_and_far_arguments(dtype):
    values = pairs(np.dtype(dtype).type)
    computed = optimised_jit(log_bessel_i0_divergence)(*jnp.asarray(values).T)
    assert computed.dtype == dtype
    assert bool(jnp.all(computed > 0))
    # Just beyond the seam the far formula still cancels a factor of about 40.
    assert worst(computed, [divergence(a, b) for a, b in exact_pairs(values)], dtype) < 60


@pytest.mark.parametrize("dtype", QUADRATURE)
def test_gradient_of_the_divergence(dtype):
    values = pairs(np.dtype(dtype).type)
    first, second = optimised_jit(jax.vmap(jax.grad(log_bessel_i0_divergence, argnums=(0, 1))))(*jnp.asarray(values).T)
    exact = exact_pairs(values)
    assert worst(first, [-slope(a) * (b - a) for a, b in exact], dtype) < 8
    assert worst(second, [ratio(b) - ratio(a) for a, b in exact], dtype) < 8


def test_gradient_agrees_with_mpmath_differences():
    """The formulas used above, from the divergence itself."""
    for a, b in ((0.3, 2.0), (4.0, 4.5)):
        first, second = jax.grad(log_bessel_i0_divergence, argnums=(0, 1))(jnp.float64(a), jnp.float64(b))
        assert epsilons(first, mpmath.diff(lambda t: divergence(t, mpmath.mpf(b)), a), "float64") < 8  # noqa: B023
        assert epsilons(second, mpmath.diff(lambda t: divergence(mpmath.mpf(a), t), b), "float64") < 8  # noqa: B023


def test_second_derivatives_of_the_divergence():
    hessian = jax.hessian(lambda v: log_bessel_i0_divergence(v[0], v[1]))
    for a, b in ((0.7, 0.7), (0.7, 0.9), (0.7, 5.0), (20.0, 21.0)):
        computed = hessian(jnp.asarray([a, b]))
        expected = float(-mpmath.diff(ratio, a, 2) * (b - a) + slope(a)), float(-slope(a)), float(slope(b))
        np.testing.assert_allclose([computed[0, 0], computed[0, 1], computed[1, 1]], expected, rtol=1e-13)
        np.testing.assert_allclose(computed[1, 0], computed[0, 1], rtol=1e-13)


@pytest.mark.parametrize("value", [0.0, 1e-30, 0.5, 1.0, 1e3, 1e30])
@pytest.mark.parametrize("dtype", DTYPES)
def test_divergence_and_its_gradient_vanish_at_equal_arguments(value, dtype):
    k = jnp.asarray(value, dtype)
    assert log_bessel_i0_divergence(k, k) == 0
    assert jax.grad(log_bessel_i0_divergence, argnums=(0, 1))(k, k) == (0, 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (-1.0, 1.0),
        (np.nan, 1.0),
        (1.0, np.nan),
        (np.inf, np.inf),
        (1.0, -1.0),
        (3.0, -0.5),
    ],
)
def test_divergence_outside_the_domain_is_nan(first, second):
    assert np.isnan(log_bessel_i0_divergence(jnp.float64(first), jnp.float64(second)))


def test_divergence_broadcasts():
    a, b = jnp.asarray([[0.5], [2.0], [7.0]]), jnp.asarray([0.1, 1.0])
    table = log_bessel_i0_divergence(a, b)
    assert table.shape == (3, 2)
    one_by_one = [[log_bessel_i0_divergence(x, y) for y in b] for x in a[:, 0]]
    np.testing.assert_allclose(table, np.array(one_by_one), rtol=1e-14)


def test_strict_promotion():
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        x = jnp.ones(3, "float32")
        assert log1pmx(x).dtype == "float32"
        assert jax.jacfwd(log_bessel_i0_divergence, argnums=(0, 1))(x, 2 * x)[1].dtype == "float32"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("shift", "first", "second"),
    [
        (0.0, 1.0, 1.0 + 1e-4),
        (0.0, 1e-10, 1.0),
        (3.0, 2.0, 5.0),
        (1e15, 1e15, 1e15),
        (0.0, 1e-15, 2e-15),
        (0.0, 9.0, 1.0),
    ],
    ids=str,
)
def test_gaussian_divergence_is_accurate(dtype, shift, first, second):
    arguments = [jnp.asarray(v, dtype) for v in (shift, first, second)]
    m, s, t = (mpmath.mpf(float(v)) for v in arguments)
    with mpmath.workdps(50):
        exact = (m / t) ** 2 / 2 + ((s / t) ** 2 - 1) / 2 - mpmath.log(s / t)
        error = abs(mpmath.mpf(float(gaussian_divergence(*arguments))) - exact) / exact
    assert error < 20 * jnp.finfo(dtype).eps
