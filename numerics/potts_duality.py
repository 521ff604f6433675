"""The trace of the skewness tensor by duality, for the Potts model on lattices that are their own dual.

Source: derivations/potts_duality.py.
"""

import math

from numerics.sizes import whole_number


def self_dual_trace(states: int, energy_variance: float, inverse_diagonal: float) -> float:
    """``t = g^ab T_abc`` of each bond at the self-dual point, by the metric alone.

    It is exact where the lattice is its own dual and all its bonds are alike, and holds up to a boundary term on tori, which
    are not planar. All in the statistic ``delta(s_i, s_j)``.

    Args:
        states: q, 2 at least.
        energy_variance: ``chi``, the variance of the energy for each bond.
        inverse_diagonal: ``g^aa``, the same for every bond a.
    """
    root = math.sqrt(whole_number(states, "states", 2))
    contact = (root**2 - 1) / root**3
    return -(inverse_diagonal * energy_variance + 2) / root + contact * inverse_diagonal / 2


def self_dual_trace_of_ising(energy_variance: float, inverse_diagonal: float) -> float:
    """The same for spins +1 and -1 with the statistic ``s_i s_j = 2 delta - 1``.

    Args:
        energy_variance: ``chi`` in this statistic.
        inverse_diagonal: ``g^aa`` in this statistic.
    """
    return 2 * self_dual_trace(2, energy_variance / 4, 4 * inverse_diagonal)
