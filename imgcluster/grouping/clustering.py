"""What every method returns; and KMeans, with cluster numbers that mean something and stay put."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from imgcluster.grouping.checking import check_n_clusters, checked_points, fewer_than_asked
from imgcluster.grouping.ward_kmeans import (
    MAX_FULL_ROWS,
    cluster_centers,
    count_distinct,
    distances_to_centers,
    fit_kmeans,
    ward_tree,
)
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled
from imgcluster.threads import one_blas_thread

__all__ = [
    "Clustering",
    "kmeans",
    "kmeans_series",
    "make_clustering",
    "match_labels",
    "number_by_size",
    "series_of_labels",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """Which image belongs to which cluster, and how well it fits.

    Attributes
    ----------
    labels : ndarray, shape (n_images,), int32
        0 to n_clusters - 1; -1 is noise, an image of no cluster.
    centers : ndarray, shape (n_clusters, n_dims), float64
        Mean of each cluster's members in the space. No rows where all is noise.
    distances : ndarray, shape (n_images,), float32
        Euclidean distance of each image to its own cluster's centre, in the space; NaN for noise.
    method : str
        Such as "kmeans".
    parameters : mapping of str to int, float or str
        What the method was called with; values that it chose itself are among them.
    notes : tuple of str
        What was done differently than asked, one sentence each.
    """

    labels: np.ndarray
    centers: np.ndarray
    distances: np.ndarray
    method: str
    parameters: Mapping[str, int | float | str]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.labels, self.centers, self.distances):
            array.setflags(write=False)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(self.centers)

    @property
    def sizes(self) -> np.ndarray:
        """Images per cluster, shape (n_clusters,); noise is in none."""
        return np.bincount(self.labels[self.labels >= 0], minlength=self.n_clusters)

    @property
    def n_noise(self) -> int:
        """Images that are in no cluster."""
        return int((self.labels < 0).sum())


def make_clustering(
    coordinates: np.ndarray,
    labels: np.ndarray,
    *,
    method: str,
    parameters: Mapping[str, int | float | str],
    notes: tuple[str, ...] = (),
) -> Clustering:
    """Describe labels that are already known, such as one row of `kmeans_series`.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray, shape (n_images,)
        0 to k - 1, none of them unused; -1 is noise.
    method, parameters, notes
        Kept as they are.

    Returns
    -------
    Clustering
    """
    labels = np.array(labels, dtype=np.int32)
    centers = cluster_centers(coordinates, labels)
    distances = distances_to_centers(coordinates, labels, centers).astype(np.float32)
    return Clustering(
        labels=labels, centers=centers, distances=distances, method=method, parameters=dict(parameters), notes=notes
    )


def kmeans(coordinates: np.ndarray, n_clusters: int, *, random_state: int = 0) -> Clustering:
    """Group images into a given number of clusters by KMeans (Lloyd 1982), started from a cut of Ward's tree.

    With more than 100,000 images by mini-batches (Sculley 2010), and a note says so.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space.
    n_clusters : int
        From 1 to n_images. Where there are fewer different rows, there are as many clusters as those, and a note.
    random_state : int, default 0
        Seeds the sample that the tree is made of where there are more than 2,000 images, and the mini-batches.

    Returns
    -------
    Clustering
        Cluster 0 is the largest; of equally large ones, the one that holds the earlier image comes first.

    Raises
    ------
    ParameterError
        When ``n_clusters`` is below 1 or above the number of images, or a coordinate is not finite.
    """
    checked_points(coordinates)
    check_n_clusters(n_clusters, len(coordinates))
    n_distinct = count_distinct(coordinates)
    tree = ward_tree(coordinates, random_state=random_state)
    labels = number_by_size(
        fit_kmeans(coordinates, min(n_clusters, n_distinct), tree, random_state=random_state).labels
    )
    notes = fewer_than_asked(n_clusters, int(labels.max()) + 1, "different places to put them")
    if len(coordinates) > MAX_FULL_ROWS:
        notes += (
            f"With more than {MAX_FULL_ROWS:,} pictures KMeans works in batches (MiniBatchKMeans); the groups are a "
            "little looser than they could be.",
        )
    parameters = {"n_clusters": n_clusters, "random_state": random_state}
    return make_clustering(coordinates, labels, method="kmeans", parameters=parameters, notes=notes)


def kmeans_series(
    coordinates: np.ndarray,
    max_clusters: int,
    *,
    random_state: int = 0,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Run `kmeans` for every number of clusters, with numbers that stay put from one to the next.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    max_clusters : int
        From 1 to n_images.
    random_state : int, default 0
    progress, cancel
        See `imgcluster.progress`.

    Returns
    -------
    ndarray, shape (max_clusters, n_images), int16
        Row k - 1 is the clustering into k, its numbers matched with the row above by `match_labels`: a walk over k
        shows the same numbers whichever way it goes. Rows repeat once there are no more different places to split.

    Raises
    ------
    ParameterError
        When ``max_clusters`` is below 1 or above the number of images, or a coordinate is not finite.
    Cancelled
    """
    checked_points(coordinates)
    check_n_clusters(max_clusters, len(coordinates))
    n_distinct = count_distinct(coordinates)
    tree = ward_tree(coordinates, random_state=random_state)

    def labels_for(n_clusters: int) -> np.ndarray:
        return fit_kmeans(coordinates, min(n_clusters, n_distinct), tree, random_state=random_state).labels

    return series_of_labels(labels_for, len(coordinates), max_clusters, progress=progress, cancel=cancel)


