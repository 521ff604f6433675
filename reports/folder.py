"""Files and folders that appear whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Marks a folder as a report, so that rendering never replaces a folder of something else.
MARKER = ".thermogeometry-report"


class FolderTakenError(ValueError):
    """The folder to write to exists and holds something else than a report."""


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the place of ``folder`` when the block ends without an error.

    Raises:
        FolderTakenError: if there is something at ``folder`` that is neither a report nor an empty folder.
        OSError: if it cannot be written.
    """
    folder = folder.absolute()
    if folder.exists() and not _is_replaceable(folder):
        raise FolderTakenError(f"{folder} exists and is no report: name another folder, or remove it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-new-"))
    try:
        fresh.chmod(0o755)
        yield fresh
        (fresh / MARKER).write_text("Made by thermogeometry report; it is replaced as a whole.\n", encoding="utf-8")
        _swap(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all; its folder must exist."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _is_replaceable(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and ((folder / MARKER).is_file() or not any(folder.iterdir()))


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-old-"))
    folder.replace(old / folder.name)
    try:
        fresh.rename(folder)
    except BaseException:
        (old / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
