"""From the space to the two or three coordinates that are drawn."""

import threading
from collections.abc import Callable

import numpy as np

from imgcluster.features.rows import fixed_signs
from imgcluster.maps.options import MAPS, SKETCH, MapOptions, resolve_map_options
from imgcluster.maps.tsne_process import tsne_layout
from imgcluster.own_process import in_own_process
from imgcluster.spaces.manifold import MIN_FOR_UMAP, spectral_embedding
from imgcluster.spaces.nearest import nearest_neighbors
from imgcluster.spaces.space import Space
from imgcluster.spaces.umap_process import umap_layout

__all__ = ["MAP_METHODS", "map_coordinates"]

MAP_METHODS = tuple(method.name for method in (SKETCH, *MAPS))

# How far dots are stirred at the start, where the map is 2 wide.
_STIRRED = 1e-3


def map_coordinates(
    space: Space,
    *,
    method: str = "diffusion",
    n_components: int = 2,
    n_neighbors: int | None = None,
    min_dist: float | None = None,
    perplexity: float | None = None,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> np.ndarray:
    """Lay out the images in the plane, or in three dimensions.

    Parameters
    ----------
    space : Space
    method : {"diffusion", "umap", "tsne", "pca", "spectral"}, default "diffusion"
        - "diffusion": the plane in which the space's coordinates vary most; instant. The other maps begin with it.
        - "umap": UMAP (McInnes, Healy & Melville 2018) of the space's own neighbour graph; seconds to minutes, in a
          process of its own.
        - "tsne": t-SNE (van der Maaten & Hinton 2008) of the rows that the graph joins, where the space keeps them,
          and otherwise of the space's coordinates; the same.
        - "pca": the first principal coordinates of the features; instant.
        - "spectral": the first eigenvectors of the graph (Belkin & Niyogi 2003, "Laplacian eigenmaps"); seconds.

        With fewer than 8 different images "umap", "tsne" and "spectral" draw the "diffusion" map.
    n_components : {2, 3}, default 2
    n_neighbors, min_dist, perplexity : optional
        See `imgcluster.maps.options.MapOptions`; None is automatic.
    random_state : int, default 0
        Seeds "umap", "tsne" and "spectral".
    cancel : threading.Event, optional
        Ends the process of "umap" or "tsne".

    Returns
    -------
    ndarray, shape (n_images, n_components), float32
        Centred, the same scale for all axes, the largest magnitude 1 (all 0 where all images are alike). Identical
        images share one place.

    Raises
    ------
    ParameterError
        When there is no such method, or an option is out of range.
    Cancelled
    """
    options = resolve_map_options(
        MapOptions(
            method=method,
            n_components=n_components,
            n_neighbors=n_neighbors,
            min_dist=min_dist,
            perplexity=perplexity,
        ),
        space,
    )
    if method == "pca":
        return _scaled(_columns(space.principal, n_components))
    sketch = _widest(space.coordinates, n_components)
    draw = {"umap": _umap, "tsne": _tsne, "spectral": _spectral}.get(method)
    if draw is None or len(np.unique(space.first_twin)) < MIN_FOR_UMAP:
        return _scaled(sketch)
    return _scaled(draw(space, sketch, options, random_state, cancel))


def _widest(coordinates: np.ndarray, n_components: int) -> np.ndarray:
    centred = coordinates.astype(np.float64) - coordinates.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    places = _columns(centred @ axes[:, : -n_components - 1 : -1], n_components)
    return places * fixed_signs(places)


def _columns(places: np.ndarray, n_components: int) -> np.ndarray:
    return np.pad(places[:, :n_components], ((0, 0), (0, max(0, n_components - places.shape[1]))))


def _umap(
    space: Space, sketch: np.ndarray, options: MapOptions, random_state: int, cancel: threading.Event | None
) -> np.ndarray:
    originals, point = np.unique(space.first_twin, return_inverse=True)
    near = _neighbors(space, originals, options.n_neighbors)
    start = _start(sketch[originals], random_state)
    return _in_own_process(umap_layout, *near, start, random_state, options.min_dist, cancel=cancel)[point]


def _tsne(
    space: Space, sketch: np.ndarray, options: MapOptions, random_state: int, cancel: threading.Event | None
) -> np.ndarray:
    originals, point = np.unique(space.first_twin, return_inverse=True)
    # Itself, and three times as many others as it minds.
    near = nearest_neighbors(_rows(space, originals), min(len(originals), 1 + int(3 * options.perplexity)))
    start = _start(sketch[originals], random_state)
    return _in_own_process(tsne_layout, *near, start, options.perplexity, random_state, cancel=cancel)[point]


def _spectral(
    space: Space, sketch: np.ndarray, options: MapOptions, random_state: int, cancel: threading.Event | None
) -> np.ndarray:
    originals, point = np.unique(space.first_twin, return_inverse=True)
    near = _neighbors(space, originals, options.n_neighbors)
    found = spectral_embedding(_rows(space, originals), *near, options.n_components, random_state=random_state)
    return found.coordinates[point]


def _rows(space: Space, originals: np.ndarray) -> np.ndarray:
    """Return the rows between which the graph was built, if the space keeps all of them; otherwise its coordinates."""
    known = space.model.known
    return known if len(known) == len(originals) else space.coordinates[originals]


def _neighbors(space: Space, originals: np.ndarray, n_neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    if n_neighbors > space.neighbors.shape[1]:
        return nearest_neighbors(_rows(space, originals), n_neighbors)
    indices = np.searchsorted(originals, space.neighbors[originals, :n_neighbors]).astype(np.int32)
    return indices, space.distances[originals, :n_neighbors]


def _start(sketch: np.ndarray, random_state: int) -> np.ndarray:
    start = _scaled(sketch)
    # UMAP stretches each axis to the same width: one that does not vary would become NaN, so all are stirred a little.
    start += np.random.default_rng(random_state).normal(scale=_STIRRED, size=start.shape).astype(np.float32)
    return start


def _in_own_process(function: Callable, *args, cancel: threading.Event | None) -> np.ndarray:
    return in_own_process(
        function,
        *args,
        cancel=cancel,
        failure="The map could not be drawn",
        hint="Close other programs and try again, or choose the PCA map.",
    )


def _scaled(places: np.ndarray) -> np.ndarray:
    """Centre the bounding box on 0 and scale its longest side to [-1, 1]."""
    places = places.astype(np.float64)
    low, high = places.min(axis=0), places.max(axis=0)
    half = (high - low).max() / 2
    scaled = (places - (low + high) / 2) / half if half > 0 else np.zeros_like(places)
    return scaled.astype(np.float32)
