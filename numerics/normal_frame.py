r"""Families of normal laws in the frame where the law at hand is standard.

An affine map ``x = mu + L z`` takes a normal law to the standard one, and the Fisher geometry with it. In that frame every
tensor is a constant; the tensors of a chart follow by a change of basis that needs the Cholesky factor L and its inverse
W alone. A velocity of the parameters is ``(a, B)`` there, ``dmu = L a`` and ``dSigma = L B L^T``, and its score is
``a . z + tr B (z z^T - 1) / 2``.

Conditioning: a Cholesky factorisation is as accurate as that of the correlation matrix R, whatever the standard deviations
(Demmel 1989). Tensors are therefore within a small multiple of ``cond(R)`` epsilons, measured in the frame, which is what
a covariance known to one epsilon determines; standard deviations of any ratio cost nothing.
"""

import functools
from abc import abstractmethod
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics import hessian_geometry
from numerics.arrays import Matrix, Point, Scalar
from numerics.elementary import log1pmx
from numerics.exponential_family import ExponentialFamily
from numerics.linear_algebra import cholesky
from numerics.parameters import lower_indices


class Standard(NamedTuple):
    """The tensors at the standard law, on the host; t are the statistics there, each with mean 0.

    Attributes:
        weights: the score of a velocity u is ``sum weights_a u_a t_a``, shape (d,).
        metric: the diagonal of the metric, shape (d,).
        skewness: ``T_abc``, shape (d, d, d).
        christoffel: ``Gamma^a_bc``, in a frame that is a chart of constant coefficients, shape (d, d, d).
    """

    weights: np.ndarray
    metric: np.ndarray
    skewness: np.ndarray
    christoffel: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """The diagonal of the covariance of t, shape (d,)."""
        return self.metric / self.weights**2

    @property
    def third_cumulants(self) -> np.ndarray:
        """The third cumulants of t, shape (d, d, d)."""
        w = 1.0 / self.weights
        return np.einsum("abc,a,b,c->abc", self.skewness, w, w, w)


@functools.cache
def basis(size: int) -> np.ndarray:
    """The symmetric matrices with one entry of the lower triangle 1, in their order, shape (n, size, size)."""
    rows, columns = lower_indices(size)
    matrices = np.zeros((len(rows), size, size))
    index = np.arange(len(rows))
    matrices[index, rows, columns] = matrices[index, columns, rows] = 1.0
    return matrices


@functools.cache
def standard_normal(size: int) -> Standard:
    """All normal laws: a frame of mean (size) and lower triangle of the covariance.

    The geodesic equation is ``mu'' = Sigma' P mu'``, ``Sigma'' = Sigma' P Sigma' - mu' mu'^T`` (Skovgaard 1984), and the
    third cumulants are by Wick's theorem ``a^T B a'`` and ``tr B B' B''``.
    """
    matrices = basis(size)
    d = size + len(matrices)
    entries = np.diagonal(matrices, axis1=1, axis2=2).sum(axis=1)
    weights = np.append(np.ones(size), np.where(entries > 0, 0.5, 1.0))
    skewness, christoffel = np.zeros((d, d, d)), np.zeros((d, d, d))
    mean, rest = slice(0, size), slice(size, d)
    # Entries of the lower triangle of the symmetrised product, for every pair of basis matrices.
    products = np.einsum("aij,bjk->abik", matrices, matrices)
    rows, columns = lower_indices(size)
    lowered = (0.5 * (products + np.swapaxes(products, 0, 1)))[:, :, rows, columns]
    skewness[rest, rest, rest] = np.einsum("abij,cji->abc", products, matrices)
    skewness[mean, mean, rest] = np.moveaxis(matrices, 0, 2)
    skewness[mean, rest, mean] = np.moveaxis(matrices, 0, 1)
    skewness[rest, mean, mean] = matrices
    christoffel[rest, rest, rest] = -np.moveaxis(lowered, 2, 0)
    christoffel[rest, mean, mean] = 0.5 * matrices * (1.0 + (entries > 0))[:, None, None]
    christoffel[mean, mean, rest] = -0.5 * np.moveaxis(matrices, 0, 2)
    christoffel[mean, rest, mean] = -0.5 * np.moveaxis(matrices, 0, 1)
    metric = np.append(np.ones(size), 0.5 * np.einsum("aij,aji->a", matrices, matrices))
    return Standard(weights, metric, skewness, christoffel)


def part(standard: Standard, which: slice) -> Standard:
    """A totally geodesic part that keeps some coordinates of the frame."""
    return Standard(
        standard.weights[which],
        standard.metric[which],
        standard.skewness[which, which, which],
        standard.christoffel[which, which, which],
    )


