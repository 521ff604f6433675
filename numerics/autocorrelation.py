"""How many independent values the values along chains are worth."""

import numpy as np

# Sokal's window: the sum over lags ends where they exceed this many autocorrelation times.
_WINDOW = 6.0


def autocorrelation_time(series: np.ndarray) -> float:
    """The integrated autocorrelation time ``1/2 + sum_t rho(t)``, in steps of the series: 1/2 for independent values.

    The mean is that of all chains, and the autocorrelations are averaged over them.

    Args:
        series: of every chain, the steps first, shape (steps, chains).

    Returns:
        The time; NaN if all values are the same.

    Raises:
        ValueError: for another shape, or values that are not finite.

    Source: Sokal 1997, section 3.
    """
    values = np.asarray(series, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] < 2:
        raise ValueError(f"series has shape {values.shape}; it must be (steps, chains) with two steps at least")
    if not np.isfinite(values).all():
        raise ValueError("series has values that are not finite")
    steps = len(values)
    power = np.abs(np.fft.rfft(values - values.mean(), 2 * steps, axis=0)) ** 2
    covariance = np.fft.irfft(power.sum(axis=1))[:steps] / (steps - np.arange(steps))
    if covariance[0] <= 0:
        return float("nan")
    times = np.cumsum(covariance / covariance[0]) - 0.5
    (beyond,) = np.nonzero(np.arange(steps) >= _WINDOW * times)
    return float(times[beyond[0] if len(beyond) else -1])
