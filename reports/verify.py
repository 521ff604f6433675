"""Running the claims with pytest, with a live display of how far the run is."""

import contextlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import properties
from properties.claims import FAILURE_NAME, PROPERTY_NAME

_MOST_PROCESSES = 8


@dataclass
class Outcome:
    """What a run of the claims came to.

    Attributes:
        evidence: the evidence file that it wrote; None if no check ran.
        exit_code: pytest's.
        problems: claims without their verdict, and tests that failed, in words.
    """

    evidence: Path | None
    exit_code: int
    problems: list[str] = field(default_factory=list)


def run_claims(console: Console, claims: Sequence[str] = (), family_files: Sequence[Path] = ()) -> Outcome:
    """Check claims (all of them if none is named), and the families in files beside the shipped ones.

    The evidence goes to ``build`` in the current folder.
    """
    folder = Path(properties.__file__).parent
    arguments = [str(folder), "-q", "-c", str(folder / "verify.ini"), "--rootdir", str(Path.cwd())]
    arguments += ["-p", "no:benchmark"]  # it would leave a folder of its own
    if not claims and (processes := min(os.cpu_count() or 1, _MOST_PROCESSES)) > 1:
        # A file of checks stays in one process, as they share what is compiled.
        arguments += ["-n", str(processes), "--dist", "loadfile"]
    arguments += [part for claim in claims for part in ("--claim", claim)]
    arguments += [part for file in family_files for part in ("--family-file", str(file))]
    display = _Display(console)
    captured = io.StringIO()
    with contextlib.redirect_stdout(captured), contextlib.redirect_stderr(captured):
        code = int(pytest.main(arguments, plugins=[display]))
    display.progress.stop()
    problems = display.problems
    if code == pytest.ExitCode.USAGE_ERROR or (code and not problems):
        problems = [line.removeprefix("ERROR: ") for line in captured.getvalue().splitlines() if line.strip()][-20:]
    return Outcome(display.evidence, code, problems)


class _Display:
    """A pytest plugin: a progress bar on a terminal, one plain line per check elsewhere."""

    def __init__(self, console: Console):
        self.console = console
        self.problems: list[str] = []
        self.evidence: Path | None = None
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self.progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self.progress.add_task("collecting")
        self._is_collected = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._begin(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        if not self._is_collected:  # by another process: all collect the same
            self._begin(len(ids))

    def _begin(self, total: int) -> None:
        self._is_collected = True
        self.progress.start()
        self.progress.update(self._task, total=total)
        if not self.console.is_terminal:
            self.console.print(f"{total} checks and false variants")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.progress.update(self._task, description=nodeid.rpartition("::")[2])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            name = f"{_claim_of(report)}: {report.nodeid.rpartition('::')[2]}"
            if report.failed:
                self.problems.append(f"{name} failed")
            if not self.console.is_terminal:
                self.console.print(f"{report.outcome:8s} {name}", highlight=False, soft_wrap=True, markup=False)
        if report.when == "teardown":
            self.progress.advance(self._task)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: Any) -> None:
        collector = config.pluginmanager.get_plugin("thermogeometry-collector")
        if collector is not None:
            self.evidence = collector.path
            self.problems += collector.problems


def _claim_of(report: pytest.TestReport) -> str:
    for name, value in report.user_properties:
        if name == PROPERTY_NAME:
            return value["claim"]  # type: ignore[index]
        if name == FAILURE_NAME:
            return value[0]  # type: ignore[index]
    return ""
