"""Families that are given by their density: moments of the score by exact integration."""

import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations.density import NoClosedForm
from derivations.families.gaussian import family as gaussian
from derivations.family import Family
from numerics.geometry import geometry
from properties.quadrature import score_moments
from properties.subjects import family_of

pytestmark = pytest.mark.slow

mu, sigma, x = gaussian.coordinates[0], gaussian.coordinates[1], sp.Symbol("x", real=True)
size, amount = sp.Symbol("s", positive=True), sp.Symbol("y", positive=True)
LINE = (-sp.oo, sp.oo)

GAUSSIAN = Family(
    name="gaussian_by_density",
    coordinates=(mu, sigma),
    domain=gaussian.domain,
    log_density=-((x - mu) ** 2) / (2 * sigma**2) - sp.log(sigma) - sp.log(2 * sp.pi) / 2,
    variable=x,
    support=LINE,
)


def rayleigh(**changes):
    return Family(
        name="rayleigh",
        coordinates=(size,),
        domain={size: (0, sp.oo)},
        variable=amount,
        support=(0, sp.oo),
        **({"log_density": sp.log(amount) - 2 * sp.log(size) - amount**2 / (2 * size**2)} | changes),
    )


def test_the_density_gives_the_geometry_of_the_log_partition():
    assert GAUSSIAN.metric == gaussian.metric
    assert GAUSSIAN.skewness == gaussian.skewness
    assert GAUSSIAN.geometry.scalar_curvature == -1


def test_a_family_on_the_half_line():
    assert rayleigh().metric == sp.Matrix([[4 / size**2]])
    assert rayleigh().skewness[0, 0, 0] == 16 / size**3


def test_its_divergence_is_summed_up_unless_given():
    other = sp.Symbol("sprime", positive=True)
    known = geometry(rayleigh(forms={"kl": size**2 / other**2 - 1 - 2 * sp.log(size / other)}))
    for family in (geometry(rayleigh()), known):
        np.testing.assert_allclose(family.kl(jnp.asarray([2.0]), jnp.asarray([1.0])), 3 - 2 * np.log(2), rtol=1e-12)
        near = float(family.kl(jnp.asarray([2.0]), jnp.asarray([2.0 + 1e-6])))
        np.testing.assert_allclose(near, 0.5 * 4 / 4 * 1e-12, rtol=1e-5 if family is not known else 1e-3)


def test_a_density_that_is_not_normalised_is_refused():
    with pytest.raises(ValueError, match=r"rayleigh.*integrates to .*, not to 1"):
        rayleigh(log_density=sp.log(amount) - amount**2 / (2 * size**2)).metric  # noqa: B018


def test_an_integral_without_a_closed_form_is_refused():
    strange = sp.Function("strange")(amount)
    with pytest.raises(NoClosedForm, match="'rayleigh': SymPy does not find the integral"):
        rayleigh(log_density=strange - size * amount).metric  # noqa: B018


def test_expectation_parameters_belong_to_exponential_families():
    with pytest.raises(ValueError, match="given by its density"):
        rayleigh().expectation  # noqa: B018


def test_quadrature_follows_heavy_tails(tmp_path):
    path = tmp_path / "cauchy.py"
    path.write_text(
        "import sympy as sp\nfrom thermogeometry import Family\n"
        "m, x = sp.symbols('m x', real=True)\ns = sp.Symbol('s', positive=True)\n"
        "family = Family(name='cauchy', coordinates=(m, s), domain={s: (0, sp.oo)}, variable=x, support=(-sp.oo, sp.oo),\n"
        "                log_density=sp.log(s) - sp.log(sp.pi) - sp.log((x - m) ** 2 + s**2))\n"
    )
    assert family_of(str(path)).name == "cauchy"
    total, _, _, second, third = score_moments(str(path), np.array([0.3, 2.0]))
    assert abs(total) < 1e-12
    np.testing.assert_allclose(second, np.eye(2) / 8, atol=1e-12)
    np.testing.assert_allclose(third, 0, atol=1e-12)


def test_quadrature_equals_exact_integration():
    exact, summed = geometry(gaussian), geometry(GAUSSIAN)
    for theta in ([0.3, 0.7], [1e3, 1e-2], [-2.0, 1e6]):
        point = jnp.asarray(theta)
        unit = 1 / np.sqrt(np.diagonal(exact.metric(point)))
        np.testing.assert_allclose(summed.metric(point) * np.outer(unit, unit), np.eye(2), atol=1e-13)
        third = np.einsum("i,j,k->ijk", unit, unit, unit)
        np.testing.assert_allclose(summed.skewness(point) * third, exact.skewness(point) * third, atol=1e-12)
    point, other = jnp.asarray([0.3, 0.7]), jnp.asarray([0.5, 0.9])
    np.testing.assert_allclose(summed.scalar_curvature(point), -1.0, rtol=1e-11)
    np.testing.assert_allclose(summed.distance(point, other), exact.distance(point, other), rtol=1e-9)
    np.testing.assert_allclose(summed.entropy(point), exact.entropy(point), rtol=1e-13)
    np.testing.assert_allclose(summed.kl(point, other), exact.kl(point, other), rtol=1e-12)


CAUCHY = Family(
    name="cauchy", coordinates=(mu, sigma), domain=gaussian.domain, variable=x, support=LINE,
    log_density=sp.log(sigma / sp.pi) - sp.log(sigma**2 + (x - mu) ** 2),
)  # fmt: skip


def test_heavy_tails():
    """The Fisher metric of the Cauchy family is half the identity over sigma^2, so R = -4."""
    shown = geometry(CAUCHY)
    for theta in ([0.3, 0.7], [100.0, 1e-3]):
        scaled = np.asarray(shown.metric(jnp.asarray(theta))) * theta[1] ** 2
        np.testing.assert_allclose(scaled, 0.5 * np.eye(2), atol=1e-10)
    np.testing.assert_allclose(shown.scalar_curvature(jnp.asarray([0.3, 0.7])), -4.0, rtol=1e-11)


COUNT = sp.Symbol("n", integer=True, nonnegative=True)
RATE = sp.Symbol("k", positive=True)


@pytest.mark.parametrize("rate", [1e-3, 1.0, 50.0, 1e4])
def test_counts_are_summed_up(rate):
    poisson = Family(
        name="counts", coordinates=(RATE,), domain={RATE: (0, sp.oo)}, variable=COUNT, support=(0, sp.oo), is_discrete=True,
        log_density=COUNT * sp.log(RATE) - RATE - sp.loggamma(COUNT + 1),
    )  # fmt: skip
    np.testing.assert_allclose(geometry(poisson).metric(jnp.asarray([rate]))[0, 0] * rate, 1.0, rtol=1e-10)


def test_what_quadrature_cannot_resolve_is_nan():
    """A density that does not add up to 1, and one narrower than the spacing of its numbers."""
    wrong = rayleigh(log_density=sp.log(amount) - amount**2 / (2 * size**2))
    assert np.isnan(geometry(wrong).metric(jnp.asarray([2.0]))).all()
    assert np.isnan(geometry(GAUSSIAN).metric(jnp.asarray([1e4, 1e-12]))).all()
    assert np.isnan(geometry(GAUSSIAN).metric(jnp.asarray([0.0, -1.0]))).all()


def test_a_family_given_by_its_density_has_one_chart():
    with pytest.raises(NotImplementedError, match="'cauchy' has no natural chart"):
        geometry(CAUCHY, chart="natural")
    with pytest.raises(NotImplementedError, match="given by its density has no log_partition"):
        geometry(CAUCHY).log_partition(jnp.ones(2))
