"""What a person might want to change: images that may not belong where they are, and groups that look alike."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from imgcluster.grouping.ward_kmeans import cluster_centers

__all__ = ["AlikePair", "Misfit", "alike_groups", "may_not_belong"]

# Shown as -0.01 at least. With the digits in 8, 10 and 12 groups 92 of the 105 images below this are of another class
# than most of their group.
_NEGATIVE = -0.005

# Far below what is usual in its own group, and not far from another: three standard deviations by the median absolute
# one. Of such digits 49 of 125 are of another class, of all digits 16 %.
_LOW, _DEVIATIONS, _MAD_OF_NORMAL = 0.15, 3.0, 0.6745
_FEWEST = 5  # in smaller groups nothing is usual

# Halves of a normal distribution have a similarity of 1.51 / 2 = 0.76, of a uniform one 0.58; groups with a gap between
# them less. Of all pairs that KMeans with 5 to 30 clusters leaves above 0.45 in the diffusion maps of the Caltech
# photographs, the digits and the drawings, 41 of 45 have the same class in the majority, and none is found at up to the
# true number of classes. In 20 principal components it is 84 of 97, and 4 with the digits, which overlap there.
_LEAST_SIMILARITY = 0.45

_SAME_PLACE = 1e-9  # of the largest coordinate: what rounding makes of no distance

_BLOCK = 4_000_000  # distances at once: 32 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """An image that may not belong to its group.

    Attributes
    ----------
    image : int
    label : int
        Its group.
    nearest : int
        The other group whose images are the nearest to it on average, as the silhouette has it.
    silhouette : float
    reason : str
        One sentence.
    """

    image: int
    label: int
    nearest: int
    silhouette: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikePair:
    """Two groups that may be one.

    Attributes
    ----------
    labels : tuple of int
        The larger group first.
    similarity : float
        See `alike_groups`; infinite where the two are in the same place.
    reason : str
        One sentence.
    """

    labels: tuple[int, int]
    similarity: float
    reason: str


def may_not_belong(
    coordinates: np.ndarray,
    labels: np.ndarray,
    silhouettes: np.ndarray,
    *,
    n: int = 24,
    settled: Collection[int] = (),
    titles: Sequence[str] | None = None,
) -> tuple[Misfit, ...]:
    """List images that lie nearer to another group than to their own, or between two and far from all others of theirs.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray of int, shape (n_images,)
        0 to k - 1, none of them unused; -1 is in no group.
    silhouettes : ndarray, shape (n_images,)
        As `imgcluster.grouping.silhouette.silhouette_samples` gives them.
    n : int, default 24
        How many at most.
    settled : collection of int
        Images that are left out: confirmed by a person, or in a locked group.
    titles : sequence of str, optional
        What the groups are called, for the reason; "Group 1" and so on where it is missing.

    Returns
    -------
    tuple of Misfit
        Worst first, by silhouette; of equal ones the earlier image first. Empty where there is only one group.
    """
    labels, silhouettes = np.asarray(labels), np.asarray(silhouettes, dtype=np.float64)
    n_groups = int(labels.max(initial=-1)) + 1
    if n_groups < 2:
        return ()
    low = (silhouettes <= _NEGATIVE) | (silhouettes < _usual_limits(labels, silhouettes, n_groups)[labels])
    low &= labels >= 0
    low[list(settled)] = False
    found = np.flatnonzero(low)
    found = found[np.argsort(silhouettes[found], kind="stable")][:n]
    nearest = _nearest_other(coordinates, labels, found)
    misfits = []
    for image, other in zip(found.tolist(), nearest.tolist(), strict=True):
        value, own = float(silhouettes[image]), int(labels[image])
        where = "lies nearer to" if value <= _NEGATIVE else "lies far from most of its group, toward"
        misfits.append(
            Misfit(
                image=image,
                label=own,
                nearest=other,
                silhouette=value,
                reason=f"It {where} {_title(other, titles)} (fit {value:.2f}).",
            )
        )
    return tuple(misfits)


def alike_groups(
    coordinates: np.ndarray,
    labels: np.ndarray,
    *,
    n: int = 5,
    locked: Collection[int] = (),
    titles: Sequence[str] | None = None,
) -> tuple[AlikePair, ...]:
    """Find pairs of groups without a gap between them: one group, cut in two.

    The similarity is that of Davies & Bouldin (1979), (s_i + s_j) / d_ij: the spread of both over the distance of their
    centres. The spread is measured along the line through both centres only, as a standard deviation: what a group
    varies in besides says nothing of a gap. (With the whole spread, groups of two kinds each are the most similar of
    all, and a limit that finds halves of one kind finds many others before: over all pairs, an area under the ROC curve
    of 0.37 in place of 0.91.) A pair is proposed above 0.45, and where each is the other's nearest.

    Parameters
    ----------
    coordinates : ndarray, shape (n_images, n_dims)
    labels : ndarray of int, shape (n_images,)
        0 to k - 1, none of them unused; -1 is in no group.
    n : int, default 5
        How many pairs at most.
    locked : collection of int
        Groups that are left out.
    titles : sequence of str, optional
        What the groups are called, for the reason.

    Returns
    -------
    tuple of AlikePair
        The most similar first. No group is in two pairs.

    References
    ----------
    D. L. Davies, D. W. Bouldin, A Cluster Separation Measure, IEEE Transactions on Pattern Analysis and Machine
    Intelligence 1 (2), 1979.
    """
    labels = np.asarray(labels)
    n_groups = int(labels.max(initial=-1)) + 1
    if n_groups < 2:
        return ()
    coordinates = np.asarray(coordinates, dtype=np.float64)
    centers = cluster_centers(coordinates, labels)
    sizes = np.bincount(labels[labels >= 0])
    nearest = _nearest_centers(centers)
    pairs = []
    for first in range(n_groups):
        second = int(nearest[first])
        if nearest[second] != first or first > second or {first, second} & set(locked):
            continue
        similarity = _similarity(coordinates, labels, centers, first, second)
        if similarity < _LEAST_SIMILARITY:
            continue
        large, small = sorted((first, second), key=lambda label: (-sizes[label], label))
        titled = f"{_title(large, titles)} and {_title(small, titles)}"
        gap = "are in the same place" if np.isinf(similarity) else f"have no gap between them (score {similarity:.2f})"
        pairs.append(AlikePair(labels=(large, small), similarity=similarity, reason=f"{titled} {gap}."))
    return tuple(sorted(pairs, key=lambda pair: (-pair.similarity, pair.labels))[:n])


def _usual_limits(labels: np.ndarray, silhouettes: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the silhouette below which one is unusual in each group, shape (n_groups,); in small groups none is."""
    limits = np.full(n_groups, -np.inf)
    for label in range(n_groups):
        own = silhouettes[labels == label]
        if len(own) >= _FEWEST:
            median = np.median(own)
            deviation = np.median(np.abs(own - median)) / _MAD_OF_NORMAL
            limits[label] = min(_LOW, median - _DEVIATIONS * deviation)
    return limits


