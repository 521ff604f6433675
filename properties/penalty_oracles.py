"""What penalties and their gradients are to many digits, at the exact machine inputs, and how far from it computed ones are.

Everything is ball arithmetic; only the integrals of Clairaut, in the squared distance of von Mises laws, are sums by a
quadrature whose error is no part of the balls.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import jax
import numpy as np
from flint import arb, ctx
from jax import Array

from properties.compilation import optimised_jit

_BITS = 500
_QUADRATURE_BITS = 200
_NODES = 80

Balls = Sequence[arb]


class Exact(NamedTuple):
    """A penalty at one point.

    Attributes:
        value: of the penalty.
        gradient: by each coordinate.
        units: ``sqrt(g_ii)`` of each coordinate.
        length: of the gradient, in the Fisher metric.
    """

    value: arb
    gradient: Balls
    units: Balls
    length: arb


Oracle = Callable[[Balls, Balls], Exact]


def errors(
    penalty: Callable[[Array, Array], Array], oracle: Oracle, points: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Errors in machine epsilons of values, relative to them, and of gradients, relative to ``length sqrt(g_ii)``.

    Args:
        penalty: of a point and a reference.
        oracle: of the same.
        points: shape (n, d), float32 or float64.
        others: references, shape (n, d); different from the points.
    """
    epsilon = float(np.finfo(points.dtype).eps)
    found = optimised_jit(jax.vmap(jax.value_and_grad(penalty)))(points, others)
    values, gradients = (np.asarray(part, np.float64) for part in found)
    of_values, of_gradients = np.zeros(len(points)), np.zeros(len(points))
    for i, (point, other) in enumerate(zip(points.astype(float), others.astype(float), strict=True)):
        with ctx.workprec(_BITS):
            exact = oracle([arb(float(x)) for x in point], [arb(float(x)) for x in other])
            of_values[i] = _error(values[i], exact.value, exact.value) / epsilon
            parts = zip(gradients[i], exact.gradient, exact.units, strict=True)
            of_gradients[i] = max(_error(g, ball, unit * exact.length) for g, ball, unit in parts) / epsilon
    return of_values, of_gradients


def gaussian_distance(point: Balls, other: Balls) -> Exact:
    """``2 arccosh(1 + x)^2``."""
    (mu, sigma), (mean, deviation) = point, other
    x = ((mu - mean) ** 2 / 2 + (sigma - deviation) ** 2) / (2 * sigma * deviation)
    angle = (1 + x).acosh()
    slope = 4 * angle / (x * (2 + x)).sqrt()
    by_sigma = (sigma - deviation) / (sigma * deviation) - x / sigma
    return _diagonal(2 * angle**2, [slope * (mu - mean) / (2 * sigma * deviation), slope * by_sigma], _of_normal(sigma))


def gaussian_kl(point: Balls, other: Balls) -> Exact:
    """KL of the point from the other."""
    (mu, sigma), (mean, deviation) = point, other
    value = (deviation / sigma).log() + (sigma**2 + (mu - mean) ** 2) / (2 * deviation**2) - arb(1) / 2
    gradient = [(mu - mean) / deviation**2, sigma / deviation**2 - 1 / sigma]
    return _diagonal(value, gradient, _of_normal(sigma))


def gaussian_reverse_kl(point: Balls, other: Balls) -> Exact:
    """KL of the other from the point."""
    (mu, sigma), (mean, deviation) = point, other
    spread = deviation**2 + (mu - mean) ** 2
    value = (sigma / deviation).log() + spread / (2 * sigma**2) - arb(1) / 2
    return _diagonal(value, [(mu - mean) / sigma**2, 1 / sigma - spread / sigma**3], _of_normal(sigma))


def categorical_distance(point: Balls, other: Balls) -> Exact:
    """``4 arccos(sum sqrt(p q))^2`` by logits."""
    p, q = _probabilities(point), _probabilities(other)
    roots = [(a * b).sqrt() for a, b in zip(p, q, strict=True)]
    overlap = sum(roots, arb(0))
    angle = overlap.acos()
    slope = -4 * angle / (1 - overlap**2).sqrt()
    return _of_weights(4 * angle**2, [slope * (r - a * overlap) for r, a in zip(roots, p, strict=True)], p)


def categorical_kl(point: Balls, other: Balls) -> Exact:
    """``sum p log(p/q)`` by logits."""
    p, q = _probabilities(point), _probabilities(other)
    logs = [(a / b).log() for a, b in zip(p, q, strict=True)]
    value = sum((a * log for a, log in zip(p, logs, strict=True)), arb(0))
    return _of_weights(value, [a * (log - value) for a, log in zip(p, logs, strict=True)], p)


def categorical_reverse_kl(point: Balls, other: Balls) -> Exact:
    """``sum q log(q/p)`` by logits."""
    p, q = _probabilities(point), _probabilities(other)
    value = sum((b * (b / a).log() for a, b in zip(p, q, strict=True)), arb(0))
    return _of_weights(value, [a - b for a, b in zip(p, q, strict=True)], p)


def von_mises_kl(point: Balls, other: Balls) -> Exact:
    """KL of the point from the other."""
    (mu, kappa), (mean, concentration) = point, other
    ratio, slope = _ratio(kappa)
    pull = kappa - concentration * (mu - mean).cos()
    value = _log_i0(concentration) - _log_i0(kappa) + ratio * pull
    return _diagonal(value, [ratio * concentration * (mu - mean).sin(), slope * pull], _of_von_mises(kappa))


