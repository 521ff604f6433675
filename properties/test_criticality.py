"""The growth of the curvature on critical lattices: exact tori against powers and logarithms."""

from functools import cache
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np

from derivations import criticality
from numerics.ising_fermions import critical_coupling, fermions
from numerics.ising_torus import curvature, trace
from numerics.lattice_contractions import contracted
from numerics.lattices import complete, ring, torus
from numerics.spin_enumeration import cumulants
from properties import archive, ising_torus_study
from properties.checks import agree, archived, at_most, decided, derived, fact, table
from properties.claims import claim
from properties.growth_laws import EXPONENTS, HELD_OUT, VALUES, exponents, fit

PUBLISHED = 10 / 9
WINDOWS = ((6, 12), (8, 16), (8, 24), (12, 32), (16, 48), (24, 64))


@cache
def recomputed():
    """The curvature at a small size, and the part that the trace has in it at two."""
    models = {size: fermions(size, (critical_coupling(),) * 2) for size in (12, 32)}
    return curvature(models[12]).scalar_curvature, {size: trace(model)[1] for size, model in models.items()}


def stored_rows():
    """The archive's sizes in order, with a part computed again."""
    stored = archive.read(ising_torus_study.NAME)
    rows = {row["size"]: row for row in sorted(stored["sizes"], key=lambda row: row["size"])}
    whole, traces = recomputed()
    agree(whole, rows[12]["scalar_curvature"], tolerance=1e-11)
    for size, found in traces.items():
        agree(found, rows[size]["trace_squared"], tolerance=1e-11)
    archived(stored["made"], "the curvature at 12 spins a side, and the trace at 12 and 32")
    return list(rows.values())


def exact(rows):
    """Sizes and ``|R|`` where it is known."""
    known = [row for row in rows if "scalar_curvature" in row]
    return np.array([row["size"] for row in known]), -np.array([row["scalar_curvature"] for row in known])


@claim("trace-mechanism", evidence="exact", power=2, falsifiers={"t for its square": {"power": 1}})
def test_trace_of_the_skewness(power):
    derived(criticality.trace_of_the_skewness(power))


@claim(
    "trace-mechanism",
    evidence="property",
    given={
        "lattice": st.sampled_from((ring(3), ring(5), complete(4), torus((3, 3)))),
        "coupling": st.floats(0.05, 1.0),
    },
    number=lambda lattice: len(lattice.bonds),
    power=2,
    falsifiers={
        "spins for bonds": {"number": lambda lattice: lattice.spins},
        "first power": {"power": 1},
    },
)
def test_lattices_of_equal_bonds(lattice, coupling, number, power):
    """All contractions of the full tensors, on rings, a complete graph and a torus."""
    model = cumulants(lattice, coupling)
    found = contracted(lattice, model.metric, model.third[:, :, lattice.representatives])
    chi = float(np.sum(model.metric)) / len(lattice.bonds)
    t = np.mean(found.trace)
    agree(found.trace, np.full(len(found.trace), t), tolerance=1e-11, scale=1.0)
    agree(found.trace_squared, number(lattice) * np.abs(t) ** power / chi, tolerance=1e-10, scale=1.0 + abs(t))


@claim(
    "trace-mechanism",
    evidence="property",
    given={"size": st.sampled_from((3, 5, 8)), "coupling": st.floats(0.2, 0.4)},
    factor=1.0,
    falsifiers={"one axis only": {"factor": 2.0}, "opposite sign": {"factor": -1.0}},
)
def test_trace_by_the_determinant(size, coupling, factor):
    """``m t = d ln det g / dJ`` on tori, by differences of twelfth order."""
    t = trace(fermions(size, (coupling, coupling)))[0].mean()
    agree(factor * ising_torus_study.trace_by_determinant(size, coupling), t, tolerance=1e-8)


@claim(
    "ising-curvature-exponent",
    evidence="property",
    step=1.0,
    falsifiers={"bonds of one axis only": {"step": 0.5}},
)
def test_trace_at_every_size_by_the_determinant(step):
    """In the archive, to 512 spins a side."""
    rows = stored_rows()
    for row in rows:
        agree(step * row["trace_by_determinant"], row["trace"], tolerance=1e-8)
        agree(2 * row["size"] ** 2 * row["trace"] ** 2 / row["energy_variance"], row["trace_squared"], tolerance=1e-11)


