"""Estimates from two checkpoints against POT, plain formulas and laws whose distance is known."""

import numpy as np
import ot
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from numerics import entropy_estimates, transport_estimates
from numerics.entropy_estimates import change, is_possible, maximum
from numerics.transport_estimates import empirical_squared_distance, lower_bound, movement, upper_bound_of_mean


def drawn(seed, members=40, size=7):
    random = np.random.default_rng(seed)
    x = random.normal(size=(members, size)) * np.linspace(0.5, 2, size) + 1
    return x, 0.6 * x + 0.3 + 0.2 * random.normal(size=x.shape)


def test_movement_by_its_definitions():
    x, y = drawn(0)
    found, d = movement([x], [y]), y - x
    np.testing.assert_allclose(found.displacements, (d**2).sum(axis=1), rtol=1e-13)
    pairs = d @ d.T
    expected = (pairs.sum() - np.trace(pairs)) / (40 * 39)
    np.testing.assert_allclose(found.shift, expected, rtol=1e-12)
    halves = [y[i::2].std(axis=0, ddof=1) - x[i::2].std(axis=0, ddof=1) for i in (0, 1)]
    np.testing.assert_allclose(found.stretch, halves[0] @ halves[1], rtol=1e-12)


def test_parts_blocks_and_weights_do_not_matter(monkeypatch):
    x, y = drawn(1)
    weights = np.linspace(0.5, 3, 7)
    whole = [f([x * weights], [y * weights]) for f in (movement, empirical_squared_distance)]
    bound = lower_bound([x * weights], [y * weights], 0.9)
    monkeypatch.setattr(transport_estimates, "_BLOCK", 2)
    x, y, weights = ([a[..., :3], a[..., 3:]] for a in (x, y, weights))
    found = movement(x, y, weights)
    np.testing.assert_allclose([found.shift, found.stretch], [whole[0].shift, whole[0].stretch], rtol=1e-12)
    np.testing.assert_allclose(empirical_squared_distance(x, y, weights), whole[1], rtol=1e-10)
    np.testing.assert_allclose(lower_bound(x, y, 0.9, weights).value, bound.value, rtol=1e-12)


def test_empirical_distance_against_pot_and_the_coupling_of_members():
    x, y = drawn(2)
    found = empirical_squared_distance([x], [y])
    np.testing.assert_allclose(found, ot.emd2([], [], ot.dist(x, y)), rtol=1e-10)
    assert found <= movement([x], [y]).displacements.mean() + 1e-12


def test_potentials_are_feasible():
    """On any pair of points both potentials together are at most the squared distance: all gains of one held pair are."""
    x, y = drawn(3)
    fitted = np.arange(30)
    for i, j in ((31, 31), (32, 39), (35, 36)):
        begin, end = np.vstack([x[:30], x[[i, i]]]), np.vstack([y[:30], y[[j, j]]])
        gains = transport_estimates._gains([begin], [end], None, fitted, np.array([30, 31]))
        assert gains[0] <= ((x[i] - y[j]) ** 2).sum() + 1e-12


def test_bound_tends_to_the_distance_of_normal_laws():
    random = np.random.default_rng(4)
    x = random.normal(size=(200_000, 2))
    y = x * [0.5, 2.0] + [1.0, 0.0]
    assert 0.985 * 2.25 < lower_bound([x], [y], 0.95).value < 2.25


def test_nothing_moves():
    x, _ = drawn(5)
    found = lower_bound([x], [x], 0.95)
    assert (found.value, found.estimate) == (0.0, 0.0)
    assert movement([x], [x]).squared_distance == 0.0


def test_members_at_one_point_spread():
    """A coordinate without spread has no ratio of deviations; the bound is of its shift."""
    y = np.random.default_rng(6).normal(size=(2000, 1)) * 0.1 + 3
    found = lower_bound([np.ones((2000, 1))], [y], 0.95)
    assert 3.9 < found.value < 4.01


