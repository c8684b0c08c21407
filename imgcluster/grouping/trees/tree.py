"""The tree of clusters: what is kept of it."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Tree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Which images are merged with which, and at what height.

    A node is a leaf (0 to n_leaves - 1) or a merge (n_leaves + i for row i of ``linkage``). In an exact tree each image
    is a leaf; otherwise a leaf is a micro-cluster of much alike images.

    Attributes
    ----------
    linkage : ndarray, shape (n_leaves - 1, 4), float64
        As `scipy.cluster.hierarchy.linkage` returns it: two nodes, the height of their merge (never below the one
        before), the number of leaves in it.
    leaf_of : ndarray, shape (n_images,), int32
        The leaf of each image.
    sizes : ndarray, shape (n_leaves,), int64
        Images in each leaf.
    kind : {"ward", "complete", "average", "single"}
    metric : {"euclidean", "cosine"}
    cophenetic : float
        Correlation between the distances of images and the heights at which they meet (Sokal & Rohlf 1962), in [-1, 1].
        NaN where there are fewer than three images or all are equally far apart.
    exact : bool
        Whether only identical images share a leaf.
    notes : tuple of str
        What was done differently than asked, one sentence each.
    """

    linkage: np.ndarray
    leaf_of: np.ndarray
    sizes: np.ndarray
    kind: str
    metric: str
    cophenetic: float
    exact: bool
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.linkage, self.leaf_of, self.sizes):
            array.setflags(write=False)

    @property
    def n_leaves(self) -> int:
        """Number of leaves."""
        return len(self.sizes)

    @property
    def n_images(self) -> int:
        """Number of images."""
        return len(self.leaf_of)
