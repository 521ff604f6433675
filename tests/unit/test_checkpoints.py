"""Checkpoints in memory and in files: what is read, and what is refused with which reason."""

import pickle
import zipfile

import numpy as np
import pytest
from safetensors.numpy import save_file

from numerics import array_files
from numerics.checkpoints import CheckpointError, in_file, in_memory

LIMIT = 2.0**30


def arrays(members=9, **extras):
    random = np.random.default_rng(0)
    found = {}
    for step in (0, 5, 20):
        found[f"checkpoint/{step}/w"] = random.normal(size=(members, 2, 3))
        found[f"checkpoint/{step}/b"] = random.normal(size=(members, 4)).astype(np.float32)
    return found | extras


def stored(path, content):
    if path.suffix == ".npz":
        np.savez(path, **content)
    else:
        save_file(content, str(path))
    return path


@pytest.fixture(params=[".npz", ".safetensors"])
def path(request, tmp_path):
    return tmp_path / f"ensemble{request.param}"


def refused(path, pattern, limit=LIMIT):
    def read():
        found = in_file(path, limit)
        return [found.read(index) for index in range(len(found.steps))]

    with pytest.raises(CheckpointError, match=pattern) as caught:
        read()
    assert str(path) in str(caught.value)


def test_what_is_written_is_read(path):
    content = arrays(learning_rate=np.full(20, 0.1), energy=np.zeros((3, 9)))
    found = in_file(stored(path, content), LIMIT)
    assert (found.steps, found.members, found.size) == ((0, 5, 20), 9, 10)
    for index, step in enumerate(found.steps):
        for name, part in zip(found.parts, found.read(index), strict=True):
            np.testing.assert_array_equal(part, content[f"checkpoint/{step}/{name}"].reshape(9, -1))
    assert set(found.extras) == {"learning_rate", "energy"}


def test_one_array_per_checkpoint_and_steps_in_the_order_of_their_numbers(path):
    content = {f"checkpoint/{step}": np.full((8, 1), float(int(step))) for step in ("0100", "20", "003")}
    found = in_file(stored(path, content), LIMIT)
    assert found.steps == (3, 20, 100)
    assert [float(found.read(i)[0][0, 0]) for i in range(3)] == [3.0, 20.0, 100.0]


def test_compressed_archives(tmp_path):
    np.savez_compressed(tmp_path / "e.npz", **arrays())
    assert in_file(tmp_path / "e.npz", LIMIT).read(2)[0].shape == (9, 6)


def test_pytrees_in_memory():
    tree = {"layer": [np.ones((8, 2, 2)), np.zeros((8, 3), np.float32)]}
    found = in_memory({0: tree, 10: tree})
    assert (found.members, found.size, len(found.parts)) == (8, 7, 2)
    assert [part.shape for part in found.read(1)] == [(8, 4), (8, 3)]


BAD = {
    "ragged": ({"checkpoint/20/w": np.ones((9, 2, 4))}, "checkpoint 20 has the shapes"),
    "members": ({f"checkpoint/{s}/b": np.ones((8, 4)) for s in (0, 5, 20)}, "do not agree on the number of members"),
    "part missing": ({"checkpoint/5/more": np.ones((9, 1))}, "checkpoint 5 has the shapes"),
    "integers": ({"checkpoint/5/b": np.ones((9, 4), int)}, "checkpoint/5/b: dtype int64"),
    "empty": ({"checkpoint/5/b": np.ones((9, 0))}, r"shape \(9, 0\)"),
    "not finite": ({"checkpoint/5/b": np.full((9, 4), np.inf)}, r"checkpoint/5/b: members \[0, 1, 2, .*not finite"),
    "name": ({"checkpoint/last": np.ones((9, 4))}, "'checkpoint/last': a checkpoint is called checkpoint/STEP"),
    "negative": ({"checkpoint/-5": np.ones((9, 4))}, "a checkpoint is called checkpoint/STEP"),
    "twice": ({"checkpoint/05/b": np.ones((9, 4))}, "are the same checkpoint"),
}