@pytest.mark.parametrize("sign", [1, -1])
def test_upper_bound_of_a_mean_of_skewed_values(sign):
    """Of 20 exponential values, against Student's bound: nearer to the confidence of 0.9, and within 0.03 of it."""
    values = sign * np.random.default_rng(7).exponential(size=(4000, 20))
    share = np.mean([upper_bound_of_mean(v, 0.9).value >= sign for v in values])
    plain = values.mean(axis=1) + student.ppf(0.9, 19) * values.std(axis=1, ddof=1) / np.sqrt(20)
    assert abs(share - 0.9) < min(0.03, abs(np.mean(plain >= sign) - 0.9))


def test_upper_bound_of_a_constant():
    assert upper_bound_of_mean(np.full(9, 2.5), 0.95).value == 2.5


def test_change_of_entropy_of_normal_laws_is_unbiased():
    """Deviations of the mean over ensembles from the truth, in standard errors, for each estimator."""
    random, size, members = np.random.default_rng(8), 3, 60
    truth = size * np.log(0.5)
    for estimator in ("gaussian", "nearest-neighbour"):
        found = []
        for _ in range(300):
            x = random.normal(size=(members, size))
            found.append(change(x, 0.5 * x + 1e-9 * random.normal(size=x.shape), estimator).value)
        np.testing.assert_allclose(found, truth, atol=1e-6)
        free = [
            change(random.normal(size=(members, size)), 0.5 * random.normal(size=(members, size)), estimator).value
            - truth
            for _ in range(300)
        ]
        assert abs(np.mean(free)) < 4 * np.std(free) / np.sqrt(300)


def test_jackknife_of_the_determinant_leaves_members_out():
    x, y = drawn(9, members=12, size=4)
    found, whole = change(x, y, "gaussian"), [np.linalg.slogdet(np.cov(z.T))[1] for z in (x, y)]
    np.testing.assert_allclose(found.value, 0.5 * (whole[1] - whole[0]), rtol=1e-12)
    for left in (0, 5):
        rest = [np.linalg.slogdet(np.cov(np.delete(z, left, axis=0).T))[1] for z in (x, y)]
        np.testing.assert_allclose(
            found.parts[left], 0.5 * (12 * (whole[1] - whole[0]) - 11 * (rest[1] - rest[0])), rtol=1e-9
        )


def test_largest_entropy_of_given_variances():
    """Deletes members one by one; above the entropy of a law that is not normal, equal to that of one that is."""
    x, _ = drawn(10, members=15, size=5)
    found = maximum([x[:, :2], x[:, 2:]], initial=1.5)

    def of(z):
        return 0.5 * np.sum(np.log(2 * np.pi * np.e * z.var(axis=0, ddof=1))) - 1.5

    expected = [15 * of(x) - 14 * of(np.delete(x, i, axis=0)) for i in range(15)]
    np.testing.assert_allclose(found.parts, expected, rtol=1e-10)
    random = np.random.default_rng(11)
    normal = maximum([random.normal(size=(20_000, 3))], initial=3 * norm.entropy())
    uniform = maximum([random.uniform(size=(20_000, 3))], initial=0.0)
    assert abs(normal.value) < 4 * np.sqrt(3 / 2 / 20_000)
    assert uniform.value > 0.4


def test_when_entropy_can_be_estimated():
    assert is_possible("gaussian", 13, 10)
    assert not is_possible("gaussian", 12, 10)
    assert is_possible("nearest-neighbour", 20, 4)
    assert not is_possible("nearest-neighbour", 1000, 5)
    assert is_possible("maximum", 8, 10**6)
    np.testing.assert_allclose(
        entropy_estimates.entropy(np.random.default_rng(0).normal(size=(10**5, 2))), 2 * norm.entropy(), atol=0.02
    )


def test_halves_alternate():
    """A file sorted by its members then has early and late ones in both halves."""
    first, second = transport_estimates._halves(9)
    assert sorted([*first, *second]) == list(range(9))
    assert abs(first.mean() - second.mean()) < 1
