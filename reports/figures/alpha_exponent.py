"""Pictures of learning with a power of the noise covariance as its metric."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.alpha_exponent import entropy_production_rate, stationary_covariance
from reports.figures.drawing import INK, MUTED, SERIES, Figure, drawing

_ANGLES = (10, 25, 45)


def _turned(angle: float) -> jax.Array:
    """Noise 4 and 1 along axes turned by an angle in degrees."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    frame = np.array([[c, -s], [s, c]])
    return jnp.asarray((frame * [4.0, 1.0]) @ frame.T)


def _balance(_: Mapping[str, Any]) -> list[Figure]:
    """Entropy production of the stationary law against alpha."""
    alphas = np.linspace(-0.5, 2.0, 201)
    with jax.enable_x64(True):
        hessian = jnp.diag(jnp.array([1.0, 3.0]))
        curves = {
            angle: np.asarray(
                jax.vmap(lambda a, angle=angle: entropy_production_rate(hessian, _turned(angle), a))(
                    jnp.asarray(alphas)
                )
            )
            for angle in _ANGLES
        }
    with drawing("balance") as picture:
        axes = picture.axes
        for angle, curve in curves.items():
            axes.plot(alphas, curve, label=f"axes turned by {angle}°")
        axes.axhline(0.0, color=MUTED, linewidth=1.2)
        axes.plot(1.0, 0.0, "o", color=INK, markersize=5)
        axes.annotate("detailed balance", (1.0, 0.0), xytext=(-20, 22), textcoords="offset points")
        axes.set(xlabel=r"exponent $\alpha$", ylabel="entropy production, nats per time", ylim=(-0.05, 1.2))
        axes.legend()
    return [
        Figure(
            picture.svg,
            "What circulates in the stationary state",
            r"Curvatures 1 and 3, noise 4 and 1 along axes that are turned against them, $\gamma = 1$. Every curve touches 0 "
            r"at $\alpha = 1$ and nowhere else; only noise along the axes of the curvature never circulates.",
            "Curves of entropy production against the exponent, all zero at 1.",
        ),
        _ellipses(),
    ]


def _ellipses() -> Figure:
    angles = np.linspace(0, 2 * np.pi, 181)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    with drawing("ellipses") as picture:
        axes = picture.axes
        with jax.enable_x64(True):
            hessian, noise = jnp.diag(jnp.array([1.0, 3.0])), _turned(25)
            for alpha, colour in zip((0.0, 0.5, 1.0), SERIES, strict=False):
                root = np.linalg.cholesky(np.asarray(stationary_covariance(hessian, noise, alpha)))
                axes.plot(*(root @ circle), color=colour, label=rf"$\alpha = {alpha:g}$")
        gibbs = np.sqrt(0.5 / np.array([1.0, 3.0]))[:, None] * circle
        axes.plot(*gibbs, color=INK, linestyle=":", linewidth=1.4, label="Gibbs")
        axes.set_aspect("equal")
        axes.set(xlabel="first coordinate", ylabel="second coordinate")
        axes.set_ylim(-0.6, 1.1)
        axes.legend(loc="upper right", fontsize=8)
    return Figure(
        picture.svg,
        "Stationary laws at three exponents",
        r"Ellipses of one standard deviation, with the axes turned by 25°. At $\alpha = 1$ the law is that of Gibbs, whatever "
        "the noise.",
        "Three ellipses; that of exponent 1 lies on a dotted one.",
    )


CLAIMS = {"alpha-detailed-balance": _balance}
