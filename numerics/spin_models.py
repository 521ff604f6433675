"""Spins that prefer neighbours of the same state: what a bond counts, and its weights."""

import numpy as np

from numerics.sizes import whole_number

MODELS = ("ising", "potts")
# Of the Ising model on the cubic lattice, 0.22165463(1) (Ferrenberg, Xu & Landau 2018).
_CUBIC_ISING = 0.2216546


def bond_values(model: str, states: int = 2) -> np.ndarray:
    """The statistic phi of a bond by the states of its spins, shape (states, states).

    Args:
        model: ``"ising"``, ``phi = s s'`` with spins +1 and -1, or ``"potts"``, ``phi = 1`` for equal states and 0 for others.
        states: of a spin, q >= 2; 2 for the Ising model.
    """
    if model not in MODELS:
        raise ValueError(f"model = {model!r}; its domain is {', '.join(MODELS)}")
    states = whole_number(states, "states", 2)
    if model == "potts":
        return np.eye(states)
    if states != 2:
        raise ValueError(f"states = {states}; spins of the Ising model have 2")
    return np.array([[1.0, -1.0], [-1.0, 1.0]])


def checked_couplings(couplings: float | np.ndarray, number: int, of: str) -> np.ndarray:
    """One finite coupling for each bond or axis, shape (number,).

    Args:
        couplings: one number for all, or one for each.
        number: how many.
        of: what has a coupling, for the message.
    """
    found = np.asarray(couplings, dtype=np.float64)
    if found.shape not in ((), (number,)):
        raise ValueError(f"couplings have the shape {found.shape}; give one number, or one for each of {number} {of}")
    if not np.isfinite(found).all():
        raise ValueError(f"couplings = {couplings}; their domain is finite numbers")
    return np.broadcast_to(found, (number,)).copy()


def critical_potts_coupling(states: int, dimension: int = 2) -> float:
    """Of lattices of equal couplings with the statistic ``delta(s, s')``; twice that of the Ising model for two states.

    Args:
        states: q, 2 at least.
        dimension: 2, where it is ``ln(1 + sqrt q)``; or 3 for two states, where it is twice 0.2216546.

    Raises:
        ValueError: for what is not known here.
    """
    q = whole_number(states, "states", 2)
    if dimension == 2:
        return float(np.log1p(np.sqrt(q)))
    if (q, dimension) == (2, 3):
        return 2 * _CUBIC_ISING
    raise ValueError(
        f"the critical coupling is not known here for states = {states}, dimension = {dimension}; give coupling"
    )
