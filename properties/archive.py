"""Evidence that takes too long for every run: committed JSON files, each with the command that made it, versions and date.

A check that rests on one puts that on record and recomputes a part of it.
"""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from properties.evidence import environment, write_json

FOLDER = Path(__file__).parent / "archive"


def write(name: str, command: str, content: Mapping[str, Any]) -> Path:
    """Write an archive, whole or not at all.

    Args:
        name: of the file, without ending.
        command: that makes it again.
        content: numbers, text, lists and dictionaries.
    """
    made = {"command": command, "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    path = FOLDER / f"{name}.json"
    write_json(path, {"made": made | {"versions": _versions()}, **content})
    return path


def read(name: str) -> dict[str, Any]:
    """The content of an archive; ``made`` says how it came about, as text."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _versions() -> str:
    kept = ("python", "jax", "numpy", "pot", "device")
    return ", ".join(f"{name} {version}" for name, version in environment().items() if name in kept)
