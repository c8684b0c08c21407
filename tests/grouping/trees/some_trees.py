"""Rows, and trees of them, that several test files use."""

import numpy as np

from imgcluster.grouping.trees.tree import Tree


def blobs(n, k=5, d=4, *, spread=3.0, seed=0):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, k, n)
    return generator.normal(size=(k, d))[truth] * spread + generator.normal(size=(n, d))


def tree_of(linkage, *, leaf_of=None):
    """Wrap a linkage matrix; each leaf is one image, or holds those that ``leaf_of`` gives it."""
    n_leaves = len(linkage) + 1
    leaf_of = np.arange(n_leaves) if leaf_of is None else np.asarray(leaf_of)
    return Tree(
        linkage=np.asarray(linkage, dtype=np.float64).reshape(-1, 4),
        leaf_of=leaf_of.astype(np.int32),
        sizes=np.bincount(leaf_of, minlength=n_leaves),
        kind="ward",
        metric="euclidean",
        cophenetic=float("nan"),
        exact=True,
    )


def chain(n_leaves):
    """Return the deepest of trees: each merge adds one leaf to the one before."""
    steps = np.arange(n_leaves - 1)
    first = np.concatenate([[0], n_leaves + steps[:-1]])
    return tree_of(np.column_stack([first, steps + 1, steps + 1.0, steps + 2]))


def leaves_below(tree):
    """Return the leaves of every node, one by one from the bottom up."""
    below = [{leaf} for leaf in range(tree.n_leaves)]
    for left, right in tree.linkage[:, :2].astype(int).tolist():
        below.append(below[left] | below[right])
    return below


def same_partition(one, two):
    """Say whether two label arrays divide the images alike, whatever the numbers."""
    pairs = set(zip(np.asarray(one).tolist(), np.asarray(two).tolist(), strict=True))
    return len(pairs) == len(set(one.tolist())) == len(set(two.tolist()))
