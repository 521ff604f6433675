"""The report: complete, self-contained, and never saying more than the evidence."""

import json
import re
from dataclasses import asdict
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from properties import evidence, ledger
from reports import figures
from reports.folder import FolderTakenError
from reports.render import render

pytestmark = pytest.mark.slow

STEP = {"statement": r"a = \frac{1}{2}", "reason": "because 1 < 2", "method": "canonical form of the difference is 0"}


def shown(claim, rung, variant="true", **more):
    """What a test of a check puts on record."""
    record = {
        "claim": claim,
        "rung": rung,
        "check": f"test_{rung}",
        "family": None,
        "variant": variant,
        "document": "A check.",
    }
    if variant != "true":
        return record | {"outcome": "died", "reason": "residual 1 > tolerance 1e-10", "seconds": 0.1}
    measured = {"checks": 8, "examples": 25, "worst": 0.5, "residual": 5e-11, "tolerance": 1e-10, "duration": 0.2}
    empty = {"facts": {"K(5.0)": "-0.5098"}, "derivations": [{"title": "A derivation", "steps": [STEP]}], "tables": []}
    return record | {"outcome": "passed"} | measured | empty | more


def everything_shown():
    """What is on record of a run in which every claim earns the verdict that the ledger gives it."""
    undecided = {"outcome": "inconclusive", "reason": "two candidates are equally near"}
    return [
        shown(c.id, rung, variant, **(undecided if c.verdict == "inconclusive" else {}))
        for c in ledger.load().claims.values()
        for rung in c.evidence
        for variant in ("true", "a false variant")
    ]


def written(path, records, failures=None, change=None, families=()):
    entries = evidence.assemble(ledger.load(), records, failures or {})
    if change is not None:
        change(entries)
    content = {
        "complete": not any(e["problems"] for e in entries),
        "created": "2026-11-22T05:00:00+00:00",
        "seconds": 12.5,
        "profile": "quick",
        "seed": "random",
        "environment": {"python": "3.11", "jax": "0.10"},
        "families": list(families),
        "sources": [asdict(source) for source in ledger.load().sources.values()],
        "claims": json.loads(json.dumps(entries)),
    }
    evidence.write(path, content)
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    evidence_file = written(folder / "evidence.json", everything_shown(), families=("gaussian", "von_mises"))
    render(evidence_file, folder / "pages")
    return folder / "pages"


@pytest.fixture
def without_figures(monkeypatch):
    """Pages without their pictures, for tests that look at something else."""
    monkeypatch.setattr(figures, "of_claim", lambda _: [])


class Page(HTMLParser):
    """The links, loaded resources, anchors and open tags of a page."""

    VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors, self.open = [], [], set(), []
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors.add(values.get("id"))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        self.loaded += [values[name] for name in ("src", "srcset", "data") if name in values]
        if tag == "link":
            self.loaded.append(values["href"])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def pages(report):
    return {path: Page(path) for path in sorted(report.rglob("*.html"))}


def test_every_claim_source_and_family_has_its_place(report):
    texts = {path.relative_to(report).as_posix(): page.text for path, page in pages(report).items()}
    assert {f"claims/{claim}.html" for claim in ledger.load().claims} <= set(texts)
    assert {"index.html", "coverage.html", "families/gaussian.html", "families/von_mises.html"} <= set(texts)
    for source in ledger.load().sources.values():
        assert source.author.split()[-1] in texts["coverage.html"]


def test_what_is_out_of_scope_stands_with_its_reason(report):
    page = Page(report / "coverage.html")
    statements = [item for source in ledger.load().sources.values() for item in source.out_of_scope]
    assert page.text.count('<div class="why">') == len(statements) > 0
    for item in statements:
        if not set("$&<>'\"") & set(item.statement + item.reason):
            assert item.statement in page.text
            assert item.reason[1:] in page.text
    assert f'<td class="number">{len(statements)}</td></tr></tfoot>' in page.text
    assert all("summary.html" in Page(report / name).links for name in ("index.html", "coverage.html"))


def test_the_summary_leads_to_its_claims(report):
    wrong = {c.id for c in ledger.load().claims.values() if c.verdict in ("corrected", "refuted")}
    page, text = Page(report / "summary.html"), (report / "summary.md").read_text(encoding="utf-8")
    assert wrong <= page.anchors
    assert "summary.md" in page.links
    links = re.findall(r"\]\((claims/[^)]+)\)", text)
    assert sorted(links) == sorted(f"claims/{claim}.html" for claim in wrong)
    assert all((report / link).is_file() for link in links)


