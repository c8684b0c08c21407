"""The long work of the screens: jobs in threads, shared by all sessions, found again after a reload by their keys."""

import threading
from dataclasses import dataclass, replace

import numpy as np

from imgcluster.errors import FolderError
from imgcluster.features.extraction import Features
from imgcluster.grouping.space import Space
from imgcluster.jobs import Job
from imgcluster.pictures.collection import Collection
from imgcluster.pipeline import (
    FoundImages,
    embed_images,
    fit_series,
    fit_space_cached,
    inspect_collection,
    open_collection,
    place_on_map,
)
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.ui.hosting import limits_of, workspace_of
from imgcluster.ui.register import jobs
from imgcluster.ui.state import Source

__all__ = [
    "MAX_CLUSTERS",
    "Grouping",
    "forget_map",
    "grouping_job",
    "map_job",
    "scan_job",
    "start_grouping",
    "start_scan",
]

MAX_CLUSTERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Everything that the Groups screen shows, for every number of groups at once.

    Attributes
    ----------
    collection : Collection
    features : Features
    space : Space
    series : ndarray of int16, shape (max_clusters, n_images)
        Row k - 1 holds the labels for k groups.
    notes : tuple of str
        What was done otherwise than usual.
    """

    collection: Collection
    features: Features
    space: Space
    series: np.ndarray
    notes: tuple[str, ...]


def scan_job(source: Source) -> Job[FoundImages] | None:
    """Return the job that looks for pictures, None when it was not started."""
    return jobs().get(f"{source.id}/scan")


def start_scan(source: Source, *, again: bool = False) -> Job[FoundImages]:
    """Look for pictures; with ``again``, even when that was done before: a folder changes."""
    if again:
        jobs().forget(f"{source.id}/scan")
    workspace, limits = workspace_of(source), limits_of(source)

    def scan(progress: ProgressCallback, cancel: threading.Event) -> FoundImages:
        progress(Progress(stage="Looking for pictures", done=0, total=0))
        try:
            collection = open_collection(source.location, sample=source.kind == "sample", limits=limits.archive)
        except FolderError as error:
            if source.kind != "upload":
                raise
            raise FolderError("What was uploaded is no longer here.", hint="Upload it once more.") from error
        return inspect_collection(
            replace(collection, name=source.name),
            workspace=workspace,
            max_pixels=limits.max_pixels,
            progress=progress,
            cancel=cancel,
        )

    return jobs().start(f"{source.id}/scan", scan)


def grouping_job(source: Source) -> Job[Grouping] | None:
    """Return the job that groups what was found, None when it was not started or the folder was scanned anew since."""
    scan = scan_job(source)
    return jobs().get(_grouping_key(source, scan.result.collection)) if scan and scan.result else None


def start_grouping(source: Source, found: FoundImages) -> Job[Grouping]:
    """Compute what is not in the store yet, then the space and the groups."""
    workspace, limits = workspace_of(source), limits_of(source)

    def group(progress: ProgressCallback, cancel: threading.Event) -> Grouping:
        extraction, notes = embed_images(
            found.collection, workspace=workspace, max_pixels=limits.max_pixels, progress=progress, cancel=cancel
        )
        progress(Progress(stage="Comparing the pictures", done=0, total=0))
        space = fit_space_cached(extraction.features, workspace=workspace)
        series = fit_series(
            space, min(MAX_CLUSTERS, len(extraction.collection)), workspace=workspace, progress=progress, cancel=cancel
        )
        return Grouping(
            collection=extraction.collection,
            features=extraction.features,
            space=space,
            series=series,
            notes=(*notes, *space.notes),
        )

    return jobs().start(_grouping_key(source, found.collection), group)


def map_job(source: Source, space: Space, method: str) -> Job[np.ndarray]:
    """Return the job that draws a map, started when it was not yet; one that failed is not tried again unasked."""
    workspace = workspace_of(source)

    def draw(progress: ProgressCallback, cancel: threading.Event) -> np.ndarray:
        return place_on_map(space, method, workspace=workspace, cancel=cancel)

    key = _map_key(source, space, method)
    return jobs().get(key) or jobs().start(key, draw)


def forget_map(source: Source, space: Space, method: str) -> None:
    """Let a map that failed be drawn again."""
    jobs().forget(_map_key(source, space, method))


def _map_key(source: Source, space: Space, method: str) -> str:
    return f"{source.id}/map/{method}/{space.fingerprint}"


def _grouping_key(source: Source, collection: Collection) -> str:
    state = hash(tuple((image.path, image.size, image.mtime_ns) for image in collection.images))
    return f"{source.id}/groups/{state}"
