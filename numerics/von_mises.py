r"""Geodesics of the von Mises family, integrated in the plane ``arsinh(kappa) (cos mu, sin mu)``.

The chart (mu, kappa) is polar and singular at ``kappa = 0``; this plane is regular there, and its radius grows like
arc length. A rotationally symmetric metric ``E(r) dr^2 + G(r) dmu^2`` has the geodesics ``r'' = (G' mu'^2 - E' r'^2)
/ (2 E)`` and ``mu'' = -(G'/G) r' mu'``. The frame is rotated so that a geodesic starts at ``mu = 0``.
"""

import jax.numpy as jnp
from jax import Array

from numerics import geodesics
from numerics.arrays import Point, Scalar
from numerics.bessel_ratio import bessel_ratio, bessel_ratio_quotient


def exp(theta: Point, v: Point) -> Point:
    """The geodesic from ``theta`` with initial velocity ``v`` at unit time, shape (2,).

    ``mu`` ends within pi of where it started.
    """
    mu, kappa = theta[0], theta[1]
    radius = jnp.arcsinh(kappa)
    start = jnp.stack([radius, jnp.zeros_like(radius)])
    end = geodesics.flow(_acceleration, start, jnp.stack([v[1] / _stretch(kappa), radius * v[0]]))
    value = jnp.stack([mu + jnp.arctan2(end[1], end[0]), jnp.sinh(_norm(end))])
    return jnp.where(_inside(theta) & jnp.all(jnp.isfinite(v)), value, jnp.nan)


def log(theta: Point, other: Point) -> Point:
    """The initial velocity of the geodesic from ``theta`` to ``other``, shape (2,); mu counts modulo 2 pi.

    The manifold is complete, simply connected and negatively curved, so there is exactly one. Not finite at ``kappa =
    0``, where the chart has no tangent space.
    """
    kappa = theta[1]
    velocity = _plane_log(theta, other)
    value = jnp.stack([velocity[1] / jnp.arcsinh(kappa), velocity[0] * _stretch(kappa)])
    return jnp.where(_inside(theta) & _inside(other), value, jnp.nan)


def distance(theta: Point, other: Point) -> Scalar:
    """The Fisher-Rao distance, a scalar; mu counts modulo 2 pi."""
    kappa = theta[1]
    velocity = _plane_log(theta, other)
    radial = jnp.sqrt(bessel_ratio(kappa, 1)) * _stretch(kappa)
    metric = jnp.diag(jnp.stack([radial * radial, _tangential_metric(kappa)]))
    value = geodesics.length(metric, velocity)
    return jnp.where(_inside(theta) & _inside(other), value, jnp.nan)


def _plane_log(theta: Point, other: Point) -> Point:
    radius, angle = jnp.arcsinh(theta[1]), other[0] - theta[0]
    start = jnp.stack([radius, jnp.zeros_like(radius)])
    target = jnp.arcsinh(other[1]) * jnp.stack([jnp.cos(angle), jnp.sin(angle)])
    return geodesics.shoot(_acceleration, start, target)


def _acceleration(position: Point, velocity: Point) -> Point:
    radius = _norm(position)
    is_positive = radius > 0
    safe = jnp.where(is_positive, radius, 1.0)
    kappa, stretch = jnp.sinh(safe), jnp.cosh(safe)
    radial = jnp.where(is_positive, position / safe, jnp.zeros_like(position))
    tangential = jnp.stack([-radial[1], radial[0]])
    speed, turn = radial @ velocity, tangential @ velocity
    # E = A' cosh(r)^2 and G = kappa A, with kappa = sinh(r).
    growth = stretch * (1.0 / kappa + bessel_ratio_quotient(kappa, 1, 0))  # G'/G
    push = 0.5 * (bessel_ratio_quotient(kappa, 0, 1) + kappa) / (stretch * safe)  # G' / (2 E r)
    bend = 0.5 * stretch * bessel_ratio_quotient(kappa, 2, 1) + kappa / stretch  # E' / (2 E)
    outward = (push - 1.0) / safe * turn * turn - bend * speed * speed
    sideways = (2.0 / safe - growth) * speed * turn
    return jnp.where(is_positive, outward * radial + sideways * tangential, jnp.zeros_like(position))


def _stretch(kappa: Array) -> Array:
    """``d kappa / d arsinh(kappa)``, without overflow."""
    return jnp.hypot(jnp.ones_like(kappa), kappa)


def _tangential_metric(kappa: Array) -> Array:
    """``kappa A / arsinh(kappa)^2``, with the value 1/2 at 0."""
    is_positive = kappa > 0
    safe = jnp.where(is_positive, kappa, 1.0)
    radius = jnp.arcsinh(safe)
    return jnp.where(is_positive, safe / radius * (bessel_ratio(safe) / radius), 0.5)


def _norm(vector: Point) -> Scalar:
    square = vector @ vector
    is_positive = square > 0
    return jnp.where(is_positive, jnp.sqrt(jnp.where(is_positive, square, 1.0)), 0.0)


def _inside(theta: Point) -> Array:
    return jnp.isfinite(theta[0]) & (theta[1] >= 0) & (theta[1] < jnp.inf)