def von_mises_reverse_kl(point: Balls, other: Balls) -> Exact:
    """KL of the other from the point."""
    (mu, kappa), (mean, concentration) = point, other
    ratio = _ratio(concentration)[0]
    value = _log_i0(kappa) - _log_i0(concentration) + ratio * (concentration - kappa * (mu - mean).cos())
    gradient = [ratio * kappa * (mu - mean).sin(), _ratio(kappa)[0] - ratio * (mu - mean).cos()]
    return _diagonal(value, gradient, _of_von_mises(kappa))


def von_mises_points(
    random: np.random.Generator, number: int, dtype: str
) -> tuple[np.ndarray, np.ndarray, dict[tuple[float, ...], Exact]]:
    """Pairs of laws on geodesics of known momentum, and their squared distances.

    The least concentration that the geodesic reaches is drawn, and with it the angle follows by an integral. The angle is then
    rounded, and the momentum corrected to it by the secant method.

    Returns:
        Points and references, both of shape (n, 2), and for each pair, as a tuple of four numbers, what is exact.
    """
    points, others, exact = np.zeros((number, 2), dtype), np.zeros((number, 2), dtype), {}
    for i in range(number):
        near, far = np.sort(np.exp(random.uniform(-3, 3, 2)).astype(dtype))
        if random.uniform() < 0.4:
            far = np.asarray(near * (1 + 10 ** random.uniform(-6 if dtype == "float32" else -13, -1)), dtype)
        least, is_past = near * random.uniform(0.02, 0.98), random.uniform() < 0.5
        with ctx.workprec(_QUADRATURE_BITS):
            ends = (arb(float(near)), arb(float(far)), is_past)
            start = arb(float(least))
            angle, _ = _clairaut(start, *ends)
            rounded = np.asarray(float(angle), dtype)
            if rounded >= np.pi:
                continue
            target, step = arb(float(rounded)), start * arb(2) ** -60
            slope = (_clairaut(start + step, *ends)[0] - angle) / step
            for _ in range(3):
                start = (start + (target - _clairaut(start, *ends)[0]) / slope).mid()
            _, distance = _clairaut(start, *ends)
            is_far = random.uniform() < 0.5
            kappa, other = (ends[1], ends[0]) if is_far else (ends[0], ends[1])
            momentum = _weight(start).sqrt()
            across, along = _of_von_mises(kappa)
            # Away from the other end; from the near one that is inwards unless the least concentration lies between.
            rate = (1 - (momentum / across) ** 2).sqrt() * (1 if is_far or is_past else -1)
            gradient = [2 * distance * momentum, 2 * distance * along * rate]
            value = Exact(distance**2, gradient, [across, along], 2 * distance)
        points[i], others[i] = (rounded, float(kappa)), (0.0, float(other))
        exact[tuple(map(float, (*points[i], *others[i])))] = value
    chosen = points[:, 1] > 0
    return points[chosen], others[chosen], exact


def _clairaut(least: arb, near: arb, far: arb, is_past: bool) -> tuple[arb, arb]:
    """Angle and length of a geodesic between two concentrations, past the least one or away from it.

    With ``kappa = least (1 + 2 sinh(z)^2)`` the integrals are smooth in z, of either sign.
    """
    ends = [((kappa / least - 1) / 2).sqrt().asinh() for kappa in (near, far)]
    ends[0] = -ends[0] if is_past else ends[0]
    middle, half = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
    square = _weight(least)
    angle = length = arb(0)
    for node, mass in _rule():
        z = middle + half * node
        kappa = least * (1 + 2 * z.sinh() ** 2)
        slope, weight = _ratio(kappa)[1], _weight(kappa)
        # d kappa = 2 least sinh(2 z) dz; the root of G - c^2 has the sign of z.
        element = 2 * half * mass * least * (slope * (2 * z).sinh() ** 2 / (weight * (weight - square))).sqrt()
        angle, length = angle + element * square.sqrt(), length + element * weight
    return angle, length


@cache
def _rule() -> list[tuple[arb, arb]]:
    with ctx.workprec(_QUADRATURE_BITS):
        return [arb.legendre_p_root(_NODES, k, True) for k in range(_NODES)]


def _weight(kappa: arb) -> arb:
    """``kappa A``, the metric across."""
    return kappa * _ratio(kappa)[0]


def _ratio(kappa: arb) -> tuple[arb, arb]:
    ratio = kappa.bessel_i(1, scaled=True) / kappa.bessel_i(0, scaled=True)
    return ratio, 1 - ratio / kappa - ratio**2


def _log_i0(kappa: arb) -> arb:
    return kappa.bessel_i(0, scaled=True).log() + kappa


def _probabilities(logits: Balls) -> list[arb]:
    weights = [*(eta.exp() for eta in logits), arb(1)]
    total = sum(weights, arb(0))
    return [w / total for w in weights]


def _of_normal(sigma: arb) -> list[arb]:
    return [1 / sigma, arb(2).sqrt() / sigma]


def _of_von_mises(kappa: arb) -> list[arb]:
    return [_weight(kappa).sqrt(), _ratio(kappa)[1].sqrt()]


def _diagonal(value: arb, gradient: Balls, units: Balls) -> Exact:
    """In coordinates at right angles."""
    square = sum((g * g / (u * u) for g, u in zip(gradient, units, strict=True)), arb(0))
    return Exact(value, gradient, units, square.mid().sqrt())


def _of_weights(value: arb, by_all: Balls, p: Balls) -> Exact:
    """From the derivatives by all logits, of sum 0."""
    square = sum((g * g / a for g, a in zip(by_all, p, strict=True)), arb(0))
    return Exact(value, by_all[:-1], [(a * (1 - a)).sqrt() for a in p[:-1]], square.mid().sqrt())


def _error(computed: float, ball: arb, scale: arb) -> float:
    if not np.isfinite(computed):
        return float("inf")
    return float((abs(arb(float(computed)) - ball) / abs(scale)).abs_upper())
