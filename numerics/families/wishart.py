"""The Wishart family: sums of squares of normal vectors."""

import math
from collections.abc import Mapping
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics import hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.exponential_family import ExponentialFamily
from numerics.hessian_geometry import frame
from numerics.linear_algebra import cholesky
from numerics.multivariate_gamma import excess, excess_divergence, inverse_excess_slope
from numerics.normal_frame import congruence, log_determinant, part, spread_divergence, standard_normal
from numerics.parameters import Interval, Parameters, PositiveDefinite, lower, lower_indices, symmetric
from numerics.sizes import whole_number
from numerics.supports import Matrices


class Wishart(ExponentialFamily):
    """Density proportional to ``|X|^((n - p - 1)/2) exp(-tr(V^-1 X)/2)``, of mean n V.

    The usual parameters are the ``degrees_of_freedom`` ``n > p - 1``, which need not be whole, and the lower triangle of
    the ``scale`` V. The statistics are ``log det X`` and the lower triangle of X, the natural parameters ``n/2`` and that of
    ``-V^-1``, halved on the diagonal.

    The geometry is computed in a frame of a change of n at fixed mean n V, which is orthogonal to all changes of V: it
    loses nothing for large n, where the family turns into that of its mean. For V see :mod:`numerics.normal_frame`.

    Args:
        dimension: p, at least 1.
    """

    title = "Wishart"
    source = "Muirhead 1982, Aspects of Multivariate Statistical Theory, chapter 3"
    formulas: ClassVar[Mapping[str, str]] = {
        "Density": r"p(X) \propto (\det X)^{(n-p-1)/2} \exp\left(-\tfrac12 \operatorname{tr} V^{-1} X\right)",
        "Log-partition function": r"\psi = \frac n2 \ln\det 2V + \ln\Gamma_p\left(\frac n2\right)",
        "Statistics": r"s(X) = \left(\ln\det X,\; X\right)",
    }
    example: ClassVar[Mapping[str, object]] = {"dimension": 2}

    def __init__(self, dimension: int):
        self.size = size = whole_number(dimension, "dimension", 1)
        self.parameters = Parameters(Interval("degrees_of_freedom", lower=size - 1.0), PositiveDefinite("scale", size))
        self.support = Matrices(size)
        self._normal = part(standard_normal(size), slice(size, None))
        self._trace = np.eye(size)[lower_indices(size)]

    def natural(self, point: Point) -> Point:
        """``n/2``, and ``-V^-1`` halved on the diagonal."""
        number, scale = self.parameters.split(point)
        whiten = frame(scale)
        precision = jnp.matmul(whiten.T, whiten, precision="highest")
        return jnp.append(0.5 * number, lower(0.5 * jnp.diag(jnp.diagonal(precision)) - precision))

    def from_natural(self, eta: Point) -> Point:
        """The inverse."""
        halved = -symmetric(eta[1:], self.size)
        columns = frame(halved + jnp.diag(jnp.diagonal(halved))).T
        return jnp.append(2.0 * eta[0], lower(jnp.matmul(columns, columns.T, precision="highest")))

    def log_partition(self, point: Point) -> Scalar:
        """``(n/2) log det 2V + log Gamma_p(n/2)``."""
        number, scale = self.parameters.split(point)
        x, p = 0.5 * number, self.size
        gamma = excess(x, p, 0) + p * (x * jnp.log(x) - x) + 0.25 * p * (p - 1) * math.log(math.pi)
        return x * (log_determinant(cholesky(scale)) + p * math.log(2)) + gamma

    def expectation(self, point: Point) -> Point:
        """``E log det X = log det(n V) + phi'(n/2)`` with the excess phi of log Gamma_p, and ``E X = n V``."""
        number, scale = self.parameters.split(point)
        logarithm = log_determinant(cholesky(scale)) + self.size * jnp.log(number)
        return jnp.append(logarithm + excess(0.5 * number, self.size, 1), number * lower(scale))

    def from_expectation(self, m: Point) -> Point:
        """The degrees of freedom from ``E log det X - log det E X``, which is negative."""
        mean = symmetric(m[1:], self.size)
        number = 2.0 * inverse_excess_slope(m[0] - log_determinant(cholesky(mean)), self.size)
        return jnp.append(number, m[1:] / number)

    def rows(self, theta: Point) -> Matrix:
        """From ``(dn, dV)`` to ``dn`` and ``W dV W^T + (dn/n) 1``, shape (d, d)."""
        number, scale = self.parameters.split(theta)
        return _arrow(self._constant(self._trace, theta) / number, congruence(frame(scale)))

    def columns(self, theta: Point) -> Matrix:
        """The inverse of :meth:`rows`."""
        number, scale = self.parameters.split(theta)
        return _arrow(-theta[1:] / number, congruence(cholesky(scale)))

    def covariance(self, point: Point) -> Matrix:
        """In the frame the variances are ``psi_p'(n/2)`` of log det and n times those of z z^T; ``Cov(log det, X) = 2V``."""
        number, scale = self.parameters.split(point)
        matrix = congruence(cholesky(scale))
        inner = _contract("ia,a,ja->ij", matrix, number * self._constant(self._normal.covariance, point), matrix)
        corner = excess(0.5 * number, self.size, 2) + 2.0 * self.size / number
        edge = 2.0 * point[1:]
        return jnp.concatenate([jnp.append(corner, edge)[None], jnp.concatenate([edge[:, None], inner], axis=1)])

    def precision(self, point: Point) -> Matrix:
        """By the part of log det that X leaves unexplained, ``log det X - tr(V^-1 X)/n``, of variance ``phi''(n/2)``."""
        number, scale = self.parameters.split(point)
        matrix = congruence(frame(scale))
        traced = _contract("a,ab->b", self._constant(self._trace, point), matrix)
        rows = _arrow(jnp.zeros_like(point[1:]), matrix).at[0, 1:].set(-traced / number)
        weights = 1.0 / (number * self._constant(self._normal.covariance, point))
        diagonal = jnp.append(1.0 / excess(0.5 * number, self.size, 2), weights)
        return _contract("ai,a,aj->ij", rows, diagonal, rows)

    def third_cumulants(self, point: Point) -> Array:
        """Times n those of z z^T, twice the covariance of z z^T with log det, and the third derivative of log Gamma_p."""
        number, scale = self.parameters.split(point)
        matrix = congruence(cholesky(scale))
        inner = hessian_geometry.in_frame(number * self._constant(self._normal.third_cumulants, point), matrix)
        pair = 2.0 * _contract("ia,a,ja->ij", matrix, self._constant(self._normal.covariance, point), matrix)
        corner = excess(0.5 * number, self.size, 3) - 4.0 * self.size / number**2
        return _bordered(corner, pair, inner)

    def metric(self, theta: Point) -> Matrix:
        """``phi''(n/2)/4`` and ``n tr B^2 / 2`` in the frame."""
        rows = self.rows(theta)
        return _contract("ai,a,aj->ij", rows, self._diagonal(theta), rows)

    def inverse_metric(self, theta: Point) -> Matrix:
        """The inverse, by :meth:`columns`."""
        columns = self.columns(theta)
        return _contract("ia,a,ja->ij", columns, 1.0 / self._diagonal(theta), columns)

    def skewness(self, theta: Point) -> Array:
        """That of the frame, by :meth:`rows`."""
        return hessian_geometry.in_frame(self._skewness(theta), self.rows(theta).T)

    def christoffel(self, theta: Point) -> Array:
        """Those of the flat connection, ``-V^-1`` being a flat chart, and half of the raised skewness."""
        rows, columns = self.rows(theta), self.columns(theta)
        raised = 0.5 * self._skewness(theta) / self._diagonal(theta)[:, None, None]
        by_frame = _contract("ia,abc,bj,ck->ijk", columns, raised, rows, rows)
        # -(B B' + B' B), twice what the normal laws have.
        whiten = congruence(frame(symmetric(theta[1:], self.size)))
        colour = congruence(cholesky(symmetric(theta[1:], self.size)))
        flat = 2.0 * self._constant(self._normal.christoffel, theta)
        return by_frame.at[1:, 1:, 1:].add(_contract("ia,abc,bj,ck->ijk", colour, flat, whiten, whiten))

    def curvature(self, theta: Point) -> hessian_geometry.Curvature:
        """That of the frame, by :meth:`rows`."""
        rows = self.rows(theta)
        inner = hessian_geometry.curvature(jnp.diag(1.0 / self._diagonal(theta)), self._skewness(theta))
        riemann = _contract("abcd,ai,bj,ck,dl->ijkl", inner.riemann, rows, rows, rows, rows)
        ricci = _contract("ab,ai,bj->ij", inner.ricci, rows, rows)
        return hessian_geometry.Curvature(riemann, ricci, self.scalar_curvature(theta))

    def invariant_curvature(self, point: Point) -> Scalar:
        """With ``s = phi''(n/2)/4``, ``t = s'(n)`` and ``N = p(p+1)/2``: ``N (2t/s + (3 - N)/n) / (4ns) - p(p-1)(p+2)/(4n)``.

        It tends to ``-(N + 1)/2`` for large n.
        """
        number, p = point[0], self.size
        s, t, n = 0.25 * excess(0.5 * number, p, 2), 0.125 * excess(0.5 * number, p, 3), p * (p + 1) // 2
        return 0.25 * n * (2.0 * t / s + (3.0 - n) / number) / (number * s) - 0.25 * p * (p - 1) * (p + 2) / number

    def kl(self, point: Point, other: Point) -> Scalar:
        """That of normal laws with the mean matrices as covariances times n', and the Bregman divergence of phi."""
        (number, scale), (other_number, other_scale) = self.parameters.split(point), self.parameters.split(other)
        # The means over n': close together if the points are.
        change = scale + scale * ((number - other_number) / other_number)
        return other_number * spread_divergence(change, other_scale) + excess_divergence(
            0.5 * number, 0.5 * other_number, self.size
        )

    def mean_log_base_measure(self, point: Point) -> Scalar:
        """``-(p + 1)/2`` times ``E log det X``."""
        return -0.5 * (self.size + 1) * self.expectation(point)[0]

    def entropy(self, point: Point) -> Scalar:
        """``(p+1)/2 log det n V + phi - (x - (p+1)/2) phi' + log pi p(p-1)/4`` at ``x = n/2``: the large parts are gone."""
        number, scale = self.parameters.split(point)
        x, p = 0.5 * number, self.size
        logarithm = log_determinant(cholesky(scale)) + p * jnp.log(number)
        constant = 0.25 * p * (p - 1) * math.log(math.pi)
        gamma = excess(x, p, 0) - (x - 0.5 * (p + 1)) * excess(x, p, 1) + constant
        return gamma + 0.5 * (p + 1) * logarithm

    def statistics(self, x: Array) -> Point:
        """``log det X`` and the lower triangle of X."""
        return jnp.append(log_determinant(cholesky(x)), lower(x))

    def log_base_measure(self, x: Array) -> Scalar:
        """``-(p + 1)/2 log det X``."""
        return -0.5 * (self.size + 1) * log_determinant(cholesky(x))

    def sample(self, key: Array, point: Point) -> Array:
        """Bartlett's decomposition: ``L A A^T L^T`` with normal entries below and chi ones on the diagonal of A.

        For n near ``p - 1`` a matrix may be singular to the digits of its dtype, and so outside the support.
        """
        number, scale = self.parameters.split(point)
        first, second = jax.random.split(key)
        squares = 2.0 * jax.random.gamma(
            first, 0.5 * (number - jnp.arange(self.size, dtype=point.dtype)), dtype=point.dtype
        )
        noise = jnp.tril(jax.random.normal(second, (self.size, self.size), point.dtype), -1)
        factor = jnp.matmul(cholesky(scale), noise + jnp.diag(jnp.sqrt(squares)), precision="highest")
        # From its lower triangle, since a product need not be symmetric to the last bit.
        return symmetric(lower(jnp.matmul(factor, factor.T, precision="highest")), self.size)

    def _diagonal(self, theta: Point) -> Array:
        """The metric of the frame."""
        normal = theta[0] * self._constant(self._normal.metric, theta)
        return jnp.append(0.25 * excess(0.5 * theta[0], self.size, 2), normal)

    def _skewness(self, theta: Point) -> Array:
        """The skewness of the frame: ``phi'''(n/2)/8``, ``-tr(B B')/2`` and ``n tr B B' B''``."""
        pair = -jnp.diag(self._constant(self._normal.metric, theta))
        corner = 0.125 * excess(0.5 * theta[0], self.size, 3)
        return _bordered(corner, pair, theta[0] * self._constant(self._normal.skewness, theta))

    def _constant(self, constant: np.ndarray, like: Array) -> Array:
        return jnp.asarray(constant, like.dtype)


def _arrow(column: Array, block: Array) -> Array:
    """``[[1, 0], [column, block]]``."""
    first = jnp.zeros_like(block[:1])
    unit = jnp.ones((1, 1), block.dtype)
    return jnp.concatenate([jnp.concatenate([unit, first], axis=1), jnp.concatenate([column[:, None], block], axis=1)])


def _bordered(corner: Scalar, pair: Array, block: Array) -> Array:
    """The symmetric tensor with these components for three, one and no index 0; none for two."""
    d = block.shape[0] + 1
    tensor = jnp.zeros((d, d, d), block.dtype).at[1:, 1:, 1:].set(block).at[0, 0, 0].set(corner)
    return tensor.at[0, 1:, 1:].set(pair).at[1:, 0, 1:].set(pair).at[1:, 1:, 0].set(pair)


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
