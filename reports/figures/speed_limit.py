"""Pictures of the speed limit, from flows of normal laws that are computed when the page is made."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.gaussian_flow import GaussianFlow, gaussian_flow
from reports.figures.drawing import MUTED, SERIES, Figure, drawing

_FLOWS = 400


def _relaxation() -> GaussianFlow:
    """From N(1, 1), unit constants."""
    one = jnp.ones((1, 1), jnp.float64)
    return gaussian_flow(one, jnp.zeros(1, jnp.float64), 1.0, jnp.ones(1, jnp.float64), one)


def _along(flow: GaussianFlow, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared distance and entropy production up to each time."""
    cost, production = (jax.vmap(f)(jnp.asarray(times)) for f in (flow.transport_cost, flow.entropy_production))
    return np.asarray(cost), np.asarray(production)


def _durations(_: Mapping[str, Any]) -> list[Figure]:
    with jax.enable_x64(True):
        times = np.linspace(0.02, 6, 200)
        cost, production = _along(_relaxation(), times)
    with drawing("durations") as picture:
        axes = picture.axes
        axes.plot(times, cost / production, label=r"$W_2^2/\Sigma$")
        axes.plot(times, cost / (times * production), label=r"$W_2^2/(\tau\,\Sigma)$")
        axes.axhline(1.0, color=MUTED, linewidth=1.2, linestyle="--")
        axes.plot(np.log(3), 1.0, "o", color=SERIES[0])
        axes.annotate(r"$\tau = \ln 3$", (np.log(3), 1.0), xytext=(8, -14), textcoords="offset points")
        axes.set(xlabel=r"duration $\tau$", ylabel="ratio", ylim=(0, 2.1))
        axes.legend()
    return [
        Figure(
            picture.svg,
            "The limit with and without the duration",
            r"A normal law relaxes from $N(1, 1)$. Without the duration the ratio passes 1 at $\tau = \ln 3$ and tends to 2; "
            "with it the ratio stays below 1.",
            "Two curves against the duration: one rises from 0 through 1 at 1.1 to 2, the other falls from 1.",
        )
    ]


def _slowness(_: Mapping[str, Any]) -> list[Figure]:
    with jax.enable_x64(True):
        clock = np.linspace(0.02, 10, 200)
        cost, production = _along(_relaxation(), clock)
    with drawing("slowness") as picture:
        axes = picture.axes
        axes.plot(clock, cost / (clock * production), label="left to itself, at any pace")
        axes.axhline(1.0, color=SERIES[1], label="under the optimal protocol")
        axes.set(xlabel=r"clock $S = \int\mu\,dt$", ylabel=r"efficiency $W_2^2/(S\,\Sigma)$", ylim=(0, 1.08))
        axes.legend(loc="center right")
    return [
        Figure(
            picture.svg,
            "Efficiency depends on the clock alone",
            "Learning more slowly stretches time and leaves the clock as it is: the efficiency moves along neither curve. Only "
            "a protocol that moves the objective closes the gap.",
            "A curve that falls from 1 towards 0 with the clock, and a straight line at 1.",
        )
    ]


def _strengthened(_: Mapping[str, Any]) -> list[Figure]:
    """Random flows of the plane whose least curvature is 1."""
    random = np.random.default_rng(0)
    frame = np.linalg.qr(random.normal(size=(2, _FLOWS, 2, 2)))[0]
    values = np.stack([np.ones(_FLOWS), np.exp(random.uniform(0, 3, _FLOWS))], axis=1)
    curvature = np.einsum("nij,nj,nkj->nik", frame[0], values, frame[0])
    spread = np.exp(random.uniform(-3, 2, (_FLOWS, 2)))
    covariance = np.einsum("nij,nj,nkj->nik", frame[1], spread, frame[1])
    clock = np.exp(random.uniform(-3, 2.5, _FLOWS))
    temperature, mean = np.exp(random.uniform(-3, 1, _FLOWS)), random.normal(size=(_FLOWS, 2))
    with jax.enable_x64(True):
        flow = jax.vmap(gaussian_flow)(*map(jnp.asarray, (curvature, 0 * mean, temperature, mean, covariance)))
        found = jax.vmap(lambda f, t: f.entropy_production(t) / f.transport_cost(t))(flow, jnp.asarray(clock))
    line = np.geomspace(np.exp(-3), np.exp(2.5), 200)
    with drawing("strengthened") as picture:
        axes = picture.axes
        axes.loglog(clock, np.asarray(found), ".", color=MUTED, markersize=3, label="random flows")
        axes.loglog(line, 0.5 / np.tanh(line / 2), color=SERIES[0], label="strengthened limit")
        axes.loglog(line, 1 / line, color=SERIES[1], linestyle="--", label="speed limit")
        axes.set(
            xlabel=r"clock $S$, in units of $1/\lambda$",
            ylabel=r"$\Sigma / W_2^2$, in units of $\lambda$",
            ylim=(0.06, 60),
        )
        axes.legend()
    return [
        Figure(
            picture.svg,
            "What strong convexity adds",
            r"Flows of normal laws in the plane, with least curvature $\lambda$. For short times both limits are the same; for "
            r"long ones the speed limit fades, and the strengthened one stays at $\lambda/2$.",
            "Points above two curves that agree on the left; on the right one levels off and the other falls.",
        )
    ]


CLAIMS = {
    "speed-limit-any-duration": _durations,
    "gap-closes-as-learning-slows": _slowness,
    "strengthened-speed-limit": _strengthened,
}
