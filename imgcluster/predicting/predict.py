"""Where new images belong, without running anything again: the cluster, how surely, or "none of these"."""

from dataclasses import dataclass, fields

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.predicting.assigning import shares_by_centers, shares_by_neighbors
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.novelty import (
    KnownImages,
    comparable_vectors,
    known_images,
    mean_of_nearest,
    novelty_thresholds,
)
from imgcluster.spaces.transform import place_new

__all__ = ["DEFAULT_QUANTILE", "Prediction", "predict"]

DEFAULT_QUANTILE = 0.95

_BY_CENTERS = ("kmeans", "spherical")
# The novelty needs 3.
_LEAST_NEIGHBORS = 3
# Two places whose distance is so small a part of the space's size are the same, up to the rounding of float32.
_SAME_PLACE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Where each of m images belongs.

    Attributes
    ----------
    labels : ndarray, shape (m,), int32
        The cluster; -1 is "no group". It is the best answer there is, whatever the novelty says.
    probabilities : ndarray, shape (m,), float64
        Of that answer, in [0, 1], given that the image belongs to any.
    runners_up : ndarray, shape (m,), int32
        The second best answer; -1 where that is "no group", or where there is none: its probability is 0 then.
    runner_up_probabilities : ndarray, shape (m,), float64
    novelties : ndarray, shape (m,), float64
        Mean cosine distance of the scaled features to the 3 nearest known images, in [0, 2].
    thresholds : ndarray, shape (m,), float64
        The novelty from which on an image would be too far out for the cluster found.
    is_none : ndarray, shape (m,), bool
        The novelty is above the threshold: "none of these". Never for one of the known images themselves.
    neighbors : ndarray, shape (m, k), int64
        The nearest known images, nearest first: the reason. Of identical ones only the first is named.
    neighbor_distances : ndarray, shape (m, k), float64
        Cosine distances of the scaled features.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    runners_up: np.ndarray
    runner_up_probabilities: np.ndarray
    novelties: np.ndarray
    thresholds: np.ndarray
    is_none: np.ndarray
    neighbors: np.ndarray
    neighbor_distances: np.ndarray

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).setflags(write=False)

    def __len__(self) -> int:
        return len(self.labels)


def predict(
    model: ClusterModel, vectors: np.ndarray, *, quantile: float = DEFAULT_QUANTILE, n_neighbors: int = 5
) -> Prediction:
    """Say where new images belong.

    - The cluster: by the nearest centre in the space for "kmeans" and "spherical" (see `shares_by_centers`), for all
      other methods by the votes of the nearest images there, those of no cluster included (see `shares_by_neighbors`).
      Of equally good answers the one with the smaller number, "no group" last. An image with the features of a known
      one has that one's cluster, with probability 1.
    - Whether it belongs to any: by the distance to the 3 nearest known images in the features, as the space cannot tell
      strangers; see `novelty_thresholds`.

    Parameters
    ----------
    model : ClusterModel
    vectors : ndarray, shape (m, n_features)
        Features as they come from the extractor that made the model's, not scaled. There may be none, m = 0.
    quantile : float, default 0.95
        The part of the known images that are no farther out than the threshold, in [0, 1].
    n_neighbors : int, default 5
        How many of the nearest images to name; fewer where there are fewer different ones.

    Returns
    -------
    Prediction

    Raises
    ------
    ParameterError
        A value is not finite, the number of features is not the model's, or an option is out of range.
    """
    if n_neighbors < 1:
        raise ParameterError(f"n_neighbors={n_neighbors} should be 1 or more.")
    thresholds = novelty_thresholds(model.novelties, model.labels, model.n_clusters, quantile)
    known = known_images(model.vectors)
    n_neighbors = min(n_neighbors, len(known.images))
    vectors = np.asarray(vectors)
    if vectors.ndim == 2 and len(vectors) == 0:
        return _nothing(n_neighbors)
    places = place_new(model.space, vectors)
    near, distances = _nearest(known, comparable_vectors(vectors, model.scaling), n_neighbors)
    shares = _shares(model, places)
    is_known = _settle_known(shares, model, places, near, distances)
    order = np.argsort(-shares, axis=1, kind="stable")[:, :2]
    best, second = np.take_along_axis(shares, order, axis=1).T
    labels, runners_up = np.where(order == shares.shape[1] - 1, -1, order).astype(np.int32).T
    runners_up = np.where(second > 0, runners_up, -1).astype(np.int32)
    thresholds = thresholds[labels]  # the last one is that of -1
    novelties = mean_of_nearest(distances)
    return Prediction(
        labels=labels.copy(),
        probabilities=best.copy(),
        runners_up=runners_up,
        runner_up_probabilities=second.copy(),
        novelties=novelties,
        thresholds=thresholds,
        is_none=(novelties > thresholds) & ~is_known,
        neighbors=near[:, :n_neighbors].copy(),
        neighbor_distances=distances[:, :n_neighbors].copy(),
    )


def _nearest(known: KnownImages, vectors: np.ndarray, n_neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    positions, distances = known.nearest(vectors, min(max(n_neighbors, _LEAST_NEIGHBORS), len(known.images)))
    return known.images[positions], distances


def _shares(model: ClusterModel, places: np.ndarray) -> np.ndarray:
    """Return each answer's share, that of noise last, shape (m, 2 or more)."""
    if model.method in _BY_CENTERS:
        shares = shares_by_centers(model.coordinates, model.labels, places, spherical=model.method == "spherical")
    else:
        shares = shares_by_neighbors(model.coordinates, model.labels, places)
    return np.pad(shares, ((0, 0), (max(0, 2 - shares.shape[1]), 0)))  # where all is noise, there is no second answer


def _settle_known(
    shares: np.ndarray, model: ClusterModel, places: np.ndarray, near: np.ndarray, distances: np.ndarray
) -> np.ndarray:
    """Give those that are known images the clusters of these: they may have been put elsewhere by hand.

    Equal scaled features are not enough, as the space may have been made of others: the places have to agree as well.
    Returns which ones those are, shape (m,), bool.
    """
    gaps = np.linalg.norm(model.coordinates[near].astype(np.float64) - places[:, None], axis=2)
    size = np.linalg.norm(model.coordinates.astype(np.float64), axis=1).max()
    is_known = (distances == 0) & (gaps <= _SAME_PLACE * size)
    rows = np.flatnonzero(is_known.any(axis=1))
    shares[rows] = 0.0
    shares[rows, model.labels[near[rows, is_known[rows].argmax(axis=1)]]] = 1.0  # -1 is the last column
    return is_known.any(axis=1)


def _nothing(n_neighbors: int) -> Prediction:
    labels, numbers = np.empty(0, dtype=np.int32), np.empty(0)
    return Prediction(
        labels=labels,
        probabilities=numbers,
        runners_up=labels.copy(),
        runner_up_probabilities=numbers.copy(),
        novelties=numbers.copy(),
        thresholds=numbers.copy(),
        is_none=np.empty(0, dtype=bool),
        neighbors=np.empty((0, n_neighbors), dtype=np.int64),
        neighbor_distances=np.empty((0, n_neighbors)),
    )
