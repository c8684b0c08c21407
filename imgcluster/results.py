"""What the whole way from a folder of images leads to."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from imgcluster.choosing.recommendation import Recommendation
from imgcluster.choosing.scan import KScan
from imgcluster.choosing.wording import sentence
from imgcluster.editing.groups import groups_of
from imgcluster.editing.history import History, carried_out
from imgcluster.errors import ParameterError
from imgcluster.extractors.networks.conv_autoencoder import Learned
from imgcluster.features.extraction import Features
from imgcluster.features.options import FeatureOptions
from imgcluster.finding.representatives import covering_images, mean_image
from imgcluster.finding.summary import ClusterSummary
from imgcluster.grouping.clustering import Clustering
from imgcluster.grouping.methods import MethodOptions
from imgcluster.grouping.silhouette import Silhouette
from imgcluster.grouping.trees.hierarchy import Tree
from imgcluster.keeping.export import write_groups_csv, write_predictions_csv, write_skipped_csv
from imgcluster.keeping.final import FinalGroups
from imgcluster.keeping.finishing import final_groups
from imgcluster.keeping.models.model_file import save_model
from imgcluster.pictures.collection import Collection
from imgcluster.predicting.fitting import fit_model
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import Prediction
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import Space

__all__ = ["ImageClusters", "ImagePredictions", "ImageScan", "ImageTree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageClusters:
    """The clusters of one collection, and everything that led to them.

    Attributes
    ----------
    collection : Collection
        The images that were clustered, in order, and the files that were skipped.
    features : Features
        One vector per image.
    space : Space
        The coordinates in which the clusters were found.
    clustering : Clustering
        Labels (0 is the largest cluster, -1 is noise), centres, distances.
    summary : ClusterSummary
        Sizes, medoids and cohesion of the clusters.
    silhouettes : Silhouette
        How well each image fits its cluster, in [-1, 1].
    options : FeatureOptions
        What counted as similar.
    space_options : SpaceOptions
    method_options : MethodOptions
        How the clusters were asked for.
    random_state : int
    learned : Learned or None
        What an autoencoder among the extractors had learned from the images.
    notes : tuple of str
        What was done otherwise than usual, in sentences.
    scan : KScan or None
        The scores that the number of clusters was chosen by; None where it was given.
    recommendation : Recommendation or None
        What was made of them. Where its ``k`` is None no number was clear, and the clusters are as many as usual (8).
    """

    collection: Collection
    features: Features
    space: Space
    clustering: Clustering
    summary: ClusterSummary
    silhouettes: Silhouette
    options: FeatureOptions
    space_options: SpaceOptions
    method_options: MethodOptions
    random_state: int = 0
    learned: Learned | None = None
    notes: tuple[str, ...] = ()
    scan: KScan | None = None
    recommendation: Recommendation | None = None

    def to_csv(self, path: str | Path) -> None:
        """Write one line per image to ``path``, and the skipped files to ``skipped.csv`` beside it.

        Raises
        ------
        FolderError
            When the file cannot be written there.
        """
        path = Path(path)
        write_groups_csv(
            path,
            paths=self.collection.paths,
            labels=self.clustering.labels,
            medoids=self.summary.medoids,
            distances=self.clustering.distances,
            silhouettes=self.silhouettes.values,
        )
        write_skipped_csv(path.with_name("skipped.csv"), self.collection.skipped)

    def to_final(self, history: History | None = None) -> FinalGroups:
        """Return what tables, folders, reports and scripts are made of.

        Parameters
        ----------
        history : History, optional
            Edits to be done to the clusters before.
        """
        outcome = None if history is None else carried_out(groups_of(self.clustering.labels), history)
        return final_groups(
            self.collection,
            self.features.hashes,
            self.space.coordinates,
            self.clustering.labels,
            likeness=self.options.text,
            space=self.space_options,
            method=self.method_options,
            parameters=self.clustering.parameters,
            random_state=self.random_state,
            outcome=outcome,
            scan=self.scan,
            recommendation=self.recommendation,
        )

    def members(self, label: int) -> np.ndarray:
        """Return the indices of a cluster's images, ascending, int64; -1 asks for those in no cluster.

        Raises
        ------
        ParameterError
            There is no such cluster.
        """
        if not -1 <= label < self.clustering.n_clusters:
            last = self.clustering.n_clusters - 1
            raise ParameterError(f"There is no cluster {label}: they are numbered from 0 to {last}.")
        return np.flatnonzero(self.clustering.labels == label)

    def covering_images(self, label: int, *, n_images: int = 6) -> np.ndarray:
        """Return a few images of a cluster so that each of its images is like one of them, the medoid first.

        See `imgcluster.finding.representatives.covering_images`.
        """
        members = self.members(label)
        first = self.summary.medoids[label] if label >= 0 else next(iter(members), -1)
        return covering_images(self.space.coordinates, members, n_images, int(first))

    def mean_image(self, label: int, *, size: int = 160) -> np.ndarray:
        """Return the mean of a cluster's images, (size, size, 3) uint8: of at most 1,000, read from their files.

        Raises
        ------
        NoImagesError
            Not one of them can be read any more, or there is none.
        """
        return mean_image([self.collection.images[index] for index in self.members(label)], size=size)[0]

    def to_model(self) -> ClusterModel:
        """Return what is needed to say where a new image belongs; see `imgcluster.predict_images`.

        Raises
        ------
        ParameterError
            The vectors came from a file, so that no new image could be looked at.
        """
        return fit_model(
            name=self.collection.name,
            collection_paths=self.collection.paths,
            features=self.features,
            options=self.options,
            space=self.space,
            labels=self.clustering.labels,
            method=self.clustering.method,
            learned=self.learned,
        )

    def save_model(self, path: str | Path) -> None:
        """Write the model to a file, to be read with `imgcluster.load_model` here or on another computer.

        Raises
        ------
        ParameterError
            The vectors came from a file, or the weights of a network did.
        FolderError
            When the file cannot be written there.
        """
        save_model(path, self.to_model())


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePredictions:
    """Where new images belong.

    Attributes
    ----------
    collection : Collection
        The new images that could be used, in order, and the files that were skipped.
    prediction : Prediction
        One answer for each of them.
    model : ClusterModel
        By which they were found: it has the names of the clusters and the paths of the known images.
    notes : tuple of str
        What should be known, in sentences.
    """

    collection: Collection
    prediction: Prediction
    model: ClusterModel
    notes: tuple[str, ...] = ()

    def to_csv(self, path: str | Path) -> None:
        """Write one line per image to ``path``; see `imgcluster.keeping.export.prediction_table`.

        Raises
        ------
        FolderError
            When the file cannot be written there.
        """
        write_predictions_csv(Path(path), self.collection.paths, self.model, self.prediction)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageScan:
    """How well each number of clusters fits one collection.

    Attributes
    ----------
    collection : Collection
        The images that were compared, in order, and the files that were skipped.
    scan : KScan
        The scores of every number.
    recommendation : Recommendation
        What they amount to.
    notes : tuple of str
        What was done otherwise than usual, in sentences.
    """

    collection: Collection
    scan: KScan
    recommendation: Recommendation
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The recommendation in plain words, with its evidence and its doubt."""
        return sentence(self.recommendation)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTree:
    """The tree of one collection, from single images to the whole.

    Attributes
    ----------
    collection : Collection
        The images, in order, and the files that were skipped.
    space : Space
        The coordinates whose distances the tree is made of.
    tree : Tree
        Its merges and heights.
    notes : tuple of str
        What was done otherwise than usual, in sentences.
    """

    collection: Collection
    space: Space
    tree: Tree
    notes: tuple[str, ...] = ()
