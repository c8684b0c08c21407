"""The t-SNE layout itself. Runs only in a process of its own, which `imgcluster.maps.layout` starts."""

import os

import numpy as np

from imgcluster.threads import one_blas_thread

__all__ = ["tsne_layout"]

# How wide the dots lie at the start, as a standard deviation: together, so that they can pass each other
# (Kobak & Berens 2019, "The art of using t-SNE for single-cell transcriptomics").
_START_WIDTH = 1e-4

# From here on the grid is quicker than the tree; it knows two dimensions only.
_MIN_FOR_GRID = 10_000


def tsne_layout(
    indices: np.ndarray, distances: np.ndarray, init: np.ndarray, perplexity: float, random_state: int
) -> np.ndarray:
    """Lay out images by t-SNE (van der Maaten & Hinton 2008), as openTSNE does it.

    The forces between all pairs are summed up by tree (van der Maaten 2014, "Accelerating t-SNE"); in two dimensions,
    with 10,000 images and more, they are interpolated on a grid (Linderman et al. 2019, "Fast interpolation-based
    t-SNE"). The result does not depend on the number of threads.

    Parameters
    ----------
    indices, distances : ndarray, shape (n, k)
        As `imgcluster.spaces.nearest.nearest_neighbors` returns them, k - 1 above the perplexity.
    init : ndarray, shape (n, n_components)
        Where the dots start; the first column varies.
    perplexity : float
    random_state : int

    Returns
    -------
    ndarray, shape (n, n_components), float64
    """
    # Before openTSNE loads them, threads are told to sleep while they wait for each other: on a busy machine they would
    # otherwise wait longer than they work (five times, with 1,800 images on two cores).
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    from openTSNE import TSNE
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    known = PrecomputedNeighbors(indices[:, 1:], distances[:, 1:].astype(np.float64))
    start = init.astype(np.float64)
    n, n_components = start.shape
    tsne = TSNE(
        n_components=n_components,
        negative_gradient_method="fft" if n_components == 2 and n >= _MIN_FOR_GRID else "bh",
        n_jobs=-1,
        random_state=random_state,
    )
    with one_blas_thread():  # the rounding of the grid's products depends on the number of threads
        layout = tsne.fit(
            affinities=PerplexityBasedNN(knn_index=known, perplexity=perplexity),
            initialization=start * (_START_WIDTH / start[:, 0].std()),
        )
    return np.asarray(layout)
