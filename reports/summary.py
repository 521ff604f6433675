"""The summary that a reader can cite: what was corrected or refuted, and on which evidence.

What sources claim stands apart from readings that go further than a source does. It is made of evidence, never of the
ledger: a claim that did not earn its verdict in the run is named as left out.
"""

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reports.filters import arxiv, moment
from reports.site import Site
from reports.vocabulary import RUNGS, VERDICTS

Claim = Mapping[str, Any]
Source = Mapping[str, Any]

TITLE = "What was corrected or refuted"
# As in CITATION.cff, which an installed package does not have.
AUTHOR = "The thermogeometry developers"
SOFTWARE = "thermogeometry: machine-checked geometry and thermodynamics of learning"
REQUEST = "Cite the source of a claim beside it, and name the claim by its id."
READING = "The source does not say this; it is a natural reading that goes further."
_WRONG = frozenset({"corrected", "refuted"})
_FORMULA = re.compile(r"\$([^$]+)\$")
_VERSION = re.compile(r"\d[0-9A-Za-z.+-]{0,40}")
# A tag begins with one of these after the angle; a space between keeps a formula a formula.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_SPECIAL = re.compile(r"[\\`*_\[\]<>~$&|]")


@dataclass(frozen=True)
class Part:
    """One of the two parts of the summary.

    Attributes:
        title: its heading.
        note: what to know before reading it.
        label: what stands before a statement.
        prefix: what comes before the key of a source in the anchors of this part.
        entries: every source with its claims; sources without any are left out.
    """

    title: str
    note: str
    label: str
    prefix: str
    entries: list[tuple[Source, list[Claim]]]


def parts(site: Site) -> list[Part]:
    """What sources claim, then the readings that go further; a part without claims is left out."""
    claimed = Part("What sources claim", "", "As claimed", "", _entries(site, is_reading=False))
    note = "What stands here is not said by the source; the verdict is on the reading, not on the source."
    title = "Readings that go further than a source"
    read = Part(title, note, "As read", "read-", _entries(site, is_reading=True))
    return [part for part in (claimed, read) if part.entries]


def _entries(site: Site, *, is_reading: bool) -> list[tuple[Source, list[Claim]]]:
    troubled = {claim["id"] for claim in site.troubled}
    found = {
        key: [c for c in claims if _is_wrong(c) and c["is_reading"] == is_reading and c["id"] not in troubled]
        for key, claims in site.by_source.items()
    }
    return [(site.sources[key], claims) for key, claims in found.items() if claims]


def _is_wrong(claim: Claim) -> bool:
    return claim["earned"] in _WRONG


def left_out(site: Site) -> list[Claim]:
    """The claims that the ledger calls corrected or refuted, or that look so, and that did not earn it."""
    return [claim for claim in site.troubled if _WRONG & {claim["verdict"], claim["earned"]}]


def tally(counts: Mapping[str, int]) -> str:
    """Counts of verdicts in a phrase."""
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


def readings(claims: Iterable[Claim]) -> int:
    """How many of these claims earned the verdict corrected or refuted as readings that go further than a source."""
    return sum(_is_wrong(claim) and claim["is_reading"] for claim in claims)


def verdicts(site: Site) -> str:
    """How many claims the run checked, what they earned, and how many were readings, in a phrase."""
    phrase = f"{_claims(site)}: {tally(site.verdicts) or 'none'}"
    if not any(map(_is_wrong, site.claims.values())):
        return phrase
    number = readings(site.claims.values())
    words = "is a reading that goes" if number == 1 else "are readings that go"
    return f"{phrase}; of those corrected or refuted {number or 'none'} {words} further than a source"


def rests_on(claim: Claim) -> str:
    """The evidence for a claim in a phrase: its rungs, strongest first, and the false variants that were rejected."""
    shown = {check["rung"] for check in claim["checks"] if check["outcome"] == "passed"}
    rejected = sum(len(check["falsifiers"]) for check in claim["checks"])
    words = ", ".join(term.word.lower() for rung, term in RUNGS.items() if rung in shown)
    if not rejected:
        return words
    return f"{words}; {rejected} false variant{'' if rejected == 1 else 's'} of the statement rejected"


def version(site: Site) -> str:
    """The version of this package that made the evidence, or nothing if it was not installed."""
    found = site.run["environment"].get("thermogeometry", "")
    return found if _VERSION.fullmatch(found) else ""


