"""Claims about projections in the Kullback-Leibler divergence on a finite set."""

import hypothesis.strategies as st
import jax
import numpy as np
import sympy as sp
from scipy.optimize import minimize
from scipy.special import log_softmax, rel_entr, softmax

from derivations import information_projection as derivation
from numerics.information_projection import information_projection, reverse_projection
from properties.checks import agree, at_most, decided, derived, fact, sampled
from properties.claims import claim
from properties.tilts import kl, log_tilt, means

BATCH, STATES = 64, 6
SEEDS = st.integers(0, 2**32 - 1)

_project = jax.jit(jax.vmap(information_projection))
_project_back = jax.jit(jax.vmap(reverse_projection))


def laws(random, number=BATCH, states=STATES):
    """With logits from close together to an e-fold apart by several."""
    return softmax(random.normal(size=(number, states)) * np.exp(random.uniform(-3, 1, (number, 1))), axis=1)


def member(random, law, statistics):
    """Another law of the same means: from a law along a random direction that keeps them, up to 95 % of the way to an edge."""
    number, states = law.shape
    fixed = np.concatenate([np.ones((number, states, 1)), statistics], axis=2).swapaxes(1, 2)
    free = np.linalg.svd(fixed)[2][:, fixed.shape[1] :]
    direction = np.einsum("bi,bin->bn", random.normal(size=free.shape[:2]), free)
    furthest = np.min(np.where(direction < 0, law / -np.minimum(direction, -1e-300), np.inf), axis=1)
    return law + random.uniform(0, 0.95, (number, 1)) * furthest[:, None] * direction


def _drawn(seed, statistics=2):
    """A base, statistics and a law, in batches."""
    random = np.random.default_rng(seed)
    return random, laws(random), random.normal(size=(BATCH, STATES, statistics)), laws(random)


@claim(
    "information-projection",
    evidence="exact",
    change={},
    falsifiers={
        "twice the divergence of the projection": {"change": {"last": sp.Integer(2)}},
        "no log-partition": {"change": {"normalised": False}},
    },
)
def test_pythagoras(change):
    derived(derivation.pythagoras(**change))


@claim(
    "information-projection",
    evidence="property",
    given={"seed": SEEDS},
    stretch=1.0,
    order=1,
    falsifiers={
        "a tilt that is a hundredth longer": {"stretch": 1.01},
        "divergences with their arguments exchanged": {"order": -1},
    },
)
def test_linear_families(seed, stretch, order):
    """Two statistics on six states; other laws of the family up to near the edge of the simplex."""
    random, base, statistics, law = _drawn(seed)
    found = _project(base, statistics, means(law, statistics))
    projection = log_tilt(base, statistics, stretch * np.asarray(found.multipliers))
    for other in (law, member(random, law, statistics)):
        log_other, log_base = np.log(other), np.log(base)
        across, first, second = (
            kl(*pair[::order]) for pair in ((log_other, log_base), (log_other, projection), (projection, log_base))
        )
        # The worst of 4e5 laws: 2e-14.
        agree(first + second, across, tolerance=2e-13, scale=1 + across)
        at_most(second, across, slack=2e-13, scale=1 + across)
    agree(kl(projection, np.log(base)), found.divergence, tolerance=2e-13, scale=1.0)


@claim(
    "information-projection",
    evidence="property",
    shift=0.0,
    falsifiers={"other means": {"shift": 0.01}},
)
def test_projection_against_a_convex_solver(shift):
    """Sequential quadratic programming on the probabilities themselves, for twelve problems."""
    _, base, statistics, law = _drawn(1)
    asked = means(law, statistics)
    found = np.asarray(_project(base, statistics, asked + shift).law)
    for p, f, c, q in zip(base[:12], statistics, asked, found, strict=False):
        constraints = [
            {"type": "eq", "fun": lambda x, a=a, b=b: a @ x - b}
            for a, b in ((np.ones(STATES), 1), *zip(f.T, c, strict=True))
        ]
        solved = minimize(
            lambda x, p=p: rel_entr(x, p).sum(), np.full(STATES, 1 / STATES), jac=lambda x, p=p: np.log(x / p) + 1,
            bounds=[(1e-9, 1)] * STATES, constraints=constraints, method="SLSQP", options={"ftol": 1e-14, "maxiter": 500},
        )  # fmt: skip
        agree(q, solved.x, tolerance=2e-7, scale=1.0)
        at_most(rel_entr(q, p).sum(), solved.fun, slack=1e-9)
    sampled(12)


@claim(
    "projection-inequality",
    evidence="exact",
    factor=sp.Integer(1),
    falsifiers={"half the slope": {"factor": sp.Rational(1, 2)}},
)
def test_convexity(factor):
    derived(derivation.convexity(factor))


