"""Index notation: tensor identities as text that people read and every kind of arithmetic evaluates.

``1/4 g^mn T_ilm T_jkn - 1/4 g^mn T_ikm T_jln`` is a sum of terms: a rational factor and tensors with upper (``^``) and
lower (``_``) indices, summed over every letter that stands above and below. ``∂`` and ``∇`` before a name add one lower
index in front: ``∂Γ_k^i_lj`` is the derivative by coordinate k of ``Γ^i_lj``.

One text serves exact polynomials, residues modulo a prime, floating-point arrays and bounds of degrees: each is an
:class:`Arithmetic`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Protocol

_COEFFICIENT = re.compile(r"\d+(/\d+)?")
_TENSOR = re.compile(r"(?P<name>[^\s\d_^+-][^\s_^]*)(?P<indices>([_^][a-z]+)*)")
_GREEK = {"Γ": r"\Gamma", "∂": r"\partial", "∇": r"\nabla", "α": r"\alpha", "ψ": r"\psi"}


class Arithmetic(Protocol):
    """What evaluating a text needs; values are whatever the arithmetic makes of a tensor."""

    def contract(self, subscripts: str, operands: Sequence[Any]) -> Any:
        """The sum of products, in the notation of ``numpy.einsum``."""

    def combine(self, terms: Sequence[tuple[Fraction, Any]]) -> Any:
        """The linear combination of values of one shape."""


@dataclass(frozen=True)
class Tensor:
    """A name with its indices and whether each stands above or below."""

    name: str
    indices: str
    places: str

    @property
    def key(self) -> str:
        """What tells tensors apart: the name and the places, ``g^^`` for the inverse metric."""
        return self.name + self.places

    def latex(self) -> str:
        """LaTeX, with ``∂`` and ``∇`` carrying the first indices."""
        name, indices, places, front = self.name, self.indices, self.places, ""
        while name[0] in "∂∇":
            front += f"{_GREEK[name[0]]}_{{{indices[0]}}} "
            name, indices, places = name[1:], indices[1:], places[1:]
        runs = [match.span() for match in re.finditer(r"\^+|_+", places)]
        shown = "{}".join(f"{places[start]}{{{indices[start:end]}}}" for start, end in runs)
        return front + _latex_name(name, bool(runs)) + shown


@dataclass(frozen=True)
class Term:
    """A rational factor times tensors."""

    factor: Fraction
    tensors: tuple[Tensor, ...]

    @property
    def free(self) -> frozenset[str]:
        """The indices that are not summed over."""
        letters = "".join(tensor.indices for tensor in self.tensors)
        return frozenset(letter for letter in letters if letters.count(letter) == 1)


@cache
def parse(text: str) -> tuple[Term, ...]:
    """The terms of a sum; ``0`` has none.

    Raises:
        ValueError: for what is no term, an index that does not stand once above and once below, and terms whose free
            indices differ.
    """
    terms: list[Term] = []
    for part in re.split(r"\s+(?=[+-]\s)", text.strip()):
        words = part.split()
        sign = -1 if words[0] == "-" else 1
        words = words[1:] if words[0] in "+-" else words
        factor = Fraction(sign)
        if words and _COEFFICIENT.fullmatch(words[0]):
            factor *= Fraction(words.pop(0))
        if factor:
            terms.append(Term(factor, tuple(_tensor(word, text) for word in words)))
    for term in terms:
        _check(term, text)
    if len({term.free for term in terms}) > 1:
        raise ValueError(f"the terms of {text!r} have different free indices")
    return tuple(terms)


def latex(text: str) -> str:
    """LaTeX of a sum or of an equation."""
    if "=" in text:
        return " = ".join(latex(side) for side in text.split("="))
    shown = ""
    for term in parse(text):
        size = abs(term.factor)
        factor = "" if size == 1 and term.tensors else str(size)
        if size.denominator > 1:
            factor = rf"\tfrac{{{size.numerator}}}{{{size.denominator}}}"
        sign = "-" if term.factor < 0 else "+" if shown else ""
        shown += f" {sign} {factor} {_latex_product(term.tensors)}"
    return re.sub(r"\s+", " ", shown).strip() or "0"


class Tensors:
    """Values of tensors, given or defined by texts and computed when first asked for.

    Args:
        arithmetic: of the values.
        given: values by pattern (``"g^ij"``) or key (``"g^^"``); they take precedence over definitions.
        definitions: equations ``"Ric_jl = g^ik R_ijkl"`` with one tensor on the left.
    """

    def __init__(self, arithmetic: Arithmetic, given: Mapping[str, Any], definitions: Iterable[str] = ()):
        self.arithmetic = arithmetic
        self._values = {_key(pattern): value for pattern, value in given.items()}
        self._definitions = dict(map(_definition, definitions))

    def __getitem__(self, pattern: str) -> Any:
        key = _key(pattern)
        if key not in self._values:
            if key not in self._definitions:
                raise KeyError(f"{pattern} is neither given nor defined")
            self._values[key] = self.value(*self._definitions[key])
        return self._values[key]

    def value(self, text: str, indices: str) -> Any:
        """The value of a sum, its axes in the order of ``indices``."""
        return self.arithmetic.combine([(term.factor, self._product(term, indices)) for term in parse(text)])

    def difference(self, left: str, right: str) -> Any:
        """``left - right``, its axes in alphabetical order.

        Raises:
            ValueError: if the sides have different free indices.
        """
        terms = [*parse(left), *(Term(-term.factor, term.tensors) for term in parse(right))]
        free = {term.free for term in terms}
        if len(free) != 1:
            raise ValueError(f"{left!r} and {right!r} have different free indices")
        indices = "".join(sorted(free.pop()))
        return self.arithmetic.combine([(term.factor, self._product(term, indices)) for term in terms])

    def _product(self, term: Term, indices: str) -> Any:
        if term.free != set(indices):
            raise ValueError(f"the free indices are {''.join(sorted(term.free))}, not {indices}")
        subscripts = ",".join(tensor.indices for tensor in term.tensors) + "->" + indices
        return self.arithmetic.contract(subscripts, [self[tensor.key] for tensor in term.tensors])


def _key(pattern: str) -> str:
    return pattern if re.search(r"[_^]$", pattern) else _tensor(pattern, pattern).key


def _definition(text: str) -> tuple[str, tuple[str, str]]:
    left, right = (side.strip() for side in text.split("="))
    tensor = _tensor(left, text)
    return tensor.key, (right, tensor.indices)


def _tensor(word: str, text: str) -> Tensor:
    match = _TENSOR.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} in {text!r} is no tensor; write it like Γ^i_jk")
    indices, places = "", ""
    for part in re.findall(r"[_^][a-z]+", match["indices"]):
        indices, places = indices + part[1:], places + part[0] * (len(part) - 1)
    return Tensor(match["name"], indices, places)


def _check(term: Term, text: str) -> None:
    if not term.tensors:
        raise ValueError(f"a term of {text!r} has no tensor")
    seen: dict[str, str] = {}
    for tensor in term.tensors:
        for letter, place in zip(tensor.indices, tensor.places, strict=True):
            seen[letter] = seen.get(letter, "") + place
    for letter, places in seen.items():
        if len(places) > 1 and sorted(places) != ["^", "_"]:
            raise ValueError(f"the index {letter} in {text!r} must stand once, or once above and once below")


def _latex_product(tensors: Sequence[Tensor]) -> str:
    shown = [tensor.latex() for tensor in tensors]
    powers = {name: shown.count(name) for tensor, name in zip(tensors, shown, strict=True) if not tensor.indices}
    return " ".join(f"{name}^{powers[name]}" if powers.get(name, 1) > 1 else name for name in dict.fromkeys(shown))


def _latex_name(name: str, indexed: bool) -> str:
    special = {
        "|T|²": "|T|^2",
        "|trT|²": r"|\operatorname{tr} T|^2",
        "Ric": r"\operatorname{Ric}",
        "Γα": r"{\Gamma^{(\alpha)}}",
        "Γ-α": r"{\Gamma^{(-\alpha)}}",
        "Rα": r"{R^{(\alpha)}}",
    }
    if name in special:
        return special[name]
    if match := re.fullmatch(r"([A-Z])([0-9])", name):
        return f"{match[1]}_{match[2]}"
    shown = "".join(_GREEK.get(character, character) for character in name)
    return shown if indexed or len(shown) == 1 or shown.startswith("\\") else rf"\mathrm{{{shown}}}"
