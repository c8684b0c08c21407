"""Whether a new image is like the known ones at all: how far it lies from the nearest, against what is usual there."""

from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.features.blocks import first_twins
from imgcluster.features.rows import normalize_rows
from imgcluster.features.scaling import fit_scaling, scaled_blocks
from imgcluster.spaces.nearest import nearest_rows

__all__ = [
    "FEWEST_IMAGES",
    "MOST_HELD_OUT",
    "NOTHING_IN_COMMON",
    "KnownImages",
    "check_quantile",
    "comparable_vectors",
    "held_out_novelties",
    "known_images",
    "mean_of_nearest",
    "novelty_thresholds",
]

FEWEST_IMAGES = 5
"""With fewer different images nothing can be said of what is usual."""

MOST_HELD_OUT = 5000
"""Of more different images as many are held out: more would hardly move a quantile, and take minutes."""

NOTHING_IN_COMMON = 0.999
"""The cosine distance of two images that have as good as no feature in common; without any it is 1, up to rounding."""

_N_NEAREST = 3
_NOT_MEASURED = -1.0
# How many images of its own a group needs until they count as much as all images together.
_SHRINKAGE = 20
# What is searched at once: the candidates are compared in float64, and some 50 MB are enough for that.
_BLOCK_ROWS = 512
# What is searched in at once: 84 MB of a network's vectors.
_KNOWN_ROWS = 16_384


def comparable_vectors(vectors: np.ndarray, scaling: str) -> np.ndarray:
    """Scale features and make their rows unit vectors, in the precision that a model keeps.

    Parameters
    ----------
    vectors : ndarray, shape (n, n_features)
        Finite.
    scaling : {"hellinger", "l2", "none"}
        As `Features.scaling`.

    Returns
    -------
    ndarray, shape (n, n_features), float16
        Rows without a direction are zero.
    """
    kept = np.empty(vectors.shape, dtype=np.float16)
    for rows, block in scaled_blocks(vectors, fit_scaling(vectors, scaling)):
        kept[rows] = normalize_rows(block) + np.float32(0)  # there is no -0, which is another byte than 0
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownImages:
    """The images that new ones are compared with; of those with the same features only the first.

    Attributes
    ----------
    images : ndarray, shape (n_different,), int64
        Their numbers, rising.
    vectors : ndarray, shape (n_images, n_features), float16
        Those of all images, from `comparable_vectors`.
    """

    images: np.ndarray
    vectors: np.ndarray

    def nearest(self, vectors: np.ndarray, n_nearest: int) -> tuple[np.ndarray, np.ndarray]:
        """Find the nearest known images of others.

        Parameters
        ----------
        vectors : ndarray, shape (m, n_features), float16
            From `comparable_vectors`.
        n_nearest : int
            At most n_different.

        Returns
        -------
        positions : ndarray, shape (m, n_nearest), int64
            In ``images``; nearest first, of equally near ones the earlier first.
        distances : ndarray, shape (m, n_nearest), float64
            1 - cosine, in [0, 2]; exactly 0 for equal vectors.
        """
        # Single precision takes twice the memory of what is kept, and so is made of some of them at a time; of those
        # asked for too, once for each block of the known: that takes 1 % of the time that their search does.
        positions, distances = np.empty((len(vectors), 0), dtype=np.int64), np.empty((len(vectors), 0))
        for start in range(0, len(self.images), _KNOWN_ROWS):
            known = _unit_rows(self.vectors[self.images[start : start + _KNOWN_ROWS]])
            found = [
                nearest_rows(known, _unit_rows(vectors[row : row + _BLOCK_ROWS]), min(n_nearest, len(known)))
                for row in range(0, max(1, len(vectors)), _BLOCK_ROWS)
            ]
            near, far = (np.concatenate(parts) for parts in zip(*found, strict=True))
            positions = np.concatenate([positions, start + near.astype(np.int64)], axis=1)
            distances = np.concatenate([distances, far], axis=1)
            order = np.argsort(distances, axis=1, kind="stable")[:, :n_nearest]
            positions = np.take_along_axis(positions, order, axis=1)
            distances = np.take_along_axis(distances, order, axis=1)
        return positions, np.minimum(distances**2 / 2, 2.0)


def known_images(vectors: np.ndarray) -> KnownImages:
    """Return the different ones among the images of a model.

    Parameters
    ----------
    vectors : ndarray, shape (n_images, n_features), float16
        From `comparable_vectors`.
    """
    return KnownImages(images=np.unique(first_twins(vectors)).astype(np.int64), vectors=vectors)


