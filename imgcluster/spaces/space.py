"""The space in which images are clustered: by default a diffusion map of the neighbour graph.

Distances between network features say well who the nearest few images are, and badly how far apart the others are. The
diffusion map (Coifman & Lafon 2006, "Diffusion maps"; rows of unit length after Ng, Jordan & Weiss 2002, "On spectral
clustering") keeps only the former: two images lie close when short walks from neighbour to neighbour lead from one to
the other. The other spaces are those that people know and compare with.
"""

import hashlib
import threading
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.features.blocks import first_twins, smallest_value
from imgcluster.features.rows import normalize_rows
from imgcluster.features.scaling import Scaling, checked_vectors, fit_scaling, scaled_blocks
from imgcluster.progress import raise_if_cancelled
from imgcluster.spaces.bursts import n_beyond_bursts
from imgcluster.spaces.embedding import embed_rows, notes_on
from imgcluster.spaces.linear import MAX_EXACT, Components, n_dims_for_variance, principal_components
from imgcluster.spaces.manifold import DIFFUSION_STEPS, MIN_FOR_UMAP, make_embedding
from imgcluster.spaces.nearest import MAX_SEARCHED_EXACTLY, nearest_neighbors
from imgcluster.spaces.options import SpaceOptions, resolve_options, space_method
from imgcluster.spaces.transform import SpaceModel

__all__ = ["Space", "explained_variance_sentence", "fit_space", "make_space"]

_N_PRINCIPAL = 50

# Raise it when the result changes for the same input: it is part of the fingerprint.
_VERSION = 2

# They need more different images than neighbours.
_NEED_NEIGHBORS = ("diffusion", "lle", "spectral", "umap")


