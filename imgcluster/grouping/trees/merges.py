"""What can be read off the merges of a tree, whoever made them: cuts, intervals, cophenetic distances.

Merges are kept as `scipy.cluster.hierarchy.linkage` returns them: row i joins two nodes into node ``n_leaves + i``, at
a height that never falls. Nothing here walks the tree node by node: a tree of 30,000 leaves may be 30,000 levels deep.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Spans", "cophenetic_distances", "leaf_spans", "merges_in_order", "undo_merges"]


class Spans(NamedTuple):
    """Where each node lies when the leaves are put in an order in which no two branches cross.

    Attributes
    ----------
    order : ndarray, shape (n_leaves,), intp
        The leaves from left to right.
    first : ndarray, shape (2 * n_leaves - 1,), intp
        Position of each node's leftmost leaf: see `where`.
    count : ndarray, shape (2 * n_leaves - 1,), intp
        Leaves of each node.
    """

    order: np.ndarray
    first: np.ndarray
    count: np.ndarray

    def where(self, node: int) -> slice:
        """Return the places of a node's leaves in ``order``."""
        return slice(self.first[node], self.first[node] + self.count[node])


def merges_in_order(pairs: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Put merges into rising order of height, and name their nodes as SciPy does.

    Parameters
    ----------
    pairs : ndarray of int, shape (n_leaves - 1, 2)
        For each merge a leaf of either part: together a tree that spans all leaves.
    heights : ndarray, shape (n_leaves - 1,)

    Returns
    -------
    ndarray, shape (n_leaves - 1, 4), float64
        As `scipy.cluster.hierarchy.linkage` returns it. Merges of equal height stay in the order given.
    """
    n_leaves = len(heights) + 1
    merges = np.empty((len(heights), 4))
    above = list(range(2 * n_leaves - 1))
    counts = [1] * n_leaves
    for step, merge in enumerate(np.argsort(heights, kind="stable")):
        nodes = []
        for node in pairs[merge].tolist():
            while above[node] != node:
                above[node] = above[above[node]]  # halves the way for the next one
                node = above[node]
            nodes.append(node)
        above[nodes[0]] = above[nodes[1]] = n_leaves + step
        counts.append(counts[nodes[0]] + counts[nodes[1]])
        merges[step] = *sorted(nodes), heights[merge], counts[-1]
    return merges


def undo_merges(linkage: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return the clusters that are left when the last ``n_clusters - 1`` merges are undone.

    Parameters
    ----------
    linkage : ndarray, shape (n_leaves - 1, 4)
    n_clusters : int
        From 1 to n_leaves.

    Returns
    -------
    ndarray, shape (n_leaves,), intp
        0 to n_clusters - 1, in the order in which the tree made the clusters.
    """
    n_leaves = len(linkage) + 1
    n_merges = n_leaves - n_clusters
    root = np.arange(2 * n_leaves - 1)
    root[linkage[:n_merges, :2].astype(np.intp)] = np.arange(n_leaves, n_leaves + n_merges)[:, None]
    while not np.array_equal(root, above := root[root]):  # each round doubles how far up a row looks
        root = above
    return np.unique(root[:n_leaves], return_inverse=True)[1]


def leaf_spans(linkage: np.ndarray) -> Spans:
    """Put the leaves in an order in which the leaves of every node stand side by side.

    Parameters
    ----------
    linkage : ndarray, shape (n_leaves - 1, 4)
        The first node of a merge comes to the left.

    Returns
    -------
    Spans
    """
    n_leaves = len(linkage) + 1
    nodes = np.arange(2 * n_leaves - 1)
    left, right = linkage[:, :2].astype(np.intp).T
    count = np.concatenate([np.ones(n_leaves, dtype=np.intp), linkage[:, 3].astype(np.intp)])
    above = nodes.copy()
    above[left] = above[right] = nodes[n_leaves:]
    first = np.zeros(len(nodes), dtype=np.intp)
    first[right] = count[left]  # as seen from the node above; each round looks from twice as far up
    while not np.array_equal(above, further := above[above]):
        first += first[above]
        above = further
    order = np.empty(n_leaves, dtype=np.intp)
    order[first[:n_leaves]] = nodes[:n_leaves]
    return Spans(order, first, count)


def cophenetic_distances(linkage: np.ndarray, leaves: np.ndarray) -> np.ndarray:
    """Return the heights at which leaves meet (Sokal & Rohlf 1962, "The comparison of dendrograms").

    Parameters
    ----------
    linkage : ndarray, shape (n_leaves - 1, 4)
    leaves : ndarray of int, shape (m,)
        Any of the leaves, also one several times. The work needs three matrices of m x m.

    Returns
    -------
    ndarray, shape (m * (m - 1) / 2,), float64
        In the order of `scipy.spatial.distance.pdist`; 0 between a leaf and itself.
    """
    from scipy.spatial.distance import squareform

    order, first, count = leaf_spans(linkage)
    left = linkage[:, 0].astype(np.intp)
    position = np.empty(len(order), dtype=np.intp)
    position[order] = np.arange(len(order))
    # Two leaves meet at the highest of the merges that lie between them in the order of the leaves.
    steps = np.zeros(len(order))
    steps[first[left] + count[left] - 1] = linkage[:, 2]
    places = position[leaves]
    by_place = np.argsort(places, kind="stable")
    stops = places[by_place]
    between = np.where(np.diff(stops) > 0, np.maximum.reduceat(steps, stops)[:-1], 0.0)
    met = np.zeros((len(leaves), len(leaves)))
    for i in range(len(between)):
        met[by_place[i], by_place[i + 1 :]] = np.maximum.accumulate(between[i:])
    return squareform(met + met.T, checks=False)
