"""A project of its own for every test: a small ledger and the checks of the test, run by the plugin."""

import textwrap
from pathlib import Path

import hypothesis
import pytest

import properties.ledger
import properties.plugin

pytest_plugins = ["pytester"]

OPTIONS = ("-p", "properties.plugin", "-p", "no:cacheprovider")

LEDGER = """
[source]
key = "euclid"
author = "Euclid"
title = "Elements"
reference = "Alexandria"

[[claim]]
id = "pythagoras"
title = "The theorem of Pythagoras"
topic = "triangles"
source = "euclid"
place = "I.47"
statement = "$a^2 + b^2 = c^2$"
verdict = "{verdict}"
evidence = {evidence}
{more}
"""

CONFTEST = """
from pathlib import Path
import properties.ledger, properties.plugin
properties.ledger.FOLDER = Path({folder!r}) / "ledger"
properties.plugin.FOLDER = Path({folder!r})
"""

HEADER = """
import math
import hypothesis.strategies as st
from derivations.derivation import Derivation
from properties.checks import *
from properties.claims import claim
"""


@pytest.fixture
def project(pytester):
    """Write a ledger of one claim and its checks."""

    def write(checks, verdict="supported", evidence=("property",), more=""):
        (pytester.path / "ledger").mkdir()
        text = LEDGER.format(verdict=verdict, evidence=list(evidence), more=more)
        (pytester.path / "ledger" / "euclid.toml").write_text(text)
        pytester.makepyfile(test_claims=HEADER + textwrap.dedent(checks))

    return write


@pytest.fixture
def verify(project, pytester, monkeypatch):
    """Run checks against a ledger of one claim, in a run of pytest within this one."""
    profile = hypothesis.settings.get_current_profile_name()

    def run(checks, *options, **claim):
        project(checks, **claim)
        monkeypatch.setattr(properties.ledger, "FOLDER", pytester.path / "ledger")
        monkeypatch.setattr(properties.plugin, "FOLDER", pytester.path)
        return pytester.runpytest_inprocess(*OPTIONS, "--hypothesis-profile", "quick", *options)

    yield run
    hypothesis.settings.load_profile(profile)


@pytest.fixture
def verify_elsewhere(project, pytester, monkeypatch):
    """Run them in another process, which may have workers."""

    def run(checks, *options):
        project(checks)
        pytester.makeconftest(CONFTEST.format(folder=str(pytester.path)))
        monkeypatch.setenv("PYTHONPATH", str(Path(properties.__file__).parent.parent))
        return pytester.runpytest_subprocess(*OPTIONS, *options)

    return run
