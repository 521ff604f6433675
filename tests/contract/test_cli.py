"""The command line, as its users call it."""

import json
import re
import subprocess
import sys
import textwrap
import xml.etree.ElementTree

import numpy as np
import pytest
from typer.testing import CliRunner
from unit.test_reports import everything_shown, written

from derivations.derivation import Derivation
from derivations.families.gaussian import family as gaussian
from reports.cli import app
from reports.derive import geometry_of

pytestmark = pytest.mark.slow

INVERSE_GAUSSIAN = """
import sympy as sp
from thermogeometry import Family
mu, lam = sp.symbols("mu lam", positive=True)
family = Family(
    name="inverse_gaussian", coordinates=(mu, lam), domain={mu: (0, sp.oo), lam: (0, sp.oo)},
    natural=(-lam / (2 * mu**2), -lam / 2), log_partition=-lam / mu - sp.log(lam) / 2,
)
"""

STANDALONE = """
import importlib.util, sys
sys.path[:] = [p for p in sys.path if p not in ("", {root!r})]
spec = importlib.util.spec_from_file_location("exported", {path!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import jax.numpy as jnp

for name in ("numerics", "derivations", "properties", "reports", "thermogeometry", "sympy"):
    assert name not in sys.modules, name
print(float(module.scalar_curvature(jnp.array({point}))))
"""


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_family.py").write_text(INVERSE_GAUSSIAN)
    runner = CliRunner()

    def invoke(*arguments, code=0):
        result = runner.invoke(app, [str(a) for a in arguments])
        assert result.exit_code == code, result.output
        return result.output

    return invoke


def test_help_names_the_commands(run):
    text = run("--help")
    assert all(command in text for command in ("report", "verify", "summary", "derive", "export", "audit", "lattice"))


@pytest.mark.parametrize("family", ["gaussian", "my_family.py"])
def test_derivation_in_the_terminal(run, family):
    text = run("derive", family)
    assert "R = -1" in text
    assert "log-partition function" in text


def test_derivation_as_latex(run):
    text = run("derive", "gaussian", "--latex")
    assert text.count(r"\begin{align*}") == text.count(r"\end{align*}") >= 5
    assert r"K = - \frac{1}{2}" in text


def test_derivation_as_a_page(run):
    text = run("derive", "von_mises", "--html")
    assert text.startswith("<!DOCTYPE html>")
    assert text.count("<math") > 20
    assert 'src: url("data:font/woff2;base64,' in text
    assert "href=" not in text
    assert "http" not in text.replace("http://www.w3.org/1998/Math/MathML", "")
    xml.etree.ElementTree.fromstring(text.partition("<body>")[2].partition("</body>")[0].join(("<body>", "</body>")))


def test_the_derivation_of_any_family_checks_its_curvature_by_another_route():
    derivation = geometry_of(gaussian)
    assert isinstance(derivation, Derivation)
    assert any(step.method.startswith("canonical form") for step in derivation)


@pytest.mark.parametrize(
    ("family", "point", "curvature"),
    [("gaussian", "[0.3, 2.0]", -1.0), ("von_mises", "[0.3, 5.0]", -1.01977), ("my_family.py", "[0.3, 2.0]", -1.0)],
)
def test_exported_geometry_needs_jax_alone(run, tmp_path, family, point, curvature):
    run("export", family, "-o", tmp_path / "exported.py")
    script = STANDALONE.format(root=str(tmp_path), path=str(tmp_path / "exported.py"), point=point)
    command = [sys.executable, "-I", "-c", textwrap.dedent(script)]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(curvature, abs=1e-4)


def test_export_does_not_overwrite_unasked(run, tmp_path):
    (tmp_path / "taken.py").write_text("precious")
    assert "--force overwrites it" in run("export", "gaussian", "-o", "taken.py", code=2)
    assert (tmp_path / "taken.py").read_text() == "precious"
    run("export", "gaussian", "-o", "taken.py", "--force")
    assert "def metric" in (tmp_path / "taken.py").read_text()
    assert (tmp_path / "taken.py").stat().st_mode & 0o444 == 0o444


