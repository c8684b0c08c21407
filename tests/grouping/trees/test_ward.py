"""Ward's tree in rounds, against scipy's from all distances; and data of which rounds make little."""

import threading

import numpy as np
import pytest
from scipy.cluster.hierarchy import is_valid_linkage, linkage
from scipy.spatial.distance import pdist
from some_trees import blobs, same_partition

from imgcluster.errors import Cancelled
from imgcluster.grouping.trees import ward as module
from imgcluster.grouping.trees.merges import undo_merges
from imgcluster.grouping.trees.ward import ward_merges


@pytest.fixture(autouse=True)
def few_rows_are_enough(monkeypatch):
    monkeypatch.setattr(module, "_FEW", 8)
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", 4000)  # several blocks in a round


def rounds(rows):
    """Merge rows in rounds, and say whether that was possible."""
    found = module._merge_in_rounds(rows, None)
    return found is not None and len(found[1]) == len(rows) - 1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [9, 50, 700])
def test_the_tree_is_scipys(n, seed):
    rows = blobs(n, 6, [1, 2, 20][seed % 3], seed=seed)
    assert rounds(rows)
    found = ward_merges(rows)
    np.testing.assert_allclose(found, linkage(pdist(rows), "ward"), rtol=1e-9)
    assert is_valid_linkage(found)


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-9])
def test_rows_that_lie_close_together_far_from_the_others(width):
    """The distances are far below what is lost when squares of lengths are subtracted."""
    generator = np.random.default_rng(1)
    rows = np.repeat(generator.normal(size=(6, 3)), 40, axis=0) + width * generator.normal(size=(240, 3))
    assert rounds(rows)
    found, expected = ward_merges(rows), linkage(pdist(rows), "ward")
    np.testing.assert_allclose(found[:, 2], expected[:, 2], rtol=1e-5)
    for k in (6, 12, 60, 150):
        assert same_partition(undo_merges(found, k), undo_merges(expected, k))


def test_identical_rows_merge_first_and_at_nothing():
    generator = np.random.default_rng(2)
    rows = generator.permutation(np.repeat(generator.normal(size=(60, 3)), generator.integers(1, 9, 60), axis=0)) + 0.1
    assert rounds(rows)
    found, expected = ward_merges(rows), linkage(pdist(rows), "ward")
    n_twins = len(rows) - 60
    assert (found[:n_twins, 2] == 0).all()
    assert found[n_twins, 2] > 0
    np.testing.assert_allclose(found[n_twins:, 2], expected[n_twins:, 2], rtol=1e-9)
    for k in range(1, 61):
        assert same_partition(undo_merges(found, k), undo_merges(expected, k))
    same = ward_merges(np.full((30, 4), 0.1))
    assert is_valid_linkage(same)
    assert (same[:, 2] == 0).all()


@pytest.mark.parametrize(
    "rows",
    [np.eye(200), np.arange(200.0)[:, None] ** 3, 2.0 ** np.arange(150)[:, None]],
    ids=["all equally far", "ever wider gaps", "doubling gaps"],
)
def test_what_few_pairs_can_be_merged_of_at_once_is_left_to_fastcluster(rows):
    assert not rounds(rows)
    found = ward_merges(rows)
    assert is_valid_linkage(found)
    np.testing.assert_allclose(found[:, 2], linkage(pdist(rows), "ward")[:, 2], rtol=1e-7)


def test_a_grid_has_the_right_heights():
    rows = np.random.default_rng(0).integers(0, 30, size=(300, 2)).astype(float)
    found = ward_merges(rows)
    assert is_valid_linkage(found)
    # Which of equally near pairs is merged first decides what comes later, but not by much.
    np.testing.assert_allclose(found[:, 2].sum(), linkage(pdist(rows), "ward")[:, 2].sum(), rtol=0.02)


def test_the_same_every_time_and_stopped_on_request():
    rows = blobs(400)
    assert ward_merges(rows).tobytes() == ward_merges(rows).tobytes()
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        ward_merges(rows, cancel=stop)
