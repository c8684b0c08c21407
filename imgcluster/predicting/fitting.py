"""From clusters to what says where a new image belongs."""

from collections.abc import Sequence

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.extractors.registry import kind_named
from imgcluster.features.embedding import check_can_look
from imgcluster.features.extraction import Features
from imgcluster.features.options import FeatureOptions
from imgcluster.features.scaling import checked_vectors
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.novelty import comparable_vectors, held_out_novelties
from imgcluster.spaces.space import Space

__all__ = ["fit_model"]


def fit_model(
    *,
    name: str,
    collection_paths: Sequence[str],
    features: Features,
    options: FeatureOptions,
    space: Space,
    labels: np.ndarray,
    method: str,
    names: Sequence[str] | None = None,
    learned: Learned | None = None,
) -> ClusterModel:
    """Make a model of the clusters of a collection. Nothing is trained, but how far out is usual gets measured.

    Parameters
    ----------
    name : str
        Of the collection.
    collection_paths : sequence of str, length n_images
        The shown names of the images.
    features : Features
        Of the same images.
    options : FeatureOptions
        What made the features.
    space : Space
        Made of the features.
    labels : ndarray of int, shape (n_images,)
        0 to n_clusters - 1, none of them unused; -1 is noise. All may be noise.
    method : str
        As `Clustering.method`; see `imgcluster.predicting.predict.predict` for what it decides.
    names : sequence of str, length n_clusters, optional
        "Group 1" and so on by default.
    learned : Learned, optional
        What an autoencoder among the extractors had learned; needed then, and not looked at otherwise.

    Returns
    -------
    ClusterModel

    Raises
    ------
    ParameterError
        The features came from a file, so that no new image could be looked at; what the autoencoder learned is missing;
        or the numbers of images, labels and names do not agree.
    """
    check_can_look(options, learned)
    vectors = checked_vectors(features.vectors)
    labels = np.array(labels, dtype=np.int32)
    n_clusters = _checked_clusters(labels)
    _check_lengths(
        len(vectors), paths=collection_paths, hashes=features.hashes, places=space.coordinates, labels=labels
    )
    names = tuple(f"Group {number}" for number in range(1, n_clusters + 1)) if names is None else tuple(names)
    if len(names) != n_clusters:
        raise ParameterError(f"There are {len(names)} names for {n_clusters} groups.")
    kept = comparable_vectors(vectors, features.scaling)
    return ClusterModel(
        name=name,
        features=options.text,
        extractor=features.extractor,
        learned=learned if any(kind_named(part.name).trained for part in options.parts) else None,
        scaling=features.scaling,
        space=space.model,
        method=method,
        names=names,
        paths=tuple(collection_paths),
        hashes=tuple(features.hashes),
        labels=labels,
        coordinates=space.coordinates,
        vectors=kept,
        novelties=held_out_novelties(kept),
    )


def _checked_clusters(labels: np.ndarray) -> int:
    """Return how many clusters there are."""
    if labels.ndim != 1 or labels.min(initial=0) < -1:
        raise ParameterError("The labels should be one number for each picture: a group's, from 0 on, or -1 for none.")
    n_clusters = int(labels.max(initial=-1)) + 1
    n_used = len(np.unique(labels[labels >= 0]))
    if n_used < n_clusters:
        raise ParameterError(f"The labels go up to {n_clusters - 1}, but only {n_used} of these groups have pictures.")
    return n_clusters


def _check_lengths(n_images: int, **lists: Sequence) -> None:
    for what, given in lists.items():
        if len(given) != n_images:
            raise ParameterError(f"There are {len(given)} {what} for {n_images} pictures.")