@pytest.mark.parametrize("case", BAD)
def test_refusals(path, case):
    change, pattern = BAD[case]
    refused(stored(path, arrays() | change), pattern)


def test_a_member_with_one_nan_is_named(path):
    content = arrays()
    content["checkpoint/20/w"][4, 1, 2] = np.nan
    refused(stored(path, content), r"checkpoint/20/w: members \[4\]")


@pytest.mark.parametrize("kept", [0, 1])
def test_too_few_checkpoints(path, kept):
    content = {"checkpoint/7": np.ones((9, 3))} if kept else {"learning_rate": np.ones(())}
    refused(stored(path, content), f"{kept} checkpoints")


def test_files_that_are_no_files(tmp_path):
    refused(tmp_path / "e.npz", "no such file")
    refused(tmp_path / "e.pt", "must end in .npz or .safetensors")
    (tmp_path / "folder.npz").mkdir()
    refused(tmp_path / "folder.npz", "no such file")


@pytest.mark.parametrize("damage", ["cut", "noise", "text", "nothing", "header"])
def test_damaged_files(path, damage):
    whole = stored(path, arrays()).read_bytes()
    changed = {
        "cut": whole[: len(whole) // 2], "noise": np.random.default_rng(0).bytes(2000), "text": b"step,loss\n1,2\n",
        "nothing": b"", "header": whole[:8] + b"\xff" * 60 + whole[68:],
    }[damage]  # fmt: skip
    path.write_bytes(changed)
    refused(path, "corrupt")


def test_flipped_bits_in_the_data_of_an_archive_are_noticed(tmp_path):
    path = stored(tmp_path / "e.npz", arrays())
    with zipfile.ZipFile(path) as archive:
        next_entry = archive.getinfo("checkpoint/5/b.npy").header_offset
    whole = bytearray(path.read_bytes())
    whole[next_entry - 20] ^= 0xFF
    path.write_bytes(bytes(whole))
    refused(path, "corrupt: Bad CRC-32")


def test_pickles_are_never_loaded(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (exec, ("raise SystemExit('executed')",))

    content = arrays() | {"energy": np.array([Bomb()], dtype=object)}
    np.savez(tmp_path / "e.npz", **content)
    refused(tmp_path / "e.npz", "pickled objects, which are never loaded")
    with zipfile.ZipFile(tmp_path / "raw.npz", "w") as archive:
        archive.writestr("checkpoint/0.npy", pickle.dumps(Bomb()))
    refused(tmp_path / "raw.npz", "corrupt")


def test_headers_that_promise_too_much_are_refused_unread(tmp_path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (64, 2**40)}
    with zipfile.ZipFile(tmp_path / "e.npz", "w") as archive:
        for step in (0, 1):
            with archive.open(f"checkpoint/{step}.npy", "w") as file:
                np.lib.format.write_array_header_2_0(file, header)
    refused(tmp_path / "e.npz", "more than the limit of 1 GiB")


def test_the_limit_counts_further_arrays_too(path):
    refused(stored(path, arrays(mobility=np.ones(10**6))), "more than the limit of", limit=10**6)


@pytest.mark.parametrize(
    ("content", "pattern"),
    [
        ({}, "0 checkpoints"),
        ({0: np.ones((8, 2))}, "1 checkpoints"),
        ({-1: np.ones((8, 2)), 0: np.ones((8, 2))}, "checkpoint -1"),
        ({0.5: np.ones((8, 2)), 0: np.ones((8, 2))}, "checkpoint 0.5"),
        ({0: np.ones((8, 2)), 1: np.ones((8, 3))}, "checkpoint 1 has the shapes"),
        ({0: np.ones((8, 2), bool), 1: np.ones((8, 2), bool)}, "dtype bool"),
        ({0: np.ones(()), 1: np.ones(())}, "must be"),
    ],
)
def test_refusals_in_memory(content, pattern):
    with pytest.raises(CheckpointError, match=pattern):
        in_memory(content)


def test_shapes_of_a_file_without_its_data(path):
    found = array_files.shapes(stored(path, arrays()))
    assert found["checkpoint/5/w"] == ((9, 2, 3), np.dtype("float64"))
