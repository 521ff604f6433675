"""What is true of every family, checked on each shipped one and on a user's own: metric, skewness, charts, curvature."""

import numpy as np
import pytest

from derivations import curvature_identities as identities
from properties.bundles import chart_values, potential_values
from properties.checks import agree
from properties.claims import claim
from properties.frames import condition, in_units, units
from properties.quadrature import resolved_moments
from properties.random_metrics import OfPotential
from properties.subjects import (
    batched,
    charts_of,
    geometry_of,
    has_density,
    is_flat,
    is_quadratic,
    points,
    title_of,
)

_SPAN = 1.5


def only_with_charts(family):
    if "natural" not in charts_of(family):
        pytest.skip(f"{title_of(family)} has no natural chart")


def _points(name):
    return {"theta": points(name, span=_SPAN)}


@claim(
    "fisher-metric-is-hessian",
    evidence="property",
    per_family=True,
    given=_points,
    metric_factor=1.0,
    excess=0.0,
    falsifiers={"metric doubled": {"metric_factor": 2.0}, "skewness larger by a tenth of a unit": {"excess": 0.1}},
)
def test_derivatives_of_the_log_partition(theta, family, metric_factor, excess):
    """In the natural chart, by automatic differentiation: psi to m, m to the metric, the metric to a symmetric T."""
    only_with_charts(family)
    values = potential_values(family, theta)
    metric, skewness = values["covariance"], values["third_cumulants"]
    unit = units(metric)
    noise = 1 + np.abs(unit * values["eta"]).max(axis=1)[:, None]
    agree(
        unit * values["log_partition_slope"],
        unit * values["m"],
        tolerance=1e-11,
        scale=noise + np.abs(unit * values["m"]),
    )
    agree(
        in_units(values["expectation_slope"], unit), metric_factor * in_units(metric, unit), tolerance=1e-9, scale=1.0
    )
    slope, t = in_units(values["covariance_slope"], unit), in_units(skewness, unit)
    agree(slope, excess + t, tolerance=1e-8, scale=1 + np.abs(slope))
    for order in ((0, 2, 1, 3), (0, 3, 2, 1)):
        agree(t, np.transpose(t, order), tolerance=1e-12, scale=1 + np.abs(t).max())


@claim(
    "fisher-metric-is-hessian",
    evidence="property",
    per_family=True,
    given=_points,
    metric_factor=1.0,
    excess=0.0,
    falsifiers={"metric doubled": {"metric_factor": 2.0}, "skewness larger by a tenth of a unit": {"excess": 0.1}},
)
def test_moments_of_the_score(theta, family, metric_factor, excess):
    """Sums over the support: the normaliser, and the first three moments of the score."""
    if not has_density(family):
        pytest.skip(f"{title_of(family)}: the density is not given")
    for x, moments in resolved_moments(family, theta):
        stated = geometry_of(family).log_partition(x) if "natural" in charts_of(family) else 0.0
        agree(stated, moments.log_total, tolerance=1e-11, scale=1 + abs(moments.log_total))
        metric, skewness = (np.asarray(batched(family, tensor)(x[None])) for tensor in ("metric", "skewness"))
        unit = units(metric)
        agree(unit[0] * moments.mean, np.zeros_like(x), tolerance=1e-11, scale=1.0)
        agree(in_units(metric, unit), metric_factor * in_units(moments.second[None], unit), tolerance=1e-9, scale=1.0)
        third = in_units(moments.third[None], unit)
        agree(in_units(skewness, unit), excess + third, tolerance=1e-8, scale=1 + np.abs(third))


@claim(
    "charts-are-dual",
    evidence="property",
    per_family=True,
    given=_points,
    factor=1.0,
    inverse=True,
    falsifiers={"metric of m is g, not its inverse": {"inverse": False}, "factor 1/2": {"factor": 0.5}},
)
def test_natural_and_expectation_chart_are_dual(theta, family, factor, inverse):
    """``g = dm / d eta``, the metric in the expectation chart is its inverse, and both ways back end where they began."""
    only_with_charts(family)
    natural, expectation = chart_values(family, "natural", theta), chart_values(family, "expectation", theta)
    unit, blur = units(natural["metric"]), condition(natural["metric"])[:, None, None]
    dual = np.einsum("nia,nab->nib", expectation["jacobian"], np.linalg.inv(natural["jacobian"]))
    agree(in_units(dual, unit), factor * in_units(natural["metric"], unit), tolerance=1e-12, scale=blur)
    other = expectation["metric"] if inverse else natural["metric"]
    product = np.einsum("nij,njk->nik", other, natural["metric"]) * unit[:, None, :] / unit[:, :, None]
    agree(product, np.broadcast_to(np.eye(theta.shape[1]), product.shape), tolerance=1e-11, scale=blur)
    for values in (natural, expectation):
        moved = (values["back"] - theta) / units(np.asarray(batched(family, "metric")(theta)))
        agree(
            moved,
            np.zeros_like(moved),
            tolerance=1e-11,
            scale=blur[..., 0] + np.abs(theta) / units(batched(family, "metric")(theta)),
        )


