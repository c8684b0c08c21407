"""What is done to feature vectors before they are compared: nothing, unit length, z-scores, square roots.

All of it runs in float32 with float64 sums, block by block, so that no second copy of the features is needed and those
larger than memory can stay in a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.features.blocks import row_blocks
from imgcluster.features.rows import normalize_rows, power_normalize

__all__ = ["HELLINGER", "Scaling", "checked_vectors", "fit_scaling", "scaled_blocks"]

# Sums of squares of larger numbers may leave the range of float32.
_LARGEST = 1e15


def _nothing() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How features are scaled, the same for images of the collection and new ones.

    Attributes
    ----------
    kind : {"none", "l2", "zscore", "hellinger"}
        "l2": rows of unit length. "zscore": columns of mean 0 and variance 1. "hellinger": sign(x) * sqrt(abs(x)), then
        rows of unit length, whose distance is that of Hellinger for non-negative features (see `power_normalize`).
    means, factors : ndarray, shape (n_features,), float64
        For "zscore": subtracted from each column, and what it is multiplied with then (0 for a constant column); empty
        otherwise.
    """

    kind: str
    means: np.ndarray = field(default_factory=_nothing)
    factors: np.ndarray = field(default_factory=_nothing)

    def __post_init__(self) -> None:
        for array in (self.means, self.factors):
            array.setflags(write=False)

    def apply(self, vectors: np.ndarray) -> np.ndarray:
        """Return the scaled rows, shape (n, n_features), float32; those of length 0 stay so."""
        if self.kind == "hellinger":
            return normalize_rows(power_normalize(vectors))
        if self.kind == "zscore":
            return ((vectors - self.means) * self.factors).astype(np.float32)
        rows = np.asarray(vectors, dtype=np.float32)
        return normalize_rows(rows) if self.kind == "l2" else rows


HELLINGER = Scaling(kind="hellinger")


def fit_scaling(vectors: np.ndarray, kind: str, index: np.ndarray | None = None) -> Scaling:
    """Find what a scaling needs to know of the collection.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Finite, n at least 1.
    kind : {"none", "l2", "zscore", "hellinger"}
    index : ndarray of int, shape (m,), optional
        The rows that count; all when it is missing.

    Returns
    -------
    Scaling
    """
    if kind != "zscore":
        return Scaling(kind=kind)
    # From the first row on, so that a constant column has the deviation 0 and not its mean's rounding error.
    first = vectors[0 if index is None else index[0]].astype(np.float64)
    total, squares = np.zeros_like(first), np.zeros_like(first)
    n_rows = len(vectors) if index is None else len(index)
    for _, block in row_blocks(vectors, index):
        total += (block - first).sum(axis=0)
    means = first + total / n_rows
    for _, block in row_blocks(vectors, index):
        squares += np.square(block - means).sum(axis=0)
    deviations = np.sqrt(squares / n_rows)
    varies = deviations > np.finfo(np.float32).tiny
    return Scaling(
        kind=kind,
        means=means,
        factors=np.divide(1.0, deviations, out=np.zeros_like(deviations), where=varies),
    )


def scaled_blocks(
    vectors: np.ndarray, scaling: Scaling, index: np.ndarray | None = None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Scale some rows at a time; see `imgcluster.features.blocks.row_blocks`.

    Yields
    ------
    rows : slice
    block : ndarray, float32
        Those rows, scaled. With "none" it may be a view of ``vectors``: not to be written to.
    """
    for rows, block in row_blocks(vectors, index):
        yield rows, scaling.apply(block)


def checked_vectors(vectors: np.ndarray) -> np.ndarray:
    """Return the features as an array, when they can be computed with.

    Raises
    ------
    ParameterError
        When the shape is not images x features, or a value is not finite or above 1e15 in magnitude.
    """
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or 0 in vectors.shape:
        raise ParameterError(
            f"The features have the shape {vectors.shape}; images x features is needed, none of them 0."
        )
    bad, largest = [], 0.0
    for rows, block in row_blocks(vectors):
        bad.extend(rows.start + np.flatnonzero(~np.isfinite(block.sum(axis=1, dtype=np.float64))))
        largest = max(largest, block.max(), -block.min())
    if bad:
        raise ParameterError(
            f"The features of {len(bad)} pictures are not numbers (the first is picture {bad[0] + 1}).",
            hint="Extract the features again.",
        )
    if largest > _LARGEST:
        raise ParameterError(
            f"Some features are as large as {largest:.1e}; up to {_LARGEST:.0e} can be computed with.",
            hint="Extract the features again, or divide them all by the same number.",
        )
    return vectors
