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


def test_its_divergence_is_not_known_unless_given():
    flat = geometry(rayleigh())
    with pytest.raises(NotImplementedError, match="rayleigh: no closed form of the divergence"):
        flat.kl(jnp.ones(1), jnp.ones(1))
    other = sp.Symbol("sprime", positive=True)
    known = geometry(rayleigh(forms={"kl": size**2 / other**2 - 1 - 2 * sp.log(size / other)}))
    np.testing.assert_allclose(known.kl(jnp.asarray([2.0]), jnp.asarray([1.0])), 3 - 2 * np.log(2), rtol=1e-6)


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
    total, second, third = score_moments(str(path), np.array([0.3, 2.0]))
    assert abs(total) < 1e-12
    np.testing.assert_allclose(second, np.eye(2) / 8, atol=1e-12)
    np.testing.assert_allclose(third, 0, atol=1e-12)
