"""The exponent alpha between a metric and the covariance of gradient noise, ``g = c kappa^alpha``, from measurements.

A slope of logarithms, with the errors of the measured variances taken into account (Fuller 1987, Measurement error models,
section 1.2). Source: Vanchurin 2025 for the exponent.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import digamma, polygamma
from scipy.stats import t as student

FEWEST_DIRECTIONS = 5
# So many standard errors of the spread of errors alone the spread of the variances has to be above it.
_VISIBLE = 3.0


@dataclass(frozen=True)
class AlphaEstimate:
    """An estimate of alpha.

    Attributes:
        alpha: the slope, corrected for errors of the variances, and by the jackknife for the bias of that correction; NaN if
            the variances do not differ by more than their errors.
        lower: of a two-sided confidence interval; minus infinity where alpha is NaN.
        upper: of it.
        standard_error: of alpha.
        uncorrected: the slope without the correction, which is too small.
        attenuation: the factor by which errors of the variances shrink the uncorrected slope.
        directions: the number m of directions.
    """

    alpha: float
    lower: float
    upper: float
    standard_error: float
    uncorrected: float
    attenuation: float
    directions: int


def estimate_alpha(metric: Any, noise: Any, confidence: float = 0.95, is_normal: bool = True) -> AlphaEstimate:
    """Estimate alpha along the principal directions of the metric.

    Variances of the noise along directions that the metric gives are unbiased; along those of the measured covariance they
    would be spread too far, and alpha be too small.

    Args:
        metric: symmetric positive definite, shape (d, d), or its diagonal, shape (d,): the preconditioner of RMSProp or Adam;
            d >= 5. Equal entries are allowed, and say that alpha is 0.
        noise: gradients of n independent batches at the same parameters, shape (n, d), n >= 8; their mean is subtracted.
        confidence: of the interval.
        is_normal: whether the noise is normal. If not, the error of a variance is measured by leaving out one sample at a
            time; noise in different directions is taken to be independent in either case.

    Raises:
        TypeError: for arrays that are not floating.
        ValueError: for wrong shapes, for values that are not finite, a metric that is not positive definite, a direction
            without noise, and a confidence outside (0, 1).
    """
    metric, noise = _floating(metric, "metric"), _floating(noise, "noise")
    values, samples = _along(metric, noise)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence = {confidence}; its domain is 0 < confidence < 1")
    centred = samples - samples.mean(axis=0)
    freedom = len(samples) - 1
    variances = np.sum(centred**2, axis=0) / freedom
    if not (variances > 0).all():
        raise ValueError(
            f"noise has no variance along direction {int(np.argmin(variances))}; alpha needs some along each"
        )
    x, y = np.log(variances) - digamma(freedom / 2) - np.log(2 / freedom), np.log(values)
    error = float(polygamma(1, freedom / 2)) if is_normal else _jackknifed(centred)
    return _slope(x, y, error, confidence)


def _slope(x: np.ndarray, y: np.ndarray, error: float, confidence: float) -> AlphaEstimate:
    m = len(x)
    spread, shared = np.var(x, ddof=1), np.cov(x, y)[0, 1]
    true = spread - error
    uncorrected, attenuation = float(shared / spread), float(max(0.0, true) / spread)
    # How far the spread of m errors alone scatters.
    if true <= _VISIBLE * error * np.sqrt(2 / (m - 1)):
        return AlphaEstimate(np.nan, -np.inf, np.inf, np.inf, uncorrected, attenuation, m)
    slope = shared / true
    dx, dy = x - x.mean(), y - y.mean()
    # Covariances without one direction at a time.
    left = [((m - 1) * whole - m / (m - 1) * part) / (m - 2) for whole, part in ((shared, dx * dy), (spread, dx * dx))]
    without = left[0] / (left[1] - error)
    residual = np.sum((dy - slope * dx) ** 2) / (m - 2)
    deviation = float(np.sqrt((spread * residual + slope**2 * error**2) / (m - 1)) / true)
    half = float(student.ppf(0.5 + confidence / 2, m - 2)) * deviation
    corrected = m * slope - (m - 1) * without.mean()
    return AlphaEstimate(
        float(corrected), float(slope - half), float(slope + half), deviation, uncorrected, attenuation, m
    )


def _jackknifed(centred: np.ndarray) -> float:
    """The mean over directions of the variance of the logarithm of a variance."""
    n = len(centred)
    squares = centred**2
    rest = squares.sum(axis=0) - squares * n / (n - 1)
    logarithms = np.log(rest)
    return float(np.mean((n - 1) * np.var(logarithms, axis=0)))


def _along(metric: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of the metric, and the noise along its directions."""
    d = metric.shape[0] if metric.ndim else 0
    if metric.shape not in {(d,), (d, d)} or d < FEWEST_DIRECTIONS:
        raise ValueError(f"metric has shape {metric.shape}; it must be (d, d) or (d,), d >= {FEWEST_DIRECTIONS}")
    if noise.ndim != 2 or noise.shape[1] != d or noise.shape[0] < 8:
        raise ValueError(f"noise has shape {noise.shape}; it must be (n, {d}), n >= 8")
    if metric.ndim == 1:
        values, samples = metric, noise
    else:
        if np.max(np.abs(metric - metric.T)) > 1e3 * np.finfo(metric.dtype).eps * np.max(np.abs(metric)):
            raise ValueError("metric is not symmetric")
        values, vectors = np.linalg.eigh(metric)
        samples = noise @ vectors
    if not values.min() > 0:
        raise ValueError(f"metric has the eigenvalue {values.min()}; its domain is positive definite matrices")
    return values, samples


def _floating(value: Any, name: str) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} has dtype {array.dtype}; it must be floating")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has entries that are not finite")
    return array
