"""Divergences of every family: Bregman form, expansion, three points, the alpha-divergences and the dual potential."""

import numpy as np
import pytest

from derivations import legendre
from properties.bundles import pair_values, potential_values
from properties.checks import agree, at_most, derived
from properties.claims import claim
from properties.frames import units
from properties.quadrature import resolved_moments
from properties.subjects import batched, charts_of, has_entropy, is_quadratic, points, title_of

_SPAN = 1.5


def only_with_charts(family):
    if "natural" not in charts_of(family):
        pytest.skip(f"{title_of(family)} has no natural chart")


def _points(name):
    return {"theta": points(name, span=_SPAN)}


def _pairs(name):
    return {"theta": points(name, span=_SPAN), "other": points(name, span=_SPAN)}


def _triples(name):
    return _pairs(name) | {"third": points(name, span=_SPAN)}


@claim(
    "kl-is-bregman",
    evidence="property",
    per_family=True,
    given=_pairs,
    factor=1.0,
    falsifiers={"twice": {"factor": 2.0}, "half": {"factor": 0.5}},
)
def test_divergence_is_the_bregman_divergence_of_psi(theta, other, family, factor):
    """Against the plain difference of log-partitions, in two charts; never negative, and 0 for a point and itself."""
    only_with_charts(family)
    values = pair_values(family, theta, other)
    scale = 1 + values["scale"]
    agree(factor * values["kl"], values["bregman"], tolerance=1e-12, scale=scale)
    agree(values["natural_kl"], values["kl"], tolerance=1e-12, scale=scale)
    at_most(-values["kl"], 0.0, slack=1e-14, scale=scale)
    at_most(np.abs(values["itself"]), 0.0, slack=1e-14, scale=scale)


@claim(
    "kl-three-points",
    evidence="exact",
    swapped=False,
    falsifiers={"expectation and natural parameters exchanged": {"swapped": True}},
)
def test_three_points_of_a_bregman_divergence(swapped):
    """For any potential and any three points."""
    derived(legendre.three_points(swapped))


@claim(
    "kl-three-points",
    evidence="property",
    per_family=True,
    given=_triples,
    sign=1.0,
    falsifiers={"sign of the right side": {"sign": -1.0}},
)
def test_generalised_pythagorean_relation(theta, other, third, family, sign):
    """``KL(p || r) - KL(p || q) - KL(q || r) = (eta_q - eta_r) . (m_p - m_q)`` on every family."""
    only_with_charts(family)
    across, first, second = (pair_values(family, *pair) for pair in ((theta, third), (theta, other), (other, third)))
    left = across["kl"] - first["kl"] - second["kl"]
    eta, m = second["eta"] - second["eta_other"], second["m"] - first["m"]
    size = np.sum(np.abs(eta * m), axis=1) + across["kl"] + first["kl"] + second["kl"]
    agree(left, -sign * np.sum(eta * m, axis=1), tolerance=1e-12, scale=1 + size)


@claim(
    "kl-expansion",
    evidence="property",
    per_family=True,
    given=_pairs,
    third=1 / 6,
    falsifiers={"reverse divergence": {"third": 1 / 3}, "third order forgotten": {"third": 0.0}},
)
def test_expansion_of_the_divergence(theta, other, family, third):
    """What second and third order leave is of fourth order: two steps extrapolate it away."""
    only_with_charts(family)
    if is_quadratic(family):
        pytest.skip(f"{title_of(family)} has no third order")
    coarse, fine = (_remainder(theta, other, family, third, step) for step in (1e-3, 5e-4))
    agree(2 * fine - coarse, np.zeros(len(theta)), tolerance=1e-3, scale=1.0)


def _remainder(theta, other, family, third, step):
    """What second and third order leave of the divergence over a way of the given length, over the cube of the step."""
    values = potential_values(family, theta)
    metric, skewness = values["covariance"], values["third_cumulants"]
    direction = potential_values(family, other)["eta"] - values["eta"]
    unit = units(metric)
    direction = np.where(np.abs(direction) > 1e-6 * unit, direction, unit)
    v = step * direction / np.sqrt(np.einsum("ni,nij,nj->n", direction, metric, direction))[:, None]
    moved = values["eta"] + v
    v = moved - values["eta"]
    second = 0.5 * np.einsum("nij,ni,nj->n", metric, v, v)
    cubic = third * np.einsum("nijk,ni,nj,nk->n", skewness, v, v, v)
    return (np.asarray(batched(family, "kl", "natural")(values["eta"], moved)) - second - cubic) / step**3


@claim(
    "alpha-divergence",
    evidence="property",
    per_family=True,
    given=_pairs,
    hellinger=1.0,
    dual=True,
    falsifiers={"half of the Hellinger form": {"hellinger": 0.5}, "alpha does not change sign": {"dual": False}},
)
def test_alpha_divergences(theta, other, family, hellinger, dual):
    """At 0 the Hellinger form by the log-partition in the middle, at -1 and 1 the two divergences, and duality."""
    only_with_charts(family)
    if is_quadratic(family):
        pytest.skip(f"{title_of(family)}: all alpha-divergences are symmetric")
    values = pair_values(family, theta, other)
    forth, back = values["alpha"][:, 0], values["alpha"][:, 1]
    agree(hellinger * forth[:, 2], values["hellinger"], tolerance=1e-12, scale=1 + values["scale"])
    # The same formula, compiled twice.
    agree(forth[:, 0], values["kl"], tolerance=1e-12, scale=1e-3 + values["kl"])
    agree(forth[:, 4], values["reverse"], tolerance=1e-12, scale=1e-3 + values["reverse"])
    agree(forth[:, 1:4], (back[:, ::-1] if dual else back)[:, 1:4], tolerance=1e-9, scale=1e-3 + forth[:, 1:4])
    at_most(forth[:, 1:4], np.array([16 / 3, 4.0, 16 / 3]), slack=1e-14)


@claim(
    "legendre-duality",
    evidence="exact",
    sign=1,
    falsifiers={"dual potential of the other sign": {"sign": -1}},
)
def test_legendre_transform(sign):
    """``d phi = eta . dm`` and ``phi'' = (psi'')^-1``, from the jets of any potential."""
    derived(legendre.duality(sign))


@claim(
    "legendre-duality",
    evidence="property",
    per_family=True,
    given=_points,
    sign=1.0,
    falsifiers={"dual potential of the other sign": {"sign": -1.0}},
)
def test_dual_potential(theta, family, sign):
    """``phi = eta . m - psi``, by the potentials and parameters of the charts."""
    only_with_charts(family)
    values = potential_values(family, theta)
    product = np.einsum("ni,ni->n", values["eta"], values["m"])
    size = 1 + np.einsum("ni,ni->n", np.abs(values["eta"]), np.abs(values["m"])) + np.abs(values["log_partition"])
    agree(values["dual_potential"], sign * (product - values["log_partition"]), tolerance=1e-14, scale=size)


@claim(
    "legendre-duality",
    evidence="property",
    per_family=True,
    given=_points,
    excess=0.0,
    falsifiers={"a tenth of a nat more": {"excess": 0.1}, "a hundredth of a nat less": {"excess": -0.01}},
)
def test_entropy(theta, family, excess):
    """``-E log p`` by sums over the support; of exponential families it is ``-phi - E log h`` too."""
    if not has_entropy(family):
        pytest.skip(f"{title_of(family)}: the entropy is not known in closed form")
    for x, moments in resolved_moments(family, theta):
        found = batched(family, "entropy")(x[None])[0]
        agree(excess + found, moments.entropy, tolerance=1e-10, scale=1 + abs(moments.entropy))
