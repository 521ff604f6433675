"""Normal laws that relax in a quadratic objective: exact flows in any dimension, their free energy and what they dissipate.

``dq/dt = div(q M grad(Phi + T log q))`` with ``Phi(x) = (x - b) . A (x - b) / 2`` keeps normal laws normal: the reference for
the free-energy identity and the speed limits of Okanohara 2026.
"""

import math
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics import bures_wasserstein
from numerics.arrays import Matrix, Point, Scalar, agreeing
from numerics.elementary import log1pmx
from numerics.linear_algebra import mirrored, norm, product

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(128)
_PIECES = 4


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class GaussianFlow:
    """A flow of normal laws; a pytree, so that batches of flows come by ``jax.vmap``. See :func:`gaussian_flow`.

    The law is kept in coordinates z in which the mobility is 1 and the objective has no mixed terms.

    Attributes:
        rates: eigenvalues of the curvature in units of the mobility, per unit of time, shape (d,).
        frame: W with ``x - b = W z`` and ``M = W W^T``, shape (d, d).
        centre: b, the stationary point of the objective, shape (d,).
        temperature: T, a scalar.
        shift: where the mean begins in z, shape (d,).
        covariance_there: the covariance at the beginning in z, shape (d, d).
    """

    rates: Point
    frame: Matrix
    centre: Point
    temperature: Scalar
    shift: Point
    covariance_there: Matrix

    @jax.jit
    def mean(self, t: Scalar) -> Point:
        """The mean at time t >= 0, shape (d,)."""
        return self.centre + product(self.frame, jnp.exp(-self.rates * _time(t)) * self.shift)

    @jax.jit
    def covariance(self, t: Scalar) -> Matrix:
        """The covariance at time t >= 0, shape (d, d)."""
        return product(self.frame, self._covariance_there(_time(t)), self.frame.T)

    @jax.jit
    def free_energy(self, t: Scalar) -> Scalar:
        """``F = E[Phi] - T H`` at time t >= 0, H being the differential entropy in nats."""
        t = _time(t)
        there, shift = self._covariance_there(t), jnp.exp(-self.rates * t) * self.shift
        energy = 0.5 * jnp.sum(self.rates * (jnp.diagonal(there) + shift * shift))
        determinant = jnp.linalg.slogdet(there)[1] + 2.0 * jnp.linalg.slogdet(self.frame)[1]
        return energy - 0.5 * self.temperature * (len(shift) * math.log(2.0 * math.pi * math.e) + determinant)

    @jax.jit
    def entropy_production(self, t: Scalar) -> Scalar:
        """``Sigma = int_0^t E[v . M^-1 v]``, in units of energy, at time t >= 0.

        The drop of the free energy, which it equals, loses all digits near equilibrium. This is the drop in terms of how much
        the covariance changes and how far it is from equilibrium, each small there.
        """
        t = _time(t)
        of_mean = -0.5 * jnp.sum(self.rates * self.shift**2 * jnp.expm1(-2.0 * self.rates * t))
        # Along each direction u the covariance grows by the factor 1 + x, which takes T log(1 + x) - x u . rates u of energy.
        factor = jnp.linalg.cholesky(self.covariance_there)
        solve = partial(jax.scipy.linalg.solve_triangular, factor, lower=True)
        growth, directions = jnp.linalg.eigh(solve(solve(self._change_there(t)).T))
        excess = product(factor.T * self.rates, factor) - self.temperature * jnp.eye(len(growth), dtype=growth.dtype)
        leaning = jnp.einsum("ai,ab,bi->i", directions, excess, directions, precision="highest")
        return of_mean + 0.5 * jnp.sum(self.temperature * log1pmx(growth) - growth * leaning)

    @jax.jit
    def entropy_production_rate(self, t: Scalar) -> Scalar:
        """``sigma = E[v . M^-1 v]``, in units of energy per time, at time t >= 0."""
        velocity = self._velocity(_time(t))
        return jnp.vdot(velocity, velocity)

    @partial(jax.jit, static_argnames="is_weighted")
    def path_length(self, t: Scalar, is_weighted: bool = False) -> Scalar:
        """``L = int_0^t (E|v|^2)^(1/2) ds``, the length of the path of laws in the Wasserstein metric, at time t >= 0.

        By quadrature, with a relative error below 1e-10 for curvature, covariance and mobility with eigenvalues in
        ``exp(+-3.5)``. The speed vanishes for equilibrium laws only, which stay.

        Args:
            t: the time.
            is_weighted: whether lengths are measured by the inverse mobility, as in :meth:`transport_cost`.
        """

        def speed(s: Scalar) -> Scalar:
            velocity = self._velocity(s)
            return norm((velocity if is_weighted else product(velocity, self.frame.T)).reshape(-1))

        t, dtype = _time(t), self.rates.dtype
        # The velocity falls by exponentials of the rates, and while noise spreads a narrow law: nodes in log(1 + t fastest).
        # They are in pieces, as the root nearly has a kink where a slow direction takes over from a fast one.
        narrowest = jnp.linalg.eigvalsh(self.covariance_there)[0]
        fastest = jnp.max(jnp.abs(self.rates)) + self.temperature / narrowest + float(jnp.finfo(dtype).tiny)
        half = 0.5 * jnp.log1p(fastest * t) / _PIECES
        place = half * (np.arange(1, 2 * _PIECES, 2)[:, None] + _NODES).reshape(-1).astype(dtype)
        steps = half * jnp.exp(place) / fastest * np.tile(_WEIGHTS, _PIECES).astype(dtype)
        return jnp.sum(steps * jax.vmap(speed)(jnp.expm1(place) / fastest))

    @partial(jax.jit, static_argnames="is_weighted")
    def transport_cost(self, t: Scalar, is_weighted: bool = False) -> Scalar:
        """The squared Wasserstein distance between the laws at times 0 and t >= 0.

        Args:
            t: the time.
            is_weighted: whether lengths are measured by the inverse mobility, as the limit of a matrix mobility asks.
        """
        t = _time(t)
        shift = jnp.expm1(-self.rates * t) * self.shift
        begin, change = self.covariance_there, self._change_there(t)
        if not is_weighted:
            shift = product(self.frame, shift)
            begin, change = (product(self.frame, c, self.frame.T) for c in (begin, change))
        return bures_wasserstein.squared_distance(shift, begin, change)

    def _change_there(self, t: Scalar) -> Matrix:
        """How much the covariance has changed, in z."""
        pairs, is_free = self.rates[:, None] + self.rates[None, :], self.rates == 0
        # int_0^t exp(-2 rate s) ds, and t for a rate of 0.
        twice = jnp.where(is_free, 1.0, 2.0 * self.rates)
        spread = jnp.where(is_free, t, -jnp.expm1(-twice * t) / twice)
        return jnp.expm1(-pairs * t) * self.covariance_there + 2.0 * self.temperature * jnp.diag(spread)

    def _covariance_there(self, t: Scalar) -> Matrix:
        return self.covariance_there + self._change_there(t)

    def _velocity(self, t: Scalar) -> Array:
        """The velocity in z, shape (d + 1, d): that of the mean, and by rows that of d independent unit deviations from it.

        ``E|v|^2`` is the sum of all squares: v is ``-rate z`` for the mean and ``-(S rates - T)^T S^-1`` times the deviation.
        """
        left = jnp.exp(-self.rates * t)
        drift = self.rates * left * self.shift
        # S(t) rates - T = E (S(0) rates - T) E, as E and the rates commute.
        begin = self.covariance_there * self.rates[None, :] - self.temperature * jnp.eye(len(left), dtype=left.dtype)
        tilt = left[:, None] * begin * left[None, :]
        factor = jnp.linalg.cholesky(self._covariance_there(t))
        solved = jax.scipy.linalg.solve_triangular(factor, tilt, lower=True)
        return -jnp.concatenate([drift[None, :], solved])


