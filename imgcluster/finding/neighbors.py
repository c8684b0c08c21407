"""The image that stands for a cluster, what a cluster is like, and the images most like a given one."""

from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.features.blocks import row_blocks
from imgcluster.features.rows import normalize_rows
from imgcluster.grouping.ward_kmeans import cluster_centers, distances_to_centers

__all__ = ["ClusterSummary", "medoids", "nearest_images", "summarize"]


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


def nearest_images(vectors: np.ndarray, index: int, *, n_images: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Find the images most like one of them, by the exact cosine distance of their features.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Features.
    index : int
        The image to compare with, in [0, n).
    n_images : int, default 12
        How many; fewer where there are no more. The image itself is not among them.

    Returns
    -------
    indices : ndarray, shape (min(n_images, n - 1),), int64
        Nearest first; of equally near ones, the earlier first.
    distances : ndarray, same shape, float64
        1 - cosine, in [0, 2]; 1 where a vector is zero.

    Raises
    ------
    ParameterError
        When there is no such image.
    """
    n = len(vectors)
    if not 0 <= index < n:
        raise ParameterError(f"There is no picture {index}: the {n} pictures are numbered from 0 to {n - 1}.")
    query = normalize_rows(vectors[index : index + 1].astype(np.float64))[0]
    distances = np.empty(n)
    for rows, block in row_blocks(vectors):
        block = block.astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))
        # Row by row in float64, and rounded beyond what float32 features can mean: equal rows get equal distances.
        cosines = np.divide(np.einsum("ij,j->i", block, query), lengths, out=np.zeros(len(block)), where=lengths > 0)
        distances[rows] = np.clip(1.0 - np.round(cosines, 9), 0.0, 2.0)
    distances[index] = np.inf
    nearest = np.argsort(distances, kind="stable")[: min(n_images, n - 1)]
    return nearest, distances[nearest]


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
