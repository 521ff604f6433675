"""Claims about the exponent that gives an observer the shortest convergence time; the observers are Ising models on graphs."""

import itertools
from functools import cache
from math import comb

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from flint import arb, ctx
from scipy.linalg import eigh
from scipy.optimize import minimize_scalar

from derivations import good_regulator
from numerics.geometry import geometry
from numerics.good_regulator import regulator_alpha
from properties.checks import agree, at_most, decided, derived, fact, table
from properties.claims import claim

BATCH = 8
SPINS = 5
COMPLETE = tuple(itertools.combinations(range(SPINS), 2))
STATES = np.array(list(itertools.product((1.0, -1.0), repeat=SPINS)))
PRODUCTS = np.stack([STATES[:, i] * STATES[:, j] for i, j in COMPLETE], axis=1)
# Stronger couplings leave fewer digits to the smallest eigenvalue of g.
STRONGEST = 0.8
# Graphs as subsets of the edges of the complete graph: couplings of the others are 0 and no parameters.
GRAPHS = st.lists(st.sampled_from(range(len(COMPLETE))), min_size=1, unique=True).map(sorted)
SEEDS = st.integers(0, 2**32 - 1)
# Searches for the optimum of 140000 observers, with condition numbers up to 97, ended within 2e-7 of the closed form, in units
# of max(1, a/b) times the largest eigenvalue, and found convergence times up to 6e-14 shorter; rounding left 2e-15.
SEARCH, SHORTER, ROUNDING = 2e-6, 6e-13, 2e-14
# The exponents at coupling 1/2 on the complete graphs of three, four and five spins, to twelve digits.
EXPONENTS = {3: 0.430448334027, 4: 0.600639813934, 5: 0.554099017553}


@cache
def catalogue():
    """The Fisher matrix of the catalogue's Ising model on the complete graph, over batches."""
    return jax.jit(jax.vmap(geometry("ising", edges=COMPLETE).metric))


@cache
def regulators():
    """The optimum of a batch of Fisher matrices, with both powers."""
    return jax.jit(jax.vmap(regulator_alpha))


def observers(graph, seed):
    """Fisher matrices of the observer on a graph at random couplings, shape (8, edges, edges)."""
    random = np.random.default_rng([seed, *graph])
    couplings = np.zeros((BATCH, len(COMPLETE)))
    couplings[:, graph] = random.uniform(-1, 1, (BATCH, len(graph))) * random.uniform(0, STRONGEST, (BATCH, 1))
    return np.asarray(catalogue()(couplings))[:, graph][:, :, graph], couplings


def enumerated(graph, couplings):
    """The same by a sum over all states that the catalogue has no part in."""
    weights = np.exp(couplings @ PRODUCTS.T)
    weights /= weights.sum(axis=1, keepdims=True)
    phi = PRODUCTS[:, graph]
    means = weights @ phi
    return np.einsum("ns,si,sj->nij", weights, phi, phi) - means[:, :, None] * means[:, None, :]


def spectrum(fisher, beta):
    """The least and the largest eigenvalue of the matrix ``F^2 + beta F`` itself."""
    return np.linalg.eigvalsh(fisher @ fisher + beta * fisher)[[0, -1]]


def time_of(fisher, beta, a=1.0, b=1.0):
    least, largest = spectrum(fisher, beta)
    return (largest / least) ** a * largest**b


def found_by_search(fisher, a=1.0, b=1.0):
    """The weight at which a bounded search finds the least convergence time, in units of the largest eigenvalue of F."""
    largest = np.linalg.eigvalsh(fisher)[-1]
    result = minimize_scalar(
        lambda x: np.log(time_of(fisher, x * largest, a, b)),
        bounds=(0.0, max(1.0, a / b)), method="bounded", options={"xatol": 1e-12},
    )  # fmt: skip
    return result.x * largest


def excess_time(fisher, beta, other, a=1.0, b=1.0):
    """By which share the convergence time at one weight exceeds that at another, for batches."""
    here, there = (
        np.array([time_of(f, w, a, b) for f, w in zip(fisher, weights, strict=True)]) for weights in (beta, other)
    )
    return here / there - 1


@claim(
    "regulator-optimal-exponent",
    evidence="exact",
    multiple=sp.Integer(2),
    sign=1,
    falsifiers={
        "threshold 1": {"multiple": sp.Integer(1)},
        "threshold 3": {"multiple": sp.Integer(3)},
        "the other root": {"sign": -1},
    },
)
def test_closed_form(multiple, sign):
    derived(good_regulator.optimum(multiple))
    derived(good_regulator.exponent(sign))


