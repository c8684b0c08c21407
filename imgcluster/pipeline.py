"""The whole way from a folder to its clusters: the app, the command line and the tests all use these functions.

    collection -> extraction -> space -> clustering -> export
                                    \\-> map

Each stage is kept on disk under a fingerprint of what went in, so that nothing is computed twice.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from imgcluster.cache import Workspace, cached_call
from imgcluster.errors import ParameterError
from imgcluster.features.extraction import Extraction, Features, extract_features, survey_images
from imgcluster.features.extractors import DEFAULT_EXTRACTOR
from imgcluster.features.store import Store
from imgcluster.finding.neighbors import ClusterSummary, summarize
from imgcluster.grouping.clustering import Clustering, kmeans, kmeans_series
from imgcluster.grouping.layout import map_coordinates
from imgcluster.grouping.silhouette import Silhouette, silhouette_samples
from imgcluster.grouping.space import Space, fit_space
from imgcluster.keeping.export import write_groups_csv, write_skipped_csv
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import ZipLimits, check_headers, find_images
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.pictures.samples import load_sample
from imgcluster.progress import ProgressCallback
from imgcluster.version import __version__

__all__ = [
    "DEFAULT_N_CLUSTERS",
    "FoundImages",
    "ImageClusters",
    "cluster_images",
    "embed_images",
    "fit_series",
    "fit_silhouettes",
    "fit_space_cached",
    "inspect_collection",
    "open_collection",
    "place_on_map",
]

DEFAULT_N_CLUSTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImages:
    """What is known of a collection before the long work begins.

    Attributes
    ----------
    collection : Collection
        Files whose beginning shows already that they cannot be used are on its list of skipped ones.
    n_new : int
        Images whose features are not in the store yet.
    seconds : float
        Expected time until the features of all are there.
    """

    collection: Collection
    n_new: int
    seconds: float


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
    """

    collection: Collection
    features: Features
    space: Space
    clustering: Clustering
    summary: ClusterSummary
    silhouettes: Silhouette
    notes: tuple[str, ...] = ()

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


