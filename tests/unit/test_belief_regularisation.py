"""The parts that the comparison of penalties is built from, against SciPy, scikit-learn and closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats
from sklearn.metrics import log_loss

from properties.experiments import belief_regularisation as comparison
from properties.experiments import belief_tasks as tasks


def test_scores_of_the_comparison():
    """Losses and calibration of the archived experiment by SciPy and scikit-learn; a geodesic is an efficient path."""
    random = np.random.default_rng(0)
    told = tasks.Examples(jnp.asarray(random.normal(size=(200, 10))), jnp.asarray(random.normal(size=200)), None)
    begin = tasks.beginning("diabetes", random)
    points = np.asarray(tasks.beliefs("diabetes", begin, told.inputs))
    loss = jax.vmap(tasks.TASKS["diabetes"].loss)(told.targets, jnp.asarray(points))
    np.testing.assert_allclose(-loss, stats.norm.logpdf(told.targets, *points.T), rtol=1e-12)
    scores = comparison._of_normals(points, told)
    low, high = stats.norm.interval(comparison.LEVELS[:, None], *points.T)
    targets = np.asarray(told.targets)
    covered = np.mean((low <= targets) & (targets <= high), axis=1)
    np.testing.assert_allclose(scores["calibration"], np.mean(np.abs(covered - comparison.LEVELS)), rtol=1e-12)
    np.testing.assert_allclose(scores["error"] ** 2, np.mean((told.targets - points[:, 0]) ** 2), rtol=1e-12)

    _, train, test = tasks.split("digits", 3)
    assert np.bincount(np.asarray(train.targets, int)).tolist() == [10] * 10
    assert len(train.targets) + len(test.targets) == 1797
    logits = random.normal(size=(len(test.targets), 9))
    loss = jax.vmap(tasks.TASKS["digits"].loss)(test.targets, jnp.asarray(logits))
    p = np.asarray(jax.nn.softmax(np.concatenate([logits, np.zeros((len(logits), 1))], axis=1)))
    np.testing.assert_allclose(np.mean(loss), log_loss(np.asarray(test.targets, int), p), rtol=1e-10)
    scores = comparison._of_digits(logits, test)
    assert scores["error"] == np.mean(p.argmax(axis=1) != test.targets)
    assert scores["calibration"] <= np.mean(np.abs((p.argmax(axis=1) == test.targets) - p.max(axis=1)))

    # Biases alone that move the deviation by equal factors: all networks say the points of one geodesic.
    deviation = np.exp(np.linspace(0, 1, comparison.INTERVALS + 1))
    last = np.stack([0 * deviation, np.log(np.expm1(deviation)) - 0.5413], axis=1)
    still = [(jnp.zeros((comparison.INTERVALS + 1, 1, *w.shape)), jnp.zeros((comparison.INTERVALS + 1, 1, *b.shape)))
             for w, b in begin]  # fmt: skip
    path = [still[0], (still[1][0], jnp.asarray(last)[:, None, :])]
    np.testing.assert_allclose(comparison._path_efficiency("diabetes")(path, told.inputs[:3]), 1.0, rtol=1e-10)
