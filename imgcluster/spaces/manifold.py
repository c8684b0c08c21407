"""Spaces made of the neighbour graph: diffusion map, spectral embedding, UMAP.

Each begins with the rows of the graph (principal components of unit length), and returns the coordinates together with
the few arrays from which `imgcluster.spaces.transform` places a new image.
"""

import threading
from dataclasses import dataclass

import numpy as np

from imgcluster.features.rows import normalize_rows
from imgcluster.own_process import in_own_process
from imgcluster.spaces.graph import connect_components, fuzzy_graph
from imgcluster.spaces.spectral import leading_eigenvectors
from imgcluster.spaces.umap_process import umap_layout

__all__ = [
    "DIFFUSION_STEPS",
    "MIN_FOR_UMAP",
    "Embedding",
    "diffusion_map",
    "make_embedding",
    "spectral_embedding",
    "umap_embedding",
]

# Steps of the walk: eigenvalues are raised to this power. 2 to 16 score alike.
DIFFUSION_STEPS = 8

# With fewer different images UMAP has nothing to optimise.
MIN_FOR_UMAP = 8

# Nystroem's formula divides by the eigenvalue. Below this it would enlarge noise more than tenfold.
_LEAST_EIGENVALUE = 0.1

# Automatic columns of a spectral embedding: the slow ones, for all have the same width and the others part no groups.
_MOST_SLOW = 10
_SLOW = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """Coordinates, and what a new image needs to be placed among them.

    Attributes
    ----------
    coordinates : ndarray, shape (n, n_dims), float32
    known : ndarray, shape (m, p), float32
        The rows that a new one is compared with.
    carried : ndarray, shape (m, n_dims), float32
        What each of them gives to the new one.
    factors : ndarray, shape (n_dims,), float64
        carried * factors (at unit length for a diffusion map) are the coordinates of the known rows themselves.
    offsets : ndarray, shape (n_dims,), float64
        Kernel PCA: subtracted from the weighted sum.
    gamma : float
        Kernel PCA: the kernel is exp(-gamma * squared distance).
    eigenvalues : ndarray
        Diffusion map: of the random walk, falling, in [0, 1]. Empty otherwise.
    n_parts : int
        Islands in the neighbour graph, which were joined by bridges; 1 where there is no graph.
    n_followers : int
        Rows that were left out of the graph, and share the place of one that is nearly the same.
    """

    coordinates: np.ndarray
    known: np.ndarray
    carried: np.ndarray
    factors: np.ndarray
    offsets: np.ndarray
    gamma: float = 0.0
    eigenvalues: np.ndarray
    n_parts: int = 1
    n_followers: int = 0


def make_embedding(
    coordinates: np.ndarray, known: np.ndarray | None = None, carried: np.ndarray | None = None, **others
) -> Embedding:
    """Return an `Embedding` with what is usual where nothing else is given."""
    n_dims = coordinates.shape[1]
    usual = {"factors": np.ones(n_dims), "offsets": np.zeros(n_dims), "eigenvalues": np.empty(0)}
    return Embedding(
        coordinates=coordinates.astype(np.float32, copy=False),
        known=np.empty((0, 0), dtype=np.float32) if known is None else known,
        carried=np.empty((0, n_dims), dtype=np.float32) if carried is None else carried.astype(np.float32, copy=False),
        **usual | others,
    )


def diffusion_map(
    rows: np.ndarray, indices: np.ndarray, distances: np.ndarray, n_dims: int, *, random_state: int
) -> Embedding:
    """Walk randomly on the neighbour graph (Coifman & Lafon 2006).

    Parameters
    ----------
    rows : ndarray, shape (n, p), float32
    indices, distances : ndarray, shape (n, k)
        As `nearest_neighbors` returns them for ``rows``.
    n_dims : int
    random_state : int
        Seeds the eigenvector iteration.

    Returns
    -------
    Embedding
        min(n_dims, n) columns: eigenvectors times eigenvalues to the power 8, then rows of unit length.
    """
    graph, n_parts = connect_components(fuzzy_graph(indices, distances), rows)
    values, vectors = leading_eigenvectors(graph, min(n_dims, len(rows)), random_state=random_state)
    values = np.maximum(values, 0.0)  # an even power would bring the oscillating modes back
    # A new row's eigenvector entry is sum_j W_xj u_j / sqrt(d_x d_j) / eigenvalue. The division takes one of the powers
    # away, and d_x goes with the length of the row.
    carried = vectors * values ** (DIFFUSION_STEPS - 1) / np.sqrt(graph.sum(axis=1))[:, None]
    return make_embedding(
        normalize_rows(vectors * values**DIFFUSION_STEPS),
        rows,
        carried,
        factors=values,
        eigenvalues=values,
        n_parts=n_parts,
    )


def spectral_embedding(
    rows: np.ndarray, indices: np.ndarray, distances: np.ndarray, n_dims: int | None, *, random_state: int
) -> Embedding:
    """Lay the neighbour graph out so that its edges are short: Laplacian eigenmaps (Belkin & Niyogi 2003).

    Parameters
    ----------
    rows, indices, distances, random_state
        As for `diffusion_map`.
    n_dims : int or None
        None takes those of the first 10 whose eigenvalue is at least 0.9, at least 1.

    Returns
    -------
    Embedding
        n - 1 columns at most: the eigenvectors of the random walk, without the constant first.
    """
    graph, n_parts = connect_components(fuzzy_graph(indices, distances), rows)
    wanted = _MOST_SLOW if n_dims is None else n_dims
    values, vectors = leading_eigenvectors(graph, min(wanted + 1, len(rows)), random_state=random_state)
    if n_dims is None:
        wanted = max(1, np.count_nonzero(values[1:] >= _SLOW))
    coordinates = vectors[:, 1 : wanted + 1] / np.sqrt(graph.sum(axis=1))[:, None]
    factors = np.maximum(values[1 : wanted + 1], _LEAST_EIGENVALUE)
    return make_embedding(coordinates, rows, coordinates / factors, factors=factors, n_parts=n_parts)


def umap_embedding(
    rows: np.ndarray,
    indices: np.ndarray,
    distances: np.ndarray,
    n_dims: int,
    *,
    random_state: int,
    cancel: threading.Event | None = None,
) -> Embedding:
    """Run UMAP (McInnes, Healy & Melville 2018) on the neighbour graph, in a process of its own.

    Parameters
    ----------
    rows, indices, distances, n_dims, random_state
        As for `diffusion_map`; n is at least `MIN_FOR_UMAP`.
    cancel : threading.Event, optional
        Ends the process.

    Returns
    -------
    Embedding
        min(n_dims, n - 1) columns, begun from the spectral embedding.

    Raises
    ------
    ImgClusterError
        When the process dies.
    Cancelled
    """
    start = spectral_embedding(rows, indices, distances, n_dims, random_state=random_state)
    init = start.coordinates / np.maximum(np.abs(start.coordinates).max(axis=0), np.finfo(np.float32).tiny)
    # UMAP stretches every column to the same width, so that one that does not vary would become NaN.
    init += np.random.default_rng(random_state).normal(scale=1e-3, size=init.shape).astype(np.float32)
    coordinates = in_own_process(
        umap_layout,
        indices,
        distances,
        init,
        random_state,
        0.0,  # nothing is drawn here: members of a group may lie as tightly as they like
        cancel=cancel,
        failure="The UMAP space could not be computed",
        hint="Close other programs and try again, or choose the diffusion map.",
    )
    return make_embedding(coordinates, rows, coordinates)
