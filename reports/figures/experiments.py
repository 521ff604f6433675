"""Pictures of the proposed experiments, drawn from the tables that their checks put on record."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from properties.experiments import tables
from properties.experiments.learning_rates import RATES as _RATES
from reports.figures import table_of
from reports.figures.drawing import INK, MUTED, SERIES, Figure, drawing

_MARKS = "osv^"
_QUANTITIES = {
    "squared distance": r"$W_2^2$", "entropy production": r"$\Sigma$", "efficiency": "efficiency",
    "straightness": "straightness", "pace": "pace",
}  # fmt: skip
_SHOWN = (1.0, 0.3, 0.01)
_BARS: Any = {"linestyle": "none", "capsize": 2.5, "markersize": 4.5, "elinewidth": 1.2}

Rows = list[list[str]]


def of_toy(claim: Mapping[str, Any]) -> list[Figure]:
    """Errors of the estimates, without and with noise."""
    figures = []
    for title, identity in ((tables.AT_REST, "at-rest"), (tables.WITH_NOISE, "with-noise")):
        if rows := table_of(claim, title):
            figures.append(_errors(rows, title, identity))
    return figures


def of_sweep(claim: Mapping[str, Any]) -> list[Figure]:
    """Efficiency and cost by learning rate, efficiency and path by clock."""
    drawn = (
        (tables.RATES, _efficiency),
        (tables.RATES, _costs),
        (tables.CLOCKS, _clocks),
        (tables.PATHS, _paths),
    )
    return _each(claim, drawn)


def of_curriculum(claim: Mapping[str, Any]) -> list[Figure]:
    """The way of every order, differences, and the balance of the free energy."""
    return _each(claim, ((tables.WAYS, _ways), (tables.PERCENTAGES, _differences), (tables.BALANCE, _balance)))


CLAIMS = {"gaussian-toy": of_toy, "learning-rate-sweep": of_sweep, "curriculum": of_curriculum}


def _each(claim: Mapping[str, Any], drawn: tuple[tuple[str, Callable[[Rows], Figure]], ...]) -> list[Figure]:
    found = ((table_of(claim, title), draw) for title, draw in drawn)
    return [draw(rows) for rows, draw in found if rows]


def _errors(rows: Rows, title: str, identity: str) -> Figure:
    settings = list(dict.fromkeys((row[0], row[1]) for row in rows))
    with drawing(identity, (6.0, 3.8)) as picture:
        axes = picture.axes
        axes.axhline(0, color=INK, linewidth=1)
        for index, (place, members) in enumerate(settings):
            mine = [row for row in rows if (row[0], row[1]) == (place, members)]
            at = np.arange(len(mine)) + 0.16 * (index - 1.5)
            mean, scatter = (np.array([_percent(row[column]) for row in mine]) for column in (4, 5))
            axes.errorbar(at, mean, scatter, fmt=_MARKS[index], color=SERIES[index],
                          label=f"{members} members" + (", axes turned" if "turned" in place else ""), **_BARS)  # fmt: skip
        axes.set_xticks(range(len(_QUANTITIES)), [_QUANTITIES[row[2]] for row in rows[: len(_QUANTITIES)]])
        axes.set(ylabel="error of the estimate", ylim=(-46, 52))
        axes.yaxis.set_major_formatter(PercentFormatter())
        axes.legend(ncols=2, loc="upper center")
        axes.grid(visible=False, axis="x")
    return Figure(
        picture.svg,
        title,
        "Error of what an audit estimates, in per cent of the exact value. Marks are means over 50 ensembles, bars the "
        r"standard deviation of one. Efficiency $W_2^2/(S\Sigma)$ is straightness $W_2^2/L^2$ times pace $L^2/(S\Sigma)$. "
        "The axes of the objective are those of the parameters, or turned by 30°: estimates of the distance see shifts and "
        "stretches of single parameters only.",
        f"Errors of five quantities for four kinds of ensembles: {_spoken(rows)}.",
    )


def _spoken(rows: Rows) -> str:
    """The largest error of the mean for each quantity."""
    largest = {row[2]: row[4] for row in sorted(rows, key=lambda row: abs(_percent(row[4])))}
    return ", ".join(f"{name} off by up to {error} on the mean" for name, error in largest.items())


def _efficiency(rows: Rows) -> Figure:
    rates, numbers = np.array(_RATES), {row[0]: row[1:] for row in rows}
    upper, other, lower = (numbers[name] for name in (tables.OVER_DROP, tables.OVER_ACTION, tables.LEAST_EFFICIENCY))
    with drawing("efficiency", (5.2, 3.6)) as picture:
        axes = picture.axes
        axes.axhline(1, color=INK, linewidth=1)
        axes.annotate("speed limit", (0.0085, 1.02), fontsize=9)
        for index, (cells, label) in enumerate(
            ((upper, tables.OVER_DROP), (other, tables.OVER_ACTION), (lower, tables.LEAST_EFFICIENCY))
        ):
            _with_bars(axes, rates, cells, index, label)
        axes.set(xscale="log", xlabel=r"learning rate $\eta$", ylabel="efficiency", ylim=(0, 1.6))
        axes.legend(loc="upper left")
    return Figure(
        picture.svg,
        "Efficiency by learning rate",
        r"The efficiency $W_2^2/(K\eta\,\Sigma)$ lies between its lower bound and the mean squared displacement of the members "
        r"over the clock $K\eta = 48$ and the drop of the objective. As the rate falls both level off, far below 1. Long steps "
        "waste action; the drop does not show it, and at the largest rate the limit for short steps says nothing. Bars are "
        "95 % intervals over ten seeds.",
        f"As the learning rate falls from 3 to 0.01, displacement over clock and drop levels off at {upper[-1]}, displacement "
        f"over clock and action rises to {other[-1]}, and the lower bound stays near {lower[-1]}.",
    )


def _costs(rows: Rows) -> Figure:
    rates, cells = np.array(_RATES), next(row[1:] for row in rows if row[0] == tables.EXCESS)
    with drawing("costs", (5.2, 3.6)) as picture:
        axes = picture.axes
        axes.plot(rates, 20 * rates, color=MUTED, linewidth=1.2, label=r"$0.2\,\eta$")
        _with_bars(axes, rates, cells, 0, "action over drop, less 1", is_joined=False)
        axes.set(xscale="log", yscale="log", xlabel=r"learning rate $\eta$", ylabel="excess of the action")
        axes.yaxis.set_major_formatter(PercentFormatter(decimals=None))
        axes.legend(loc="upper left")
    return Figure(
        picture.svg,
        "The correction for steps of finite size",
        r"By how much the action $\sum E{|\Delta|^2}/\eta$ exceeds the drop of the objective, as a share of it. It is of the "
        r"order of the step size up to $\eta = 0.3$; from $\eta = 1$ on it is more, as long steps undo parts of each other. "
        "Bars are 95 % intervals over ten seeds.",
        f"The excess falls in proportion to the learning rate, from {cells[2]} per cent at {_RATES[2]} to "
        f"{cells[-1]} at {_RATES[-1]}; at {_RATES[0]} it is {cells[0]}.",
    )


def _clocks(rows: Rows) -> Figure:
    with drawing("clocks", (5.2, 3.4)) as picture:
        axes = picture.axes
        _curves(axes, rows)
        axes.set(xlabel=r"clock $k\eta$", ylabel="displacement over clock and drop", xlim=(0, 48), ylim=(0, 1.02))
        axes.legend(loc="upper right")
    return Figure(
        picture.svg,
        "Efficiency up to a clock",
        "What bounds the efficiency from above, for training that stops early; means over ten seeds. It falls with the clock, "
        "and at small rates depends on nothing else.",
        f"Three falling curves, from {rows[0][-1]} at the clock {rows[0][0]} to {rows[-1][-1]} at {rows[-1][0]} for the rate "
        "0.01; that for the rate 0.3 lies close to it, that for the rate 1 above.",
    )


def _paths(rows: Rows) -> Figure:
    with drawing("paths", (5.2, 3.4)) as picture:
        axes = picture.axes
        axes.plot((0, 48), (0, 1), color=INK, linewidth=1)
        _curves(axes, rows)
        axes.set(xlabel=r"clock $k\eta$", ylabel="share of the path behind", xlim=(0, 48), ylim=(0, 1.02))
        axes.legend(loc="lower right")
    return Figure(
        picture.svg,
        "Progress along the path",
        "How much of the length of their path the members have behind them; means over ten seeds. At a pace of 1 it would be "
        "the straight line. At small rates a quarter of the path is behind after a sixteenth of the clock; at the rate 1 steps "
        "back and forth make the path longer later on.",
        f"The curves for the rates 0.3 and 0.01 lie on each other and above the diagonal, {rows[1][-1]} at the clock "
        f"{rows[1][0]} of 48; that for the rate 1 crosses the diagonal near the middle.",
    )


def _ways(rows: Rows) -> Figure:
    values = np.array(rows, dtype=np.float64)
    orders = ("standard", "easy first", "hard first", "random order")
    with drawing("ways", (6.0, 3.6)) as picture:
        axes = picture.axes
        for index, order in enumerate(orders):
            action, objective = values[:, 1 + 2 * index], values[:, 2 + 2 * index]
            axes.plot(action, objective, color=SERIES[index], label=order)
            axes.plot(action[-1], objective[-1], _MARKS[index], color=SERIES[index], markersize=6)
        axes.set(xlabel="entropy production so far (action)", ylabel="objective of all examples", xlim=(0, None))
        axes.legend(loc="upper right")
    return Figure(
        picture.svg,
        "What an objective costs in each order",
        "The objective of all examples against the action spent; means over the seeds. Marks are the ends, at the same clock. "
        "Lower and further left is better.",
        "Four falling curves. "
        + "; ".join(
            f"{order} ends at the objective {row[1]:.3f} for an action of {row[0]:.3f}"
            for order, row in zip(orders, values[-1, 1:].reshape(4, 2), strict=True)
        )
        + ".",
    )


def _differences(rows: Rows) -> Figure:
    orders = ("easy first", "hard first", "random order")
    with drawing("differences", (6.0, 3.6)) as picture:
        axes = picture.axes
        axes.axhline(0, color=INK, linewidth=1)
        for index, order in enumerate(orders):
            mean, half = _intervals([row[1 + index] for row in rows])
            axes.errorbar(np.arange(len(rows)) + 0.18 * (index - 1), mean, half, fmt=_MARKS[index + 1],
                          color=SERIES[index + 1], label=order, **_BARS)  # fmt: skip
        labels = [" ".join(words[:2]) + "\n" + " ".join(words[2:]) for words in (row[0].split() for row in rows)]
        axes.set_xticks(range(len(rows)), labels)
        axes.set(ylabel="against standard training")
        axes.yaxis.set_major_formatter(PercentFormatter())
        axes.legend(loc="upper right")
        axes.grid(visible=False, axis="x")
    return Figure(
        picture.svg,
        "Against standard training",
        "Relative differences from training on all examples at once, seed by seed, with 95 % intervals. One objective: that at "
        "which the worst order of the seed ends, mostly hard examples first, which then had the most time. Straightness of "
        "members: their mean squared displacement over the squared length.",
        "; ".join(f"{row[0]}: " + ", ".join(f"{order} {cell} per cent" for order, cell in zip(orders, row[1:], strict=True))
                  for row in rows) + ".",
    )  # fmt: skip


def _balance(rows: Rows) -> Figure:
    mine = [row for row in rows if row[1] == "easy first"]
    rate = np.array([float(row[0]) for row in mine])
    with drawing("balance", (5.2, 3.4)) as picture:
        axes = picture.axes
        axes.plot(rate, 20 * rate, color=MUTED, linewidth=1.2, label=r"$0.2\,\eta$")
        for index, (column, label) in enumerate(((2, "of drop and work"), (3, "of the drop alone"))):
            _with_bars(axes, rate, [row[column] for row in mine], index, label, is_joined=False)
        axes.set(
            xscale="log", yscale="log", xlabel=r"learning rate $\eta$", ylabel="excess of the action", ylim=(0.4, 300)
        )
        axes.yaxis.set_major_formatter(PercentFormatter())
        axes.set_xticks(rate, [row[0] for row in mine])
        axes.minorticks_off()
        axes.legend(loc="upper left", ncols=3, columnspacing=1.0)
    return Figure(
        picture.svg,
        "The work of changing the objective",
        "Easy examples first: by how much the action exceeds the entropy production, as a share of it. With the work of the "
        "changes of the objective the excess is of the order of the step size. The drop of the objective alone leaves out "
        "a part that no smaller step removes.",
        "; ".join(f"at the rate {row[0]} {row[2]} per cent with the work, {row[3]} without" for row in mine) + ".",
    )


def _percent(cell: str) -> float:
    return float(cell.removesuffix("%"))


def _curves(axes: Axes, rows: Rows) -> None:
    values = np.array(rows, dtype=np.float64)
    # The first column is the clock, the next ones are the rates from 1 on.
    for index, rate in enumerate(_SHOWN):
        style = "--" if index == 1 else "-"
        curve = values[:, _RATES.index(rate)]
        axes.plot(values[:, 0], curve, style, color=SERIES[index], label=f"rate {rate:g}", linewidth=2.4 - 0.6 * index)


def _with_bars(axes: Axes, x: np.ndarray, cells: list[str], index: int, label: str, is_joined: bool = True) -> None:
    mean, half = _intervals(cells)
    options = _BARS | ({"linestyle": "-", "linewidth": 1.2} if is_joined else {})
    # On a logarithmic axis a bar ends where it would leave it.
    below = np.minimum(half, 0.95 * mean)
    axes.errorbar(x, mean, [below, half], fmt=_MARKS[index], color=SERIES[index], label=label, **options)


def _intervals(cells: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Means and half widths of cells such as ``0.362 ± 0.012``."""
    pairs = np.array([[float(part) for part in cell.split("±")] for cell in cells])
    return pairs[:, 0], pairs[:, 1]
