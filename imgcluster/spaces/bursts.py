"""Pictures that are nearly the same count once in a neighbour graph.

Of a burst of photographs, each has the others for neighbours, and they take all of the kernel's weight: the graph falls
apart into bursts, and its eigenvectors tell these apart and no longer what is in the pictures.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.sparse

from imgcluster.spaces.manifold import Embedding
from imgcluster.spaces.nearest import nearest_neighbors

__all__ = ["embed_without_bursts", "first_of_bursts", "n_beyond_bursts"]

# The distance to the 40th neighbour is one between different pictures; of few pictures that to a sixteenth of them, for
# the 40th of 200 may be in another group.
_BEYOND, _PART_BEYOND = 40, 16

# Nearly the same are two whose distance is below this share of that, and a burst is as many times farther from others
# than its own pictures are from each other. Measured on bursts of photographs, on pictures that are grouped into their
# bursts, on digits and blobs of 2 to 50 dimensions: with 0.3, or a gap of 2, bursts are left standing; with 0.5 small
# groups become a few points; without the gap chains through groups do.
_SHARE, _GAP = 0.4, 1.5


def n_beyond_bursts(n_rows: int) -> int:
    """Return how many neighbours must be known to tell bursts, the row itself included."""
    return min(_BEYOND, max(1, n_rows // _PART_BEYOND))


def first_of_bursts(indices: np.ndarray, distances: np.ndarray, most: int) -> np.ndarray:
    """Find the bursts: rows that are linked by small distances, and stand apart from all others.

    These are single-linkage clusters of the neighbour graph (Sneath 1957), cut at a distance that is relative to how
    far apart different rows are there, and kept where the cut goes through a gap.

    Parameters
    ----------
    indices, distances : ndarray, shape (n, k)
        As `nearest_neighbors` returns them; k is at least `n_beyond_bursts` of n.
    most : int
        Rows in a burst. What is larger may as well be a group of pictures that are very alike.

    Returns
    -------
    ndarray, shape (n,), int64
        The first row of the burst of each; its own number where it is in none.
    """
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

    n = len(indices)
    n_beyond = n_beyond_bursts(n)
    reach = _SHARE * distances[:, n_beyond - 1]
    near = (distances < reach[:, None]) & (distances < reach[indices])
    near[:, 0] = False
    rows, columns = np.nonzero(near)
    lengths = np.maximum(distances[rows, columns], np.finfo(np.float32).tiny)  # csgraph reads 0 as "no link"
    links = scipy.sparse.csr_array((lengths, (rows, indices[rows, columns])), shape=(n, n))
    n_parts, part = connected_components(links, directed=False)
    tree = minimum_spanning_tree(links).tocoo()
    widest, gap, first = np.zeros(n_parts), np.full(n_parts, np.inf), np.full(n_parts, n)
    np.maximum.at(widest, part[tree.row], tree.data)
    np.minimum.at(gap, part, np.where(part[indices] != part[:, None], distances, np.inf).min(axis=1))
    np.minimum.at(first, part, np.arange(n))
    is_burst = (gap >= _GAP * widest) & (np.bincount(part, minlength=n_parts) <= min(most, n_beyond))
    return np.where(is_burst[part], first[part], np.arange(n))


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
    """Embed one row of each burst by their neighbour graph, and give the whole burst its place.

    Bursts are no larger than the neighbourhoods in the graph, which they would fill; larger ones stand by themselves.

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
        In the graph, the row itself included. Where no more rows than that would be left, all are in it.
    random_state : int

    Returns
    -------
    Embedding
        Of all rows.
    """
    firsts, place = np.unique(first_of_bursts(indices, distances, n_neighbors), return_inverse=True)
    if len(firsts) <= n_neighbors or len(firsts) == len(rows):
        graph = indices[:, :n_neighbors], distances[:, :n_neighbors]
        return on_graph(rows, *graph, n_dims, random_state=random_state)
    chosen = rows[firsts]
    found = on_graph(chosen, *nearest_neighbors(chosen, n_neighbors), n_dims, random_state=random_state)
    # All rows stay known, each with what the first gives: a new picture that is one of a burst goes where that is.
    return replace(
        found,
        coordinates=found.coordinates[place],
        known=rows,
        carried=found.carried[place],
        n_followers=len(rows) - len(firsts),
    )
