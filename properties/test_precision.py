"""Single precision against double precision, for every family in every chart."""

import jax
import numpy as np

from properties.bundles import ONE_POINT, tensor_values
from properties.checks import agree, fact, table
from properties.claims import claim
from properties.frames import condition, in_units, units
from properties.subjects import charts_of, geometry_of, points, title_of

_EPSILON = float(np.finfo(np.float32).eps)
_worst: dict[str, dict[str, float]] = {}


@claim(
    "single-precision",
    evidence="property",
    per_family=True,
    given=lambda name: {"theta": points(name, span=1.5)},
    perturbed=0.0,
    falsifiers={"an error of one in a thousand": {"perturbed": 1e-3}},
)
def test_single_precision(theta, family, perturbed):
    """The same float32 points in both precisions; errors in units of the rounding that the conditioning multiplies."""
    for chart in charts_of(family):
        x = np.asarray(_convert(family, theta, chart), np.float32)
        single, double = tensor_values(family, chart, x), tensor_values(family, chart, x.astype(np.float64))
        metric = double["metric"]
        unit = units(metric)
        # The rounding of the coordinates is a step of this length; the inverse metric multiplies it.
        blur = _EPSILON * condition(metric) * (1 + np.abs(x / unit).max(axis=1))
        known = np.isfinite(blur) & (blur < 1e-3)
        for name in ONE_POINT[chart]:
            found, exact = _comparable(name, single[name], unit)[known], _comparable(name, double[name], unit)[known]
            axes = tuple(range(1, exact.ndim))
            scale = blur[known] * (1 + np.abs(exact).max(axis=axes))
            scale = scale.reshape(-1, *[1] * len(axes))
            agree(found * (1 + perturbed), exact, tolerance=64.0, scale=scale)
            if perturbed == 0 and len(exact):
                worst = _worst.setdefault(family, {})
                key = f"{name.replace('_', ' ')}, {chart} chart"
                worst[key] = max(worst.get(key, 0.0), float(np.max(np.abs(found - exact) / scale)))
    rows = [[quantity, f"{value:.1f}"] for quantity, value in _worst.get(family, {}).items()]
    if rows:
        fact("worst error over the rounding that conditioning multiplies", max(float(value) for _, value in rows))
        table(f"Single precision, {title_of(family)}", ["quantity", "worst error over conditioned rounding"], rows)


def _convert(family, theta, chart):
    return jax.vmap(lambda t: geometry_of(family).convert(t, chart))(theta)


def _comparable(name, value, unit):
    """Components in units: of the inverse metric with the reciprocal units, of the Christoffel symbols with both."""
    if name == "inverse_metric":
        return in_units(np.float64(value), 1 / unit)
    if name == "christoffel":
        return in_units(np.float64(value), unit) / unit[:, :, None, None] ** 2
    return in_units(np.float64(value), unit) if value.ndim > 1 else np.float64(value)
