"""What the geometry of every family promises in every chart: NaN outside the domain, errors that name what is wrong."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings

import thermogeometry as tg
from numerics import geometry as shipped
from properties.bundles import tensor_values
from properties.subjects import batched, charts_of, geometry_of

pytestmark = pytest.mark.slow

FAMILIES = tg.families()
EXTREMES = st.sampled_from([0.0, -0.0, 1e-300, 1e300, -1e300, np.inf, -np.inf, np.nan, 1.0, -1.0])
# Of subnormal parameters the metric has no digits, and differences of its overflowing parts are NaN.
NUMBERS = st.one_of(EXTREMES, st.floats(-5, 5, allow_subnormal=False), st.floats(width=32))


@cache
def valid(name, chart):
    """A point of the chart: the middle of the domain."""
    usual, other = geometry_of(name), geometry_of(name, chart)
    return np.asarray(other.from_unconstrained(jnp.zeros(usual.dimension)))


@pytest.mark.parametrize("name", FAMILIES)
def test_a_point_is_valid_where_its_tensors_are_numbers(name):
    """For random coordinates, extreme ones among them: validate refuses exactly where the metric is NaN, in jitted code."""
    for chart in charts_of(name):
        size = geometry_of(name, chart).dimension
        rows = st.lists(st.lists(NUMBERS, min_size=size, max_size=size), min_size=7, max_size=7)
        settings(max_examples=12)(given(rows)(_checking(name, chart)))()


def _checking(name, chart):
    def check(points):
        refused_where_nan(name, chart, points)

    return check


def refused_where_nan(name, chart, points):
    geometry = geometry_of(name, chart)
    x = np.array([valid(name, chart), *points])
    values = tensor_values(name, chart, x)
    assert np.isfinite(values["metric"][0]).all()
    for index, point in enumerate(x):
        try:
            geometry.validate(point)
        except ValueError as error:
            message = str(error)
            assert all(np.isnan(value[index]).all() for value in values.values()), (point, message)
            assert any(coordinate.split("_")[0] in message for coordinate in geometry.coordinates), message
        else:
            # Inside, an entry may leave the range of the dtype; a whole metric of NaN means that validate let one through.
            assert not np.isnan(values["metric"][index]).all(), point


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_not_finite_is_refused_coordinate_by_coordinate(name):
    for chart in charts_of(name):
        geometry = geometry_of(name, chart)
        for bad in (np.nan, np.inf, -np.inf):
            points = np.tile(valid(name, chart), (8, 1))
            for index in range(min(8, geometry.dimension)):
                points[index, index] = bad
            values = tensor_values(name, chart, points)
            for index in range(min(8, geometry.dimension)):
                assert all(np.isnan(value[index]).all() for value in values.values()), (chart, points[index])
                with pytest.raises(ValueError, match=geometry.coordinates[index].split("_")[0]):
                    geometry.validate(points[index])


@pytest.mark.parametrize("name", FAMILIES)
def test_wrong_shapes_and_dtypes_raise_eager_and_traced(name):
    for chart in charts_of(name):
        geometry = geometry_of(name, chart)
        good = jnp.asarray(valid(name, chart))
        for bad, error in (
            (jnp.append(good, 1.0), ValueError),
            (good[None], ValueError),
            (good.astype(jnp.int32), TypeError),
            (good.astype(jnp.float16), TypeError),
        ):
            for method in ("metric", "christoffel", "scalar_curvature", "entropy"):
                with pytest.raises(error, match="theta has"):
                    getattr(geometry, method)(bad)
                with pytest.raises(error, match="theta has"):
                    jax.jit(getattr(geometry, method))(bad)
            for method in ("kl", "distance"):
                with pytest.raises(error, match="other has"):
                    getattr(geometry, method)(good, bad)


@pytest.mark.parametrize("name", FAMILIES)
def test_names_charts_and_sizes_that_are_wrong_raise(name):
    example = shipped.example(name)
    with pytest.raises(ValueError, match="no chart is called 'angular'"):
        tg.geometry(name, chart="angular", **example)
    with pytest.raises(TypeError, match=name):
        tg.geometry(name, colour=3, **example)
    for key, value in example.items():
        if isinstance(value, int):
            with pytest.raises((TypeError, ValueError), match=key):
                tg.geometry(name, **{**example, key: 0})
            with pytest.raises(TypeError, match=key):
                tg.geometry(name, **{**example, key: "three"})
    if example:
        with pytest.raises(TypeError, match="takes"):
            tg.geometry(name)


@pytest.mark.parametrize("name", FAMILIES)
def test_parameters_by_name_make_a_point(name):
    geometry = geometry_of(name)
    theta = jnp.asarray(valid(name, "usual"))
    parts = geometry.parameters(theta)
    np.testing.assert_allclose(geometry.point(**parts), theta, rtol=1e-15)
    with pytest.raises(TypeError, match="the parameters are"):
        geometry.point(colour=1.0)
    assert repr(geometry).startswith(f"Geometry({name!r}, ")


@pytest.mark.parametrize("name", ["categorical", "dirichlet", "gaussian"])
def test_all_tensors_at_once_are_those_one_by_one(name):
    for chart in charts_of(name):
        geometry = geometry_of(name, chart)
        x = geometry.from_unconstrained(jnp.full(geometry.dimension, 0.3))
        together = batched(name, "tensors", chart)(x[None])
        for tensor in ("metric", "christoffel", "scalar_curvature"):
            found, alone = (
                np.asarray(v)[0] for v in (getattr(together, tensor), batched(name, tensor, chart)(x[None]))
            )
            np.testing.assert_allclose(found, alone, rtol=1e-12, atol=1e-12 * np.abs(alone).max())


@pytest.mark.parametrize("name", FAMILIES)
def test_samples_have_the_moments_of_the_family(name):
    """Means of the statistics of 20000 draws within six standard errors, with a fixed key: a chance of 1e-9 per statistic."""
    geometry = geometry_of(name)
    theta = geometry.from_unconstrained(jnp.full(geometry.dimension, 0.3))
    drawn = geometry.sample(jax.random.key(7), theta, (20000,))
    statistics = np.asarray(jax.vmap(geometry.statistics)(drawn))
    m, error = geometry.convert(theta, "expectation"), statistics.std(axis=0) / np.sqrt(len(statistics))
    assert (np.abs(statistics.mean(axis=0) - m) <= 6 * error).all()
    assert drawn.dtype == theta.dtype
    assert np.isfinite(jax.vmap(geometry.log_density, (0, None))(drawn[:50], theta)).all()
    assert np.isnan(geometry.sample(jax.random.key(7), jnp.full(geometry.dimension, jnp.nan))).all()
