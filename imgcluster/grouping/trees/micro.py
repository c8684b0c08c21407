"""Micro-clusters: some 2,000 small heaps of images, each so tight that a tree may treat it as one thing of some weight.

A tree of n images needs the distances of all pairs. Where they are too many, the images are first put into heaps by
KMeans (the first phase of BIRCH: Zhang, Ramakrishnan & Livny 1996), and the tree is built on the heaps. What is lost is
the order of the merges within a heap, and what KMeans put into the wrong one.
"""

import threading
from typing import NamedTuple

import numpy as np

from imgcluster.grouping.trees.weighted import ward_distances
from imgcluster.grouping.ward_kmeans import cluster_centers
from imgcluster.progress import raise_if_cancelled
from imgcluster.threads import one_thread

__all__ = ["MicroClusters", "micro_clusters", "micro_distances"]

# The heaps need not be the best ones: more rounds of KMeans change the tree no longer.
_ROUNDS = 10

# Starts of KMeans that are drawn at a time.
_DRAWN_AT_ONCE = 100

# Distances between images in memory at a time: 32 MB.
_BLOCK_ELEMENTS = 4_000_000

# How distances between images become one between heaps, and what to begin with.
_REDUCTIONS = {"complete": (np.maximum, 0.0), "average": (np.add, 0.0), "single": (np.minimum, np.inf)}


class MicroClusters(NamedTuple):
    """Images in heaps.

    Attributes
    ----------
    centers : ndarray, shape (n_micro, n_dims), float64
        Mean of each heap.
    labels : ndarray, shape (n_images,), int32
        The heap of each image, 0 to n_micro - 1, none of them empty.
    sizes : ndarray, shape (n_micro,), int64
        Images in each heap.
    """

    centers: np.ndarray
    labels: np.ndarray
    sizes: np.ndarray


def micro_clusters(coordinates: np.ndarray, *, n_micro: int = 2000, random_state: int = 0) -> MicroClusters:
    """Put images into small heaps by KMeans (Lloyd 1982), started from images that are far from one another.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        Finite.
    n_micro : int, default 2000
        Heaps at most. Where there are no more different rows than that, each of those is a heap, exactly.
    random_state : int, default 0
        Seeds the starts.

    Returns
    -------
    MicroClusters
    """
    rows = np.asarray(coordinates, dtype=np.float64)
    centers, labels = np.unique(rows, axis=0, return_inverse=True)
    if len(centers) > n_micro:
        labels = _kmeans(rows, n_micro, random_state)
        centers = cluster_centers(rows, labels)
    return MicroClusters(centers, labels.astype(np.int32), np.bincount(labels))


def _kmeans(rows: np.ndarray, n_micro: int, random_state: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    start = rows[_far_apart(rows, n_micro, random_state)]
    with one_thread():  # with more, the last bits of the centres would change from run to run
        labels = KMeans(len(start), init=start, n_init=1, max_iter=_ROUNDS).fit_predict(rows)
    return np.unique(labels, return_inverse=True)[1]


def _far_apart(rows: np.ndarray, n_chosen: int, random_state: int) -> np.ndarray:
    """Draw rows by the square of their distance to those drawn before, a hundred at a time (Bahmani et al. 2012).

    One at a time, as k-means++ does (Arthur & Vassilvitskii 2007), 2,000 of 30,000 rows would take ten seconds.
    """
    generator = np.random.default_rng(random_state)
    chosen, gaps = np.empty(0, dtype=np.intp), np.ones(len(rows))
    while len(chosen) < n_chosen and (n_left := np.count_nonzero(gaps)):
        n_next = min(_DRAWN_AT_ONCE, n_chosen - len(chosen), n_left)
        drawn = generator.choice(len(rows), n_next, replace=False, p=gaps / gaps.sum())
        first = not len(chosen)
        chosen = np.concatenate([chosen, drawn])
        nearest = _squared_distances(rows[drawn], rows).min(axis=0)
        gaps = nearest if first else np.minimum(gaps, nearest)
        gaps[chosen] = 0.0
    return chosen


def micro_distances(
    coordinates: np.ndarray,
    micro: MicroClusters,
    linkage: str,
    measure: str = "euclidean",
    *,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Return how far apart heaps are as the linkage sees it: what `weighted_linkage` starts from.

    Ward's is the same for heaps as for the images in them: sqrt(2 v w / (v + w)) times the distance of the centres, v
    and w being the sizes. For the others every pair of images is looked at, block by block: the largest, the mean, or
    the smallest distance between two heaps. None of them is approximate.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    micro : MicroClusters
        Of these rows.
    linkage : {"ward", "complete", "average", "single"}
    measure : {"euclidean", "sqeuclidean"}, default "euclidean"
        How the distance of two images is measured; Ward's linkage measures by the former.
    cancel : threading.Event, optional
        See `imgcluster.progress`.

    Returns
    -------
    ndarray, shape (n_micro, n_micro), float64
        Symmetric, 0 on the diagonal.

    Raises
    ------
    Cancelled
    """
    if linkage == "ward":
        return ward_distances(micro.centers, micro.sizes)
    rows = np.asarray(coordinates, dtype=np.float64)[np.argsort(micro.labels, kind="stable")]
    heap_of = np.repeat(np.arange(len(micro.sizes)), micro.sizes)
    starts = np.cumsum(micro.sizes) - micro.sizes
    reduction, initial = _REDUCTIONS[linkage]
    found = np.full((len(micro.sizes), len(micro.sizes)), initial)
    step = max(1, _BLOCK_ELEMENTS // len(rows))
    for start in range(0, len(rows), step):
        raise_if_cancelled(cancel)
        block = slice(start, start + step)
        heaps, firsts = np.unique(heap_of[block], return_index=True)
        ahead = slice(heaps[0], None)  # what lies before was done from the other side
        between = _squared_distances(rows[block], rows[starts[heaps[0]] :])
        if measure == "euclidean":
            np.sqrt(between, out=between)
        between = reduction.reduceat(between, firsts, axis=0)
        between = reduction.reduceat(between, starts[ahead] - starts[heaps[0]], axis=1)
        found[heaps, ahead] = reduction(found[heaps, ahead], between)
    if linkage == "average":
        found /= np.outer(micro.sizes, micro.sizes)
    found = np.triu(found, 1)
    return found + found.T


def _squared_distances(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    middle = Y.mean(axis=0)  # rows far from the origin would lose digits
    X, Y = X - middle, Y - middle
    found = X @ (-2 * Y.T)
    found += (X**2).sum(axis=1)[:, None]
    found += (Y**2).sum(axis=1)
    return np.maximum(found, 0, out=found)
