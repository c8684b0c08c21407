"""Ward's tree of many rows, exactly, in memory that grows as their number.

Ward's linkage is reducible (Bruynooghe 1977): a merge brings no third cluster nearer. So all pairs that are each
other's nearest can be merged at once, and a cluster looks for its nearest again only when that was merged itself. In
each of some twenty rounds most of the work is a matrix product, on all cores: half the time that fastcluster takes.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from imgcluster.grouping.trees.merges import merges_in_order
from imgcluster.grouping.trees.weighted import merge_weighted, ward_distances
from imgcluster.progress import raise_if_cancelled
from imgcluster.threads import one_blas_thread

__all__ = ["ward_merges"]

# With so many rows or clusters left, nothing is gained by rounds.
_FEW = 1000

# Distances in memory at a time, for each core: 2 MB, or they would not stay in its cache.
_BLOCK_ELEMENTS = 300_000

# A round that merges a smaller share of the clusters than this is a sign of many equal distances, among which few pairs
# choose each other. That is left to fastcluster, which does not mind.
_LEAST_SHARE = 0.02


def ward_merges(points: np.ndarray, *, cancel: threading.Event | None = None) -> np.ndarray:
    """Merge rows by Ward's linkage (1963).

    Parameters
    ----------
    points : ndarray, shape (n_rows, n_dims), float64
        Finite.
    cancel : threading.Event, optional
        See `imgcluster.progress`; looked at between the rounds.

    Returns
    -------
    ndarray, shape (n_rows - 1, 4), float64
        As `scipy.cluster.hierarchy.linkage` returns it for these rows, up to the order among equal distances. Of more
        than 1,000 rows, identical ones merge at a height of exactly 0.

    Raises
    ------
    Cancelled
    """
    import fastcluster

    found = _merge_in_rounds(points, cancel) if len(points) > _FEW else None
    return fastcluster.linkage_vector(points, "ward") if found is None else merges_in_order(*found)


def _merge_in_rounds(points: np.ndarray, cancel: threading.Event | None) -> tuple[np.ndarray, np.ndarray] | None:
    """Return pairs and heights for `merges_in_order`; None where too many distances are equal."""
    import joblib

    _, first, pile, copies = np.unique(points, axis=0, return_index=True, return_inverse=True, return_counts=True)
    twins = np.setdiff1d(np.arange(len(points)), first)
    pairs, heights = [np.column_stack([first[pile[twins]], twins])], [np.zeros(len(twins))]

    # A cluster goes by the number of one of its rows.
    centers, weights, active = points - points.mean(axis=0), np.zeros(len(points)), np.sort(first)
    weights[first] = copies
    nearest = np.full(len(points), -1)
    # The products of one block are too small to be shared by two cores, and each core has blocks of its own.
    with one_blas_thread(), ThreadPoolExecutor(joblib.cpu_count()) as pool:
        while len(active) > _FEW:
            raise_if_cancelled(cancel)
            looking = active[nearest[active] < 0]
            nearest[looking] = _nearest(centers, weights, active, looking, pool)
            others = nearest[active]
            kept = active[(nearest[others] == active) & (active < others)]
            if len(kept) < _LEAST_SHARE * len(active):
                return None
            gone = nearest[kept]
            v, w = weights[kept], weights[gone]
            steps = centers[gone] - centers[kept]
            pairs.append(np.column_stack([kept, gone]))
            heights.append(np.sqrt(2 * v * w / (v + w) * (steps**2).sum(axis=1)))
            centers[kept] += (w / (v + w))[:, None] * steps
            weights[kept] += w
            active = np.setdiff1d(active, gone, assume_unique=True)
            is_merged = np.zeros(len(points), dtype=bool)
            is_merged[kept] = is_merged[gone] = True
            nearest[active[is_merged[active] | is_merged[nearest[active]]]] = -1
    rest, tops = merge_weighted(ward_distances(centers[active], weights[active]), weights[active], "ward")
    return np.concatenate([*pairs, active[rest]]), np.concatenate([*heights, tops])


def _nearest(
    centers: np.ndarray, weights: np.ndarray, active: np.ndarray, looking: np.ndarray, pool: ThreadPoolExecutor
) -> np.ndarray:
    """Return for each of the clusters ``looking`` the nearest of the ``active`` ones, which are in rising order."""
    Y, w = centers[active], weights[active]
    squares = (Y**2).sum(axis=1)
    products = np.vstack([-2 * Y.T, np.ones(len(Y)), squares])  # [x, x.x, 1] times a column is a squared distance
    # How far a product may be off: where others come closer to the best than this, differences decide.
    slack = 8 * len(products) * np.finfo(float).eps * squares.max()

    def search(block: np.ndarray) -> np.ndarray:
        X, v = centers[block], weights[block]
        index = np.arange(len(block))
        found = np.column_stack([X, (X**2).sum(axis=1), np.ones(len(X))]) @ products
        for weight, start in zip(*np.unique(v, return_index=True), strict=True):
            found[start : np.searchsorted(v, weight, side="right")] *= w / (w + weight)  # v is the same for the row
        found[index, np.searchsorted(active, block)] = np.inf
        best = found.argmin(axis=1)
        is_close = found <= found[index, best][:, None] + slack
        for row in np.flatnonzero(np.count_nonzero(is_close, axis=1) > 1):
            close = np.flatnonzero(is_close[row])
            apart = w[close] / (w[close] + v[row]) * ((Y[close] - X[row]) ** 2).sum(axis=1)
            best[row] = close[np.argmin(apart)]
        return active[best]

    by_weight = np.argsort(weights[looking], kind="stable")
    step = max(1, _BLOCK_ELEMENTS // len(active))
    blocks = [looking[by_weight[start : start + step]] for start in range(0, len(looking), step)]
    found = np.empty(len(looking), dtype=np.intp)
    found[by_weight] = np.concatenate(list(pool.map(search, blocks)))
    return found