def _nearest_other(coordinates: np.ndarray, labels: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the group, not its own, to whose images each image has the smallest mean distance."""
    coordinates, inside = np.asarray(coordinates, dtype=np.float64), labels >= 0
    nearest = np.empty(len(images), dtype=np.intp)
    for rows, distances in _distance_blocks(coordinates[images], coordinates[inside]):
        means = cluster_centers(distances.T, labels[inside]).T
        means[np.arange(len(means)), labels[images[rows]]] = np.inf
        nearest[rows] = means.argmin(axis=1)
    return nearest


def _nearest_centers(centers: np.ndarray) -> np.ndarray:
    """Return the other group whose centre is nearest to that of each."""
    nearest = np.empty(len(centers), dtype=np.intp)
    for rows, distances in _distance_blocks(centers, centers):
        own = np.arange(rows.start, rows.stop)
        distances[own - rows.start, own] = np.inf
        nearest[rows] = distances.argmin(axis=1)
    return nearest


def _distance_blocks(points: np.ndarray, others: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the distances of some points at a time to all others, with the place of these points."""
    from scipy.spatial.distance import cdist

    step = max(1, _BLOCK // max(1, len(others)))
    for start in range(0, len(points), step):
        rows = slice(start, min(len(points), start + step))
        yield rows, cdist(points[rows], others)


def _similarity(coordinates: np.ndarray, labels: np.ndarray, centers: np.ndarray, first: int, second: int) -> float:
    line = centers[second] - centers[first]
    distance = float(np.linalg.norm(line))
    if distance <= _SAME_PLACE * np.abs(centers).max():
        return float("inf")
    spread = sum(
        float(((coordinates[labels == label] - centers[label]) @ line).std()) / distance for label in (first, second)
    )
    return spread / distance


def _title(label: int, titles: Sequence[str] | None) -> str:
    return titles[label] if titles is not None else f"Group {label + 1}"