class VectorsWithFingerprint(Protocol):
    """What `make_space` needs of `imgcluster.features.extraction.Features`."""

    vectors: np.ndarray
    fingerprint: str
    scaling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Low-dimensional coordinates in which clustering happens.

    Identical feature vectors count once: they share one point, and the graph holds only the first of them. So do bursts
    in a diffusion map and a spectral embedding; their images keep neighbours of their own.

    Attributes
    ----------
    coordinates : ndarray, shape (n_images, n_dims), float32
        For "diffusion" and "principal" rows of unit length (zero where an image has no direction).
    principal : ndarray, shape (n_images, 3), float32
        The first three principal coordinates of the scaled features, for the plainest of maps.
    neighbors : ndarray, shape (n_images, n_neighbors), int32
        Column 0 is the image itself, then the nearest among the different images; the same whatever the method. Of more
        than 65,536 different images, on average about 98 in 100 of the nearest, as measured
        (`imgcluster.spaces.nearest.nearest_neighbors`).
    distances : ndarray, shape (n_images, n_neighbors), float32
        Euclidean, between unit vectors of principal components: in [0, 2].
    first_twin : ndarray, shape (n_images,), int32
        The first image with the same features; the image's own number where there is none before it.
    eigenvalues : ndarray, shape (n_dims,), float64
        Diffusion map: of the random walk on the graph, falling, in [0, 1]. Empty for all other methods.
    explained_variance_ratio : ndarray, shape (n_directions,), float64
        PCA and SVD: the share of the whole variance along each direction that was looked at, 50 at least where there
        are so many; the first n_dims are the space. Empty for all other methods.
    method : str
        As in `SpaceOptions`, or "principal" where there are too few different images for a neighbour graph.
    model : SpaceModel
        For `imgcluster.spaces.transform.place_new`.
    notes : tuple of str
        What was done differently than usual, one sentence each.
    fingerprint : str
        Names the features and parameters that led here.
    """

    coordinates: np.ndarray
    principal: np.ndarray
    neighbors: np.ndarray
    distances: np.ndarray
    first_twin: np.ndarray
    eigenvalues: np.ndarray
    explained_variance_ratio: np.ndarray
    method: str
    model: SpaceModel
    notes: tuple[str, ...]
    fingerprint: str

    def __post_init__(self) -> None:
        for array in (
            self.coordinates,
            self.principal,
            self.neighbors,
            self.distances,
            self.first_twin,
            self.eigenvalues,
            self.explained_variance_ratio,
        ):
            array.setflags(write=False)

    @property
    def column_scales(self) -> np.ndarray | None:
        """What the columns were multiplied with before their rows got unit length; None but for a diffusion map."""
        return self.eigenvalues**DIFFUSION_STEPS if self.method == "diffusion" else None


def fit_space(
    features: VectorsWithFingerprint, *, n_dims: int = 20, n_neighbors: int = 15, random_state: int = 0
) -> Space:
    """Compute the diffusion map of a collection.

    Square roots of the features, unit length, 50 principal components, unit length, one image of each burst
    (`imgcluster.spaces.bursts`), nearest neighbours, fuzzy weights, top eigenvectors of the normalised graph, each
    scaled by its eigenvalue to the power 8, unit length.

    Parameters
    ----------
    features : Features
        ``vectors`` of shape (n_images, n_features), finite. Features below 0 keep their sign under the square root.
    n_dims : int, default 20
        Columns of the space, fewer where there are fewer different images.
    n_neighbors : int, default 15
        Neighbours in the graph, the image itself included. With at most this many different images there is nothing
        that a graph could add: the principal coordinates are the space then.
    random_state : int, default 0
        Seeds the eigenvector iteration.

    Returns
    -------
    Space

    Raises
    ------
    ParameterError
        When there are no vectors, a value is not finite, or an option is out of range.
    """
    return make_space(features, SpaceOptions(n_dims=n_dims, n_neighbors=n_neighbors), random_state=random_state)


def make_space(
    features: VectorsWithFingerprint,
    options: SpaceOptions = SpaceOptions(),  # noqa: B008  (frozen)
    *,
    random_state: int = 0,
    cancel: threading.Event | None = None,
) -> Space:
    """Compute a space of the chosen kind.

    The features are scaled; their first 50 principal components, rows of unit length, hold the neighbour graph, which
    maps need whatever the space. "pca", "svd" and "none" are made of the scaled features; all other methods of the rows
    of the graph.

    Parameters
    ----------
    features : Features
        ``vectors`` of shape (n_images, n_features), finite.
    options : SpaceOptions
        The default is the space of `fit_space`.
    random_state : int, default 0
        Seeds iterations, samples and UMAP.
    cancel : threading.Event, optional

    Returns
    -------
    Space

    Raises
    ------
    ParameterError
        When there are no vectors, a value is not finite or above 1e15, or the space is "map", which
        `imgcluster.maps.as_space.space_of` makes.
    Cancelled
    """
    if options.method == "map":
        raise ParameterError('The space "map" is made of a map.', hint="Call imgcluster.maps.as_space.space_of.")
    chosen = resolve_options(options, scaling=features.scaling)
    vectors = checked_vectors(features.vectors)
    notes = []
    if chosen.scaling == "hellinger" and smallest_value(vectors) < 0:
        notes.append("Some features are negative; they keep their sign when the square root is taken.")

    first_twin = first_twins(vectors)
    originals, point = np.unique(first_twin, return_inverse=True)
    n_points = len(originals)
    index = None  # of the different rows, which are never copied all together: they may be larger than memory
    if n_points < len(vectors):
        index = originals
        notes.append(
            f"{len(vectors) - n_points} of {len(vectors)} pictures have an identical twin and share its place."
        )
    scaling = fit_scaling(vectors, chosen.scaling, index)
    raise_if_cancelled(cancel)
    n_principal = max(_N_PRINCIPAL, chosen.n_dims or 0) if chosen.method == "pca" else _N_PRINCIPAL
    linear = {"scaling": scaling, "index": index, "cancel": cancel}
    found = principal_components(vectors, n_principal, **linear)
    principal = found.coordinates
    rows = normalize_rows(principal[:, :_N_PRINCIPAL])
    raise_if_cancelled(cancel)
    n_neighbors = min(chosen.n_neighbors, n_points)
    indices, distances = nearest_neighbors(rows, max(n_neighbors, n_beyond_bursts(n_points)))
    if n_points > MAX_SEARCHED_EXACTLY:
        notes.append(
            f"Of more than {MAX_SEARCHED_EXACTLY:,} different pictures, about 98 in 100 of the nearest are found on "
            "average, as measured."
        )
    raise_if_cancelled(cancel)

    method = chosen.method
    if method in _NEED_NEIGHBORS and n_points <= max(chosen.n_neighbors, MIN_FOR_UMAP - 1 if method == "umap" else 0):
        method = "principal"
        notes.append(
            f"There are only {n_points} different pictures; they are compared directly and not by their neighbours."
        )
    if method in ("pca", "svd"):
        if method == "svd":
            n_wanted = max(_N_PRINCIPAL, chosen.n_dims or 0)
            found = principal_components(vectors, n_wanted, centred=False, **linear)
        ratio = found.variance_ratio
        found = _first_columns(found, chosen.n_dims or n_dims_for_variance(ratio))
        placed = make_embedding(found.coordinates)
        if min(n_points, vectors.shape[1]) > MAX_EXACT:
            notes.append(f"With more than {MAX_EXACT:,} pictures and features the directions are found approximately.")
    elif method == "none":
        found = replace(found, mean=np.zeros(vectors.shape[1], dtype=np.float32), axes=found.axes[:, :0])
        placed, ratio = make_embedding(_all_scaled(vectors, scaling, originals)), np.empty(0)
    else:
        found, ratio = _first_columns(found, _N_PRINCIPAL), np.empty(0)
        placed = embed_rows(method, rows, indices, distances, n_neighbors, chosen.n_dims, random_state, cancel)
        notes.extend(notes_on(method, placed, n_points))
    n_dims = placed.coordinates.shape[1]
    if options.n_dims not in (None, space_method(options.method).n_dims) and n_dims < options.n_dims:
        notes.append(f"{options.n_dims} dimensions were asked for, but these pictures have only {n_dims}.")

    neighbors = originals[indices[:, :n_neighbors]][point].astype(np.int32)
    neighbors[:, 0] = np.arange(len(vectors))
    return Space(
        coordinates=placed.coordinates if n_points == len(vectors) else placed.coordinates[point],
        principal=_three_columns(principal)[point],
        neighbors=neighbors,
        distances=distances[:, :n_neighbors][point],
        first_twin=first_twin,
        eigenvalues=placed.eigenvalues,
        explained_variance_ratio=ratio,
        method=method,
        model=SpaceModel(
            method=method,
            n_dims=n_dims,
            n_neighbors=chosen.n_neighbors,
            scaling=scaling.kind,
            feature_means=scaling.means,
            feature_factors=scaling.factors,
            mean=found.mean,
            axes=found.axes,
            rounding=found.rounding,
            known=placed.known,
            carried=placed.carried,
            factors=placed.factors,
            offsets=placed.offsets,
            gamma=placed.gamma,
        ),
        notes=tuple(notes),
        fingerprint=_fingerprint(features.fingerprint, chosen, random_state),
    )


def explained_variance_sentence(space: Space) -> str:
    """Say how much of the differences between the images a PCA or SVD keeps; empty for other spaces."""
    n_directions = len(space.explained_variance_ratio)
    if n_directions == 0:
        return ""
    n_dims = space.coordinates.shape[1]
    share = float(space.explained_variance_ratio[:n_dims].sum())
    if share == 0:
        return "The pictures do not differ."
    held = f"{100 * min(share, 1.0):.0f} %"
    return f"{n_dims} of {n_directions} directions hold {held} of the differences between the pictures."


def _first_columns(found: Components, n_columns: int) -> Components:
    return replace(found, coordinates=found.coordinates[:, :n_columns].copy(), axes=found.axes[:, :n_columns].copy())


def _all_scaled(vectors: np.ndarray, scaling: Scaling, index: np.ndarray) -> np.ndarray:
    scaled = np.empty((len(index), vectors.shape[1]), dtype=np.float32)
    for rows, block in scaled_blocks(vectors, scaling, index):
        scaled[rows] = block
    return scaled


def _three_columns(principal: np.ndarray) -> np.ndarray:
    missing = max(0, 3 - principal.shape[1])
    return np.pad(principal[:, :3], ((0, 0), (0, missing)))


def _fingerprint(features: str, chosen: SpaceOptions, random_state: int) -> str:
    text = repr((_VERSION, features, chosen.n_dims, chosen.n_neighbors, random_state, chosen.method, chosen.scaling))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
