r"""The Ising model on an L x L torus as free fermions: means and covariances of the bonds, exactly.

With ``z = tanh J`` the partition function is, up to powers of 2 cosh J, half the signed sum of the Pfaffians of four
antisymmetric matrices A, which differ by boundary conditions. A site has four legs: right, left, up and down. In momentum space
A is a block of 4 x 4 for each momentum: multiples of 2 pi/L where a direction is periodic, the middles between them where it is
antiperiodic. The z of a bond multiplies one product q of two legs, and derivatives by it are traces of products of ``A^-1``.

Where both directions are periodic, the block at momentum 0 is singular on the critical line: the Pfaffian vanishes there, its
derivatives do not. With ``A^-1 = pole/eps + rest`` they are linear in the pole, and have the rest in all other places.

Sources: McCoy & Wu 1973, chapter IV; for the use of it Zhuravlev 2026 (arXiv 2603.07651).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Legs of a site: right, left, up, down. A bond joins the first leg of its axis to the second one of the next site.
LEGS = ((0, 1), (2, 3))
AXIS = np.array([0, 0, 1, 1])
PARTNER = np.array([1, 0, 3, 2])
IS_SECOND = np.array([False, True, False, True])
_SITE = np.array([[0, 1, -1, -1], [-1, 0, 1, -1], [1, -1, 0, 1], [1, 1, -1, 0]], dtype=np.float64)
_ANTIPERIODIC = ((True, True), (True, False), (False, True))
# On the critical line up to rounding; and how close to it too many digits cancel.
_CRITICAL, _CLOSE = 1e-12, 1e-4
# Of the products of neighbouring spins; below it the curvature has fewer than seven certain digits.
_LEAST_VARIANCE = 1e-5


@dataclass(frozen=True)
class Sector:
    """One spin structure. Arrays over momenta or distances have the shape (L, L) first, bonds the shape (2,): along x, along y.

    Attributes:
        weight: its share of the partition function; on the critical line, of the last sector, that of its derivative.
        phases: ``exp(i p)`` of both components of the momenta, shape (L, L, 2).
        inverse: ``A^-1`` for each momentum, shape (L, L, 4, 4); at a zero mode the rest.
        pole: the pole of the zero mode, shape (4, 4); None if there is none.
        excess: mean of q in the sector less that in the model, for a bond of each axis, shape (2,).
        covariance: of two q by the momentum between them, shape (L, L, 2, 2).
        pole_mean: the part of the mean that is linear in the pole, shape (2,).
        pole_covariance: that of the covariance, shape (L, L, 2, 2).
    """

    weight: float
    phases: np.ndarray
    inverse: np.ndarray
    pole: np.ndarray | None
    excess: np.ndarray = field(default_factory=lambda: np.zeros(2))
    covariance: np.ndarray = field(default_factory=lambda: np.zeros(0))
    pole_mean: np.ndarray = field(default_factory=lambda: np.zeros(2))
    pole_covariance: np.ndarray = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class Fermions:
    """The model.

    Attributes:
        size: L.
        z: ``tanh J`` of both axes, shape (2,).
        mean_product: mean of q for a bond of each axis, shape (2,).
        mean: of the products of neighbouring spins, shape (2,).
        metric: the Fisher metric of all couplings, a Hermitian 2 x 2 block for each momentum, shape (L, L, 2, 2).
        sectors: three, and the periodic one where it counts.
    """

    size: int
    z: np.ndarray
    mean_product: np.ndarray
    mean: np.ndarray
    metric: np.ndarray
    sectors: tuple[Sector, ...]


def critical_coupling() -> float:
    """``ln(1 + sqrt 2)/2``, of the square lattice with equal couplings."""
    return 0.5 * float(np.log1p(np.sqrt(2.0)))


def fermions(size: int, couplings: tuple[float, float]) -> Fermions:
    """Solve the model.

    Args:
        size: L >= 3; smaller tori have two bonds between the same spins.
        couplings: J along x and along y, above 0.

    Raises:
        ValueError: outside the domain, and where digits cancel: for couplings close to the critical line but not on it, and
            for strong ones. The curvature has an error of ``1e-13`` at J = 0.8, ``5e-12`` at 1, and ``2e-9`` at 1.5.
    """
    if size < 3:
        raise ValueError(f"size = {size}; its domain is size >= 3: smaller tori have two bonds between the same spins")
    if not all(np.isfinite(J) and J > 0 for J in couplings):
        raise ValueError(f"couplings = {couplings}; their domain is finite numbers above 0")
    z = np.tanh(np.array(couplings))
    bare = [*_antiperiodic(size, z), _periodic(size, z)]
    weights = np.array([sign * np.exp(logarithm - bare[0][0]) for logarithm, sign, _ in bare])
    has_pole = bare[3][2].pole is not None
    weights /= np.sum(weights[:3]) + (0.0 if has_pole else weights[3])
    means = [_means(sector.inverse, sector.phases) for _, _, sector in bare]
    periodic = bare[3][2]
    pole_mean = _means(_at_zero(periodic), periodic.phases) if has_pole else np.zeros(2)
    product = weights[:3] @ np.array(means[:3]) + weights[3] * (pole_mean if has_pole else means[3])
    sectors = tuple(
        _observed(sector, weight, mean - product, pole_mean)
        for (_, _, sector), weight, mean in zip(bare, weights, means, strict=True)
    )
    mean = z + (1 - z**2) * product
    if not np.all(1 - mean**2 > _LEAST_VARIANCE):
        raise ValueError(
            f"couplings = {couplings}: neighbours hardly ever differ, and digits cancel; the domain is products of "
            f"neighbours with a variance above {_LEAST_VARIANCE:g}. Transfer matrices and enumeration have no such limit"
        )
    return Fermions(size, z, product, mean, _metric(sectors, z, product, mean), sectors)


def _metric(sectors: tuple[Sector, ...], z: np.ndarray, product: np.ndarray, mean: np.ndarray) -> np.ndarray:
    size = sectors[0].inverse.shape[0]
    found = np.zeros((size, size, 2, 2), complex)
    for sector in sectors:
        if sector.pole is None:
            found += sector.weight * sector.covariance
            found[0, 0] += sector.weight * size**2 * np.outer(sector.excess, sector.excess)
        else:
            mixed = np.outer(sector.excess, sector.pole_mean)
            found += sector.weight * sector.pole_covariance
            found[0, 0] += sector.weight * size**2 * (mixed + mixed.T)
    slope = 1 - z**2
    # The square of a product of spins is 1, that of q is 0.
    return found * np.outer(slope, slope) + np.diag(1 - mean**2 + (slope * product) ** 2)


def _antiperiodic(size: int, z: np.ndarray) -> list[tuple[float, float, Sector]]:
    """Logarithm of the Pfaffian, its sign, and the sector, for those without a zero mode."""
    found = []
    for antiperiodic in _ANTIPERIODIC:
        phases, blocks = _blocks(size, z, antiperiodic)
        logarithm = 0.5 * float(np.sum(np.log(np.linalg.det(blocks).real)))
        found.append((logarithm, 1.0, Sector(0.0, phases, np.linalg.inv(blocks), None)))
    return found


def _periodic(size: int, z: np.ndarray) -> tuple[float, float, Sector]:
    phases, blocks = _blocks(size, z, (False, False))
    zero = blocks[0, 0].real
    adjugate, pfaffian = _adjugate(zero)
    others = blocks.copy()
    others[0, 0] = np.eye(4)
    logarithm = 0.5 * float(np.sum(np.log(np.linalg.det(others).real)))
    inverse = np.linalg.inv(others)
    if abs(pfaffian) > _CRITICAL:
        if abs(pfaffian) < _CLOSE:
            raise ValueError(
                f"the couplings are {abs(pfaffian):.1e} from the critical line, where digits cancel below {_CLOSE:g}; "
                "give those of the critical line itself, or others"
            )
        inverse[0, 0] = adjugate / pfaffian
        return logarithm, pfaffian, Sector(0.0, phases, inverse, None)
    # Any way out of the critical line has the same limit; this one changes the entry (0, 1) alone.
    way = np.zeros((4, 4))
    way[0, 1], way[1, 0] = 1.0, -1.0
    slope = zero[2, 3]
    inverse[0, 0] = _adjugate(way)[0] / slope
    return logarithm, slope, Sector(0.0, phases, inverse, adjugate / slope)


def _blocks(size: int, z: np.ndarray, antiperiodic: tuple[bool, bool]) -> tuple[np.ndarray, np.ndarray]:
    """Phases and blocks of A for all momenta."""
    grids = np.meshgrid(*((np.arange(size) + 0.5 * shift) / size for shift in antiperiodic), indexing="ij")
    phases = np.exp(2j * np.pi * np.stack(grids, axis=-1))
    blocks = np.zeros((size, size, 4, 4), complex) + _SITE
    for axis, (first, second) in enumerate(LEGS):
        blocks[..., first, second] += z[axis] * phases[..., axis]
        blocks[..., second, first] -= z[axis] / phases[..., axis]
    return phases, blocks


def _adjugate(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Of an antisymmetric 4 x 4 matrix, with ``A^-1 = adjugate / Pfaffian``; the adjugate is linear in A."""
    a, b, c, d, e, f = (matrix[i, j] for i, j in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)))
    adjugate = np.array([[0, -f, e, -d], [f, 0, -c, b], [-e, c, 0, -a], [d, -b, a, 0]])
    return adjugate, float(a * f - b * e + c * d)


