"""The speed limit is met: normal laws under the optimal protocol."""

import diffrax
import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.optimal_protocol import optimal_protocol
from properties.checks import agree
from properties.claims import claim
from properties.flows import BATCH, positive


@pytest.mark.slow
@claim(
    "speed-limit",
    evidence="property",
    given={"d": st.integers(1, 4), "seed": st.integers(0, 2**32 - 1)},
    constant=1.0,
    known_temperature=1.0,
    falsifiers={
        "a hundredth more": {"constant": 1.01},
        "a protocol for another temperature": {"known_temperature": 0.9},
    },
)
def test_limit_is_met_by_the_optimal_protocol(d, seed, constant, known_temperature):
    """Moments and entropy production, integrated under the protocol: the end is reached at the cost of the limit."""
    random = np.random.default_rng([seed, d])
    ends = [a for _ in range(2) for a in (random.normal(size=(BATCH, d)), positive(random, d, spread=1.0))]
    temperature, mobility, duration = np.exp(random.uniform(-1, 1, (3, BATCH)))
    found = _controlled(*ends, temperature, known_temperature * temperature, mobility, duration)
    mean, covariance, production, limit = (np.asarray(v) for v in found)
    agree(mean, ends[2], tolerance=1e-7, scale=1.0)
    agree(covariance, ends[3], tolerance=1e-7, scale=1.0)
    agree(production, constant * limit, tolerance=1e-7, scale=1e-3 + limit)


@jax.jit
@jax.vmap
def _controlled(mean, covariance, end_mean, end_covariance, temperature, known_temperature, mobility, duration):
    protocol = optimal_protocol(mean, covariance, end_mean, end_covariance, known_temperature, mobility, duration)

    def rates(t, state, _):
        m, s, _ = state
        slope = temperature * jnp.linalg.inv(s) - protocol.curvature(t)
        drift = protocol.force(t) - protocol.curvature(t) @ m
        spread = mobility * slope @ s
        return mobility * drift, spread + spread.T, mobility * (drift @ drift + jnp.trace(slope @ s @ slope.T))

    solved = diffrax.diffeqsolve(
        diffrax.ODETerm(rates), diffrax.Dopri8(), 0.0, duration, 0.01 * duration, (mean, covariance, jnp.zeros(())),
        stepsize_controller=diffrax.PIDController(rtol=1e-9, atol=1e-10),
    )  # fmt: skip
    return *(v[-1] for v in solved.ys), protocol.entropy_production()
