"""Pictures that are nearly the same count once in a neighbour graph.

Of a burst of photographs, each has the others for neighbours, and they take all of the kernel's weight: the graph falls
apart into bursts, and its eigenvectors tell these apart and no longer what is in the pictures.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from imgcluster.spaces.manifold import Embedding
from imgcluster.spaces.nearest import nearest_neighbors

__all__ = ["embed_without_bursts", "leaders_of_bursts", "n_beyond_bursts"]

# A picture is nearly the same as one that is nearer than this share of the distance to its 40th neighbour, which is
# beyond the burst. On photographs in bursts of 1 to 12 and of 1 to 30 a share of 0.2 leaves bursts standing, and from
# 0.3 on small, tight groups become a few points: 20 groups of 10 are not found any more.
_SHARE = 0.25
_BEYOND = 40
_LEAST_SHARE_BEYOND = 4  # of few pictures every fourth: the 40th of 60 is in another group


def n_beyond_bursts(n_rows: int) -> int:
    """Return how many neighbours must be known to tell bursts, the row itself included."""
    return min(_BEYOND, max(1, n_rows // _LEAST_SHARE_BEYOND))


def leaders_of_bursts(indices: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Let each row follow one that it is nearly the same as.

    The leader algorithm (Hartigan 1975, "Clustering Algorithms", chapter 3): in their order, every row follows the
    nearest leader before it that is nearly the same, or becomes one.

    Parameters
    ----------
    indices, distances : ndarray, shape (n, k)
        As `nearest_neighbors` returns them; k is at least `n_beyond_bursts` of n, and the distance to that neighbour
        the measure: rows nearer than a quarter of it, of both, are nearly the same.

    Returns
    -------
    ndarray, shape (n,), int32
        The leader of each row; its own number for a leader.
    """
    n = len(indices)
    radius = _SHARE * distances[:, n_beyond_bursts(n) - 1]
    near = (distances < radius[:, None]) & (distances < radius[indices]) & (indices < np.arange(n)[:, None])
    leader = np.arange(n, dtype=np.int32)
    for row in np.flatnonzero(near.any(axis=1)):
        before = indices[row, near[row]]
        leads = before[leader[before] == before]
        if len(leads):
            leader[row] = leads[0]
    return leader


def embed_without_bursts(
    on_graph: Callable[..., Embedding],
    rows: np.ndarray,
    indices: np.ndarray,
    distances: np.ndarray,
    n_dims: int | None,
    *,
    n_neighbors: int,
    random_state: int,
) -> Embedding:
    """Embed the leaders of bursts by their neighbour graph, and give each burst the place of its leader.

    Parameters
    ----------
    on_graph : callable
        `diffusion_map` or `spectral_embedding`.
    rows : ndarray, shape (n, p), float32
    indices, distances : ndarray, shape (n, k)
        As `nearest_neighbors` returns them for ``rows``, k being at least ``n_neighbors`` and `n_beyond_bursts`.
    n_dims : int or None
        As for ``on_graph``.
    n_neighbors : int
        In the graph, the row itself included. Bursts stand where there are no more leaders than that.
    random_state : int

    Returns
    -------
    Embedding
        Of all rows.
    """
    leaders, place = np.unique(leaders_of_bursts(indices, distances), return_inverse=True)
    if len(leaders) <= n_neighbors or len(leaders) == len(rows):
        graph = indices[:, :n_neighbors], distances[:, :n_neighbors]
        return on_graph(rows, *graph, n_dims, random_state=random_state)
    chosen = rows[leaders]
    found = on_graph(chosen, *nearest_neighbors(chosen, n_neighbors), n_dims, random_state=random_state)
    # All rows stay known, each with what its leader gives: a new picture that is one of a burst goes where that is.
    return replace(
        found,
        coordinates=found.coordinates[place],
        known=rows,
        carried=found.carried[place],
        n_followers=len(rows) - len(leaders),
    )
