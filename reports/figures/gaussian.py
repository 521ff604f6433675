"""Pictures of the univariate Gaussian: geodesics of the half-plane and a geodesic disc."""

from collections.abc import Callable
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.patches import Polygon

from numerics.geometry import geometry
from reports.figures.drawing import DISC, INK, SERIES, Figure, drawing


@cache
def _follow() -> Callable[[jax.Array, jax.Array], jax.Array]:
    return jax.jit(jax.vmap(geometry("gaussian").exp, (None, 0)))


def _exp(start: tuple[float, float], velocities: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        return np.asarray(_follow()(jnp.asarray(start, jnp.float64), jnp.asarray(velocities, jnp.float64)))


def _unit(angle: np.ndarray, sigma: float) -> np.ndarray:
    """Unit tangent vectors at a point (mu, sigma), where the metric is diag(1, 2) / sigma^2."""
    return np.stack([sigma * np.cos(angle), sigma * np.sin(angle) / np.sqrt(2)], axis=-1)


def figures() -> list[Figure]:
    """Geodesics through one point, and discs of one radius."""
    return [_geodesics(), _discs()]


def _geodesics() -> Figure:
    lengths = np.linspace(-6, 6, 241)
    with drawing("geodesics") as picture:
        axes = picture.axes
        for index, angle in enumerate(np.linspace(0, np.pi, 12, endpoint=False)):
            curve = _exp((0.0, 1.0), lengths[:, None] * _unit(np.array(angle), 1.0))
            axes.plot(*curve.T, color=SERIES[index % 3], linewidth=1.4)
        axes.plot(0, 1, "o", color=INK, markersize=5)
        axes.set(xlabel=r"mean $\mu$", ylabel=r"standard deviation $\sigma$", xlim=(-4.2, 4.2), ylim=(0, 4))
        axes.set_aspect("equal")
    return Figure(
        picture.svg,
        "Geodesics through the standard normal distribution",
        r"The shortest ways from $N(0, 1)$ to other Gaussians, computed with the exponential map. They are half-ellipses "
        r"centred on the line $\sigma = 0$, wider than high by $\sqrt2$, and one vertical line.",
        "Half-ellipses and a vertical line in the upper half-plane of mean and standard deviation, all through the point "
        "mean 0, standard deviation 1.",
    )


def _discs() -> Figure:
    angles = np.linspace(0, 2 * np.pi, 181)
    with drawing("discs") as picture:
        axes = picture.axes
        for centre in ((-2.4, 0.5), (0.0, 1.0), (-2.4, 2.0), (2.6, 2.0)):
            for radius in (0.25, 0.5, 0.75):
                edge = _exp(centre, radius * _unit(angles, centre[1]))
                axes.add_patch(Polygon(edge, closed=True, facecolor=DISC, edgecolor=SERIES[0], linewidth=1.2))
            axes.plot(*centre, "o", color=INK, markersize=4)
        axes.set(xlabel=r"mean $\mu$", ylabel=r"standard deviation $\sigma$", xlim=(-4.4, 4.9), ylim=(0, 3.7))
        axes.set_aspect("equal")
    return Figure(
        picture.svg,
        "Geodesic discs",
        r"Points at the distances $\tfrac14$, $\tfrac12$ and $\tfrac34$ from four Gaussians. All discs of one radius are "
        r"equally large in the Fisher metric: where $\sigma$ is large, a step of the same size changes less.",
        "Nested egg-shaped discs around four points of the half-plane; they are larger where the standard deviation is larger.",
    )
