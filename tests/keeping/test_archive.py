"""The file that models and projects are kept in: the same before and after, written whole or not at all."""

import os
import threading

import numpy as np
import pytest
from archive_parts import put_together, read, refused, write

from imgcluster.errors import FolderError, ProjectError
from imgcluster.keeping import archive as archive_module
from imgcluster.keeping.archive import MAX_ARRAYS, MAX_MANIFEST_BYTES, write_archive

HEADER = {"name": "Ünï 📷 </script>", "numbers": [1, -2.5, 0.1 + 0.2, 1e300], "nothing": None, "more": {"yes": True}}
TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "?")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p.imgcluster"


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_comes_back_to_the_last_bit(path, kind):
    bits = np.random.default_rng(0).integers(0, 256, 240, dtype=np.uint8)
    flat = bits.view(kind) if kind != "?" else bits > 99
    arrays = {"flat": flat, "empty": flat[:0], "wide": flat[:0].reshape(3, 0), "four": flat[:24].reshape(2, 3, 2, 2)}
    arrays |= {
        "turned": flat[:24].reshape(4, 6).T,
        "skipping": flat[::2],
        "other_order": flat.astype(f">{flat.dtype.str[1:]}"),
    }
    with np.errstate(invalid="ignore"):
        write(path, HEADER, **arrays)
    header, loaded = read(path)
    assert header == HEADER
    assert list(loaded) == list(arrays)
    for name, array in arrays.items():
        assert loaded[name].shape == array.shape and loaded[name].dtype == np.dtype(kind)
        same_order = np.ascontiguousarray(array, dtype=kind)
        assert loaded[name].tobytes() == same_order.tobytes()


def test_an_array_of_several_blocks_and_nothing_at_all(path):
    big = np.random.default_rng(0).normal(size=(3, 200_003))
    write(path, big=big)
    assert np.array_equal(read(path)[1]["big"], big)
    write(path)
    assert read(path) == ({}, {})


def test_the_same_content_is_the_same_bytes(path):
    write(path, HEADER, a=np.arange(9), b=np.zeros((2, 2)))
    first = path.read_bytes()
    path.unlink()
    write(path, HEADER, a=np.arange(9), b=np.zeros((2, 2)))
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    "array",
    [
        np.array([{}], dtype=object),
        *(np.array(["text"]), np.array([b"bytes"]), np.array([1j]), np.array(3.0), np.zeros((1,) * 5)),
        *(np.array([1], dtype="M8[s]"), np.array([1], dtype="u4"), np.zeros(2, dtype=[("a", "f4")])),
    ],
    ids=lambda array: str(array.dtype),
)
def test_other_arrays_are_not_written(path, array):
    with pytest.raises((ValueError, TypeError)):
        write(path, a=array)
    assert not path.exists()


@pytest.mark.parametrize("header", [{"a": float("nan")}, {"a": float("inf")}, {"a": "\ud800"}, {"a": {1, 2}}])
def test_a_header_that_is_no_plain_json_is_not_written(path, header):
    with pytest.raises((ValueError, TypeError)):
        write(path, header)
    assert not path.exists()


def test_too_much_is_refused_before_it_is_written(path, monkeypatch):
    with pytest.raises(ProjectError, match="most that fits"):
        write(path, {"text": "x" * MAX_MANIFEST_BYTES})
    with pytest.raises(ProjectError, match="most that fits"):
        write(path, **{f"a{number}": np.zeros(1) for number in range(MAX_ARRAYS + 1)})
    monkeypatch.setattr(archive_module, "MAX_BYTES", MAX_MANIFEST_BYTES + 2**20)
    with pytest.raises(ProjectError, match="most that fits"):
        write(path, large=np.zeros(2**17))
    assert not path.exists()


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_else(path, monkeypatch):
    write(path, a=np.arange(3))
    before = path.read_bytes()

    def fail(*arguments, **options):
        raise OSError(28, "No space left on device")

    for broken in ("zipfile.ZipFile.writestr", "numpy.lib.format.write_array", "os.fsync", "pathlib.Path.replace"):
        with monkeypatch.context() as patched:
            patched.setattr(broken, fail)
            with pytest.raises(FolderError, match="No space left"):
                write(path, a=np.arange(4))
        assert path.read_bytes() == before and os.listdir(path.parent) == [path.name]  # noqa: PTH208
    with pytest.raises(FolderError):
        write(path.parent / "missing" / "p.imgcluster")


def test_a_file_that_is_not_there_or_no_file(tmp_path):
    assert "missing.imgcluster" in refused(tmp_path / "missing.imgcluster", "cannot be read")
    refused(tmp_path, "no ordinary file")
    refused(tmp_path / "a\0b", "cannot be read")
    (tmp_path / "empty").touch()
    refused(tmp_path / "empty", "its end is missing")
    (tmp_path / "text").write_text("no ZIP file at all\n" * 50, encoding="utf-8")
    refused(tmp_path / "text", "its end is missing")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_nobody_waits_for_a_pipe(path):
    os.mkfifo(path)
    said: list[str] = []
    waiting = threading.Thread(target=lambda: said.append(refused(path, "no ordinary file")), daemon=True)
    waiting.start()
    waiting.join(10)
    assert len(said) == 1


def test_other_versions_and_other_kinds_are_said_to_be_such(path):
    write_archive(path, kind="model", version=2, header={}, arrays={})
    assert "newer version (format 2, this program reads 1)" in refused(path, "newer")
    assert read(path, version=2) == ({}, {})
    write_archive(path, kind="model", version=0, header={}, arrays={})
    refused(path, r"older version \(format 0")
    write_archive(path, kind="project", version=1, header={}, arrays={})
    refused(path, "holds a project, and a model is needed")


def test_a_newer_file_may_be_made_otherwise(path):
    """Its version is said, and not that it were damaged."""
    put_together(path, {"program": "imgcluster", "kind": "model", "format": 3, "rest": 1}, {"new/member": b"x"})
    refused(path, "format 3")
