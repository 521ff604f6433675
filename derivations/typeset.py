"""LaTeX and MathML of statements."""

import html

import latex2mathml.converter
import sympy as sp

Shown = object

_SPECIAL = str.maketrans(
    {character: rf"\{character}" for character in "_&%#${}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
)


def latex(value: Shown) -> str:
    """LaTeX of a SymPy object; text is taken to be LaTeX already."""
    if isinstance(value, str):
        return value
    if isinstance(value, sp.NDimArray) and value.rank() == 2:
        value = sp.Matrix(value.tolist())
    return sp.latex(value, ln_notation=True)


def mathml(statement: str) -> str:
    """MathML of a LaTeX statement, set as display mathematics."""
    return latex2mathml.converter.convert(statement, display="block")


def latex_text(text: str) -> str:
    """Plain text as LaTeX text."""
    return rf"\text{{{text.translate(_SPECIAL)}}}"


def html_text(text: str) -> str:
    """Plain text as HTML."""
    return html.escape(text, quote=False)
