"""A project of its own for every test: a small ledger and the checks of the test, run by the plugin."""

import textwrap
from pathlib import Path

import pytest

import properties

pytest_plugins = ["pytester"]

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
def verify(pytester, monkeypatch):
    """Run checks against a ledger of one claim, in a process of their own."""

    def run(checks, *options, verdict="supported", evidence=("property",), more=""):
        (pytester.path / "ledger").mkdir(exist_ok=True)
        text = LEDGER.format(verdict=verdict, evidence=list(evidence), more=more)
        (pytester.path / "ledger" / "euclid.toml").write_text(text)
        pytester.makeconftest(CONFTEST.format(folder=str(pytester.path)))
        pytester.makepyfile(test_claims=HEADER + textwrap.dedent(checks))
        monkeypatch.setenv("PYTHONPATH", str(Path(properties.__file__).parent.parent))
        return pytester.runpytest_subprocess("-p", "properties.plugin", "-p", "no:cacheprovider", *options)

    return run
