"""The whole way from a folder to its clusters, in one call; `imgcluster.stages` has its stages one by one."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from imgcluster.backends import Backend
from imgcluster.cache import Workspace
from imgcluster.choosing.recommendation import recommend
from imgcluster.choosing.scan import MAX_REFERENCES, KScan
from imgcluster.errors import ParameterError
from imgcluster.features.extraction import Extraction
from imgcluster.features.options import FeatureOptions, parse_features, suiting_space
from imgcluster.finding.summary import summarize
from imgcluster.grouping.methods import MethodOptions, is_by_number
from imgcluster.grouping.silhouette import silhouette_samples
from imgcluster.keeping.models.model_file import load_model
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import ZipLimits, find_images, is_single_file
from imgcluster.pictures.samples import load_sample
from imgcluster.predicting.model import ClusterModel
from imgcluster.predicting.predict import DEFAULT_QUANTILE
from imgcluster.progress import ProgressCallback
from imgcluster.results import ImageClusters, ImagePredictions, ImageScan, ImageTree
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import Space
from imgcluster.stages.grouping import fit_clustering, fit_series, fit_space_cached, fit_tree_cached
from imgcluster.stages.looking import embed_images
from imgcluster.stages.predicting import learned_of, predict_collection
from imgcluster.stages.scanning import fit_k_scan

__all__ = [
    "DEFAULT_K_MAX",
    "DEFAULT_K_MIN",
    "DEFAULT_N_CLUSTERS",
    "DEFAULT_N_REFERENCES",
    "build_tree",
    "cluster_images",
    "open_collection",
    "predict_images",
    "scan_images",
]

DEFAULT_N_CLUSTERS = 8  # where no number is clear
DEFAULT_K_MIN, DEFAULT_K_MAX, DEFAULT_N_REFERENCES = 2, 30, 10


def cluster_images(
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    n_clusters: int | Literal["auto"] = "auto",
    method: MethodOptions | None = None,
    space: SpaceOptions | None = None,
    extractor: str | FeatureOptions = "quick",
    random_state: int = 0,
    workspace: Workspace | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    backend: Backend | None = None,
) -> ImageClusters:
    """Find the clusters in a folder of images.

    Parameters
    ----------
    source : str, Path, sequence of these, or Collection
        A folder, a ZIP file, a list of image files, what `open_collection` returned, or an address of fsspec's such as
        "s3://bucket/photos" (text only; it is fetched from).
    n_clusters : int or "auto", default "auto"
        How many clusters, from 1 to the number of images; "auto" compares up to 30 and takes the recommended number,
        where the method is told a number at all and ``method`` does not say it.
    method : MethodOptions, optional
        How to cluster; KMeans by default.
    space : SpaceOptions, optional
        In which coordinates to cluster; what suits the extractor by default, mostly a diffusion map.
    extractor : str or FeatureOptions, default "quick"
        What counts as similar, such as "hog" or "network+colour:0.3"; see `imgcluster.features.options`.
    random_state : int, default 0
        Seed: the same folder gives the same clusters.
    workspace : Workspace, optional
        Where computed results are kept; the user's cache directory by default.
    progress : callable, optional
        Called with `~imgcluster.progress.Progress` reports.
    cancel : threading.Event, optional
        Set it to stop; finished images and finished scores are kept.
    backend : Backend, optional
        Whose workers look at the images and score the numbers of clusters: ``Backend(scheduler="tcp://host:8786")``.

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
        When ``n_clusters`` is neither "auto" nor between 1 and the number of images, or an option makes no sense.
    Cancelled
        When ``cancel`` was set.
    BackendError
        When the workers cannot be reached or do not fit.
    """
    method, workspace = method or MethodOptions(), workspace or Workspace.default()
    if n_clusters != "auto" and (isinstance(n_clusters, str) or n_clusters < 1):
        raise ParameterError(
            f"n_clusters={n_clusters} should be 1 or more.", hint='Ask for at least one group, or for "auto".'
        )
    how = {"random_state": random_state, "workspace": workspace, "progress": progress, "cancel": cancel}
    options = _parsed(extractor)
    space = space or SpaceOptions(method=suiting_space(options))
    extraction, coordinates, notes = _embed(source, space=space, extractor=options, backend=backend, **how)
    scan = recommendation = None
    if n_clusters != "auto":
        method = replace(method, n_clusters=n_clusters)
    elif is_by_number(method):
        tried = {"k_min": DEFAULT_K_MIN, "k_max": DEFAULT_K_MAX, "n_references": DEFAULT_N_REFERENCES}
        scan = _scan(coordinates, backend=backend, **tried, **how)
        recommendation = recommend(scan)
        method = replace(method, n_clusters=recommendation.k or min(DEFAULT_N_CLUSTERS, scan.n_distinct))
    clustering = fit_clustering(coordinates, method, **how)
    return ImageClusters(
        collection=extraction.collection,
        features=extraction.features,
        space=coordinates,
        clustering=clustering,
        summary=summarize(coordinates.coordinates, clustering.labels),
        silhouettes=silhouette_samples(coordinates.coordinates, clustering.labels, random_state=random_state),
        options=options,
        space_options=space,
        method_options=method,
        random_state=random_state,
        learned=learned_of(extraction.features, options, workspace=workspace),
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
    extractor: str | FeatureOptions = "quick",
    random_state: int = 0,
    workspace: Workspace | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    backend: Backend | None = None,
) -> ImageScan:
    """Score every number of clusters for a folder of images, and recommend one.

    Parameters
    ----------
    k_min, k_max : int, default 2 and 30
        The numbers of clusters to compare, both included; where there are fewer images than ``k_max``, up to these.
    n_references : int, default 10
        Collections without clusters to compare with, from 1 to 50.
    source, extractor, random_state, workspace, progress, cancel, backend
        See `cluster_images`. A wider range computes only what is new.

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
    how = {"random_state": random_state, "workspace": workspace, "progress": progress, "cancel": cancel}
    extraction, space, notes = _embed(source, space=None, extractor=extractor, backend=backend, **how)
    scan = _scan(space, k_min=k_min, k_max=k_max, n_references=n_references, backend=backend, **how)
    return ImageScan(collection=extraction.collection, scan=scan, recommendation=recommend(scan), notes=notes)


