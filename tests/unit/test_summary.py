"""The summary of what was corrected or refuted: from evidence alone, and safe to read as Markdown."""

import json
import re
from pathlib import Path

import pytest
from unit.test_reports import everything_shown, written

from properties import evidence, ledger
from reports import summary
from reports.site import build, load

WRONG = {c.id for c in ledger.load().claims.values() if c.verdict in ("corrected", "refuted")}
READINGS = {c.id for c in ledger.load().claims.values() if c.is_reading}


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = written(tmp_path_factory.mktemp("summary") / "evidence.json", everything_shown())
    return path.read_text(encoding="utf-8")


@pytest.fixture
def site(content):
    """The site of evidence after changes to its content."""

    def changed(change=None):
        found = json.loads(content)
        if change is not None:
            change(found)
        return build(found)

    return changed


def claim_of(content, name):
    return next(claim for claim in content["claims"] if claim["id"] == name)


def summarised(site, *titles):
    parts = [part for part in summary.parts(site) if not titles or part.title in titles]
    return {claim["id"] for part in parts for _, claims in part.entries for claim in claims}


def test_every_corrected_or_refuted_claim_has_one_entry(site):
    found = site()
    assert summarised(found) == WRONG
    assert summary.left_out(found) == []
    text = summary.markdown(found, pages="")
    assert set(re.findall(r"- Claim: \[`([^`]+)`\]", text)) == WRONG
    assert len(re.findall(r"^#### (Corrected|Refuted): ", text, re.MULTILINE)) == len(WRONG)
    for source in ledger.load().sources.values():
        wrong = any(claim.source == source.key for claim in ledger.load().claims.values() if claim.id in WRONG)
        assert (f"{source.author}: {source.title}" in text.replace("\\", "")) == wrong


def test_an_entry_says_what_was_claimed_what_is_true_and_why(site):
    text = summary.markdown(site(), pages="https://example.org/report/")
    entry = text.partition("#### Refuted: The von Mises manifold is hyperbolic\n")[2].partition("\n###")[0]
    assert "- Place: “circular ⇒ von Mises manifold”" in entry
    assert "- As read: The von Mises manifold has constant negative curvature." in entry
    assert r"- As claimed: $\dot F = -\sigma$ for" in text
    assert r"$K(\kappa) \to -\tfrac12$ as $\kappa \to \infty$" in entry
    assert "- Evidence: exact, counterexample; 2 false variants of the statement rejected" in entry
    assert "(https://example.org/report/claims/von-mises-hyperbolic.html)" in entry
    assert "- Under: linear model, squared loss" in text
    assert "](" not in summary.markdown(site())


def test_readings_stand_apart_from_what_sources_claim(site):
    found = site()
    assert summarised(found, "What sources claim") == WRONG - READINGS
    assert summarised(found, "Readings that go further than a source") == READINGS
    text = summary.markdown(found)
    claimed, heading, read = text.partition("\n## Readings that go further than a source\n")
    assert heading
    assert claimed.count("- As claimed: ") == len(WRONG - READINGS)
    assert read.count("- As read: ") == len(READINGS)
    assert "- As read: " not in claimed
    assert "- As claimed: " not in read
    assert "not said by the source; the verdict is on the reading" in read


@pytest.mark.parametrize(
    ("names", "count"),
    [
        (["speed-limit", "gaussian-metric"], "none are readings that go"),
        (["speed-limit", "von-mises-monotone"], "1 is a reading that goes"),
        (["von-mises-hyperbolic", "von-mises-monotone"], "2 are readings that go"),
    ],
)
def test_the_count_says_how_many_are_readings(site, names, count):
    found = site(lambda content: content.update(claims=[claim_of(content, name) for name in names]))
    assert summary.verdicts(found).endswith(f"; of those corrected or refuted {count} further than a source")
    assert len(summary.parts(found)) == len(
        {claim["is_reading"] for claim in found.claims.values() if claim["instead"]}
    )


def test_a_reading_that_did_not_earn_its_verdict_is_not_counted(site):
    found = site(lambda content: claim_of(content, "von-mises-hyperbolic").update(earned="inconclusive"))
    assert summary.readings(found.claims.values()) == len(READINGS) - 1


@pytest.mark.parametrize("value", [1, "true", None])
def test_a_reading_is_one_or_is_not(site, value):
    with pytest.raises(evidence.EvidenceError, match="claim 'von-mises-hyperbolic': is_reading is neither true nor"):
        site(lambda content: claim_of(content, "von-mises-hyperbolic").update(is_reading=value))


@pytest.mark.parametrize(
    "change",
    [
        {"earned": "inconclusive"},
        {"earned": "corrected"},
        {"problems": ["no passing check shows the evidence counterexample"]},
    ],
)
def test_a_claim_that_did_not_earn_its_verdict_is_left_out_by_name(site, change):
    found = site(lambda content: claim_of(content, "von-mises-hyperbolic").update(change))
    assert summarised(found) == WRONG - {"von-mises-hyperbolic"}
    head, _, entries = summary.markdown(found).partition("\n## ")
    assert f"**1 of {len(found.claims)} claims did not earn the verdict of the ledger** in this run; " in head
    assert "left out of this summary: `von-mises-hyperbolic`." in head
    assert "`von-mises-hyperbolic`" not in entries


