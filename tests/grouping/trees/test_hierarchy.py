"""The tree: against scipy and scikit-learn, cuts against fcluster, and odd inputs."""

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, fcluster, is_valid_linkage, linkage
from scipy.spatial.distance import pdist
from sklearn.cluster import AgglomerativeClustering
from some_trees import blobs, same_partition, tree_of

from imgcluster.errors import Cancelled, ParameterError
from imgcluster.grouping.clustering import match_labels
from imgcluster.grouping.trees import hierarchy
from imgcluster.grouping.trees.hierarchy import (
    branches,
    cut_by_height,
    cut_by_number,
    cut_series,
    fit_tree,
    heights_for_number,
    images_below,
    number_at_height,
    path_between,
    split_branch,
)

KINDS = ["ward", "complete", "average", "single"]
WAYS = [(kind, metric) for kind in KINDS for metric in ("euclidean", "cosine") if (kind, metric) != ("ward", "cosine")]


@pytest.mark.parametrize(("kind", "metric"), WAYS)
@pytest.mark.parametrize("n", [2, 3, 60, 300])
def test_an_exact_tree_is_scipys(kind, metric, n):
    rows = blobs(n, seed=n)
    tree = fit_tree(rows.astype(np.float32), linkage=kind, metric=metric)
    rows = rows.astype(np.float32).astype(np.float64)
    distances = pdist(rows, metric)
    expected = linkage(distances, kind)
    np.testing.assert_allclose(tree.linkage[:, 2], expected[:, 2], rtol=1e-6)
    np.testing.assert_array_equal(tree.linkage[:, [0, 1, 3]], expected[:, [0, 1, 3]])
    assert is_valid_linkage(tree.linkage)
    assert (tree.kind, tree.metric, tree.exact, tree.n_leaves, tree.n_images) == (kind, metric, True, n, n)
    if n > 2:
        np.testing.assert_allclose(tree.cophenetic, cophenet(expected, distances)[0], atol=1e-9)
    assert tree.notes == ()
    assert not tree.linkage.flags.writeable


@pytest.mark.parametrize(("kind", "metric"), WAYS)
def test_a_cut_is_scikit_learns_clustering(kind, metric):
    rows = blobs(250, 7)
    expected = AgglomerativeClustering(7, metric=metric, linkage=kind).fit_predict(rows)
    labels = cut_by_number(fit_tree(rows, linkage=kind, metric=metric), 7)
    assert same_partition(labels, expected)
    assert labels.dtype == np.int32
    assert (np.diff(np.bincount(labels)) <= 0).all()


@settings(deadline=None, max_examples=80)
@given(st.integers(2, 60), st.sampled_from(KINDS), st.integers(0, 10**6))
def test_cuts_are_fclusters(n, kind, seed):
    merges = linkage(np.random.default_rng(seed).normal(size=(n, 2)), kind)
    tree = tree_of(merges)
    for k in range(1, n + 1):
        assert same_partition(cut_by_number(tree, k), fcluster(merges, k, "maxclust"))
    heights = np.concatenate([merges[:, 2], merges[:, 2] * (1 - 1e-9), [0.0, merges[-1, 2] * 2]])
    for height in heights:
        labels = cut_by_height(tree, height)
        assert same_partition(labels, fcluster(merges, height, "distance"))
        assert labels.max() + 1 == number_at_height(tree, height)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 40), st.sampled_from(KINDS), st.integers(0, 10**6))
def test_cuts_where_many_heights_are_the_same(n, kind, seed):
    """fcluster gives fewer clusters than asked for then; we give as many, and divide none of its borders."""
    rows = np.random.default_rng(seed).integers(0, 3, size=(n, 2)).astype(float)
    merges = linkage(pdist(rows), kind)
    tree = tree_of(merges)
    for k in range(1, n + 1):
        labels, coarse = cut_by_number(tree, k), fcluster(merges, k, "maxclust")
        assert labels.max() + 1 == k >= coarse.max()
        assert len(set(zip(labels.tolist(), coarse.tolist(), strict=True))) == k
        low, high = heights_for_number(tree, k)
        assert low <= high
        if low < high:
            assert same_partition(cut_by_height(tree, low), labels)
            assert number_at_height(tree, low) == k
            assert number_at_height(tree, np.nextafter(high, 0)) == k
            assert np.isinf(high) or number_at_height(tree, high) < k
    for height in np.unique(merges[:, 2]):
        assert same_partition(cut_by_height(tree, height), fcluster(merges, height, "distance"))


