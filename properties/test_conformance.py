"""What is true of every exponential family, checked on each shipped one and on a user's own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from properties.checks import agree, at_most
from properties.claims import claim
from properties.quadrature import Unresolved, score_moments
from properties.subjects import batched, compiled, family_of, points


def only_if_exponential(family):
    if family_of(family).log_partition is None:
        pytest.skip(f"{family_of(family).name} is not given as an exponential family")


def _points(name):
    return {"theta": points(name, span=2.5)}


def _pairs(name):
    return {"theta": points(name, span=1.5), "other": points(name, span=1.5)}


def _pulled_back(family):
    """Metric and skewness from automatic differentiation of the log-partition function."""
    natural, log_partition = compiled(family, "natural"), compiled(family, "log_partition")

    def expectation(theta):
        return jnp.linalg.solve(jax.jacfwd(natural)(theta).T, jax.grad(log_partition)(theta))

    def covariance(theta):
        return jnp.linalg.solve(jax.jacfwd(natural)(theta).T, jax.jacfwd(expectation)(theta).T)

    def tensors(theta):
        jacobian = jax.jacfwd(natural)(theta)
        metric = jacobian.T @ jax.jacfwd(expectation)(theta)
        return metric, jnp.einsum("ija,ib,jc->abc", jax.jacfwd(covariance)(theta), jacobian, jacobian)

    return jax.jit(jax.vmap(tensors))


_TENSORS = {}


def _frames(theta, family):
    """The inverse square roots of the metric's diagonal: components are compared in units of their coordinates."""
    return 1 / np.sqrt(np.einsum("nii->ni", np.asarray(batched(family, "metric")(theta))))


@claim(
    "fisher-metric-is-hessian",
    evidence="property",
    per_family=True,
    given=_points,
    metric_factor=1.0,
    skewness_factor=1.0,
    falsifiers={"metric doubled": {"metric_factor": 2.0}, "skewness of the other sign": {"skewness_factor": -1.0}},
)
def test_derivatives_of_the_log_partition(theta, family, metric_factor, skewness_factor):
    only_if_exponential(family)
    if family not in _TENSORS:
        _TENSORS[family] = _pulled_back(family)
    metric, skewness = _TENSORS[family](theta)
    unit = _frames(theta, family)
    two, three = np.einsum("ni,nj->nij", unit, unit), np.einsum("ni,nj,nk->nijk", unit, unit, unit)
    # Nested automatic differentiation through a linear solve; 1000 examples left 8e-13 in the metric.
    agree(two * batched(family, "metric")(theta), metric_factor * two * metric, tolerance=1e-11, scale=1.0)
    agree(three * batched(family, "skewness")(theta), skewness_factor * three * skewness, tolerance=1e-9, scale=1.0)


@claim(
    "fisher-metric-is-hessian",
    evidence="property",
    per_family=True,
    given=_points,
    metric_factor=1.0,
    skewness_factor=1.0,
    falsifiers={"metric doubled": {"metric_factor": 2.0}, "skewness of the other sign": {"skewness_factor": -1.0}},
)
def test_moments_of_the_score(theta, family, metric_factor, skewness_factor):
    if not family_of(family).statistics and family_of(family).log_density is None:
        pytest.skip(f"{family_of(family).name}: the density is not given")
    unit = _frames(theta, family)
    metric, skewness = batched(family, "metric")(theta), batched(family, "skewness")(theta)
    for x, u, g, t in zip(theta, unit, np.asarray(metric), np.asarray(skewness), strict=True):
        try:
            log_partition, second, third = score_moments(family, x)
        except Unresolved:
            continue
        stated = compiled(family, "log_partition")(x) if family_of(family).log_partition is not None else 0.0
        agree(stated, log_partition, tolerance=1e-12, scale=1 + abs(log_partition))
        frame = np.outer(u, u)
        agree(frame * g, metric_factor * frame * second, tolerance=1e-11, scale=1.0)
        frame = np.einsum("i,j,k->ijk", u, u, u)
        agree(frame * t, skewness_factor * frame * third, tolerance=1e-10, scale=1.0)


@claim(
    "curvature-from-third-cumulants",
    evidence="property",
    per_family=True,
    given=_points,
    factor=0.25,
    swapped=False,
    falsifiers={"factor 1/2": {"factor": 0.5}, "last indices exchanged": {"swapped": True}},
)
def test_riemann_from_skewness(theta, family, factor, swapped):
    only_if_exponential(family)
    if family_of(family).dimension == 1:
        pytest.skip("one-dimensional families have no curvature")
    inverse, t = np.asarray(batched(family, "inverse_metric")(theta)), np.asarray(batched(family, "skewness")(theta))
    pairs = np.einsum("nab,nila,njkb->nijkl", inverse, t, t)
    identity = factor * (pairs - np.swapaxes(pairs, 3, 4))
    if swapped:
        identity = np.swapaxes(identity, 3, 4)
    unit = _frames(theta, family)
    frame = np.einsum("ni,nj,nk,nl->nijkl", unit, unit, unit, unit)
    size = 1 + np.max(np.abs(frame * np.einsum("nijkl->nijkl", np.abs(pairs))), axis=(1, 2, 3, 4), keepdims=True)
    agree(frame * batched(family, "riemann")(theta), frame * identity, tolerance=1e-14, scale=size)


@claim(
    "kl-expansion",
    evidence="property",
    per_family=True,
    given=_pairs,
    third=1 / 6,
    falsifiers={"reverse divergence": {"third": 1 / 3}, "third order forgotten": {"third": 0.0}},
)
def test_expansion_of_the_divergence(theta, other, family, third):
    only_if_exponential(family)
    divergence = batched(family, "kl")
    # Without a form of its own the divergence is a difference of log-partitions, with their rounding.
    size = 1 + np.abs(jax.vmap(compiled(family, "log_partition"))(np.stack([theta, other]).reshape(-1, theta.shape[1])))
    scale = size.reshape(2, -1).max(axis=0)
    at_most(-np.asarray(divergence(theta, other)), 0.0, slack=1e-14, scale=scale)
    at_most(divergence(theta, theta), 0.0, slack=1e-14, scale=scale)
    # What is left over the cube of the step is a fourth cumulant times the step; two steps extrapolate it away.
    coarse, fine = (_remainder(theta, other, family, third, step) for step in (1e-3, 5e-4))
    agree(2 * fine - coarse, np.zeros(len(theta)), tolerance=1e-3, scale=1.0)


def _remainder(theta, other, family, third, step):
    """What second and third order leave of the divergence over a way of the given length, over the cube of the step."""
    natural = jax.vmap(compiled(family, "natural"))
    jacobian = np.asarray(jax.vmap(jax.jacfwd(compiled(family, "natural")))(theta))
    metric, skewness = np.asarray(batched(family, "metric")(theta)), np.asarray(batched(family, "skewness")(theta))
    direction = np.where(np.abs(other - theta) > 1e-6, other - theta, 1.0)
    direction = step * direction / np.sqrt(np.einsum("ni,nij,nj->n", direction, metric, direction))[:, None]
    moved = theta + direction
    # The change of the natural parameters, in components of the chart.
    v = np.linalg.solve(jacobian, np.asarray(natural(moved) - natural(theta))[..., None])[..., 0]
    second = 0.5 * np.einsum("nij,ni,nj->n", metric, v, v)
    cubic = third * np.einsum("nijk,ni,nj,nk->n", skewness, v, v, v)
    return (np.asarray(batched(family, "kl")(theta, moved)) - second - cubic) / step**3
