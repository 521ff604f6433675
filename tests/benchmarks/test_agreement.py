"""Values of the peers at the same points: what they say of the same tensor must be the same, or there is a reason."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from benchmarks import textbook
from benchmarks.cases import CASES, FUNCTIONS, case
from benchmarks.subprocess_peers import PEERS

from thermogeometry import geometry

POINTS = 20
PAIRS_FOR_SOLVERS = 3
CLOSED_FORM = 1e-10
# geomstats solves the boundary value problem with SciPy's solve_bvp at its default tolerance of 1e-3, with errors up to 4e-4
# here; told to solve it to 1e-10, it agrees with ours to 1e-12 (test_distances_of_an_accurate_solver).
SOLVER = 2e-3
SOLVED = ("beta", "gamma", "dirichlet")
GEOMSTATS, EFAX = "geomstats_worker", "efax_worker"


def largest_error(found, expected):
    """The largest error at any point, relative to the largest component there; zeros are expected to be exact."""
    found, expected = (np.reshape(np.asarray(a), (len(expected), -1)) for a in (found, expected))
    error, size = np.abs(found - expected).max(axis=1), np.abs(expected).max(axis=1)
    assert np.isfinite(found).all()
    return float(np.max(error / np.where(size > 0, size, 1.0)))


@functools.cache
def ours(case, function, number=POINTS):
    points = [case.points(POINTS, seed)[:number] for seed in range(FUNCTIONS[function])]
    return np.asarray(jax.jit(jax.vmap(getattr(case.geometry, function)))(*points))


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("function", ["metric", "christoffel", "scalar_curvature", "kl"])
def test_automatic_differentiation(case, function):
    """Of the log-partition as a textbook has it."""
    tolerance = CLOSED_FORM
    if (case.name, function) == ("von_mises_fisher", "scalar_curvature"):
        # The textbook's log(sinh(kappa) / kappa) cancels for small kappa, the more the oftener it is differentiated: at the
        # smallest of these (0.2) its fourth derivatives keep nine digits. Ours is a series there.
        tolerance = 1e-8
    points = [case.points(POINTS, seed) for seed in range(FUNCTIONS[function])]
    found = jax.jit(jax.vmap(textbook.automatic(case)[function]))(*points)
    assert largest_error(found, ours(case, function)) < tolerance


@pytest.fixture(scope="module", params=PEERS, ids=lambda peer: peer.title)
def peer(request):
    return request.param


@pytest.fixture(scope="module")
def answers(peer, tmp_path_factory):
    """What the peer says, by case and function."""
    folder = tmp_path_factory.mktemp("agreement")
    solved = [case for case in CASES if case.name in SOLVED]
    pointwise = [name for name in FUNCTIONS if name != "distance"]
    found = peer.ask(CASES, [*pointwise, "inner_products", "sectional_curvature"], folder, POINTS)
    found |= peer.ask([case for case in CASES if case not in solved], ["distance"], folder, POINTS)
    found |= peer.ask(solved, ["distance", "accurate_distance"], folder, PAIRS_FOR_SOLVERS, POINTS)
    return {key: value for key, (value, _) in found.items()}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_peer(peer, answers, case):
    names = [name for name in FUNCTIONS if (str(case), name) in answers]
    if not names:
        pytest.skip(f"{peer.title} has no {case}")
    for name in names:
        agrees(peer, answers, case, name)


def agrees(peer, answers, case, function):
    found = answers[str(case), function]
    expected = ours(case, function, len(found))
    if (peer.script, case.name, function) in EXPLAINED:
        said = EXPLAINED[peer.script, case.name, function](case)
        assert largest_error(found, said) < CLOSED_FORM, f"{function}: no longer what the explanation says"
        assert largest_error(found, expected) > 0.1, f"{function}: it agrees now; take the explanation away"
        return
    # Fisher matrices and Christoffel symbols come in the peer's coordinates.
    if function == "metric":
        found = jax.vmap(functools.partial(metric_from, peer, case))(case.points(POINTS), found)
    if function == "christoffel":
        theirs = jnp.asarray(answers[str(case), "metric"])
        found = jax.vmap(functools.partial(christoffel_from, peer, case))(case.points(POINTS), theirs, found)
    tolerance = SOLVER if function == "distance" and case.name in SOLVED else CLOSED_FORM
    assert largest_error(found, expected) < tolerance, function


def metric_from(peer, case, theta, metric):
    """A metric in the peer's coordinates, pulled back to ours."""
    jacobian = _jacobian(peer, case)(theta)
    return jacobian.T @ metric @ jacobian


