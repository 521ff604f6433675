"""The ledger as files: what is read, and what is refused."""

import pytest

from properties import ledger

SOURCE = """
[source]
key = "euclid"
author = "Euclid"
title = "Elements"
reference = "Alexandria"
"""
STATUS = 'status = "Checked: the theorem of Pythagoras."\n'
CLAIM = """
[[claim]]
id = "pythagoras"
title = "The theorem of Pythagoras"
topic = "triangles"
place = "I.47"
statement = "$a^2 + b^2 = c^2$"
verdict = "supported"
evidence = ["property"]
"""
OUT_OF_SCOPE = """
[[out_of_scope]]
statement = "A point is that which has no part."
reason = "A definition in words."
"""


@pytest.fixture
def read(tmp_path):
    def written(text, name="euclid.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        ledger.read.cache_clear()
        return ledger.read(tmp_path)

    yield written
    ledger.read.cache_clear()


def test_what_is_out_of_scope_belongs_to_its_source(read):
    found = read(SOURCE + CLAIM + OUT_OF_SCOPE + OUT_OF_SCOPE.replace("point", "line"))
    first, second = found.sources["euclid"].out_of_scope
    assert first == ledger.OutOfScope("A point is that which has no part.", "A definition in words.")
    assert second.statement.startswith("A line")
    assert list(found.claims) == ["pythagoras"]
    with pytest.raises(AttributeError):
        first.reason = "no reason"


def test_a_source_has_claims_or_says_why_not(read):
    assert read(SOURCE + CLAIM).sources["euclid"].out_of_scope == ()
    assert read(SOURCE + STATUS).claims == {}
    for text in (SOURCE, SOURCE + 'status = " "\n', SOURCE + OUT_OF_SCOPE):
        with pytest.raises(ledger.LedgerError, match=r"euclid.toml: a source without claims says in 'status' why"):
            read(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (OUT_OF_SCOPE.replace("reason", "because"), r"euclid.toml, out_of_scope 1: unknown keys \['because'\]"),
        (OUT_OF_SCOPE + '[[out_of_scope]]\nreason = "why"', r"out_of_scope 2: missing keys \['statement'\]"),
        (OUT_OF_SCOPE.replace("A definition in words.", ""), "out_of_scope 1: reason = ''; text is needed"),
        (OUT_OF_SCOPE.replace('"A definition in words."', "7"), "out_of_scope 1: reason = 7; text is needed"),
        (OUT_OF_SCOPE.replace("[[out_of_scope]]", "[out_of_scope]"), r"one table; write \[\[out_of_scope\]\]"),
        (OUT_OF_SCOPE.replace("out_of_scope", "out_of_scop"), r"unknown tables \['out_of_scop'\]; there are"),
        (CLAIM.replace("[[claim]]", "[[claims]]"), r"unknown tables \['claims'\]"),
    ],
)
def test_a_table_with_an_error_is_refused(read, text, message):
    with pytest.raises(ledger.LedgerError, match=message):
        read(SOURCE + STATUS + text)


def test_a_reading_goes_further_than_its_source(read):
    wrong = CLAIM.replace('"supported"', '"refuted"').replace('"property"', '"counterexample"') + 'instead = "c > a"\n'
    assert not read(SOURCE + wrong).claims["pythagoras"].is_reading
    assert read(SOURCE + wrong + "is_reading = true").claims["pythagoras"].is_reading
    for value in ("1", '"true"', "[true]"):
        with pytest.raises(ledger.LedgerError, match=r"claim 'pythagoras': is_reading = .*; it is true or false"):
            read(SOURCE + wrong + f"is_reading = {value}")
    with pytest.raises(ledger.LedgerError, match="is for corrected and refuted claims; this one is supported"):
        read(SOURCE + CLAIM + "is_reading = true")


def test_what_is_out_of_scope_is_no_key_of_the_source(read):
    with pytest.raises(ledger.LedgerError, match=r"stands in \[\[out_of_scope\]\] tables of its own"):
        read(SOURCE + STATUS + "out_of_scope = []\n" + CLAIM)


def test_every_paper_under_test_says_what_of_it_is_not_checked():
    # Standard texts are sources of single theorems; these are read as a whole.
    papers = [
        "balsubramani-2024", "caraffa-2026", "okanohara-2026", "vanchurin-2025", "zhuravlev-2026-curvature",
        "zhuravlev-2026-regulator",
    ]  # fmt: skip
    for key in papers:
        assert ledger.load().sources[key].out_of_scope


def test_no_source_waits_to_be_checked():
    for source in ledger.load().sources.values():
        assert " yet" not in source.status, source.key
