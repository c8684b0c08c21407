"""From the space to the two coordinates that are drawn."""

import threading
from concurrent.futures import wait

import numpy as np

from imgcluster.errors import ImgClusterError, ParameterError
from imgcluster.grouping.reduction import fixed_signs
from imgcluster.grouping.space import Space
from imgcluster.grouping.umap_process import umap_layout
from imgcluster.progress import raise_if_cancelled

__all__ = ["MAP_METHODS", "map_coordinates"]

MAP_METHODS = ("diffusion", "pca", "umap")

# With fewer different images UMAP has nothing to optimise, and the diffusion picture is drawn.
_MIN_FOR_UMAP = 8

# How often, in seconds, a running UMAP is asked whether it is done or unwanted.
_POLL = 0.1


def map_coordinates(
    space: Space, *, method: str = "diffusion", random_state: int = 0, cancel: threading.Event | None = None
) -> np.ndarray:
    """Lay out the images in the plane.

    Parameters
    ----------
    space : Space
    method : {"diffusion", "pca", "umap"}, default "diffusion"
        "diffusion": the plane in which the space's coordinates vary most; instant. "pca": the first two principal
        coordinates of the features; instant. "umap": UMAP (McInnes, Healy & Melville 2018) of the space's own neighbour
        graph, begun from the "diffusion" map; seconds to minutes, in a process of its own. With fewer than 8 different
        images "umap" draws the "diffusion" map.
    random_state : int, default 0
        Seeds "umap".
    cancel : threading.Event, optional
        Ends the process of "umap".

    Returns
    -------
    ndarray, shape (n_images, 2), float32
        Centred, the same scale for both axes, the largest magnitude 1 (all 0 where all images are alike). Identical
        images share one place.

    Raises
    ------
    ParameterError
        When there is no such method.
    Cancelled
    """
    if method not in MAP_METHODS:
        raise ParameterError(f'There is no map "{method}".', hint=f"Choose one of {', '.join(MAP_METHODS)}.")
    if method == "pca":
        plane = space.principal
    else:
        plane = _widest_plane(space.coordinates)
        if method == "umap":
            plane = _umap(space, plane, random_state, cancel)
    return _scaled(plane)


def _widest_plane(coordinates: np.ndarray) -> np.ndarray:
    centred = coordinates.astype(np.float64) - coordinates.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    plane = centred @ axes[:, :-3:-1]
    plane = np.pad(plane, ((0, 0), (0, 2 - plane.shape[1])))
    return plane * fixed_signs(plane)


def _umap(space: Space, plane: np.ndarray, random_state: int, cancel: threading.Event | None) -> np.ndarray:
    originals, point = np.unique(space.first_twin, return_inverse=True)
    if len(originals) < _MIN_FOR_UMAP:
        return plane
    indices = np.searchsorted(originals, space.neighbors[originals]).astype(np.int32)
    start = _scaled(plane[originals])
    # UMAP stretches each axis to the same width: one that does not vary would become NaN, so all are stirred a little.
    start += np.random.default_rng(random_state).normal(scale=1e-3, size=start.shape).astype(np.float32)
    laid_out = _in_own_process(umap_layout, indices, space.distances[originals], start, random_state, cancel=cancel)
    return laid_out[point]


def _in_own_process(function, *args, cancel: threading.Event | None):
    """Call a function in a process that lives no longer than the call."""
    from joblib.externals.loky import ProcessPoolExecutor
    from joblib.externals.loky.process_executor import BrokenProcessPool

    # An executor of our own: joblib's reusable one is shared by the whole process, and to kill it on Cancel would take
    # other people's work along. loky's children do not run the main module again, so this works under Streamlit.
    executor = ProcessPoolExecutor(max_workers=1)
    future = executor.submit(function, *args)
    try:
        while not future.done():
            raise_if_cancelled(cancel)
            wait([future], timeout=_POLL)
        return future.result()
    except BrokenProcessPool as error:
        raise ImgClusterError(
            "The map could not be drawn: its process ended early, perhaps for lack of memory.",
            hint="Close other programs and try again, or choose the PCA map.",
        ) from error
    finally:
        executor.shutdown(kill_workers=not future.done())


def _scaled(plane: np.ndarray) -> np.ndarray:
    """Centre the bounding box on 0 and scale its longer side to [-1, 1]."""
    plane = plane.astype(np.float64)
    low, high = plane.min(axis=0), plane.max(axis=0)
    half = (high - low).max() / 2
    scaled = (plane - (low + high) / 2) / half if half > 0 else np.zeros_like(plane)
    return scaled.astype(np.float32)