def christoffel_from(peer, case, theta, metric, christoffel):
    """Christoffel symbols in the peer's coordinates, pulled back; projected where it has more coordinates than we."""
    jacobian, bend = _jacobian(peer, case)(theta), jax.jacfwd(_jacobian(peer, case))(theta)
    acceleration = bend + jnp.einsum("abc,bj,ck->ajk", christoffel, jacobian, jacobian)
    lowered = jnp.einsum("am,ab,bjk->mjk", jacobian, metric, acceleration)
    return jnp.linalg.solve(jacobian.T @ metric @ jacobian, lowered.reshape(len(theta), -1)).reshape(lowered.shape)


def _jacobian(peer, case):
    return jax.jacfwd(functools.partial(peer.coordinates, case))


def product_distance(case):
    """geomstats gives the general normal laws no Fisher metric, but the product of R^p and positive definite matrices.

    That is ``|mu - mu'|^2 + |log Sigma^-1/2 Sigma' Sigma^-1/2|^2``, where Fisher's metric measures the means in units of
    Sigma and takes half of the second.
    """
    p = dict(case.sizes)["dimension"]
    centred = jax.vmap(geometry("fixed_mean_normal", dimension=p).distance)
    first, second = case.points(POINTS, 0), case.points(POINTS, 1)
    spread = centred(first[:, p:], second[:, p:])
    return jnp.sqrt(jnp.sum((first[:, :p] - second[:, :p]) ** 2, axis=1) + 2 * spread**2)


def flat(case):
    """geomstats gives the curvature of all of R^n with the metric ``N sum dp_i^2 / p_i``, which is flat, not of the simplex."""
    return np.zeros(POINTS)


EXPLAINED = {
    (GEOMSTATS, "multivariate_normal", "distance"): product_distance,
    (GEOMSTATS, "categorical", "scalar_curvature"): flat,
    (GEOMSTATS, "multinomial", "scalar_curvature"): flat,
}
"""What a peer says instead, and why."""

of_geomstats = pytest.mark.parametrize(
    "peer", [peer for peer in PEERS if peer.script == GEOMSTATS], ids=lambda peer: peer.title, indirect=True
)


@of_geomstats
@pytest.mark.parametrize(
    "case", [case("categorical", categories=4), case("multinomial", trials=4, categories=3)], ids=str
)
def test_sectional_curvature_of_the_simplex(peer, answers, case):
    """geomstats says ``2 sqrt(N)``, which is the radius of the sphere; its curvature is ``1 / (4 N)``."""
    trials, d = dict(case.sizes).get("trials", 1), case.geometry.dimension
    assert answers[str(case), "sectional_curvature"] == pytest.approx(2 * np.sqrt(trials))
    assert ours(case, "scalar_curvature") == pytest.approx(d * (d - 1) / (4 * trials))


@of_geomstats
@pytest.mark.parametrize("case", [case for case in CASES if case.name in SOLVED], ids=str)
def test_distances_of_an_accurate_solver(peer, answers, case):
    found = answers[str(case), "accurate_distance"]
    assert largest_error(found, ours(case, "distance", len(found))) < CLOSED_FORM


@of_geomstats
def test_inner_products_of_normals_of_fixed_mean(peer, answers):
    laws = case("fixed_mean_normal", dimension=2)
    assert largest_error(answers[str(laws), "inner_products"], ours(laws, "metric")) < CLOSED_FORM


@of_geomstats
def test_inner_products_of_normals_of_diagonal_covariance(peer, answers):
    """geomstats' points have variances, but it takes the tangent vectors for those of standard deviations.

    So it says ``2 / sigma^2`` where the metric is ``1 / (2 sigma^4)``. Its distances are right, since the logarithm makes
    the same exchange.
    """
    laws = case("diagonal_normal", dimension=2)
    sigma = np.asarray(laws.points(POINTS))[:, 2:]
    said = np.concatenate([1 / sigma**2, 2 / sigma**2], axis=1)[:, :, None] * np.eye(4)
    assert largest_error(answers[str(laws), "inner_products"], said) < CLOSED_FORM
