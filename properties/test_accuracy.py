"""How accurate the numerical functions are, in machine epsilons, against ball arithmetic at the exact machine input."""

from collections.abc import Callable, Mapping
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flint import arb

from numerics import bessel_ratio as bessel
from numerics.balls import ulps, von_mises_balls
from numerics.geometry import geometry
from properties.checks import agree, sampled, table
from properties.claims import claim
from properties.compilation import optimised_jit

POINTS = 1600
BALLS = (
    "derivative_0", "derivative_1", "derivative_2", "complement", "reciprocal_slope", "quotient_2_1", "quotient_1_0",
    "quotient_0_1", "intercept", "scalar_curvature_0",
)  # fmt: skip
RANGES = ((-8, -4), (-4, 0), (0, 1), (1, 2), (2, 4), (4, 8))

Exact = Callable[[arb, Mapping[str, arb]], arb]
_EXACT: dict[str, Exact] = {
    "A": lambda _, b: b["derivative_0"],
    "1 − A": lambda _, b: b["complement"],
    "A′": lambda _, b: b["derivative_1"],
    "A″": lambda _, b: b["derivative_2"],
    "g_μμ": lambda k, b: k * b["derivative_0"],
    "g_κκ": lambda _, b: b["derivative_1"],
    "g^μμ": lambda k, b: 1 / (k * b["derivative_0"]),
    "g^κκ": lambda _, b: b["reciprocal_slope"],
    "Γ^μ_μκ": lambda k, b: (1 / k + b["quotient_1_0"]) / 2,
    "Γ^κ_μμ": lambda k, b: -(k + b["quotient_0_1"]) / 2,
    "Γ^κ_κκ": lambda _, b: b["quotient_2_1"] / 2,
    "T_μμκ": lambda _, b: -b["intercept"],
    "R": lambda _, b: b["scalar_curvature_0"],
}


def fitted(kappa: jax.Array) -> dict[str, jax.Array]:
    """The shipped functions at a batch of concentrations."""
    von_mises = geometry("von_mises")
    theta = jnp.stack([jnp.zeros_like(kappa), kappa], axis=-1)
    metric, inverse = jax.vmap(von_mises.metric)(theta), jax.vmap(von_mises.inverse_metric)(theta)
    christoffel, skewness = jax.vmap(von_mises.christoffel)(theta), jax.vmap(von_mises.skewness)(theta)
    return {
        "A": bessel.bessel_ratio(kappa),
        "1 − A": bessel.bessel_ratio_complement(kappa),
        "A′": bessel.bessel_ratio(kappa, 1),
        "A″": bessel.bessel_ratio(kappa, 2),
        "g_μμ": metric[:, 0, 0],
        "g_κκ": metric[:, 1, 1],
        "g^μμ": inverse[:, 0, 0],
        "g^κκ": inverse[:, 1, 1],
        "Γ^μ_μκ": christoffel[:, 0, 0, 1],
        "Γ^κ_μμ": christoffel[:, 1, 0, 0],
        "Γ^κ_κκ": christoffel[:, 1, 1, 1],
        "T_μμκ": skewness[:, 0, 0, 1],
        "R": jax.vmap(von_mises.scalar_curvature)(theta),
    }


def textbook(kappa: jax.Array) -> dict[str, jax.Array]:
    """The same from the closed forms as they stand, with ``A = i1e/i0e``."""
    ratio = jax.scipy.special.i1e(kappa) / jax.scipy.special.i0e(kappa)
    slope = 1 - ratio / kappa - ratio**2
    gap = kappa * ratio**2 + ratio - kappa
    curvature = (gap + ratio) * (kappa * ratio**4 + 2 * ratio - kappa) / (2 * ratio**2 * gap**2)
    return {"A": ratio, "1 − A": 1 - ratio, "A′": slope, "g_μμ": kappa * ratio, "g_κκ": slope, "R": curvature}


@pytest.mark.slow
@claim(
    "von-mises-accuracy",
    evidence="property",
    functions=fitted,
    bound=8.0,
    falsifiers={"closed forms as they stand": {"functions": textbook}, "half an epsilon": {"bound": 0.5}},
)
def test_errors_in_machine_epsilons(functions, bound):
    """Each function at 1600 log-uniform concentrations per dtype; R is held to twice the bound of the others."""
    for dtype in ("float32", "float64"):
        kappa, exact = _exact(dtype)
        sampled(len(kappa))
        decade = np.log10(kappa.astype(float))
        rows = []
        for name, computed in optimised_jit(functions)(jnp.asarray(kappa)).items():
            values = np.asarray(computed, dtype=np.float64)
            errors = np.array([ulps(float(v), ball[name], dtype) for v, ball in zip(values, exact, strict=True)])
            agree(errors, np.zeros_like(errors), tolerance=2 * bound if name == "R" else bound, scale=1.0)
            rows.append([name, *(f"{errors[(decade >= a) & (decade <= b)].max():.2f}" for a, b in RANGES)])
        columns = [f"{dtype}", *(f"10^{a} … 10^{b}" for a, b in RANGES)]
        table(f"Worst error in machine epsilons by range of κ, {dtype}", columns, rows)


@cache
def _exact(dtype: str) -> tuple[np.ndarray, list[dict[str, arb]]]:
    generator = np.random.default_rng(20260101)
    # One point drawn in each of equal cells of log kappa: uniform, and without holes.
    exponents = -8 + 16 * (np.arange(POINTS) + generator.uniform(size=POINTS)) / POINTS
    kappa = (10.0**exponents).astype(dtype)
    exact = []
    for value in kappa:
        balls = von_mises_balls(float(value), BALLS)
        exact.append({name: function(arb(float(value)), balls) for name, function in _EXACT.items()})
    return kappa, exact