@claim(
    "regulator-optimal-exponent",
    evidence="property",
    given={"graph": GRAPHS, "seed": SEEDS},
    multiple=2.0,
    power=2,
    falsifiers={
        "threshold 1": {"multiple": 1.0},
        "threshold 3": {"multiple": 3.0},
        "beta = alpha/(1 - alpha)": {"power": 1},
    },
)
def test_no_other_exponent_is_better(graph, seed, multiple, power):
    """Random graphs and couplings: the closed form against a bounded search over alpha with the matrices themselves."""
    fisher, couplings = observers(graph, seed)
    agree(fisher, enumerated(graph, couplings), tolerance=ROUNDING, scale=1.0)
    values = np.linalg.eigvalsh(fisher)
    weight = np.maximum(0.0, values[:, -1] - multiple * values[:, 0])
    found = np.array([found_by_search(f) for f in fisher])
    at_most(excess_time(fisher, weight, found), 0.0, slack=SHORTER)
    agree(weight, found, tolerance=SEARCH, scale=values[:, -1])
    regulator = regulators()(fisher, np.ones(BATCH), np.ones(BATCH))
    agree(regulator.beta, weight, tolerance=ROUNDING, scale=values[:, -1])
    alpha = np.asarray(regulator.alpha)
    agree(alpha**power, weight * (1 - alpha), tolerance=ROUNDING, scale=1.0)


@claim(
    "regulator-threshold",
    evidence="exact",
    threshold=1 + good_regulator.B / good_regulator.A,
    falsifiers={
        "threshold 2": {"threshold": sp.Integer(2)},
        "ratio upside down": {"threshold": 1 + good_regulator.A / good_regulator.B},
    },
)
def test_threshold_of_other_powers(threshold):
    derived(good_regulator.general_optimum(threshold))


@claim(
    "regulator-threshold",
    evidence="property",
    given={"graph": GRAPHS, "seed": SEEDS, "a": st.floats(0.5, 2, width=32), "b": st.floats(0.5, 2, width=32)},
    ratio=1,
    is_two=False,
    falsifiers={"ratio upside down": {"ratio": -1}, "threshold 2": {"is_two": True}},
)
def test_other_powers(graph, seed, a, b, ratio, is_two):
    """As for the powers 1 and 1, and beta is above 0 exactly where cond(F) is above the threshold."""
    fisher, _ = observers(graph, seed)
    least, largest = np.linalg.eigvalsh(fisher)[:, [0, -1]].T
    regulator = regulators()(fisher, np.full(BATCH, a), np.full(BATCH, b))
    weight = np.asarray(regulator.beta)
    found = np.array([found_by_search(f, a, b) for f in fisher])
    scale = max(1.0, a / b) * largest
    agree(np.maximum(0.0, (a / b) ** ratio * (largest - least) - least), found, tolerance=SEARCH, scale=scale)
    agree(weight, found, tolerance=SEARCH, scale=scale)
    at_most(excess_time(fisher, weight, found, a, b), 0.0, slack=SHORTER)
    condition, threshold = largest / least, 2.0 if is_two else 1 + b / a
    is_away = np.abs(condition / threshold - 1) > ROUNDING * condition
    decided(
        bool(np.all((weight > 0)[is_away] == (condition > threshold)[is_away])), "alpha > 0 exactly above the threshold"
    )


@claim(
    "regulator-model-dependent",
    evidence="exact",
    sign=1,
    inverse_radius=1,
    falsifiers={"the other directions": {"sign": -1}, "cond(g) rho(g)": {"inverse_radius": -1}},
)
def test_monotone_convergence_times(sign, inverse_radius):
    derived(good_regulator.alternatives(sign, inverse_radius))


@claim(
    "regulator-model-dependent",
    evidence="property",
    given={"graph": GRAPHS, "seed": SEEDS},
    power=-1,
    radius=1.0,
    falsifiers={"cond(g) rho(g)": {"power": 1}, "rho(g) falls": {"radius": -1.0}},
)
def test_convergence_times_along_the_weights(graph, seed, power, radius):
    """Weights from 0 to 1000 times the largest eigenvalue: the first three fall, the last grows."""
    fisher, _ = observers(graph, seed)
    for f in fisher:
        scale = np.linalg.eigvalsh(f)[-1]
        weights = scale * np.concatenate([[0.0], np.geomspace(1e-3, 1e3, 25)])
        least, largest = np.transpose([spectrum(f, w) for w in weights])
        ratio = largest / least
        for falling in (ratio, 1 / least, ratio * (largest if power == 1 else 1 / least), largest**-radius):
            at_most(falling[1:] / falling[:-1], 1.0, slack=1e-13)


@claim("regulator-isotropic-loss", evidence="exact", power=2, falsifiers={"factor l/L": {"power": 1}})
def test_same_optimum_for_another_loss(power):
    derived(good_regulator.fisher_loss(power))


