"""Pictures of slow processes, computed when the page is made."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.geometry import geometry
from reports.figures.drawing import INK, MUTED, SERIES, Figure, drawing


def _half_plane(_: Mapping[str, Any]) -> list[Figure]:
    pairs = [((0.0, 1.0), (4.0, 1.0)), ((0.0, 0.35), (3.2, 0.7)), ((5.0, 0.4), (6.6, 1.7))]
    with jax.enable_x64(True):
        gaussian = geometry("gaussian")
        parts = jnp.linspace(0.0, 1.0, 101)
        ellipses = []
        for pair in pairs:
            start, end = jnp.asarray(pair, jnp.float64)
            v = gaussian.log(start, end)
            ellipses.append(np.asarray(jax.vmap(gaussian.exp, (None, 0))(start, parts[:, None] * v)))
    with drawing("half-plane", size=(5.2, 2.4)) as picture:
        axes = picture.axes
        for index, (pair, ellipse) in enumerate(zip(pairs, ellipses, strict=True)):
            ends = np.asarray(pair)
            axes.plot(*ends.T, color=SERIES[0], label="friction, Wasserstein" if index == 0 else None)
            axes.plot(*ellipse.T, color=SERIES[1], linestyle="--", label="Fisher–Rao" if index == 0 else None)
            axes.plot(*ends.T, "o", color=INK, markersize=4)
        axes.set(xlabel="mean $c$", ylabel=r"deviation $\sqrt{T/k}$", xlim=(-0.4, 7.4), ylim=(0, 2.8))
        axes.set_aspect("equal")
        axes.legend(loc="upper left")
    return [
        Figure(
            picture.svg,
            "Geodesics of the laws that a trap holds",
            r"In mean and standard deviation friction is flat: the slow protocols that take the least work are straight. The "
            r"Fisher geodesics are half-ellipses. From $N(0,1)$ to $N(4,1)$ the half-ellipse is shorter in the Fisher metric, "
            r"3.24 against 4, and takes a quarter more work.",
            "Three pairs of points in the half-plane, each joined by a straight line and by an arc of a half-ellipse above it.",
        )
    ]


def _dragged(_: Mapping[str, Any]) -> list[Figure]:
    a = np.geomspace(0.05, 200, 300)
    saved = -np.expm1(-a) / a
    with drawing("dragged") as picture:
        axes = picture.axes
        axes.axhline(1.0, color=MUTED, linewidth=1.2, linestyle="--", label=r"$L_\zeta^2/\tau$, linear response")
        axes.semilogx(a, 1 - saved, label="at constant speed")
        axes.semilogx(a, a / (a + 2), label="least work")
        axes.semilogx(a, (1 - saved) ** 2 + a * saved**2 / 2, label="bound for constant speed", linestyle=":")
        axes.set(xlabel=r"duration $k\tau/\gamma$", ylabel=r"work in units of $L_\zeta^2/\tau$", ylim=(0, 1.08))
        axes.legend(loc="lower right")
    return [
        Figure(
            picture.svg,
            "A trap that is moved",
            r"Excess work in units of the squared friction length over the duration. It stays below 1: a limit, no bound. "
            r"The bound $\gamma W_2^2/\tau + T\,\mathrm{KL}$ uses the law that is reached.",
            "Three curves that rise from 0 to 1 with the duration, and a dashed line at 1 above all of them.",
        )
    ]


CLAIMS = {"quasi-static-fisher-length": _half_plane, "excess-work-bound": _dragged}
