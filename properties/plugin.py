"""The pytest plugin that collects the evidence of claims, and fails a full run that leaves one without its verdict.

Load it with ``-p properties.plugin``. A full run (the whole of ``properties``, nothing deselected) writes
``build/evidence.json``; any other writes ``build/evidence-partial.json`` and enforces no completeness.
"""

import datetime
import time
from collections import defaultdict
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from properties import evidence, ledger, subjects
from properties.claims import FAILURE_NAME, PROPERTY_NAME, Check

_QUICK, _CI, _THOROUGH = 25, 40, 1000
_QUICK_FAMILIES = ("categorical", "gaussian", "poisson")
_HEALTH = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large]

hypothesis.settings.register_profile("quick", max_examples=_QUICK, deadline=None, suppress_health_check=_HEALTH)
hypothesis.settings.register_profile(
    "ci", max_examples=_CI, deadline=None, derandomize=True, database=None, suppress_health_check=_HEALTH
)
hypothesis.settings.register_profile("thorough", max_examples=_THOROUGH, deadline=None, suppress_health_check=_HEALTH)
hypothesis.settings.load_profile("quick")

FOLDER = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the verifier."""
    group = parser.getgroup("thermogeometry")
    group.addoption("--claim", action="append", default=[], metavar="ID", help="check only this claim (repeatable)")
    group.addoption(
        "--family", action="append", default=[], metavar="NAME", help="run per-family checks on this one only"
    )
    group.addoption(
        "--family-file", action="append", default=[], metavar="FILE", help="also check the family in this file"
    )
    group.addoption("--evidence", default=None, metavar="FILE", help="where to write the evidence")
    group.addoption("--device", choices=("cpu", "gpu"), default="cpu", help="where JAX computes")


def pytest_configure(config: pytest.Config) -> None:
    """Check the options, choose the device and switch float64 on for the run."""
    import jax

    config.addinivalue_line("markers", "slow: left out of the quick run")
    try:
        known = ledger.load().claims
    except ledger.LedgerError as error:
        raise pytest.UsageError(str(error)) from None
    if unknown := [c for c in config.getoption("--claim") if c not in known]:
        raise pytest.UsageError(f"unknown claim {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    jax.config.update("jax_enable_x64", True)
    if config.getoption("--device") == "cpu":
        # A process that only looks at a GPU takes most of its memory.
        jax.config.update("jax_platforms", "cpu")
    else:
        try:
            jax.config.update("jax_default_device", jax.devices("gpu")[0])
        except RuntimeError as error:
            raise pytest.UsageError(f"--device gpu: JAX finds no GPU ({error})") from None
    config.stash[_COLLECTOR] = collector = _Collector(config)
    config.pluginmanager.register(collector, "thermogeometry-collector")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run per-family checks on the shipped families and on those in files."""
    check = getattr(metafunc.function, "check", None)
    if check is not None and check.per_family:
        chosen = selected_families(metafunc.config)
        asked_for = metafunc.config.getoption("--family")
        metafunc.parametrize("family", [_parameter(name, name in _QUICK_FAMILIES or asked_for) for name in chosen])


def _parameter(name: str, is_quick: bool) -> Any:
    return pytest.param(name, id=Path(name).stem, marks=[] if is_quick else pytest.mark.slow)


def selected_families(config: pytest.Config) -> list[str]:
    """The families of this run: names of shipped ones, paths of files."""
    chosen = [_family(name) for name in config.getoption("--family")] or list(subjects.names())
    return [*chosen, *(_family(file) for file in config.getoption("--family-file"))]


