"""Evidence: what a run of the claims showed, as one JSON file."""

import importlib.metadata
import json
import os
import platform
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from properties.claims import TRUE
from properties.ledger import Ledger, earned_verdict

FORMAT = 1
_PACKAGES = ("sympy", "jax", "jaxlib", "numpy", "pot", "hypothesis", "pytest", "python-flint", "diffrax")
_LARGEST_FILE = 64 * 2**20


class EvidenceError(ValueError):
    """An evidence file is missing, too large, or not what this version writes; the message says which."""


def assemble(
    ledger: Ledger, shown: Iterable[Mapping[str, object]], failures: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """One entry per claim of the ledger: its statement, the evidence shown, the verdict earned and the problems left.

    Args:
        ledger: the claims.
        shown: what each test of a check put on record.
        failures: per claim id, the messages of tests that failed.
    """
    by_claim: dict[str, dict[tuple[object, ...], list[Mapping[str, object]]]] = defaultdict(lambda: defaultdict(list))
    for record in shown:
        key = (record["check"], record["rung"], record["family"])
        by_claim[str(record["claim"])][key].append(record)
    entries = []
    for claim in ledger.claims.values():
        merged = (_merge(records) for records in by_claim[claim.id].values())
        evidence = [item for item in merged if item is not None]
        passed = [str(item["rung"]) for item in evidence if item["outcome"] == "passed"]
        inconclusive = any(item["outcome"] == "inconclusive" for item in evidence)
        problems = list(failures.get(claim.id, ()))
        # A claim that is to be inconclusive rests on checks that say so.
        tried = [str(item["rung"]) for item in evidence] if claim.verdict == "inconclusive" else passed
        if missing := [rung for rung in claim.evidence if rung not in tried]:
            problems.append(
                f"no passing check shows the evidence {', '.join(missing)}: add a @claim({claim.id!r}, ...)"
            )
        earned = "inconclusive" if failures.get(claim.id) else earned_verdict(claim, passed, inconclusive)
        if earned != claim.verdict:
            problems.append(
                f"the ledger says {claim.verdict!r}, the checks earn {earned!r}: correct the ledger or the checks"
            )
        entries.append({**asdict(claim), "earned": earned, "checks": evidence, "problems": problems})
    return entries


def _merge(records: Sequence[Mapping[str, object]]) -> dict[str, object] | None:
    """The true run of a check with its falsifiers; None if the true run did not finish."""
    truth = [record for record in records if record["variant"] == TRUE]
    if not truth:
        return None
    falsifiers = [
        {"name": record["variant"], "killed_by": record["reason"], "seconds": record["seconds"]}
        for record in records
        if record["variant"] != TRUE
    ]
    return {**truth[0], "falsifiers": falsifiers}


def environment() -> dict[str, str]:
    """Versions, device and compiler options of this run."""
    import jax

    versions = {"python": platform.python_version(), "thermogeometry": _version("thermogeometry")}
    versions |= {package: _version(package) for package in _PACKAGES}
    versions |= {"device": f"{jax.devices()[0].platform} ({platform.machine()})"}
    return versions | ({"XLA_FLAGS": flags} if (flags := os.environ.get("XLA_FLAGS")) else {})


def write(path: Path, content: Mapping[str, object]) -> None:
    """Write an evidence file whole or not at all."""
    write_json(path, {"format": FORMAT, **content})


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file whole or not at all, and the folder that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1, ensure_ascii=False, allow_nan=False)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> dict[str, object]:
    """Read an evidence file.

    Raises:
        EvidenceError: if it is missing, larger than 64 MiB, not JSON, or of another format.
    """
    if not path.is_file():
        raise EvidenceError(f"there is no evidence file {path}: run 'thermogeometry verify' first")
    if path.stat().st_size > _LARGEST_FILE:
        raise EvidenceError(f"{path} has {path.stat().st_size} bytes, more than {_LARGEST_FILE}: not an evidence file")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise EvidenceError(f"{path} is not JSON: {error}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT or not isinstance(content.get("claims"), list):
        raise EvidenceError(f"{path} is not evidence of format {FORMAT}: run 'thermogeometry verify' again")
    return content


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
