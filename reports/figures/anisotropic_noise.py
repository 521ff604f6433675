"""A picture of free energies under noise that is not the same in all directions."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reports.figures.drawing import SERIES, Figure, drawing


def _free_energies(_: Mapping[str, Any]) -> list[Figure]:
    """``Phi = |x|^2/2``, D = diag(7/4, 1/4), from N(0, 1)."""
    noise, times = np.array([[1.75], [0.25]]), np.linspace(0, 3, 100)
    variances = noise + (1 - noise) * np.exp(-2 * times)
    entropy = 0.5 * np.sum(np.log(2 * np.pi * np.e * variances), axis=0)
    effective = 0.5 * variances.sum(axis=0) - entropy
    proper = 0.5 * np.sum(variances / noise, axis=0) - entropy
    with drawing("energies") as picture:
        axes = picture.axes
        axes.plot(times, effective - effective[0], color=SERIES[1], label="with the effective temperature")
        axes.plot(times, proper - proper[0], color=SERIES[0], label=r"$E[\Psi] - H$")
        axes.set(xlabel="time", ylabel="change since the beginning")
        axes.legend()
    return [
        Figure(
            picture.svg,
            "Two free energies of one flow",
            r"The law widens along one axis and narrows along the other. The free energy at the effective temperature 1 rises; "
            r"$E[\Psi] - H$, which measures the objective in units of the noise, falls.",
            "A curve that rises from 0 and one that falls from 0.",
        )
    ]


CLAIMS = {"anisotropic-noise": _free_energies}
