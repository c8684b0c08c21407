"""Vectors as the store keeps them, and many of them as one array, in memory or in a file."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from imgcluster.features.blocks import block_rows

__all__ = ["from_blob", "stack_blobs", "to_blob"]

# Larger arrays are kept in a file. This is 52,000 vectors of a network; what is computed from them takes as much again.
_MOST_IN_MEMORY = 2**28

_LARGEST_BYTE = 255


def to_blob(vector: np.ndarray) -> bytes:
    """Return a vector's bytes: one for each value where all are whole numbers from 0 to 255, else a float32 each.

    Parameters
    ----------
    vector : ndarray, shape (n_features,)

    Returns
    -------
    bytes
        Of length n_features, or 4 * n_features (little-endian). Either way `from_blob` gives the same float32 values,
        to the last bit.

    Raises
    ------
    ValueError
        The vector is not 1-D or holds NaN or infinity.
    """
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise ValueError(f"a vector must be 1-D and finite, got shape {vector.shape}")
    blob = vector.astype("<f4").tobytes()
    if vector.size and vector.min() >= 0 and vector.max() <= _LARGEST_BYTE:
        small = vector.astype(np.uint8)
        if small.astype("<f4").tobytes() == blob:  # bytes, not values: -0.0 stays what it is
            return small.tobytes()
    return blob


def from_blob(blob: bytes, n_features: int) -> np.ndarray:
    """Return the vector of a blob, shape (n_features,), uint8 or float32."""
    return np.frombuffer(blob, dtype=np.uint8 if len(blob) == n_features else "<f4")


def stack_blobs(blobs: Iterator[bytes], shape: tuple[int, int], *, directory: Path) -> np.ndarray:
    """Make one array of many blobs, of which one at a time is in memory.

    Parameters
    ----------
    blobs : iterator of bytes
        As many as rows.
    shape : (n, n_features)
    directory : Path
        An array of more than 256 MB is written to a file without a name in this directory, which the system removes
        together with the array, or when the program ends, however it ends.

    Returns
    -------
    ndarray, shape (n, n_features), float32
        A read-only memory-mapped one when it is kept in a file.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    n, n_features = shape
    if 4 * n * n_features <= _MOST_IN_MEMORY:
        return _filled(blobs, shape)
    step = block_rows(n_features)
    # Written, not filled as a memory map: there a full disk would kill the process.
    with tempfile.TemporaryFile(dir=directory) as file:
        for start in range(0, n, step):
            file.write(_filled(blobs, (min(step, n - start), n_features)))
        file.flush()
        return np.memmap(file, dtype=np.float32, mode="r", shape=shape)


def _filled(blobs: Iterator[bytes], shape: tuple[int, int]) -> np.ndarray:
    vectors = np.empty(shape, dtype=np.float32)
    for row in vectors:
        row[:] = from_blob(next(blobs), shape[1])
    return vectors