def build_tree(
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    linkage: str = "ward",
    metric: str = "euclidean",
    space: SpaceOptions | None = None,
    extractor: str | FeatureOptions = "quick",
    random_state: int = 0,
    workspace: Workspace | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> ImageTree:
    """Build the tree of a folder of images: which are joined first, and which last.

    Parameters
    ----------
    linkage : {"ward", "complete", "average", "single"}, default "ward"
        How the distance of two clusters is measured.
    metric : {"euclidean", "cosine"}, default "euclidean"
    source, space, extractor, random_state, workspace, progress, cancel
        See `cluster_images`.

    Returns
    -------
    ImageTree

    Raises
    ------
    FolderError, ArchiveError
        When the source cannot be opened.
    NoImagesError
        When no usable image is in it.
    ParameterError
        When there is no such linkage or metric.
    Cancelled
        When ``cancel`` was set.
    """
    workspace = workspace or Workspace.default()
    how = {"random_state": random_state, "workspace": workspace, "cancel": cancel}
    extraction, coordinates, notes = _embed(source, space=space, extractor=extractor, progress=progress, **how)
    tree = fit_tree_cached(coordinates, linkage=linkage, metric=metric, **how)
    return ImageTree(collection=extraction.collection, space=coordinates, tree=tree, notes=(*notes, *tree.notes))


def predict_images(
    model: ClusterModel | str | Path,
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    quantile: float = DEFAULT_QUANTILE,
    workspace: Workspace | None = None,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> ImagePredictions:
    """Say where new images belong, without clustering anything again.

    Parameters
    ----------
    model : ClusterModel, str or Path
        What `ImageClusters.to_model` returned, or a file that `ImageClusters.save_model` wrote.
    source : str, Path, sequence of these, or Collection
        An image file, or as for `cluster_images`: a folder of new arrivals, a ZIP file, a list of image files.
    quantile : float, default 0.95
        How far out an image may lie: as far as this part of the model's own images do, from 0 to 1. Those farther out
        are "none of these".
    workspace, progress, cancel
        See `cluster_images`.

    Returns
    -------
    ImagePredictions

    Raises
    ------
    ProjectError
        The file is no model, is damaged, or written by another version.
    ParameterError
        When ``quantile`` is out of range, or the model was made with another version of its extractor.
    FolderError, ArchiveError, NoImagesError, Cancelled
        As for `cluster_images`.
    """
    model = model if isinstance(model, ClusterModel) else load_model(model)
    if isinstance(source, str | Path) and is_single_file(source):
        source = [source]
    collection = source if isinstance(source, Collection) else open_collection(source)
    extraction, prediction = predict_collection(
        model,
        collection,
        quantile=quantile,
        workspace=workspace or Workspace.default(),
        progress=progress,
        cancel=cancel,
    )
    return ImagePredictions(
        collection=extraction.collection, prediction=prediction, model=model, notes=extraction.notes
    )


def open_collection(
    source: str | Path | Sequence[str | Path],
    *,
    sample: bool = False,
    limits: ZipLimits | None = None,
    remote: bool = False,
) -> Collection:
    """Find the images of a folder, a ZIP file or a list of paths; with ``sample``, of a built-in sample.

    With ``remote`` also below an address such as "s3://bucket/photos": see `imgcluster.pictures.finding.find_images`.

    Raises
    ------
    FolderError, ArchiveError, NoImagesError, ParameterError
    """
    return load_sample(str(source)) if sample else find_images(source, limits=limits, remote=remote)


def _parsed(extractor: str | FeatureOptions) -> FeatureOptions:
    return parse_features(extractor) if isinstance(extractor, str) else extractor


def _embed(
    source: str | Path | Sequence[str | Path] | Collection,
    *,
    space: SpaceOptions | None,
    extractor: str | FeatureOptions,
    random_state: int,
    progress: ProgressCallback | None,
    backend: Backend | None = None,
    **how: Any,  # workspace and cancel
) -> tuple[Extraction, Space, tuple[str, ...]]:
    options = _parsed(extractor)
    collection = source if isinstance(source, Collection) else open_collection(source, remote=True)
    extraction, notes = embed_images(collection, options, progress=progress, backend=backend, **how)
    space = space or SpaceOptions(method=suiting_space(options))
    coordinates = fit_space_cached(extraction.features, options=space, random_state=random_state, **how)
    return extraction, coordinates, (*notes, *coordinates.notes)


def _scan(space: Space, *, k_min: int, k_max: int, n_references: int, backend: Backend | None, **how: Any) -> KScan:
    n_images = len(space.coordinates)
    if k_min > max(n_images, DEFAULT_K_MIN):  # one image has no 2 groups, but who asked for these?
        raise ParameterError(
            f"{k_min} groups or more are to be tried, and there are {n_images} pictures.",
            hint=f"Begin with a number from 1 to {n_images}.",
        )
    k_max = min(k_max, n_images)
    series = fit_series(space, k_max, **how)
    ks = range(k_min, k_max + 1)
    return fit_k_scan(space, ks, series=series, n_references=n_references, backend=backend, **how)
