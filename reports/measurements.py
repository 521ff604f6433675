"""Commands that measure: the audit of an ensemble, and the curvature of lattices."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from reports.refusal import refuse


def audit(
    file: Annotated[Path, typer.Argument(help="Checkpoints of an ensemble, .npz or .safetensors.")],
    learning_rate: Annotated[float | None, typer.Option(help="If it is constant and not in the file.")] = None,
    optimiser: Annotated[
        str, typer.Option(help="gradient_descent, langevin, sgd, momentum or adam.")
    ] = "gradient_descent",
    decay: Annotated[float | None, typer.Option(help="Beta of momentum.")] = None,
    mobility: Annotated[
        float | None, typer.Option(help="What gradients are multiplied with besides the learning rate.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="Of the noise, in units of the objective.")] = None,
    smoothness: Annotated[float | None, typer.Option(help="L of an L-smooth objective, for long steps.")] = None,
    moving_objective: Annotated[bool, typer.Option("--moving-objective", help="The objective changed.")] = False,
    entropy: Annotated[str, typer.Option(help="gaussian, nearest-neighbour or maximum.")] = "gaussian",
    initial_entropy: Annotated[float | None, typer.Option(help="In nats; for the entropy maximum.")] = None,
    confidence: Annotated[float, typer.Option(help="Of every bound, one-sided.")] = 0.95,
    memory_limit: Annotated[float, typer.Option(help="In GiB.")] = 8.0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The page to write; FILE.audit.html if not given.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Audit an ensemble's training: how close it came to the thermodynamic limit. Writes a page and a JSON file beside it.

    The file holds arrays checkpoint/STEP (or checkpoint/STEP/NAME) with the members first, and may hold learning_rate, energy,
    mobility, temperature, work, smoothness, decay and initial_entropy. Ends with exit code 1 if the data contradict the speed
    limit.
    """
    from rich.console import Console
    from rich.progress import Progress

    from numerics.audit import audit as audited
    from reports import audit as shown

    page = output or file.with_name(f"{file.name}.audit.html")
    numbers = page.with_suffix(".json")
    if numbers == page:
        refuse(f"--output {page}: the page cannot end in .json, as the numbers do")
    for path in (page, numbers):
        if path.exists() and not force:
            refuse(f"--output {path}: the file exists; --force overwrites it")
    options = {
        "learning_rate": learning_rate, "decay": decay, "mobility": mobility, "temperature": temperature,
        "smoothness": smoothness, "initial_entropy": initial_entropy,
    }  # fmt: skip
    given = {name: value for name, value in options.items() if value is not None}
    errors = Console(file=sys.stderr)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("reading checkpoints")
        try:
            found = audited(
                file, memory_limit=memory_limit, optimiser=optimiser, is_objective_fixed=not moving_objective,
                entropy=entropy, confidence=confidence, **given,
                progress=lambda done, total: progress.update(task, completed=done, total=total),
            )  # fmt: skip
        except (TypeError, ValueError) as error:
            refuse(str(error))
    try:
        shown.write(found, file.name, page, numbers)
    except OSError as error:
        refuse(f"--output {page}: {error.strerror}")
    shown.show(found, Console())
    typer.echo(f"written: {page}, {numbers}")
    if found.verdict == "rejected":
        raise typer.Exit(1)


def lattice(
    model: Annotated[str, typer.Argument(help="ising or potts.")],
    size: Annotated[list[int], typer.Option(help="Spins along a side (repeatable).")],
    dimension: Annotated[int, typer.Option(help="Of a torus or a grid.")] = 2,
    coupling: Annotated[
        list[float] | None,
        typer.Option(help="Of all bonds, or one for each axis (repeated); the critical one if not given."),
    ] = None,
    states: Annotated[int | None, typer.Option(help="q of the Potts model.")] = None,
    graph: Annotated[str, typer.Option("--lattice", help="torus, ring, chain, grid or complete.")] = "torus",
    method: Annotated[
        str | None,
        typer.Option(
            help="free-fermions, transfer-matrix, enumeration or monte-carlo; the best exact one if not given."
        ),
    ] = None,
    chains: Annotated[int, typer.Option(help="Of Monte Carlo.")] = 32,
    sweeps: Annotated[int, typer.Option(help="Of Monte Carlo, of each chain.")] = 4096,
    seed: Annotated[int, typer.Option(help="Of Monte Carlo.")] = 0,
    memory_limit: Annotated[float, typer.Option(help="In GiB.")] = 8.0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A JSON file; sizes that it has are not computed again.")
    ] = None,
) -> None:
    """Compute the scalar curvature of the Fisher metric of a lattice of spins, one coupling for each bond.

    An interrupted sweep over sizes goes on from its file.
    """
    from rich.console import Console
    from rich.progress import Progress

    from reports import lattice as sweeps_of

    question = {
        "model": model, "dimension": dimension, "coupling": coupling, "states": states, "lattice": graph, "method": method,
    }  # fmt: skip
    if method == "monte-carlo":
        question |= {"chains": chains, "sweeps": sweeps, "seed": seed}
    errors = Console(file=sys.stderr)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as progress:
        task = progress.add_task("")
        try:
            rows = sweeps_of.sweep(
                size, question, output, memory_limit=memory_limit,
                progress=lambda at, done, number: progress.update(
                    task, description=f"size {at}", completed=done, total=number
                ),
            )  # fmt: skip
        except (TypeError, ValueError) as error:
            refuse(str(error))
        except OSError as error:
            refuse(f"--output {output}: {error.strerror}")
    typer.echo(sweeps_of.shown(rows))
    if output is not None:
        typer.echo(f"written: {output}")
