"""The scores of one clustering: how tight, how far apart, how sure to be found again."""

import warnings
from collections.abc import Sequence

import numpy as np

from imgcluster.grouping.ward_kmeans import WardTree, cluster_centers, fit_kmeans

__all__ = ["agreement_of_halves", "calinski_harabasz", "davies_bouldin", "inertia_and_distortion", "log_dispersion"]

# A sum of squares below this share of the whole is rounding.
_NOTHING = 1e-12


def inertia_and_distortion(coordinates: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the sum of squared distances to the own cluster's mean, and the mean of the plain ones.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray, shape (n_images,)
        0 to k - 1.
    """
    points = np.asarray(coordinates, dtype=np.float64)
    distances = np.linalg.norm(points - cluster_centers(points, labels)[labels], axis=1)
    return float((distances**2).sum()), float(distances.mean())


def log_dispersion(rows: np.ndarray, inertia: float) -> float:
    """Return log W_k of Tibshirani, Walther & Hastie 2001; nan where every row is its cluster's centre.

    W_k, the sum over clusters of all pairwise squared distances divided by twice the size, is the inertia.
    """
    whole = ((rows - rows.mean(axis=0)) ** 2).sum()
    return float(np.log(inertia)) if inertia > _NOTHING * whole else np.nan


def davies_bouldin(coordinates: np.ndarray, labels: np.ndarray) -> float:
    """Return the index of Davies & Bouldin 1979 (small is good, 0 or more); nan where it is not defined.

    The mean over clusters of the worst (width + other's width) / distance of their centres, where a width is the mean
    distance of the members to their centre. scikit-learn's value; its way there takes twenty times as long.
    """
    if not _several(labels):
        return np.nan
    points = np.asarray(coordinates, dtype=np.float64)
    centers = cluster_centers(points, labels)
    widths = np.bincount(labels, weights=np.linalg.norm(points - centers[labels], axis=1)) / np.bincount(labels)
    apart = np.linalg.norm(centers[:, None] - centers, axis=2)
    if np.allclose(widths, 0) or np.allclose(apart, 0):
        return 0.0
    apart[apart == 0] = np.inf
    return float(((widths[:, None] + widths) / apart).max(axis=1).mean())


def calinski_harabasz(coordinates: np.ndarray, labels: np.ndarray) -> float:
    """Return the index of Calinski & Harabasz 1974 (large is good, 0 or more); nan where it is not defined."""
    from sklearn.metrics import calinski_harabasz_score

    if not _several(labels):
        return np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(calinski_harabasz_score(coordinates, labels))


def agreement_of_halves(rows: np.ndarray, halves: Sequence[tuple[WardTree, WardTree]], n_clusters: int) -> np.ndarray:
    """Cluster two halves apart, and compare the labels that the centres of each give to all rows.

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_dims)
        The common images.
    halves : sequence of pairs of WardTree
    n_clusters : int

    Returns
    -------
    ndarray, shape (n_pairs,)
        Adjusted Rand indices (Hubert & Arabie 1985), 1 where both halves give the same groups, around 0 by chance; nan
        where a half has fewer different rows than ``n_clusters``. The idea is that of Lange, Roth, Braun & Buhmann
        2004, "Stability-based validation of clustering solutions".
    """
    from sklearn.metrics import pairwise_distances_argmin

    agreements = np.full(len(halves), np.nan)
    for number, pair in enumerate(halves):
        if n_clusters <= min(half.n_distinct for half in pair):
            first, second = (
                pairwise_distances_argmin(rows, fit_kmeans(half.rows, n_clusters, half).centers) for half in pair
            )
            agreements[number] = _adjusted_rand(first, second)
    return agreements


def _adjusted_rand(first: np.ndarray, second: np.ndarray) -> float:
    """Return the adjusted Rand index of two labelings; scikit-learn checks its input for far longer than this takes."""
    table = np.bincount(first * (second.max() + 1) + second).astype(float)
    in_both, in_first, in_second, pairs = (
        (counts * (counts - 1)).sum() / 2
        for counts in (table, np.bincount(first), np.bincount(second), np.array([len(first)]))
    )
    expected, most = in_first * in_second / max(pairs, 1), (in_first + in_second) / 2
    return float((in_both - expected) / (most - expected)) if most > expected else 1.0


def _several(labels: np.ndarray) -> bool:
    """Return whether there are at least two clusters, and fewer than images: scikit-learn's condition."""
    return 2 <= len(np.unique(labels)) < len(labels)
