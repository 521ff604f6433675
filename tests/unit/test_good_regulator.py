"""Optimal exponents of observers: known matrices, mpmath, extreme sizes, transformations, domain, dtypes and shapes."""

import itertools

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from numerics.geometry import geometry
from numerics.good_regulator import convergence_time, deviation_tensor, exponent_of_weight, regulator_alpha

COMPLETE = tuple(itertools.combinations(range(4), 2))


@pytest.fixture(autouse=True)
def strict():
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


def positive(seed, d):
    random = np.random.default_rng([seed, d])
    frame, _ = np.linalg.qr(random.normal(size=(d, d)))
    return (frame * np.exp(random.uniform(-2, 2, d))) @ frame.T


def test_the_golden_ratio():
    """Eigenvalues 1 and 3 have the weight 1, and alpha^2 = 1 - alpha."""
    found = regulator_alpha(np.diag([3.0, 1.0]))
    np.testing.assert_allclose(found.alpha, (5**0.5 - 1) / 2, rtol=1e-15)
    np.testing.assert_allclose(found.beta, 1.0, rtol=1e-15)
    np.testing.assert_allclose(found.eigenvalues, [1.0, 3.0], rtol=1e-15)
    np.testing.assert_allclose(found.directional, [0.5, 0.75], rtol=1e-15)


@pytest.mark.parametrize(
    "fisher", [np.eye(1) * 7.0, np.eye(3) * 0.2, np.diag([1.0, 1.9]), np.diag([1.0, 2.0])], ids=str
)
def test_up_to_the_threshold_the_exponent_is_zero(fisher):
    found = regulator_alpha(fisher)
    assert found.alpha == found.beta == 0
    np.testing.assert_array_equal(found.directional, np.ones(len(fisher)))
    np.testing.assert_array_equal(found.along(np.ones(len(fisher))), 1.0)


@pytest.mark.parametrize(
    ("powers", "beta"),
    [((1.0, 1.0), 3.0), ((2.0, 1.0), 7.0), ((1.0, 2.0), 1.0), ((0.0, 1.0), 0.0), ((0.1, 1.0), 0.0), ((3, 3), 3.0)],
)
def test_other_powers(powers, beta):
    """Eigenvalues 1 and 5: ``beta = 4 a/b - 1``, and a little more or less takes longer."""
    fisher = np.diag([1.0, 5.0])
    np.testing.assert_allclose(regulator_alpha(fisher, *powers).beta, beta, rtol=1e-14)
    best = convergence_time(fisher, beta, *powers)
    np.testing.assert_allclose(
        best, (5 * (5 + beta) / (1 + beta)) ** powers[0] * (5 * (5 + beta)) ** powers[1], rtol=1e-14
    )
    for other in (0.0, 0.9 * beta, 1.1 * beta + 0.1):
        assert convergence_time(fisher, other, *powers) >= best


@pytest.mark.parametrize(("dtype", "reach"), [(np.float32, 37), (np.float64, 307)])
def test_exponents_of_weights_of_any_size(dtype, reach):
    weights = np.concatenate([10.0 ** np.arange(-reach, reach + 1, 1.7), np.linspace(0.1, 9, 40)]).astype(dtype)
    found = np.asarray(exponent_of_weight(jnp.asarray(weights)))
    assert found.dtype == dtype
    with mpmath.workdps(40):
        roots = [(mpmath.sqrt(mpmath.mpf(float(w))), mpmath.sqrt(mpmath.mpf(float(w)) + 4)) for w in weights]
        errors = [abs(float(a) * (x + y) / (2 * x) - 1) for a, (x, y) in zip(found, roots, strict=True)]
    # 200000 weights: 1.8 units.
    assert max(errors) < 3 * float(np.finfo(dtype).eps)


