"""A derivation: exact steps, each re-checked when it is written down.

A step is a statement, the reason for it and the method that checked it. A step that does not check raises
:class:`StepFailed`, so a :class:`Derivation` that exists is one whose steps all hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from derivations.fields import Field
from derivations.typeset import Shown, latex, mathml


class StepFailed(AssertionError):
    """A step of a derivation is not true."""


@dataclass(frozen=True)
class Step:
    """One line of a derivation: LaTeX of the statement, why it holds, and how that was checked."""

    statement: str
    reason: str
    method: str

    @property
    def mathml(self) -> str:
        """The statement as MathML."""
        return mathml(self.statement)


class Derivation:
    """A titled sequence of checked steps.

    Args:
        title: what is derived.
        field: the field of the zero-tests.
    """

    def __init__(self, title: str, field: Field | None = None):
        self.title = title
        self.field = field or Field()
        self._steps: list[Step] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in order."""
        return tuple(self._steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def latex(self) -> str:
        """The derivation as one LaTeX ``align*`` environment with the reasons as text."""
        lines = [rf"  & {step.statement} && \text{{{step.reason}}}" for step in self._steps]
        return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"

    def mathml(self) -> str:
        """The derivation as an HTML ordered list of MathML statements with their reasons."""
        items = [f"  <li>{step.mathml} <span>{step.reason}</span></li>" for step in self._steps]
        return "<ol>\n" + "\n".join(items) + "\n</ol>"

    def given(self, left: Shown, right: Shown, reason: str) -> None:
        """State a definition, a hypothesis or a cited result; the report marks it as not checked here."""
        self._add(f"{latex(left)} = {latex(right)}", reason, "given")

    def stated(self, statement: str, reason: str) -> None:
        """State what follows from earlier steps by an argument in words; the report marks it as not checked here."""
        self._add(statement, reason, "argument")

    def equal(self, left: Shown, right: Shown, reason: str, value: object = None) -> None:
        """State ``left = right`` and check it entry by entry in the field.

        Args:
            left: the expression, array or matrix shown on the left; LaTeX text if ``value`` is given.
            right: the expression, array or matrix it equals, or one expression that every entry equals.
            reason: why.
            value: what ``left`` stands for, when it is shown in another form (a name, an unevaluated operation).
        """
        shown = f"{latex(left)} = {latex(right)}"
        for index, (a, b) in enumerate(_pairs(left if value is None else value, right)):
            if not self.field.is_zero(a - b):
                difference = self.field.factored(a - b)
                raise StepFailed(f"{self.title}: {shown} fails in entry {index}: the sides differ by {difference}")
        self._add(shown, reason, "canonical form of the difference is 0")

    def differs(self, left: Shown, right: Shown, reason: str, value: object = None) -> None:
        """State ``left != right`` as elements of the field (some point of the domain tells them apart)."""
        shown = rf"{latex(left)} \neq {latex(right)}"
        if all(self.field.is_zero(a - b) for a, b in _pairs(left if value is None else value, right)):
            raise StepFailed(f"{self.title}: {shown} fails: the sides are equal")
        self._add(shown, reason, "canonical form of the difference is not 0")

    def positive(
        self, shown: Shown, expression: sp.Expr, reason: str, positive: Mapping[sp.Expr, sp.Expr] | None = None
    ) -> None:
        """State ``shown > 0`` for all positive values of the symbols and check it by signs of coefficients.

        After the substitution ``positive`` (which maps the domain onto positive symbols, for example ``B = b/(1 + b)``
        for ``0 < B < 1``) the canonical numerator and denominator must be polynomials with positive coefficients only.
        """
        substituted = self.field.normal(sp.sympify(expression).xreplace(dict(positive or {})))
        statement = f"{latex(shown)} > 0"
        for part in sp.fraction(sp.together(substituted)):
            coefficients = sp.Poly(part, *sorted(part.free_symbols, key=str)).coeffs() if part.free_symbols else [part]
            if not all(coefficient.is_positive for coefficient in coefficients):
                raise StepFailed(f"{self.title}: {statement} is not shown: {substituted} has a coefficient <= 0")
        self._add(statement, reason, "all coefficients of numerator and denominator are positive")

    def holds(self, statement: str, decided: bool | Callable[[], bool], reason: str, method: str) -> None:
        """State something decided exactly by other means, which ``method`` names."""
        if not (decided() if callable(decided) else decided):
            raise StepFailed(f"{self.title}: {statement} fails ({method})")
        self._add(statement, reason, method)

    def include(self, other: "Derivation") -> None:
        """Append the steps of another derivation, a lemma."""
        self._steps.extend(other.steps)

    def _add(self, statement: str, reason: str, method: str) -> None:
        self._steps.append(Step(statement, reason, method))


def _pairs(left: object, right: object) -> Sequence[tuple[sp.Expr, sp.Expr]]:
    lefts, rights = _entries(left), _entries(right)
    if len(rights) == 1:
        rights *= len(lefts)
    if len(lefts) != len(rights):
        raise StepFailed(f"shapes differ: {len(lefts)} entries against {len(rights)}")
    return list(zip(lefts, rights, strict=True))


def _entries(value: object) -> list[sp.Expr]:
    if isinstance(value, sp.MatrixBase):
        return list(value)
    if isinstance(value, sp.NDimArray):
        return list(sp.flatten(value.tolist())) if value.rank() else [value[()]]
    if isinstance(value, list | tuple):
        return [entry for item in value for entry in _entries(item)]
    return [sp.sympify(value)]
