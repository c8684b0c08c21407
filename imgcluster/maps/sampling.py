"""Which dots are drawn where there are too many to draw: a sample that looks like all of them.

The sample depends on the coordinates and on fine strata only, not on the clusters that are looked at: a map keeps its
dots, and so its view and its selection, while the number of clusters is moved. A few are drawn besides, for these.
"""

from collections.abc import Sequence

import numpy as np

__all__ = ["LEAST_PER_CLUSTER", "MAX_DRAWN", "drawn_besides", "drawn_sample"]

MAX_DRAWN = 50_000
"""Images on one map; with more of them a sample is drawn."""

LEAST_PER_CLUSTER = 20
"""Dots that every cluster has, unless it has fewer images."""

_CELLS = 2**15  # along each side of the map: finer than the pixels of any screen


def drawn_sample(
    coordinates: np.ndarray, strata: np.ndarray, *, limit: int = MAX_DRAWN, least: int = LEAST_PER_CLUSTER
) -> np.ndarray:
    """Choose the images whose dots are drawn: from each stratum its share, evenly over the map.

    Within a stratum the images are put in the order of a space-filling curve (Morton, "A computer oriented geodetic
    data base", 1966), and every so manieth is taken: dense places stay dense, and thin ones are not left out by chance.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, 2) or (n_images, 3)
        Where the images are drawn; finite.
    strata : ndarray of int, shape (n_images,)
        Any labels, best of the finest clustering that there is; -1 is a stratum like the others.
    limit : int, default `MAX_DRAWN`
        So many at most; at least 1.
    least : int, default `LEAST_PER_CLUSTER`
        So many of each stratum, unless it has fewer; fewer where the strata are too many for the limit.

    Returns
    -------
    ndarray, shape (min(n_images, limit),), int64
        Indices, ascending. The same for the same input.

    Raises
    ------
    ValueError
        If shapes do not fit each other, or limit or least is too small.
    """
    coordinates, strata = np.asarray(coordinates), np.asarray(strata)
    if coordinates.ndim != 2 or strata.shape != coordinates.shape[:1]:
        raise ValueError(f"coordinates have shape {coordinates.shape}, strata {strata.shape}; expected (n, 2) and (n,)")
    if limit < 1 or least < 0:
        raise ValueError(f"limit={limit} and least={least}: expected at least 1 and 0")
    if len(strata) <= limit:
        return np.arange(len(strata))
    _, stratum, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    quotas = _quotas(sizes, limit, least)
    order = np.lexsort((_along_curve(coordinates), stratum))
    starts = np.cumsum(sizes) - sizes
    chosen = [
        start + (2 * np.arange(quota) + 1) * size // (2 * quota)  # the middle of each of so many equal parts
        for start, size, quota in zip(starts.tolist(), sizes.tolist(), quotas.tolist(), strict=True)
        if quota
    ]
    return np.sort(order[np.concatenate(chosen)])


def drawn_besides(
    sample: np.ndarray, labels: np.ndarray, *, always: Sequence[int] = (), least: int = LEAST_PER_CLUSTER
) -> np.ndarray:
    """Choose what is drawn besides the sample, so that no cluster is missing, and nothing that somebody looks for.

    Parameters
    ----------
    sample : ndarray of int, shape (n_drawn,)
        As `drawn_sample` returns it.
    labels : ndarray of int, shape (n_images,)
        The clusters that are looked at; -1 is noise, and no cluster.
    always : sequence of int
        Images that are drawn in any case, however many: medoids, what is marked or selected. They count as dots of
        their clusters.
    least : int, default `LEAST_PER_CLUSTER`
        So many of each cluster are drawn, unless it has fewer images; fewer where the clusters are very many, so that
        no more than the sample has come besides those of ``always``.

    Returns
    -------
    ndarray, shape (n_besides,), int64
        Indices, ascending, none of them in the sample.
    """
    labels = np.asarray(labels)
    drawn = np.zeros(len(labels), dtype=bool)
    drawn[sample] = True
    besides = np.zeros(len(labels), dtype=bool)
    besides[np.asarray(always, dtype=np.intp)] = True
    besides &= ~drawn
    n_clusters = int(labels.max(initial=-1)) + 1
    counted = np.bincount(labels[(drawn | besides) & (labels >= 0)], minlength=n_clusters)
    missing = np.maximum(min(least, len(sample) // max(n_clusters, 1)) - counted, 0)
    spare = np.flatnonzero(~drawn & ~besides & (labels >= 0))
    spare = spare[missing[labels[spare]] > 0]
    spare = spare[np.argsort(labels[spare], kind="stable")]
    clusters, starts = np.unique(labels[spare], return_index=True)
    place = np.arange(len(spare)) - starts[np.searchsorted(clusters, labels[spare])]
    besides[spare[place < missing[labels[spare]]]] = True
    return np.flatnonzero(besides)


def _quotas(sizes: np.ndarray, limit: int, least: int) -> np.ndarray:
    """Share out ``limit`` in proportion to sizes of which the sum is larger; nobody gets less than ``least`` or all.

    Whose share is smaller gets that least, and the others share the rest; what rounding leaves goes to the largest
    remainders.
    """
    floors = np.minimum(sizes, min(least, limit // len(sizes)))
    is_small = np.zeros(len(sizes), dtype=bool)
    while True:
        rest, total = int(limit - floors[is_small].sum()), int(sizes[~is_small].sum())
        too_small = ~is_small & (sizes * rest < floors * total)
        if not too_small.any():
            break
        is_small |= too_small
    quotas = np.where(is_small, floors, sizes * rest // max(total, 1))
    remainders = np.where(is_small, -1, sizes * rest % max(total, 1))
    largest = np.argsort(-remainders, kind="stable")[: int(limit - quotas.sum())]
    quotas[largest] += 1
    return quotas


def _along_curve(coordinates: np.ndarray) -> np.ndarray:
    """Return the place of each point on a Morton curve over the map: the bits of its columns by turns."""
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    width = np.where(high > low, np.subtract(high, low, dtype=np.float64), 1.0)
    cells = np.minimum((coordinates - low) / width * _CELLS, _CELLS - 1).astype(np.uint64)
    place = np.zeros(len(cells), dtype=np.uint64)
    n_columns = cells.shape[1]
    for bit in range(_CELLS.bit_length() - 1):
        for column in range(n_columns):
            place |= (cells[:, column] >> np.uint64(bit) & np.uint64(1)) << np.uint64(bit * n_columns + column)
    return place
