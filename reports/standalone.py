"""Pages that are one file: the style and the math font of the report are in the page itself."""

import base64
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from reports.filters import FILTERS

_HERE = Path(__file__).parent
_FONT = "thermogeometry-math.woff2"


def standalone(template: str, **context: Any) -> str:
    """Render a template that asks for ``style`` into a page that needs no other file."""
    font = base64.b64encode((_HERE / "static" / _FONT).read_bytes()).decode()
    style = (_HERE / "static" / "report.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= FILTERS
    style = style.replace(_FONT, f"data:font/woff2;base64,{font}")
    return environment.get_template(template).render(style=Markup(style), **context)
