"""Vectors to bytes and back, and many of them in memory or in a file."""

from pathlib import Path

import numpy as np
import pytest

from imgcluster.features import blobs, blocks
from imgcluster.features.blobs import from_blob, stack_blobs, to_blob


@pytest.mark.parametrize(
    ("values", "bytes_each"),
    [
        ([0, 1, 254, 255], 1),
        ([0], 1),
        ([0, 256], 4),
        ([-1, 5], 4),
        ([0.5, 3], 4),
        ([7.0000005, 3], 4),
        ([-0.0, 3], 4),
        ([1e30, -1e30], 4),
        ([1e-40, 1], 4),
        ([], 4),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_vector_comes_back_to_the_last_bit(values, bytes_each, dtype):
    vector = np.array(values, dtype=dtype)
    blob = to_blob(vector)
    assert len(blob) == bytes_each * len(values)
    assert from_blob(blob, len(values)).astype(np.float32).tobytes() == vector.astype(np.float32).tobytes()


def test_whole_numbers_of_any_type_take_a_byte_each():
    assert to_blob(np.arange(256)) == bytes(range(256))


@pytest.mark.parametrize("vector", [[1.0, np.nan], [np.inf, 1.0], [[1.0, 2.0]]])
def test_what_is_no_vector_is_refused(vector):
    with pytest.raises(ValueError, match="finite"):
        to_blob(np.array(vector))


def some_vectors(n=23, d=11):
    vectors = np.random.default_rng(0).normal(100, 50, size=(n, d)).astype(np.float32)
    vectors[::2] = np.clip(np.rint(vectors[::2]), 1, 255)
    return vectors


@pytest.mark.parametrize("rows_a_block", [1, 5, 23, 100])
def test_a_large_array_is_kept_in_a_file_without_a_name(monkeypatch, tmp_path, rows_a_block):
    vectors = some_vectors()
    plain = stack_blobs(map(to_blob, vectors), vectors.shape, directory=tmp_path)
    assert not isinstance(plain, np.memmap)
    monkeypatch.setattr(blobs, "_MOST_IN_MEMORY", vectors.nbytes - 1)
    monkeypatch.setattr(blocks, "_MOST_ROWS", rows_a_block)
    mapped = stack_blobs(map(to_blob, vectors), vectors.shape, directory=tmp_path)
    assert isinstance(mapped, np.memmap) and mapped.dtype == np.float32 and not mapped.flags.writeable
    assert list(tmp_path.iterdir()) == []
    np.testing.assert_array_equal(plain, vectors)
    np.testing.assert_array_equal(mapped, vectors)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs the list of open files")
def test_the_file_goes_with_the_array(monkeypatch, tmp_path):
    monkeypatch.setattr(blobs, "_MOST_IN_MEMORY", 0)

    def is_held():
        return str(tmp_path) in Path("/proc/self/maps").read_text()

    vectors = some_vectors()
    mapped = stack_blobs(map(to_blob, vectors), vectors.shape, directory=tmp_path)
    assert is_held()
    del mapped
    assert not is_held()
