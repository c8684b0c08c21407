"""The directions along which scaled features differ most (PCA), or reach furthest from 0 (truncated SVD).

All of it runs in float32 with float64 sums, block by block, so that no second copy of the features is needed and those
larger than memory can stay in a file.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from imgcluster.features.rows import fixed_signs
from imgcluster.features.scaling import HELLINGER, Scaling, scaled_blocks
from imgcluster.progress import raise_if_cancelled
from imgcluster.threads import one_blas_thread

__all__ = ["MAX_EXACT", "Components", "n_dims_for_variance", "principal_components", "project"]

# Above this, neither the covariance nor the Gram matrix is worth its memory, and the randomised method takes over.
MAX_EXACT = 4096

# Of the randomised method: directions beyond those asked for; passes over the data, and how many where the directions
# are few, that is below this share of all.
_OVERSAMPLING = 10
_N_PASSES, _N_PASSES_OF_FEW, _FEW = 4, 7, 0.1

# Shorter than this share of the longest row, a centred row is its own rounding error and has no direction.
_ROUNDING = 1e-5

# A direction with less than this share of the first one's sum of squares is rounding error.
_LEAST = 1e-9

# Goes once through the scaled rows, as `scaled_blocks` does.
Pass = Callable[[], Iterator[tuple[slice, np.ndarray]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Directions in the scaled features, and the images' coordinates along them.

    Attributes
    ----------
    coordinates : ndarray, shape (n, k), float32
        In each column the entry of largest magnitude is positive. Rows that equal the mean up to rounding are all 0.
    mean : ndarray, shape (d,), float32
        What is subtracted from the scaled features; 0 for the truncated SVD.
    axes : ndarray, shape (d, k), float32
        Unit columns, so that coordinates = (scaled features - mean) @ axes. Zero where there is no such direction.
    variance_ratio : ndarray, shape (k,), float64
        Variance along each direction as a share of the whole, in [0, 1]; all 0 where the images do not differ.
    rounding : float
        Coordinates of at most this length are taken for 0.
    """

    coordinates: np.ndarray
    mean: np.ndarray
    axes: np.ndarray
    variance_ratio: np.ndarray
    rounding: float


def principal_components(
    vectors: np.ndarray,
    n_components: int,
    *,
    scaling: Scaling = HELLINGER,
    centred: bool = True,
    index: np.ndarray | None = None,
    cancel: threading.Event | None = None,
) -> Components:
    """Find the leading principal components, or the leading singular vectors, of scaled features.

    The eigenvectors of the smaller of covariance and Gram matrix, exactly, or a randomised SVD (Halko, Martinsson &
    Tropp 2011, "Finding structure with randomness", fixed seed) where both are larger than 4,096.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Finite features, not scaled yet.
    n_components : int
        At least 1.
    scaling : Scaling, default square roots and unit length
    centred : bool, default True
        False leaves the mean where it is: truncated SVD.
    index : ndarray of int, shape (n,), optional
        The rows of ``vectors`` that are meant; all when it is missing.
    cancel : threading.Event, optional

    Returns
    -------
    Components
        With min(n_components, n, d) columns, in falling order of variance (of the sum of squares where not centred).

    Raises
    ------
    Cancelled
    """
    n, d = len(vectors) if index is None else len(index), vectors.shape[1]
    k = min(n_components, n, d)

    def blocks() -> Iterator[tuple[slice, np.ndarray]]:
        for rows, block in scaled_blocks(vectors, scaling, index):
            raise_if_cancelled(cancel)
            yield rows, block

    mean, squares, longest = _moments(blocks, n, d)
    total = squares / n - mean @ mean
    mean = mean.astype(np.float32) if centred else np.zeros(d, dtype=np.float32)
    if min(n, d) > MAX_EXACT:
        coordinates, axes = _randomized(blocks, n, mean, k)
    elif n <= d:
        coordinates, axes = _from_gram(blocks, n, mean, k)
    else:
        coordinates, axes = _from_covariance(blocks, n, mean, k)
    rounding = _ROUNDING * (1.0 if scaling.kind in ("l2", "hellinger") else longest)
    coordinates[np.linalg.norm(coordinates, axis=1) <= rounding] = 0.0
    signs = fixed_signs(coordinates)
    coordinates *= signs
    axes *= signs
    differ = total > rounding**2
    ratio = np.clip(coordinates.var(axis=0, dtype=np.float64) / total, 0.0, 1.0) if differ else np.zeros(k)
    return Components(coordinates=coordinates, mean=mean, axes=axes, variance_ratio=ratio, rounding=rounding)