def _observed(sector: Sector, weight: float, excess: np.ndarray, pole_mean: np.ndarray) -> Sector:
    covariance = _covariances(sector.inverse, sector.inverse, sector.phases)
    if sector.pole is None:
        return Sector(weight, sector.phases, sector.inverse, None, excess, covariance)
    pole = _at_zero(sector)
    linear = _covariances(pole, sector.inverse, sector.phases) + _covariances(sector.inverse, pole, sector.phases)
    return Sector(weight, sector.phases, sector.inverse, sector.pole, excess, covariance, pole_mean, linear)


def _at_zero(sector: Sector) -> np.ndarray:
    """The pole at momentum 0, and nothing at others."""
    found = np.zeros_like(sector.inverse)
    found[0, 0] = sector.pole
    return found


def _means(inverse: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """Half the trace of ``A^-1`` with the derivative of A by one bond of each axis, shape (2,)."""
    found = []
    for axis, (first, second) in enumerate(LEGS):
        phase = phases[..., axis]
        found.append(0.5 * np.mean(inverse[..., second, first] * phase - inverse[..., first, second] / phase).real)
    return np.array(found)


def _covariances(first: np.ndarray, second: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """``-tr(A^-1 V_a A^-1 V_b)/2`` by the momentum between two bonds, shape (L, L, 2, 2)."""
    number = first.shape[0] * first.shape[1]
    along = phases[..., AXIS]
    begin = first * left_phases(along)[..., :, None] * right_phases(along)[..., None, :]
    left, right = np.fft.ifft2(begin, axes=(0, 1)) * number, np.fft.fft2(end_of(second, along), axes=(0, 1))
    return -0.5 * np.fft.ifft2(joined(left, right, np), axes=(0, 1)) / number


def left_phases(along: np.ndarray) -> np.ndarray:
    """What a vertex before ``A^-1`` puts on its rows."""
    return np.where(IS_SECOND, along, -1.0)


def right_phases(along: np.ndarray) -> np.ndarray:
    """What a vertex behind ``A^-1`` puts on its columns, at the momentum of ``A^-1``."""
    return np.where(IS_SECOND, -1.0 / along, 1.0)


def end_of(inverse: np.ndarray, along: np.ndarray) -> np.ndarray:
    """``A^-1`` with the phases of the vertices around it at its own momentum."""
    return inverse * np.where(IS_SECOND, along, 1.0)[..., :, None] * np.where(IS_SECOND, 1.0 / along, 1.0)[..., None, :]


def joined(left: Any, right: Any, xp: Any) -> Any:
    """Two factors joined by a bond behind the first and one before it: by the axes of both bonds, shape (..., 2, 2).

    Args:
        left: with the phases of the vertices around it, shape (..., 4, 4).
        right: likewise.
        xp: the module of the arrays, NumPy or ``jax.numpy``.
    """
    rows = []
    for behind in LEGS:
        rows.append(
            xp.stack(
                [
                    sum(left[..., PARTNER[s], r] * right[..., PARTNER[r], s] for r in behind for s in before)
                    for before in LEGS
                ],
                axis=-1,
            )
        )
    return xp.stack(rows, axis=-2)