@claim(
    "ising-curvature-exponent",
    evidence="counterexample",
    exponent=PUBLISHED,
    falsifiers={"the exponent 1, which logarithms hide": {"exponent": 1.0}},
)
def test_exponents_pass_the_published_one(exponent):
    """Exact exponents fall below 10/9 and go on falling; so does the exact bound, to 512 spins a side."""
    rows = stored_rows()
    sizes, curvatures = exact(rows)
    local = exponents(sizes, curvatures, 2)
    bounds = np.array([row["trace_squared"] / 4 for row in rows])
    every = np.array([row["size"] for row in rows])
    of_bound = exponents(every, bounds, 2)
    table(
        EXPONENTS, ["from L", "to L", "of |R|", "of the bound $m t^2/4\\chi$"],
        [[a, b, f"{local[k]:.6f}" if k < len(local) else "", f"{of_bound[k]:.6f}"]
         for k, (a, b) in enumerate(pairwise(every))],
    )  # fmt: skip
    columns = ["L", "R", "$|T|^2$", "$|\\mathrm{tr}\\,T|^2$", "by the determinant, relative difference"]
    table(VALUES, columns, [_shown(row) for row in rows])
    # From the published window on.
    peak = int(np.argmax(np.where(sizes[:-1] >= 6, local, 0.0)))
    fact("largest exponent from L = 6 on", f"{local[peak]:.5f} between L = {sizes[peak]} and {sizes[peak + 1]}")
    decided(bool(np.all(np.diff(local[peak:]) < 0)), "from its largest value on the exponent falls")
    top = int(np.argmax(of_bound))
    fact("largest exponent of the bound", f"{of_bound[top]:.5f} between L = {every[top]} and {every[top + 1]}")
    decided(bool(np.all(np.diff(of_bound[top:]) < 0)), "and so does that of the bound")
    decided(bool(local[-1] < exponent), f"at the largest sizes it is below {exponent:.4f}")
    decided(bool(np.all(of_bound < exponent)), "that of the bound is below it at every size")


@claim(
    "critical-growth",
    evidence="property",
    better="logarithm",
    falsifiers={"a power predicts better": {"better": "power"}},
)
def test_held_out_sizes(better):
    """Both laws with a correction, fitted to sizes up to 64, at 96 and 128: the logarithm is 2.3 times closer at least."""
    sizes, curvatures = exact(stored_rows())
    held = np.isin(sizes, HELD_OUT)
    rows, errors = [], {}
    for low, high in WINDOWS:
        window = (sizes >= low) & (sizes <= high)
        for law in ("power", "logarithm"):
            for corrected in (False, True):
                found = fit(law, sizes[window], curvatures[window], sizes[held], 2, corrected)
                error = found.prediction / curvatures[held] - 1
                errors[law, corrected, low, high] = np.abs(error)
                rows.append(
                    [f"{low} to {high}", law, "yes" if corrected else "no", f"{found.growth:.5f}", f"{found.residual:.1e}",
                     *(f"{e:+.2%}" for e in error)]
                )  # fmt: skip
    columns = ["L fitted", "law", "term in 1/L", "exponent, or a", "residual", *(f"error at {L}" for L in sizes[held])]
    table("Laws of growth and held-out sizes", columns, rows)
    worse = "power" if better == "logarithm" else "logarithm"
    for low, high in WINDOWS[3:]:
        at_most(2.3 * errors[better, True, low, high], errors[worse, True, low, high], slack=1e-12)
    drift = [fit("power", *_window(sizes, curvatures, *w), sizes[held], 2, True).growth for w in WINDOWS[3:]]
    fact("exponents of the corrected power as the window grows", ", ".join(f"{d:.4f}" for d in drift))


@claim(
    "critical-growth",
    evidence="property",
    constant=4 / np.pi,
    falsifiers={"1/pi for 4/pi": {"constant": 1 / np.pi}, "twice as steep": {"constant": 8 / np.pi}},
)
def test_slope_by_duality(constant):
    """``d(-R/n)/d ln L`` between neighbouring sizes rises towards ``constant h^2``; ``|T|^2/n`` falls."""
    rows = stored_rows()
    sizes, curvatures = exact(rows)
    known = [row for row in rows if "scalar_curvature" in row]
    slopes = np.diff(curvatures / sizes**2) / np.diff(np.log(sizes))
    limit = constant * rows[-1]["inverse_diagonal"] ** 2
    large = sizes[:-1] >= 8
    fact("limit of the slope by duality", f"{limit:.4f}")
    fact("slope between the two largest sizes", f"{slopes[-1]:.4f}")
    squares = np.array([row["skewness_squared"] / row["size"] ** 2 for row in known])
    table(
        "Slopes", ["from L", "to L", "$d(-R/n)/d\\ln L$", "$|T|^2/n$"],
        [[a, b, f"{s:.5f}", f"{q:.5f}"] for a, b, s, q in zip(sizes[:-1], sizes[1:], slopes, squares[1:], strict=True)],
    )  # fmt: skip
    decided(bool(np.all(np.diff(slopes[large]) > 0)), "slopes rise")
    decided(bool(np.all(np.diff(squares) < 0)), "|T|^2/n falls")
    at_most(slopes[-1], limit, slack=1e-9)
    at_most(0.9 * limit, slopes[-1], slack=1e-9)


def _window(sizes, curvatures, low, high):
    window = (sizes >= low) & (sizes <= high)
    return sizes[window], curvatures[window]


def _shown(row):
    whole = [f"{row[name]:.9f}" if name in row else "" for name in ("scalar_curvature", "skewness_squared")]
    difference = row["trace_by_determinant"] / row["trace"] - 1
    return [row["size"], *whole, f"{row['trace_squared']:.9f}", f"{difference:.1e}"]