def gaussian_flow(
    A: Array,
    b: Array,
    temperature: Array | float,
    mean: Array,
    covariance: Array,
    mobility: Array | float = 1.0,
) -> GaussianFlow:
    """The exact flow of a normal law in the objective ``(x - b) . A (x - b) / 2``.

    Composes with ``jit``, ``vmap`` and ``grad``; what is not a valid flow comes out NaN, and
    :func:`validate_gaussian_flow` says why.

    Args:
        A: symmetric curvature, shape (d, d), of any sign; its lower triangle is read.
        b: stationary point, shape (d,).
        temperature: >= 0, in units of energy.
        mean: of the law at time 0, shape (d,).
        covariance: of the law at time 0, symmetric positive definite, shape (d, d).
        mobility: a positive number, or a symmetric positive definite matrix of shape (d, d).

    Raises:
        TypeError: for arrays that are not floating, or of different dtypes.
        ValueError: for wrong shapes, naming the argument.
    """
    return _flow(*_arguments(A, b, temperature, mean, covariance, mobility).values())


def validate_gaussian_flow(
    A: Array,
    b: Array,
    temperature: Array | float,
    mean: Array,
    covariance: Array,
    mobility: Array | float = 1.0,
) -> None:
    """Raise unless these, with the meaning that they have for :func:`gaussian_flow`, make a flow.

    Raises:
        TypeError: as :func:`gaussian_flow` does.
        ValueError: naming the parameter, its value and its domain: for a value that is not finite, a temperature below 0, a
            matrix that is not symmetric (up to rounding), a covariance or mobility that is not positive definite, or
            values so far apart that the flow overflows; for wrong shapes as :func:`gaussian_flow` does.
    """
    parts = _arguments(A, b, temperature, mean, covariance, mobility)
    for name, part in parts.items():
        value = np.asarray(part)
        shown = f"{name} = {value.tolist()}"
        if not np.isfinite(value).all():
            raise ValueError(f"{shown}; its domain is finite numbers")
        if name == "temperature" and value < 0:
            raise ValueError(f"{shown}; its domain is {name} >= 0")
        if value.ndim == 2:
            allowed = 1e3 * np.finfo(value.dtype).eps * np.max(np.abs(value))
            if np.max(np.abs(value - value.T)) > allowed:
                raise ValueError(f"{shown}; its domain is symmetric matrices")
        if name == "mobility" and value.ndim == 0 and value <= 0:
            raise ValueError(f"{shown}; its domain is {name} > 0")
        if name in ("covariance", "mobility") and value.ndim == 2:
            smallest = float(np.linalg.eigvalsh(value)[0])
            if smallest <= 0:
                raise ValueError(f"{shown} has the eigenvalue {smallest}; its domain is positive definite matrices")
    if not np.isfinite(np.asarray(_flow(*parts.values()).rates)).all():
        given = ", ".join(f"{name} = {np.asarray(part).tolist()}" for name, part in parts.items())
        raise ValueError(f"{given}; their domain is what {parts['mean'].dtype} can represent together")


