"""Claims about the perturbation kernel of PFGM++."""

import hypothesis.strategies as st
import numpy as np
import sympy as sp
from scipy.integrate import solve_ivp
from scipy.special import gammaln, stdtr
from scipy.stats import multivariate_t

from derivations import student_t as derivation
from properties.checks import agree, at_most, derived, sampled, table
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
# Double exponential quadrature of a radius in (0, oo), for tails of any power.
_T = np.arange(-4.0, 4.2, 1 / 32)
RADII = np.exp(np.pi / 2 * np.sinh(_T))
WEIGHTS = RADII * np.pi / 2 * np.cosh(_T) / 32


@claim(
    "student-t-kernel",
    evidence="exact",
    freedom=derivation.D,
    falsifiers={
        "D - 1 degrees of freedom": {"freedom": derivation.D - 1},
        "N + D degrees of freedom": {"freedom": derivation.N + derivation.D},
    },
)
def test_kernel(freedom):
    derived(derivation.kernel(freedom))


def log_kernel(radius, n, d, sigma):
    """The log-density at a distance from its centre; also for complex arguments."""
    r = sigma * np.sqrt(d)
    constant = gammaln((n + d) / 2) - gammaln(d / 2) - n / 2 * np.log(np.pi)
    return constant + d * np.log(r) - (n + d) / 2 * np.log(radius**2 + r**2)


def _shell(n, d, sigma):
    """The mass of the kernel between radii, at those of the quadrature in units of sigma."""
    radii = sigma * RADII
    area = np.log(2) + n / 2 * np.log(np.pi) - gammaln(n / 2)
    return radii, np.exp(area + (n - 1) * np.log(radii) + log_kernel(radii, n, d, sigma)) * sigma * WEIGHTS


@claim(
    "student-t-kernel",
    evidence="property",
    given={"n": st.integers(1, 6), "seed": SEEDS},
    added=0,
    of_data=0,
    less=2,
    falsifiers={
        "D - 1 degrees of freedom": {"added": -1},
        "N + D degrees of freedom": {"of_data": 1},
        "the variance of a normal law": {"less": 0},
    },
)
def test_density_and_variance(n, seed, added, of_data, less):
    """D from 3 to 3000 against the Student-t density of SciPy; mass and variance by quadrature."""
    random = np.random.default_rng([seed, n])
    d, sigma = np.exp(random.uniform(np.log(3), np.log(3000))), np.exp(random.uniform(-2, 2))
    away = random.normal(size=(8, n)) * sigma * np.exp(random.uniform(-2, 3, (8, 1)))
    claimed = d + added + of_data * n
    # The same r at other degrees of freedom is another scale.
    expected = multivariate_t(np.zeros(n), sigma**2 * d / claimed * np.eye(n), claimed).logpdf(away)
    found = log_kernel(np.linalg.norm(away, axis=1), n, d, sigma)
    agree(found, expected.reshape(8), tolerance=4e-11, scale=1 + np.abs(found))
    radii, mass = _shell(n, d, sigma)
    agree(mass.sum(), 1.0, tolerance=4e-11)
    agree(mass @ radii**2 / n, sigma**2 * d / (d - less), tolerance=4e-11)


@claim(
    "student-t-field-lines",
    evidence="exact",
    change={},
    falsifiers={
        "one dimension more": {"change": {"dimension": derivation.N + derivation.D + 1}},
        "twice the slope": {"change": {"speed": sp.Integer(2)}},
    },
)
def test_field(change):
    derived(derivation.field(**change))


def _posterior_mean(x, y, r, n, d):
    weights = (1 + ((x[:, None] - y) / r) ** 2) ** (-(n + d) / 2)
    return weights @ y / weights.sum(axis=1)


def _by_posterior(x, y, r, d):
    return (x - _posterior_mean(x, y, r, 1, d)) / r


def _by_score(x, y, r, d):
    """The flow of a diffusion model, ``dx/dsigma = -sigma score``, with the score of the marginal."""
    away = x[:, None] - y
    weights = (1 + (away / r) ** 2) ** (-(1 + d) / 2)
    score = -np.sum(weights * (1 + d) * away / (away**2 + r**2), axis=1) / weights.sum(axis=1)
    return -r / d * score


@claim(
    "student-t-field-lines",
    evidence="property",
    given={"d": st.sampled_from([1, 2, 3, 8, 50]), "seed": SEEDS},
    slope=_by_posterior,
    speed=1.0,
    falsifiers={
        "the flow of the score": {"slope": _by_score},
        "the kernel of one dimension more": {"slope": lambda x, y, r, d: _by_posterior(x, y, r, d + 1)},
        "twice the slope": {"speed": 2.0},
    },
)
def test_lines_keep_their_quantiles(d, seed, slope, speed):
    """Four data on a line, eight field lines from r to 1/20 to 20 times as much, which stay at their quantiles of p_r."""
    random = np.random.default_rng([seed, d])
    y = random.normal(size=4) * 2
    start = np.exp(random.uniform(-1, 1))
    end = start * np.exp(random.uniform(-3, 3))
    x = random.choice(y, 8) + start / np.sqrt(d) * random.normal(size=8)
    lines = solve_ivp(
        lambda r, x: speed * slope(x, y, r, d), (start, end), x, method="DOP853", rtol=1e-11, atol=1e-12
    ).y[:, -1]
    quantiles = [np.mean(stdtr(d, (at[:, None] - y) * np.sqrt(d) / r), axis=1) for at, r in ((x, start), (lines, end))]
    agree(quantiles[1], quantiles[0], tolerance=3e-9, scale=1.0)


