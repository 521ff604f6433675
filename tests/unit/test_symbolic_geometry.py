"""The symbolic tensor kernel: its conventions on spaces everybody knows, its symmetries, its errors."""

import itertools
from functools import cache

import pytest
import sympy as sp

from derivations import families
from derivations.fields import Field
from derivations.riemannian import RiemannianGeometry

u, v, w = sp.symbols("u v w", real=True)
r = sp.Symbol("r", positive=True)
h = sp.Symbol("h", positive=True)
FIELD = Field()

SPACES = {  # coordinates, metric, sectional curvature
    "unit sphere": ((u, v), sp.diag(1, sp.sin(u) ** 2), 1),
    "sphere of radius 3": ((u, v), sp.diag(9, 9 * sp.sin(u) ** 2), sp.Rational(1, 9)),
    "stereographic sphere": ((u, v), 4 / (1 + u**2 + v**2) ** 2 * sp.eye(2), 1),
    "half-plane": ((u, h), sp.eye(2) / h**2, -1),
    "Poincare disc": ((u, v), 4 / (1 - u**2 - v**2) ** 2 * sp.eye(2), -1),
    "Gaussian": ((u, h), sp.diag(1, 2) / h**2, sp.Rational(-1, 2)),
    "Gaussian, sheared": ((u, h), sp.Matrix([[1, 1], [1, 3]]) / h**2, sp.Rational(-1, 2)),
    "polar": ((r, v), sp.diag(1, r**2), 0),
    "skew plane": ((u, v), sp.Matrix([[1 + u**2, u], [u, 1]]), 0),
    "three-sphere": ((u, v, w), sp.diag(1, sp.sin(u) ** 2, sp.sin(u) ** 2 * sp.sin(v) ** 2), 1),
    "half-space": ((u, v, h), sp.eye(3) / h**2, -1),
    "spherical coordinates": ((r, u, v), sp.diag(1, r**2, r**2 * sp.sin(u) ** 2), 0),
}
# A metric without any symmetry, so that index mistakes show.
GENERIC = ((u, v, w), sp.Matrix([[1, 0, v * w], [0, 1, 0], [v * w, 0, 1 + (v * w) ** 2 + u]]), None)


@cache
def space(name):
    coordinates, metric, _ = SPACES.get(name, GENERIC)
    return RiemannianGeometry(coordinates, metric)


def indices(geometry, rank):
    return itertools.product(range(geometry.dimension), repeat=rank)


def is_zero(expression):
    return FIELD.is_zero(expression)


@pytest.fixture(params=SPACES)
def known(request):
    return space(request.param), SPACES[request.param][2]


def test_riemann_of_constant_curvature(known):
    geometry, K = known
    g, R = geometry.metric, geometry.riemann
    for i, j, k, m in indices(geometry, 4):
        assert is_zero(R[i, j, k, m] - K * (g[i, k] * g[j, m] - g[i, m] * g[j, k])), (i, j, k, m)


def test_ricci_and_scalar_of_constant_curvature(known):
    geometry, K = known
    d = geometry.dimension
    assert all(is_zero(entry) for entry in geometry.ricci - (d - 1) * K * geometry.metric)
    assert is_zero(geometry.scalar_curvature - d * (d - 1) * K)


def test_sectional_curvature_of_every_coordinate_plane(known):
    geometry, K = known
    frame = sp.eye(geometry.dimension)
    for i, j in itertools.combinations(range(geometry.dimension), 2):
        assert is_zero(geometry.sectional_curvature(list(frame[:, i]), list(frame[:, j])) - K)
        # Any basis of the plane will do.
        a, b = 2 * frame[:, i] + frame[:, j], frame[:, i] - u * frame[:, j]
        assert is_zero(geometry.sectional_curvature(list(a), list(b)) - K)


def test_inverse_metric_is_the_inverse(known):
    geometry, _ = known
    assert all(is_zero(e) for e in geometry.inverse_metric * geometry.metric - sp.eye(geometry.dimension))


@pytest.mark.parametrize("name", ["generic", "three-sphere", "Gaussian, sheared"])
def test_levi_civita_is_symmetric_and_metric(name):
    geometry = space(name)
    gamma, g = geometry.christoffel, geometry.metric
    for i, j, k in indices(geometry, 3):
        assert is_zero(gamma[i, j, k] - gamma[i, k, j])
        transport = sum(gamma[m, k, i] * g[m, j] + gamma[m, k, j] * g[i, m] for m in range(geometry.dimension))
        assert is_zero(sp.diff(g[i, j], geometry.coordinates[k]) - transport)


@pytest.mark.parametrize("name", ["three-sphere", "half-space", "Gaussian, sheared"])
def test_symmetries_of_riemann_and_first_bianchi(name):
    geometry = space(name)
    R = geometry.riemann
    for i, j, k, m in indices(geometry, 4):
        assert is_zero(R[i, j, k, m] + R[j, i, k, m])
        assert is_zero(R[i, j, k, m] + R[i, j, m, k])
        assert is_zero(R[i, j, k, m] - R[k, m, i, j])
        assert is_zero(R[i, j, k, m] + R[i, k, m, j] + R[i, m, j, k])


