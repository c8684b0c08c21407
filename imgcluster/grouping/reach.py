"""How far images have to look for their neighbours, how many are within reach, and which is the nearest."""

from collections.abc import Iterator

import numpy as np

from imgcluster.grouping.checking import checked_points
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.threads import one_thread

__all__ = ["count_neighbors", "evenly_spread", "k_distances", "nearest_among"]

# Images whose neighbours are counted, for all others.
_N_COUNTED = 500

# Distances for a k-distance curve that are looked for at once; beyond, so many images are measured.
_MAX_CURVE_DISTANCES, _N_MEASURED = 1_000_000, 2000

# Distances in memory at a time: 32 MB.
_BLOCK_ELEMENTS = 4_000_000


def k_distances(coordinates: np.ndarray, min_samples: int) -> np.ndarray:
    """Return the sorted k-distance curve (Ester et al. 1996), shape (n_images,), float64, rising.

    Where n_images x min_samples exceeds 1,000,000, 2,000 images are measured, and the curve is drawn through theirs.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    min_samples : int
        The image itself counts as its first neighbour, as in `dbscan`. More than there are images means all.
    """
    points = checked_points(coordinates)
    n_images = len(points)
    k = min(min_samples, n_images)
    if n_images * k <= _MAX_CURVE_DISTANCES:
        return np.sort(nearest_neighbors(points, k)[1][:, -1].astype(np.float64))
    measured = evenly_spread(n_images, _N_MEASURED)
    found = np.concatenate([np.partition(block, k - 1, axis=1)[:, k - 1] for block in _distances(points, measured)])
    return np.quantile(found, np.linspace(0, 1, n_images))


def count_neighbors(points: np.ndarray, eps: float) -> int:
    """Estimate the pairs of images within ``eps``, each image with itself and both orders counted, on 500 images."""
    n_images = len(points)
    counted = evenly_spread(n_images, _N_COUNTED)
    found = sum(int(np.count_nonzero(block <= eps)) for block in _distances(points, counted))
    return round(found * n_images / len(counted))


def _distances(points: np.ndarray, chosen: np.ndarray) -> Iterator[np.ndarray]:
    """Give the distances of some images to all, block by block."""
    from sklearn.metrics import euclidean_distances

    step = max(1, _BLOCK_ELEMENTS // len(points))
    for first in range(0, len(chosen), step):
        yield euclidean_distances(points[chosen[first : first + step]], points)


def nearest_among(points: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return for each point which of the others is nearest."""
    from sklearn.metrics import pairwise_distances_argmin

    with one_thread():  # with more, it may depend on chance which of two equally near ones is found
        return pairwise_distances_argmin(points, among)


def evenly_spread(n_images: int, n_wanted: int) -> np.ndarray:
    """Return ``n_wanted`` of the numbers from 0 to ``n_images - 1``, or all where there are no more, evenly spread."""
    return np.unique(np.linspace(0, n_images - 1, min(n_images, n_wanted)).round().astype(np.intp))