@claim(
    "student-t-field-lines",
    evidence="property",
    given={"n": st.integers(1, 4), "d": st.integers(2, 40), "seed": SEEDS},
    dimension=0,
    falsifiers={"one dimension more": {"dimension": 1}, "two more": {"dimension": 2}},
)
def test_slope_from_the_potential(n, d, seed, dimension):
    """Up to four dimensions: the ratio of derivatives of the potential, by complex steps, against the mean of y given x."""
    random = np.random.default_rng([seed, n, d])
    y, x, r = random.normal(size=(5, n)), 2 * random.normal(size=n), np.exp(random.uniform(-1, 2))
    power = -(n + d + dimension - 2) / 2

    def potential(x, r):
        return np.sum((((x - y) ** 2).sum(axis=1) / r**2 + 1) ** power) * r ** (2 * power)

    step = 1e-30j
    along = np.array([potential(x + step * axis, r).imag for axis in np.eye(n)]) / step.imag
    across = potential(x, r + step).imag / step.imag
    weights = np.exp(log_kernel(np.linalg.norm(x - y, axis=1), n, d, r / np.sqrt(d)))
    mean = weights @ y / weights.sum()
    agree(along / across, (x - mean) / r, tolerance=4e-13, scale=(1 + np.abs(x) + np.abs(y).max()) / r)


@claim(
    "student-t-limit",
    evidence="exact",
    exponent=derivation.N + derivation.D,
    falsifiers={
        "D in the exponent": {"exponent": derivation.D},
        "one dimension more": {"exponent": derivation.N + derivation.D + 1},
    },
)
def test_limit(exponent):
    derived(derivation.limit(exponent))


@claim(
    "student-t-limit",
    evidence="property",
    constant=lambda n: n * (n + 6) / 4,
    power=2,
    falsifiers={
        "half": {"constant": lambda n: n * (n + 6) / 8},
        "a constant that grows with N": {"constant": lambda n: 7 * n / 4},
        "the rate 1/D": {"power": 1},
    },
)
def test_rate_of_the_limit(constant, power):
    """KL for N = 1 to 8 and D from 100 to 100000, by quadrature; the share that is missing is below 10 N/D."""
    rows, dimensions = [], 10.0 ** np.arange(2, 6)
    for n in (1, 2, 4, 8):
        u = RADII**2
        normal = np.exp(np.log(2) - n / 2 * np.log(2) - gammaln(n / 2) + (n - 1) * np.log(RADII) - u / 2) * WEIGHTS
        found = []
        for d in dimensions:
            # u/2 - (D/2) log(1 + u/D) loses digits for large D; what it loses is 1e-16 u, against u^2/D.
            excess = u / 2 - (n + d) / 2 * np.log1p(u / d)
            excess = np.where(normal > 0, excess, 0.0)
            excess = excess - normal @ excess
            found.append(np.log1p(normal @ (np.expm1(excess) - excess)))
        scaled = np.array(found) * dimensions**power
        rows.append([str(n), *(f"{value:.5f}" for value in scaled), f"{constant(n):.5f}"])
        sampled(len(dimensions))
        at_most(np.abs(scaled / constant(n) - 1), 10 * n / dimensions, slack=1e-6)
    table("KL times the square of D", ["N", *(f"D = {d:g}" for d in dimensions), "limit"], rows)


@claim(
    "student-t-fisher",
    evidence="exact",
    correction=sp.Integer(2),
    falsifiers={"the normal law": {"correction": sp.Integer(0)}, "1 for 2": {"correction": sp.Integer(1)}},
)
def test_fisher(correction):
    derived(derivation.fisher(correction))


@claim(
    "student-t-fisher",
    evidence="property",
    given={"n": st.integers(1, 6), "seed": SEEDS},
    correction=2,
    scale=2.0,
    falsifiers={"the normal law": {"correction": 0}, "1 for 2": {"correction": 1}, "half the scale": {"scale": 1.0}},
)
def test_second_moments_of_the_scores(n, seed, correction, scale):
    """D from 1 to 1000: derivatives of the log-density by complex steps, their squares by quadrature."""
    random = np.random.default_rng([seed, n])
    d, sigma = np.exp(random.uniform(0, np.log(1000))), np.exp(random.uniform(-2, 2))
    radii, mass = _shell(n, d, sigma)
    step = 1e-30j
    of_location = log_kernel(radii + step * radii, n, d, sigma).imag / (step.imag * radii)
    of_scale = log_kernel(radii, n, d, sigma + step).imag / step.imag
    below = (n + d + correction) * sigma**2
    agree(mass @ of_location**2 / n, (n + d) / below, tolerance=2e-11)
    agree(mass @ of_scale**2, scale * n * d / below, tolerance=2e-11)
