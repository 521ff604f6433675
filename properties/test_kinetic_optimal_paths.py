"""Claims about the kinetic energy of paths between noise and data."""

import hypothesis.strategies as st
import jax
import numpy as np
import ot
import sympy as sp
from scipy.special import erfc

from derivations import kinetic_optimal_paths as derivation
from numerics.gaussian_flow import gaussian_flow
from numerics.kinetic_optimal_paths import kinetic_energy, optimal_angle, optimal_path, separation
from properties.checks import agree, at_most, decided, derived, fact, sampled, table
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
TIMES, WEIGHTS = 0.5 * (_NODES + 1), 0.5 * _WEIGHTS
SHORTER = sp.Rational(1, 2)


@claim(
    "kinetic-energy-normal-path",
    evidence="exact",
    root=sp.Integer(1),
    falsifiers={"half": {"root": SHORTER}, "four times: variances for deviations": {"root": sp.Integer(4)}},
)
def test_normal_paths(root):
    derived(derivation.normal_path(root))


def _wiggles(random, number, d):
    """Sines that vanish at both ends, and their derivatives, shape (number, d, times)."""
    orders = np.pi * np.arange(1, 5)[:, None]
    weights = random.normal(size=(number, d, 4)) / np.arange(1, 5)
    return weights @ np.sin(orders * TIMES), weights @ (orders * np.cos(orders * TIMES))


@claim(
    "kinetic-energy-normal-path",
    evidence="property",
    given={"d": st.integers(1, 4), "seed": SEEDS},
    power=0.5,
    constant=1.0,
    falsifiers={"variances for deviations": {"power": 1.0}, "twice the distance": {"constant": 2.0}},
)
def test_paths_of_variances(d, seed, power, constant):
    """Variances exp(+-3) joined by straight and by wavy paths of deviations; distances by POT, from full covariances."""
    random, number = np.random.default_rng([seed, d]), 8
    ends = np.exp(random.uniform(-1.5, 1.5, (2, number, d)))
    straight = ends[0, :, :, None] + (ends[1] - ends[0])[:, :, None] * TIMES
    value, rate = _wiggles(random, number, d)
    height = 0.4 * ends.min(axis=0)[:, :, None] / np.abs(value).max(axis=2, keepdims=True)
    height[0] = 0
    deviation, moved = straight + height * value, (ends[1] - ends[0])[:, :, None] + height * rate
    variance, slope = deviation**2, 2 * deviation * moved
    energy = np.sum((power * slope * variance ** (power - 1)) ** 2, axis=1) @ WEIGHTS
    frame, _ = np.linalg.qr(random.normal(size=(d, d)))
    covariances = np.einsum("ia,nka,ja->nkij", frame, ends**2, frame)
    squares = [
        ot.gaussian.bures_wasserstein_distance(np.zeros(d), np.zeros(d), *pair) ** 2
        for pair in covariances.swapaxes(0, 1)
    ]
    size = np.sum(ends**2, axis=(0, 2))
    at_most(constant * np.array(squares), energy, slack=2e-13, scale=size)
    agree(energy[0], squares[0], tolerance=2e-13, scale=size[0])


@claim(
    "kinetic-energy-normal-path",
    evidence="property",
    factor=1.0,
    falsifiers={"half": {"factor": 0.5}, "twice": {"factor": 2.0}},
)
def test_energy_of_relaxing_laws(factor):
    """At mobility 1 entropy production is the kinetic energy: 256 flows along common axes of curvature and covariance."""
    random, number = np.random.default_rng(7), 256
    rate, start = np.exp(random.uniform(-1, 1, (2, number, 2)))
    temperature, duration = np.exp(random.uniform(-1, 1, (2, number)))
    angle = random.uniform(0, np.pi, number)
    frame = np.moveaxis(np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), -1, 0)
    curvature, covariance = (np.einsum("nia,na,nja->nij", frame, values, frame) for values in (rate, start))
    zero = np.zeros((number, 2))
    flows = jax.vmap(gaussian_flow)(curvature, zero, temperature, zero, covariance)
    found = np.asarray(jax.vmap(lambda flow, t: flow.entropy_production(t))(flows, duration))
    time = duration[:, None, None] * TIMES
    rest = (temperature[:, None] / rate)[:, :, None]
    decay = (start[:, :, None] - rest) * np.exp(-2 * rate[:, :, None] * time)
    slope, variance = -2 * rate[:, :, None] * decay, rest + decay
    energy = duration * (np.sum(slope**2 / (4 * variance), axis=1) @ WEIGHTS)
    sampled(number)
    agree(factor * energy, found, tolerance=2e-13)


