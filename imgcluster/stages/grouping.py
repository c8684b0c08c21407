"""From features to a space, and in it to clusters of every kind and to a map."""

import threading
from dataclasses import asdict
from typing import Literal

import numpy as np

from imgcluster.cache import Workspace, cached_call
from imgcluster.features.extraction import Features
from imgcluster.grouping.clustering import Clustering, kmeans_series
from imgcluster.grouping.methods import MethodOptions, cluster
from imgcluster.grouping.silhouette import Silhouette, silhouette_samples
from imgcluster.grouping.spherical import spherical_series
from imgcluster.grouping.trees.hierarchy import Tree, fit_tree
from imgcluster.maps.as_space import space_of
from imgcluster.maps.layout import map_coordinates
from imgcluster.maps.options import MapOptions, resolve_map_options
from imgcluster.progress import ProgressCallback
from imgcluster.spaces.options import SpaceOptions
from imgcluster.spaces.space import Space
from imgcluster.version import __version__

__all__ = [
    "fit_clustering",
    "fit_series",
    "fit_silhouettes",
    "fit_space_cached",
    "fit_tree_cached",
    "place_on_map",
]


def fit_space_cached(
    features: Features,
    *,
    options: SpaceOptions | None = None,
    workspace: Workspace,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> Space:
    """Return the space of the features, computed once for each fingerprint and its options."""
    return cached_call(
        workspace,
        _space,
        features.fingerprint,
        __version__,
        options or SpaceOptions(),
        random_state,
        features,
        cancel,
        ignore=["features", "cancel"],
    )


def fit_series(
    space: Space,
    max_clusters: int,
    *,
    method: Literal["kmeans", "spherical"] = "kmeans",
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
        method,
        max_clusters,
        random_state,
        space.coordinates,
        progress,
        cancel,
        ignore=["coordinates", "progress", "cancel"],
    )


def fit_tree_cached(
    space: Space,
    *,
    linkage: str = "ward",
    metric: str = "euclidean",
    workspace: Workspace,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> Tree:
    """Return the tree of all images, computed once for each space and linkage."""
    return cached_call(
        workspace,
        _tree,
        space.fingerprint,
        __version__,
        linkage,
        metric,
        random_state,
        space.coordinates,
        cancel,
        ignore=["coordinates", "cancel"],
    )


def fit_clustering(
    space: Space,
    options: MethodOptions,
    *,
    workspace: Workspace,
    random_state: int = 0,
    progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
) -> Clustering:
    """Return the clusters that any method finds, computed once for each space and its options."""
    return cached_call(
        workspace,
        _clustering,
        space.fingerprint,
        __version__,
        options,
        random_state,
        space.coordinates,
        progress,
        cancel,
        ignore=["coordinates", "progress", "cancel"],
    )


def fit_silhouettes(space: Space, labels: np.ndarray, *, key: str, workspace: Workspace) -> Silhouette:
    """Return how well each image fits its cluster, computed once for each ``key`` that names the labels."""
    return cached_call(
        workspace,
        _silhouettes,
        space.fingerprint,
        __version__,
        key,
        space.coordinates,
        labels,
        ignore=["coordinates", "labels"],
    )


def place_on_map(
    space: Space,
    options: MapOptions,
    *,
    workspace: Workspace,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Return where each image is drawn, (n_images, 2 or 3) float32, computed once for each space and its options."""
    return cached_call(
        workspace,
        _map,
        space.fingerprint,
        __version__,
        resolve_map_options(options, space),
        random_state,
        space,
        cancel,
        ignore=["space", "cancel"],
    )


def _space(
    fingerprint: str,
    version: str,
    options: SpaceOptions,
    random_state: int,
    features: Features,
    cancel: threading.Event | None,
) -> Space:
    return space_of(features, options, random_state=random_state, cancel=cancel)


def _series(
    fingerprint: str,
    version: str,
    method: str,
    max_clusters: int,
    random_state: int,
    coordinates: np.ndarray,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> np.ndarray:
    compute = {"kmeans": kmeans_series, "spherical": spherical_series}[method]
    return compute(coordinates, max_clusters, random_state=random_state, progress=progress, cancel=cancel)


def _tree(
    fingerprint: str,
    version: str,
    linkage: str,
    metric: str,
    random_state: int,
    coordinates: np.ndarray,
    cancel: threading.Event | None,
) -> Tree:
    return fit_tree(coordinates, linkage=linkage, metric=metric, random_state=random_state, cancel=cancel)


def _clustering(
    fingerprint: str,
    version: str,
    options: MethodOptions,
    random_state: int,
    coordinates: np.ndarray,
    progress: ProgressCallback | None,
    cancel: threading.Event | None,
) -> Clustering:
    return cluster(coordinates, options, random_state=random_state, progress=progress, cancel=cancel)


def _silhouettes(fingerprint: str, version: str, key: str, coordinates: np.ndarray, labels: np.ndarray) -> Silhouette:
    return silhouette_samples(coordinates, labels)


def _map(
    fingerprint: str,
    version: str,
    options: MapOptions,
    random_state: int,
    space: Space,
    cancel: threading.Event | None,
) -> np.ndarray:
    return map_coordinates(space, **asdict(options), random_state=random_state, cancel=cancel)