def test_verify_prints_verdicts_and_writes_partial_evidence(run, tmp_path):
    text = run("verify", "von-mises-monotone")
    assert "refuted" in text
    assert "checks and false variants" in text
    assert "passed   von-mises-monotone: test_" in text
    assert (tmp_path / "build" / "evidence-partial.json").is_file()
    assert not (tmp_path / "build" / "evidence.json").exists()


@pytest.mark.parametrize("failed", [{}, {"gaussian-metric": ["test_metric: residual 1 > tolerance 1e-10"]}])
def test_a_claim_without_its_verdict_fails_a_report_that_is_written_all_the_same(run, tmp_path, failed):
    written(tmp_path / "evidence.json", everything_shown(), failed)
    text = run("report", "--evidence", "evidence.json", "-o", "pages", code=1 if failed else 0)
    assert "report: pages/index.html" in text
    assert ("gaussian-metric: earned 'inconclusive'" in text) == bool(failed)
    assert (tmp_path / "pages" / "index.html").is_file()


BAD = {
    "unknown family": (
        ("derive", "gausian"),
        "no family is called 'gausian'; there are beta, exponential, gamma, gaussian, ",
    ),
    "missing family file": (("derive", "nowhere.py"), "there is no family file nowhere.py"),
    "family file that fails": (("export", "broken.py", "-o", "x.py"), "broken.py: ZeroDivisionError"),
    "file without a family": (("derive", "empty.py"), "empty.py defines 0 families"),
    "two formats at once": (("derive", "gaussian", "--latex", "--html"), "exclude each other"),
    "missing folder": (("export", "gaussian", "-o", "no/such/folder.py"), "--output no/such/folder.py"),
    "unknown claim": (("verify", "gausian-hyper"), "close to it: gaussian-hyperbolic"),
    "missing evidence": (("report", "--evidence", "none.json"), "there is no evidence file none.json"),
    "corrupt evidence": (("report", "--evidence", "empty.py"), "empty.py is not JSON"),
    "two families of one name": (
        ("report", "--family", "my_family.py", "--family", "my_family.py"),
        "a family called 'my_family' is there already",
    ),
    "a family with a shipped name": (
        ("report", "--family", "gaussian.py"),
        "a family called 'gaussian' is there already",
    ),
    "a file name that is no page name": (("report", "--family", "my family.py"), "named after the file"),
    "folder of something else": (("report", "--evidence", "evidence.json", "-o", "."), "exists and is no report"),
    "bad family in a report": (("report", "--family", "empty.py"), "empty.py defines 0 families"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_in_one_line(run, tmp_path, name):
    (tmp_path / "broken.py").write_text("1 / 0")
    (tmp_path / "empty.py").write_text("")
    for file in ("gaussian.py", "my family.py"):
        (tmp_path / file).write_text(INVERSE_GAUSSIAN)
    written(tmp_path / "evidence.json", everything_shown())
    arguments, message = BAD[name]
    text = run(*arguments, code=2)
    assert message in text
    assert "Traceback" not in text
    assert not (tmp_path / "x.py").exists()


def ensemble(path, **changes):
    """Sixty members that relax towards 0 at a tenth of their distance per step, in eleven checkpoints."""
    start = np.random.default_rng(0).normal(size=(60, 3)) + 1.0
    found = {step: start * 0.9**step for step in range(11)}
    arrays = {f"checkpoint/{step}": x for step, x in found.items()}
    arrays |= {"learning_rate": np.array(0.1), "energy": np.array([0.5 * (x**2).sum(axis=1) for x in found.values()])}
    np.savez(path, **(arrays | changes))
    return path


def test_audit_writes_a_page_and_numbers(run, tmp_path):
    file = ensemble(tmp_path / "ensemble.npz")
    text = run("audit", file)
    assert "60 members of 3 parameters at 11 checkpoints" in text
    assert "consistent: " in text
    page = (tmp_path / "ensemble.npz.audit.html").read_text()
    assert page.count("<svg") == 4
    assert not re.search(r'(src|href)="(?!#)', page)
    numbers = json.loads((tmp_path / "ensemble.npz.audit.json").read_text())
    assert numbers["verdict"] == "consistent"
    assert 0 < numbers["efficiency"]["lower"] < numbers["efficiency"]["upper"] < 1.5
    assert "--force overwrites" in run("audit", file, code=2)
    run("audit", file, "--force", "--temperature", "0", "--optimiser", "sgd")
    run("audit", file, "-o", "other.html", "--mobility", "0.05", code=1)
    assert "Rejected" in (tmp_path / "other.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.npz"], "no such file"),
        (["bad.npz"], "corrupt"),
        (["ensemble.npz", "--mobility", "-1"], "mobility = -1.0"),
        (["ensemble.npz", "--optimiser", "lion"], "optimiser = 'lion'"),
        (["ensemble.npz", "--memory-limit", "1e-9"], "more than the limit"),
        (["ensemble.npz", "-o", "folder/page.html"], "No such file or directory"),
        (["ensemble.npz", "-o", "page.json"], "cannot end in .json"),
        (["nan.npz"], r"checkpoint/3: members \[0, 1"),
    ],
)
def test_audit_refuses(run, tmp_path, arguments, message):
    ensemble(tmp_path / "ensemble.npz")
    ensemble(tmp_path / "nan.npz", **{"checkpoint/3": np.full((60, 3), np.nan)})
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04" + bytes(50))
    assert re.search(message, run("audit", *arguments, code=2).replace("\n", " "))
    assert not list(tmp_path.glob("*.html"))
    assert not list(tmp_path.glob("*.json"))


