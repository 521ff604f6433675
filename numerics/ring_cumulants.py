"""Cumulants of the bonds of a ring with equal couplings, in closed form: all its matrices commute."""

import numpy as np

from numerics.lattices import Lattice
from numerics.spin_enumeration import Cumulants


def ring_cumulants(lattice: Lattice, coupling: float, table: np.ndarray) -> Cumulants:
    """Of a ring of any length n; only how many of the three bonds are the same matters.

    Args:
        lattice: the ring.
        coupling: of all bonds.
        table: the statistic of a bond, by the states of its spins, shape (q, q).
    """
    number, states = lattice.spins, len(table)
    exponent = coupling * table
    weight = np.exp(exponent - exponent.max())

    def eigenvalues(matrix: np.ndarray) -> np.ndarray:
        """Of a matrix with equal entries beside its equal diagonal: once, and of states - 1 other vectors."""
        same, other = matrix[0, 0], matrix[0, 1]
        return np.array([same + (states - 1) * other, same - other])

    largest = eigenvalues(weight)[0]
    ratios = eigenvalues(weight) / largest
    counts = np.array([1.0, states - 1.0])

    def moment(*statistics: np.ndarray) -> float:
        """Mean of the product of statistics of different bonds."""
        product = np.prod([eigenvalues(weight * one) / largest for one in statistics], axis=0)
        return float(np.sum(counts * product * ratios ** (number - len(statistics))) / np.sum(counts * ratios**number))

    mean = moment(table)
    one = table - mean
    metric = np.full((number, number), moment(one, one))
    np.fill_diagonal(metric, moment(one**2))
    third = np.full((number, number), moment(one, one, one))
    np.fill_diagonal(third, moment(one**2, one))
    third[0, :] = third[:, 0] = moment(one**2, one)
    third[0, 0] = moment(one**3)
    return Cumulants(np.full(number, mean), metric, third[:, :, None], lattice.representatives)
