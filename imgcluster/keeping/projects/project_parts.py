"""What of a project was computed and goes with it, so that others see map and groups without having the pictures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from imgcluster.features.blocks import row_blocks
from imgcluster.features.extraction import Features
from imgcluster.keeping.models.model_checks import LARGEST, WrongModel, check_shapes, checked_numbers
from imgcluster.keeping.models.model_parts import (
    SPACE_ARRAYS,
    read_choice,
    read_space_model,
    read_text,
    space_model_to_arrays,
    space_model_to_header,
)
from imgcluster.keeping.texts import cleaned, is_clean
from imgcluster.pictures.collection import ImageFile
from imgcluster.spaces.options import SPACES
from imgcluster.spaces.space import Space

__all__ = ["MOST_ROWS", "PARTS_ARRAYS", "PLACES", "Parts", "parts_of", "parts_to_plain", "read_parts"]

_SCALINGS = ("hellinger", "l2", "none")  # of features
_METHODS = ("principal", *(space.name for space in SPACES))
_OF_SPACE = {
    "coordinates": "float32",
    "principal": "float32",
    "neighbors": "int32",
    "distances": "float32",
    "first_twin": "int32",
    "eigenvalues": "float64",
    "explained_variance_ratio": "float64",
}
_OWN = {"vectors": "float16", "series": "int16", "sizes": "int64", "mtimes_ns": "int64"}
_LONGEST_ID, _LONGEST_NOTE, _MOST_NOTES, _MOST_DIMS = 1000, 1000, 100, 100_000

# The space "none" has as many columns as there are features, and would take twice as much room as these.
_WIDE, _LARGEST_HALF = 256, 60_000

MOST_ROWS = 1000
"""Of a series: up to so many groups."""

PLACES = "part_places"
"""Name of the one array that may be missing."""

PARTS_ARRAYS = (*(f"part_{name}" for name in (*_OWN, *_OF_SPACE)), *SPACE_ARRAYS)
"""Names of the other arrays that `parts_to_plain` gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is needed to show map, groups of every number and neighbours of a project's images.

    Attributes
    ----------
    vectors : ndarray, shape (n_images, n_features), float16
        Features, divided by ``factor``.
    factor : float
        A power of two: 1 but where the features would not fit into 16 bits.
    extractor, fingerprint, scaling : str
        As in `imgcluster.features.extraction.Features`.
    space : Space
        With its model. `parts_of` rounds coordinates of more than 256 columns to 16 bits.
    series : ndarray, shape (n_rows, n_images), int16
        As `imgcluster.grouping.clustering.kmeans_series` gives it; no rows where the method is another.
    places : ndarray, shape (n_images, 2), float32, or None
        Where each image is drawn on the map.
    sizes, mtimes_ns : ndarray, shape (n_images,), int64
        Of the files, as in `imgcluster.pictures.collection.ImageFile`.
    """

    vectors: np.ndarray
    factor: float = 1.0
    extractor: str
    fingerprint: str
    scaling: str
    space: Space
    series: np.ndarray
    places: np.ndarray | None = None
    sizes: np.ndarray
    mtimes_ns: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.vectors, self.series, self.places, self.sizes, self.mtimes_ns):
            if array is not None:
                array.setflags(write=False)

    def features(self, hashes: Sequence[str]) -> Features:
        """Return the features again, with the precision of 16 bits."""
        vectors = self.vectors.astype(np.float32) * np.float32(self.factor)
        vectors.setflags(write=False)
        return Features(
            vectors=vectors,
            hashes=tuple(hashes),
            extractor=self.extractor,
            fingerprint=self.fingerprint,
            scaling=self.scaling,
        )


def parts_of(
    features: Features,
    space: Space,
    series: np.ndarray,
    *,
    images: Sequence[ImageFile],
    places: np.ndarray | None = None,
) -> Parts:
    """Return what goes into the file.

    Parameters
    ----------
    features : Features
    space : Space
        Made of these features.
    series : ndarray, shape (n_rows, n_images), int16
    images : sequence of ImageFile, length n_images
    places : ndarray, shape (n_images, 2), optional
    """
    largest = _largest(features.vectors)
    # Of 16 bits only 5 are an exponent: numbers above 65,504 have none, and of small ones little is left.
    factor = 1.0 if largest == 0 or 2**-6 <= largest <= 2**15 else 2.0 ** math.frexp(largest)[1]
    return Parts(
        vectors=_in_half_precision(features.vectors, factor),
        factor=factor,
        extractor=features.extractor,
        fingerprint=features.fingerprint,
        scaling=features.scaling,
        space=replace(space, coordinates=_rounded(space.coordinates)),
        series=np.array(series, dtype=np.int16),
        places=None if places is None else np.array(places, dtype=np.float32),
        sizes=np.array([image.size for image in images], dtype=np.int64),
        mtimes_ns=np.array([image.mtime_ns for image in images], dtype=np.int64),
    )


def parts_to_plain(parts: Parts) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return parts as what JSON can say, and as arrays under the names `PARTS_ARRAYS`; `PLACES` where there are any."""
    space = parts.space
    header = {
        "factor": float(parts.factor),
        "extractor": parts.extractor,
        "fingerprint": parts.fingerprint,
        "scaling": parts.scaling,
        "space": {
            "method": space.method,
            "fingerprint": space.fingerprint,
            "notes": [cleaned(note, _LONGEST_NOTE) for note in space.notes],
            "model": space_model_to_header(space.model),
        },
    }
    arrays = {f"part_{name}": np.asarray(getattr(parts, name), dtype=dtype) for name, dtype in _OWN.items()}
    arrays |= {f"part_{name}": np.asarray(getattr(space, name), dtype=dtype) for name, dtype in _OF_SPACE.items()}
    half = _as_half(space.coordinates)
    if np.array_equal(half, space.coordinates):
        arrays["part_coordinates"] = half
    arrays |= space_model_to_arrays(space.model)
    if parts.places is not None:
        arrays[PLACES] = np.asarray(parts.places, dtype=np.float32)
    return header, arrays


