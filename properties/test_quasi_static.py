"""Claims about slow processes: friction against the Fisher metric, and the work of traps."""

from functools import cache

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp
from scipy.linalg import solve_banded

from derivations import quasi_static
from numerics.bures_wasserstein import squared_distance
from numerics.fokker_planck import FokkerPlanck
from numerics.path_efficiency import path_energy
from numerics.quasi_static import drive, friction_tensor, held_law, holding_trap
from numerics.riemannian import riemannian
from properties.checks import agree, at_most, decided, derived, table
from properties.claims import claim
from properties.compilation import optimised_jit
from properties.subjects import batched, geometry_of

SEEDS = st.integers(0, 2**32 - 1)
BATCH = 8
_NUMBER = 64


@claim(
    "friction-is-wasserstein",
    evidence="exact",
    rate=2,
    weight=sp.Integer(1),
    falsifiers={"one relaxation time": {"rate": 1}, "twice the flux": {"weight": sp.Integer(2)}},
)
def test_friction_tensor(rate, weight):
    derived(quasi_static.friction(rate))
    derived(quasi_static.overdamped(weight))


@claim(
    "friction-is-wasserstein",
    evidence="property",
    given={"seed": SEEDS},
    power=3,
    curvature=0.0,
    falsifiers={"square of the stiffness": {"power": 2}, "curved": {"curvature": -1.0}},
)
def test_friction_is_the_hessian_of_the_transport_cost(seed, power, curvature):
    """Random traps: half the Hessian of the squared Wasserstein distance of the held laws, times gamma; and the curvature."""
    random = np.random.default_rng(seed)
    controls = np.stack([random.normal(size=BATCH), np.exp(random.uniform(-2, 2, BATCH))], axis=1)
    friction, temperature = np.exp(random.uniform(-2, 2, (2, BATCH)))
    tensor, hessian, scalar = (np.asarray(v) for v in _friction(controls, friction, temperature))
    tensor = (
        tensor * np.array([1, 0, 0, 1]).reshape(2, 2) * controls[:, 1, None, None] ** np.array([[0, 0], [0, 3 - power]])
    )
    size = np.sqrt(np.einsum("nii,njj->nij", tensor, tensor))
    # The worst of 8000 traps: 1.1e-15 and 2.0e-14.
    agree(hessian, tensor, tolerance=1e-14, scale=size)
    agree(scalar, np.full(BATCH, curvature), tolerance=2e-13, scale=1.0)


@jax.jit
@jax.vmap
def _friction(control, friction, temperature):
    def cost(other):
        law, there = held_law(control, temperature), held_law(other, temperature)
        shift, variances = there[:1] - law[:1], jnp.stack([law[1], there[1]]) ** 2
        return friction * squared_distance(shift, variances[0].reshape(1, 1), jnp.diff(variances).reshape(1, 1))

    # Unit friction and temperature leave the curvature as it is.
    curvature = riemannian(friction_tensor).scalar_curvature(control)
    return friction_tensor(control, friction, temperature), 0.5 * jax.hessian(cost)(control), curvature


@claim(
    "friction-is-wasserstein",
    evidence="property",
    given={"seed": SEEDS},
    factor=1.0,
    falsifiers={"half": {"factor": 0.5}, "a twentieth more": {"factor": 1.05}},
)
def test_correlations_of_the_fokker_planck_equation(seed, factor):
    """Time integrals of correlations by a linear system of 300 cells, for a trap and with a quartic wall."""
    random = np.random.default_rng(seed)
    centre, (stiffness, friction, temperature) = random.normal(), np.exp(random.uniform(-1, 1, 3))
    control, reach = np.array([centre, stiffness]), 7 * np.sqrt(temperature / stiffness)
    for wall in (0.0, np.exp(random.uniform(-1, 1))):
        low, high = centre - reach, centre + reach
        if wall:
            low, high = min(low, -3.0), max(high, 3.0)
        edges = np.linspace(low, high, 301)
        x = 0.5 * (edges[1:] + edges[:-1])
        objective = 0.5 * stiffness * (x - centre) ** 2 + 0.25 * wall * x**4
        law = np.exp(-(objective - objective.min()) / temperature)
        law /= law.sum()
        forces = np.stack([stiffness * (x - centre), -0.5 * (x - centre) ** 2])
        excess = forces - (forces @ law)[:, None]
        cells = FokkerPlanck(*map(jnp.asarray, (edges, objective, temperature, 1 / friction)))
        generator = np.asarray(cells.generator())
        # The answer is known up to a multiple of the law, whose excess is 0: 0 in the first cell.
        bands = np.zeros((3, len(x) - 1))
        bands[1], bands[0, 1:], bands[2, :-1] = (generator.diagonal(k)[1:] for k in (0, 1, -1))
        integrated = solve_banded((1, 1), bands, -(excess * law).T[1:])
        tensor = excess[:, 1:] @ integrated / temperature
        # The velocity that carries the laws is -dF/pi; at the edges the density is a geometric mean.
        moved = np.cumsum(excess * law, axis=1)[:, :-1] / temperature
        density = np.sqrt(law[1:] * law[:-1]) / np.diff(edges)[0]
        kept = density > 1e-12 * density.max()
        transport = np.einsum("in,jn,n->ij", moved[:, kept], moved[:, kept], np.diff(edges)[0] / density[kept])
        size = np.sqrt(np.outer(tensor.diagonal(), tensor.diagonal()))
        # Errors of the cells: 1000 examples left 1.8e-3.
        agree(factor * tensor, friction * transport, tolerance=1.5e-2, scale=size)
        if not wall:
            agree(factor * tensor, friction_tensor(control, friction, temperature), tolerance=1.5e-2, scale=size)


