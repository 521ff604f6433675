"""Pictures of penalties: their shapes about a reference, and how they compare on data."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.penalties import fisher_rao_penalty, kl_penalty
from properties.experiments import belief_tables as tables
from properties.experiments.belief_regularisation import METHODS
from properties.experiments.belief_tasks import TASKS
from reports.figures import table_of
from reports.figures.drawing import INK, SERIES, Figure, drawing

_BARS: Any = {"linestyle": "none", "capsize": 2.5, "markersize": 4.5, "elinewidth": 1.2}
_MARKS = "osv^"
# In two lines where they stand below an axis.
_SHORT = {"none": "none", "weight decay": "weight\ndecay", "Fisher-Rao": "squared\ndistance", "KL to": "KL to",
          "KL from": "KL from"}  # fmt: skip


def _shapes(_: Mapping[str, Any]) -> list[Figure]:
    deviation = np.exp(np.linspace(np.log(0.25), np.log(4), 200))
    with jax.enable_x64(True):
        reference, theta = [0.0, 1.0], jnp.asarray(np.stack([0 * deviation, deviation], axis=1))
        square = np.asarray(jax.vmap(fisher_rao_penalty("gaussian", reference))(theta))
        there, back = (
            np.asarray(jax.vmap(kl_penalty("gaussian", reference, f"{way}_reference"))(theta)) for way in ("to", "from")
        )
    with drawing("shapes") as picture:
        axes = picture.axes
        for values, label in ((square / 2, "$d^2/2$"), (there, "KL to the reference"), (back, "KL from it")):
            axes.plot(deviation, values, label=label)
        axes.set(xscale="log", xlabel=r"standard deviation $\sigma$", ylabel="penalty", ylim=(0, 3))
        axes.set_xticks([0.25, 0.5, 1, 2, 4], ["1/4", "1/2", "1", "2", "4"])
        axes.minorticks_off()
        axes.legend()
    return [
        Figure(
            picture.svg,
            "Three penalties of one Hessian",
            r"Of the laws $N(0, \sigma^2)$ against the reference $N(0, 1)$. Half of the squared distance is $\ln^2\sigma$; the "
            "divergences agree with it to second order at 1 and part from it on both sides.",
            "Curves that touch 0 at 1. To the right KL to the reference is highest and KL from it lowest; to the left it is "
            "the other way round, with half of the squared distance in between.",
        )
    ]


def _comparison(claim: Mapping[str, Any]) -> list[Figure]:
    figures = []
    if all(table_of(claim, tables.differences_of(task)) for task in TASKS):
        figures.append(_likelihoods({task: table_of(claim, tables.differences_of(task)) or [] for task in TASKS}))
    if rows := table_of(claim, tables.ENSEMBLES):
        figures.append(_efficiencies(rows))
    return figures


def _likelihoods(rows: Mapping[str, list[list[str]]]) -> Figure:
    methods = METHODS[2:]
    with drawing("likelihoods", (5.2, 3.4)) as picture:
        axes = picture.axes
        axes.axhline(0, color=INK, linewidth=1)
        axes.annotate("weight decay", (-0.38, 0.006), fontsize=9)
        for index, (task, of_task) in enumerate(rows.items()):
            cells = {row[0]: row[1] for row in of_task}
            shown = [cells[f"{tables.NAMES[method]} less {tables.NAMES['weight decay']}"] for method in methods]
            mean, half = _intervals(shown)
            axes.errorbar(np.arange(len(methods)) + 0.16 * (index - 0.5), mean, half, fmt=_MARKS[index],
                          color=SERIES[index], label=task, **_BARS)  # fmt: skip
        axes.set_xticks(range(len(methods)), [_SHORT[method] for method in methods])
        axes.set(ylabel="test log-likelihood, in nats", xlim=(-0.4, len(methods) - 0.6))
        axes.legend(loc="upper right", ncols=2, bbox_to_anchor=(1.0, 0.97))
        axes.grid(visible=False, axis="x")
    return Figure(
        picture.svg,
        "Penalties on beliefs against weight decay",
        "Log-likelihood of a test example, less that with weight decay, seed by seed; each method with the strength that "
        "cross-validation chose. Bars are 95 % intervals over twenty seeds.",
        "; ".join(
            f"{task}: "
            + ", ".join(f"{row[0]} {row[1]} nats" for row in of_task if row[0].endswith("less weight decay"))
            for task, of_task in rows.items()
        )
        + ".",
    )


def _efficiencies(rows: list[list[str]]) -> Figure:
    cells = {row[0]: row[1:] for row in rows}
    least, most, of_beliefs = (cells[name] for name in (tables.LEAST, tables.MOST, tables.OF_BELIEFS))
    with drawing("efficiencies", (5.2, 3.4)) as picture:
        axes, at = picture.axes, np.arange(len(METHODS))
        low, high = (_intervals(bound)[0] for bound in (least, most))
        axes.vlines(at - 0.1, low, high, color=SERIES[0], linewidth=5, label="of parameters, between bounds")
        axes.plot(at + 0.1, _intervals(of_beliefs)[0], "s", color=SERIES[1], markersize=6, label="of beliefs")
        axes.set_xticks(at, [_SHORT[method] for method in METHODS])
        axes.set(yscale="log", ylabel="efficiency", ylim=(0.004, 1.3), xlim=(-0.5, len(METHODS) - 0.5))
        axes.legend(loc="upper right")
        axes.grid(visible=False, axis="x")
    return Figure(
        picture.svg,
        "Efficiency of ensembles and of their beliefs",
        "Ensembles that descend the objectives for one clock: between which bounds the audit puts the efficiency of their way "
        r"through the parameters, and the efficiency $d^2/(\tau\int|q'|^2 dt)$ of a belief's way in the Fisher metric. "
        "Means over ten seeds.",
        "; ".join(
            f"{tables.NAMES[method]}: parameters from {lower} to {upper}, beliefs {mean}"
            for method, lower, upper, mean in zip(METHODS, least, most, of_beliefs, strict=True)
        )
        + ".",
    )


def _intervals(cells: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Means and half widths of cells such as ``0.362 ± 0.012``."""
    pairs = np.array([[float(part) for part in cell.split("±")] for cell in cells])
    return pairs[:, 0], pairs[:, 1]


CLAIMS = {"penalties-second-order": _shapes, "belief-regularisation": _comparison}
