"""From coordinates to the merges of an exact tree, for every linkage and metric."""

import threading

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.features.rows import normalize_rows
from imgcluster.grouping.checking import checked_points
from imgcluster.grouping.trees.merges import cophenetic_distances
from imgcluster.grouping.trees.ward import ward_merges
from imgcluster.progress import raise_if_cancelled

__all__ = ["LINKAGES", "METRICS", "cophenetic_correlation", "exact_merges", "points_to_merge"]

LINKAGES = ("ward", "complete", "average", "single")
METRICS = ("euclidean", "cosine")


def points_to_merge(coordinates: np.ndarray, linkage: str, metric: str) -> tuple[np.ndarray, str]:
    """Check coordinates, and turn the metric into one of Euclid's.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    linkage : {"ward", "complete", "average", "single"}
    metric : {"euclidean", "cosine"}

    Returns
    -------
    points : ndarray, shape (n_images, n_dims) or, where rows are zero, (n_images, n_dims + 1), float64
    measure : {"euclidean", "sqeuclidean"}
        What to call `scipy.spatial.distance.pdist` with to get distances in the metric. For cosine distances the rows
        have the length sqrt(1/2), and then the squared distance is 1 - cos, without the digits that 1 - cos loses. Rows
        of zeros stand at right angles to all others.

    Raises
    ------
    ParameterError
        When there are no rows, a value is not finite, the linkage or metric is unknown, or Ward's linkage, which is
        made of Euclidean distances, shall work on others.
    """
    if linkage not in LINKAGES or metric not in METRICS:
        raise ParameterError(
            f"There is no linkage {linkage!r} with the metric {metric!r}.",
            hint=f"Linkages are {', '.join(LINKAGES)}; metrics are {', '.join(METRICS)}.",
        )
    if (linkage, metric) == ("ward", "cosine"):
        raise ParameterError(
            "The linkage 'ward' needs Euclidean distances, and the metric is 'cosine'.",
            hint="Choose another linkage, or the metric euclidean.",
        )
    points = checked_points(coordinates)
    if metric == "euclidean":
        return points, "euclidean"
    points = normalize_rows(points)
    without_direction = ~points.any(axis=1)
    if without_direction.any():
        points = np.column_stack([points, without_direction])
    return points * np.sqrt(0.5), "sqeuclidean"


def exact_merges(
    points: np.ndarray, linkage: str, measure: str, *, cancel: threading.Event | None = None
) -> np.ndarray:
    """Merge rows: by fastcluster (Müllner 2013), and many rows by `ward_merges` where Ward's linkage is asked for.

    Parameters
    ----------
    points, linkage, measure
        See `points_to_merge`. Complete and average linkage keep all distances, 4 n squared bytes; Ward's and single
        linkage need no memory to speak of.
    cancel : threading.Event, optional
        See `imgcluster.progress`; looked at by Ward's linkage.

    Returns
    -------
    ndarray, shape (n_images - 1, 4), float64
        As of `scipy.cluster.hierarchy.linkage`; heights never fall.

    Raises
    ------
    Cancelled
    """
    import fastcluster
    from scipy.spatial.distance import pdist

    if len(points) == 1:
        return np.empty((0, 4))  # fastcluster would ask for -1 rows
    raise_if_cancelled(cancel)
    if linkage == "ward":
        merges = ward_merges(points, cancel=cancel)
    elif linkage == "single":
        merges = fastcluster.linkage_vector(points, "single")  # the smallest distance is the smallest square too
        if measure == "sqeuclidean":
            merges[:, 2] **= 2
    else:
        merges = fastcluster.linkage(pdist(points, measure), linkage, preserve_input=False)
    merges[:, 2] = np.maximum.accumulate(merges[:, 2])  # rounding may have let a height fall
    return merges


def cophenetic_correlation(linkage: np.ndarray, leaves: np.ndarray, points: np.ndarray, measure: str) -> float:
    """Correlate the distances of images with the heights at which they meet (Sokal & Rohlf 1962).

    Parameters
    ----------
    linkage : ndarray, shape (n_leaves - 1, 4)
    leaves : ndarray, shape (m,)
        The leaf of each image. Images of one leaf meet at height 0.
    points : ndarray, shape (m, n_dims)
    measure : str
        See `points_to_merge`.

    Returns
    -------
    float
        In [-1, 1]; NaN where there are fewer than two different distances or heights.
    """
    from scipy.spatial.distance import pdist

    distances, heights = pdist(points, measure), cophenetic_distances(linkage, leaves)
    if len(leaves) < 3 or np.ptp(distances) == 0 or np.ptp(heights) == 0:
        return float("nan")
    return float(np.corrcoef(distances, heights)[0, 1])