def smooth_protocol(coefficients):
    """A protocol of five numbers: centre and logarithm of the stiffness, each a line and half a wave."""
    a, b, start, rise, bend = coefficients

    def control(part):
        wave = jnp.sin(jnp.pi * part)
        return jnp.stack([a * part + b * wave, jnp.exp(start + rise * part + bend * wave)])

    return control


@cache
def _driven():
    def one(coefficients, duration, friction, temperature):
        protocol = smooth_protocol(coefficients)
        energies = [
            path_energy(metric, protocol) for metric in (lambda c: friction_tensor(c, friction, temperature), _fisher)
        ]
        ends = [held_law(protocol(jnp.asarray(part, duration.dtype)), temperature) for part in (0.0, 1.0)]
        return drive(protocol, duration, friction, temperature), jnp.stack(energies), jnp.stack(ends)

    # Thousands of steps: slow where compiled lightly.
    return optimised_jit(jax.vmap(one))


def _fisher(control):
    """The Fisher metric of the held laws, in the coordinates (c, k), at the temperature 1."""
    return jnp.diag(jnp.stack([control[1], 0.5 / control[1] ** 2]))


def _drawn(seed):
    random = np.random.default_rng(seed)
    shape = np.concatenate([random.normal(size=(BATCH, 2)), random.uniform(-0.6, 0.6, (BATCH, 3))], axis=1)
    friction, temperature = np.exp(random.uniform(-1, 1, (2, BATCH)))
    # How long the weakest trap of each takes to relax, at the most.
    slowest = friction / np.exp(shape[:, 2] - np.abs(shape[:, 3:]).sum(axis=1))
    return random, shape, friction, temperature, slowest


@claim(
    "quasi-static-fisher-length",
    evidence="exact",
    flat=sp.Integer(0),
    times=(1, 2),
    falsifiers={"friction as curved as Fisher": {"flat": -sp.Rational(1, 2)}, "one relaxation time": {"times": (1, 1)}},
)
def test_friction_against_fisher(flat, times):
    derived(quasi_static.curvatures(flat, times))


def _straight(part):
    """From N(0, 1) to N(4, 1) along the Wasserstein geodesic."""
    return holding_trap(jnp.stack([4.0 * part, jnp.ones_like(part)]))


def _half_ellipse(part):
    """From N(0, 1) to N(4, 1) along the Fisher-Rao geodesic, at even speed."""
    gaussian, ends = geometry_of("gaussian"), jnp.array([[0.0, 1.0], [4.0, 1.0]])
    return holding_trap(gaussian.exp(ends[0], part * gaussian.log(*ends)))


@cache
def _table_of_protocols():
    """By name: squared lengths in friction and Fisher metric, and duration times excess work for three durations."""

    def measured(protocol):
        energies = [path_energy(metric, protocol) for metric in (friction_tensor, _fisher)]
        durations = jnp.array([10.0, 100.0, 1000.0])
        return jnp.concatenate([jnp.stack(energies), jax.vmap(lambda t: t * drive(protocol, t).excess_work)(durations)])

    def line(ends):
        return measured(lambda part: holding_trap(ends[0] + part * (ends[1] - ends[0])))

    lines = {
        "straight from N(0, 1) to N(4, 1)": [[0.0, 1.0], [4.0, 1.0]],
        "stiffness from 1 to 4": [[0.0, 1.0], [0.0, 0.5]],
        "stiffness from 4 to 16": [[0.0, 0.5], [0.0, 0.25]],
    }
    found = dict(zip(lines, jax.jit(jax.vmap(line))(jnp.asarray([*lines.values()])), strict=True))
    found["Fisher geodesic from N(0, 1) to N(4, 1)"] = jax.jit(lambda: measured(_half_ellipse))()
    return {name: [float(v) for v in row] for name, row in found.items()}


