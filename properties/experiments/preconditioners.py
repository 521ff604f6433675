"""The exponent alpha of optimisers on a small network: their preconditioners against the covariance of gradient noise.

A network learns two half-circles by stochastic gradient descent; then its parameters are held, and gradients of batches are
collected: some make the preconditioner, others the noise that it is compared with. Every seed draws data, parameters, batches.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jax.flatten_util import ravel_pytree

from numerics.alpha_estimate import estimate_alpha
from numerics.update_rules import gradient_descent
from properties import archive
from properties.experiments import network
from properties.experiments.intervals import rounded

NAME = "preconditioners"
EXAMPLES, BATCH = 512, 16
# Of the training, in steps and units of the objective's inverse curvature.
STEPS, RATE = 2000, 0.1
# Gradients that the running means of RMSProp and Adam see, and their decay.
SEEN, DECAY = 2000, 0.999
NOISE_SAMPLES = 512
# Added to the Fisher matrix: the curvature of the weight decay, and next to nothing.
DAMPINGS = (network.WEIGHT_DECAY, 1e-7)
SEEDS = 10


def run(seeds: int = SEEDS) -> dict[str, Any]:
    """Measure with every seed.

    Returns:
        ``optimisers``: by name one estimate for every seed.
    """
    found = [measured(seed) for seed in range(seeds)]
    return {"optimisers": {name: [one[name] for one in found] for name in found[0]}}


def measured(seed: int) -> dict[str, Any]:
    """The exponent of every optimiser for one seed, the uncorrected slope, and the share of noise in squared gradients."""
    random = np.random.default_rng(seed)
    places, labels = network.half_circles(random, EXAMPLES)
    start = network.beginning(gradient_descent(), random, members=1).parameters
    theta, unravel = ravel_pytree(jax.tree.map(lambda leaf: leaf[0], start))
    told = network.examples(places, labels)

    def of_batch(vector: Array, chosen: Array) -> Array:
        return network.objective(
            unravel(vector), network.Examples(told.places[chosen], told.labels[chosen], jnp.full(BATCH, 1 / BATCH))
        )

    gradient = jax.jit(jax.grad(of_batch))
    batches = jnp.asarray(random.integers(EXAMPLES, size=(STEPS + SEEN + NOISE_SAMPLES, BATCH)))
    theta = jax.lax.scan(lambda x, b: (x - RATE * gradient(x, b), None), theta, batches[:STEPS])[0]
    collected = jax.jit(jax.vmap(gradient, (None, 0)))(theta, batches[STEPS:])
    seen, noise = collected[:SEEN], np.asarray(collected[SEEN:])
    metrics = {
        "gradient descent": np.ones(len(theta)),
        "RMSProp": _running(optax.scale_by_rms(decay=DECAY), seen),
        "Adam": _running(optax.scale_by_adam(b2=DECAY), seen),
    }
    fisher = _fisher(unravel, theta, told)
    for damping in DAMPINGS:
        metrics[f"natural gradient, diagonal, damping {damping:g}"] = np.diag(fisher) + damping
        metrics[f"natural gradient, damping {damping:g}"] = fisher + damping * np.eye(len(theta))
    found = {name: _estimated(metric, noise) for name, metric in metrics.items()}
    values, vectors = np.linalg.eigh(fisher)
    above = values > DAMPINGS[0]
    found["natural gradient, directions above the damping"] = _estimated(values[above], noise @ vectors[:, above])
    share = float(np.sum(noise.var(axis=0)) / np.sum((noise**2).mean(axis=0)))
    return {name: one | {"noise_share": share} for name, one in found.items()}


def _estimated(metric: np.ndarray, noise: np.ndarray) -> dict[str, float]:
    found = estimate_alpha(metric, noise, is_normal=False)
    return {"alpha": found.alpha, "uncorrected": found.uncorrected, "directions": found.directions}


def _running(optimiser: optax.GradientTransformation, gradients: Array) -> np.ndarray:
    """What an optimiser divides gradients by, after it has seen these: a gradient over the update that it makes of it."""
    state = optimiser.init(gradients[0])
    state = jax.lax.scan(lambda s, g: (optimiser.update(g, s)[1], None), state, gradients)[0]
    if isinstance(state, optax.ScaleByAdamState):
        return np.sqrt(np.asarray(state.nu) / (1 - DECAY ** len(gradients)))
    return np.sqrt(np.asarray(state.nu))


def _fisher(unravel: Any, theta: Array, told: network.Examples) -> np.ndarray:
    """The Fisher matrix of the labels given the places: the mean of ``p (1 - p) J J^T`` with J the gradient of the log-odds."""
    jacobian = jax.jacrev(lambda vector: network.outputs(unravel(vector), told.places))(theta)
    odds = network.outputs(unravel(theta), told.places)
    weights = told.weights * jax.nn.sigmoid(odds) * jax.nn.sigmoid(-odds)
    return np.asarray(jnp.einsum("n,ni,nj->ij", weights, jacobian, jacobian))


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    print(archive.write(NAME, "python -m properties.experiments.preconditioners", rounded(run())))
