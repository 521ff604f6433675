"""One look for all pictures: SVG whose colours are those of the page, in light, dark and print."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from cycler import cycler
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

# Placeholders that the page's colours take the place of.
INK, MUTED, GRID, DISC = "#0a0b01", "#0a0b02", "#0a0b03", "#0a0b08"
SERIES = ("#0a0b04", "#0a0b05", "#0a0b06", "#0a0b07")
_COLOURS = {
    INK: "currentColor",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    DISC: "var(--disc)",
    **{colour: f"var(--series-{index + 1})" for index, colour in enumerate(SERIES)},
}
_STYLE: Any = {
    "svg.fonttype": "path", "svg.hashsalt": "thermogeometry", "mathtext.fontset": "stix", "font.size": 10,
    "axes.edgecolor": MUTED, "axes.labelcolor": INK, "axes.spines.top": False, "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=SERIES), "axes.grid": True, "grid.color": GRID, "grid.linewidth": 0.7,
    "axes.axisbelow": True, "xtick.color": MUTED, "ytick.color": MUTED, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "text.color": INK, "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none",
    "lines.linewidth": 1.8, "legend.frameon": False, "legend.fontsize": 9, "path.simplify": True,
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A picture for a page: SVG, title, caption (text with LaTeX between dollar signs) and words for who cannot see it."""

    svg: Markup
    title: str
    caption: str
    alt: str


class Drawing:
    """A canvas with one set of axes, and its SVG once it is drawn."""

    def __init__(self, canvas: Canvas, axes: Axes):
        self.canvas, self.axes = canvas, axes
        self.svg = Markup("")


@contextmanager
def drawing(identity: str, size: tuple[float, float] = (5.2, 3.4)) -> Iterator[Drawing]:
    """Draw on the axes inside the block; the SVG is there after it.

    Args:
        identity: unique on its page; SVG identifiers start with it.
        size: in inches.
    """
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=size, layout="constrained")
        picture = Drawing(canvas, canvas.add_subplot())
        yield picture
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    picture.svg = _for_page(buffer.getvalue(), identity)


def _for_page(svg: str, identity: str) -> Markup:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'\bid="', f'id="{identity}-', svg)
    svg = svg.replace('href="#', f'href="#{identity}-').replace("url(#", f"url(#{identity}-")
    for placeholder, colour in _COLOURS.items():
        svg = svg.replace(placeholder, colour)
    return Markup(svg)
