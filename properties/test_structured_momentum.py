"""Claims about Fisher-structured momentum: which problem its step solves, and what it is in another basis."""

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp

from derivations import structured_momentum as derivation
from numerics.structured_momentum import structured_step
from properties.checks import agree, at_most, decided, derived, fact
from properties.claims import claim

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.sampled_from([(4, 3), (2, 5)])
BATCH = 16
_steps = jax.vmap(structured_step)


@claim(
    "structured-momentum-steepest",
    evidence="exact",
    change={},
    falsifiers={
        "the inverse for its root": {"change": {"outer": 2}},
        "an outer factor missing": {"change": {"outer": 0}},
        "another share of the squares": {"change": {"share": sp.Integer(1)}},
    },
)
def test_steepest(change):
    derived(derivation.steepest(**change))


def _positive(random, d):
    """Symmetric matrices with eigenvalues between exp(-2) and exp(2), shape (BATCH, d, d)."""
    frame, _ = np.linalg.qr(random.normal(size=(BATCH, d, d)))
    return np.einsum("nia,na,nja->nij", frame, np.exp(random.uniform(-2, 2, (BATCH, d))), frame)


def _power(matrix, exponent):
    values, vectors = np.linalg.eigh(matrix)
    return np.einsum("nia,na,nja->nij", vectors, values**exponent, vectors)


def _polar(matrix):
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right


def _with_the_inverse(G, P, Q):
    return _power(P, -1.0) @ _polar(_power(P, -1.0) @ G @ _power(Q, -0.5)) @ _power(Q, -0.5)


def _without_an_outer_factor(G, P, Q):
    return _polar(_power(P, -0.5) @ G @ _power(Q, -0.5)) @ _power(Q, -0.5)


def _normalised(G, P, Q):
    whitened = _power(P, -0.5) @ G @ _power(Q, -0.5)
    whitened = whitened / np.linalg.norm(whitened, axis=(1, 2), keepdims=True)
    return _power(P, -0.5) @ whitened @ _power(Q, -0.5)


def _muon(G, P, Q):
    size = np.linalg.norm(_power(P, 0.5) @ _polar(G) @ _power(Q, 0.5), 2, axis=(1, 2))
    return _polar(G) / size[:, None, None]


@claim(
    "structured-momentum-steepest",
    evidence="property",
    given={"shape": SHAPES, "seed": SEEDS},
    step=_steps,
    falsifiers={
        "the inverse for its root": {"step": _with_the_inverse},
        "an outer factor missing": {"step": _without_an_outer_factor},
        "divided by the Frobenius norm": {"step": _normalised},
        "Muon, scaled to the constraint": {"step": _muon},
    },
)
def test_no_step_gains_more(shape, seed, step):
    """Against the dual bound, by triangular roots, and against random steps on the boundary."""
    random = np.random.default_rng([seed, *shape])
    m, n = shape
    G = random.normal(size=(BATCH, m, n)) * np.exp(random.uniform(-3, 3, (BATCH, 1, 1)))
    P, Q = _positive(random, m), _positive(random, n)
    X = np.asarray(step(G, P, Q))
    left, right = np.linalg.cholesky(P), np.linalg.cholesky(Q)
    whitened = np.linalg.solve(left, np.swapaxes(np.linalg.solve(right, np.swapaxes(G, 1, 2)), 1, 2))
    nuclear = np.linalg.svd(whitened, compute_uv=False).sum(axis=1)
    gain = np.sum(G * X, axis=(1, 2))
    agree(gain, nuclear, tolerance=3e-14)
    size = np.linalg.norm(np.swapaxes(left, 1, 2) @ X @ right, 2, axis=(1, 2))
    agree(size, np.ones(BATCH), tolerance=3e-14)
    other = X + random.normal(size=X.shape) * np.abs(X).max(axis=(1, 2), keepdims=True)
    other = other / np.linalg.norm(np.swapaxes(left, 1, 2) @ other @ right, 2, axis=(1, 2))[:, None, None]
    at_most(np.sum(G * other, axis=(1, 2)), gain, slack=3e-14, scale=nuclear)
    ones = [np.broadcast_to(np.eye(d), (BATCH, d, d)) for d in shape]
    agree(np.asarray(step(G, *ones)), _polar(G), tolerance=1e-12, scale=1.0)


