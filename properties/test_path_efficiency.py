"""Claims about steps of full equilibration and the efficiency of paths."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from numpy.polynomial import Chebyshev

from derivations import path_efficiency
from numerics.path_efficiency import efficiency, equilibration_loss
from properties.checks import agree, at_most, decided, derived, sampled, table
from properties.claims import claim
from properties.subjects import batched, geometry_of

SEEDS = st.integers(0, 2**32 - 1)
BATCH = 8
_NUMBER = 64

STEPS = np.array([16, 32, 64])
# Complete spaces, so that no geodesic leaves them.
STEP_FAMILIES = ("gaussian", "exponential", "fixed_mean_normal", "multivariate_normal")


@cache
def _walks(name):
    """The points of 64 even steps along a geodesic, and what n of them lose, times 2n/L^2, there and back."""
    geometry = geometry_of(name)

    def one(start, velocity):
        squared = velocity @ geometry.metric(start) @ velocity
        way = jax.vmap(lambda part: geometry.exp(start, part * velocity))(jnp.arange(65) / 64)
        there, back = (
            jnp.stack([n * equilibration_loss(geometry.kl, w[:: 64 // n]) for n in STEPS]) for w in (way, way[::-1])
        )
        return way, 2 * jnp.stack([there, back]) / squared

    return jax.jit(jax.vmap(one))


def _walked(name, seed, number=4):
    """Losses of geodesics of lengths from a half to two, shape (n, 2, 3), and ``int T(v, v, v) ds`` at unit speed."""
    random, d = np.random.default_rng(seed), geometry_of(name).dimension
    start = np.asarray(batched(name, "from_unconstrained")(random.uniform(-1, 1, (number, d))))
    metric, v = np.asarray(batched(name, "metric")(start)), random.normal(size=(number, d))
    length = random.uniform(0.5, 2, number)
    v *= (length / np.sqrt(np.einsum("nij,ni,nj->n", metric, v, v)))[:, None]
    way, losses = (np.asarray(a) for a in _walks(name)(start, v))
    # Velocities by differences of sixth order; a polynomial through the cubes, integrated.
    differences = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))
    speed = 64 * sum(c * (way[:, 3 + k : 62 + k] - way[:, 3 - k : 62 - k]) for k, c in differences)
    skewness = np.asarray(batched(name, "skewness")(way[:, 3:-3].reshape(-1, d))).reshape(number, -1, d, d, d)
    cubic = np.einsum("nmijk,nmi,nmj,nmk->nm", skewness, speed, speed, speed)
    whole = [Chebyshev.fit(np.arange(3, 62) / 64, row, 12, domain=[0, 1]).integ() for row in cubic]
    return losses, np.array([f(1.0) - f(0.0) for f in whole]) / length**2


def _limit(values):
    """What values at 16, 32 and 64 steps tend to, errors of first and second order taken off."""
    return (8 * values[..., 2] - 6 * values[..., 1] + values[..., 0]) / 3


@claim(
    "stepwise-equilibration",
    evidence="exact",
    third=-sp.Rational(1, 12),
    falsifiers={
        "straight in natural parameters": {"third": sp.Rational(1, 6)},
        "the other direction": {"third": sp.Rational(1, 12)},
    },
)
def test_loss_of_a_step(third):
    derived(path_efficiency.steps(third))


@claim(
    "stepwise-equilibration",
    evidence="property",
    given={"seed": SEEDS},
    half=1.0,
    sixth=-1 / 6,
    falsifiers={
        "without the half": {"half": 2.0},
        "the other direction": {"sixth": 1 / 6},
        "no second term": {"sixth": 0.0},
    },
)
def test_loss_of_many_steps(seed, half, sixth):
    """Random geodesics: ``2 n/L^2 sum KL`` tends to 1, and n times the rest to the integral of T, there and back."""
    for name in STEP_FAMILIES:
        losses, cubic = _walked(name, seed)
        rest = _limit(STEPS * (losses - 1))
        # 16000 geodesics left 1.3e-5 and 5.7e-6.
        agree(_limit(losses), np.full(losses.shape[:2], half), tolerance=1.3e-4)
        agree(rest, sixth * np.stack([cubic, -cubic], axis=1), tolerance=6e-5, scale=1.0)


@claim(
    "stepwise-equilibration",
    evidence="property",
    order=-1.0,
    falsifiers={"second order": {"order": -2.0}, "half an order": {"order": -0.5}},
)
def test_measured_order(order):
    """The slope of ``ln |2 n/L^2 sum KL - 1|`` on ``ln n`` where T along the geodesic is not small; and which side of 1."""
    rows = []
    for name in (*STEP_FAMILIES, "gamma"):
        found = [_walked(name, seed) for seed in range(8)]
        losses, cubic = (np.concatenate(parts) for parts in zip(*found, strict=True))
        losses, cubic = losses[np.abs(cubic) > 1], cubic[np.abs(cubic) > 1]
        slopes = np.polyfit(np.log(STEPS), np.log(np.abs(losses - 1)).reshape(-1, 3).T, 1)[0]
        sampled(len(slopes))
        # The second order bends the line: slopes of 3488 geodesics lay between -1.063 and -0.932.
        agree(slopes, np.full(len(slopes), order), tolerance=0.2, scale=1.0)
        below = np.sign(1 - losses[..., 2])
        decided(bool((below[:, 0] == np.sign(cubic)).all() and (below[:, 1] == -below[:, 0]).all()),
                f"{name}: one direction below the limit, the other above it")  # fmt: skip
        rows.append([name, len(slopes), *(f"{q:.4f}" for q in np.quantile(slopes, [0, 0.5, 1]))])
    table("Measured order of the error of L²/(2n)", ["family", "geodesics", "least", "median", "largest"], rows)


@claim(
    "stepwise-equilibration",
    evidence="property",
    there=-1,
    falsifiers={"the other way round": {"there": 1}},
)
def test_neither_bound_holds(there):
    """N(0, 1) to N(0, 4), and back, in n steps: below ``L^2/(2n)`` on the way there, above it on the way back, for every n."""
    rows = []
    for n in (1, 2, 4, 16, 64, 256):
        deviation = 2.0 ** (np.arange(n + 1) / n)
        way = jnp.asarray(np.stack([0 * deviation, deviation], axis=1))
        losses = [float(equilibration_loss(geometry_of("gaussian").kl, w)) for w in (way, way[::-1])]
        u, leading = np.log(2) / n, np.log(2) ** 2 / n
        agree(losses, [n * (s * u + np.expm1(-2 * s * u) / 2) for s in (1, -1)], tolerance=2e-13)
        decided(bool(np.sign(losses[0] - leading) == there and np.sign(losses[1] - leading) == -there), f"{n} steps")
        rows.append([n, *(f"{v:.9f}" for v in (losses[0], leading, losses[1]))])
    table("Steps from N(0, 1) to N(0, 4)", ["n", "there", "L²/(2n)", "back"], rows)


@claim(
    "path-efficiency",
    evidence="exact",
    half=sp.Rational(1, 2),
    falsifiers={"without the half": {"half": sp.Integer(1)}, "a quarter": {"half": sp.Rational(1, 4)}},
)
def test_efficiency_of_a_power(half):
    derived(path_efficiency.efficiency(half))


@cache
def _powers():
    def one(power, begin, end, mean):
        def path(part):
            deviation = begin * ((1 - part) + part * (end / begin) ** power) ** (1 / power)
            return jnp.stack([mean + 0.0 * part, deviation])

        return efficiency(geometry_of("gaussian"), path)

    return jax.jit(jax.vmap(one))


@claim(
    "path-efficiency",
    evidence="property",
    given={"seed": SEEDS},
    half=0.5,
    falsifiers={"without the half": {"half": 1.0}, "a quarter": {"half": 0.25}},
)
def test_efficiency_of_powers_of_the_deviation(seed, half):
    """Random powers q, of both signs, and random ends: quadrature of the speed against ``(y / sinh y)^2``."""
    random = np.random.default_rng(seed)
    # The rounding of the path grows as 1/q, that of its ends as 1/ln s.
    power, logarithm = random.choice([-1.0, 1.0], (2, _NUMBER)) * random.uniform(0.1, 2, (2, _NUMBER))
    begin = np.exp(random.uniform(-1, 1, _NUMBER))
    end = begin * np.exp(logarithm)
    y = half * power * np.log(end / begin)
    found = np.asarray(_powers()(power, begin, end, random.normal(size=_NUMBER)))
    # 64000 paths left 3.7e-15.
    agree(found, (y / np.sinh(y)) ** 2, tolerance=4e-14)


@cache
def _bent(name):
    """Efficiencies of paths that bend or hurry, and of geodesics at constant speed."""
    geometry = geometry_of(name)

    def one(start, velocity, bend, hurry):
        def straight(part):
            return geometry.exp(start, part * velocity)

        def bent(part):
            pace = part + hurry * part * (1 - part)
            return geometry.exp(start, pace * velocity + jnp.sin(jnp.pi * part) * bend)

        return efficiency(geometry, straight), efficiency(geometry, bent)

    return jax.jit(jax.vmap(one))


@claim(
    "path-efficiency",
    evidence="property",
    given={"seed": SEEDS},
    factor=1.0,
    falsifiers={"a hundredth more": {"factor": 1.01}},
)
def test_efficiency_is_at_most_one(seed, factor):
    """Random paths of normal laws on the line and of isotropic ones in the plane; 1 for geodesics at constant speed."""
    random = np.random.default_rng(seed)
    for name in ("gaussian", "isotropic_normal"):
        d = geometry_of(name).dimension
        start = np.asarray(batched(name, "from_unconstrained")(random.uniform(-1, 1, (BATCH, d))))
        # In units of the metric.
        unit = 1 / np.sqrt(np.diagonal(np.asarray(batched(name, "metric")(start)), axis1=1, axis2=2))
        velocity, bend = random.normal(size=(2, BATCH, d)) * unit
        straight, bent = (
            np.asarray(v) for v in _bent(name)(start, velocity, 0.3 * bend, random.uniform(-0.9, 0.9, BATCH))
        )
        agree(factor * straight, np.ones(BATCH), tolerance=2e-12)
        at_most(bent, 1.0, slack=2e-12)
