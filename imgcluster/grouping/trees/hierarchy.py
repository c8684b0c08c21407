"""The tree: images merged into ever larger clusters (hierarchical agglomerative clustering), and its cuts.

Everything but `fit_tree` is a pure function of the tree, and quick: when the screen moves the cut, nothing is
clustered anew.
"""

import threading

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.grouping.clustering import number_by_size
from imgcluster.grouping.trees.linkages import cophenetic_correlation, exact_merges, points_to_merge
from imgcluster.grouping.trees.merges import Spans, leaf_spans, undo_merges
from imgcluster.grouping.trees.micro import micro_clusters, micro_distances
from imgcluster.grouping.trees.tree import Tree
from imgcluster.grouping.trees.weighted import weighted_linkage
from imgcluster.progress import raise_if_cancelled

__all__ = [
    "MAX_EXACT",
    "Tree",
    "branches",
    "cut_by_height",
    "cut_by_number",
    "cut_series",
    "fit_tree",
    "heights_for_number",
    "images_below",
    "number_at_height",
    "path_between",
    "split_branch",
]

# Images of an exact tree at most. Complete and average linkage keep all distances, 256 MB here; Ward's and single
# linkage need no memory to speak of, but a time that grows as the square: some 8 s of one core here.
MAX_EXACT = {"ward": 30_000, "complete": 8_000, "average": 8_000, "single": 30_000}

# Images among which all pairs are looked at for the cophenetic correlation.
_MAX_COPHENETIC = 2000


