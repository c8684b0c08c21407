"""Spherical k-means: KMeans by direction, where the length of a row says nothing.

Dhillon & Modha (2001), "Concept decompositions for large sparse text data using clustering": rows of unit length,
centres that are scaled to unit length again after each round, and the sum of the cosines between rows and their own
centres, which grows with each round, in place of the sum of squares. It starts from a cut of Ward's tree, as
`imgcluster.grouping.clustering.kmeans` does.
"""

import threading
from typing import NamedTuple

import numpy as np

from imgcluster.features.rows import normalize_rows
from imgcluster.grouping.checking import check_n_clusters, checked_points, fewer_than_asked
from imgcluster.grouping.clustering import Clustering, make_clustering, number_by_size, series_of_labels
from imgcluster.grouping.ward_kmeans import WardTree, cluster_centers, count_distinct, ward_tree
from imgcluster.progress import ProgressCallback
from imgcluster.threads import one_thread

__all__ = ["count_directions", "spherical_kmeans", "spherical_series"]

# Rounds end when the sum of cosines, which is n at most, grows by no more than this for each row: with up to 3,000 rows
# when what is left is rounding, or rows halfway between two centres. The last few of many rows take half of all rounds.
_FEW_ROWS, _ROUNDING, _TOLERANCE, _MAX_ROUNDS = 3000, 1e-12, 1e-6, 300

# Directions that agree to so many decimals are the same: float32 rows of unit length are hardly more exact, and the
# cosine of nearer ones is 1 up to rounding.
_DECIMALS = 6


class _Directions(NamedTuple):
    """The rows that have a direction, as unit vectors (n_rows, n_dims), which they are, and what is made of them."""

    units: np.ndarray
    of_images: np.ndarray
    n_distinct: int
    tree: WardTree | None


def spherical_kmeans(coordinates: np.ndarray, n_clusters: int, *, random_state: int = 0) -> Clustering:
    """Group images into a given number of clusters by the directions of their rows.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space. Rows of zeros have no direction: they join the largest cluster, and a note says how many there are.
    n_clusters : int
        From 1 to n_images. Where there are fewer different directions, there are as many clusters as those, and a note.
    random_state : int, default 0
        Seeds the sample that the tree is made of where there are more than 2,000 images.

    Returns
    -------
    Clustering
        Cluster 0 is the largest; of equally large ones, the one that holds the earlier image comes first.

    Raises
    ------
    ParameterError
        When ``n_clusters`` is below 1 or above the number of images, or a coordinate is not finite.
    """
    points = checked_points(coordinates)
    check_n_clusters(n_clusters, len(points))
    directions = _directions_of(points, random_state)
    labels = number_by_size(_labels_for(directions, n_clusters, random_state))
    notes = fewer_than_asked(n_clusters, int(labels.max()) + 1, "different directions")
    n_without = int((~directions.of_images).sum())
    if n_without:
        notes += (
            f"{n_without} of {len(points)} pictures have no direction (all their numbers are 0); "
            "they were put into the largest group.",
        )
    parameters = {"n_clusters": n_clusters, "random_state": random_state}
    return make_clustering(coordinates, labels, method="spherical", parameters=parameters, notes=notes)


def spherical_series(
    coordinates: np.ndarray,
    max_clusters: int,
    *,
    random_state: int = 0,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Run `spherical_kmeans` for every number of clusters, with numbers that stay put from one to the next.

    Parameters, result and errors are those of `imgcluster.grouping.clustering.kmeans_series`.
    """
    points = checked_points(coordinates)
    check_n_clusters(max_clusters, len(points))
    directions = _directions_of(points, random_state)

    def labels_for(n_clusters: int) -> np.ndarray:
        return _labels_for(directions, n_clusters, random_state)

    return series_of_labels(labels_for, len(points), max_clusters, progress=progress, cancel=cancel)


def count_directions(coordinates: np.ndarray) -> int:
    """Return how many different directions rows have, up to the rounding of float32; to have none is one more."""
    units = normalize_rows(np.asarray(coordinates, dtype=np.float64))
    return count_distinct(np.round(units, _DECIMALS))


def _directions_of(points: np.ndarray, random_state: int) -> _Directions:
    units = normalize_rows(points)
    of_images = units.any(axis=1)
    units = units[of_images]
    return _Directions(
        units=units,
        of_images=of_images,
        n_distinct=count_directions(units),
        tree=ward_tree(units, random_state=random_state) if len(units) else None,
    )


def _labels_for(directions: _Directions, n_clusters: int, random_state: int) -> np.ndarray:
    """Return labels of all images, those without a direction in the largest cluster."""
    if directions.tree is None:
        return np.zeros(len(directions.of_images), dtype=np.int32)
    start = _start(directions, min(n_clusters, directions.n_distinct), random_state)
    found = number_by_size(_iterate(directions.units, start))
    labels = np.zeros(len(directions.of_images), dtype=np.int32)
    labels[directions.of_images] = found
    return labels


def _start(directions: _Directions, n_clusters: int, random_state: int) -> np.ndarray:
    centers = directions.tree.centers(n_clusters)
    if centers is None:
        from sklearn.cluster import kmeans_plusplus

        centers, _ = kmeans_plusplus(directions.units, n_clusters, random_state=random_state)
    return normalize_rows(centers)


def _iterate(units: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Return the labels once the sum of cosines grows no further, (n_rows,), none of them unused."""
    from sklearn.metrics import pairwise_distances_argmin

    total, least = -np.inf, len(units) * (_ROUNDING if len(units) <= _FEW_ROWS else _TOLERANCE)
    with one_thread():
        for _ in range(_MAX_ROUNDS):
            # Between unit vectors the smallest distance is the largest cosine.
            labels = _without_empty(pairwise_distances_argmin(units, centers), units, centers)
            means = cluster_centers(units, labels)
            before, total = total, _sum_of_cosines(means, labels)
            if total <= before + least:
                break
            # Rows that cancel each other have no mean direction: their centre stays where it was.
            directions = normalize_rows(means)
            centers = np.where(directions.any(axis=1, keepdims=True), directions, centers)
    return labels


def _without_empty(labels: np.ndarray, units: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Give each cluster without rows the row that fits worst where it is: the sum of cosines only grows by that."""
    sizes = np.bincount(labels, minlength=len(centers))
    empty = np.flatnonzero(sizes == 0)
    if len(empty) == 0:
        return labels
    labels = labels.copy()
    candidates = iter(np.argsort((units * centers[labels]).sum(axis=1), kind="stable").tolist())
    for cluster in empty:
        row = next(row for row in candidates if sizes[labels[row]] > 1)
        sizes[labels[row]] -= 1
        sizes[cluster] = 1
        labels[row] = cluster
    return labels


def _sum_of_cosines(means: np.ndarray, labels: np.ndarray) -> float:
    """Return the sum of the cosines between unit rows and the direction of their own mean: the lengths of the sums."""
    return float((np.linalg.norm(means, axis=1) * np.bincount(labels)).sum())
