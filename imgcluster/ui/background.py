"""The long work of the screens: jobs in threads, shared by all sessions, found again after a reload by their keys."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from imgcluster.choosing.scan import KScan
from imgcluster.errors import FolderError
from imgcluster.features.embedding import TimeEstimate
from imgcluster.features.extraction import Extraction
from imgcluster.features.options import FeatureOptions
from imgcluster.grouping.clustering import Clustering
from imgcluster.grouping.methods import MethodOptions
from imgcluster.grouping.trees.hierarchy import Tree
from imgcluster.jobs import Job
from imgcluster.maps.options import MapOptions
from imgcluster.pictures.collection import Collection
from imgcluster.pipeline import open_collection
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import Space
from imgcluster.stages.grouping import (
    fit_clustering,
    fit_series,
    fit_space_cached,
    fit_tree_cached,
    place_on_map,
)
from imgcluster.stages.looking import embed_images, expected_time, inspect_collection, measured_time
from imgcluster.stages.scanning import fit_k_scan, k_scan_is_kept
from imgcluster.ui.getting_ready import load_networks
from imgcluster.ui.hosting import limits_of, workspace_of
from imgcluster.ui.project.grouped import Grouping
from imgcluster.ui.project.sent import sent_collection, sent_grouping
from imgcluster.ui.project.source import Source
from imgcluster.ui.register import jobs
from imgcluster.ui.state import chosen_features, usual_space

__all__ = [
    "MAX_CLUSTERS",
    "clustering_job",
    "expected_time_of",
    "first_range",
    "forget_map",
    "found_job",
    "grouping_job",
    "k_scan_job",
    "latest_scan",
    "map_job",
    "measuring_job",
    "resumed_k_scan",
    "series_job",
    "start_finding",
    "start_grouping",
    "start_k_scan",
    "tree_job",
]

T = TypeVar("T")

MAX_CLUSTERS = 100

# The most groups that are compared at first.
_FIRST_HIGH = 30

# So many seconds a page waits for what is on the disk, rather than show that it is being read.
_PATIENCE = 2.0

# So many seconds a click on a source waits for the list of its pictures, rather than show that they are looked for.
_SOON = 0.5

# What is said of files of ours that are not there any more.
_GONE = {
    "upload": ("What was uploaded is no longer here.", "Upload it once more."),
    "faces": ("These faces are no longer kept.", "Open their pictures, and find them once more."),
}

_USUAL = SpaceOptions()
_NETWORK = FeatureOptions()


def found_job(source: Source) -> Job[Collection] | None:
    """Return the job that looks for pictures, None when it was not started."""
    return jobs().get(f"{source.id}/found")


def start_finding(source: Source, *, again: bool = False) -> Job[Collection]:
    """Look for pictures; with ``again``, even when that was done before: a folder changes.

    The usual network is then loaded for those that are new, by a job that nobody waits for; whatever keeps it from that
    is said by the `start_grouping` that follows.
    """
    if again:
        for work in ("found", "ready"):
            jobs().forget(f"{source.id}/{work}")
    workspace, limits, register, features = workspace_of(source), limits_of(source), jobs(), chosen_features()

    def scan(progress: ProgressCallback, cancel: threading.Event) -> Collection:
        progress(Progress(stage="Looking for pictures", done=0, total=0))
        if source.kind == "file":
            return sent_collection(source)
        try:
            collection = open_collection(source.location, sample=source.kind == "sample", limits=limits.archive)
        except FolderError as error:
            if source.kind not in _GONE:
                raise
            sentence, hint = _GONE[source.kind]
            raise FolderError(sentence, hint=hint) from error
        found = inspect_collection(
            replace(collection, name=source.name),
            workspace=workspace,
            max_pixels=limits.max_pixels,
            progress=progress,
            cancel=cancel,
        )
        if features == _NETWORK and not cancel.is_set():
            register.start(
                f"{source.id}/ready",
                lambda _progress, _cancel: load_networks(
                    found, features, workspace=workspace, max_pixels=limits.max_pixels
                ),
            )
        return found

    job = register.start(f"{source.id}/found", scan)
    job.wait(_SOON)
    return job


def expected_time_of(source: Source, found: Collection, features: FeatureOptions) -> TimeEstimate:
    """Say how long the features will take: by the job that measured it, otherwise by what is known."""
    job = jobs().get(_time_key(source, found, features))
    if job is not None and job.result is not None:
        return job.result
    return expected_time(found, features, workspace=workspace_of(source), max_pixels=limits_of(source).max_pixels)


def measuring_job(source: Source, found: Collection, features: FeatureOptions) -> Job[TimeEstimate]:
    """Return the job that works through the first pictures to see how long the others will take, started if needed."""
    workspace, limits = workspace_of(source), limits_of(source)

    def measure(progress: ProgressCallback, cancel: threading.Event) -> TimeEstimate:
        return measured_time(
            found, features, workspace=workspace, max_pixels=limits.max_pixels, progress=progress, cancel=cancel
        )

    key = _time_key(source, found, features)
    return jobs().get(key) or jobs().start(key, measure)


def grouping_job(
    source: Source, options: SpaceOptions = _USUAL, features: FeatureOptions = _NETWORK
) -> Job[Grouping] | None:
    """Return the job that groups what was found, None when it was not started or the folder was scanned anew since."""
    scan = found_job(source)
    if scan is None or scan.result is None:
        return None
    return jobs().get(_grouping_key(source, scan.result, options, features))


def start_grouping(
    source: Source, found: Collection, options: SpaceOptions = _USUAL, features: FeatureOptions = _NETWORK
) -> Job[Grouping]:
    """Compute what is not in the store yet, then the space and the groups."""
    workspace, limits = workspace_of(source), limits_of(source)
    usual = grouping_job(source, usual_space(features), features)

    def group(progress: ProgressCallback, cancel: threading.Event) -> Grouping:
        if source.kind == "file":
            return sent_grouping(source, found, options, features)
        if usual is not None and usual.result is not None:  # the features are in memory already
            before = usual.result
            extraction = Extraction(collection=before.collection, features=before.features)
            notes = before.feature_notes
        else:
            extraction, notes = embed_images(
                found, features, workspace=workspace, max_pixels=limits.max_pixels, progress=progress, cancel=cancel
            )
        progress(Progress(stage="Comparing the pictures", done=0, total=0))
        space = fit_space_cached(extraction.features, options=options, workspace=workspace, cancel=cancel)
        series = fit_series(
            space, min(MAX_CLUSTERS, len(extraction.collection)), workspace=workspace, progress=progress, cancel=cancel
        )
        return Grouping(
            collection=extraction.collection,
            features=extraction.features,
            space=space,
            series=series,
            feature_notes=notes,
        )

    return jobs().start(_grouping_key(source, found, options, features), group)


def series_job(source: Source, grouping: Grouping, method: str) -> Job[np.ndarray]:
    """Return the job that groups by another method for every number of groups, started when it was not yet."""
    workspace = workspace_of(source)

    def compute(progress: ProgressCallback, cancel: threading.Event) -> np.ndarray:
        return fit_series(
            grouping.space,
            len(grouping.series),
            method=method,
            workspace=workspace,
            progress=progress,
            cancel=cancel,
        )

    return _joined(f"{source.id}/series/{method}/{grouping.space.fingerprint}", compute)


def tree_job(source: Source, grouping: Grouping, linkage: str, metric: str) -> Job[Tree]:
    """Return the job that builds a tree of all pictures, started when it was not yet."""
    workspace = workspace_of(source)

    def build(progress: ProgressCallback, cancel: threading.Event) -> Tree:
        progress(Progress(stage="Building the tree", done=0, total=0))
        return fit_tree_cached(grouping.space, linkage=linkage, metric=metric, workspace=workspace, cancel=cancel)

    return _joined(f"{source.id}/tree/{linkage}-{metric}/{grouping.space.fingerprint}", build)


def clustering_job(source: Source, grouping: Grouping, options: MethodOptions) -> Job[Clustering]:
    """Return the job that groups by any method and its options, started when it was not yet."""
    workspace = workspace_of(source)

    def compute(progress: ProgressCallback, cancel: threading.Event) -> Clustering:
        progress(Progress(stage="Grouping the pictures", done=0, total=0))
        return fit_clustering(grouping.space, options, workspace=workspace, progress=progress, cancel=cancel)

    return _joined(f"{source.id}/clustering/{options}/{grouping.space.fingerprint}", compute)


def _joined(key: str, work: Callable[[ProgressCallback, threading.Event], T]) -> Job[T]:
    """Return the job of this key, started where it was not; what takes a moment only is there at once."""
    job = jobs().get(key) or jobs().start(key, work)
    job.wait(_PATIENCE)
    return job


def k_scan_job(source: Source, grouping: Grouping) -> Job[KScan] | None:
    """Return the job that compares numbers of groups, None when it was not started; see `latest_scan`."""
    return jobs().get(_k_scan_key(source, grouping))


def start_k_scan(source: Source, grouping: Grouping, ks: Sequence[int]) -> Job[KScan]:
    """Score every k anew, or take it from the disk where it was scored before."""
    workspace = workspace_of(source)

    def scan(progress: ProgressCallback, cancel: threading.Event) -> KScan:
        return fit_k_scan(
            grouping.space,
            ks,
            series=grouping.series,
            workspace=workspace,
            progress=progress,
            cancel=cancel,
        )

    jobs().forget(_k_scan_key(source, grouping))
    return jobs().start(_k_scan_key(source, grouping), scan)


def first_range(grouping: Grouping) -> tuple[int, int]:
    """Return the fewest and the most groups that are compared unless somebody asks for others."""
    return 2, min(_FIRST_HIGH, len(grouping.series))


def resumed_k_scan(source: Source, grouping: Grouping) -> Job[KScan] | None:
    """Return the job that compares numbers of groups; after a restart of the program, it reads what was scored before.

    None where it was not started, and the `first_range` was not scored to its end.
    """
    job = k_scan_job(source, grouping)
    if job is not None:
        return job
    low, high = first_range(grouping)
    if high <= low:
        return None
    workspace = workspace_of(source)
    if not k_scan_is_kept(grouping.space, range(low, high + 1), workspace=workspace):
        return None
    while high < len(grouping.series) and k_scan_is_kept(grouping.space, [high + 1], workspace=workspace):
        high += 1
    job = start_k_scan(source, grouping, range(low, high + 1))
    job.wait(_PATIENCE)
    return job


def latest_scan(job: Job[KScan] | None) -> KScan | None:
    """Return what a scan has found, as far as it went: also of one that runs, or was stopped."""
    if job is None or (job.result is None and job.progress is None):
        return None
    return job.result or job.progress.partial


def map_job(source: Source, space: Space, options: MapOptions) -> Job[np.ndarray]:
    """Return the job that draws a map, started when it was not yet; one that failed is not tried again unasked."""
    workspace = workspace_of(source)

    def draw(progress: ProgressCallback, cancel: threading.Event) -> np.ndarray:
        return place_on_map(space, options, workspace=workspace, cancel=cancel)

    key = _map_key(source, space, options)
    return jobs().get(key) or jobs().start(key, draw)


def forget_map(source: Source, space: Space, options: MapOptions) -> None:
    """Let a map that failed be drawn again."""
    jobs().forget(_map_key(source, space, options))


def _k_scan_key(source: Source, grouping: Grouping) -> str:
    return f"{source.id}/k-scan/{grouping.space.fingerprint}"


def _map_key(source: Source, space: Space, options: MapOptions) -> str:
    return f"{source.id}/map/{options}/{space.fingerprint}"


def _grouping_key(source: Source, found: Collection, options: SpaceOptions, features: FeatureOptions) -> str:
    return f"{source.id}/groups/{_state(found)}/{options}/{_named(features)}"


def _time_key(source: Source, found: Collection, features: FeatureOptions) -> str:
    return f"{source.id}/time/{_state(found)}/{_named(features)}"


def _named(features: FeatureOptions) -> str:
    """Return the text of features; a file of vectors that was written anew is another."""
    if not features.vectors:
        return features.text
    try:
        written = Path(features.vectors).stat()
    except OSError:
        return features.text
    return f"{features.text}/{written.st_size}/{written.st_mtime_ns}"


def _state(found: Collection) -> int:
    return hash((tuple((image.path, image.size, image.mtime_ns) for image in found.images), found.skipped))
