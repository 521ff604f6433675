"""Claims about stochastic interpolants."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from scipy.special import erfc

from derivations import stochastic_interpolant as derivation
from numerics import stochastic_interpolant as numerics
from properties.checks import agree, derived
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
BATCH, DIMENSION = 64, 2
_STEP = 1e-20


@claim(
    "interpolant-score",
    evidence="exact",
    change={},
    falsifiers={
        "the other sign": {"change": {"sign": 1}},
        "gamma dropped": {"change": {"power": 0}},
        "gamma squared": {"change": {"power": 2}},
    },
)
def test_score(change):
    derived(derivation.score(**change))


@claim(
    "interpolant-transport",
    evidence="exact",
    latent=sp.Integer(1),
    falsifiers={"rate of the noise dropped": {"latent": sp.Integer(0)}, "the other sign": {"latent": sp.Integer(-1)}},
)
def test_transport(latent):
    derived(derivation.transport(latent))


@claim(
    "interpolant-transport",
    evidence="exact",
    latent=sp.Integer(1),
    falsifiers={"rate of the noise dropped": {"latent": sp.Integer(0)}, "twice": {"latent": sp.Integer(2)}},
)
def test_normal_ends(latent):
    derived(derivation.normal_ends(latent))


@claim(
    "interpolant-fokker-planck",
    evidence="exact",
    drift=1,
    falsifiers={"the other sign": {"drift": -1}, "no score in the drift": {"drift": 0}},
)
def test_fokker_planck(drift):
    derived(derivation.fokker_planck(drift))


class _Line:
    """An interpolant between mixtures of two normal laws on a line; conditional means by sums over a grid of the ends."""

    def __init__(self, seed):
        random = np.random.default_rng(seed)
        self.weights = random.dirichlet([2, 2], 2)
        self.means, self.deviations = random.normal(size=(2, 2)) * 2, np.exp(random.uniform(-1, 0.7, (2, 2)))
        self.coefficients = np.append(random.uniform(0.05, 1.2, 2), np.exp(random.uniform(-1, 0.5)))
        self.rates = random.normal(size=3)
        chosen = random.integers(0, 2, (2, 4))
        ends = self.means[[[0], [1]], chosen] + self.deviations[[[0], [1]], chosen] * random.normal(size=(2, 4))
        self.x = self.coefficients @ np.vstack([ends, random.normal(size=4)])

    def conditional_means(self):
        """``E[x_0 | x]``, ``E[x_1 | x]`` and ``E[z | x]``, shape (3, x)."""
        grids = [self._grid(end) for end in range(2)]
        (first, weight_of_first), (last, weight_of_last) = grids
        alpha, beta, gamma = self.coefficients
        z = (self.x[:, None, None] - alpha * first[:, None] - beta * last) / gamma
        weights = weight_of_first[:, None] * weight_of_last * np.exp(-(z**2) / 2)
        ends = np.einsum("xij,i->x", weights, first), np.einsum("xij,j->x", weights, last), np.sum(weights * z, (1, 2))
        return np.stack(ends) / weights.sum((1, 2))

    def _grid(self, end):
        """Places nine deviations around the means, and the density there."""
        means, deviations = self.means[end], self.deviations[end]
        coefficient, gamma = self.coefficients[end], self.coefficients[2]
        # The integrand varies over the smaller of the deviations of the end and of the noise.
        step = 0.5 / np.sqrt(1 / deviations.min() ** 2 + (coefficient / gamma) ** 2)
        places = np.arange((means - 9 * deviations).min(), (means + 9 * deviations).max(), step)
        away = (places[:, None] - means) / deviations
        return places, np.exp(-(away**2) / 2) @ (self.weights[end] / deviations)

    def _components(self, coefficients):
        """Weights, means and deviations of the mixture of four that x has."""
        alpha, beta, gamma = coefficients
        mean = alpha * self.means[0][:, None] + beta * self.means[1]
        square = (alpha * self.deviations[0][:, None]) ** 2 + (beta * self.deviations[1]) ** 2 + gamma**2
        return np.outer(*self.weights).ravel(), mean.ravel(), np.sqrt(square).ravel()

    def density(self, x):
        weights, means, deviations = self._components(self.coefficients)
        away = (x[:, None] - means) / deviations
        return np.exp(-(away**2) / 2) @ (weights / deviations) / np.sqrt(2 * np.pi)

    def score(self):
        """By a complex step in x."""
        return self.density(self.x + 1j * _STEP).imag / _STEP / self.density(self.x)

    def flux(self):
        """The rate at which the distribution function falls, by a complex step in the coefficients."""
        weights, means, deviations = self._components(self.coefficients + 1j * _STEP * self.rates)
        away = (self.x[:, None] - means) / deviations
        side = np.where(away.real > 0, -1.0, 1.0)
        return -(side * erfc(-side * away / np.sqrt(2)).imag / 2) @ weights / _STEP


@claim(
    "interpolant-score",
    evidence="property",
    given={"seed": SEEDS},
    power=1,
    sign=-1.0,
    falsifiers={"the other sign": {"sign": 1.0}, "gamma dropped": {"power": 0}, "gamma squared": {"power": 2}},
)
def test_mean_of_the_noise(seed, power, sign):
    """Mixtures on a line: the conditional mean of the noise by integration over both ends."""
    line = _Line(seed)
    gamma = line.coefficients[2]
    found = sign * line.conditional_means()[2] / gamma**power
    agree(found, line.score(), tolerance=1e-14, scale=np.abs(line.score()) + 1 / gamma)


@claim(
    "interpolant-transport",
    evidence="property",
    given={"seed": SEEDS},
    latent=1.0,
    falsifiers={"rate of the noise dropped": {"latent": 0.0}, "the other sign": {"latent": -1.0}},
)
def test_flux(seed, latent):
    """Mixtures on a line: the velocity by integration over both ends, against the distribution function of x."""
    line = _Line(seed)
    rates = line.rates * [1, 1, latent]
    means = line.conditional_means()
    size = np.abs(line.rates) @ np.abs(means)
    agree(rates @ means, line.flux() / line.density(line.x), tolerance=5e-14, scale=size + 1e-3)


def _mixture(random):
    frames = random.normal(size=(BATCH, 2, DIMENSION, DIMENSION))
    covariances = 0.5 * frames @ frames.swapaxes(-1, -2) + 0.1 * np.eye(DIMENSION)
    means = 1.5 * random.normal(size=(BATCH, 2, DIMENSION))
    return numerics.Mixture(random.dirichlet([2, 2], BATCH), means, covariances)


@cache
def _derivatives(seed):
    """Closed forms in the plane and their derivatives by automatic differentiation, for a batch of interpolants."""
    random = np.random.default_rng(seed)
    first, last = _mixture(random), _mixture(random)
    coefficients = np.append(random.uniform(0.05, 1.2, (BATCH, 2)), np.exp(random.uniform(-1, 0.5, (BATCH, 1))), axis=1)
    rates, number = random.normal(size=(BATCH, 3)), np.arange(BATCH)
    drawn = [
        law.means[number, k] + np.einsum("nij,nj->ni", np.linalg.cholesky(law.covariances[number, k]), noise)
        for law, k, noise in zip(
            (first, last), random.integers(0, 2, (2, BATCH)), random.normal(size=(2, BATCH, DIMENSION)), strict=True
        )
    ]
    x = np.einsum("nc,cnd->nd", coefficients, np.stack([*drawn, random.normal(size=(BATCH, DIMENSION))]))
    return {name: np.asarray(value) for name, value in _evaluated(first, last, coefficients, rates, x).items()}


@jax.jit
@jax.vmap
def _evaluated(first, last, coefficients, rates, x):
    def density(c, y):
        return numerics.log_density(first, last, c, y)

    def score(y):
        return numerics.score(first, last, coefficients, y)

    def velocity(y):
        return numerics.velocity(first, last, coefficients, rates, y)

    slope, hessian = jax.value_and_grad(density, 1)(coefficients, x)[1], jax.hessian(density, 1)(coefficients, x)
    return {
        "in time": jax.jvp(lambda c: density(c, x), (coefficients,), (rates,))[1],
        "gradient": slope,
        "laplacian": jnp.trace(hessian) + jnp.vdot(slope, slope),
        "score": score(x),
        "divergence of score": jnp.trace(jax.jacfwd(score)(x)),
        "velocity": velocity(x),
        "divergence of velocity": jnp.trace(jax.jacfwd(velocity)(x)),
        "gamma": coefficients[2],
    }


@claim(
    "interpolant-score",
    evidence="property",
    given={"seed": SEEDS},
    power=0,
    falsifiers={"gamma dropped": {"power": 1}, "gamma squared": {"power": -1}},
)
def test_closed_form_of_the_score(seed, power):
    """Mixtures in the plane: -E[z|x]/gamma in closed form against the gradient of the log-density."""
    found = _derivatives(seed)
    gamma = found["gamma"][:, None]
    agree(
        found["score"] * gamma**power, found["gradient"], tolerance=1e-14, scale=np.abs(found["gradient"]) + 1 / gamma
    )


@claim(
    "interpolant-fokker-planck",
    evidence="property",
    given={"seed": SEEDS},
    drift=1.0,
    diffusion=1.0,
    falsifiers={
        "the other sign": {"drift": -1.0},
        "no score in the drift": {"drift": 0.0},
        "half the diffusion": {"diffusion": 0.5},
    },
)
def test_equations_in_the_plane(seed, drift, diffusion):
    """Mixtures in the plane, both equations with diffusions up to exp(1), and the transport equation without one."""
    found = _derivatives(seed)
    size = np.exp(np.random.default_rng([seed, 1]).uniform(-2, 1, BATCH))
    for epsilon in (np.zeros(BATCH), size, -size):
        field = found["velocity"] + drift * epsilon[:, None] * found["score"]
        divergence = found["divergence of velocity"] + drift * epsilon * found["divergence of score"]
        flow = divergence + np.sum(field * found["gradient"], axis=1)
        right = diffusion * epsilon * found["laplacian"]
        scale = 1 + np.abs(found["in time"]) + np.abs(divergence) + size * np.abs(found["divergence of score"])
        agree(found["in time"] + flow, right, tolerance=2e-14, scale=scale)
