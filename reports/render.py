"""Evidence rendered into one self-contained folder of HTML."""

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from derivations import families
from derivations.density import NoClosedForm
from derivations.family import Family, load_family
from numerics import geometry
from reports import formulas, graph, summary
from reports.filters import FILTERS, thousands
from reports.folder import replacing
from reports.site import Site, family_name, load, verdicts
from reports.vocabulary import METHODS, RUNGS, VERDICTS

if TYPE_CHECKING:
    from numerics.geometry import Geometry

_HERE = Path(__file__).parent
_ASSETS = ("report.css", "report.js", "thermogeometry-math.woff2", "OFL.txt")


@dataclass(frozen=True)
class FamilyPage:
    """A family that gets a page: its name in links, its definition, and the file it is from unless it is shipped."""

    name: str
    family: Family | None
    file: Path | None = None

    @cached_property
    def geometry(self) -> "Geometry":
        """Its numerical geometry, for a family of any size that of its example."""
        from numerics.geometry import example, geometry

        if self.file is not None and self.family is not None:
            return geometry(self.family)
        return geometry(self.name, **example(self.name))

    @property
    def title(self) -> str:
        """What people call it."""
        if self.family is None:
            return self.geometry.family.title
        return self.family.title or self.family.name

    @property
    def source(self) -> str:
        """Where it is defined."""
        return self.geometry.family.source if self.family is None else self.family.source

    @cached_property
    def sections(self) -> tuple[formulas.Section, ...]:
        """Its formulas: derived from a symbolic description, or as the family of any size states them."""
        if self.family is None:
            return formulas.stated(self.geometry)
        try:
            return formulas.sections(self.family)
        except NoClosedForm:
            return formulas.by_density(self.family)

    @property
    def usage(self) -> Markup:
        """The arguments of ``tg.geometry`` for it."""
        if self.file is not None:
            return Markup('tg.load_family("{}")').format(self.file)
        sizes = [f"{key}={value!r}" for key, value in self.geometry.index.items()]
        return Markup(", ").join([Markup('"{}"').format(self.name), *sizes])


def render(evidence: Path, folder: Path, family_files: tuple[Path, ...] = ()) -> Path:
    """Write the report of an evidence file and return the path of its ``index.html``.

    Args:
        evidence: the evidence file; everything that the report claims is from it.
        folder: where the report goes; an earlier report there is replaced.
        family_files: families of the user's own. Files that only the evidence names are not executed.

    Raises:
        EvidenceError: if the evidence is not usable.
        FolderTakenError: if the folder holds something else.
        OSError: if it cannot be written.
    """
    return render_site(load(evidence), folder, family_files)


def render_site(site: Site, folder: Path, family_files: tuple[Path, ...] = ()) -> Path:
    """Write the report of validated evidence; see :func:`render`."""
    from reports.figures import of_claim

    pages = _family_pages(site, family_files)
    environment = _environment(site, {page.name: page.title for page in pages})
    with replacing(folder) as fresh:
        for name in ("assets", "claims", "families"):
            (fresh / name).mkdir()
        for asset in _ASSETS:
            shutil.copyfile(_HERE / "static" / asset, fresh / "assets" / asset)
        writer = _Writer(environment, fresh)
        _write_overview(site, writer)
        for claim in site.claims.values():
            source = site.sources.get(claim["source"])
            writer.write(
                f"claims/{claim['id']}.html", "claim.html", claim=claim, source=source, summary=_summary(claim),
                figures=of_claim(claim),
            )  # fmt: skip
        for page in pages:
            writer.write(f"families/{page.name}.html", "family.html", **_family(page, site))
    return folder / "index.html"


class _Writer:
    def __init__(self, environment: jinja2.Environment, folder: Path):
        self._environment, self._folder = environment, folder

    def write(self, path: str, template: str, **context: Any) -> None:
        root = "../" * path.count("/")
        self.write_text(path, self._environment.get_template(template).render(page=path, root=root, **context))

    def write_text(self, path: str, text: str) -> None:
        (self._folder / path).write_text(text, encoding="utf-8")


def _environment(site: Site, pages: dict[str, str]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= FILTERS
    words = {"verdicts": VERDICTS, "rungs": RUNGS, "methods": METHODS, "reading": summary.READING}
    environment.globals |= {"site": site, "pages": pages, **words}
    return environment


def _family_pages(site: Site, files: tuple[Path, ...]) -> list[FamilyPage]:
    own = {family_name(str(file)): FamilyPage(family_name(str(file)), load_family(file), file) for file in files}
    shipped = {
        name: FamilyPage(name, families.load(name) if name in families.names() else None)
        for name in site.families
        if name in geometry.families() and name not in own
    }
    return [*shipped.values(), *own.values()]


def _write_overview(site: Site, writer: _Writer) -> None:
    timed = sorted(site.checks, key=lambda pair: -(pair[1]["duration"] or 0))
    rejected = sum(len(check["falsifiers"]) for _, check in site.checks)
    writer.write("index.html", "index.html", falsifiers=rejected)
    covered = sorted(site.by_source.items(), key=lambda pair: not pair[1])
    writer.write("coverage.html", "coverage.html", covered=covered, count=verdicts, summary=summary)
    writer.write("summary.html", "summary.html", summary=summary)
    writer.write_text("summary.md", summary.markdown(site, pages=""))
    writer.write("graph.html", "graph.html", svg=graph.draw(site.claims))
    writer.write("run.html", "run.html", timed=timed)


def _summary(claim: Any) -> str:
    checks = claim["checks"]
    if not checks:
        return "No check has shown anything for this claim in this run."
    parts = [_amount(len(checks), "check")]
    if examples := sum(check["examples"] for check in checks):
        parts.append(_amount(examples, "random example"))
    parts.append(_amount(sum(check["checks"] for check in checks), "comparison"))
    rejected = sum(len(check["falsifiers"]) for check in checks)
    falsified = (
        f"{_amount(rejected, 'false variant')} of the statement went through the same checks, and each was rejected."
    )
    return f"This rests on {', '.join(parts[:-1])} and {parts[-1]}. {falsified if rejected else ''}".strip()


def _amount(number: int, noun: str) -> str:
    return f"{thousands(number)} {noun}{'' if number == 1 else 's'}"


def _family(page: FamilyPage, site: Site) -> dict[str, Any]:
    from reports import figures

    return {
        "title": page.title,
        "source": page.source,
        "is_derived": page.family is not None,
        "figures": figures.of_family(page.name, page.geometry, shipped=page.file is None),
        "sections": page.sections,
        "latex": formulas.document(page.sections),
        "checks": site.checks_of_family(page.name),
        "claims": [claim for claim in site.claims.values() if page.file is None and claim["topic"] == page.name],
        "usage": page.usage,
    }
