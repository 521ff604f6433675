"""What every public function promises: names, shapes, dtypes, transformations, NaN outside the domain, errors."""

import inspect
import json
import subprocess
import sys
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import thermogeometry as tg

pytestmark = pytest.mark.slow

DTYPES = ("float32", "float64")
CASES = [(name, dtype) for name in ("gaussian", "von_mises") for dtype in DTYPES]
POINTS = {"gaussian": [[0.3, 0.7], [-1.2, 2.0], [0.0, 1.0]], "von_mises": [[0.3, 0.7], [-1.2, 2.0], [0.0, 25.0]]}
ONE_POINT = {
    "metric": (2, 2), "inverse_metric": (2, 2), "christoffel": (2, 2, 2), "skewness": (2, 2, 2), "ricci": (2, 2),
    "riemann": (2, 2, 2, 2), "scalar_curvature": (),
}  # fmt: skip
TWO_POINTS = {"kl": (), "distance": (), "log": (2,), "exp": (2,)}
SHAPES = ONE_POINT | TWO_POINTS
OUTSIDE = {
    "gaussian": [[0.0, 0.0], [0.0, -1.0], [0.0, np.inf], [0.0, np.nan], [np.nan, 1.0], [np.inf, 1.0]],
    "von_mises": [[0.0, -1.0], [0.0, np.inf], [0.0, np.nan], [np.nan, 1.0], [-np.inf, 1.0]],
}


@pytest.mark.parametrize("name", tg.__all__)
def test_public_names_resolve_and_are_documented(name):
    assert inspect.getdoc(getattr(tg, name))
    assert name in dir(tg)


def test_other_names_do_not_resolve():
    with pytest.raises(AttributeError, match="no attribute 'metrics'"):
        _ = tg.metrics


@pytest.mark.parametrize("name", ["gaussian", "von_mises"])
def test_public_methods_are_documented_and_named(name):
    shown = tg.geometry(name)
    assert all(inspect.getdoc(getattr(shown, method)) for method in [*SHAPES, "validate"])
    assert repr(shown).startswith(f"Geometry('{name}', coordinates=(mu, ")
    assert tg.geometry(name) is shown


def arguments(name, dtype):
    theta = np.asarray(POINTS[name], dtype)
    return theta, np.roll(theta, 1, axis=0)


def evaluate(name, theta, other, methods=tuple(SHAPES)):
    """The results of the methods by name; velocities are a tenth of the other point."""
    shown, second = tg.geometry(name), {"exp": 0.1 * other}
    one = {m: getattr(shown, m)(theta) for m in methods if m in ONE_POINT}
    return one | {m: getattr(shown, m)(theta, second.get(m, other)) for m in methods if m in TWO_POINTS}


@cache
def bundle(name, dtype):
    """All functions of all points, vmapped and jitted."""
    return jax.jit(jax.vmap(lambda x, y: evaluate(name, x, y)))(*arguments(name, dtype))


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_shape_and_dtype_of_results(name, dtype):
    for method, value in bundle(name, dtype).items():
        assert value.shape == (3, *SHAPES[method]), method
        assert value.dtype == dtype, method
        assert np.isfinite(value).all(), method


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_batches_equal_single_points(name, dtype):
    """vmap of jit against a loop of plain calls, which are jitted one by one."""
    theta, other = arguments(name, dtype)
    slow = {"gaussian": [], "von_mises": ["exp", "log", "distance"] if dtype == "float32" else ["exp", "distance"]}
    methods = [method for method in SHAPES if method not in slow[name]]
    for index in range(3):
        alone = evaluate(name, theta[index], other[index], methods)
        for method, value in alone.items():
            scale = np.abs(value).max() + 1e-30
            epsilons = 5e3 if method in ("log", "exp", "distance") else 16
            error = np.abs(np.asarray(value) - np.asarray(bundle(name, dtype)[method][index])).max()
            assert error <= epsilons * np.finfo(dtype).eps * scale, (method, error)
            assert value.shape == SHAPES[method]


