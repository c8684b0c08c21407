"""Features some rows at a time, so that those larger than memory, kept in a file, can be computed with."""

import hashlib
import mmap
from collections.abc import Iterator

import numpy as np

__all__ = ["block_rows", "first_twins", "release_pages", "row_blocks", "smallest_value"]

# What is done to a block takes a few times as much again.
_BLOCK_BYTES = 64 * 2**20
_MOST_ROWS = 4096


def block_rows(n_features: int) -> int:
    """Return how many rows make a block: 4,096, or fewer where those would take more than 64 MB as float32."""
    return min(_MOST_ROWS, max(1, _BLOCK_BYTES // (4 * max(1, n_features))))


def row_blocks(vectors: np.ndarray, index: np.ndarray | None = None) -> Iterator[tuple[slice, np.ndarray]]:
    """Go through rows block by block; what a block made the system read from a file is let go after it.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
    index : ndarray of int, shape (m,), optional
        The rows that are wanted, in this order; all when it is missing.

    Yields
    ------
    rows : slice
        Positions in ``index``, or in ``vectors``.
    block : ndarray
        Those rows: a view of ``vectors`` or a copy, not to be written to.
    """
    vectors = np.asarray(vectors)  # a plain array, also of a memory-mapped one
    n_rows = len(vectors) if index is None else len(index)
    step = block_rows(vectors.shape[1])
    for start in range(0, n_rows, step):
        rows = slice(start, min(n_rows, start + step))
        yield rows, vectors[rows if index is None else index[rows]]
        release_pages(vectors)


def release_pages(vectors: np.ndarray) -> None:
    """Let go of the memory into which parts of a read-only memory-mapped array were read.

    They are read again when they are needed. Any other array is left alone, and so are all where the system has no such
    call (Windows).
    """
    while isinstance(vectors.base, np.ndarray):
        vectors = vectors.base
    is_read_only_file = isinstance(vectors, np.memmap) and vectors.mode == "r"
    if is_read_only_file and isinstance(vectors.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        vectors.base.madvise(mmap.MADV_DONTNEED)


def smallest_value(vectors: np.ndarray) -> float:
    """Return the smallest of all values, of which there must be one."""
    return min(float(block.min()) for _, block in row_blocks(vectors))


def first_twins(vectors: np.ndarray) -> np.ndarray:
    """Return for each row the number of the first row with the same bytes, shape (n,), int32."""
    seen: dict[bytes, int] = {}
    first = np.empty(len(vectors), dtype=np.int32)
    for rows, block in row_blocks(vectors):
        for number, row in enumerate(block, start=rows.start):
            first[number] = seen.setdefault(hashlib.blake2b(row.tobytes(), digest_size=16).digest(), number)
    return first
