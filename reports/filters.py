"""What the templates do to values: numbers and names in plain English, formulas as MathML."""

import datetime
import re
from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from derivations.typeset import latex_text
from reports.mathematics import mathml, paragraph, plain, prose
from reports.vocabulary import method

_DEATH = re.compile(
    r"(?P<title>[^:]{1,200}): (?P<statement>.+?) "
    r"(?P<rest>fails in entry \d+: .*|fails: .*|fails \(.*\)|is not shown: .*)", re.DOTALL
)  # fmt: skip
_NUMPY = re.compile(r"np\.\w+\(([^()]*)\)")
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def topic(name: str) -> str:
    """A module name as people write it: ``von_mises`` is Von Mises."""
    return " ".join(word.capitalize() for word in re.split(r"[_\s]+", name) if word)


def spoken(name: str) -> str:
    """The name of a test as a phrase."""
    words = name.removeprefix("test_").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def anchor(name: str) -> str:
    """A name that can be the end of a link."""
    return re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-") or "top"


def thousands(value: int) -> str:
    """A count with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def scientific(value: float | None) -> str:
    """A size to two digits, as people write it."""
    if value is None:
        return "none"
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.1e}".split("e")
    power = str(int(exponent)).translate(_SUPERSCRIPT)
    if -3 <= int(exponent) <= 3:
        return f"{value:.2g}"
    return f"10{power}" if mantissa == "1.0" else f"{mantissa.removesuffix('.0')} × 10{power}"


def share(fraction: float) -> str:
    """A part of a whole in per cent."""
    percent = fraction * 100
    if percent == 0:
        return "0 %"
    return f"{percent:.2g} %" if percent >= 0.01 else "less than 0.01 %"


def duration(seconds: float) -> str:
    """A time that people can read."""
    if seconds < 90:
        return f"{seconds:.0f} seconds" if seconds >= 10 else f"{seconds:.1f} seconds"
    return f"{seconds / 60:.0f} minutes"


def moment(text: str) -> str:
    """An ISO date and time as people write it."""
    try:
        when = datetime.datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{when.day} {when:%B %Y, %H:%M} {when.tzname() or ''}".strip()


def sentence(text: str) -> Markup:
    """A reason, with a capital letter and a full stop."""
    text = text.strip()
    # A symbol in front keeps its case: K and k are different things.
    text = text if re.match(r"\w\b", text) else text[:1].upper() + text[1:]
    return paragraph(text if text.endswith((".", "!", "?")) else f"{text}.")


def readable(text: str) -> str:
    """A message of a check without the clutter of its types."""
    return plain(_NUMPY.sub(r"\1", text))


def death(text: str) -> Markup:
    """How a falsifier died, with the failed statement as a formula."""
    found = _DEATH.fullmatch(text)
    if found is None:
        return escape(_NUMPY.sub(r"\1", text))
    words, _, difference = found["rest"].partition("the sides differ by ")
    words = f"{words}the sides differ by " if difference else words
    return Markup("{} {}{}").format(mathml(found["statement"]), words, Markup("<code>{}</code>").format(difference))


def arxiv(reference: str) -> str:
    """The address of a paper on arXiv that a reference names, or nothing."""
    found = re.search(r"arXiv:(\d{4}\.\d{4,5})", reference)
    return f"https://arxiv.org/abs/{found[1]}" if found else ""


def align(derivation: Mapping[str, list[Mapping[str, str]]]) -> str:
    """A derivation as a LaTeX ``align*`` environment with the reasons as text."""
    lines = [rf"  & {s['statement']} && {latex_text(s['reason'])}" for s in derivation["steps"]]
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


FILTERS: dict[str, Callable[..., object]] = {
    "topic": topic,
    "spoken": spoken,
    "anchor": anchor,
    "thousands": thousands,
    "scientific": scientific,
    "share": share,
    "duration": duration,
    "moment": moment,
    "sentence": sentence,
    "readable": readable,
    "death": death,
    "arxiv": arxiv,
    "align": align,
    "method": method,
    "paragraph": paragraph,
    "prose": prose,
    "formula": lambda latex: mathml(latex, display=True),
    "lower_first": lambda text: text[:1].lower() + text[1:],
}
