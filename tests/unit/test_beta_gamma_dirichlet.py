"""Gamma, beta and Dirichlet geometry against mpmath from 1e-6 to 1e6 in all mixes, and their charts and divergences."""

import itertools

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from mpmath import mpf
from unit import polygamma_oracle
from unit.polygamma_oracle import DIGITS, epsilons

from numerics import hessian_geometry
from numerics.geometry import geometry
from numerics.riemannian import from_metric
from properties.compilation import optimised_jit

pytestmark = pytest.mark.slow
DTYPES = ("float32", "float64")
TENSORS = ("metric", "inverse_metric", "skewness", "christoffel", "scalar_curvature")
RANDOM = 10 ** np.random.default_rng(6).uniform(-2, 2, (6, 3))


@pytest.fixture(autouse=True)
def _digits():
    with mpmath.workdps(DIGITS):
        yield


def mixes(count, *extra):
    return np.array([*itertools.combinations_with_replacement([1e-6, 0.8, 1e6], count), *extra])


# Name, sizes, oracle, points and the bound of the errors in epsilons.
FAMILIES = {
    "gamma": (
        {},
        polygamma_oracle.gamma,
        np.array([[s, 1.7] for s in (1e-8, 1e-3, 0.7, 3.0, 11.9, 13.0, 1e4, 1e8)]),
        16,
    ),
    "beta": ({}, polygamma_oracle.dirichlet, mixes(2, *RANDOM[:, :2], [1e6, 1e-6], [30.0, 31.0]), 32),
    "dirichlet": ({"categories": 3}, polygamma_oracle.dirichlet, mixes(3, *RANDOM), 32),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FAMILIES)
def test_tensors_are_accurate_at_all_sizes(name, dtype):
    sizes, oracle, points, bound = FAMILIES[name]
    shown, points = geometry(name, **sizes), points.astype(dtype)
    every = (*TENSORS, *(("expectation",) if name != "gamma" else ()))
    if dtype == "float32" and name != "gamma":
        # The other formulas are those of float64; compiling them again would take long.
        every = ("metric", "inverse_metric", "scalar_curvature", "expectation")
    read = {"expectation": lambda x: shown.convert(x, "expectation")}
    bundle = optimised_jit(jax.vmap(lambda x: {key: read.get(key, getattr(shown, key, None))(x) for key in every}))
    computed = bundle(jnp.asarray(points))
    for i, point in enumerate(points):
        exact = oracle(point)
        for key in every:
            assert computed[key].dtype == dtype
            assert epsilons(computed[key][i], exact[key], dtype) < bound, (key, point)


@pytest.mark.parametrize("name", ["gamma", "beta"])
def test_riemann_and_ricci_in_terms_of_the_scalar(name):
    module = geometry(name).family.module
    functions = ("metric", "riemann", "ricci", "scalar_curvature")
    g, riemann, ricci, R = jax.jit(lambda x: [getattr(module, key)(x) for key in functions])(jnp.asarray([0.3, 2.0]))
    np.testing.assert_allclose(ricci, R / 2 * g, rtol=1e-13)
    np.testing.assert_allclose(riemann[0, 1, 0, 1], R / 2 * np.linalg.det(g), rtol=1e-13)


@pytest.mark.parametrize(("name", "chart"), [("gamma", "natural"), ("gamma", "expectation"), ("dirichlet", "usual")])
def test_christoffel_symbols_agree_with_automatic_differentiation(name, chart):
    sizes = {"categories": 3} if name == "dirichlet" else {}
    shown = geometry(name, chart=chart, **sizes)
    x = geometry(name, **sizes).convert(jnp.asarray([0.7, 2.3, 1.1][: shown.dimension]), chart)
    oracle = jax.jit(from_metric(shown.metric)["christoffel"])(x)
    np.testing.assert_allclose(shown.inverse_metric(x) @ shown.metric(x), np.eye(len(x)), atol=1e-12)
    np.testing.assert_allclose(shown.christoffel(x), oracle, rtol=1e-9, atol=1e-10)


def lead_back(family, x):
    """There and back again, what the rounding of the expectation parameters does to it, and the derivative of the way."""
    there = family.expectation(x)
    jacobian = jnp.linalg.inv(jax.jacfwd(family.expectation)(x))
    rounding = jnp.abs(there) + (jnp.abs(jnp.log(there[1])) * jnp.asarray([1, 0], x.dtype) if x.shape == (2,) else 0)
    back = family.from_expectation(there)
    change = jax.jvp(lambda m: family.natural(family.from_expectation(m)), (there,), (there,))[1]
    error = jnp.max(jnp.abs(change - family.precision(x) @ there) / (jnp.abs(family.precision(x)) @ jnp.abs(there)))
    return back, jnp.abs(jacobian) @ rounding * jnp.finfo(x.dtype).eps, error


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "count"), [("gamma", 2), ("dirichlet", 3)])
def test_expectation_parameters_lead_back(name, count, dtype):
    largest = 1e6 if dtype == "float64" else 1e3
    family = geometry(name, **({"categories": count} if name == "dirichlet" else {})).family
    corners = list(itertools.product([1 / largest, 1.0, largest], repeat=min(count, 3)))
    points = np.array([(*corner, 0.3)[:count] for corner in corners], dtype)
    back, reach, error = jax.jit(jax.vmap(lambda x: lead_back(family, x)))(points)
    # The derivative is taken at the point that came back.
    assert np.max(error) < (1e-8 if dtype == "float64" else 1e-2)
    assert np.all(np.abs(back - points) <= 8 * reach + 32 * np.finfo(dtype).eps * points)