def project(scaled: np.ndarray, mean: np.ndarray, axes: np.ndarray, rounding: float) -> np.ndarray:
    """Return the coordinates of scaled rows along known axes, as `principal_components` does, shape (n, k), float32."""
    coordinates = (scaled - mean) @ axes
    coordinates[np.linalg.norm(coordinates, axis=1) <= rounding] = 0.0
    return coordinates


def n_dims_for_variance(ratio: np.ndarray, *, share: float = 0.9, lowest: int = 2, highest: int = 50) -> int:
    """Return how many of the leading directions hold a share of the variance.

    Parameters
    ----------
    ratio : ndarray, shape (k,)
        As `Components.variance_ratio`.
    share : float, default 0.9
        Where all directions together hold less, or nothing differs, the nearest of the bounds serves.
    lowest, highest : int
        The answer lies between them, and is at most k.

    Returns
    -------
    int
    """
    enough = int(np.searchsorted(np.cumsum(ratio), share)) + 1 if ratio.any() else 0
    return min(max(enough, lowest), highest, len(ratio))


def _moments(blocks: Pass, n: int, d: int) -> tuple[np.ndarray, float, float]:
    """Return the mean of the scaled rows, the sum of all their squares, and the length of the longest."""
    mean, squares, longest = np.zeros(d), 0.0, 0.0
    for _, block in blocks():
        mean += block.sum(axis=0, dtype=np.float64)
        of_rows = np.einsum("ij,ij->i", block, block, dtype=np.float64)
        squares += of_rows.sum()
        longest = max(longest, float(np.sqrt(of_rows.max())))
    return mean / n, squares, longest


def _leading_eigenvectors(symmetric: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    import scipy.linalg

    size = len(symmetric)
    # One thread: at this size more only wait for each other (1280 x 1280: 0.2 s, against 1.6 s with two on busy cores),
    # and the result would depend on their number.
    with one_blas_thread():
        values, columns = scipy.linalg.eigh(symmetric, subset_by_index=(size - k, size - 1))
    return np.maximum(values[::-1], 0.0), columns[:, ::-1]


def _from_covariance(blocks: Pass, n: int, mean: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    covariance = np.zeros((len(mean), len(mean)))
    for _, block in blocks():
        centred = block - mean
        covariance += centred.T @ centred
    _, axes = _leading_eigenvectors(covariance, k)
    axes = axes.astype(np.float32)
    return _projections(blocks, n, mean, axes), axes


def _projections(blocks: Pass, n: int, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    projections = np.empty((n, axes.shape[1]), dtype=np.float32)
    for rows, block in blocks():
        projections[rows] = (block - mean) @ axes
    return projections


def _from_gram(blocks: Pass, n: int, mean: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Every block meets every block before it, so that two of them at a time are in memory."""
    products = np.zeros((n, n))  # the lower triangle, which is all that is looked at
    for rows, block in blocks():
        left = (block - mean).astype(np.float64)
        for columns, other in blocks():
            if columns == rows:
                products[rows, rows] = left @ left.T
                break
            products[rows, columns] = left @ (other - mean).astype(np.float64).T
    values, columns = _leading_eigenvectors(products, k)
    lengths = np.sqrt(values)
    exists = values > _LEAST * values[0]
    weights = columns * np.divide(1.0, lengths, out=np.zeros_like(lengths), where=exists)
    axes = np.zeros((len(mean), k))
    for rows, block in blocks():
        axes += (block - mean).astype(np.float64).T @ weights[rows]
    return (columns * lengths).astype(np.float32), axes.astype(np.float32)


def _randomized(blocks: Pass, n: int, mean: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the range of the centred rows X by subspace iteration, and in it the singular vectors.

    Algorithm 4.4 of Halko, Martinsson & Tropp, with one QR decomposition for each product with X.T @ X, which needs but
    one pass over the data. All that is kept is k + 10 columns for the rows, and as many for the features.
    """
    d = len(mean)
    width = min(k + _OVERSAMPLING, n, d)
    basis = np.random.default_rng(0).standard_normal((d, width), dtype=np.float32)
    for _ in range(_N_PASSES_OF_FEW if k < _FEW * min(n, d) else _N_PASSES):
        product = np.zeros((d, width))
        for _, block in blocks():
            centred = block - mean
            product += centred.T @ (centred @ basis)
        with one_blas_thread():  # as in `_leading_eigenvectors`
            basis = np.linalg.qr(product)[0].astype(np.float32)
    projections = _projections(blocks, n, mean, basis)
    with one_blas_thread():
        _, _, right = np.linalg.svd(projections.astype(np.float64), full_matrices=False)
    turn = right[:k].T
    return (projections @ turn).astype(np.float32), (basis @ turn).astype(np.float32)
