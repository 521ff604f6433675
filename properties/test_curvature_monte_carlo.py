"""Exponents of the curvature of Potts models and of the cubic Ising model, by Monte Carlo and by exact small tori."""

from functools import cache

import numpy as np
from scipy.stats import chi2, norm

from numerics.curvature_monte_carlo import estimate
from properties import archive, curvature_monte_carlo_study, exact_routes_study
from properties.checks import Inconclusive, agree, archived, at_most, decided, fact, table
from properties.claims import claim
from properties.growth_laws import exponents, weighted_slope

FALSE_ALARM = 1e-6
# Of a fit to several sizes, one-sided.
THRESHOLD = float(norm.isf(FALSE_ALARM))


@cache
def spot_check():
    """A new simulation of 3 states on the 4 x 4 torus, in standard errors from the exact curvature."""
    found = estimate(3, 4, 2, chains=32, sweeps=1024, seed=20261122, every=2, kept=256)
    return (found.scalar_curvature.value + 208.14568308800847) / found.scalar_curvature.error


def measured(states, dimension):
    """Sizes, ``|R|`` and standard errors of the archive, whose simulations have passed the gate."""
    stored = archive.read(curvature_monte_carlo_study.NAME)
    decided(stored["gate"]["passed"], "pulls against exact values are those of a unit normal law")
    # With 32 chains errors have about 31 degrees of freedom: |pull| < 6 fails once in a million.
    agree(spot_check(), 0.0, tolerance=6.0, scale=1.0)
    archived(stored["made"], "3 states on the 4 x 4 torus simulated anew, in standard errors from the exact curvature")
    rows = [
        row
        for row in stored["production"]
        if (row["model"]["states"], row["model"]["dimension"]) == (states, dimension)
    ]
    table(
        f"Simulations of {states} states in {dimension} dimensions",
        ["L", "R", "$|T|^2$", "$|\\mathrm{tr}\\,T|^2$", "t", "$\\chi$", "effective samples"],
        [
            [row["model"]["size"], *(f"{row[name][0]:.6g} ± {row[name][1]:.2g}" for name in
             ("scalar_curvature", "skewness_squared", "trace_squared", "trace", "energy_variance")), row["effective_samples"]]
            for row in rows
        ],
    )  # fmt: skip
    sizes = np.array([row["model"]["size"] for row in rows])
    curvatures, errors = np.array([row["scalar_curvature"] for row in rows]).T
    return sizes, -curvatures, errors


def slope_of(states, dimension, low, high=1000):
    """The exponent of a power fitted to sizes from ``low`` to ``high``."""
    sizes, curvatures, errors = measured(states, dimension)
    window = (sizes >= low) & (sizes <= high)
    found = weighted_slope(sizes[window], curvatures[window], errors[window], dimension)
    label = f"{states} states, L = {sizes[window][0]} to {sizes[window][-1]}"
    fact(label, f"{found.exponent:.4f} ± {found.error:.4f}, chi-squared {found.chi_squared:.1f} of {found.freedom}")
    return found


def exact_exponents(states, dimension):
    """Those between neighbouring exact tori by transfer matrices, with the sizes."""
    stored = archive.read(exact_routes_study.NAME)["entries"]
    model = "ising" if states == 2 else "potts"
    rows = sorted(
        (entry["shape"][0], -entry["scalar_curvature"])
        for entry in stored
        if (entry["route"], entry["model"], entry["states"], len(entry["shape"]))
        == ("transfer matrix", model, states, dimension)
    )
    sizes, curvatures = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    local = exponents(sizes, curvatures, dimension)
    table(
        f"Exact exponents of {states} states", ["from L", "to L", "exponent"],
        [[f"{a:.0f}", f"{b:.0f}", f"{e:.6f}"] for a, b, e in zip(sizes[:-1], sizes[1:], local, strict=True)],
    )  # fmt: skip
    return sizes, local


