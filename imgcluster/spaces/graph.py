"""The neighbour graph: who is near whom, and how near.

Exact nearest neighbours, then the fuzzy weights of UMAP (McInnes, Healy & Melville 2018, arXiv:1802.03426, section
3.1), which give every image about the same number of effective neighbours whether it lies in a crowd or alone.
"""

import sys
from types import ModuleType

import numpy as np
import scipy.sparse

__all__ = [
    "connect_components",
    "fuzzy_graph",
    "import_faiss",
    "nearest_neighbors",
    "nearest_rows",
    "smooth_bandwidths",
]

# Searched beyond those asked for: float32 search distances are rounded, the final order is by exact ones.
_SPARE = 5

_BLOCK_ROWS = 4096

# UMAP's constants: steps of the bisection, and the smallest bandwidth as a share of the mean distance.
_STEPS = 64
_MIN_BANDWIDTH = 1e-3


def nearest_neighbors(X: np.ndarray, n_neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    """Find each row's exact nearest rows by Euclidean distance, itself first.

    Parameters
    ----------
    X : ndarray, shape (n, d), float32
    n_neighbors : int
        Neighbours per row, the row itself included; at most n.

    Returns
    -------
    indices : ndarray, shape (n, n_neighbors), int32
        Column 0 is the row itself; then by rising distance, ties by rising index.
    distances : ndarray, shape (n, n_neighbors), float32
    """
    X = np.ascontiguousarray(X, dtype=np.float32)
    n = len(X)
    candidates = _search(X, X, min(n, n_neighbors + _SPARE))
    indices = np.empty((n, n_neighbors), dtype=np.int32)
    distances = np.empty((n, n_neighbors), dtype=np.float32)
    for start in range(0, n, _BLOCK_ROWS):
        rows = np.arange(start, min(n, start + _BLOCK_ROWS))
        found = _with_self(candidates[rows], rows)
        exact = np.linalg.norm(X[found].astype(np.float64) - X[rows, None], axis=2)
        exact[found == rows[:, None]] = -1.0  # itself before its identical twins
        order = np.lexsort((found, exact))[:, :n_neighbors]
        indices[rows] = np.take_along_axis(found, order, axis=1)
        distances[rows] = np.maximum(np.take_along_axis(exact, order, axis=1), 0.0)
    return indices, distances


def nearest_rows(X: np.ndarray, queries: np.ndarray, n_neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the exact nearest rows of ``X`` to other rows by Euclidean distance.

    Parameters
    ----------
    X : ndarray, shape (n, d), float32
    queries : ndarray, shape (m, d), float32
    n_neighbors : int
        At most n.

    Returns
    -------
    indices : ndarray, shape (m, n_neighbors), int32
        Into ``X``, by rising distance, ties by rising index.
    distances : ndarray, shape (m, n_neighbors), float64
    """
    indices = np.empty((len(queries), n_neighbors), dtype=np.int32)
    distances = np.empty((len(queries), n_neighbors))
    for start in range(0, len(queries), _BLOCK_ROWS):
        rows = slice(start, start + _BLOCK_ROWS)
        block = np.ascontiguousarray(queries[rows], dtype=np.float32)
        found = _search(X, block, min(len(X), n_neighbors + _SPARE))
        exact = np.linalg.norm(X[found].astype(np.float64) - block[:, None], axis=2)
        order = np.lexsort((found, exact))[:, :n_neighbors]
        indices[rows] = np.take_along_axis(found, order, axis=1)
        distances[rows] = np.take_along_axis(exact, order, axis=1)
    return indices, distances


def import_faiss() -> ModuleType:
    """Import faiss and let it use all cores, where that is safe."""
    import faiss
    import joblib

    # On macOS the OpenMP runtimes bundled with faiss, scikit-learn and TensorFlow crash each other's parallel regions
    # (faiss-wheels issue 73); one thread starts none. The setting belongs to the calling thread alone.
    faiss.omp_set_num_threads(1 if sys.platform == "darwin" else joblib.cpu_count())
    return faiss


def _search(X: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    return import_faiss().knn(queries, X, k)[1]


def _with_self(candidates: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Put the row itself in place of the last candidate where more than k twins crowded it out."""
    found = candidates.copy()
    missing = ~(found == rows[:, None]).any(axis=1)
    found[missing, -1] = rows[missing]
    return found


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
        As `nearest_neighbors` returns them.

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
    import faiss

    if len(a) > len(b):
        a, b = b, a
    distances, nearest = faiss.knn(np.ascontiguousarray(X[a]), np.ascontiguousarray(X[b]), 1)
    i = int(np.argmin(distances[:, 0]))
    return int(a[i]), int(b[nearest[i, 0]])
