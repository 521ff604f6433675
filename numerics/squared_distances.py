"""Squared Fisher-Rao distances as analytic functions, so that value, gradient and Hessian are right where points meet.

A distance has a cone at 0, through which automatic differentiation of its square does not find the way. Where a family is a
part of flat space, of a space of constant curvature or of the positive definite matrices, the square of its distance is a
smooth function of the difference of the images; that of the von Mises family is in :mod:`numerics.von_mises_distance`.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from numerics import log_ratios, von_mises_distance
from numerics.arrays import Matrix, Point, Scalar
from numerics.charts import Chart, Usual
from numerics.families.diagonal_normal import DiagonalNormal
from numerics.families.fixed_covariance_normal import FixedCovarianceNormal
from numerics.families.fixed_mean_normal import FixedMeanNormal
from numerics.families.isotropic_normal import IsotropicNormal
from numerics.families.multinomial import Multinomial, differences
from numerics.generated_family import GeneratedFamily
from numerics.model_spaces import Euclidean, Hyperbolic, Isometry, PositiveDefiniteMatrices, Product, Space, Sphere
from numerics.parameters import symmetric
from numerics.squared_angles import squared_arccosh
from numerics.statistical_family import StatisticalFamily
from numerics.symmetric_functions import log_symmetric

SquaredDistance = Callable[[Point, Point], Scalar]
# Families whose images are linear in the usual parameters; the Gaussian is known by its name.
_LINEAR = (DiagonalNormal, IsotropicNormal, FixedCovarianceNormal, FixedMeanNormal)
_SPACES = (Euclidean, Hyperbolic, Sphere, PositiveDefiniteMatrices)


def has_closed_form(family: StatisticalFamily) -> bool:
    """Whether :func:`squared_distance` knows the family."""
    isometry = family.isometry
    return _is_von_mises(family) or (
        isometry is not None and (isinstance(isometry.space, _SPACES) or isinstance(family, DiagonalNormal))
    )


def squared_distance(chart: Chart) -> SquaredDistance:
    """The squared distance of two points of a chart, as a function of their coordinates, both of shape (d,).

    The second point counts as a constant in derivatives.

    Raises:
        NotImplementedError: for a family whose distance has no closed form.
    """
    if not has_closed_form(chart.family):
        raise NotImplementedError(f"{chart.family.title}: the distance has no closed form")
    function = _of(chart)
    return lambda x, y: function(x, jax.lax.stop_gradient(y))


def _of(chart: Chart) -> SquaredDistance:
    family = chart.family
    if isinstance(family, Multinomial):
        return _of_logits(family) if chart.name == "natural" else _of_probabilities(chart, family)
    if _is_von_mises(family):
        return lambda x, y: von_mises_distance.squared_distance(chart.point(x), chart.point(y))
    assert family.isometry is not None
    return _of_isometry(chart, family.isometry)


def _is_von_mises(family: StatisticalFamily) -> bool:
    return isinstance(family, GeneratedFamily) and family.module.__name__ == "numerics.generated.von_mises"


def logits(eta: Point) -> Point:
    """Of all outcomes, from those relative to the last, shape (n - 1,) to (n,)."""
    return jnp.append(eta, jnp.zeros((), eta.dtype))


def _of_logits(family: Multinomial) -> SquaredDistance:
    def value(x: Point, y: Point) -> Scalar:
        return -4.0 * family.trials * squared_arccosh(-log_ratios.hellinger(*(logits(eta) for eta in (x, y))))

    return value


def _of_probabilities(chart: Chart, family: Multinomial) -> SquaredDistance:
    def value(x: Point, y: Point) -> Scalar:
        p, q = chart.point(x), chart.point(y)
        step = differences(p, q) / (jnp.sqrt(p) + jnp.sqrt(q))
        return -4.0 * family.trials * squared_arccosh(-0.5 * jnp.sum(step * step))

    return value


def _of_isometry(chart: Chart, isometry: Isometry) -> SquaredDistance:
    family = chart.family
    is_gaussian = isinstance(family, GeneratedFamily) and family.module.__name__ == "numerics.generated.gaussian"
    is_linear = isinstance(chart, Usual) and (is_gaussian or isinstance(family, _LINEAR))
    difference = _linear_difference if is_linear else _difference

    def image(x: Point) -> Point:
        return isometry.image(chart.point(x))

    def value(x: Point, y: Point) -> Scalar:
        step = difference(image, x, y)
        return isometry.scale**2 * _in_space(isometry.space, image(x), image(y), step)

    return value


def _in_space(space: Space, x: Point, y: Point, step: Point) -> Scalar:
    """The squared distance of two points of a space whose difference is known, in units of the space."""
    match space:
        case Euclidean():
            return jnp.sum(step * step)
        case Sphere():
            return -squared_arccosh(-0.5 * jnp.sum(step * step))
        case Hyperbolic():
            # cosh d - 1 = |x - y|^2 / (2 h h') with the heights h, in quotients that do not overflow before it does.
            return squared_arccosh(0.5 * jnp.sum((step / x[-1]) * (step / y[-1])))
        case PositiveDefiniteMatrices(rows):
            factor = jnp.linalg.cholesky(symmetric(y, rows))
            half = jax.scipy.linalg.solve_triangular(factor, symmetric(step, rows), lower=True)
            return _squared_spread(jax.scipy.linalg.solve_triangular(factor, half.T, lower=True))
        case Product():
            # The only one is of hyperbolic planes, all of the scale sqrt 2.
            planes = [part.reshape(-1, 2) for part in (x, y, step)]
            return 2.0 * jnp.sum(jax.vmap(lambda a, b, c: _in_space(Hyperbolic(), a, b, c))(*planes))
    raise NotImplementedError(f"no closed form in {type(space).__name__}")


@jax.custom_jvp
def _squared_spread(change: Matrix) -> Scalar:
    """``tr log(1 + change)^2`` of a symmetric matrix."""
    logarithm = log_symmetric(change)
    return jnp.sum(logarithm * logarithm)


@_squared_spread.defjvp
def _squared_spread_rule(primals: tuple[Matrix], tangents: tuple[Matrix]) -> tuple[Scalar, Scalar]:
    # The derivative is 2 tr (1 + change)^-1 log(1 + change) d change, whatever the eigenvalues.
    (change,), (tangent,) = primals, tangents
    logarithm = log_symmetric(change)
    slope = jnp.linalg.solve(jnp.eye(change.shape[0], dtype=change.dtype) + change, logarithm)
    return jnp.sum(logarithm * logarithm), 2.0 * jnp.sum(slope * tangent)


def _linear_difference(image: Callable[[Point], Point], x: Point, y: Point) -> Point:
    """``image(x) - image(y)`` of a linear map."""
    return jax.jvp(image, (y,), (x - y,))[1]


def _rules(fine: int, coarse: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes in the interval from 0 to 1, and the weights of two rules for means on all of them."""
    (first, upper), (second, lower) = np.polynomial.legendre.leggauss(fine), np.polynomial.legendre.leggauss(coarse)
    weights = np.stack([np.append(upper, np.zeros(coarse)), np.append(np.zeros(fine), lower)])
    return (1.0 + np.append(first, second)) / 2.0, weights / 2.0


_NODES, _WEIGHTS = _rules(8, 5)


def _difference(image: Callable[[Point], Point], x: Point, y: Point) -> Point:
    """``image(x) - image(y)`` without cancellation: the mean of the derivative where two rules for it agree."""
    change, end, start = x - y, image(x), image(y)

    def slope(t: Scalar) -> Point:
        return jax.jvp(image, (y + t * change,), (change,))[1]

    slopes = jax.vmap(slope)(jnp.asarray(_NODES, x.dtype))
    fine, coarse = jnp.matmul(jnp.asarray(_WEIGHTS, x.dtype), slopes, precision="highest")
    rounding = jnp.finfo(x.dtype).eps * (jnp.abs(end) + jnp.abs(start))
    return jnp.where(jnp.abs(fine - coarse) <= rounding, fine, end - start)
