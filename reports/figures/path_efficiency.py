"""Pictures of steps of full equilibration and of the efficiency of paths, computed when the page is made."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.geometry import geometry
from numerics.path_efficiency import equilibration_loss
from reports.figures.drawing import MUTED, Figure, drawing


def _steps(_: Mapping[str, Any]) -> list[Figure]:
    numbers = np.array([1, 2, 4, 8, 16, 32, 64])
    ratios: list[list[float]] = [[], []]
    with jax.enable_x64(True):
        kl = geometry("gaussian").kl
        for n in numbers:
            deviation = 2.0 ** (jnp.arange(n + 1, dtype=jnp.float64) / n)
            way = jnp.stack([jnp.zeros_like(deviation), deviation], axis=1)
            for ratio, points in zip(ratios, (way[::-1], way), strict=True):
                ratio.append(float(equilibration_loss(kl, points)) * n / np.log(2) ** 2)
    with drawing("steps") as picture:
        axes = picture.axes
        for ratio, label in zip(ratios, (r"$N(0,4)$ to $N(0,1)$", r"$N(0,1)$ to $N(0,4)$"), strict=True):
            axes.semilogx(numbers, ratio, "o-", markersize=4, label=label)
        axes.axhline(1.0, color=MUTED, linewidth=1.2, linestyle="--")
        axes.set_xticks(numbers, [str(n) for n in numbers])
        axes.minorticks_off()
        axes.set(xlabel="steps $n$", ylabel=r"loss in units of $L^2/(2n)$", ylim=(0.5, 1.8))
        axes.legend()
    return [
        Figure(
            picture.svg,
            "Steps of full equilibration",
            r"The loss in n even steps along the geodesic. It tends to $L^2/(2n)$, from below where the laws get wider and "
            r"from above where they get narrower.",
            "Two series of points over the number of steps, one above 1 and one below, that both tend to 1.",
        )
    ]


def _efficiency(_: Mapping[str, Any]) -> list[Figure]:
    s = np.geomspace(1, 30, 200)
    powers = {0.5: r"$q = \pm\frac{1}{2}$", 1.0: r"$q = \pm 1$", 2.0: r"$q = \pm 2$", 3.0: r"$q = \pm 3$"}
    with drawing("efficiency") as picture:
        axes = picture.axes
        axes.axhline(1.0, color=MUTED, linewidth=1.2, linestyle="--", label=r"$q \to 0$, geodesic")
        for power, label in powers.items():
            y = np.maximum(power * np.log(s) / 2, 1e-12)
            axes.semilogx(s, (y / np.sinh(y)) ** 2, label=label)
        axes.set_xticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
        axes.minorticks_off()
        axes.set(xlabel=r"$s = \sigma_2/\sigma_1$", ylabel=r"efficiency $\eta$", xlim=(1, 30), ylim=(0, 1.05))
        axes.legend()
    return [
        Figure(
            picture.svg,
            "Efficiency of paths between normal laws",
            r"Paths of fixed mean on which $\sigma^q$ moves evenly: $q = 1$ is the Wasserstein geodesic; $q = 2$ moves the "
            r"variance evenly and $q = -2$ the precision, and both waste as much.",
            "Four curves that fall from 1 with the ratio of the standard deviations, the faster the larger the power.",
        )
    ]


CLAIMS = {"stepwise-equilibration": _steps, "path-efficiency": _efficiency}
