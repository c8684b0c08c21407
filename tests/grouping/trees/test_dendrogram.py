"""The drawn top of a tree: every line where it belongs, none crossing another, and odd sizes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from some_trees import blobs, chain, tree_of

from imgcluster.errors import ParameterError
from imgcluster.grouping.trees.dendrogram import Dendrogram, bundle_of_image, dendrogram, labels_of_drawn
from imgcluster.grouping.trees.hierarchy import branches, cut_by_number, fit_tree, images_below, split_branch

ARRAYS = Dendrogram.__slots__


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.sampled_from(["ward", "average", "single"]), st.integers(1, 70), st.integers(0, 10**6))
def test_every_line_is_where_it_belongs(n, kind, max_bundles, seed):
    tree = fit_tree(np.random.default_rng(seed).normal(size=(n, 2)), linkage=kind)
    drawn = dendrogram(tree, max_bundles=max_bundles)
    m = min(n, max_bundles)
    assert sorted(drawn.node.tolist()) == sorted(branches(tree, cut_by_number(tree, m)))
    np.testing.assert_array_equal(drawn.x, np.arange(m))
    assert drawn.n_images.tolist() == [len(images_below(tree, node)) for node in drawn.node]
    own = np.concatenate([np.zeros(n), tree.linkage[:, 2]])
    np.testing.assert_array_equal(drawn.height, own[drawn.node])

    assert drawn.link_x.shape == drawn.link_bottom.shape == (m - 1, 2)
    assert drawn.link_node.tolist() == list(range(2 * n - m, 2 * n - 1))
    np.testing.assert_array_equal(drawn.link_top, own[drawn.link_node])
    assert (np.diff(drawn.link_top) >= 0).all()
    place = dict(zip(drawn.node.tolist(), drawn.x.tolist(), strict=True))
    for i, node in enumerate(drawn.link_node.tolist()):
        below = {place[each]: each for each in tree.linkage[node - n, :2].astype(int).tolist()}
        assert sorted(below) == drawn.link_x[i].tolist()
        left, right = below[drawn.link_x[i, 0]], below[drawn.link_x[i, 1]]
        assert drawn.link_bottom[i].tolist() == [own[left], own[right]]
        assert len(images_below(tree, left)) >= len(images_below(tree, right))
        place[node] = drawn.link_x[i].mean()


@pytest.mark.parametrize("kind", ["ward", "single"])
def test_no_two_lines_cross(kind):
    drawn = dendrogram(fit_tree(blobs(400), linkage=kind))
    for (left, right), top in zip(drawn.link_x, drawn.link_top, strict=True):
        for legs, bottoms, other in zip(drawn.link_x, drawn.link_bottom, drawn.link_top, strict=True):
            for x, bottom in zip(legs, bottoms, strict=True):
                assert not (left < x < right and bottom < top < other)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_small_trees(n):
    tree = fit_tree(np.arange(n, dtype=float)[:, None] ** 2)
    drawn = dendrogram(tree)
    assert drawn.height.tolist() == [0] * n
    assert drawn.n_images.tolist() == [1] * n
    assert drawn.link_x.tolist() == [[], [[0, 1]], [[0, 1], [0.5, 2]]][n - 1]
    assert drawn.node.tolist() == list(range(n))
    np.testing.assert_array_equal(bundle_of_image(tree, drawn), np.arange(n))
    one = dendrogram(tree, max_bundles=1)
    assert (one.node.tolist(), one.n_images.tolist(), len(one.link_node)) == ([2 * n - 2], [n], 0)
    assert labels_of_drawn(tree, one, np.zeros(n, dtype=int))[0].tolist() == [0]


def test_each_image_lies_in_its_bundle():
    rows = np.repeat(blobs(120), 2, axis=0)
    for max_exact in (None, 10):
        tree = fit_tree(rows, max_exact=max_exact)
        drawn = dendrogram(tree, max_bundles=20)
        which = bundle_of_image(tree, drawn)
        for bundle, node in enumerate(drawn.node):
            np.testing.assert_array_equal(np.flatnonzero(which == bundle), images_below(tree, node))


def test_bundles_and_links_have_the_label_that_all_their_images_share():
    tree = fit_tree(blobs(90))
    drawn = dendrogram(tree, max_bundles=12)
    labels = cut_by_number(tree, 5)
    for _ in range(15):  # further than the bundles go
        for nodes, found in zip((drawn.node, drawn.link_node), labels_of_drawn(tree, drawn, labels), strict=True):
            below = [np.unique(labels[images_below(tree, node)]) for node in nodes]
            assert found.tolist() == [each[0] if len(each) == 1 else -1 for each in below]
        labels = split_branch(tree, labels, np.bincount(labels).argmax())


def test_leaves_of_many_images_count_them():
    tree = tree_of([[0, 1, 1, 2], [2, 3, 4, 3]], leaf_of=[2, 0, 2, 1, 2, 2])
    drawn = dendrogram(tree)
    assert drawn.node.tolist() == [2, 0, 1]  # four images against two: the heavier side is on the left
    assert drawn.n_images.tolist() == [4, 1, 1]
    assert drawn.link_x.tolist() == [[1, 2], [0, 1.5]]


def test_the_deepest_of_trees():
    drawn = dendrogram(chain(30_000))
    assert drawn.n_images.tolist() == [30_000 - 39] + [1] * 39
    assert drawn.height[0] == 30_000 - 40


def test_the_same_every_time_and_not_to_be_changed():
    one, two = (dendrogram(fit_tree(blobs(300))) for _ in range(2))
    for name in ARRAYS:
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
        assert not getattr(one, name).flags.writeable


def test_no_bundles_are_refused():
    with pytest.raises(ParameterError, match="max_bundles=0"):
        dendrogram(chain(3), max_bundles=0)
