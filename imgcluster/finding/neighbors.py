"""The images most like a given one."""

from dataclasses import dataclass

import numpy as np

from imgcluster.errors import ParameterError
from imgcluster.features.scaling import checked_vectors, fit_scaling
from imgcluster.finding.row_search import RowSearch, ScaledRows

__all__ = ["METRICS", "NeighborIndex", "Neighbors", "build_index"]

METRICS = ("cosine", "euclidean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbors:
    """Images and how far they are, nearest first; of equally near ones, the earlier first.

    Attributes
    ----------
    indices : ndarray, shape (m, k), int64
    distances : ndarray, shape (m, k), float64
    """

    indices: np.ndarray
    distances: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.indices, self.distances):
            array.setflags(write=False)


class NeighborIndex:
    """Finds the images nearest a given one; made by `build_index`. It may be asked from several threads.

    Distances are of the scaled features: Euclidean, or 1 - cosine (in [0, 2], rounded to 9 decimals), which is 1 where
    a vector is zero. What is found equals what float64 arithmetic on the scaled float32 features gives for all pairs,
    unless ``exact`` is False.

    Attributes
    ----------
    n_images : int
    metric : {"cosine", "euclidean"}
    exact : bool
        Whether the nearest are certain to be found; the distances always are exact.
    """

    def __init__(self, rows: ScaledRows, *, random_state: int | None) -> None:
        self._rows = rows
        self._search = RowSearch(rows, random_state=random_state)
        self.n_images, self.metric, self.exact = rows.n_rows, rows.metric, random_state is None

    def distances(self, vector: np.ndarray) -> np.ndarray:
        """Return the distances of all images from a vector.

        Parameters
        ----------
        vector : ndarray, shape (n_features,)
            Not scaled.

        Returns
        -------
        ndarray, shape (n_images,), float64

        Raises
        ------
        ParameterError
            When the vector is of another length or not finite.
        """
        return self._rows.measure(self._scaled(np.asarray(vector)[None])[0])

    def image_distances(self, index: int) -> np.ndarray:
        """Return the distances of all images from one of them, itself among them; see `distances` and `query_image`."""
        return self._rows.measure(self._row(index)[0])

    def query(self, vectors: np.ndarray, n_neighbors: int = 10) -> Neighbors:
        """Find the images nearest to vectors from outside.

        Parameters
        ----------
        vectors : ndarray, shape (m, n_features)
            Not scaled.
        n_neighbors : int, default 10
            How many; all where there are no more.

        Returns
        -------
        Neighbors
            Of shape (m, min(n_neighbors, n_images)).

        Raises
        ------
        ParameterError
            When the vectors are of another length or not finite, or the number is negative.
        """
        k = min(_checked_number(n_neighbors), self.n_images)
        indices, distances = self._search.search(self._scaled(vectors), k)
        return Neighbors(indices=indices, distances=distances)

    def query_image(self, index: int, n_neighbors: int = 10) -> Neighbors:
        """Find the images nearest to one of them, which is not among them.

        Parameters
        ----------
        index : int
            In [0, n_images).
        n_neighbors : int, default 10
            How many; all others where there are no more.

        Returns
        -------
        Neighbors
            Of shape (1, min(n_neighbors, n_images - 1)).

        Raises
        ------
        ParameterError
            When there is no such image, or the number is negative.
        """
        query = self._row(index)
        k = min(_checked_number(n_neighbors), self.n_images - 1)
        return _without_themselves(*self._search.search(query, k + 1), np.array([index]))

    def table(self, n_neighbors: int = 20) -> Neighbors:
        """Find the images nearest to each image, which is not among its own.

        Parameters
        ----------
        n_neighbors : int, default 20
            How many; all others where there are no more.

        Returns
        -------
        Neighbors
            Of shape (n_images, min(n_neighbors, n_images - 1)).

        Raises
        ------
        ParameterError
            When the number is negative.
        """
        k = min(_checked_number(n_neighbors), self.n_images - 1)
        return _without_themselves(*self._search.search_all(k + 1), np.arange(self.n_images))

    def _row(self, index: int) -> np.ndarray:
        if not 0 <= index < self.n_images:
            n = self.n_images
            raise ParameterError(f"There is no picture {index}: the {n} pictures are numbered from 0 to {n - 1}.")
        return self._rows.take(np.array([index]))

    def _scaled(self, vectors: np.ndarray) -> np.ndarray:
        vectors = checked_vectors(vectors)
        if vectors.shape[1] != self._rows.n_features:
            raise ParameterError(
                f"The vectors have {vectors.shape[1]} numbers each, those of the pictures {self._rows.n_features}.",
                hint="Extract both in the same way.",
            )
        return self._rows.scale(vectors)


def build_index(
    vectors: np.ndarray,
    *,
    scaling: str = "hellinger",
    metric: str = "cosine",
    max_exact: int = 100_000,
    random_state: int = 0,
) -> NeighborIndex:
    """Prepare features for finding the images nearest to any.

    Up to ``max_exact`` images the search is exact. For more it is an inverted file of faiss (Johnson, Douze & Jegou
    2019) of rows in half precision, whose candidates are ranked by their exact distances. Of the 20 nearest it found
    all among 110,000 images of 200 kinds (`benchmarks/neighbors.py`); 96 % and 52 % in a single normal cloud of 16 and
    of 64 dimensions, the worst there is.

    A scaled float32 copy is kept where it takes less than 640 MB. Larger features (or those behind an inverted file)
    are scaled again block by block for every search, which leaves them in the file that they are mapped from: a search
    then takes as long as reading them, and the table of all images reads them once per 128 MB of them.

    Parameters
    ----------
    vectors : ndarray, shape (n_images, n_features)
        Finite, at least one image; may be mapped from a file. Not to be changed afterwards.
    scaling : {"none", "l2", "zscore", "hellinger"}, default "hellinger"
        As `Features.scaling`; vectors from outside are scaled by what it found in these.
    metric : {"cosine", "euclidean"}, default "cosine"
    max_exact : int, default 100_000
    random_state : int, default 0
        Seed of the inverted file.

    Returns
    -------
    NeighborIndex

    Raises
    ------
    ParameterError
        When the metric is unknown, or the features cannot be computed with.
    """
    if metric not in METRICS:
        raise ParameterError(f"There is no metric {metric!r}; there are {' and '.join(METRICS)}.")
    vectors = checked_vectors(vectors)
    exact = len(vectors) <= max_exact
    rows = ScaledRows(vectors, fit_scaling(vectors, scaling), metric, keep=exact)
    return NeighborIndex(rows, random_state=None if exact else random_state)


def _checked_number(n_neighbors: int) -> int:
    if n_neighbors < 0:
        raise ParameterError(f"{n_neighbors} neighbours cannot be found; ask for 0 or more.")
    return int(n_neighbors)


def _without_themselves(indices: np.ndarray, distances: np.ndarray, images: np.ndarray) -> Neighbors:
    """Take each image out of its own list; where more than k equal ones were before it, the last goes."""
    others = indices != images[:, None]
    others[others.all(axis=1), -1] = False
    shape = (len(images), indices.shape[1] - 1)
    return Neighbors(indices=indices[others].reshape(shape), distances=distances[others].reshape(shape))
