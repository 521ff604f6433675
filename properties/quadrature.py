"""Moments of the sufficient statistics, or of the score of a density, by sums over the support of a family.

An oracle that needs neither log-partition nor geometry: only the statistics and the base measure, or the density.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from jax import Array

from numerics import supports
from numerics.density_family import DensityFamily
from numerics.exponential_family import ExponentialFamily
from properties.compilation import loop_jit, optimised_jit
from properties.matrix_nodes import matrix_nodes
from properties.nodes import Unresolved, circle_nodes, grid_nodes, integer_nodes, line_nodes, sphere_nodes
from properties.subjects import charts_of, family_of, geometry_of

_CHUNK = 2**15
_DROP = 60.0


class Moments(NamedTuple):
    """Logarithm of the normaliser, entropy, and mean, covariance and third central moment of the score."""

    log_total: float
    entropy: float
    mean: np.ndarray
    second: np.ndarray
    third: np.ndarray


def resolved_moments(name: str, theta: np.ndarray) -> Iterator[tuple[np.ndarray, Moments]]:
    """The first of some usual points at which the sums are good enough to be an oracle, with the moments; or none."""
    for x in theta:
        try:
            yield x, score_moments(name, x)
        except Unresolved:
            continue
        return


def score_moments(name: str, theta: np.ndarray) -> Moments:
    """Moments of the score at one usual point; log-partition, or 0 for a density, must come out as the normaliser.

    Raises:
        Unresolved: where the sum is not good enough to be an oracle.
    """
    return _score_moments(name, tuple(theta))


@lru_cache(maxsize=64)  # the corner comes back in every batch of points
def _score_moments(name: str, theta: tuple[float, ...]) -> Moments:
    family = geometry_of(name).family
    if isinstance(family, DensityFamily):
        log_density, score = _density(name)
        x, log_measure = _nodes(name, np.array(theta), lambda v: log_density(v, *theta))
        scores = score(x, *theta).T
        return _moments(log_density(x, *theta), log_measure, scores, 0.0, np.eye(scores.shape[1]))
    natural, expectation, jacobian = (np.asarray(v) for v in _parameters(name)(np.array(theta)))
    evaluate = _statistics(name)

    def log_weight(x: np.ndarray) -> np.ndarray:
        values, log_base = evaluate(x)
        return values @ natural + log_base

    x, log_measure = _nodes(name, np.array(theta), log_weight)
    values, log_base = evaluate(x)
    return _moments(values @ natural + log_base, log_measure, values, expectation, jacobian)


def _moments(
    log_weight: np.ndarray,
    log_measure: np.ndarray,
    values: np.ndarray,
    stated_mean: np.ndarray | float,
    jacobian: np.ndarray,
) -> Moments:
    exponent = log_weight + log_measure
    top = exponent.max()
    if not np.isfinite(top):
        raise Unresolved("the weights are not finite")
    # The rest, however many nodes, adds less than rounding; there the values may be infinite.
    heavy = exponent > top - _DROP
    log_weight, values, weights = log_weight[heavy], values[heavy], np.exp(exponent[heavy] - top)
    total = weights.sum()
    weights = weights / total
    log_total = float(top + np.log(total))
    entropy = log_total - float(weights @ log_weight)
    mean = weights @ values
    # Centred first: the columns of the Jacobian may cancel.
    centred = (values - mean) @ jacobian
    second = np.einsum("n,na,nb->ab", weights, centred, centred, optimize=True)
    third = np.einsum("n,na,nb,nc->abc", weights, centred, centred, centred, optimize=True)
    return Moments(log_total, entropy, (mean - stated_mean) @ jacobian, second, third)


def _exponential(name: str) -> ExponentialFamily:
    family = geometry_of(name).family
    if not isinstance(family, ExponentialFamily):
        raise TypeError(f"{name} is no exponential family")
    return family


@cache
def _parameters(name: str) -> Callable[[np.ndarray], tuple[Array, Array, Array]]:
    """Natural and expectation parameters at a usual point, and the Jacobian of the natural ones."""
    usual = geometry_of(name)

    def natural(theta: Array) -> Array:
        return usual.convert(theta, "natural")

    return jax.jit(lambda theta: (natural(theta), usual.convert(theta, "expectation"), jax.jacfwd(natural)(theta)))


@cache
def _statistics(name: str) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    family = _exponential(name)
    # Grids of a million nodes: slow where compiled lightly.
    compiled = optimised_jit(jax.vmap(lambda x: (family.statistics(x), family.log_base_measure(x))))

    def evaluate(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if len(x) <= _CHUNK:
            values, log_base = compiled(x)
            return np.asarray(values), np.asarray(log_base)
        # Chunks of one size, the last one filled up: grids of all sizes share one compilation.
        padded = np.concatenate([x, np.broadcast_to(x[-1:], (-len(x) % _CHUNK, *x.shape[1:]))])
        parts = [compiled(part) for part in padded.reshape(-1, _CHUNK, *x.shape[1:])]
        values, log_base = (np.concatenate([np.asarray(part[k]) for part in parts])[: len(x)] for k in (0, 1))
        return values, log_base

    return evaluate


@cache
def _density(name: str) -> tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]:
    family = family_of(name)
    arguments = (family.variable, *family.coordinates)
    score = [sp.lambdify(arguments, sp.diff(family.log_density, c), "numpy") for c in family.coordinates]
    log_density = sp.lambdify(arguments, family.log_density, "numpy")
    return log_density, lambda x, *theta: np.stack([np.broadcast_to(f(x, *theta), np.shape(x)) for f in score])


def _nodes(
    name: str, theta: np.ndarray, log_weight: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Points of the support, and the logarithm of the measure that each stands for."""
    usual = geometry_of(name)
    support = usual.family.support
    match support:
        case supports.Finite():
            return support.atoms.astype(np.float64), np.zeros(len(support.atoms))
        case supports.Counts():
            return integer_nodes(support, log_weight)
        case supports.Line():
            return circle_nodes(support) if _is_periodic(name, support) else line_nodes(support, log_weight)
        case supports.Sphere():
            return sphere_nodes(support)
        case _:
            observations = np.asarray(_sampler(name)(jnp.asarray(theta)))
            if isinstance(support, supports.Matrices):
                return matrix_nodes(observations, log_weight)
            return grid_nodes(support, observations, log_weight)


@cache
def _sampler(name: str) -> Callable[[Array], Array]:
    """Four thousand observations at a usual point, to place a grid by."""
    usual = geometry_of(name)
    # Loops that reject: slow where compiled lightly.
    return loop_jit(lambda theta: usual.sample(jax.random.key(0), theta, (4000,)))


def _is_periodic(name: str, support: supports.Line) -> bool:
    """Whether the statistics agree at both ends of a finite interval, as functions on a circle do."""
    if support.periodic or not (np.isfinite(support.lower) and np.isfinite(support.upper)):
        return support.periodic
    if "natural" not in charts_of(name):
        return False
    with np.errstate(all="ignore"):
        values, log_base = _statistics(name)(np.array([support.lower, support.upper]))
    ends = np.column_stack([values, log_base])
    return bool(np.isfinite(ends).all() and np.allclose(ends[0], ends[1], atol=1e-14))
