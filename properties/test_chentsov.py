"""Which metrics on the simplices Markov maps leave invariant, and what reparametrisation leaves open."""

import hypothesis.strategies as st
import numpy as np
import sympy as sp

from derivations import chentsov, markov
from properties.checks import agree, decided, derived, fact
from properties.claims import claim
from properties.test_markov import simplex_points

SEEDS = st.integers(0, 2**32 - 1)
OUTCOMES, PIECES = 4, 3
# Powers of p as candidates for f in sum u_i^2 f(p_i); the third is the Fisher metric.
EXPONENTS = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0])


def embeddings(random, p, u):
    """The image of a batch of points and directions under random congruent embeddings, with permuted outcomes."""
    shares = random.dirichlet(np.full(PIECES, 2.0), size=p.shape) * (1 - 3e-3) + 1e-3
    order = random.permutation(p.shape[1] * PIECES)
    moved = [(shares * v[:, :, None]).reshape(len(v), -1)[:, order] for v in (p, u)]
    return moved[0], moved[1]


def powered(exponent):
    return lambda p, u: np.sum(u**2 * p**-exponent, axis=1)


def with_entropy(factor):
    """``F + factor dH (x) dH``, where ``dH(u) = -sum u_i ln p_i``."""
    return lambda p, u: np.sum(u**2 / p, axis=1) + factor * np.sum(u * np.log(p), axis=1) ** 2


def scaled_by_outcomes(p, u):
    return p.shape[1] * np.sum(u**2, axis=1)


@claim(
    "chentsov-uniqueness",
    evidence="exact",
    exponent=sp.Integer(1),
    scale=None,
    falsifiers={
        "u^2/p^2": {"exponent": sp.Integer(2)},
        "u^2/sqrt(p)": {"exponent": sp.Rational(1, 2)},
        "Euclidean": {"exponent": sp.Integer(0)},
        "a_n constant": {"scale": lambda _: sp.Symbol("c", positive=True)},
        "a_n quadratic": {"scale": lambda n: sp.Symbol("c", positive=True) * n**2},
    },
)
def test_from_the_centre_to_every_point(exponent, scale):
    derived(chentsov.uniqueness(exponent, scale))


@claim(
    "chentsov-uniqueness",
    evidence="exact",
    dimension=1,
    falsifiers={"two invariant forms": {"dimension": 2}, "none": {"dimension": 0}},
)
def test_permutations_leave_one_number(dimension):
    derived(chentsov.symmetric_forms(dimension=dimension))


@claim(
    "chentsov-uniqueness",
    evidence="property",
    given={"seed": SEEDS},
    norm=powered(1.0),
    falsifiers={
        "u^2/p^2": {"norm": powered(2.0)},
        "u^2/sqrt(p)": {"norm": powered(0.5)},
        "Euclidean": {"norm": powered(0.0)},
        "n sum u^2, right at the centre only": {"norm": scaled_by_outcomes},
        "with the entropy": {"norm": with_entropy(1.0)},
    },
)
def test_congruent_embeddings_keep_the_metric(seed, norm):
    random = np.random.default_rng(seed)
    p, u = simplex_points(random, OUTCOMES)
    before = norm(p, u)
    # Sums of twelve terms; 2000 seeds left 8e-16.
    agree(norm(*embeddings(random, p, u)), before, tolerance=1e-14, scale=before)


