"""The claims ledger: what each source says, and which verdict each claim must earn on which evidence.

One TOML file per source in ``properties/ledger``. A file has a ``[source]`` table, one ``[[claim]]`` table per claim,
and one ``[[out_of_scope]]`` table for each thing that the source says and that is not checked; the keys are the fields
of :class:`Source`, :class:`Claim` and :class:`OutOfScope`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

VERDICTS = ("proved", "corrected", "refuted", "supported", "inconclusive")
RUNGS = ("exact", "probabilistic", "enclosed", "property", "simulated", "counterexample")
T = TypeVar("T")
_PROOF = {"exact", "probabilistic", "enclosed"}
_TABLES = {"source", "claim", "out_of_scope"}
FOLDER = Path(__file__).parent / "ledger"


class LedgerError(ValueError):
    """The ledger contradicts itself; the message says where and what to do."""


@dataclass(frozen=True)
class OutOfScope:
    """Something that a source says and that is not checked: it is asymptotic, empirical or no mathematical claim.

    Attributes:
        statement: what the source says; text with LaTeX between dollar signs.
        reason: why it is not checked.
    """

    statement: str
    reason: str


@dataclass(frozen=True)
class Source:
    """A paper or a standard text.

    Attributes:
        key: how claims cite it.
        author: of the source.
        title: of the source.
        reference: where it is published.
        status: what is checked of it, in a sentence; for a source without claims, why there are none.
        out_of_scope: what it says besides and is not checked.
    """

    key: str
    author: str
    title: str
    reference: str
    status: str = ""
    out_of_scope: tuple[OutOfScope, ...] = ()


@dataclass(frozen=True)
class Claim:
    """One claim of one source.

    Attributes:
        id: permanent identifier.
        title: in a few words.
        topic: the module name under which it is derived, evaluated and checked.
        source: key of the source.
        place: where in the source.
        statement: what is claimed; text with LaTeX between dollar signs.
        verdict: the verdict it must earn.
        evidence: the rungs of evidence that the verdict rests on; each must be shown by at least one check.
        assumptions: under which the statement is meant.
        instead: what is true, for a claim that is corrected or refuted.
        refuted_by: what would have shown otherwise, for a reader.
        uses: ids of the claims that it builds on.
        is_reading: the statement goes further than the source does, as a natural reading of it; the verdict is on the
            reading, not on the source. Only for a claim that is corrected or refuted.
    """

    id: str
    title: str
    topic: str
    source: str
    place: str
    statement: str
    verdict: str
    evidence: tuple[str, ...]
    assumptions: tuple[str, ...] = ()
    instead: str = ""
    refuted_by: str = ""
    uses: tuple[str, ...] = ()
    is_reading: bool = False


@dataclass(frozen=True)
class Ledger:
    """All sources and claims, by key and id."""

    sources: Mapping[str, Source]
    claims: Mapping[str, Claim] = field(default_factory=dict)


def earned_verdict(claim: Claim, shown: Iterable[str], inconclusive: bool = False) -> str:
    """The verdict that a set of evidence earns; ``inconclusive`` if a check said so or nothing was shown."""
    rungs = set(shown)
    if inconclusive or not rungs:
        return "inconclusive"
    if claim.verdict == "corrected" and claim.instead and rungs & _PROOF:
        return "corrected"
    if "counterexample" in rungs:
        return "refuted"
    return "proved" if rungs & _PROOF else "supported"


def load() -> Ledger:
    """The ledger in ``FOLDER``, read and checked once.

    Raises:
        LedgerError: see :func:`read`.
    """
    return read(FOLDER)


@cache
def read(folder: Path) -> Ledger:
    """Read and check the ledger in a folder.

    Raises:
        LedgerError: for an unknown table, key, verdict, rung, source or id, for a missing field, and for a source that
            neither has claims nor says why.
    """
    sources: dict[str, Source] = {}
    claims: dict[str, Claim] = {}
    for path in sorted(folder.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        source = _source(data, path)
        sources[source.key] = source
        for entry in data.get("claim", []):
            claim = _build(Claim, {"source": source.key} | entry, f"{path.name}, claim {entry.get('id', '?')!r}")
            if claim.id in claims:
                raise LedgerError(f"{path.name}: the id {claim.id!r} is taken; ids are unique")
            claims[claim.id] = claim
    for claim in claims.values():
        _check(claim, claims, sources)
    cited = {claim.source for claim in claims.values()}
    for source in sources.values():
        if source.key not in cited and not source.status.strip():
            raise LedgerError(f"{source.key}.toml: a source without claims says in 'status' why it has none")
    return Ledger(sources, claims)


def _source(data: dict[str, Any], path: Path) -> Source:
    if unknown := set(data) - _TABLES:
        raise LedgerError(f"{path.name}: unknown tables {sorted(unknown)}; there are {sorted(_TABLES)}")
    if lone := [name for name in ("claim", "out_of_scope") if not isinstance(data.get(name, []), list)]:
        raise LedgerError(f"{path.name}: [{lone[0]}] is one table; write [[{lone[0]}]]")
    table = data.get("source", {})
    if "out_of_scope" in table:
        raise LedgerError(f"{path.name}: what is out of scope stands in [[out_of_scope]] tables of its own")
    source = _build(Source, table, path.name)
    if source.key != path.stem:
        raise LedgerError(f"{path.name}: key is {source.key!r}; name the file after it")
    entries = enumerate(data.get("out_of_scope", []), start=1)
    return replace(source, out_of_scope=tuple(_out_of_scope(e, f"{path.name}, out_of_scope {n}") for n, e in entries))


def _out_of_scope(entry: dict[str, object], where: str) -> OutOfScope:
    found = _build(OutOfScope, entry, where)
    for key, text in vars(found).items():
        if not isinstance(text, str) or not text.strip():
            raise LedgerError(f"{where}: {key} = {text!r}; text is needed")
    return found


def _build(kind: type[T], entry: dict[str, object], where: str) -> T:
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(entry) - set(known):
        raise LedgerError(f"{where}: unknown keys {sorted(unknown)}; there are {sorted(known)}")
    needed = {name for name, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
    if missing := needed - set(entry):
        raise LedgerError(f"{where}: missing keys {sorted(missing)}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()})


def _check(claim: Claim, claims: Mapping[str, Claim], sources: Mapping[str, Source]) -> None:
    where = f"claim {claim.id!r}"
    if claim.verdict not in VERDICTS:
        raise LedgerError(f"{where}: unknown verdict {claim.verdict!r}; there are {', '.join(VERDICTS)}")
    if unknown := set(claim.evidence) - set(RUNGS):
        raise LedgerError(f"{where}: unknown evidence {sorted(unknown)}; there is {', '.join(RUNGS)}")
    if not claim.evidence:
        raise LedgerError(f"{where}: name the evidence that its verdict rests on")
    is_wrong = claim.verdict in ("corrected", "refuted")
    if is_wrong and not claim.instead:
        raise LedgerError(f"{where}: a {claim.verdict} claim says in 'instead' what is true")
    if not isinstance(claim.is_reading, bool):
        raise LedgerError(f"{where}: is_reading = {claim.is_reading!r}; it is true or false")
    if claim.is_reading and not is_wrong:
        raise LedgerError(f"{where}: is_reading is for corrected and refuted claims; this one is {claim.verdict}")
    if unknown := set(claim.uses) - set(claims):
        raise LedgerError(f"{where}: uses unknown claims {sorted(unknown)}")
    if claim.source not in sources:
        raise LedgerError(f"{where}: unknown source {claim.source!r}")
    earned = earned_verdict(claim, claim.evidence)
    if claim.verdict not in {"inconclusive", earned}:
        raise LedgerError(f"{where}: its evidence can earn {earned!r}, never {claim.verdict!r}; change one of them")
