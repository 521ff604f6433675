"""Claims about what an ensemble tells by where its members are."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import ot
import pytest
import sympy as sp
from scipy.linalg import expm

from derivations import displacement
from numerics.bures_wasserstein import squared_distance
from numerics.gaussian_flow import gaussian_flow
from properties.checks import agree, at_most, decided, derived, table
from properties.claims import claim
from properties.simulation import mean_exceeds

SEEDS = st.integers(0, 2**32 - 1)


@claim(
    "displacement-measures-noise",
    evidence="exact",
    factor=sp.Integer(2),
    falsifiers={"no displacement": {"factor": sp.Integer(0)}, "half of it": {"factor": sp.Integer(1)}},
)
def test_displacements_of_a_law_that_stays(factor):
    derived(displacement.noise(factor))


@claim(
    "displacement-measures-noise",
    evidence="property",
    given={"d": st.integers(1, 4), "seed": SEEDS},
    factor=2.0,
    falsifiers={"no displacement": {"factor": 0.0}, "half of it": {"factor": 1.0}},
)
def test_displacements_between_checkpoints(d, seed, factor):
    """The Langevin equation in d dimensions by matrix exponentials; the entropy production of its exact flow is 0."""
    random = np.random.default_rng([seed, d])
    frame, _ = np.linalg.qr(random.normal(size=(d, d)))
    rates, temperature, interval = np.exp(random.uniform(-2, 2, d)), np.exp(random.uniform(-2, 2)), 0.3
    curvature, rest = (frame * rates) @ frame.T, temperature * (frame / rates) @ frame.T
    left, added = _transition(curvature, temperature, interval)
    stays = left - np.eye(d)
    moved = np.trace(stays @ rest @ stays.T + added)
    agree(moved, factor * temperature * np.sum(-np.expm1(-rates * interval) / rates), tolerance=1e-13)
    flow = gaussian_flow(curvature, np.zeros(d), temperature, np.zeros(d), rest)
    decided(float(flow.entropy_production(interval)) < 1e-24 * temperature, "the law that stays dissipates nothing")


def _transition(curvature, temperature, t):
    """The propagator of the mean, and the covariance that noise adds, by the exponential of a block matrix (Van Loan)."""
    d = len(curvature)
    blocks = np.block([[-curvature, 2 * temperature * np.eye(d)], [np.zeros((d, d)), curvature.T]])
    whole = expm(blocks * t)
    return whole[:d, :d], whole[:d, d:] @ whole[:d, :d].T


@claim(
    "displacement-measures-noise",
    evidence="property",
    growth=1.0,
    falsifiers={"a limit": {"growth": 0.0}, "the square": {"growth": 2.0}},
)
def test_denser_checkpoints(growth):
    """Unit constants, one unit of time: the sum of ``E|Delta|^2/h`` against the number of checkpoints."""
    numbers = 4 ** np.arange(1, 7)
    sums = []
    for number in numbers:
        left, added = _transition(np.ones((1, 1)), 1.0, 1.0 / number)
        sums.append(number**2 * ((left[0, 0] - 1) ** 2 + added[0, 0]))
    rows = [[number, f"{value:.4g}", 0] for number, value in zip(numbers, sums, strict=True)]
    table("A stationary ensemble", ["checkpoints", "sum of squared displacements over h", "entropy production"], rows)
    agree(np.log(sums[-1] / sums[-2]) / np.log(4.0), growth, tolerance=1e-3, scale=1.0)


@claim(
    "empirical-distance-biased",
    evidence="exact",
    share=sp.Integer(1),
    falsifiers={"no mixture": {"share": sp.Integer(2)}},
)
def test_joint_convexity(share):
    derived(displacement.bias(share))


@claim("empirical-distance-biased", evidence="exact", power=1, falsifiers={"falls faster": {"power": 2}})
def test_two_samples_of_coins(power):
    derived(displacement.two_letters(power=power))


@claim(
    "empirical-distance-biased",
    evidence="exact",
    covariances=sp.Rational(1, 4),
    falsifiers={"half": {"covariances": sp.Rational(1, 2)}},
)
def test_leading_order_of_the_plug_in(covariances):
    derived(displacement.plug_in(covariances))


@claim(
    "empirical-distance-biased",
    evidence="property",
    given={"d": st.integers(1, 3), "seed": SEEDS},
    sign=1.0,
    falsifiers={"concave": {"sign": -1.0}},
)
def test_mixtures_are_closer(d, seed, sign):
    """Three pairs of laws and their mixture, weighted: empirical laws by linear programming, and normal laws."""
    random = np.random.default_rng([seed, d])
    share = random.dirichlet(np.ones(3))
    points = random.normal(size=(2, 8, d))
    cost = np.sum((points[0][:, None] - points[1][None]) ** 2, axis=2)
    laws = random.dirichlet(np.full(8, 0.5), size=(2, 3))
    parts = np.array([ot.emd2(p, q, cost) for p, q in zip(*laws, strict=True)])
    whole = ot.emd2(*(share @ laws), cost)
    at_most(sign * (whole - share @ parts), 0.0, slack=1e-12)
    means, roots = random.normal(size=(2, 3, d)), random.normal(size=(2, 3, d, d))
    covariances = roots @ np.swapaxes(roots, 2, 3) + 0.01 * np.eye(d)
    normal = np.array([_normal_distance(*(m[i] for m in (*means, *covariances))) for i in range(3)])
    mixed = _normal_distance(*(np.tensordot(share, m, 1) for m in (*means, *covariances)))
    at_most(sign * (mixed - share @ normal), 0.0, slack=1e-11)


@jax.jit
def _normal_distance(first_mean, second_mean, first, second):
    return squared_distance(second_mean - first_mean, first, second - first)


DIMENSION, REPETITIONS = 10, 256


@cache
def _plug_in(number):
    """Squared distances of the normal laws fitted to two samples of ``N(0, 1)`` in ten dimensions, repeated."""

    def distance(key):
        first, second = jax.random.normal(key, (2, number, DIMENSION))
        fitted = [(jnp.mean(x, axis=0), jnp.cov(x, rowvar=False)) for x in (first, second)]
        (m, S), (n, R) = fitted
        return squared_distance(n - m, S, R - S)

    return np.asarray(jax.jit(jax.vmap(distance))(jax.random.split(jax.random.key(number), REPETITIONS)))


def _empirical(number, repetitions):
    random = np.random.default_rng(number)
    samples = random.normal(size=(repetitions, 2, number, DIMENSION))
    return np.array([ot.emd2([], [], ot.dist(x, y)) for x, y in samples])


@pytest.mark.slow
@claim(
    "empirical-distance-biased",
    evidence="simulated",
    number=100,
    falsifiers={"a hundred members for each dimension": {"number": 1000}},
)
def test_two_samples_of_one_normal_law(number):
    """Ten dimensions, whose whole variance is 10: with 100 members the fitted laws are more than 1/20 of it apart."""
    rows = []
    for members, repetitions in ((20, 64), (100, 16), (1000, 1)):
        found, whole = _plug_in(members), _empirical(members, repetitions).mean()
        error = found.std(ddof=1) / REPETITIONS**0.5
        leading = DIMENSION * (DIMENSION + 5) / (2 * members)
        rows.append([members, f"{found.mean():.4f} ± {error:.4f}", f"{leading:.4f}", f"{whole:.2f}"])
    columns = ["members", "fitted normal laws", "leading order", "empirical laws"]
    table("Squared distance of two samples of one normal law in ten dimensions, variance 10", columns, rows)
    leading = DIMENSION * (DIMENSION + 5) / (2 * 100)
    mean_exceeds(_plug_in(number), bound=DIMENSION / 20, expected=leading)
