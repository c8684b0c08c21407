"""The directions along which scaled features differ most (PCA), or reach furthest from 0 (truncated SVD).

All of it runs in float32 with float64 sums, block by block, so that 60,000 x 1280 features need no second copy.
"""

from dataclasses import dataclass

import numpy as np

from imgcluster.spaces.reduction import fixed_signs
from imgcluster.spaces.scaling import HELLINGER, Scaling, scaled_blocks

__all__ = ["MAX_EXACT", "Components", "n_dims_for_variance", "principal_components", "project"]

# Above this, neither the covariance nor the Gram matrix is worth its memory, and the randomised method takes over.
MAX_EXACT = 4096

# Shorter than this share of the longest row, a centred row is its own rounding error and has no direction.
_ROUNDING = 1e-5

# A direction with less than this share of the first one's sum of squares is rounding error.
_LEAST = 1e-9


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
    vectors: np.ndarray, n_components: int, *, scaling: Scaling = HELLINGER, centred: bool = True
) -> Components:
    """Find the leading principal components, or the leading singular vectors, of scaled features.

    The eigenvectors of the smaller of covariance and Gram matrix, exactly, or a randomised SVD (Halko, Martinsson &
    Tropp 2011, fixed seed) where both are larger than 4,096.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Finite features, not scaled yet.
    n_components : int
        At least 1.
    scaling : Scaling, default square roots and unit length
    centred : bool, default True
        False leaves the mean where it is: truncated SVD.

    Returns
    -------
    Components
        With min(n_components, n, d) columns, in falling order of variance (of the sum of squares where not centred).
    """
    n, d = vectors.shape
    k = min(n_components, n, d)
    mean, squares, longest = _moments(vectors, scaling)
    total = squares / n - mean @ mean
    mean = mean.astype(np.float32) if centred else np.zeros(d, dtype=np.float32)
    if min(n, d) > MAX_EXACT:
        coordinates, axes = _randomized(vectors, scaling, mean, k)
    elif n <= d:
        coordinates, axes = _from_gram(vectors, scaling, mean, k)
    else:
        coordinates, axes = _from_covariance(vectors, scaling, mean, k)
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


def _moments(vectors: np.ndarray, scaling: Scaling) -> tuple[np.ndarray, float, float]:
    """Return the mean of the scaled rows, the sum of all their squares, and the length of the longest."""
    mean, squares, longest = np.zeros(vectors.shape[1]), 0.0, 0.0
    for _, block in scaled_blocks(vectors, scaling):
        mean += block.sum(axis=0, dtype=np.float64)
        of_rows = np.einsum("ij,ij->i", block, block, dtype=np.float64)
        squares += of_rows.sum()
        longest = max(longest, float(np.sqrt(of_rows.max())))
    return mean / len(vectors), squares, longest


def _leading_eigenvectors(symmetric: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    import scipy.linalg
    from threadpoolctl import threadpool_limits

    size = len(symmetric)
    # One thread: at this size more only wait for each other (1280 x 1280: 0.2 s, against 1.6 s with two on busy cores),
    # and the result would depend on their number.
    with threadpool_limits(1, user_api="blas"):
        values, columns = scipy.linalg.eigh(symmetric, subset_by_index=(size - k, size - 1))
    return np.maximum(values[::-1], 0.0), columns[:, ::-1]


def _from_covariance(vectors: np.ndarray, scaling: Scaling, mean: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    covariance = np.zeros((len(mean), len(mean)))
    for _, block in scaled_blocks(vectors, scaling):
        centred = block - mean
        covariance += centred.T @ centred
    _, axes = _leading_eigenvectors(covariance, k)
    axes = axes.astype(np.float32)
    coordinates = np.empty((len(vectors), k), dtype=np.float32)
    for rows, block in scaled_blocks(vectors, scaling):
        coordinates[rows] = (block - mean) @ axes
    return coordinates, axes


def _from_gram(vectors: np.ndarray, scaling: Scaling, mean: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    centred = np.concatenate([block for _, block in scaled_blocks(vectors, scaling)]) - mean
    centred = centred.astype(np.float64)
    values, columns = _leading_eigenvectors(centred @ centred.T, k)
    lengths = np.sqrt(values)
    exists = values > _LEAST * values[0]
    axes = centred.T @ (columns * np.divide(1.0, lengths, out=np.zeros_like(lengths), where=exists))
    return (columns * lengths).astype(np.float32), axes.astype(np.float32)


def _randomized(vectors: np.ndarray, scaling: Scaling, mean: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.utils.extmath import randomized_svd

    centred = np.concatenate([block for _, block in scaled_blocks(vectors, scaling)])
    centred -= mean
    left, values, right = randomized_svd(centred, k, random_state=0)
    return (left * values).astype(np.float32), np.ascontiguousarray(right.T, dtype=np.float32)
