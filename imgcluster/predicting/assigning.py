"""Which cluster a place in the space belongs to, and how surely: by the centres, or by the images around it."""

import numpy as np

from imgcluster.features.rows import normalize_rows
from imgcluster.grouping.ward_kmeans import cluster_centers, distances_to_centers
from imgcluster.spaces.nearest import nearest_rows

__all__ = ["N_VOTERS", "shares_by_centers", "shares_by_neighbors"]

N_VOTERS = 5
"""Images that vote on where another belongs. From 1 to 15 all were equally good (`benchmarks/predicting.py`)."""


def shares_by_centers(
    coordinates: np.ndarray, labels: np.ndarray, places: np.ndarray, *, spherical: bool
) -> np.ndarray:
    """Give the posterior probabilities of the clusters under a mixture of round Gaussians, all of the same variance.

    Bishop (2006), "Pattern Recognition and Machine Learning", 9.3.2: the mixture of which KMeans is the limit, so that
    the nearest centre is the most probable one. The variance is a given number there: here the mean squared distance of
    the images to their own centres. Per dimension, as the likelihood would have it, is far too sure of itself, as the
    dimensions of a space count unequally and new images lie less close: the log loss of held-out images' classes was
    0.61 against 0.34 here (digits, k = 14), 0.07 against 0.04 (drawings, k = 16), and smaller nowhere.

    Where the variance is 0 (such as with as many clusters as images) the nearest centre has it all. With ``spherical``
    rows and centres are made unit vectors first; that is a mixture of von Mises-Fisher distributions (Banerjee et al.
    2005, "Clustering on the unit hypersphere using von Mises-Fisher distributions").

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray of int, shape (n_images,)
        0 to n_clusters - 1, none of them unused; -1 is noise, which has no centre.
    places : ndarray, shape (m, n_dims)
    spherical : bool

    Returns
    -------
    ndarray, shape (m, n_clusters + 1), float64
        Rows with the sum 1; the last column is that of noise: 0, or 1 where there is no cluster.
    """
    n_clusters = int(labels.max(initial=-1)) + 1
    shares = np.zeros((len(places), n_clusters + 1))
    if n_clusters == 0:
        shares[:, -1] = 1.0
        return shares
    coordinates, places = coordinates.astype(np.float64), places.astype(np.float64)
    if spherical:
        coordinates, places = normalize_rows(coordinates), normalize_rows(places)
    centers = cluster_centers(coordinates, labels)
    if spherical:
        centers = normalize_rows(centers)
    own = distances_to_centers(coordinates, labels, centers)[labels >= 0]
    n_free = len(own) - n_clusters
    variance = (own**2).sum() / n_free if n_free else 0.0
    for cluster, center in enumerate(centers):
        shares[:, cluster] = ((places - center) ** 2).sum(axis=1)
    beyond = shares[:, :-1] - shares[:, :-1].min(axis=1, keepdims=True)
    weights = np.exp(-beyond / (2 * variance)) if variance > 0 else (beyond == 0).astype(np.float64)
    shares[:, :-1] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def shares_by_neighbors(coordinates: np.ndarray, labels: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Let the nearest images vote, each with one over its distance; noise is one of the answers.

    Those that lie exactly there, where there are any, vote alone.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims), float32
    labels : ndarray of int, shape (n_images,)
        0 to n_clusters - 1; -1 is noise.
    places : ndarray, shape (m, n_dims), float32

    Returns
    -------
    ndarray, shape (m, n_clusters + 1), float64
        Share of the votes, rows with the sum 1; the last column is that of noise.
    """
    near, distances = nearest_rows(coordinates, places, min(N_VOTERS, len(coordinates)))
    smallest = distances[:, :1]
    weights = np.divide(smallest, distances, out=(distances == 0).astype(np.float64), where=distances > 0)
    shares = np.zeros((len(places), int(labels.max(initial=-1)) + 2))
    np.add.at(shares, (np.arange(len(places))[:, None], labels[near]), weights)  # -1 is the last column
    return shares / shares.sum(axis=1, keepdims=True)
