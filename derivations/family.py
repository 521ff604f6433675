r"""A parametric family of probability distributions and the geometry that follows from it.

An exponential family is ``p(x | theta) = h(x) exp(eta(theta) . s(x) - psi(theta))``. Its coordinates, domain, natural
parameters eta and log-partition psi determine the geometry (Amari & Nagaoka 2000, sections 2.2 and 3.5)::

    m = grad_eta psi                                   expectation parameters
    g_ab  = d_a eta_i d_b m_i                          Fisher metric
    T_abc = d_a (d m_i / d eta_j) d_b eta_i d_c eta_j  skewness (Amari-Chentsov) tensor, E[score_a score_b score_c]
    KL(theta || theta') = (eta - eta') . m - psi + psi'
"""

import runpy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import sympy as sp

from derivations.derivation import Derivation
from derivations.fields import Field, Rewrite
from derivations.riemannian import Array, RiemannianGeometry


def prime(coordinate: sp.Symbol) -> sp.Symbol:
    """The same coordinate of a second point."""
    return sp.Symbol(f"{coordinate.name}prime", **coordinate.assumptions0)


@dataclass(frozen=True)
class Family:
    """An exponential family in a chart of the author's choice.

    Args:
        name: an identifier.
        coordinates: the d coordinate symbols.
        log_partition: psi as an expression in the coordinates.
        domain: lower and upper bound of each coordinate that has one; open unless listed in ``closed``.
        natural: the d natural parameters in the coordinates; the coordinates themselves if not given.
        title: what people call it.
        source: where it is defined.
        variable: the symbol of the random variable, with its ``support`` and the sufficient ``statistics`` and
            ``log_base_measure`` in it; without them the density is not known and checks against it are left out.
        closed: coordinates whose finite bounds belong to the domain.
        forms: expressions to evaluate in floating point in place of the derived ones, by function name (``metric``,
            ``kl``, ...); each must be equal to what it replaces, which :meth:`check_forms` proves.
        rewrite: reduces dependent special functions to independent ones before zero-tests.

    Raises:
        ValueError: if the parts do not fit together; the message names the offending one.
    """

    name: str
    coordinates: tuple[sp.Symbol, ...]
    log_partition: sp.Expr
    domain: Mapping[sp.Symbol, tuple[sp.Expr, sp.Expr]] = field(default_factory=dict)
    natural: tuple[sp.Expr, ...] = ()
    title: str = ""
    source: str = ""
    variable: sp.Symbol | None = None
    support: tuple[sp.Expr, sp.Expr] | None = None
    statistics: tuple[sp.Expr, ...] = ()
    log_base_measure: sp.Expr = sp.Integer(0)
    closed: frozenset[sp.Symbol] = frozenset()
    forms: Mapping[str, object] = field(default_factory=dict)
    rewrite: Rewrite = lambda expression: expression

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"name must be an identifier, not {self.name!r}")
        if not self.coordinates:
            raise ValueError(f"family {self.name!r}: coordinates is empty")
        self._sympify()
        if len(self.natural) != self.dimension:
            raise ValueError(f"family {self.name!r}: {len(self.natural)} natural parameters, {self.dimension} needed")
        stray = set().union(*(e.free_symbols for e in (self.log_partition, *self.natural)))
        if stray := stray - set(self.coordinates):
            raise ValueError(f"family {self.name!r}: symbols that are no coordinates: {sorted(map(str, stray))}")
        if unknown := set(self.domain) - set(self.coordinates):
            raise ValueError(
                f"family {self.name!r}: domain bounds {sorted(map(str, unknown))}, which are no coordinates"
            )
        if self.statistics and (self.variable is None or self.support is None):
            raise ValueError(f"family {self.name!r}: statistics need variable and support")

    def _sympify(self) -> None:
        """Let people write numbers and lists where expressions and tuples are meant."""

        def expressions(values: Iterable[object]) -> tuple[sp.Expr, ...]:
            return tuple(map(sp.sympify, values))

        for name, value in {
            "coordinates": tuple(self.coordinates),
            "log_partition": sp.sympify(self.log_partition),
            "natural": expressions(self.natural or self.coordinates),
            "domain": {coordinate: expressions(bounds) for coordinate, bounds in self.domain.items()},
            "support": expressions(self.support) if self.support is not None else None,
            "statistics": expressions(self.statistics),
            "log_base_measure": sp.sympify(self.log_base_measure),
            "closed": frozenset(self.closed),
        }.items():
            object.__setattr__(self, name, value)

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return len(self.coordinates)

    @cached_property
    def field(self) -> Field:
        """The field of the family's zero-tests."""
        return Field(self.rewrite)

    def bounds(self, coordinate: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
        """Lower and upper bound of a coordinate, infinite where there is none."""
        return self.domain.get(coordinate, (-sp.oo, sp.oo))

    @cached_property
    def others(self) -> tuple[sp.Symbol, ...]:
        """The coordinates of a second point, written with a prime."""
        return tuple(prime(c) for c in self.coordinates)

    def at_other(self, expression: sp.Expr) -> sp.Expr:
        """An expression in the coordinates, at the second point."""
        return expression.xreplace(dict(zip(self.coordinates, self.others, strict=True)))

    @cached_property
    def natural_jacobian(self) -> sp.Matrix:
        """``d eta_i / d theta_a`` in row i and column a."""
        return sp.Matrix(self.natural).jacobian(self.coordinates)

    @cached_property
    def expectation(self) -> sp.Matrix:
        """The expectation parameters m, from ``d psi = m . d eta``."""
        slope = sp.Matrix([self.log_partition]).jacobian(self.coordinates).T
        return self._solve(self.natural_jacobian.T, slope).applyfunc(self.field.factored)

    @cached_property
    def metric(self) -> sp.Matrix:
        """The Fisher metric, shape (d, d)."""
        expectation_jacobian = self.expectation.jacobian(self.coordinates)
        return (self.natural_jacobian.T * expectation_jacobian).applyfunc(self.field.factored)

    @cached_property
    def skewness(self) -> Array:
        """The skewness tensor ``T_abc``, shape (d, d, d)."""
        covariance = self._solve(self.natural_jacobian.T, self.expectation.jacobian(self.coordinates).T).applyfunc(
            self.field.factored
        )
        jacobian = self.natural_jacobian
        slices = [
            (jacobian.T * covariance.diff(coordinate) * jacobian).applyfunc(self.field.factored).tolist()
            for coordinate in self.coordinates
        ]
        return Array(slices)

    @cached_property
    def geometry(self) -> RiemannianGeometry:
        """The Riemannian geometry of the Fisher metric."""
        return RiemannianGeometry(self.coordinates, self.metric, self.field)

    @cached_property
    def kl(self) -> sp.Expr:
        """``KL(theta || theta')`` in the coordinates and :attr:`others`."""
        difference = (sp.Matrix(self.natural) - sp.Matrix(self.natural).applyfunc(self.at_other)).T
        return (difference * self.expectation)[0] - self.log_partition + self.at_other(self.log_partition)

    def derived(self, name: str) -> object:
        """A tensor or function by the name it has in the numerics."""
        own = {"metric": self.__class__.metric, "skewness": self.__class__.skewness, "kl": self.__class__.kl}
        return getattr(self if name in own else self.geometry, name)

    def form(self, name: str) -> object:
        """What is evaluated in floating point under this name: the family's own form, else the derived expression."""
        return self.forms[name] if name in self.forms else self.derived(name)

    def forms_agree(self) -> Derivation:
        """Each of :attr:`forms` equals the derived expression that it stands for."""
        derivation = Derivation(f"{self.title or self.name}: the forms evaluated in floating point", self.field)
        for name, form in self.forms.items():
            derivation.equal(rf"\text{{{name.replace('_', ' ')}}}", form, "equal to the derived expression",
                             value=self.derived(name))  # fmt: skip
        return derivation

    def _solve(self, matrix: sp.Matrix, right: sp.Matrix) -> sp.Matrix:
        if self.field.is_zero(matrix.det()):
            raise ValueError(f"family {self.name!r}: the natural parameters do not determine the coordinates")
        return matrix.inv(method="ADJ") * right


def load_family(path: str | Path) -> Family:
    """Execute a Python file and return the one :class:`Family` that it defines.

    The file is code that the caller named and trusts; nothing else is ever executed.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file fails, or defines no family or several; the message names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no family file {path}")
    try:
        namespace = runpy.run_path(str(path))
    except Exception as error:
        raise ValueError(f"{path}: {type(error).__name__}: {error}") from error
    found = {id(value): value for value in namespace.values() if isinstance(value, Family)}
    if len(found) != 1:
        raise ValueError(f"{path} defines {len(found)} families; it must define exactly one thermogeometry.Family")
    return next(iter(found.values()))
