"""Information projections: known laws, dependent statistics, edges, derivatives, dtypes, domain and shapes."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from numerics.information_projection import information_projection, reverse_projection

BASE = np.array([0.5, 0.3, 0.2])
STATISTICS = np.array([[0.0], [1.0], [2.0]])


@pytest.fixture(autouse=True)
def strict():
    with jax.enable_x64(True), jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


def test_known_projection():
    """With x = exp(lambda): ``(0.5, 0.3 x, 0.2 x^2)`` has the mean 1.2 where ``0.16 x^2 - 0.06 x - 0.6 = 0``."""
    found = information_projection(BASE, STATISTICS, np.array([1.2]))
    x = (0.06 + (0.06**2 + 4 * 0.16 * 0.6) ** 0.5) / 0.32
    weights = BASE * x ** np.arange(3)
    np.testing.assert_allclose(found.law, weights / weights.sum(), rtol=1e-14)
    np.testing.assert_allclose(found.multipliers, [np.log(x)], rtol=1e-14)
    np.testing.assert_allclose(found.log_partition, np.log(weights.sum()), rtol=1e-14)
    np.testing.assert_allclose(found.divergence, 0.1912746595, rtol=1e-9)


def test_only_ratios_of_the_base_and_differences_of_statistics_count():
    asked = np.array([1.2])
    plain = information_projection(BASE, STATISTICS, asked)
    scaled = information_projection(7 * BASE, STATISTICS - 5, asked - 5)
    for name in ("law", "multipliers", "divergence"):
        np.testing.assert_allclose(getattr(scaled, name), getattr(plain, name), rtol=1e-13)


def test_dependent_statistics_have_the_shortest_multipliers():
    plain = information_projection(BASE, STATISTICS, np.array([1.2]))
    twice = information_projection(BASE, STATISTICS * np.array([[1.0, 1.0]]), np.array([1.2, 1.2]))
    np.testing.assert_allclose(twice.law, plain.law, rtol=1e-13)
    np.testing.assert_allclose(twice.multipliers, np.repeat(plain.multipliers / 2, 2), rtol=1e-12)
    assert np.isnan(information_projection(BASE, STATISTICS * np.array([[1.0, 1.0]]), np.array([1.2, 1.3])).law).all()


def test_states_without_probability_keep_it():
    found = information_projection(
        np.array([0.5, 0.3, 0.0, 0.2]), np.array([[0.0], [1.0], [9.0], [2.0]]), np.array([1.2])
    )
    plain = information_projection(BASE, STATISTICS, np.array([1.2]))
    assert found.law[2] == 0
    np.testing.assert_allclose(np.delete(found.law, 2), plain.law, rtol=1e-13)
    np.testing.assert_allclose(found.divergence, plain.divergence, rtol=1e-13)
    assert np.isnan(information_projection(np.array([0.5, 0.5, 0.0]), STATISTICS, np.array([1.2])).law).all()


@pytest.mark.parametrize(("mean", "law"), [(0.0, [1, 0, 0]), (2.0, [0, 0, 1]), (1e-9, [1, 1e-9, 0])])
def test_on_and_near_the_edge(mean, law):
    found = information_projection(BASE, STATISTICS, np.array([mean]))
    np.testing.assert_allclose(found.law, law, rtol=1e-8, atol=1e-15)
    np.testing.assert_allclose(found.divergence, -np.log(BASE[np.argmax(law)]), rtol=1e-7)


@pytest.mark.parametrize("mean", [-1e-3, 2.001, np.nan, np.inf])
def test_means_that_no_law_has_give_nan(mean):
    assert all(np.isnan(part).all() for part in information_projection(BASE, STATISTICS, np.array([mean])))


@pytest.mark.parametrize("base", [[-0.1, 0.6, 0.5], [np.nan, 0.5, 0.5], [0.0, 0.0, 0.0]])
def test_what_is_no_base_gives_nan(base):
    assert all(np.isnan(part).all() for part in information_projection(np.array(base), STATISTICS, np.array([1.2])))


@pytest.mark.parametrize("step", [1e-3, 1e-7, 1e-12])
def test_small_divergences_keep_their_digits(step):
    """Two states: ``KL = q log(q/p) + (1 - q) log((1 - q)/(1 - p))``."""
    found = information_projection(np.array([0.25, 0.0, 0.75]), STATISTICS / 2, np.array([0.75 + step]))
    with mpmath.workdps(60):
        q = mpmath.mpf(0.75 + step)
        exact = q * mpmath.log(q / 0.75) + (1 - q) * mpmath.log((1 - q) / 0.25)
    # Of the difference of the means, which enters squared, 1e-16 is rounding.
    np.testing.assert_allclose(found.divergence, float(exact), rtol=1e-13 + 1e-15 / step)


def test_rare_states():
    base = np.exp(np.array([0.0, -300.0, -600.0]))
    found = information_projection(base, STATISTICS, np.array([1.0]))
    expected = information_projection(np.ones(3), STATISTICS, np.array([1.0]))
    np.testing.assert_allclose(found.law, expected.law, rtol=1e-11)
    np.testing.assert_allclose(found.multipliers, [300.0], rtol=1e-13)


def test_first_derivatives():
    """By all arguments, forwards against differences and backwards against forwards."""
    random = np.random.default_rng(0)
    statistics = random.normal(size=(3, 2))
    point = (np.array([0.2, 0.3, 0.5]), statistics, np.array([0.4, 0.3, 0.3]) @ statistics)
    directions = tuple(random.normal(size=p.shape) for p in point)

    def values(*arguments):
        found = information_projection(*arguments)
        return jnp.concatenate([found.law, found.multipliers, found.log_partition[None], found.divergence[None]])

    step = 1e-5
    ahead, behind = (values(*(p + s * d for p, d in zip(point, directions, strict=True))) for s in (step, -step))
    found, forward = jax.jvp(values, tuple(map(jnp.asarray, point)), tuple(map(jnp.asarray, directions)))
    np.testing.assert_allclose(forward, (ahead - behind) / (2 * step), rtol=1e-6, atol=1e-7)
    weights = jnp.asarray(random.normal(size=found.shape))
    backward = jax.vjp(values, *map(jnp.asarray, point))[1](weights)
    inner = sum(np.vdot(a, d) for a, d in zip(backward, directions, strict=True))
    np.testing.assert_allclose(inner, np.vdot(weights, forward), rtol=1e-10)


def test_batches_and_dtypes():
    asked = np.array([[0.4], [1.2], [1.9]])
    batch = jax.jit(jax.vmap(lambda c: information_projection(BASE, STATISTICS, c).law))(asked)
    alone = [information_projection(BASE, STATISTICS, c).law for c in asked]
    np.testing.assert_allclose(batch, alone, rtol=1e-13)
    single = information_projection(*(a.astype(np.float32) for a in (BASE, STATISTICS, asked[1])))
    assert {part.dtype for part in single} == {np.dtype(np.float32)}
    np.testing.assert_allclose(single.law, alone[1], rtol=1e-5)


def test_reverse_projection_has_the_means_of_the_law():
    law = np.array([0.1, 0.7, 0.2])
    found = reverse_projection(law, BASE, STATISTICS)
    np.testing.assert_allclose(found.law @ STATISTICS, law @ STATISTICS, rtol=1e-14)
    ratios = np.log(found.law / BASE)
    np.testing.assert_allclose(ratios[2] - ratios[1], ratios[1] - ratios[0], rtol=1e-12)


@pytest.mark.parametrize("law", [[0.1, 0.7, 0.3], [-0.1, 0.9, 0.2], [np.nan, 0.5, 0.5]])
def test_what_is_no_law_gives_nan(law):
    assert np.isnan(reverse_projection(np.array(law), BASE, STATISTICS).law).all()


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        ({"base": np.ones((2, 3))}, ValueError, "base has shape"),
        ({"base": np.ones(4)}, ValueError, "statistics has shape"),
        ({"statistics": np.ones(3)}, ValueError, "statistics has shape"),
        ({"means": np.ones(2)}, ValueError, "means has shape"),
        ({"base": np.array([1, 1, 1])}, TypeError, "base has dtype int"),
        ({"means": np.ones(1, np.float32)}, TypeError, "must agree"),
    ],
)
def test_wrong_shapes_and_dtypes_raise(change, error, named):
    arguments = {"base": BASE, "statistics": STATISTICS, "means": np.array([1.2])} | change
    with pytest.raises(error, match=named):
        information_projection(**arguments)


def test_reverse_projection_checks_shapes():
    with pytest.raises(ValueError, match="law has shape"):
        reverse_projection(np.ones(2) / 2, BASE, STATISTICS)