def _arguments(
    A: object, b: object, temperature: object, mean: object, covariance: object, mobility: object
) -> dict[str, Array]:
    """The arguments of :func:`gaussian_flow` by name, of one dtype and of the right shapes."""
    names = ("A", "b", "temperature", "mean", "covariance", "mobility")
    A, b, temperature, mean, covariance, mobility = agreeing((A, b, temperature, mean, covariance, mobility), names)
    d = mean.shape[0] if mean.ndim == 1 else 0
    shapes = {"A": (A, (d, d)), "b": (b, (d,)), "mean": (mean, (d,)), "covariance": (covariance, (d, d))}
    for name, (value, shape) in shapes.items():
        if value.shape != shape or d == 0:
            raise ValueError(
                f"{name} has shape {value.shape} and mean {mean.shape}; they must agree, mean (d,), A (d, d)"
            )
    if temperature.shape != ():
        raise ValueError(f"temperature has shape {temperature.shape}; it must be a number")
    if mobility.shape not in {(), (d, d)}:
        raise ValueError(f"mobility has shape {mobility.shape}; it must be a number or a matrix of shape {(d, d)}")
    return dict(zip(names, (A, b, temperature, mean, covariance, mobility), strict=True))


@jax.jit
def _flow(A: Matrix, b: Point, temperature: Scalar, mean: Point, covariance: Matrix, mobility: Array) -> GaussianFlow:
    d = len(b)
    matrix = mobility if mobility.ndim == 2 else mobility * jnp.eye(d, dtype=b.dtype)
    factor = jnp.linalg.cholesky(mirrored(matrix))
    rates, vectors = jnp.linalg.eigh(product(factor.T, mirrored(A), factor))
    frame = product(factor, vectors)
    inverse = jax.scipy.linalg.solve_triangular(factor, jnp.eye(d, dtype=b.dtype), lower=True)
    inverse = product(vectors.T, inverse)
    there = product(inverse, mirrored(covariance), inverse.T)
    shift = product(inverse, mean - b)
    finite = jnp.isfinite(jnp.linalg.cholesky(there)).all() & jnp.isfinite(rates + shift + b).all()
    is_valid = finite & (temperature >= 0) & jnp.isfinite(temperature)
    # Everything is computed with the rates.
    rates = jnp.where(is_valid, rates, jnp.nan)
    return GaussianFlow(rates, frame, b, temperature, shift, 0.5 * (there + there.T))


def _time(t: Array | float) -> Scalar:
    t = jnp.asarray(t)
    return jnp.where(t >= 0, t, jnp.nan)
