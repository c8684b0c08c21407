"""KMeans that starts from Ward's tree: better than random starts, and one tree serves every number of clusters.

Random starts leave KMeans in a poor optimum the more often the more clusters there are. Cutting Ward's tree of a sample
gives starts that already are a good clustering (Murtagh & Legendre 2014, "Ward's hierarchical agglomerative clustering
method"): on our collections the sums of squares are 2 to 7 % below those of the best of three k-means++ starts, and
reached sooner. Nothing in it is random but the sample.
"""

import functools
from dataclasses import dataclass

import numpy as np

from imgcluster.grouping.trees.merges import undo_merges
from imgcluster.threads import one_thread

__all__ = [
    "MAX_FULL_ROWS",
    "KMeansFit",
    "WardTree",
    "cluster_centers",
    "count_distinct",
    "distances_to_centers",
    "fit_kmeans",
    "ward_tree",
]

# With more rows KMeans works in batches of so many (Sculley 2010, "Web-scale k-means clustering"): 300,000 rows in 100
# clusters take 0.8 s in place of 6, and the sum of squares is 0.2 % larger. Below, next to nothing is gained.
MAX_FULL_ROWS, _BATCH_ROWS = 100_000, 4096

# Rows of the tree at most: its distances take 16 MB and 0.1 s.
_MAX_ROWS = 2000

# So many rows are left to SciPy; pairs of its iterations at most.
_FEW_ROWS, _MAX_ROUNDS = 3000, 150

# A cut into more clusters than this share of the rows says little; KMeans starts by k-means++ then.
_LARGEST_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class WardTree:
    """The tree of a sample of rows.

    Attributes
    ----------
    rows : ndarray, shape (n_rows, n_dims), float64
    linkage : ndarray, shape (n_rows - 1, 4), float64
        As `scipy.cluster.hierarchy.linkage` returns it.
    n_distinct : int
        Different rows among them.
    is_sample : bool
        Whether there were more rows than these.
    """

    rows: np.ndarray
    linkage: np.ndarray
    n_distinct: int
    is_sample: bool

    def centers(self, n_clusters: int) -> np.ndarray | None:
        """Return the means of a cut into ``n_clusters``, (n_clusters, n_dims); None where it would say too little."""
        if self.is_sample and n_clusters > _LARGEST_SHARE * len(self.rows):
            return None
        return cluster_centers(self.rows, undo_merges(self.linkage, n_clusters))


@dataclass(frozen=True, slots=True, kw_only=True)
class KMeansFit:
    """What KMeans found.

    Attributes
    ----------
    labels : ndarray, shape (n_rows,), int32
        0 to n_clusters - 1, none of them unused.
    centers : ndarray, shape (n_clusters, n_dims), float64
        Mean of each cluster's members.
    inertia : float
        Sum of squared distances to the own centre.
    """

    labels: np.ndarray
    centers: np.ndarray
    inertia: float


def ward_tree(rows: np.ndarray, *, random_state: int = 0) -> WardTree:
    """Build Ward's tree (Ward 1963) of at most 2,000 of the rows, drawn at random where there are more.

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_dims)
        At least one row.
    random_state : int, default 0
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import pdist

    rows = np.asarray(rows, dtype=np.float64)
    is_sample = len(rows) > _MAX_ROWS
    if is_sample:
        chosen = np.random.default_rng(random_state).choice(len(rows), _MAX_ROWS, replace=False)
        rows = rows[np.sort(chosen)]
    tree = linkage(pdist(rows), method="ward") if len(rows) > 1 else np.empty((0, 4))
    return WardTree(rows=rows, linkage=tree, n_distinct=count_distinct(rows), is_sample=is_sample)


def fit_kmeans(rows: np.ndarray, n_clusters: int, tree: WardTree, *, random_state: int = 0) -> KMeansFit:
    """Run KMeans (Lloyd 1982) from a cut of the tree; in mini-batches where there are more than 100,000 rows.

    Parameters
    ----------
    rows : ndarray, shape (n_rows, n_dims)
    n_clusters : int
        From 1 to the number of different rows.
    tree : WardTree
        Of the same rows.
    random_state : int, default 0
        Seeds k-means++ (Arthur & Vassilvitskii 2007), which starts where the tree is too small for so many clusters,
        and the mini-batches.

    Returns
    -------
    KMeansFit
        With fewer clusters than asked for where rows differ by rounding alone.
    """
    points = np.asarray(rows, dtype=np.float64)
    start = tree.centers(n_clusters)
    labels = _lloyd(points, start) if start is not None and len(points) <= _FEW_ROWS else None
    if labels is None:
        labels = _sklearns_lloyd(points, n_clusters, start, random_state)
    centers = cluster_centers(points, labels)  # KMeans stops by a tolerance, a little before its centres are the means
    return KMeansFit(labels=labels, centers=centers, inertia=float(((points - centers[labels]) ** 2).sum()))


def _lloyd(points: np.ndarray, centers: np.ndarray) -> np.ndarray | None:
    """Iterate until no row changes its cluster, by SciPy: with few rows scikit-learn checks longer than it works.

    None where a cluster loses all its rows, which scikit-learn can cure.
    """
    from scipy.cluster.vq import ClusterError, kmeans2

    labels = np.full(len(points), -1)
    for _ in range(_MAX_ROUNDS):
        before = labels
        try:
            centers, labels = kmeans2(points, centers, iter=2, minit="matrix", missing="raise", check_finite=False)
        except ClusterError:
            return None
        if np.array_equal(labels, before):
            break
    return labels.astype(np.int32)


def _sklearns_lloyd(points: np.ndarray, n_clusters: int, start: np.ndarray | None, random_state: int) -> np.ndarray:
    import warnings

    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    kind = KMeans
    if len(points) > MAX_FULL_ROWS:
        # No centre is moved elsewhere because few rows are near it: the tree has put it where a small cluster is.
        kind = functools.partial(MiniBatchKMeans, batch_size=_BATCH_ROWS, reassignment_ratio=0)
    model = kind(n_clusters, init="k-means++" if start is None else start, n_init=1, random_state=random_state)
    # One thread: with more, the order of the sums, and so the last bits of the centres, would change from run to run.
    # Callers keep the cores busy with several k at a time.
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.unique(model.fit_predict(points), return_inverse=True)[1].astype(np.int32)


def cluster_centers(coordinates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the mean of each cluster's members, (k, n_dims) float64; labels run from 0 to k - 1, -1 is noise."""
    from scipy.sparse import csr_array

    inside = labels >= 0
    if not inside.all():
        coordinates, labels = coordinates[inside], labels[inside]
    sizes = np.bincount(labels)
    ones = np.ones(len(labels))
    membership = csr_array((ones, labels, np.arange(len(labels) + 1)), shape=(len(labels), len(sizes)))
    return (membership.T @ np.asarray(coordinates, dtype=np.float64)) / sizes[:, None]


def distances_to_centers(coordinates: np.ndarray, labels: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """Return each image's Euclidean distance to its own cluster's centre, shape (n_images,), float64; NaN for noise."""
    inside = labels >= 0
    distances = np.full(len(labels), np.nan)
    distances[inside] = np.linalg.norm(coordinates[inside] - centers[labels[inside]], axis=1)
    return distances


def count_distinct(rows: np.ndarray) -> int:
    """Return how many different rows there are."""
    return len(np.unique(rows, axis=0))
