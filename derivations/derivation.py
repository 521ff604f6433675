"""A derivation: exact steps, each re-checked when it is written down.

A step is a statement, the reason for it and the method that checked it. A step that does not check raises
:class:`StepFailed`, so a :class:`Derivation` that exists is one whose steps all hold.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from derivations.fields import Field
from derivations.shapes import entry_pairs
from derivations.signs import NotShown, all_signs_positive, point_apart
from derivations.typeset import Shown, html_text, latex, latex_text, mathml


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
        lines = [rf"  & {step.statement} && {latex_text(step.reason)}" for step in self._steps]
        return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"

    def mathml(self) -> str:
        """The derivation as an HTML ordered list of MathML statements with their reasons."""
        items = [f"  <li>{step.mathml} <span>{html_text(step.reason)}</span></li>" for step in self._steps]
        return "<ol>\n" + "\n".join(items) + "\n</ol>"

    def given(self, left: Shown, right: Shown, reason: str) -> None:
        """State a definition, a hypothesis or a cited result; the report marks it as not checked here."""
        self._add(f"{latex(left)} = {latex(right)}", reason, "given")

    def stated(self, statement: str, reason: str) -> None:
        """State what follows from earlier steps by an argument in words; the report marks it as not checked here."""
        self._add(statement, reason, "argument")

    def computed(self, left: Shown, right: Shown, reason: str) -> None:
        """State the result of an exact computation, as its definition gives it."""
        self._add(f"{latex(left)} = {latex(right)}", reason, "computed exactly")

    def equal(self, left: Shown, right: Shown, reason: str, value: object = None) -> None:
        """State ``left = right`` and check it entry by entry in the field.

        Args:
            left: the expression, array or matrix shown on the left; LaTeX text if ``value`` is given.
            right: the array or matrix of the same shape that it equals, or one expression that every entry equals; a
                list of n entries has the shape of a row and of a column of n entries.
            reason: why.
            value: what ``left`` stands for, when it is shown in another form (a name, an unevaluated operation).
        """
        shown = f"{latex(left)} = {latex(right)}"
        for index, (a, b) in enumerate(self._pairs(shown, left if value is None else value, right)):
            if not self.field.is_zero(a - b):
                difference = self.field.factored(a - b)
                raise StepFailed(f"{self.title}: {shown} fails in entry {index}: the sides differ by {difference}")
        self._add(shown, reason, "canonical form of the difference is 0")

    def differs(self, left: Shown, right: Shown, reason: str, value: object = None) -> None:
        """State ``left != right`` and check it at a rational point where the values of some entry clearly differ.

        Values are computed to 30 certain digits. Only then are the sides known to differ: the zero-test of the field
        does not know every relation between its generators.
        """
        shown = rf"{latex(left)} \neq {latex(right)}"
        differences = [a - b for a, b in self._pairs(shown, left if value is None else value, right)]
        unequal = [difference for difference in differences if not self.field.is_zero(difference)]
        if not unequal:
            raise StepFailed(f"{self.title}: {shown} fails: the sides are equal")
        for difference in unequal:
            if found := point_apart(self.field.rewritten(difference)):
                return self._add(shown, reason, f"the difference is not 0 {found}")
        raise StepFailed(f"{self.title}: {shown} is not shown: no point was found where the sides differ")

    def positive(
        self, shown: Shown, expression: sp.Expr, reason: str, positive: Mapping[sp.Expr, sp.Expr] | None = None
    ) -> None:
        """State ``shown > 0`` for all positive values of the symbols and check it by signs of coefficients.

        After the substitution ``positive`` (which maps the domain onto positive symbols, for example ``B = b/(1 + b)``
        for ``0 < B < 1``) numerator and denominator must be polynomials with positive coefficients only, in positive
        symbols and other terms known to be positive, such as roots and exponentials.
        """
        statement = f"{latex(shown)} > 0"
        try:
            all_signs_positive(self.field.fraction(sp.sympify(expression).xreplace(dict(positive or {}))))
        except NotShown as error:
            raise StepFailed(f"{self.title}: {statement} is not shown: {error}") from None
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

    def _pairs(self, shown: str, left: object, right: object) -> list[tuple[sp.Expr, sp.Expr]]:
        try:
            return entry_pairs(left, right)
        except ValueError as error:
            raise StepFailed(f"{self.title}: {shown} fails: {error}") from None