def test_heights_of_a_tree_with_one_merge():
    tree = tree_of([[0, 1, 2.5, 2]])
    assert heights_for_number(tree, 1) == (2.5, np.inf)
    assert heights_for_number(tree, 2) == (0.0, 2.5)
    assert [number_at_height(tree, height) for height in (0, 2.4, 2.5, np.inf)] == [2, 2, 1, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_series_has_every_cut_with_steady_numbers(kind):
    tree = fit_tree(blobs(150), linkage=kind)
    series = cut_series(tree, 40)
    assert (series.shape, series.dtype) == ((40, 150), np.int16)
    for k in range(1, 41):
        assert same_partition(series[k - 1], cut_by_number(tree, k))
        assert set(series[k - 1].tolist()) == set(range(k))
    for above, row in itertools.pairwise(series):
        changed = np.flatnonzero(above != row)
        # As many images keep their number as the Hungarian method finds at best.
        assert len(changed) == np.count_nonzero(match_labels(row, above) != above)
        cluster = above[changed[0]]
        assert len(changed) <= np.count_nonzero(row == cluster)
        np.testing.assert_array_equal(split_branch(tree, above, cluster), row)


def test_series_repeats_when_every_leaf_is_a_cluster():
    tree = fit_tree(np.repeat(np.eye(3), 4, axis=0), max_exact=1)
    series = cut_series(tree, 6)
    assert tree.n_leaves == 3
    assert [row.max() + 1 for row in series] == [1, 2, 3, 3, 3, 3]


@pytest.mark.parametrize("max_exact", [None, 1])
def test_branches_are_the_nodes_of_a_cut(max_exact):
    rows = np.repeat(blobs(40, seed=3), 3, axis=0) if max_exact else blobs(60)
    tree = fit_tree(rows, linkage="average", max_exact=max_exact)
    for k in (1, 2, 7, tree.n_leaves):
        labels = cut_by_number(tree, k)
        nodes = branches(tree, labels)
        assert len(nodes) == k
        for cluster, node in enumerate(nodes):
            np.testing.assert_array_equal(images_below(tree, node), np.flatnonzero(labels == cluster))
    np.testing.assert_array_equal(images_below(tree, 2 * tree.n_leaves - 2), np.arange(len(rows)))
    assert all(tree.leaf_of[image] == leaf for leaf in range(tree.n_leaves) for image in images_below(tree, leaf))


def test_one_branch_can_be_divided_down_to_its_leaves():
    tree = fit_tree(blobs(30))
    labels = cut_by_number(tree, 3).astype(np.int16)
    for k in range(3, 30):
        nodes = branches(tree, labels)
        cluster = next(number for number in range(k) if nodes[number] >= tree.n_leaves)
        children = tree.linkage[nodes[cluster] - tree.n_leaves, :2].astype(int)
        divided = split_branch(tree, labels, cluster)
        assert divided.dtype == labels.dtype
        kept, new = np.flatnonzero(divided == cluster), np.flatnonzero(divided == k)
        assert (len(kept), -kept[0]) > (len(new), -new[0])
        assert {kept.tobytes(), new.tobytes()} == {images_below(tree, child).tobytes() for child in children}
        others = labels != cluster
        np.testing.assert_array_equal(divided[others], labels[others])
        labels = divided
    with pytest.raises(ParameterError, match=r"^Group 1, of size 1, is a leaf"):
        split_branch(tree, labels, 0)
    with pytest.raises(ParameterError, match=r"^There is no group 31; they go from 1 to 30"):
        split_branch(tree, labels, 30)


def test_the_way_down_to_a_node():
    tree = fit_tree(blobs(25), linkage="single")
    root = 48
    for node in range(root + 1):
        path = path_between(tree, root, node)
        assert (path[0], path[-1]) == (root, node)
        for above, below in itertools.pairwise(path):
            assert below in tree.linkage[above - 25, :2]
    left, right = tree.linkage[-1, :2].astype(int).tolist()
    assert path_between(tree, left, right) == path_between(tree, left, root) == ()
    assert path_between(tree, left, left) == (left,)


@pytest.mark.parametrize(
    "labels",
    [[0, 1, 0, 1], [0, 0, 2, 2], [-1, -1, 0, 0], [0, 0, 1, -1], [0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1], []],
)
def test_what_is_no_cut_is_refused(labels):
    tree = tree_of([[0, 1, 1, 2], [2, 3, 1, 2], [4, 5, 3, 4]])
    with pytest.raises(ParameterError, match="not branches of this tree"):
        branches(tree, np.array(labels, dtype=int))


def test_labels_that_divide_a_leaf_are_refused():
    tree = tree_of([[0, 1, 1, 2]], leaf_of=[0, 0, 1])
    assert branches(tree, np.array([1, 1, 0])) == (1, 0)
    with pytest.raises(ParameterError, match="3 groups of 3 pictures"):
        branches(tree, np.array([0, 1, 2]))


@pytest.mark.parametrize("k", [-1, 0, 6])
@pytest.mark.parametrize("function", [cut_by_number, cut_series, heights_for_number])
def test_impossible_numbers_are_refused(function, k):
    with pytest.raises(ParameterError, match=rf"^{k} groups .* 1 to 5"):
        function(fit_tree(np.eye(5)), k)


@pytest.mark.parametrize("height", [-1e-9, float("nan")])
def test_impossible_heights_are_refused(height):
    with pytest.raises(ParameterError, match="height of the cut"):
        cut_by_height(fit_tree(np.eye(5)), height)


@pytest.mark.parametrize("node", [-1, 9])
def test_nodes_that_are_not_there_are_refused(node):
    for function in (images_below, lambda tree, node: path_between(tree, 8, node)):
        with pytest.raises(ParameterError, match=f"no node {node}; they go from 0 to 8"):
            function(fit_tree(np.eye(5)), node)


@pytest.mark.parametrize(("kind", "metric"), WAYS)
@pytest.mark.parametrize("max_exact", [None, 1])
def test_few_and_identical_rows(kind, metric, max_exact):
    options = {"linkage": kind, "metric": metric, "max_exact": max_exact}
    one = fit_tree(np.ones((1, 3)), **options)
    assert (one.n_leaves, cut_by_number(one, 1).tolist(), cut_series(one, 1).tolist()) == (1, [0], [[0]])
    assert branches(one, np.zeros(1)) == (0,)
    assert np.isnan(one.cophenetic)
    two = fit_tree(np.eye(2), **options)
    assert cut_by_number(two, 2).tolist() == [0, 1]
    piles = fit_tree(np.repeat([[1.0, 0, 0], [0, 9, 0]], [3, 5], axis=0), **options)
    assert cut_by_number(piles, 2).tolist() == [1, 1, 1, 0, 0, 0, 0, 0]
    assert number_at_height(piles, 0.0) == 2
    assert piles.exact
    assert piles.cophenetic == pytest.approx(1)
    same = fit_tree(np.full((6, 3), 0.1), **options)
    assert np.isnan(same.cophenetic)
    assert (same.linkage[:, 2] == 0).all()
    for k in range(1, same.n_leaves + 1):  # identical images are divided where so many clusters are asked for
        assert cut_by_number(same, k).max() + 1 == k
    assert cut_by_height(same, 0.0).tolist() == [0] * 6


def test_rows_of_zeros_have_no_direction():
    tree = fit_tree(np.array([[0, 0], [5, 0], [0, 0], [7, 0.1]]), linkage="average", metric="cosine")
    assert cut_by_number(tree, 2).tolist() == [0, 1, 0, 1]
    np.testing.assert_allclose(tree.linkage[[0, 2], 2], [0, 1])


@pytest.mark.parametrize(
    ("kind", "metric"), [("ward", "euclidean"), ("complete", "euclidean"), ("average", "cosine"), ("single", "cosine")]
)
def test_too_many_images_are_merged_in_bundles_and_this_is_said(kind, metric, monkeypatch):
    monkeypatch.setattr(hierarchy, "_MAX_COPHENETIC", 500)
    rows = blobs(2300, 6, 5, spread=6)
    tree = fit_tree(rows, linkage=kind, metric=metric, max_exact=2299)
    assert (tree.n_leaves, tree.n_images, tree.exact) == (2000, 2300, False)
    assert tree.sizes.tolist() == np.bincount(tree.leaf_of).tolist()
    assert is_valid_linkage(tree.linkage)
    assert tree.notes[-2].startswith("2,300 pictures are too many for an exact tree; it was built on 2,000 bundles")
    assert tree.notes[-1] == "How faithful the tree is was measured on 500 of the 2,300 pictures."
    exact = fit_tree(rows, linkage=kind, metric=metric)
    assert abs(tree.cophenetic - exact.cophenetic) < 0.02


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_a_number_is_refused(bad):
    rows = blobs(9)
    rows[[4, 6], 1] = bad
    with pytest.raises(ParameterError, match=r"of 2 pictures are not numbers \(the first is picture 5\)"):
        fit_tree(rows)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (5,)])
def test_nothing_to_merge_is_refused(shape):
    with pytest.raises(ParameterError, match="shape"):
        fit_tree(np.ones(shape))


@pytest.mark.parametrize("options", [{"linkage": "median"}, {"metric": "manhattan"}])
def test_unknown_kinds_are_refused(options):
    with pytest.raises(ParameterError, match="There is no linkage"):
        fit_tree(np.eye(3), **options)


def test_ward_is_not_for_cosines():
    with pytest.raises(ParameterError, match="'ward' needs Euclidean distances, and the metric is 'cosine'"):
        fit_tree(np.eye(3), metric="cosine")


def test_the_same_every_time_and_stopped_on_request():
    rows = blobs(2100)
    one, two = (fit_tree(rows, linkage="average", max_exact=100, random_state=3) for _ in range(2))
    assert one.linkage.tobytes() == two.linkage.tobytes()
    assert (one.leaf_of.tobytes(), one.cophenetic) == (two.leaf_of.tobytes(), two.cophenetic)
    stop = threading.Event()
    stop.set()
    for max_exact in (None, 100):
        with pytest.raises(Cancelled):
            fit_tree(rows[:300], max_exact=max_exact, cancel=stop)