def environment(site: Site) -> str:
    """What else the evidence was made with, in a phrase."""
    found = site.run["environment"].items()
    return ", ".join(f"{name} {value}" for name, value in found if name != "thermogeometry")


def citation(site: Site) -> str:
    """How to cite the verdicts, in a sentence."""
    edition = f", version {version(site)}" if version(site) else ""
    return f"{AUTHOR}, “{SOFTWARE}”{edition}, verdicts of {_day(site)}."


def bibtex(site: Site) -> str:
    """How to cite the verdicts, as an entry for BibTeX."""
    when = _when(site)
    fields = {
        "author": f"{{{AUTHOR}}}",
        "title": f"{{{SOFTWARE}}}",
        "version": version(site),
        "year": str(when.year) if when else "",
        "note": f"Verdicts of {_day(site)}" if when else "",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join(["@software{thermogeometry,", *lines, "}"])


def markdown(site: Site, pages: str | None = None) -> str:
    """The summary as Markdown, with LaTeX between dollar signs.

    Args:
        site: the evidence.
        pages: what comes before ``claims/ID.html`` in the links to the pages of a report, empty for a file in the folder
            of the report; without links if it is None.
    """
    blocks = [f"# {TITLE}", *_head(site)]
    for part in parts(site):
        blocks += [f"## {part.title}", *([part.note] if part.note else [])]
        for source, claims in part.entries:
            blocks += [f"### {_inline(source['author'])}: {_inline(source['title'])}", _reference(source)]
            blocks += [_entry(claim, part.label, pages) for claim in claims]
    return "\n\n".join(blocks) + "\n"


def _head(site: Site) -> list[str]:
    lines = [
        f"- Date of the evidence: {_inline(moment(site.run['created']))}",
        f"- Version: {version(site) or 'not installed'}",
        f"- Verdicts of {verdicts(site)}",
        f"- Environment: {_inline(environment(site))}",
        f"- To cite: {_inline(citation(site))} {REQUEST}",
    ]
    blocks = ["\n".join(lines), f"```bibtex\n{bibtex(site)}\n```"]
    if site.troubled:
        names = ", ".join(f"`{claim['id']}`" for claim in left_out(site)) or "none"
        failed = f"**{len(site.troubled)} of {_claims(site)} did not earn the verdict of the ledger** in this run"
        blocks.append(f"{failed}; left out of this summary: {names}.")
    elif not site.run["complete"]:
        blocks.append("**A partial run**: only a selection of the claims was checked, and what is not here was not.")
    if not parts(site):
        blocks.append("No claim of this run earned the verdict corrected or refuted.")
    return blocks


def _reference(source: Source) -> str:
    address = arxiv(source["reference"])
    return _inline(source["reference"]) + (f", <{address}>" if address else "")


def _entry(claim: Claim, label: str, pages: str | None) -> str:
    name = f"`{claim['id']}`"
    link = name if pages is None else f"[{name}]({pages}claims/{claim['id']}.html)"
    lines = [
        f"- Place: {_inline(claim['place'])}",
        f"- {label}: {_inline(claim['statement'])}",
        f"- True instead: {_inline(claim['instead'])}",
        f"- Under: {_inline('; '.join(claim['assumptions']))}" if claim["assumptions"] else "",
        f"- Evidence: {rests_on(claim)}",
        f"- Claim: {link}",
    ]
    title = f"#### {VERDICTS[claim['earned']].word}: {_inline(claim['title'])}"
    return f"{title}\n\n" + "\n".join(line for line in lines if line)


def _inline(text: str) -> str:
    """Text of the evidence as one line of Markdown that means nothing but itself; formulas stay LaTeX."""
    pieces = _FORMULA.split(" ".join(text.split()))
    return "".join(
        f"${_TAG.sub('< ', piece.strip())}$" if index % 2 else _SPECIAL.sub(r"\\\g<0>", piece)
        for index, piece in enumerate(pieces)
    )


def _claims(site: Site) -> str:
    return f"{len(site.claims)} claim{'' if len(site.claims) == 1 else 's'}"


def _when(site: Site) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(site.run["created"])
    except ValueError:
        return None


def _day(site: Site) -> str:
    when = _when(site)
    return f"{when.day} {when:%B %Y}" if when else site.run["created"]
