r"""The scalar curvature of the Potts model on a torus, one coupling for each bond, by cluster Monte Carlo.

``R = (|T|^2 - |tr T|^2)/4`` with g the covariance and T the third cumulants of ``phi_b = delta(s_i, s_j)`` of the m = d n
bonds, all couplings being equal. With ``K(s, s') = (phi(s) - mean)^T g^-1 (phi(s') - mean)`` and E the sum of all phi,

- the trace ``t = g^ab T_abc`` is the same for every bond, and ``m t = Cov(E, K(s, s))``;
- the vector of ones is an eigenvector of g with the eigenvalue ``chi = Var(E)/m``, so that ``|tr T|^2 = m t^2 / chi``;
- ``|T|^2`` is the mean of ``K(s, s')^3`` over independent states, see :mod:`numerics.skewness_pairs`.

Standard errors come from independent chains, and so include autocorrelation. Those of the trace are the jackknife's, which
also removes the bias of order 1/chains of a function of means. For ``|T|^2`` the means over pairs of chains are a table of two
factors, whose rows and columns also move g and the mean: the variance is that of both factors, less the part of single pairs
that both count, and no less than that part. Errors are those of normal laws: where rare states carry much of ``|T|^2``, as on
the smallest lattices, they are too small unless these were seen often.

Source: the claim ``ricci-split`` for R; Zhuravlev 2026 (arXiv 2603.07651); Efron & Stein 1981 for the jackknife.
"""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from numerics import bond_moments, skewness_pairs
from numerics.autocorrelation import autocorrelation_time
from numerics.bond_moments import BondMoments
from numerics.sizes import whole_number
from numerics.spin_models import critical_potts_coupling
from numerics.swendsen_wang import Potts, advance, device_mesh, energies, start

Progress = Callable[[int, int], None]
_DIMENSIONS = (1, 2, 3)