def test_symmetries_of_a_metric_without_symmetry():
    """At one point, for the symbolic entries are long; the derivatives are exact before the point goes in."""
    geometry = space("generic")
    R = geometry.riemann.subs({u: sp.Rational(1, 3), v: sp.Rational(-1, 2), w: 2})
    assert any(R[i, j, k, m] != 0 for i, j, k, m in indices(geometry, 4) if len({i, j, k, m}) == 3)
    for i, j, k, m in indices(geometry, 4):
        assert R[i, j, k, m] == -R[j, i, k, m] == -R[i, j, m, k] == R[k, m, i, j]
        assert R[i, j, k, m] + R[i, k, m, j] + R[i, m, j, k] == 0


def test_signs_and_index_order_on_the_sphere():
    sphere = space("unit sphere")
    assert is_zero(sphere.christoffel[0, 1, 1] + sp.sin(u) * sp.cos(u))
    assert is_zero(sphere.christoffel[1, 0, 1] - sp.cos(u) / sp.sin(u))
    assert is_zero(sphere.riemann[0, 1, 0, 1] - sp.sin(u) ** 2)
    assert is_zero(sphere.riemann[0, 1, 1, 0] + sp.sin(u) ** 2)


def test_curvature_of_any_connection_has_the_stated_index_order():
    """One coefficient that depends on one coordinate: ``R^0_1 01 = d_0 Gamma^0_11`` and nothing else."""
    plane = RiemannianGeometry((u, v), sp.eye(2))
    connection = sp.MutableDenseNDimArray.zeros(2, 2, 2)
    connection[0, 1, 1] = u**2
    curvature = plane.curvature(sp.ImmutableDenseNDimArray(connection))
    nonzero = {index: curvature[index] for index in indices(plane, 4) if curvature[index] != 0}
    assert nonzero == {(0, 1, 0, 1): 2 * u, (0, 1, 1, 0): -2 * u}


def test_raising_and_lowering_are_inverse():
    geometry = space("Gaussian, sheared")
    tensor = sp.ImmutableDenseNDimArray(range(8), (2, 2, 2))
    back = geometry.lower_first(geometry.raise_first(tensor))
    assert all(is_zero(back[i] - tensor[i]) for i in indices(geometry, 3))
    assert geometry.raise_first(tensor) != tensor


@pytest.mark.parametrize("name", families.names())
def test_shipped_families_are_dually_flat(name):
    family = families.load(name)
    geometry, alpha = family.geometry, sp.Symbol("alpha")
    for sign in (1, -1):
        connection = geometry.alpha_connection(family.skewness, sp.Integer(sign))
        assert all(entry == 0 for entry in sp.flatten(geometry.curvature(connection).tolist()))
    assert geometry.alpha_connection(family.skewness, sp.Integer(0)) == geometry.christoffel
    skewed = geometry.alpha_connection(family.skewness, alpha)
    lowered = geometry.lower_first(skewed)
    # The alpha-connections are linear in alpha with slope -T/2; T has three symmetric indices.
    for i, j, k in indices(geometry, 3):
        assert family.field.is_zero(sp.diff(lowered[i, j, k], alpha) + family.skewness[i, j, k] / 2)
        assert family.field.is_zero(family.skewness[i, j, k] - family.skewness[j, k, i])


def test_alpha_curvature_of_the_gaussian():
    family, alpha = families.load("gaussian"), sp.Symbol("alpha")
    geometry = family.geometry
    curvature = geometry.lower_first(geometry.curvature(geometry.alpha_connection(family.skewness, alpha)))
    assert is_zero(curvature[0, 1, 0, 1] / geometry.metric.det() + (1 - alpha**2) / 2)


@pytest.mark.parametrize(
    ("metric", "error", "message"),
    [
        (sp.eye(3), ValueError, r"shape \(3, 3\).*2 coordinates"),
        (sp.ones(2, 1), ValueError, r"shape \(2, 1\)"),
        (sp.Matrix([[1, u], [v, 1]]), ValueError, "not symmetric"),
    ],
)
def test_a_malformed_metric_is_refused(metric, error, message):
    with pytest.raises(error, match=message):
        RiemannianGeometry((u, v), metric)


def test_symmetry_is_decided_in_the_field():
    RiemannianGeometry((u, v), sp.Matrix([[2, sp.sin(2 * u)], [2 * sp.sin(u) * sp.cos(u), 2]]))


@pytest.mark.parametrize(
    "metric",
    [
        sp.ones(2, 2),
        sp.Matrix([[u**2, u * v], [u * v, v**2]]),
        sp.Matrix([[sp.sin(u) ** 2, sp.sin(u)], [sp.sin(u), 1]]),
        sp.diag(1, sp.sin(u) ** 2 + sp.cos(u) ** 2 - 1),
    ],
    ids=str,
)
def test_a_metric_that_is_singular_everywhere_is_refused(metric):
    with pytest.raises(ZeroDivisionError, match="singular"):
        _ = RiemannianGeometry((u, v), metric).christoffel


PARALLEL = [((1, 0), (2, 0)), ((1, 1), (1, 1)), ((0, 0), (1, 0)), ((sp.sin(2 * u), 0), (sp.sin(u), 0))]


@pytest.mark.parametrize(("a", "b"), PARALLEL, ids=str)
def test_parallel_vectors_have_no_sectional_curvature(a, b):
    with pytest.raises(ZeroDivisionError, match="span no plane"):
        space("unit sphere").sectional_curvature(a, b)


def test_repeated_coordinates_are_refused():
    with pytest.raises(ValueError, match="coordinates"):
        RiemannianGeometry((u, u), sp.eye(2))
