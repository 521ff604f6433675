"""How the command line refuses."""

from typing import NoReturn

import typer


def refuse(message: str) -> NoReturn:
    """Say why on the error output, and end with exit code 2."""
    typer.echo(f"thermogeometry: {message}", err=True)
    raise typer.Exit(2)
