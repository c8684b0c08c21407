"""What the whole way from a folder of images leads to."""

from dataclasses import dataclass
from pathlib import Path

from imgcluster.choosing.recommendation import Recommendation
from imgcluster.choosing.scan import KScan
from imgcluster.choosing.wording import sentence
from imgcluster.features.extraction import Features
from imgcluster.finding.neighbors import ClusterSummary
from imgcluster.grouping.clustering import Clustering
from imgcluster.grouping.silhouette import Silhouette
from imgcluster.grouping.trees.hierarchy import Tree
from imgcluster.keeping.export import write_groups_csv, write_skipped_csv
from imgcluster.pictures.collection import Collection
from imgcluster.spaces.space import Space

__all__ = ["ImageClusters", "ImageScan", "ImageTree"]


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