@pytest.mark.parametrize("name", ["gaussian", "von_mises"])
def test_jit_equals_eager(name):
    theta, other = (jnp.asarray(v[1]) for v in arguments(name, "float64"))
    with jax.disable_jit():
        eager = {m: getattr(tg.geometry(name), m)(theta) for m in ONE_POINT} | {
            "kl": tg.geometry(name).kl(theta, other)
        }
    for method, value in eager.items():
        np.testing.assert_allclose(bundle(name, "float64")[method][1], value, rtol=1e-14, atol=1e-15, err_msg=method)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_derivatives_are_finite_and_follow_the_dtype(name, dtype):
    """Forward and reverse mode of everything but the integrated geodesics, in one compilation."""
    theta, other = arguments(name, dtype)
    methods = [*ONE_POINT, "kl", *(("distance", "log", "exp") if name == "gaussian" else ())]

    def one(x, y):
        call = {m: getattr(tg.geometry(name), m) for m in methods}
        forward = {m: jax.jacfwd(f)(x, y) if m in TWO_POINTS else jax.jacfwd(f)(x) for m, f in call.items()}
        scalars = {m: jax.grad(call[m])(*((x, y) if m in TWO_POINTS else (x,))) for m in methods if SHAPES[m] == ()}
        return forward, scalars

    forward, scalars = jax.jit(jax.vmap(one))(theta, other)
    for method, value in forward.items():
        assert value.shape == (3, *SHAPES[method], 2)
        assert value.dtype == dtype
        assert np.isfinite(value).all(), method
    for method, value in scalars.items():
        np.testing.assert_allclose(value, forward[method], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_outside_the_domain_everything_is_nan(name, dtype):
    """Eager calls, jitted inside; and one jitted batch. Constant entries such as a zero or R = -1 are NaN as well."""
    bad = np.asarray(OUTSIDE[name], dtype)
    good = np.broadcast_to(np.asarray(POINTS[name][0], dtype), bad.shape)
    shown = tg.geometry(name)
    closed = [*ONE_POINT, "kl", *(("distance", "log", "exp") if name == "gaussian" else ())]
    for method in closed:
        function = getattr(shown, method)
        batched = jax.jit(jax.vmap(function))
        results = [batched(bad)] if method in ONE_POINT else [batched(bad, good), batched(good, bad)]
        if method == "exp":  # a velocity is out of domain only where it is not finite
            results = results[:1]
        assert all(np.isnan(result).all() for result in results), method
        single = function(bad[0]) if method in ONE_POINT else function(bad[0], good[0])
        assert np.isnan(single).all(), method


BAD_SHAPES = [(2, 2), (3,), (), (1,), (1, 2)]


@pytest.mark.parametrize("shape", BAD_SHAPES, ids=str)
@pytest.mark.parametrize("name", ["gaussian", "von_mises"])
def test_wrong_shapes_raise_eager_and_traced(name, shape):
    bad, good, shown = jnp.ones(shape), jnp.ones(2), tg.geometry(name)
    for method in SHAPES:
        function = getattr(shown, method)
        for wrap in (lambda f: f, jax.jit):
            with pytest.raises(ValueError, match=r"theta has shape"):
                wrap(function)(*((bad,) if method in ONE_POINT else (bad, good)))
            if method in TWO_POINTS:
                with pytest.raises(ValueError, match=r"(other|v) has shape"):
                    wrap(function)(good, bad)
    with pytest.raises(ValueError, match=r"theta has shape"):
        shown.validate(bad)


BAD_DTYPES = ["int32", "int64", "bool", "complex128", "float16", "bfloat16"]


@pytest.mark.parametrize("dtype", BAD_DTYPES)
def test_wrong_dtypes_raise_eager_and_traced(dtype):
    bad, good = jnp.ones(2, dtype), jnp.ones(2)
    for name in ("gaussian", "von_mises"):
        for method in SHAPES:
            function = getattr(tg.geometry(name), method)
            for wrap in (lambda f: f, jax.jit):
                with pytest.raises(TypeError, match=f"theta has dtype {dtype}"):
                    wrap(function)(*((bad,) if method in ONE_POINT else (bad, good)))
        with pytest.raises(TypeError, match=f"dtype {dtype}"):
            tg.geometry(name).validate(bad)


@pytest.mark.parametrize("method", TWO_POINTS)
def test_mixed_dtypes_raise(method):
    with pytest.raises(TypeError, match=r"float32.*float64.*must agree"):
        getattr(tg.geometry("gaussian"), method)(jnp.ones(2, "float32"), jnp.ones(2, "float64"))


@pytest.mark.parametrize(("name", "dtype"), CASES)
def test_tensors_under_strict_promotion(name, dtype):
    shown, theta = tg.geometry(name), jnp.asarray(POINTS[name][1], dtype)
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        strict = {method: getattr(shown, method)(theta) for method in ("metric", "christoffel", "scalar_curvature")}
    for method, value in strict.items():
        assert value.dtype == dtype
        np.testing.assert_array_equal(value, getattr(shown, method)(theta), err_msg=method)


@pytest.mark.parametrize("bad", [None, 3])
def test_what_is_no_family_is_refused(bad):
    with pytest.raises(TypeError, match="family"):
        tg.geometry(bad)


def test_unknown_families_are_refused_with_the_names():
    with pytest.raises(ValueError, match=r"'gauss'.*gaussian, .*von_mises"):
        tg.geometry("gauss")


INVALID = [
    ("gaussian", [0.0, 0.0], r"sigma = 0\.0; its domain is 0 < sigma < inf"),
    ("gaussian", [0.0, -1.0], r"sigma = -1\.0"),
    ("gaussian", [0.0, np.inf], "sigma = inf"),
    ("gaussian", [0.0, np.nan], "sigma = nan"),
    ("gaussian", [np.nan, 1.0], "mu = nan; its domain is -inf < mu < inf"),
    ("gaussian", [-np.inf, 1.0], "mu = -inf"),
    ("von_mises", [0.0, -1e-9], "kappa = -1e-09; its domain is 0 <= kappa < inf"),
    ("von_mises", [0.0, np.nan], "kappa = nan"),
    ("von_mises", [np.inf, 1.0], "mu = inf"),
]


@pytest.mark.parametrize(("name", "theta", "message"), INVALID)
def test_validate_names_coordinate_value_and_domain(name, theta, message):
    with pytest.raises(ValueError, match=message):
        tg.geometry(name).validate(theta)


@pytest.mark.parametrize(
    ("name", "theta"), [("gaussian", [-1e300, 1e-300]), ("von_mises", [9.0, 0.0]), ("von_mises", [0.0, 1e300])]
)
def test_validate_returns_good_points(name, theta):
    np.testing.assert_array_equal(tg.geometry(name).validate(theta), theta)


@pytest.mark.parametrize(
    ("dtype", "sigma"), [("float32", 1e-6), ("float32", 1e-10), ("float64", 1e-10), ("float64", 1e-17)]
)
def test_gaussian_divergence_of_very_different_widths(dtype, sigma):
    narrow, wide = jnp.asarray([0.0, sigma], dtype), jnp.asarray([0.0, 1.0], dtype)
    expected = -np.log(float(narrow[1])) + float(narrow[1]) ** 2 / 2 - 0.5
    np.testing.assert_allclose(tg.geometry("gaussian").kl(narrow, wide), expected, rtol=16 * np.finfo(dtype).eps)


@pytest.mark.parametrize(("scale", "shift", "expected"), [(1e-20, 0.0, 0.0), (1e-20, 1e-20, 0.5), (1e25, 1e25, 0.5)])
def test_gaussian_divergence_does_not_depend_on_the_unit(scale, shift, expected):
    theta, other = jnp.asarray([shift, scale], "float32"), jnp.asarray([0.0, scale], "float32")
    np.testing.assert_allclose(tg.geometry("gaussian").kl(theta, other), expected, rtol=1e-5)


IMPORTS = """
import json, sys, jax
before, modules = dict(jax.config.values), set(sys.modules)
import thermogeometry, numerics
light = len(set(sys.modules) - modules)
import numerics.geometry
thermogeometry.geometry("gaussian").metric([0.0, 1.0])
banned = {"sympy", "flint", "diffrax", "ot", "matplotlib", "optax", "equinox"}
heavy = sorted({m.split(".")[0] for m in sys.modules} & banned)
print(json.dumps([light, heavy, before == dict(jax.config.values)]))
"""


def test_importing_is_light_and_changes_no_setting_of_jax():
    done = subprocess.run([sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True)
    new_modules, heavy, unchanged = json.loads(done.stdout)
    # A handful of modules take far less than the 0.2 s that importing numerics may add to importing JAX.
    assert new_modules < 10
    assert heavy == []
    assert unchanged