@claim(
    "data-separation",
    evidence="exact",
    mixed=sp.Integer(1),
    falsifiers={"data left out": {"mixed": sp.Integer(0)}, "twice": {"mixed": sp.Integer(2)}},
)
def test_separation(mixed):
    derived(derivation.separation(mixed))


def _data(random, n, d=1):
    """Random points on a line in d dimensions, normalised to the mean square d."""
    points = random.normal(size=n) * np.exp(random.uniform(-1, 1, n))
    return points * np.sqrt(d / np.mean(points**2))


@claim(
    "data-separation",
    evidence="property",
    given={"n": st.integers(1, 6), "seed": SEEDS},
    mixed=1.0,
    power=1,
    falsifiers={
        "data left out": {"mixed": 0.0},
        "twice": {"mixed": 2.0},
        "a function of a m for a/m": {"power": -1},
    },
)
def test_energy_of_data_sets(n, seed, mixed, power):
    """Up to six points: the velocity from the distribution function F of x, as -(dF/dt)/q, with complex steps in time."""
    random = np.random.default_rng([seed, n])
    points = _data(random, n)
    for _ in range(4):
        a, m = np.exp(random.uniform(-1.5, 1.0, 2))
        rate_of_a, rate_of_m = random.normal(size=2)
        x = np.arange(a * points.min() - 8.5 * m, a * points.max() + 8.5 * m, m / 32)[:, None]
        step = 1e-20j
        moved = (x - (a + step * rate_of_a) * points) / (m + step * rate_of_m)
        # In the upper half the complement of F keeps its digits.
        side = np.where(x > np.median(x), -1.0, 1.0)
        flux = -np.mean(side * erfc(-side * moved / np.sqrt(2)).imag / 2, axis=1) / step.imag
        density = np.mean(np.exp(-(((x - a * points) / m) ** 2) / 2), axis=1) / (m * np.sqrt(2 * np.pi))
        energy = np.sum(flux**2 / density) * m / 32
        ratio = a / m if power == 1 else a * m
        change = mixed * (1 - separation(points, ratio)) * (rate_of_a - a * rate_of_m / m) ** 2
        size = rate_of_a**2 + rate_of_m**2 + (a * rate_of_m / m) ** 2
        agree(energy, rate_of_a**2 + rate_of_m**2 - change, tolerance=4e-13, scale=size)
        agree(energy, kinetic_energy(points, a, m, rate_of_a, rate_of_m), tolerance=4e-13, scale=size)


@claim(
    "kinetic-optimal-path",
    evidence="exact",
    weight=sp.Integer(1),
    falsifiers={"data left out": {"weight": sp.Integer(0)}, "twice": {"weight": sp.Integer(2)}},
)
def test_optimum(weight):
    derived(derivation.optimum(weight))


@claim(
    "kinetic-optimal-path",
    evidence="property",
    given={"n": st.integers(1, 3), "d": st.sampled_from([1, 2, 5, 20]), "seed": SEEDS},
    angle=1.0,
    slack=1e-6,
    falsifiers={"a larger angle": {"angle": 1.05}, "a smaller angle": {"angle": 0.95}},
)
def test_no_path_has_less_energy(n, d, seed, angle, slack):
    """Random paths from noise to data, and the optimal one by its differences over 200 short steps."""
    random = np.random.default_rng([seed, n, d])
    points = _data(random, n, d)
    least = 2 - 2 * np.cos(angle * optimal_angle(points, d))
    value, rate = (part[0] for part in _wiggles(random, 1, 2))
    scale = random.uniform(0, [0.25, 3.0]) / np.abs(rate).max(axis=1)
    (bend, growth), (bend_rate, growth_rate) = scale[:, None] * value, scale[:, None] * rate
    theta, turn, radius = np.pi / 2 * (TIMES + bend), np.pi / 2 * (1 + bend_rate), np.exp(growth)
    a, m = radius * np.sin(theta), radius * np.cos(theta)
    energy = WEIGHTS @ kinetic_energy(points, a, m, growth_rate * a + turn * m, growth_rate * m - turn * a, d)
    at_most(least, energy, slack=slack)
    times = np.linspace(0, 1, 201) ** 2
    a, m = optimal_path(points, times, d)
    short = np.diff(times)
    halfway = [(part[1:] + part[:-1]) / 2 for part in (a, m)]
    energy = short @ kinetic_energy(points, *halfway, np.diff(a) / short, np.diff(m) / short, d)
    # The worst of 1000 was at 5.2e-4; it falls with the square of the step.
    agree(energy, least, tolerance=5e-3, scale=1.0)


