"""What is needed to say where a new image belongs: plain numbers, names and arrays, to be kept in a file."""

from dataclasses import dataclass

import numpy as np

from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.spaces.transform import SpaceModel

__all__ = ["ClusterModel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterModel:
    """The part of a clustering that predicts; see `imgcluster.predicting.predict`.

    Attributes
    ----------
    name : str
        Of the collection that it was made of, for the screen.
    features : str
        What counts as similar, as in `imgcluster.features.options.parse_features`; never a file of vectors.
    extractor : str
        Id of what made the vectors, its version included: vectors of another are not to be compared with these.
    learned : Learned or None
        What an autoencoder had learned from the collection; None for all other extractors.
    scaling : str
        As `Features.scaling`.
    space : SpaceModel
    method : str
        As `Clustering.method`: by centres for "kmeans" and "spherical", by neighbours for all others.
    names : tuple of str, length n_clusters
        The clusters' names, in the order of the labels.
    paths : tuple of str, length n_images
        The shown names of the images, for the reasons that are given.
    hashes : tuple of str, length n_images
        Their contents; see `Features.hashes`.
    labels : ndarray, shape (n_images,), int32
        0 to n_clusters - 1, -1 is noise.
    coordinates : ndarray, shape (n_images, n_dims), float32
        The space.
    vectors : ndarray, shape (n_images, n_features), float16
        The scaled features, rows of unit length (zero where there is no direction).
    novelties : ndarray, shape (n_images,), float32
        How far each of the images lies from the others, as `predict` measures it for new ones: held out, one at a time.
        -1 where that was not measured; see `imgcluster.predicting.novelty.held_out_novelties`.
    """

    name: str
    features: str
    extractor: str
    learned: Learned | None
    scaling: str
    space: SpaceModel
    method: str
    names: tuple[str, ...]
    paths: tuple[str, ...]
    hashes: tuple[str, ...]
    labels: np.ndarray
    coordinates: np.ndarray
    vectors: np.ndarray
    novelties: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.labels, self.coordinates, self.vectors, self.novelties):
            array.setflags(write=False)

    @property
    def n_clusters(self) -> int:
        """Number of clusters; noise is none."""
        return len(self.names)
