"""The toy of normal laws in two dimensions: what an audit of an ensemble finds, against the exact flow.

A normal law relaxes in an anisotropic quadratic objective, by gradient descent and by Langevin dynamics. The members of an
ensemble are drawn from it and take the same steps; the audit sees their checkpoints and energies, not the law.
"""

import itertools
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.arrays import Scalar
from numerics.audit import Audit, Range, audit
from numerics.ensembles import advance, energies, ensemble
from numerics.gaussian_flow import GaussianFlow, gaussian_flow
from numerics.update_rules import UpdateRule, gradient_descent, langevin
from properties import archive
from properties.experiments.intervals import rounded

NAME = "gaussian_toy"
# The objective is x . A x / 2, with these eigenvalues of A; its axes are turned against those of the parameters.
CURVATURES = (0.5, 4.0)
AXES = {"along the parameters": 0.0, "turned by 30°": np.pi / 6}
# The law at the beginning; its covariance is diagonal.
MEAN = (2.0, 1.0)
DEVIATIONS = (1.0, 0.5)
# In units of energy; 0 is gradient descent.
TEMPERATURES = (0.0, 0.5)
MEMBERS = (64, 1024)
# int mu dt, in STEPS steps of one size, of which every STEPS/INTERVALS-th is a checkpoint.
CLOCK = 1.0
STEPS = 512
INTERVALS = 16
SEEDS = 50
BOUNDED = ("squared_distance", "entropy_production", "efficiency", "straightness")
SETTINGS = tuple(itertools.product(TEMPERATURES, AXES, MEMBERS))


def run(seeds: int = SEEDS) -> dict[str, Any]:
    """Audit an ensemble for every setting and seed, and compute the exact values.

    Returns:
        ``settings``: one entry for each, with ``exact`` values, those of the ``shadow``, and the audits' numbers as lists
        over the seeds.
    """
    return {"clock": CLOCK, "steps": STEPS, "settings": [_setting(index, seeds) for index in range(len(SETTINGS))]}


def measured(index: int, seed: int) -> dict[str, Any]:
    """What the audit of one ensemble says, for the setting with this index."""
    temperature, axes, members = SETTINGS[index]
    found = _audit(temperature, curvature(AXES[axes]), members, seed=[seed, index])
    ranges = {name: _plain(getattr(found, name)) for name in BOUNDED}
    energy = found.energy
    assert energy is not None
    return ranges | {
        "pace": found.pace,
        "resolved": found.resolved,
        "energy_drop": float(energy[0] - energy[-1]),
        "coupling": float(found.path.displacement[-1]),
        "empirical": found.empirical_squared_distance,
        "verdict": found.verdict,
        "warnings": sorted(found.warnings),
    }


def curvature(angle: float) -> np.ndarray:
    """A, shape (2, 2), with its axes turned by an angle."""
    c, s = np.cos(angle), np.sin(angle)
    frame = np.array([[c, -s], [s, c]])
    return frame @ np.diag(CURVATURES) @ frame.T


def exact(temperature: float, angle: float, is_stepwise: bool = False) -> dict[str, float]:
    """The quantities that the audit estimates, of the flow, or of the laws that steps of finite size lead through.

    Args:
        temperature: T.
        angle: of the axes of the objective.
        is_stepwise: whether to follow the shadow of the steps, see the claim ``langevin-shadow``.
    """
    flow = _shadow(temperature, angle) if is_stepwise else _flow(curvature(angle), temperature, 1.0)
    cost, length = float(flow.transport_cost(CLOCK)), float(flow.path_length(CLOCK))
    production = _free_energy(flow, 0.0, temperature, angle) - _free_energy(flow, CLOCK, temperature, angle)
    return {
        "squared_distance": cost,
        "entropy_production": production,
        "efficiency": cost / (CLOCK * production),
        "straightness": cost / length**2,
        "pace": length**2 / (CLOCK * production),
    }


def _setting(index: int, seeds: int) -> dict[str, Any]:
    temperature, axes, members = SETTINGS[index]
    audits = [measured(index, seed) for seed in range(seeds)]
    columns: dict[str, Any] = {name: [one[name] for one in audits] for name in audits[0]}
    for name in BOUNDED:
        columns[name] = {side: [one[name][side] for one in audits] for side in ("lower", "estimate", "upper")}
    return {
        "temperature": temperature,
        "axes": axes,
        "members": members,
        "exact": exact(temperature, AXES[axes]),
        "shadow": exact(temperature, AXES[axes], is_stepwise=True),
        **columns,
    }


def _audit(temperature: float, A: np.ndarray, members: int, seed: list[int]) -> Audit:
    random = np.random.default_rng(seed)
    begin = np.array(MEAN) + np.array(DEVIATIONS) * random.normal(size=(members, 2))
    rule, step = _rule(temperature), CLOCK / STEPS
    state = ensemble(rule, jnp.asarray(begin), jax.random.key(int(random.integers(2**31))))
    each = STEPS // INTERVALS
    told = jnp.broadcast_to(jnp.asarray(A), (each, members, 2, 2))
    checkpoints, energy = {0: state.parameters}, [energies(_objective, state, jnp.asarray(A))]
    for index in range(1, INTERVALS + 1):
        state = advance(rule, _objective, state, jnp.full(each, step), told)
        checkpoints[index * each] = state.parameters
        energy.append(energies(_objective, state, jnp.asarray(A)))
    return audit(
        checkpoints,
        learning_rate=step,
        energy=np.array(energy),
        optimiser="langevin" if temperature > 0 else "gradient_descent",
        temperature=temperature,
    )


def _objective(x: jax.Array, A: jax.Array) -> Scalar:
    return 0.5 * jnp.vdot(x, A @ x)


@cache
def _rule(temperature: float) -> UpdateRule:
    # Compiled functions are kept by the rule.
    return langevin(temperature) if temperature > 0 else gradient_descent()


def _flow(A: np.ndarray, temperature: float, mobility: Any) -> GaussianFlow:
    return gaussian_flow(
        jnp.asarray(A), jnp.zeros(2), temperature, jnp.array(MEAN), jnp.diag(jnp.array(DEVIATIONS) ** 2),
        jnp.asarray(mobility),
    )  # fmt: skip


def _shadow(temperature: float, angle: float) -> GaussianFlow:
    values, frame = np.linalg.eigh(curvature(angle))
    step = CLOCK / STEPS
    shadow = values * (1 - step * values / 2)
    mobility = -np.log1p(-step * values) / (step * shadow)
    return _flow((frame * shadow) @ frame.T, temperature, (frame * mobility) @ frame.T)


def _free_energy(flow: GaussianFlow, t: float, temperature: float, angle: float) -> float:
    """Of the law of the flow at time t in the objective itself, up to a constant."""
    A, mean, covariance = curvature(angle), np.asarray(flow.mean(t)), np.asarray(flow.covariance(t))
    entropy = 0.5 * float(np.linalg.slogdet(covariance)[1])
    return float(0.5 * (mean @ A @ mean + np.sum(A * covariance))) - temperature * entropy


def _plain(found: Range) -> dict[str, float | None]:
    return {"lower": found.lower, "estimate": found.estimate, "upper": found.upper}


def main() -> None:
    """Write the archive."""
    jax.config.update("jax_enable_x64", True)
    archive.write(NAME, "python -m properties.experiments.gaussian_toy", rounded(run()))


if __name__ == "__main__":
    main()
