"""Moments of the score by quadrature over the density: an oracle that needs neither log-partition nor geometry."""

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import sympy as sp
from scipy.optimize import minimize_scalar

from derivations.family import Family
from properties.subjects import family_of

_NODES = 2001

Function = Callable[..., np.ndarray]


class Unresolved(ArithmeticError):
    """Too much mass lies too close to an end of the support for the quadrature to resolve the density."""


def score_moments(name: str, theta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Log-normaliser, second and third moments of the score at one point.

    The density of an exponential family is ``exp(eta . s(x)) h(x)`` up to its normaliser, which is summed up too, and
    the score is ``(d eta)^T (s - E s)``; any other density is differentiated and its normaliser must come out as 1.

    Returns:
        ``psi`` (0 for a density), the matrix ``E[score score]`` and the array ``E[score score score]``.

    Raises:
        Unresolved: where the quadrature is not good enough to be an oracle.
    """
    log_weight, score = (_exponential if family_of(name).log_density is None else _density)(name)
    x, spacing = _nodes(name, lambda v: float(log_weight(v, *theta)))
    exponent = log_weight(x, *theta)
    top = exponent.max()
    weights = np.exp(exponent - top) * spacing
    if max(weights[0], weights[-1]) > 1e-13 * weights.max() and not _is_periodic(name):
        raise Unresolved(f"the nodes for {name} at {theta} cut off part of the density")
    total = weights.sum()
    weights = weights / total
    values = score(x, *theta)
    values = values - (values @ weights)[:, None]
    second = np.einsum("an,bn,n->ab", values, values, weights)
    third = np.einsum("an,bn,cn,n->abc", values, values, values, weights)
    return float(top + np.log(total)), second, third


@cache
def _exponential(name: str) -> tuple[Function, Function]:
    """``eta . s + log h`` and ``(d eta)^T s``, which is the score up to a constant."""
    family = family_of(name)
    natural, statistics = sp.Matrix(family.natural), sp.Matrix(family.statistics)
    log_weight = (natural.T * statistics)[0] + family.log_base_measure
    return _numpy(family, log_weight), _stacked(family, natural.jacobian(family.coordinates).T * statistics)


@cache
def _density(name: str) -> tuple[Function, Function]:
    family = family_of(name)
    score = [sp.diff(family.log_density, c) for c in family.coordinates]
    return _numpy(family, family.log_density), _stacked(family, score)


def _numpy(family: Family, expression: sp.Expr) -> Function:
    return sp.lambdify((family.variable, *family.coordinates), expression, "numpy")


def _stacked(family: Family, expressions: Iterable[sp.Expr]) -> Function:
    functions = [_numpy(family, expression) for expression in expressions]
    return lambda x, *theta: np.stack([np.broadcast_to(f(x, *theta), np.shape(x)) for f in functions])


def _is_periodic(name: str) -> bool:
    family = family_of(name)
    lower, upper = family.support or (-sp.oo, sp.oo)
    if not (lower.is_finite and upper.is_finite):
        return False
    if not family.statistics:
        return False
    ends = [[s.subs(family.variable, end) for s in family.statistics] for end in (lower, upper)]
    return all(sp.expand(a - b) == 0 for a, b in zip(*ends, strict=True))


def _nodes(name: str, log_weight: Callable[[float], float]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on the support: trapezoidal rules after a substitution that makes the ends harmless."""
    lower, upper = (float(end) for end in family_of(name).support or (-sp.oo, sp.oo))
    if _is_periodic(name):
        x = np.linspace(lower, upper, _NODES, endpoint=False)
        return x, np.full_like(x, (upper - lower) / _NODES)
    if np.isfinite(lower) and np.isfinite(upper):
        t = np.linspace(-3.2, 3.2, _NODES)
        inner = np.tanh(np.pi / 2 * np.sinh(t))
        slope = np.pi / 2 * np.cosh(t) / np.cosh(np.pi / 2 * np.sinh(t)) ** 2
        x = lower + (upper - lower) * (1 + inner) / 2
        within = (lower < x) & (x < upper)
        return x[within], (upper - lower) / 2 * slope[within] * (t[1] - t[0])
    if np.isfinite(lower) or np.isfinite(upper):
        end, sign = (lower, 1.0) if np.isfinite(lower) else (upper, -1.0)
        mode = minimize_scalar(lambda s: -log_weight(end + sign * np.exp(s)) - s, bounds=(-40, 40), method="bounded").x
        t = np.linspace(mode - 60, mode + 12, 4 * _NODES)
        return end + sign * np.exp(t), np.exp(t) * (t[1] - t[0])
    mode = np.sinh(minimize_scalar(lambda s: -log_weight(np.sinh(s)), bounds=(-12, 12), method="bounded").x)
    step = 1e-4 * (1 + abs(mode))
    bend = (2 * log_weight(mode) - log_weight(mode + step) - log_weight(mode - step)) / step**2
    width = 1 / np.sqrt(max(bend, 1e-12))
    # Far enough out for tails like 1/x**2, whose weight falls like exp(-|t|).
    t = np.linspace(-33, 33, 2 * _NODES)
    return mode + width * np.sinh(t), width * np.cosh(t) * (t[1] - t[0])