def _unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Return unit vectors, (m, n_features + 1) float32, half the squared distance of which is the cosine distance.

    The last column is 1 where there is no direction: such rows are at 0 from each other, and at 1 from all others.
    """
    rows = np.zeros((len(vectors), vectors.shape[1] + 1), dtype=np.float32)
    rows[:, :-1] = normalize_rows(vectors.astype(np.float32))
    rows[:, -1] = ~rows.any(axis=1)
    return rows


def mean_of_nearest(distances: np.ndarray) -> np.ndarray:
    """Return how novel images are: the mean distance to the 3 nearest known ones, or to as many as there are.

    Parameters
    ----------
    distances : ndarray, shape (m, k)
        Rising in each row; k at least 1.

    Returns
    -------
    ndarray, shape (m,), float64
    """
    return distances[:, :_N_NEAREST].mean(axis=1)


def held_out_novelties(vectors: np.ndarray) -> np.ndarray:
    """Measure how novel each known image would be, if it were not known: held out, one at a time.

    Parameters
    ----------
    vectors : ndarray, shape (n_images, n_features), float16
        From `comparable_vectors`.

    Returns
    -------
    ndarray, shape (n_images,), float32
        Mean cosine distance to the 3 nearest different images. Of more than 5,000 different images only as many are
        measured, taken at random and always the same. -1 for the others, for all but the first of identical ones, and
        where there are no different ones.
    """
    known = known_images(vectors)
    n_known = len(known.images)
    novelties = np.full(len(vectors), _NOT_MEASURED, dtype=np.float32)
    if n_known == 1:
        return novelties
    asked = np.arange(n_known)
    if n_known > MOST_HELD_OUT:
        asked = np.sort(np.random.default_rng(0).choice(n_known, MOST_HELD_OUT, replace=False))
    images = known.images[asked]
    positions, distances = known.nearest(vectors[images], min(_N_NEAREST + 1, n_known))
    itself = positions == asked[:, None]
    itself[~itself.any(axis=1), -1] = True  # crowded out by images that differ by less than float32 can tell
    others = distances[~itself].reshape(len(asked), -1)
    novelties[images] = mean_of_nearest(others)
    return novelties


def novelty_thresholds(novelties: np.ndarray, labels: np.ndarray, n_clusters: int, quantile: float) -> np.ndarray:
    """Say beyond which novelty an image belongs to none of the clusters.

    For each cluster it is the mean of two quantiles: that of its own n images, which counts n times, and that of all
    images, which counts 20 times. What is usual differs from group to group, but a few images cannot say it alone.

    Measured by ``benchmarks/predicting.py``, models of half of the pictures of 7 of the 10 classes in ``caltech10``
    (k = 7, mean of 10 choices) refused 5.6 % of the other half and 95.8 % of strangers; by the quantile of all images
    it was 5.6 % and 96.6 %, by that of the group alone 8.1 % and 93.7 %. With k = 28 it was 7.0 % and 97.2 %, against
    16.9 % and 97.2 % by the group alone. On drawings (8 of 12 kinds) it was 2.4 % and 93.5 %, against 3.9 % and
    90.4 % by all images; on digits (7 of 10) 6.2 % and 68.1 %, against 4.5 % and 62.9 %. Looking for the nearest
    images in the found group only gained 0.8 % of the strangers at k = 7, and refused 16 % of the other half at
    k = 30.

    Parameters
    ----------
    novelties : ndarray, shape (n_images,)
        From `held_out_novelties`; -1 does not count.
    labels : ndarray of int, shape (n_images,)
        -1 is noise.
    n_clusters : int
    quantile : float
        In [0, 1]; 0.95 refuses about 5 % of the images that do belong.

    Returns
    -------
    ndarray, shape (n_clusters + 1,), float64
        The last one is for noise, and that of all images. With fewer than 5 measured ones all are 0.999: then only
        images that have nothing in common with any of them are refused.

    Raises
    ------
    ParameterError
        The quantile is out of range.
    """
    check_quantile(quantile)
    measured = novelties != _NOT_MEASURED
    novelties, labels = novelties[measured].astype(np.float64), labels[measured]
    if len(novelties) < FEWEST_IMAGES:
        return np.full(n_clusters + 1, NOTHING_IN_COMMON)
    of_all = np.quantile(novelties, quantile)
    thresholds = np.full(n_clusters + 1, of_all)
    for cluster in np.unique(labels[labels >= 0]):
        own = novelties[labels == cluster]
        thresholds[cluster] = (len(own) * np.quantile(own, quantile) + _SHRINKAGE * of_all) / (len(own) + _SHRINKAGE)
    return thresholds


def check_quantile(quantile: float) -> None:
    """Raise `ParameterError` unless a quantile is from 0 to 1."""
    if not 0 <= quantile <= 1:
        raise ParameterError(f"quantile={quantile:g} should be from 0 to 1.", hint="0.95 is usual.")
