"""The BKW solution: against adaptive quadrature and closed forms, batches and dtypes, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma

from numerics.landau_equation import bkw_density, bkw_fisher_information, bkw_relative_entropy, bkw_score, bkw_width


def radial(integrand, width, d):
    """The integral of a function of the radius and the density over all velocities."""

    def at(r):
        point = np.zeros(d)
        point[0] = r
        return integrand(r, float(bkw_density(point, width))) * r ** (d - 1)

    return 2 * np.pi ** (d / 2) / gamma(d / 2) * quad(at, 0, 12, epsabs=1e-13, epsrel=1e-12, limit=200)[0]


@pytest.mark.parametrize(("d", "width"), [(2, 0.7), (3, 0.61), (5, 0.9)])
def test_moments_and_entropy_against_adaptive_quadrature(d, width):
    assert radial(lambda _, f: f, width, d) == pytest.approx(1, rel=1e-10)
    assert radial(lambda r, f: r**2 * f, width, d) == pytest.approx(d, rel=1e-10)

    def divergence(r, f):
        return f * (np.log(f) + r**2 / 2 + d / 2 * np.log(2 * np.pi)) if f else 0.0

    assert bkw_relative_entropy(width, d) == pytest.approx(radial(divergence, width, d), rel=1e-8)


def test_entropy_at_the_least_width():
    """In two dimensions f is x exp(-x) in x = |v|^2, and int x log x exp(-x) dx = 1 - Euler's constant."""
    np.testing.assert_allclose(bkw_relative_entropy(0.5, 2), 1 - np.euler_gamma + np.log(2) - 1, rtol=1e-12)
    np.testing.assert_allclose(bkw_fisher_information(0.5, 2), 2, rtol=1e-12)
    np.testing.assert_allclose(bkw_fisher_information(0.6, 3), 8 / 9, rtol=1e-12)


def test_score_is_the_gradient():
    for d in (2, 4):
        v = jnp.asarray(np.random.default_rng(d).normal(size=d))
        np.testing.assert_allclose(bkw_score(v, 0.8), jax.grad(lambda v: jnp.log(bkw_density(v, 0.8)))(v), rtol=1e-12)


def test_maxwellian():
    v = np.array([0.3, -1.2, 0.5])
    np.testing.assert_allclose(bkw_density(v, 1.0), (2 * np.pi) ** -1.5 * np.exp(-v @ v / 2), rtol=1e-14)
    np.testing.assert_allclose(bkw_score(v, 1.0), -v, rtol=1e-14)
    assert bkw_relative_entropy(1.0, 3) == bkw_fisher_information(1.0, 3) == 0


def test_widths_of_the_source():
    np.testing.assert_allclose(bkw_width(2.0, 2, 0.5, 1 / 16), 1 - np.exp(-2 / 8) / 2, rtol=1e-14)
    later = bkw_width(1.0, 3, bkw_width(1.5, 3, 0.6, 1 / 24), 1 / 24)
    np.testing.assert_allclose(later, 1 - 0.4 * np.exp(-2.5 / 6), rtol=1e-14)


def test_small_entropies_keep_their_digits():
    """``(1-K)^4 d (d+2)/16`` to leading order."""
    for d in (2, 3):
        np.testing.assert_allclose(bkw_relative_entropy(1 - 1e-4, d), d * (d + 2) / 16 * 1e-16, rtol=1e-3)
        slope = jax.grad(bkw_relative_entropy)(0.999, d)
        np.testing.assert_allclose(slope, -d * (d + 2) / 4 * 1e-9, rtol=1e-2)


def test_batches_and_dtypes():
    v = np.random.default_rng(0).normal(size=(5, 2))
    width = np.linspace(0.5, 1, 5)
    batch = jax.jit(jax.vmap(bkw_density))(v, width)
    np.testing.assert_allclose(batch, [bkw_density(*pair) for pair in zip(v, width, strict=True)], rtol=1e-14)
    single = np.float32(0.75)
    for value, double in (
        (bkw_density(v[0].astype(np.float32), single), bkw_density(v[0], 0.75)),
        (bkw_relative_entropy(single, 2), bkw_relative_entropy(0.75, 2)),
        (bkw_width(single, 2, single, single), bkw_width(0.75, 2, 0.75, 0.75)),
    ):
        assert value.dtype == jnp.float32
        np.testing.assert_allclose(value, double, rtol=1e-5)


@pytest.mark.parametrize("width", [0.49, 1.01, -1.0, np.nan])
def test_widths_outside_the_domain_are_nan(width):
    v = np.array([0.1, 0.2])
    for value in (bkw_density(v, width), bkw_score(v, width), bkw_relative_entropy(width, 2),
                  bkw_fisher_information(width, 2), bkw_width(0.0, 2, width, 1.0)):  # fmt: skip
        assert np.isnan(value).all()


def test_times_and_strengths_outside_the_domain_are_nan():
    assert np.isnan(bkw_width(-0.1, 2, 0.5, 1.0))
    assert np.isnan(bkw_width(0.1, 2, 0.5, 0.0))


@pytest.mark.parametrize("dimension", [1, 2.0, True])
def test_other_dimensions_raise(dimension):
    with pytest.raises(ValueError, match="dimension = "):
        bkw_relative_entropy(0.75, dimension)
    with pytest.raises(ValueError, match="dimension = "):
        bkw_width(0.0, dimension, 0.75, 1.0)


def test_wrong_shapes_and_dtypes_raise():
    with pytest.raises(ValueError, match="v has shape"):
        bkw_density(np.ones(1), 0.75)
    with pytest.raises(ValueError, match="v has shape"):
        bkw_score(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="width has shape"):
        bkw_relative_entropy(np.ones(2), 2)
    with pytest.raises(TypeError, match="must agree"):
        bkw_density(np.ones(2), np.float32(0.75))
    with pytest.raises(TypeError, match="v has dtype"):
        bkw_density(np.ones(2, int), 0.75)