def read_parts(header: object, arrays: Mapping[str, np.ndarray], n_images: int) -> Parts:
    """Make parts of what `parts_to_plain` gave, whoever wrote it.

    Raises
    ------
    WrongModel
        A number is none, a length is wrong, or a label, neighbour or twin is none of these images.
    """
    keys = {"factor", "extractor", "fingerprint", "scaling", "space"}
    if not isinstance(header, dict) or header.keys() != keys or n_images == 0:
        raise WrongModel("what was computed of its pictures is not described")
    factor = header["factor"]
    if not isinstance(factor, float) or not 2.0**-160 <= factor <= 2.0**60 or math.frexp(factor)[0] != 0.5:
        raise WrongModel("its features cannot be multiplied by what it says")
    own = {name: checked_numbers(arrays[f"part_{name}"], dtype, name) for name, dtype in _OWN.items()}
    places = arrays.get(PLACES)
    parts = Parts(
        factor=factor,
        extractor=read_text(header, "extractor", _LONGEST_ID),
        fingerprint=read_text(header, "fingerprint", _LONGEST_ID),
        scaling=read_choice(header, "scaling", _SCALINGS),
        space=_space(header["space"], arrays, n_images),
        places=None if places is None else checked_numbers(places, "float32", "places"),
        **own,
    )
    n_features = len(parts.space.model.mean)
    check_shapes(
        {
            "vectors": (parts.vectors, (n_images, n_features)),
            "sizes": (parts.sizes, (n_images,)),
            "mtimes_ns": (parts.mtimes_ns, (n_images,)),
        }
        | ({} if places is None else {"places": (places, (n_images, 2))})
    )
    if factor * _largest(parts.vectors) > 2 * LARGEST:  # 16 bits may round up
        raise WrongModel("its features are larger than can be computed with")
    _check_series(parts.series, n_images)
    return parts


def _largest(vectors: np.ndarray) -> float:
    return max(
        (max(float(block.max(initial=0)), -float(block.min(initial=0))) for _, block in row_blocks(vectors)),
        default=0.0,
    )


def _in_half_precision(vectors: np.ndarray, factor: float) -> np.ndarray:
    halves = np.empty(vectors.shape, dtype=np.float16)
    for rows, block in row_blocks(vectors):
        halves[rows] = block / np.float32(factor)
    return halves


def _as_half(coordinates: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):  # infinity is equal to none of them
        return coordinates.astype(np.float16)


def _rounded(coordinates: np.ndarray) -> np.ndarray:
    if coordinates.shape[1] <= _WIDE or np.abs(coordinates).max(initial=0) > _LARGEST_HALF:
        return coordinates
    return _as_half(coordinates).astype(np.float32)


def _whole(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    array = arrays[f"part_{name}"]
    return array.astype(np.float32) if name == "coordinates" and array.dtype == np.float16 else array


def _space(header: object, arrays: Mapping[str, np.ndarray], n_images: int) -> Space:
    if not isinstance(header, dict) or header.keys() != {"method", "fingerprint", "notes", "model"}:
        raise WrongModel("its space is not described")
    notes = header["notes"]
    if not isinstance(notes, list) or len(notes) > _MOST_NOTES:
        raise WrongModel("the notes on its space are no list")
    if not all(is_clean(note, _LONGEST_NOTE) for note in notes):
        raise WrongModel("the notes on its space are no texts")
    space = Space(
        method=read_choice(header, "method", _METHODS),
        fingerprint=read_text(header, "fingerprint", _LONGEST_ID),
        notes=tuple(notes),
        model=read_space_model(header["model"], arrays),
        **{name: checked_numbers(_whole(arrays, name), dtype, name) for name, dtype in _OF_SPACE.items()},
    )
    n_columns = space.neighbors.shape[-1] if space.neighbors.ndim else 0
    n_values = len(space.eigenvalues)
    check_shapes(
        {
            "coordinates": (space.coordinates, (n_images, space.model.n_dims)),
            "principal": (space.principal, (n_images, 3)),
            "neighbors": (space.neighbors, (n_images, n_columns)),
            "distances": (space.distances, (n_images, n_columns)),
            "first_twin": (space.first_twin, (n_images,)),
            "eigenvalues": (space.eigenvalues, (space.model.n_dims if n_values else 0,)),
        }
    )
    if space.explained_variance_ratio.ndim != 1 or len(space.explained_variance_ratio) > _MOST_DIMS or n_columns == 0:
        raise WrongModel("its space has arrays of other dimensions")
    if space.neighbors.min() < 0 or space.neighbors.max() >= n_images:
        raise WrongModel("a neighbour in it is a picture that there is not")
    if space.first_twin.min() < 0 or (space.first_twin > np.arange(n_images)).any():
        raise WrongModel("a twin in it is a picture that does not come first")
    return space


def _check_series(series: np.ndarray, n_images: int) -> None:
    if series.ndim != 2 or series.shape[1] != n_images or len(series) > MOST_ROWS:
        raise WrongModel(f"its groups are not of {n_images:,} pictures")
    for labels in series:
        if labels.min() < -1 or not np.bincount(labels.astype(np.intp) + 1)[1:].all():
            raise WrongModel("a group in it is of no pictures")
