"""The regime exponent of an observer with Fisher matrix F: the metric ``g = F^2 + beta F`` of the shortest convergence time.

``beta = alpha^2 / (1 - alpha)`` for exponents alpha from 0 to 1, and the convergence time is ``cond(g)^a rho(g)^b`` with the
condition number and the spectral radius of g; the source has a = b = 1. All of this depends on the chart in which F is given.

Source: Zhuravlev 2026 (arXiv 2603.09067); the closed form for general powers is ours.
"""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.arrays import Matrix, Point, Scalar, agreeing, as_point
from numerics.linear_algebra import cholesky, mirrored, norm, product


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Regulator:
    """The optimum of an observer; a pytree, so that batches come by ``jax.vmap``. See :func:`regulator_alpha`.

    Attributes:
        fisher: the Fisher matrix, symmetric, shape (d, d).
        eigenvalues: of it, in ascending order, shape (d,).
        beta: the optimal weight of F in ``F^2 + beta F``, at least 0, in units of F.
        alpha: the exponent of that weight, at least 0 and less than 1 up to rounding.
        directional: the exponents ``lambda_k / (lambda_k + beta)`` along the eigenvectors of F, in the same order, shape (d,).
    """

    fisher: Matrix
    eigenvalues: Point
    beta: Scalar
    alpha: Scalar
    directional: Point

    @jax.jit
    def along(self, v: Point) -> Scalar:
        """The directional exponent ``v F^2 v / (v F^2 v + beta v F v)``, between those of the eigenvectors; NaN for v = 0.

        Args:
            v: a direction of any length, shape (d,).

        Raises:
            ValueError: for another shape.
            TypeError: for a dtype that is not that of the Fisher matrix.
        """
        fisher, v = agreeing((self.fisher, v), ("fisher", "v"))
        unit = as_point(v, fisher.shape[0], "v") / norm(v)
        # In units of the largest eigenvalue nothing overflows, whatever the units of F.
        largest = self.eigenvalues[-1]
        image = product(fisher / largest, unit)
        square = jnp.vdot(image, image, precision="highest")
        return square / (square + self.beta / largest * jnp.vdot(unit, image, precision="highest"))


def regulator_alpha(fisher: Array, cond_power: ArrayLike = 1.0, radius_power: ArrayLike = 1.0) -> Regulator:
    """The optimal exponent of an observer: the weight beta >= 0 at which ``cond(g)^a rho(g)^b`` is least.

    ``beta = max(0, (a/b) (lambda_max - lambda_min) - lambda_min)``, which is above 0 exactly where
    ``cond(F) > 1 + b/a``. Composes with ``jit``, ``vmap`` and ``grad`` and follows the dtype of its input; what is outside
    the domain comes out NaN. Errors are those of the eigenvalues: a few roundings of the largest one.

    Args:
        fisher: symmetric positive definite, shape (d, d); only its lower triangle is read.
        cond_power: a, a finite number >= 0.
        radius_power: b, a finite number > 0; for b = 0 the convergence time has no least value.

    Raises:
        ValueError: for wrong shapes, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    names = ("fisher", "cond_power", "radius_power")
    fisher, a, b = agreeing((fisher, cond_power, radius_power), names)
    _check_square(fisher, "fisher")
    _check_numbers({"cond_power": a, "radius_power": b})
    return _regulator(fisher, a, b)


def convergence_time(
    fisher: Array, beta: ArrayLike, cond_power: ArrayLike = 1.0, radius_power: ArrayLike = 1.0
) -> Array:
    """The convergence time ``cond(g)^a rho(g)^b`` of ``g = F^2 + beta F``, a scalar.

    Composes with ``jit``, ``vmap`` and ``grad``; NaN outside the domain.

    Args:
        fisher: symmetric positive definite, shape (d, d); only its lower triangle is read.
        beta: a number >= 0, in units of F.
        cond_power: a, a finite number >= 0.
        radius_power: b, a finite number >= 0.

    Raises:
        ValueError: for wrong shapes, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    names = ("fisher", "beta", "cond_power", "radius_power")
    fisher, beta, a, b = agreeing((fisher, beta, cond_power, radius_power), names)
    _check_square(fisher, "fisher")
    _check_numbers({"beta": beta, "cond_power": a, "radius_power": b})
    return _time(fisher, beta, a, b)