def _family(name: str) -> str:
    if name in subjects.names():
        return name
    if not name.endswith(".py"):
        raise pytest.UsageError(
            f"unknown family {name}; there are {', '.join(subjects.names())}, and files ending in .py"
        )
    from derivations.family import load_family

    try:
        load_family(name)
    except (FileNotFoundError, ValueError) as error:
        raise pytest.UsageError(str(error)) from None
    return str(Path(name).resolve())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the checks of the claims asked for."""
    wanted = set(config.getoption("--claim"))
    if wanted:
        kept = [item for item in items if (check := _check_of(item)) is not None and check.claim in wanted]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last test of a file forget what was compiled for it: gigabytes that the next file has little use for."""
    if nextitem is None or nextitem.path != item.path:
        import jax

        jax.clear_caches()


def _check_of(item: pytest.Item) -> Check | None:
    return getattr(getattr(item, "function", None), "check", None)


class _Collector:
    """Gathers the records of all tests, in this process or from the workers, and writes the evidence at the end."""

    def __init__(self, config: pytest.Config):
        self.config = config
        self.started = time.time()
        self.shown: list[dict[str, object]] = []
        self.failures: dict[str, list[str]] = defaultdict(list)
        self.problems: list[str] = []
        self.families: set[str] = set()
        self.path: Path | None = None

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Generator[None, Any, None]:
        """Tell the report which claim a failed test belongs to; user properties travel between processes."""
        outcome = yield
        report, check = outcome.get_result(), _check_of(item)
        if check is not None and report.failed:
            message = str(call.excinfo.value).splitlines()[0] if call.excinfo is not None else "failed"
            report.user_properties.append((FAILURE_NAME, [check.claim, f"{item.name}: {message}"]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test showed."""
        for name, value in report.user_properties:
            if name == PROPERTY_NAME and report.when == "call" and report.passed:
                self.shown.append(value | {"duration": report.duration})  # type: ignore[operator]
                self.families |= {str(value["family"])} if value["family"] else set()  # type: ignore[index]
            elif name == FAILURE_NAME and report.failed:
                self.failures[value[0]].append(value[1])  # type: ignore[index]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the evidence; fail a full run whose claims did not all earn their verdicts."""
        if hasattr(self.config, "workerinput") or not (self.shown or self.failures):
            return
        entries = evidence.assemble(ledger.load(), self.shown, self.failures)
        complete = self._is_full_selection()
        if complete:
            self.problems = [f"{entry['id']}: {problem}" for entry in entries for problem in entry["problems"]]
        ended = time.time()
        content = {
            "complete": complete and not self.problems and exitstatus == 0,
            "created": datetime.datetime.fromtimestamp(ended, datetime.UTC).isoformat(timespec="seconds"),
            "seconds": round(ended - self.started, 2),
            "profile": self.config.getoption("--hypothesis-profile", None) or "quick",
            "seed": self.config.getoption("--hypothesis-seed", None) or "random, or derandomised by the profile",
            "environment": evidence.environment(),
            "families": [name for name in selected_families(self.config) if not self.families or name in self.families],
            "sources": [asdict(source) for source in ledger.load().sources.values()],
            "claims": entries if complete else [e for e in entries if e["checks"] or e["id"] in self.failures],
        }
        default = Path("build") / ("evidence.json" if complete else "evidence-partial.json")
        self.path = Path(self.config.getoption("--evidence") or self.config.rootpath / default)
        evidence.write(self.path, content)
        if self.problems and exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the evidence is and what is missing."""
        if self.path is not None:
            terminalreporter.write_line(f"evidence: {self.path}")
        if self.problems:
            terminalreporter.section("claims without their verdict", red=True)
            for problem in self.problems:
                terminalreporter.write_line(problem)

    def _is_full_selection(self) -> bool:
        option = self.config.option
        chosen = (option.claim, option.family, option.keyword, option.markexpr, option.deselect)
        narrowed = (*chosen, option.ignore, getattr(option, "lf", None))
        roots = [Path(argument).resolve() for argument in self.config.args if "::" not in argument]
        covers = any(root == FOLDER or FOLDER.is_relative_to(root) for root in roots)
        return covers and not any(narrowed)


_COLLECTOR = pytest.StashKey[_Collector]()