@claim(
    "structured-momentum-basis",
    evidence="exact",
    change={},
    falsifiers={
        "the gradient as a vector": {"change": {"gradient_power": 1}},
        "the factor as that of vectors": {"change": {"factor_power": 1}},
    },
)
def test_change_of_basis(change):
    derived(derivation.change_of_basis(**change))


def _of_one_basis(A, B, P, Q):
    return P, Q


def _as_forms(A, B, P, Q):
    back, back_columns = np.linalg.inv(A), np.linalg.inv(B)
    return np.swapaxes(back, 1, 2) @ P @ back, back_columns @ Q @ np.swapaxes(back_columns, 1, 2)


def _damped(A, B, P, Q):
    return tuple(factor + 0.01 * np.eye(factor.shape[-1]) for factor in _as_forms(A, B, P, Q))


@claim(
    "structured-momentum-basis",
    evidence="property",
    given={"shape": SHAPES, "seed": SEEDS},
    law=_as_forms,
    falsifiers={"factors of the first basis": {"law": _of_one_basis}, "factors damped": {"law": _damped}},
)
def test_steps_in_two_bases(shape, seed, law):
    """Bases whose directions are stretched by up to exp(2)."""
    random = np.random.default_rng([seed, *shape])
    m, n = shape
    G, P, Q = random.normal(size=(BATCH, m, n)), _positive(random, m), _positive(random, n)
    A, B = (_positive(random, d) @ np.linalg.qr(random.normal(size=(BATCH, d, d)))[0] for d in shape)
    there = np.swapaxes(np.linalg.inv(A), 1, 2) @ G @ np.swapaxes(np.linalg.inv(B), 1, 2)
    expected = A @ np.asarray(_steps(G, P, Q)) @ B
    agree(np.asarray(_steps(there, *law(A, B, P, Q))), expected, tolerance=3e-11,
          scale=np.abs(expected).max(axis=(1, 2), keepdims=True))  # fmt: skip


@claim(
    "structured-momentum-accumulated",
    evidence="exact",
    shear=1,
    falsifiers={"one basis": {"shear": 0}},
)
def test_turning(shear):
    derived(derivation.turning(shear))


def _summed_whitened(gradients, factors):
    whitened = sum(
        _power(P[None], -0.5)[0] @ G / 2 ** (2 - t) for t, (G, P) in enumerate(zip(gradients, factors, strict=True))
    )
    return _power(factors[-1][None], -0.5)[0] @ _polar(whitened)


def _whitened_sum(gradients, factors):
    summed = sum(G / 2 ** (2 - t) for t, G in enumerate(gradients))
    return np.asarray(structured_step(summed, factors[-1], np.eye(2)))


@claim(
    "structured-momentum-accumulated",
    evidence="counterexample",
    rule=_summed_whitened,
    factors=(np.diag([1.0, 4.0]), np.eye(2)),
    falsifiers={
        "whitened after summing": {"rule": _whitened_sum},
        "factors that stay": {"factors": (np.diag([1.0, 4.0]), np.diag([1.0, 4.0]))},
    },
)
def test_momentum_in_two_bases(rule, factors):
    """Two steps with beta = 1/2 and Q = 1, in a basis and in one sheared by A."""
    gradients = (np.diag([2.0, 2.0]), np.array([[1.0, 2.0], [0.0, 1.0]]))
    A = np.array([[1.0, 1.0], [0.0, 1.0]])
    back = np.linalg.inv(A)
    moved = A @ rule(gradients, factors)
    there = rule([back.T @ G for G in gradients], [back.T @ P @ back for P in factors])
    fact("first entry of both steps, in the second basis", f"{moved[0, 0]:.6f} and {there[0, 0]:.6f}")
    decided(bool(np.abs(moved - there).max() > 0.01), "the steps differ by more than 0.01, far above rounding")
    agree(there[0, 0] - moved[0, 0], 0.0612, tolerance=5e-5, scale=1.0)