def test_lattice_resumes_a_sweep(run, tmp_path, monkeypatch):
    text = run("lattice", "ising", "--size", 3, "-o", "sweep.json")
    assert "-105.641849565" in text
    assert "free-fermions" in text
    again = run("lattice", "ising", "--size", 3, "--size", 4, "-o", "sweep.json")
    assert "-265.312142793" in again
    stored = json.loads((tmp_path / "sweep.json").read_text())
    assert [row["size"] for row in stored["sizes"]] == [3, 4]
    # Nothing is left to compute: no method could be found for these sizes now.
    monkeypatch.setattr("reports.lattice.lattice_curvature", None)
    assert "-105.641849565" in run("lattice", "ising", "--size", 4, "--size", 3, "-o", "sweep.json")
    assert "not of" in run("lattice", "ising", "--size", 3, "--coupling", 0.3, "-o", "sweep.json", code=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ising", "--size", 2], "size = 2; its domain is size >= 3"),
        (["ising", "--size", 4, "--coupling", "nan"], "its domain is finite numbers"),
        (["ising", "--size", 2048, "--memory-limit", 1], "GiB are needed; memory_limit = 1 GiB"),
        (["heisenberg", "--size", 4], "model = 'heisenberg'"),
        (["ising", "--size", 3, "-o", "folder/sweep.json"], "No such file or directory"),
        (["ising", "--size", 3, "-o", "bad.json"], "bad.json is not JSON"),
        (["ising", "--size", 3, "-o", "other.json"], "not a sweep of format 1"),
        (["ising", "--size", 3, "-o", "rows.json"], "not a sweep of format 1"),
    ],
)
def test_lattice_refuses(run, tmp_path, arguments, message):
    (tmp_path / "bad.json").write_bytes(b"\x00\xff")
    (tmp_path / "other.json").write_text("[]")
    (tmp_path / "rows.json").write_text('{"format": 1, "question": {}, "sizes": [{"size": 3}]}')
    assert message in run("lattice", *arguments, code=2).replace("\n", " ")


def test_summary_is_markdown_of_the_evidence(run, tmp_path):
    written(tmp_path / "evidence.json", everything_shown())
    text = run("summary", "--evidence", "evidence.json")
    assert text.startswith("# ")
    assert "written: summary.md" in run("summary", "--evidence", "evidence.json", "-o", "summary.md")
    assert (tmp_path / "summary.md").read_text().strip() == text.strip()
    assert "there is no evidence file" in run("summary", "--evidence", "none.json", code=2)
