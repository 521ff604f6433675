"""A step of training with each penalty, against the same step with plain weight decay."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from benchmarks.conftest import compiled_in

from numerics.geometry import geometry
from numerics.penalties import fisher_rao_penalty, kl_penalty

EXAMPLES, INPUTS, WIDTH, STEPS = 256, 32, 64, 50
# Family, chart, sizes, reference, outputs of the network, and from outputs to a point.
HEADS = {
    "gaussian": ("usual", {}, [0.0, 1.0], 2, lambda z: jnp.stack([z[0], jax.nn.softplus(z[1])])),
    "diagonal_normal": (
        "usual", {"dimension": 8}, [0.0] * 8 + [1.0] * 8, 16, lambda z: jnp.append(z[:8], jax.nn.softplus(z[8:])),
    ),
    "von_mises": ("usual", {}, [0.0, 0.0], 3, lambda z: jnp.stack([jnp.arctan2(z[1], z[0]), jax.nn.softplus(z[2])])),
    "categorical": ("natural", {"categories": 10}, [0.0] * 9, 9, lambda z: z),
}  # fmt: skip
METHODS = ("weight decay", "squared distance", "KL to", "KL from")


def steps_of(head, method):
    """Adam on all examples, a number of steps, from parameters to parameters."""
    chart, index, reference, _, link = HEADS[head]
    here, optimiser = geometry(head, chart, **index), optax.adam(1e-3)
    if method == "squared distance":
        penalty = fisher_rao_penalty(head, reference, chart, **index)
    elif method != "weight decay":
        penalty = kl_penalty(head, reference, method.replace("KL ", "") + "_reference", chart, **index)

    def objective(parameters, x, y):
        values = x
        for weights, biases in parameters[:-1]:
            values = jnp.tanh(values @ weights + biases)
        beliefs = jax.vmap(link)(values @ parameters[-1][0] + parameters[-1][1])
        loss = -jnp.mean(jax.vmap(here.log_density)(y, beliefs))
        if method == "weight decay":
            return loss + 1e-3 * sum(jnp.sum(v * v) for v in jax.tree.leaves(parameters))
        return loss + 0.1 * jnp.mean(jax.vmap(penalty)(beliefs))

    def train(parameters, x, y):
        def step(state, _):
            parameters, memory = state
            updates, memory = optimiser.update(jax.grad(objective)(parameters, x, y), memory, parameters)
            return (optax.apply_updates(parameters, updates), memory), None

        return jax.lax.scan(step, (parameters, optimiser.init(parameters)), None, STEPS)[0][0]

    return train


@cache
def problem(head):
    chart, index, _, outputs, _ = HEADS[head]
    here, random = geometry(head, chart, **index), np.random.default_rng(0)
    theta = here.from_unconstrained(jnp.zeros(here.dimension, jnp.float32))
    y = jax.vmap(lambda key: here.sample(key, theta))(jax.random.split(jax.random.key(0), EXAMPLES))
    sizes = ((INPUTS, WIDTH), (WIDTH, WIDTH), (WIDTH, outputs))
    parameters = [
        (jnp.asarray(random.normal(size=s) / np.sqrt(s[0]), jnp.float32), jnp.zeros(s[1], jnp.float32)) for s in sizes
    ]
    return parameters, jnp.asarray(random.normal(size=(EXAMPLES, INPUTS)), jnp.float32), y


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("head", HEADS)
def test_training_step(benchmark, throughput, measure_compiled, head, method):
    benchmark.group = f"training steps, {head}, {EXAMPLES} examples, float32"
    arguments = problem(head)
    compiled, compilation = compiled_in(steps_of(head, method), *arguments)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(compiled(*arguments)))
    seconds = measure_compiled(compiled, *arguments) / STEPS / EXAMPLES
    # Weight decay is the peer of every penalty.
    for penalty in METHODS[1:] if method == "weight decay" else (method,):
        who = "weight decay" if method == "weight decay" else "thermogeometry"
        throughput.add(f"{head}, {penalty}", "training step", who, seconds, compilation)