@claim(
    "monte-carlo-gate",
    evidence="simulated",
    variance=1.0,
    shift=0.0,
    falsifiers={
        "errors half as large": {"variance": 0.25},
        "biased by a standard error": {"shift": 1.0},
    },
)
def test_pulls_against_exact_values(variance, shift):
    """Twenty seeds in each of seven systems: every quantity's pulls against a normal law, two-sided."""
    stored = archive.read(curvature_monte_carlo_study.NAME)
    agree(spot_check(), 0.0, tolerance=6.0, scale=1.0)
    archived(stored["made"], "3 states on the 4 x 4 torus simulated anew, in standard errors from the exact curvature")
    runs, gate = stored["gate_runs"], stored["gate"]
    decided(min(len(run["pulls"]["scalar_curvature"]) for run in runs) >= 20, "twenty seeds at least in every system")
    again = curvature_monte_carlo_study.gate(runs)
    decided(again["tests"] == gate["tests"], "the archive's tests follow from its pulls")
    rows = []
    for name in curvature_monte_carlo_study.QUANTITIES:
        pulls = np.array([pull for run in runs for pull in run["pulls"].get(name, [])]) + shift
        # The errors have about 63 degrees of freedom, which makes pulls wider by two in a hundred.
        square = float(np.sum(pulls**2)) / variance
        of_mean = 2 * norm.sf(abs(pulls.mean()) * len(pulls) ** 0.5)
        of_square = 2 * min(chi2.cdf(square, len(pulls)), chi2.sf(square, len(pulls)))
        rows.append([name.replace("_", " "), len(pulls), f"{pulls.mean():.3f}", f"{np.mean(pulls**2):.3f}"])
        at_most(gate["threshold"], min(of_mean, of_square), slack=1e-12)
    table("Pulls of all systems", ["quantity", "number", "mean", "variance about 0"], rows)
    fact("false alarms", f"{gate['false_alarm']:g} for {len(gate['tests'])} tests together")
    fact("power", f"{gate['power']:g} for a bias of {gate['bias_found']:.2f} standard errors or a variance of "
         f"{gate['variance_found']:.2f}")  # fmt: skip


@claim(
    "potts-exponents-measured",
    evidence="simulated",
    values={3: 1.20, 4: 1.28},
    falsifiers={"as predicted": {"values": {3: 33 / 29, 4: 22 / 19}}, "exchanged": {"values": {3: 1.28, 4: 1.20}}},
)
def test_published_measurements(values):
    """Powers fitted to L = 12 to 40; the published figures have two digits."""
    for states, value in values.items():
        found = slope_of(states, 2, 12)
        agree(found.exponent, value, tolerance=0.005 + THRESHOLD * found.error, scale=1.0)
        rival = {3: 33 / 29, 4: 22 / 19}[states]
        decided(abs(found.exponent - rival) > 2 * (0.005 + THRESHOLD * found.error), "the prediction is told apart")
    fact("false alarms", f"{FALSE_ALARM:g} for each")


@claim(
    "potts-curvature-exponents",
    evidence="counterexample",
    values={3: 33 / 29, 4: 22 / 19},
    falsifiers={"6/5 for three states": {"values": {3: 6 / 5}}, "3/2 for four": {"values": {4: 3 / 2}}},
)
def test_exponents_stay_above_the_published_ones(values):
    """Exact exponents of every pair of sizes, and powers fitted to the larger simulated ones; they do not fall."""
    for states, value in values.items():
        sizes, local = exact_exponents(states, 2)
        decided(bool(np.all(local > value + 0.03)), f"exact exponents to L = {sizes[-1]:.0f} are above {value:.4f}")
        early, late = slope_of(states, 2, 4, 12), slope_of(states, 2, 12)
        decided(late.exponent - value > THRESHOLD * late.error, f"so is that of L = 12 to 40, beyond {value:.4f}")
        spread = float(np.hypot(early.error, late.error))
        decided(late.exponent > early.exponent - THRESHOLD * spread, "it does not fall with the size")


@claim(
    "potts-curvature-exponents",
    evidence="simulated",
    growth=2 / 5,
    falsifiers={"the published exponent": {"growth": 2 * (33 / 29 - 1)}, "linear": {"growth": 0.0}},
)
def test_three_states_grow_as_duality_says(growth):
    """``|R| ~ n chi`` with the exact exponent alpha/nu = 2/5 of the specific heat: 6/5, within two in a hundred."""
    found = slope_of(3, 2, 12)
    agree(found.exponent, 1 + growth / 2, tolerance=0.02, scale=1.0)


@claim(
    "cubic-curvature-exponent",
    evidence="simulated",
    value=1.0188,
    rival=2 / (3 * 0.629971),
    falsifiers={"6/5, as of three states in the plane": {"value": 6 / 5}, "0.95": {"value": 0.95}},
)
def test_cubic_lattice(value, rival):
    """Powers fitted to L = 6 to 20, whose drift with the window says how far from a limit they are."""
    found, early, late = (slope_of(2, 3, *window) for window in ((6,), (4, 10), (8,)))
    allowed = abs(late.exponent - early.exponent) + THRESHOLD * late.error
    fact("what drift and errors allow", f"{found.exponent:.3f} ± {allowed:.3f}")
    agree(found.exponent, value, tolerance=allowed, scale=1.0)
    if abs(found.exponent - rival) <= allowed:
        raise Inconclusive(f"the exponent {rival:.4f} of n times the specific heat is as near as {value:.4f}")
