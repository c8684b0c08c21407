"""The silhouette: how much nearer an image is to its own cluster than to the next one."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Silhouette", "silhouette_samples"]

# Elements of one block of distances: 32 MB in float64.
_BLOCK_ELEMENTS = 4_000_000

# Members of a small cluster that are all taken into the sample.
_MIN_PER_CLUSTER = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Silhouette:
    """One silhouette value per image, and what it was measured against.

    Attributes
    ----------
    values : ndarray, shape (n_images,), float32
        In [-1, 1]. 0 for the only member of a cluster, for noise, and where there is but one cluster.
    n_reference : int
        Images to which distances were measured.
    exact : bool
        Whether those were all images.
    """

    values: np.ndarray
    n_reference: int
    exact: bool

    def __post_init__(self) -> None:
        self.values.setflags(write=False)


def silhouette_samples(
    coordinates: np.ndarray, labels: np.ndarray, *, max_exact: int = 5000, random_state: int = 0
) -> Silhouette:
    """Compute (b - a) / max(a, b) for each image (Rousseeuw 1987).

    a is its mean Euclidean distance to the other members of its own cluster, b the smallest mean distance to the
    members of another cluster.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray, shape (n_images,)
        0 to k - 1; -1 is noise, which counts for nothing.
    max_exact : int, default 5000
        With more images, each is measured against about this many: a sample that holds the same share of every cluster,
        and at least 30 members where a cluster has them.
    random_state : int, default 0
        Seeds the sample.

    Returns
    -------
    Silhouette
    """
    labels = np.asarray(labels)
    n_clusters = int(labels.max(initial=-1)) + 1
    reference = _reference(labels, n_clusters, max_exact, random_state)
    exact = len(reference) == np.count_nonzero(labels >= 0)
    values = np.zeros(len(labels), dtype=np.float32)
    if n_clusters > 1:
        points = np.asarray(coordinates, dtype=np.float64)
        step = max(1, _BLOCK_ELEMENTS // len(reference))
        for start in range(0, len(labels), step):
            rows = np.arange(start, min(len(labels), start + step))
            values[rows] = _block_values(points, labels, rows, reference, n_clusters)
    return Silhouette(values=values, n_reference=len(reference), exact=exact)


def _reference(labels: np.ndarray, n_clusters: int, max_exact: int, random_state: int) -> np.ndarray:
    """Return the images to measure against: all that are no noise, or a stratified sample of them, in order."""
    clustered = np.flatnonzero(labels >= 0)
    if len(clustered) <= max_exact:
        return clustered
    generator = np.random.default_rng(random_state)
    share = max_exact / len(clustered)
    chosen = []
    for cluster in range(n_clusters):
        members = np.flatnonzero(labels == cluster)
        wanted = min(len(members), max(_MIN_PER_CLUSTER, round(share * len(members))))
        chosen.append(generator.choice(members, wanted, replace=False))
    return np.sort(np.concatenate(chosen))


def _block_values(
    points: np.ndarray, labels: np.ndarray, rows: np.ndarray, reference: np.ndarray, n_clusters: int
) -> np.ndarray:
    own = labels[rows]
    totals = _distances(points[rows], points[reference]) @ np.eye(n_clusters)[labels[reference]]
    counts = np.broadcast_to(np.bincount(labels[reference], minlength=n_clusters), totals.shape).astype(float)
    index = np.arange(len(rows))
    counts[index, own] -= np.isin(rows, reference)  # the image itself is no other member
    means = np.divide(totals, counts, out=np.zeros_like(totals), where=counts > 0)

    inner = means[index, own]
    lonely = counts[index, own] == 0
    means[index, own] = np.inf
    outer = means.min(axis=1)
    largest = np.maximum(inner, outer)
    values = np.divide(outer - inner, largest, out=np.zeros_like(inner), where=largest > 0)
    values[lonely | (own < 0)] = 0.0
    return values


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return Euclidean distances by one float64 matrix product, several times as fast as row by row."""
    squares_a, squares_b = (a**2).sum(axis=1), (b**2).sum(axis=1)
    distances = a @ b.T
    distances *= -2.0
    distances += squares_a[:, None]
    distances += squares_b
    # Below its rounding error a difference is none: identical images are at distance 0 exactly.
    distances[distances < 1e-14 * (squares_a.max() + squares_b.max())] = 0.0
    return np.sqrt(distances, out=distances)