def test_a_claim_that_looks_refuted_against_the_ledger_is_not_summarised(site):
    found = site(lambda content: claim_of(content, "gaussian-metric").update(earned="refuted"))
    assert "gaussian-metric" not in summarised(found)
    assert [claim["id"] for claim in summary.left_out(found)] == ["gaussian-metric"]


def test_a_claim_of_another_verdict_that_failed_is_told_and_no_partial_run(site):
    def failed(content):
        content.update(complete=False)
        claim_of(content, "gaussian-metric").update(earned="inconclusive")

    text = summary.markdown(site(failed))
    assert "in this run; left out of this summary: none." in text
    assert "A partial run" not in text


def test_a_partial_run_says_so(site):
    def partial(content):
        content.update(complete=False, claims=[claim_of(content, "gaussian-metric")])

    text = summary.markdown(site(partial))
    assert "**A partial run**" in text
    assert "No claim of this run earned the verdict corrected or refuted." in text
    assert "- Verdicts of 1 claim: 1 proved\n" in text


def test_the_head_tells_date_version_environment_and_how_to_cite(site):
    found = site(lambda content: content["environment"].update(thermogeometry="0.1.0"))
    head = summary.markdown(found).partition("\n## ")[0]
    assert "- Date of the evidence: 22 November 2026, 05:00 UTC" in head
    assert "- Version: 0.1.0" in head
    assert "- Environment: python 3.11, jax 0.10\n" in head
    assert "version 0.1.0, verdicts of 22 November 2026. Cite the source" in head
    assert "  version = {0.1.0},\n  year = {2026},\n  note = {Verdicts of 22 November 2026}," in head
    tally = summary.tally(found.verdicts)
    readings = f"{len(READINGS)} are readings that go further than a source"
    assert f"- Verdicts of {len(found.claims)} claims: {tally}; of those corrected or refuted {readings}\n" in head
    assert sum(map(int, re.findall(r"\d+", tally))) == len(found.claims)


def test_the_citation_is_that_of_the_citation_file():
    text = (Path(summary.__file__).parent.parent / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r'^title: "(.*)"$', text, re.MULTILINE)[1] == summary.SOFTWARE
    assert re.findall(r'^  - name: "(.*)"$', text, re.MULTILINE) == [summary.AUTHOR]


@pytest.mark.parametrize("version", ["not installed", "}, title={x", "0.1.0\n```\n<script>"])
def test_only_a_version_is_a_version(site, version):
    found = site(lambda content: content["environment"].update(thermogeometry=version))
    assert summary.version(found) == ""
    assert "version" not in summary.citation(found) + summary.bibtex(found)


def test_text_of_the_evidence_is_inert_in_markdown(site):
    def attack(content):
        claim_of(content, "von-mises-hyperbolic").update(
            title="<script>alert(1)</script> *x* [y](javascript:z) a_b `c` 3$",
            statement="one\n\n# two $a<b\n > c$ and $x <img src=y>$ costs 5$",
        )
        content["created"] = "<b>today</b>"

    text = summary.markdown(site(attack))
    assert r"\<script\>alert(1)\</script\> \*x\* \[y\](javascript:z) a\_b \`c\` 3\$" in text
    assert r"- As read: one # two $a< b > c$ and $x < img src=y>$ costs 5\$" in text
    assert r"\<b\>today\</b\>" in text
    assert "year" not in summary.bibtex(site(attack))
    assert "<script" not in text.replace("\\<", "")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "out of scope: a list is needed"),
        ([{"statement": "x"}], "out of scope: 'reason' is missing or not str"),
        ([["x", "y"]], "out of scope: a table of named values is needed"),
    ],
)
def test_what_is_out_of_scope_has_its_form(site, tables, message):
    with pytest.raises(evidence.EvidenceError, match=message):
        site(lambda content: content["sources"][0].update(out_of_scope=tables))


def test_evidence_from_before_there_were_such_statements_and_readings_is_read(content, tmp_path):
    older = json.loads(content)
    for source in older["sources"]:
        del source["out_of_scope"]
    for claim in older["claims"]:
        del claim["is_reading"]
    (tmp_path / "evidence.json").write_text(json.dumps(older))
    found = load(tmp_path / "evidence.json")
    assert {len(source["out_of_scope"]) for source in found.sources.values()} == {0}
    assert {claim["is_reading"] for claim in found.claims.values()} == {False}
    assert summarised(found, "What sources claim") == WRONG


def test_a_claim_of_no_source_is_refused(site):
    with pytest.raises(evidence.EvidenceError, match="there is no source 'nobody'"):
        site(lambda content: content["claims"][0].update(source="nobody"))


def test_every_claim_stands_under_its_source(site):
    found = site()
    assert sum(map(len, found.by_source.values())) == len(found.claims)
    assert set(found.by_source) == set(ledger.load().sources)
