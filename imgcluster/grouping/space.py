"""The space in which images are clustered: a diffusion map of the neighbour graph.

Distances between network features say well who the nearest few images are, and badly how far apart the others are. The
diffusion map (Coifman & Lafon 2006, "Diffusion maps"; rows of unit length after Ng, Jordan & Weiss 2002, "On spectral
clustering") keeps only the former: two images lie close when short walks from neighbour to neighbour lead from one to
the other.
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.grouping.graph import connect_components, fuzzy_graph, nearest_neighbors
from imgcluster.grouping.reduction import normalize_rows, principal_coordinates
from imgcluster.grouping.spectral import leading_eigenvectors

__all__ = ["Space", "fit_space"]

_N_PRINCIPAL = 50

# Steps of the walk: eigenvalues are raised to this power. 2 to 16 score alike.
_STEPS = 8

# Raise it when the result changes for the same input: it is part of the fingerprint.
_VERSION = 1


class VectorsWithFingerprint(Protocol):
    """What `fit_space` needs of `imgcluster.features.extraction.Features`."""

    vectors: np.ndarray
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Low-dimensional coordinates in which clustering happens.

    Identical feature vectors count once: they share one point, and the graph holds only the first of them.

    Attributes
    ----------
    coordinates : ndarray, shape (n_images, n_dims), float32
        Rows of unit length (zero where an image has no direction).
    principal : ndarray, shape (n_images, 2), float32
        The first two principal coordinates of the features, for the plainest of maps.
    neighbors : ndarray, shape (n_images, n_neighbors), int32
        Column 0 is the image itself, then the nearest among the different images.
    distances : ndarray, shape (n_images, n_neighbors), float32
        Euclidean, between unit vectors of principal components: in [0, 2].
    first_twin : ndarray, shape (n_images,), int32
        The first image with the same features; the image's own number where there is none before it.
    eigenvalues : ndarray, shape (n_dims,), float64
        Of the random walk on the graph, falling, in [0, 1]; empty for the method "principal".
    method : {"diffusion", "principal"}
        "principal" where there are too few different images for a neighbour graph.
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
    method: str
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
        ):
            array.setflags(write=False)

    @property
    def column_scales(self) -> np.ndarray | None:
        """What the columns were multiplied with before their rows got unit length; None but for a diffusion map."""
        return self.eigenvalues**_STEPS if self.method == "diffusion" else None


def fit_space(
    features: VectorsWithFingerprint, *, n_dims: int = 20, n_neighbors: int = 15, random_state: int = 0
) -> Space:
    """Compute the diffusion map of a collection.

    Square roots of the features, unit length, 50 principal components, unit length, exact nearest neighbours, fuzzy
    weights, top eigenvectors of the normalised graph, each scaled by its eigenvalue to the power 8, unit length.

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
    vectors = _checked(features.vectors, n_dims=n_dims, n_neighbors=n_neighbors)
    notes = []
    if vectors.min() < 0:
        notes.append("Some features are negative; they keep their sign when the square root is taken.")

    first_twin = _first_twins(vectors)
    originals, point = np.unique(first_twin, return_inverse=True)
    n_points = len(originals)
    if n_points < len(vectors):
        notes.append(
            f"{len(vectors) - n_points} of {len(vectors)} pictures have an identical twin and share its place."
        )
    principal = principal_coordinates(vectors if n_points == len(vectors) else vectors[originals], _N_PRINCIPAL)
    prepared = normalize_rows(principal)
    indices, distances = nearest_neighbors(prepared, min(n_neighbors, n_points))

    if n_points > n_neighbors:
        method = "diffusion"
        coordinates, eigenvalues, n_parts = _diffusion_map(prepared, indices, distances, n_dims, random_state)
        if n_parts > 1:
            notes.append(
                f"The pictures form {n_parts} islands with no neighbours in common; they were joined by bridges."
            )
    else:
        method = "principal"
        coordinates, eigenvalues = prepared[:, :n_dims], np.empty(0)
        notes.append(
            f"There are only {n_points} different pictures; they are compared directly and not by their neighbours."
        )
    neighbors = originals[indices][point].astype(np.int32)
    neighbors[:, 0] = np.arange(len(vectors))
    return Space(
        coordinates=coordinates[point],
        principal=_two_columns(principal)[point],
        neighbors=neighbors,
        distances=distances[point],
        first_twin=first_twin,
        eigenvalues=eigenvalues,
        method=method,
        notes=tuple(notes),
        fingerprint=_fingerprint(features.fingerprint, n_dims, n_neighbors, random_state),
    )


def _checked(vectors: np.ndarray, *, n_dims: int, n_neighbors: int) -> np.ndarray:
    vectors = np.asarray(vectors)
    if vectors.ndim != 2 or 0 in vectors.shape:
        raise ParameterError(
            f"The features have the shape {vectors.shape}; images x features is needed, none of them 0."
        )
    if n_dims < 1 or n_neighbors < 2:
        raise ParameterError(f"n_dims={n_dims} should be at least 1 and n_neighbors={n_neighbors} at least 2.")
    bad = np.flatnonzero(~np.isfinite(vectors.sum(axis=1, dtype=np.float64)))
    if len(bad):
        raise ParameterError(
            f"The features of {len(bad)} pictures are not numbers (the first is picture {bad[0] + 1}).",
            hint="Extract the features again.",
        )
    return vectors


def _first_twins(vectors: np.ndarray) -> np.ndarray:
    """Return for each row the number of the first row with the same bytes, shape (n,), int32."""
    seen: dict[bytes, int] = {}
    digests = (hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in vectors)
    return np.fromiter((seen.setdefault(digest, i) for i, digest in enumerate(digests)), np.int32, len(vectors))


def _diffusion_map(
    prepared: np.ndarray, indices: np.ndarray, distances: np.ndarray, n_dims: int, random_state: int
) -> tuple[np.ndarray, np.ndarray, int]:
    graph, n_parts = connect_components(fuzzy_graph(indices, distances), prepared)
    values, vectors = leading_eigenvectors(graph, min(n_dims, len(prepared)), random_state=random_state)
    values = np.maximum(values, 0.0)  # an even power would bring the oscillating modes back
    coordinates = normalize_rows(vectors * values**_STEPS)
    return coordinates.astype(np.float32), values, n_parts


def _two_columns(principal: np.ndarray) -> np.ndarray:
    missing = max(0, 2 - principal.shape[1])
    return np.pad(principal[:, :2], ((0, 0), (0, missing)))


def _fingerprint(features: str, *parameters: int) -> str:
    text = repr((_VERSION, features, *parameters))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