def fit_tree(
    coordinates: np.ndarray,
    *,
    linkage: str = "ward",
    metric: str = "euclidean",
    max_exact: int | None = None,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> Tree:
    """Merge the two nearest clusters again and again, until one is left.

    Exactly, and for Ward's (1963) and single linkage in memory that grows as n. With more images than `MAX_EXACT` about
    2,000 micro-clusters are merged in their place, each with the weight of its images.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space.
    linkage : {"ward", "complete", "average", "single"}
        What makes clusters near: the growth of the sum of squares, the largest, the mean, or the smallest distance.
    metric : {"euclidean", "cosine"}
        Cosine is 1 - cos, in [0, 2]; a row of zeros is at 1 from all but its like. Not for Ward's linkage: it is made
        of sums of squares, and in a space whose rows have the same length it orders pairs as the cosine does.
    max_exact : int, optional
        In place of `MAX_EXACT`.
    random_state : int, default 0
        Seeds the micro-clusters, and the 2,000 images of the cophenetic correlation where there are more.
    cancel : threading.Event, optional
        See `imgcluster.progress`; looked at between the steps.

    Returns
    -------
    Tree
        Heights: for Ward's linkage as in SciPy, sqrt(2 v w / (v + w)) times the distance of the means; else distances.

    Raises
    ------
    ParameterError
        When there are no rows, a value is not finite, the linkage or metric is unknown, or Ward's meets "cosine".
    Cancelled
    """
    points, measure = points_to_merge(coordinates, linkage, metric)
    n_images, notes = len(points), []
    if n_images <= (MAX_EXACT[linkage] if max_exact is None else max_exact):
        leaf_of, sizes, exact = np.arange(n_images), np.ones(n_images, dtype=np.int64), True
        merges = exact_merges(points, linkage, measure, cancel=cancel)
    else:
        micro = micro_clusters(points, random_state=random_state)
        leaf_of, sizes, exact = micro.labels, micro.sizes, np.array_equal(micro.centers[micro.labels], points)
        notes.append(_about_leaves(n_images, len(sizes), exact))
        raise_if_cancelled(cancel)
        merges = weighted_linkage(micro_distances(points, micro, linkage, measure, cancel=cancel), sizes, linkage)
    raise_if_cancelled(cancel)
    chosen = np.random.default_rng(random_state).permutation(n_images)[:_MAX_COPHENETIC]
    if len(chosen) < n_images:
        notes.append(f"How faithful the tree is was measured on {len(chosen):,} of the {n_images:,} pictures.")
    return Tree(
        linkage=merges,
        leaf_of=leaf_of.astype(np.int32),
        sizes=sizes,
        kind=linkage,
        metric=metric,
        cophenetic=cophenetic_correlation(merges, leaf_of[chosen], points[chosen], measure),
        exact=exact,
        notes=tuple(notes),
    )


def number_at_height(tree: Tree, height: float) -> int:
    """Return how many clusters are left when every merge above ``height`` (from 0 up) is undone."""
    if not height >= 0:
        raise ParameterError(f"The height of the cut is {height}; it should be at least 0.")
    return tree.n_leaves - int(np.searchsorted(tree.linkage[:, 2], height, side="right"))


def heights_for_number(tree: Tree, n_clusters: int) -> tuple[float, float]:
    """Return (low, high): a cut at any height in [low, high) gives ``n_clusters``.

    ``high`` is infinite for one cluster. Both are the same where merges of equal height leave no room between them.
    """
    _check_number(n_clusters, tree.n_leaves)
    limits = np.concatenate([[0.0], tree.linkage[:, 2], [np.inf]])
    return float(limits[tree.n_leaves - n_clusters]), float(limits[tree.n_leaves - n_clusters + 1])


def cut_by_number(tree: Tree, n_clusters: int) -> np.ndarray:
    """Undo the last ``n_clusters - 1`` merges.

    Always so many clusters: of merges at the same height the later ones are undone first, and identical images are
    divided where there are fewer different ones (``number_at_height(tree, 0.0)`` counts those, up to rounding).

    Parameters
    ----------
    tree : Tree
    n_clusters : int
        From 1 to ``tree.n_leaves``.

    Returns
    -------
    ndarray, shape (n_images,), int32
        Cluster 0 is the largest; of equally large ones, the one that holds the earlier image comes first.

    Raises
    ------
    ParameterError
        When ``n_clusters`` is out of range.
    """
    _check_number(n_clusters, tree.n_leaves)
    return number_by_size(undo_merges(tree.linkage, n_clusters)[tree.leaf_of])


def cut_by_height(tree: Tree, height: float) -> np.ndarray:
    """Undo every merge above ``height`` (from 0 up); labels as of `cut_by_number`."""
    return cut_by_number(tree, number_at_height(tree, height))


def cut_series(tree: Tree, max_clusters: int) -> np.ndarray:
    """Cut into 1, 2, ... clusters, with numbers that stay put from one cut to the next.

    Parameters
    ----------
    tree : Tree
    max_clusters : int
        From 1 to ``tree.n_images``.

    Returns
    -------
    ndarray, shape (max_clusters, n_images), int16
        Row k - 1 is the partition of ``cut_by_number(tree, k)``, numbered as `split_branch` does from the row above, so
        that as many images as possible keep their number. Rows repeat once every leaf is a cluster.
    """
    _check_number(max_clusters, tree.n_images)
    spans = leaf_spans(tree.linkage)
    in_order = np.zeros((max_clusters, tree.n_leaves), dtype=np.int16)
    for k in range(2, max_clusters + 1):
        in_order[k - 1] = in_order[k - 2]
        if k <= tree.n_leaves:
            _, leaving = _parts(tree, 2 * tree.n_leaves - k, spans)
            in_order[k - 1, spans.where(leaving)] = k - 1
    series = in_order[:, np.argsort(spans.order)[tree.leaf_of]]
    series.setflags(write=False)
    return series


def branches(tree: Tree, labels: np.ndarray) -> tuple[int, ...]:
    """Return the node that each cluster of a cut is.

    Parameters
    ----------
    tree : Tree
    labels : ndarray, shape (n_images,)
        0 to k - 1, from any of the cuts of this tree, also one divided further by `split_branch`.

    Raises
    ------
    ParameterError
        When a cluster is not one whole branch of the tree.
    """
    spans = leaf_spans(tree.linkage)
    by_leaf = np.full(tree.n_leaves, -1)
    if len(labels) == tree.n_images:
        by_leaf[tree.leaf_of] = labels
    in_order = by_leaf[spans.order]
    firsts = np.flatnonzero(np.diff(in_order, prepend=in_order[0] - 1))
    # No two nodes begin at the same leaf and have as many leaves.
    wanted = firsts * (tree.n_leaves + 1) + np.diff(firsts, append=tree.n_leaves)
    names = spans.first * (tree.n_leaves + 1) + spans.count
    by_name = np.argsort(names)
    nodes = by_name[np.minimum(np.searchsorted(names, wanted, sorter=by_name), len(names) - 1)]
    clusters = in_order[firsts]
    found = (by_leaf[tree.leaf_of], names[nodes], np.sort(clusters))
    if not all(map(np.array_equal, found, (labels, wanted, np.arange(len(clusters))))):
        raise ParameterError(
            f"The {len(np.unique(labels))} groups of {len(labels)} pictures are not branches of this tree.",
            hint="Cut the tree again.",
        )
    return tuple(nodes[np.argsort(clusters)].tolist())


def images_below(tree: Tree, node: int) -> np.ndarray:
    """Return the images under a node, rising, shape (n,), intp.

    Raises
    ------
    ParameterError
        When there is no such node.
    """
    _check_node(tree, node)
    return _images(tree, node, leaf_spans(tree.linkage))


def path_between(tree: Tree, top: int, node: int) -> tuple[int, ...]:
    """Return the nodes on the way down from ``top`` to ``node``, both among them; none where it is not below."""
    _check_node(tree, node)
    spans = leaf_spans(tree.linkage)
    leaves, ends = spans.where(node), spans.first + spans.count
    above = np.flatnonzero((spans.first <= leaves.start) & (ends >= leaves.stop))  # rising on the way up
    path = above[above <= top][::-1]
    return tuple(path.tolist()) if top in path else ()


def split_branch(tree: Tree, labels: np.ndarray, cluster: int) -> np.ndarray:
    """Divide one cluster of a cut where its two parts were merged last, and leave all others alone.

    Parameters
    ----------
    tree : Tree
    labels : ndarray, shape (n_images,)
        As for `branches`; k clusters.
    cluster : int
        Its number.

    Returns
    -------
    ndarray, shape (n_images,), same dtype
        The larger part keeps the number (of equal ones, the one with the earlier image); the other has number k.

    Raises
    ------
    ParameterError
        When there is no such cluster, the tree does not divide it further, or the labels are no cut of the tree.
    """
    nodes = branches(tree, labels)
    if not 0 <= cluster < len(nodes):
        raise ParameterError(f"There is no group {cluster + 1}; they go from 1 to {len(nodes)}.")
    if nodes[cluster] < tree.n_leaves:
        n_images = tree.sizes[nodes[cluster]]
        raise ParameterError(f"Group {cluster + 1}, of size {n_images}, is a leaf of the tree and cannot be divided.")
    spans = leaf_spans(tree.linkage)
    _, leaving = _parts(tree, nodes[cluster], spans)
    labels = np.array(labels)
    labels[_images(tree, leaving, spans)] = len(nodes)
    return labels


def _parts(tree: Tree, node: int, spans: Spans) -> list[int]:
    """Return the two nodes of a merge; first the larger, of equal ones that with the earlier image."""
    children = tree.linkage[node - tree.n_leaves, :2].astype(int).tolist()
    images = {child: _images(tree, child, spans) for child in children}
    return sorted(children, key=lambda child: (-len(images[child]), images[child][0]))


def _images(tree: Tree, node: int, spans: Spans) -> np.ndarray:
    is_below = np.zeros(tree.n_leaves, dtype=bool)
    is_below[spans.order[spans.where(node)]] = True
    return np.flatnonzero(is_below[tree.leaf_of])


def _check_node(tree: Tree, node: int) -> None:
    if not 0 <= node <= 2 * tree.n_leaves - 2:
        raise ParameterError(f"The tree has no node {node}; they go from 0 to {2 * tree.n_leaves - 2}.")


def _check_number(n_clusters: int, n_most: int) -> None:
    if not 1 <= n_clusters <= n_most:
        raise ParameterError(
            f"{n_clusters} groups were asked for, and the tree can be cut into 1 to {n_most}.",
            hint=f"Choose a number from 1 to {n_most}.",
        )


def _about_leaves(n_images: int, n_leaves: int, exact: bool) -> str:
    if exact:
        return f"Of {n_images:,} pictures only {n_leaves:,} are different; identical ones share a leaf of the tree."
    return (
        f"{n_images:,} pictures are too many for an exact tree; it was built on {n_leaves:,} bundles of similar ones."
    )