@claim(
    "tensors-pull-back",
    evidence="property",
    per_family=True,
    given=_points,
    inverted=False,
    excess=0.0,
    falsifiers={"Jacobian inverted": {"inverted": True}, "skewness larger by a tenth of a unit": {"excess": 0.1}},
)
def test_tensors_pull_back_through_every_chart(theta, family, inverted, excess):
    """Metric, skewness and Riemann tensor of each chart against those of the usual one, by the Jacobian of the charts."""
    only_with_charts(family)
    usual = chart_values(family, "usual", theta)
    unit, blur = units(usual["metric"]), condition(usual["metric"])
    for chart in ("natural", "expectation"):
        values = chart_values(family, chart, theta)
        jacobian = values["jacobian"]
        if inverted:
            jacobian = np.linalg.inv(jacobian)
        metric = np.einsum("nij,nia,njb->nab", values["metric"], jacobian, jacobian)
        agree(in_units(metric, unit), in_units(usual["metric"], unit), tolerance=1e-11, scale=blur[:, None, None])
        skewness = np.einsum("nijk,nia,njb,nkc->nabc", values["skewness"], *[jacobian] * 3, optimize=True)
        expected = in_units(usual["skewness"], unit)
        agree(
            in_units(skewness, unit),
            excess + expected,
            tolerance=1e-10,
            scale=blur[:, None, None, None] * (1 + np.abs(expected)),
        )
        riemann = np.einsum("nijkl,nia,njb,nkc,nld->nabcd", values["riemann"], *[jacobian] * 4, optimize=True)
        expected = in_units(usual["riemann"], unit)
        largest = np.abs(expected).max(axis=(1, 2, 3, 4))
        agree(
            in_units(riemann, unit), expected, tolerance=1e-10, scale=(blur * (1 + largest))[:, None, None, None, None]
        )
        agree(values["scalar_curvature"], usual["scalar_curvature"], tolerance=1e-10, scale=blur * (1 + largest))


@claim(
    "curvature-from-third-cumulants",
    evidence="property",
    per_family=True,
    given=_points,
    factor=0.25,
    swapped=False,
    falsifiers={"factor 1/2": {"factor": 0.5}, "last indices exchanged": {"swapped": True}},
)
def test_curvature_by_automatic_differentiation(theta, family, factor, swapped):
    """In every chart: Christoffel symbols from the slope of the metric, the Riemann tensor from theirs, and from T."""
    if is_flat(family):
        pytest.skip(f"{title_of(family)} is flat")
    for chart in charts_of(family):
        values = chart_values(family, chart, theta)
        metric, symbols = values["metric"], values["christoffel"]
        inverse = values["inverse_metric"]
        unit, blur = units(metric), condition(metric)
        slope = values["metric_slope"]
        lowered = 0.5 * (np.swapaxes(slope, 2, 3) + slope - np.transpose(slope, (0, 3, 1, 2)))
        size = np.abs(in_units(lowered, unit)).max(axis=(1, 2, 3))
        found = np.einsum("nim,nmjk->nijk", metric, symbols)
        agree(
            in_units(found, unit),
            in_units(lowered, unit),
            tolerance=1e-10,
            scale=(blur * (1 + size))[:, None, None, None],
        )
        half = np.transpose(values["christoffel_slope"], (0, 1, 3, 4, 2)) + np.einsum(
            "nikm,nmlj->nijkl", symbols, symbols
        )
        riemann = np.einsum("nim,nmjkl->nijkl", metric, half - np.swapaxes(half, 3, 4))
        size = 1 + np.abs(in_units(np.einsum("nim,nmjkl->nijkl", metric, np.abs(half)), unit)).max(axis=(1, 2, 3, 4))
        scale = (blur * size)[:, None, None, None, None]
        agree(in_units(values["riemann"], unit), in_units(riemann, unit), tolerance=1e-10, scale=scale)
        ricci = np.einsum("nik,nijkl->njl", inverse, values["riemann"])
        agree(in_units(values["ricci"], unit), in_units(ricci, unit), tolerance=1e-11, scale=scale[..., 0, 0])
        trace = np.einsum("njl,njl->n", inverse, ricci)
        agree(values["scalar_curvature"], trace, tolerance=1e-11, scale=(blur**2 * size))
        if "natural" in charts_of(family):
            t = values["skewness"]
            pairs = np.einsum("nab,nila,njkb->nijkl", inverse, t, t, optimize=True)
            identity = factor * (pairs - np.swapaxes(pairs, 3, 4))
            identity = np.swapaxes(identity, 3, 4) if swapped else identity
            agree(in_units(values["riemann"], unit), in_units(identity, unit), tolerance=1e-11, scale=scale)


@claim(
    "ricci-halves",
    evidence="property",
    per_family=True,
    given=_points,
    halves=identities.CORRECTED_HALVES,
    falsifiers={
        "as published": {"halves": identities.PUBLISHED_HALVES},
        "half of the correction": {"halves": {"R3": "- 1/2 R1 + 1/8 Q", "R4": "- 1/2 R2 - 1/8 Q"}},
    },
)
def test_parts_of_the_scalar_curvature(theta, family, halves):
    """In natural coordinates, with the fourth cumulants: the four parts, their corrected halves, and the sum."""
    only_with_charts(family)
    if is_quadratic(family):
        pytest.skip(f"{title_of(family)}: all parts are 0")
    values = chart_values(family, "natural", theta)
    tensors = OfPotential(
        {
            "g_ij": values["metric"],
            "g^ij": values["inverse_metric"],
            "T_ijk": values["skewness"],
            "∂T_lijk": np.moveaxis(values["skewness_slope"], -1, 1),
            "Q_ijkl": values["skewness_slope"],
            "Γ^i_jk": values["christoffel"],
            "∂Γ_l^i_jk": np.moveaxis(values["christoffel_slope"], -1, 1),
            "R": values["scalar_curvature"],
        },
        # Third cumulants that symmetry makes small are sums that cancel: right to rounding, not to all digits.
        floors={"T_ijk": in_units(np.full_like(values["skewness"], 1e-3), 1 / units(values["metric"]))},
    )
    # Relative to the terms before they cancel, which the inverse metric multiplies by its condition.
    tolerance = 1e-12 * float(condition(values["metric"]).max())
    tensors.all_hold([*identities.RICCI_SPLIT.items(), *halves.items(), identities.SUM_OF_PARTS], tolerance)