@claim(
    "chentsov-uniqueness",
    evidence="property",
    given={"seed": SEEDS},
    survivor=1.0,
    falsifiers={"p^-2": {"survivor": 2.0}, "p^-1/2": {"survivor": 0.5}, "constant": {"survivor": 0.0}},
)
def test_one_combination_of_powers_is_invariant(seed, survivor):
    """Among all combinations of seven powers, what embeddings leave invariant is one line: the Fisher metric."""
    random = np.random.default_rng(seed)
    defects = []
    for _ in range(5):
        p, u = simplex_points(random, OUTCOMES)
        moved = embeddings(random, p, u)
        values = np.stack([powered(s)(p, u) for s in EXPONENTS], axis=1)
        defects.append(np.stack([powered(s)(*moved) for s in EXPONENTS], axis=1) / values - 1)
    defects = np.concatenate(defects)
    _, singular, directions = np.linalg.svd(defects / np.maximum(np.linalg.norm(defects, axis=0), 1e-6))
    # The columns are scaled to length 1; the invariant one is noise far below the floor of that scaling.
    agree(np.abs(directions[-1]), (survivor == EXPONENTS).astype(float), tolerance=1e-5, scale=1.0)
    decided(
        bool(singular[-2] > 1e4 * singular[-1]), f"second singular value {singular[-2]:.1e} against {singular[-1]:.1e}"
    )


@claim(
    "monotonicity-forces-fisher",
    evidence="exact",
    left_inverse=True,
    falsifiers={"merging does not undo the split": {"left_inverse": False}},
)
def test_monotone_metrics_are_invariant(left_inverse):
    derived(chentsov.monotonicity_implies_invariance(left_inverse))
    derived(chentsov.uniqueness())
    derived(markov.kernel())


@claim(
    "monotonicity-forces-fisher",
    evidence="property",
    given={"seed": SEEDS},
    factor=0.0,
    falsifiers={"F + dH dH": {"factor": 1.0}, "F - dH dH / 10": {"factor": -0.1}, "F + dH dH / 1000": {"factor": 1e-3}},
)
def test_entropy_breaks_monotonicity(seed, factor):
    """There and back by a congruent embedding and the statistic that undoes it, a monotone metric cannot change."""
    random = np.random.default_rng(seed)
    p, u = simplex_points(random, OUTCOMES)
    norm, moved = with_entropy(factor), embeddings(random, p, u)
    scale = norm(p, u)
    agree(norm(*moved), scale, tolerance=1e-14, scale=scale)


@claim(
    "reparametrisation-forces-fisher",
    evidence="exact",
    extra=None,
    moved=None,
    falsifiers={
        "no entropy": {"extra": sp.Integer(0)},
        "entropy not squared": {
            "extra": sp.log(1 - sp.Symbol("q", positive=True)) - sp.log(sp.Symbol("q", positive=True))
        },
        "unchanged by the split": {"moved": chentsov.entropy_value()},
    },
)
def test_another_covariant_metric(extra, moved):
    derived(chentsov.entropy_metric(extra, moved))


@claim(
    "reparametrisation-forces-fisher",
    evidence="counterexample",
    factor=1,
    falsifiers={"Fisher alone": {"factor": 0}, "minus the square": {"factor": -1}},
)
def test_counterexample_in_numbers(factor):
    """Bernoulli with q = 1/4: two covariant metrics with different values, and growth under a Markov map."""
    fisher = sp.Rational(16, 3)
    value = fisher + factor * (chentsov.entropy_value() - fisher)
    fact("F + dH dH at q = 1/4", value.evalf(25))
    fact("F at q = 1/4", fisher.evalf(25))
    fact("F + dH dH after the second outcome is split in halves", chentsov.split_entropy_value().evalf(25))
    digits = sp.Rational("6.54028229414592")
    decided(bool(abs(value.evalf(30) - digits) < sp.Rational(1, 10**13)), "6.54028229414592 at q = 1/4")
    decided(bool(value.evalf(30) > fisher), "the other metric is larger than the Fisher metric there")
    decided(
        bool((value - chentsov.split_entropy_value()).evalf(30) > 1),
        "merging the two halves, a Markov map, makes it larger by more than 1",
    )
    p, u = np.array([[0.25, 0.75]]), np.array([[1.0, -1.0]])
    split = np.array([[0.25, 0.375, 0.375]]), np.array([[1.0, -0.5, -0.5]])
    norm = with_entropy(float(factor))
    agree(norm(p, u), [6.54028229414592], tolerance=1e-14)
    agree(norm(*split), [float(chentsov.split_entropy_value())], tolerance=1e-14)
