"""The evidence as the pages read it: validated, with every reference resolved.

An evidence file is a file from somewhere; whatever in it does not have the expected form is refused here, so that the
pages can rely on it and nothing in it can name a path outside the report.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from properties.evidence import EvidenceError, read
from properties.ledger import RUNGS, VERDICTS

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}")
_CLAIM = {
    "id": str, "title": str, "topic": str, "source": str, "place": str, "statement": str, "verdict": str, "earned": str,
    "instead": str, "refuted_by": str, "evidence": list, "assumptions": list, "uses": list, "checks": list, "problems": list,
}  # fmt: skip
_CHECK = {
    "rung": str, "check": str, "document": str, "outcome": str, "checks": int, "examples": int, "facts": dict,
    "derivations": list, "tables": list, "falsifiers": list,
}  # fmt: skip
_SOURCE = {"key": str, "author": str, "title": str, "reference": str, "status": str}
_OUT_OF_SCOPE = {"statement": str, "reason": str}
_STEP = {"statement": str, "reason": str, "method": str}
_FALSIFIER = {"name": str, "killed_by": str}
_ARCHIVE = {"command": str, "created": str, "versions": str, "recomputed": str}
_RUN = {"complete": bool, "created": str, "families": list, "sources": list, "environment": dict}


@dataclass(frozen=True)
class Site:
    """Everything that the report tells.

    Attributes:
        run: the evidence file's own facts: ``created``, ``seconds``, ``profile``, ``seed``, ``environment``, ``complete``.
        claims: by id, in the order of the evidence.
        sources: by key, each with what is ``out_of_scope`` of it.
        families: the families that the run checked; a file counts by its stem.
        used_by: ids of the claims that build on a claim.
    """

    run: Mapping[str, Any]
    claims: Mapping[str, Mapping[str, Any]]
    sources: Mapping[str, Mapping[str, Any]]
    families: tuple[str, ...]
    used_by: Mapping[str, tuple[str, ...]]

    @property
    def verdicts(self) -> dict[str, int]:
        """How many claims earned each verdict."""
        return verdicts(self.claims.values())

    @property
    def by_source(self) -> dict[str, list[Mapping[str, Any]]]:
        """The claims of every source by its key, in the order of the evidence; none for some."""
        return {key: [c for c in self.claims.values() if c["source"] == key] for key in self.sources}

    @property
    def troubled(self) -> tuple[Mapping[str, Any], ...]:
        """The claims with problems or without the verdict that the ledger gives them."""
        return tuple(c for c in self.claims.values() if c["problems"] or c["earned"] != c["verdict"])

    @property
    def topics(self) -> dict[str, list[Mapping[str, Any]]]:
        """Claims by topic."""
        topics: dict[str, list[Mapping[str, Any]]] = {}
        for claim in self.claims.values():
            topics.setdefault(claim["topic"], []).append(claim)
        return topics

    @property
    def checks(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """All pairs of a claim and one of its checks."""
        return [(claim, check) for claim in self.claims.values() for check in claim["checks"]]

    def checks_of_family(self, family: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """The conformance checks of one family."""
        return [(claim, check) for claim, check in self.checks if check["family"] == family]


def verdicts(claims: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many of these claims earned each verdict."""
    counts = Counter(claim["earned"] for claim in claims)
    return {verdict: counts[verdict] for verdict in VERDICTS}


def load(path: Path) -> Site:
    """Read and validate an evidence file.

    Raises:
        EvidenceError: if it is missing, too large, not JSON or not of the expected form; the message says where.
    """
    try:
        return build(read(path))
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}") from None
    except RecursionError:
        raise EvidenceError(f"{path} is nested too deeply: not an evidence file") from None
    except EvidenceError as error:
        raise EvidenceError(str(error) if str(path) in str(error) else f"{path}: {error}") from None