def test_a_reading_is_marked(report):
    sentence = "The source does not say this; it is a natural reading that goes further."
    readings = {c.id for c in ledger.load().claims.values() if c.is_reading}
    for claim in ledger.load().claims.values():
        text = (report / "claims" / f"{claim.id}.html").read_text(encoding="utf-8")
        statement = text.partition('<section class="card statement')[2].partition("</section>")[0]
        assert ("As read" in statement) == (sentence in statement) == (claim.id in readings)
        assert ("As claimed" in statement) == (claim.verdict in ("corrected", "refuted") and not claim.is_reading)
    coverage, summary = (Page(report / name).text for name in ("coverage.html", "summary.html"))
    assert coverage.count(f'<span class="reading" title="{sentence}">') == len(readings)
    numbers = re.findall(r'<td class="number">(\d*)</td><td class="number">\d*</td></tr>', coverage)
    assert int(numbers.pop()) == len(readings) == sum(int(number or 0) for number in numbers)
    claimed, heading, read = summary.partition("<h2>Readings that go further than a source</h2>")
    assert heading
    assert all(f'id="{claim}"' in read for claim in readings)
    assert "<dt>As read</dt>" not in claimed
    assert "<dt>As claimed</dt>" not in read


def test_pages_are_well_formed(report):
    for path, page in pages(report).items():
        assert page.open == [], path


def test_every_link_leads_somewhere(report):
    found = pages(report)
    for path, page in found.items():
        for link in page.links:
            if link.startswith(("http://", "https://")):
                continue
            target, _, anchor = unquote(link).partition("#")
            there = (path.parent / target).resolve() if target else path
            assert there.is_file(), f"{path.name}: {link}"
            if anchor:
                assert anchor in found[there].anchors, f"{path.name}: {link}"


def test_nothing_is_loaded_from_elsewhere(report):
    for path, page in pages(report).items():
        for resource in page.loaded:
            assert not re.match(r"(https?:)?//", resource), f"{path.name} loads {resource}"
            if not resource.startswith(("data:", "#")):
                assert (path.parent / resource).is_file(), f"{path.name} loads {resource}"
    for style in report.rglob("*.css"):
        assert not re.search(r"(@import|url\(\s*['\"]?\s*(https?:)?//)", style.read_text(encoding="utf-8"))


def test_a_claim_page_tells_what_was_shown(report):
    text = (report / "claims" / "von-mises-monotone.html").read_text(encoding="utf-8")
    for expected in ("Refuted", "<math", "a false variant", "residual 1 &gt; tolerance", "because 1 &lt; 2", "-0.5098"):
        assert expected in text
    assert "its only minimum" in text  # what is true instead


def test_text_of_the_evidence_is_inert(tmp_path):
    def attack(entries):
        entries[0]["title"] = "<script>alert(1)</script>"
        entries[0]["statement"] = "<img src=x onerror=alert(1)> $x < \\href{javascript:alert(1)}{y}$"

    render(written(tmp_path / "e.json", everything_shown(), change=attack), tmp_path / "pages")
    for page in pages(tmp_path / "pages").values():
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert not any("javascript:" in link for link in page.links)


def test_problems_are_shown(tmp_path, without_figures):
    failed = {"gaussian-metric": ["test_metric: residual 1 > tolerance 1e-10"]}
    render(written(tmp_path / "e.json", everything_shown(), failed), tmp_path / "pages")
    index = (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")
    claim = (tmp_path / "pages" / "claims" / "gaussian-metric.html").read_text(encoding="utf-8")
    assert "Inconclusive" in claim
    assert "test_metric: residual 1 &gt; tolerance 1e-10" in claim
    assert "gaussian-metric.html" in index


def test_a_report_replaces_a_report_and_nothing_else(tmp_path, without_figures):
    path = written(tmp_path / "e.json", everything_shown())
    folder = tmp_path / "pages"
    render(path, folder)
    render(path, folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("ten years of work")
    with pytest.raises(FolderTakenError, match="other"):
        render(path, other)
    assert [p.name for p in other.iterdir()] == ["thesis.tex"]
    assert {p.name for p in tmp_path.iterdir()} == {"e.json", "pages", "other"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON"),
        ("[]", "not evidence of format"),
        ('{"format": 1}', "not evidence of format"),
        ('{"format": 99, "claims": []}', "not evidence of format"),
        ('{"format": 1, "claims": [{"id": "x"}]}', "."),
        ("\x00\xff", "not JSON"),
    ],
)
def test_unusable_evidence_is_refused(tmp_path, content, message):
    path = tmp_path / "evidence.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(evidence.EvidenceError, match=message):
        render(path, tmp_path / "pages")
    assert not (tmp_path / "pages").exists()


def test_claims_that_use_each_other_are_refused(tmp_path):
    def circle(entries):
        entries[0]["uses"], entries[1]["uses"] = [entries[1]["id"]], [entries[0]["id"]]

    path = written(tmp_path / "e.json", everything_shown(), change=circle)
    with pytest.raises(evidence.EvidenceError, match="in a circle"):
        render(path, tmp_path / "pages")


def test_missing_and_huge_evidence_is_refused(tmp_path):
    with pytest.raises(evidence.EvidenceError, match="there is no evidence file"):
        render(tmp_path / "evidence.json", tmp_path / "pages")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(evidence.EvidenceError, match="not an evidence file"):
        render(tmp_path / "huge.json", tmp_path / "pages")
