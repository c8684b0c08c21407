"""The odd ones out: images far from all others, and images that lie nearer to another group than to their own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imgcluster.spaces.space import Space

__all__ = ["OddImage", "local_outlier_factors", "odd_images"]

# Odd is what is above these, and above the robust 97.5 % limit of the collection's own: local outlier factors, and
# distances as a multiple of the median one.
_LEAST_FACTOR, _LEAST_MULTIPLE = 1.5, 1.4
_NORMAL_QUANTILE, _MAD_OF_NORMAL = 1.96, 0.6745

_LEAST_IMAGES = 6  # with fewer different ones nothing is usual

# A silhouette that is shown as -0.01 at least.
_NEGATIVE = -0.005

# Neighbours nearer than this share of the usual are as good as copies: a pile of them would make everything beside it
# infinitely odd.
_LEAST_REACH = 0.1

_BLOCK_ELEMENTS = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OddImage:
    """An image that does not fit in.

    Attributes
    ----------
    image : int
    score : float
        1 is usual, more is odder: the local outlier factor, the mean distance to the neighbours as a multiple of the
        median one, or 1 - silhouette; whichever is most.
    kind : {"far", "between"}
        Which of the two it is: far from its neighbours, or nearer to another cluster than to its own.
    reason : str
        Both, where both hold, in plain words with the numbers.
    """

    image: int
    score: float
    kind: str
    reason: str


def local_outlier_factors(neighbors: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Compute how much farther from its neighbours each image is than they are from theirs (Breunig et al. 2000).

    The local reachability density of an image is one over its mean reachability distance; its factor is the mean
    density of its neighbours over its own. Mean reachability distances below a tenth of the median distance to the
    last neighbour count as that tenth, so that copies give no infinite densities; where there are none, the factors are
    those of `sklearn.neighbors.LocalOutlierFactor`.

    Parameters
    ----------
    neighbors : ndarray of int, shape (n_images, k)
        The nearest other images; the image itself is left out.
    distances : ndarray, shape (n_images, k)
        Rising in each row.

    Returns
    -------
    ndarray, shape (n_images,), float64
        About 1 within a crowd, more for outliers; 1 where there are no neighbours, or where all are identical.

    References
    ----------
    M. M. Breunig, H.-P. Kriegel, R. T. Ng, J. Sander, LOF: Identifying Density-Based Local Outliers, SIGMOD 2000.
    """
    distances = np.asarray(distances, dtype=np.float64)
    if distances.size == 0:
        return np.ones(len(distances))
    reach_of = distances[:, -1]
    mean_reach = np.maximum(reach_of[neighbors], distances).mean(axis=1)
    positive = reach_of[reach_of > 0]
    if not len(positive):
        return np.ones(len(distances))
    mean_reach = np.maximum(mean_reach, _LEAST_REACH * np.median(positive))
    return mean_reach * (1 / mean_reach)[neighbors].mean(axis=1)


def odd_images(
    space: Space, labels: np.ndarray, silhouettes: np.ndarray, *, names: Sequence[str] | None = None
) -> tuple[OddImage, ...]:
    """List the images that do not fit in.

    Far is an image whose mean distance to its neighbours is much above the median of the collection, or whose local
    outlier factor is high. "Much" is above 1.4 medians, or a factor of 1.5, and above the collection's robust 97.5 %
    limit of either (the median and 1.96 standard deviations, by the median absolute deviation). The distance finds
    strangers, of whose neighbours each is far from others too: with one picture of a tenth class among 360 Caltech
    photographs of nine, 97 % of the strangers and 0.7 % of the others are above its limit, 7 % and 0.6 % above that of
    the factor, which in turn finds pictures beside a dense crowd.

    Parameters
    ----------
    space : Space
        Its neighbour table counts. Images with the same features share a place, and are as odd as one another.
    labels : ndarray, shape (n_images,)
        0 to k - 1; -1 is noise.
    silhouettes : ndarray, shape (n_images,)
        As `imgcluster.grouping.silhouette.silhouette_samples` returns them; negative ones are odd.
    names : sequence of str, optional
        Of the clusters; "Group 1" and so on where it is missing.

    Returns
    -------
    tuple of OddImage
        Worst first; of equally odd ones, the earlier first.
    """
    labels = np.asarray(labels)
    far = _far_images(space)
    between = np.flatnonzero((np.asarray(silhouettes) <= _NEGATIVE) & (labels >= 0))
    others = _nearest_other_clusters(space.coordinates, labels, between)
    near = {}
    for image, other in zip(between.tolist(), others.tolist(), strict=True):
        name = names[other] if names is not None else f"Group {other + 1}"
        value = float(silhouettes[image])
        near[image] = (1 - value, f"it lies nearer to {name} than to its own group (silhouette {value:.2f})")
    found = []
    for image in sorted(far.keys() | near.keys()):
        parts = {kind: known[image] for kind, known in (("far", far), ("between", near)) if image in known}
        kind = max(parts, key=lambda each: parts[each][0])
        reason = "; ".join(text for _, text in parts.values())
        reason = f"{reason[0].upper()}{reason[1:]}."
        found.append(OddImage(image=image, score=parts[kind][0], kind=kind, reason=reason))
    return tuple(sorted(found, key=lambda odd: -odd.score))


def _far_images(space: Space) -> dict[int, tuple[float, str]]:
    """Return score and words for each image that is far from its neighbours."""
    distinct = np.unique(space.first_twin)
    if len(distinct) < _LEAST_IMAGES:
        return {}
    factors = local_outlier_factors(space.neighbors[:, 1:], space.distances[:, 1:])
    multiples = space.distances[:, 1:].mean(axis=1, dtype=np.float64)
    median = np.median(multiples[distinct])
    multiples = multiples / median if median > 0 else np.ones_like(multiples)
    found = {}
    for values, least, words in (
        (factors, _LEAST_FACTOR, "as theirs are"),
        (multiples, _LEAST_MULTIPLE, "as is usual here"),
    ):
        for image in np.flatnonzero(values > _limit(values[distinct], least)).tolist():
            text = f"its nearest pictures are {values[image]:.1f} times as far away {words}"
            found[image] = max(found.get(image, (0.0, "")), (float(values[image]), text))
    return found


def _limit(values: np.ndarray, least: float) -> float:
    median = np.median(values)
    deviation = np.median(np.abs(values - median)) / _MAD_OF_NORMAL
    return max(least, float(median + _NORMAL_QUANTILE * deviation))


def _nearest_other_clusters(coordinates: np.ndarray, labels: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the cluster, other than its own, to whose members each image's mean distance is the least."""
    from scipy.spatial.distance import cdist

    membership = (labels[:, None] == np.arange(labels.max(initial=-1) + 1)).astype(np.float64)
    sizes = membership.sum(axis=0)
    nearest = np.empty(len(images), dtype=np.int64)
    step = max(1, _BLOCK_ELEMENTS // max(1, len(coordinates)))
    for start in range(0, len(images), step):
        rows = images[start : start + step]
        totals = cdist(coordinates[rows], coordinates) @ membership
        means = np.divide(totals, sizes, out=np.full_like(totals, np.inf), where=sizes > 0)
        means[np.arange(len(rows)), labels[rows]] = np.inf
        nearest[start : start + step] = means.argmin(axis=1)
    return nearest
