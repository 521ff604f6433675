"""The parts that the proposed experiments are built from, against plain loops and closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.update_rules import gradient_descent
from properties.experiments import curriculum, gaussian_toy, intervals, network


def drawn(seed=0, number=24):
    random = np.random.default_rng(seed)
    places, labels = network.half_circles(random, number)
    return random, places, labels


def flat(parameters):
    return np.concatenate([np.asarray(leaf).reshape(leaf.shape[0], -1) for leaf in jax.tree.leaves(parameters)], axis=1)


def test_half_circles_lie_where_they_should(monkeypatch):
    monkeypatch.setattr(network, "NOISE", 0.0)
    _, places, labels = drawn(number=200)
    upper, lower = places[labels == 1], places[labels == -1]
    for points, centre, side in ((upper, (-0.5, -0.25), 1), (lower, (0.5, 0.25), -1)):
        np.testing.assert_allclose(np.hypot(*(points - centre).T), 1.0, rtol=1e-12)
        assert (side * (points[:, 1] - centre[1]) >= 0).all()
    assert (network.margins(places, labels) > 0).all()


def test_margins_against_a_search_along_the_half_circles():
    _, places, labels = drawn(number=60)
    angles = np.linspace(0, np.pi, 20001)
    curve = np.stack([np.cos(angles) - 0.5, np.sin(angles) - 0.25], axis=1)
    own, other = (
        np.array([np.min(np.hypot(*(sign * label * place - curve).T)) for place, label in zip(places, labels, strict=True)])
        for sign in (1, -1)
    )  # fmt: skip
    np.testing.assert_allclose(network.margins(places, labels), other - own, atol=1e-6)


def test_the_network_against_numpy():
    random, places, labels = drawn()
    told = network.examples(places, labels)
    members = network.beginning(gradient_descent(), random, members=3)
    first = [[np.asarray(values[1]) for values in layer] for layer in members.parameters]
    values = places
    for weights, biases in first[:-1]:
        values = np.tanh(values @ weights + biases)
    margins = labels * (values @ first[-1][0] + first[-1][1])[:, 0]
    squares = sum(float(np.sum(part**2)) for layer in first for part in layer)
    expected = np.mean(np.log1p(np.exp(-margins))) + 0.5 * network.WEIGHT_DECAY * squares
    np.testing.assert_allclose(network.energies(members.parameters, told)[1], expected, rtol=1e-12)
    np.testing.assert_allclose(network.accuracies(members.parameters, told)[1], np.mean(margins > 0))
    assert flat(members.parameters).shape == (3, 337)


def test_every_step_is_accounted_for():
    """Action, length and work against a loop over steps; the objective changes in the middle."""
    random, places, labels = drawn()
    rule, rate = gradient_descent(), 0.3
    begin = network.beginning(rule, random, members=8)
    told = [network.examples(places, labels, np.arange(24) % 2 == part) for part in (0, 1)]
    trained = network.train(rule, begin, rate, 5, told)
    parameters, action, length, work, before = begin.parameters, 0.0, 0.0, 0.0, None
    for these in told:
        if before is not None:
            work = network.energies(parameters, these) - network.energies(parameters, before)
        for _ in range(5):
            slopes = jax.vmap(jax.grad(network.objective), (0, None))(parameters, these)
            squares = rate**2 * np.sum(flat(slopes) ** 2, axis=1)
            action, length = action + squares / rate, length + np.sqrt(squares.mean())
            parameters = jax.tree.map(lambda x, g: x - rate * g, parameters, slopes)
        before = these
    np.testing.assert_allclose(flat(trained.last), flat(parameters), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(trained.action[-1], action, rtol=1e-10)
    np.testing.assert_allclose(trained.length[-1], length, rtol=1e-10)
    np.testing.assert_allclose(trained.work, work, rtol=1e-10)
    np.testing.assert_allclose(trained.energy[-1], network.energies(parameters, told[1]), rtol=1e-10)
    falls = np.sum(trained.begin - trained.end, axis=0)
    np.testing.assert_allclose(trained.energy[0] - trained.energy[-1] + trained.work, falls, rtol=1e-12)


def test_the_gradient_against_differences():
    random, places, labels = drawn()
    told = network.examples(places, labels)
    one = jax.tree.map(lambda leaf: leaf[0], network.beginning(gradient_descent(), random, members=1).parameters)
    direction = jax.tree.map(lambda leaf: jnp.asarray(random.normal(size=leaf.shape)), one)

    def along(t):
        return float(network.objective(jax.tree.map(lambda x, v: x + t * v, one, direction), told))

    slope = sum(jax.tree.leaves(jax.tree.map(jnp.vdot, jax.grad(network.objective)(one, told), direction)))
    np.testing.assert_allclose(slope, (along(1e-5) - along(-1e-5)) / 2e-5, rtol=1e-7)


@pytest.mark.parametrize("order", curriculum.ORDERS)
def test_stages_grow_and_keep_the_classes_in_balance(order):
    random, places, labels = drawn(number=network.EXAMPLES)
    told = curriculum.stages(order, places, labels, random)
    counted = [np.asarray(these.weights) > 0 for these in told]
    assert len(told) == curriculum.INTERVALS
    assert counted[-1].all()
    for these, chosen, after in zip(told, counted, [*counted[1:], counted[-1]], strict=True):
        assert (chosen <= after).all()
        assert (labels[chosen] == 1).sum() == (labels[chosen] == -1).sum()
        np.testing.assert_allclose(np.sum(these.weights), 1.0, rtol=1e-12)
    if order != "standard":
        assert [chosen.sum() for chosen in counted[:: curriculum.INTERVALS // 3]] == [44, 86, 128]
    ease = network.margins(places, labels)
    if order in ("easy first", "hard first"):
        easier, harder = (counted[0], ~counted[0]) if order == "easy first" else (~counted[0], counted[0])
        for label in (-1, 1):
            assert ease[easier & (labels == label)].min() >= ease[harder & (labels == label)].max()


def test_spent_to_reach():
    objective, spent = np.array([1.0, 0.5, 0.7, 0.1]), np.array([0.0, 2.0, 3.0, 5.0])
    assert curriculum.spent_to_reach(0.75, objective, spent) == 1.0
    assert curriculum.spent_to_reach(0.4, objective, spent) == 4.0
    assert curriculum.spent_to_reach(2.0, objective, spent) == 0.0
    assert np.isnan(curriculum.spent_to_reach(0.0, objective, spent))


def test_the_shadow_of_the_toy_follows_its_steps():
    """Moments by their recursion over all steps, against the flow of the shadow."""
    angle, temperature, step = np.pi / 6, 0.5, gaussian_toy.CLOCK / gaussian_toy.STEPS
    A = gaussian_toy.curvature(angle)
    left = np.eye(2) - step * A
    mean, covariance = np.array(gaussian_toy.MEAN), np.diag(np.square(gaussian_toy.DEVIATIONS))
    energy = [0.5 * (mean @ A @ mean + np.sum(A * covariance)) - 0.5 * temperature * np.linalg.slogdet(covariance)[1]]
    for _ in range(gaussian_toy.STEPS):
        mean, covariance = left @ mean, left @ covariance @ left.T + 2 * step * temperature * np.eye(2)
    energy.append(
        0.5 * (mean @ A @ mean + np.sum(A * covariance)) - 0.5 * temperature * np.linalg.slogdet(covariance)[1]
    )
    found = gaussian_toy.exact(temperature, angle, is_stepwise=True)
    np.testing.assert_allclose(found["entropy_production"], energy[0] - energy[1], rtol=1e-10)
    continuous = gaussian_toy.exact(temperature, angle)
    for name, value in continuous.items():
        np.testing.assert_allclose(found[name], value, rtol=2e-3)
    assert found["squared_distance"] != continuous["squared_distance"]


def test_intervals_cover_and_are_written_to_two_digits():
    random = np.random.default_rng(0)
    covered = [abs(mean) <= half for mean, half in (intervals.of_mean(random.normal(size=6)) for _ in range(2000))]
    assert 0.93 < np.mean(covered) < 0.97
    assert intervals.written([1.0, 2.0, 3.0]) == "2.0\u00a0±\u00a02.5"
    assert intervals.written([0.5, 0.5001]) == "0.50005\u00a0±\u00a00.00064"
    assert intervals.written([2.0, 2.0]) == "2"
    noticed = 0
    for _ in range(2000):
        values = random.normal(size=10)
        size = intervals.detectable(values)
        mean, half = intervals.of_mean(random.normal(size=10) + size)
        noticed += mean > half
    assert 0.7 < noticed / 2000 < 0.9
    assert intervals.rounded({"a": [1 / 3, 2, "x", np.array([2 / 3])]}) == {"a": [0.333333333, 2, "x", [0.666666667]]}
