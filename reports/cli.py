"""The command ``thermogeometry``: verify claims, report and summarise them, print derivations, export geometry, measure."""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reports import measurements
from reports.refusal import refuse

if TYPE_CHECKING:
    from derivations.family import Family

app = typer.Typer(
    help="Machine-checked claims about the geometry and thermodynamics of learning.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

FamilyArgument = Annotated[str, typer.Argument(help="A shipped family, or the path of a family file ending in .py.")]


@app.command()
def report(
    family: Annotated[
        list[Path] | None, typer.Option(help="A family file of your own; it gets a page (repeatable).")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write.")] = Path("build/report"),
    evidence: Annotated[Path | None, typer.Option(help="Render this evidence file instead of verifying.")] = None,
) -> None:
    """Verify every claim, then write the report and print the path of its first page."""
    from properties.evidence import EvidenceError
    from reports.folder import FolderTakenError
    from reports.render import render_site
    from reports.site import load

    files = _own_families(family or ())
    problems: list[str] = []
    if evidence is None:
        evidence, problems = _verify((), files)
    try:
        site = load(evidence)
        index = render_site(site, output, files)
    except (EvidenceError, FolderTakenError) as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"--output {output}: {error}")
    typer.echo(f"report: {index}")
    _finish(problems or [f"{claim['id']}: earned {claim['earned']!r}" for claim in site.troubled])


@app.command()
def verify(
    claims: Annotated[list[str] | None, typer.Argument(help="Ids of claims; all of them if none is named.")] = None,
) -> None:
    """Check claims and print the verdict that each has earned."""
    from rich.console import Console
    from rich.table import Table

    from properties import evidence, ledger

    known = ledger.load().claims
    for claim in claims or ():
        if claim not in known:
            near = difflib.get_close_matches(claim, known, n=3, cutoff=0.4)
            refuse(
                f"no claim is called {claim!r}; "
                + (f"close to it: {', '.join(near)}" if near else f"there are {', '.join(known)}")
            )
    path, problems = _verify(tuple(claims or ()), ())
    table = Table("claim", "verdict", "evidence", "false variants rejected", box=None)
    for entry in evidence.read(path)["claims"]:  # type: ignore[attr-defined]
        rungs = list(dict.fromkeys(check["rung"] for check in entry["checks"]))
        rejected = sum(len(check["falsifiers"]) for check in entry["checks"])
        table.add_row(entry["id"], entry["earned"], ", ".join(rungs), str(rejected))
    Console().print(table)
    typer.echo(f"evidence: {path}")
    _finish(problems)


@app.command()
def derive(
    family: FamilyArgument,
    latex: Annotated[bool, typer.Option("--latex", help="Print LaTeX.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Print a standalone HTML page with MathML.")] = False,
) -> None:
    """Print the derivation of a family's geometry, every step checked as it is printed."""
    from derivations import families
    from derivations.density import NoClosedForm
    from reports import derive as gathered

    if latex and html:
        refuse("--latex and --html exclude each other")
    described = _load(family)
    try:
        found = list(gathered.derivations_of(described, shipped=family in families.names()))
    except NoClosedForm as error:
        refuse(str(error))
    if html:
        typer.echo(gathered.page(described.title or described.name, found))
    elif latex:
        typer.echo("\n\n".join(f"% {derivation.title}\n{derivation.latex()}" for derivation in found))
    else:
        gathered.show(found)


@app.command()
def export(
    family: FamilyArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it exists.")] = False,
) -> None:
    """Write the geometry of a family as a JAX module that depends on nothing of this project."""
    from derivations.density import NoClosedForm
    from numerics.codegen import standalone
    from numerics.lambdify import UnsupportedFunction
    from reports.folder import write_whole

    described = _load(family)
    if output.exists() and not force:
        refuse(f"--output {output}: the file exists; --force overwrites it")
    try:
        text = standalone(described)
    except (NoClosedForm, UnsupportedFunction) as error:
        refuse(f"family {family}: {error}")
    try:
        write_whole(output, text)
    except OSError as error:
        refuse(f"--output {output}: {error.strerror}")
    typer.echo(f"written: {output}")


@app.command()
def summary(
    evidence: Annotated[Path, typer.Option(help="The evidence file of a run.")] = Path("build/evidence.json"),
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write instead.")] = None,
) -> None:
    """Print, as Markdown to cite, what was corrected or refuted in a run, and on which evidence."""
    from properties.evidence import EvidenceError
    from reports.folder import write_whole
    from reports.site import load
    from reports.summary import markdown

    try:
        text = markdown(load(evidence))
        if output is not None:
            write_whole(output, text)
    except EvidenceError as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"--output {output}: {error.strerror}")
    typer.echo(text if output is None else f"written: {output}", nl=output is not None)


app.command()(measurements.audit)
app.command()(measurements.lattice)


def _verify(claims: tuple[str, ...], files: tuple[Path, ...]) -> tuple[Path, list[str]]:
    from rich.console import Console

    from reports.verify import run_claims

    # By its file, since pytest's own output is captured meanwhile.
    outcome = run_claims(Console(file=sys.stderr), claims, files)
    if outcome.evidence is None:
        refuse("; ".join(outcome.problems) or "no check ran")
    if outcome.exit_code and not outcome.problems:
        outcome.problems.append(f"pytest ended with exit code {outcome.exit_code}")
    return outcome.evidence, outcome.problems


def _own_families(files: Sequence[Path]) -> tuple[Path, ...]:
    """The family files, once each loads and has a name of its own among the pages."""
    from numerics.geometry import families
    from properties.evidence import EvidenceError
    from reports.site import family_name

    taken = set(families())
    for file in files:
        _load(str(file))
        try:
            name = family_name(str(file))
        except EvidenceError:
            refuse(f"--family {file}: its page is named after the file; use letters, digits, '-' and '_'")
        if name in taken:
            refuse(f"--family {file}: a family called {name!r} is there already; rename the file")
        taken.add(name)
    return tuple(files)


def _load(family: str) -> "Family":
    from derivations import families
    from derivations.family import load_family
    from numerics import families as of_any_size

    if family in families.names():
        return families.load(family)
    if family in of_any_size.names():
        refuse(f"family {family!r} has a size and is JAX already: there is nothing to derive or export; see its page")
    if not family.endswith(".py"):
        refuse(f"no family is called {family!r}; there are {', '.join(families.names())}, and files ending in .py")
    try:
        return load_family(family)
    except (FileNotFoundError, ValueError) as error:
        refuse(str(error))


def _finish(problems: list[str]) -> None:
    if problems:
        typer.echo(
            "\n".join(["Not every claim earned its verdict:", *(f"  {problem}" for problem in problems)]), err=True
        )
        raise typer.Exit(1)
