"""Claims about learning with momentum."""

import hypothesis.strategies as st
import numpy as np
from scipy.integrate import quad
from scipy.linalg import expm

from derivations import underdamped
from properties.checks import agree, at_most, decided, derived, fact, sampled
from properties.claims import claim


class Oscillator:
    """A normal law of position and momentum under ``dx = p/m dt``, ``dp = -(k x + gamma p) dt + sqrt(2 gamma m T) dw``."""

    def __init__(self, stiffness, mass, friction, temperature, mean, covariance):
        self.mass, self.friction, self.temperature = mass, friction, temperature
        self.drift = np.array([[0.0, 1 / mass], [-stiffness, -friction]])
        self.rest = np.diag([temperature / stiffness, mass * temperature])
        self.mean, self.covariance = np.asarray(mean), np.asarray(covariance)

    def moments(self, t):
        """Mean and covariance at time t."""
        left = expm(self.drift * t)
        return left @ self.mean, self.rest + left @ (self.covariance - self.rest) @ left.T

    def production(self, duration):
        """Temperature times entropy production, the integral of ``gamma/m E|p + m T d log q/dp|^2``."""
        return quad(self._rate, 0.0, duration, epsabs=1e-14, epsrel=1e-12, limit=200)[0]

    def _rate(self, t):
        mean, covariance = self.moments(t)
        row = np.array([0.0, 1.0]) - self.mass * self.temperature * np.linalg.inv(covariance)[1]
        return self.friction / self.mass * (mean[1] ** 2 + row @ covariance @ row)

    def cost(self, duration):
        """The squared Wasserstein distance between the laws of the position at both ends."""
        mean, covariance = self.moments(duration)
        return float((mean[0] - self.mean[0]) ** 2 + (covariance[0, 0] ** 0.5 - self.covariance[0, 0] ** 0.5) ** 2)


@claim(
    "momentum-speed-limit",
    evidence="exact",
    change={},
    falsifiers={"friction dropped": {"change": {"friction": 0}}, "mass dropped": {"change": {"mass": 0}}},
)
def test_limit(change):
    derived(underdamped.limit(**change))


@claim(
    "momentum-speed-limit",
    evidence="property",
    given={"seed": st.integers(0, 2**32 - 1)},
    friction=1.0,
    mass=1.0,
    falsifiers={"friction dropped": {"friction": 0.0}, "mass dropped": {"mass": 0.0}},
)
def test_oscillators(seed, friction, mass):
    """Eight random oscillators with random normal laws, for up to seven of their times; a fifth dies without the mass."""
    drawn = np.random.default_rng(seed).uniform(-1, 1, (8, 10))
    sampled(len(drawn))
    for u in drawn:
        k, m, gamma, temperature, duration = np.exp(1.5 * u[:5])
        factor = np.array([[np.exp(u[7]), 0.0], [u[8], np.exp(u[9])]])
        oscillator = Oscillator(k, m, gamma, temperature, 3 * u[5:7], factor @ factor.T)
        bound = gamma**friction * m**mass * oscillator.cost(duration) / duration
        production = oscillator.production(duration)
        at_most(bound, production, slack=1e-10, scale=1e-12 + production)


@claim(
    "momentum-speed-limit",
    evidence="counterexample",
    friction=0.1,
    falsifiers={"strong friction": {"friction": 2.0}, "critical friction": {"friction": 1.0}},
)
def test_a_weakly_damped_oscillator(friction):
    """Unit constants, displaced by 2, for half a turn: the law swings to the other side and dissipates little."""
    oscillator = Oscillator(1.0, 1.0, friction, 1.0, [2.0, 0.0], np.eye(2))
    cost, production = oscillator.cost(np.pi), oscillator.production(np.pi)
    fact("squared distance over the time, temperature times entropy production", f"{cost / np.pi!r}, {production!r}")
    # What friction takes is the energy that the mean loses.
    mean, _ = oscillator.moments(np.pi)
    agree(production, 0.5 * (4.0 - mean @ mean), tolerance=1e-12)
    decided(
        bool(cost / np.pi > 5 * production), "the squared distance per time is more than five times what is dissipated"
    )
