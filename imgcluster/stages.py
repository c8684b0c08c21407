"""The stages of the way from a folder to its clusters, each kept on disk under a fingerprint of what went in.

    collection -> extraction -> space -> series of clusterings -> k scan, silhouettes
                                    \\-> map

Nothing is computed twice: not after a crash, and not when the app is started again.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imgcluster.cache import Workspace, cached_call, was_called
from imgcluster.choosing.scan import KScan, KScore, scan_k
from imgcluster.features.extraction import Extraction, Features, extract_features, survey_images
from imgcluster.features.extractors import DEFAULT_EXTRACTOR
from imgcluster.features.store import Store
from imgcluster.grouping.clustering import kmeans_series
from imgcluster.grouping.layout import map_coordinates
from imgcluster.grouping.silhouette import Silhouette, silhouette_samples
from imgcluster.grouping.space import Space, fit_space
from imgcluster.pictures.collection import Collection
from imgcluster.pictures.finding import check_headers
from imgcluster.pictures.formats import MAX_PIXELS
from imgcluster.progress import Progress, ProgressCallback
from imgcluster.version import __version__

__all__ = [
    "FoundImages",
    "embed_images",
    "fit_k_scan",
    "fit_series",
    "fit_silhouettes",
    "fit_space_cached",
    "inspect_collection",
    "k_scan_is_kept",
    "place_on_map",
]


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


def fit_k_scan(
    space: Space,
    ks: Sequence[int],
    *,
    series: np.ndarray,
    workspace: Workspace,
    n_references: int = 10,
    random_state: int = 0,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> KScan:
    """Return the scores of every k, each computed once for each space: a wider range computes only what is new.

    The reports to ``progress`` carry as ``partial`` the `KScan` of what is finished; cancelling keeps it.
    """
    started, computed = time.monotonic(), []

    def remember(k: int, compute: Callable[[], KScore]) -> KScore:
        def compute_and_count() -> KScore:
            computed.append(k)
            return compute()

        key = _key_of_k_score(space, k, n_references, random_state)
        return cached_call(workspace, _k_score, *key, compute_and_count, ignore=["compute"])

    def report(scan: KScan) -> None:
        if progress is not None:
            progress(
                Progress(
                    stage="Comparing numbers of groups",
                    done=len(scan.scores),
                    total=len({1, *ks}),
                    seconds=time.monotonic() - started,
                    fresh=len(computed),
                    partial=scan,
                )
            )

    return scan_k(
        space.coordinates,
        ks,
        series=series,
        column_scales=space.column_scales,
        n_references=n_references,
        random_state=random_state,
        remember=remember,
        callback=report,
        cancel=cancel,
    )


def k_scan_is_kept(
    space: Space, ks: Sequence[int], *, workspace: Workspace, n_references: int = 10, random_state: int = 0
) -> bool:
    """Return whether `fit_k_scan` would find every k on the disk."""
    keys = (_key_of_k_score(space, k, n_references, random_state) for k in {1, *ks})
    return all(was_called(workspace, _k_score, *key, None, ignore=["compute"]) for key in keys)


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


def _key_of_k_score(space: Space, k: int, n_references: int, random_state: int) -> tuple[str, str, int, int, int]:
    return space.fingerprint, __version__, k, n_references, random_state


def _k_score(
    fingerprint: str, version: str, k: int, n_references: int, random_state: int, compute: Callable[[], KScore]
) -> KScore:
    return compute()


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
