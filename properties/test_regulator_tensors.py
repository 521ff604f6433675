"""Claims about what of a regulator depends on the chart; the observers are Ising models on graphs."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
from scipy.linalg import sqrtm
from scipy.optimize import minimize_scalar

from derivations import regulator_tensors
from numerics.geometry import geometry
from numerics.good_regulator import Regulator, deviation_tensor, regulator_alpha
from numerics.reparametrisation import diffeomorphism
from properties.checks import agree, at_most, decided, derived, fact, table
from properties.claims import claim
from properties.test_good_regulator import (
    BATCH,
    EXPONENTS,
    GRAPHS,
    ROUNDING,
    SEARCH,
    SEEDS,
    complete,
    observers,
    regulators,
)
from properties.test_reparametrisation import maps

PATH = ((0, 1), (1, 2))
RING = ((0, 1), (1, 2), (2, 3), (0, 3))


@cache
def mass_tensors():
    """Of the observer on a ring, in natural parameters and in a random chart: M from the slopes of the means, F, and J."""
    ising = geometry("ising", edges=RING)

    def means(theta):
        return ising.convert(theta, "expectation")

    def squared(slope):
        return jnp.einsum("ea,eb->ab", slope, slope, precision="highest")

    def tensors(y, linear, waves, bends):
        def phi(point):
            return diffeomorphism(point, linear, waves, bends)

        theta, jacobian = phi(y), jax.jacfwd(phi)(y)
        here, there = squared(jax.jacfwd(means)(theta)), squared(jax.jacfwd(lambda point: means(phi(point)))(y))
        return here, there, ising.metric(theta), jacobian

    return jax.jit(jax.vmap(tensors))


@claim("regulator-mass-tensor", evidence="exact", excess=1, falsifiers={"a square in every chart": {"excess": 0}})
def test_square_of_the_fisher_matrix(excess):
    derived(regulator_tensors.mass_tensor(excess))


@claim(
    "regulator-mass-tensor",
    evidence="property",
    given={"seed": SEEDS},
    is_square=False,
    factor=1.0,
    falsifiers={"a square in every chart": {"is_square": True}, "twice": {"factor": 2.0}},
)
def test_slopes_of_the_means(seed, is_square, factor):
    """The observer on a ring of four spins, by differentiating the mean products of the catalogue in random charts."""
    here, there, fisher, jacobian = (np.asarray(part) for part in mass_tensors()(*maps(seed, len(RING))))
    # 144000 charts left 2e-15 here, and 5e-15 below.
    agree(here, factor * fisher @ fisher, tolerance=2e-14, scale=1.0)
    moved = np.swapaxes(jacobian, 1, 2) @ fisher @ jacobian
    expected = moved @ moved if is_square else np.swapaxes(jacobian, 1, 2) @ fisher @ fisher @ jacobian
    size = np.max(np.abs(expected), axis=(1, 2), keepdims=True)
    agree(there, factor * expected, tolerance=5e-14, scale=size)


@claim(
    "regulator-invariant",
    evidence="exact",
    claimed=None,
    sign=1,
    side=1,
    order=1,
    falsifiers={
        "the condition number of F": {"claimed": regulator_tensors.LARGEST / regulator_tensors.LEAST},
        "it falls in expectation parameters": {"sign": -1},
        "M not transformed": {"side": 0},
        "slope 1/cosh^2": {"order": 2},
    },
)
def test_exponents_in_other_charts(claimed, sign, side, order):
    derived(regulator_tensors.squares_in_charts(claimed))
    derived(regulator_tensors.tensors_in_charts(sign))
    derived(regulator_tensors.invariants(side))
    derived(regulator_tensors.path(order))


@claim(
    "regulator-invariant",
    evidence="counterexample",
    is_expectation=True,
    falsifiers={"a rotation": {"is_expectation": False}},
)
def test_exponents_of_one_observer(is_expectation):
    """The square of F taken in every chart: a path with couplings ln 2 and ln 4, and the triangle at coupling 1/2."""
    rows, apart = [], []
    for name, edges, couplings in (
        ("path", PATH, np.log([2.0, 4.0])),
        ("triangle", ((0, 1), (1, 2), (0, 2)), np.full(3, 0.5)),
    ):
        natural = geometry("ising", edges=edges)
        fisher = np.asarray(natural.metric(couplings))
        if is_expectation:
            means = natural.convert(couplings, "expectation")
            other = geometry("ising", chart="expectation", edges=edges).metric(means)
        else:
            turn, _ = np.linalg.qr(np.arange(1.0, len(edges) ** 2 + 1).reshape(fisher.shape) + np.eye(len(edges)))
            other = turn.T @ fisher @ turn
        white = np.linalg.inv(sqrtm(fisher).real)
        found = [float(regulator_alpha(metric).alpha) for metric in (fisher, other, white @ fisher @ white)]
        rows.append([name, *(f"{alpha:.12f}" for alpha in found)])
        apart.append(abs(found[1] - found[0]))
        decided(found[2] == 0, f"{name}: alpha* = 0 where F is the identity")
    # In the Gudermannian u of the couplings F is the identity not at one point, but everywhere on a path.
    path = geometry("ising", edges=PATH)
    for u in np.random.default_rng(0).uniform(-1.4, 1.4, (4, 2)):
        slope = 1 / np.cos(u)
        agree(slope * np.asarray(path.metric(np.arctanh(np.sin(u)))) * slope[:, None], np.eye(2), 1e-13, scale=1.0)
    table("The exponent alpha* of one observer", ["observer", "natural", "expectation", "whitened"], rows)
    decided(min(apart) > 0.1, "in two charts the exponents differ by more than 0.1")


@claim(
    "regulator-invariant",
    evidence="counterexample",
    power=-1.0,
    falsifiers={"natural parameters": {"power": 0.0}, "a chart that whitens F": {"power": -0.5}},
)
def test_tensors_in_expectation_parameters(power):
    """M carried along as a tensor: the optimum of complete graphs in charts with Jacobians ``F^-1`` and ``F^-1/2``."""
    for n, exponent in EXPONENTS.items():
        fisher, weight = complete(n, 0.5), exponent**2 / (1 - exponent)
        largest = np.linalg.eigvalsh(fisher)[-1]
        agree(_best_weight(fisher, -0.5), weight, tolerance=SEARCH, scale=largest)
        found = _best_weight(fisher, power)
        fact(f"optimal weight, {n} spins", f"{found:.2g}, in natural parameters {weight:.6f}")
        decided(bool(found < 1e-6 * largest), f"{n} spins: the convergence time is least at beta = 0")


def _best_weight(fisher, power):
    """By a bounded search, where ``F^power`` is the Jacobian of the chart."""
    values, vectors = np.linalg.eigh(fisher)
    jacobian = (vectors * values**power) @ vectors.T

    def logarithm(x):
        metric = jacobian @ (fisher @ fisher + x * values[-1] * fisher) @ jacobian
        least, largest = np.linalg.eigvalsh(metric)[[0, -1]]
        return 2 * np.log(largest) - np.log(least)

    return values[-1] * minimize_scalar(logarithm, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-12}).x


@claim(
    "regulator-directional",
    evidence="exact",
    power=1,
    divisor=2,
    falsifiers={"weights c^2 lambda": {"power": 0}, "largest kappa/(kappa - 1)": {"divisor": 1}},
)
def test_exponents_along_directions(power, divisor):
    derived(regulator_tensors.directional(power))
    derived(regulator_tensors.at_the_optimum(divisor))


@cache
def along():
    return jax.jit(jax.vmap(Regulator.along))


@claim(
    "regulator-directional",
    evidence="property",
    given={"graph": GRAPHS, "seed": SEEDS},
    order=2,
    divisor=2.0,
    falsifiers={"F for F^2": {"order": 1}, "largest kappa/(kappa - 1)": {"divisor": 1.0}},
)
def test_directions_of_random_observers(graph, seed, order, divisor):
    """Random directions lie between the eigenvectors; beyond the threshold these depend on the condition number alone."""
    fisher, _ = observers(graph, seed)
    regulator = regulators()(fisher, np.ones(BATCH), np.ones(BATCH))
    v = np.random.default_rng([seed, 1]).normal(size=fisher.shape[:2])
    image = np.einsum("nij,nj->ni", fisher, v)
    plain = np.einsum("ni,ni->n", v, image)
    square = np.einsum("ni,ni->n", image, image) if order == 2 else plain
    beta, found = np.asarray(regulator.beta), np.asarray(along()(regulator, v))
    agree(found, square / (square + beta * plain), tolerance=ROUNDING)
    exponents = np.asarray(regulator.directional)
    at_most(found, exponents[:, -1], slack=ROUNDING)
    at_most(exponents[:, 0], found, slack=ROUNDING)
    values = np.linalg.eigvalsh(fisher)
    condition = values[:, -1] / values[:, 0]
    is_beyond = condition > 2
    condition = condition[is_beyond]
    expected = np.stack([1 / (condition - 1), condition / (divisor * (condition - 1))], axis=1)
    agree(exponents[is_beyond][:, [0, -1]], expected, tolerance=1e-12)


@claim(
    "regulator-directional-refines",
    evidence="exact",
    sign=1,
    falsifiers={"both grow": {"sign": -1}},
)
def test_exponents_move_apart(sign):
    derived(regulator_tensors.opposite(sign))


@claim(
    "regulator-directional-refines",
    evidence="counterexample",
    weak=0.2,
    strong=0.5,
    falsifiers={"the triangle at 1/2": {"weak": 0.5}, "four spins at 1/5": {"strong": 0.2}},
)
def test_exponent_outside_those_of_the_directions(weak, strong):
    """The triangle below its threshold, and the complete graph of four spins at coupling 1/2."""
    below, above = (regulator_alpha(complete(n, coupling)) for n, coupling in ((3, weak), (4, strong)))
    for name, regulator in (("the triangle", below), ("four spins", above)):
        alphas = np.asarray(regulator.directional)
        fact(name, f"alpha* = {regulator.alpha:.6f}, along the eigenvectors {alphas[0]:.6f} to {alphas[-1]:.6f}")
    decided(bool(below.alpha == 0 and np.all(below.directional == 1)), "alpha* = 0, along all directions it is 1")
    decided(bool(above.alpha > above.directional[-1] + 0.01), "alpha* is larger than along every direction")


@claim("regulator-deviation-tensor", evidence="exact", divisor=2, falsifiers={"not divided by d": {"divisor": 1}})
def test_deviation_in_other_charts(divisor):
    derived(regulator_tensors.deviation(divisor))
    derived(regulator_tensors.deviation_of_squares())


@cache
def deviations():
    return jax.jit(jax.vmap(deviation_tensor))


@claim(
    "regulator-deviation-tensor",
    evidence="property",
    given={"seed": SEEDS},
    is_covariant=True,
    falsifiers={"Euclidean traces": {"is_covariant": False}},
)
def test_deviation_of_an_observer(seed, is_covariant):
    """The observer on a ring in a random chart: the law of a tensor, no F-trace, and the spectrum in natural parameters."""
    mass, mass_there, fisher, jacobian = (np.asarray(part) for part in mass_tensors()(*maps(seed, len(RING))))
    turned = np.swapaxes(jacobian, 1, 2)
    there = turned @ fisher @ jacobian

    def deviation(m, f):
        if is_covariant:
            return np.asarray(deviations()(m, f))
        ratio = np.trace(m, axis1=1, axis2=2) / np.trace(f, axis1=1, axis2=2)
        return m - ratio[:, None, None] * f

    here, moved = deviation(mass, fisher), deviation(mass_there, there)
    # Traces with the inverse of F lose digits by its condition number; 144000 charts left 3e-16, 1e-16 and 2e-15 of it.
    loss = np.maximum(np.linalg.cond(fisher), np.linalg.cond(there))
    size = np.max(np.abs(mass_there), axis=(1, 2)) * loss
    agree(moved, turned @ here @ jacobian, tolerance=5e-15, scale=size[:, None, None])
    trace, whole = (np.trace(np.linalg.solve(there, m), axis1=1, axis2=2) for m in (moved, mass_there))
    agree(trace, np.zeros(BATCH), tolerance=5e-15, scale=whole * loss)
    values = np.linalg.eigvalsh(fisher)
    spread = np.sort(values * (values - values.mean(axis=1, keepdims=True)), axis=1)
    agree(np.linalg.eigvalsh(here), spread, tolerance=2e-14, scale=loss[:, None])