def build(content: Mapping[str, Any]) -> Site:
    """Validate the content of an evidence file."""
    _expect(content, _RUN | {"claims": list}, "the file")
    for key, value in content["environment"].items():
        _require(isinstance(value, str), f"environment, {key}: text is needed")
    sources = {source["key"]: _source(source) for source in _each(content["sources"], _SOURCE, "source")}
    claims: dict[str, Mapping[str, Any]] = {}
    for claim in _each(content["claims"], _CLAIM, "claim"):
        _claim(claim)
        _require(claim["source"] in sources, f"claim {claim['id']!r}: there is no source {claim['source']!r}")
        _require(claim["id"] not in claims, f"claim {claim['id']!r} occurs twice")
        # Evidence from before there were readings has none.
        found = {
            "is_reading": claim.get("is_reading", False),
            "checks": [_check(c, claim["id"]) for c in claim["checks"]],
        }
        claims[claim["id"]] = {**claim, **found}
    try:
        TopologicalSorter({name: [u for u in claim["uses"] if u in claims] for name, claim in claims.items()}).prepare()
    except CycleError as error:
        _require(False, f"claims use each other in a circle: {', '.join(error.args[1])}")
    families = tuple(dict.fromkeys(family_name(name) for name in content["families"]))
    used_by = {name: tuple(c["id"] for c in claims.values() if name in c["uses"]) for name in claims}
    run = {key: value for key, value in content.items() if key not in ("claims", "sources", "families")}
    run["seconds"] = float(run["seconds"]) if isinstance(run.get("seconds"), int | float) else None
    return Site(run, claims, sources, families, used_by)


def family_name(name: object) -> str:
    """The name under which a family of the evidence is shown: of a file, its stem."""
    _require(isinstance(name, str), f"family {name!r}: text is needed")
    text = str(name)
    stem = re.split(r"[/\\]", text)[-1].removesuffix(".py") if text.endswith(".py") else text
    _require(_NAME.fullmatch(stem) is not None, f"family {text!r}: letters, digits, '-' and '_' are allowed")
    return stem


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    where = f"source {source['key']!r}: out of scope"
    # Evidence from before there were such statements has none.
    found = source.get("out_of_scope", [])
    _require(isinstance(found, list), f"{where}: a list is needed")
    return {**source, "out_of_scope": _each(found, _OUT_OF_SCOPE, where)}


def _claim(claim: Mapping[str, Any]) -> None:
    where = f"claim {claim['id']!r}"
    _require(_NAME.fullmatch(claim["id"]) is not None, f"{where}: letters, digits, '-' and '_' are allowed in an id")
    for key in ("verdict", "earned"):
        _require(claim[key] in VERDICTS, f"{where}: {key} = {claim[key]!r}; there are {', '.join(VERDICTS)}")
    _require(isinstance(claim.get("is_reading", False), bool), f"{where}: is_reading is neither true nor false")
    for key in ("evidence", "assumptions", "uses", "problems"):
        _require(all(isinstance(item, str) for item in claim[key]), f"{where}: {key} holds something that is not text")


def _check(check: object, claim: str) -> dict[str, Any]:
    where = f"claim {claim!r}, a check"
    record = _expect(check, _CHECK, where)
    _require(record["rung"] in RUNGS, f"{where}: rung = {record['rung']!r}; there are {', '.join(RUNGS)}")
    for derivation in _each(record["derivations"], {"title": str, "steps": list}, f"{where}: derivation"):
        _each(derivation["steps"], _STEP, f"{where}: step")
    for table in _each(record["tables"], {"title": str, "columns": list, "rows": list}, f"{where}: table"):
        _require(all(isinstance(row, list) for row in table["rows"]), f"{where}: a row of a table is not a list")
    _each(record["falsifiers"], _FALSIFIER, f"{where}: falsifier")
    for key in ("worst", "residual", "tolerance", "duration"):
        _require(
            isinstance(record.get(key), int | float | None), f"{where}: {key} = {record.get(key)!r} is not a number"
        )
    family = record.get("family")
    if record.get("archive"):
        _expect(record["archive"], _ARCHIVE, f"{where}: archive")
    defaults: dict[str, Any] = {
        "worst": None,
        "residual": None,
        "tolerance": None,
        "duration": None,
        "reason": "",
        "archive": {},
    }
    return {**defaults, **record, "family": None if family is None else family_name(family)}


def _each(items: Sequence[object], kinds: Mapping[str, type], where: str) -> list[Mapping[str, Any]]:
    return [_expect(item, kinds, where) for item in items]


def _expect(item: object, kinds: Mapping[str, type], where: str) -> Mapping[str, Any]:
    _require(isinstance(item, dict), f"{where}: a table of named values is needed")
    entry: Mapping[str, Any] = item  # type: ignore[assignment]
    for key, kind in kinds.items():
        _require(isinstance(entry.get(key), kind), f"{where}: {key!r} is missing or not {kind.__name__}")
    return entry


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise EvidenceError(f"not evidence of this version: {message}")
