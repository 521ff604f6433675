"""The Ising model on a torus by free fermions, against enumeration of all states and against derivatives of the metric."""

import itertools
from functools import cache

import numpy as np
import pytest

from numerics.ising_fermions import critical_coupling, fermions
from numerics.ising_torus import curvature

CRITICAL = critical_coupling()
COUPLINGS = [(CRITICAL, CRITICAL), (0.3, 0.3), (0.2, 0.5), (0.6, 0.6), (0.3, np.arctanh(np.exp(-0.6)))]


@cache
def enumerated(size, couplings):
    """Mean, metric and third cumulants of all bonds, those along x first; one spin is held."""
    spins = np.array(list(itertools.product((1, -1), repeat=size**2 - 1)), dtype=np.int8)
    spins = np.concatenate([np.ones((len(spins), 1), np.int8), spins], axis=1).reshape(-1, size, size)
    bonds = (
        np.stack([spins * np.roll(spins, -1, axis) for axis in (1, 2)], axis=1).reshape(len(spins), -1).astype(float)
    )
    number = size**2
    exponent = couplings[0] * bonds[:, :number].sum(axis=1) + couplings[1] * bonds[:, number:].sum(axis=1)
    weights = np.exp(exponent - exponent.max())
    weights /= weights.sum()
    mean = weights @ bonds
    centred = bonds - mean
    weighted = centred * weights[:, None]
    third = np.stack([(weighted * centred[:, [c]]).T @ centred for c in range(2 * number)], axis=2)
    return mean, weighted.T @ centred, third


def contracted(metric, third):
    inverse = np.linalg.inv(metric)
    raised = np.einsum("abc,ai,bj,ck->ijk", third, inverse, inverse, inverse, optimize=True)
    trace = np.einsum("ab,abc->c", inverse, third)
    return np.sum(raised * third), trace, trace @ inverse @ trace


@pytest.mark.parametrize("couplings", COUPLINGS, ids=str)
def test_means_and_metric_against_enumeration(couplings):
    model, (mean, metric, _) = fermions(3, couplings), enumerated(3, couplings)
    np.testing.assert_allclose(model.mean, mean[[0, -1]], rtol=1e-12)
    transform = np.exp(-2j * np.pi * np.outer(np.arange(3), np.arange(3)) / 3)
    blocks = metric.reshape(2, 3, 3, 2, 3, 3)
    found = np.einsum("axybuv,kx,ly,ku,lv->klab", blocks, transform, transform, transform.conj(), transform.conj()) / 9
    np.testing.assert_allclose(model.metric, found, atol=1e-12)


@pytest.mark.parametrize("couplings", COUPLINGS, ids=str)
def test_contractions_against_enumeration(couplings):
    found, (_, metric, third) = curvature(fermions(3, couplings)), enumerated(3, couplings)
    square, trace, trace_square = contracted(metric, third)
    np.testing.assert_allclose(found.skewness_squared, square, rtol=1e-11)
    np.testing.assert_allclose(found.trace, trace[[0, -1]], rtol=1e-11)
    np.testing.assert_allclose(found.trace_squared, trace_square, rtol=1e-11)
    np.testing.assert_allclose(found.scalar_curvature, (square - trace_square) / 4, rtol=1e-11)


@pytest.mark.slow
def test_four_by_four_against_enumeration():
    """32768 states, 32 couplings."""
    _, metric, third = enumerated(4, (CRITICAL, CRITICAL))
    square, _, trace_square = contracted(metric, third)
    found = curvature(fermions(4, (CRITICAL, CRITICAL)))
    np.testing.assert_allclose([found.skewness_squared, found.trace_squared], [square, trace_square], rtol=1e-11)


@pytest.mark.parametrize("size", [5, 12])
def test_trace_by_the_logarithm_of_the_determinant(size):
    """``2 L^2 t = d(ln det g)/dJ`` along equal couplings, by differences of eighth order."""
    coupling, step = 0.35, 2e-3

    def logarithm(J):
        return float(np.sum(np.linalg.slogdet(fermions(size, (J, J)).metric)[1]))

    weights = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    slope = (
        sum(w * (logarithm(coupling + k * step) - logarithm(coupling - k * step)) for k, w in weights.items()) / step
    )
    found = curvature(fermions(size, (coupling, coupling)))
    np.testing.assert_allclose(2 * size**2 * found.trace[0], slope, rtol=1e-9)


def test_symmetries():
    """The axes may change places, and equal couplings have equal traces however they are summed."""
    one, other = (curvature(fermions(4, pair)) for pair in ((0.2, 0.5), (0.5, 0.2)))
    np.testing.assert_allclose(one.trace, other.trace[::-1], rtol=1e-12)
    np.testing.assert_allclose(one.scalar_curvature, other.scalar_curvature, rtol=1e-11)
    almost = curvature(fermions(5, (0.3, 0.3 * (1 + 1e-15))))
    np.testing.assert_allclose(almost.scalar_curvature, curvature(fermions(5, (0.3, 0.3))).scalar_curvature, rtol=1e-11)


def test_progress_is_told():
    seen = []
    curvature(fermions(12, (0.3, 0.3)), progress=lambda done, number: seen.append((done, number)))
    assert seen[-1] == (28, 28)


@pytest.mark.parametrize(
    ("size", "couplings", "pattern"),
    [
        (2, (0.3, 0.3), "size = 2; its domain is size >= 3"),
        (4, (0.0, 0.3), "couplings = "),
        (4, (np.nan, 0.3), "couplings = "),
        (4, (0.3, np.inf), "couplings = "),
        (4, (CRITICAL + 1e-7, CRITICAL), "from the critical line"),
    ],
)
def test_refusals(size, couplings, pattern):
    with pytest.raises(ValueError, match=pattern):
        fermions(size, couplings)
