"""Claims about the curvature of spin models on graphs: its sign, and that all exact routes to it agree."""

import itertools

import hypothesis.strategies as st
import numpy as np
import sympy as sp

from derivations import ising_graphs
from numerics.lattice_contractions import contracted
from numerics.lattices import chain, complete, graph, grid, ring, torus
from numerics.spin_enumeration import cumulants as enumerated
from numerics.spin_models import bond_values, critical_potts_coupling
from numerics.transfer_matrix import cumulants as transferred
from properties import archive, exact_routes_study
from properties.checks import agree, archived, at_most, decided, derived, fact, table
from properties.claims import claim

CRITICAL = critical_potts_coupling(2) / 2
LATTICES = (
    ring(3), ring(4), ring(5), ring(6), chain(5), grid([3, 3]), complete(4), complete(5), torus([3, 3]), torus([4, 4]),
)  # fmt: skip
COUPLINGS = (0.05, 0.2, CRITICAL, 1.0, 1.5)
# Sides and states whose pairs of states can be enumerated.
MODELS = (((3, 3), "ising", 2), ((3, 3), "potts", 2), ((5,), "ising", 2), ((4,), "potts", 3), ((5,), "potts", 3))


def curvature(lattice, coupling, model="ising", states=2):
    """By enumeration."""
    found = enumerated(lattice, coupling, model, states, representatives=lattice.representatives)
    return contracted(lattice, found.metric, found.third).scalar_curvature


@claim(
    "curvature-sign",
    evidence="exact",
    change={},
    falsifiers={
        "hyperbolic": {"change": {"curvature": -sp.Rational(3, 2)}},
        "curvature 1/4 of the whole": {"change": {"curvature": sp.Rational(1, 4)}},
        "the product of all bonds is -1": {"change": {"last": -1}},
    },
)
def test_triangle(change):
    derived(ising_graphs.triangle(**change))


@claim(
    "curvature-sign",
    evidence="exact",
    change={},
    falsifiers={
        "negative": {"change": {"curvature": -sp.Rational(1, 4)}},
        "of radius 1": {"change": {"curvature": sp.Integer(1)}},
        "the product of all bonds is -1": {"change": {"product": sp.Integer(-1)}},
    },
)
def test_plane_of_a_triangle(change):
    derived(ising_graphs.plane_of_a_triangle(**change))


@claim(
    "curvature-sign",
    evidence="exact",
    graphs=ising_graphs.TREES,
    falsifiers={"graphs with a loop": {"graphs": (((0, 1), (1, 2), (0, 2), (2, 3)),)}},
)
def test_trees(graphs):
    derived(ising_graphs.trees(graphs))


@claim(
    "curvature-sign",
    evidence="exact",
    change={},
    falsifiers={
        "4 for 6": {"change": {"low": sp.Integer(4)}},
        "always positive": {"change": {"middle": sp.Integer(2)}},
        "always negative": {"change": {"low": -sp.Integer(6), "middle": -sp.Integer(8)}},
    },
)
def test_square(change):
    derived(ising_graphs.ring_of_four(**change))


@claim(
    "curvature-sign",
    evidence="exact",
    each=ising_graphs.TRIANGLE,
    falsifiers={"1 for each": {"each": ising_graphs.TRIANGLE * 2 / 3}, "negative": {"each": -ising_graphs.TRIANGLE}},
)
def test_without_couplings(each):
    derived(ising_graphs.without_couplings(each))


@claim(
    "curvature-sign",
    evidence="counterexample",
    couplings=(0.1, 1.0),
    falsifiers={
        "the critical coupling": {"couplings": (CRITICAL,)},
        "a somewhat strong one": {"couplings": (0.1, 0.6)},
    },
)
def test_tori_of_positive_curvature(couplings):
    """Square tori without triangles, of weak and of strong couplings; and graphs of either sign."""
    rows = [[lattice.name, *(f"{curvature(lattice, coupling):.6g}" for coupling in COUPLINGS)] for lattice in LATTICES]
    table("Scalar curvature of Ising models", ["graph", *(f"J = {coupling:.4g}" for coupling in COUPLINGS)], rows)
    for size, coupling in itertools.product((4, 6, 8), couplings):
        lattice = torus([size, size])
        found = transferred(lattice, coupling)
        value = contracted(lattice, found.metric, found.third).scalar_curvature
        fact(f"R of the torus {size} x {size} at J = {coupling:g}", f"{value:.9g}")
        decided(value > 1e-3, f"R > 0 on the torus {size} x {size} at J = {coupling:g}")


def kernel_form(lattice, couplings, model, states, square, power):
    """``E[K(s,s')^3 - K(s,s) K(s,s') K(s',s')]/4`` over pairs of states, and the size of its two parts."""
    spins = np.array(list(itertools.product(range(states), repeat=lattice.spins - 1)))
    spins = np.concatenate([np.zeros((len(spins), 1), dtype=int), spins], axis=1)
    values = bond_values(model, states)[spins[:, lattice.bonds[:, 0]], spins[:, lattice.bonds[:, 1]]]
    weights = np.exp(values @ couplings)
    weights /= weights.sum()
    mean = weights @ values
    second = (values * weights[:, None]).T @ values
    np.fill_diagonal(second, square(values).T @ weights)
    centred = values - mean
    kernel = centred @ np.linalg.solve(second - np.outer(mean, mean), centred.T)
    whole = weights @ kernel**3 @ weights
    trace = weights @ (np.diag(kernel)[:, None] * kernel**power * np.diag(kernel)) @ weights
    return (whole - trace) / 4, whole + trace


