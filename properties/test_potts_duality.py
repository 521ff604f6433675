"""Third cumulants of planar Potts models and of their duals, and the trace on critical tori."""

from functools import cache

import hypothesis.strategies as st
import numpy as np

from derivations import potts_duality
from numerics.lattice_contractions import contracted
from numerics.lattices import graph, torus
from numerics.potts_duality import self_dual_trace, self_dual_trace_of_ising
from numerics.spin_enumeration import cumulants
from numerics.spin_models import critical_potts_coupling
from numerics.transfer_matrix import cumulants as transferred
from properties import archive, ising_torus_study
from properties.checks import agree, archived, at_most, decided, derived, fact, table
from properties.claims import claim


def wheel(spokes):
    """A wheel, spokes before rim, and for each bond the place of its dual bond in the dual wheel."""
    hub = [(0, 1 + i) for i in range(spokes)]
    rim = [(1 + i, 1 + (i + 1) % spokes) for i in range(spokes)]
    return graph(hub + rim), np.array([spokes + (i - 1) % spokes for i in range(spokes)] + list(range(spokes)))


def dual(couplings, states):
    """The dual coupling with its derivatives by the coupling, to the third."""
    u, v = np.exp(couplings), np.expm1(couplings)
    w = v + states
    first = u / w - u / v
    second = u * (states - 1) / w**2 + u / v**2
    third = u * (states - 1) * (states - 1 - u) / w**3 - u * (u + 1) / v**3
    return np.log1p(states / v), first, second, third


@cache
def recomputed(size):
    """What the archive has of a size, but the curvature."""
    return ising_torus_study.of_trace(size)


@claim("duality-of-cumulants", evidence="exact", variant={}, falsifiers={
    "second derivative of the dual coupling halved": {"variant": {"second": 1}},
    "third cumulants of the same sign": {"variant": {"sign": 1}},
})  # fmt: skip
def test_cumulants_at_the_self_dual_point(variant):
    derived(potts_duality.cumulants(**variant))


@claim("duality-of-cumulants", evidence="exact", variant={}, falsifiers={"one vertex more": {"variant": {"excess": 1}}})
def test_duality_of_partition_functions(variant):
    derived(potts_duality.partition_functions(**variant))


@claim("duality-of-cumulants", evidence="exact", variant={}, falsifiers={"one pairing only": {"variant": {"twice": 1}}})
def test_trace_of_what_is_left(variant):
    derived(potts_duality.trace(**variant))


@claim(
    "duality-of-cumulants",
    evidence="property",
    given={
        "spokes": st.sampled_from((3, 4)),
        "states": st.sampled_from((2, 3, 4)),
        "seed": st.integers(0, 2**32 - 1),
    },
    sign=1.0,
    pairs=1.0,
    points=1.0,
    falsifiers={
        "same sign": {"sign": -1.0},
        "pairs of equal bonds forgotten": {"pairs": 0.0},
        "contact of three equal bonds forgotten": {"points": 0.0},
    },
)
def test_wheels_with_any_couplings(spokes, states, seed, sign, pairs, points):
    """A wheel is its own dual; both sums over all states, with other couplings on each bond."""
    lattice, place = wheel(spokes)
    couplings = np.random.default_rng(seed).uniform(0.2, 2.0, 2 * spokes)
    there, first, second, third = dual(couplings, states)
    of_dual = np.empty_like(there)
    of_dual[place] = there
    model, other = (cumulants(lattice, J, "potts", states) for J in (couplings, of_dual))
    mean, metric, skewness = (
        other.mean[place],
        other.metric[np.ix_(place, place)],
        other.third[np.ix_(place, place, place)],
    )
    v, u = np.expm1(couplings), np.exp(couplings)
    bonds = np.eye(2 * spokes)
    expected = sign * np.einsum("a,b,c,abc->abc", first, first, first, skewness)
    contact = np.einsum("ab,a,c,ac->abc", bonds, second, first, metric)
    expected += pairs * (contact + contact.transpose(1, 2, 0) + contact.transpose(2, 0, 1))
    rest = third * mean + u * (u + 1) / v**3
    expected += points * np.einsum("ab,bc,a->abc", bonds, bonds, rest)
    # The dual cumulants are multiplied by up to the cube of the slope.
    scale = 1.0 + np.abs(np.einsum("a,b,c->abc", first, first, first)) + points * np.abs(rest).max()
    agree(model.third, expected, tolerance=1e-12, scale=scale)


@claim(
    "critical-trace",
    evidence="property",
    contact=True,
    power=0.75,
    falsifiers={
        "without the contact of pairs": {"contact": False},
        "falls like 1/L": {"power": 1.0},
    },
)
def test_trace_on_critical_tori(contact, power):
    """What a torus adds to the trace by duality falls with its size, from 3 to 512 spins a side."""
    stored = archive.read(ising_torus_study.NAME)
    rows = sorted(stored["sizes"], key=lambda row: row["size"])
    (row,) = (row for row in rows if row["size"] == 16)
    found = recomputed(16)
    agree(list(found.values()), [row[name] for name in found], tolerance=1e-11)
    archived(stored["made"], "the trace and the metric of 16 spins a side")
    sizes = np.array([row["size"] for row in rows])
    exact = np.array([row["trace"] for row in rows])
    dual_part = np.array([self_dual_trace_of_ising(row["energy_variance"], row["inverse_diagonal"]) for row in rows])
    if not contact:
        dual_part = dual_part + np.sqrt(2) * np.array(
            [row["inverse_diagonal"] * row["energy_variance"] for row in rows]
        )
    rest = np.abs(exact - dual_part)
    table(
        "The trace on critical tori", ["L", "t, exactly", "t by duality", "difference"],
        [[s, f"{t:.9f}", f"{d:.9f}", f"{r:.6f}"] for s, t, d, r in zip(sizes, exact, dual_part, rest, strict=True)],
    )  # fmt: skip
    large = sizes >= 8
    slope = -np.polyfit(np.log(sizes[large]), np.log(rest[large]), 1)[0]
    fact("power of 1/L with which the difference falls", f"{slope:.3f}")
    at_most(power, slope, slack=1e-9)
    at_most(rest[-1], 0.03, slack=1e-9)


@claim(
    "critical-trace",
    evidence="property",
    contact=1.0,
    falsifiers={"without the contact of three": {"contact": 0.0}},
)
def test_trace_on_critical_potts_tori(contact):
    """By transfer matrices: the rest falls with the size, and is closer to the exact trace than that is to 0."""
    rows = []
    for states, sizes in ((2, range(3, 8)), (3, range(3, 7)), (4, range(3, 6))):
        rests = []
        for size in sizes:
            lattice = torus([size, size])
            model = transferred(lattice, critical_potts_coupling(states), "potts", states)
            exact = contracted(lattice, model.metric, model.third).trace[0]
            inverse_diagonal = np.linalg.inv(model.metric)[0, 0]
            found = self_dual_trace(states, model.metric[0].sum(), inverse_diagonal)
            found -= (1 - contact) * (states - 1) / states**1.5 * inverse_diagonal / 2
            rests.append(abs(exact - found))
            rows.append([states, size, f"{exact:.9f}", f"{found:.9f}", f"{rests[-1]:.6f}"])
            at_most(rests[-1], 0.3 * abs(exact), slack=1e-9)
        decided(bool(np.all(np.diff(rests) < 0)), f"the rest falls with the size for q = {states}")
    table("The trace on critical Potts tori", ["q", "L", "t, exactly", "t by duality", "difference"], rows)