@claim(
    "quasi-static-fisher-length",
    evidence="counterexample",
    cheap="straight from N(0, 1) to N(4, 1)",
    later="stiffness from 4 to 16",
    falsifiers={
        "the Fisher geodesic": {"cheap": "Fisher geodesic from N(0, 1) to N(4, 1)"},
        "one start": {"later": "stiffness from 1 to 4"},
    },
)
def test_work_of_slow_protocols(cheap, later):
    """Excess work of traps whose deviation and mean move evenly, and of the Fisher geodesic; friction and temperature 1."""
    found = _table_of_protocols()
    columns = ["protocol", "int ζ", "int F", *(f"τ W, τ = {n}" for n in (10, 100, 1000))]
    table("Slow protocols", columns, [[name, *(f"{v:.6g}" for v in row)] for name, row in found.items()])
    costs, other = found[cheap], found["Fisher geodesic from N(0, 1) to N(4, 1)"]
    agree([row[-1] for row in found.values()], [row[0] for row in found.values()], tolerance=4e-3)
    agree(
        other[1],
        float(geometry_of("gaussian").distance(jnp.array([0.0, 1.0]), jnp.array([4.0, 1.0]))) ** 2,
        tolerance=1e-12,
    )
    decided(costs[1] > 1.5 * other[1] and costs[4] < 0.85 * other[4],
            "more than half again the Fisher length squared, and less work by more than 15 %")  # fmt: skip
    first, second = found["stiffness from 1 to 4"], found[later]
    agree(second[1], first[1], tolerance=1e-12)
    decided(second[4] < 0.26 * first[4], "the same Fisher length, and about a quarter of the work")


@claim(
    "excess-work-bound",
    evidence="exact",
    power=3,
    kept=sp.Integer(1),
    falsifiers={"square of the stiffness": {"power": 2}, "no relaxation": {"kept": sp.Integer(0)}},
)
def test_work_of_slow_and_of_dragged_traps(power, kept):
    derived(quasi_static.slow_work(power))
    derived(quasi_static.drag(kept))


@claim(
    "excess-work-bound",
    evidence="property",
    given={"seed": SEEDS},
    metric=0,
    factor=1.0,
    falsifiers={"the Fisher metric": {"metric": 1}, "twice the friction": {"factor": 2.0}},
)
def test_slow_protocols_take_the_friction(seed, metric, factor):
    """Random protocols in three durations, extrapolated to slow ones: the time integral of the friction."""
    _, shape, friction, temperature, slowest = _drawn(seed)
    work = []
    for multiple in (1, 2, 4):
        duration = 40 * multiple * slowest
        driven, energies, _ = _driven()(shape, duration, friction, temperature)
        work.append(duration * np.asarray(driven.excess_work))
    limit = (8 * work[2] - 6 * work[1] + work[0]) / 3
    # The third order in the duration: 8000 protocols left 7.8e-5.
    agree(limit, factor * np.asarray(energies)[:, metric], tolerance=1e-3)


@claim(
    "excess-work-bound",
    evidence="property",
    given={"seed": SEEDS},
    ends="reached",
    factor=1.0,
    falsifiers={"the laws of the traps": {"ends": "held"}, "two times the bound": {"factor": 2.0}},
)
def test_bound_for_every_duration(seed, ends, factor):
    """Random protocols, short and long: ``gamma W2(q_0, q)^2/tau + T KL(q || pi)`` with the law q that is reached."""
    random, shape, friction, temperature, slowest = _drawn(seed)
    duration = slowest * np.exp(random.uniform(-4, 4, BATCH))
    driven, _, held = _driven()(shape, duration, friction, temperature)
    (begin, end), variance = np.moveaxis(np.asarray(held), 1, 0), np.asarray(driven.variance)
    reached = np.stack([driven.mean, np.sqrt(variance)], axis=1)
    left = np.asarray(batched("gaussian", "kl")(reached, end))
    if ends == "held":
        reached, left = end, 0 * left
    bound = friction * np.sum((reached - begin) ** 2, axis=1) / duration + temperature * left
    at_most(factor * bound / np.asarray(driven.excess_work), 1.0, slack=1e-9)


@claim(
    "excess-work-bound",
    evidence="counterexample",
    saved=1.0,
    falsifiers={"nothing saved at the beginning": {"saved": 0.0}},
)
def test_dragged_trap_in_numbers(saved):
    """A trap of stiffness 1 that is moved by 4 at constant speed, unit friction and temperature; the bound is nearly met."""
    run = optimised_jit(lambda duration: drive(_straight, duration))
    rows = []
    for duration in (0.1, 1.0, 10.0, 100.0, 1000.0):
        driven, length = run(jnp.asarray(duration)), 16 / duration
        work, lag = float(driven.excess_work), 4 - float(driven.mean)
        agree(work / length, 1 - saved * -np.expm1(-duration) / duration, tolerance=1e-11)
        decided(work < length, "less than the squared friction length over the duration")
        bound = (4 - lag) ** 2 / duration + lag**2 / 2
        at_most(bound, work, slack=1e-12, scale=work)
        rows.append(
            [f"{duration:g}", *(f"{v:.6f}" for v in (work / length, bound / length, duration / (duration + 2)))]
        )
    decided(bound > 0.999 * work, "the bound is within a thousandth of the work of the slowest")
    columns = ["duration", "work at constant speed", "its bound", "least work of all protocols"]
    table("In units of the squared friction length over the duration", columns, rows)
