"""The neighbour graph: who is near whom, and how near.

Of nearest neighbours, the fuzzy weights of UMAP (McInnes, Healy & Melville 2018, arXiv:1802.03426, section
3.1), which give every image about the same number of effective neighbours whether it lies in a crowd or alone.
"""

import numpy as np
import scipy.sparse

from imgcluster.spaces.nearest import import_faiss

__all__ = ["connect_components", "fuzzy_graph", "smooth_bandwidths"]

# UMAP's constants: steps of the bisection, and the smallest bandwidth as a share of the mean distance.
_STEPS = 64
_MIN_BANDWIDTH = 1e-3


def smooth_bandwidths(distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit UMAP's kernel width so that every row has log2(k) effective neighbours.

    Solves sum_j exp(-max(0, d_ij - rho_i) / sigma_i) = log2(k) for sigma_i by bisection, all rows at once, where rho_i
    is the distance to the nearest row that is not identical.

    Parameters
    ----------
    distances : ndarray, shape (n, k)
        Rising in each row; column 0 is the row itself and does not count.

    Returns
    -------
    sigmas, rhos : ndarray, shape (n,), float64
        ``sigmas`` is at least 0.001 of the row's mean distance (of all distances where the row has none above 0).
    """
    distances = np.asarray(distances, dtype=np.float64)
    target = np.log2(distances.shape[1])
    positive = np.where(distances > 0, distances, np.inf).min(axis=1)
    rhos = np.where(np.isfinite(positive), positive, 0.0)
    beyond = np.maximum(distances[:, 1:] - rhos[:, None], 0.0)

    low, high, sigmas = np.zeros(len(distances)), np.full(len(distances), np.inf), np.ones(len(distances))
    for _ in range(_STEPS):
        too_wide = np.exp(-beyond / sigmas[:, None]).sum(axis=1) > target
        high = np.where(too_wide, sigmas, high)
        low = np.where(too_wide, low, sigmas)
        sigmas = np.where(np.isinf(high), 2 * sigmas, (low + np.where(np.isinf(high), 0.0, high)) / 2)
    scale = np.where(rhos > 0, distances.mean(axis=1), distances.mean())
    return np.maximum(sigmas, _MIN_BANDWIDTH * scale), rhos


def fuzzy_graph(indices: np.ndarray, distances: np.ndarray) -> scipy.sparse.csr_array:
    """Weigh the neighbour graph and make it symmetric by the fuzzy union W + W^T - W * W^T.

    Parameters
    ----------
    indices, distances : ndarray, shape (n, k)
        As `imgcluster.spaces.nearest.nearest_neighbors` returns them.

    Returns
    -------
    csr_array, shape (n, n), float64
        Symmetric, weights in (0, 1], nothing on the diagonal.
    """
    n, k = indices.shape
    sigmas, rhos = smooth_bandwidths(distances)
    beyond = np.maximum(distances[:, 1:] - rhos[:, None], 0.0)
    widths = np.where(sigmas > 0, sigmas, 1.0)[:, None]  # 0 only where all rows are identical: every weight is 1
    weights = np.exp(-beyond / widths)
    rows = np.repeat(np.arange(n), k - 1)
    directed = scipy.sparse.csr_array((weights.ravel(), (rows, indices[:, 1:].ravel())), shape=(n, n))
    union = (directed + directed.T - directed * directed.T).tocsr()
    union.eliminate_zeros()
    union.sort_indices()
    return union


def connect_components(graph: scipy.sparse.csr_array, X: np.ndarray) -> tuple[scipy.sparse.csr_array, int]:
    """Join the graph's separate parts along the shortest bridges, so that its eigenvectors say which parts are alike.

    Without bridges the eigenvalue 1 has one eigenvector per part, and any mixture of them would be as good. The bridges
    are the minimum spanning tree of the parts' centres; each joins the nearest two rows of its parts, with weight 1.

    Parameters
    ----------
    graph : csr_array, shape (n, n)
    X : ndarray, shape (n, d), float32
        The rows between which the graph was built.

    Returns
    -------
    graph : csr_array, shape (n, n)
        Connected; the argument itself where it was so already.
    n_components : int
        Parts before the bridges.
    """
    from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
    from scipy.spatial.distance import cdist

    n_components, part = connected_components(graph, directed=False)
    if n_components == 1:
        return graph, 1
    members = [np.flatnonzero(part == number) for number in range(n_components)]
    centers = np.stack([X[rows].mean(axis=0, dtype=np.float64) for rows in members])
    # csgraph reads 0 as "no edge": the 1 joins parts with the same centre, and changes no comparison.
    tree = minimum_spanning_tree(1.0 + cdist(centers, centers)).tocoo()
    bridges = [_shortest_bridge(X, members[a], members[b]) for a, b in zip(tree.row, tree.col, strict=True)]
    ends = np.array(bridges + [(j, i) for i, j in bridges])
    extra = scipy.sparse.csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=graph.shape)
    return (graph + extra).tocsr(), int(n_components)


def _shortest_bridge(X: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    if len(a) > len(b):
        a, b = b, a
    distances, nearest = import_faiss().knn(np.ascontiguousarray(X[a]), np.ascontiguousarray(X[b]), 1)
    i = int(np.argmin(distances[:, 0]))
    return int(a[i]), int(b[nearest[i, 0]])
