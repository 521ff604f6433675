"""Nodes and weights for sums over the support of a distribution, accurate for smooth densities that decay.

Trapezoidal rules after a substitution that makes the ends harmless; exponentially accurate for analytic integrands. Every
function returns points and the logarithm of the measure that each stands for.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize_scalar

from numerics.supports import Counts, Line, Probabilities, Sphere, Support, Vectors

_NODES = 2001
NEGLIGIBLE = 1e-13

LogWeight = Callable[[np.ndarray], np.ndarray]
Nodes = tuple[np.ndarray, np.ndarray]


class Unresolved(ArithmeticError):
    """Too much mass lies beyond or between the nodes for the sum to be an oracle."""


def integer_nodes(support: Counts, log_weight: LogWeight) -> Nodes:
    """All integers up to where the terms have become negligible."""
    size = 256
    while True:
        last = int(min(support.upper, support.lower + size))
        x = np.arange(support.lower, last + 1, dtype=np.float64)
        exponent = log_weight(x)
        if last == support.upper or exponent[-1] < exponent.max() - 45:
            return x, np.zeros_like(x)
        if size > 10**6:
            raise Unresolved("the counts do not end before a million")
        size *= 4


def circle_nodes(support: Line) -> Nodes:
    """Equidistant points of a circle."""
    x = np.linspace(support.lower, support.upper, _NODES, endpoint=False)
    return x, np.full_like(x, np.log((support.upper - support.lower) / _NODES))


def sphere_nodes(support: Sphere) -> Nodes:
    """Unit vectors: a circle, or a product rule with the height as one variable; no other dimension."""
    turns = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    if support.dimension == 2:
        return ring, np.full(len(ring), np.log(2 * np.pi / len(ring)))
    if support.dimension != 3:
        raise Unresolved(f"no rule for the sphere in {support.dimension} dimensions")
    height, weight = np.polynomial.legendre.leggauss(100)
    radius = np.sqrt(1 - height**2)
    x = np.concatenate([radius[:, None, None] * ring, np.broadcast_to(height[:, None, None], (100, 200, 1))], axis=-1)
    log_measure = np.log(weight[:, None] * 2 * np.pi / len(ring) * np.ones(len(ring)))
    return x.reshape(-1, 3), log_measure.reshape(-1)


def line_nodes(support: Line, log_weight: LogWeight) -> Nodes:
    """An interval, a half-line or the whole line."""
    x, measure = _line_nodes(support, lambda v: float(log_weight(np.array([v]))[0]))
    exponent = log_weight(x) + np.log(measure)
    if max(exponent[0], exponent[-1]) > exponent.max() + np.log(NEGLIGIBLE):
        raise Unresolved("the nodes cut off part of the density")
    return x, np.log(measure)


def _line_nodes(support: Line, log_weight: Callable[[float], float]) -> Nodes:
    lower, upper = support.lower, support.upper
    if np.isfinite(lower) and np.isfinite(upper):
        t = np.linspace(-3.2, 3.2, _NODES)
        inner = np.tanh(np.pi / 2 * np.sinh(t))
        slope = np.pi / 2 * np.cosh(t) / np.cosh(np.pi / 2 * np.sinh(t)) ** 2
        x = lower + (upper - lower) * (1 + inner) / 2
        within = (lower < x) & (x < upper)
        return x[within], (upper - lower) / 2 * slope[within] * (t[1] - t[0])
    if np.isfinite(lower) or np.isfinite(upper):
        end, sign = (lower, 1.0) if np.isfinite(lower) else (upper, -1.0)
        top = _largest(lambda s: log_weight(end + sign * np.exp(s)) + s)
        # Far enough out for power tails.
        t = np.linspace(top - 60, top + 60, 6 * _NODES)
        x = end + sign * np.exp(t)
        return x[x != end], (np.exp(t) * (t[1] - t[0]))[x != end]
    # Both sides of the mode, so that a kink there does no harm; far enough out for tails like 1/x**2.
    mode = np.sinh(minimize_scalar(lambda s: -log_weight(np.sinh(s)), bounds=(-12, 12), method="bounded").x)
    sides = []
    for sign in (-1.0, 1.0):

        def weight(s: float, sign: float = sign) -> float:
            return log_weight(mode + sign * np.exp(s)) + s

        top = _largest(weight)
        t = np.linspace(top - 38, top + 38, 3 * _NODES)
        sides.append((mode + sign * np.exp(t), np.exp(t) * (t[1] - t[0])))
    (below, left), (above, right) = sides
    return np.concatenate([below[::-1], above]), np.concatenate([left[::-1], right])


def _largest(function: Callable[[float], float]) -> float:
    return minimize_scalar(lambda s: -function(s), bounds=(-40, 40), method="bounded").x


def grid_nodes(support: Support, observations: np.ndarray, log_weight: LogWeight) -> Nodes:
    """A grid in free coordinates of the support, placed and scaled by a sample; at most three dimensions.

    Raises:
        Unresolved: where the grid would have too many dimensions, or cuts off part of the density.
    """
    free = _free_coordinates(support, observations)
    dimension = free.shape[1]
    if dimension > 3:
        raise Unresolved(f"no grid in {dimension} dimensions")
    centre, factor = free.mean(axis=0), np.linalg.cholesky(np.cov(free.T).reshape(dimension, dimension))
    if isinstance(support, Vectors):
        # Tails of a Gaussian.
        t = np.arange(-11, 11.25, 0.25)
        spacing = np.full_like(t, 0.25)
    else:
        # Exponential tails: stretched.
        u = np.linspace(-4.4, 4.4, {1: 400, 2: 240, 3: 96}[dimension])
        t, spacing = np.sinh(u), np.cosh(u) * (u[1] - u[0])
    axes = np.meshgrid(*[t] * dimension, indexing="ij")
    points = np.stack([a.reshape(-1) for a in axes], axis=-1)
    spacings = np.meshgrid(*[np.log(spacing)] * dimension, indexing="ij")
    log_measure = sum(s.reshape(-1) for s in spacings) + np.log(np.diag(factor)).sum()
    edge = np.any(np.abs(points) == t[-1], axis=1)
    x, log_jacobian = _from_free(support, centre + points @ factor.T)
    inside = np.isfinite(log_jacobian)
    exponent = log_weight(x[inside]) + (log_measure + log_jacobian)[inside]
    if exponent[edge[inside]].max() > exponent.max() + np.log(NEGLIGIBLE):
        raise Unresolved("the grid cuts off part of the density")
    return x[inside], (log_measure + log_jacobian)[inside]


def _free_coordinates(support: Support, x: np.ndarray) -> np.ndarray:
    match support:
        case Vectors():
            return x
        case Probabilities():
            return np.log(x[:, :-1]) - np.log(x[:, -1:])
    raise Unresolved(f"no grid for {support}")


def _from_free(support: Support, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Observations, and the logarithm of the Jacobian determinant."""
    match support:
        case Vectors():
            return free, np.zeros(len(free))
        case Probabilities():
            logits = np.concatenate([free, np.zeros((len(free), 1))], axis=1)
            logits = logits - logits.max(axis=1, keepdims=True)
            log_x = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
            x = np.exp(log_x)
            return x, np.where((x > 0).all(axis=1), log_x.sum(axis=1), np.nan)
    raise Unresolved(f"no grid for {support}")
