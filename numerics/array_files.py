"""Named arrays in ``.npz`` and ``.safetensors`` files: what is in them without reading it, and one array at a time.

Nothing in a file is executed, and pickled objects are never loaded.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

Shapes = dict[str, tuple[tuple[int, ...], np.dtype]]
_SAFETENSORS = {
    "F64": "float64", "F32": "float32", "F16": "float16", "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8",
    "U8": "uint8", "BOOL": "bool",
}  # fmt: skip


class ArrayFileError(ValueError):
    """A file that is no collection of plain arrays; the message says which file and why."""


def shapes(path: Path) -> Shapes:
    """Shape and dtype of every array, from the headers alone.

    Raises:
        ArrayFileError: for a file that is missing, of another kind or corrupt, and for arrays of pickled objects.
    """
    return _reading(path, lambda file: file.shapes())


def read(path: Path, name: str) -> np.ndarray:
    """One array.

    Raises:
        ArrayFileError: as :func:`shapes` does.
    """
    return _reading(path, lambda file: file.read(name))


def _reading(path: Path, action: Callable[[Any], Any]) -> Any:
    from safetensors import SafetensorError

    kinds: dict[str, type[_Npz] | type[_SafeTensors]] = {".npz": _Npz, ".safetensors": _SafeTensors}
    kind = kinds.get(path.suffix)
    if kind is None:
        raise ArrayFileError(f"{path}: the name must end in .npz or .safetensors")
    if not path.is_file():
        raise ArrayFileError(f"{path}: there is no such file")
    try:
        with kind(path) as file:
            return action(file)
    except ArrayFileError as error:
        raise ArrayFileError(f"{path}: {error}") from None
    # What zipfile, zlib, NumPy and safetensors raise for damaged bytes.
    except (
        zipfile.BadZipFile,
        SafetensorError,
        EOFError,
        ValueError,
        KeyError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise ArrayFileError(f"{path} is corrupt: {error}") from None
    except OSError as error:
        raise ArrayFileError(f"{path} cannot be read: {error}") from None


class _Npz:
    def __init__(self, path: Path):
        self._archive = zipfile.ZipFile(path)

    def __enter__(self) -> "_Npz":
        return self

    def __exit__(self, *raised: object) -> None:
        self._archive.close()

    def shapes(self) -> Shapes:
        entries = self._archive.namelist()
        if len(set(entries)) != len(entries):
            raise ArrayFileError("two arrays have the same name")
        found: Shapes = {}
        for entry in entries:
            with self._archive.open(entry) as file:
                found[entry.removesuffix(".npy")] = _header(entry, file)
        return found

    def read(self, name: str) -> np.ndarray:
        with self._archive.open(f"{name}.npy") as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
            # The checksum is compared at the end of the entry.
            if file.read(1):
                raise ArrayFileError(f"{name}: there are bytes after the array")
            return array


def _header(entry: str, file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(file)
    reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if reader is None:
        raise ArrayFileError(f"{entry}: version {version} of the format; versions (1, 0) and (2, 0) are read")
    shape, _, kind = reader(file)
    if kind.hasobject:
        raise ArrayFileError(f"{entry}: it holds pickled objects, which are never loaded")
    return shape, kind


class _SafeTensors:
    def __init__(self, path: Path):
        from safetensors import safe_open

        self._file = safe_open(str(path), framework="np")

    def __enter__(self) -> "_SafeTensors":
        self._file.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.__exit__(*raised)

    def shapes(self) -> Shapes:
        found: Shapes = {}
        for name in list(self._file.keys()):
            part = self._file.get_slice(name)
            if part.get_dtype() not in _SAFETENSORS:
                raise ArrayFileError(f"{name}: dtype {part.get_dtype()}, which NumPy does not have")
            found[name] = (tuple(part.get_shape()), np.dtype(_SAFETENSORS[part.get_dtype()]))
        return found

    def read(self, name: str) -> np.ndarray:
        return self._file.get_tensor(name)