def series_of_labels(
    labels_for: Callable[[int], np.ndarray],
    n_images: int,
    max_clusters: int,
    *,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Cluster into 1, 2, ... clusters, with numbers that stay put from one to the next.

    Parameters
    ----------
    labels_for : callable
        ``labels_for(k)`` returns the labels of a clustering into k, (n_images,), in any numbering. Called for several k
        at a time, each in a thread of its own.
    n_images, max_clusters : int
    progress, cancel
        See `imgcluster.progress`.

    Returns
    -------
    ndarray, shape (max_clusters, n_images), int16
        As `kmeans_series` returns it.

    Raises
    ------
    Cancelled
    """
    started = time.monotonic()

    def by_size(n_clusters: int) -> np.ndarray:
        raise_if_cancelled(cancel)
        return number_by_size(labels_for(n_clusters))

    series = np.zeros((max_clusters, n_images), dtype=np.int16)
    with one_blas_thread(), ThreadPoolExecutor(_cpu_count(), thread_name_prefix="series") as pool:
        for k, labels in enumerate(pool.map(by_size, range(2, max_clusters + 1)), start=2):
            series[k - 1] = match_labels(labels, series[k - 2])
            if progress is not None:
                seconds = time.monotonic() - started
                progress(Progress(stage="Trying numbers of groups", done=k, total=max_clusters, seconds=seconds))
    series.setflags(write=False)
    return series


def match_labels(labels: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Renumber clusters so that one that stays keeps its number.

    The assignment of new to old numbers maximises the number of images that keep theirs (Kuhn 1955, the Hungarian
    method).

    Parameters
    ----------
    labels : ndarray, shape (n_images,)
        0 to k - 1; -1 is noise and stays so.
    reference : ndarray, shape (n_images,)
        The labels before; any number of clusters.

    Returns
    -------
    ndarray, shape (n_images,), same dtype as ``labels``
        The same partition, again numbered from 0 to k - 1. Clusters without a counterpart take the free numbers in
        their own order.
    """
    from scipy.optimize import linear_sum_assignment

    k = int(labels.max(initial=-1)) + 1
    both = (labels >= 0) & (reference >= 0) & (reference < k)
    overlap = np.zeros((k, k), dtype=np.int64)
    np.add.at(overlap, (labels[both], reference[both]), 1)
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    shared = overlap[rows, columns] > 0
    number = np.full(k, -1)
    number[rows[shared]] = columns[shared]
    number[number < 0] = np.setdiff1d(np.arange(k), number)
    return np.where(labels >= 0, number[labels], -1).astype(labels.dtype) if k else labels.copy()


def _cpu_count() -> int:
    import joblib

    return joblib.cpu_count()


def number_by_size(labels: np.ndarray) -> np.ndarray:
    """Renumber from the largest cluster to the smallest; of equal ones, the one with the earlier image first."""
    inside = labels >= 0
    _, first, inverse, sizes = np.unique(labels[inside], return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order))
    numbered = np.full(len(labels), -1, dtype=np.int32)
    numbered[inside] = number[inverse]
    return numbered