def _doubled(lattice, couplings):
    """Each bond of the first axis in two, of half the coupling: the model is the same, its bonds are not."""
    return lattice, np.where(lattice.axes == 0, couplings / 2, couplings)


def _open(lattice, couplings):
    """Without the bonds that close the first axis."""
    keep = ~((lattice.axes == 0) & (lattice.bonds[:, 1] < lattice.bonds[:, 0]))
    return graph(lattice.bonds[keep].tolist()), couplings[keep]


def _same(lattice, couplings):
    return lattice, couplings


@claim(
    "exact-routes",
    evidence="property",
    given={"model": st.sampled_from(MODELS), "couplings": st.lists(st.floats(-0.8, 0.8), min_size=2, max_size=2)},
    change=_same,
    square=np.square,
    power=1,
    falsifiers={
        "a doubled bond counted once": {"change": _doubled},
        "periodicity dropped": {"change": _open},
        "the square of each statistic taken as 1": {"square": np.ones_like},
        "a kernel too many": {"power": 2},
    },
)
def test_kernel_enumeration_and_transfer_matrix(model, couplings, change, square, power):
    """Rings and tori of 3 x 3 spins, a coupling of either sign for each axis; residuals relative to the parts of R."""
    shape, name, states = model
    lattice, along = torus(shape), np.array(couplings[: len(shape)])
    strengths = np.repeat(along, lattice.spins)
    by_kernel, size = kernel_form(*change(lattice, strengths), name, states, square, power)
    routes = enumerated(lattice, strengths, name, states), transferred(lattice, along, name, states)
    full, transfer = routes
    values = [
        contracted(lattice, full.metric, full.third[:, :, lattice.representatives]).scalar_curvature,
        contracted(lattice, transfer.metric, transfer.third).scalar_curvature,
        contracted(graph(lattice.bonds.tolist()), full.metric, full.third).scalar_curvature,
    ]
    agree(values, [by_kernel] * 3, tolerance=5e-13, scale=max(size, 1.0))


def _entries():
    """Those of the archive, the small ones by transfer matrix computed again."""
    content = archive.read(exact_routes_study.NAME)
    entries = content["entries"]
    for entry in entries:
        model = entry["route"], entry["model"], entry["states"], tuple(entry["shape"])
        if model[0] == "transfer matrix" and entry["seconds"] < 0.05:
            again = exact_routes_study.measure(*model)
            agree(again["scalar_curvature"], entry["scalar_curvature"], tolerance=1e-12)
    archived(content["made"], "the tori that take transfer matrices less than 0.05 s")
    return entries


def _named(entry):
    return f"{entry['model']}, q = {entry['states']}", " x ".join(map(str, entry["shape"]))


@claim(
    "exact-routes",
    evidence="property",
    coefficient=0.25,
    falsifiers={
        "half of the difference of squares": {"coefficient": 0.5},
        "no factor": {"coefficient": 1.0},
    },
)
def test_routes_to_critical_tori(coefficient):
    """Every torus that several routes reach, at its critical coupling: all against the first of them."""
    entries, rows, worst = _entries(), [], 0.0
    for entry in entries:
        first = next(e for e in entries if _named(e) == _named(entry))
        expected = coefficient * (first["skewness_squared"] - first["trace_squared"])
        agree(entry["scalar_curvature"], expected, tolerance=1e-12)
        worst = max(worst, abs(entry["scalar_curvature"] / first["scalar_curvature"] - 1))
        numbers = [f"{entry[name]:.10f}" for name in ("scalar_curvature", "skewness_squared", "trace_squared")]
        rows.append(
            [*_named(entry), entry["route"], *numbers, f"{entry['seconds']:.2f}", f"{entry['peak_memory']:.2f}"]
        )
    columns = ["model", "torus", "route", "R", "$|T|^2$", "$|\\mathrm{tr}\\,T|^2$", "seconds", "GiB"]
    table("Critical tori by all exact routes", columns, rows)
    fact("largest relative difference of two routes", f"{worst:.1e}")


@claim(
    "curvature-critical-sign",
    evidence="property",
    share=1.0,
    falsifiers={"at a quarter of the critical coupling": {"share": 0.25}},
)
def test_critical_tori(share):
    """All of the archive; smaller tori again, at a share of the critical coupling."""
    entries = _entries()
    at_most(max(entry["scalar_curvature"] for entry in entries), 0.0, slack=1e-9)
    for name, states, shape in (
        ("ising", 2, (6, 6)),
        ("potts", 3, (3, 3)),
        ("potts", 4, (3, 3)),
        ("ising", 2, (3, 3, 3)),
    ):
        lattice, coupling = torus(shape), exact_routes_study.coupling_of(name, states, shape)
        found = transferred(lattice, share * coupling, name, states)
        at_most(contracted(lattice, found.metric, found.third).scalar_curvature, 0.0, slack=1e-9)