@dataclass(frozen=True)
class Measured:
    """A number and its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class CurvatureEstimate:
    """What a simulation found.

    Attributes:
        scalar_curvature: R.
        skewness_squared: ``|T|^2``.
        trace_squared: ``|tr T|^2``.
        trace: t, the same for every bond.
        energy_variance: ``chi = Var(E)/m``.
        mean: of a bond.
        bias: of ``|T|^2``, of the inverse of an estimated metric; removed from it.
        autocorrelation_time: the integrated one of E, in sweeps.
        effective_samples: independent values of E that the chains are worth.
        sweeps: of all chains together, after the warm-up.
        pairs: of states, each at all translations.
    """

    scalar_curvature: Measured
    skewness_squared: Measured
    trace_squared: Measured
    trace: Measured
    energy_variance: Measured
    mean: Measured
    bias: float
    autocorrelation_time: float
    effective_samples: float
    sweeps: int
    pairs: int


def estimate(
    states: int,
    size: int,
    dimension: int,
    coupling: float | None = None,
    *,
    chains: int,
    sweeps: int,
    seed: int,
    warm_up: int | None = None,
    every: int = 1,
    kept: int = 64,
    together: int = 8,
    devices: list[jax.Device] | None = None,
    progress: Progress | None = None,
) -> CurvatureEstimate:
    """Simulate and estimate.

    Args:
        states: q of the model; 2 for the Ising model, whose usual coupling is J/2.
        size: L >= 3.
        dimension: d, from 1 to 3.
        coupling: J >= 0; the critical one if not given, where it is known.
        chains: independent ones, an even number, 16 at least; errors have about that many degrees of freedom.
        sweeps: of each chain after the warm-up; rounded down to a multiple of ``every * kept``.
        seed: of everything random.
        warm_up: sweeps of each chain before; a fifth of ``sweeps`` if not given.
        every: sweeps between two measurements.
        kept: states of each chain that take part in pairs, evenly spaced.
        together: how many of them each pair of chains has, a divisor of ``kept``; with fewer than ``2 kept / together`` chains
            some states take no part.
        devices: that share the chains; all that there are if not given. The result does not depend on them but for rounding.
        progress: called with how many kept states each chain has, and how many it will have.

    Raises:
        TypeError: for numbers that are not whole.
        ValueError: outside the domain, naming the argument.
    """
    model = Potts(states, size, dimension, critical_potts_coupling(states, dimension) if coupling is None else coupling)
    mesh = device_mesh(devices)
    measurements = _measurements(model, chains, sweeps, every, kept, together, mesh.size)
    burn = sweeps // 5 if warm_up is None else whole_number(warm_up, "warm_up", 0)
    spread = NamedSharding(mesh, PartitionSpec("chains"))
    state = jax.device_put(start(model, chains, jax.random.key(seed)), spread)
    state = advance(model, mesh, state, burn)
    centre = np.float32(np.mean(np.asarray(energies(model, state.spins))) / model.bonds)
    totals: dict[str, np.ndarray] = {}
    series, spins = [], []
    for index in range(kept):
        state, steps, sums = bond_moments.record(model, mesh, state, centre, every, measurements)
        for key, value in sums.items():
            totals[key] = totals.get(key, 0) + np.asarray(value).astype(np.result_type(value.dtype, np.float64))
        series.append(np.asarray(steps))
        spins.append(np.asarray(state.spins))
        if progress is not None:
            progress(index + 1, kept)
    moments = bond_moments.averaged(model, totals, measurements * kept)
    found = skewness_pairs.pairs(model, mesh, np.stack(spins, axis=1), float(centre), moments, together)
    return _estimate(model, moments, found, float(centre), np.concatenate(series), together)


def _estimate(
    model: Potts,
    moments: BondMoments,
    found: skewness_pairs.Pairs,
    centre: float,
    series: np.ndarray,
    together: int,
) -> CurvatureEstimate:
    count = series.shape[1]
    parts, pulls = _jackknifed(trace_parts(model, moments.mean())[:, 0], trace_parts(model, moments.without_each()))
    (trace, variance, trace_squared), errors = parts, np.std(pulls, axis=1, ddof=1) / count**0.5
    skewness_squared = float(found.cubes.mean()) - found.bias
    time = autocorrelation_time(series)
    mean = moments.energy / model.bonds
    return CurvatureEstimate(
        scalar_curvature=Measured(
            float(skewness_squared - trace_squared) / 4, _two_way_error(found.cubes, found.slopes - pulls[2]) / 4
        ),
        skewness_squared=Measured(skewness_squared, _two_way_error(found.cubes, found.slopes)),
        trace_squared=Measured(float(trace_squared), float(errors[2])),
        trace=Measured(float(trace), float(errors[0])),
        energy_variance=Measured(float(variance), float(errors[1])),
        mean=Measured(centre + float(mean.mean()), float(np.std(mean, ddof=1)) / count**0.5),
        bias=found.bias,
        autocorrelation_time=time,
        effective_samples=series.size / (2 * time),
        sweeps=series.size,
        pairs=found.cubes.size * together**2,
    )


def trace_parts(model: Potts, moments: BondMoments) -> np.ndarray:
    """t, chi and ``|tr T|^2`` of the means of each chain, or set of chains: shape (3, chains)."""
    d, number = model.dimension, model.sites
    place, wide = bond_moments.orbits(model.size, d), (-1, *(1,) * (d + 2))
    mean, chi = moments.energy / model.bonds, (moments.energy_squared - moments.energy**2) / model.bonds
    covariance = moments.products[:, place] - mean.reshape(wide) ** 2
    joint = moments.products_with_energy - moments.energy[:, None] * moments.products
    # The third cumulant of E and two bonds, as E has the covariance chi with each bond.
    third = joint[:, place] - 2 * (mean * chi).reshape(wide)
    metric, slope = (
        np.moveaxis(np.fft.fftn(part, axes=range(-d, 0)).reshape(-1, d, d, number), -1, 1)
        for part in (covariance, third)
    )
    trace = np.einsum("ckaa->c", np.linalg.solve(metric, slope)).real / model.bonds
    return np.stack([trace, chi, model.bonds * trace**2 / chi])


def _jackknifed(whole: np.ndarray, without_each: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimates without the bias of order 1/chains, and by chain the pseudo-values less these."""
    count = without_each.shape[1]
    pseudo = count * whole[:, None] - (count - 1) * without_each
    estimates = pseudo.mean(axis=1)
    return estimates, pseudo - estimates[:, None]


def _two_way_error(table: np.ndarray, slopes: np.ndarray) -> float:
    """Standard error of the mean of a table whose rows and columns are chains, which also move it by their slopes.

    The variances of rows and of columns each contain that of single entries, which is to be counted once. It is known best, and
    is a bound: where it is most of all, the difference of the others is noise that would often make the error far too small.
    """
    block = len(table)
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    single = table - rows[:, None] - columns + table.mean()
    # A chain is one of ``block`` in its factor, and one of twice as many where g and the mean come from.
    spread = np.var(rows + slopes[:block] / 2, ddof=1) + np.var(columns + slopes[block:] / 2, ddof=1)
    both = np.sum(single**2) / (block - 1) ** 2 / block**2
    return float(np.sqrt(max(spread / block - both, both)))


def _measurements(model: Potts, chains: int, sweeps: int, every: int, kept: int, together: int, devices: int) -> int:
    """Between two kept states; refuses what is outside the domain."""
    if model.dimension not in _DIMENSIONS:
        raise ValueError(f"dimension = {model.dimension}; its domain is 1 to 3")
    if model.coupling == 0:
        raise ValueError("coupling = 0.0; its domain is numbers above 0")
    if whole_number(chains, "chains", 16) % (2 * devices):
        raise ValueError(f"chains = {chains}; it must be a multiple of {2 * devices}, twice the number of devices")
    if whole_number(kept, "kept", 1) % whole_number(together, "together", 1):
        raise ValueError(f"together = {together}; it must divide kept = {kept}")
    least = whole_number(every, "every", 1) * kept
    return whole_number(sweeps, "sweeps", least) // least
