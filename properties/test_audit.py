"""Claims about the bounds of an audit, on the archived study of how often they hold."""

from functools import cache

from scipy.stats import binom

from properties import archive, audit_coverage
from properties.audit_coverage import CONFIDENCE, LAWS, MEMBERS, SIZES, Cell
from properties.checks import agree, archived, decided, fact, sampled, table
from properties.claims import claim

_SPOT = Cell("bimodal", 0.5, 10, 20, "maximum")
# Of all cells together; each may fall short of the confidence by chance once in so many studies.
_FALSE_ALARM = 1e-2
_WAYS = {
    "none": "temperature 0",
    "gaussian": "entropy of normal laws",
    "nearest-neighbour": "entropy by nearest neighbours",
    "maximum": "entropy of independent normals, initial entropy known",
}


@claim(
    "audit-distance",
    evidence="simulated",
    bound="distance_lower_holds",
    falsifiers={"the distance of the empirical measures as the bound": {"bound": "empirical_below"}},
)
def test_lower_bound_of_the_distance(bound):
    """How often the bound is at most the squared distance: in every cell as often as asked for, up to binomial error."""
    cells = [cell for cell in _study() if cell["entropy"] in ("none", "gaussian")]
    ways = {"none": "temperature 0", "gaussian": "temperature 0.5"}
    _table("How often the lower bound of the squared distance holds", cells, "distance_lower_holds", ways)
    _table("Lower bound of the squared distance over the truth", cells, "lower_over_truth", ways)
    _table("Squared distance of the empirical measures over the truth", cells, "empirical_over_truth", ways)
    _hold(cells, bound)


@claim(
    "audit-production",
    evidence="simulated",
    laws={"none": ("normal", "bimodal"), "gaussian": ("normal",), "maximum": LAWS},
    falsifiers={
        "entropy of normal laws for every law": {"laws": {"gaussian": LAWS}},
        "nearest neighbours": {"laws": {"nearest-neighbour": LAWS}},
        "ten skewed members in two dimensions": {"laws": {"none": LAWS}},
    },
)
def test_upper_bound_of_the_entropy_production(laws):
    """How often the bound is at least the entropy production, for the laws and ways of estimating entropy that are named."""
    cells = [cell for cell in _study() if cell["production_upper_holds"] is not None]
    _table("How often the upper bound of the entropy production holds", cells, "production_upper_holds")
    known = [cell for cell in cells if cell["production_over_truth"] is not None]
    _table("Estimated entropy production over the truth", known, "production_over_truth")
    _hold([c for c in cells if c["law"] in laws.get(c["entropy"], ())], "production_upper_holds")


@claim(
    "audit-verdict",
    evidence="simulated",
    share="rejected",
    falsifiers={"the control": {"share": "consistent"}},
)
def test_verdicts(share):
    """No more false rejections than the bounds allow; where members are many, the control is rejected."""
    cells = [cell for cell in _study() if cell["production_upper_holds"] is not None]
    _table("How often the verdict is “consistent”: the control was rejected", cells, "consistent")
    worst = max(cells, key=lambda cell: cell[share])
    fact("most false rejections in a cell", f"{max(c['rejected'] for c in cells):.4f}")
    # Both bounds must fail at the same time.
    allowed = binom.ppf(1 - _FALSE_ALARM / len(cells), worst["ensembles"], 1 - CONFIDENCE) / worst["ensembles"]
    decided(worst[share] <= allowed, f"the share {worst[share]} of rejections is at most {allowed}")
    large = [c for c in cells if c["members"] == MEMBERS[-1] and c["law"] == "normal"]
    decided(all(c["consistent"] > 0.99 for c in large), "256 members of normal laws always decide")


@cache
def _again():
    """The cell that is computed again, the same for every variant of a statement."""
    return audit_coverage.measure(_SPOT)


def _study():
    """The cells of the archive, one of them computed again."""
    content = archive.read(audit_coverage.NAME)
    cells = content["cells"]
    again = _again()
    (same,) = (c for c in cells if all(c[k] == again[k] for k in ("law", "temperature", "entropy", "size", "members")))
    for name in ("distance_lower_holds", "production_upper_holds", "consistent"):
        # Rounding elsewhere may take an ensemble to the other side of its bound.
        agree(again[name], same[name], tolerance=1.5 / same["ensembles"], scale=1.0)
    agree(again["lower_over_truth"], same["lower_over_truth"], tolerance=1e-9)
    archived(
        content["made"],
        f"all {_SPOT.members}-member ensembles of the {_SPOT.law} law in {_SPOT.size} dimensions at temperature "
        f"{_SPOT.temperature}, with the entropy of independent normals.",
    )
    return cells


def _hold(cells, share):
    """Claim that in every cell the share is the confidence or more, up to binomial error."""
    ensembles = cells[0]["ensembles"]
    least = binom.ppf(_FALSE_ALARM / len(cells), ensembles, CONFIDENCE) / ensembles
    sampled(sum(cell["ensembles"] for cell in cells))
    fact("least share allowed, of a confidence of 0.95", f"{least:.4f}")
    fact("false alarms, all cells together", f"at most {_FALSE_ALARM:g}")
    fact("chance to notice a cell that covers 0.85", f"{binom.cdf(least * ensembles - 1, ensembles, 0.85):.3f}")
    worst = min(cells, key=lambda cell: cell[share])
    decided(worst[share] >= least, f"the bound holds for a share of {worst[share]} or more, at least {least}")


def _table(title, cells, name, ways=_WAYS):
    rows = []
    for law in LAWS:
        for entropy, way in ways.items():
            for size in SIZES:
                row = {
                    c["members"]: c[name] for c in cells if (c["law"], c["entropy"], c["size"]) == (law, entropy, size)
                }
                if row:
                    shown = ["–" if row.get(n) is None else f"{row[n]:.3f}" for n in MEMBERS]
                    rows.append([law, way, size, *shown])
    table(title, ["law", "way", "parameters", *(f"N = {n}" for n in MEMBERS)], rows)