def deviation_tensor(mass: Array, fisher: Array) -> Array:
    """How far a mass tensor M is from a multiple of the Fisher metric F: ``M - (1/d) tr(F^-1 M) F``, shape (d, d).

    It is covariant, and ``tr(F^-1 Delta) = 0`` in every chart, which ``M - (tr M / tr F) F`` is not. Composes with ``jit``,
    ``vmap`` and ``grad``; NaN where F is not positive definite.

    Args:
        mass: symmetric, shape (d, d); only its lower triangle is read.
        fisher: symmetric positive definite, shape (d, d); only its lower triangle is read.

    Raises:
        ValueError: for wrong shapes, naming the argument.
        TypeError: for a dtype other than float32 and float64, or different ones.
    """
    mass, fisher = agreeing((mass, fisher), ("mass", "fisher"))
    _check_square(fisher, "fisher")
    if mass.shape != fisher.shape:
        raise ValueError(f"mass has shape {mass.shape} and fisher {fisher.shape}; they must agree")
    return _deviation(mass, fisher)


@jax.jit
def exponent_of_weight(beta: Scalar) -> Scalar:
    """The alpha from 0 to 1 with ``alpha^2 / (1 - alpha) = beta``, without cancellation; NaN for a negative weight."""
    is_inside = (beta > 0) & (beta < jnp.inf)
    # The root has no finite slope at 0: neither branch may be differentiated there.
    inner = jnp.where(is_inside, beta, 1.0)
    root = jnp.sqrt(inner)
    alpha = 2.0 * root / (root + jnp.sqrt(inner + 4.0))
    edge = jnp.where(beta == 0, 0.0, jnp.where(beta == jnp.inf, 1.0, jnp.nan)).astype(beta.dtype)
    return jnp.where(is_inside, alpha, edge)


@jax.jit
def _regulator(fisher: Matrix, a: Scalar, b: Scalar) -> Regulator:
    fisher, eigenvalues = _spectrum(fisher)
    least, largest = eigenvalues[0], eigenvalues[-1]
    is_valid = (a >= 0) & (a < jnp.inf) & (b > 0) & (b < jnp.inf)
    optimum = a / b * (largest - least) - least
    beta = jnp.where(is_valid, jnp.maximum(optimum, 0.0), jnp.nan)
    return Regulator(fisher, eigenvalues, beta, exponent_of_weight(beta), eigenvalues / (eigenvalues + beta))


@jax.jit
def _time(fisher: Matrix, beta: Scalar, a: Scalar, b: Scalar) -> Scalar:
    _, eigenvalues = _spectrum(fisher)
    least, largest = eigenvalues[0], eigenvalues[-1]
    is_valid = (beta >= 0) & (a >= 0) & (a < jnp.inf) & (b >= 0) & (b < jnp.inf)
    condition = largest / least * ((largest + beta) / (least + beta))
    return jnp.where(is_valid, condition**a * (largest * (largest + beta)) ** b, jnp.nan)


@jax.jit
def _deviation(mass: Matrix, fisher: Matrix) -> Matrix:
    mass, fisher = mirrored(mass), mirrored(fisher)
    factor = cholesky(fisher)
    trace = jnp.trace(jax.scipy.linalg.cho_solve((factor, True), mass))
    return mass - trace / fisher.shape[0] * fisher


def _spectrum(fisher: Matrix) -> tuple[Matrix, Point]:
    """The symmetric matrix and its eigenvalues in ascending order, all NaN unless they are positive."""
    fisher = mirrored(fisher)
    eigenvalues = jnp.linalg.eigvalsh(fisher)
    is_definite = (eigenvalues[0] > 0) & jnp.isfinite(eigenvalues[-1])
    return jnp.where(is_definite, fisher, jnp.nan), jnp.where(is_definite, eigenvalues, jnp.nan)


def _check_square(matrix: Array, name: str) -> None:
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.shape[0] == 0:
        raise ValueError(f"{name} has shape {matrix.shape}; it must be (d, d): use jax.vmap for a batch")


def _check_numbers(values: dict[str, Array]) -> None:
    for name, value in values.items():
        if value.shape != ():
            raise ValueError(f"{name} has shape {value.shape}; it must be a number: use jax.vmap for a batch")
