"""Where a new image lies in a space that was made without it."""

from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.features.rows import normalize_rows
from imgcluster.features.scaling import Scaling, checked_vectors, scaled_blocks
from imgcluster.spaces.graph import smooth_bandwidths
from imgcluster.spaces.linear import project
from imgcluster.spaces.nearest import nearest_rows
from imgcluster.spaces.sampled import barycenter_weights, kernel_coordinates

__all__ = ["SpaceModel", "place_new"]

# Rows of unit length that are nearer to each other than this differ by rounding alone: one image, one place.
_SAME = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceModel:
    """All that `place_new` needs of a space: numbers, names and plain arrays, to be kept in a file.

    Attributes
    ----------
    method : str
        As `Space.method`.
    n_dims : int
        Columns of the space.
    n_neighbors : int
        Neighbours in the graph, the image itself included.
    scaling : str
        As `Scaling.kind`.
    feature_means, feature_factors : ndarray, shape (n_features,) or (0,), float64
        As in `Scaling`.
    mean : ndarray, shape (n_features,), float32
        Subtracted from the scaled features.
    axes : ndarray, shape (n_features, p), float32
        What they are projected on then; p is 0 for "none".
    rounding : float
        Projections of at most this length are 0.
    known, carried : ndarray, shape (m, p) and (m, n_dims), float32
        Rows that new ones are compared with, and what each gives to its neighbours; m is 0 where nothing is compared.
    factors, offsets : ndarray, shape (n_dims,), float64
    gamma : float
        As in `imgcluster.spaces.manifold.Embedding`.
    """

    method: str
    n_dims: int
    n_neighbors: int
    scaling: str
    feature_means: np.ndarray
    feature_factors: np.ndarray
    mean: np.ndarray
    axes: np.ndarray
    rounding: float
    known: np.ndarray
    carried: np.ndarray
    factors: np.ndarray
    offsets: np.ndarray
    gamma: float

    def __post_init__(self) -> None:
        for array in (
            self.feature_means,
            self.feature_factors,
            self.mean,
            self.axes,
            self.known,
            self.carried,
            self.factors,
            self.offsets,
        ):
            array.setflags(write=False)


def place_new(model: SpaceModel, vectors: np.ndarray) -> np.ndarray:
    """Find the coordinates of images that the space was not made of.

    - "pca", "svd", "principal": by projection; "none": by scaling.
    - "kernel_pca": by the kernel with the images that it was fitted on.
    - "lle": the mixture of the nearest known images that resembles the new one most (Saul & Roweis 2003).
    - "diffusion", "spectral": Nystroem's formula (Bengio et al. 2004, "Out-of-sample extensions") with the nearest
      known images, weighted by the kernel of the graph.
    - "umap": the mean of the nearest known images' places, with the same weights. UMAP's own transform begins there.

    Parameters
    ----------
    model : SpaceModel
        Such as ``space.model``.
    vectors : ndarray, shape (m, n_features)
        Finite, from the extractor that made the features of the space.

    Returns
    -------
    ndarray, shape (m, n_dims), float32
        An image whose features are those of a known one has its place.

    Raises
    ------
    ParameterError
        When there are no vectors, a value is not finite, or the number of features is not that of the space.
    """
    vectors = checked_vectors(vectors)
    if vectors.shape[1] != len(model.mean):
        raise ParameterError(
            f"The new pictures have {vectors.shape[1]} features, those of the space {len(model.mean)}.",
            hint="Use the extractor that made the space.",
        )
    scaling = Scaling(kind=model.scaling, means=model.feature_means, factors=model.feature_factors)
    coordinates = np.empty((len(vectors), model.n_dims), dtype=np.float32)
    for rows, block in scaled_blocks(vectors, scaling):
        coordinates[rows] = _place(model, block)
    return coordinates


def _place(model: SpaceModel, scaled: np.ndarray) -> np.ndarray:
    if model.method == "none":
        return scaled
    projected = project(scaled, model.mean, model.axes, model.rounding)
    if model.method in ("pca", "svd"):
        return projected
    rows = normalize_rows(projected)
    if model.method == "principal":
        return rows[:, : model.n_dims]
    if model.method == "kernel_pca":
        return kernel_coordinates(rows, model.known, model.carried, model.offsets, model.gamma)
    return _among_neighbors(model, rows)


def _among_neighbors(model: SpaceModel, rows: np.ndarray) -> np.ndarray:
    near, distances = nearest_rows(model.known, rows, model.n_neighbors - 1)
    weights = barycenter_weights(rows, model.known, near) if model.method == "lle" else _kernel_weights(distances)
    coordinates = np.einsum("ij,ijd->id", weights, model.carried[near].astype(np.float64))
    same = distances[:, 0] <= _SAME
    coordinates[same] = model.carried[near[same, 0]] * model.factors
    return normalize_rows(coordinates) if model.method == "diffusion" else coordinates


def _kernel_weights(distances: np.ndarray) -> np.ndarray:
    """Weigh each row's neighbours as `fuzzy_graph` does, shape (n, k), rows with the sum 1."""
    with_self = np.pad(distances, ((0, 0), (1, 0)))
    sigmas, rhos = smooth_bandwidths(with_self)
    beyond = np.maximum(distances - rhos[:, None], 0.0)
    weights = np.exp(-beyond / np.where(sigmas > 0, sigmas, 1.0)[:, None])
    return weights / weights.sum(axis=1, keepdims=True)
