"""Rows block by block, against all at once."""

from pathlib import Path

import numpy as np
import pytest

from imgcluster.features import blocks
from imgcluster.features.blocks import block_rows, first_twins, release_pages, row_blocks, smallest_value


@pytest.mark.parametrize(("n_features", "n_rows"), [(1, 4096), (4096, 4096), (8192, 2048), (40_000, 419), (10**9, 1)])
def test_wide_rows_make_small_blocks(n_features, n_rows):
    assert block_rows(n_features) == n_rows


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32)


@pytest.mark.parametrize("most", [1, 7, 50, 4096])
@pytest.mark.parametrize("index", [None, np.array([3, 4, 9, 2, 2, 49, 0, 17])])
def test_blocks_are_the_rows_in_order(monkeypatch, rows, most, index):
    monkeypatch.setattr(blocks, "_MOST_ROWS", most)
    expected = rows if index is None else rows[index]
    found = list(row_blocks(rows, index))
    np.testing.assert_array_equal(np.concatenate([block for _, block in found]), expected)
    for place, block in found:
        assert len(block) <= most
        np.testing.assert_array_equal(block, expected[place])


@pytest.mark.parametrize("most", [1, 7, 4096])
def test_the_first_of_equal_rows_and_the_smallest_value(monkeypatch, rows, most):
    monkeypatch.setattr(blocks, "_MOST_ROWS", most)
    rows[[9, 30, 31]] = rows[4]
    rows[49] = rows[48]
    expected = [next(j for j in range(50) if np.array_equal(rows[j], row)) for row in rows]
    assert first_twins(rows).tolist() == expected
    assert smallest_value(rows) == rows.min()


def test_zeros_of_both_signs_are_no_twins():
    assert first_twins(np.array([[0.0], [-0.0]], dtype=np.float32)).tolist() == [0, 1]


def mapped(path, vectors, mode):
    vectors.tofile(path)
    return np.memmap(path, dtype=vectors.dtype, mode=mode, shape=vectors.shape)


@pytest.mark.parametrize("view", [lambda array: array, np.asarray, lambda array: np.asarray(array)[10:20, ::2]])
def test_what_was_let_go_is_read_again(tmp_path, rows, view):
    array = view(mapped(tmp_path / "rows", rows, "r"))
    release_pages(array)
    np.testing.assert_array_equal(array, view(rows))


@pytest.mark.parametrize("mode", ["c", "r+"])
def test_changes_in_memory_are_never_let_go(tmp_path, rows, mode):
    array = mapped(tmp_path / "rows", rows, mode)
    array[3] = 7
    array.setflags(write=False)
    release_pages(np.asarray(array))
    assert (array[3] == 7).all()


def test_plain_arrays_are_left_alone(rows):
    before = rows.copy()
    for array in (rows, rows[2:], np.frombuffer(rows.tobytes(), dtype=np.float32)):
        release_pages(array)
    np.testing.assert_array_equal(rows, before)


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="needs the sizes of all mappings")
def test_going_through_a_file_does_not_fill_the_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(blocks, "_MOST_ROWS", 200)
    array = mapped(tmp_path / "rows", np.ones((4000, 4000), dtype=np.float32), "r")

    def in_memory():
        after = Path("/proc/self/smaps").read_text().split(str(tmp_path / "rows"))[1]
        return int(after.split("Rss:")[1].split()[0]) * 1024

    most = 0
    for _, block in row_blocks(array):
        assert block.sum() == block.size
        most = max(most, in_memory())
    assert 0 < most < array.nbytes / 4
    assert in_memory() == 0
