"""Spaces that need a dense matrix, and are therefore fitted on a sample of large collections: kernel PCA and LLE."""

import numpy as np

from imgcluster.features.rows import fixed_signs
from imgcluster.spaces.manifold import Embedding, make_embedding
from imgcluster.spaces.nearest import nearest_neighbors, nearest_rows
from imgcluster.threads import one_thread

__all__ = ["MAX_FITTED", "barycenter_weights", "kernel_coordinates", "kernel_pca", "locally_linear"]

# Rows of the sample: a matrix of 32 MB, and seconds.
MAX_FITTED = 2000

_BLOCK_ROWS = 4096

# Rows nearer than this (squared) are at the same place, but for rounding.
_SAME_PLACE = 1e-9

# A component with less than this share of the first one's variance is rounding error.
_LEAST_SHARE = 1e-6

# Keeps the weights of LLE finite where there are more neighbours than dimensions: scikit-learn's value.
_REGULARIZATION = 1e-3


def kernel_pca(rows: np.ndarray, n_dims: int, *, random_state: int) -> Embedding:
    """Find the principal components of a Gaussian kernel (Schoelkopf, Smola & Mueller 1998).

    The kernel falls to 1/e at the median distance. Above 2,000 rows it is that of a sample, and the others are placed
    by their kernel with the sample (Nystroem; Williams & Seeger 2001).

    Parameters
    ----------
    rows : ndarray, shape (n, p), float32
    n_dims : int
    random_state : int
        Seeds the sample.

    Returns
    -------
    Embedding
        min(n_dims, n) columns.
    """
    import scipy.linalg

    known = rows[_sample(len(rows), random_state)]
    m = len(known)
    squared = _squared_distances(known, known)
    apart = squared[squared > _SAME_PLACE]
    gamma = 1.0 / float(np.median(apart)) if len(apart) else 1.0
    kernel = np.exp(-gamma * squared)
    of_columns = kernel.mean(axis=0)
    centred = kernel - of_columns - of_columns[:, None] + of_columns.mean()
    n_dims = min(n_dims, m)
    with one_thread():
        values, vectors = scipy.linalg.eigh(centred, subset_by_index=(m - n_dims, m - 1))
    values, vectors = values[::-1], vectors[:, ::-1] * fixed_signs(vectors[:, ::-1])
    exists = values > max(_LEAST_SHARE * values[0], _SAME_PLACE * m)
    carried = vectors * np.divide(1.0, np.sqrt(np.abs(values)), out=np.zeros(n_dims), where=exists)
    carried = carried.astype(np.float32)
    # The eigenvectors' entries sum to 0, so of centring the kernel only the columns' means remain.
    offsets = of_columns @ carried
    coordinates = kernel_coordinates(rows, known, carried, offsets, gamma)
    return make_embedding(coordinates, known, carried, offsets=offsets, gamma=gamma)


def kernel_coordinates(
    rows: np.ndarray, known: np.ndarray, carried: np.ndarray, offsets: np.ndarray, gamma: float
) -> np.ndarray:
    """Return where rows lie by their kernel with the known rows, shape (n, n_dims), float32; see `Embedding`."""
    coordinates = np.empty((len(rows), carried.shape[1]), dtype=np.float32)
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        coordinates[block] = np.exp(-gamma * _squared_distances(rows[block], known)) @ carried - offsets
    return coordinates


def locally_linear(rows: np.ndarray, indices: np.ndarray, n_dims: int, *, random_state: int) -> Embedding:
    """Keep every row the same mixture of its neighbours: LLE (Roweis & Saul 2000).

    Above 2,000 rows a sample is laid out, and each of the others becomes the mixture of its rows that resembles it most
    (Saul & Roweis 2003, "Think globally, fit locally").

    Parameters
    ----------
    rows : ndarray, shape (n, p), float32
    indices : ndarray, shape (n, k), int32
        As `nearest_neighbors` returns them for ``rows``.
    n_dims : int
    random_state : int
        Seeds the sample.

    Returns
    -------
    Embedding
        min(n_dims, n - 1) columns.
    """
    import scipy.linalg
    import scipy.sparse

    n, k = indices.shape
    sample = _sample(n, random_state)
    m, known = len(sample), rows[sample]
    near = indices[:, 1:] if m == n else nearest_neighbors(known, k)[0][:, 1:]
    weights = barycenter_weights(known, known, near)
    mixtures = scipy.sparse.csr_array((weights.ravel(), (np.repeat(np.arange(m), k - 1), near.ravel())), shape=(m, m))
    errors = (scipy.sparse.eye_array(m) - mixtures).tocsr()
    cost = (errors.T @ errors).toarray()
    # The constant costs nothing and tells nothing: made the dearest, it does not mix with what parts the islands, which
    # costs nothing either.
    cost += np.trace(cost) / m
    n_dims = min(n_dims, m - 1)
    with one_thread():
        _, vectors = scipy.linalg.eigh(cost, subset_by_index=(0, n_dims - 1))
    carried = (vectors * fixed_signs(vectors)).astype(np.float32)
    coordinates = carried
    if m < n:
        coordinates = np.empty((n, n_dims), dtype=np.float32)
        coordinates[sample] = carried
        others = np.setdiff1d(np.arange(n), sample)
        near, _ = nearest_rows(known, rows[others], k - 1)
        weights = barycenter_weights(rows[others], known, near)
        coordinates[others] = np.einsum("ij,ijd->id", weights, carried[near])
    return make_embedding(coordinates, known, carried)


def barycenter_weights(rows: np.ndarray, known: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Find the mixture of its neighbours that resembles each row most.

    Parameters
    ----------
    rows : ndarray, shape (n, p)
    known : ndarray, shape (m, p)
    indices : ndarray, shape (n, k)
        Each row's neighbours among ``known``.

    Returns
    -------
    ndarray, shape (n, k), float64
        Rows sum to 1; weights may be negative.
    """
    k = indices.shape[1]
    weights = np.empty(indices.shape)
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        towards = known[indices[block]].astype(np.float64) - rows[block, None]
        gram = towards @ towards.transpose(0, 2, 1)
        trace = np.trace(gram, axis1=1, axis2=2)
        gram += np.where(trace > 0, _REGULARIZATION * trace, 1.0)[:, None, None] * np.eye(k)
        solved = np.linalg.solve(gram, np.ones((len(gram), k, 1)))[:, :, 0]
        weights[block] = solved / solved.sum(axis=1, keepdims=True)
    return weights


def _sample(n: int, random_state: int) -> np.ndarray:
    """Return the numbers of at most `MAX_FITTED` rows, rising."""
    if n <= MAX_FITTED:
        return np.arange(n)
    return np.sort(np.random.default_rng(random_state).choice(n, MAX_FITTED, replace=False))


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = a.astype(np.float64), b.astype(np.float64)
    squared = a @ b.T
    squared *= -2.0
    squared += np.einsum("ij,ij->i", a, a)[:, None]
    squared += np.einsum("ij,ij->i", b, b)
    return np.maximum(squared, 0.0, out=squared)
