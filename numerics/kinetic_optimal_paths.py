r"""Kinetic energies of the paths ``x_t = m_t x_0 + a_t x_1`` from noise to finite data sets, and the path with the least.

Noise ``x_0`` is ``N(0, I)`` in d dimensions, ``x_1`` one of n equally likely points on a line through the origin. Energies are
per dimension. On the host, in double precision: references for checks and pictures.

Source: Shaul, Chen, Nickel, Le and Lipman 2023; the closed form of the optimum is derived in ``derivations``.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import cumulative_simpson

# Noise in units of its deviation. A step of 1/16 leaves less than 1e-15 of the sharpest step between two points.
_NOISE = np.linspace(-9.0, 9.0, 289)
_WEIGHTS = np.exp(-0.5 * _NOISE**2) / np.exp(-0.5 * _NOISE**2).sum()
_ANGLES = 400

Array = NDArray[np.float64]


def kinetic_energy(
    points: ArrayLike, a: ArrayLike, m: ArrayLike, rate_of_a: ArrayLike, rate_of_m: ArrayLike, dimension: int = 1
) -> Array:
    """``E|u|^2 / d`` with ``u = E[a' x_1 + m' x_0 | x]``, at states of one or more paths.

    Args:
        points: positions of the data on their line, shape (n,).
        a: weight of the data, of any shape.
        m: deviation of the noise, positive, of the same shape.
        rate_of_a: ``a'``, of that shape.
        rate_of_m: ``m'``, of that shape.
        dimension: d.

    Raises:
        ValueError: for other shapes, a dimension below 1 or a deviation that is not positive, naming the argument.
    """
    data = _line(points, dimension)
    states = [np.asarray(value, np.float64) for value in (a, m, rate_of_a, rate_of_m)]
    if any(state.shape != states[0].shape for state in states):
        raise ValueError(f"a, m, rate_of_a and rate_of_m have shapes {[s.shape for s in states]}; they must agree")
    if not (states[1] > 0).all():
        raise ValueError(f"m = {states[1].tolist()}; its domain is m > 0")
    found = [_along_the_line(data, *state) for state in zip(*(s.reshape(-1) for s in states), strict=True)]
    across = (dimension - 1) * states[3] ** 2
    return (np.reshape(found, states[0].shape) + across) / dimension


def separation(points: ArrayLike, ratio: float, dimension: int = 1) -> float:
    """``lambda = E|E[x_1|x]|^2 / d`` where ``ratio = a/m``: the data separation function."""
    data = _line(points, dimension)
    return _along_the_line(data, ratio, 1.0, 1.0, 0.0) / dimension


def optimal_angle(points: ArrayLike, dimension: int = 1) -> float:
    """``Phi``, for which ``2 - 2 cos Phi`` is the least energy: ``int_0^(pi/2) sqrt(g)``, g that of a turn of ``(sin, cos)``.

    Args:
        points: normalised, with the mean square d, shape (n,).
        dimension: d.

    Raises:
        ValueError: as :func:`kinetic_energy` does, and for data that are not normalised.
    """
    return float(_angles(points, dimension)[1][-1])


def optimal_path(points: ArrayLike, parts: Array, dimension: int = 1) -> tuple[Array, Array]:
    """The states ``(a, m)`` of the Gaussian path of least energy at parts of its time in [0, 1], shape (k,).

    Points and errors are those of :func:`optimal_angle`.
    """
    theta, phi = _angles(points, dimension)
    across, along = parts * np.sin(phi[-1]), 1 - parts + parts * np.cos(phi[-1])
    radius, turned = np.hypot(across, along), np.interp(np.arctan2(across, along), phi, theta)
    return radius * np.sin(turned), radius * np.cos(turned)


def _angles(points: ArrayLike, dimension: int) -> tuple[Array, Array]:
    square = float(np.mean(_line(points, dimension) ** 2))
    if not np.isclose(square, dimension, rtol=1e-9, atol=0):
        raise ValueError(f"points has the mean square {square}; its domain is data of mean square {dimension}")
    theta = np.linspace(0.0, np.pi / 2, _ANGLES + 1)
    inside = theta[:-1]
    energy = kinetic_energy(points, np.sin(inside), np.cos(inside), np.cos(inside), -np.sin(inside), dimension)
    # Without noise u is -x_0 and nothing else, of energy 1.
    return theta, cumulative_simpson(np.sqrt(np.append(energy, 1.0)), x=theta, initial=0.0)


def _along_the_line(data: Array, a: float, m: float, rate_of_a: float, rate_of_m: float) -> float:
    """``E u^2`` of the coordinate along the line, as the mean over every point of that over the noise."""
    x = a * data[:, None] + m * _NOISE
    noise = (x[:, :, None] - a * data) / m
    likelihood = np.exp(-0.5 * (noise**2 - (noise**2).min(axis=-1, keepdims=True)))
    mean = ((rate_of_a * data + rate_of_m * noise) * likelihood).sum(-1) / likelihood.sum(-1)
    return float((mean**2 @ _WEIGHTS).mean())


def _line(points: ArrayLike, dimension: int) -> Array:
    data = np.asarray(points, np.float64)
    if data.ndim != 1 or data.size == 0:
        raise ValueError(f"points has shape {data.shape}; it must be (n,)")
    if dimension < 1:
        raise ValueError(f"dimension = {dimension}; its domain is dimension >= 1")
    return data
