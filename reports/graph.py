"""The dependency graph of the claims, laid out in layers and drawn as SVG."""

import textwrap
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

from markupsafe import Markup, escape

from reports.vocabulary import VERDICTS

_WIDTH, _LINE, _GAP_X, _GAP_Y, _PAD, _MARGIN = 216, 17, 64, 16, 12, 10
_CHARACTERS = 27
_SIGNS = {"proved": "✓", "corrected": "✎", "refuted": "✕", "supported": "≈", "inconclusive": "?"}
_SWEEPS = 12

Claims = Mapping[str, Mapping[str, Any]]


def layers(claims: Claims) -> list[list[str]]:
    """Claims by the length of the longest chain of claims that they build on, ordered so that few arrows cross."""
    used = arrows(claims)
    depths: dict[str, int] = {}
    for name in TopologicalSorter(used).static_order():
        depths[name] = 1 + max((depths[u] for u in used[name]), default=-1)
    rows: dict[int, list[str]] = {}
    for name in claims:
        rows.setdefault(depths[name], []).append(name)
    ordered = [rows[level] for level in sorted(rows)]
    return _fewer_crossings(ordered, _neighbours(used))


def arrows(claims: Claims) -> dict[str, list[str]]:
    """For each claim the claims that it builds on, without those that it builds on through another one anyway."""
    uses = {name: [u for u in claim["uses"] if u in claims] for name, claim in claims.items()}
    below: dict[str, set[str]] = {}
    for name in TopologicalSorter(uses).static_order():
        below[name] = set(uses[name]).union(*(below[u] for u in uses[name]))
    return {name: [u for u in used if not any(u in below[v] for v in used)] for name, used in uses.items()}


def draw(claims: Claims) -> Markup:
    """The graph as inline SVG; every claim links to its page."""
    boxes = _boxes(claims)
    width = max((x for x, _, _ in boxes.values()), default=0) + _WIDTH + _MARGIN
    height = max((y + h for _, y, h in boxes.values()), default=0) + _MARGIN
    lines = [_arrow(boxes[used], boxes[name]) for name, below in arrows(claims).items() for used in below]
    nodes = [_node(claims[name], box) for name, box in boxes.items()]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="group" '
        'aria-label="Dependency graph of {n} claims; the list below says the same"><defs><marker id="arrow" '
        'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" '
        'fill="var(--muted)"/></marker></defs>{arrows}{nodes}</svg>'
    ).format(w=width, h=height, n=len(claims), arrows=Markup("").join(lines), nodes=Markup("").join(nodes))


def _neighbours(uses: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    near: dict[str, set[str]] = {name: set() for name in uses}
    for name, used in uses.items():
        for other in used:
            near[name].add(other)
            near[other].add(name)
    return near


def _fewer_crossings(rows: list[list[str]], near: Mapping[str, set[str]]) -> list[list[str]]:
    """Barycentre ordering: each claim moves to the mean place of its neighbours, layer by layer, back and forth."""
    place = {name: index / max(len(row), 1) for row in rows for index, name in enumerate(row)}
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            row.sort(key=lambda name: sum(place[n] for n in near[name]) / len(near[name]) if near[name] else 2.0)
            place |= {name: index / len(row) for index, name in enumerate(row)}
    return rows


def _boxes(claims: Claims) -> dict[str, tuple[float, float, float]]:
    columns = [
        [(name, len(_wrapped(claims[name]["title"])) * _LINE + _LINE + 2 * _PAD) for name in row]
        for row in layers(claims)
    ]
    heights = [sum(h for _, h in column) + _GAP_Y * (len(column) - 1) for column in columns]
    boxes: dict[str, tuple[float, float, float]] = {}
    for level, column in enumerate(columns):
        y = _MARGIN + (max(heights) - heights[level]) / 2
        for name, h in column:
            boxes[name] = (_MARGIN + level * (_WIDTH + _GAP_X), y, h)
            y += h + _GAP_Y
    return boxes


def _wrapped(title: str) -> Sequence[str]:
    return textwrap.wrap(title, _CHARACTERS, max_lines=4, placeholder=" …") or [""]


def _arrow(start: tuple[float, float, float], end: tuple[float, float, float]) -> Markup:
    x1, y1 = start[0] + _WIDTH, start[1] + start[2] / 2
    x2, y2 = end[0] - 3, end[1] + end[2] / 2
    bend = max(30.0, (x2 - x1) / 2)
    path = f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return Markup(
        '<path d="{}" fill="none" stroke="var(--muted)" stroke-width="1.3" marker-end="url(#arrow)"/>'
    ).format(path)


def _node(claim: Mapping[str, Any], box: tuple[float, float, float]) -> Markup:
    x, y, height = box
    verdict = claim["earned"]
    lines = Markup("").join(
        Markup('<tspan x="{}" dy="{}">{}</tspan>').format(x + _PAD, _LINE, text) for text in _wrapped(claim["title"])
    )
    return Markup(
        '<a href="claims/{id}.html" class="{verdict}"><title>{title} ({word})</title>'
        '<rect x="{x}" y="{y:.0f}" width="{w}" height="{h}" rx="8" fill="var(--card)" stroke="var(--tone)" '
        'stroke-width="1.6"/><text x="{tx}" y="{ty:.0f}" font-size="13" fill="var(--ink)"><tspan fill="var(--tone)" '
        'font-weight="600">{sign} {word}</tspan>{lines}</text></a>'
    ).format(
        id=claim["id"], verdict=verdict, title=escape(claim["title"]), word=VERDICTS[verdict].word, x=x, y=y, w=_WIDTH,
        h=height, tx=x + _PAD, ty=y + _PAD + 10, sign=_SIGNS[verdict], lines=lines,
    )  # fmt: skip
