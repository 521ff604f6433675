r"""Riemannian geometry of a symbolic metric, and the conventions used on every floor.

Index order and signs, stated once::

    christoffel[i, j, k]  Gamma^i_jk = 1/2 g^im (d_j g_mk + d_k g_mj - d_m g_jk)
    curvature[i, j, k, l] R^i_jkl    = d_k Gamma^i_lj - d_l Gamma^i_kj + Gamma^i_km Gamma^m_lj - Gamma^i_lm Gamma^m_kj
    riemann[i, j, k, l]   R_ijkl     = g_im R^m_jkl
    ricci[j, l]           Ric_jl     = g^ik R_ijkl
    scalar_curvature      R          = g^jl Ric_jl

so the unit sphere has R = +2, its sectional curvature is R_1212 / det g = +1, and in two dimensions R = 2 K.
"""

import itertools
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeAlias

import sympy as sp

from derivations.fields import Field

Array: TypeAlias = sp.ImmutableDenseNDimArray


class RiemannianGeometry:
    """The tensors of one metric in one chart, entries reduced and factored.

    Args:
        coordinates: the d coordinate symbols.
        metric: symmetric d x d matrix of expressions in the coordinates.
        field: where the entries live; decides which of them are zero.

    Raises:
        ValueError: if coordinates repeat, or the metric is not symmetric or of another size.
    """

    def __init__(self, coordinates: Sequence[sp.Symbol], metric: sp.MatrixBase, field: Field | None = None):
        self.coordinates = tuple(coordinates)
        self.field = field or Field()
        dimension = len(self.coordinates)
        if len(set(self.coordinates)) < dimension:
            raise ValueError(f"coordinates repeat: {', '.join(map(str, self.coordinates))}")
        if metric.shape != (dimension, dimension):
            raise ValueError(f"metric has shape {metric.shape}, but there are {dimension} coordinates")
        if not all(self.field.is_zero(entry) for entry in metric - metric.T):
            raise ValueError(f"metric is not symmetric: {metric}")
        self.metric = sp.ImmutableMatrix(metric.applyfunc(self.field.factored))

    @property
    def dimension(self) -> int:
        """The number of coordinates."""
        return len(self.coordinates)

    @cached_property
    def inverse_metric(self) -> sp.ImmutableMatrix:
        """``g^ij``."""
        if self.field.is_zero(self.metric.det()):
            raise ZeroDivisionError(f"metric is singular everywhere: {self.metric}")
        return sp.ImmutableMatrix(self.metric.inv(method="ADJ").applyfunc(self.field.factored))

    @cached_property
    def christoffel(self) -> Array:
        """``Gamma^i_jk`` of the Levi-Civita connection, shape (d, d, d)."""
        x, g, d = self.coordinates, self.metric, self.dimension
        slope = [[[sp.diff(g[j, k], x[i]) for k in range(d)] for j in range(d)] for i in range(d)]
        lowered = self._array(3, lambda m, j, k: (slope[j][m][k] + slope[k][m][j] - slope[m][j][k]) / 2)
        return self.raise_first(lowered)

    @cached_property
    def riemann(self) -> Array:
        """``R_ijkl``, shape (d, d, d, d)."""
        return self.lower_first(self.curvature(self.christoffel))

    @cached_property
    def ricci(self) -> sp.ImmutableMatrix:
        """``Ric_jl``, shape (d, d)."""
        inverse, lowered, d = self.inverse_metric, self.riemann, self.dimension
        indices = list(itertools.product(range(d), repeat=2))
        return sp.ImmutableMatrix(
            d, d, lambda j, m: self.field.factored(sum(inverse[i, k] * lowered[i, j, k, m] for i, k in indices))
        )

    @cached_property
    def scalar_curvature(self) -> sp.Expr:
        """``R``."""
        return self.field.factored((self.inverse_metric * self.ricci).trace())

    def sectional_curvature(self, u: Sequence[sp.Expr], v: Sequence[sp.Expr]) -> sp.Expr:
        """The curvature of the plane spanned by the vectors u and v, each of length d.

        Raises:
            ZeroDivisionError: if they are parallel.
        """
        area = self.field.factored(self._area(u, v))
        if area == 0:
            raise ZeroDivisionError(f"the vectors {tuple(u)} and {tuple(v)} span no plane")
        return self.field.factored(self._plane(self.riemann, u, v) / area)

    def curvature(self, connection: Array) -> Array:
        """``R^i_jkl`` of any connection with coefficients of shape (d, d, d)."""
        x, d = self.coordinates, self.dimension

        def entry(i: int, j: int, k: int, m: int) -> sp.Expr:
            quadratic = sum(
                connection[i, k, n] * connection[n, m, j] - connection[i, m, n] * connection[n, k, j] for n in range(d)
            )
            return sp.diff(connection[i, m, j], x[k]) - sp.diff(connection[i, k, j], x[m]) + quadratic

        return self._array(4, entry)

    def alpha_connection(self, skewness: Array, alpha: sp.Expr) -> Array:
        """``Gamma^(alpha) = Gamma^(0) - (alpha/2) T`` with the first index of the skewness tensor T raised.

        Source: Amari & Nagaoka 2000, section 2.3.
        """
        raised = self.raise_first(skewness)
        return self._array(3, lambda i, j, k: self.christoffel[i, j, k] - alpha / 2 * raised[i, j, k])

    def raise_first(self, tensor: Array) -> Array:
        """Raise the first index of a tensor of any rank."""
        return self._contract_first(self.inverse_metric, tensor)

    def lower_first(self, tensor: Array) -> Array:
        """Lower the first index of a tensor of any rank."""
        return self._contract_first(self.metric, tensor)

    def _contract_first(self, matrix: sp.MatrixBase, tensor: Array) -> Array:
        d = self.dimension
        return self._array(tensor.rank(), lambda i, *rest: sum(matrix[i, m] * tensor[(m, *rest)] for m in range(d)))

    def _plane(self, lowered: Array, u: Sequence[sp.Expr], v: Sequence[sp.Expr]) -> sp.Expr:
        indices = itertools.product(range(self.dimension), repeat=4)
        return sum(lowered[i, j, k, m] * u[i] * v[j] * u[k] * v[m] for i, j, k, m in indices)

    def _area(self, u: Sequence[sp.Expr], v: Sequence[sp.Expr]) -> sp.Expr:
        a, b = sp.Matrix(u), sp.Matrix(v)
        uu, vv, uv = (a.T * self.metric * a)[0], (b.T * self.metric * b)[0], (a.T * self.metric * b)[0]
        return uu * vv - uv**2

    def _array(self, rank: int, entry: Callable[..., sp.Expr]) -> Array:
        d = self.dimension
        entries = [self.field.factored(entry(*index)) for index in itertools.product(range(d), repeat=rank)]
        return Array(entries, (d,) * rank)
