"""Small things done to rows and columns: square roots, unit length, signs."""

import numpy as np

__all__ = ["fixed_signs", "normalize_rows", "power_normalize"]


def power_normalize(vectors: np.ndarray) -> np.ndarray:
    """Return sign(x) * sqrt(abs(x)), which keeps a few large features from drowning all the others.

    For non-negative features this is the square root, after which the dot product of two unit rows is the Bhattacharyya
    coefficient; the signed form is the power normalisation of Perronnin et al. (2010), "Improving the Fisher kernel".

    Parameters
    ----------
    vectors : ndarray, shape (n, d)

    Returns
    -------
    ndarray, shape (n, d), float32
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    roots = np.abs(vectors)
    np.sqrt(roots, out=roots)
    return np.copysign(roots, vectors, out=roots)


def normalize_rows(vectors: np.ndarray, *, shortest: float = 0.0) -> np.ndarray:
    """Scale each row to unit Euclidean length.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
    shortest : float, default 0
        Rows of at most this length have no direction and become zero.

    Returns
    -------
    ndarray, shape (n, d), same dtype
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > shortest)


def fixed_signs(columns: np.ndarray) -> np.ndarray:
    """Return the sign (+1 or -1, shape (k,)) that makes each column's entry of largest magnitude positive."""
    largest = columns[np.argmax(np.abs(columns), axis=0), np.arange(columns.shape[1])]
    return np.where(largest < 0, -1, 1).astype(columns.dtype)
