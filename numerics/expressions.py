"""SymPy expressions on their way to JAX: arrays become lists, symbols Python names, constants numbers."""

import keyword
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator

import numpy as np
import sympy as sp

from derivations import bessel, elementary
from numerics.functions import UnsupportedFunction


def flatten(value: object) -> tuple[list[sp.Basic], tuple[int, ...]]:
    """The entries and the shape of an expression, array, matrix or nested list.

    Raises:
        ValueError: for ragged or empty lists, and for what is no SymPy expression.
    """
    if isinstance(value, sp.NDimArray):
        value = value.tolist() if value.shape else value[()]
    elif isinstance(value, sp.MatrixBase | np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple | sp.Tuple):
        return [sp.sympify(value, strict=True)], ()
    parts = [flatten(part) for part in value]
    if len({shape for _, shape in parts}) != 1:
        raise ValueError("expressions must be one, or a rectangular array of at least one")
    return [entry for entries, _ in parts for entry in entries], (len(parts), *parts[0][1])


def identifiers(symbols: Iterable[sp.Basic], reserved: Iterable[str] = ()) -> dict[sp.Basic, str]:
    """A Python name for each symbol, all different: its own where it can be.

    Names that are keywords or reserved, and those that begin with an underscore, which is left to temporaries, get
    underscores at their end.
    """
    taken, names = set(reserved), {}
    for symbol in symbols:
        name = unicodedata.normalize("NFKC", str(getattr(symbol, "name", symbol)))
        name = re.sub(r"\W", "_", name.replace("{", "").replace("}", "").replace("'", "prime"))
        name = name if name.isidentifier() else f"_{name}"
        if name.startswith("_"):
            name += "_"
        while name in taken or keyword.iskeyword(name):
            name += "_"
        taken.add(name)
        names[symbol] = name
    return names


def constants(expression: sp.Basic) -> Iterator[sp.Expr]:
    """The largest subexpressions without symbols that are more than one number, such as ``sqrt(2)/3``."""
    if expression.args and getattr(expression, "is_number", False):
        yield expression
    else:
        for argument in expression.args:
            yield from constants(argument)


def number(constant: sp.Expr) -> str:
    """The Python literal of a real constant.

    Raises:
        UnsupportedFunction: naming a constant that is not real, not finite or too large for a float.
    """
    value = constant
    if not constant.is_Rational:  # the quotient of two integers is rounded correctly as it is
        value = bessel.riccati(elementary.logarithmic(constant)).replace(
            bessel.LogBesselI0, lambda k: sp.log(sp.besseli(0, k))
        )
        value = value.replace(bessel.BesselRatio, lambda _, k: sp.besseli(1, k) / sp.besseli(0, k)).evalf(20)
        real, imaginary = value.as_real_imag()
        # Cube roots of complex numbers may be real, up to an error of the evaluation; chop=True would lose digits.
        if real.is_Float and imaginary.is_Float and abs(imaginary) < 1e-16 * abs(real):
            value = real
    try:
        result = value.p / value.q if value.is_Rational else float(value)
    except (TypeError, OverflowError):
        result = math.nan
    if not math.isfinite(result):
        raise UnsupportedFunction(f"{type(constant).__name__} (in {constant}) is no real number that fits into a float")
    return repr(result)