def _onto_half_spaces(base, statistics, bounds):
    """Logarithms of the projections to ``E f >= c`` for both statistics: the closest feasible tilts by any part of them."""
    parts = [(statistics, bounds)]
    for k in (0, 1):
        # With one statistic twice the same compiled function serves.
        parts.append((statistics[:, :, [k, k]], bounds[:, [k, k]]))
    tilts = [log_tilt(base, f, np.asarray(_project(base, f, c).multipliers)) for f, c in parts]
    candidates = np.stack([np.log(base), *tilts])
    reached = np.einsum("abn,bnk->abk", np.exp(candidates), statistics)
    is_feasible = np.all(reached >= bounds - 1e-12, axis=2)
    distances = np.where(is_feasible, kl(candidates, np.log(base)), np.inf)
    return candidates[np.argmin(distances, axis=0), np.arange(BATCH)]


@claim(
    "projection-inequality",
    evidence="property",
    given={"seed": SEEDS},
    factor=1.0,
    side=1.0,
    falsifiers={
        "a thousandth more": {"factor": 1.001},
        "the projection to the other side": {"side": -1.0},
    },
)
def test_half_spaces(seed, factor, side):
    """Laws whose two means are at least given ones; one of them meets both bounds, where the inequality can be tight."""
    random, base, statistics, law = _drawn(seed)
    bounds = means(law, statistics)
    projection = _onto_half_spaces(base, side * statistics, side * bounds)
    others = laws(random)
    inside = np.all(means(others, statistics) >= bounds, axis=1)
    # Mixtures with a law that lies in the set, so that none is left out.
    others = np.where(inside[:, None], others, law)
    for other in (law, others, 0.5 * (law + others)):
        log_other, log_base = np.log(other), np.log(base)
        across, first, second = kl(log_other, log_base), kl(log_other, projection), kl(projection, log_base)
        at_most(factor * (first + second), across, slack=2e-13, scale=1 + across)


@claim(
    "projection-without-convexity",
    evidence="exact",
    multiplier=sp.Integer(0),
    falsifiers={"q further from p than s": {"multiplier": sp.log(2)}},
)
def test_nonconvex(multiplier):
    derived(derivation.nonconvex(multiplier))


@claim(
    "projection-without-convexity",
    evidence="counterexample",
    q=(4, 2, 1),
    falsifiers={"a law on the same side": {"q": (2, 0, 5)}, "the projection itself": {"q": (1, 2, 4)}},
)
def test_nonconvex_in_numbers(q):
    """Laws on -1, 0, 1 with ``|mean| >= 3/7``; s = (1, 2, 4)/7 is closest to the uniform law."""
    q, s, p = (np.array(law) / sum(law) for law in (q, (1, 2, 4), (1, 1, 1)))
    found = information_projection(p, np.array([[-1.0], [0.0], [1.0]]), np.array([3 / 7]))
    agree(found.law, s, tolerance=1e-13)
    excess = rel_entr(q, p).sum() - rel_entr(q, s).sum() - rel_entr(s, p).sum()
    fact("KL(q||p) - KL(q||s) - KL(s||p)", f"{excess:.6f}")
    decided(bool(abs(q[2] - q[0]) >= 3 / 7 - 1e-15), "q lies in the set")
    decided(bool(excess < -0.5), "the inequality fails by more than half a nat")


@claim(
    "projections-are-dual",
    evidence="exact",
    slope=sp.Integer(1),
    falsifiers={"half the mean": {"slope": sp.Rational(1, 2)}, "the other sign": {"slope": -sp.Integer(1)}},
)
def test_reverse(slope):
    derived(derivation.reverse(slope))


@claim(
    "projections-are-dual",
    evidence="property",
    given={"seed": SEEDS},
    share=0.0,
    order=1,
    falsifiers={
        "means a hundredth of the way to the base": {"share": 0.01},
        "divergences with their arguments exchanged": {"order": -1},
    },
)
def test_exponential_families(seed, share, order):
    """A law and members of an exponential family by two statistics on six states."""
    random, base, statistics, law = _drawn(seed)
    found = _project_back((1 - share) * law + share * base, base, statistics)
    nearest = log_tilt(base, statistics, np.asarray(found.multipliers))
    other = log_tilt(base, statistics, random.normal(size=(BATCH, 2)))
    across, first, second = (
        kl(*pair[::order]) for pair in ((np.log(law), other), (np.log(law), nearest), (nearest, other))
    )
    agree(first + second, across, tolerance=2e-13, scale=1 + across)
    at_most(first, across, slack=2e-13, scale=1 + across)


@claim(
    "projections-are-dual",
    evidence="property",
    is_reverse=True,
    falsifiers={"the other order of the divergence": {"is_reverse": False}},
)
def test_reverse_projection_against_a_solver(is_reverse):
    """Quasi-Newton steps on ``KL(r || q_theta)`` by the parameters, for twelve problems."""
    _, base, statistics, law = _drawn(2)
    found = np.asarray(_project_back(law, base, statistics).law)
    for p, f, r, q in zip(base[:12], statistics, law, found, strict=False):

        def loss(theta, p=p, f=f, r=r):
            pair = np.log(r), log_softmax(np.log(p) + f @ theta)
            return kl(*(pair if is_reverse else pair[::-1]))

        solved = minimize(loss, np.zeros(2), method="BFGS", options={"gtol": 1e-9})
        agree(q, softmax(np.log(p) + f @ solved.x), tolerance=5e-7, scale=1.0)
    sampled(12)
