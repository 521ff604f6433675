"""Running the claims with pytest, with a live display of how far the run is."""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

import properties


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
        self._names: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        checks = {item.nodeid: getattr(getattr(item, "function", None), "check", None) for item in session.items}
        self._names = {name: check.claim for name, check in checks.items() if check is not None}
        self.progress.start()
        self.progress.update(self._task, total=len(session.items))
        if not self.console.is_terminal:
            self.console.print(f"{len(session.items)} checks and false variants")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.progress.update(self._task, description=self._names.get(nodeid, nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            name = f"{self._names.get(report.nodeid, '')}: {report.nodeid.rpartition('::')[2]}"
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
