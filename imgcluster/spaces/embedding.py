"""Which method places the rows of the neighbour graph, and what is to be said about it."""

import threading

import numpy as np

from imgcluster.spaces.bursts import embed_without_bursts
from imgcluster.spaces.manifold import Embedding, diffusion_map, make_embedding, spectral_embedding, umap_embedding
from imgcluster.spaces.sampled import MAX_FITTED, kernel_pca, locally_linear

__all__ = ["embed_rows", "notes_on"]

# Below this share, pictures that are nearly the same are nothing to speak of.
_FEW = 0.05


def embed_rows(
    method: str,
    rows: np.ndarray,
    indices: np.ndarray,
    distances: np.ndarray,
    n_neighbors: int,
    n_dims: int | None,
    random_state: int,
    cancel: threading.Event | None,
) -> Embedding:
    """Place rows by a method that needs no more than them and their neighbours.

    Parameters
    ----------
    method : str
        "principal", "kernel_pca", "diffusion", "spectral", "lle" or "umap".
    rows : ndarray, shape (n, p), float32
        Of unit length.
    indices, distances : ndarray, shape (n, k)
        As `nearest_neighbors` returns them for ``rows``; k is at least ``n_neighbors`` and `n_beyond_bursts` of n.
    n_neighbors : int
        In the graph, the row itself included.
    n_dims : int or None
        As for the method.
    random_state : int
    cancel : threading.Event, optional

    Returns
    -------
    Embedding
    """
    if method == "principal":
        return make_embedding(rows[:, :n_dims])
    if method == "kernel_pca":
        return kernel_pca(rows, n_dims, random_state=random_state)
    if method in ("diffusion", "spectral"):
        on_graph = spectral_embedding if method == "spectral" else diffusion_map
        options = {"n_neighbors": n_neighbors, "random_state": random_state}
        return embed_without_bursts(on_graph, rows, indices, distances, n_dims, **options)
    indices, distances = indices[:, :n_neighbors], distances[:, :n_neighbors]
    if method == "lle":
        return locally_linear(rows, indices, n_dims, random_state=random_state)
    return umap_embedding(rows, indices, distances, n_dims, random_state=random_state, cancel=cancel)


def notes_on(method: str, placed: Embedding, n_points: int) -> list[str]:
    """Say what was done differently than usual, one sentence each."""
    notes = []
    if placed.n_followers > _FEW * n_points:
        notes.append(
            f"{placed.n_followers:,} of {n_points:,} pictures are nearly the same as another one, and grouped with it."
        )
    if placed.n_parts > 1:
        notes.append(
            f"The pictures form {placed.n_parts} islands with no neighbours in common; they were joined by bridges."
        )
    if method in ("kernel_pca", "lle") and n_points > MAX_FITTED:
        how = "by their likeness to those" if method == "kernel_pca" else "as mixtures of those"
        notes.append(
            f"The space was fitted on {MAX_FITTED:,} of {n_points:,} different pictures; the others were placed {how}."
        )
    return notes
