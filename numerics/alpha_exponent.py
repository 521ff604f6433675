"""Learning with the metric ``g = kappa^alpha`` near a minimum: its stationary law, and whether that is in equilibrium.

``dq = -gamma g^-1 (H q + xi) dt`` with noise of covariance kappa: drift ``-A q`` with ``A = gamma g^-1 H``, diffusion
``D = gamma^2/2 kappa^(1 - 2 alpha)``. Source: Vanchurin 2025.
"""

import jax
import jax.numpy as jnp
from jax import Array

from numerics.arrays import Matrix, Scalar, agreeing
from numerics.linear_algebra import mirrored, product


def drift(hessian: Array, noise: Array, alpha: Array | float, rate: Array | float = 1.0) -> Matrix:
    """``A = gamma kappa^-alpha H``, shape (d, d); arguments as for :func:`stationary_covariance`."""
    hessian, noise, alpha, rate = _arguments(hessian, noise, alpha, rate)
    return rate * product(_power(noise, -alpha), mirrored(hessian))


def diffusion(noise: Array, alpha: Array | float, rate: Array | float = 1.0) -> Matrix:
    """``D = gamma^2/2 kappa^(1 - 2 alpha)``, shape (d, d); arguments as for :func:`stationary_covariance`."""
    _, noise, alpha, rate = _arguments(noise, noise, alpha, rate)
    return 0.5 * rate**2 * _power(noise, 1.0 - 2.0 * alpha)


def stationary_covariance(hessian: Array, noise: Array, alpha: Array | float, rate: Array | float = 1.0) -> Matrix:
    """The stationary covariance Sigma of the members: ``A Sigma + Sigma A^T = 2 D``.

    In coordinates ``kappa^(alpha/2) q`` the drift is symmetric, and the equation is solved in its eigenbasis. Composes with
    ``jit`` and ``vmap``, and with ``grad`` where the eigenvalues of kappa and of the drift are distinct.

    Args:
        hessian: H, symmetric positive definite, shape (d, d); lower triangles are read.
        noise: kappa, symmetric positive definite, shape (d, d).
        alpha: the exponent, any number.
        rate: gamma > 0.

    Returns:
        Sigma, symmetric, shape (d, d); NaN where H or kappa is not positive definite or a number is outside its domain.

    Raises:
        TypeError: for arrays that are not floating, or of different dtypes.
        ValueError: for wrong shapes.
    """
    return _stationary(*_arguments(hessian, noise, alpha, rate))


def circulation(hessian: Array, noise: Array, alpha: Array | float, rate: Array | float = 1.0) -> Matrix:
    """``A D - D A^T``, shape (d, d): 0 exactly in detailed balance, where alpha = 1 or ``H kappa = kappa H``.

    Arguments as for :func:`stationary_covariance`.
    """
    moved = product(drift(hessian, noise, alpha, rate), diffusion(noise, alpha, rate))
    return moved - moved.T


def entropy_production_rate(hessian: Array, noise: Array, alpha: Array | float, rate: Array | float = 1.0) -> Scalar:
    """``E[v . D^-1 v]`` of the stationary law, in nats per unit of time: 0 exactly in detailed balance.

    The velocity of the law is ``v = (D Sigma^-1 - A) q``. Arguments as for :func:`stationary_covariance`.
    """
    covariance, spread = stationary_covariance(hessian, noise, alpha, rate), diffusion(noise, alpha, rate)
    # v Sigma = D - A Sigma is antisymmetric: half of Sigma A^T - A Sigma.
    flow = product(drift(hessian, noise, alpha, rate), covariance)
    flow = 0.5 * (flow.T - flow)
    return jnp.trace(product(jnp.linalg.solve(covariance, flow.T), jnp.linalg.solve(spread, flow)))


@jax.jit
def _stationary(hessian: Matrix, noise: Matrix, alpha: Scalar, rate: Scalar) -> Matrix:
    root = _power(noise, -0.5 * alpha)
    rates, frame = jnp.linalg.eigh(rate * product(root, mirrored(hessian), root))
    rates = jnp.where((rates > 0) & (rate > 0), rates, jnp.nan)
    spread = rate**2 * product(frame.T, _power(noise, 1.0 - alpha), frame)
    there = spread / (rates[:, None] + rates[None, :])
    back = product(root, frame)
    covariance = product(back, there, back.T)
    return 0.5 * (covariance + covariance.T)


def _power(matrix: Matrix, exponent: Scalar) -> Matrix:
    """The power of a symmetric positive definite matrix; NaN where it is not."""
    values, vectors = jnp.linalg.eigh(mirrored(matrix))
    powers = jnp.where(jnp.all(values > 0), values, jnp.nan) ** exponent
    return product(vectors * powers, vectors.T)


def _arguments(hessian: object, noise: object, alpha: object, rate: object) -> list[Array]:
    hessian, noise, alpha, rate = agreeing((hessian, noise, alpha, rate), ("hessian", "noise", "alpha", "rate"))
    d = hessian.shape[0] if hessian.ndim == 2 else 0
    if d == 0 or hessian.shape != (d, d) or noise.shape != (d, d):
        raise ValueError(f"hessian has shape {hessian.shape} and noise {noise.shape}; both must be (d, d)")
    if alpha.shape or rate.shape:
        raise ValueError(f"alpha has shape {alpha.shape} and rate {rate.shape}; they must be numbers")
    return [hessian, noise, alpha, rate]
