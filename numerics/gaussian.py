r"""Geodesics of the univariate Gaussian in closed form: the hyperbolic plane in the coordinates (mu / sqrt 2, sigma).

With ``z = mu/sqrt(2) + i sigma`` the Fisher metric is twice the metric of the upper half-plane, so lengths are ``sqrt
2`` times hyperbolic lengths. Source: derivations.gaussian; Amari & Nagaoka 2000; Ratcliffe 2019, chapter 4.
"""

import jax.numpy as jnp
from jax import Array

from numerics.arrays import Point, Scalar

_ROOT = 2.0**0.5


def exp(theta: Point, v: Point) -> Point:
    """The half-ellipse or vertical line from ``theta`` with initial velocity ``v`` at unit time, shape (2,).

    NaN for lengths above 124 in float32 and 1000 in float64, whose ends are out of the reach of the dtype.
    """
    mu, sigma = theta[0], theta[1]
    # In the frame that moves theta to i and has x along mu / sqrt 2, with (a, b) the velocity and r its length, the end
    # point is x = a sinh(r)/r / d, y = 1/d with d = cosh r - b sinh(r)/r.
    across, along = v[0] / (_ROOT * sigma), v[1] / sigma
    speed = _norm(across, along)
    sinh_ratio = _sinhc(0.5 * speed) * jnp.cosh(0.5 * speed)
    # d = exp(-r) + (r - b) sinh(r)/r, with r - b written without cancellation for b near r.
    total = speed + along
    gap = jnp.where(along > 0, across * across / jnp.where(total > 0, total, 1.0), speed - along)
    denominator = jnp.exp(-speed) + gap * sinh_ratio
    x = across * sinh_ratio / denominator
    end = jnp.stack([mu + _ROOT * sigma * x, sigma / denominator])
    # Beyond this speed the exponentials leave the range of the dtype.
    is_representable = speed < jnp.log(jnp.finfo(theta.dtype).max) - 1
    return jnp.where(_inside(theta) & is_representable, end, jnp.nan)


def log(theta: Point, other: Point) -> Point:
    """The initial velocity of the geodesic from ``theta`` to ``other``, shape (2,)."""
    sigma = theta[1]
    x, y = (other[0] - theta[0]) / (_ROOT * sigma), other[1] / sigma
    r = distance(theta, other) / _ROOT
    # sinh(r)/r from sinh(r/2); the direction at i follows from x and y by inverting the formulas of exp.
    half = 0.5 * r
    scale = 1.0 / (_sinhc(half) * jnp.cosh(half))
    across = scale * x / y
    along = scale * 0.5 * ((x * x + (y - 1.0) * (y + 1.0)) / y)
    velocity = jnp.stack([_ROOT * sigma * across, sigma * along])
    return jnp.where(_inside(theta) & _inside(other), velocity, jnp.nan)


def distance(theta: Point, other: Point) -> Scalar:
    """The Fisher-Rao distance ``2 sqrt 2 arsinh(sqrt(((dmu)^2/2 + (dsigma)^2) / (4 sigma sigma')))``.

    Its gradient is set to 0 where the points meet; second derivatives of its square are not 2 g there, as the distance has
    none of its own.
    """
    across = (theta[0] - other[0]) / _ROOT
    along = theta[1] - other[1]
    scale = 2.0 * jnp.sqrt(theta[1]) * jnp.sqrt(other[1])
    value = 2.0 * _ROOT * jnp.arcsinh(_norm(across / scale, along / scale))
    return jnp.where(_inside(theta) & _inside(other), value, jnp.nan)


def _inside(theta: Point) -> Array:
    return jnp.isfinite(theta[0]) & (theta[1] > 0) & (theta[1] < jnp.inf)


def _norm(a: Array, b: Array) -> Array:
    """``sqrt(a**2 + b**2)`` without overflow, with the gradient 0 at 0."""
    big = jnp.maximum(jnp.abs(a), jnp.abs(b))
    is_positive = big > 0
    safe = jnp.where(is_positive, big, 1.0)
    a, b = a / safe, b / safe
    return jnp.where(is_positive, big * jnp.sqrt(jnp.where(is_positive, a * a + b * b, 1.0)), jnp.zeros_like(big))


def _sinhc(x: Array) -> Array:
    """``sinh(x) / x``, with the value 1 at 0."""
    is_small = jnp.abs(x) < 1e-4
    safe = jnp.where(is_small, 1.0, x)
    return jnp.where(is_small, 1.0 + x * x / 6.0, jnp.sinh(safe) / safe)