@claim(
    "regulator-isotropic-loss",
    evidence="counterexample",
    radius=1.0,
    falsifiers={"cond(F^-1 g) alone": {"radius": 0.0}, "with the radius of the inverse": {"radius": -1.0}},
)
def test_search_with_another_loss(radius):
    """Complete graphs at coupling 1/2: a search for the least ``cond(F^-1 g) rho(F^-1 g)``, by generalised eigenvalues."""
    for n, exponent in EXPONENTS.items():
        fisher = complete(n, 0.5)
        largest = np.linalg.eigvalsh(fisher)[-1]

        def logarithm(beta, fisher=fisher):
            values = eigh(fisher @ fisher + beta * fisher, fisher, eigvals_only=True)
            extreme = values[-1] if radius >= 0 else 1 / values[0]
            return np.log(values[-1] / values[0]) + abs(radius) * np.log(extreme)

        options = {"bounds": (0.0, 10 * largest), "method": "bounded", "options": {"xatol": 1e-12}}
        beta = minimize_scalar(logarithm, **options).x
        fact(f"least at, {n} spins", f"beta = {beta:.6f}, in between 0 and {10 * largest:.2f}")
        decided(bool(0.01 * largest < beta < largest), f"{n} spins: the least value lies at a weight between")
        agree(exponent**2 / (1 - exponent), beta, tolerance=SEARCH, scale=largest)


def complete(n, coupling):
    """The Fisher matrix of equal couplings on the complete graph of n spins, by the catalogue."""
    ising = geometry("ising", edges=tuple(itertools.combinations(range(n), 2)))
    return np.asarray(ising.metric(jnp.full(n * (n - 1) // 2, coupling)))


@claim(
    "regulator-complete-graphs",
    evidence="exact",
    disjoint=1,
    crossing=sp.Integer(3),
    falsifiers={
        "sign of disjoint edges": {"disjoint": -1},
        "twice the coupling": {"crossing": sp.Integer(9)},
    },
)
def test_spectrum_of_complete_graphs(disjoint, crossing):
    derived(good_regulator.complete_graph(disjoint))
    derived(good_regulator.triangle(crossing))


@claim(
    "regulator-complete-graphs",
    evidence="enclosed",
    coupling="1/2",
    multiple=2,
    falsifiers={"coupling 0.51": {"coupling": "51/100"}, "threshold 3": {"multiple": 3}},
)
def test_digits_of_the_exponents(coupling, multiple):
    """Means of products by a sum over all states, eigenvalues by their closed forms, all in ball arithmetic."""
    rows = []
    with ctx.workprec(128):
        strength = arb(sp.Rational(coupling).p) / sp.Rational(coupling).q
        for n, digits in EXPONENTS.items():
            values = _eigenvalues(n, strength)
            least, largest = values[0], values[0]
            for value in values[1:]:
                least, largest = least.min(value), largest.max(value)
            weight = largest - multiple * least
            decided(bool(weight > 0), f"{n} spins are beyond the threshold")
            alpha = 2 * weight.sqrt() / (weight.sqrt() + (weight + 4).sqrt())
            rows.append([n, (largest / least).str(12, radius=False), weight.str(12, radius=False), alpha.str(20)])
            decided(bool(abs(alpha - arb(digits)) < arb(6e-13)), f"{n} spins: alpha* = {digits}, to all digits")
    table("Observers on complete graphs at coupling 1/2", ["spins", "cond(F)", "beta*", "alpha*"], rows)


def _eigenvalues(n, strength):
    """Of the Fisher matrix of equal couplings, as balls."""
    weights = {}
    for spins in itertools.product((1, -1), repeat=n):
        energy = sum(x * y for x, y in itertools.combinations(spins, 2))
        weights[spins] = (strength * energy).exp()
    total = sum(weights.values(), arb(0))
    p, q = (
        sum((w * int(np.prod(s[:k])) for s, w in weights.items()), arb(0)) / total if k <= n else arb(0) for k in (2, 4)
    )
    same, sharing, apart = 1 - p * p, p - p * p, q - p * p
    values = [
        same + 2 * (n - 2) * sharing + comb(n - 2, 2) * apart,
        same + (n - 4) * sharing - (n - 3) * apart,
        same - 2 * sharing + apart,
    ]
    return values[: 2 if n == 3 else 3]


@claim(
    "regulator-complete-graphs",
    evidence="property",
    given={"coupling": st.floats(0.015625, 1.5, width=32)},
    rate=4.0,
    at=0.5,
    falsifiers={"exp(2 J)": {"rate": 2.0}, "coupling 0.51": {"at": 0.51}},
)
def test_complete_graphs_of_the_catalogue(coupling, rate, at):
    """The triangle at random couplings, and the three exponents at coupling 1/2."""
    x = np.exp(rate * coupling)
    regulator = _regulator_of(3)(coupling)
    condition = regulator.eigenvalues[-1] / regulator.eigenvalues[0]
    agree(condition, 4 * x / (x + 3), tolerance=1e-11)
    if abs(coupling - np.log(3) / 4) > 1e-9:
        decided(bool((regulator.alpha > 0) == (coupling > np.log(3) / 4)), "alpha > 0 exactly for J > ln(3)/4")
    for n, digits in EXPONENTS.items():
        agree(_regulator_of(n)(at).alpha, digits, tolerance=5e-12)


@cache
def _regulator_of(n):
    ising = geometry("ising", edges=tuple(itertools.combinations(range(n), 2)))
    return jax.jit(lambda J: regulator_alpha(ising.metric(jnp.full(n * (n - 1) // 2, J))))