def test_ends_of_the_weights():
    np.testing.assert_array_equal(
        exponent_of_weight(jnp.array([0.0, jnp.inf, -1.0, jnp.nan])), [0.0, 1.0, np.nan, np.nan]
    )
    assert jax.grad(exponent_of_weight)(0.0) == 0
    np.testing.assert_allclose(jax.grad(exponent_of_weight)(1.0), 3 / 20**0.5 - 0.5, rtol=1e-14)


@pytest.mark.parametrize("fields", [False, True])
def test_observers_on_a_graph_are_part_of_those_on_a_larger_one(fields):
    """An edge without a coupling is no parameter: the Fisher matrix is that of the complete graph less its row and column."""
    edges = ((0, 1), (1, 2), (2, 3), (0, 3))
    kept = [*range(4 * fields), *(4 * fields + COMPLETE.index(edge) for edge in edges)]
    point = np.zeros(4 * fields + len(COMPLETE))
    point[kept] = np.random.default_rng(0).normal(size=len(kept))
    whole = np.asarray(geometry("ising", edges=COMPLETE, fields=fields).metric(point))[np.ix_(kept, kept)]
    part = geometry("ising", edges=edges, fields=fields).metric(point[kept])
    np.testing.assert_allclose(part, whole, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(regulator_alpha(part).alpha, regulator_alpha(whole).alpha, rtol=1e-10)


def test_directions():
    fisher = positive(0, 4)
    found = regulator_alpha(fisher)
    _, vectors = np.linalg.eigh(fisher)
    np.testing.assert_allclose([found.along(v) for v in vectors.T], found.directional, rtol=1e-13)
    v = np.array([1.0, -2.0, 0.5, 3.0])
    square, plain = v @ fisher @ fisher @ v, v @ fisher @ v
    np.testing.assert_allclose(found.along(v), square / (square + found.beta * plain), rtol=1e-14)
    np.testing.assert_allclose(found.along(1e200 * v), found.along(v), rtol=1e-14)
    assert np.isnan(found.along(np.zeros(4)))


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_units_of_any_size(scale):
    """The weight has the units of F, and directions have none; 1 - alpha is lost for huge weights, never the rest."""
    fisher, v = positive(1, 3), np.array([1.0, 2.0, -1.0])
    here, there = regulator_alpha(fisher), regulator_alpha(scale * fisher)
    np.testing.assert_allclose(there.beta, scale * here.beta, rtol=1e-13)
    np.testing.assert_allclose(there.directional, here.directional, rtol=1e-13)
    np.testing.assert_allclose(there.along(v), here.along(v), rtol=1e-13)
    assert 0 < there.alpha <= 1


def test_batches_gradients_and_dtypes():
    matrices = np.stack([positive(seed, 3) for seed in range(4)])
    alone = [regulator_alpha(f) for f in matrices]
    batch = jax.jit(jax.vmap(regulator_alpha))(matrices)
    for name in ("beta", "alpha", "eigenvalues", "directional"):
        np.testing.assert_allclose(getattr(batch, name), [getattr(a, name) for a in alone], rtol=1e-13)
    v = jnp.ones(3)
    np.testing.assert_allclose(jax.vmap(lambda r: r.along(v))(batch), [a.along(v) for a in alone], rtol=1e-13)
    ising = geometry("ising", edges=COMPLETE)

    def alpha(couplings):
        return regulator_alpha(ising.metric(couplings)).alpha

    couplings, step = jnp.array([0.5, 0.3, 0.2, 0.7, 0.4, 0.6]), 1e-5 * jnp.arange(1.0, 7.0)
    rise = alpha(couplings + step) - alpha(couplings - step)
    np.testing.assert_allclose(jax.grad(alpha)(couplings) @ step, 0.5 * rise, rtol=1e-7)
    assert np.isfinite(jax.grad(alpha)(jnp.full(6, 0.5))).all()
    np.testing.assert_array_equal(jax.grad(alpha)(jnp.full(6, 0.05)), np.zeros(6))
    single = regulator_alpha(matrices[0].astype(np.float32))
    assert {leaf.dtype for leaf in jax.tree.leaves(single)} == {jnp.dtype(np.float32)}
    assert single.along(np.ones(3, np.float32)).dtype == jnp.float32
    np.testing.assert_allclose(single.alpha, alone[0].alpha, rtol=1e-5)
    single = np.asarray(matrices[0], np.float32)
    assert convergence_time(single, 0.3).dtype == deviation_tensor(single, single).dtype == jnp.float32


@pytest.mark.parametrize("d", [1, 3, 10])
def test_deviation(d):
    mass, fisher = positive(2, d), positive(3, d)
    found = np.asarray(deviation_tensor(mass, fisher))
    np.testing.assert_allclose(found, mass - np.trace(np.linalg.solve(fisher, mass)) / d * fisher, atol=1e-11)
    np.testing.assert_allclose(deviation_tensor(2.5 * fisher, fisher), np.zeros((d, d)), atol=1e-11)


@pytest.mark.parametrize(
    "fisher",
    [-np.eye(2), np.diag([1.0, 0.0]), np.diag([1.0, -1.0]), np.full((2, 2), np.nan), np.diag([1.0, np.inf])],
    ids=str,
)
def test_what_is_not_positive_definite_is_nan(fisher):
    found = regulator_alpha(fisher)
    assert all(np.isnan(leaf).all() for leaf in jax.tree.leaves(found))
    assert np.isnan(found.along(np.ones(2)))
    assert np.isnan(convergence_time(fisher, 0.5))
    if not np.isinf(fisher).any():
        assert np.isnan(deviation_tensor(np.eye(2), fisher)).all()


def test_numbers_outside_their_domain_give_nan():
    fisher = np.diag([1.0, 3.0])
    for powers in ((-1.0, 1.0), (1.0, 0.0), (1.0, -1.0), (np.inf, 1.0), (np.nan, 1.0)):
        assert np.isnan(regulator_alpha(fisher, *powers).alpha), powers
    assert np.isnan(convergence_time(fisher, -0.1))
    assert np.isnan(convergence_time(fisher, 0.1, -1.0))
    np.testing.assert_allclose(convergence_time(fisher, 1.0, 1.0, 0.0), 6.0, rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "named"),
    [
        (lambda: regulator_alpha(np.ones(3)), ValueError, "fisher has shape"),
        (lambda: regulator_alpha(np.ones((2, 3))), ValueError, "fisher has shape"),
        (lambda: regulator_alpha(np.ones((0, 0))), ValueError, "fisher has shape"),
        (lambda: regulator_alpha(np.eye(2, dtype=int)), TypeError, "fisher has dtype"),
        (lambda: regulator_alpha(np.eye(2), np.ones(2)), ValueError, "cond_power has shape"),
        (lambda: regulator_alpha(np.eye(2), 1.0, np.ones(2)), ValueError, "radius_power has shape"),
        (lambda: regulator_alpha(np.eye(2), np.float32(1.0)), TypeError, "must agree"),
        (lambda: regulator_alpha(np.eye(2)).along(np.ones(3)), ValueError, "v has shape"),
        (lambda: regulator_alpha(np.eye(2)).along(np.ones(2, np.float32)), TypeError, "must agree"),
        (lambda: convergence_time(np.eye(2), np.ones(2)), ValueError, "beta has shape"),
        (lambda: convergence_time(np.ones(2), 1.0), ValueError, "fisher has shape"),
        (lambda: deviation_tensor(np.eye(3), np.eye(2)), ValueError, "mass has shape"),
        (lambda: deviation_tensor(np.eye(2, dtype=np.float32), np.eye(2)), TypeError, "must agree"),
    ],
)
def test_wrong_shapes_and_dtypes_raise(call, error, named):
    with pytest.raises(error, match=named):
        call()
