"""A parametric family of probability distributions, described by its log-partition function or by its density.

The geometry follows: moments of the score from :mod:`derivations.exponential_family` or :mod:`derivations.density`,
everything else from the metric by :mod:`derivations.riemannian`.
"""

import runpy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import sympy as sp

from derivations.density import Density
from derivations.derivation import Derivation
from derivations.exponential_family import ExponentialFamily
from derivations.family_checks import check_names, check_parts
from derivations.fields import Field, Rewrite
from derivations.model_spaces import Isometry
from derivations.riemannian import Array, RiemannianGeometry


def prime(coordinate: sp.Symbol) -> sp.Symbol:
    """The same coordinate of a second point."""
    return sp.Symbol(f"{coordinate.name}prime", **coordinate.assumptions0)


@dataclass(frozen=True)
class Family:
    """A family in a chart of the author's choice, with either a log-partition function or a density.

    Args:
        name: an identifier, and no keyword of Python.
        coordinates: the d coordinate symbols; none may be called like another with ``prime`` appended.
        log_partition: psi of the exponential family ``h(x) exp(eta . s(x) - psi)``, in the coordinates.
        log_density: the logarithm of the density in coordinates and ``variable``, for any other family; its moments are
            integrated exactly.
        domain: lower and upper bound of each coordinate that has one, real numbers or infinite; open unless listed in
            ``closed``.
        natural: the d natural parameters in the coordinates; the coordinates themselves if not given.
        title: what people call it.
        source: where it is defined.
        variable: the symbol of the random variable, with its ``support`` and the sufficient ``statistics`` and
            ``log_base_measure`` in it; without them the density is not known and checks against it are left out.
        closed: coordinates whose finite bounds belong to the domain.
        forms: expressions to evaluate in floating point in place of the derived ones, by function name (``metric``,
            ``kl``, ...); each must be equal to what it replaces, which :meth:`forms_agree` proves. The divergence of a
            family with a density is known only if it is given here.
        rewrite: reduces dependent special functions to independent ones before zero-tests.
        from_natural: the coordinates as a function of the natural parameters, a Lambda; the natural and the expectation
            chart need it.
        from_expectation: the coordinates as a function of the expectation parameters, a Lambda, where there is a closed
            form.
        isometry: onto a space whose geodesics are known.
        draw: a random observation, in the coordinates and in terms :class:`~derivations.draws.Draw`.
        mean_log_base_measure: ``E log h`` in the coordinates, which the entropy needs unless h is 1.
        is_discrete: whether the support consists of the integers between its ends.

    Raises:
        ValueError: if the parts do not fit together; the message names the offending one.
    """

    name: str
    coordinates: tuple[sp.Symbol, ...]
    log_partition: sp.Expr | None = None
    log_density: sp.Expr | None = None
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
    from_natural: sp.Lambda | None = None
    from_expectation: sp.Lambda | None = None
    isometry: Isometry | None = None
    draw: sp.Expr | None = None
    mean_log_base_measure: sp.Expr | None = None
    is_discrete: bool = False

    def __post_init__(self) -> None:
        check_names(self)
        self._sympify()
        check_parts(self)

    def _sympify(self) -> None:
        """Let people write numbers and lists where expressions and tuples are meant."""

        def expressions(values: Iterable[object]) -> tuple[sp.Expr, ...]:
            return tuple(map(sp.sympify, values))

        for name, value in {
            "coordinates": tuple(self.coordinates),
            "log_partition": None if self.log_partition is None else sp.sympify(self.log_partition),
            "log_density": None if self.log_density is None else sp.sympify(self.log_density),
            "natural": expressions(self.natural or self.coordinates),
            "domain": {coordinate: expressions(bounds) for coordinate, bounds in self.domain.items()},
            "support": expressions(self.support) if self.support is not None else None,
            "statistics": expressions(self.statistics),
            "log_base_measure": sp.sympify(self.log_base_measure),
            "closed": frozenset(self.closed),
            "from_natural": self.from_natural or self._identity(),
        }.items():
            object.__setattr__(self, name, value)

    def _identity(self) -> sp.Lambda | None:
        """The way back where the coordinates are the natural parameters."""
        coordinates = tuple(self.coordinates)
        is_natural = self.log_partition is not None and tuple(self.natural or coordinates) == coordinates
        return sp.Lambda(coordinates, coordinates) if is_natural else None

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
    def moments(self) -> ExponentialFamily | Density:
        """Where metric, skewness and divergence come from."""
        return Density(self) if self.log_partition is None else ExponentialFamily(self)

    @property
    def expectation(self) -> sp.Matrix:
        """The expectation parameters of an exponential family, shape (d, 1); ValueError for any other."""
        return self._exponential.expectation

    @property
    def _exponential(self) -> ExponentialFamily:
        if isinstance(self.moments, Density):
            raise ValueError(f"family {self.name!r} is given by its density and has no expectation parameters")
        return self.moments

    @property
    def metric(self) -> sp.Matrix:
        """The Fisher metric, shape (d, d)."""
        return self.moments.metric

    @property
    def skewness(self) -> Array:
        """The skewness (Amari-Chentsov) tensor ``T_abc = E[score_a score_b score_c]``, shape (d, d, d)."""
        return self.moments.skewness

    @property
    def kl(self) -> sp.Expr | None:
        """``KL(theta || theta')`` in the coordinates and :attr:`others`; None where it is not known."""
        return self.moments.kl

    @cached_property
    def geometry(self) -> RiemannianGeometry:
        """The Riemannian geometry of the Fisher metric."""
        return RiemannianGeometry(self.coordinates, self.metric, self.field)

    def derived(self, name: str) -> object:
        """A tensor or function by the name it has in the numerics."""
        own = ("natural", "expectation", "log_partition", "metric", "skewness", "kl", "covariance", "third_cumulants",
               "precision")  # fmt: skip
        return getattr(self if name in own else self.geometry, name)

    @property
    def covariance(self) -> sp.Matrix:
        """The covariance of the statistics of an exponential family, shape (d, d)."""
        return self._in_natural(self.form("metric"))

    @property
    def third_cumulants(self) -> Array:
        """The third cumulants of the statistics of an exponential family, shape (d, d, d)."""
        return self._in_natural(self.form("skewness"))

    @property
    def precision(self) -> sp.Matrix:
        """The inverse of :attr:`covariance`, which is the metric in the expectation chart, shape (d, d)."""
        jacobian = self._exponential.natural_jacobian
        value = jacobian * sp.Matrix(self.form("inverse_metric")) * jacobian.T
        return value if self.forms else value.applyfunc(self.field.factored)

    def _in_natural(self, tensor: object) -> Array:
        """A tensor with lower indices, in the natural chart."""
        back = self._exponential.natural_jacobian.inv(method="ADJ").applyfunc(self.field.factored)
        value = sp.Array(tensor)
        for _ in range(value.rank()):
            # Contract the first index and put the new one last: after all of them the order is as before.
            value = sp.tensorcontraction(sp.tensorproduct(value, back), (0, value.rank()))
        return value if self.forms else value.applyfunc(self.field.factored)

    def form(self, name: str) -> object:
        """What is evaluated in floating point under this name: the family's own form, else the derived expression."""
        return self.forms[name] if name in self.forms else self.derived(name)

    def forms_agree(self) -> Derivation:
        """Each of :attr:`forms` equals the derived expression that it stands for; charts and isometry are what they say."""
        derivation = Derivation(f"{self.title or self.name}: the forms evaluated in floating point", self.field)
        for name, form in self.forms.items():
            if self.derived(name) is None:
                derivation.given(rf"\text{{{name}}}", form, "from the author of the family; checked numerically")
                continue
            derivation.equal(rf"\text{{{name.replace('_', ' ')}}}", form, "equal to the derived expression",
                             value=self.derived(name))  # fmt: skip
        if self.from_natural is not None:
            # Not the other way round: an angle comes back up to whole turns only.
            there = dict(zip(self.coordinates, self.from_natural.expr, strict=True))
            value = sp.Matrix(self.natural).subs(there, simultaneous=True)
            derivation.equal(r"\eta(\theta(\eta))", sp.Matrix(self.from_natural.signature), "the way back from eta",
                             value=value)  # fmt: skip
        if self.from_expectation is not None:
            value = sp.Matrix(self.from_expectation(*self.expectation))
            derivation.equal(r"\theta(m)", sp.Matrix(self.coordinates), "the way back from m",
                             value=value)  # fmt: skip
        if self.isometry is not None:
            derivation.equal("g", self.isometry.pulled_back(self.coordinates), "pulled back from the space",
                             value=self.metric)  # fmt: skip
            derivation.equal(r"\theta(\text{image})", sp.Matrix(self.coordinates), "the way back from the space",
                             value=sp.Matrix(self.isometry.preimage(*self.isometry.image)))  # fmt: skip
        return derivation


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
    except (Exception, SystemExit) as error:
        raise ValueError(f"{path}: {type(error).__name__}: {error}") from error
    found = {id(value): value for value in namespace.values() if isinstance(value, Family)}
    if len(found) != 1:
        raise ValueError(f"{path} defines {len(found)} families; it must define exactly one thermogeometry.Family")
    return next(iter(found.values()))
