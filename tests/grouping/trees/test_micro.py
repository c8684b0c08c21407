"""Micro-clusters, and trees of things that have a weight, against scipy on the images themselves."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, is_valid_linkage, linkage
from scipy.spatial.distance import cdist, pdist, squareform
from sklearn.metrics import adjusted_rand_score
from some_trees import blobs, same_partition

from imgcluster.errors import Cancelled
from imgcluster.grouping.trees import micro as module
from imgcluster.grouping.trees.hierarchy import cut_by_number, fit_tree
from imgcluster.grouping.trees.micro import MicroClusters, micro_clusters, micro_distances
from imgcluster.grouping.trees.weighted import weighted_linkage

KINDS = ["ward", "complete", "average", "single"]


def brute_linkage(rows, heaps, kind):
    """Merge heaps by looking at all pairs of their images each time; return heights, and the cut into each number."""
    parts = [np.flatnonzero(heaps == heap) for heap in range(heaps.max() + 1)]
    between = cdist(rows, rows)

    def apart(one, two):
        if kind == "ward":
            gap = rows[one].mean(axis=0) - rows[two].mean(axis=0)
            return np.sqrt(2 * len(one) * len(two) / (len(one) + len(two)) * (gap**2).sum())
        return {"complete": np.max, "average": np.mean, "single": np.min}[kind](between[np.ix_(one, two)])

    heights, cuts = [], {}
    while True:
        labels = np.empty(len(rows), dtype=int)
        for number, part in enumerate(parts):
            labels[part] = number
        cuts[len(parts)] = labels
        if len(parts) == 1:
            return np.array(heights), cuts
        pairs = [(apart(parts[i], parts[j]), i, j) for j in range(len(parts)) for i in range(j)]
        height, i, j = min(pairs)
        heights.append(height)
        parts[i] = np.concatenate([parts[i], parts.pop(j)])


def random_heaps(rows, n_heaps, seed):
    heaps = np.concatenate([np.arange(n_heaps), np.random.default_rng(seed).integers(0, n_heaps, len(rows) - n_heaps)])
    return MicroClusters(
        np.array([rows[heaps == heap].mean(axis=0) for heap in range(n_heaps)]),
        heaps.astype(np.int32),
        np.bincount(heaps),
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.sampled_from(KINDS), st.integers(0, 10**6))
def test_things_of_weight_one_merge_as_in_scipy(n, kind, seed):
    rows = np.random.default_rng(seed).normal(size=(n, 3))
    found = weighted_linkage(cdist(rows, rows), np.ones(n), kind)
    if n == 1:
        assert found.shape == (0, 4)
        return
    expected = linkage(pdist(rows), kind)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert is_valid_linkage(found)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_distances_come_to_an_end(kind):
    rows = np.array([(x, y) for x in range(6) for y in range(6)], dtype=float)
    found = weighted_linkage(cdist(rows, rows), np.ones(36), kind)
    assert is_valid_linkage(found)
    assert (np.diff(found[:, 2]) >= 0).all()
    same = weighted_linkage(np.zeros((9, 9)), np.ones(9), kind)
    assert is_valid_linkage(same)
    assert (same[:, 2] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_any_heaps_merge_as_their_images_would(kind, seed, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", 300)  # several blocks, and heaps that lie in two of them
    rows = blobs(60, seed=seed) + 100
    heaps = random_heaps(rows, 14, seed)
    found = weighted_linkage(micro_distances(rows, heaps, kind), heaps.sizes, kind)
    heights, cuts = brute_linkage(rows, heaps.labels, kind)
    np.testing.assert_allclose(found[:, 2], np.maximum.accumulate(heights), rtol=1e-7)
    for k, expected in cuts.items():
        assert same_partition(fcluster(found, k, "maxclust")[heaps.labels], expected)


@pytest.mark.parametrize(
    ("kind", "metric"), [*((kind, "euclidean") for kind in KINDS), *((kind, "cosine") for kind in KINDS[1:])]
)
def test_piles_of_identical_images_merge_exactly(kind, metric):
    generator = np.random.default_rng(5)
    rows = generator.permutation(np.repeat(generator.normal(size=(30, 3)), generator.integers(1, 9, 30), axis=0))
    exact, heaped = (fit_tree(rows, linkage=kind, metric=metric, max_exact=most) for most in (None, 1))
    assert (heaped.n_leaves, heaped.exact) == (30, True)
    assert (
        heaped.notes[-1] == f"Of {len(rows)} pictures only 30 are different; identical ones share a leaf of the tree."
    )
    np.testing.assert_allclose(heaped.linkage[:, 2], exact.linkage[-29:, 2], rtol=1e-7)
    for k in range(1, 31):
        np.testing.assert_array_equal(cut_by_number(heaped, k), cut_by_number(exact, k))
    assert heaped.cophenetic == pytest.approx(exact.cophenetic)


@pytest.mark.parametrize("measure", ["euclidean", "sqeuclidean"])
@pytest.mark.parametrize("kind", ["complete", "average", "single"])
def test_distances_of_heaps_are_those_of_their_images(kind, measure):
    rows = blobs(50)
    heaps = random_heaps(rows, 9, 0)
    reduce = {"complete": np.max, "average": np.mean, "single": np.min}[kind]
    between = squareform(pdist(rows, measure))
    expected = [[reduce(between[np.ix_(heaps.labels == i, heaps.labels == j)]) for j in range(9)] for i in range(9)]
    np.fill_diagonal(expected := np.array(expected), 0)
    np.testing.assert_allclose(micro_distances(rows, heaps, kind, measure), expected, rtol=1e-9)


def test_heaps_are_small_and_described_rightly():
    rows = blobs(1500, 12, 5)
    heaps = micro_clusters(rows.astype(np.float32), n_micro=150)
    assert (heaps.labels.dtype, heaps.sizes.sum(), heaps.centers.shape) == (np.int32, 1500, (150, 5))
    np.testing.assert_array_equal(np.bincount(heaps.labels), heaps.sizes)
    expected = [rows[heaps.labels == heap].mean(axis=0) for heap in range(150)]
    np.testing.assert_allclose(heaps.centers, expected, atol=1e-6)
    within = ((rows - heaps.centers[heaps.labels]) ** 2).sum()
    assert within < 0.3 * ((rows - rows.mean(axis=0)) ** 2).sum()
    again = micro_clusters(rows.astype(np.float32), n_micro=150)
    assert heaps.centers.tobytes() == again.centers.tobytes()
    assert (micro_clusters(rows, n_micro=150, random_state=1).labels != heaps.labels).any()


@pytest.mark.parametrize("n", [1, 2, 3, 40])
def test_as_many_heaps_as_different_rows(n):
    distinct = blobs(n)
    heaps = micro_clusters(np.tile(distinct, (3, 1)), n_micro=40)
    assert len(heaps.centers) == n
    assert heaps.sizes.tolist() == [3] * n
    np.testing.assert_array_equal(heaps.centers[heaps.labels], np.tile(distinct, (3, 1)))


def test_a_far_image_has_a_heap_of_its_own():
    rows = np.concatenate([blobs(800), [[1e4, 0, 0, 0]]])
    heaps = micro_clusters(rows, n_micro=20)
    assert heaps.sizes[heaps.labels[-1]] == 1


@pytest.mark.parametrize("kind", ["ward", "average", "complete"])
def test_a_cut_of_bundles_is_nearly_that_of_the_images(kind):
    rows = blobs(2600, 12, 20, spread=2)
    exact, bundled = (cut_by_number(fit_tree(rows, linkage=kind, max_exact=most), 12) for most in (None, 100))
    assert adjusted_rand_score(exact, bundled) >= 0.95


def test_a_few_heaps_are_enough_for_wards_blobs():
    rows = blobs(1500, 8, 10)
    heaps = micro_clusters(rows, n_micro=100)
    found = weighted_linkage(micro_distances(rows, heaps, "ward"), heaps.sizes, "ward")
    labels = fcluster(found, 8, "maxclust")[heaps.labels]
    assert adjusted_rand_score(fcluster(linkage(pdist(rows), "ward"), 8, "maxclust"), labels) >= 0.95


def test_distances_stop_on_request():
    stop = threading.Event()
    stop.set()
    rows = blobs(20)
    with pytest.raises(Cancelled):
        micro_distances(rows, random_heaps(rows, 4, 0), "average", cancel=stop)