def test_expectation_parameters_that_no_point_has():
    for name, m in (("beta", [-0.1, -0.2]), ("beta", [-3.0, 0.2]), ("beta", [np.nan, -1.0]), ("gamma", [1.0, 2.0])):
        assert np.isnan(geometry(name, chart="expectation").convert(m, "usual")).all()


def bregman(potential, mean, first, second):
    first, second = ([mpf(float(v)) for v in point] for point in (first, second))
    slope = mean(first)
    return (
        potential(second)
        - potential(first)
        - mpmath.fsum(m * (b - a) for m, a, b in zip(slope, first, second, strict=True))
    )


def dirichlet_divergence(first, second):
    return bregman(
        lambda x: mpmath.fsum(map(mpmath.loggamma, x)) - mpmath.loggamma(mpmath.fsum(x)),
        lambda x: [mpmath.digamma(v) - mpmath.digamma(mpmath.fsum(x)) for v in x],
        first, second,
    )  # fmt: skip


def gamma_divergence(first, second):
    return bregman(
        lambda x: mpmath.loggamma(x[0]) - x[0] * mpmath.log(-x[1]),
        lambda x: [mpmath.digamma(x[0]) - mpmath.log(-x[1]), -x[0] / x[1]],
        (first[0], -first[1]), (second[0], -second[1]),
    )  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "exact"), [("gamma", gamma_divergence), ("beta", dirichlet_divergence)])
def test_divergence_near_and_far(name, exact, dtype):
    steps = (1e-9, 1e-6, 1e-3, 0.1, 1.0) if dtype == "float64" else (1e-6, 1e-3, 0.1, 1.0)
    random, rows = np.random.default_rng(7), []
    for point in itertools.product([1e-6, 0.8, 1e6], repeat=2):
        rows += [(point, point * np.exp(step * random.normal(size=2))) for step in steps]
    rows = np.array(rows).astype(dtype)
    computed = optimised_jit(jax.vmap(geometry(name).kl))(rows[:, 0], rows[:, 1])
    errors = []
    for value, (first, second) in zip(computed, rows, strict=True):
        true = exact(first, second)
        if name == "beta" and max(first) > 1e5 * min(first):
            # Where nearly all of the sum is one parameter, parts of the size of 1/10 cancel.
            assert abs(float(value) - float(true)) < 4 * np.finfo(dtype).eps * (0.1 + 16 * float(true))
        elif np.any(first != second):
            errors.append(epsilons([value], [true], dtype))
    assert np.all(np.asarray(computed) >= 0)
    assert max(errors) < 64


@pytest.mark.parametrize(
    ("name", "theta"), [("gamma", [1e-4, 2.0]), ("gamma", [1e6, 3.0]), ("beta", [1e-4, 1e6]), ("beta", [1e6, 2e6])]
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_entropy_of_large_and_small_parameters(name, theta, dtype):
    a, b = (mpf(float(v)) for v in np.asarray(theta, dtype))
    if name == "gamma":
        exact = a - mpmath.log(b) + mpmath.loggamma(a) + (1 - a) * mpmath.digamma(a)
    else:
        potential = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
        rest = (a + b - 2) * mpmath.digamma(a + b)
        exact = potential - (a - 1) * mpmath.digamma(a) - (b - 1) * mpmath.digamma(b) + rest
    computed = float(geometry(name).entropy(jnp.asarray(theta, dtype)))
    assert abs(computed - float(exact)) < 32 * np.finfo(dtype).eps * (1 + abs(float(exact)))


def test_two_categories_are_the_beta_family():
    x, beta, dirichlet = jnp.asarray([0.4, 7.0]), geometry("beta").family, geometry("dirichlet", categories=2).family
    for key in ("expectation", "metric", "entropy", "mean_log_base_measure"):
        np.testing.assert_allclose(getattr(beta, key)(x), getattr(dirichlet, key)(x), rtol=1e-13, err_msg=key)


def test_many_categories():
    shown, x = geometry("dirichlet", categories=12), jnp.linspace(0.1, 7.0, 12)
    by_contraction = hessian_geometry.scalar_curvature(shown.metric(x), shown.skewness(x))
    np.testing.assert_allclose(shown.scalar_curvature(x), by_contraction, rtol=1e-10)
    assert by_contraction < 0


def test_everything_composes_under_strict_promotion():
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        x, shown = jnp.asarray([[0.5, 2.0], [3.0, 0.1]], "float32"), geometry("gamma")
        assert jax.vmap(jax.grad(shown.scalar_curvature))(x).dtype == "float32"
        alpha, shown = jnp.asarray([0.5, 2.0, 0.3], "float32"), geometry("dirichlet", categories=3)
        assert jax.jit(jax.grad(shown.family.dual_potential))(alpha).dtype == "float32"
        assert shown.kl(alpha, 2 * alpha).dtype == "float32"