def cluster_images(
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    n_clusters: int = DEFAULT_N_CLUSTERS,
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
    n_clusters : int, default 8
        How many clusters, from 1 to the number of images.
    extractor : str
        What counts as similar; see `imgcluster.features.extractors`.
    random_state : int, default 0
        Seed: the same folder gives the same clusters.
    workspace : Workspace, optional
        Where computed results are kept; the user's cache directory by default.
    progress : callable, optional
        Called with `~imgcluster.progress.Progress` reports.
    cancel : threading.Event, optional
        Set it to stop; finished images stay in the store.

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
        When ``n_clusters`` is not between 1 and the number of images.
    Cancelled
        When ``cancel`` was set.
    """
    workspace = workspace or Workspace.default()
    if n_clusters < 1:
        raise ParameterError(f"n_clusters={n_clusters} should be 1 or more.", hint="Ask for at least one group.")
    collection = source if isinstance(source, Collection) else open_collection(source)
    extraction, notes = embed_images(
        collection, extractor=extractor, workspace=workspace, progress=progress, cancel=cancel
    )
    space = fit_space_cached(extraction.features, workspace=workspace, random_state=random_state)
    clustering = kmeans(space.coordinates, n_clusters, random_state=random_state)
    silhouettes = silhouette_samples(space.coordinates, clustering.labels, random_state=random_state)
    return ImageClusters(
        collection=extraction.collection,
        features=extraction.features,
        space=space,
        clustering=clustering,
        summary=summarize(space.coordinates, clustering.labels),
        silhouettes=silhouettes,
        notes=(*notes, *space.notes, *clustering.notes),
    )


def open_collection(
    source: str | Path | Sequence[str | Path], *, sample: bool = False, limits: ZipLimits | None = None
) -> Collection:
    """Find the images of a folder, a ZIP file or a list of paths; with ``sample``, of a built-in sample.

    Raises
    ------
    FolderError, ArchiveError, NoImagesError, ParameterError
    """
    return load_sample(str(source)) if sample else find_images(source, limits=limits)


def inspect_collection(
    collection: Collection,
    *,
    extractor: str = DEFAULT_EXTRACTOR,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> FoundImages:
    """Look at the beginning of every file that the store does not know, and estimate how long the rest takes."""
    with Store(workspace.store_path) as store:
        survey = survey_images(collection, extractor=extractor, store=store, max_pixels=max_pixels)
    unread = replace(collection, images=survey.unread, skipped=())
    unusable = check_headers(unread, max_pixels=max_pixels, progress=progress, cancel=cancel).skipped
    left_out = {skipped.path for skipped in unusable}
    return FoundImages(
        collection=replace(
            collection,
            images=tuple(image for image in survey.collection.images if image.path not in left_out),
            skipped=(*survey.collection.skipped, *unusable),
        ),
        n_new=survey.n_new - len(unusable),
        seconds=survey.seconds,
    )


def embed_images(
    collection: Collection,
    *,
    extractor: str = DEFAULT_EXTRACTOR,
    workspace: Workspace,
    max_pixels: int = MAX_PIXELS,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Extraction, tuple[str, ...]]:
    """Return the features of a collection, from the store or computed now, and the store's notices."""
    with Store(workspace.store_path) as store:
        extraction = extract_features(
            collection, extractor=extractor, store=store, max_pixels=max_pixels, progress=progress, cancel=cancel
        )
        return extraction, (store.notice,) if store.notice else ()


def fit_space_cached(features: Features, *, workspace: Workspace, random_state: int = 0) -> Space:
    """Return the space of the features, computed once for each fingerprint."""
    return cached_call(
        workspace, _space, features.fingerprint, __version__, random_state, features, ignore=["features"]
    )


def fit_series(
    space: Space,
    max_clusters: int,
    *,
    workspace: Workspace,
    random_state: int = 0,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Return the labels for every number of clusters up to ``max_clusters``: (max_clusters, n_images) int16."""
    return cached_call(
        workspace,
        _series,
        space.fingerprint,
        __version__,
        max_clusters,
        random_state,
        space.coordinates,
        progress,
        cancel,
        ignore=["coordinates", "progress", "cancel"],
    )


def fit_silhouettes(space: Space, labels: np.ndarray, *, n_clusters: int, workspace: Workspace) -> Silhouette:
    """Return how well each image fits its cluster, computed once for each number of clusters of the series."""
    return cached_call(
        workspace,
        _silhouettes,
        space.fingerprint,
        __version__,
        n_clusters,
        space.coordinates,
        labels,
        ignore=["coordinates", "labels"],
    )


def place_on_map(
    space: Space,
    method: str,
    *,
    workspace: Workspace,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Return where each image is drawn, (n_images, 2) float32, computed once for each space and method."""
    return cached_call(
        workspace,
        _map,
        space.fingerprint,
        __version__,
        method,
        random_state,
        space,
        cancel,
        ignore=["space", "cancel"],
    )


def _space(fingerprint: str, version: str, random_state: int, features: Features) -> Space:
    return fit_space(features, random_state=random_state)


def _series(
    fingerprint: str,
    version: str,
    max_clusters: int,
    random_state: int,
    coordinates: np.ndarray,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> np.ndarray:
    return kmeans_series(coordinates, max_clusters, random_state=random_state, progress=progress, cancel=cancel)


def _silhouettes(
    fingerprint: str, version: str, n_clusters: int, coordinates: np.ndarray, labels: np.ndarray
) -> Silhouette:
    return silhouette_samples(coordinates, labels)


def _map(
    fingerprint: str,
    version: str,
    method: str,
    random_state: int,
    space: Space,
    cancel: threading.Event | None,
) -> np.ndarray:
    return map_coordinates(space, method=method, random_state=random_state, cancel=cancel)
