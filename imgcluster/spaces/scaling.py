"""What is done to feature vectors before they are compared: nothing, unit length, z-scores, square roots.

All of it runs in float32 with float64 sums, block by block, so that 60,000 x 1280 features need no second copy.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.spaces.reduction import normalize_rows, power_normalize

__all__ = ["HELLINGER", "Scaling", "checked_vectors", "fit_scaling", "scaled_blocks"]

_BLOCK_ROWS = 4096

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


def fit_scaling(vectors: np.ndarray, kind: str) -> Scaling:
    """Find what a scaling needs to know of the collection.

    Parameters
    ----------
    vectors : ndarray, shape (n, d)
        Finite, n at least 1.
    kind : {"none", "l2", "zscore", "hellinger"}

    Returns
    -------
    Scaling
    """
    if kind != "zscore":
        return Scaling(kind=kind)
    # From the first row on, so that a constant column has the deviation 0 and not its mean's rounding error.
    first = vectors[0].astype(np.float64)
    total, squares = np.zeros_like(first), np.zeros_like(first)
    for start in range(0, len(vectors), _BLOCK_ROWS):
        total += (vectors[start : start + _BLOCK_ROWS] - first).sum(axis=0)
    means = first + total / len(vectors)
    for start in range(0, len(vectors), _BLOCK_ROWS):
        squares += np.square(vectors[start : start + _BLOCK_ROWS] - means).sum(axis=0)
    deviations = np.sqrt(squares / len(vectors))
    varies = deviations > np.finfo(np.float32).tiny
    return Scaling(
        kind=kind,
        means=means,
        factors=np.divide(1.0, deviations, out=np.zeros_like(deviations), where=varies),
    )


def scaled_blocks(vectors: np.ndarray, scaling: Scaling) -> Iterator[tuple[slice, np.ndarray]]:
    """Scale a few thousand rows at a time.

    Yields
    ------
    rows : slice
    block : ndarray, float32
        Those rows, scaled. With "none" it may be a view of ``vectors``: not to be written to.
    """
    for start in range(0, len(vectors), _BLOCK_ROWS):
        rows = slice(start, start + _BLOCK_ROWS)
        yield rows, scaling.apply(vectors[rows])


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
    bad = np.flatnonzero(~np.isfinite(vectors.sum(axis=1, dtype=np.float64)))
    if len(bad):
        raise ParameterError(
            f"The features of {len(bad)} pictures are not numbers (the first is picture {bad[0] + 1}).",
            hint="Extract the features again.",
        )
    largest = max(vectors.max(), -vectors.min())
    if largest > _LARGEST:
        raise ParameterError(
            f"Some features are as large as {largest:.1e}; up to {_LARGEST:.0e} can be computed with.",
            hint="Extract the features again, or divide them all by the same number.",
        )
    return vectors
