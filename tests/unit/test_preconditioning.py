"""The natural gradient as a transformation of optax: against its formula, in a chain, and what it refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import thermogeometry as tg
from numerics.preconditioning import scale_by_natural_gradient


def test_natural_gradient_is_that_of_the_geometry():
    here = tg.geometry("gaussian")
    points = jax.vmap(here.from_unconstrained)(np.random.default_rng(0).normal(size=(7, 2)))
    parameters = {"a": points[1:].reshape(2, 3, 2), "b": points[0]}
    gradients = jax.tree.map(jnp.cos, parameters)
    transformation = scale_by_natural_gradient("gaussian")
    found, _ = jax.jit(transformation.update)(gradients, transformation.init(parameters), parameters)
    expected = jax.tree.map(lambda t, g: jnp.stack([t[..., 1] ** 2 * g[..., 0], 0.5 * t[..., 1] ** 2 * g[..., 1]], -1),
                            parameters, gradients)  # fmt: skip
    for key in parameters:
        np.testing.assert_allclose(found[key], expected[key], rtol=1e-14)


def test_natural_gradient_in_a_chain():
    """A maximum-likelihood fit: in natural parameters a natural step of size 1 is one of Newton's method."""
    here = tg.geometry("gaussian", "natural")
    data = jnp.asarray(np.random.default_rng(0).normal(1.0, 2.0, 50))
    optimiser = optax.chain(scale_by_natural_gradient("gaussian", "natural"), optax.scale_by_learning_rate(0.5))

    def loss(eta):
        return -jnp.mean(jax.vmap(here.log_density, (0, None))(data, eta))

    @jax.jit
    def train(eta):
        def step(state, _):
            eta, memory = state
            updates, memory = optimiser.update(jax.grad(loss)(eta), memory, eta)
            return (optax.apply_updates(eta, updates), memory), None

        return jax.lax.scan(step, (eta, optimiser.init(eta)), None, 60)[0][0]

    mean, sigma = here.convert(train(jnp.array([0.3, -0.2])), "usual")
    np.testing.assert_allclose([mean, sigma], [np.mean(data), np.std(data)], rtol=1e-9)


def test_natural_gradient_errors():
    transformation = scale_by_natural_gradient("categorical", "natural", categories=3)
    with pytest.raises(ValueError, match="needs the parameters"):
        transformation.update(jnp.ones(2), transformation.init(jnp.ones(2)))
    with pytest.raises(ValueError, match=r"shape \(5, 3\).*must be \(\.\.\., 2\), points of categorical"):
        transformation.update(jnp.ones((5, 3)), None, jnp.ones((5, 3)))
    with pytest.raises(TypeError, match="must agree"):
        transformation.update(jnp.ones(2, "float32"), None, jnp.ones(2))
    with pytest.raises(ValueError, match="no chart is called"):
        scale_by_natural_gradient("gaussian", "logits")
    outside = scale_by_natural_gradient("gaussian").update(jnp.ones(2), None, jnp.array([0.0, -1.0]))[0]
    assert np.isnan(outside).all()
