"""KMeans, with cluster numbers that mean something and stay put."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.grouping.ward_kmeans import cluster_centers, count_distinct, fit_kmeans, ward_tree
from imgcluster.progress import Progress, ProgressCallback, raise_if_cancelled

__all__ = ["Clustering", "kmeans", "kmeans_series", "make_clustering", "match_labels"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clustering:
    """Which image belongs to which cluster, and how well it fits.

    Attributes
    ----------
    labels : ndarray, shape (n_images,), int32
        0 to n_clusters - 1.
    centers : ndarray, shape (n_clusters, n_dims), float64
        Mean of each cluster's members in the space.
    distances : ndarray, shape (n_images,), float32
        Euclidean distance of each image to its own cluster's centre, in the space.
    method : str
        Such as "kmeans".
    parameters : mapping of str to int
        What the method was called with.
    notes : tuple of str
        What was done differently than asked, one sentence each.
    """

    labels: np.ndarray
    centers: np.ndarray
    distances: np.ndarray
    method: str
    parameters: Mapping[str, int]
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
        """Images per cluster, shape (n_clusters,)."""
        return np.bincount(self.labels, minlength=self.n_clusters)


def make_clustering(
    coordinates: np.ndarray,
    labels: np.ndarray,
    *,
    method: str,
    parameters: Mapping[str, int],
    notes: tuple[str, ...] = (),
) -> Clustering:
    """Describe labels that are already known, such as one row of `kmeans_series`.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray, shape (n_images,)
        0 to k - 1, none of them unused.
    method, parameters, notes
        Kept as they are.

    Returns
    -------
    Clustering
    """
    labels = np.array(labels, dtype=np.int32)
    centers = cluster_centers(coordinates, labels)
    distances = np.linalg.norm(coordinates - centers[labels], axis=1).astype(np.float32)
    return Clustering(
        labels=labels, centers=centers, distances=distances, method=method, parameters=dict(parameters), notes=notes
    )


def kmeans(coordinates: np.ndarray, n_clusters: int, *, random_state: int = 0) -> Clustering:
    """Group images into a given number of clusters by KMeans (Lloyd 1982), started from a cut of Ward's tree.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
        The space.
    n_clusters : int
        From 1 to n_images. Where there are fewer different rows, there are as many clusters as those, and a note.
    random_state : int, default 0
        Seeds the sample that the tree is made of where there are more than 2,000 images.

    Returns
    -------
    Clustering
        Cluster 0 is the largest; of equally large ones, the one that holds the earlier image comes first.

    Raises
    ------
    ParameterError
        When ``n_clusters`` is below 1 or above the number of images.
    """
    _check_n_clusters(n_clusters, len(coordinates))
    n_distinct = count_distinct(coordinates)
    tree = ward_tree(coordinates, random_state=random_state)
    labels = _by_size(fit_kmeans(coordinates, min(n_clusters, n_distinct), tree, random_state=random_state).labels)
    n_found = int(labels.max()) + 1
    notes = ()
    if n_found < n_clusters:
        notes = (f"{n_clusters} groups were asked for, but there are only {n_found} different places to put them.",)
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
        When ``max_clusters`` is below 1 or above the number of images.
    Cancelled
    """
    _check_n_clusters(max_clusters, len(coordinates))
    n_distinct = count_distinct(coordinates)
    tree = ward_tree(coordinates, random_state=random_state)
    started = time.monotonic()

    def labels_for(n_clusters: int) -> np.ndarray:
        raise_if_cancelled(cancel)
        return _by_size(fit_kmeans(coordinates, min(n_clusters, n_distinct), tree, random_state=random_state).labels)

    series = np.zeros((max_clusters, len(coordinates)), dtype=np.int16)
    with ThreadPoolExecutor(_cpu_count(), thread_name_prefix="kmeans") as pool:
        for k, labels in enumerate(pool.map(labels_for, range(2, max_clusters + 1)), start=2):
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


def _check_n_clusters(n_clusters: int, n_images: int) -> None:
    if not 1 <= n_clusters <= n_images:
        raise ParameterError(
            f"{n_clusters} groups were asked for, and there are {n_images} pictures.",
            hint=f"Choose a number from 1 to {n_images}.",
        )


def _cpu_count() -> int:
    import joblib

    return joblib.cpu_count()


def _by_size(labels: np.ndarray) -> np.ndarray:
    """Renumber from the largest cluster to the smallest; of equal ones, the one with the earlier image first."""
    _, first, inverse, sizes = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order))
    return number[inverse]
