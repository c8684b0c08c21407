"""The UMAP layout itself. Runs only in a process of its own, which the map and the space start.

``import umap`` imports TensorFlow, 500 MB and several seconds for a class that is not used here. Nothing else runs in
this process, so it may say that there is no TensorFlow.
"""

import sys
import warnings

import numpy as np

from imgcluster.spaces.graph import fuzzy_graph

__all__ = ["umap_layout"]


def umap_layout(
    indices: np.ndarray, distances: np.ndarray, init: np.ndarray, random_state: int, min_dist: float
) -> np.ndarray:
    """Lay out a neighbour graph by UMAP (McInnes, Healy & Melville 2018, section 3.2).

    Parameters
    ----------
    indices, distances : ndarray, shape (n, k)
        As `imgcluster.spaces.nearest.nearest_neighbors` returns them.
    init : ndarray, shape (n, n_components)
        Where the dots start; every column varies.
    random_state : int
    min_dist : float
        How near to each other dots are pulled, at least 0.

    Returns
    -------
    ndarray, shape (n, n_components), float32
    """
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    warnings.simplefilter("ignore")
    from umap.umap_ import find_ab_params, simplicial_set_embedding

    a, b = find_ab_params(1.0, min_dist)
    embedding, _ = simplicial_set_embedding(
        data=None,
        graph=fuzzy_graph(indices, distances),
        n_components=init.shape[1],
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=None,
        init=init,
        random_state=np.random.RandomState(random_state),
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        parallel=False,
        tqdm_kwds={"disable": True},
    )
    return embedding
