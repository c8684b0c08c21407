"""The image that stands for a cluster, and what a cluster is like."""

from dataclasses import dataclass

import numpy as np

from imgcluster.features.rows import normalize_rows
from imgcluster.grouping.ward_kmeans import cluster_centers, distances_to_centers

__all__ = ["ClusterSummary", "medoids", "summarize"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSummary:
    """What the clusters are like. Noise is in none of them; where all is noise, k is 0.

    Attributes
    ----------
    sizes : ndarray, shape (k,), int64
        Images per cluster.
    medoids : ndarray, shape (k,), int64
        The image nearest each cluster's centre: its face.
    cohesion : ndarray, shape (k,), float64
        Mean cosine similarity of two different members in the space, in [-1, 1]; 1 is a cluster of equals. The only
        member of a cluster is its equal.
    distances : ndarray, shape (n_images,), float64
        Of each image to its own cluster's centre, Euclidean, in the space; NaN for noise.
    """

    sizes: np.ndarray
    medoids: np.ndarray
    cohesion: np.ndarray
    distances: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.sizes, self.medoids, self.cohesion, self.distances):
            array.setflags(write=False)


def summarize(coordinates: np.ndarray, labels: np.ndarray) -> ClusterSummary:
    """Measure every cluster.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray, shape (n_images,)
        0 to k - 1, none of them unused; -1 is noise.

    Returns
    -------
    ClusterSummary
    """
    distances = distances_to_centers(coordinates, labels, cluster_centers(coordinates, labels))
    return ClusterSummary(
        sizes=np.bincount(labels[labels >= 0]),
        medoids=_nearest_members(distances, labels),
        cohesion=_cohesion(coordinates, labels),
        distances=distances,
    )


def medoids(coordinates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the member of each cluster that is nearest its centre, the first of equals; shape (k,), int64.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray, shape (n_images,)
        0 to k - 1, none of them unused; -1 is noise, and never a medoid.
    """
    return summarize(coordinates, labels).medoids


def _nearest_members(distances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    members = np.flatnonzero(labels >= 0)
    order = members[np.lexsort((distances[members], labels[members]))]
    _, first = np.unique(labels[order], return_index=True)
    return order[first]


def _cohesion(coordinates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean of the pairwise cosines, from |sum of unit vectors|^2 = their number + the sum over ordered pairs."""
    inside = labels >= 0
    units, labels = normalize_rows(np.asarray(coordinates, dtype=np.float64)[inside]), labels[inside]
    sizes = np.bincount(labels)
    sums = cluster_centers(units, labels) * sizes[:, None]
    own = np.bincount(labels, weights=(units**2).sum(axis=1))
    pairs = sizes * (sizes - 1)
    cosines = np.divide((sums**2).sum(axis=1) - own, pairs, out=np.ones(len(sizes)), where=pairs > 0)
    return np.clip(cosines, -1.0, 1.0)
