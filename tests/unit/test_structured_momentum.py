"""Orthogonalised steps: against SciPy, their derivatives and dtypes, and what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg as sl

from numerics.structured_momentum import polar_factor, structured_step


def problem(m, n, seed=0):
    random = np.random.default_rng([seed, m, n])
    a, b = random.normal(size=(m, m)), random.normal(size=(n, n))
    return random.normal(size=(m, n)), a @ a.T + 0.1 * np.eye(m), b @ b.T + 0.1 * np.eye(n)


@pytest.mark.parametrize("shape", [(1, 3), (5, 2), (9, 10)], ids=str)
def test_step_against_symmetric_roots_of_scipy(shape):
    G, P, Q = problem(*shape)
    left, right = (np.linalg.inv(sl.sqrtm(factor)) for factor in (P, Q))
    expected = left @ sl.polar(left @ G @ right)[0] @ right
    np.testing.assert_allclose(structured_step(G, P, Q), expected, rtol=0, atol=1e-11 * np.abs(expected).max())


def test_unit_factors_are_muon():
    G, *_ = problem(4, 3)
    np.testing.assert_allclose(structured_step(G, np.eye(4), np.eye(3)), sl.polar(G)[0], atol=1e-13)


def test_polar_factor_of_lower_rank_is_the_partial_isometry():
    one = np.outer([1.0, 2.0, 2.0], [3.0, 4.0])
    np.testing.assert_allclose(polar_factor(one), one / 15, atol=1e-15)
    np.testing.assert_array_equal(polar_factor(jnp.zeros((2, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("shape", [(4, 2), (2, 3)], ids=str)
def test_derivative_of_the_polar_factor(shape):
    """Also where singular values agree, where the derivative of the decomposition itself is infinite."""
    G, *_ = problem(*shape)
    step = 1e-5 * np.random.default_rng(1).normal(size=shape)
    for at in (G, np.eye(*shape)):
        rise = (polar_factor(at + step) - polar_factor(at - step)) / 2
        _, slope = jax.jvp(polar_factor, (jnp.asarray(at),), (jnp.asarray(step),))
        np.testing.assert_allclose(slope, rise, atol=1e-12)
    weights = np.random.default_rng(2).normal(size=shape)
    gradient = jax.grad(lambda g: jnp.sum(weights * polar_factor(g)))(jnp.asarray(G))
    _, slope = jax.jvp(polar_factor, (jnp.asarray(G),), (jnp.asarray(step),))
    np.testing.assert_allclose(np.sum(gradient * step), np.sum(weights * slope), rtol=1e-10)


def test_batches_and_dtypes():
    parts = [np.stack(part) for part in zip(*[problem(3, 2, seed) for seed in range(4)], strict=True)]
    batch = jax.jit(jax.vmap(structured_step))(*parts)
    alone = [structured_step(*[part[i] for part in parts]) for i in range(4)]
    np.testing.assert_allclose(batch, alone, rtol=1e-12)
    single = structured_step(*[part[0].astype(np.float32) for part in parts])
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, alone[0], atol=1e-4)


@pytest.mark.parametrize(
    "change", [{"rows": -np.eye(3)}, {"columns": np.diag([1.0, 0.0])}, {"gradient": np.full((3, 2), np.inf)}], ids=str
)
def test_what_has_no_step_is_nan(change):
    parts = dict(zip(("gradient", "rows", "columns"), problem(3, 2), strict=True)) | change
    assert np.isnan(structured_step(**parts)).all()
    assert np.isnan(jax.jit(structured_step)(**parts)).all()


def test_matrices_that_are_not_finite_are_nan():
    for value in (np.nan, np.inf):
        matrix = np.ones((2, 3))
        matrix[0, 1] = value
        assert np.isnan(polar_factor(matrix)).all()


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        ({"gradient": np.ones(3)}, ValueError, "gradient has shape"),
        ({"rows": np.eye(2)}, ValueError, "rows has shape"),
        ({"columns": np.ones(2)}, ValueError, "columns has shape"),
        ({"gradient": np.ones((3, 2), int)}, TypeError, "gradient"),
        ({"gradient": np.ones((3, 2), np.float32)}, TypeError, "must agree"),
    ],
)
def test_wrong_shapes_and_dtypes_raise(change, error, named):
    parts = dict(zip(("gradient", "rows", "columns"), problem(3, 2), strict=True)) | change
    with pytest.raises(error, match=named):
        structured_step(**parts)


@pytest.mark.parametrize("shape", [(2,), (1, 2, 3), (0, 2)], ids=str)
def test_polar_factor_of_other_shapes_raises(shape):
    with pytest.raises(ValueError, match="matrix has shape"):
        polar_factor(np.ones(shape))
