"""The whole way from a folder to its clusters, in one call; `imgcluster.stages` has its stages one by one."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from imgcluster.cache import Workspace
from imgcluster.choosing.recommendation import Recommendation, recommend
from imgcluster.choosing.scan import MAX_REFERENCES, KScan
from imgcluster.choosing.wording import sentence
from imgcluster.errors import ParameterError
from imgcluster.features.extraction import Extraction, Features
from imgcluster.features.extractors import DEFAULT_EXTRACTOR
from imgcluster.finding.neighbors import ClusterSummary, summarize
from imgcluster.grouping.clustering import Clustering, kmeans
from imgcluster.grouping.silhouette import Silhouette, silhouette_samples
from imgcluster.grouping.space import Space
from imgcluster.keeping.export import write_groups_csv, write_skipped_csv
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import ZipLimits, find_images
from imgcluster.pictures.samples import load_sample
from imgcluster.progress import ProgressCallback
from imgcluster.stages import embed_images, fit_k_scan, fit_series, fit_space_cached

__all__ = [
    "DEFAULT_K_MAX",
    "DEFAULT_K_MIN",
    "DEFAULT_N_CLUSTERS",
    "DEFAULT_N_REFERENCES",
    "ImageClusters",
    "ImageScan",
    "cluster_images",
    "open_collection",
    "scan_images",
]

DEFAULT_N_CLUSTERS = 8  # where no number is clear
DEFAULT_K_MIN, DEFAULT_K_MAX, DEFAULT_N_REFERENCES = 2, 30, 10


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
        Labels (0 is the largest cluster), centres, distances.
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


def cluster_images(
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    n_clusters: int | Literal["auto"] = "auto",
    extractor: str = DEFAULT_EXTRACTOR,
    random_state: int = 0,
    workspace: Workspace | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> ImageClusters:
    """Find the clusters in a folder of images.

    Parameters
    ----------
    source : str, Path, sequence of these, or Collection
        A folder, a ZIP file, a list of image files, or what `open_collection` returned.
    n_clusters : int or "auto", default "auto"
        How many clusters, from 1 to the number of images; "auto" compares up to 30 and takes the recommended number.
    extractor : str
        What counts as similar; see `imgcluster.features.extractors`.
    random_state : int, default 0
        Seed: the same folder gives the same clusters.
    workspace : Workspace, optional
        Where computed results are kept; the user's cache directory by default.
    progress : callable, optional
        Called with `~imgcluster.progress.Progress` reports.
    cancel : threading.Event, optional
        Set it to stop; finished images and finished scores are kept.

    Returns
    -------
    ImageClusters

    Raises
    ------
    FolderError, ArchiveError
        When the source cannot be opened.
    NoImagesError
        When no usable image is in it.
    ParameterError
        When ``n_clusters`` is neither "auto" nor between 1 and the number of images.
    Cancelled
        When ``cancel`` was set.
    """
    if n_clusters != "auto" and (isinstance(n_clusters, str) or n_clusters < 1):
        raise ParameterError(
            f"n_clusters={n_clusters} should be 1 or more.", hint='Ask for at least one group, or for "auto".'
        )
    workspace = workspace or Workspace.default()
    extraction, space, notes = _embed(
        source, extractor=extractor, random_state=random_state, workspace=workspace, progress=progress, cancel=cancel
    )
    scan = recommendation = None
    if n_clusters == "auto":
        scan = _scan(
            space,
            k_min=DEFAULT_K_MIN,
            k_max=DEFAULT_K_MAX,
            n_references=DEFAULT_N_REFERENCES,
            random_state=random_state,
            workspace=workspace,
            progress=progress,
            cancel=cancel,
        )
        recommendation = recommend(scan)
        n_clusters = recommendation.k or min(DEFAULT_N_CLUSTERS, scan.n_distinct)
    clustering = kmeans(space.coordinates, n_clusters, random_state=random_state)
    silhouettes = silhouette_samples(space.coordinates, clustering.labels, random_state=random_state)
    return ImageClusters(
        collection=extraction.collection,
        features=extraction.features,
        space=space,
        clustering=clustering,
        summary=summarize(space.coordinates, clustering.labels),
        silhouettes=silhouettes,
        notes=(*notes, *clustering.notes),
        scan=scan,
        recommendation=recommendation,
    )


def scan_images(
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    k_min: int = DEFAULT_K_MIN,
    k_max: int = DEFAULT_K_MAX,
    n_references: int = DEFAULT_N_REFERENCES,
    extractor: str = DEFAULT_EXTRACTOR,
    random_state: int = 0,
    workspace: Workspace | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> ImageScan:
    """Score every number of clusters for a folder of images, and recommend one.

    Parameters
    ----------
    source : str, Path, sequence of these, or Collection
        A folder, a ZIP file, a list of image files, or what `open_collection` returned.
    k_min, k_max : int, default 2 and 30
        The numbers of clusters to compare, both included; where there are fewer images than ``k_max``, up to these.
    n_references : int, default 10
        Collections without clusters to compare with, from 1 to 50.
    extractor : str
        What counts as similar; see `imgcluster.features.extractors`.
    random_state : int, default 0
        Seed: the same folder gives the same scores.
    workspace : Workspace, optional
        Where computed results are kept; the user's cache directory by default. A wider range computes only what is new.
    progress : callable, optional
        Called with `~imgcluster.progress.Progress` reports.
    cancel : threading.Event, optional
        Set it to stop; finished images and finished scores are kept.

    Returns
    -------
    ImageScan

    Raises
    ------
    FolderError, ArchiveError
        When the source cannot be opened.
    NoImagesError
        When no usable image is in it.
    ParameterError
        When the range is empty, or ``n_references`` not between 1 and 50.
    Cancelled
        When ``cancel`` was set.
    """
    if not 1 <= k_min <= k_max:
        raise ParameterError(
            f"k_min={k_min} and k_max={k_max} are no range of numbers of groups.",
            hint="Let it start at 1 or more, and not end before it starts.",
        )
    if not 1 <= n_references <= MAX_REFERENCES:
        raise ParameterError(
            f"n_references={n_references} should be between 1 and {MAX_REFERENCES}.",
            hint=f"{DEFAULT_N_REFERENCES} is enough in most cases.",
        )
    workspace = workspace or Workspace.default()
    extraction, space, notes = _embed(
        source, extractor=extractor, random_state=random_state, workspace=workspace, progress=progress, cancel=cancel
    )
    scan = _scan(
        space,
        k_min=k_min,
        k_max=k_max,
        n_references=n_references,
        random_state=random_state,
        workspace=workspace,
        progress=progress,
        cancel=cancel,
    )
    return ImageScan(collection=extraction.collection, scan=scan, recommendation=recommend(scan), notes=notes)


def open_collection(
    source: str | Path | Sequence[str | Path], *, sample: bool = False, limits: ZipLimits | None = None
) -> Collection:
    """Find the images of a folder, a ZIP file or a list of paths; with ``sample``, of a built-in sample.

    Raises
    ------
    FolderError, ArchiveError, NoImagesError, ParameterError
    """
    return load_sample(str(source)) if sample else find_images(source, limits=limits)


def _embed(
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    extractor: str,
    random_state: int,
    workspace: Workspace,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> tuple[Extraction, Space, tuple[str, ...]]:
    collection = source if isinstance(source, Collection) else open_collection(source)
    extraction, notes = embed_images(
        collection, extractor=extractor, workspace=workspace, progress=progress, cancel=cancel
    )
    space = fit_space_cached(extraction.features, workspace=workspace, random_state=random_state)
    return extraction, space, (*notes, *space.notes)


def _scan(
    space: Space,
    *,
    k_min: int,
    k_max: int,
    n_references: int,
    random_state: int,
    workspace: Workspace,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> KScan:
    n_images = len(space.coordinates)
    if k_min > max(n_images, DEFAULT_K_MIN):  # one image has no 2 groups, but who asked for these?
        raise ParameterError(
            f"{k_min} groups or more are to be tried, and there are {n_images} pictures.",
            hint=f"Begin with a number from 1 to {n_images}.",
        )
    k_max = min(k_max, n_images)
    series = fit_series(space, k_max, workspace=workspace, random_state=random_state, progress=progress, cancel=cancel)
    return fit_k_scan(
        space,
        range(k_min, k_max + 1),
        series=series,
        workspace=workspace,
        n_references=n_references,
        random_state=random_state,
        progress=progress,
        cancel=cancel,
    )
