r"""The least divergence from a half-space of laws, and what multiplies its exponential, on the host.

Among the laws q of k letters with ``E_q[f] >= b`` the tilted law ``p exp(lambda f) / Z`` is the nearest to p in ``KL(q || p)``,
and the divergence is the rate of the probability that the type of n draws lies there.

Source: Cover & Thomas 2006, sections 11.4 and 11.5; Dembo & Zeitouni 1998, theorem 3.7.4, for the constant on lattices.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import logsumexp, softmax

from numerics.types import validated_law


@dataclass(frozen=True)
class HalfSpace:
    """The law of a half-space that is nearest to p.

    Attributes:
        rate: ``KL(law || p)``, in nats.
        tilt: ``lambda >= 0``; infinite where only the largest letters are left.
        law: the nearest law, shape (k,).
    """

    rate: float
    tilt: float
    law: NDArray[np.float64]


def half_space(law: ArrayLike, statistic: ArrayLike, bound: float) -> HalfSpace:
    """The nearest law with ``E[f] >= bound``.

    Args:
        law: positive probabilities p of the letters, shape (k,).
        statistic: f, shape (k,).
        bound: b.

    Returns:
        Rate accurate to about ``1e-14``, law to ``1e-13``.

    Raises:
        ValueError: for a law that is none, a statistic of another shape or not finite, or a bound above the largest f.
    """
    law, f = validated_law(law), np.asarray(statistic, dtype=np.float64)
    if f.shape != law.shape or not np.isfinite(f).all():
        raise ValueError(f"statistic = {f.tolist()}; its domain is {len(law)} finite numbers, one for each letter")
    if not bound <= f.max():
        raise ValueError(f"bound = {bound}; its domain is bound <= {f.max()}, the largest statistic")
    if bound <= law @ f:
        return HalfSpace(0.0, 0.0, law)
    at_top = f == f.max()
    if bound == f.max():
        return HalfSpace(-math.log(law[at_top].sum()), math.inf, np.where(at_top, law, 0.0) / law[at_top].sum())

    def excess(tilt: float) -> float:
        return float(softmax(np.log(law) + tilt * f) @ f) - bound

    # A tilt at which the letters below the top weigh so little that the mean is above the bound.
    upper = 1.0 / float(np.ptp(f))
    while excess(upper) < 0:
        upper *= 2
    tilt = brentq(excess, 0.0, upper, xtol=1e-300, rtol=4 * np.finfo(float).eps)
    rate = tilt * bound - float(logsumexp(np.log(law) + tilt * f))
    return HalfSpace(max(rate, 0.0), tilt, softmax(np.log(law) + tilt * f))


def lattice_prefactor(nearest: HalfSpace, statistic: ArrayLike) -> float:
    """The limit of ``sqrt(n) exp(n rate) P(mean of f >= b)`` along the n for which ``n b`` is an integer.

    Args:
        nearest: of a half-space that does not contain p.
        statistic: f, integers whose differences have no common divisor, shape (k,).

    Raises:
        ValueError: for a statistic that is no such integers, or a tilt that is 0 or infinite.
    """
    f = np.asarray(statistic)
    if not np.issubdtype(f.dtype, np.integer) or np.gcd.reduce(f - f.min()) != 1:
        raise ValueError(f"statistic = {f.tolist()}; its domain is integers whose differences have no common divisor")
    if not 0 < nearest.tilt < math.inf:
        raise ValueError(f"tilt = {nearest.tilt}; its domain is 0 < tilt < inf")
    variance = float(nearest.law @ f**2 - (nearest.law @ f) ** 2)
    return 1 / (-math.expm1(-nearest.tilt) * math.sqrt(2 * math.pi * variance))
