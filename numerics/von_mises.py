r"""The von Mises family beyond formulas: geodesics, observations, and the way back from the expectation parameters.

Geodesics are integrated in the plane ``arsinh(kappa) (cos mu, sin mu)``. The chart (mu, kappa) is polar and singular at
``kappa = 0``; this plane is regular there, and its radius grows like arc length. A rotationally symmetric metric ``E(r)
dr^2 + G(r) dmu^2`` has the geodesics ``r'' = (G' mu'^2 - E' r'^2) / (2 E)`` and ``mu'' = -(G'/G) r' mu'``. The frame is
rotated so that a geodesic starts at ``mu = 0``.
"""

import jax
import jax.numpy as jnp
from jax import Array

from numerics import geodesics
from numerics.arrays import Point, Scalar
from numerics.bessel_ratio import (
    bessel_ratio,
    bessel_ratio_complement,
    bessel_ratio_quotient,
    bessel_ratio_reciprocal_slope,
)
from numerics.linear_algebra import norm

_STEPS = 5


def from_expectation(m: Point) -> Point:
    """The point with ``E cos x = m_1`` and ``E sin x = m_2``, shape (2,); NaN unless the mean resultant length is below 1.

    ``mu`` is 0 where the length is 0.
    """
    return jnp.stack([jnp.arctan2(m[1], m[0]), concentration(norm(m))])


@jax.custom_jvp
@jax.jit
def concentration(length: Array) -> Array:
    """The concentration with ``A(kappa) = length``, elementwise; NaN unless ``0 <= length < 1``.

    Newton's method, from above 1/2 on for ``1 - A``, from the approximation of Banerjee, Dhillon, Ghosh & Sra 2005.
    """
    is_inside = (length >= 0) & (length < 1)
    r = jnp.where(is_inside, length, 0.0)
    kappa = r * (2.0 - r * r) / ((1.0 - r) * (1.0 + r))

    def improve(_: Array, kappa: Array) -> Array:
        excess = jnp.where(r < 0.5, bessel_ratio(kappa) - r, (1.0 - r) - bessel_ratio_complement(kappa))
        return kappa - excess * bessel_ratio_reciprocal_slope(kappa)

    return jnp.where(is_inside, jax.lax.fori_loop(0, _STEPS, improve, kappa), jnp.nan)


@concentration.defjvp
def _concentration_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    kappa = concentration(*primals)
    return kappa, bessel_ratio_reciprocal_slope(kappa) * tangents[0]


def sample(key: Array, theta: Point) -> Scalar:
    """One observation in ``[-pi, pi]``, by rejection from the wrapped Cauchy law (Best & Fisher 1979).

    With ``h = sqrt(1 + 4 kappa^2)`` and the wrapped Cauchy concentration ``s = 2 kappa / (1 + h)``, everything is written in
    ``1 - cos x``, so that small angles keep their digits for large kappa.
    """
    is_inside = _inside(theta)
    kappa = jnp.where(is_inside, theta[1], 1.0)
    stretch = jnp.hypot(jnp.ones_like(kappa), 2.0 * kappa)
    gap = 1.0 / (stretch + 2.0 * kappa)  # h - 2 kappa
    slack = (1.0 + gap) / (1.0 + stretch)  # 1 - s
    s = 2.0 * kappa / (1.0 + stretch)

    def propose(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        key, angle_key, height_key, sign_key = jax.random.split(state[0], 4)
        half_turn = 0.5 * jnp.pi * jax.random.uniform(angle_key, (), kappa.dtype)
        # (1 - cos x) / 2 of the wrapped Cauchy draw.
        share = slack * jnp.sin(half_turn) ** 2 / (slack + 2.0 * s * jnp.cos(half_turn) ** 2)
        height = 0.5 * (1.0 + gap) + 2.0 * kappa * share
        threshold = jax.random.uniform(height_key, (), kappa.dtype)
        # What is not a number is taken, so that the proposals end.
        accepted = ~(jnp.log(height) + 1.0 - height < jnp.log(threshold))
        angle = 2.0 * jnp.arcsin(jnp.minimum(jnp.sqrt(share), 1.0))
        return key, jnp.where(jax.random.bernoulli(sign_key), angle, -angle), accepted

    start = (key, jnp.zeros_like(kappa), jnp.zeros((), bool))
    angle = theta[0] + jax.lax.while_loop(lambda state: ~state[2], propose, start)[1]
    turns = jnp.round(angle / (2.0 * jnp.pi))
    return jnp.where(is_inside, angle - 2.0 * jnp.pi * turns, jnp.nan)


def exp(theta: Point, v: Point) -> Point:
    """The geodesic from ``theta`` with initial velocity ``v`` at unit time, shape (2,).

    ``mu`` ends within pi of where it started.
    """
    mu, kappa = theta[0], theta[1]
    radius = jnp.arcsinh(kappa)
    start = jnp.stack([radius, jnp.zeros_like(radius)])
    end = geodesics.flow(_acceleration, jnp.ones_like, start, jnp.stack([v[1] / _stretch(kappa), radius * v[0]]))
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
    return geodesics.shoot(_acceleration, jnp.ones_like, start, target)


@jax.jit
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