class NormalFamily(ExponentialFamily):
    """Normal laws that an affine group takes to a standard one: constant tensors in a moving frame.

    Attributes:
        standard: the tensors in the frame.
        constant_curvature: the scalar curvature, the same everywhere.
    """

    standard: Standard
    constant_curvature: float

    @abstractmethod
    def rows(self, theta: Point) -> Matrix:
        """The matrix that takes a velocity in the usual chart to the frame, shape (d, d)."""

    @abstractmethod
    def columns(self, theta: Point) -> Matrix:
        """The inverse of :meth:`rows`."""

    @abstractmethod
    def moments(self, point: Point) -> Matrix:
        """The matrix A of ``s - m = A t``, shape (d, d)."""

    @abstractmethod
    def inverse_moments(self, point: Point) -> Matrix:
        """The inverse of :meth:`moments`."""

    def covariance(self, point: Point) -> Matrix:
        """``A C A^T`` with C diagonal."""
        return _congruent(self.moments(point), self.standard.covariance)

    def precision(self, point: Point) -> Matrix:
        """``A^-T C^-1 A^-1``."""
        return _congruent(self.inverse_moments(point).T, 1.0 / self.standard.covariance)

    def third_cumulants(self, point: Point) -> Array:
        """Those of the frame, by A."""
        return hessian_geometry.in_frame(_cast(self.standard.third_cumulants, point), self.moments(point))

    def metric(self, theta: Point) -> Matrix:
        """That of the frame, by :meth:`rows`."""
        return _congruent(self.rows(theta).T, self.standard.metric)

    def inverse_metric(self, theta: Point) -> Matrix:
        """That of the frame, by :meth:`columns`."""
        return _congruent(self.columns(theta), 1.0 / self.standard.metric)

    def skewness(self, theta: Point) -> Array:
        """That of the frame, by :meth:`rows`."""
        return hessian_geometry.in_frame(_cast(self.standard.skewness, theta), self.rows(theta).T)

    def christoffel(self, theta: Point) -> Array:
        """Those of the frame: the usual charts are affine images of each other, so the symbols transform as a tensor."""
        rows, symbols = self.rows(theta), _cast(self.standard.christoffel, theta)
        inner = _contract("bj,abk->ajk", rows, _contract("ck,abc->abk", rows, symbols))
        return _contract("ia,ajk->ijk", self.columns(theta), inner)

    def invariant_curvature(self, point: Point) -> Scalar:
        """The constant."""
        return jnp.full((), self.constant_curvature, point.dtype)


def congruence(factor: Matrix) -> Array:
    """The matrix of ``S -> F S F^T`` on lower triangles, shape (n, n)."""
    size = factor.shape[0]
    rows, columns = lower_indices(size)
    across = factor[rows][:, rows] * factor[columns][:, columns] + factor[rows][:, columns] * factor[columns][:, rows]
    halved = np.where(rows == columns, 0.5, 1.0)[None, :]
    return across * jnp.asarray(halved, factor.dtype)


def mixed(mean: Point, factor: Matrix) -> Array:
    """The matrix of ``z -> mu (F z)^T + F z mu^T`` in lower triangles, shape (n, size)."""
    rows, columns = lower_indices(factor.shape[0])
    return mean[rows][:, None] * factor[columns] + mean[columns][:, None] * factor[rows]


def log_determinant(factor: Matrix) -> Scalar:
    """``log det L L^T`` of a triangular factor."""
    return 2.0 * jnp.sum(jnp.log(jnp.diagonal(factor)))


def spread_divergence(first: Matrix, second: Matrix) -> Scalar:
    """``KL(N(m, S) || N(m, S'))`` from S and S', both positive definite, without cancellation for S near S'.

    With ``E = W' (S - S') W'^T`` it is ``(tr E - log det(1 + E)) / 2``. With the Cholesky factor C of 1 + E and ``s_k`` the
    sum of the squares of row k left of its diagonal, that is half the sum of ``s_k - log1pmx(E_kk - s_k)``: no term is
    negative.
    """
    one, two = cholesky(first), cholesky(second)
    change = solve(two, solve(two, first - second).T)
    is_near = jnp.max(jnp.abs(change)) < 0.5
    safe = jnp.where(is_near, change, 0.0)
    unit = jnp.eye(change.shape[0], dtype=change.dtype)
    squares = jnp.sum(jnp.tril(cholesky(unit + safe), -1) ** 2, axis=1)
    near = 0.5 * jnp.sum(squares - log1pmx(jnp.diagonal(safe) - squares))
    relative = solve(two, one)
    ratio = jnp.diagonal(one) / jnp.diagonal(two)
    far = 0.5 * (jnp.sum(relative**2) - change.shape[0]) - jnp.sum(jnp.log(ratio))
    return jnp.where(is_near, near, far)


def solve(factor: Matrix, right: Array) -> Array:
    """``L^-1 right`` for a lower triangular factor."""
    return jax.scipy.linalg.solve_triangular(factor, right, lower=True)


def _cast(constant: np.ndarray, like: Array) -> Array:
    return jnp.asarray(constant, like.dtype)


def _congruent(matrix: Matrix, diagonal: np.ndarray) -> Matrix:
    return _contract("ia,a,ja->ij", matrix, _cast(diagonal, matrix), matrix)


def _contract(subscripts: str, *operands: Array) -> Array:
    return jnp.einsum(subscripts, *operands, precision="highest")
