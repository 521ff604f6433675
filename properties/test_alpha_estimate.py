"""Claims about estimating the exponent alpha from a metric and samples of gradient noise."""

from functools import cache

import numpy as np
import sympy as sp
from scipy.stats import binom, norm

from derivations import alpha_exponent
from numerics.alpha_estimate import estimate_alpha
from properties.checks import decided, derived, fact, sampled, table
from properties.claims import claim

ALPHAS, SAMPLES, DIRECTIONS = (0.0, 0.5, 1.0), (32, 128, 512), (10, 30)
REPETITIONS, CONFIDENCE = 400, 0.95
# Of the logarithms of the true variances, and of what keeps a metric from being an exact power.
_SPREAD, _SCATTER = 1.0, 0.1
_FALSE_ALARM = 1e-3


@claim(
    "alpha-estimator", evidence="exact", half=sp.Rational(1, 2), falsifiers={"n in place of n/2": {"half": sp.Integer(1)}}
)  # fmt: skip
def test_attenuation(half):
    derived(alpha_exponent.attenuation(half))


@claim(
    "alpha-estimator",
    evidence="simulated",
    column="alpha",
    covers="interval",
    falsifiers={
        "without the correction": {"column": "uncorrected"},
        "without the error of the correction": {"covers": "narrow"},
    },
)
def test_bias_and_coverage(column, covers):
    """Metrics ``kappa^alpha`` in random directions, with a scatter of 0.1 in the logarithm, and normal noise."""
    rows, cells = [], [(a, n, m) for a in ALPHAS for n in SAMPLES for m in DIRECTIONS]
    found = {cell: _cell(*cell) for cell in cells}
    for (alpha, n, m), shown in found.items():
        bias, error = np.mean(shown["alpha"]) - alpha, np.std(shown["alpha"], ddof=1)
        raw = np.mean(shown["uncorrected"]) - alpha
        rows.append([
            alpha, n, m, f"{bias:+.4f}", f"{error:.4f}", f"{raw:+.4f}", f"{np.mean(shown['spectrum']) - alpha:+.4f}",
            f"{np.mean(shown['interval']):.3f}",
        ])  # fmt: skip
    table(
        "Alpha over 400 repetitions",
        [
            "alpha",
            "samples",
            "directions",
            "bias",
            "standard error",
            "bias uncorrected",
            "bias by the spectrum",
            "coverage",
        ],
        rows,
    )
    sampled(REPETITIONS * len(cells))
    # Bias below a quarter of the standard error, as far as the repetitions tell.
    allowance = float(norm.isf(_FALSE_ALARM / (2 * len(cells)))) / np.sqrt(REPETITIONS)
    worst = max(abs(np.mean(f[column]) - a) / np.std(f[column], ddof=1) for (a, _, _), f in found.items())
    decided(
        bool(worst < 0.25 + allowance), f"the bias is {worst:.3f} standard errors at most, below a quarter up to chance"
    )
    least = binom.ppf(_FALSE_ALARM / len(cells), REPETITIONS, CONFIDENCE) / REPETITIONS
    lowest = min(float(np.mean(f[covers])) for f in found.values())
    fact("least coverage allowed, of 0.95", f"{least:.4f}")
    fact("false alarms, all cells together", f"{2 * _FALSE_ALARM:g}")
    decided(lowest >= least, f"intervals cover in a share of {lowest} or more, at least {least}")


@cache
def _cell(alpha, samples, directions):
    random = np.random.default_rng([int(10 * alpha), samples, directions])
    shown = {name: [] for name in ("alpha", "uncorrected", "interval", "narrow", "spectrum")}
    for _ in range(REPETITIONS):
        logarithms = random.normal(size=directions)
        logarithms *= np.sqrt(_SPREAD) / logarithms.std(ddof=1)
        frame, _ = np.linalg.qr(random.normal(size=(directions, directions)))
        powers = np.exp(alpha * logarithms + _SCATTER * random.normal(size=directions))
        metric = (frame * powers) @ frame.T
        noise = random.normal(size=(samples, directions)) * np.exp(0.5 * logarithms) @ frame.T
        found = estimate_alpha(metric, noise, CONFIDENCE)
        shown["alpha"].append(found.alpha)
        shown["uncorrected"].append(found.uncorrected)
        shown["interval"].append(found.lower <= alpha <= found.upper)
        # What a plain regression would state.
        shown["narrow"].append(abs(found.uncorrected - alpha) <= 1.96 * found.standard_error * found.attenuation)
        shown["spectrum"].append(_by_spectrum(metric, noise))
    return {name: np.array(values) for name, values in shown.items()}


def _by_spectrum(metric, noise):
    """The slope between both spectra, each in its own order: eigenvectors estimated too."""
    x, y = (np.log(np.linalg.eigvalsh(matrix)) for matrix in (np.cov(noise.T), metric))
    return np.cov(x, y)[0, 1] / np.var(x, ddof=1)
