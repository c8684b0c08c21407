"""Several vectors of each image made one: each block to unit length first, then weighted."""

from collections.abc import Sequence

import numpy as np

from imgcluster.features.rows import normalize_rows
from imgcluster.features.scaling import fit_scaling, scaled_blocks

__all__ = ["combine_vectors"]


def combine_vectors(blocks: Sequence[np.ndarray], *, scalings: Sequence[str], weights: Sequence[float]) -> np.ndarray:
    """Join blocks of features so that squared distances add up by weight.

    Each block is scaled as suits it and its rows get unit length, so that no block counts for more because its numbers
    are larger; then it is multiplied by the square root of its share of the weights. The rows have unit length again
    where no block is zero.

    Parameters
    ----------
    blocks : sequence of ndarray, shape (n_images, n_features_i)
        At least one; the same images in the same order.
    scalings : sequence of {"hellinger", "l2", "none"}
        See `imgcluster.features.scaling.Scaling`.
    weights : sequence of float
        Above 0.

    Returns
    -------
    ndarray, shape (n_images, sum of n_features_i), float32, read-only
        A block of zeros, where an image has none of what is described, stays zero.
    """
    shares = np.sqrt(np.asarray(weights, dtype=np.float64) / np.sum(weights))
    joined = np.empty((len(blocks[0]), sum(block.shape[1] for block in blocks)), dtype=np.float32)
    start = 0
    for block, scaling, share in zip(blocks, scalings, shares, strict=True):
        columns = slice(start, start + block.shape[1])
        for rows, scaled in scaled_blocks(block, fit_scaling(block, scaling)):
            joined[rows, columns] = normalize_rows(scaled) * np.float32(share)
        start = columns.stop
    joined.setflags(write=False)
    return joined
