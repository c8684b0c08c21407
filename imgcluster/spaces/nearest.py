"""Who is near whom: nearest rows by faiss, exactly while that is quick, in an inverted file beyond.

faiss (Johnson, Douze & Jegou 2019, "Billion-scale similarity search with GPUs", IEEE Transactions on Big Data) compares
in float32, whose sums are rounded; the order of what it finds is always by exact distances.
"""

import sys
from collections.abc import Callable, Iterable
from types import ModuleType

import numpy as np

__all__ = ["MAX_SEARCHED_EXACTLY", "import_faiss", "inverted_file", "nearest_neighbors", "nearest_rows"]

MAX_SEARCHED_EXACTLY = 65_536
"""Of more rows, `nearest_neighbors` finds on average about 98 in 100 of the nearest, as measured, in place of all. The
exact time grows with the square: with 50 columns it takes 6, 20 and 48 s of one core at 32,000, 60,000 and 100,000
rows, the inverted file 4, 8 and 26."""

# Searched beyond those asked for: float32 search distances are rounded, the final order is by exact ones.
_SPARE = 5

_BLOCK_VALUES = 2**20  # differences of coordinates that are held at a time

# One list in so many is looked at. Of the 15 nearest this finds 0.98 among 32,000 to 100,000 rows of 50 columns that
# are one cloud with a slowly falling spectrum, 0.999 where there are groups; one list in 16 finds 0.96 and 0.997.
_SHARE = 10

# Rows in the lists that are looked at, for each neighbour that is wanted.
_ROWS_PER_NEIGHBOR = 200

_TRAINING_ROUNDS, _TRAINING_ROWS_PER_LIST, _LEAST_ROWS_PER_LIST = 10, 32, 32


def nearest_neighbors(X: np.ndarray, n_neighbors: int, *, random_state: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Find each row's nearest rows by Euclidean distance, itself first.

    Parameters
    ----------
    X : ndarray, shape (n, d), float32
    n_neighbors : int
        Neighbours per row, the row itself included; at most n.
    random_state : int, default 0
        Seeds the inverted file that is searched where there are more than `MAX_SEARCHED_EXACTLY` rows: on average about
        98 in 100 of the nearest are then found, as measured; in place of those missed come the next.

    Returns
    -------
    indices : ndarray, shape (n, n_neighbors), int32
        Column 0 is the row itself; then by rising distance, ties by rising index.
    distances : ndarray, shape (n, n_neighbors), float32
        Exact.
    """
    X = np.ascontiguousarray(X, dtype=np.float32)
    n = len(X)
    candidates = _candidates(X, min(n, n_neighbors + _SPARE), random_state)
    indices = np.empty((n, n_neighbors), dtype=np.int32)
    distances = np.empty((n, n_neighbors), dtype=np.float32)
    n_at_once = _rows_at_once(candidates.shape[1], X.shape[1])
    for start in range(0, n, n_at_once):
        rows = np.arange(start, min(n, start + n_at_once))
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
    n_candidates = min(len(X), n_neighbors + _SPARE)
    n_at_once = _rows_at_once(n_candidates, X.shape[1])
    for start in range(0, len(queries), n_at_once):
        rows = slice(start, start + n_at_once)
        block = np.ascontiguousarray(queries[rows], dtype=np.float32)
        found = import_faiss().knn(block, X, n_candidates)[1]
        exact = np.linalg.norm(X[found].astype(np.float64) - block[:, None], axis=2)
        order = np.lexsort((found, exact))[:, :n_neighbors]
        indices[rows] = np.take_along_axis(found, order, axis=1)
        distances[rows] = np.take_along_axis(exact, order, axis=1)
    return indices, distances


def _rows_at_once(n_candidates: int, n_dims: int) -> int:
    return max(1, _BLOCK_VALUES // max(1, n_candidates * n_dims))


def import_faiss() -> ModuleType:
    """Import faiss and let it use all cores, where that is safe."""
    import faiss
    import joblib

    # On macOS the OpenMP runtimes bundled with faiss, scikit-learn and TensorFlow crash each other's parallel regions
    # (faiss-wheels issue 73); one thread starts none. The setting belongs to the calling thread alone.
    faiss.omp_set_num_threads(1 if sys.platform == "darwin" else joblib.cpu_count())
    return faiss


def inverted_file(
    n_rows: int,
    take: Callable[[np.ndarray], np.ndarray],
    blocks: Iterable[np.ndarray],
    *,
    cosine: bool = False,
    half: bool = False,
    share: int = _SHARE,
    random_state: int = 0,
):
    """Sort rows into 4 sqrt(n) lists, by the nearest of as many centres, of which a search looks at a few.

    Parameters
    ----------
    n_rows : int
    take : callable
        ``take(index)`` returns those rows, (m, d) float32: KMeans finds the centres among at most 32 for each list.
    blocks : iterable of ndarray, (m, d) float32
        All rows, in their order.
    cosine : bool, default False
        Whether the rows have unit length and are compared by inner product; by Euclidean distance otherwise.
    half : bool, default False
        Whether to keep the rows in half precision: half the memory, and with few columns four times the time.
    share : int, default 10
        One list in so many is looked at, at least one.
    random_state : int, default 0

    Returns
    -------
    faiss.IndexIVF
        Its ``search`` gives -1 where the lists that were looked at hold fewer rows.
    """
    faiss = import_faiss()
    n_lists = max(1, min(int(4 * n_rows**0.5), n_rows // _LEAST_ROWS_PER_LIST))
    chosen = np.random.default_rng(random_state).choice(
        n_rows, min(n_rows, _TRAINING_ROWS_PER_LIST * n_lists), replace=False
    )
    training = take(np.sort(chosen))
    d, metric = training.shape[1], faiss.METRIC_INNER_PRODUCT if cosine else faiss.METRIC_L2
    centers = faiss.IndexFlat(d, metric)
    if half:
        inverted = faiss.IndexIVFScalarQuantizer(centers, d, n_lists, faiss.ScalarQuantizer.QT_fp16, metric)
    else:
        inverted = faiss.IndexIVFFlat(centers, d, n_lists, metric)
    inverted.cp.seed, inverted.cp.niter, inverted.cp.spherical = random_state, _TRAINING_ROUNDS, cosine
    inverted.cp.min_points_per_centroid = 1
    inverted.train(training)
    for block in blocks:
        inverted.add(block)
    inverted.nprobe = max(1, n_lists // share)
    return inverted


def _candidates(X: np.ndarray, k: int, random_state: int) -> np.ndarray:
    """Return about the nearest k of each row, (n, k), in no certain order."""
    if len(X) <= MAX_SEARCHED_EXACTLY:
        return import_faiss().knn(X, X, k)[1]
    inverted = inverted_file(len(X), X.__getitem__, [X], share=_SHARE, random_state=random_state)
    rows_per_list = len(X) / inverted.nlist
    inverted.nprobe = min(inverted.nlist, max(inverted.nprobe, int(_ROWS_PER_NEIGHBOR * k / rows_per_list)))
    candidates = inverted.search(X, k)[1]
    short = np.flatnonzero(candidates[:, -1] < 0)
    if len(short):
        candidates[short] = import_faiss().knn(X[short], X, k)[1]
    return candidates


def _with_self(candidates: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Put the row itself in place of the last candidate where more than k twins crowded it out."""
    found = candidates.copy()
    missing = ~(found == rows[:, None]).any(axis=1)
    found[missing, -1] = rows[missing]
    return found
