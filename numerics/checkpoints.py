"""Checkpoints of an ensemble: in memory, or in a file that is read one checkpoint at a time.

A file holds the array ``checkpoint/STEP``, shape (N, ...), for every checkpoint, or several arrays ``checkpoint/STEP/NAME``:
members first; STEP is the number of optimiser steps taken. Its other arrays say how the ensemble was trained.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from numerics import array_files

_NAME = re.compile(r"checkpoint/(\d{1,18})(?:/(.+))?", re.DOTALL)
_KINDS = tuple(np.dtype(kind) for kind in (np.float16, np.float32, np.float64))
# An audit holds the first, the last two and the current checkpoint, while it reads and checks the last.
_HELD = 5


class CheckpointError(ValueError):
    """Checkpoints that cannot be audited; the message says which and why."""


@dataclass(frozen=True)
class Checkpoints:
    """An ensemble along its training.

    Attributes:
        steps: how many optimiser steps were taken at each checkpoint, increasing, K numbers.
        members: N.
        parts: the shapes (N, ...) of the arrays that the parameters consist of, by name.
        extras: further arrays of the file by name.
        place: the file, for messages.
    """

    steps: tuple[int, ...]
    members: int
    parts: Mapping[str, tuple[int, ...]]
    _read: Callable[[int, str], np.ndarray]
    extras: Mapping[str, np.ndarray] = field(default_factory=dict)
    place: str = ""

    @property
    def size(self) -> int:
        """The number of parameters of a member."""
        return sum(int(np.prod(shape[1:])) for shape in self.parts.values())

    def read(self, index: int) -> list[np.ndarray]:
        """The parameters at one checkpoint: the parts, each of shape (N, parameters of the part).

        Raises:
            CheckpointError: for entries that are not finite, naming checkpoint, part and members.
        """
        arrays = []
        for part in self.parts:
            array = self._read(self.steps[index], part).reshape(self.members, -1)
            is_finite = np.isfinite(array).all(axis=1)
            if not is_finite.all():
                bad = np.flatnonzero(~is_finite)[:8].tolist()
                where = f"{self.place}: " * bool(self.place) + _label(self.steps[index], part)
                raise CheckpointError(f"{where}: members {bad} have entries that are not finite")
            arrays.append(array)
        return arrays


def in_memory(parameters: Mapping[int, Any]) -> Checkpoints:
    """Checkpoints from arrays of shape (N, ...), or pytrees of them, by the number of steps taken.

    Raises:
        CheckpointError: see :func:`in_file`.
    """
    import jax

    arrays: dict[tuple[int, str], np.ndarray] = {}
    for step, tree in parameters.items():
        if isinstance(step, bool) or not isinstance(step, int | np.integer) or step < 0:
            raise CheckpointError(f"checkpoint {step!r}: the number of steps must be a whole number >= 0")
        for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
            arrays[int(step), jax.tree_util.keystr(path)] = np.asarray(leaf)
    shapes = {key: (array.shape, array.dtype) for key, array in arrays.items()}
    return _checked(shapes, lambda step, part: arrays[step, part])


def in_file(path: Path, memory_limit: float) -> Checkpoints:
    """The checkpoints in a file whose name ends in ``.npz`` or ``.safetensors``.

    Args:
        path: of the file.
        memory_limit: in bytes, for what an audit holds at a time.

    Raises:
        CheckpointError: for a file that is missing, corrupt or too large, for arrays of other kinds or names, for
            checkpoints of different shapes, and for fewer than two; the message names file, array and reason.
    """
    try:
        stored = array_files.shapes(path)
        ours: dict[tuple[int, str], tuple[tuple[int, ...], np.dtype]] = {}
        names: dict[tuple[int, str], str] = {}
        for name, shape in stored.items():
            if match := _NAME.fullmatch(name):
                key = int(match[1]), match[2] or ""
                if key in ours:
                    raise CheckpointError(f"{names[key]!r} and {name!r} are the same checkpoint")
                ours[key], names[key] = shape, name
            elif name.startswith("checkpoint"):
                raise CheckpointError(f"{name!r}: a checkpoint is called checkpoint/STEP or checkpoint/STEP/NAME")
        others = [name for name in stored if name not in names.values()]
        bytes_of: dict[int, int] = {}
        for (step, _), shape in ours.items():
            bytes_of[step] = bytes_of.get(step, 0) + _bytes(*shape)
        needed = _HELD * max(bytes_of.values(), default=0) + sum(_bytes(*stored[name]) for name in others)
        if needed > memory_limit:
            raise CheckpointError(
                f"an audit holds {needed / 2**30:.3g} GiB at a time, more than the limit of {memory_limit / 2**30:.3g} GiB"
            )
        extras = {name: array_files.read(path, name) for name in others}
        found = _checked(ours, lambda step, part: _read(path, names[step, part], stored))
        return replace(found, extras=extras, place=str(path))
    except array_files.ArrayFileError as error:
        raise CheckpointError(str(error)) from None
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None


def _read(path: Path, name: str, stored: array_files.Shapes) -> np.ndarray:
    try:
        array = array_files.read(path, name)
    except array_files.ArrayFileError as error:
        raise CheckpointError(str(error)) from None
    if (array.shape, array.dtype) != stored[name]:
        raise CheckpointError(f"{path}: {name} has changed while it was read")
    return array


def _bytes(shape: tuple[int, ...], kind: np.dtype) -> int:
    # In Python's integers, which do not overflow.
    return kind.itemsize * int(np.prod([1, *map(int, shape)], dtype=object))


def _checked(
    shapes: Mapping[tuple[int, str], tuple[tuple[int, ...], np.dtype]],
    read: Callable[[int, str], np.ndarray],
) -> Checkpoints:
    found: dict[int, dict[str, tuple[int, ...]]] = {}
    for (step, part), (shape, kind) in shapes.items():
        if kind not in _KINDS:
            raise CheckpointError(f"{_label(step, part)}: dtype {kind}; it must be float16, float32 or float64")
        if not shape or 0 in shape:
            raise CheckpointError(f"{_label(step, part)}: shape {shape}; it must be (members, ...) and not empty")
        found.setdefault(step, {})[part] = shape
    steps = tuple(sorted(found))
    if len(steps) < 2:
        raise CheckpointError(
            f"{len(steps)} checkpoints, called checkpoint/STEP or checkpoint/STEP/NAME; two are needed"
        )
    first = found[steps[0]]
    for step in steps:
        if found[step] != first:
            raise CheckpointError(f"checkpoint {step} has the shapes {found[step]}, checkpoint {steps[0]} {first}")
    members = {shape[0] for shape in first.values()}
    if len(members) != 1:
        raise CheckpointError(f"the shapes {first} do not agree on the number of members, which come first")
    return Checkpoints(steps, members.pop(), first, read)


def _label(step: int, part: str) -> str:
    return f"checkpoint/{step}/{part}" if part else f"checkpoint/{step}"
