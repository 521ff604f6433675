"""The decorator that turns a statement and its false variants into tests.

::

    @claim("gaussian-metric", evidence="property", given={"theta": points}, factor=2.0,
           falsifiers={"factor 2 dropped": {"factor": 1.0}})
    def test_metric(theta, factor): ...

runs the body once with the true parameters and once for every falsifier with its parameters swapped in, each as a
test of its own. A falsifier must die of a :class:`~properties.checks.Violation` or a failed derivation step; anything
else that it raises is an error of the check.
"""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import hypothesis
import pytest

from properties import ledger
from properties.checks import DEATHS, Inconclusive, Record, recording

TRUE = "true"
PROPERTY_NAME = "thermogeometry-evidence"
FAILURE_NAME = "thermogeometry-failure"


class FalsifierSurvived(AssertionError):
    """A false variant of the statement passed its check, so the check shows nothing."""


@dataclass(frozen=True)
class Check:
    """A check of one claim.

    Attributes:
        claim: id of the claim.
        evidence: the rung it shows.
        per_family: whether it runs once per family, with the family's name as the argument ``family``.
        falsifiers: the parameters that each false variant swaps in.
    """

    claim: str
    evidence: str
    per_family: bool
    falsifiers: Mapping[str, Mapping[str, Any]]


Strategies = Mapping[str, hypothesis.strategies.SearchStrategy] | Callable[[str], Mapping[str, Any]]


def claim(
    claim_id: str,
    *,
    evidence: str,
    falsifiers: Mapping[str, Mapping[str, Any]],
    given: Strategies | None = None,
    per_family: bool = False,
    **truth: Any,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare a test body to be a check of a claim.

    Args:
        claim_id: id in the ledger.
        evidence: the rung that the check shows; the claim's ledger entry must list it.
        falsifiers: name to the parameters that make the statement false; at least one.
        given: Hypothesis strategies by argument name, or a function from a family's name to them.
        per_family: run for every family.
        truth: the parameters of the true statement.

    Raises:
        ledger.LedgerError: for an unknown id, a rung that the claim does not list, or a check without falsifiers.
    """
    entry = ledger.load().claims.get(claim_id)
    if entry is None:
        raise ledger.LedgerError(
            f"unknown claim {claim_id!r}: add it to a file in properties/ledger, or correct the id"
        )
    if evidence not in entry.evidence:
        raise ledger.LedgerError(
            f"claim {claim_id!r} does not list {evidence!r} as evidence ({', '.join(entry.evidence)}): "
            "add it to its ledger entry, or correct the check"
        )
    if not falsifiers:
        raise ledger.LedgerError(f"claim {claim_id!r}: a check that cannot fail is no check; give it a falsifier")
    for name, change in falsifiers.items():
        if unknown := set(change) - set(truth):
            raise ledger.LedgerError(
                f"claim {claim_id!r}, falsifier {name!r} changes unknown parameters {sorted(unknown)}"
            )
    check = Check(claim_id, evidence, per_family, falsifiers)

    def decorate(body: Callable[..., None]) -> Callable[..., None]:
        def run(request: pytest.FixtureRequest, variant: str, family: str | None = None) -> None:
            parameters = {**truth, **(falsifiers[variant] if variant != TRUE else {})}
            if family is not None:
                parameters["family"] = family
            strategies = given(family) if callable(given) else given  # type: ignore[arg-type]
            shown = (
                _run_truth(body, parameters, strategies)
                if variant == TRUE
                else _run_falsifier(body, parameters, strategies, variant)
            )
            about = {"claim": claim_id, "rung": evidence, "check": body.__name__, "family": family, "variant": variant}
            request.node.user_properties.append(
                (PROPERTY_NAME, about | {"document": inspect.getdoc(body) or ""} | shown)
            )

        def for_family(request: pytest.FixtureRequest, variant: str, family: str) -> None:
            run(request, variant, family)

        def plain(request: pytest.FixtureRequest, variant: str) -> None:
            run(request, variant)

        test: Any = for_family if per_family else plain
        test.__name__ = test.__qualname__ = body.__name__
        test.__module__, test.__doc__ = body.__module__, body.__doc__
        test.check = check
        return pytest.mark.parametrize("variant", [TRUE, *falsifiers])(test)

    return decorate


def _run_truth(body: Callable[..., None], parameters: dict[str, Any], strategies: Mapping | None) -> dict[str, object]:
    with recording() as record:
        try:
            _execute(body, parameters, strategies, record, hypothesis.settings())
        except Inconclusive as reason:
            record.checks = max(record.checks, 1)
            return {"outcome": "inconclusive", "reason": str(reason), **asdict(record)}
    return {"outcome": "passed", **asdict(record)}


def _run_falsifier(
    body: Callable[..., None], parameters: dict[str, Any], strategies: Mapping | None, name: str
) -> dict[str, object]:
    settings = hypothesis.settings(
        derandomize=True, database=None, phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        report_multiple_bugs=False,
    )  # fmt: skip
    started = time.perf_counter()
    with recording() as record:
        try:
            _execute(body, parameters, strategies, record, settings)
        except DEATHS as death:
            record.checks += 1
            return {"outcome": "died", "reason": str(death).splitlines()[0], "seconds": time.perf_counter() - started}
    raise FalsifierSurvived(
        f"the falsifier {name!r} survived {record.examples or 1} examples: "
        "sharpen the check, or state a variant that is false"
    )


def _execute(
    body: Callable[..., None],
    parameters: dict[str, Any],
    strategies: Mapping | None,
    record: Record,
    settings: hypothesis.settings,
) -> None:
    if strategies is None:
        body(**parameters)
        return

    def example(**drawn: Any) -> None:
        record.examples += 1
        body(**drawn, **parameters)

    # Hypothesis names the function in its messages and keys its database on it.
    example.__name__ = example.__qualname__ = body.__name__
    example.__module__ = body.__module__
    hypothesis.given(**strategies)(settings(example))()
