"""LaTeX and MathML of statements."""

import latex2mathml.converter
import sympy as sp

Shown = object


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
