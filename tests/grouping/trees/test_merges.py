"""Reading a linkage matrix: leaf order and cophenetic distances against explicit walks and scipy, for every shape."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import squareform
from some_trees import chain, leaves_below, tree_of

from imgcluster.grouping.trees.merges import cophenetic_distances, leaf_spans, undo_merges

KINDS = ["ward", "complete", "average", "single"]


def random_merges(n_leaves, kind, seed, *, ties=False):
    rows = np.random.default_rng(seed).normal(size=(n_leaves, 2))
    return linkage(np.round(rows) if ties else rows, kind)


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 40), st.sampled_from(KINDS), st.integers(0, 10**6), st.booleans())
def test_every_node_is_an_interval_of_the_order(n, kind, seed, ties):
    tree = tree_of(random_merges(n, kind, seed, ties=ties))
    spans = leaf_spans(tree.linkage)
    assert sorted(spans.order.tolist()) == list(range(n))
    for node, leaves in enumerate(leaves_below(tree)):
        assert set(spans.order[spans.where(node)].tolist()) == leaves
        assert spans.count[node] == len(leaves)
    left, right = tree.linkage[:, :2].astype(int).T
    np.testing.assert_array_equal(spans.first[left] + spans.count[left], spans.first[right])


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 40), st.sampled_from(KINDS), st.integers(0, 10**6), st.booleans())
def test_cophenetic_distances_are_scipys(n, kind, seed, ties):
    merges = random_merges(n, kind, seed, ties=ties)
    np.testing.assert_array_equal(cophenetic_distances(merges, np.arange(n)), cophenet(merges))
    some = np.random.default_rng(seed).integers(0, n, 12)  # in any order, and some of them twice
    np.testing.assert_array_equal(
        squareform(cophenetic_distances(merges, some)), squareform(cophenet(merges))[some][:, some]
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.sampled_from(KINDS), st.integers(0, 10**6), st.booleans())
def test_undoing_merges_leaves_the_clusters_of_an_explicit_walk(n, kind, seed, ties):
    tree = tree_of(random_merges(n, kind, seed, ties=ties) if n > 1 else np.empty((0, 4)))
    below = leaves_below(tree)
    for k in range(1, n + 1):
        alive = set(range(2 * n - k)) - set(tree.linkage[: n - k, :2].ravel().astype(int).tolist())
        expected = {frozenset(below[node]) for node in alive}
        labels = undo_merges(tree.linkage, k)
        assert {frozenset(np.flatnonzero(labels == c).tolist()) for c in range(k)} == expected


@pytest.mark.parametrize("leaves", [[0], [0, 0], [0, 0, 0]])
def test_one_leaf(leaves):
    merges = np.empty((0, 4))
    assert [part.tolist() for part in leaf_spans(merges)] == [[0], [0], [1]]
    assert undo_merges(merges, 1).tolist() == [0]
    assert cophenetic_distances(merges, np.array(leaves)).tolist() == [0] * (len(leaves) * (len(leaves) - 1) // 2)


def test_a_chain_as_deep_as_it_has_leaves():
    tree = chain(30_000)
    np.testing.assert_array_equal(leaf_spans(tree.linkage).order, np.arange(30_000))
    assert sorted(np.bincount(undo_merges(tree.linkage, 3)).tolist()) == [1, 1, 29_998]
    met = cophenetic_distances(tree.linkage, np.array([0, 7, 29_999, 12_000]))
    np.testing.assert_array_equal(met, [7, 29_999, 12_000, 29_999, 12_000, 29_999])
