"""Trees of things that have a weight, where all distances between them fit into memory."""

import numpy as np

from imgcluster.grouping.trees.merges import merges_in_order

__all__ = ["merge_weighted", "ward_distances", "weighted_linkage"]


def ward_distances(centers: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return sqrt(2 v w / (v + w)) times the distance of the centres, shape (m, m), v and w being the sizes."""
    from scipy.spatial.distance import cdist

    v, w = sizes[:, None], sizes
    return np.sqrt(2 * v * w / (v + w)) * cdist(centers, centers)


def weighted_linkage(distances: np.ndarray, sizes: np.ndarray, linkage: str) -> np.ndarray:
    """Build a tree of things that have a weight: `merge_weighted`, in the form of `scipy.cluster.hierarchy.linkage`.

    The last column counts the things, not their sizes.
    """
    return merges_in_order(*merge_weighted(distances, sizes, linkage))


def merge_weighted(distances: np.ndarray, sizes: np.ndarray, linkage: str) -> tuple[np.ndarray, np.ndarray]:
    """Merge things that have a weight, by chains of nearest neighbours (Murtagh 1983).

    SciPy and fastcluster start from single images; here the formulas of Lance & Williams (1967) start from the sizes
    given.

    Parameters
    ----------
    distances : ndarray, shape (m, m)
        Between the things as the linkage sees them. Symmetric; not changed.
    sizes : ndarray, shape (m,)
        Positive. Ones give the merges of `scipy.cluster.hierarchy.linkage`.
    linkage : {"ward", "complete", "average", "single"}

    Returns
    -------
    pairs : ndarray, shape (m - 1, 2), intp
        For each merge one thing of either part, in no particular order: what `merges_in_order` takes. Time grows as m
        squared.
    heights : ndarray, shape (m - 1,), float64
    """
    n_things = len(sizes)
    between = np.array(distances, dtype=np.float64)
    if linkage == "ward":
        between **= 2  # in which Ward's formula is linear
    np.fill_diagonal(between, np.inf)
    weights = np.array(sizes, dtype=np.float64)
    pairs = np.empty((n_things - 1, 2), dtype=np.intp)
    heights = np.empty(n_things - 1)
    chain: list[int] = []
    for step in range(n_things - 1):
        if not chain:
            chain = [int(np.argmax(weights > 0))]
        while True:
            here = chain[-1]
            nearest = int(np.argmin(between[here]))
            if len(chain) > 1 and between[here, chain[-2]] <= between[here, nearest]:
                break  # each is the nearest of the other; of several the one before, or the chain would go in circles
            chain.append(nearest)
        gone, kept = chain.pop(), chain.pop()
        pairs[step], heights[step] = (gone, kept), between[gone, kept]
        joined = _joined(linkage, between, weights, gone, kept)
        joined[[gone, kept]] = np.inf
        between[kept], between[:, kept] = joined, joined
        between[gone], between[:, gone] = np.inf, np.inf
        weights[kept] += weights[gone]
        weights[gone] = 0
    return pairs, (np.sqrt(heights) if linkage == "ward" else heights)


def _joined(linkage: str, between: np.ndarray, weights: np.ndarray, one: int, two: int) -> np.ndarray:
    """Return the distances of all from two that become one."""
    if linkage == "single":
        return np.minimum(between[one], between[two])
    if linkage == "complete":
        return np.maximum(between[one], between[two])
    v, w = weights[one], weights[two]
    if linkage == "average":
        return (v * between[one] + w * between[two]) / (v + w)
    sums = (v + weights) * between[one] + (w + weights) * between[two] - weights * between[one, two]
    return np.maximum(sums / (v + w + weights), 0.0)
