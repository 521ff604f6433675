"""Laws of growth fitted to the curvature of critical lattices, and what they predict for larger ones.

With n spins and sides of L: a power ``|R| = C n^d exp(c/L)``, and a logarithm ``|R| = n (a ln L + b + c/L)``; each also
without its correction c. Residuals are relative.
"""

from dataclasses import dataclass

import numpy as np

# Titles of the tables that the checks put on record.
VALUES, EXPONENTS = "Critical Ising tori, exactly", "Exact exponents between neighbouring sizes"
HELD_OUT = (96, 128)


@dataclass(frozen=True)
class Fit:
    """A law fitted to some sizes.

    Attributes:
        law: ``"power"`` or ``"logarithm"``.
        growth: the exponent d, or a.
        residual: the largest relative one among the sizes fitted.
        prediction: ``|R|`` by the law at all sizes that were asked for.
    """

    law: str
    growth: float
    residual: float
    prediction: np.ndarray


@dataclass(frozen=True)
class Slope:
    """The exponent of a power law through values with independent normal errors.

    Attributes:
        exponent: d.
        error: its standard error.
        chi_squared: the sum of squares of residuals in standard errors.
        freedom: how many more sizes there are than constants.
    """

    exponent: float
    error: float
    chi_squared: float
    freedom: int


def fit(law: str, sizes: np.ndarray, curvatures: np.ndarray, asked: np.ndarray, dimension: int, corrected: bool) -> Fit:
    """Least squares of relative residuals, all sizes alike.

    Args:
        law: ``"power"`` or ``"logarithm"``.
        sizes: L of the sizes fitted, shape (k,).
        curvatures: ``|R|`` there, shape (k,).
        asked: L of the sizes to predict, shape (j,).
        dimension: of the lattice.
        corrected: whether there is a term in 1/L.
    """
    if law not in ("power", "logarithm"):
        raise ValueError(f"law = {law!r}; its domain is power, logarithm")
    constants, design = _solve(law, sizes, curvatures, dimension, corrected)
    fitted = _values(law, design, constants, sizes, dimension)
    prediction = _values(law, _columns(asked, dimension, corrected, law), constants, asked, dimension)
    return Fit(law, float(constants[0]), float(np.max(np.abs(fitted / curvatures - 1))), prediction)


def exponents(sizes: np.ndarray, curvatures: np.ndarray, dimension: int) -> np.ndarray:
    """``d ln|R| / d ln n`` between neighbouring sizes, shape (k - 1,)."""
    return np.diff(np.log(curvatures)) / np.diff(dimension * np.log(sizes))


def weighted_slope(sizes: np.ndarray, curvatures: np.ndarray, errors: np.ndarray, dimension: int) -> Slope:
    """Fit ``|R| = C n^d`` to estimates, each with the weight of its error.

    Args:
        sizes: L, shape (k,) with k >= 3.
        curvatures: ``|R|``, shape (k,).
        errors: their standard errors, shape (k,), small against them.
        dimension: of the lattice.
    """
    weights = curvatures / errors
    design = np.stack([dimension * np.log(sizes), np.ones(len(sizes))], axis=1) * weights[:, None]
    target = np.log(curvatures) * weights
    constants = np.linalg.lstsq(design, target, rcond=None)[0]
    covariance = np.linalg.inv(design.T @ design)
    residuals = target - design @ constants
    return Slope(float(constants[0]), float(covariance[0, 0] ** 0.5), float(residuals @ residuals), len(sizes) - 2)


def _solve(
    law: str, sizes: np.ndarray, curvatures: np.ndarray, dimension: int, corrected: bool
) -> tuple[np.ndarray, np.ndarray]:
    design = _columns(sizes, dimension, corrected, law)
    if law == "power":
        return np.linalg.lstsq(design, np.log(curvatures), rcond=None)[0], design
    each = curvatures / sizes.astype(float) ** dimension
    return np.linalg.lstsq(design / each[:, None], np.ones(len(sizes)), rcond=None)[0], design


def _columns(sizes: np.ndarray, dimension: int, corrected: bool, law: str) -> np.ndarray:
    growing = np.log(sizes) * (dimension if law == "power" else 1)
    columns = [growing, np.ones(len(sizes))] + ([1.0 / sizes] if corrected else [])
    return np.stack(columns, axis=1)


def _values(law: str, design: np.ndarray, constants: np.ndarray, sizes: np.ndarray, dimension: int) -> np.ndarray:
    found = design @ constants
    return np.exp(found) if law == "power" else found * sizes.astype(float) ** dimension