@claim(
    "conditional-transport-optimal",
    evidence="exact",
    cross=sp.pi / 2,
    falsifiers={"the optimum": {"cross": sp.Integer(2)}, "half": {"cross": sp.pi / 4}},
)
def test_conditional_transport(cross):
    derived(derivation.conditional_transport(cross))


def _conditional_transport(points, d=1):
    one = np.ones_like(TIMES)
    return float(WEIGHTS @ kinetic_energy(points, TIMES, 1 - TIMES, one, -one, d))


@claim(
    "conditional-transport-optimal",
    evidence="property",
    given={"d": st.integers(1, 4), "seed": SEEDS},
    cross=np.pi / 2,
    is_geometric=True,
    falsifiers={"the optimum": {"cross": 2.0}, "the fidelity for the mean": {"is_geometric": False}},
)
def test_independent_normal_laws(d, seed, cross, is_geometric):
    """Covariances that do not commute, eigenvalues exp(+-2): E|u|^2 by the regression of dx/dt on x, and its integral."""
    random = np.random.default_rng([seed, d])
    first, second = (_positive(random, max(d, 2)) for _ in range(2))
    t = TIMES[:, None, None]
    law, mixed = (1 - t) ** 2 * first + t**2 * second, t * second - (1 - t) * first
    energy = WEIGHTS @ np.einsum("tij,tji->t", mixed, np.linalg.solve(law, mixed))
    root = _root(first)
    inverse = np.linalg.inv(root)
    mean = root @ _root(inverse @ second @ inverse) @ root if is_geometric else _root(root @ second @ root)
    whole = np.trace(first) + np.trace(second)
    agree(energy, whole - cross * np.trace(mean), tolerance=1e-13, scale=whole)
    at_most(whole - 2 * np.trace(_root(root @ second @ root)), energy, slack=1e-13, scale=whole)


def _positive(random, d):
    frame, _ = np.linalg.qr(random.normal(size=(d, d)))
    return (frame * np.exp(random.uniform(-2, 2, d))) @ frame.T


def _root(matrix):
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return (vectors * np.sqrt(values)) @ vectors.T


@claim(
    "conditional-transport-optimal",
    evidence="counterexample",
    points=(1.0, -1.0),
    falsifiers={"a single point": {"points": (1.0,)}, "two points in the same place": {"points": (-1.0, -1.0)}},
)
def test_two_points(points):
    """The points 1 and -1 against N(0, 1); and two opposite points in more dimensions, to 1024."""
    energy, angle = _conditional_transport(points), optimal_angle(points)
    least = 2 - 2 * np.cos(angle)
    fact("energy of conditional optimal transport", f"{energy:.8f}")
    fact("least energy of Gaussian paths", f"{least:.8f}")
    fact("squared Wasserstein distance", f"{2 - 2 * np.sqrt(2 / np.pi):.8f}")
    decided(bool(energy > least + 0.5), "its energy is above that of the optimal path by more than 1/2")
    agree([energy, least], [0.98239834, 0.45911887], tolerance=1e-7)
    rows = []
    for d in 4 ** np.arange(6):
        pair = np.sqrt(d) * np.array([1.0, -1.0])
        found, least = _conditional_transport(pair, d), 2 - 2 * np.cos(optimal_angle(pair, d))
        agree(found, 2 - 1.01760166 / np.sqrt(d), tolerance=1e-8)
        rows.append([str(d), f"{found:.5f}", f"{least:.5f}"])
    agree([found, least], [1.96820, 1.95578], tolerance=1e-5)
    table("Energy per dimension, two opposite points", ["dimensions", "conditional transport", "least"], rows)
